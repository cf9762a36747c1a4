/* The text of a question: what is wrong with it, its bounds, and what could stand at its end. */
#include "browser/traffic/query/query.h"
#include "tests/traffic/fixture.h"

static unsigned wrong;

static struct query *parse(const char *text)
{
	struct query_error error;
	struct query *q = query_parse(text, &error);

	if (!q)
		fail_msg("'%s': %u+%u: %s", text, error.column, error.length, error.why);
	return q;
}

/* Where it is wrong, in bytes, and words of why. */
static const struct bad_case {
	const char *text;
	unsigned column, length;
	const char *why;
} bad_cases[] = {
	{ "form=gpu", 0, 4, "there is no field 'form'; did you mean 'from'?" },
	{ "tab=2 and stauts=lost", 10, 6, "did you mean 'status'?" },
	{ "url~example", 0, 3, "did you mean 'arg.url'?" },
	{ "xyzzy=1", 0, 5, "there is no field 'xyzzy'" },
	{ "\"from\"=gpu", 0, 6, "the name of a field is not quoted" },
	{ "arg.=1", 0, 4, "the name of the argument is missing" },
	{ "name=", 4, 1, "a value is missing behind it" },
	{ "(name= )", 5, 1, "a value is missing behind it" },
	{ "name= && tab=1", 4, 1, "a value is missing behind it" },
	{ "tab=2 and", 6, 3, "something to ask is missing behind 'and'" },
	{ "tab=2 or", 6, 2, "something to ask is missing behind 'or'" },
	{ "tab=2 and and tab=3", 6, 3, "something to ask is missing behind 'and'" },
	{ "not", 0, 3, "something to ask is missing behind 'not'" },
	{ "tab=2 !", 6, 1, "something to ask is missing behind '!'" },
	{ "and tab=2", 0, 3, "something to ask is missing before 'and'" },
	{ "()", 0, 1, "something to ask is missing behind '('" },
	{ "(tab=2", 0, 1, "its ) is missing" },
	{ "tab=2 (name=x or (tab=3)", 6, 1, "its ) is missing" },
	{ "tab=2)", 5, 1, "there is no ( for it" },
	{ ")", 0, 1, "there is no ( for it" },
	{ "=3", 0, 1, "a field is missing before it" },
	{ "tab=2 =3", 6, 1, "a field is missing before it" },
	{ "tab=2 & name=x", 6, 1, "write && or and" },
	{ "a | b", 2, 1, "write || or or" },
	{ "text=\"abc", 5, 4, "the closing \" is missing" },
	{ "tab=2 \"abc\\\"", 6, 6, "the closing \" is missing" },

	{ "status=dleivered", 7, 9, "did you mean 'delivered'?" },
	{ "status=gone", 7, 4,
	  "status is never that; it is one of delivered, refused, lost, unknown, in_flight, held" },
	{ "status=x*", 7, 2, "status is never that" },
	{ "status~^x", 7, 2, "status is never that" },
	{ "reason=xyzzy", 7, 5, "reason is never that" },
	{ "kind=massage", 5, 7, "kind is never 'massage'; did you mean 'message'?" },
	{ "where=chanel", 6, 6, "did you mean 'channel'?" },
	{ "reason=to_short", 7, 8, "did you mean 'too_short'?" },
	{ "mark=editde", 5, 6, "did you mean 'edited'?" },
	{ "status>lost", 6, 1, "status is a word: ask with = != ~ or !~" },
	{ "name<x", 4, 1, "name is a text: ask with = != ~ or !~" },
	{ "bytes~1", 5, 1, "bytes is a number: ask with = != < <= > or >=" },
	{ "chain~browser", 5, 1, "chain takes one id: ask with = or !=" },
	{ "from=rendrer:3", 5, 9, "there is no role 'rendrer'; did you mean 'renderer'?" },
	{ "to=nobody", 3, 6, "there is no role 'nobody'" },
	{ "to=renderer:", 3, 9, "is no process" },
	{ "to=renderer:x", 3, 10, "is no process" },
	{ "to=gpu:99999999999", 3, 15, "is no process" },
	{ "to=browser:1", 3, 9, "is no process" },

	{ "tab=x", 4, 1, "'x' is no number" },
	{ "tab=2k", 4, 2, "'2k' is no whole number" },
	{ "tab=1.5", 4, 3, "'1.5' is no whole number" },
	{ "tab=-1", 4, 2, "'-1' is no number" },
	{ "tab=0x", 4, 2, "is no number" },
	{ "tab=99999999999999999999999", 4, 23, "is too large" },
	{ "bytes>1q", 6, 2, "'1q' has an unknown unit" },
	{ "bytes>99999999999G", 6, 12, "is too large" },
	{ "latency>5", 8, 1, "a time has a unit" },
	{ "latency>999999999999999999999", 8, 21, "is too large" },
	{ "latency>5MS", 8, 3, "'5MS' has an unknown unit" },
	{ "arg.page>x", 9, 1, "'x' is no number" },
	{ "arg.page<\"1\"", 9, 3, "is no number" },
	{ "id=1042", 3, 4, "'1042' is no id: write browser/881 or renderer:3/1042" },
	{ "cause=browser/x", 6, 9, "is no id" },
	{ "chain=browser", 6, 7, "is no id" },
	{ "chain=worker:1/5", 6, 10, "is no id" },
	{ "chain=renderer/5", 6, 10, "is no id" },

	{ "name~[a", 5, 2, "the closing ] is missing" },
	{ "name~[[:alpha]", 5, 9, "the closing :] is missing" },
	{ "name~[[:letter:]]", 5, 12, "there is no such class of characters" },
	{ "name~[[.a.]]", 5, 7, "[. and [= are not possible here" },
	{ "name~[b-a]", 5, 5, "the range ends before it begins" },
	{ "name~(a", 5, 2, "the closing ) is missing" },
	{ "name~\"a)\"", 5, 4, "there is no ( for its )" },
	{ "name~*", 5, 1, "there is nothing to repeat" },
	{ "name~a|{2}", 5, 5, "there is nothing to repeat" },
	{ "name~a+*", 5, 3, "one repetition behind the other: use ( )" },
	{ "name~a{3,2}", 5, 6, "what is in { } is no count" },
	{ "name~a{3;}", 5, 5, "what is in { } is no count" },
	{ "name~(a)\\1", 5, 5, "back-references are not possible here" },
	{ "name~\\bx", 5, 3, "behind a \\ only signs and w, s, d are possible" },
	{ "name~a\\", 5, 2, "nothing is behind the \\" },
	{ "name~((a{99}){99}){99}", 5, 17, "the expression is too long, or repeats too much" },
	{ "name~a{257}", 5, 6, "the expression is too long, or repeats too much" },
	{ "a \x1b b", 2, 1, "this is no character" },
	{ "a\nb", 1, 1, "this is no character" },
	{ "abc\xff", 3, 1, "this is no character" },
	{ "\xe2\x80\xae", 0, 3, "this is no character" },
};

