/* Recorders that lie: any bytes, and lies with care. The browser comes to no harm and says who lied. */
#include "tests/traffic/fixture.h"
#include <pthread.h>

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

static uint64_t id_of(int who, uint64_t number)
{
	return ipc_make_id(s.nodes[who].us.role, s.nodes[who].us.serial, number);
}

/* The renderer is a liar, nobody else is, and the traffic of the others is told as before. */
static void check_only_renderer_lied(void)
{
	collector_drain(s.collector, 0);
	assert_true(collector_forged(s.collector, s.nodes[RENDERER].us));
	assert_false(collector_forged(s.collector, s.nodes[BROWSER].us));
	assert_false(collector_forged(s.collector, s.nodes[GPU].us));
	assert_non_null(ship_find(&s, "forged"));
	ipc_send_show_page(s.nodes[BROWSER].to[GPU], 1, 424242);
	ipc_send_did_commit(s.nodes[RENDERER].to[BROWSER], 1, 1);
	ship_settle(&s);
	collector_drain(s.collector, 0);
	assert_int_equal(ship_count(&s, "show_page", TRAFFIC_DELIVERED), 1);
	/* What the browser itself received was received, whatever the sender's recorder says. */
	assert_int_equal(ship_count(&s, "did_commit", TRAFFIC_DELIVERED), 1);
	unsigned forged = 0;
	char buf[TRAFFIC_NAME_TEXT];

	for (uint64_t i = collector_first(s.collector); i < collector_end(s.collector); i++)
		forged += strcmp(traffic_name(collector_event(s.collector, i), buf), "forged") == 0;
	assert_int_equal(forged, 1);
}

static void test_sent_with_foreign_id(void **state)
{
	(void)state;
	ship_forge(&s, RENDERER, RECORD_SENT, GPU, IPC_SUBMIT_FRAME, id_of(GPU, 1));
	check_only_renderer_lied();
}

static void test_sent_as_browser(void **state)
{
	(void)state;
	ship_forge(&s, RENDERER, RECORD_SENT, GPU, IPC_SHOW_PAGE, id_of(BROWSER, 1));
	check_only_renderer_lied();
}

static void test_sent_twice(void **state)
{
	(void)state;
	ship_forge(&s, RENDERER, RECORD_SENT, GPU, IPC_SUBMIT_FRAME, id_of(RENDERER, 5));
	ship_forge(&s, RENDERER, RECORD_SENT, GPU, IPC_SUBMIT_FRAME, id_of(RENDERER, 5));
	check_only_renderer_lied();
}

static void test_sent_without_number(void **state)
{
	(void)state;
	ship_forge(&s, RENDERER, RECORD_SENT, GPU, IPC_SUBMIT_FRAME, id_of(RENDERER, 0));
	check_only_renderer_lied();
}

static void test_sent_to_itself(void **state)
{
	(void)state;
	ship_forge(&s, RENDERER, RECORD_SENT, RENDERER, IPC_SUBMIT_FRAME, id_of(RENDERER, 5));
	check_only_renderer_lied();
}

static void test_received_what_the_browser_never_sent(void **state)
{
	(void)state;
	ship_forge(&s, RENDERER, RECORD_RECEIVED, BROWSER, IPC_CLICK, id_of(BROWSER, 1234567));
	check_only_renderer_lied();
}

static void test_received_with_foreign_id(void **state)
{
	(void)state;
	ship_forge(&s, RENDERER, RECORD_RECEIVED, GPU, IPC_DID_TAKE_FRAME, id_of(BROWSER, 1));
	check_only_renderer_lied();
}

static void test_received_what_nobody_may_send(void **state)
{
	(void)state;
	ship_forge(&s, RENDERER, RECORD_RECEIVED, GPU, IPC_SHOW_PAGE, id_of(GPU, 1));
	check_only_renderer_lied();
}

/* A neighbour cannot be called a liar by what another says of it; nor is what one side alone says believed.
 */
static void test_received_from_a_neighbour(void **state)
{
	(void)state;
	ship_forge(&s, RENDERER, RECORD_RECEIVED, GPU, IPC_DID_TAKE_FRAME, id_of(GPU, 900000));
	collector_drain(s.collector, 0);
	assert_false(collector_forged(s.collector, s.nodes[GPU].us));
	assert_int_equal(ship_count(&s, "did_take_frame", TRAFFIC_UNKNOWN), 1);
	assert_int_equal(ship_count(&s, "did_take_frame", TRAFFIC_DELIVERED), 0);
}

