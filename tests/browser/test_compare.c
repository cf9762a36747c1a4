/* `bulkhead run --compare`: three runs, each really made, and what they say side by side. */
#include "tests/browser/program.h"
#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Two files, a built-in page: one renderer, two, three. */
#define OPEN_THREE                                                                                           \
	"{\"steps\":[{\"open\":\"file:///etc/\",\"as\":\"a\"},{\"open\":\"file:///usr/\",\"as\":\"b\"},"     \
	"{\"open\":\"bulkhead://start\",\"as\":\"c\"},{\"wait\":\"loaded\",\"tab\":\"a\"},"                  \
	"{\"wait\":\"loaded\",\"tab\":\"b\"},{\"wait\":\"loaded\",\"tab\":\"c\"},"                           \
	"{\"inject\":\"abort\",\"into\":\"a\"},{\"expect\":\"crashed\",\"of\":\"a\"},"                       \
	"{\"expect\":\"alive\",\"of\":\"b\"},{\"expect\":\"alive\",\"of\":\"c\"}"
#define SHARED_END OPEN_THREE "]}"
/* Under `one` the tab is sad then, and the play cannot go on. */
#define NEEDS_C OPEN_THREE ",{\"wait\":\"loaded\",\"tab\":\"c\",\"within_ms\":300},{\"close\":\"c\"}]}"

static const char *const models[] = { "one", "per-site", "per-tab" };

static const char *text(const cJSON *of, const char *name)
{
	const char *value = cJSON_GetStringValue(cJSON_GetObjectItem(of, name));

	return value ? value : "";
}

static double number(const cJSON *of, const char *name)
{
	const cJSON *item = cJSON_GetObjectItem(of, name);

	assert_true(cJSON_IsNumber(item));
	return item->valuedouble;
}

static unsigned count_tabs(const cJSON *injection, const char *flag)
{
	const cJSON *tab;
	unsigned n = 0;

	cJSON_ArrayForEach(tab, cJSON_GetObjectItem(injection, "tabs"))
	{
		n += cJSON_IsTrue(cJSON_GetObjectItem(tab, flag));
	}
	return n;
}

static void check_model(const cJSON *run, const char *model, unsigned renderers, unsigned died)
{
	const cJSON *report = cJSON_GetObjectItem(run, "report");
	const cJSON *loaded = cJSON_GetObjectItem(report, "loaded"),
		    *total = cJSON_GetObjectItem(report, "total"),
		    *injection = cJSON_GetArrayItem(cJSON_GetObjectItem(report, "injections"), 0);

	assert_string_equal(text(run, "process_model"), model);
	assert_string_equal(text(report, "process_model"), model);
	assert_true(cJSON_IsTrue(cJSON_GetObjectItem(run, "finished")));
	assert_int_equal(number(loaded, "renderers") - number(loaded, "spares"), renderers);
	assert_int_equal(number(loaded, "tabs"), 3);
	assert_true(number(loaded, "private_bytes") > 0);
	assert_int_equal(number(total, "tabs_died"), died);
	assert_true(number(total, "start_ms") > 0);
	assert_int_equal(count_tabs(injection, "harmed"), died);
	assert_int_equal(count_tabs(injection, "alive"), 3 - died);
	assert_int_equal(cJSON_IsTrue(cJSON_GetObjectItem(report, "ok")), died == 1);
}

/* That expectations fail under some is what is compared, and no failure. */
static void test_each_model_sinks_its_own(void **state)
{
	const struct ran *ran =
		program_run("run", "--compare", "--json", "--no-log", program_file(SHARED_END), NULL);
	cJSON *all = cJSON_Parse(ran->out), *runs = cJSON_GetObjectItem(all, "models");

	(void)state;
	assert_string_equal(ran->err, "");
	assert_int_equal(ran->status, 0);
	assert_int_equal(cJSON_GetArraySize(runs), 3);
	for (unsigned i = 0; i < 3; i++)
		check_model(cJSON_GetArrayItem(runs, (int)i), models[i], i + 1, 3 - i);
	assert_true(cJSON_IsTrue(cJSON_GetObjectItem(all, "finished")));
	cJSON_Delete(all);
}

