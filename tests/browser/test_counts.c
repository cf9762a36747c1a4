/*
 * What the log counts of each channel, in each direction, is what both processes at its ends count: after a
 * session with navigations, embeds, scrolling and deaths.
 */
#include "browser/traffic/log/log_reader.h"
#include "tests/browser/harness.h"
#include "tests/browser/program.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static const struct recorder_region *region_of(struct endpoint e)
{
	struct process_host *p;

	if (e.role == ROLE_BROWSER)
		return browser.recorder.region;
	p = process_find(browser.processes, e.role, e.serial);
	return p ? p->region : NULL;
}

/* What `of` counts of its channel to `to`; NULL: it has none open. */
static const struct recorder_peer *counter(struct endpoint of, struct endpoint to, bool open)
{
	const struct recorder_region *region = region_of(of);

	for (unsigned i = 0; region && i < RECORDER_PEERS; i++) {
		const struct recorder_peer *peer = &region->peers[i];

		if (peer->role == (uint32_t)to.role && peer->serial == to.serial && (peer->open || !open) &&
		    (peer->open || peer->closed_at))
			return peer;
	}
	return NULL;
}

static unsigned list_endpoints(struct endpoint *out, unsigned max)
{
	unsigned n = 1;

	out[0] = (struct endpoint){ ROLE_BROWSER, 0 };
	for (struct process_host *p = browser.processes->first; p && n < max; p = p->next)
		if (process_is_up(p))
			out[n++] = p->name;
	return n;
}

/* One direction of one channel: three counts. */
struct direction {
	struct endpoint from, to;
	uint64_t sent, received, logged;
};

static unsigned list_directions(struct direction *out, unsigned max)
{
	struct endpoint all[32];
	unsigned n = 0, count = list_endpoints(all, 32);

	collector_drain(browser.collector, 0);
	for (unsigned i = 0; i < count; i++) {
		for (unsigned j = 0; j < count; j++) {
			const struct recorder_peer *here = counter(all[i], all[j], true);
			const struct recorder_peer *there = counter(all[j], all[i], true);

			if (i == j || !here || !there || n == max)
				continue;
			struct traffic_counts logged = collector_count(browser.collector, all[i], all[j]);

			assert_int_equal(logged.refused + logged.lost + logged.unknown, 0);
			out[n++] =
				(struct direction){ .from = all[i],
						    .to = all[j],
						    .sent = here->sent,
						    .received = there->received,
						    .logged = logged.sent == logged.received ? logged.sent
											     : UINT64_MAX };
		}
	}
	return n;
}

static bool agrees(const struct direction *d)
{
	return d->sent == d->received && d->sent == d->logged;
}

static void print_directions(const struct direction *d, unsigned n)
{
	char from[ENDPOINT_TEXT], to[ENDPOINT_TEXT];

	for (unsigned i = 0; i < n; i++)
		print_error("  %s -> %s: sent %llu, received %llu, logged %lld%s\n",
			    endpoint_text(d[i].from, from), endpoint_text(d[i].to, to),
			    (unsigned long long)d[i].sent, (unsigned long long)d[i].received,
			    (long long)d[i].logged, agrees(&d[i]) ? "" : " !");
}

/* A clock may tick at any time: wait for a moment at which all of it has been told. */
static void check_all_agree(unsigned at_least)
{
	uint64_t end = recorder_now() + HARNESS_MS * UINT64_C(1000000), messages;
	struct direction d[256];
	unsigned n, good;

	do {
		loop_turn(20);
		n = list_directions(d, 256);
		messages = good = 0;
		for (unsigned i = 0; i < n; i++) {
			good += agrees(&d[i]);
			messages += d[i].sent;
		}
	} while ((good < n || n < at_least) && recorder_now() < end);
	if (good < n || n < at_least)
		print_directions(d, n);
	assert_true(good == n && n >= at_least);
	print_message("  %u directions, %llu messages\n", n, (unsigned long long)messages);
	assert_true(messages > n);
}

/* Message lines of the log from one to the other. */
static uint64_t count_lines(struct endpoint from, struct endpoint to)
{
	struct log_reader *log = log_reader_open(browser.log_path);
	struct traffic_event e;
	enum log_line line;
	uint64_t n = 0;

	assert_non_null(log);
	while ((line = log_reader_next(log, &e)) != LOG_LINE_END && line != LOG_LINE_ERROR)
		n += line == LOG_LINE_EVENT && e.kind == TRAFFIC_MESSAGE && e.from.role == from.role &&
		     e.from.serial == from.serial && e.to.role == to.role && e.to.serial == to.serial;
	log_reader_close(log);
	return n;
}

static void check_lines_agree(void)
{
	struct direction d[256];
	unsigned n = list_directions(d, 256);

	for (unsigned i = 0; i < n; i++) {
		/* A clock may tick meanwhile: it is counted anew. */
		AWAIT(count_lines(d[i].from, d[i].to) ==
		      collector_count(browser.collector, d[i].from, d[i].to).sent);
	}
}

