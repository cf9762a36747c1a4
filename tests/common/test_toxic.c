/* Toxics over a real channel: what each does to messages, in which order, again under the same seed, and how
 * it ends. */
#include "common/channel_internal.h"
#include "common/loop.h"
#include "common/task.h"
#include "common/toxic.h"
#include "tests/common/ends.h"
#include "tests/common/unit.h"
#include <sys/stat.h>
#include <unistd.h>

enum { MANY = 200, ALWAYS = 1000000 };

static unsigned ended_count;
static uint32_t ended_number;
static enum toxic_end ended_why;

static void on_toxic_ended(void *arg, uint32_t toxic, enum toxic_end why)
{
	(void)arg;
	ended_count++;
	ended_number = toxic;
	ended_why = why;
}

static struct ipc_place_toxic toxic(enum toxic kind, uint64_t amount)
{
	return (struct ipc_place_toxic){ .toxic = 7,
					 .kind = kind,
					 .message = TOXIC_ANY_MESSAGE,
					 .ppm = ALWAYS,
					 .seed = 1,
					 .amount = amount,
					 .field = ipc_text("") };
}

static int setup(void **state)
{
	ended_count = 0;
	toxic_ended = on_toxic_ended;
	return ends_setup(state);
}

static int teardown(void **state)
{
	int status = ends_teardown(state);

	toxic_ended = NULL;
	/* Nothing is left of any toxic. */
	assert_false(toxic_remove(7));
	return status;
}

static void send_pings(struct end *browser, unsigned count)
{
	for (uint64_t i = 0; i < count; i++)
		ipc_send_ping(browser->channel, i);
}

static uint64_t nonce(const struct end *e, unsigned i)
{
	return e->kept[i].message.ping.nonce;
}

/* What the sender's recorder says of toxics. */
static unsigned count_records(struct end *sender, enum toxic kind, uint64_t *least_held_ns)
{
	struct recorder_reader reader;
	struct record record;
	struct record_toxic act;
	unsigned n = 0;

	recorder_reader_init(&reader, sender->recorder.region, sender->recorder.region->ring_bytes);
	while (recorder_read(&reader, &record, (uint8_t *)&act, sizeof act) == 1) {
		if (record.kind != RECORD_TOXIC)
			continue;
		assert_int_equal(record.payload_bytes, sizeof act);
		assert_int_equal(act.toxic, 7);
		assert_int_equal(act.kind, kind);
		if (least_held_ns && act.held_ns < *least_held_ns)
			*least_held_ns = act.held_ns;
		n++;
	}
	return n;
}

static void latency_delays_all_and_keeps_the_order(void **state)
{
	struct end *browser, *renderer;
	struct ipc_place_toxic t = toxic(TOXIC_LATENCY, 30);
	uint64_t began = recorder_now(), held = UINT64_MAX;

	(void)state;
	t.spread = 10;
	ends_pair(&browser, &renderer);
	assert_true(toxic_place(browser->channel, &t));
	send_pings(browser, MANY);
	end_expect(renderer, MANY);
	assert_true(recorder_now() - began >= 20 * UINT64_C(1000000));
	for (unsigned i = 0; i < MANY; i++)
		assert_int_equal(nonce(renderer, i), i);
	assert_int_equal(count_records(browser, TOXIC_LATENCY, &held), MANY);
	assert_true(held >= 20 * UINT64_C(1000000));
	assert_true(toxic_remove(7));
}

/* One that is not meant waits too when it comes behind one that is. */
static void nothing_overtakes_a_message_that_is_held(void **state)
{
	struct end *browser, *renderer;
	struct ipc_place_toxic t = toxic(TOXIC_LATENCY, 30);

	(void)state;
	t.message = IPC_CLOSE_PAGE;
	ends_pair(&browser, &renderer);
	assert_true(toxic_place(browser->channel, &t));
	ipc_send_ping(browser->channel, 1);
	ipc_send_close_page(browser->channel, 9);
	ipc_send_ping(browser->channel, 2);
	end_expect(renderer, 1);
	assert_int_equal(renderer->nkept, 1);
	end_expect(renderer, 3);
	assert_int_equal(renderer->kept[1].id, IPC_CLOSE_PAGE);
	assert_int_equal(nonce(renderer, 2), 2);
	assert_true(toxic_remove(7));
}