static void check_error(const char *text, unsigned column, unsigned length, const char *why)
{
	struct query_error error = { 0 };
	struct query *q = query_parse(text, &error);

	if (!q && error.column == column && error.length == length && strstr(error.why, why))
		return;
	print_error("'%s': %s %u+%u '%s', not %u+%u '%s'\n", text, q ? "accepted" : "wrong at", error.column,
		    error.length, error.why, column, length, why);
	query_free(q);
	wrong++;
}

static void test_bad(void **state)
{
	(void)state;
	wrong = 0;
	for (size_t i = 0; i < sizeof bad_cases / sizeof *bad_cases; i++)
		check_error(bad_cases[i].text, bad_cases[i].column, bad_cases[i].length, bad_cases[i].why);
	assert_int_equal(wrong, 0);
}

static char long_text[4 * QUERY_TEXT];

/* `unit` so many times, then `end`. */
static const char *repeat(const char *unit, unsigned times, const char *end)
{
	struct format out = format_into(long_text, sizeof long_text);

	while (times--)
		format_text(&out, unit);
	format_text(&out, end);
	assert_false(out.full);
	return long_text;
}

static void test_bounds(void **state)
{
	char *close;

	(void)state;
	wrong = 0;
	query_free(parse(repeat("not ", 200, "x")));
	close = strcpy((char[64]){ "" }, repeat(")", 32, ""));
	query_free(parse(strcat((char *)repeat("(", 32, "x"), close)));
	check_error(repeat("(", 33, "x"), 32, 1, "more than 32 (");
	query_free(parse(repeat("a ", 128, "")));
	query_free(parse(repeat("(a or b) ", 64, "")));
	check_error(repeat("a ", 129, ""), 256, 1, "no more than 128 comparisons");
	query_free(parse(repeat("a", 1023, "")));
	check_error(repeat("a", 1024, ""), 1023, 1, "longer than 1023 bytes");
	check_error(strcat(strcpy((char[512]){ "" }, "name~"), repeat("b*", 129, "")), 5, 258, "is too long");
	assert_int_equal(wrong, 0);
}