/* A false receipt of a later message: what was before it is unknown, and the rest goes on. */
static void test_received_out_of_order(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++)
		ipc_send_click(s.nodes[BROWSER].to[RENDERER], 1, i, 0);
	ship_forge(&s, RENDERER, RECORD_RECEIVED, BROWSER, IPC_CLICK, channel_last_sent());
	collector_drain(s.collector, 0);
	assert_int_equal(ship_count(&s, "click", TRAFFIC_UNKNOWN), 2);
	assert_int_equal(ship_count(&s, "click", TRAFFIC_DELIVERED), 1);
	/* Then the true receipts come: the browser never sent those again. */
	ship_settle(&s);
	check_only_renderer_lied();
}

/* The sender's type and size are the browser's, not what the receiver claims. */
static void test_receipt_cannot_rename(void **state)
{
	(void)state;
	ipc_send_click(s.nodes[BROWSER].to[RENDERER], 1, 2, 3);
	ship_forge(&s, RENDERER, RECORD_RECEIVED, BROWSER, IPC_CLOSE_PAGE, channel_last_sent());
	collector_drain(s.collector, 0);
	assert_int_equal(ship_count(&s, "click", TRAFFIC_DELIVERED), 1);
	assert_null(ship_find(&s, "close_page"));
	assert_int_equal(ship_find(&s, "click")->bytes, 12);
}

/* To whom nobody knows: told, but no table grows. */
static void test_sent_to_nobody(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 3000; i++) {
		struct record r = { .kind = RECORD_SENT,
				    .peer_role = ROLE_PLUGIN,
				    .peer_serial = i,
				    .type = IPC_DESTROY_INSTANCE,
				    .id = id_of(RENDERER, i + 1) };

		recorder_write(&s.nodes[RENDERER].recorder, &r, NULL);
	}
	collector_drain(s.collector, 0);
	assert_int_equal(ship_count(&s, "destroy_instance", TRAFFIC_UNKNOWN), 3000);
	assert_int_equal(
		collector_count(s.collector, s.nodes[RENDERER].us, (struct endpoint){ ROLE_PLUGIN, 3 }).sent,
		0);
}

/* What it says of a toxic, with that number, kind and so many bytes of it, about its message of that id. */
static void forge_toxic(uint64_t id, uint32_t toxic, uint32_t kind, size_t bytes)
{
	struct record_toxic act = { .toxic = toxic, .kind = kind, .held_ns = UINT64_MAX };
	struct record r = { .kind = RECORD_TOXIC,
			    .peer_role = ROLE_GPU,
			    .peer_serial = s.nodes[GPU].us.serial,
			    .type = IPC_SUBMIT_FRAME,
			    .id = id,
			    .message_bytes = (uint32_t)bytes };

	recorder_write(&s.nodes[RENDERER].recorder, &r, &act);
	collector_drain(s.collector, 0);
}

static void test_toxics_that_cannot_be(void **state)
{
	const struct {
		uint64_t id;
		uint32_t toxic, kind;
		size_t bytes;
	} cases[] = {
		{ id_of(RENDERER, 1), 1, TOXIC_COUNT, sizeof(struct record_toxic) },
		{ id_of(RENDERER, 1), 1, UINT32_MAX, sizeof(struct record_toxic) },
		{ id_of(RENDERER, 1), 0, TOXIC_DROP, sizeof(struct record_toxic) },
		{ id_of(RENDERER, 1), 1, TOXIC_DROP, sizeof(struct record_toxic) - 8 },
		{ id_of(RENDERER, 1), 1, TOXIC_DROP, 0 },
		{ id_of(GPU, 1), 1, TOXIC_DROP, sizeof(struct record_toxic) },
		{ id_of(RENDERER, 0), 1, TOXIC_DROP, sizeof(struct record_toxic) },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		forge_toxic(cases[i].id, cases[i].toxic, cases[i].kind, cases[i].bytes);
		check_only_renderer_lied();
		sink(state);
		build(state);
	}
}

