/* The collector over real channels: what was sent and received, and what became of it. */
#include "tests/traffic/fixture.h"

static struct ship s;

static int build(void **state)
{
	(void)state;
	ship_build(&s, 0, NULL, false);
	return 0;
}

static int sink(void **state)
{
	(void)state;
	ship_sink(&s);
	return 0;
}

static const char *args_of(const struct traffic_event *e)
{
	static char text[1024];
	struct format out = format_into(text, sizeof text);

	return traffic_args_json(e, &out) ? text : "null";
}

static void test_delivered(void **state)
{
	const struct traffic_event *e;
	char buf[IPC_ID_TEXT];

	(void)state;
	ipc_send_click(s.nodes[BROWSER].to[RENDERER], 7, 20, 30);
	s.nodes[RENDERER].answers = 1;
	ipc_send_submit_frame(s.nodes[RENDERER].to[GPU], 7, 1, 0, 4096, 120, 80);
	ship_settle(&s);
	assert_false(collector_drain(s.collector, 0));

	e = ship_find(&s, "click");
	assert_non_null(e);
	assert_int_equal(e->status, TRAFFIC_DELIVERED);
	assert_string_equal(args_of(e), "{\"page\":7,\"row\":20,\"column\":30}");
	assert_true(e->queued_ns != TRAFFIC_NO_TIME && e->queued_ns > 0);
	assert_string_equal(traffic_from(e, buf), "browser");
	assert_string_equal(traffic_to(e, buf), "renderer:1");
	assert_int_equal(e->cause, 0);
	uint64_t click = e->id;

	/* What was sent while it was handled names it as its cause. */
	e = ship_find(&s, "did_commit");
	assert_non_null(e);
	assert_int_equal(e->cause, click);
	assert_int_equal(e->status, TRAFFIC_DELIVERED);
	/* Between children: from the sender's recorder. */
	e = ship_find(&s, "submit_frame");
	assert_int_equal(e->status, TRAFFIC_DELIVERED);
	assert_string_equal(
		args_of(e),
		"{\"page\":7,\"generation\":1,\"half\":0,\"bytes\":4096,\"rows\":120,\"columns\":80}");
	uint32_t page = 0;

	assert_true(traffic_page(e, &page));
	assert_int_equal(page, 7);
}

/* How long a handler took is known of each message of a packet, and of none whose handler never returned. */
static void test_handled(void **state)
{
	const struct traffic_event *e;

	(void)state;
	ipc_send_click(s.nodes[BROWSER].to[RENDERER], 7, 20, 30);
	ipc_send_press_key(s.nodes[BROWSER].to[RENDERER], 7, KEY_ACTIVATE);
	ship_settle(&s);
	collector_drain(s.collector, 0);
	e = ship_find(&s, "click");
	assert_true(e->handled_ns > 0 && e->handled_ns != TRAFFIC_NO_TIME);
	e = ship_find(&s, "press_key");
	assert_true(e->handled_ns > 0 && e->handled_ns != TRAFFIC_NO_TIME);

	/* It comes in, and nothing says that its handler has returned: the process has died in it. */
	ipc_send_close_page(s.nodes[BROWSER].to[RENDERER], 7);
	ship_forge(&s, RENDERER, RECORD_RECEIVED, BROWSER, IPC_CLOSE_PAGE, channel_last_sent());
	ship_kill(&s, RENDERER);
	e = ship_find(&s, "close_page");
	assert_int_equal(e->status, TRAFFIC_DELIVERED);
	assert_true(e->handled_ns == TRAFFIC_NO_TIME);
}