static void test_chains(void **state)
{
	uint64_t ids[QUERY_CHAINS];
	struct query *q = parse("chain=browser/1 or chain=gpu:2/7 or not chain=browser/1");

	(void)state;
	wrong = 0;
	assert_int_equal(query_chains(q, ids), 2);
	assert_int_equal(ids[0], ipc_make_id(ROLE_BROWSER, 0, 1));
	assert_int_equal(ids[1], ipc_make_id(ROLE_GPU, 2, 7));
	query_free(q);
	q = parse("tab=1");
	assert_int_equal(query_chains(q, ids), 0);
	query_free(q);
	check_error("chain=gpu:1/1 chain=gpu:1/2 chain=gpu:1/3 chain=gpu:1/4 chain=gpu:1/5 chain=gpu:1/6 "
		    "chain=gpu:1/7 chain=gpu:1/8 chain=gpu:1/9",
		    118, 7, "no more than 8 chains");
	assert_int_equal(wrong, 0);
}

/* Where the word begins, the first candidates, and one that must not be there. */
static const struct {
	const char *text;
	unsigned start;
	const char *first, *other;
} completions[] = {
	{ "", 0, "from= to= name~ process= tab= status=", "and" },
	{ "fr", 0, "from=", NULL },
	{ "from", 0, "from= from!= from~ from!~", "from>" },
	{ "bytes", 0, "bytes= bytes!= bytes> bytes<", "bytes~" },
	{ "lat", 0, "latency>", NULL },
	{ "tab=2 ", 6, "and or from=", NULL },
	{ "tab=2 and ", 10, "from= to=", "or" },
	{ "tab=2 an", 6, "and", NULL },
	{ "tab=2 (", 7, "from= to=", "and" },
	{ "not ", 4, "from= to=", "and" },
	{ "!st", 1, "status=", NULL },
	{ "(status=lo", 8, "lost", NULL },
	{ "status=", 7, "delivered refused lost unknown in_flight held", NULL },
	{ "status = ", 9, "delivered refused", NULL },
	{ "status=xyz", 7, "", NULL },
	{ "status=dleivered", 7, "delivered", NULL },
	{ "where=", 6, "sender channel receiver toxic breakpoint", NULL },
	{ "kind=p", 5, "process", NULL },
	{ "mark=", 5, "by_hand edited duplicated", NULL },
	{ "reason=too", 7, "too_short too_long", NULL },
	{ "to=", 3, "browser renderer gpu plugin", NULL },
	{ "process=ren", 8, "renderer", NULL },
	{ "name=did_comm", 5, "did_commit", NULL },
	{ "name=did_comit", 5, "did_commit", NULL },
	{ "name=navig", 5, "commit_navigation", NULL },
	{ "name=exi", 5, "exit", NULL },
	{ "did_comm", 0, "name=did_commit", NULL },
	{ "lost", 0, "status=lost", NULL },
	{ "arg.u", 0, "arg.url", NULL },
	{ "arg.url", 0, "arg.url= arg.url!= arg.url~", NULL },
	{ "arg.ulr", 0, "arg.url", NULL },
	{ "name=end_body arg.", 14, "arg.page arg.navigation arg.how arg.total", NULL },
	{ "name=end_body and arg.how=", 26, "complete reset stopped", NULL },
	{ "arg.how=re", 8, "reset", "ready" },
	{ "latency>5", 8, "5ns 5us 5ms 5s", NULL },
	{ "latency>1.5m", 8, "1.5ms", NULL },
	{ "toxic=dr", 6, "drop", NULL },
	{ "\"abc", 0, "", NULL },
	{ "text=\"abc", 0, "", NULL },
	{ "nosuch=", 7, "", NULL },
	{ "tab=2)", 5, "", NULL },
	{ "form", 0, "from=", NULL },
};