/* What may be is believed of its own messages only, and harms none but them. */
static void test_toxics_that_may_be(void **state)
{
	const struct traffic_event *e;

	(void)state;
	forge_toxic(id_of(RENDERER, 99999), 7, TOXIC_DROP, sizeof(struct record_toxic));
	assert_false(collector_forged(s.collector, s.nodes[RENDERER].us));
	ship_forge(&s, RENDERER, RECORD_SENT, GPU, IPC_SUBMIT_FRAME, id_of(RENDERER, 100000));
	forge_toxic(id_of(RENDERER, 100000), 7, TOXIC_DROP, sizeof(struct record_toxic));
	e = ship_find(&s, "submit_frame");
	assert_non_null(e);
	assert_int_equal(e->status, TRAFFIC_LOST);
	assert_string_equal(traffic_where(e), "toxic");
	/* Once more, of what is decided. */
	forge_toxic(id_of(RENDERER, 100000), 8, TOXIC_CUT, sizeof(struct record_toxic));
	assert_int_equal(ship_count(&s, "submit_frame", TRAFFIC_LOST), 1);
	assert_false(collector_forged(s.collector, s.nodes[RENDERER].us));
}

static void forge_sent(uint64_t number)
{
	ship_forge(&s, RENDERER, RECORD_SENT, GPU, IPC_SUBMIT_FRAME, id_of(RENDERER, number));
}

/* A mark stands right behind its message: nothing older is looked for, however many there are. */
static void test_toxics_of_older_messages(void **state)
{
	(void)state;
	for (uint64_t n = 1; n <= 3; n++)
		forge_sent(100000 + n);
	forge_toxic(id_of(RENDERER, 100001), 7, TOXIC_DROP, sizeof(struct record_toxic));
	forge_toxic(id_of(RENDERER, 100002), 7, TOXIC_CUT, sizeof(struct record_toxic));
	assert_int_equal(ship_count(&s, "submit_frame", TRAFFIC_LOST), 0);
	assert_int_equal(ship_count(&s, "submit_frame", TRAFFIC_IN_FLIGHT), 3);
	forge_toxic(id_of(RENDERER, 100003), 7, TOXIC_DROP, sizeof(struct record_toxic));
	assert_int_equal(ship_count(&s, "submit_frame", TRAFFIC_LOST), 1);
	forge_toxic(id_of(RENDERER, 100003), 7, TOXIC_DROP, sizeof(struct record_toxic));
	forge_toxic(id_of(RENDERER, 100002), 7, TOXIC_DROP, sizeof(struct record_toxic));
	assert_int_equal(ship_count(&s, "submit_frame", TRAFFIC_LOST), 1);
	assert_false(collector_forged(s.collector, s.nodes[RENDERER].us));
}

static uint64_t sent_by_renderer(uint32_t page)
{
	ipc_send_submit_frame(s.nodes[RENDERER].to[GPU], page, 1, 0, 1, 1, 1);
	return channel_last_sent();
}

/* What was before it arrives, and what comes behind it: only that one is lost. */
static void test_toxics_among_true_messages(void **state)
{
	uint64_t number;

	(void)state;
	sent_by_renderer(1);
	number = ipc_id_number(sent_by_renderer(2));
	ship_settle(&s);
	collector_drain(s.collector, 0);
	assert_int_equal(ship_count(&s, "submit_frame", TRAFFIC_DELIVERED), 2);
	/* Numbers that the channel will not give again here. */
	sent_by_renderer(3);
	forge_sent(number + 1000000);
	collector_drain(s.collector, 0);
	ship_settle(&s);
	collector_drain(s.collector, 0);
	assert_int_equal(ship_count(&s, "submit_frame", TRAFFIC_DELIVERED), 3);
	forge_toxic(id_of(RENDERER, number + 1000000), 7, TOXIC_DROP, sizeof(struct record_toxic));
	assert_int_equal(ship_count(&s, "submit_frame", TRAFFIC_LOST), 1);
	assert_int_equal(collector_count(s.collector, s.nodes[RENDERER].us, s.nodes[GPU].us).lost, 1);
	forge_sent(number + 1000001);
	collector_drain(s.collector, 0);
	assert_int_equal(ship_count(&s, "submit_frame", TRAFFIC_IN_FLIGHT), 1);
}