/* Sent by a child, longer than its recorder keeps: the browser's own record has it whole. */
static void test_browser_record_wins(void **state)
{
	char url[1500];
	const struct traffic_event *e;

	(void)state;
	memset(url, 'u', sizeof url - 1);
	url[sizeof url - 1] = '\0';
	ipc_send_open_link(s.nodes[RENDERER].to[BROWSER], 3, ipc_text(url));
	channel_flush_all();
	collector_drain(s.collector, 0);
	e = ship_find(&s, "open_link");
	assert_int_equal(e->status, TRAFFIC_IN_FLIGHT);
	assert_int_equal(e->payload_bytes, RECORDER_RECORDED_BYTES);
	uint64_t sequence = e->sequence;

	ship_settle(&s);
	collector_drain(s.collector, 0);
	e = collector_event(s.collector, sequence);
	assert_int_equal(e->status, TRAFFIC_DELIVERED);
	assert_int_equal(e->payload_bytes, 4 + 4 + sizeof url - 1);
	char args[2048];
	struct format out = format_into(args, sizeof args);

	assert_true(traffic_args_json(e, &out));
	assert_says(args, url);
}

static void test_refused(void **state)
{
	const struct traffic_event *e;
	char buf[TRAFFIC_NAME_TEXT];

	(void)state;
	ipc_send_did_commit(s.nodes[RENDERER].to[BROWSER], 1, 1);
	channel_send_raw(s.nodes[RENDERER].to[BROWSER], UINT16_MAX, "junk", 4);
	ipc_send_did_commit(s.nodes[RENDERER].to[BROWSER], 1, 2);
	ship_settle(&s);
	collector_drain(s.collector, 0);

	e = ship_find(&s, "unknown_65535");
	assert_non_null(e);
	assert_int_equal(e->status, TRAFFIC_REFUSED);
	assert_string_equal(traffic_reason(e), "unknown_type");
	assert_string_equal(traffic_name(e, buf), "unknown_65535");
	assert_string_equal(args_of(e), "null");
	/* The one before it came through; the one behind it came in and was not handled: seen without being
	 * told. */
	assert_int_equal(ship_count(&s, "did_commit", TRAFFIC_DELIVERED), 1);
	collector_drain(s.collector, 0);
	assert_int_equal(ship_count(&s, "did_commit", TRAFFIC_LOST), 1);
	assert_int_equal(ship_find(&s, "did_commit")->where, TRAFFIC_AT_RECEIVER);
	assert_false(collector_forged(s.collector, s.nodes[RENDERER].us));
	assert_int_equal(collector_count(s.collector, s.nodes[RENDERER].us, s.nodes[BROWSER].us).refused, 1);
}

static void test_lost_at_sender(void **state)
{
	(void)state;
	ipc_send_submit_frame(s.nodes[RENDERER].to[GPU], 1, 1, 0, 8, 1, 1);
	ship_kill(&s, RENDERER);
	assert_int_equal(ship_count(&s, "submit_frame", TRAFFIC_LOST), 1);
	assert_int_equal(ship_find(&s, "submit_frame")->where, TRAFFIC_AT_SENDER);
	assert_string_equal(traffic_where(ship_find(&s, "submit_frame")), "sender");
}

static void test_lost_in_channel(void **state)
{
	(void)state;
	ipc_send_click(s.nodes[BROWSER].to[RENDERER], 1, 2, 3);
	channel_flush_all();
	collector_drain(s.collector, 0);
	assert_int_equal(ship_count(&s, "click", TRAFFIC_IN_FLIGHT), 1);
	ship_kill(&s, RENDERER);
	assert_int_equal(ship_count(&s, "click", TRAFFIC_LOST), 1);
	assert_int_equal(ship_find(&s, "click")->where, TRAFFIC_IN_CHANNEL);
}

/* Three messages in one packet; the receiver dies while it handles the first. */
static void test_lost_at_receiver(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++)
		ipc_send_click(s.nodes[BROWSER].to[RENDERER], 1, i, 0);
	s.nodes[RENDERER].ends_in_handler = true;
	ship_settle(&s);
	assert_int_equal(s.nodes[RENDERER].handled, 1);
	ship_kill(&s, RENDERER);
	assert_int_equal(ship_count(&s, "click", TRAFFIC_DELIVERED), 1);
	assert_int_equal(ship_count(&s, "click", TRAFFIC_LOST), 2);
	assert_int_equal(ship_find(&s, "click")->where, TRAFFIC_AT_RECEIVER);
	assert_int_equal(collector_count(s.collector, s.nodes[BROWSER].us, s.nodes[RENDERER].us).lost, 2);
}