static void test_complete(void **state)
{
	struct query_completion c;

	(void)state;
	wrong = 0;
	for (size_t i = 0; i < sizeof completions / sizeof *completions; i++) {
		char all[2048];
		struct format out = format_into(all, sizeof all);
		bool other = false;

		query_complete(completions[i].text, (unsigned)strlen(completions[i].text), &c);
		for (unsigned k = 0; k < c.count; k++) {
			format_printf(&out, "%s%s", k ? " " : "", c.items[k].text);
			other |= completions[i].other && !strcmp(c.items[k].text, completions[i].other);
			assert_true(c.items[k].about && c.items[k].about[0]);
		}
		if (strncmp(all, completions[i].first, strlen(completions[i].first)) == 0 && !other &&
		    (completions[i].first[0] ? c.start == completions[i].start : !c.count))
			continue;
		print_error("'%s': %u '%s', not %u '%s'\n", completions[i].text, c.start, all,
			    completions[i].start, completions[i].first);
		wrong++;
	}
	assert_int_equal(wrong, 0);
}

/* Within a longer text only what stands before the cursor counts. */
static void test_complete_within(void **state)
{
	struct query_completion c;

	(void)state;
	query_complete("status=lo and tab=2", 9, &c);
	assert_int_equal(c.start, 7);
	assert_string_equal(c.items[0].text, "lost");
}

/* What lives is offered behind the words that always are. */
static void test_complete_living(void **state)
{
	struct query_living living = { .processes = { { "renderer:7", "ready" } },
				       .tabs = { { "12", "A title" } },
				       .process_count = 1,
				       .tab_count = 1 };
	struct query_completion c;

	(void)state;
	query_complete_living("from=ren", 8, &living, &c);
	assert_int_equal(c.count, 2);
	assert_string_equal(c.items[0].text, "renderer");
	assert_string_equal(c.items[1].text, "renderer:7");
	query_complete_living("tab=", 4, &living, &c);
	assert_int_equal(c.count, 1);
	assert_string_equal(c.items[0].text, "12");
	assert_string_equal(c.items[0].about, "A title");
	query_complete_living("did_present", 11, &living, &c);
	assert_int_equal(c.count, 1);
	assert_string_equal(c.items[0].text, "name=did_present");
}

static const struct {
	const char *text, *value, *left; /* left NULL: as it is */
} withouts[] = {
	{ "", NULL, NULL },
	{ "name=a", NULL, "" },
	{ "name=a and from=gpu", NULL, "from=gpu" },
	{ "not name=a from=gpu !name~b", NULL, "from=gpu" },
	{ "NAME != a && tab=2", NULL, "tab=2" },
	{ "(name=a) and name=b", NULL, "(name=a)" },
	{ "(name=a or tab=1) and not name=\"b c\"", NULL, "(name=a or tab=1)" },
	{ "arg.url=(name=a) and name=b and x", NULL, "arg.url=(name=a) and x" },
	{ "name=a or tab=1", NULL, NULL },
	{ "name=a and tab=1 or tab=2", NULL, NULL },
	{ "name=a and (tab=1", NULL, NULL },
	{ "name=a and \"open", NULL, NULL },
	{ "name=", NULL, NULL },
	{ "tab=1 and names", NULL, NULL },
	{ "name=a and name=b and not name=a", "a", "name=b" },
	{ "name~a and name!=a", "a", NULL },
	{ "name=\"a\" tab=1", "a", "tab=1" },
};

static void test_without(void **state)
{
	char out[QUERY_TEXT], dense[QUERY_TEXT] = "name=a ";

	(void)state;
	for (size_t i = 0; i < sizeof withouts / sizeof *withouts; i++) {
		const char *left = withouts[i].left;
		assert_int_equal(query_without(withouts[i].text, "name", withouts[i].value, out),
				 left != NULL);
		assert_string_equal(out, left ? left : withouts[i].text);
	}
	/* With " and " between all of these it would be too long. */
	while (strlen(dense) < QUERY_TEXT - 4)
		strcat(dense, "a\"\"");
	assert_false(query_without(dense, "name", NULL, out));
	assert_string_equal(out, dense);
}

/* The examples of the fields are questions themselves. */
static void test_fields(void **state)
{
	(void)state;
	for (unsigned i = 0; i < query_field_count; i++) {
		query_free(parse(query_field_infos[i].example));
		assert_true(query_field_infos[i].about[0]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_chains),
		cmocka_unit_test(test_complete),
		cmocka_unit_test(test_complete_within),
		cmocka_unit_test(test_complete_living),
		cmocka_unit_test(test_without),
		cmocka_unit_test(test_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
