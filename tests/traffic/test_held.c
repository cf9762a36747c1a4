/*
 * What flight recorders tell of breakpoints: held, dropped, edited and doubled messages in the model, and
 * recorders that lie about them. tests/common/test_hold.c is about the holding itself.
 */
#include "browser/traffic/collect/chain.h"
#include "browser/traffic/collect/toll.h"
#include "common/hold.h"
#include "tests/traffic/fixture.h"
#include <string.h>
#include <time.h>

enum { NUMBER = 3 };

static struct ship s;
static uint64_t begun_ns;
static unsigned wanted; /* type that is held; IPC_COUNT: none */
static bool believes;	/* that children hold and do what they say */

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
	(void)c;
	(void)way;
	(void)v;
	assert_int_equal(breakpoint, NUMBER);
}

static void on_gone(void *arg, struct channel *c, enum hold_way way)
{
	(void)arg;
	(void)c;
	(void)way;
}

static bool believe_held(void *arg, uint32_t breakpoint, struct endpoint from, struct endpoint at)
{
	(void)arg;
	(void)from;
	(void)at;
	return believes && breakpoint == NUMBER;
}

static uint32_t believe_marks(void *arg, struct endpoint at, uint64_t message, uint16_t type, uint32_t marks)
{
	(void)arg;
	(void)at;
	(void)message;
	(void)type;
	return believes ? marks : 0;
}

static int build(void **state)
{
	static const struct collector_config config = { .held = believe_held, .marks = believe_marks };

	(void)state;
	wanted = IPC_COUNT;
	begun_ns = recorder_now();
	believes = true;
	hold_watcher = (struct hold_watcher){ .wants = on_wants, .held = on_held, .gone = on_gone };
	ship_build(&s, 0, &config, false);
	return 0;
}

static int sink(void **state)
{
	(void)state;
	ship_sink(&s);
	hold_watcher = (struct hold_watcher){ 0 };
	return 0;
}

static uint64_t id_of(int who, uint64_t number)
{
	return ipc_make_id(s.nodes[who].us.role, s.nodes[who].us.serial, number);
}

/* The GPU process holds frames of the renderer. */
static void hold_frames(void)
{
	assert_true(hold_watch(s.nodes[GPU].to[RENDERER]));
	wanted = IPC_SUBMIT_FRAME;
}

static void send_frame(uint32_t page)
{
	ipc_send_submit_frame(s.nodes[RENDERER].to[GPU], page, 1, 0, 100, 5, 80);
}

static const struct traffic_event *find(const char *name)
{
	ship_settle(&s);
	collector_drain(s.collector, 0);
	return ship_find(&s, name);
}

static void settle(int who, int peer, enum hold_way way, const struct hold_order *order)
{
	usleep(1000); /* time that is told of; nothing waits for it */
	assert_true(hold_settle(s.nodes[who].to[peer], way, order));
}

/* No time is counted twice. */
static void check_parted(const struct traffic_event *e)
{
	assert_true(e->queued_ns + e->held_ns <= recorder_now() - begun_ns);
}

static void test_held_and_going_on(void **state)
{
	const struct traffic_event *e;

	(void)state;
	hold_frames();
	send_frame(1);
	send_frame(2);
	e = find("submit_frame");
	assert_int_equal(ship_count(&s, "submit_frame", TRAFFIC_HELD), 1);
	assert_int_equal(ship_count(&s, "submit_frame", TRAFFIC_IN_FLIGHT), 1);
	assert_int_equal(e->status, TRAFFIC_IN_FLIGHT);
	wanted = IPC_COUNT;
	settle(GPU, RENDERER, HOLD_INCOMING, &(struct hold_order){ .action = HELD_ACTION_PROCEED });
	e = find("submit_frame");
	assert_int_equal(ship_count(&s, "submit_frame", TRAFFIC_DELIVERED), 2);
	assert_int_equal(e->breakpoint, 0);
	e = collector_event(s.collector, e->sequence - 1);
	assert_int_equal(e->breakpoint, NUMBER);
	assert_true(e->held_ns >= 1000000);
	check_parted(e);
	assert_true(e->handled_ns != TRAFFIC_NO_TIME);
}

