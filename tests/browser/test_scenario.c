/* Reading scenarios: what is wrong is said exactly, before anything is started; and the names of faults. */
#include "browser/fault/injection.h"
#include "browser/fault/scenario/scenario.h"
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define KINDS  "open, navigate, wait, inject, disarm, toxic, untoxic, pause, expect, reload or close"
#define STEPS  "this is no scenario: an object with a list of 'steps' was expected"
#define OPEN   "{\"open\":\"x\",\"as\":\"a\"}"
#define TARGET "an open tab, gpu, plugin, browser or a process such as renderer:3 was expected"

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
	assert_int_equal(why[strlen(path)], ':');
	return why + strlen(path) + 1;
}

/* No JSON, or no scenario at all. */
static void test_what_is_no_scenario(void **state)
{
	static const struct {
		const char *text, *error;
	} rows[] = {
		{ "", "1:1: this is no JSON" },
		{ "{", "1:2: this is no JSON" },
		{ "{\n\"steps\": [\n{ \"open\": \"x\" \"as\": 1 }\n]}", "3:15: this is no JSON" },
		{ "{\"steps\":[" OPEN "]} and more", "1:35: this is no JSON" },
		{ "[]", " " STEPS },
		{ "{\"name\":\"\\u001b]0;\\u0007\",\"steps\":[" OPEN "]}",
		  " control characters have no place in a scenario" },
		{ "{\"steps\":[{\"open\":\"x\\u009b\",\"as\":\"a\"}]}",
		  " control characters have no place in a scenario" },
		{ "7", " " STEPS },
		{ "null", " " STEPS },
		{ "{}", " " STEPS },
		{ "{\"steps\":{}}", " " STEPS },
		{ "{\"steps\":[]}", " " STEPS },
		{ "{\"name\":1,\"steps\":[" OPEN "]}", " 'name' is no string: one was expected" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_string_equal(error_of(rows[i].text), rows[i].error);
}

/* Line 3 opens the tab, `text` begins in line 5 and is step 2. */
static const struct {
	const char *text, *error;
} bad[] = {
	{ "1", "this is no step: an object was expected" },
	{ "[]", "this is no step: an object was expected" },
	{ "{}", "'' is no step: expected was one of " KINDS },
	{ "{\"sink\":\"a\"}", "'sink' is no step: expected was one of " KINDS },
	{ "{\"reload\":\"a\",\"close\":\"a\"}",
	  "it would be two steps at once: exactly one was expected of " KINDS },
	{ "{\"open\":\"x\"}", "'as' is missing: 'open' needs it" },
	{ "{\"open\":\"x\",\"as\":1}", "'as' is no string: a string was expected" },
	{ "{\"open\":7,\"as\":\"b\"}", "'open' is no string: a string was expected" },
	{ "{\"open\":\"\",\"as\":\"b\"}", "'open' is empty: a string was expected" },
	{ "{\"open\":\"x\",\"as\":\"b\",\"tab\":\"b\"}", "'open' knows no 'tab': expected was as" },
	{ "{\"close\":\"a\",\"tab\":\"b\"}", "'close' knows no 'tab': expected was nothing else" },
	{ OPEN, "there is a tab 'a' already: another name was expected" },
	{ "{\"open\":\"x\",\"as\":\"gpu\"}", "'gpu' names a process: another name was expected" },
	{ "{\"open\":\"x\",\"as\":\"renderer:1\"}",
	  "'renderer:1' names a process: another name was expected" },
	{ "{\"open\":\"x\",\"as\":\"my tab\"}", "'my tab' has blanks in it: one word was expected" },
	{ "{\"navigate\":\"y\"}", "'tab' is missing: 'navigate' needs it" },
	{ "{\"navigate\":\"y\",\"tab\":\"b\"}",
	  "no tab 'b' is open: a tab that a step before opens was expected" },
	{ "{\"wait\":\"loaded\"}", "'tab' is missing: 'wait' needs it" },
	{ "{\"wait\":\"gone\",\"tab\":\"a\"}",
	  "one cannot wait for 'gone': loaded, sad or unresponsive was expected" },
	{ "{\"wait\":\"sad\",\"tab\":\"gpu\"}",
	  "no tab 'gpu' is open: a tab that a step before opens was expected" },
	{ "{\"wait\":\"sad\",\"tab\":\"a\",\"within_ms\":0}",
	  "'within_ms': a whole number from 1 to 600000 was expected" },
	{ "{\"wait\":\"sad\",\"tab\":\"a\",\"within_ms\":600001}",
	  "'within_ms': a whole number from 1 to 600000 was expected" },
	{ "{\"wait\":\"sad\",\"tab\":\"a\",\"within_ms\":\"10\"}",
	  "'within_ms': a whole number from 1 to 600000 was expected" },
	{ "{\"pause\":\"long\"}", "'pause': a whole number from 1 to 600000 was expected" },
	{ "{\"pause\":0.5}", "'pause': a whole number from 1 to 600000 was expected" },
	/* Injections. */
	{ "{\"inject\":\"abort\"}",
	  "into whom? 'into' was expected: a tab, gpu, plugin or a process such as renderer:3" },
	{ "{\"inject\":\"abort into gpu\",\"into\":\"a\"}", "whom is said twice: 'gpu' and 'a'" },
	{ "{\"inject\":\"abort on 3rd comit\",\"into\":\"a\"}",
	  "'inject': \"abort on 3rd comit\": column 14: there is no message 'comit'; did you mean "
	  "'commit_navigation'?" },
	{ "{\"inject\":\"abort\",\"into\":\"b\"}", "there is no 'b': " TARGET },
	{ "{\"inject\":\"abort\",\"into\":\"renderer\"}", "there is no 'renderer': " TARGET },
	{ "{\"inject\":\"abort\",\"into\":\"browser:1\"}", "there is no 'browser:1': " TARGET },
	{ "{\"inject\":\"abort\",\"into\":\"a\",\"of\":\"a\"}",
	  "'inject' knows no 'of': expected was into, as, within_ms" },
	{ "{\"inject\":\"abort\",\"into\":\"a\",\"as\":\"x\"}",
	  "'abort' is done at once: 'as' names what waits (after 2s, on MESSAGE)" },
	{ "{\"inject\":\"abort\",\"into\":\"browser\"}",
	  "'abort' would end the browser, and this play with it: a fault that it outlives was expected, such as "
	  "short hang" },
	{ "{\"inject\":\"someone else's tab\",\"into\":\"gpu\"}",
	  "a gpu cannot fail by 'someone else's tab': another fault or another target was expected" },
	{ "{\"inject\":\"abort on commit_navigation\",\"into\":\"gpu\"}",
	  "a gpu never sends or receives commit_navigation: a message that it does was expected" },
	{ "{\"inject\":\"abort on did_commit received\",\"into\":\"a\"}",
	  "a renderer never receives did_commit: a message that it does was expected" },
	{ "{\"disarm\":\"trap\"}",
	  "nothing is armed as 'trap': all, or the 'as' of an injection before was expected" },
	/* Toxics. */
	{ "{\"untoxic\":\"slow\"}",
	  "there is no toxic 'slow': all, or the 'as' of a toxic before was expected" },
	{ "{\"toxic\":\"latency 5ms from a to b\"}", "there is no 'b': " TARGET },
	{ "{\"toxic\":\"latency 5ms from a to a\"}",
	  "'a' never sends 'a' anything: two that talk to each other were expected" },
	{ "{\"toxic\":\"latency 5ms from gpu to plugin\"}",
	  "'gpu' never sends 'plugin' anything: two that talk to each other were expected" },
	{ "{\"toxic\":\"drop from gpu to a on submit_frame\"}",
	  "'gpu' never sends 'a' submit_frame: two that talk to each other were expected" },
	/* Expectations. */
	{ "{\"expect\":\"crashed\"}", "'of' is missing: 'expect' needs it" },
	{ "{\"expect\":\"dead\",\"of\":\"a\"}",
	  "one cannot expect 'dead': alive, unresponsive, recovered, crashed, killed, oom, abnormal, normal or "
	  "launch_failed was expected" },
	{ "{\"expect\":\"crashed\",\"of\":\"a\",\"signal\":11}",
	  "'signal' is no string: a string was expected" },
	{ "{\"expect\":\"crashed\",\"of\":\"a\",\"signal\":\"SIGSEVG\"}",
	  "there is no signal 'SIGSEVG': one such as SIGSEGV was expected" },
	{ "{\"expect\":\"killed\",\"of\":\"a\",\"reason\":\"bad mood\"}",
	  "there is no reason 'bad mood': that of a bad message was expected, such as unknown_type" },
	{ "{\"expect\":\"alive\",\"of\":\"a\",\"signal\":\"SIGSEGV\"}",
	  "'alive' has no signal, code, reason, call or toxic: only a termination status has" },
	{ "{\"expect\":\"crashed\",\"of\":\"a\",\"lived\":-1}",
	  "'lived': a whole number from 0 to 100000 was expected" },
	{ "{\"expect\":\"alive\",\"of\":\"b\"}", "there is no 'b': " TARGET },
	{ "{\"expect\":\"crashed\",\"of\":\"a\"}",
	  "nothing was done to 'a' that could lead to 'crashed': an injection into it, or a toxic, was expected "
	  "before" },
	{ "{\"expect\":\"unresponsive\",\"of\":\"gpu\"}",
	  "nothing was done to 'gpu' that could lead to 'unresponsive': an injection into it, or a toxic, was "
	  "expected before" },
};

static void test_bad_steps_and_their_errors(void **state)
{
	char text[1000], error[600];

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		snprintf(text, sizeof text, "{\n\"steps\": [\n" OPEN ",\n\n%s\n]}", bad[i].text);
		snprintf(error, sizeof error, "5: step 2: %s", bad[i].error);
		assert_string_equal(error_of(text), error);
	}
}

/* What is wrong with an order is the parser's to say; the whole of it is shown. */
static void test_an_order_is_shown_whole(void **state)
{
	static const char *const orders[] = {
		"inject", "stack overflw", "inject", "a curse into gpu", "toxic", "latancy 5ms from a to gpu"
	};
	char text[200], start[40];

	(void)state;
	for (unsigned i = 0; i < 6; i += 2) {
		const char *error;

		snprintf(text, sizeof text, "{\"steps\":[" OPEN ",\n{\"%s\":\"%s\"%s}]}", orders[i],
			 orders[i + 1], i ? "" : ",\"into\":\"a\"");
		snprintf(start, sizeof start, "2: step 2: '%s': ", orders[i]);
		error = error_of(text);
		assert_ptr_equal(strstr(error, start), error);
		assert_non_null(strstr(error, "column 1: "));
		assert_non_null(strstr(error, orders[i + 1]));
	}
}

static void test_what_breaks_nothing_is_harmless(void **state)
{
	static const char *const harmful[] = { "{\"inject\":\"abort\",\"into\":\"a\"}",
					       "{\"toxic\":\"latency 5ms from a to gpu\"}" };
	struct scenario *s;
	const char *why;
	char text[200];

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		snprintf(text, sizeof text, "{\"steps\":[" OPEN ",\n{\"reload\":\"a\"},\n%s]}", harmful[i]);
		write_scenario(text, strlen(text));
		s = scenario_read(path, &why);
		assert_non_null(s);
		assert_false(scenario_is_harmless(s, path, &why));
		assert_memory_equal(why, path, strlen(path));
		assert_string_equal(why + strlen(path), ":3: step 3: faults are off (--no-faults)");
		s->nsteps--;
		assert_true(scenario_is_harmless(s, path, &why));
		scenario_free(s);
	}
}