/* Does a line begin so, and are those words in it, in that order? */
static bool has_line(const char *out, const char *label, const char *const words[3])
{
	const char *at = strstr(out, label), *end = at ? strchr(at + 1, '\n') : NULL;

	for (unsigned i = 0; end && i < 3; i++) {
		at = strstr(at, words[i]);
		if (!at || at > end)
			return false;
		at += strlen(words[i]);
	}
	return end;
}

static void test_the_table_for_people(void **state)
{
	const struct ran *ran = program_run("run", "--no-log", program_file(SHARED_END), "--compare", NULL);

	(void)state;
	assert_int_equal(ran->status, 0);
	assert_true(has_line(ran->out, "\nprocess model ", models));
	assert_true(has_line(ran->out, "\nran to its end ", (const char *const[]){ "yes", "yes", "yes" }));
	assert_true(has_line(ran->out, "\nrenderers ", (const char *const[]){ " 1", " 2", " 3" }));
	assert_non_null(strstr(ran->out, "\nstep 7: abort into a\n"));
	assert_true(has_line(ran->out, "tabs that sank",
			     (const char *const[]){ "3: a, b, c", "2: a, b", "1: a" }));
	assert_true(has_line(ran->out, "tabs that float", (const char *const[]){ " 0", "1: c", "2: b, c" }));
	assert_true(
		has_line(ran->out, "\nexpectations ",
			 (const char *const[]){ "2 of 3 failed: 9, 10", "1 of 3 failed: 9", "all 3 held" }));
	assert_true(has_line(ran->out, "\nmemory, private ", (const char *const[]){ "MB", "MB", "MB" }));
	assert_null(strstr(ran->out, "could not finish"));
}

#define EXPECT_B ",{\"expect\":\"alive\",\"of\":\"timetable\"}"
#define EXPECT_4 EXPECT_B EXPECT_B EXPECT_B EXPECT_B

/* What does not fit into its column goes on in the next line of it; nothing is cut. */
static void test_long_cells_are_wrapped(void **state)
{
	static const char scenario[] =
		"{\"steps\":[{\"open\":\"bulkhead://start\",\"as\":\"the-news-of-today\"},"
		"{\"open\":\"bulkhead://start\",\"as\":\"timetable\"},"
		"{\"wait\":\"loaded\",\"tab\":\"the-news-of-today\"},{\"wait\":\"loaded\",\"tab\":\"timetable\"},"
		"{\"inject\":\"abort\",\"into\":\"the-news-of-today\"}" EXPECT_4 EXPECT_4 "]}";
	const struct ran *ran = program_run("run", "--no-log", program_file(scenario), "--compare", NULL);
	const char *sank, *failed;

	(void)state;
	assert_int_equal(ran->status, 0);
	assert_null(strstr(ran->out, "\u2026"));
	sank = strstr(ran->out, "\n  tabs that sank ");
	assert_non_null(sank);
	assert_true(has_line(sank, "\n  tabs that sank ",
			     (const char *const[]){ "2: the-news-of-today, ", "2: the-news-of-today, ",
						    "1: the-news-of-today" }));
	sank = strchr(sank + 1, '\n');
	assert_true(has_line(sank, "\n ", (const char *const[]){ "timetable", "timetable", "\n" }) ||
		    has_line(sank, "\n ", (const char *const[]){ " timetable", " timetable", " " }));
	failed = strstr(ran->out, "\nexpectations ");
	assert_non_null(failed);
	assert_true(has_line(
		failed, "\nexpectations ",
		(const char *const[]){ "8 of 8 failed: 6, 7, ", "8 of 8 failed: 6, 7, ", "all 8 held" }));
	assert_true(has_line(strchr(failed + 1, '\n'), "\n ",
			     (const char *const[]){ ", 12, 13 ", ", 12, 13 ", " " }));
	assert_string_equal(
		strstr(ran->out, "\nExpectations are "),
		"\nExpectations are what is compared: the exit status only tells whether each ran "
		"to its end.\n");
}

