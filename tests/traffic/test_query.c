/* The query language: what a question matches, live and in a log; what is wrong with one; what it proposes.
 */
#include "browser/traffic/query/id_set.h"
#include "tests/traffic/query_events.h"

/* Letters of the events that match, in their order; see query_events.c. */
struct good_case {
	const char *text, *matches;
};

static const struct good_case good_cases[] = {
	{ "", "CTPSRXKBDE" },
	{ "   \t ", "CTPSRXKBDE" },

	{ "from=renderer:3", "TSX" },
	{ "from=renderer", "TSRX" },
	{ "from=renderer:1", "" },
	{ "from = browser", "CPKE" },
	{ "from==browser", "CPKE" },
	{ "FROM=browser", "CPKE" },
	{ "from!=browser", "TSRXB" },
	{ "not from=browser", "TSRXBD" },
	{ "from=renderer:*", "TSRX" },
	{ "from=*:1?", "R" },
	{ "from~:1", "RB" },
	{ "from!~:1", "CTPSXKE" },
	{ "from=\"renderer\"", "TSRX" },
	{ "from=\"worker:1\"", "" },
	{ "to=gpu", "PS" },
	{ "to=gpu:1", "PS" },
	{ "to!=gpu", "CTRE" },
	{ "process=renderer:3", "CTSXE" },
	{ "process!=renderer:3", "PRKB" },
	{ "process~^gpu", "PS" },
	{ "process!~^gpu", "CTRXKBE" },

	{ "name=did_change_title", "T" },
	{ "name=did_chnage_title", "" },
	{ "name=did_*", "T" },
	{ "name=\"did_*\"", "" },
	{ "name=???", "K" },
	{ "name=??y", "K" },
	{ "name!=*n*", "SXKBD" },
	{ "name~^did_", "T" },
	{ "name~Did", "" },
	{ "name~(^end|_n)", "CE" },
	{ "name~^p[io]ng$", "P" },
	{ "name!~[a-m]", "" },
	{ "name=unknown_4711", "R" },
	{ "name~4711", "R" },
	{ "name=exit", "X" },
	{ "name=blast or name=dropped", "BD" },

	{ "kind=message", "CTPSRE" },
	{ "kind!=message", "XKBD" },
	{ "kind=process", "X" },
	{ "kind=input", "K" },
	{ "kind=blast", "B" },
	{ "kind=dropped", "D" },
	{ "kind=*p*", "XKD" },
	{ "kind~^m|^i", "CTPSRKE" },

	{ "tab=2", "CTE" },
	{ "tab!=2", "S" },
	{ "tab>2", "S" },
	{ "tab<=0x2", "CTE" },

	{ "status=lost", "S" },
	{ "status=delivered", "CTE" },
	{ "status!=delivered", "PSR" },
	{ "not status=delivered", "PSRXKBD" },
	{ "status=in*", "P" },
	{ "status~^(lost|ref)", "SR" },
	{ "where=toxic", "S" },
	{ "where!=toxic", "" },
	{ "where=channel", "" },
	{ "reason=unknown_type", "R" },
	{ "reason!=too_short", "R" },
	{ "reason~unk", "R" },
	{ "mark=edited", "E" },
	{ "mark=by_hand", "E" },
	{ "mark=duplicated", "" },
	{ "mark!=duplicated", "E" },
	{ "mark~hand", "E" },

	{ "id=browser/1042", "C" },
	{ "id!=browser/1042", "TPSRKE" },
	{ "id=renderer:3/*", "TS" },
	{ "id~^renderer", "TSR" },
	{ "id=\"worker:1/4\"", "" },
	{ "cause=browser/1042", "TX" },
	{ "cause~.", "CTX" },
	{ "chain=browser/1042", "CTXK" },
	{ "chain!=browser/1042", "PSRE" },
	{ "chain=gpu:1/5", "" },

	{ "bytes>1k", "" },
	{ "bytes=8", "PR" },
	{ "bytes>=8 and bytes<=20", "PSRE" },
	{ "bytes<0.5K", "CTPSRE" },
	{ "bytes<0", "" },
	{ "bytes>=0", "CTPSRE" },
	{ "fds=1", "C" },
	{ "fds!=1", "TPSRE" },

	{ "queued>1s", "E" },
	{ "queued=3.1us", "C" },
	{ "queued=3100ns", "C" },
	{ "queued>3100ns", "TE" },
	{ "queued>=20\xc2\xb5s", "TE" },
	{ "queued>=2000ms", "E" },
	{ "latency<1ms", "T" },
	{ "latency>5ms", "CE" },
	{ "latency=5003.1us", "C" },
	{ "handled>5ms", "" },
	{ "handled=5ms", "C" },
	{ "handled<1us", "E" },
	{ "handled>0", "CE" },
	{ "time>3", "SRXKBDE" },
	{ "time<2.5", "CT" },
	{ "time=2000ms", "T" },
	{ "time>=0x2s time<4s", "TP" },

	{ "toxic=drop", "S" },
	{ "toxic=2", "S" },
	{ "toxic=\"drop 2\"", "S" },
	{ "toxic=cut", "" },
	{ "toxic!=cut", "S" },
	{ "toxic~^dr", "S" },
	{ "held>100ms", "S" },
	{ "held<1s", "SE" },
	{ "held<=1.5ms", "E" },
	{ "breakpoint=1", "" },
	{ "breakpoint=3", "E" },
	{ "breakpoint>0", "E" },

	{ "arg.url~example", "C" },
	{ "arg.url~^https://[a-z.]+/", "C" },
	{ "arg.url=https://example.com/a?b=1&c=2", "C" },
	{ "arg.url=https://*", "C" },
	{ "arg.url!=http:*", "C" },
	{ "arg.page=2", "CTE" },
	{ "arg.page!=2", "S" },
	{ "arg.page>=2", "CTSE" },
	{ "arg.page~^[24]$", "CTSE" },
	{ "arg.bytes=4k", "S" },
	{ "arg.bytes=4096", "S" },
	{ "arg.bytes=\"4k\"", "" },
	{ "arg.nonce=18446744073709551615", "P" },
	{ "arg.nonce>=18446744073709551615", "P" },
	{ "arg.nonce=18446744073709551614", "" },
	{ "arg.total=0x1000000000000000", "E" },
	{ "arg.total~^11529", "E" },
	{ "arg.how=reset", "E" },
	{ "arg.how!=reset", "" },
	{ "arg.how>1", "" },
	{ "arg.body=fd", "C" },
	{ "arg.title~\"x\" ", "T" },
	{ "arg.title=Caf?*", "T" },
	{ "arg.title~\"^Caf.* .x. [\\] .\\[31m\"", "T" },
	{ "arg.title~42$", "T" },
	{ "arg.pid=4711", "X" },
	{ "arg.status=crashed", "X" },
	{ "arg.signal=SIG*", "X" },
	{ "arg.code=-1", "X" },
	{ "arg.code<0", "X" },
	{ "arg.code>-2", "X" },
	{ "arg.after=1.5", "X" },
	{ "arg.after>1", "X" },
	{ "arg.after<2", "X" },
	{ "arg.value=F8", "K" },
	{ "arg.ok=true", "B" },
	{ "arg.ok=1", "B" },
	{ "arg.dead~plugin", "B" },
	{ "arg.lived~count", "B" },
	{ "arg.count=3", "" },
	{ "arg.nothing=1", "" },
	{ "arg.nothing!=1", "" },

	{ "EXAMPLE", "C" },
	{ "renderer:3", "CTSXE" },
	{ "\"drop 2\"", "S" },
	{ "lost", "S" },
	{ "unknown_type", "R" },
	{ "\"page=2\"", "CTE" },
	{ "\"page\"", "CTSE" },
	{ "\"url=https\"", "C" },
	{ "18446744073709551615", "P" },
	{ "4711", "RX" },
	{ "caf\xc3\xa9", "T" },
	{ "\"\\\"X\\\" \\\\\"", "T" },
	{ "sigsegv", "X" },
	{ "f8", "K" },
	{ "1042", "C" },
	{ "text=f8", "K" },
	{ "text!=e", "" },
	{ "text~^value=F", "K" },
	{ "text~SIGSEGV", "X" },
	{ "text~sigsegv", "" },
	{ "commit reset", "" },
	{ "commit or reset", "CE" },

	{ "from=renderer:3 and name~^did_ and bytes>1", "T" },
	{ "from=renderer:3 name~^did_", "T" },
	{ "from=renderer:3 && name~^did_||kind=input", "TK" },
	{ "kind=input or from=renderer:3 name~^did_", "TK" },
	{ "(kind=input or from=renderer:3) name~[ei]", "TSXK" },
	{ "not (status=lost or queued>5us)", "CPRXKBD" },
	{ "not (from=browser and to=renderer)", "TPSRXKBD" },
	{ "not not from=browser", "CPKE" },
	{ "!from=browser !kind=dropped", "TSRXB" },
	{ "! (from=browser || kind=dropped)", "TSRXB" },
	{ "not from=browser and kind=message", "TSR" },
	{ "NOT from=browser AND kind=message OR name=key", "TSRK" },
	{ "((((tab=2))))", "CTE" },
	{ "(tab=2)(to=browser)", "T" },
	{ "name~(did|end)_(c|b)", "TE" },
	{ "(name~(did|end)_(c|b))", "TE" },
	{ "name~\\(", "" },
	{ "arg.url~a\\?b=1&c", "C" },
};