static void test_dropped(void **state)
{
	const struct traffic_event *e;

	(void)state;
	hold_frames();
	send_frame(1);
	ship_settle(&s);
	settle(GPU, RENDERER, HOLD_INCOMING, &(struct hold_order){ .action = HELD_ACTION_DROP });
	e = find("submit_frame");
	assert_int_equal(e->status, TRAFFIC_LOST);
	assert_int_equal(e->where, TRAFFIC_AT_BREAKPOINT);
	assert_true(e->held_ns >= 1000000);
	assert_int_equal(s.nodes[GPU].handled, 0);
}

static void test_edited_and_doubled(void **state)
{
	uint8_t fields[19] = { 9 };
	const struct traffic_event *e;
	uint32_t page;

	(void)state;
	hold_frames();
	send_frame(1);
	ship_settle(&s);
	settle(GPU, RENDERER, HOLD_INCOMING,
	       &(struct hold_order){ .action = HELD_ACTION_DUPLICATE,
				     .edited = true,
				     .fields = fields,
				     .bytes = sizeof fields });
	e = find("submit_frame");
	assert_int_equal(ship_count(&s, "submit_frame", TRAFFIC_DELIVERED), 2);
	assert_int_equal(e->marks, TRAFFIC_EDITED | TRAFFIC_DUPLICATED);
	e = collector_event(s.collector, e->sequence - 1);
	assert_int_equal(e->marks, TRAFFIC_EDITED);
	assert_true(traffic_page(e, &page));
	assert_int_equal(page, 9);
	assert_int_equal(collector_count(s.collector, s.nodes[RENDERER].us, s.nodes[GPU].us).received, 1);
}

static void test_edited_to_nonsense(void **state)
{
	const struct traffic_event *e;

	(void)state;
	hold_frames();
	send_frame(1);
	ship_settle(&s);
	settle(GPU, RENDERER, HOLD_INCOMING,
	       &(struct hold_order){ .edited = true, .fields = (const uint8_t *)"x", .bytes = 1 });
	e = find("submit_frame");
	assert_int_equal(e->status, TRAFFIC_REFUSED);
	assert_int_equal(e->reason, BAD_MESSAGE_TOO_SHORT);
	assert_int_equal(e->marks, TRAFFIC_EDITED);
}

/* Pongs pass what the browser holds, and settle nothing. */
static void test_pings_pass(void **state)
{
	(void)state;
	assert_true(hold_watch(s.nodes[BROWSER].to[RENDERER]));
	wanted = IPC_DID_COMMIT;
	ipc_send_did_commit(s.nodes[RENDERER].to[BROWSER], 1, 1);
	ipc_send_did_finish_load(s.nodes[RENDERER].to[BROWSER], 1, 1, 1, 1);
	ipc_send_ping(s.nodes[BROWSER].to[RENDERER], 1);
	/* It answers. */
	assert_non_null(find("pong"));
	assert_int_equal(ship_count(&s, "pong", TRAFFIC_DELIVERED), 1);
	assert_int_equal(ship_count(&s, "did_commit", TRAFFIC_HELD), 1);
	assert_int_equal(ship_count(&s, "did_finish_load", TRAFFIC_IN_FLIGHT), 1);
	wanted = IPC_COUNT;
	settle(BROWSER, RENDERER, HOLD_INCOMING, &(struct hold_order){ .action = HELD_ACTION_PROCEED });
	find("did_commit");
	assert_int_equal(ship_count(&s, "did_commit", TRAFFIC_DELIVERED), 1);
	assert_int_equal(ship_count(&s, "did_finish_load", TRAFFIC_DELIVERED), 1);
}

