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
	{ "status=\"stalled\"", "" },
	{ "status!=\"stalled\"", "CTPSRE" },
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

/* How many ids at most stand one behind another: so far a search may go. */
static size_t longest_run(const struct id_set *set)
{
	size_t longest = 0, run = 0;

	for (size_t i = 0; i < set->capacity; i++) {
		run = set->slots[i] ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	return longest;
}

/* Ids that are chosen to fall into one place, under the multiplication that everybody uses or in a row. */
static void test_chosen_ids(void **state)
{
	uint64_t factor = UINT64_C(0x9e3779b97f4a7c15), inverse = 1;
	const uint64_t steps[] = { 1, UINT64_C(1) << 20, UINT64_C(1) << 40 };
	struct id_set set;

	(void)state;
	for (unsigned i = 0; i < 6; i++)
		inverse *= 2 - factor * inverse;
	assert_int_equal(factor * inverse, 1);
	for (unsigned i = 0; i < 6; i++) {
		id_set_init(&set, 20000);
		for (uint64_t n = 1; n <= 20000; n++)
			assert_true(id_set_add(&set, n * steps[i / 2] * (i % 2 ? inverse : 1)));
		assert_true(longest_run(&set) < 500);
		id_set_finish(&set);
	}
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_id_set),
		cmocka_unit_test(test_chosen_ids),
		cmocka_unit_test(test_needs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
