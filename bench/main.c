/*
 * bench: measures what Bulkhead promises about speed and memory, against baselines from the same run.
 * Each measurement runs in a process of its own, this executable again, so that none sees what another left
 * behind, and one that fails or hangs costs only its own rows. The other files are the measurements; see
 * bench.h.
 */
#include "bench/bench.h"
#include "common/recorder.h"
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <getopt.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROWS_FD	   3 /* of a measurement's process: where its rows go */
#define ROWS_MAX   256
#define LONGEST_MS 180000 /* of one measurement */

extern char **environ;

const struct measurement measurements[] = {
	{ "round-trip", round_trip_run, "a 64-byte message there and back, recorder on and off" },
	{ "one-way", one_way_run, "64-byte messages in one direction" },
	{ "query", query_run, "questions about traffic, on live events and on those of a log" },
	{ "statistics", statistics_run, "statistics and sequence diagrams: an event, a frame" },
	{ "spawn", spawn_run, "starting a process with all layers" },
	{ "new-tab", new_tab_run, "from opening a tab to its picture in the browser process" },
	{ "death", death_run, "from SIGKILL to the sad tab" },
	{ "dying", dying_run, "deaths of big renderers: by their futex, and when their memory is freed" },
	{ "faults", faults_run, "each class of faults in each kind of process: known, and all back" },
	{ "hangs", hangs_run, "the same of an endless loop" },
	{ "log-writer", log_writer_run,
	  "the log: how many messages a second, and how long it holds the loop" },
	{ "full-log", full_log_run, "a log that can be replayed, and its replay" },
	{ "screen", screen_run, "both in the real program, to the terminal" },
	{ "traffic-keys", traffic_keys_run, "what a key costs in the live view with 100,000 messages" },
	{ "tabs", many_tabs_run, "fifty tabs: time and memory" },
	{ "log-reader", log_reader_run, "questions about a long log: time and memory" },
	{ "models", models_run, "the process models at 10, 50, 100 and 300 tabs: time and memory" },
};
const unsigned measurement_count = sizeof measurements / sizeof *measurements;

struct command_line {
	struct bench_options options;
	bool json;
	const struct measurement *worker; /* this process is to run that one */
	bool failed;			  /* one could not be made; a goal that is not met is no failure */
};

void bench_emit(const char *name, const char *what, struct row r)
{
	snprintf(r.name, sizeof r.name, "%s", name);
	snprintf(r.what, sizeof r.what, "%s", what);
	if (write(ROWS_FD, &r, sizeof r) != sizeof r)
		bench_fail("nobody takes the rows");
}

void bench_fail(const char *how, ...)
{
	va_list args;

	va_start(args, how);
	fputs("bench: ", stderr);
	vfprintf(stderr, how, args);
	fputc('\n', stderr);
	va_end(args);
	exit(1);
}

static const struct measurement *measurement_find(const char *name)
{
	for (unsigned i = 0; i < measurement_count; i++)
		if (!strcmp(measurements[i].name, name))
			return &measurements[i];
	return NULL;
}

static void usage(FILE *out)
{
	fputs("Usage: bench [--json] [--quick] [MEASUREMENT]...\n\n", out);
	for (unsigned i = 0; i < measurement_count; i++)
		fprintf(out, "  %-12s %s\n", measurements[i].name, measurements[i].about);
}