static void test_held_by_its_sender(void **state)
{
	const struct traffic_event *e;

	(void)state;
	assert_true(hold_watch(s.nodes[BROWSER].to[RENDERER]));
	wanted = IPC_CLOSE_PAGE;
	ipc_send_close_page(s.nodes[BROWSER].to[RENDERER], 1);
	/* It is there, and waits; it gets its id when it leaves. */
	e = find("close_page");
	uint64_t sequence = e->sequence, ts_us = e->ts_us;
	assert_int_equal(e->status, TRAFFIC_HELD);
	assert_int_equal(e->id, 0);
	assert_int_equal(e->breakpoint, NUMBER);
	assert_true(event_matches("status=held and name=close_page and arg.page=1", e));
	settle(BROWSER, RENDERER, HOLD_OUTGOING, &(struct hold_order){ .action = HELD_ACTION_DUPLICATE });
	e = find("close_page");
	assert_int_equal(ship_count(&s, "close_page", TRAFFIC_DELIVERED), 2);
	assert_int_equal(e->marks, TRAFFIC_DUPLICATED);
	assert_int_equal(e->breakpoint, NUMBER);
	assert_true(e->held_ns >= 1000000);
	e = collector_event(s.collector, sequence);
	assert_int_equal(e->status, TRAFFIC_DELIVERED);
	assert_int_equal(e->marks, 0);
	assert_int_equal(e->ts_us, ts_us);
	assert_true(e->id && e->held_ns >= 1000000);
	check_parted(e);
	ipc_send_close_page(s.nodes[BROWSER].to[RENDERER], 2);
	settle(BROWSER, RENDERER, HOLD_OUTGOING, &(struct hold_order){ .action = HELD_ACTION_DROP });
	e = find("close_page");
	assert_int_equal(e->status, TRAFFIC_LOST);
	assert_int_equal(e->where, TRAFFIC_AT_BREAKPOINT);
}

/* What waits is held, and not queued, whoever holds it; and it can be told how many wait. */
static void test_what_waits_behind(void **state)
{
	const struct traffic_event *e;

	(void)state;
	hold_frames();
	send_frame(1);
	ship_settle(&s);
	send_frame(2);
	ship_settle(&s);
	collector_drain(s.collector, 0);
	assert_int_equal(collector_behind(s.collector, s.nodes[RENDERER].us, s.nodes[GPU].us), 1);
	wanted = IPC_COUNT;
	settle(GPU, RENDERER, HOLD_INCOMING, &(struct hold_order){ .action = HELD_ACTION_PROCEED });
	e = find("submit_frame");
	assert_int_equal(e->status, TRAFFIC_DELIVERED);
	assert_int_equal(e->breakpoint, 0);
	assert_true(e->held_ns >= 1000000);
	check_parted(e);
	assert_int_equal(collector_behind(s.collector, s.nodes[RENDERER].us, s.nodes[GPU].us), 0);
	/* What comes later has waited for nobody. */
	send_frame(3);
	assert_int_equal(find("submit_frame")->held_ns, 0);
}

static void test_what_waits_to_leave(void **state)
{
	const struct traffic_event *e;

	(void)state;
	assert_true(hold_watch(s.nodes[BROWSER].to[RENDERER]));
	wanted = IPC_CLOSE_PAGE;
	ipc_send_close_page(s.nodes[BROWSER].to[RENDERER], 1);
	ipc_send_press_key(s.nodes[BROWSER].to[RENDERER], 1, KEY_FOCUS_NEXT);
	e = find("press_key");
	uint64_t sequence = e->sequence;
	assert_int_equal(e->status, TRAFFIC_IN_FLIGHT);
	assert_int_equal(e->id, 0);
	settle(BROWSER, RENDERER, HOLD_OUTGOING, &(struct hold_order){ .action = HELD_ACTION_PROCEED });
	e = find("press_key");
	assert_int_equal(e->sequence, sequence);
	assert_int_equal(e->status, TRAFFIC_DELIVERED);
	assert_true(e->id && !e->breakpoint && e->held_ns >= 1000000);
}

