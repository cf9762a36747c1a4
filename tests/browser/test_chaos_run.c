/* `bulkhead chaos` as a person starts it: its options, short runs, a broken invariant, a replay, and ^C. */
#include "tests/browser/harness.h"
#include "tests/browser/program.h"
#include <arpa/inet.h>
#include <cjson/cJSON.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void test_bad_usage(void **state)
{
	static const struct {
		const char *arguments[3], *error;
	} rows[] = {
		{ { "--moon" }, "chaos: --moon: there is no such option; try 'bulkhead chaos --help'" },
		{ { "--tabs", "0" }, "chaos: --tabs: 0: it is a number from 1 to 200" },
		{ { "--tabs", "201" }, "chaos: --tabs: 201: it is a number from 1 to 200" },
		{ { "--tabs" }, "chaos: --tabs: N is missing" },
		{ { "--seed=-1" }, "chaos: --seed: -1: it is a number" },
		{ { "--seed=99999999999999999999" }, "chaos: --seed: 99999999999999999999: it is a number" },
		{ { "--for", "500ms" }, "chaos: --for: 500ms: it is a time from 1s to 24 h, such as 60s" },
		{ { "--for", "soon" }, "chaos: --for: soon: it is a time from 1s to 24 h, such as 60s" },
		{ { "--bound", "2x" }, "chaos: --bound: 2x: it is a time, such as 2s or 500ms" },
		{ { "--json=1" }, "chaos: --json: it takes no value" },
		{ { "--replay", "/proc/nowhere.json" },
		  "chaos: /proc/nowhere.json: No such file or directory" },
		{ { "--replay", "/tmp" }, "chaos: /tmp: it is no chaos report (chaos-….json)" },
		{ { "--no-faults" }, "chaos: --no-faults leaves nothing to do" },
	};
	char line[200];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct ran *ran =
			program_run("chaos", rows[i].arguments[0], rows[i].arguments[1], NULL);

		snprintf(line, sizeof line, "bulkhead: %s\n", rows[i].error);
		assert_string_equal(ran->err, line);
		assert_int_equal(ran->status, 2);
		assert_string_equal(ran->out, "");
	}
}

static void test_a_dry_run_tells_the_draws(void **state)
{
	static char first[65536];
	const struct ran *ran;

	(void)state;
	ran = program_run("chaos", "--dry-run", "--seed", "7", NULL);
	assert_int_equal(ran->status, 0);
	assert_ptr_equal(strstr(ran->out, "seed 7, 20 tabs\n"), ran->out);
	snprintf(first, sizeof first, "%s", ran->out);
	/* Neither time nor pace nor bound changes them. */
	ran = program_run("chaos", "--dry-run", "--seed", "7", "--for", "5s", "--pace=0", "--bound=1s", NULL);
	assert_string_equal(ran->out, first);
	ran = program_run("chaos", "--dry-run", "--seed", "8", NULL);
	assert_string_not_equal(ran->out, first);
}

static cJSON *read_report(const char *path)
{
	FILE *file = fopen(path, "re");
	char *text = calloc(1, 4 << 20);
	cJSON *json;

	assert_non_null(file);
	assert_true(fread(text, 1, (4 << 20) - 1, file) > 0);
	fclose(file);
	json = cJSON_Parse(text);
	free(text);
	return json;
}

static const char *text_of(const cJSON *json, const char *name)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, name));

	return text ? text : "";
}

static const cJSON *first_of(const cJSON *json, const char *list)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, list);

	assert_true(cJSON_IsArray(item));
	return item->child;
}

static void check_draws_are(const cJSON *report, const cJSON *other, int count)
{
	const cJSON *draws = cJSON_GetObjectItem(report, "draws"),
		    *others = cJSON_GetObjectItem(other, "draws");

	assert_int_equal(cJSON_GetArraySize(draws), count);
	assert_int_equal(cJSON_GetArraySize(others), count);
	for (int i = 0; i < count; i++)
		assert_string_equal(text_of(cJSON_GetArrayItem(draws, i), "order"),
				    text_of(cJSON_GetArrayItem(others, i), "order"));
}

/* Each draw is told with what came of it, and something did come of most. */
static void check_outcomes(const cJSON *report)
{
	unsigned fine = 0, count = 0;
	for (const cJSON *draw = first_of(report, "draws"); draw; draw = draw->next) {
		assert_string_not_equal(text_of(draw, "outcome"), "open");
		assert_string_not_equal(text_of(draw, "outcome"), "wrong");
		fine += !strcmp(text_of(draw, "outcome"), "as expected");
		count++;
	}
	assert_true(fine * 2 > count);
}

static void check_all_held(const struct ran *ran, const cJSON *report, const char *state)
{
	for (const cJSON *failure = first_of(report, "failures"); failure; failure = failure->next)
		print_error("%s: %s\n", text_of(failure, "invariant"), text_of(failure, "what"));
	assert_int_equal(ran->status, 0);
	assert_true(cJSON_IsTrue(cJSON_GetObjectItem(report, "held")));
	assert_string_equal(text_of(report, "state"), state);
}