static void bandwidth_lets_so_many_bytes_pass(void **state)
{
	struct end *browser, *renderer;
	/* A ping is a header and 8 bytes. */
	size_t bytes = 20 * (sizeof(struct ipc_header) + 8);
	struct ipc_place_toxic t = toxic(TOXIC_BANDWIDTH, bytes * 20);
	uint64_t began = recorder_now();

	(void)state;
	ends_pair(&browser, &renderer);
	assert_true(toxic_place(browser->channel, &t));
	send_pings(browser, 20);
	end_expect(renderer, 20);
	assert_true(recorder_now() - began >= 50 * UINT64_C(1000000));
	assert_true(toxic_remove(7));
}

/* Which of MANY pings arrive under a chance of one half. */
static unsigned arrivals(uint64_t seed, bool arrived[MANY])
{
	struct end *browser, *renderer;
	struct ipc_place_toxic t = toxic(TOXIC_DROP, 0);

	t.ppm = ALWAYS / 2;
	t.seed = seed;
	ends_pair(&browser, &renderer);
	assert_true(toxic_place(browser->channel, &t));
	send_pings(browser, MANY);
	assert_true(toxic_remove(7));
	ipc_send_close_page(browser->channel, 1);
	for (unsigned turns = 0; turns < 1000; turns++) {
		if (renderer->nkept && renderer->kept[renderer->nkept - 1].id == IPC_CLOSE_PAGE)
			break;
		loop_turn(5);
	}
	assert_int_equal(renderer->kept[renderer->nkept - 1].id, IPC_CLOSE_PAGE);
	memset(arrived, 0, MANY * sizeof *arrived);
	for (unsigned i = 0; i + 1 < renderer->nkept; i++)
		arrived[nonce(renderer, i)] = true;
	assert_int_equal(count_records(browser, TOXIC_DROP, NULL), MANY - (renderer->nkept - 1));
	/* The process has sent them all; not all have left it. */
	assert_int_equal(channel_counters(browser->channel)->sent, MANY + 1);
	return renderer->nkept - 1;
}

static void drop_is_the_same_under_the_same_seed(void **state)
{
	bool first[MANY], again[MANY], other[MANY];
	unsigned n = arrivals(42, first);

	(void)state;
	assert_in_range(n, MANY / 4, MANY * 3 / 4);
	assert_int_equal(arrivals(42, again), n);
	assert_memory_equal(first, again, sizeof first);
	arrivals(43, other);
	assert_memory_not_equal(first, other, sizeof first);
}

static void a_duplicate_is_a_message_of_its_own(void **state)
{
	struct end *browser, *renderer;
	struct ipc_place_toxic t = toxic(TOXIC_DUPLICATE, 0);

	(void)state;
	ends_pair(&browser, &renderer);
	assert_true(toxic_place(browser->channel, &t));
	send_pings(browser, 3);
	end_expect(renderer, 6);
	for (unsigned i = 0; i < 6; i++)
		assert_int_equal(nonce(renderer, i), i / 2);
	assert_int_equal(channel_counters(browser->channel)->sent, 6);
	/* It is the second one that bears the mark. */
	assert_int_equal(count_records(browser, TOXIC_DUPLICATE, NULL), 3);
	assert_true(toxic_remove(7));
}

/* What is placed behind acts on the duplicate as on its original, and no duplicate is duplicated. */
static void a_duplicate_does_not_escape_the_toxics_behind(void **state)
{
	struct end *browser, *renderer;
	struct ipc_place_toxic t = toxic(TOXIC_DUPLICATE, 0);

	(void)state;
	ends_pair(&browser, &renderer);
	for (t.toxic = 10; t.toxic < 10 + 40; t.toxic++)
		assert_true(toxic_place(browser->channel, &t));
	send_pings(browser, 2);
	end_expect(renderer, 2 * 41);
	t.toxic = 7;
	t.kind = TOXIC_DROP;
	assert_true(toxic_place(browser->channel, &t));
	send_pings(browser, 2);
	ends_settle();
	assert_int_equal(renderer->nkept, 2 * 41);
	assert_int_equal(channel_counters(browser->channel)->sent, 2 * 2 * 41);
	assert_true(toxic_remove(7));
	for (t.toxic = 10; t.toxic < 10 + 40; t.toxic++)
		assert_true(toxic_remove(t.toxic));
}