/* What never left is told of as well, with an id, once. */
static void test_held_when_its_channel_closed(void **state)
{
	const struct traffic_event *e;

	(void)state;
	assert_true(hold_watch(s.nodes[BROWSER].to[RENDERER]));
	wanted = IPC_CLOSE_PAGE;
	ipc_send_close_page(s.nodes[BROWSER].to[RENDERER], 1);
	ipc_send_press_key(s.nodes[BROWSER].to[RENDERER], 1, KEY_FOCUS_NEXT);
	find("close_page");
	ship_close(&s, BROWSER, RENDERER);
	e = find("close_page");
	assert_int_equal(e->status, TRAFFIC_LOST);
	assert_int_equal(e->where, TRAFFIC_AT_BREAKPOINT);
	assert_true(e->id);
	assert_int_equal(find("press_key")->status, TRAFFIC_LOST);
	assert_int_equal(ship_count(&s, "press_key", TRAFFIC_IN_FLIGHT), 0);
}

/* An index that was there before it left knows it by its id. */
static void test_its_chain(void **state)
{
	struct chain *chain = chain_create(s.collector);
	struct chain_set set;
	const struct traffic_event *e;

	(void)state;
	assert_non_null(chain);
	assert_true(hold_watch(s.nodes[BROWSER].to[RENDERER]));
	wanted = IPC_CLOSE_PAGE;
	cause_set(id_of(BROWSER, 100));
	ipc_send_close_page(s.nodes[BROWSER].to[RENDERER], 1);
	cause_set(0);
	find("close_page");
	ipc_send_did_commit(s.nodes[RENDERER].to[BROWSER], 1, 1);
	find("did_commit");
	chain_set_init(&set, chain, id_of(BROWSER, 100));
	settle(BROWSER, RENDERER, HOLD_OUTGOING, &(struct hold_order){ .action = HELD_ACTION_PROCEED });
	e = find("close_page");
	assert_null(chain_find(chain, e->id));
	chain_update(chain);
	assert_ptr_equal(chain_find(chain, e->id), e);
	assert_non_null(chain_find(chain, find("did_commit")->id));
	assert_false(id_set_has(&set.all, e->id));
	chain_set_catch_up(&set);
	assert_true(id_set_has(&set.all, e->id));
	chain_set_finish(&set);
	chain_destroy(chain);
}

/* Toxics did not take it, and the death did not lose it. */
static void test_the_toll(void **state)
{
	struct toll toll;

	(void)state;
	hold_frames();
	send_frame(1);
	ship_settle(&s);
	settle(GPU, RENDERER, HOLD_INCOMING, &(struct hold_order){ .action = HELD_ACTION_DROP });
	find("submit_frame");
	ship_kill(&s, GPU);
	collector_toll(s.collector, s.nodes[GPU].us, &toll);
	assert_int_equal(toll.dropped, 1);
	assert_int_equal(toll.taken, 0);
	assert_int_equal(toll.lost_to, 0);
}

static void test_held_when_its_receiver_died(void **state)
{
	const struct traffic_event *e;

	(void)state;
	hold_frames();
	send_frame(1);
	find("submit_frame");
	ship_kill(&s, GPU);
	e = find("submit_frame");
	assert_int_equal(e->status, TRAFFIC_LOST);
	assert_int_equal(e->where, TRAFFIC_AT_BREAKPOINT);
}

static void test_by_hand(void **state)
{
	(void)state;
	channel_send_by_hand(s.nodes[RENDERER].to[GPU], 999, "abc", 3, -1);
	ship_settle(&s);
	collector_drain(s.collector, 0);
	const struct traffic_event *e = ship_find(&s, "unknown_999");
	assert_non_null(e);
	assert_int_equal(e->marks, TRAFFIC_BY_HAND);
	assert_int_equal(e->status, TRAFFIC_REFUSED);
}