static unsigned wrong;

static bool is_in(const char *letters, char letter)
{
	return strchr(letters, letter);
}

/* What belongs to the chain of browser/1042: that, the key that caused it, and what came of it. */
static void give_chains(struct query *q, struct id_set *set)
{
	uint64_t ids[QUERY_CHAINS];

	id_set_init(set, 16);
	id_set_add(set, ipc_make_id(ROLE_BROWSER, 0, 881));
	id_set_add(set, ipc_make_id(ROLE_BROWSER, 0, 1042));
	id_set_add(set, ipc_make_id(ROLE_RENDERER, 3, 7));
	for (unsigned i = 0; i < query_chains(q, ids); i++)
		if (ids[i] == ipc_make_id(ROLE_BROWSER, 0, 1042))
			query_set_chain(q, i, set);
}

static struct query *parse(const char *text)
{
	struct query_error error;
	struct query *q = query_parse(text, &error);

	if (!q)
		fail_msg("'%s': %u+%u: %s", text, error.column, error.length, error.why);
	query_set_start(q, QUERY_START_US);
	return q;
}

static void check_event(const struct good_case *c, const struct traffic_event *e, char letter,
			const char *how)
{
	struct id_set set;
	struct query *q = parse(c->text);

	give_chains(q, &set);
	if (query_match(q, e) != is_in(c->matches, letter)) {
		print_error("'%s' %s the %s event %c\n", c->text,
			    is_in(c->matches, letter) ? "misses" : "matches", how, letter);
		wrong++;
	}
	query_free(q);
	id_set_finish(&set);
}

