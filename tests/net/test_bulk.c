/* Much data through little memory: large, endless, compressed and slowly read bodies. browser/net/body.c,
 * http.c. */
#include "common/loop.h"
#include "tests/net/client.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define MB	     ((size_t)1 << 20)

/* A sanitizer keeps what is freed for a while, and its shadow. */
#ifndef __has_feature /* clang's way to ask */
#define __has_feature(name) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define SLACK (400 * MB)
#else
#define SLACK 0
#endif

static struct fetcher *fetcher;
static struct server server;

static void begin(struct story *s, const char *path)
{
	char url[96];
	snprintf(url, sizeof url, "http://127.0.0.1:%u%s", server.port, path);
	s->discard = true;
	story_begin(s, fetcher, url);
}

/* Run while looking at memory. Returns by how much it grew at most. */
static size_t run_and_measure(struct story *s)
{
	size_t before = memory_used(), most = before;
	while (!story_over(s)) {
		loop_turn(1000);
		size_t now = memory_used();
		most = now > most ? now : most;
	}
	return most - before;
}

static void large_bodies_take_little_memory(void **state)
{
	struct story s = { 0 };
	(void)state;
	begin(&s, "/big?mb=50");
	size_t growth = run_and_measure(&s);
	assert_int_equal(s.how, BODY_END_COMPLETE);
	assert_int_equal(s.total, 50 * MB);
	assert_int_equal(s.read, 50 * MB);
	assert_int_equal(s.length, 50 * MB);
	assert_true(growth < 8 * MB + SLACK);
	story_finish(&s);
}

static void a_slow_reader_slows_the_server(void **state)
{
	/* 64 KiB every ms: slower than loopback. */
	struct story s = { .read_every_ms = 1 };
	(void)state;
	begin(&s, "/big?mb=20");
	size_t growth = run_and_measure(&s);
	assert_int_equal(s.how, BODY_END_COMPLETE);
	assert_int_equal(s.read, 20 * MB);
	assert_true(growth < 8 * MB + SLACK);
	story_finish(&s);
}

static void who_does_not_read_gets_no_more(void **state)
{
	struct story s = { .keep_closed = true };
	(void)state;
	begin(&s, "/endless");
	while (!s.headed)
		loop_turn(1000);
	size_t before = memory_used();
	uint64_t seen = 0;
	/* Until nothing comes for twenty turns that had the time to. */
	for (int quiet = 0; quiet < 20; quiet++) {
		if (s.progress != seen)
			quiet = 0;
		seen = s.progress;
		assert_true(seen < 8 * MB);
		loop_turn(10);
	}
	assert_true(memory_used() < before + 8 * MB + SLACK);
	story_finish(&s);
}

static void endless_bodies_flow_until_stopped(void **state)
{
	struct story s = { .stop_after = 64 * MB };
	(void)state;
	begin(&s, "/endless");
	size_t growth = run_and_measure(&s);
	assert_true(s.read >= 64 * MB);
	assert_false(s.ended);
	assert_true(growth < 8 * MB + SLACK);
	assert_int_equal(fetcher_running(fetcher), 0);
	story_finish(&s);
}

static void a_reader_that_goes_ends_it(void **state)
{
	struct story s = { .close_after = MB };
	(void)state;
	begin(&s, "/endless");
	story_run(&s);
	assert_true(s.ended);
	assert_int_equal(s.how, BODY_END_STOPPED);
	assert_true(s.reason[0]);
	story_finish(&s);
}

static void bombs_do_not_fill_memory(void **state)
{
	struct story once = { 0 }, twice = { 0 };
	(void)state;
	begin(&once, "/bomb?mb=100");
	size_t growth = run_and_measure(&once);
	assert_int_equal(once.how, BODY_END_COMPLETE);
	assert_int_equal(once.read, 100 * MB);
	assert_true(growth < 80 * MB + SLACK);
	begin(&twice, "/bomb-twice?mb=200");
	growth = run_and_measure(&twice);
	assert_true(twice.ended);
	assert_int_equal(twice.how, BODY_END_RESET);
	if (!strstr(twice.reason, "swells"))
		fail_msg("%s", twice.reason);
	assert_true(growth < 80 * MB + SLACK);
	story_finish(&once);
	story_finish(&twice);
}

static void large_files_take_little_memory(void **state)
{
	char path[] = "/tmp/bulkhead-bulk-XXXXXX", block[4096], url[64];
	struct story s = { .discard = true };
	int fd = mkstemp(path);
	(void)state;
	memset(block, 'x', sizeof block);
	for (size_t i = 0; i < 50 * MB / sizeof block; i++)
		assert_int_equal(write(fd, block, sizeof block), sizeof block);
	close(fd);
	snprintf(url, sizeof url, "file://%s", path);
	story_begin(&s, fetcher, url);
	size_t growth = run_and_measure(&s);
	unlink(path);
	assert_int_equal(s.how, BODY_END_COMPLETE);
	assert_int_equal(s.read, 50 * MB);
	assert_true(growth < 8 * MB + SLACK);
	story_finish(&s);
}

static void many_at_once_all_arrive(void **state)
{
	static struct story stories[50];
	(void)state;
	for (size_t i = 0; i < COUNT(stories); i++) {
		char path[32];
		snprintf(path, sizeof path, "/site/%zu", i + 1);
		begin(&stories[i], path);
		stories[i].discard = false;
	}
	for (size_t i = 0; i < COUNT(stories); i++) {
		char title[32];
		story_run(&stories[i]);
		snprintf(title, sizeof title, "<title>Site %zu</title>", i + 1);
		assert_non_null(strstr(stories[i].body.data, title));
		story_finish(&stories[i]);
	}
}

static int setup(void **state)
{
	(void)state;
	server_start(&server, server_script, false);
	fetcher = fetcher_for_test(NULL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fetcher_destroy(fetcher);
	server_stop(&server);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(large_bodies_take_little_memory),
		cmocka_unit_test(a_slow_reader_slows_the_server),
		cmocka_unit_test(who_does_not_read_gets_no_more),
		cmocka_unit_test(endless_bodies_flow_until_stopped),
		cmocka_unit_test(a_reader_that_goes_ends_it),
		cmocka_unit_test(bombs_do_not_fill_memory),
		cmocka_unit_test(large_files_take_little_memory),
		cmocka_unit_test(many_at_once_all_arrive),
	};
	return net_test_main(argc, argv, "bulk", tests, COUNT(tests), setup, teardown);
}