/* Only what somebody will answer is awaited: a reply more would be bad, and the innocent end for it. */
static void requests_are_awaited_as_often_as_they_leave(void **state)
{
	struct end *browser, *renderer;
	struct ipc_place_toxic drop = toxic(TOXIC_DROP, 0), duplicate = toxic(TOXIC_DUPLICATE, 0),
			       cut = toxic(TOXIC_CUT, 0);

	(void)state;
	ends_pair(&browser, &renderer);
	assert_true(toxic_place(browser->channel, &drop));
	send_pings(browser, 3);
	assert_int_equal(channel_unanswered(browser->channel, IPC_PING), 0);
	assert_true(toxic_remove(7));
	assert_true(toxic_place(browser->channel, &duplicate));
	send_pings(browser, 3);
	assert_int_equal(channel_unanswered(browser->channel, IPC_PING), 6);
	end_expect(renderer, 6);
	for (uint64_t i = 0; i < 6; i++)
		ipc_send_pong(renderer->channel, i / 2);
	end_expect(browser, 6);
	assert_int_equal(channel_unanswered(browser->channel, IPC_PING), 0);
	assert_true(toxic_remove(7));
	assert_true(toxic_place(browser->channel, &cut));
	send_pings(browser, 1);
	assert_int_equal(channel_unanswered(browser->channel, IPC_PING), 0);
	end_expect_end(browser, CHANNEL_END_EOF);
	end_close(browser);
}

static void reorder_lets_the_next_pass(void **state)
{
	struct end *browser, *renderer;
	struct ipc_place_toxic t = toxic(TOXIC_REORDER, 0);
	static const uint64_t expected[] = { 1, 0, 3, 2, 4 };

	(void)state;
	ends_pair(&browser, &renderer);
	assert_true(toxic_place(browser->channel, &t));
	send_pings(browser, 5);
	end_expect(renderer, 5); /* the last waits for none for ever */
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(nonce(renderer, i), expected[i]);
	assert_true(toxic_remove(7));
}

static void corrupt_changes_the_field_that_is_named(void **state)
{
	struct end *browser, *renderer;
	struct ipc_place_toxic t = toxic(TOXIC_CORRUPT, TOXIC_ANY_BYTE);

	(void)state;
	t.field = ipc_text("row");
	ends_pair(&browser, &renderer);
	assert_true(toxic_place(browser->channel, &t));
	for (uint32_t i = 0; i < 50; i++)
		ipc_send_click(browser->channel, 1, 0x10203, i);
	ipc_send_ping(browser->channel, 5); /* has no such field */
	end_expect(renderer, 51);
	for (uint32_t i = 0; i < 50; i++) {
		assert_int_equal(renderer->kept[i].message.click.page, 1);
		assert_int_not_equal(renderer->kept[i].message.click.row, 0x10203);
		assert_int_equal(renderer->kept[i].message.click.column, i);
	}
	assert_int_equal(nonce(renderer, 50), 5);
	assert_int_equal(count_records(browser, TOXIC_CORRUPT, NULL), 50);
	assert_true(toxic_remove(7));
}

static void corrupt_changes_the_byte_that_is_named(void **state)
{
	struct end *browser, *renderer;
	struct ipc_place_toxic t = toxic(TOXIC_CORRUPT, 0);

	(void)state;
	ends_pair(&browser, &renderer);
	assert_true(toxic_place(browser->channel, &t));
	ipc_send_ping(browser->channel, 0x1100);
	end_expect(renderer, 1);
	assert_int_not_equal(nonce(renderer, 0), 0x1100);
	assert_int_equal(nonce(renderer, 0) & ~UINT64_C(0xff), 0x1100);
	assert_true(toxic_remove(7));
}

static void cut_closes_behind_so_many_bytes(void **state)
{
	struct end *browser, *renderer;
	struct ipc_place_toxic t = toxic(TOXIC_CUT, 3 * (sizeof(struct ipc_header) + 8));

	(void)state;
	ends_pair(&browser, &renderer);
	assert_true(toxic_place(browser->channel, &t));
	send_pings(browser, 10);
	end_expect_end(browser, CHANNEL_END_EOF);
	end_close(browser);
	end_expect_end(renderer, CHANNEL_END_EOF);
	assert_int_equal(renderer->nkept, 3);
	assert_int_equal(ended_count, 1);
	assert_int_equal(ended_number, 7);
	assert_int_equal(ended_why, TOXIC_END_CHANNEL_CLOSED);
}

static void what_is_held_goes_on_when_the_toxic_is_removed(void **state)
{
	struct end *browser, *renderer;
	struct ipc_place_toxic t = toxic(TOXIC_LATENCY, 3600000);

	(void)state;
	ends_pair(&browser, &renderer);
	assert_true(toxic_place(browser->channel, &t));
	send_pings(browser, 10);
	ends_settle();
	assert_int_equal(renderer->nkept, 0);
	assert_true(toxic_remove(7));
	end_expect(renderer, 10);
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(nonce(renderer, i), i);
	assert_false(toxic_remove(7));
}

