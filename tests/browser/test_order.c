/* The grammar of orders to fail, and the catalogue's names: browser/fault/clause.c, order.c, fault_names.c.
 */
#include "browser/fault/order.h"
#include "common/arm.h"
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct fault_order parse(const char *text)
{
	struct fault_order o;
	char error[CLAUSE_ERROR] = "";

	if (!fault_order_parse(text, &o, error))
		fail_msg("'%s': %s", text, error);
	return o;
}

static bool same(const struct fault_order *a, const struct fault_order *b)
{
	return a->fault == b->fault && !strcmp(a->whom, b->whom) && a->argument == b->argument &&
	       a->when == b->when && a->after_ms == b->after_ms && a->moment == b->moment &&
	       a->either == b->either && a->message == b->message && a->count == b->count &&
	       a->ppm == b->ppm && a->seed == b->seed;
}

/* Its text says the same, and again. */
static void check_round(const struct fault_order *o)
{
	char text[ORDER_TEXT], again[ORDER_TEXT];
	struct fault_order read;

	fault_order_text(o, text, sizeof text);
	assert_true(strlen(text) < ORDER_TEXT - 1);
	read = parse(text);
	if (!same(o, &read))
		fail_msg("'%s' comes back as '%s'", text, fault_order_text(&read, again, sizeof again));
	assert_string_equal(fault_order_text(&read, again, sizeof again), text);
}

static void test_every_fault_in_every_form_comes_back(void **state)
{
	static const char *const whens[] = {
		"",
		"now",
		"after 200ms",
		"after 3 s",
		"after 2 min",
		"on commit_navigation",
		"on the 3rd commit_navigation received before its handler",
		"on 1st ping received after its handler",
		"on 2nd ping after its reply",
		"on any sent",
		"on 112th did_commit sent",
		"on any received with 5%",
		"on submit_frame with 0.25% seed 7",
		"on submit_frame received with 100% seed 18446744073709551615",
	};
	static const char *const whoms[] = { "", "gpu", "renderer:4294967295", "browser", "tab", "tab:2" };

	(void)state;
	for (unsigned f = 0; f < fault_table_count; f++)
		for (size_t when = 0; when < COUNT(whens); when++)
			for (size_t whom = 0; whom < COUNT(whoms); whom++) {
				const struct fault_info *fault = &fault_table[f];
				const char *seven = !fault->unit		? ""
						    : strcmp(fault->unit, "ms") ? "7 "
										: "7ms ";
				char text[300];

				snprintf(text, sizeof text, "%s %s%s%s %s", fault->name, seven,
					 *whoms[whom] ? "into " : "", whoms[whom], whens[when]);
				struct fault_order o = parse(text);

				assert_ptr_equal(o.fault, fault);
				assert_int_equal(o.argument, fault->unit ? 7 : fault->argument);
				assert_string_equal(o.whom, whoms[whom]);
				check_round(&o);
				if (!*whoms[whom])
					continue;
				snprintf(text, sizeof text, "%s %s %s %s", whoms[whom], fault->name, seven,
					 whens[when]);
				struct fault_order leading = parse(text);

				assert_true(same(&o, &leading));
				snprintf(text, sizeof text, "%s %s %s into %s", fault->name, seven,
					 whens[when], whoms[whom]);
				struct fault_order trailing = parse(text);

				assert_true(same(&o, &trailing));
			}
}