/* Lies. */

static void forge(int who, enum record_kind kind, int peer, enum ipc_id type, uint64_t id,
		  const struct record_held *held, uint32_t marks)
{
	struct record r = { .kind = (uint8_t)kind,
			    .peer_role = (uint8_t)s.nodes[peer].us.role,
			    .peer_serial = s.nodes[peer].us.serial,
			    .type = (uint16_t)type,
			    .id = id,
			    .message_bytes = held ? sizeof *held : 0,
			    .marks = marks };

	recorder_write(&s.nodes[who].recorder, &r, held);
}

static void test_nobody_told_it_to(void **state)
{
	static const struct record_held held = { .breakpoint = NUMBER };

	(void)state;
	believes = false;
	send_frame(1);
	channel_flush_all();
	collector_drain(s.collector, 0);
	uint64_t id = ship_find(&s, "submit_frame")->id;
	forge(GPU, RECORD_HELD, RENDERER, IPC_SUBMIT_FRAME, id, &held, 0);
	forge(GPU, RECORD_DROPPED, RENDERER, IPC_SUBMIT_FRAME, id, &held, 0);
	const struct traffic_event *e = find("submit_frame");
	assert_int_equal(e->status, TRAFFIC_DELIVERED);
	assert_int_equal(e->breakpoint, 0);
	/* Marks that nobody ordered: a second receipt is one that nobody sent. */
	forge(GPU, RECORD_RECEIVED, RENDERER, IPC_SUBMIT_FRAME, id, NULL, RECORD_DUPLICATED | RECORD_EDITED);
	forge(RENDERER, RECORD_SENT, GPU, IPC_SUBMIT_FRAME, id_of(RENDERER, 4000), NULL, RECORD_BY_HAND);
	collector_drain(s.collector, 0);
	for (uint64_t i = collector_first(s.collector); i < collector_end(s.collector); i++)
		assert_int_equal(collector_event(s.collector, i)->marks, 0);
	assert_false(collector_forged(s.collector, s.nodes[GPU].us));
}

/* Dropped, though it was never held. */
static void test_dropped_out_of_the_blue(void **state)
{
	static const struct record_held held = { .breakpoint = NUMBER };

	(void)state;
	send_frame(1);
	channel_flush_all();
	collector_drain(s.collector, 0);
	forge(GPU, RECORD_DROPPED, RENDERER, IPC_SUBMIT_FRAME, ship_find(&s, "submit_frame")->id, &held, 0);
	assert_int_equal(find("submit_frame")->status, TRAFFIC_DELIVERED);
}

static void check_gpu_lied(void)
{
	collector_drain(s.collector, 0);
	assert_true(collector_forged(s.collector, s.nodes[GPU].us));
	assert_false(collector_forged(s.collector, s.nodes[BROWSER].us));
	assert_false(collector_forged(s.collector, s.nodes[RENDERER].us));
}

/* No child holds what it sends itself. */
static void test_a_child_holds_its_own(void **state)
{
	static const struct record_held held = { .breakpoint = NUMBER };

	(void)state;
	forge(GPU, RECORD_HELD, BROWSER, IPC_DID_PRESENT, id_of(GPU, 1), &held, 0);
	check_gpu_lied();
}

static void test_held_of_a_stranger(void **state)
{
	static const struct record_held held = { .breakpoint = NUMBER };

	(void)state;
	forge(GPU, RECORD_HELD, RENDERER, IPC_SUBMIT_FRAME, id_of(BROWSER, 1), &held, 0);
	check_gpu_lied();
}

static void test_held_without_its_payload(void **state)
{
	(void)state;
	forge(GPU, RECORD_HELD, RENDERER, IPC_SUBMIT_FRAME, id_of(RENDERER, 1), NULL, 0);
	check_gpu_lied();
}