/* Descriptors travel with what is held, are doubled with it, and are closed with what is dropped. */
static void descriptors_are_held_and_never_leak(void **state)
{
	struct end *browser, *renderer;
	struct ipc_place_toxic duplicate = toxic(TOXIC_DUPLICATE, 0), drop = toxic(TOXIC_DROP, 0),
			       latency = toxic(TOXIC_LATENCY, 3600000);
	int fds[2];
	struct stat ours, theirs;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	ends_pair(&browser, &renderer);
	loop_turn(0);
	unsigned before = open_fds();

	assert_true(toxic_place(browser->channel, &duplicate));
	ipc_send_grant_staging(browser->channel, 1, 1, 4096, fds[0]);
	end_expect(renderer, 2);
	assert_int_equal(fstat(fds[0], &ours), 0);
	for (unsigned i = 0; i < 2; i++) {
		int fd = renderer->kept[i].message.grant_staging.region;

		assert_int_equal(fstat(fd, &theirs), 0);
		assert_int_equal(ours.st_ino, theirs.st_ino);
		close(fd);
	}
	assert_true(toxic_remove(7));
	assert_true(toxic_place(browser->channel, &drop));
	ipc_send_grant_staging(browser->channel, 1, 1, 4096, fds[0]);
	ends_settle();
	assert_int_equal(open_fds(), before);
	assert_true(toxic_remove(7));
	assert_true(toxic_place(browser->channel, &latency));
	ipc_send_grant_staging(browser->channel, 1, 1, 4096, fds[0]);
	assert_int_equal(open_fds(), before + 1);
	end_close(browser);
	assert_int_equal(open_fds(), before - 1);
	assert_int_equal(ended_count, 1);
	close(fds[0]);
	close(fds[1]);
}

static void what_is_held_is_bounded(void **state)
{
	struct end *browser, *renderer;
	struct ipc_place_toxic t = toxic(TOXIC_LATENCY, 3600000);
	static char words[120];

	(void)state;
	memset(words, 'w', sizeof words);
	ends_pair(&browser, &renderer);
	assert_true(toxic_place(browser->channel, &t));
	for (unsigned i = 0; i < CHANNEL_MAX_BYTES / 100 && !browser->has_ended; i++) {
		ipc_send_set_plugin_state(browser->channel, 1, 1, PLUGIN_STATE_DEAD,
					  (struct ipc_string){ words, sizeof words });
		if (i % 1000 == 0)
			loop_turn(0);
	}
	end_expect_end(browser, CHANNEL_END_OVERFLOW);
	end_close(browser);
	assert_int_equal(ended_why, TOXIC_END_NO_ROOM);
}

/* Those without a byte of their own, too: they take memory all the same. */
static void empty_messages_are_bounded(void **state)
{
	struct end *browser, *renderer;
	struct ipc_place_toxic t = toxic(TOXIC_LATENCY, 3600000);
	unsigned sent = 0;

	(void)state;
	ends_pair(&browser, &renderer);
	assert_true(toxic_place(renderer->channel, &t));
	for (; sent < CHANNEL_MAX_BYTES / 16 && !renderer->has_ended; sent++) {
		ipc_send_did_fill_recorder(renderer->channel);
		if (sent % 1000 == 0)
			loop_turn(0);
	}
	end_expect_end(renderer, CHANNEL_END_OVERFLOW);
	assert_int_equal(browser->nkept, 0);
}

static struct end *sends_again;

static void send_one_more(struct channel *c, uint16_t type)
{
	struct end *e = sends_again;

	(void)c;
	if (!e || type != IPC_CLOSE_PAGE)
		return;
	sends_again = NULL;
	ipc_send_ping(e->channel, 3);
}

/* Who looks on at a sending may send, too, while another message steps aside. */
static void a_message_may_be_sent_while_one_is_swapped(void **state)
{
	struct end *browser, *renderer;
	struct ipc_place_toxic t = toxic(TOXIC_REORDER, 0);

	(void)state;
	t.message = IPC_PING;
	ends_pair(&browser, &renderer);
	assert_true(toxic_place(browser->channel, &t));
	sends_again = browser;
	channel_hooks.after_send = send_one_more;
	ipc_send_ping(browser->channel, 1);
	ipc_send_close_page(browser->channel, 2);
	channel_hooks.after_send = NULL;
	end_expect(renderer, 3);
	assert_int_equal(renderer->kept[0].id, IPC_CLOSE_PAGE);
	assert_int_equal(nonce(renderer, 1), 1);
	assert_int_equal(nonce(renderer, 2), 3);
	assert_true(toxic_remove(7));
}

