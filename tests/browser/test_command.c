/*
 * The program as a person starts it without a terminal: its errors, one clear line each, and the scenarios.
 * Arguments: scenario files, each of which must hold.
 */
#include "sandbox/sandbox.h"
#include "tests/browser/program.h"
#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static char *const *scenarios;
static unsigned nscenarios;

static const char sound[] =
	"{\"steps\":[{\"open\":\"data:text/html,<title>T</title><p>x\",\"as\":\"a\"},{\"wait\":\"loaded\","
	"\"tab\":\"a\"},{\"inject\":\"abort\",\"into\":\"a\"},{\"expect\":\"crashed\",\"of\":\"a\","
	"\"signal\":\"SIGABRT\"},{\"reload\":\"a\"},{\"expect\":\"alive\",\"of\":\"a\"}]}";

static void test_errors_are_one_line_each(void **state)
{
	static const struct {
		const char *arguments[6];
		int status;
		const char *error;
	} rows[] = {
		{ { "run" },
		  2,
		  "bulkhead: run: exactly one scenario is wanted; try 'bulkhead run --help'\n" },
		{ { "run", "a", "b" },
		  2,
		  "bulkhead: run: exactly one scenario is wanted; try 'bulkhead run --help'\n" },
		{ { "--moon" }, 2, "bulkhead: --moon: there is no such option; try 'bulkhead --help'\n" },
		{ { "run", "--moon", "a" },
		  2,
		  "bulkhead: run: --moon: there is no such option; try 'bulkhead run --help'\n" },
		{ { "chaoss" },
		  2,
		  "bulkhead: chaoss: there is no such page, nor command; did you mean 'chaos'?\n" },
		{ { "--no-log", "rum" },
		  2,
		  "bulkhead: rum: there is no such page, nor command; did you mean 'run'?\n" },
		{ { "bulkhead://version" }, 2, "bulkhead: no terminal here to show bulkhead://version in\n" },
		{ { "moon" }, 2, "bulkhead: no terminal here to show moon in\n" },
		{ { "run", "--log" }, 2, "bulkhead: --log: FILE is missing\n" },
		{ { "run", "--no-log=x", "a" }, 2, "bulkhead: --no-log: it takes no value\n" },
		{ { "run", "--sandbox-without", "moon", "x" },
		  2,
		  "bulkhead: --sandbox-without: moon: unknown layer\n" },
		{ { "--process-model=two" },
		  2,
		  "bulkhead: --process-model: two: it is one, per-site or per-tab\n" },
		{ { "--crash-budget", "moon=1/2" },
		  2,
		  "bulkhead: --crash-budget: moon=1/2: it is gpu=DEATHS/SECONDS, and so for plugin and spare, "
		  "with commas between\n" },
		{ { "--crash-budget", "gpu=0/2" },
		  2,
		  "bulkhead: --crash-budget: gpu=0/2: deaths are a number from 1 to 32, with a / behind it\n" },
		{ { "--crash-budget", "gpu=3" },
		  2,
		  "bulkhead: --crash-budget: gpu=3: deaths are a number from 1 to 32, with a / behind it\n" },
		{ { "--crash-budget", "gpu=3/60,plugin=2/99999999999999999999" },
		  2,
		  "bulkhead: --crash-budget: gpu=3/60,plugin=2/99999999999999999999: seconds are a number from 1 "
		  "to 86400\n" },
		{ { "--log-payload", "half" },
		  2,
		  "bulkhead: --log-payload: half: it is none, head or full\n" },
		{ { "--log-files=0" }, 2, "bulkhead: --log-files: 0: it is a number from 1 to 999\n" },
		{ { "--log-files=4x" }, 2, "bulkhead: --log-files: 4x: it is a number from 1 to 999\n" },
		{ { "--log-size", "63K" }, 2, "bulkhead: --log-size: 63K: it is from 64K to 1024G\n" },
		{ { "--log-size", "99999999999999999999G" },
		  2,
		  "bulkhead: --log-size: 99999999999999999999G: it is from 64K to 1024G\n" },
		{ { "--log-size", "64 " },
		  2,
		  "bulkhead: --log-size: 64 : it is a number of bytes, or one with K, M or G behind it\n" },
		{ { "--log-size=1T" },
		  2,
		  "bulkhead: --log-size: 1T: it is a number of bytes, or one with K, M or G behind it\n" },
		{ { "--log-size=64m", "--log-files=999", "--log-payload=full", "moon" },
		  2,
		  "bulkhead: no terminal here to show moon in\n" },
		{ { "run", "/proc/nowhere.json" },
		  1,
		  "bulkhead: /proc/nowhere.json: No such file or directory\n" },
		{ { "run", "--log", "/proc/nowhere/x.log", "SOUND" },
		  1,
		  "bulkhead: /proc/nowhere/x.log: No such file or directory\n" },
		{ { "run", "--log", "/tmp", "SOUND" }, 1, "bulkhead: /tmp: Is a directory\n" },
		{ { "run", "--profile", "/dev/null/x", "SOUND" },
		  1,
		  "bulkhead: /dev/null/x/bulkhead: Not a directory\n" },
		{ { "run", "--no-log", "--ca-file", "/proc/nowhere.pem", "SOUND" },
		  1,
		  "bulkhead: /proc/nowhere.pem: No such file or directory\n" },
		{ { "run", "--no-log", "--ca-file", "/dev/null", "SOUND" },
		  1,
		  "bulkhead: /dev/null: there is no PEM certificate in it\n" },
		{ { "run", "--no-log", "--sandbox-without", "seccomp", "SOUND" },
		  1,
		  "bulkhead: the sandbox is too weak here: without seccomp; --no-sandbox starts all the "
		  "same\n" },
		{ { "log", "/proc/nowhere.log" },
		  1,
		  "bulkhead: /proc/nowhere.log: No such file or directory\n" },
	};
	const char *file = program_file(sound);

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *a[7] = { NULL };
		const struct ran *ran;

		for (unsigned n = 0; n < 6 && rows[i].arguments[n]; n++)
			a[n] = strcmp(rows[i].arguments[n], "SOUND") ? rows[i].arguments[n] : file;
		ran = program_run(a[0], a[1], a[2], a[3], a[4], a[5], NULL);
		assert_string_equal(ran->err, rows[i].error);
		assert_string_equal(ran->out, "");
		assert_int_equal(ran->status, rows[i].status);
	}
}

