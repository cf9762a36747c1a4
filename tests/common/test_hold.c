/*
 * Holding over a real channel: order, what passes, what becomes of a held message, bounds, descriptors, and
 * the end of the channel. The watcher is the test's; test_breakpoint.c is about a child's rules.
 */
#include "common/channel_internal.h"
#include "common/hold.h"
#include "common/loop.h"
#include "common/task.h"
#include "tests/common/ends.h"
#include "tests/common/unit.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NUMBER = 7, ANY = IPC_COUNT };

static unsigned wanted = ANY; /* the type that is held; ANY: none */
static unsigned nheld, ngone;
static uint64_t last_held;

static uint32_t on_wants(void *arg, struct channel *c, enum hold_way way, const struct hold_view *v)
{
	(void)arg;
	(void)c;
	(void)way;
	return v->header.type == wanted ? NUMBER : 0;
}

static void on_held(void *arg, struct channel *c, enum hold_way way, const struct hold_view *v,
		    uint32_t breakpoint)
{
	(void)arg;
	assert_int_equal(breakpoint, NUMBER);
	assert_int_equal(hold_holds(c, way, NULL), NUMBER);
	last_held = v->header.id;
	nheld++;
}

static void on_gone(void *arg, struct channel *c, enum hold_way way)
{
	(void)arg;
	(void)c;
	(void)way;
	ngone++;
}

static int setup(void **state)
{
	wanted = ANY;
	nheld = ngone = 0;
	hold_watcher = (struct hold_watcher){ .wants = on_wants, .held = on_held, .gone = on_gone };
	return ends_setup(state);
}

static int teardown(void **state)
{
	int status = ends_teardown(state);

	hold_watcher = (struct hold_watcher){ 0 };
	return status;
}

static void open_held(struct end **browser, struct end **renderer, unsigned type)
{
	ends_pair(browser, renderer);
	assert_true(hold_watch((*renderer)->channel));
	wanted = type;
}

static void settle(struct end *e, enum hold_way way, enum held_action action)
{
	assert_true(hold_settle(e->channel, way, &(struct hold_order){ .action = action }));
}

static uint32_t page_of(const struct end *e, unsigned i)
{
	assert_int_equal(e->kept[i].id, IPC_CLOSE_PAGE);
	return e->kept[i].message.close_page.page;
}

/* Records of that kind that the process of that end wrote; *last gets the last of them. */
static unsigned count_records(const struct end *e, enum record_kind kind, struct record *last)
{
	struct recorder_reader reader;
	struct record record;
	uint8_t payload[RECORDER_RECORDED_BYTES];
	unsigned n = 0;

	recorder_reader_init(&reader, e->recorder.region, e->recorder.region->ring_bytes);
	while (recorder_read(&reader, &record, payload, sizeof payload) == 1) {
		if (record.kind != kind)
			continue;
		n++;
		if (last)
			*last = record;
	}
	return n;
}

static void what_is_behind_waits_and_keeps_its_order(void **state)
{
	struct end *browser, *renderer;
	struct record record;

	(void)state;
	open_held(&browser, &renderer, IPC_CLICK);
	ipc_send_close_page(browser->channel, 1);
	ipc_send_click(browser->channel, 1, 2, 3);
	for (uint32_t page = 2; page < 100; page++)
		ipc_send_close_page(browser->channel, page);
	end_expect(renderer, 1);
	ends_settle();
	assert_int_equal(renderer->nkept, 1);
	assert_int_equal(nheld, 1);
	assert_int_equal(hold_behind(renderer->channel, HOLD_INCOMING), 98);
	assert_int_equal(count_records(renderer, RECORD_HELD, &record), 1);
	assert_int_equal(record.id, last_held);
	assert_int_equal(count_records(renderer, RECORD_RECEIVED, NULL), 1);
	settle(renderer, HOLD_INCOMING, HELD_ACTION_PROCEED);
	end_expect(renderer, 100);
	assert_int_equal(renderer->kept[1].id, IPC_CLICK);
	assert_int_equal(renderer->kept[1].cause, last_held);
	assert_int_equal(renderer->kept[1].handling, last_held);
	for (unsigned i = 2; i < 100; i++)
		assert_int_equal(page_of(renderer, i), i);
	assert_int_equal(count_records(renderer, RECORD_RECEIVED, NULL), 100);
	assert_int_equal(renderer->channel->counters->received, 100);
	assert_false(hold_settle(renderer->channel, HOLD_INCOMING, &(struct hold_order){ 0 }));
}