/* Of several, the one that changed the message is told, whichever acted first. */
static void test_several_toxics(void **state)
{
	const struct traffic_event *e;
	char text[TRAFFIC_TOXIC_TEXT];

	(void)state;
	forge_sent(100000);
	forge_toxic(id_of(RENDERER, 100000), 4, TOXIC_CORRUPT, sizeof(struct record_toxic));
	forge_toxic(id_of(RENDERER, 100000), 9, TOXIC_LATENCY, sizeof(struct record_toxic));
	e = ship_find(&s, "submit_frame");
	assert_string_equal(traffic_toxic(e, text), "corrupt 4");
	assert_int_equal(e->status, TRAFFIC_IN_FLIGHT);
}

static unsigned toxics_told;

static bool only_toxic_5(void *arg, uint64_t message, uint32_t toxic, enum toxic kind)
{
	(void)arg;
	assert_true(message == id_of(RENDERER, 100000) || message == id_of(RENDERER, 100001));
	assert_int_equal(kind, TOXIC_DROP);
	toxics_told++;
	return toxic == 5;
}

/* What nobody placed there did nothing. */
static void test_toxics_that_nobody_placed(void **state)
{
	struct collector_config config = { .toxic = only_toxic_5 };
	const char *question = "\"drop 5\"";

	sink(state);
	ship_build(&s, 0, &config, false);
	toxics_told = 0;
	forge_sent(100000);
	forge_toxic(id_of(RENDERER, 100000), 6, TOXIC_DROP, sizeof(struct record_toxic));
	assert_int_equal(toxics_told, 1);
	assert_int_equal(ship_find(&s, "submit_frame")->status, TRAFFIC_IN_FLIGHT);
	assert_int_equal(ship_find(&s, "submit_frame")->toxic, 0);
	assert_false(event_matches(question, ship_find(&s, "submit_frame")));
	forge_sent(100001);
	forge_toxic(id_of(RENDERER, 100001), 5, TOXIC_DROP, sizeof(struct record_toxic));
	assert_int_equal(ship_find(&s, "submit_frame")->status, TRAFFIC_LOST);
	assert_true(event_matches(question, ship_find(&s, "submit_frame")));
	assert_false(collector_forged(s.collector, s.nodes[RENDERER].us));
}

static void test_times(void **state)
{
	static const uint64_t times[] = { 0, 1, UINT64_MAX, UINT64_MAX / 2, 5 };
	struct recorder_region *region = s.nodes[RENDERER].recorder.region;
	uint64_t before = collector_start_us(s.collector), number = 0;

	(void)state;
	for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
		uint64_t at = region->committed % region->ring_bytes;

		ship_forge(&s, RENDERER, RECORD_SENT, GPU, IPC_SUBMIT_FRAME, id_of(RENDERER, ++number));
		((struct record *)(region->ring + at))->time_ns = times[i];
	}
	/* One that claims to be of the future waits for the next drain. */
	for (unsigned i = 0; i < 10; i++)
		collector_drain(s.collector, 0);
	assert_int_equal(ship_count(&s, "submit_frame", TRAFFIC_IN_FLIGHT), 5);
	for (uint64_t i = collector_first(s.collector); i < collector_end(s.collector); i++) {
		assert_true(collector_event(s.collector, i)->ts_us < before + 60000000);
		assert_true(collector_event(s.collector, i)->ts_us + 60000000 > before);
	}
}

/* More open messages than a queue could ever hold: half of them are given up, again and again. */
static void test_open_messages_are_bounded(void **state)
{
	uint64_t number = 0;

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		for (unsigned j = 0; j < 4000; j++)
			ship_forge(&s, RENDERER, RECORD_SENT, GPU, IPC_SUBMIT_FRAME,
				   id_of(RENDERER, ++number));
		collector_drain(s.collector, 0);
	}
	struct traffic_counts counts = collector_count(s.collector, s.nodes[RENDERER].us, s.nodes[GPU].us);

	assert_int_equal(counts.sent, 400000);
	assert_true((counts.sent - counts.unknown) * sizeof(struct stored) <
		    COLLECTOR_OPEN_BYTES + 1024 * sizeof(struct stored));
	assert_true(collector_end(s.collector) - collector_first(s.collector) <= COLLECTOR_EVENTS);
}