/* Without either wall, or without the filter, it does not start; --no-sandbox is the way out. */
static void test_too_weak_a_sandbox_is_refused(void **state)
{
	const char *file = program_file(sound);
	const struct ran *ran =
		program_run("run", "--no-log", "--sandbox-without", "pid_ns,landlock", file, NULL);

	(void)state;
	assert_int_equal(ran->status, 1);
	assert_non_null(strstr(ran->err, "too weak"));
	ran = program_run("run", "--no-log", "--sandbox-without", "landlock", file, NULL);
	assert_int_equal(ran->status, 0);
	ran = program_run("run", "--no-log", "--no-sandbox", file, NULL);
	assert_int_equal(ran->status, 0);
	assert_string_equal(ran->err, "");
}

static void test_a_full_disk_is_told_once(void **state)
{
	const struct ran *ran = program_run("run", "--log", "/dev/full", program_file(sound), NULL);
	unsigned lines = 0, n = 0;

	(void)state;
	assert_int_equal(ran->status, 0);
	assert_int_equal(sscanf(ran->err, "bulkhead: /dev/full: %u lines of the log could not be written%n",
				&lines, (int *)&n),
			 1);
	assert_true(lines > 10);
	assert_string_equal(ran->err + n, "\n");
}

static void test_help_and_version(void **state)
{
	const struct ran *ran = program_run("--help", NULL);

	(void)state;
	assert_int_equal(ran->status, 0);
	assert_non_null(strstr(ran->out, "Usage: bulkhead"));
	assert_string_equal(ran->err, "");
	ran = program_run("--version", NULL);
	assert_int_equal(ran->status, 0);
	assert_memory_equal(ran->out, "bulkhead ", 9);
}

/* Plain bulkhead without a terminal says so and plays the demo. */
static void test_without_a_terminal_the_demo_is_played(void **state)
{
	const struct ran *ran = program_run("--no-log", NULL);

	(void)state;
	assert_string_equal(ran->err, "bulkhead: no terminal here: playing the demo scenario instead\n");
	assert_non_null(strstr(ran->out, "All expectations held."));
	assert_int_equal(ran->status, 0);
}

