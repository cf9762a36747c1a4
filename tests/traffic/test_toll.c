/* What a death cost in messages and requests, over real channels; and a blast's two lines in the log. */
#include "browser/traffic/collect/toll.h"
#include "tests/traffic/fixture.h"
#include <string.h>

static struct ship s;

static int build(void **state)
{
	(void)state;
	ship_build(&s, 0, NULL, true);
	return 0;
}

static int sink(void **state)
{
	(void)state;
	ship_sink(&s);
	return 0;
}

static struct toll toll_of(int who)
{
	struct toll t;

	collector_drain(s.collector, 0);
	collector_toll(s.collector, s.nodes[who].us, &t);
	return t;
}

static void test_who_lost_what(void **state)
{
	struct toll t;

	(void)state;
	ipc_send_did_commit(s.nodes[RENDERER].to[BROWSER], 1, 1);
	ship_settle(&s);
	/* Two to it that nobody reads, one of it that never left. */
	ipc_send_click(s.nodes[BROWSER].to[RENDERER], 1, 2, 3);
	ipc_send_click(s.nodes[BROWSER].to[RENDERER], 1, 2, 3);
	channel_flush(s.nodes[BROWSER].to[RENDERER]);
	ipc_send_did_commit(s.nodes[RENDERER].to[BROWSER], 1, 2);
	ship_kill(&s, RENDERER);
	t = toll_of(RENDERER);
	assert_int_equal(t.lost_by, 1);
	assert_int_equal(t.lost_to, 2);
	assert_int_equal(t.undecided, 0);
	assert_int_equal(t.requests, 0);
	/* Nobody else's loss. */
	t = toll_of(GPU);
	assert_int_equal(t.lost_by + t.lost_to, 0);
}

/* What a living process may still read is not lost yet. */
static void test_undecided(void **state)
{
	struct toll t;

	(void)state;
	ipc_send_submit_frame(s.nodes[RENDERER].to[GPU], 1, 1, 0, 8, 1, 1);
	channel_flush(s.nodes[RENDERER].to[GPU]);
	ship_kill(&s, RENDERER);
	t = toll_of(RENDERER);
	assert_int_equal(t.undecided, 1);
	assert_int_equal(t.lost_by, 0);
	ship_close(&s, GPU, RENDERER);
	t = toll_of(RENDERER);
	assert_int_equal(t.undecided, 0);
	assert_int_equal(t.lost_by, 1);
}

/* What was lost between two that died is the loss of the first. */
static void test_two_deaths(void **state)
{
	(void)state;
	ipc_send_submit_frame(s.nodes[RENDERER].to[GPU], 1, 1, 0, 8, 1, 1);
	ship_kill(&s, GPU);
	ship_kill(&s, RENDERER);
	assert_int_equal(toll_of(GPU).lost_to, 1);
	assert_int_equal(toll_of(RENDERER).lost_by, 0);
}

static void test_requests(void **state)
{
	struct toll t;

	(void)state;
	ipc_send_request_region(s.nodes[RENDERER].to[BROWSER], 1, 65536);
	ipc_send_request_region(s.nodes[RENDERER].to[BROWSER], 2, 65536);
	ipc_send_describe_document(s.nodes[BROWSER].to[RENDERER], 1, 7);
	ship_settle(&s);
	assert_int_equal(channel_unanswered(s.nodes[BROWSER].to[RENDERER], IPC_DESCRIBE_DOCUMENT), 1);
	ipc_send_grant_staging(s.nodes[BROWSER].to[RENDERER], 1, 1, 65536, STDIN_FILENO);
	ship_settle(&s);
	ship_kill(&s, RENDERER);
	t = toll_of(RENDERER);
	/* The browser's own is counted by its channel. */
	assert_int_equal(t.requests, 1);
	assert_int_equal(t.nfailed, 1);
	assert_int_equal(t.failed[0].type, IPC_REQUEST_REGION);
	assert_int_equal(t.failed[0].from.role, ROLE_RENDERER);
	assert_int_equal(t.failed[0].to.role, ROLE_BROWSER);
	assert_int_equal(t.failed[0].count, 1);
}

