/* Reading scenarios: what is wrong is said exactly, before anything is started; and the names of faults. */
#include "browser/fault/injection.h"
#include "browser/fault/scenario.h"
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define ONE_OF "it must be exactly one of open, navigate, wait, inject, expect, reload, close"
#define STEPS  "a scenario is an object with a list of 'steps'"
#define OPEN   "{\"open\":\"x\",\"as\":\"a\"}"

static char path[64];

static int make_file(void **state)
{
	int fd;

	(void)state;
	strcpy(path, "/tmp/bulkhead-scenario-XXXXXX");
	fd = mkstemp(path);
	if (fd != -1)
		close(fd);
	return fd == -1 ? -1 : 0;
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

static void write_scenario(const char *text, size_t length)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

/* The error without the file's name, which must stand before it. */
static const char *error_of(const char *text)
{
	struct scenario *s;
	const char *why = NULL;

	write_scenario(text, strlen(text));
	s = scenario_read(path, &why);
	assert_null(s);
	assert_non_null(why);
	assert_memory_equal(why, path, strlen(path));
	assert_memory_equal(why + strlen(path), ": ", 2);
	return why + strlen(path) + 2;
}

static const struct {
	const char *text, *error;
} bad[] = {
	{ "", "line 1: this is no JSON" },
	{ "{", "line 1: this is no JSON" },
	{ "{\n\"steps\": [\n{ \"open\": \"x\" \"as\": 1 }\n]}", "line 3: this is no JSON" },
	{ "{\"steps\":[" OPEN "]} and more", "line 1: this is no JSON" },
	{ "[]", STEPS },
	{ "7", STEPS },
	{ "null", STEPS },
	{ "{}", STEPS },
	{ "{\"steps\":{}}", STEPS },
	{ "{\"steps\":[]}", STEPS },
	{ "{\"name\":1,\"steps\":[" OPEN "]}", "'name' is a string" },
	{ "{\"steps\":[1]}", "step 1: a step is an object" },
	{ "{\"steps\":[" OPEN ",[]]}", "step 2: a step is an object" },
	{ "{\"steps\":[{}]}", "step 1: " ONE_OF },
	{ "{\"steps\":[{\"sink\":\"a\"}]}", "step 1: " ONE_OF },
	{ "{\"steps\":[{\"open\":\"x\",\"as\":\"a\",\"close\":\"a\"}]}", "step 1: " ONE_OF },
	{ "{\"steps\":[{\"open\":\"x\"}]}", "step 1: 'open' needs 'as'" },
	{ "{\"steps\":[{\"open\":\"x\",\"as\":1}]}", "step 1: 'open' needs 'as'" },
	{ "{\"steps\":[{\"open\":7,\"as\":\"a\"}]}", "step 1: 'open' wants a string" },
	{ "{\"steps\":[{\"open\":null,\"as\":\"a\"}]}", "step 1: 'open' wants a string" },
	{ "{\"steps\":[{\"open\":\"x\",\"as\":\"a\",\"tab\":\"b\"}]}", "step 1: 'open' knows no 'tab'" },
	{ "{\"steps\":[{\"open\":\"x\",\"as\":\"a\",\"within_ms\":1}]}",
	  "step 1: 'open' knows no 'within_ms'" },
	{ "{\"steps\":[" OPEN "," OPEN "]}", "step 2: there is a tab 'a' already" },
	{ "{\"steps\":[" OPEN ",{\"navigate\":\"y\"}]}", "step 2: 'navigate' needs 'tab'" },
	{ "{\"steps\":[" OPEN ",{\"navigate\":\"y\",\"tab\":\"b\"}]}", "step 2: no tab 'b' is open" },
	{ "{\"steps\":[{\"wait\":\"loaded\",\"tab\":\"a\"}," OPEN "]}", "step 1: no tab 'a' is open" },
	{ "{\"steps\":[" OPEN ",{\"wait\":\"loaded\"}]}", "step 2: 'wait' needs 'tab'" },
	{ "{\"steps\":[" OPEN ",{\"wait\":\"gone\",\"tab\":\"a\"}]}",
	  "step 2: there is no condition 'gone' (loaded, sad, unresponsive)" },
	{ "{\"steps\":[" OPEN ",{\"wait\":\"sad\",\"tab\":\"gpu\"}]}", "step 2: no tab 'gpu' is open" },
	{ "{\"steps\":[" OPEN ",{\"wait\":\"sad\",\"tab\":\"a\",\"within_ms\":0}]}",
	  "step 2: 'within_ms' is a number from 1 to 600000" },
	{ "{\"steps\":[" OPEN ",{\"wait\":\"sad\",\"tab\":\"a\",\"within_ms\":600001}]}",
	  "step 2: 'within_ms' is a number from 1 to 600000" },
	{ "{\"steps\":[" OPEN ",{\"wait\":\"sad\",\"tab\":\"a\",\"within_ms\":\"10\"}]}",
	  "step 2: 'within_ms' is a number from 1 to 600000" },
	{ "{\"steps\":[" OPEN ",{\"inject\":\"abort\"}]}", "step 2: 'inject' needs 'into'" },
	{ "{\"steps\":[" OPEN ",{\"inject\":\"a curse\",\"into\":\"a\"}]}",
	  "step 2: there is no fault 'a curse'" },
	{ "{\"steps\":[" OPEN ",{\"inject\":\"\",\"into\":\"a\"}]}", "step 2: there is no fault ''" },
	{ "{\"steps\":[" OPEN ",{\"inject\":\"abort\",\"into\":\"b\"}]}", "step 2: no tab 'b' is open" },
	{ "{\"steps\":[" OPEN ",{\"inject\":\"abort\",\"into\":\"a\",\"of\":\"a\"}]}",
	  "step 2: 'inject' knows no 'of'" },
	{ "{\"steps\":[" OPEN ",{\"expect\":\"crashed\"}]}", "step 2: 'expect' needs 'of'" },
	{ "{\"steps\":[" OPEN ",{\"expect\":\"dead\",\"of\":\"a\"}]}",
	  "step 2: 'dead' is neither a termination status nor alive or unresponsive" },
	{ "{\"steps\":[" OPEN ",{\"expect\":\"crashed\",\"of\":\"a\",\"signal\":11}]}",
	  "step 2: 'signal' and 'reason' are strings" },
	{ "{\"steps\":[" OPEN ",{\"expect\":\"crashed\",\"of\":\"a\",\"reason\":[]}]}",
	  "step 2: 'signal' and 'reason' are strings" },
	{ "{\"steps\":[" OPEN ",{\"close\":\"a\"},{\"reload\":\"a\"}]}", "step 3: no tab 'a' is open" },
	{ "{\"steps\":[" OPEN ",{\"close\":\"a\"},{\"close\":\"a\"}]}", "step 3: no tab 'a' is open" },
	{ "{\"steps\":[" OPEN ",{\"reload\":\"a\",\"tab\":\"a\"}]}", "step 2: 'reload' knows no 'tab'" },
	{ "{\"steps\":[" OPEN ",{\"expect\":\"crashed\",\"of\":\"a\",\"signal\":\"SIGSEVG\"}]}",
	  "step 2: there is no signal 'SIGSEVG'" },
	{ "{\"steps\":[" OPEN ",{\"expect\":\"killed\",\"of\":\"a\",\"reason\":\"bad mood\"}]}",
	  "step 2: there is no reason 'bad mood'" },
	{ "{\"steps\":[" OPEN ",{\"inject\":\"abort\",\"into\":\"browser:1\"}]}",
	  "step 2: no tab 'browser:1' is open" },
};

static void test_bad_scenarios_and_their_errors(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_string_equal(error_of(bad[i].text), bad[i].error);
}

static void test_too_many_steps(void **state)
{
	char *text = calloc(1, 64000), *at = text;

	(void)state;
	at += sprintf(at, "{\"steps\":[" OPEN);
	for (unsigned i = 0; i < 1000; i++)
		at += sprintf(at, ",{\"reload\":\"a\"}");
	strcpy(at, "]}");
	assert_string_equal(error_of(text), "more than 1000 steps");
	free(text);
}

static void test_too_long_a_file(void **state)
{
	size_t length = (1 << 20) + 1;
	char *text = malloc(length + 1);

	(void)state;
	memset(text, ' ', length);
	text[length] = '\0';
	assert_string_equal(error_of(text), "it is longer than 1048576 bytes");
	free(text);
}

static void test_deep_nesting_is_no_json(void **state)
{
	static char text[100001];

	(void)state;
	memset(text, '[', sizeof text - 1);
	assert_string_equal(error_of(text), "line 1: this is no JSON");
}

static void test_files_that_cannot_be_read(void **state)
{
	const char *why;

	(void)state;
	assert_null(scenario_read("/proc/nowhere/scenario.json", &why));
	assert_string_equal(why, "/proc/nowhere/scenario.json: No such file or directory");
	assert_null(scenario_read("/tmp", &why));
	assert_string_equal(why, "/tmp: it is no regular file");
	assert_null(scenario_read("/dev/zero", &why));
	assert_string_equal(why, "/dev/zero: it is no regular file");
	if (geteuid() == 0)
		return; /* root reads everything */
	assert_int_equal(chmod(path, 0), 0);
	assert_null(scenario_read(path, &why));
	assert_string_equal(why + strlen(path), ": Permission denied");
	chmod(path, 0600);
}

static void test_a_good_one_is_read_whole(void **state)
{
	static const char text[] =
		"{\"name\":\"All\",\"steps\":[" OPEN ",{\"wait\":\"loaded\",\"tab\":\"a\",\"within_ms\":77},"
		"{\"inject\":\"SIGKILL\",\"into\":\"renderer:3\"},{\"inject\":\"bad-message\",\"into\":\"gpu\"},"
		"{\"expect\":\"killed\",\"of\":\"gpu\",\"signal\":\"SIGKILL\",\"reason\":\"unknown_type\"},"
		"{\"navigate\":\"y\",\"tab\":\"a\"},{\"reload\":\"a\"},{\"close\":\"a\"}," OPEN "]}";
	const char *why;
	struct scenario *s;

	(void)state;
	write_scenario(text, sizeof text - 1);
	s = scenario_read(path, &why);
	assert_non_null(s);
	assert_string_equal(s->name, "All");
	assert_string_equal(s->folder, "/tmp");
	assert_int_equal(s->nsteps, 9);
	assert_int_equal(s->steps[0].within_ms, 10000);
	assert_int_equal(s->steps[1].within_ms, 77);
	assert_int_equal(s->steps[2].order.fault->from_outside, SIGKILL);
	assert_string_equal(s->steps[2].tab, "renderer:3");
	assert_int_equal(s->steps[3].order.fault->kind, FAULT_BAD_MESSAGE);
	assert_string_equal(s->steps[4].signal, "SIGKILL");
	assert_string_equal(s->steps[4].reason, "unknown_type");
	assert_string_equal(s->steps[6].tab, "a");
	scenario_free(s);
}

static void test_the_built_in_demo_is_sound(void **state)
{
	const char *why;
	struct scenario *s = scenario_read(NULL, &why);

	(void)state;
	assert_non_null(s);
	assert_true(s->nsteps > 10);
	scenario_free(s);
	scenario_free(NULL);
}

static void test_faults_are_found_by_every_spelling(void **state)
{
	static const struct {
		const char *name;
		enum fault kind;
	} rows[] = {
		{ "null dereference", FAULT_NULL_DEREFERENCE },
		{ "Null-Dereference", FAULT_NULL_DEREFERENCE },
		{ "null_dereference", FAULT_NULL_DEREFERENCE },
		{ "SIGKILL", FAULT_RAISE },
		{ "kill", FAULT_RAISE },
		{ "sigterm", FAULT_RAISE },
		{ "clean exit", FAULT_EXIT },
		{ "endless loop", FAULT_HANG },
		{ "hang", FAULT_HANG },
		{ "system call it may not make", FAULT_VIOLATION },
		{ "out of memory", FAULT_OUT_OF_MEMORY },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_non_null(fault_find(rows[i].name));
		assert_int_equal(fault_find(rows[i].name)->kind, rows[i].kind);
	}
	assert_null(fault_find(""));
	assert_null(fault_find("null"));
	assert_null(fault_find("null dereferences"));
	assert_null(fault_find("nulldereference"));
	assert_null(fault_find("none"));
}

static void test_every_fault_has_its_row(void **state)
{
	(void)state;
	for (unsigned i = 0; i < fault_table_count; i++)
		assert_ptr_equal(fault_find(fault_table[i].name), &fault_table[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad_scenarios_and_their_errors),
		cmocka_unit_test(test_too_many_steps),
		cmocka_unit_test(test_too_long_a_file),
		cmocka_unit_test(test_deep_nesting_is_no_json),
		cmocka_unit_test(test_files_that_cannot_be_read),
		cmocka_unit_test(test_a_good_one_is_read_whole),
		cmocka_unit_test(test_the_built_in_demo_is_sound),
		cmocka_unit_test(test_faults_are_found_by_every_spelling),
		cmocka_unit_test(test_every_fault_has_its_row),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