/* Steps that contradict those before; each is in a line of its own, the last one is wrong. */
static const struct {
	const char *steps[6];
	const char *error;
} contradictions[] = {
	{ { OPEN, "{\"close\":\"a\"}", "{\"reload\":\"a\"}" },
	  "tab 'a' was closed by step 2: an open tab was expected" },
	{ { OPEN, "{\"close\":\"a\"}", "{\"expect\":\"alive\",\"of\":\"a\"}" },
	  "tab 'a' was closed by step 2: an open tab was expected" },
	{ { OPEN, "{\"inject\":\"abort\",\"into\":\"a\"}", "{\"expect\":\"alive\",\"of\":\"a\"}" },
	  "'abort' of step 2 ends as crashed SIGABRT, but \"alive\" is expected here" },
	{ { OPEN, "{\"inject\":\"abort\",\"into\":\"a\"}", "{\"expect\":\"killed\",\"of\":\"a\"}" },
	  "'abort' of step 2 ends as crashed SIGABRT, but \"killed\" is expected here" },
	{ { OPEN, "{\"inject\":\"abort\",\"into\":\"a\"}",
	    "{\"expect\":\"crashed\",\"of\":\"a\",\"signal\":\"SIGSEGV\"}" },
	  "'abort' of step 2 ends as crashed SIGABRT, but \"signal\":\"SIGSEGV\" is expected here" },
	{ { OPEN, "{\"inject\":\"exit 3\",\"into\":\"a\"}",
	    "{\"expect\":\"abnormal\",\"of\":\"a\",\"code\":4}" },
	  "'exit' of step 2 ends as abnormal, code 3, but \"code\":4 is expected here" },
	/* Dead or dying at the second; yet neither leads to that, and nobody lives. */
	{ { OPEN, "{\"inject\":\"abort\",\"into\":\"a\"}", "{\"inject\":\"null dereference\",\"into\":\"a\"}",
	    "{\"expect\":\"crashed\",\"of\":\"a\",\"signal\":\"SIGBUS\"}" },
	  "'null dereference' of step 3 ends as crashed SIGSEGV, but \"signal\":\"SIGBUS\" is expected here" },
	{ { OPEN, "{\"inject\":\"short hang\",\"into\":\"a\"}", "{\"inject\":\"abort\",\"into\":\"a\"}",
	    "{\"expect\":\"alive\",\"of\":\"a\"}" },
	  "'abort' of step 3 ends as crashed SIGABRT, but \"alive\" is expected here" },
	{ { OPEN, "{\"inject\":\"crash loop\",\"into\":\"a\"}",
	    "{\"expect\":\"killed\",\"of\":\"a\",\"signal\":\"SIGTERM\"}" },
	  "'crash loop' of step 2 ends as launch_failed SIGSEGV, but \"killed\" is expected here" },
	{ { OPEN, "{\"inject\":\"fork\",\"into\":\"a\"}",
	    "{\"expect\":\"crashed\",\"of\":\"a\",\"call\":\"ptrace\"}" },
	  "'fork' of step 2 ends as crashed SIGSYS, call clone, but \"call\":\"ptrace\" is expected here" },
	{ { OPEN, "{\"inject\":\"wrong type\",\"into\":\"a\"}",
	    "{\"expect\":\"killed\",\"of\":\"a\",\"reason\":\"too_short\"}" },
	  "'wrong type' of step 2 ends as killed, bad message unknown_type, but \"reason\":\"too_short\" is "
	  "expected here" },
	{ { OPEN, "{\"inject\":\"endless loop\",\"into\":\"a\"}", "{\"expect\":\"crashed\",\"of\":\"a\"}" },
	  "'endless loop' of step 2 ends as unresponsive, but \"crashed\" is expected here" },
	{ { OPEN, "{\"inject\":\"endless loop\",\"into\":\"a\"}", "{\"expect\":\"alive\",\"of\":\"a\"}" },
	  "'endless loop' of step 2 ends as unresponsive, but \"alive\" is expected here" },
	{ { OPEN, "{\"inject\":\"slow handler\",\"into\":\"a\"}",
	    "{\"expect\":\"unresponsive\",\"of\":\"a\"}" },
	  "'slow handler' of step 2 ends as alive, but \"unresponsive\" is expected here" },
	{ { OPEN, "{\"inject\":\"abort\",\"into\":\"renderer:1\"}", "{\"reload\":\"a\"}",
	    "{\"expect\":\"alive\",\"of\":\"renderer:1\"}" },
	  "'abort' of step 2 ends as crashed SIGABRT, but \"alive\" is expected here" },
	{ { OPEN, "{\"inject\":\"abort on ping\",\"into\":\"a\",\"as\":\"x\"}", "{\"disarm\":\"x\"}",
	    "{\"disarm\":\"x\"}" },
	  "nothing is armed as 'x': all, or the 'as' of an injection before was expected" },
	{ { OPEN, "{\"inject\":\"abort\",\"into\":\"a\"}",
	    "{\"expect\":\"crashed\",\"of\":\"a\",\"toxic\":\"corrupt\"}" },
	  "there is no toxic 'corrupt': the kind or the 'as' of a toxic before was expected" },
};