/* Were it to wait, the recorder would be overwritten unread: what is looked at must not blind the looking. */
static void a_full_recorder_is_told_past_what_is_held(void **state)
{
	struct end *browser, *renderer;

	(void)state;
	open_held(&browser, &renderer, IPC_DID_COMMIT);
	assert_true(hold_watch(browser->channel));
	ipc_send_did_commit(renderer->channel, 1, 1);
	ipc_send_did_fill_recorder(renderer->channel);
	end_expect(browser, 1);
	assert_int_equal(browser->kept[0].id, IPC_DID_FILL_RECORDER);
	assert_int_equal(nheld, 1);
}

static void pings_pass_in_both_directions(void **state)
{
	struct end *browser, *renderer;

	(void)state;
	open_held(&browser, &renderer, IPC_CLOSE_PAGE);
	assert_true(hold_watch(browser->channel));
	/* The browser's own side wants it first, on its way out. */
	ipc_send_close_page(browser->channel, 1);
	ipc_send_ping(browser->channel, 5);
	ipc_send_close_page(browser->channel, 2);
	ipc_send_ping(browser->channel, 6);
	end_expect(renderer, 2);
	assert_int_equal(renderer->kept[1].message.ping.nonce, 6);
	ipc_send_pong(renderer->channel, 5);
	end_expect(browser, 1);
	assert_int_equal(nheld, 1);
	settle(browser, HOLD_OUTGOING, HELD_ACTION_PROCEED);
	/* Now the renderer's side has the first, and the browser's the second. */
	while (nheld < 3)
		loop_turn(10);
	ipc_send_ping(browser->channel, 7);
	end_expect(renderer, 3);
	settle(renderer, HOLD_INCOMING, HELD_ACTION_PROCEED);
	wanted = ANY;
	settle(browser, HOLD_OUTGOING, HELD_ACTION_PROCEED);
	end_expect(renderer, 5);
	assert_int_equal(page_of(renderer, 3), 1);
	assert_int_equal(page_of(renderer, 4), 2);
}

static void a_step_holds_the_next_whatever_it_is(void **state)
{
	struct end *browser, *renderer;

	(void)state;
	open_held(&browser, &renderer, IPC_CLICK);
	ipc_send_click(browser->channel, 1, 2, 3);
	for (uint32_t page = 1; page < 4; page++)
		ipc_send_close_page(browser->channel, page);
	for (unsigned step = 1; step < 4; step++) {
		while (nheld < step)
			loop_turn(10);
		assert_int_equal(renderer->nkept, step - 1);
		settle(renderer, HOLD_INCOMING, HELD_ACTION_STEP);
	}
	while (nheld < 4)
		loop_turn(10);
	/* The last one; a step from it waits for what is yet to be sent. */
	settle(renderer, HOLD_INCOMING, HELD_ACTION_STEP);
	end_expect(renderer, 4);
	ipc_send_close_page(browser->channel, 9);
	while (nheld < 5)
		loop_turn(10);
	settle(renderer, HOLD_INCOMING, HELD_ACTION_PROCEED);
	ipc_send_close_page(browser->channel, 10);
	end_expect(renderer, 6);
}