static void test_what_an_order_says(void **state)
{
	struct fault_order o =
		parse("GPU/null_dereference/on/the/3rd/Submit_Frame+received+after+its+handler");

	(void)state;
	assert_string_equal(o.fault->name, "null dereference");
	assert_string_equal(o.whom, "gpu");
	assert_int_equal(o.when, FAULT_ON_MESSAGE);
	assert_int_equal(o.message, IPC_SUBMIT_FRAME);
	assert_int_equal(o.count, 3);
	assert_int_equal(o.moment, FAULT_MOMENT_AFTER_HANDLER);
	assert_false(o.either);
	o = parse("abort on ping with 12.5% seed 0x10");
	assert_true(o.either);
	assert_int_equal(o.count, 0);
	assert_int_equal(o.ppm, 125000);
	assert_int_equal(o.seed, 16);
	o = parse("short hang 3 s into news after 2 min");
	assert_int_equal(o.argument, 3000);
	assert_string_equal(o.whom, "news");
	assert_int_equal(o.when, FAULT_AFTER);
	assert_int_equal(o.after_ms, 120000);
	o = parse("exit 42");
	assert_int_equal(fault_order_status(&o).code, 42);
	o = parse("exit");
	assert_int_equal(fault_order_status(&o).code, 3);
	o = parse("exit 0");
	assert_string_equal(o.fault->name, "exit 0");
	assert_int_equal(fault_order_status(&o).code, 0);
	o = parse("flood 10 messages into plugin");
	assert_int_equal(o.argument, 10);
	o = parse("slow handler 0 into gpu");
	assert_int_equal(o.argument, 0);
	o = parse("abort on any received");
	assert_int_equal(o.message, ARM_ANY_MESSAGE);
	assert_int_equal(o.moment, FAULT_MOMENT_BEFORE_HANDLER);
}