/* A reply that nobody asked for takes nothing away. */
static void test_unasked_replies(void **state)
{
	(void)state;
	ipc_send_grant_staging(s.nodes[BROWSER].to[RENDERER], 1, 1, 65536, STDIN_FILENO);
	ship_settle(&s);
	ipc_send_request_region(s.nodes[RENDERER].to[BROWSER], 1, 65536);
	ship_settle(&s);
	ship_kill(&s, RENDERER);
	assert_int_equal(toll_of(RENDERER).requests, 1);
}

static void test_more_than_can_be_named(void **state)
{
	struct toll t = { 0 };

	(void)state;
	for (unsigned i = 0; i < TOLL_REQUESTS + 3; i++)
		toll_add_request(&t, s.nodes[BROWSER].us, s.nodes[GPU].us, IPC_PING, 2);
	toll_add_request(&t, s.nodes[BROWSER].us, s.nodes[GPU].us, IPC_PING, 0);
	assert_int_equal(t.requests, 2 * (TOLL_REQUESTS + 3));
	assert_int_equal(t.nfailed, TOLL_REQUESTS);
}

static void note(enum traffic_blast_event what, const char *json)
{
	char text[200];
	struct format details = format_into(text, sizeof text);

	format_text(&details, json);
	collector_note_blast(s.collector, what, s.nodes[RENDERER].us, 0, &details);
}

static void test_lines(void **state)
{
	const char *question = "process=renderer:1 name=recovery";
	struct traffic_event e;
	struct log_reader *r;
	char path[64], line[400], *text;
	struct format out = format_into(line, sizeof line);

	(void)state;
	note(TRAFFIC_BLAST_SETTLED, "{\"asked\":2,\"lived\":[{\"process\":\"gpu:1\",\"ms\":0.125}]}");
	note(TRAFFIC_BLAST_RECOVERED, "{\"ms\":31.5}");
	assert_int_equal(ship_find(&s, "blast")->kind, TRAFFIC_BLAST);
	assert_true(event_matches(question, ship_find(&s, "recovery")));
	assert_false(event_matches(question, ship_find(&s, "blast")));
	strcpy(path, s.path);
	s.path[0] = '\0';
	ship_sink(&s);
	text = read_file(path, NULL);
	assert_non_null(strstr(text,
			       ",\"process\":\"renderer:1\",\"asked\":2,\"lived\":[{\"process\":\"gpu:1\","
			       "\"ms\":0.125}]}\n"));
	free(text);
	r = log_reader_open(path);
	assert_int_equal(log_reader_next(r, &e), LOG_LINE_SESSION);
	assert_int_equal(log_reader_next(r, &e), LOG_LINE_EVENT);
	assert_int_equal(e.kind, TRAFFIC_BLAST);
	assert_int_equal(e.from.serial, 1);
	assert_string_equal(e.words->name, "blast");
	assert_string_equal(e.words->args, "{\"asked\":2,\"lived\":[{\"process\":\"gpu:1\",\"ms\":0.125}]}");
	assert_int_equal(log_reader_next(r, &e), LOG_LINE_EVENT);
	assert_true(event_matches(question, &e));
	traffic_format_line(&e, log_reader_start_us(r), &out);
	assert_non_null(strstr(line, "renderer:1"));
	assert_non_null(strstr(line, "recovery"));
	assert_non_null(strstr(line, "ms=31.5"));
	log_reader_close(r);
	unlink(path);
	ship_build(&s, 0, NULL, false); /* for the teardown */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, build, sink)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_who_lost_what), TEST(test_undecided),	      TEST(test_two_deaths),
		TEST(test_requests),	  TEST(test_unasked_replies), TEST(test_more_than_can_be_named),
		TEST(test_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