static void test_held_by_nothing(void **state)
{
	static const struct record_held held = { 0 };

	(void)state;
	forge(GPU, RECORD_DROPPED, RENDERER, IPC_SUBMIT_FRAME, id_of(RENDERER, 1), &held, 0);
	check_gpu_lied();
}

/* Nobody asks a child to hold what the browser sends. */
static void test_a_child_holds_the_browsers(void **state)
{
	static const struct record_held held = { .breakpoint = NUMBER };

	(void)state;
	forge(BROWSER, RECORD_SENT, GPU, IPC_SHOW_PAGE, id_of(BROWSER, 1), NULL, 0);
	forge(GPU, RECORD_HELD, BROWSER, IPC_SHOW_PAGE, id_of(BROWSER, 1), &held, 0);
	check_gpu_lied();
}

static void drain_some(uint64_t number)
{
	if (number % 1000 == 0)
		collector_drain(s.collector, 0);
}

static uint64_t time_of_drain(void)
{
	struct timespec before, after;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before);
	collector_drain(s.collector, 0);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after);
	return (uint64_t)(after.tv_sec - before.tv_sec) * 1000 +
	       (uint64_t)((after.tv_nsec - before.tv_nsec) / 1000000);
}

/* A great many wait at the browser, and as many pass them: they are not gone through for each. */
static void test_many_pass(void **state)
{
	enum { WAITING = 40000, PASSING = 4000 };
	static const struct record_held held = { .breakpoint = NUMBER };
	uint64_t took_ms = 0;

	(void)state;
	for (uint64_t i = 1; i <= WAITING; i++) {
		forge(GPU, RECORD_SENT, BROWSER, IPC_DID_PRESENT, id_of(GPU, i), NULL, 0);
		drain_some(i);
	}
	forge(BROWSER, RECORD_HELD, GPU, IPC_DID_PRESENT, id_of(GPU, 1), &held, 0);
	for (uint64_t i = 1; i <= PASSING; i++) {
		forge(GPU, RECORD_SENT, BROWSER, IPC_PONG, id_of(GPU, WAITING + i), NULL, 0);
		forge(BROWSER, RECORD_RECEIVED, GPU, IPC_PONG, id_of(GPU, WAITING + i), NULL, 0);
		if (i % 1000 == 0)
			took_ms += time_of_drain();
	}
	assert_int_equal(collector_count(s.collector, s.nodes[GPU].us, s.nodes[BROWSER].us).unknown, 0);
	assert_true(took_ms < 150);
	/* What waits goes on, and is told of as ever. */
	forge(BROWSER, RECORD_RECEIVED, GPU, IPC_DID_PRESENT, id_of(GPU, 1), NULL, 0);
	forge(BROWSER, RECORD_RECEIVED, GPU, IPC_DID_PRESENT, id_of(GPU, WAITING), NULL, 0);
	collector_drain(s.collector, 0);
	assert_int_equal(collector_count(s.collector, s.nodes[GPU].us, s.nodes[BROWSER].us).unknown,
			 WAITING - 2);
}

/* One that the browser refuses under the name of one that passes, among those that wait. */
static void test_refused_as_another(void **state)
{
	static const struct record_held held = { .breakpoint = NUMBER };

	(void)state;
	for (uint64_t i = 1; i <= 3; i++)
		forge(GPU, RECORD_SENT, BROWSER, IPC_DID_PRESENT, id_of(GPU, i), NULL, 0);
	forge(BROWSER, RECORD_HELD, GPU, IPC_DID_PRESENT, id_of(GPU, 1), &held, 0);
	forge(BROWSER, RECORD_REFUSED, GPU, IPC_PONG, id_of(GPU, 2), NULL, 0);
	forge(BROWSER, RECORD_REFUSED, GPU, IPC_PONG, id_of(GPU, 1), NULL, 0);
	collector_drain(s.collector, 0);
	assert_int_equal(ship_count(&s, "did_present", TRAFFIC_HELD), 1);
	assert_int_equal(ship_count(&s, "did_present", TRAFFIC_IN_FLIGHT), 2);
	assert_int_equal(ship_count(&s, "pong", TRAFFIC_REFUSED), 2);
}