static void test_a_run_and_its_replay(void **state)
{
	const char *first = program_no_file(), *second = program_no_file();
	const struct ran *ran;
	cJSON *one, *other;
	struct stat st;

	(void)state;
	ran = program_run("chaos", "--tabs=6", "--seed=7", "--draws=24", "--for=40s", "--report", first,
			  NULL);
	one = read_report(first);
	check_all_held(ran, one, "finished");
	check_outcomes(one);
	assert_non_null(strstr(ran->out, "\nheld         nobody dies who was not hit\n"));
	/* Of memory a run of so few quiet points tells nothing. */
	assert_non_null(strstr(ran->out, "\nnot checked  no memory leaks\n"));
	assert_non_null(strstr(ran->out, "\nall that were checked held; "));
	assert_null(strstr(ran->out, "BROKEN"));
	assert_int_equal(stat(first, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);

	ran = program_run("chaos", "--replay", first, "--report", second, "--json", NULL);
	other = read_report(second);
	check_all_held(ran, other, "finished");
	assert_string_equal(text_of(other, "replay_of"), first);
	assert_string_equal(text_of(other, "seed"), "7");
	check_draws_are(other, one, 24);
	check_outcomes(other);
	cJSON_Delete(one);
	cJSON_Delete(other);
	one = cJSON_Parse(ran->out);
	assert_true(cJSON_IsObject(one));
	cJSON_Delete(one);
}

static void pause_ms(unsigned ms)
{
	struct timespec pause = { ms / 1000, (long)(ms % 1000) * 1000000 };

	nanosleep(&pause, NULL);
}

/* A child of that name; 0: there are not yet that many of them. */
static pid_t find_child(pid_t of, const char *name, unsigned at_least)
{
	pid_t pids[64], found = 0;
	unsigned count = list_children(of, pids, 64), n = 0;

	for (unsigned i = 0; i < count; i++) {
		char path_of[32], comm[32] = "";
		FILE *file;

		snprintf(path_of, sizeof path_of, "/proc/%d/comm", (int)pids[i]);
		file = fopen(path_of, "re");
		if (!file)
			continue;
		if (fgets(comm, sizeof comm, file) && !strncmp(comm, name, strlen(name))) {
			found = pids[i];
			n++;
		}
		fclose(file);
	}
	return n >= at_least ? found : 0;
}

static pid_t await_child(pid_t of, const char *name, unsigned at_least)
{
	pid_t found = 0;

	for (unsigned i = 0; !(found = find_child(of, name, at_least)) && i < 600; i++)
		pause_ms(20);
	assert_int_not_equal(found, 0);
	return found;
}

static bool is_held(const cJSON *report, const char *invariant)
{
	for (const cJSON *row = first_of(report, "invariants"); row; row = row->next) {
		if (!strcmp(text_of(row, "name"), invariant))
			return cJSON_IsTrue(cJSON_GetObjectItem(row, "held"));
	}
	fail_msg("there is no such invariant: %s", invariant);
	return false;
}

/* What nobody drew is done to the GPU process behind its back: it does not pass for chaos. */
static void test_what_was_not_drawn_is_noticed(void **state)
{
	static const struct {
		int signal;
		const char *invariant;
	} rows[] = {
		{ SIGKILL, "nobody dies who was not hit" },
		{ SIGSTOP, "every process that was not hit answers within the bound" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *path = program_no_file();
		/* The one draw is a tab's. */
		pid_t pid = program_start("chaos", "--tabs=4", "--seed=2", "--draws=1", "--pace=3s",
					  "--bound=500ms", "--report", path, NULL);
		cJSON *report;
		int status;

		await_child(pid, "bulkhead-render", 5);
		assert_int_equal(kill(await_child(pid, "bulkhead-gpu", 1), rows[i].signal), 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 1);
		report = read_report(path);
		assert_false(is_held(report, rows[i].invariant));
		assert_true(is_held(report, "the log is whole"));
		cJSON_Delete(report);
	}
}

/* A bound that nobody can keep: this is how a broken invariant is told. */
static void test_what_is_broken_is_told(void **state)
{
	const char *path = program_no_file();
	const struct ran *ran = program_run("chaos", "--tabs=2", "--seed=1", "--draws=2", "--bound=0ms",
					    "--report", path, NULL);
	cJSON *report = read_report(path);
	const cJSON *failure = cJSON_GetArrayItem(cJSON_GetObjectItem(report, "failures"), 0);

	(void)state;
	assert_int_equal(ran->status, 1);
	assert_true(cJSON_IsFalse(cJSON_GetObjectItem(report, "held")));
	assert_non_null(failure);
	assert_string_not_equal(text_of(failure, "what"), "");
	assert_non_null(
		strstr(ran->out, "BROKEN       every process that was not hit answers within the bound"));
	assert_non_null(strstr(ran->out,
			       "an invariant was broken; to see these draws again: bulkhead chaos --replay"));
	cJSON_Delete(report);
}

/* A page that cannot be had is no document to come back to: that is said at once, and nothing is drawn. */
static void test_what_does_not_load_is_said(void **state)
{
	static const struct {
		const char *url, *error;
	} rows[] = {
		{ "http://127.0.0.1:1/", "http://127.0.0.1:1/ does not load: The server cannot be reached" },
		{ "/proc/nowhere.html", "/proc/nowhere.html does not load: There is no such file" },
	};
	const char *path = program_no_file();

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct ran *ran = program_run("chaos", "--tabs=2", "--seed=9", "--for=60min",
						    "--report", path, "bulkhead://start", rows[i].url, NULL);
		char line[200];

		snprintf(line, sizeof line, "bulkhead: chaos: tab 2: %s\n", rows[i].error);
		assert_string_equal(ran->err, line);
		assert_string_equal(ran->out, "");
		assert_int_equal(ran->status, 1);
		assert_int_equal(access(path, F_OK), -1);
	}
}

/* Who accepts and never answers is waited for, but hardly longer than the run was to take. */
static void test_what_never_answers_is_not_waited_for(void **state)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char url[64], line[160];
	const struct ran *ran;

	(void)state;
	assert_int_equal(bind(fd, (struct sockaddr *)&at, length), 0);
	assert_int_equal(listen(fd, 4), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &length), 0);
	snprintf(url, sizeof url, "http://127.0.0.1:%u/", ntohs(at.sin_port));
	ran = program_run("chaos", "--no-log", "--tabs=1", "--seed=9", "--for=1s", "--report",
			  program_no_file(), url, NULL);
	snprintf(line, sizeof line, "bulkhead: chaos: tab 1: %s has not loaded within 6 s\n", url);
	assert_string_equal(ran->err, line);
	assert_int_equal(ran->status, 1);
	close(fd);
}