/* What a dead process sent before can still be read by a living one: it is lost only when that one is done.
 */
static void test_dead_sender_is_read_on(void **state)
{
	(void)state;
	ipc_send_submit_frame(s.nodes[RENDERER].to[GPU], 1, 1, 0, 8, 1, 1);
	channel_flush_all();
	ipc_send_submit_frame(s.nodes[RENDERER].to[GPU], 1, 1, 1, 8, 1, 1);
	ship_kill(&s, RENDERER);
	assert_int_equal(ship_count(&s, "submit_frame", TRAFFIC_IN_FLIGHT), 1);
	assert_int_equal(ship_count(&s, "submit_frame", TRAFFIC_LOST), 1);
	ship_settle(&s);
	collector_drain(s.collector, 0);
	assert_int_equal(ship_count(&s, "submit_frame", TRAFFIC_DELIVERED), 1);
	assert_int_equal(s.nodes[GPU].handled, 1);
}

/* The GPU process closes its end while both live. */
static void test_channel_closed(void **state)
{
	(void)state;
	ipc_send_submit_frame(s.nodes[RENDERER].to[GPU], 1, 1, 0, 8, 1, 1);
	channel_flush_all();
	collector_drain(s.collector, 0);
	assert_int_equal(ship_count(&s, "submit_frame", TRAFFIC_IN_FLIGHT), 1);
	ship_close(&s, GPU, RENDERER);
	collector_drain(s.collector, 0);
	assert_int_equal(ship_count(&s, "submit_frame", TRAFFIC_LOST), 1);
	assert_int_equal(ship_find(&s, "submit_frame")->where, TRAFFIC_IN_CHANNEL);
}

static void test_channel_ended_is_told(void **state)
{
	(void)state;
	ipc_send_submit_frame(s.nodes[RENDERER].to[GPU], 1, 1, 0, 8, 1, 1);
	channel_flush_all();
	ipc_send_did_take_frame(s.nodes[GPU].to[RENDERER], 1, 1, 0);
	collector_channel_ended(s.collector, s.nodes[GPU].us, s.nodes[RENDERER].us);
	assert_int_equal(ship_find(&s, "submit_frame")->where, TRAFFIC_IN_CHANNEL);
	assert_int_equal(ship_find(&s, "did_take_frame")->where, TRAFFIC_AT_SENDER);
}

/* Both ways, a message is sent to a process that is already dead. */
static void test_sent_to_the_dead(void **state)
{
	(void)state;
	ship_kill(&s, GPU);
	ipc_send_submit_frame(s.nodes[RENDERER].to[GPU], 1, 1, 0, 8, 1, 1);
	ship_settle(&s);
	collector_drain(s.collector, 0);
	assert_int_equal(ship_count(&s, "submit_frame", TRAFFIC_LOST), 1);
	assert_int_equal(ship_find(&s, "submit_frame")->where, TRAFFIC_AT_SENDER);
}

/* The same counts in the log as in the counters of both processes, in each direction. */
static void check_counts(int from, int to)
{
	struct traffic_counts counts = collector_count(s.collector, s.nodes[from].us, s.nodes[to].us);

	assert_int_equal(counts.sent, channel_counters(s.nodes[from].to[to])->sent);
	assert_int_equal(counts.received, channel_counters(s.nodes[to].to[from])->received);
	assert_int_equal(counts.sent, counts.received);
}