static void test_what_is_wrong_is_said_with_its_column(void **state)
{
	static const char *const rows[][2] = {
		{ "", "column 1: there is nothing" },
		{ " / + ", "column 1: there is nothing" },
		{ "sink", "column 1: there is no fault 'sink' (bulkhead://faults tells them all)" },
		{ "gpu", "column 4: which fault? (bulkhead://faults tells them all)" },
		{ "gpu  sink", "column 6: there is no fault 'sink' (bulkhead://faults tells them all)" },
		{ "null", "column 1: there is no fault 'null'; did you mean 'null dereference'?" },
		{ "null dereferences",
		  "column 1: there is no fault 'null dereferences'; did you mean 'null dereference'?" },
		{ "stack overflw into gpu",
		  "column 1: there is no fault 'stack overflw'; did you mean 'stack overflow'?" },
		{ "gpu/Stack_ovrflow/after/3s",
		  "column 5: there is no fault 'stack_ovrflow'; did you mean 'stack overflow'?" },
		{ "abrot", "column 1: there is no fault 'abrot'; did you mean 'abort'?" },
		{ "kil 3", "column 1: there is no fault 'kil'; did you mean 'kill'?" },
		{ "wild rabbits on ping",
		  "column 1: there is no fault 'wild rabbits' (bulkhead://faults tells them all)" },
		{ "abort 3", "column 7: 'abort' takes no number: '3'" },
		{ "abort into", "column 11: whom? (tab, renderer, gpu, plugin, browser, renderer:3, tab:2)" },
		{ "gpu abort into gpu", "column 16: whom was said already: 'gpu'" },
		{ "abort soon", "column 7: 'soon' is not understood here (into, now, after or on)" },
		{ "abort now now", "column 11: nothing more is expected here: 'now'" },
		{ "abort after", "column 12: a time like 200ms or 3s is expected, not ''" },
		{ "abort after soon", "column 13: a time like 200ms or 3s is expected, not 'soon'" },
		{ "abort after 3x", "column 13: a time like 200ms or 3s is expected, not '3x'" },
		{ "abort after 3", "column 13: a time like 200ms or 3s is expected, not '3'" },
		{ "abort after 3 into gpu", "column 13: a time like 200ms or 3s is expected, not '3'" },
		{ "slow handler 100", "column 14: a time like 200ms or 3s is expected, not '100'" },
		{ "abort after 2 days", "column 13: a time like 200ms or 3s is expected, not '2'" },
		{ "abort after 86400001ms", "column 13: '86400001ms' is longer than a day" },
		{ "abort into gpu after 3s into tab", "column 30: whom was said already: 'gpu'" },
		{ "abort after 3s on ping", "column 16: nothing more is expected here: 'on'" },
		{ "abort into tab 2x", "column 16: which tab? '2x' is no number in the strip" },
		{ "abort after 99999999999999999999", "column 13: a time like 200ms or 3s is expected, not "
						      "'99999999999999999999'" },
		{ "abort after 18446744073709551615 min",
		  "column 13: a time like 200ms or 3s is expected, not '18446744073709551615'" },
		{ "abort on", "column 9: the name of a message is expected" },
		{ "abort on comit",
		  "column 10: there is no message 'comit'; did you mean 'commit_navigation'?" },
		{ "abort on sumbit_frame",
		  "column 10: there is no message 'sumbit_frame'; did you mean 'submit_frame'?" },
		{ "abort on xyzzy", "column 10: there is no message 'xyzzy'" },
		{ "abort on 0 ping", "column 10: messages are counted from 1, not from '0'" },
		{ "abort on 4294967296 ping", "column 10: '4294967296' is no number up to 4294967295" },
		{ "abort on 3rx ping", "column 10: '3rx' is no number up to 4294967295" },
		{ "abort on ping sent before its handler",
		  "column 20: 'before': who sends it has no handler for it" },
		{ "abort on ping before its reply",
		  "column 26: 'before its handler' is expected, not 'reply'" },
		{ "abort on ping after its end",
		  "column 25: 'after its handler' or 'after its reply' is expected, not 'end'" },
		{ "abort on did_commit after its reply",
		  "column 31: 'did_commit' has no reply: 'before its handler' or 'after its handler' are meant" },
		{ "abort on 3rd ping with 5%", "column 24: either a number or a chance, not both: '5%'" },
		{ "abort on ping with 5",
		  "column 20: a chance like 5% is expected, above 0 and up to 100%, not '5'" },
		{ "abort on ping with 101%",
		  "column 20: a chance like 5% is expected, above 0 and up to 100%, not '101%'" },
		{ "abort on ping with 100.1%",
		  "column 20: a chance like 5% is expected, above 0 and up to 100%, not '100.1%'" },
		{ "abort on ping with 0%",
		  "column 20: a chance like 5% is expected, above 0 and up to 100%, not '0%'" },
		{ "abort on ping seed 3", "column 15: a seed is for a chance: 'with 5% seed 7'" },
		{ "abort on ping with 5% seed", "column 27: a number is expected, not ''" },
		{ "exit 256", "column 6: '256' is no number up to 255" },
		{ "exit -1", "column 6: '-1' is not understood here (into, now, after or on)" },
		{ "short hang 25 hours", "column 12: a time like 200ms or 3s is expected, not '25'" },
		{ "short hang 86401s", "column 12: '86401s' is longer than a day" },
		{ "flood many", "column 7: 'many' is not understood here (into, now, after or on)" },
	};
	struct fault_order o;
	char error[CLAUSE_ERROR], longest[CLAUSE_TEXT * 3];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (fault_order_parse(rows[i][0], &o, error))
			fail_msg("'%s' is understood", rows[i][0]);
		assert_string_equal(error, rows[i][1]);
	}
	memset(longest, 'x', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	assert_false(fault_order_parse(longest, &o, error));
	assert_string_equal(error, "column 512: too long");
	for (size_t i = 1; i < sizeof longest - 1; i += 2)
		longest[i] = ' ';
	assert_false(fault_order_parse(longest, &o, error));
	assert_non_null(strstr(error, "too many words"));
	snprintf(longest, sizeof longest, "abort into %064d", 1);
	assert_false(fault_order_parse(longest, &o, error));
	assert_memory_equal(error, "column 12: that is too long a name: '000", 40);
}

