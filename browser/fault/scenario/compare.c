/* See compare.h. */
#include "browser/fault/scenario/compare.h"
#include "browser/command.h"
#include "browser/fault/scenario/scenario.h"
#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define REPORT_MAX_BYTES (64u << 20)

/* What a child has printed. */
struct printed {
	int fd; /* -1: it has ended */
	char *text;
	size_t length, capacity;
};

/* The simplest argument first: what all share, what sites share, what nobody shares. */
static const enum process_model order[PROCESS_MODEL_COUNT] = { PROCESS_MODEL_ONE, PROCESS_MODEL_PER_SITE,
							       PROCESS_MODEL_PER_TAB };

/* More of what is there, at most as much as a report may have; false: there is no more. */
static bool printed_read(struct printed *p)
{
	ssize_t n;

	if (p->capacity - p->length < 4096) {
		size_t capacity = p->capacity ? 2 * p->capacity : 65536;
		char *more = capacity <= REPORT_MAX_BYTES ? realloc(p->text, capacity) : NULL;

		if (!more)
			return false;
		p->text = more;
		p->text[p->length] = '\0';
		p->capacity = capacity;
	}
	n = read(p->fd, p->text + p->length, p->capacity - p->length - 1);
	if (n <= 0)
		return n < 0 && errno == EINTR;
	p->length += (size_t)n;
	p->text[p->length] = '\0';
	return true;
}

static void read_both(struct printed *out, struct printed *err)
{
	struct printed *both[2] = { out, err };

	while (out->fd != -1 || err->fd != -1) {
		struct pollfd ends[2] = { { .fd = out->fd, .events = POLLIN },
					  { .fd = err->fd, .events = POLLIN } };

		if (poll(ends, 2, -1) < 0 && errno != EINTR)
			break;
		for (unsigned i = 0; i < 2; i++) {
			if (both[i]->fd == -1 || !ends[i].revents || printed_read(both[i]))
				continue;
			close(both[i]->fd);
			both[i]->fd = -1;
		}
	}
}

/* Is it the option of that name, with its value behind a = or not? */
static bool is_option(const char *word, const char *name)
{
	size_t length = strlen(name);

	return !strncmp(word, name, length) && (!word[length] || word[length] == '=');
}

static unsigned count_words(char *const *given)
{
	unsigned n = 0;

	while (given[n])
		n++;
	return n;
}

/* The command line as it was given, for that model. What stands later counts. To be freed; NULL: no memory.
 */
static char **make_arguments(const struct options *o, char *model, char *log)
{
	static char json[] = "--json", words[] = "--";
	unsigned n = 0;
	char **argv = calloc(count_words(o->given) + 8, sizeof *argv);

	if (!argv)
		return NULL;
	while (o->given[n] && strcmp(o->given[n], "--")) {
		argv[n] = is_option(o->given[n], "--compare") ? json : o->given[n];
		n++;
	}
	unsigned rest = n;

	argv[n++] = model;
	if (log[0])
		argv[n++] = log;
	if (o->given[rest])
		argv[n++] = words;
	while (o->given[rest] && o->given[++rest])
		argv[n++] = o->given[rest];
	return argv;
}

static pid_t start(char **argv, int out, int err)
{
	extern char **environ;
	posix_spawn_file_actions_t actions;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, out, 1);
	posix_spawn_file_actions_adddup2(&actions, err, 2);
	errno = posix_spawn(&pid, "/proc/self/exe", &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return errno ? -1 : pid;
}

/* Steps that were not done, or not to be done, end a play; an expectation that failed does not. */
static void judge_steps(struct comparison *c)
{
	const cJSON *step, *steps = cJSON_GetObjectItem(c->report, "steps");
	unsigned n = 0;

	cJSON_ArrayForEach(step, steps)
	{
		const char *kind = cJSON_GetStringValue(cJSON_GetObjectItem(step, "step"));
		const char *words = cJSON_GetStringValue(cJSON_GetObjectItem(step, "words"));

		n++;
		if (cJSON_IsTrue(cJSON_GetObjectItem(step, "ok")) || (kind && !strcmp(kind, "expect")))
			continue;
		snprintf(c->why, sizeof c->why, "step %u (%s): %s", n, kind ? kind : "?",
			 words && words[0] ? words : "it could not be done");
		return;
	}
	c->finished = n > 0;
	if (!n)
		snprintf(c->why, sizeof c->why, "its report has no steps");
}