static void test_a_failed_expectation_is_exit_status_1(void **state)
{
	const char *file = program_file(
		"{\"steps\":[{\"open\":\"data:text/html,x\",\"as\":\"a\"},{\"wait\":\"loaded\",\"tab\":\"a\"},"
		"{\"inject\":\"SIGTERM\",\"into\":\"a\"},{\"expect\":\"killed\",\"of\":\"a\",\"lived\":77},"
		"{\"expect\":\"killed\",\"of\":\"a\",\"signal\":\"SIGTERM\"},"
		"{\"inject\":\"abort after 2min\",\"into\":\"gpu\"},"
		"{\"expect\":\"crashed\",\"of\":\"gpu\",\"within_ms\":50}]}");
	const struct ran *ran = program_run("run", "--no-log", file, NULL);

	(void)state;
	assert_int_equal(ran->status, 1);
	assert_non_null(strstr(ran->out, "\u2715  4 expect"));
	assert_non_null(strstr(ran->out, "\u2713  5 expect"));
	assert_non_null(strstr(ran->out, "\u2715  7 expect"));
	assert_non_null(strstr(ran->out, "it did not die within 50 ms"));
	assert_non_null(strstr(ran->out, "Some expectation FAILED."));
}

/* What cannot be is said before anything is started, with its place. */
static void test_a_contradiction_is_one_line(void **state)
{
	const char *file = program_file("{\"steps\":[\n{\"open\":\"data:text/html,x\",\"as\":\"a\"},\n"
					"{\"inject\":\"SIGTERM\",\"into\":\"a\"},\n"
					"{\"expect\":\"crashed\",\"of\":\"a\"}]}");
	const struct ran *ran = program_run("run", "--no-log", file, NULL);
	char error[400];

	(void)state;
	snprintf(
		error, sizeof error,
		"bulkhead: %s:4: step 3: 'SIGTERM' of step 2 ends as killed SIGTERM, but \"crashed\" is expected "
		"here\n",
		file);
	assert_int_equal(ran->status, 1);
	assert_string_equal(ran->err, error);
	assert_string_equal(ran->out, "");
}

/* With faults off there is nothing to play; that is said before anything is started. */
static void test_no_faults_is_said_at_once(void **state)
{
	const char *file = program_file(sound);
	const char *const more[] = { "--no-log", "--json", "--compare" };
	char error[200];

	(void)state;
	snprintf(error, sizeof error, "bulkhead: %s:1: step 3: faults are off (--no-faults)\n", file);
	for (unsigned i = 0; i < 3; i++) {
		const struct ran *ran = program_run("run", more[i], file, "--no-faults", NULL);

		assert_int_equal(ran->status, 1);
		assert_string_equal(ran->err, error);
		assert_string_equal(ran->out, "");
	}
}

static const cJSON *part(const cJSON *of, const char *list, int n)
{
	const cJSON *item = cJSON_GetArrayItem(cJSON_GetObjectItem(of, list), n);

	if (!item)
		fail_msg("there is no %s[%d]", list, n);
	return item;
}

/* The order's blast is its target's death; what fails to be launched after it belongs to it as well. */
static void check_doom(const cJSON *report, int nth, const char *fault)
{
	const cJSON *injection = part(report, "injections", nth);
	int first = cJSON_GetObjectItem(injection, "blast")->valueint,
	    with_it = part(injection, "with_it", 0)->valueint;
	const cJSON *death = part(report, "blasts", first - 1), *next = part(report, "blasts", with_it - 1);

	assert_string_equal(cJSON_GetObjectItem(injection, "end")->valuestring, "died");
	assert_string_equal(cJSON_GetObjectItem(injection, "victim")->valuestring,
			    cJSON_GetObjectItem(death, "process")->valuestring);
	assert_string_equal(cJSON_GetObjectItem(death, "end")->valuestring, "killed");
	assert_string_equal(cJSON_GetObjectItem(death, "signal")->valuestring, "SIGKILL");
	assert_string_equal(cJSON_GetObjectItem(death, "fault")->valuestring, fault);
	assert_string_equal(part(death, "died_tabs", 0)->valuestring, "b");
	assert_string_equal(cJSON_GetObjectItem(next, "end")->valuestring, "launch_failed");
	assert_string_not_equal(cJSON_GetObjectItem(next, "process")->valuestring,
				cJSON_GetObjectItem(death, "process")->valuestring);
}