static void join_steps(const char *const *steps, char *text, unsigned *count)
{
	strcpy(text, "{\"steps\":[\n");
	for (*count = 0; *count < 6 && steps[*count]; ++*count)
		sprintf(text + strlen(text), "%s%s", *count ? ",\n" : "", steps[*count]);
	strcat(text, "\n]}\n");
}

static void test_contradictions(void **state)
{
	char text[1000], error[600];
	unsigned n;

	(void)state;
	for (size_t i = 0; i < sizeof contradictions / sizeof *contradictions; i++) {
		join_steps(contradictions[i].steps, text, &n);
		snprintf(error, sizeof error, "%u: step %u: %s", n + 1, n, contradictions[i].error);
		assert_string_equal(error_of(text), error);
	}
}

/* What could be mistaken for a contradiction. */
static void test_what_may_well_be(void **state)
{
	static const char *const rows[][6] = {
		{ OPEN, "{\"inject\":\"abort\",\"into\":\"a\"}", "{\"reload\":\"a\"}",
		  "{\"expect\":\"alive\",\"of\":\"a\"}" },
		{ OPEN, "{\"inject\":\"abort on ping\",\"into\":\"a\"}",
		  "{\"expect\":\"alive\",\"of\":\"a\"}",
		  "{\"expect\":\"crashed\",\"of\":\"a\",\"lived\":2}" },
		{ OPEN, "{\"inject\":\"kill on ping\",\"into\":\"a\"}",
		  "{\"inject\":\"slow handler\",\"into\":\"a\"}", "{\"expect\":\"killed\",\"of\":\"a\"}" },
		/* The second finds it dead or dying. */
		{ OPEN, "{\"inject\":\"abort\",\"into\":\"a\"}",
		  "{\"inject\":\"null dereference\",\"into\":\"a\"}",
		  "{\"expect\":\"crashed\",\"of\":\"a\",\"signal\":\"SIGABRT\"}" },
		{ OPEN, "{\"inject\":\"crash loop\",\"into\":\"a\"}",
		  "{\"expect\":\"killed\",\"of\":\"a\",\"signal\":\"SIGKILL\"}",
		  "{\"expect\":\"launch_failed\",\"of\":\"a\"}" },
		{ OPEN, "{\"inject\":\"abort\",\"into\":\"gpu\"}", "{\"expect\":\"alive\",\"of\":\"gpu\"}" },
		{ OPEN, "{\"inject\":\"endless loop\",\"into\":\"gpu\"}",
		  "{\"expect\":\"killed\",\"of\":\"gpu\",\"signal\":\"SIGKILL\"}" },
		{ OPEN, "{\"inject\":\"exit 3\",\"into\":\"A\"}",
		  "{\"expect\":\"abnormal\",\"of\":\"a\",\"code\":3}" },
		{ OPEN, "{\"inject\":\"SIGTERM\",\"into\":\"renderer:1\"}",
		  "{\"expect\":\"killed\",\"of\":\"a\"}" },
		{ OPEN, "{\"inject\":\"short hang 7s\",\"into\":\"browser\"}",
		  "{\"expect\":\"recovered\",\"of\":\"browser\"}" },
		{ OPEN, "{\"inject\":\"abort\",\"into\":\"plugin\"}", "{\"reload\":\"a\"}",
		  "{\"expect\":\"alive\",\"of\":\"plugin\"}" },
		{ OPEN, "{\"toxic\":\"corrupt from a to gpu\",\"as\":\"bad\"}",
		  "{\"expect\":\"killed\",\"of\":\"a\",\"toxic\":\"bad\"}" },
	};
	char text[1000];
	const char *why;
	unsigned n;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct scenario *s;

		join_steps(rows[i], text, &n);
		write_scenario(text, strlen(text));
		s = scenario_read(path, &why);
		if (!s)
			print_error("%s\n", why);
		assert_non_null(s);
		assert_int_equal(s->nsteps, n);
		scenario_free(s);
	}
}

