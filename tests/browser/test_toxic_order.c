/* The grammar of toxics: what is said comes back the same, and what is wrong is said with its column. */
#include "browser/fault/toxics.h"
#include "common/toxic.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define ALWAYS 1000000

static void what_is_said_comes_back(void **state)
{
	static const struct {
		const char *given, *back;
	} cases[] = {
		{ "latency 200ms ± 50ms from browser to tab", "latency 200ms ± 50ms from browser to tab" },
		{ "latency 2 s ±50ms from browser to tab", "latency 2s ± 50ms from browser to tab" },
		{ "Latency/200ms/jitter/20ms/from/gpu/to/browser",
		  "latency 200ms ± 20ms from gpu to browser" },
		{ "toxic latency 5ms from renderer:3 to gpu on submit_frame with 50% seed 7",
		  "latency 5ms from renderer:3 to gpu on submit_frame with 50% seed 7" },
		{ "bandwidth 10k from browser to gpu", "bandwidth 10KB/s from browser to gpu" },
		{ "bandwidth 2 from browser to gpu", "bandwidth 2 bytes/s from browser to gpu" },
		{ "bandwidth 2KB/s from browser to gpu", "bandwidth 2KB/s from browser to gpu" },
		{ "bandwidth 2000 bytes per second from browser to gpu",
		  "bandwidth 2000 bytes/s from browser to gpu" },
		{ "bandwidth 3 MB a second from tab 2 to gpu", "bandwidth 3MB/s from tab:2 to gpu" },
		{ "drop from tab to gpu on submit_frame with 0.1%",
		  "drop from tab to gpu on submit_frame with 0.1%" },
		{ "duplicate from tab to browser", "duplicate from tab to browser" },
		{ "reorder from tab to browser on any", "reorder from tab to browser" },
		{ "corrupt from tab to browser", "corrupt from tab to browser" },
		{ "corrupt byte 3 from tab to browser", "corrupt byte 3 from tab to browser" },
		{ "corrupt field page from tab to browser on did_commit",
		  "corrupt field page from tab to browser on did_commit" },
		{ "cut after 4k from tab to browser", "cut after 4KB from tab to browser" },
		{ "cut 0 from tab to browser", "cut after 0 from tab to browser" },
		{ "cut after 100 from tab to browser", "cut after 100 from tab to browser" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct toxic_order o, again;
		char text[ORDER_TEXT], error[CLAUSE_ERROR] = "";

		if (!toxic_order_parse(cases[i].given, &o, error))
			fail_msg("'%s': %s", cases[i].given, error);
		assert_string_equal(toxic_order_text(&o, text, sizeof text), cases[i].back);
		assert_true(toxic_order_parse(text, &again, error));
		assert_memory_equal(&o, &again, sizeof o);
	}
}

static void defaults(void **state)
{
	struct toxic_order o;
	char error[CLAUSE_ERROR];

	(void)state;
	assert_true(toxic_order_parse("corrupt from a to b", &o, error));
	assert_int_equal(o.kind, TOXIC_CORRUPT);
	assert_int_equal(o.message, TOXIC_ANY_MESSAGE);
	assert_int_equal(o.ppm, ALWAYS);
	assert_true(o.amount == TOXIC_ANY_BYTE);
	assert_string_equal(o.from, "a");
	assert_string_equal(o.to, "b");
}

static void what_is_wrong_is_said_with_its_column(void **state)
{
	static const struct {
		const char *given, *begin;
	} cases[] = {
		{ "", "column 1: " },
		{ "toxic", "column 6: which toxic?" },
		{ "slow from tab to gpu", "column 1: there is no toxic 'slow' (latency, bandwidth," },
		{ "latencey 5ms from tab to gpu",
		  "column 1: there is no toxic 'latencey'; did you mean 'latency'?" },
		{ "latency 5 from tab to gpu", "column 9: a time like 200ms or 3s is expected, not '5'" },
		{ "latency 50ms ± 5 from tab to gpu",
		  "column 17: a time like 200ms or 3s is expected, not '5'" },
		{ "bandwidth 2KB per hour from tab to gpu",
		  "column 19: a size per second is expected, not per 'hour'" },
		{ "cut after 2KB/s from tab to gpu",
		  "column 15: 'from' is expected, and a process, not 's'" },
		{ "latency from tab to gpu", "column 9: a time like 200ms or 3s is expected, not 'from'" },
		{ "latency 2h from tab to gpu", "column 9: a time" },
		{ "latency 5000s from tab to gpu", "column 9: '5000s': an hour is the most" },
		{ "latency 10ms ± 20ms from tab to gpu", "column 22: it cannot vary by more than it is" },
		{ "bandwidth 0 from tab to gpu", "column 11: '0': nothing would ever pass" },
		{ "drop 5 from tab to gpu", "column 6: 'from' is expected" },
		{ "drop from", "column 10: whom?" },
		{ "drop from tab gpu", "column 15: 'to' is expected" },
		{ "drop from tab to gpu on", "column 24: the name of a message is expected" },
		{ "drop from tab to gpu on comit", "column 25: there is no message 'comit'" },
		{ "drop from tab to gpu with half", "column 27: " },
		{ "drop from tab to gpu seed many", "column 27: a number is expected" },
		{ "drop from tab to gpu please", "column 22: nothing was expected here: 'please'" },
		{ "corrupt field", "column 14: the name of a field is expected" },
		{ "corrupt field row from tab to gpu on submit_frame",
		  "column 50: submit_frame has no field 'row'" },
		{ "corrupt byte x from tab to gpu", "column 14: a number is expected, not 'x'" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct toxic_order o;
		char error[CLAUSE_ERROR] = "";

		if (toxic_order_parse(cases[i].given, &o, error))
			fail_msg("'%s' is taken", cases[i].given);
		if (strncmp(error, cases[i].begin, strlen(cases[i].begin)))
			fail_msg("'%s': '%s' is not '%s...'", cases[i].given, error, cases[i].begin);
	}
}

/* Whatever is typed: taken and the same again, or refused with words. */
static void no_text_does_harm(void **state)
{
	static const char *const words[] = { "latency",	 "200ms",	"±",	 "50ms", "from", "tab",
					     "to",	 "gpu",		"on",	 "with", "50%",	 "seed",
					     "7",	 "corrupt",	"field", "page", "byte", "cut",
					     "\xc2\xb1", "after",	"4k",	 "any",	 "drop", "/",
					     "+",	 "submit_frame" };
	uint64_t random = 1;

	(void)state;
	for (unsigned n = 0; n < 100000; n++) {
		char text[300] = "", error[CLAUSE_ERROR] = "", back[ORDER_TEXT];
		struct toxic_order o, again;

		for (unsigned i = 0; i < 12; i++) {
			random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
			strcat(text, words[(random >> 33) % (sizeof words / sizeof *words)]);
			strcat(text, (random >> 20) % 8 ? " " : "");
		}
		if (!toxic_order_parse(text, &o, error)) {
			assert_memory_equal(error, "column ", strlen("column "));
			continue;
		}
		toxic_order_text(&o, back, sizeof back);
		assert_true(toxic_order_parse(back, &again, error));
		assert_memory_equal(&o, &again, sizeof o);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_said_comes_back),
		cmocka_unit_test(defaults),
		cmocka_unit_test(what_is_wrong_is_said_with_its_column),
		cmocka_unit_test(no_text_does_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