/* A record that looks right but for a few of its fields, mostly about breakpoints. */
static void fuzz_record(struct recorder *writer)
{
	struct record_held held = { .breakpoint = (uint32_t)random() % 5,
				    .held_ns = (uint64_t)random() << 32 };
	static const uint8_t kinds[] = { RECORD_SENT,	 RECORD_RECEIVED, RECORD_REFUSED, RECORD_HELD,
					 RECORD_DROPPED, RECORD_HELD,	  RECORD_HANDLED, RECORD_TOXIC };
	struct record r = { .kind = kinds[random() % 8],
			    .peer_role = (uint8_t)(random() % ROLE_COUNT),
			    .peer_serial = (uint32_t)(random() % 3),
			    .type = (uint16_t)(random() % IPC_COUNT),
			    .id = ipc_make_id((enum role)(random() % ROLE_COUNT), (uint32_t)(random() % 3),
					      (uint64_t)(random() % 100)),
			    .message_bytes = random() % 8 ? sizeof held : (uint32_t)random() % 17,
			    .marks = (uint32_t)random() };

	recorder_write(writer, &r, &held);
}

/* Whatever it claims to be told to do, true or not: the others' traffic is told as before. */
static void test_fuzz(void **state)
{
	static struct recorder_region *region;

	(void)state;
	for (unsigned seed = 0; seed < 3000; seed++) {
		struct endpoint liar = { seed % 2 ? ROLE_RENDERER : ROLE_GPU, 2 + seed };
		struct recorder writer;

		srandom(seed);
		believes = seed % 3;
		region = calloc(1, sizeof *region + 4096);
		assert_non_null(region);
		recorder_init(&writer, region, sizeof *region + 4096, RECORDER_RECORDED_BYTES);
		assert_true(collector_add_process(s.collector, liar, region, 4096));
		for (unsigned i = 0; i < 20; i++) {
			fuzz_record(&writer);
			collector_drain(s.collector, 0);
		}
		collector_process_ended(s.collector, liar);
		free(region);
	}
	hold_frames();
	believes = true;
	send_frame(1);
	ship_settle(&s);
	settle(GPU, RENDERER, HOLD_INCOMING, &(struct hold_order){ .action = HELD_ACTION_PROCEED });
	assert_int_equal(find("submit_frame")->status, TRAFFIC_DELIVERED);
	assert_int_equal(find("submit_frame")->breakpoint, NUMBER);
	assert_false(collector_forged(s.collector, s.nodes[GPU].us));
	assert_false(collector_forged(s.collector, s.nodes[BROWSER].us));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(function) cmocka_unit_test_setup_teardown(function, build, sink)
		TEST(test_held_and_going_on),
		TEST(test_dropped),
		TEST(test_edited_and_doubled),
		TEST(test_edited_to_nonsense),
		TEST(test_pings_pass),
		TEST(test_held_by_its_sender),
		TEST(test_what_waits_behind),
		TEST(test_what_waits_to_leave),
		TEST(test_held_when_its_channel_closed),
		TEST(test_its_chain),
		TEST(test_the_toll),
		TEST(test_held_when_its_receiver_died),
		TEST(test_by_hand),
		TEST(test_nobody_told_it_to),
		TEST(test_dropped_out_of_the_blue),
		TEST(test_a_child_holds_its_own),
		TEST(test_held_of_a_stranger),
		TEST(test_held_without_its_payload),
		TEST(test_held_by_nothing),
		TEST(test_a_child_holds_the_browsers),
		TEST(test_many_pass),
		TEST(test_refused_as_another),
		TEST(test_fuzz),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