/* Lines are found whatever is in the strings before. */
static void test_lines(void **state)
{
	static const char text[] =
		"{ \"a\": [ \"],{\", { \"steps\": [1] } ],\r\n\"steps\":\n[ {\"open\":\"x\\\"],\\/\",\n"
		"\"as\":\"a\"}\n\n, {\"pause\":5}, \n{\"close\":\"b\"}]}";

	(void)state;
	assert_string_equal(error_of(text),
			    "7: step 3: no tab 'b' is open: a tab that a step before opens was expected");
}

static void test_too_many_steps(void **state)
{
	char *text = calloc(1, 64000), *at = text;

	(void)state;
	at += sprintf(at, "{\"steps\":[" OPEN);
	for (unsigned i = 0; i < 1000; i++)
		at += sprintf(at, ",{\"reload\":\"a\"}");
	strcpy(at, "]}");
	assert_string_equal(error_of(text), " 1001 steps are too many: at most 1000 were expected");
	free(text);
}

static void test_too_long_a_file(void **state)
{
	size_t length = (1 << 20) + 1;
	char *text = malloc(length + 1);

	(void)state;
	memset(text, ' ', length);
	text[length] = '\0';
	assert_string_equal(error_of(text), " it is longer than 1048576 bytes");
	free(text);
}

static void test_deep_nesting_is_no_json(void **state)
{
	static char text[100001];

	(void)state;
	memset(text, '[', sizeof text - 1);
	assert_non_null(strstr(error_of(text), ": this is no JSON"));
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
	assert_string_equal(s->steps[4].expected.signal, "SIGKILL");
	assert_string_equal(s->steps[4].expected.reason, "unknown_type");
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
		cmocka_unit_test(test_what_is_no_scenario),
		cmocka_unit_test(test_bad_steps_and_their_errors),
		cmocka_unit_test(test_an_order_is_shown_whole),
		cmocka_unit_test(test_what_breaks_nothing_is_harmless),
		cmocka_unit_test(test_contradictions),
		cmocka_unit_test(test_what_may_well_be),
		cmocka_unit_test(test_lines),
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