static void test_counts(void **state)
{
	(void)state;
	srandom(1);
	for (unsigned i = 0; i < 20000; i++) {
		switch (random() % 6) {
		case 0:
			ipc_send_click(s.nodes[BROWSER].to[RENDERER], 1, i, 0);
			break;
		case 1:
			ipc_send_did_commit(s.nodes[RENDERER].to[BROWSER], 1, i);
			break;
		case 2:
			ipc_send_submit_frame(s.nodes[RENDERER].to[GPU], 1, i, 0, 8, 1, 1);
			break;
		case 3:
			ipc_send_did_take_frame(s.nodes[GPU].to[RENDERER], 1, i, 0);
			break;
		case 4:
			ipc_send_show_page(s.nodes[BROWSER].to[GPU], 1, i);
			break;
		default:
			ipc_send_ping(s.nodes[BROWSER].to[GPU], i);
		}
		if (random() % 100 == 0)
			ship_settle(&s);
		if (random() % 300 == 0)
			collector_drain(s.collector, 0);
	}
	ship_settle(&s);
	collector_drain(s.collector, 0);
	for (int from = 0; from < NODES; from++)
		for (int to = 0; to < NODES; to++)
			if (from != to)
				check_counts(from, to);
	for (int i = 0; i < NODES; i++)
		assert_int_equal(collector_gaps(s.collector, s.nodes[i].us), 0);
	/* In the order of time, and each of them decided. */
	uint64_t before = 0;

	for (uint64_t i = collector_first(s.collector); i < collector_end(s.collector); i++) {
		assert_true(collector_event(s.collector, i)->ts_us >= before);
		before = collector_event(s.collector, i)->ts_us;
		assert_int_equal(collector_event(s.collector, i)->status, TRAFFIC_DELIVERED);
	}
}

static void test_last(void **state)
{
	const struct traffic_event *last[8];
	char buf[TRAFFIC_NAME_TEXT];

	(void)state;
	ipc_send_click(s.nodes[BROWSER].to[RENDERER], 1, 1, 1);
	ipc_send_press_key(s.nodes[BROWSER].to[RENDERER], 1, KEY_ACTIVATE);
	ipc_send_ping(s.nodes[BROWSER].to[RENDERER], 5);
	ipc_send_did_commit(s.nodes[RENDERER].to[BROWSER], 1, 1);
	ship_settle(&s);
	ipc_send_submit_frame(s.nodes[RENDERER].to[GPU], 1, 1, 0, 8, 1, 1);
	ship_kill(&s, RENDERER);

	assert_int_equal(collector_last(s.collector, s.nodes[RENDERER].us, COLLECTOR_SENT, 8, last), 2);
	assert_string_equal(traffic_name(last[0], buf), "submit_frame");
	assert_string_equal(traffic_status(last[0]), "lost");
	assert_string_equal(traffic_name(last[1], buf), "did_commit");
	assert_int_equal(collector_last(s.collector, s.nodes[RENDERER].us, COLLECTOR_RECEIVED, 8, last), 2);
	assert_string_equal(traffic_name(last[0], buf), "press_key");
	assert_string_equal(traffic_name(last[1], buf), "click");
	assert_int_equal(
		collector_last(s.collector, (struct endpoint){ ROLE_PLUGIN, 9 }, COLLECTOR_SENT, 8, last), 0);
}

static void test_beat(void **state)
{
	unsigned beat[COLLECTOR_BEATS], sum = 0;

	(void)state;
	for (unsigned i = 0; i < 10; i++)
		ipc_send_click(s.nodes[BROWSER].to[RENDERER], 1, i, 1);
	ipc_send_ping(s.nodes[BROWSER].to[RENDERER], 5);
	ship_settle(&s);
	collector_drain(s.collector, 0);
	collector_beat(s.collector, s.nodes[RENDERER].us, beat);
	for (unsigned i = 0; i < COLLECTOR_BEATS; i++)
		sum += beat[i];
	assert_int_equal(sum, 10);
	assert_true(beat[COLLECTOR_BEATS - 1] + beat[COLLECTOR_BEATS - 2] == 10);
	assert_true(collector_rate(s.collector, s.nodes[RENDERER].us) > 3.9);
	collector_beat(s.collector, s.nodes[GPU].us, beat);
	for (unsigned i = 0; i < COLLECTOR_BEATS; i++)
		assert_int_equal(beat[i], 0);
}

