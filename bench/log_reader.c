/*
 * How fast `bulkhead log` answers questions about a long log, and in how much memory: the real program, over
 * a log of the size that rotation keeps, which lies in the page cache. Held against grep, which only looks
 * for a string in it.
 */
#include "bench/bench.h"
#include "bench/log_maker.h"
#include "bench/screen.h"
#include "common/recorder.h"
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOG_BYTES   UINT64_C(1000000000)
#define QUICK_BYTES UINT64_C(16000000)
#define ROUNDS	    5
#define SECONDS	    45

extern char **environ;

static const struct question {
	const char *name, *what, *text; /* text NULL: chain=, of a message of the log */
	double goal;			/* MB/s; 0: none */
} questions[] = {
	{ "log_read_plain", "bulkhead log name=click, against grep -c", "name=click and status=delivered",
	  300 },
	{ "log_read_args", "bulkhead log arg.url~ships, against grep -c", "arg.url~ships/1.*page=7", 100 },
	{ "log_read_text", "bulkhead log TEXT, against grep -c", "harbour/77", 0 },
	{ "log_read_chain", "bulkhead log chain=ID, against grep -c", NULL, 0 },
};
#define QUESTIONS (sizeof questions / sizeof *questions)

struct run {
	double seconds;
	long peak_kib;
	unsigned long count; /* that it printed */
};

static unsigned long read_count(int fd)
{
	char text[64];
	ssize_t n = pread(fd, text, sizeof text - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	return strtoul(text, NULL, 10);
}

/* Run a program with its standard output into the file. */
static struct run run_program(const char *program, const char *const *argv, int out)
{
	posix_spawn_file_actions_t actions;
	struct rusage usage;
	struct run run;
	int status;
	pid_t pid;

	if (ftruncate(out, 0) == -1 || lseek(out, 0, SEEK_SET) == -1)
		bench_fail("no file for an answer: %m");
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	uint64_t began = recorder_now();
	int error = posix_spawnp(&pid, program, &actions, NULL, (char *const *)(uintptr_t)argv, environ);

	posix_spawn_file_actions_destroy(&actions);
	if (error || wait4(pid, &status, 0, &usage) == -1)
		bench_fail("%s cannot be run", program);
	run.seconds = (double)(recorder_now() - began) / 1e9;
	run.peak_kib = usage.ru_maxrss;
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		bench_fail("%s failed", program);
	run.count = read_count(out);
	return run;
}

static struct run ask(const char *program, const char *path, const char *text, int out)
{
	const char *const argv[] = { "bulkhead", "log", path, text, "--count", NULL };

	return run_program(program, argv, out);
}

static struct run grep(const char *path, int out)
{
	const char *const argv[] = { "grep", "-c", "\"name\":\"click\"", path, NULL };

	return run_program("grep", argv, out);
}

static void emit(const struct question *q, struct samples *ours, struct samples *baseline)
{
	struct row r = ROW_EMPTY;

	snprintf(r.unit, sizeof r.unit, "MB/s");
	r.samples = (unsigned)ours->count;
	r.ours = samples_median(ours);
	/* Of a rate the bad end is the low one. */
	r.ours_p99 = samples_quantile(ours, 0.01);
	r.baseline = samples_median(baseline);
	r.baseline_p99 = samples_quantile(baseline, 0.01);
	r.ratio = r.ours / r.baseline;
	r.goal_kind = q->goal > 0 ? GOAL_AT_LEAST : GOAL_NONE;
	r.goal = q->goal;
	bench_emit(q->name, q->what, r);
}

static void emit_memory(const struct made_log *log, long peak_kib, unsigned samples)
{
	struct row r = ROW_EMPTY;

	snprintf(r.unit, sizeof r.unit, "MB");
	snprintf(r.note, sizeof r.note, "log of %.0f MB, %llu lines", (double)log->bytes / 1e6,
		 (unsigned long long)log->lines);
	r.samples = samples;
	r.ours = (double)peak_kib * 1024 / 1e6;
	r.goal_kind = GOAL_AT_MOST;
	r.goal = 64;
	bench_emit("log_read_memory", "bulkhead log: peak memory, of all of these", r);
}

void log_reader_run(const struct bench_options *o)
{
	struct samples ours[QUESTIONS] = { 0 }, baseline = { 0 };
	struct pace pace = pace_of(o, ROUNDS, SECONDS);
	char program[PATH_MAX], path[128], chain[64];
	struct made_log log;
	long peak_kib = 0;

	if (!screen_find_program(program))
		bench_fail("there is no ../browser/bulkhead to be measured");
	snprintf(path, sizeof path, "%s/long.jsonl", o->folder);
	log = log_maker_write(path, o->quick ? QUICK_BYTES : LOG_BYTES);
	snprintf(chain, sizeof chain, "chain=%s", log.chain);
	int out = open(o->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (out == -1)
		bench_fail("no file for an answer: %m");
	grep(path, out); /* into the page cache */
	while (pace_goes_on(&pace)) {
		samples_add(&baseline, (double)log.bytes / 1e6 / grep(path, out).seconds);
		for (unsigned i = 0; i < QUESTIONS; i++) {
			bool is_chain = !questions[i].text;
			struct run run = ask(program, path, is_chain ? chain : questions[i].text, out);

			if (is_chain ? run.count != log.chain_messages : !run.count)
				bench_fail("%s: %lu answers are wrong", questions[i].name, run.count);
			samples_add(&ours[i], (double)log.bytes / 1e6 / run.seconds);
			peak_kib = run.peak_kib > peak_kib ? run.peak_kib : peak_kib;
		}
	}
	for (unsigned i = 0; i < QUESTIONS; i++)
		emit(&questions[i], &ours[i], &baseline);
	emit_memory(&log, peak_kib, (unsigned)(baseline.count * QUESTIONS));
	for (unsigned i = 0; i < QUESTIONS; i++)
		samples_finish(&ours[i]);
	samples_finish(&baseline);
}