static void test_a_run_that_ends_early_says_why(void **state)
{
	const char *file = program_file(NEEDS_C);
	const struct ran *ran = program_run("run", "--no-log", "--compare", file, NULL);
	const cJSON *run;
	cJSON *all;

	(void)state;
	assert_int_equal(ran->status, 1);
	assert_true(has_line(ran->out, "\nran to its end ",
			     (const char *const[]){ "NO: step 11", "yes", "yes" }));
	assert_non_null(strstr(ran->out, "\none could not finish: step 11 (wait): not loaded within 300 ms"));
	ran = program_run("run", "--no-log", "--compare", "--json", file, NULL);
	assert_int_equal(ran->status, 1);
	all = cJSON_Parse(ran->out);
	assert_true(cJSON_IsFalse(cJSON_GetObjectItem(all, "finished")));
	run = cJSON_GetArrayItem(cJSON_GetObjectItem(all, "models"), 0);
	assert_true(cJSON_IsFalse(cJSON_GetObjectItem(run, "finished")));
	assert_memory_equal(text(run, "why"), "step 11 (wait): ", 16);
	run = cJSON_GetArrayItem(cJSON_GetObjectItem(all, "models"), 2);
	assert_true(cJSON_IsTrue(cJSON_GetObjectItem(run, "finished")));
	cJSON_Delete(all);
}

/* What none of them can do, each says for itself; nothing is made up. */
static void test_runs_that_never_begin(void **state)
{
	const struct ran *ran = program_run("run", "--compare", "--log", "/proc/nowhere/x.log",
					    program_file(SHARED_END), NULL);

	(void)state;
	assert_int_equal(ran->status, 1);
	for (unsigned i = 0; i < 3; i++) {
		char line[200];

		snprintf(line, sizeof line,
			 "\n%s could not finish: /proc/nowhere/x.log.%s: No such file or directory\n",
			 models[i], models[i]);
		assert_non_null(strstr(ran->out, line));
		snprintf(line, sizeof line,
			 "bulkhead: %s: /proc/nowhere/x.log.%s: No such file or directory\n", models[i],
			 models[i]);
		assert_non_null(strstr(ran->err, line));
	}
	assert_null(strstr(ran->out, "renderers"));
	ran = program_run("run", "--compare", "/proc/nowhere.json", NULL);
	assert_string_equal(ran->err, "bulkhead: /proc/nowhere.json: No such file or directory\n");
	assert_string_equal(ran->out, "");
	assert_int_equal(ran->status, 1);
	ran = program_run("run", "--compare", "--process-model", "one", program_file(SHARED_END), NULL);
	assert_string_equal(ran->err, "bulkhead: run: --compare plays all process models; --process-model "
				      "chooses one\n");
	assert_int_equal(ran->status, 2);
}

static void test_each_run_has_its_own_log(void **state)
{
	const char *log = program_no_file();
	const struct ran *ran =
		program_run("--log", log, "run", "--compare", "--json", program_file(SHARED_END), NULL);
	cJSON *all = cJSON_Parse(ran->out);

	(void)state;
	assert_int_equal(ran->status, 0);
	for (unsigned i = 0; i < 3; i++) {
		const cJSON *run = cJSON_GetArrayItem(cJSON_GetObjectItem(all, "models"), (int)i);
		char name[100];

		snprintf(name, sizeof name, "%s.%s", log, models[i]);
		assert_string_equal(text(run, "log"), name);
		assert_int_equal(unlink(name), 0);
	}
	assert_int_equal(access(log, F_OK), -1);
	cJSON_Delete(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_each_model_sinks_its_own, program_clean),
		cmocka_unit_test_teardown(test_the_table_for_people, program_clean),
		cmocka_unit_test_teardown(test_long_cells_are_wrapped, program_clean),
		cmocka_unit_test_teardown(test_a_run_that_ends_early_says_why, program_clean),
		cmocka_unit_test_teardown(test_runs_that_never_begin, program_clean),
		cmocka_unit_test_teardown(test_each_run_has_its_own_log, program_clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