static void test_a_doomed_successor_belongs_to_the_order(void **state)
{
	const char *file = program_file(
		"{\"steps\":[{\"open\":\"data:text/html,x\",\"as\":\"a\"},{\"wait\":\"loaded\",\"tab\":\"a\"},"
		"{\"open\":\"data:text/html,y\",\"as\":\"b\"},{\"wait\":\"loaded\",\"tab\":\"b\"},"
		"{\"inject\":\"crash before ready\",\"into\":\"b\"},"
		"{\"expect\":\"killed\",\"of\":\"b\",\"signal\":\"SIGKILL\"},"
		"{\"expect\":\"launch_failed\",\"of\":\"b\"},{\"expect\":\"alive\",\"of\":\"a\"},"
		"{\"reload\":\"b\"},{\"inject\":\"crash loop\",\"into\":\"b\"}]}");
	const struct ran *ran = program_run("run", "--no-log", file, NULL);
	cJSON *report;

	(void)state;
	assert_int_equal(ran->status, 0);
	assert_non_null(strstr(ran->out, "10 inject   crash loop \u00b7 b: renderer:"));
	assert_non_null(strstr(ran->out, ": killed (SIGKILL); its successor renderer:"));
	assert_non_null(strstr(ran->out, "\n  because of crash loop\n"));
	/* No death stands behind the last order's, as if nobody had ordered it. */
	assert_null(strstr(strstr(ran->out, "was told: crash loop\nBlast radius") + 40, "Blast radius"));
	ran = program_run("run", "--no-log", "--json", file, NULL);
	assert_int_equal(ran->status, 0);
	report = cJSON_Parse(ran->out);
	check_doom(report, 0, "crash before ready");
	check_doom(report, 1, "crash loop");
	cJSON_Delete(report);
}

static void test_a_wait_that_fails_ends_the_play(void **state)
{
	const char *file = program_file(
		"{\"steps\":[{\"open\":\"data:text/html,x\",\"as\":\"a\"},{\"wait\":\"sad\",\"tab\":\"a\",\"within_ms\":"
		"50},{\"close\":\"a\"}]}");
	const struct ran *ran = program_run("run", "--no-log", file, NULL);

	(void)state;
	assert_int_equal(ran->status, 1);
	assert_non_null(strstr(ran->out, "not sad within 50 ms"));
	assert_non_null(strstr(ran->out, "-  3 close"));
}

/* The report for machines says the same. */
static void test_json(void **state)
{
	const struct ran *ran = program_run("run", "--no-log", "--json", program_file(sound), NULL);
	cJSON *report = cJSON_Parse(ran->out), *blasts, *blast;

	(void)state;
	assert_int_equal(ran->status, 0);
	assert_non_null(report);
	assert_true(cJSON_IsTrue(cJSON_GetObjectItem(report, "ok")));
	assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(report, "steps")), 6);
	blasts = cJSON_GetObjectItem(report, "blasts");
	assert_int_equal(cJSON_GetArraySize(blasts), 1);
	blast = cJSON_GetArrayItem(blasts, 0);
	assert_string_equal(cJSON_GetObjectItem(blast, "end")->valuestring, "crashed");
	assert_string_equal(cJSON_GetObjectItem(blast, "signal")->valuestring, "SIGABRT");
	assert_true(cJSON_GetObjectItem(blast, "known_after_order_ms")->valuedouble > 0);
	assert_true(cJSON_GetObjectItem(blast, "recovered_ms")->valuedouble > 0);
	assert_string_equal(cJSON_GetArrayItem(cJSON_GetObjectItem(blast, "died_tabs"), 0)->valuestring, "a");
	assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(blast, "lived_tabs")), 0);
	cJSON_Delete(report);
}

static double figure(const cJSON *report, const char *part, const char *name)
{
	const cJSON *item = cJSON_GetObjectItem(cJSON_GetObjectItem(report, part), name);

	if (!cJSON_IsNumber(item))
		fail_msg("there is no %s.%s", part, name);
	return item->valuedouble;
}

/* What a comparison of process models needs: under each, what was there, and what it came to. */
static void check_model(const char *model, unsigned renderers, unsigned died)
{
	static const char text[] =
		"{\"steps\":[{\"open\":\"data:text/html,x\",\"as\":\"a\"},{\"open\":\"data:text/html,y\",\"as\":\"b\"},"
		"{\"wait\":\"loaded\",\"tab\":\"a\"},{\"wait\":\"loaded\",\"tab\":\"b\"},"
		"{\"inject\":\"SIGKILL\",\"into\":\"a\"},{\"expect\":\"killed\",\"of\":\"a\"}]}";
	char option[40];
	const struct ran *ran;
	cJSON *report;

	snprintf(option, sizeof option, "--process-model=%s", model);
	ran = program_run("run", "--no-log", option, "--json", program_file(text), NULL);
	assert_int_equal(ran->status, 0);
	report = cJSON_Parse(ran->out);
	assert_non_null(report);
	assert_string_equal(cJSON_GetObjectItem(report, "process_model")->valuestring, model);
	assert_int_equal(figure(report, "loaded", "tabs"), 2);
	assert_int_equal(figure(report, "loaded", "renderers") - figure(report, "loaded", "spares"),
			 renderers);
	assert_int_equal(
		cJSON_GetArraySize(cJSON_GetObjectItem(cJSON_GetObjectItem(report, "loaded"), "each")),
		figure(report, "loaded", "processes"));
	assert_true(figure(report, "loaded", "private_bytes") > 0);
	assert_int_equal(figure(report, "total", "deaths"), 1);
	assert_int_equal(figure(report, "total", "tabs_died"), died);
	assert_int_equal(figure(report, "total", "tabs_lived"), 2 - died);
	assert_true(figure(report, "total", "started") >= renderers + 1);
	assert_true(figure(report, "total", "start_ms") > 0);
	assert_true(figure(report, "total", "start_ms_most") >= figure(report, "total", "start_ms"));
	assert_true(figure(report, "total", "known_after_order_ms") >= 0);
	cJSON_Delete(report);
}