static void test_good(void **state)
{
	struct log_reader *reader;
	struct traffic_event read;

	(void)state;
	query_events_make();
	reader = query_events_read();
	assert_int_equal(log_reader_next(reader, &read), LOG_LINE_SESSION);
	for (unsigned i = 0; i < query_event_count; i++) {
		assert_int_equal(log_reader_next(reader, &read), LOG_LINE_EVENT);
		for (size_t k = 0; k < sizeof good_cases / sizeof *good_cases; k++) {
			check_event(&good_cases[k], &query_events[i].live, query_events[i].letter, "live");
			check_event(&good_cases[k], &read, query_events[i].letter, "logged");
		}
	}
	log_reader_close(reader);
	assert_int_equal(wrong, 0);
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
	{ "status=gone", 7, 4, "'gone' is none of the words for it" },
	{ "status=x*", 7, 2, "none of the words" },
	{ "status~^x", 7, 2, "none of the words" },
	{ "kind=massage", 5, 7, "did you mean 'message'?" },
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
	{ "latency>5MS", 8, 3, "'5MS' has an unknown unit" },
	{ "arg.page>x", 9, 1, "'x' is no number" },
	{ "arg.page<\"1\"", 9, 3, "is no number" },
	{ "id=1042", 3, 4, "'1042' is no id: write browser/881 or renderer:3/1042" },
	{ "cause=browser/x", 6, 9, "is no id" },
	{ "chain=browser", 6, 7, "is no id" },
	{ "chain=worker:1/5", 6, 10, "is no id" },
	{ "chain=renderer/5", 6, 10, "is no id" },

	{ "name~[a", 5, 2, "the closing ] is missing" },
	{ "name~(a", 5, 2, "no regular expression: " },
	{ "name~(a)\\1", 5, 5, "back-references are not allowed here" },
	{ "name~((a{99}){99}){99}", 5, 17, "too many repetitions" },
	{ "name~a{40}b{40}", 5, 10, "too many repetitions" },
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

static void test_id_set(void **state)
{
	struct id_set set;

	(void)state;
	id_set_init(&set, 1000);
	assert_false(id_set_has(&set, 5));
	assert_false(id_set_add(&set, 0));
	for (uint64_t i = 1; i <= 1000; i++)
		assert_true(id_set_add(&set, ipc_make_id(i % ROLE_COUNT, (uint32_t)(i % 7), i)));
	assert_false(id_set_add(&set, ipc_make_id(1, 1, 1)));
	assert_false(set.full);
	assert_false(id_set_add(&set, 12345678));
	assert_true(set.full);
	for (uint64_t i = 1; i <= 1000; i++)
		assert_true(id_set_has(&set, ipc_make_id(i % ROLE_COUNT, (uint32_t)(i % 7), i)));
	assert_false(id_set_has(&set, 12345678));
	assert_false(id_set_has(&set, 0));
	assert_int_equal(set.count, 1000);
	id_set_finish(&set);
}

/* What a reader may spare itself, or must show. */
static void test_needs(void **state)
{
	static const struct {
		const char *text;
		bool args, pings;
	} cases[] = {
		{ "", false, false },
		{ "from=gpu name=did_* bytes>1k", false, false },
		{ "status=lost or latency>1ms", false, false },
		{ "tab=1", true, false },
		{ "name=x or arg.url~x", true, false },
		{ "hello", true, false },
		{ "name=ping", false, true },
		{ "name=p?ng", false, true },
		{ "name~^p[io]ng$", false, true },
		{ "from=gpu and (status=lost or name=pong)", false, true },
		{ "name~p", false, false },
		{ "name=*", false, false },
		{ "name!=ping", false, false },
		{ "not name=ping", false, false },
		{ "not not name=ping", false, true },
		{ "not (tab=1 or name=ping)", true, false },
		{ "ping", true, true },
		{ "pin", true, false },
		{ "\"Pong\"", true, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct query *q = parse(cases[i].text);

		if (query_reads_args(q) != cases[i].args || query_names_pings(q) != cases[i].pings)
			fail_msg("'%s'", cases[i].text);
		query_free(q);
	}
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
		cmocka_unit_test(test_good),	 cmocka_unit_test(test_bad),
		cmocka_unit_test(test_bounds),	 cmocka_unit_test(test_chains),
		cmocka_unit_test(test_id_set),	 cmocka_unit_test(test_needs),
		cmocka_unit_test(test_complete), cmocka_unit_test(test_complete_within),
		cmocka_unit_test(test_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