/* It draws for all of its time. */
static void test_it_draws_as_long_as_it_is_told(void **state)
{
	const char *path = program_no_file();
	const struct ran *ran =
		program_run("chaos", "--tabs=2", "--seed=4", "--for=3s", "--report", path, NULL);
	cJSON *report = read_report(path);
	const cJSON *draws = cJSON_GetObjectItem(report, "draws");
	double opened = cJSON_GetObjectItem(report, "opened_ms")->valuedouble;

	(void)state;
	check_all_held(ran, report, "finished");
	assert_true(opened > 0);
	assert_true(cJSON_GetObjectItem(report, "drew_ms")->valuedouble >= 3000);
	assert_true(cJSON_GetArraySize(draws) > 1);
	assert_non_null(strstr(ran->out, " s until all tabs stood, 3."));
	cJSON_Delete(report);
}

/* Models in which tabs share a renderer: more die with it, and all come back. */
static void test_other_process_models(void **state)
{
	static const char *const models[] = { "--process-model=one", "--process-model=per-site" };

	(void)state;
	for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
		const char *path = program_no_file();
		const struct ran *ran = program_run("chaos", "--tabs=5", "--seed=5", "--draws=8", models[i],
						    "--report", path, NULL);
		cJSON *report = read_report(path);

		check_all_held(ran, report, "finished");
		cJSON_Delete(report);
	}
}

/* The report is kept while it runs, so that there is one whatever ends it. */
static void test_an_interrupt_ends_it_with_a_report(void **state)
{
	const char *path = program_no_file();
	pid_t pid = program_start("chaos", "--tabs=3", "--seed=2", "--for=50s", "--pace=50ms", "--report",
				  path, NULL);
	cJSON *report;
	int status;

	(void)state;
	for (unsigned i = 0; access(path, F_OK) && i < 600; i++)
		pause_ms(50);
	report = read_report(path);
	assert_string_equal(text_of(report, "state"), "running");
	cJSON_Delete(report);
	assert_int_equal(kill(pid, SIGINT), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	report = read_report(path);
	assert_string_equal(text_of(report, "state"), "interrupted");
	assert_true(cJSON_GetObjectItem(report, "took_ms")->valuedouble < 45000);
	cJSON_Delete(report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad_usage),
		cmocka_unit_test(test_a_dry_run_tells_the_draws),
		cmocka_unit_test_teardown(test_a_run_and_its_replay, program_clean),
		cmocka_unit_test_teardown(test_what_is_broken_is_told, program_clean),
		cmocka_unit_test_teardown(test_what_was_not_drawn_is_noticed, program_clean),
		cmocka_unit_test_teardown(test_what_does_not_load_is_said, program_clean),
		cmocka_unit_test_teardown(test_what_never_answers_is_not_waited_for, program_clean),
		cmocka_unit_test_teardown(test_it_draws_as_long_as_it_is_told, program_clean),
		cmocka_unit_test_teardown(test_other_process_models, program_clean),
		cmocka_unit_test_teardown(test_an_interrupt_ends_it_with_a_report, program_clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