static void test_json_under_two_models(void **state)
{
	(void)state;
	check_model("per-tab", 2, 1);
	check_model("one", 1, 2);
}

static void test_scenarios_hold(void **state)
{
	(void)state;
	for (unsigned i = 0; i < nscenarios; i++) {
		const struct ran *ran;

		if (!strstr(scenarios[i], ".json"))
			continue; /* a part of the program, beside which this copy lies */
		ran = program_run("run", "--no-log", scenarios[i], NULL);

		print_message("  %s\n", scenarios[i]);
		if (ran->status)
			print_error("%s%s", ran->out, ran->err);
		assert_int_equal(ran->status, 0);
	}
}

/* That there will not be enough is said at once; whoever gets none dies, and when some are free all is well.
 */
static void test_too_few_descriptors(void **state)
{
	static char many[16384] = "{\"steps\":[";
	struct rlimit before, low = { 200, 200 };
	size_t n = strlen(many);
	const struct ran *ran;

	(void)state;
	for (unsigned i = 0; i < 60; i++)
		n += (size_t)snprintf(many + n, sizeof many - n,
				      "{\"open\":\"data:text/html,x\",\"as\":\"t%u\"},", i);
	n += (size_t)snprintf(many + n, sizeof many - n, "{\"wait\":\"loaded\",\"tab\":\"t0\"},");
	for (unsigned i = 1; i < 60; i++)
		n += (size_t)snprintf(many + n, sizeof many - n, "{\"close\":\"t%u\"},", i);
	snprintf(many + n, sizeof many - n,
		 "{\"open\":\"data:text/html,y\",\"as\":\"again\"},{\"wait\":\"loaded\",\"tab\":\"again\"},"
		 "{\"expect\":\"alive\",\"of\":\"t0\"}]}");
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	ran = program_run("run", "--no-log", program_file(many), NULL);
	setrlimit(RLIMIT_NOFILE, &before); /* may be refused: this test is the last */
	if (ran->status)
		print_error("%s", ran->out);
	assert_int_equal(ran->status, 0);
	assert_string_equal(ran->err,
			    "bulkhead: only 200 files may be open here (ulimit -Hn): enough for some 22 "
			    "tabs\n");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_errors_are_one_line_each, program_clean),
		cmocka_unit_test_teardown(test_too_weak_a_sandbox_is_refused, program_clean),
		cmocka_unit_test_teardown(test_a_full_disk_is_told_once, program_clean),
		cmocka_unit_test_teardown(test_help_and_version, program_clean),
		cmocka_unit_test_teardown(test_without_a_terminal_the_demo_is_played, program_clean),
		cmocka_unit_test_teardown(test_a_failed_expectation_is_exit_status_1, program_clean),
		cmocka_unit_test_teardown(test_a_contradiction_is_one_line, program_clean),
		cmocka_unit_test_teardown(test_no_faults_is_said_at_once, program_clean),
		cmocka_unit_test_teardown(test_a_doomed_successor_belongs_to_the_order, program_clean),
		cmocka_unit_test_teardown(test_a_wait_that_fails_ends_the_play, program_clean),
		cmocka_unit_test_teardown(test_json, program_clean),
		cmocka_unit_test_teardown(test_json_under_two_models, program_clean),
		cmocka_unit_test_teardown(test_scenarios_hold, program_clean),
		cmocka_unit_test_teardown(test_too_few_descriptors, program_clean),
	};

	scenarios = argv + 1;
	nscenarios = argc > 1 ? (unsigned)argc - 1 : 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