/* Nothing that is written breaks it, and what is understood comes back. */
static void test_mutated_orders(void **state)
{
	static const char *const seeds[] = {
		"gpu null dereference on the 3rd submit_frame received before its handler",
		"slow handler 200ms into renderer:3 after 2 min",
		"abort on any sent with 0.5% seed 7",
		"someone else's tab into news on did_commit",
		"exit 255 on ping after its reply",
	};
	static const char letters[] = "  0123456789abcdefghist:/+-_.%'xXn\xc3\t";
	uint64_t random = 3;
	unsigned understood = 0;

	(void)state;
	for (unsigned i = 0; i < 300000; i++) {
		char text[200], error[CLAUSE_ERROR] = "";
		int length = snprintf(text, 100, "%s", seeds[arm_draw(&random) % COUNT(seeds)]);
		struct fault_order o;

		for (unsigned n = (unsigned)(arm_draw(&random) % 4); n-- > 0 && length;) {
			int at = (int)(arm_draw(&random) % (unsigned)length);

			switch (arm_draw(&random) % 3) {
			case 0:
				text[at] = letters[arm_draw(&random) % (sizeof letters - 1)];
				break;
			case 1:
				memmove(text + at, text + at + 1, (size_t)(length-- - at));
				break;
			default:
				memmove(text + at + 1, text + at, (size_t)(length++ - at) + 1);
			}
		}
		if (fault_order_parse(text, &o, error)) {
			understood++;
			check_round(&o);
		} else {
			assert_memory_equal(error, "column ", 7);
		}
	}
	assert_true(understood > 30000);
}

static void test_names(void **state)
{
	static const char *const spellings[][2] = {
		{ "Null-Dereference", "null dereference" },
		{ "half closed channel", "half-closed channel" },
		{ "io_uring", NULL },
		{ "set_up_io-uring", "set up io_uring" },
		{ "kill", "SIGKILL" },
		{ "sigkill", "SIGKILL" },
		{ "clean exit", "exit 0" },
		{ "hang", "endless loop" },
		{ "bad message", "wrong type" },
		{ "violation", "trace another process" },
		{ "null", NULL },
		{ "", NULL },
		{ "none", NULL },
		{ "nulldereference", NULL },
		{ "null dereference now", NULL },
	};
	size_t length;

	(void)state;
	for (size_t i = 0; i < COUNT(spellings); i++) {
		const struct fault_info *f = fault_find(spellings[i][0]);

		if (spellings[i][1])
			assert_string_equal(f ? f->name : "", spellings[i][1]);
		else
			assert_null(f);
	}
	assert_string_equal(fault_find_prefix("exit 0 into gpu", &length)->name, "exit 0");
	assert_int_equal(length, 6);
	assert_string_equal(fault_find_prefix("exit 01", &length)->name, "exit");
	assert_int_equal(length, 4);
	for (unsigned i = 0; i < fault_alias_count; i++)
		assert_non_null(fault_find(fault_aliases[i].name));
}

/* Each way to fail has a row that somebody can be hit by, and says what comes of it. */
static void test_the_catalogue_is_whole(void **state)
{
	bool used[FAULT_COUNT] = { false };

	(void)state;
	for (unsigned i = 0; i < fault_table_count; i++) {
		const struct fault_info *f = &fault_table[i];
		char expected[80];

		used[f->kind] = true;
		assert_ptr_equal(fault_find(f->name), f);
		assert_true(f->group < FAULT_GROUP_COUNT);
		assert_int_not_equal(f->whom & 15, 0);
		assert_true(strlen(f->explained) > 40);
		assert_non_null(strstr(f->explained, ". "));
		assert_true(*fault_expected(f, expected, sizeof expected));
		if (f->end == FAULT_END_DEAD && f->status.signal)
			assert_int_equal(f->status.signal, f->status.code);
	}
	for (unsigned kind = FAULT_NONE + 1; kind < FAULT_COUNT; kind++)
		if (!used[kind])
			fail_msg("nothing in the catalogue is %s", fault_names[kind]);
}