static unsigned changes;
static void on_changed(void *arg)
{
	(*(unsigned *)arg)++;
}

static void test_listener(void **state)
{
	struct collector_listener listener = { .changed = on_changed, .arg = &changes };

	(void)state;
	changes = 0;
	collector_drain(s.collector, 0);
	collector_listen(s.collector, &listener);
	collector_drain(s.collector, 0);
	assert_int_equal(changes, 0);
	for (unsigned i = 0; i < 100; i++)
		ipc_send_click(s.nodes[BROWSER].to[RENDERER], 1, i, 1);
	ship_settle(&s);
	collector_drain(s.collector, 0);
	assert_int_equal(changes, 1);
	collector_note_input(s.collector, channel_make_id(s.nodes[BROWSER].us), 0, TRAFFIC_INPUT_KEY, "F8");
	assert_int_equal(changes, 2);
	collector_unlisten(s.collector, &listener);
	collector_note_input(s.collector, channel_make_id(s.nodes[BROWSER].us), 0, TRAFFIC_INPUT_KEY, "F8");
	assert_int_equal(changes, 2);
}

/* What the browser itself tells of stands in its place among the messages. */
static void test_notes_are_in_order(void **state)
{
	char buf[TRAFFIC_NAME_TEXT];
	static const char *const expected[] = { "click", "key", "press_key", "exit" };

	(void)state;
	ipc_send_click(s.nodes[BROWSER].to[RENDERER], 1, 1, 1);
	collector_note_input(s.collector, channel_make_id(s.nodes[BROWSER].us), 0, TRAFFIC_INPUT_KEY,
			     "Enter");
	ipc_send_press_key(s.nodes[BROWSER].to[RENDERER], 1, KEY_ACTIVATE);
	collector_note_process(s.collector, &(struct traffic_process){ .what = TRAFFIC_PROCESS_EXIT,
								       .process = s.nodes[RENDERER].us });
	assert_int_equal(collector_end(s.collector), 4);
	for (uint64_t i = 0; i < 4; i++)
		assert_string_equal(traffic_name(collector_event(s.collector, i), buf), expected[i]);
}

/* On the loop, by its timer and when woken. */
static void test_run(void **state)
{
	(void)state;
	collector_run(s.collector);
	ipc_send_click(s.nodes[BROWSER].to[RENDERER], 1, 1, 1);
	while (!ship_count(&s, "click", TRAFFIC_DELIVERED))
		loop_turn(-1);
	ipc_send_press_key(s.nodes[BROWSER].to[RENDERER], 1, KEY_ACTIVATE);
	ship_settle(&s);
	cause_set(77);
	collector_wake(s.collector);
	assert_int_equal(cause_current(), 77);
	cause_set(0);
	while (!ship_count(&s, "press_key", TRAFFIC_DELIVERED))
		loop_turn(-1);
}

/* The receiver's recorder is overwritten before it is read. */
static void test_gap_of_receiver(void **state)
{
	const unsigned sent = 400;
	struct traffic_counts counts;

	(void)state;
	ship_sink(&s);
	ship_build(&s, 8192, NULL, false);
	for (unsigned i = 0; i < sent; i++) {
		ipc_send_click(s.nodes[BROWSER].to[RENDERER], 1, i, 1);
		if (i % 50 == 0)
			ship_settle(&s);
	}
	ship_settle(&s);
	assert_int_equal(s.nodes[RENDERER].handled, sent);
	collector_drain(s.collector, 0);
	/* Each turn of the receiver's ends with a record of its own. */
	assert_int_equal(collector_gaps(s.collector, s.nodes[RENDERER].us), sent + sent / 50 + 1);
	assert_non_null(ship_find(&s, "gap"));
	/* Nobody can say yet; then one is read, and those before it can only have been received unseen. */
	assert_int_equal(ship_count(&s, "click", TRAFFIC_IN_FLIGHT), sent);
	ipc_send_click(s.nodes[BROWSER].to[RENDERER], 1, sent, 1);
	ship_settle(&s);
	collector_drain(s.collector, 0);
	assert_int_equal(ship_count(&s, "click", TRAFFIC_UNKNOWN), sent);
	assert_int_equal(ship_count(&s, "click", TRAFFIC_DELIVERED), 1);
	counts = collector_count(s.collector, s.nodes[BROWSER].us, s.nodes[RENDERER].us);
	assert_int_equal(counts.sent, sent + 1);
	assert_int_equal(counts.unknown, sent);
	assert_false(collector_forged(s.collector, s.nodes[RENDERER].us));
}