static void a_dropped_message_is_never_handled(void **state)
{
	struct end *browser, *renderer;
	struct record record;

	(void)state;
	open_held(&browser, &renderer, IPC_CLICK);
	ipc_send_click(browser->channel, 1, 2, 3);
	ipc_send_close_page(browser->channel, 4);
	while (!nheld)
		loop_turn(10);
	settle(renderer, HOLD_INCOMING, HELD_ACTION_DROP);
	end_expect(renderer, 1);
	assert_int_equal(page_of(renderer, 0), 4);
	assert_int_equal(count_records(renderer, RECORD_DROPPED, &record), 1);
	assert_int_equal(record.id, last_held);
	assert_int_equal(record.payload_bytes, sizeof(struct record_held));
}

static void a_duplicate_is_handled_twice(void **state)
{
	struct end *browser, *renderer;
	struct record record;

	(void)state;
	open_held(&browser, &renderer, IPC_CLOSE_PAGE);
	ipc_send_close_page(browser->channel, 4);
	while (!nheld)
		loop_turn(10);
	settle(renderer, HOLD_INCOMING, HELD_ACTION_DUPLICATE);
	end_expect(renderer, 2);
	assert_int_equal(page_of(renderer, 0), 4);
	assert_int_equal(page_of(renderer, 1), 4);
	assert_int_equal(renderer->kept[0].cause, renderer->kept[1].cause);
	assert_int_equal(count_records(renderer, RECORD_RECEIVED, &record), 2);
	assert_int_equal(record.marks, RECORD_DUPLICATED);
	ends_settle();
	assert_int_equal(renderer->nkept, 2);
}

static void edited_fields_are_handled(void **state)
{
	struct end *browser, *renderer;
	uint32_t page = 77;
	struct record record;

	(void)state;
	open_held(&browser, &renderer, IPC_CLOSE_PAGE);
	ipc_send_close_page(browser->channel, 4);
	ipc_send_click(browser->channel, 1, 2, 3);
	while (!nheld)
		loop_turn(10);
	assert_true(hold_settle(renderer->channel, HOLD_INCOMING,
				&(struct hold_order){ .edited = true,
						      .fields = (const uint8_t *)&page,
						      .bytes = sizeof page }));
	end_expect(renderer, 2);
	assert_int_equal(page_of(renderer, 0), 77);
	assert_int_equal(renderer->kept[1].id, IPC_CLICK);
	assert_int_equal(count_records(renderer, RECORD_RECEIVED, &record), 2);
	assert_int_equal(count_records(renderer, RECORD_HANDLED, NULL), 2);
}

static void fields_that_make_no_sense_are_refused(void **state)
{
	struct end *browser, *renderer;
	struct record record;

	(void)state;
	open_held(&browser, &renderer, IPC_CLOSE_PAGE);
	ipc_send_close_page(browser->channel, 4);
	while (!nheld)
		loop_turn(10);
	assert_true(hold_settle(
		renderer->channel, HOLD_INCOMING,
		&(struct hold_order){ .edited = true, .fields = (const uint8_t *)"ab", .bytes = 2 }));
	end_expect_bad(renderer, BAD_MESSAGE_TOO_SHORT);
	assert_int_equal(renderer->refused.id, last_held);
	assert_int_equal(count_records(renderer, RECORD_REFUSED, &record), 1);
	assert_int_equal(record.marks, RECORD_EDITED);
	assert_int_equal(renderer->nkept, 0);
}

/* A bad message behind a held one is not put off. */
static void a_bad_message_behind_ends_the_channel_at_once(void **state)
{
	int socket;
	struct end *renderer = end_to_socket(RENDERER, BROWSER, &socket);
	uint8_t buf[128];
	uint32_t page = 1;
	size_t n;

	(void)state;
	assert_true(hold_watch(renderer->channel));
	wanted = IPC_CLOSE_PAGE;
	n = frame(buf, BROWSER, 1, IPC_CLOSE_PAGE, &page, sizeof page);
	n += frame(buf + n, BROWSER, 2, IPC_CLICK, &page, sizeof page);
	send_bytes(socket, buf, n, -1);
	end_expect_bad(renderer, BAD_MESSAGE_TOO_SHORT);
	assert_int_equal(nheld, 1);
	end_close(renderer);
	assert_int_equal(ngone, 1);
	assert_int_equal(count_records(renderer, RECORD_DROPPED, NULL), 1);
	close(socket);
}

