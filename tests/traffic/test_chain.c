/* Who caused what: the index over the history, compared with looking through all of it. */
#include "browser/traffic/collect/chain.h"
#include "tests/traffic/fixture.h"
#include <string.h>

#define MANY 300

static struct ship s;
static struct chain *chain;

static int build(void **state)
{
	(void)state;
	ship_build(&s, 0, NULL, false);
	chain = chain_create(s.collector);
	assert_non_null(chain);
	return 0;
}

static int sink(void **state)
{
	(void)state;
	chain_destroy(chain);
	ship_sink(&s);
	return 0;
}

/* A message from the browser by that cause; returns its id. */
static uint64_t send_by(uint64_t cause, uint32_t n)
{
	cause_set(cause);
	ipc_send_click(s.nodes[BROWSER].to[RENDERER], 1, n, 1);
	cause_set(0);
	ship_settle(&s);
	collector_drain(s.collector, 0);
	return collector_event(s.collector, collector_end(s.collector) - 1)->id;
}

/* The effects of an id, by looking at everything. */
static unsigned count_effects(uint64_t id)
{
	unsigned n = 0;

	for (uint64_t i = collector_first(s.collector); i < collector_end(s.collector); i++)
		n += collector_event(s.collector, i)->cause == id;
	return n;
}

static void test_causes_and_effects(void **state)
{
	const struct traffic_event *effects[8];
	uint64_t root, one, two, below;

	(void)state;
	root = send_by(0, 1);
	one = send_by(root, 2);
	below = send_by(one, 3);
	two = send_by(root, 4);
	chain_update(chain);
	assert_int_equal(chain_find(chain, below)->cause, one);
	assert_null(chain_find(chain, 0));
	assert_null(chain_find(chain, below + 1000));
	assert_int_equal(chain_effects(chain, root, effects, 8), 2);
	assert_int_equal(effects[0]->id, one);
	assert_int_equal(effects[1]->id, two);
	assert_int_equal(chain_effects(chain, two, effects, 8), 0);
	assert_int_equal(chain_effects(chain, 0, effects, 8), 0);
}

/* Of many effects the oldest are told, in order, and all are counted, however few are wanted. */
static void test_many_effects(void **state)
{
	const struct traffic_event *effects[MANY];
	uint64_t root;

	(void)state;
	root = send_by(0, 0);
	for (unsigned i = 0; i < MANY; i++)
		send_by(root, i + 1);
	chain_update(chain);
	for (unsigned max = 0; max <= MANY; max += 37) {
		assert_int_equal(chain_effects(chain, root, effects, max), MANY);
		for (unsigned i = 0; i < max; i++)
			assert_int_equal(effects[i]->id, root + 1 + i);
	}
}

/* What the history has dropped is in no answer, though nothing was ever taken out of the index. */
static void test_what_is_dropped_is_gone(void **state)
{
	struct collector_config config = { .max_events = 100 };
	const struct traffic_event *effects[200];
	uint64_t root, first;

	(void)state;
	chain_destroy(chain);
	ship_sink(&s);
	ship_build(&s, 0, &config, false);
	chain = chain_create(s.collector);
	root = send_by(0, 0);
	for (unsigned i = 0; i < 1000; i++) {
		send_by(i % 3 ? root : root + i, i);
		if (i % 7)
			continue;
		chain_update(chain);
		assert_int_equal(chain_effects(chain, root, effects, 200), count_effects(root));
	}
	first = collector_event(s.collector, collector_first(s.collector))->id;
	assert_null(chain_find(chain, root));
	assert_null(chain_find(chain, first - 1));
	assert_int_equal(chain_find(chain, first)->id, first);
}

static void test_requests_and_replies(void **state)
{
	const struct traffic_event *ping, *pong;

	(void)state;
	ipc_send_ping(s.nodes[BROWSER].to[RENDERER], 7);
	ship_settle(&s);
	collector_drain(s.collector, 0);
	chain_update(chain);
	ping = ship_find(&s, "ping");
	pong = ship_find(&s, "pong");
	assert_ptr_equal(chain_partner(chain, ping), pong);
	assert_ptr_equal(chain_partner(chain, pong), ping);
	send_by(0, 1);
	chain_update(chain);
	assert_null(chain_partner(chain, ship_find(&s, "click")));
}

/* The set of chain=ID: up to the first cause, down to everything, and nothing beside; what comes later
 * joins it. */
static void test_what_belongs_to_an_id(void **state)
{
	uint64_t root, middle, beside, below, later;
	struct chain_set set;

	(void)state;
	root = send_by(0, 1);
	beside = send_by(root, 2);
	middle = send_by(root, 3);
	below = send_by(middle, 4);
	chain_set_init(&set, chain, middle);
	assert_true(id_set_has(&set.all, root));
	assert_true(id_set_has(&set.all, middle));
	assert_true(id_set_has(&set.all, below));
	assert_false(id_set_has(&set.all, beside));
	later = send_by(below, 5);
	chain_set_take(&set, ship_find(&s, "click"));
	assert_true(id_set_has(&set.all, later));
	send_by(root, 6);
	chain_set_take(&set, ship_find(&s, "click"));
	assert_false(id_set_has(&set.all, ship_find(&s, "click")->id));
	chain_set_finish(&set);
}

/* A liar's causes go round in a circle: whoever follows them comes to an end. */
static void test_circles(void **state)
{
	uint64_t one = ipc_make_id(ROLE_RENDERER, 1, 1), two = ipc_make_id(ROLE_RENDERER, 1, 2);
	struct chain_set set;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct record r = { .kind = RECORD_SENT,
				    .peer_role = ROLE_BROWSER,
				    .type = IPC_PONG,
				    .id = i ? two : one,
				    .cause = i ? one : two,
				    .time_ns = recorder_now() };

		recorder_write(&s.nodes[RENDERER].recorder, &r, NULL);
	}
	collector_drain(s.collector, 0);
	chain_set_init(&set, chain, one);
	assert_int_equal(chain_find(chain, one)->cause, two);
	assert_int_equal(chain_find(chain, two)->cause, one);
	assert_int_equal(set.all.count, 2);
	chain_set_finish(&set);
}

/* However many claim one id, the first is found, and as fast as any. */
static void test_one_id_for_many(void **state)
{
	struct record r = { .kind = RECORD_REFUSED,
			    .reason = BAD_MESSAGE_WRONG_ID,
			    .peer_role = ROLE_BROWSER,
			    .type = IPC_PONG,
			    .id = ipc_make_id(ROLE_BROWSER, 0, 77) };
	uint64_t began;

	(void)state;
	for (unsigned i = 0; i < 50000; i++) {
		recorder_write(&s.nodes[RENDERER].recorder, &r, NULL);
		if (i % 1000 == 0)
			collector_drain(s.collector, 0);
	}
	collector_drain(s.collector, 0);
	began = recorder_now();
	chain_update(chain);
	for (unsigned i = 0; i < 10000; i++)
		assert_int_equal(chain_find(chain, r.id)->sequence, collector_first(s.collector));
	/* A hundred times what it takes, and a tenth of what going through all of them each time would. */
	assert_true(recorder_now() - began < 300000000);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, build, sink)
	const struct CMUnitTest tests[] = {
		TEST(causes_and_effects),   TEST(many_effects),		 TEST(what_is_dropped_is_gone),
		TEST(requests_and_replies), TEST(what_belongs_to_an_id), TEST(circles),
		TEST(one_id_for_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