/* The same, and then it dies: what cannot be known is not called lost. */
static void test_gap_then_death(void **state)
{
	(void)state;
	ship_sink(&s);
	ship_build(&s, 8192, NULL, false);
	for (unsigned i = 0; i < 400; i++)
		ipc_send_click(s.nodes[BROWSER].to[RENDERER], 1, i, 1);
	ship_settle(&s);
	collector_drain(s.collector, 0);
	ipc_send_press_key(s.nodes[BROWSER].to[RENDERER], 1, KEY_ACTIVATE);
	channel_flush_all();
	ship_kill(&s, RENDERER);
	assert_int_equal(ship_count(&s, "click", TRAFFIC_UNKNOWN), 400);
	/* This one was sent after the gap. */
	assert_int_equal(ship_count(&s, "press_key", TRAFFIC_LOST), 1);
}

/* The sender's recorder is overwritten: the receipts alone tell. */
static void test_gap_of_sender(void **state)
{
	(void)state;
	ship_sink(&s);
	ship_build(&s, 8192, NULL, false);
	for (unsigned i = 0; i < 200; i++)
		ipc_send_did_commit(s.nodes[RENDERER].to[BROWSER], 1, i);
	ship_settle(&s);
	collector_drain(s.collector, 0);
	assert_int_equal(ship_count(&s, "did_commit", TRAFFIC_DELIVERED), 200);
	assert_true(ship_find(&s, "did_commit")->queued_ns == TRAFFIC_NO_TIME);
	assert_string_equal(args_of(ship_find(&s, "did_commit")), "{\"page\":1,\"navigation\":199}");
}

static void test_history_bounds(void **state)
{
	struct collector_config config = { .max_events = 100, .max_bytes = 1 << 20 };

	(void)state;
	ship_sink(&s);
	ship_build(&s, 0, &config, false);
	for (unsigned i = 0; i < 1000; i++)
		ipc_send_click(s.nodes[BROWSER].to[RENDERER], 1, i, 1);
	/* All of them are in flight while the history holds but a hundred. */
	collector_drain(s.collector, 0);
	ship_settle(&s);
	collector_drain(s.collector, 0);
	assert_int_equal(collector_end(s.collector), 1000);
	assert_int_equal(collector_first(s.collector), 900);
	assert_null(collector_event(s.collector, 899));
	assert_null(collector_event(s.collector, 1000));
	assert_int_equal(collector_event(s.collector, 900)->status, TRAFFIC_DELIVERED);
	assert_int_equal(collector_count(s.collector, s.nodes[BROWSER].us, s.nodes[RENDERER].us).received,
			 1000);
}

static void test_history_bytes(void **state)
{
	struct collector_config config = { .max_events = 4000, .max_bytes = 2 << 20 };
	char url[2000];

	(void)state;
	memset(url, 'u', sizeof url - 1);
	url[sizeof url - 1] = '\0';
	ship_sink(&s);
	ship_build(&s, 0, &config, false);
	for (unsigned i = 0; i < 6000; i++) {
		ipc_send_open_link(s.nodes[RENDERER].to[BROWSER], i, ipc_text(url));
		if (i % 50)
			continue;
		ship_settle(&s);
		collector_drain(s.collector, 0);
	}
	ship_settle(&s);
	collector_drain(s.collector, 0);
	assert_int_equal(collector_end(s.collector), 6000);
	assert_in_range(collector_bytes(s.collector), 2045 << 10, 2 << 20);
	/* Whole there would be a thousand of them: before any is dropped, old ones are cut. */
	assert_in_range(6000 - collector_first(s.collector), 3000, 3999);
	const struct traffic_event *oldest = collector_event(s.collector, collector_first(s.collector));

	assert_int_equal(oldest->payload_bytes, STORED_HEAD);
	assert_int_equal(oldest->bytes, ship_find(&s, "open_link")->payload_bytes);
}

