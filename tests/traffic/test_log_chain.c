/* chain=ID over a log: what led to a message and what came of it, however the lines stand, in bounded memory.
 */
#include "browser/traffic/log/log_chain.h"
#include "tests/traffic/fixture.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

static char path[64];
static FILE *file;

static int set_up(void **state)
{
	(void)state;
	make_path(path, "chain");
	file = fopen(path, "w");
	assert_non_null(file);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

static void put(unsigned long long id, unsigned long long cause)
{
	fprintf(file, "{\"type\":\"message\",\"ts_us\":1,\"id\":\"browser/%llu\"", id);
	if (cause)
		fprintf(file, ",\"cause\":\"browser/%llu\"", cause);
	fprintf(file,
		",\"from\":\"browser\",\"to\":\"gpu:1\",\"name\":\"show_page\",\"status\":\"delivered\"}\n");
}

struct found {
	struct log_chains chains;
	struct log_reader *reader;
	struct query *query;
};

/* The query points into it: it stays where it is. */
static void collect(struct found *f, const char *question)
{
	struct query_error error;

	f->reader = log_reader_open(path);
	f->query = query_parse(question, &error);
	assert_non_null(f->reader);
	assert_non_null(f->query);
	assert_int_equal(log_chains_collect(&f->chains, f->reader, f->query), 0);
}

static void release(struct found *f)
{
	log_chains_finish(&f->chains);
	log_reader_close(f->reader);
	query_free(f->query);
}

/* The numbers of all that matches, in the order of the log. */
static const char *matching(const char *question)
{
	static char text[4096];
	struct format out = format_into(text, sizeof text);
	struct traffic_event e;
	enum log_line line;
	struct found f;

	fflush(file);
	collect(&f, question);

	assert_false(f.chains.full || f.chains.unfinished);
	while ((line = log_reader_next(f.reader, &e)) != LOG_LINE_END) {
		assert_int_equal(line, LOG_LINE_EVENT);
		if (query_match(f.query, &e))
			format_printf(&out, "%s%llu", out.length ? " " : "",
				      (unsigned long long)ipc_id_number(e.id));
	}
	release(&f);
	return text;
}

static void test_up_and_down(void **state)
{
	(void)state;
	put(1, 0);
	put(2, 1);
	put(3, 2);
	put(4, 2);
	put(5, 3);
	put(6, 5);
	put(7, 4);
	put(8, 1);
	put(9, 0);
	/* Not 4, 7 and 8: they share a cause with it, and are no part of the way. */
	assert_string_equal(matching("chain=browser/3"), "1 2 3 5 6");
	assert_string_equal(matching("chain=browser/1"), "1 2 3 4 5 6 7 8");
	assert_string_equal(matching("chain=browser/6"), "1 2 3 5 6");
	assert_string_equal(matching("chain=browser/9"), "9");
	assert_string_equal(matching("chain=browser/77"), "");
	assert_string_equal(matching("chain=browser/7 or chain=browser/6"), "1 2 3 4 5 6 7");
	assert_string_equal(matching("not chain=browser/1"), "9");
	fclose(file);
}

/* Nothing is missed for standing too early, on the way up or down. */
static void test_out_of_order(void **state)
{
	(void)state;
	for (unsigned i = 40; i > 1; i--)
		put(i, i - 1);
	put(1, 0);
	assert_string_equal(matching("chain=browser/38 and id=browser/1"), "1");
	assert_string_equal(matching("chain=browser/1 and id=browser/40"), "40");
	assert_string_equal(
		matching("chain=browser/20"),
		"40 39 38 37 36 35 34 33 32 31 30 29 28 27 26 25 24 23 22 21 20 19 18 17 16 15 14 13 12 11 10 9 8 7 6 5 "
		"4 3 2 1");
	fclose(file);
}

/* A log that lies has an end all the same. */
static void test_circles(void **state)
{
	(void)state;
	put(1, 3);
	put(2, 1);
	put(3, 2);
	put(4, 4);
	put(5, 4);
	put(5, 1);
	assert_string_equal(matching("chain=browser/2"), "1 2 3 5 5");
	assert_string_equal(matching("chain=browser/4"), "4 5 5");
	fclose(file);
}

/* Causes that are long gone when what they led to comes: farther back than the window reaches. */
static void test_far_apart(void **state)
{
	struct found f;

	(void)state;
	for (unsigned i = 1; i <= 1650000; i++)
		put(i, i == 1650000 ? 1100000 : i == 1100000 ? 550000 : i == 550000 ? 1 : 0);
	fflush(file);
	collect(&f, "chain=browser/1650000");
	assert_int_equal(f.chains.chains[0].members.count, 4);
	assert_true(id_set_has(&f.chains.chains[0].members, 1));
	assert_false(f.chains.full || f.chains.unfinished);
	release(&f);
	fclose(file);
}

/* A long way up, and down again. */
static void test_deep(void **state)
{
	const unsigned depth = 700000, step = 40;
	struct found f;

	(void)state;
	/* A chain of a line in so many, among others that have nothing to do with it. */
	for (unsigned i = 1; i <= depth; i++)
		put(i, i % step == 0 ? i - step : 0);
	fflush(file);
	collect(&f, "chain=browser/699960");

	assert_false(f.chains.full || f.chains.unfinished);
	assert_int_equal(f.chains.chains[0].members.count, 700000 / step - 1 + 1);
	release(&f);
	collect(&f, "chain=browser/40");
	assert_int_equal(f.chains.chains[0].members.count, 700000 / step);
	release(&f);
	fclose(file);
}

/* More than is remembered: said, and not in memory. */
static void test_full(void **state)
{
	struct found f;

	(void)state;
	put(1, 0);
	for (unsigned i = 2; i <= LOG_CHAIN_IDS + 1000; i++)
		put(i, i % 2 ? 1 : i - 1);
	fflush(file);
	collect(&f, "chain=browser/1");

	assert_true(f.chains.full);
	assert_int_equal(f.chains.chains[0].members.count, LOG_CHAIN_IDS);
	assert_true(f.chains.chains[0].members.capacity <= 4 * LOG_CHAIN_IDS);
	release(&f);
	fclose(file);
}

/* What comes through a pipe comes once. */
static void test_pipe(void **state)
{
	struct query_error error;
	struct query *query = query_parse("chain=browser/1", &error);
	struct log_chains chains;

	(void)state;
	fclose(file);
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	int fd = open(path, O_RDWR);
	struct log_reader *reader = log_reader_open(path);

	assert_non_null(reader);
	assert_non_null(query);
	assert_int_equal(log_chains_collect(&chains, reader, query), ESPIPE);
	log_chains_finish(&chains);
	log_reader_close(reader);
	query_free(query);
	close(fd);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(up_and_down), TEST(out_of_order), TEST(circles), TEST(far_apart),
		TEST(deep),	   TEST(full),	       TEST(pipe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
