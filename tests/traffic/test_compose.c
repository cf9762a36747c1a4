/* Messages as text: what is read, what is written again, what is wrong and where. */
#include "browser/traffic/breakpoint/compose.h"
#include "browser/traffic/query/query_plan.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct composed composed;
static char text[COMPOSE_TEXT];

static const char *text_of(const struct composed *c)
{
	struct format out = format_into(text, sizeof text);

	compose_text(c, &out);
	assert_false(out.full);
	return text;
}

static void test_read_and_written_again(void **state)
{
	static const struct {
		const char *text, *again; /* NULL: the same */
		size_t bytes;
	} cases[] = {
		{ "renderer:3 -> gpu:1 submit_frame page=3 generation=1 half=1 bytes=100 rows=5 columns=80",
		  NULL, 19 },
		{ "renderer:3 -> gpu:1 submit_frame half=255 page=0x10",
		  "renderer:3 -> gpu:1 submit_frame page=16 generation=0 half=255 bytes=0 rows=0 columns=0",
		  19 },
		{ "  renderer:3  to  gpu  submit_frame  ",
		  "renderer:3 -> gpu submit_frame page=0 generation=0 half=0 bytes=0 rows=0 columns=0", 19 },
		{ "renderer -> browser did_fill_recorder", "renderer -> browser did_fill_recorder", 0 },
		{ "browser -> renderer:1 press_key page=1 key=activate", NULL, 5 },
		{ "browser -> renderer:1 press_key page=1 key=77", NULL, 5 },
		{ "renderer:1 -> browser open_link page=1 url=\"a b\\\"c\\\\\\n\\x41\"",
		  "renderer:1 -> browser open_link page=1 url=\"a b\\\"c\\\\\\x0aA\"", 16 },
		{ "renderer:1 -> browser open_link url=https://example.org/?a=b&c",
		  "renderer:1 -> browser open_link page=0 url=\"https://example.org/?a=b&c\"", 34 },
		{ "renderer:1 -> browser open_link url=\"\\xff\"",
		  "renderer:1 -> browser open_link page=0 url=\"\\xff\"", 9 },
		{ "browser -> gpu:1 settle_held edited=true", NULL, 0 },
		{ "browser -> gpu:1 settle_held role=renderer serial=1 id=18446744073709551615 action=drop edited=2 "
		  "fields=\"03 00 ff\"",
		  "browser -> gpu:1 settle_held role=renderer serial=1 id=18446744073709551615 action=drop edited=2 "
		  "fields=0300ff",
		  22 },
		{ "browser -> renderer:1 commit_navigation page=1 body=empty",
		  "browser -> renderer:1 commit_navigation page=1 navigation=0 url=\"\" mime=\"\" charset=\"\" body=empty",
		  20 },
		{ "renderer:3 -> gpu:1 type=77 bytes=03 00 ff", NULL, 3 },
		{ "renderer:3 -> gpu:1 type=65535", "renderer:3 -> gpu:1 type=65535 bytes=", 0 },
		{ "renderer:3 -> gpu:1 type=submit_frame bytes=0300",
		  "renderer:3 -> gpu:1 type=submit_frame bytes=03 00", 2 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct compose_error error = { 0 };

		if (!compose_parse(cases[i].text, &composed, &error))
			fail_msg("%s: column %u: %s", cases[i].text, error.column, error.why);
		if (cases[i].bytes)
			assert_int_equal(composed.bytes, cases[i].bytes);
		text_of(&composed);
		if (cases[i].again || cases[i].bytes)
			assert_string_equal(text, cases[i].again ? cases[i].again : cases[i].text);
		char *first = strdup(text);
		assert_true(compose_parse(first, &composed, &error));
		assert_string_equal(text_of(&composed), first);
		free(first);
	}
}

static void test_what_is_wrong_and_where(void **state)
{
	static const struct {
		const char *text;
		unsigned column;
		const char *why;
	} cases[] = {
		{ "", 0, "whom?" },
		{ "rendrer:3 -> gpu:1 submit_frame", 0, "did you mean 'renderer'" },
		{ "renderer:x -> gpu:1 submit_frame", 0, "a process is called" },
		{ "renderer:0 -> gpu:1 submit_frame", 0, "a process is called" },
		{ "browser:1 -> gpu:1 submit_frame", 0, "a process is called" },
		{ "renderer:3 gpu:1 submit_frame", 11, "-> is expected" },
		{ "renderer:3 -> gpu:1", 19, "which message?" },
		{ "renderer:3 -> gpu:1 submit_fram", 20, "did you mean 'submit_frame'" },
		{ "renderer:3 -> gpu:1 submit_frame hlaf=1", 33, "did you mean 'half'" },
		{ "renderer:3 -> gpu:1 submit_frame half", 33, "half=VALUE is expected" },
		{ "renderer:3 -> gpu:1 submit_frame half=256", 38, "0 to 255" },
		{ "renderer:3 -> gpu:1 submit_frame half=-1", 38, "0 to 255" },
		{ "renderer:3 -> gpu:1 submit_frame columns=65536", 41, "0 to 65535" },
		{ "renderer:3 -> gpu:1 submit_frame page=4294967296", 38, "0 to 4294967295" },
		{ "browser -> renderer:1 press_key key=activte", 36, "did you mean 'activate'" },
		{ "browser -> renderer:1 press_key key=256", 36, "up to 255" },
		{ "renderer:1 -> browser open_link url=\"abc", 36, "has no other" },
		{ "renderer:1 -> browser open_link url=\"\\q\"", 37, "after \\ comes" },
		{ "renderer:1 -> browser open_link url=\"a\"*x", 39, "how often?" },
		{ "renderer:1 -> browser open_link url=\"a\"*9000", 39, "how often?" },
		{ "browser -> renderer:1 commit_navigation body=3", 45, "none, or empty" },
		{ "renderer:3 -> gpu:1 type=70000", 25, "there is no message" },
		{ "renderer:3 -> gpu:1 type=77 bytes=3", 34, "two hex digits" },
		{ "renderer:3 -> gpu:1 type=77 byte=3", 28, "bytes=03 00 ff is expected" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct compose_error error = { 0 };

		if (compose_parse(cases[i].text, &composed, &error))
			fail_msg("%s was read", cases[i].text);
		if (error.column != cases[i].column || !strstr(error.why, cases[i].why))
			fail_msg("%s: column %u: %s", cases[i].text, error.column, error.why);
	}
}

static void test_too_long_is_allowed(void **state)
{
	struct compose_error error;

	(void)state;
	assert_true(
		compose_parse("renderer:1 -> browser did_change_title title=\"ab\"*4000", &composed, &error));
	assert_int_equal(composed.bytes, 4 + 4 + 4 + 8000);
	assert_memory_equal(composed.fields + composed.bytes - 4, "abab", 4);
	assert_false(
		compose_parse("renderer:1 -> browser did_change_title title=\"ab\"*4096", &composed, &error));
}

static void test_edited(void **state)
{
	struct compose_error error;

	(void)state;
	assert_true(compose_parse("renderer:3 -> gpu:1 submit_frame page=3 half=1", &composed, &error));
	assert_true(compose_edit(&composed, "half=0 rows=9", &error));
	assert_string_equal(
		text_of(&composed),
		"renderer:3 -> gpu:1 submit_frame page=3 generation=0 half=0 bytes=0 rows=9 columns=0");
	assert_false(compose_edit(&composed, "rows=1 clumns=3", &error));
	assert_int_equal(error.column, 7);
	assert_non_null(strstr(text_of(&composed), "rows=9"));
	/* submit_frame has a field of that name. */
	assert_true(compose_edit(&composed, "bytes=7", &error));
	assert_non_null(strstr(text_of(&composed), "bytes=7"));
	assert_true(compose_parse("renderer:1 -> browser open_link page=1 url=a", &composed, &error));
	assert_true(compose_edit(&composed, "url=\"longer than before\"", &error));
	assert_non_null(strstr(text_of(&composed), "page=1 url=\"longer than before\""));
	assert_true(compose_edit(&composed, "bytes=01 02", &error));
	assert_string_equal(text_of(&composed), "renderer:1 -> browser type=open_link bytes=01 02");
	assert_false(compose_edit(&composed, "page=1", &error));
	assert_non_null(strstr(error.why, "edits them raw"));
}

static void test_sent_again(void **state)
{
	static const uint8_t fields[] = { 7, 0, 0, 0, 1, 0, 0, 0 };
	struct traffic_event e = { .kind = TRAFFIC_MESSAGE,
				   .type = IPC_DID_COMMIT,
				   .from = { ROLE_RENDERER, 3 },
				   .payload = fields,
				   .bytes = sizeof fields,
				   .payload_bytes = sizeof fields };

	(void)state;
	assert_true(compose_from(&e, &composed));
	assert_string_equal(text_of(&composed), "renderer:3 -> browser did_commit page=7 navigation=1");
	e.payload_bytes = 4;
	assert_false(compose_from(&e, &composed));
}

/* Any text is read or refused with a column within it, and what is read is written and read again. */
static void test_fuzz(void **state)
{
	static const char *const parts[] = {
		"renderer:1 ", "-> ",	"browser ", "gpu ", "submit_frame ",
		"open_link ",  "page=", "url=",	    "\"",   "\\x",
		"\\",	       "*",	"9",	    "3 ",   "type=",
		"bytes=",      "ff ",	"=",	    " ",    "half=1 ",
		"\xc3",	       "\x01",
	};

	(void)state;
	srandom(1);
	for (unsigned n = 0; n < 60000; n++) {
		char line[400] = "";
		struct compose_error error = { 0 };

		if (n % 2)
			strcpy(line, n % 4 == 1 ? "renderer:1 -> browser open_link "
						: "renderer:1 -> gpu submit_frame ");
		for (long i = random() % 9; i > 0; i--)
			strcat(line, parts[(size_t)random() % COUNT(parts)]);
		if (!compose_parse(line, &composed, &error)) {
			assert_true(error.column <= strlen(line));
			assert_true(error.why[0]);
			continue;
		}
		char *first = strdup(text_of(&composed));
		if (!compose_parse(first, &composed, &error))
			fail_msg("%s became %s: %s", line, first, error.why);
		assert_string_equal(text_of(&composed), first);
		free(first);
	}
}

/* What of a question children are told. */

static struct query *parse(const char *question)
{
	struct query_error error;
	struct query *q = query_parse(question, &error);

	if (!q)
		fail_msg("%s: %s", question, error.why);
	return q;
}

static void test_which_types_it_could_ask_for(void **state)
{
	static const struct {
		const char *question;
		bool frame, instance; /* submit_frame to the GPU process, create_instance to a plugin */
	} cases[] = {
		{ "kind=message", true, true },
		{ "name=submit_frame", true, false },
		{ "name~^create", false, true },
		{ "not name=submit_frame", false, true },
		{ "from=renderer:3", true, true },
		{ "from=gpu", false, false },
		{ "to=gpu", true, false },
		{ "not to=gpu", false, true },
		{ "to!=gpu", false, true },
		{ "name=submit_frame and from=gpu", false, false },
		{ "name=submit_frame or name=create_instance", true, true },
		{ "(name=submit_frame or bytes>5) and to=plugin", false, true },
		{ "status=lost", false, false },
		{ "status=held", true, true },
		{ "kind=input", false, false },
		{ "bytes>1k", true, true },
		{ "from=browser or to=browser", false, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct query *q = parse(cases[i].question);

		if (query_could_ask(q, IPC_SUBMIT_FRAME, ROLE_RENDERER, ROLE_GPU) != cases[i].frame ||
		    query_could_ask(q, IPC_CREATE_INSTANCE, ROLE_RENDERER, ROLE_PLUGIN) != cases[i].instance)
			fail_msg("%s", cases[i].question);
		query_free(q);
	}
}

static struct query_needs needs_of(const char *question, enum role to)
{
	static struct query *q;
	struct query_needs needs;

	query_free(q);
	q = parse(question);
	query_find_needs(q, ROLE_RENDERER, to, &needs);
	return needs;
}

static void test_what_is_necessary(void **state)
{
	struct query_needs n;

	(void)state;
	n = needs_of("name=submit_frame and bytes>10 and bytes<=1k", ROLE_GPU);
	assert_int_equal(n.least, 11);
	assert_int_equal(n.most, 1024);
	assert_string_equal(n.field, "");
	n = needs_of("name=submit_frame and not bytes<10", ROLE_GPU);
	assert_int_equal(n.least, 10);
	assert_int_equal(n.most, UINT32_MAX);
	n = needs_of("bytes<10 or name=submit_frame", ROLE_GPU);
	assert_int_equal(n.most, UINT32_MAX);
	n = needs_of("from=renderer:3 to=gpu:2 arg.half>=1", ROLE_GPU);
	assert_int_equal(n.from_serial, 3);
	assert_int_equal(n.to_serial, 2);
	assert_string_equal(n.field, "half");
	assert_int_equal(n.how, FIELD_TEST_AT_LEAST);
	assert_int_equal(n.number, 1);
	n = needs_of("from=renderer:3 or arg.half=1", ROLE_GPU);
	assert_int_equal(n.from_serial, 0);
	assert_string_equal(n.field, "");
	/* Where from=gpu cannot be, the other half must. */
	n = needs_of("from=gpu or arg.half=1", ROLE_GPU);
	assert_string_equal(n.field, "half");
	n = needs_of("tab=2 and name=submit_frame", ROLE_GPU);
	assert_string_equal(n.field, "page");
	assert_int_equal(n.how, FIELD_TEST_EQUAL);
	assert_int_equal(n.number, 2);
	n = needs_of("arg.type=\"application/x-clock\"", ROLE_PLUGIN);
	assert_string_equal(n.field, "type");
	assert_int_equal(n.how, FIELD_TEST_EQUAL);
	assert_int_equal(n.text.length, strlen("application/x-clock"));
}

/* A breakpoint that waits for ever would look as if nothing ever happened. */
static void test_what_is_never_held(void **state)
{
	static const struct {
		const char *question, *why; /* NULL: it could be */
		unsigned column;
	} cases[] = {
		{ "name=submit_frame", NULL, 0 },
		{ "name~^did_ and not name=did_commit", NULL, 0 },
		{ "kind=message", NULL, 0 },
		{ "not kind=input and bytes>3", NULL, 0 },
		{ "mark=by_hand", NULL, 0 },
		{ "submit", NULL, 0 },
		{ "name=submit_frme", "no message is called submit_frme; did you mean submit_frame?", 5 },
		{ "to=gpu or name=submit_frme",
		  "no message is called submit_frme; did you mean submit_frame?", 15 },
		{ "status=lost", "status is not known before a message is handled", 0 },
		{ "to=gpu and not latency>3ms", "latency is not known before a message is handled", 15 },
		{ "mark=edited", "mark is not known before a message is handled", 0 },
		{ "breakpoint=1", "breakpoint is not known before a message is handled", 0 },
		{ "name=ping", "pings are never held", 0 },
		{ "name=settle_held", "settle_held is never held", 0 },
		{ "kind=input", "only messages can be held", 0 },
		{ "kind!=message", "only messages can be held", 0 },
		{ "arg.bogus=3", "no message has an argument bogus", 0 },
		{ "name=submit_frame and arg.url~x", "no message can be like that", 0 },
		{ "from=renderer and to=renderer", "no message can be like that", 0 },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct query_error error = { 0 };
		struct query *q = query_parse(cases[i].question, &error);

		assert_non_null(q);
		if (query_could_hold(q, &error) != !cases[i].why)
			fail_msg("'%s': %s", cases[i].question, error.why);
		if (cases[i].why) {
			assert_string_equal(error.why, cases[i].why);
			assert_int_equal(error.column, cases[i].column);
		}
		query_free(q);
	}
}

/* They are hidden with the pings, until somebody asks for them. */
static void test_what_keeps_breakpoints_up(void **state)
{
	static const struct {
		const char *question;
		bool names;
	} cases[] = { { "name=ping", true },
		      { "place_breakpoint", true },
		      { "name=remove_breakpoint", true },
		      { "name~breakpoint", true },
		      { "name=submit_frame", false },
		      { "to=gpu", false } };
	struct traffic_event e = { .kind = TRAFFIC_MESSAGE, .type = IPC_DID_HOLD };

	(void)state;
	assert_true(traffic_is_upkeep(&e));
	e.type = IPC_SUBMIT_FRAME;
	assert_false(traffic_is_upkeep(&e));
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct query_error error;
		struct query *q = query_parse(cases[i].question, &error);

		assert_int_equal(query_names_pings(q), cases[i].names);
		query_free(q);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read_and_written_again),
		cmocka_unit_test(test_what_is_wrong_and_where),
		cmocka_unit_test(test_too_long_is_allowed),
		cmocka_unit_test(test_edited),
		cmocka_unit_test(test_sent_again),
		cmocka_unit_test(test_fuzz),
		cmocka_unit_test(test_which_types_it_could_ask_for),
		cmocka_unit_test(test_what_is_never_held),
		cmocka_unit_test(test_what_keeps_breakpoints_up),
		cmocka_unit_test(test_what_is_necessary),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