/* The newest hundred thousand stay, however long they are, within the bound. */
static void test_history_of_long_messages(void **state)
{
	struct history h;
	uint8_t payload[4000] = { 0 };
	struct traffic_event event = { .kind = TRAFFIC_MESSAGE, .bytes = sizeof payload };

	(void)state;
	assert_true(history_init(&h, COLLECTOR_EVENTS, COLLECTOR_BYTES));
	for (unsigned i = 0; i < COLLECTOR_EVENTS + 5000; i++) {
		struct stored *made = stored_create(&event, payload, i % 2 ? sizeof payload : STORED_HEAD);

		assert_non_null(made);
		history_append(&h, made);
		stored_release(made);
		assert_true(h.bytes <= COLLECTOR_BYTES);
	}
	assert_int_equal(h.end - h.first, COLLECTOR_EVENTS);
	history_finish(&h);
	assert_int_equal(h.bytes, 0);
}

/* Ended processes are forgotten in the end, and nothing about them stays behind. */
static void test_many_deaths(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < COLLECTOR_ENDED + 50; i++) {
		struct endpoint plugin = { ROLE_PLUGIN, i + 1 };
		const struct traffic_event *last[1];
		struct recorder_region *region = calloc(1, sizeof *region + 4096);
		struct recorder recorder;

		assert_non_null(region);
		recorder_init(&recorder, region, sizeof *region + 4096, RECORDER_RECORDED_BYTES);
		assert_true(collector_add_process(s.collector, plugin, region, 4096));
		assert_false(collector_add_process(s.collector, plugin, region, 4096));
		struct record r = { .kind = RECORD_SENT,
				    .peer_role = ROLE_BROWSER,
				    .type = IPC_PONG,
				    .id = ipc_make_id(ROLE_PLUGIN, i + 1, 1) };

		recorder_write(&recorder, &r, NULL);
		r = (struct record){ .kind = RECORD_SENT,
				     .peer_role = ROLE_BROWSER,
				     .type = IPC_DID_FILL_RECORDER,
				     .id = ipc_make_id(ROLE_PLUGIN, i + 1, 2) };
		recorder_write(&recorder, &r, NULL);
		collector_process_ended(s.collector, plugin);
		assert_int_equal(collector_last(s.collector, plugin, COLLECTOR_SENT, 1, last), 1);
		free(region);
	}
	const struct traffic_event *last[1];

	assert_int_equal(
		collector_last(s.collector, (struct endpoint){ ROLE_PLUGIN, 1 }, COLLECTOR_SENT, 1, last), 0);
	assert_int_equal(ship_count(&s, "did_fill_recorder", TRAFFIC_LOST), COLLECTOR_ENDED + 50);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, build, sink)
	const struct CMUnitTest tests[] = {
		TEST(delivered),
		TEST(handled),
		TEST(browser_record_wins),
		TEST(refused),
		TEST(lost_at_sender),
		TEST(lost_in_channel),
		TEST(lost_at_receiver),
		TEST(dead_sender_is_read_on),
		TEST(channel_closed),
		TEST(channel_ended_is_told),
		TEST(sent_to_the_dead),
		TEST(counts),
		TEST(last),
		TEST(beat),
		TEST(listener),
		TEST(notes_are_in_order),
		TEST(run),
		TEST(gap_of_receiver),
		TEST(gap_then_death),
		TEST(gap_of_sender),
		TEST(history_bounds),
		TEST(history_bytes),
		cmocka_unit_test(test_history_of_long_messages),
		TEST(many_deaths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
