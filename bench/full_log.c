/*
 * What a log that can be replayed costs: the real program loads a long page ten times and ends, with a log as
 * usual and with --log-payload=full, which also has bodies and the contents of regions; and how long
 * replaying a renderer of it takes, against the same renderer's time in the log.
 */
#include "bench/bench.h"
#include "browser/process/compartment.h"
#include "common/recorder.h"
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS	 20
#define SECONDS	 30
#define CHAPTERS 8000
#define LOADS	 10

extern char **environ;

static char program[PATH_MAX];

/* Run it with these arguments to its end; in ms. */
static double run(char *const argv[])
{
	posix_spawn_file_actions_t quiet;
	uint64_t began = recorder_now();
	int status;
	pid_t pid;

	posix_spawn_file_actions_init(&quiet);
	posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	if (posix_spawn(&pid, program, &quiet, NULL, argv, environ) || waitpid(pid, &status, 0) != pid ||
	    status)
		bench_fail("%s %s fails", program, argv[1]);
	posix_spawn_file_actions_destroy(&quiet);
	return (double)(recorder_now() - began) / 1e6;
}

static void write_files(const char *page, const char *scenario)
{
	FILE *file = fopen(page, "we");

	if (!file)
		bench_fail("%s: %m", page);
	for (unsigned i = 0; i < CHAPTERS; i++)
		fprintf(file,
			"<h2>Chapter %u</h2><p>The <b>harbour</b> lay still, %u boats in it. <a href=x>On</a></p>\n",
			i, i * 7);
	fclose(file);
	file = fopen(scenario, "we");
	if (!file)
		bench_fail("%s: %m", scenario);
	fputs("{\"name\":\"pages\",\"steps\":[", file);
	for (unsigned i = 0; i < LOADS; i++)
		fprintf(file,
			"%s{\"open\":\"file://%s\",\"as\":\"t%u\"},{\"wait\":\"loaded\",\"tab\":\"t%u\"}",
			i ? "," : "", page, i, i);
	fputs("]}", file);
	fclose(file);
}

static void emit(const char *name, const char *what, struct samples *ours, struct samples *baseline,
		 struct samples *ratios)
{
	struct row r = ROW_EMPTY;

	snprintf(r.unit, sizeof r.unit, "ms");
	r.samples = (unsigned)ours->count;
	r.ours = samples_median(ours);
	r.ours_p99 = samples_p99(ours);
	r.baseline = samples_median(baseline);
	r.baseline_p99 = samples_p99(baseline);
	r.ratio = samples_median(ratios);
	bench_emit(name, what, r);
}

void full_log_run(const struct bench_options *o)
{
	struct samples head = { 0 }, full = { 0 }, replay = { 0 }, cost = { 0 }, speed = { 0 };
	char page[200], scenario[200], log[200];
	struct pace pace = pace_of(o, ROUNDS, SECONDS);
	int fd = compartment_find_file("browser", "bulkhead", program);

	if (fd == -1)
		bench_fail("%s: %m", program);
	close(fd);
	snprintf(page, sizeof page, "%.150s/page.html", o->folder);
	snprintf(scenario, sizeof scenario, "%.150s/pages.json", o->folder);
	snprintf(log, sizeof log, "%.150s/full.jsonl", o->folder);
	write_files(page, scenario);
	while (pace_goes_on(&pace)) {
		double h = run(
			(char *[]){ program, "run", "--log", log, "--log-payload", "head", scenario, NULL });
		double f = run(
			(char *[]){ program, "run", "--log", log, "--log-payload", "full", scenario, NULL });
		double r =
			run((char *[]){ program, "replay", log, "--process", "renderer:1", "--fast", NULL });

		samples_add(&head, h);
		samples_add(&full, f);
		samples_add(&replay, r);
		samples_add(&cost, f / h);
		samples_add(&speed, r / f);
	}
	emit("log_full", "ten loads of a long page, log in full against its heads", &full, &head, &cost);
	emit("replay", "replay of one renderer of it, against the whole session", &replay, &full, &speed);
	samples_finish(&head);
	samples_finish(&full);
	samples_finish(&replay);
	samples_finish(&cost);
	samples_finish(&speed);
}