/* The dead one's channel to the browser, as the browser and the log count it. */
static void check_dead(struct endpoint dead, uint64_t refused)
{
	const struct endpoint us = { ROLE_BROWSER, 0 };
	const struct recorder_peer *peer = counter(us, dead, false);

	assert_non_null(peer);
	collector_drain(browser.collector, 0);
	struct traffic_counts to = collector_count(browser.collector, us, dead);
	struct traffic_counts from = collector_count(browser.collector, dead, us);

	assert_int_equal(to.sent, peer->sent);
	assert_int_equal(to.sent, to.received + to.lost);
	assert_int_equal(from.received, peer->received);
	assert_int_equal(from.refused, refused);
	assert_int_equal(from.sent, from.received + from.refused + from.lost);
}

static void surf(struct tab *tab)
{
	harness_go(tab, "bulkhead://pages/timetable.html");
	harness_go(tab, harness_long_page("Long"));
	for (unsigned i = 0; i < 20; i++) {
		tab_scroll_by(tab, 3);
		tab_press_key(tab, KEY_FOCUS_NEXT);
		loop_turn(0);
	}
	assert_true(tab_history_step(tab, -1));
	AWAIT(harness_loaded(tab));
	harness_describe(tab);
}

static void test_after_a_session(void **state)
{
	struct tab *first = harness_tab("bulkhead://start"), *clock = harness_tab(CLOCK_PAGE);
	struct tab *second = harness_tab(CLOCK_PAGE);

	(void)state;
	browser.processes->quiet_hangs = true;
	surf(first);
	view_resize(browser.view, 100, 30);
	harness_show(clock);
	tab_close(second);
	AWAIT(process_is_up(browser.spare->process));
	/* The browser with three renderers, gpu and plugin; gpu with three renderers; plugin with one. */
	check_all_agree(16);
	check_lines_agree();
}

static void test_after_every_kind_of_death(void **state)
{
	struct tab *first = harness_tab("bulkhead://start"), *clock = harness_tab(CLOCK_PAGE);
	struct endpoint renderer = first->renderer->name, gpu = gpu_host_up(browser.gpu)->name,
			plugin = harness_plugin()->name;

	(void)state;
	browser.processes->quiet_hangs = true;
	fault_inject_named(&browser, first->renderer, "bad message", NULL);
	AWAIT(first->state == TAB_SAD);
	fault_inject_named(&browser, gpu_host_up(browser.gpu), "null dereference", NULL);
	AWAIT(gpu_host_up(browser.gpu) && gpu_host_up(browser.gpu)->name.serial > gpu.serial);
	fault_inject_named(&browser, harness_plugin(), "SIGKILL", NULL);
	AWAIT(!harness_clock()->process);
	tab_reload(first);
	tab_reload(clock);
	AWAIT(harness_loaded(first) && harness_loaded(clock));
	surf(first);
	AWAIT(process_is_up(browser.spare->process));
	check_all_agree(16);
	check_dead(renderer, 1);
	check_dead(gpu, 0);
	check_dead(plugin, 0);
	check_lines_agree();
}

/* Nothing is counted twice, and what nobody read is lost, not forgotten. */
static void test_messages_to_a_stopped_renderer_are_lost(void **state)
{
	struct tab *tab = harness_tab("bulkhead://start");
	struct process_host *p = tab->renderer;
	struct traffic_counts counts;
	struct endpoint name = p->name, us = { ROLE_BROWSER, 0 };
	uint64_t before;

	(void)state;
	browser.processes->quiet_hangs = true;
	harness_check_answers(p);
	process_signal(p, SIGSTOP);
	collector_drain(browser.collector, 0);
	before = collector_count(browser.collector, us, name).sent;
	for (unsigned i = 0; i < 25; i++)
		tab_press_key(tab, KEY_FOCUS_NEXT);
	loop_turn(0);
	process_kill(p, BAD_MESSAGE_NONE);
	AWAIT(p->state == PROCESS_DEAD);
	collector_drain(browser.collector, 0);
	counts = collector_count(browser.collector, us, name);
	assert_int_equal(counts.sent, before + 25);
	assert_int_equal(counts.lost, 25);
	check_dead(name, 0);
}

static int open_with_log(void **state)
{
	harness_options.no_log = false;
	harness_options.log_file = program_no_file();
	return harness_open(state);
}

static int close_with_log(void **state)
{
	int left = harness_close(state);

	program_clean(state);
	return left;
}

static int calm_and_hear(void **state)
{
	browser.processes->quiet_hangs = false;
	return harness_calm(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_after_a_session, calm_and_hear),
		cmocka_unit_test_setup(test_after_every_kind_of_death, calm_and_hear),
		cmocka_unit_test_setup(test_messages_to_a_stopped_renderer_are_lost, calm_and_hear),
	};

	return cmocka_run_group_tests(tests, open_with_log, close_with_log);
}