/* The cause is that of the sending, not of the timer that lets it go; and ids rise as messages leave. */
static void what_is_held_keeps_its_cause(void **state)
{
	struct end *browser, *renderer;
	struct ipc_place_toxic t = toxic(TOXIC_LATENCY, 20);
	struct recorder_reader reader;
	struct record record;
	uint8_t payload[64];
	uint64_t last = 0, n = 0;

	(void)state;
	ends_pair(&browser, &renderer);
	assert_true(toxic_place(browser->channel, &t));
	for (uint64_t i = 1; i <= 3; i++) {
		cause_set(1000 + i);
		ipc_send_ping(browser->channel, i);
	}
	end_expect(renderer, 3);
	recorder_reader_init(&reader, browser->recorder.region, browser->recorder.region->ring_bytes);
	while (recorder_read(&reader, &record, payload, sizeof payload) == 1) {
		/* The mark stands right behind the message that it is about. */
		if (record.kind == RECORD_TOXIC) {
			assert_true(record.id == last);
			continue;
		}
		assert_true(record.id > last);
		last = record.id;
		assert_int_equal(record.cause, 1000 + ++n);
	}
	assert_int_equal(n, 3);
	/* Who lets go of what is held goes on under a cause of its own. */
	ipc_send_ping(browser->channel, 4);
	cause_set(5);
	assert_true(toxic_remove(7));
	assert_int_equal(cause_current(), 5);
}

/* What has not left is not told to have left. */
static void flushed_does_not_cover_what_is_dropped(void **state)
{
	struct end *browser, *renderer;
	struct ipc_place_toxic t = toxic(TOXIC_DROP, 0);
	uint64_t flushed;

	(void)state;
	ends_pair(&browser, &renderer);
	ipc_send_close_page(browser->channel, 1);
	channel_flush(browser->channel);
	flushed = channel_counters(browser->channel)->flushed;
	assert_int_equal(flushed, ipc_id_number(channel_last_sent()));
	assert_true(toxic_place(browser->channel, &t));
	ipc_send_close_page(browser->channel, 2);
	channel_flush(browser->channel);
	ends_settle();
	assert_int_equal(channel_counters(browser->channel)->flushed, flushed);
	assert_int_equal(channel_counters(browser->channel)->sent, 2);
	assert_int_equal(renderer->nkept, 1);
	assert_true(toxic_remove(7));
}

static void there_is_room_for_so_many(void **state)
{
	struct end *browser, *renderer;
	struct ipc_place_toxic t = toxic(TOXIC_LATENCY, 0);

	(void)state;
	ends_pair(&browser, &renderer);
	for (uint32_t i = 0; i < TOXIC_MAX; i++) {
		t.toxic = 100 + i;
		assert_true(toxic_place(browser->channel, &t));
	}
	assert_false(toxic_place(browser->channel, &t));
	send_pings(browser, 3);
	end_expect(renderer, 3);
	for (uint32_t i = 0; i < TOXIC_MAX; i++)
		assert_true(toxic_remove(100 + i));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(latency_delays_all_and_keeps_the_order, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_overtakes_a_message_that_is_held, setup, teardown),
		cmocka_unit_test_setup_teardown(bandwidth_lets_so_many_bytes_pass, setup, teardown),
		cmocka_unit_test_setup_teardown(drop_is_the_same_under_the_same_seed, setup, teardown),
		cmocka_unit_test_setup_teardown(a_duplicate_is_a_message_of_its_own, setup, teardown),
		cmocka_unit_test_setup_teardown(reorder_lets_the_next_pass, setup, teardown),
		cmocka_unit_test_setup_teardown(corrupt_changes_the_field_that_is_named, setup, teardown),
		cmocka_unit_test_setup_teardown(corrupt_changes_the_byte_that_is_named, setup, teardown),
		cmocka_unit_test_setup_teardown(cut_closes_behind_so_many_bytes, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_held_goes_on_when_the_toxic_is_removed, setup,
						teardown),
		cmocka_unit_test_setup_teardown(descriptors_are_held_and_never_leak, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_held_is_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(there_is_room_for_so_many, setup, teardown),
		cmocka_unit_test_setup_teardown(a_duplicate_does_not_escape_the_toxics_behind, setup,
						teardown),
		cmocka_unit_test_setup_teardown(requests_are_awaited_as_often_as_they_leave, setup, teardown),
		cmocka_unit_test_setup_teardown(empty_messages_are_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(a_message_may_be_sent_while_one_is_swapped, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_held_keeps_its_cause, setup, teardown),
		cmocka_unit_test_setup_teardown(flushed_does_not_cover_what_is_dropped, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
