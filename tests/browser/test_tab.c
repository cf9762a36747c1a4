/* The table of tab states, the session history, and the rules of the hang monitor, without any process. */
#include "browser/process/host_internal.h"
#include "browser/tab/session_history.h"
#include "browser/tab/tab_state.h"
#include "common/loop.h"
#include "common/transport.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void test_states_after_each_event(void **state)
{
	static const struct {
		enum tab_state from;
		enum tab_event event;
		int has_document;
		enum tab_state to;
	} rows[] = {
		{ TAB_BLANK, TAB_EVENT_NAVIGATE, 0, TAB_LOADING },
		{ TAB_BLANK, TAB_EVENT_COMMIT, 1, TAB_READY },
		{ TAB_BLANK, TAB_EVENT_STOP, 0, TAB_BLANK },
		{ TAB_BLANK, TAB_EVENT_DEATH, 0, TAB_SAD },
		{ TAB_LOADING, TAB_EVENT_NAVIGATE, 0, TAB_LOADING },
		{ TAB_LOADING, TAB_EVENT_NAVIGATE, 1, TAB_LOADING },
		{ TAB_LOADING, TAB_EVENT_COMMIT, 1, TAB_READY },
		{ TAB_LOADING, TAB_EVENT_STOP, 0, TAB_BLANK },
		{ TAB_LOADING, TAB_EVENT_STOP, 1, TAB_READY },
		{ TAB_LOADING, TAB_EVENT_DEATH, 1, TAB_SAD },
		{ TAB_READY, TAB_EVENT_NAVIGATE, 1, TAB_LOADING },
		{ TAB_READY, TAB_EVENT_COMMIT, 1, TAB_READY },
		{ TAB_READY, TAB_EVENT_STOP, 1, TAB_READY },
		{ TAB_READY, TAB_EVENT_DEATH, 1, TAB_SAD },
		{ TAB_BLANK, TAB_EVENT_DYING, 0, TAB_DYING },
		{ TAB_LOADING, TAB_EVENT_DYING, 1, TAB_DYING },
		{ TAB_READY, TAB_EVENT_DYING, 1, TAB_DYING },
		{ TAB_DYING, TAB_EVENT_NAVIGATE, 0, TAB_LOADING },
		{ TAB_DYING, TAB_EVENT_COMMIT, 1, TAB_READY },
		{ TAB_DYING, TAB_EVENT_STOP, 0, TAB_DYING },
		{ TAB_DYING, TAB_EVENT_DYING, 0, TAB_DYING },
		{ TAB_DYING, TAB_EVENT_DEATH, 0, TAB_SAD },
		{ TAB_SAD, TAB_EVENT_NAVIGATE, 0, TAB_LOADING },
		{ TAB_SAD, TAB_EVENT_COMMIT, 1, TAB_READY },
		{ TAB_SAD, TAB_EVENT_STOP, 0, TAB_SAD },
		{ TAB_SAD, TAB_EVENT_DYING, 0, TAB_SAD },
		{ TAB_SAD, TAB_EVENT_DEATH, 0, TAB_SAD },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_string_equal(
			tab_state_names[tab_state_next(rows[i].from, rows[i].event, rows[i].has_document)],
			tab_state_names[rows[i].to]);
}

static void visit(struct tab *tab, const char *url)
{
	session_history_note_pending(tab, NAVIGATION_NEW, 0);
	session_history_keep(tab);
	session_history_commit(tab, url);
}

static void step_to(struct tab *tab, unsigned target)
{
	session_history_note_pending(tab, NAVIGATION_HISTORY, target);
	session_history_keep(tab);
	session_history_commit(tab, "ignored");
}

static void test_history_goes_back_and_forward(void **state)
{
	struct tab tab = { .title = "First" };

	(void)state;
	visit(&tab, "a");
	tab.scroll_row = 17;
	visit(&tab, "b");
	assert_int_equal(tab.scroll_row, 0);
	assert_int_equal(tab.history[0].scroll_row, 17);
	assert_string_equal(tab.history[0].title, "First");
	visit(&tab, "c");
	assert_int_equal(tab.history_count, 3);
	assert_int_equal(tab.history_at, 2);
	step_to(&tab, 0);
	assert_int_equal(tab.history_at, 0);
	assert_int_equal(tab.history_count, 3);
	assert_int_equal(tab.scroll_row, 17);
	step_to(&tab, 2);
	assert_int_equal(tab.history_at, 2);
	assert_string_equal(tab.history[2].url, "c");
	session_history_finish(&tab);
}

static void test_a_new_page_drops_what_lies_ahead(void **state)
{
	struct tab tab = { 0 };

	(void)state;
	visit(&tab, "a");
	visit(&tab, "b");
	visit(&tab, "c");
	step_to(&tab, 1);
	visit(&tab, "d");
	assert_int_equal(tab.history_count, 3);
	assert_int_equal(tab.history_at, 2);
	assert_string_equal(tab.history[1].url, "b");
	assert_string_equal(tab.history[2].url, "d");
	session_history_finish(&tab);
}

static void test_a_reload_adds_nothing(void **state)
{
	struct tab tab = { 0 };

	(void)state;
	session_history_note_pending(&tab, NAVIGATION_RELOAD, 0);
	session_history_commit(&tab, "a"); /* the first, though it is a reload */
	assert_int_equal(tab.history_count, 1);
	tab.scroll_row = 5;
	session_history_note_pending(&tab, NAVIGATION_RELOAD, 0);
	session_history_keep(&tab);
	session_history_commit(&tab, "a");
	assert_int_equal(tab.history_count, 1);
	assert_int_equal(tab.scroll_row, 5);
	session_history_finish(&tab);
}

static void test_history_is_bounded(void **state)
{
	struct tab tab = { 0 };
	char url[16];

	(void)state;
	for (unsigned i = 0; i < 3 * HISTORY_MAX; i++) {
		snprintf(url, sizeof url, "%u", i);
		visit(&tab, url);
		assert_true(tab.history_count <= HISTORY_MAX);
		assert_int_equal(tab.history_at, tab.history_count - 1);
		assert_string_equal(tab.history[tab.history_at].url, url);
	}
	snprintf(url, sizeof url, "%d", 2 * HISTORY_MAX);
	assert_string_equal(tab.history[0].url, url);
	step_to(&tab, 0);
	visit(&tab, "again");
	assert_int_equal(tab.history_count, 2);
	session_history_finish(&tab);
}

/* A host with a channel whose other end nobody reads. */
struct monitored {
	struct process_table table;
	struct process_host host;
	struct recorder recorder;
	int far;
	unsigned told, ponged;
};

static void on_responded(void *arg, struct process_host *p)
{
	(void)p;
	((struct monitored *)arg)->told++;
}

static void on_ponged(void *arg, struct process_host *p)
{
	(void)p;
	((struct monitored *)arg)->ponged++;
}

static int monitored_open(void **state)
{
	struct monitored *m = calloc(1, sizeof *m);
	size_t bytes = RECORDER_REGION_BYTES;
	int pair[2];

	assert_true(loop_init() && transport_pair(pair));
	recorder_init(&m->recorder, calloc(1, bytes), bytes, 64);
	m->far = pair[1];
	m->host = (struct process_host){
		.table = &m->table,
		.name = { ROLE_RENDERER, 1 },
		.state = PROCESS_READY,
		.channel = channel_open(pair[0], &(struct channel_config){ .peer = { ROLE_RENDERER, 1 },
									   .recorder = &m->recorder })
	};
	m->table = (struct process_table){
		.first = &m->host, .events = { .arg = m, .responded = on_responded, .ponged = on_ponged }
	};
	hang_monitor_start(&m->table);
	*state = m;
	return 0;
}

static int monitored_close(void **state)
{
	struct monitored *m = *state;

	task_finish(&m->table.hang_checks);
	channel_close(m->host.channel);
	close(m->far);
	free(m->recorder.region);
	free(m);
	loop_finish();
	return 0;
}

/* What the timer does twice a second. */
static void check(struct monitored *m, unsigned times)
{
	while (times--)
		m->table.hang_checks.run(m->table.hang_checks.arg);
}

static void test_ten_unanswered_checks_make_a_hang(void **state)
{
	struct monitored *m = *state;

	check(m, 1); /* asks */
	assert_int_equal(channel_counters(m->host.channel)->sent, 1);
	check(m, 9);
	assert_int_equal(m->host.state, PROCESS_READY);
	check(m, 1);
	assert_int_equal(m->host.state, PROCESS_UNRESPONSIVE);
	assert_int_equal(m->told, 1);
	check(m, 50); /* told once, asked once */
	assert_int_equal(m->told, 1);
	assert_int_equal(channel_counters(m->host.channel)->sent, 1);
	process_ping(&m->host);
	assert_int_equal(channel_counters(m->host.channel)->sent, 1);
}

static void test_an_answer_ends_the_hang(void **state)
{
	struct monitored *m = *state;

	check(m, 11);
	assert_int_equal(m->host.state, PROCESS_UNRESPONSIVE);
	hang_monitor_ponged(&m->host, m->host.ping_nonce);
	assert_int_equal(m->host.state, PROCESS_READY);
	assert_int_equal(m->told, 2);
	assert_int_equal(m->ponged, 1);
	check(m, 1);
	assert_int_equal(channel_counters(m->host.channel)->sent, 2);
}

static void test_an_answer_in_time_is_no_news(void **state)
{
	struct monitored *m = *state;

	for (unsigned i = 0; i < 20; i++) {
		check(m, 10);
		hang_monitor_ponged(&m->host, m->host.ping_nonce);
	}
	assert_int_equal(m->told, 0);
	assert_int_equal(m->ponged, 20);
}

static void test_waiting_begins_another_five_seconds(void **state)
{
	struct monitored *m = *state;

	check(m, 11);
	process_wait_again(&m->host);
	assert_int_equal(m->host.state, PROCESS_READY);
	assert_int_equal(m->told, 2);
	check(m, 9);
	assert_int_equal(m->host.state, PROCESS_READY);
	check(m, 1);
	assert_int_equal(m->host.state, PROCESS_UNRESPONSIVE);
	assert_int_equal(m->told, 3);
}

/* A pong that nobody asked for, or with another number, ends the channel. */
static void test_a_wrong_answer_is_bad(void **state)
{
	struct monitored *m = *state;

	check(m, 1);
	hang_monitor_ponged(&m->host, m->host.ping_nonce + 1);
	assert_int_equal(channel_refused(m->host.channel)->reason, BAD_MESSAGE_REPLY_NOT_ASKED);
	assert_int_equal(m->ponged, 0);
}

static void test_the_starting_and_the_dead_are_not_asked(void **state)
{
	struct monitored *m = *state;

	m->host.state = PROCESS_STARTING;
	check(m, 20);
	m->host.state = PROCESS_DEAD;
	check(m, 20);
	assert_int_equal(channel_counters(m->host.channel)->sent, 0);
	assert_int_equal(m->told, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_states_after_each_event),
		cmocka_unit_test(test_history_goes_back_and_forward),
		cmocka_unit_test(test_a_new_page_drops_what_lies_ahead),
		cmocka_unit_test(test_a_reload_adds_nothing),
		cmocka_unit_test(test_history_is_bounded),
		cmocka_unit_test_setup_teardown(test_ten_unanswered_checks_make_a_hang, monitored_open,
						monitored_close),
		cmocka_unit_test_setup_teardown(test_an_answer_ends_the_hang, monitored_open,
						monitored_close),
		cmocka_unit_test_setup_teardown(test_an_answer_in_time_is_no_news, monitored_open,
						monitored_close),
		cmocka_unit_test_setup_teardown(test_waiting_begins_another_five_seconds, monitored_open,
						monitored_close),
		cmocka_unit_test_setup_teardown(test_a_wrong_answer_is_bad, monitored_open, monitored_close),
		cmocka_unit_test_setup_teardown(test_the_starting_and_the_dead_are_not_asked, monitored_open,
						monitored_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