static void the_peers_end_drops_what_is_held(void **state)
{
	struct end *browser, *renderer;

	(void)state;
	open_held(&browser, &renderer, IPC_CLICK);
	ipc_send_close_page(browser->channel, 1);
	ipc_send_click(browser->channel, 1, 2, 3);
	ipc_send_close_page(browser->channel, 2);
	while (!nheld)
		loop_turn(10);
	end_close(browser);
	end_expect_end(renderer, CHANNEL_END_EOF);
	assert_int_equal(renderer->nkept, 1);
	end_close(renderer);
	assert_int_equal(ngone, 1);
	assert_int_equal(count_records(renderer, RECORD_DROPPED, NULL), 1);
}

/* What was let go on before the end came is handled, though it takes several turns. */
static void what_goes_on_is_handled_before_the_end(void **state)
{
	struct end *browser, *renderer;
	unsigned many = 3 * CHANNEL_TURN_MESSAGES;

	(void)state;
	open_held(&browser, &renderer, IPC_CLICK);
	ipc_send_click(browser->channel, 1, 2, 3);
	for (uint32_t page = 0; page < many; page++)
		ipc_send_close_page(browser->channel, page);
	channel_flush(browser->channel);
	while (hold_behind(renderer->channel, HOLD_INCOMING) < many)
		loop_turn(10);
	settle(renderer, HOLD_INCOMING, HELD_ACTION_PROCEED);
	end_close(browser);
	end_expect_end(renderer, CHANNEL_END_EOF);
	assert_int_equal(renderer->nkept, many + 1);
}

static void too_much_behind_ends_the_channel(void **state)
{
	struct end *browser, *renderer;

	(void)state;
	open_held(&browser, &renderer, IPC_CLICK);
	ipc_send_click(browser->channel, 1, 2, 3);
	while (!renderer->has_ended) {
		for (unsigned i = 0; i < 1000; i++)
			ipc_send_close_page(browser->channel, i);
		loop_turn(1);
	}
	assert_int_equal(renderer->why, CHANNEL_END_OVERFLOW);
	assert_int_equal(renderer->nkept, 0);
}

static ino_t inode_of(int fd)
{
	struct stat s;

	assert_int_equal(fstat(fd, &s), 0);
	return s.st_ino;
}

static unsigned nregions;
static ino_t regions[4];

static void keep_region(struct end *e, enum ipc_id id, const void *message)
{
	const struct ipc_grant_staging *m = message;

	(void)e;
	if (id != IPC_GRANT_STAGING)
		return;
	regions[nregions++] = inode_of(m->region);
	close(m->region);
}

/* Descriptors wait with their messages, twice if need be, and none is left behind. */
static void descriptors_stay_with_their_messages(void **state)
{
	static const enum held_action actions[] = { HELD_ACTION_PROCEED, HELD_ACTION_DROP,
						    HELD_ACTION_DUPLICATE };
	static const unsigned arrive[] = { 1, 0, 2 };
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	for (unsigned i = 0; i < COUNT(actions); i++)
		for (int way = 0; way < HOLD_WAYS; way++) {
			struct end *browser, *renderer, *holder;

			ends_pair(&browser, &renderer);
			holder = way == HOLD_INCOMING ? renderer : browser;
			assert_true(hold_watch(holder->channel));
			wanted = IPC_GRANT_STAGING;
			nregions = nheld = 0;
			renderer->on_message = keep_region;
			ipc_send_grant_staging(browser->channel, 1, 1, 4096, fds[0]);
			ipc_send_close_page(browser->channel, 1);
			while (!nheld)
				loop_turn(10);
			settle(holder, (enum hold_way)way, actions[i]);
			end_expect(renderer, arrive[i] + 1);
			assert_int_equal(nregions, arrive[i]);
			for (unsigned n = 0; n < nregions; n++)
				assert_int_equal(regions[n], inode_of(fds[0]));
			end_close(browser);
			end_close(renderer);
		}
	close(fds[0]);
	close(fds[1]);
}