/* What an order takes is always told, in the largest unit that fits. */
static void test_arguments_and_times_are_shown(void **state)
{
	static const char *const rows[][2] = {
		{ "exit 3 into renderer:2", "exit 3 into renderer:2" },
		{ "exit", "exit 3" },
		{ "exit 00", "exit 0" },
		{ "exit 0x10", "exit 16" },
		{ "short hang 2s", "short hang 2s" },
		{ "short hang", "short hang 20s" },
		{ "slow handler 100ms", "slow handler 100ms" },
		{ "slow handler 0", "slow handler 0ms" },
		{ "flood", "flood 200000" },
		{ "flood 10 messages", "flood 10" },
		{ "abort after 100000ms", "abort after 100s" },
		{ "abort after 120 s", "abort after 2min" },
		{ "abort after 1500ms into gpu", "abort into gpu after 1500ms" },
		{ "abort on ping into tab 2", "abort into tab:2 on ping" },
		{ "tab 2 abort", "abort into tab:2" },
		{ "tab exit 2", "exit 2 into tab" },
	};
	char text[ORDER_TEXT];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fault_order o = parse(rows[i][0]);

		assert_string_equal(fault_order_text(&o, text, sizeof text), rows[i][1]);
		check_round(&o);
	}
}

static void test_searching(void **state)
{
	static const struct {
		const char *typed, *name;
		bool found;
	} rows[] = {
		{ "", "abort", true },
		{ "null", "null dereference", true },
		{ "DEREF", "null dereference", true },
		{ "nul deref", "null dereference", true },
		{ "deref nul", "null dereference", true },
		{ "ull", "null dereference", false },
		{ "null x", "null dereference", false },
		{ "kill", "SIGKILL", true },
		{ "hang", "endless loop", true },
		{ "segv", "SIGSEGV", true },
		{ "sigsegv", "null dereference", true },
		{ "sigsegv", "abort", false },
		{ "oom", "leak", true },
		{ "oom", "abort", false },
		{ "unresponsive", "never reads", true },
		{ "clone", "fork", true },
		{ "mmap", "fork", false },
		{ "mprotect", "make memory executable", true },
		{ "ptrace", "trace another process", true },
		{ "memory-exhaust", "out of memory", true },
		{ "shorthang", "short hang", true },
		{ "blink-oom", "huge allocation", true },
		{ "sandbox", "mount", true },
		{ "io_uring", "set up io_uring", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (fault_matches(fault_find(rows[i].name), rows[i].typed) != rows[i].found)
			fail_msg("'%s' %s '%s'", rows[i].typed, rows[i].found ? "does not find" : "finds",
				 rows[i].name);
	/* Each by the whole of its name. */
	for (unsigned i = 0; i < fault_table_count; i++)
		assert_true(fault_matches(&fault_table[i], fault_table[i].name));
}

static void test_what_is_expected(void **state)
{
	static const char *const rows[][2] = {
		{ "null dereference", "crashed SIGSEGV" },
		{ "abort", "crashed SIGABRT" },
		{ "leak", "oom" },
		{ "SIGTERM", "killed SIGTERM" },
		{ "wrong type", "killed, bad message unknown_type" },
		{ "open a file", "crashed SIGSYS" },
		{ "exit", "abnormal, code 3" },
		{ "endless loop", "unresponsive" },
		{ "short hang", "unresponsive for a while" },
		{ "flood", "alive" },
		{ "crash loop", "launch_failed SIGSEGV" },
	};
	char buf[80];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(fault_expected(fault_find(rows[i][0]), buf, sizeof buf), rows[i][1]);
	assert_true(fault_can_hit(fault_find("abort"), ROLE_BROWSER));
	assert_true(fault_can_hit(fault_find("SIGSEGV"), ROLE_BROWSER));
	assert_false(fault_can_hit(fault_find("SIGSTOP"), ROLE_BROWSER));
	assert_false(fault_can_hit(fault_find("out of memory"), ROLE_BROWSER));
	assert_false(fault_can_hit(fault_find("foreign page"), ROLE_GPU));
	assert_int_equal(fault_find("mount")->argument, SYS_mount);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_fault_in_every_form_comes_back),
		cmocka_unit_test(test_what_an_order_says),
		cmocka_unit_test(test_what_is_wrong_is_said_with_its_column),
		cmocka_unit_test(test_mutated_orders),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_the_catalogue_is_whole),
		cmocka_unit_test(test_arguments_and_times_are_shown),
		cmocka_unit_test(test_searching),
		cmocka_unit_test(test_what_is_expected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