/* What it complained of is passed on, with the model's name; the first line says why there is no report. */
static void take_complaints(struct comparison *c, char *text)
{
	char *state = NULL;

	for (char *line = text ? strtok_r(text, "\n", &state) : NULL; line;
	     line = strtok_r(NULL, "\n", &state)) {
		const char *words = strncmp(line, "bulkhead: ", 10) ? line : line + 10;

		fprintf(stderr, "bulkhead: %s: %s\n", process_model_names[c->model], words);
		if (!c->why[0])
			snprintf(c->why, sizeof c->why, "%s", words);
	}
}

static void judge(struct comparison *c, struct printed *out, struct printed *err, int status)
{
	char complaint[sizeof c->why];

	take_complaints(c, err->text);
	memcpy(complaint, c->why, sizeof complaint);
	c->why[0] = '\0';
	c->report = out->text ? cJSON_Parse(out->text) : NULL;
	if (WIFSIGNALED(status))
		snprintf(c->why, sizeof c->why, "its browser process was ended by SIG%s",
			 sigabbrev_np(WTERMSIG(status)) ? sigabbrev_np(WTERMSIG(status)) : "?");
	else if (!c->report)
		snprintf(c->why, sizeof c->why, "%s", complaint[0] ? complaint : "it printed no report");
	else
		judge_steps(c);
}

static void run_one(struct comparison *c, const struct options *o)
{
	struct printed out = { .fd = -1 }, err = { .fd = -1 };
	char model[40], log[sizeof c->log + 8] = "";
	int to_out[2], to_err[2], status = 0;
	char **argv;
	pid_t pid;

	snprintf(model, sizeof model, "--process-model=%s", process_model_names[c->model]);
	if (o->log_file) {
		snprintf(c->log, sizeof c->log, "%s.%s", o->log_file, process_model_names[c->model]);
		snprintf(log, sizeof log, "--log=%s", c->log);
	}
	argv = make_arguments(o, model, log);
	if (!argv || pipe2(to_out, O_CLOEXEC) == -1) {
		snprintf(c->why, sizeof c->why, "%s", strerror(errno));
		free(argv);
		return;
	}
	if (pipe2(to_err, O_CLOEXEC) == -1) {
		snprintf(c->why, sizeof c->why, "%s", strerror(errno));
		close(to_out[0]);
		close(to_out[1]);
		free(argv);
		return;
	}
	pid = start(argv, to_out[1], to_err[1]);
	if (pid == -1)
		snprintf(c->why, sizeof c->why, "it could not be started: %s", strerror(errno));
	close(to_out[1]);
	close(to_err[1]);
	out.fd = to_out[0];
	err.fd = to_err[0];
	read_both(&out, &err);
	if (pid != -1 && waitpid(pid, &status, 0) == pid)
		judge(c, &out, &err, status);
	free(out.text);
	free(err.text);
	free(argv);
}

static bool asks_for_one(const struct options *o)
{
	for (char *const *word = o->given; *word && strcmp(*word, "--"); word++)
		if (is_option(*word, "--process-model"))
			return true;
	return false;
}

int compare_command(const struct options *o, const char *path, bool json)
{
	struct comparison runs[PROCESS_MODEL_COUNT] = { 0 };
	bool all = true;
	const char *why;
	struct scenario *scenario = scenario_read(path, &why);

	/* What is wrong with it is said once. */
	if (!scenario || (o->no_faults && !scenario_is_harmless(scenario, path, &why))) {
		scenario_free(scenario);
		return command_fail(1, "%s", why);
	}
	scenario_free(scenario);
	if (asks_for_one(o))
		return command_fail(2,
				    "run: --compare plays all process models; --process-model chooses one");
	for (unsigned i = 0; i < PROCESS_MODEL_COUNT; i++) {
		runs[i].model = order[i];
		if (!json && isatty(STDERR_FILENO))
			fprintf(stderr, "bulkhead: playing it under %s\n", process_model_names[order[i]]);
		run_one(&runs[i], o);
		all &= runs[i].finished;
	}
	(json ? compare_print_json : compare_print)(runs, PROCESS_MODEL_COUNT);
	for (unsigned i = 0; i < PROCESS_MODEL_COUNT; i++)
		cJSON_Delete(runs[i].report);
	return all ? 0 : 1;
}