/* One that waits with its descriptor when the channel is closed. */
static void a_held_descriptor_is_closed_with_its_channel(void **state)
{
	struct end *browser, *renderer;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	open_held(&browser, &renderer, IPC_GRANT_STAGING);
	ipc_send_grant_staging(browser->channel, 1, 1, 4096, fds[0]);
	ipc_send_grant_staging(browser->channel, 1, 2, 4096, fds[0]);
	while (!nheld || !hold_behind(renderer->channel, HOLD_INCOMING))
		loop_turn(10);
	end_close(renderer);
	close(fds[0]);
	close(fds[1]);
	/* The teardown counts descriptors. */
}

static void what_goes_out_gets_its_id_when_it_leaves(void **state)
{
	struct end *browser, *renderer;
	struct record sent, held;
	uint64_t cause;

	(void)state;
	ends_pair(&browser, &renderer);
	assert_true(hold_watch(browser->channel));
	wanted = IPC_CLOSE_PAGE;
	cause = channel_make_id(BROWSER);
	cause_set(cause);
	ipc_send_close_page(browser->channel, 1);
	cause_set(0);
	assert_int_equal(nheld, 1);
	assert_int_equal(last_held, 0);
	assert_int_equal(count_records(browser, RECORD_SENT, NULL), 0);
	settle(browser, HOLD_OUTGOING, HELD_ACTION_DUPLICATE);
	end_expect(renderer, 2);
	assert_int_not_equal(renderer->kept[0].cause, renderer->kept[1].cause);
	assert_int_equal(count_records(browser, RECORD_SENT, &sent), 2);
	assert_int_equal(sent.cause, cause);
	assert_int_equal(sent.marks, RECORD_DUPLICATED);
	/* When it was held, and behind each that left. */
	assert_int_equal(count_records(browser, RECORD_HELD, &held), 3);
	assert_int_equal(held.id, sent.id);
}

/* A request that is dropped on its way out is not waited for; what is sent twice may be answered twice. */
static void requests_are_counted_as_they_leave(void **state)
{
	struct end *browser, *renderer;

	(void)state;
	ends_pair(&browser, &renderer);
	assert_true(hold_watch(browser->channel));
	wanted = IPC_DESCRIBE_DOCUMENT;
	ipc_send_describe_document(browser->channel, 1, 1);
	settle(browser, HOLD_OUTGOING, HELD_ACTION_DROP);
	ends_settle();
	assert_int_equal(channel_unanswered(browser->channel, IPC_DESCRIBE_DOCUMENT), 0);
	ipc_send_describe_document(browser->channel, 1, 2);
	settle(browser, HOLD_OUTGOING, HELD_ACTION_DUPLICATE);
	end_expect(renderer, 2);
	assert_int_equal(channel_unanswered(browser->channel, IPC_DESCRIBE_DOCUMENT), 2);
	for (unsigned i = 0; i < 2; i++)
		ipc_send_did_describe_document(renderer->channel, 1, 2, 0, 0, 0, ipc_text(""));
	end_expect(browser, 2);
}

static void by_hand_is_marked_and_a_request_counted(void **state)
{
	struct end *browser, *renderer;
	struct record record;
	uint8_t fields[12] = { 1 };

	(void)state;
	ends_pair(&browser, &renderer);
	channel_send_by_hand(browser->channel, IPC_DESCRIBE_DOCUMENT, fields, sizeof fields, -1);
	end_expect(renderer, 1);
	assert_int_equal(renderer->kept[0].message.describe_document.page, 1);
	assert_int_equal(count_records(browser, RECORD_SENT, &record), 1);
	assert_int_equal(record.marks, RECORD_BY_HAND);
	ipc_send_did_describe_document(renderer->channel, 1, 2, 0, 0, 0, ipc_text(""));
	end_expect(browser, 1);
	channel_send_by_hand(browser->channel, 999, "??", 2, -1);
	end_expect_bad(renderer, BAD_MESSAGE_UNKNOWN_TYPE);
}