/* Pads upon pads, and a counter that runs ahead: reading ends. */
static void test_pads(void **state)
{
	struct recorder_region *region = s.nodes[RENDERER].recorder.region;
	struct {
		uint32_t bytes;
		uint8_t kind, unused[3];
	} pad = { (uint32_t)region->ring_bytes, RECORD_PAD, { 0 } };

	(void)state;
	memcpy(region->ring, &pad, sizeof pad);
	region->reserved = region->committed = region->ring_bytes;
	check_only_renderer_lied();
}

static void test_counter_goes_back(void **state)
{
	(void)state;
	ship_forge(&s, RENDERER, RECORD_SENT, GPU, IPC_SUBMIT_FRAME, id_of(RENDERER, 1));
	collector_drain(s.collector, 0);
	s.nodes[RENDERER].recorder.region->committed = 8;
	check_only_renderer_lied();
}

/* Counters of channels that never were, and flags that flicker, only change what is said of its own messages.
 */
static void test_peer_counters(void **state)
{
	struct recorder_region *region = s.nodes[RENDERER].recorder.region;

	(void)state;
	ipc_send_click(s.nodes[BROWSER].to[RENDERER], 1, 2, 3);
	for (unsigned i = 0; i < RECORDER_PEERS; i++)
		region->peers[i] = (struct recorder_peer){ .role = UINT32_MAX,
							   .serial = i,
							   .open = i,
							   .sent = UINT64_MAX,
							   .flushed = UINT64_MAX,
							   .arrived = UINT64_MAX };
	collector_drain(s.collector, 0);
	region->peers[3] =
		(struct recorder_peer){ .role = ROLE_BROWSER, .closed_at = 1, .arrived = UINT64_MAX };
	collector_drain(s.collector, 0);
	assert_int_equal(ship_find(&s, "click")->status, TRAFFIC_LOST);
	assert_int_equal(ship_find(&s, "click")->where, TRAFFIC_AT_RECEIVER);
	ship_settle(&s);
	check_only_renderer_lied();
}

static void fuzz_bytes(uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		bytes[i] = (uint8_t)random();
}

/* A record that looks right but for a few of its fields. */
static void fuzz_record(struct recorder_region *region, struct record *r)
{
	uint8_t payload[RECORDER_RECORDED_BYTES];

	/* The writing side itself must stay within the ring. */
	region->committed &= ~(uint64_t)7;
	fuzz_bytes(payload, sizeof payload);
	*r = (struct record){ .kind = (uint8_t)(1 + random() % 3),
			      .peer_role = (uint8_t)(random() % ROLE_COUNT),
			      .peer_serial = (uint32_t)(random() % 3),
			      .type = (uint16_t)(random() % (IPC_COUNT + 1)),
			      .id = ipc_make_id((enum role)(random() % ROLE_COUNT), (uint32_t)(random() % 3),
						(uint64_t)(random() % 1000)),
			      .cause = (uint64_t)random() << 33 | (uint64_t)random(),
			      .message_bytes = (uint32_t)random() % 300,
			      .fds = random() % 2,
			      .reason = (uint8_t)(random() % BAD_MESSAGE_COUNT) };
	if (random() % 20 == 0)
		r->message_bytes = (uint32_t)random() * 2;
	recorder_write(&(struct recorder){ .region = region, .payload_max = sizeof payload }, r, payload);
}

static void fuzz_counters(struct recorder_region *region)
{
	_Atomic uint64_t *const counters[] = { &region->reserved, &region->committed, &region->records,
					       &region->drained, &region->handling };
	uint64_t value = (uint64_t)random() << (random() % 33);

	*counters[random() % 5] += random() % 2 ? value & ~(uint64_t)7 : value;
	fuzz_bytes((uint8_t *)&region->peers[random() % RECORDER_PEERS], sizeof region->peers[0]);
}

/* Every event, whatever it came from, can be shown in every way. */
static void show_all(struct collector *c)
{
	static char text[128 << 10];

	for (uint64_t i = collector_first(c); i < collector_end(c); i++) {
		const struct traffic_event *e = collector_event(c, i);
		struct format out = format_into(text, sizeof text);
		uint32_t page;

		traffic_format_json(e, &out);
		assert_false(out.full);
		out = format_into(text, sizeof text);
		traffic_format_line(e, 0, &out);
		traffic_page(e, &page);
	}
}