/* Returns -1 to go on, else the exit status. */
static int parse(int argc, char **argv, struct command_line *c)
{
	static const struct option known[] = {
		{ "json", no_argument, NULL, 'j' },	    { "quick", no_argument, NULL, 'q' },
		{ "worker", required_argument, NULL, 'w' }, { "folder", required_argument, NULL, 'f' },
		{ "help", no_argument, NULL, 'h' },	    { 0 }
	};
	int o;

	while ((o = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (o) {
		case 'j':
			c->json = true;
			break;
		case 'q':
			c->options.quick = true;
			break;
		case 'w':
			c->worker = measurement_find(optarg);
			break;
		case 'f':
			c->options.folder = optarg;
			break;
		default:
			usage(o == 'h' ? stdout : stderr);
			return o == 'h' ? 0 : 2;
		}
	}
	for (int i = optind; i < argc; i++) {
		if (!measurement_find(argv[i])) {
			fprintf(stderr, "bench: there is no measurement '%s'\n", argv[i]);
			return 2;
		}
	}
	return -1;
}

/* In the measurement's own process. */
static int work(const struct command_line *c)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	fcntl(ROWS_FD, F_SETFD, FD_CLOEXEC);
	c->worker->run(&c->options);
	return 0;
}

static pid_t start_worker(const struct measurement *m, const struct command_line *c, char *folder,
			  int rows_fd)
{
	char self[] = "bench", worker[] = "--worker", in[] = "--folder", quick[] = "--quick";
	char *name = strdup(m->name);
	char *const argv[] = { self, worker, name, in, folder, c->options.quick ? quick : NULL, NULL };
	posix_spawn_file_actions_t actions;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, rows_fd, ROWS_FD);
	int error = posix_spawn(&pid, "/proc/self/exe", &actions, NULL, argv, environ);

	posix_spawn_file_actions_destroy(&actions);
	free(name);
	if (error) {
		errno = error;
		bench_fail("cannot start a process: %m");
	}
	return pid;
}

/* Take a worker's rows until it ends or its time is over. Returns how many there are now. */
static unsigned take_rows(int fd, pid_t pid, const struct command_line *c, struct row *rows, unsigned count)
{
	uint64_t end = recorder_now() + LONGEST_MS * UINT64_C(1000000);
	struct pollfd readable = { .fd = fd, .events = POLLIN };

	while (count < ROWS_MAX) {
		uint64_t now = recorder_now();

		if (now >= end || poll(&readable, 1, (int)((end - now) / 1000000) + 1) == 0) {
			fputs("bench: a measurement takes too long and is ended\n", stderr);
			break;
		}
		if (read(fd, &rows[count], sizeof *rows) != sizeof *rows)
			break;
		if (!c->json)
			table_row(&rows[count]);
		count++;
	}
	kill(pid, SIGKILL);
	return count;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void remove_folder(const char *path)
{
	nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static unsigned measure(const struct measurement *m, struct command_line *c, struct row *rows, unsigned count)
{
	char folder[] = "/tmp/bulkhead-bench-XXXXXX";
	int pair[2], status;

	if (!mkdtemp(folder) || pipe2(pair, O_CLOEXEC) == -1)
		bench_fail("no folder and no pipe for a measurement: %m");
	pid_t pid = start_worker(m, c, folder, pair[1]);

	close(pair[1]);
	count = take_rows(pair[0], pid, c, rows, count);
	close(pair[0]);
	waitpid(pid, &status, 0);
	remove_folder(folder);
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		fprintf(stderr, "bench: %s failed\n", m->name);
		c->failed = true;
	}
	return count;
}

static bool is_wanted(const struct measurement *m, int argc, char **argv)
{
	for (int i = optind; i < argc; i++)
		if (!strcmp(argv[i], m->name))
			return true;
	return optind == argc;
}

int main(int argc, char **argv)
{
	static struct row rows[ROWS_MAX];
	struct command_line c = { 0 };
	uint64_t began = recorder_now();
	unsigned count = 0;
	int status = parse(argc, argv, &c);

	setlocale(LC_CTYPE, "C.UTF-8");
	if (status >= 0)
		return status;
	if (c.worker)
		return work(&c);
	if (!c.json)
		table_begin();
	for (unsigned i = 0; i < measurement_count; i++)
		if (is_wanted(&measurements[i], argc, argv))
			count = measure(&measurements[i], &c, rows, count);
	(c.json ? table_json : table_end)(rows, count, (double)(recorder_now() - began) / 1e9);
	return c.failed;
}