static void nothing_is_held_any_more_when_nobody_looks(void **state)
{
	struct end *browser, *renderer;

	(void)state;
	open_held(&browser, &renderer, IPC_CLOSE_PAGE);
	for (unsigned i = 0; i < 10; i++)
		ipc_send_close_page(browser->channel, i);
	while (hold_behind(renderer->channel, HOLD_INCOMING) < 9)
		loop_turn(10);
	hold_unwatch(renderer->channel);
	end_expect(renderer, 10);
	ends_settle();
	assert_null(renderer->channel->hold);
	ipc_send_close_page(browser->channel, 11);
	end_expect(renderer, 11);
	assert_int_equal(nheld, 1);
	assert_int_equal(ngone, 0);
}

static void forgetting_a_breakpoint_lets_go_and_takes_no_step(void **state)
{
	struct end *browser, *renderer;

	(void)state;
	open_held(&browser, &renderer, IPC_CLICK);
	ipc_send_click(browser->channel, 1, 2, 3);
	while (!nheld)
		loop_turn(10);
	settle(renderer, HOLD_INCOMING, HELD_ACTION_STEP);
	hold_forget(NUMBER);
	ipc_send_close_page(browser->channel, 1);
	end_expect(renderer, 2);
	ipc_send_click(browser->channel, 1, 2, 3);
	while (nheld < 2)
		loop_turn(10);
	hold_forget(NUMBER + 1);
	ends_settle();
	assert_int_equal(renderer->nkept, 2);
	hold_forget(NUMBER);
	end_expect(renderer, 3);
}

/* A handler may close the channel whose held messages are just going on. */
static void close_it(struct end *e, enum ipc_id id, const void *message)
{
	(void)message;
	if (id == IPC_CLICK)
		end_close(e);
}

static void a_handler_may_close_the_channel(void **state)
{
	struct end *browser, *renderer;

	(void)state;
	open_held(&browser, &renderer, IPC_CLICK);
	renderer->on_message = close_it;
	ipc_send_click(browser->channel, 1, 2, 3);
	ipc_send_close_page(browser->channel, 1);
	while (!nheld)
		loop_turn(10);
	settle(renderer, HOLD_INCOMING, HELD_ACTION_DUPLICATE);
	end_expect_end(browser, CHANNEL_END_EOF);
	assert_int_equal(renderer->nkept, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
		TEST(what_is_behind_waits_and_keeps_its_order),
		TEST(a_full_recorder_is_told_past_what_is_held),
		TEST(pings_pass_in_both_directions),
		TEST(a_step_holds_the_next_whatever_it_is),
		TEST(a_dropped_message_is_never_handled),
		TEST(a_duplicate_is_handled_twice),
		TEST(edited_fields_are_handled),
		TEST(fields_that_make_no_sense_are_refused),
		TEST(a_bad_message_behind_ends_the_channel_at_once),
		TEST(the_peers_end_drops_what_is_held),
		TEST(what_goes_on_is_handled_before_the_end),
		TEST(too_much_behind_ends_the_channel),
		TEST(descriptors_stay_with_their_messages),
		TEST(a_held_descriptor_is_closed_with_its_channel),
		TEST(what_goes_out_gets_its_id_when_it_leaves),
		TEST(requests_are_counted_as_they_leave),
		TEST(by_hand_is_marked_and_a_request_counted),
		TEST(nothing_is_held_any_more_when_nobody_looks),
		TEST(forgetting_a_breakpoint_lets_go_and_takes_no_step),
		TEST(a_handler_may_close_the_channel),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