static void fuzz_once(unsigned seed)
{
	struct endpoint liar = { ROLE_RENDERER, 2 };
	size_t ring = 4096u << random() % 4;
	struct recorder_region *region = calloc(1, sizeof *region + ring);
	struct record r;

	assert_non_null(region);
	recorder_init(&(struct recorder){ 0 }, region, sizeof *region + ring, RECORDER_RECORDED_BYTES);
	assert_true(collector_add_process(s.collector, liar, region, ring));
	for (unsigned i = 0; i < 40; i++) {
		for (long n = random() % 8; n > 0; n--)
			fuzz_record(region, &r);
		if (seed % 3 == 0)
			fuzz_bytes(region->ring + random() % (ring - 64), (size_t)(random() % 64));
		if (seed % 3 == 1)
			fuzz_counters(region);
		region->ring_bytes = ring;
		collector_drain(s.collector, 0);
		if (random() % 20 == 0)
			collector_channel_ended(s.collector, liar, s.nodes[random() % NODES].us);
	}
	show_all(s.collector);
	collector_process_ended(s.collector, liar);
	free(region);
}

/* A fresh collector each, as a liar is read no more once it is found out. */
static void test_fuzz(void **state)
{
	struct collector *whole = s.collector;

	(void)state;
	for (unsigned seed = 0; seed < 600; seed++) {
		srandom(seed);
		s.collector = collector_create(&(struct collector_config){ .max_events = 500 });
		assert_non_null(s.collector);
		for (int i = 0; i < NODES; i++)
			collector_add_process(s.collector, s.nodes[i].us, s.nodes[i].recorder.region,
					      s.nodes[i].ring_bytes);
		fuzz_once(seed);
		assert_false(collector_forged(s.collector, s.nodes[BROWSER].us));
		assert_false(collector_forged(s.collector, s.nodes[GPU].us));
		collector_destroy(s.collector);
	}
	s.collector = whole;
}

static atomic_bool scribbling;

/* A child may write while it is read. */
static void *scribble(void *arg)
{
	struct recorder_region *region = arg;
	struct record r;

	while (atomic_load(&scribbling)) {
		for (unsigned i = 0; i < 50; i++)
			fuzz_record(region, &r);
		fuzz_counters(region);
		region->ring_bytes = 4096;
		fuzz_bytes(region->ring + random() % 4000, 16);
	}
	return NULL;
}

/* However fast it writes, and whatever: every drain ends. */
static void test_written_while_read(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 100; round++) {
		struct endpoint liar = { ROLE_RENDERER, 100 + round };
		struct recorder_region *region = calloc(1, sizeof *region + 4096);
		pthread_t thread;

		assert_non_null(region);
		recorder_init(&(struct recorder){ 0 }, region, sizeof *region + 4096,
			      RECORDER_RECORDED_BYTES);
		assert_true(collector_add_process(s.collector, liar, region, 4096));
		atomic_store(&scribbling, true);
		assert_int_equal(pthread_create(&thread, NULL, scribble, region), 0);
		for (unsigned i = 0; i < 50; i++)
			collector_drain(s.collector, 0);
		collector_process_ended(s.collector, liar);
		atomic_store(&scribbling, false);
		pthread_join(thread, NULL);
		free(region);
	}
	show_all(s.collector);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, build, sink)
	const struct CMUnitTest tests[] = {
		TEST(sent_with_foreign_id),
		TEST(sent_as_browser),
		TEST(sent_twice),
		TEST(sent_without_number),
		TEST(sent_to_itself),
		TEST(received_what_the_browser_never_sent),
		TEST(received_with_foreign_id),
		TEST(received_what_nobody_may_send),
		TEST(received_from_a_neighbour),
		TEST(received_out_of_order),
		TEST(receipt_cannot_rename),
		TEST(sent_to_nobody),
		TEST(toxics_that_cannot_be),
		TEST(toxics_that_may_be),
		TEST(toxics_of_older_messages),
		TEST(toxics_among_true_messages),
		TEST(several_toxics),
		TEST(toxics_that_nobody_placed),
		TEST(times),
		TEST(open_messages_are_bounded),
		TEST(pads),
		TEST(counter_goes_back),
		TEST(peer_counters),
		TEST(fuzz),
		TEST(written_while_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
