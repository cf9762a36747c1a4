/* The tree of an opened message, when children lie about what caused what. */
#include "browser/traffic/collect/chain.h"
#include "browser/ui/message_view.h"
#include "tests/traffic/fixture.h"

#define SIBLINGS 40 /* effects of one that have rows */

static struct ship s;
static struct chain *chain;
static struct message_tree tree;

static int build(void **state)
{
	(void)state;
	ship_build(&s, 0, NULL, false);
	chain = chain_create(s.collector);
	assert_non_null(chain);
	tree = (struct message_tree){ 0 };
	return 0;
}

static int sink(void **state)
{
	(void)state;
	chain_destroy(chain);
	ship_sink(&s);
	return 0;
}

static uint64_t id_of(uint64_t number)
{
	return ipc_make_id(ROLE_BROWSER, 0, number);
}

/* The renderer claims to have refused so many messages of that id. */
static void forge(uint64_t id, uint64_t cause, unsigned count)
{
	struct record r = { .kind = RECORD_REFUSED,
			    .reason = BAD_MESSAGE_REPLY_NOT_ASKED,
			    .peer_role = ROLE_BROWSER,
			    .type = IPC_DESCRIBE_DOCUMENT,
			    .id = id,
			    .cause = cause };

	for (unsigned i = 0; i < count; i++)
		recorder_write(&s.nodes[RENDERER].recorder, &r, NULL);
	collector_drain(s.collector, 0);
	chain_update(chain);
}

static bool grow(const struct traffic_event *e)
{
	return message_tree_grow(&tree, s.collector, chain, e);
}

/* The id of a row's message. */
static uint64_t row_id(int row)
{
	return collector_event(s.collector, tree.rows[row].sequence)->id;
}

/* Nothing is said below itself. */
static void test_circle_of_one(void **state)
{
	(void)state;
	forge(id_of(7), id_of(7), 1000);
	assert_true(grow(chain_find(chain, id_of(7))));
	assert_int_equal(tree.here, 0);
	assert_int_equal(tree.count, 1 + SIBLINGS + 1);
	assert_int_equal(tree.rows[SIBLINGS].depth, 1);
	assert_int_equal(tree.rows[SIBLINGS + 1].more, 1000 - SIBLINGS);
}

static void test_circle_of_three(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++)
		forge(id_of(10 + i), id_of(10 + (i + 1) % 3), 1);
	assert_true(grow(chain_find(chain, id_of(10))));
	assert_false(tree.is_cut);
	/* 12, 11, 10, and what 10 caused, which is 12 again. */
	assert_int_equal(tree.here, 2);
	assert_int_equal(tree.count, 4);
	for (int i = 0; i < 4; i++)
		assert_int_equal(row_id(i), id_of(i < 3 ? 12 - (unsigned)i : 12));
}

/* Of many messages that claim one id, the first says what came of it. */
static void test_one_id_for_many(void **state)
{
	const struct tree_row *rows = tree.rows;

	(void)state;
	forge(id_of(1), 0, 1);
	forge(id_of(2), id_of(1), 50);
	forge(id_of(3), id_of(2), 60);
	assert_true(grow(chain_find(chain, id_of(1))));
	assert_int_equal(tree.count, 1 + SIBLINGS + SIBLINGS + 1 + 1);
	assert_int_equal(row_id(1), id_of(2));
	assert_int_equal(row_id(2), id_of(3));
	assert_int_equal(rows[1 + SIBLINGS + 1].more, 60 - SIBLINGS);
	assert_int_equal(rows[1 + SIBLINGS + 1].depth, 2);
	assert_int_equal(row_id(1 + SIBLINGS + 2), id_of(2));
	assert_int_equal(rows[tree.count - 1].more, 50 - SIBLINGS);
	assert_int_equal(rows[tree.count - 1].depth, 1);
}

/* The first of a long way up is cut off, and that is said. */
static void test_long_way_up(void **state)
{
	(void)state;
	for (unsigned i = 1; i <= 40; i++)
		forge(id_of(i), i > 1 ? id_of(i - 1) : 0, 1);
	grow(chain_find(chain, id_of(16)));
	assert_false(tree.is_cut);
	assert_int_equal(tree.here, 15);
	assert_int_equal(row_id(0), id_of(1));
	grow(chain_find(chain, id_of(17)));
	assert_true(tree.is_cut);
	assert_int_equal(tree.here, 15);
	assert_int_equal(row_id(0), id_of(2));
	assert_int_equal(row_id(tree.here), id_of(17));
}

/* It is grown again when something has happened, or for another message; else not. */
static void test_grown_once(void **state)
{
	const struct traffic_event *one;

	(void)state;
	forge(id_of(1), 0, 1);
	forge(id_of(2), id_of(1), 1);
	one = chain_find(chain, id_of(1));
	assert_true(grow(one));
	assert_false(grow(one));
	assert_int_equal(tree.count, 2);
	assert_true(grow(chain_find(chain, id_of(2))));
	assert_true(grow(one));
	forge(id_of(3), id_of(1), 1);
	assert_true(grow(one));
	assert_int_equal(tree.count, 3);
	assert_false(grow(one));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, build, sink)
	const struct CMUnitTest tests[] = {
		TEST(circle_of_one), TEST(circle_of_three), TEST(one_id_for_many),
		TEST(long_way_up),   TEST(grown_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
