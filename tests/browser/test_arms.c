/*
 * Orders that wait: for a time, for a message, at each moment, counted or by chance; taken back, several at
 * once, and those that are refused. browser/fault/injection.c keeps them, common/arm.c looks on.
 */
#include "browser/net/fault_url.h"
#include "common/arm.h"
#include "tests/browser/harness.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>

static struct fault_order order(const char *text)
{
	struct fault_order o;
	char error[CLAUSE_ERROR] = "";

	if (!fault_order_parse(text, &o, error))
		fail_msg("'%s': %s", text, error);
	return o;
}

static uint32_t inject(struct process_host *p, const char *text)
{
	struct fault_order o = order(text);
	const char *why = "";
	uint32_t number = 0;

	if (!fault_inject(&browser, p, &o, &number, &why))
		fail_msg("'%s': %s", text, why);
	return number;
}

static void refuse(struct process_host *p, const char *text, const char *expected)
{
	struct fault_order o = order(text);
	const char *why = "";
	uint32_t number = 1;

	if (fault_inject(&browser, p, &o, &number, &why))
		fail_msg("'%s' is obeyed", text);
	assert_int_equal(number, 0);
	assert_string_equal(why, expected);
}

static unsigned waiting(void)
{
	unsigned n = 0;

	for (const struct injection *i = browser.injections->first; i; i = i->next)
		n++;
	return n;
}

/* No pings but ours. */
static int quiet(void **state)
{
	browser.processes->quiet_hangs = true;
	fault_disarm(&browser, 0);
	return harness_calm(state);
}

static struct process_host *victim(void)
{
	struct tab *tab = harness_tab("data:text/html,<title>Victim</title><p>I wait");

	AWAIT(!tab->renderer->ping_sent_ns);
	return tab->renderer;
}

/* Ping it until it is dead; returns how many it took, 0: it lived through `most` of them. */
static unsigned ping_to_death(struct process_host *p, unsigned most)
{
	for (unsigned n = 1; n <= most; n++) {
		process_ping(p);
		AWAIT(!p->ping_sent_ns || p->state == PROCESS_DEAD);
		if (p->ping_sent_ns)
			return n;
	}
	return 0;
}

static void test_before_the_handler_of_the_third(void **state)
{
	struct process_host *p = victim();

	(void)state;
	assert_int_not_equal(inject(p, "abort on the 3rd ping received before its handler"), 0);
	assert_int_equal(waiting(), 1);
	assert_int_equal(ping_to_death(p, 5), 3); /* the third is not answered */
	AWAIT(p->state == PROCESS_DEAD);
	assert_string_equal(p->fault, "abort");
	assert_int_equal(p->death.signal, SIGABRT);
	assert_int_equal(waiting(), 0);
	/* It died of that ping, and its record says so. */
	assert_int_equal(ipc_id_role(p->death.handling), ROLE_BROWSER);
}

/* Handled, or replied to, or sent: the answer to the second ping comes, and then the death. */
static void test_after_handler_reply_and_sending(void **state)
{
	static const char *const orders[] = {
		"abort on 2nd ping received after its handler", "abort on 2nd ping received after its reply",
		"abort on 2nd pong sent", "abort on 2nd pong", /* a renderer can only send it */
	};

	(void)state;
	for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
		struct process_host *p = victim();

		inject(p, orders[i]);
		process_ping(p);
		AWAIT(!p->ping_sent_ns);
		assert_int_equal(p->state, PROCESS_READY);
		process_ping(p);
		AWAIT(!p->ping_sent_ns);
		AWAIT(p->state == PROCESS_DEAD);
		assert_string_equal(p->fault, "abort");
		assert_int_equal(p->death.signal, SIGABRT);
		assert_int_equal(waiting(), 0);
	}
}

/* A reply from one child to another; the one who asked gets it. */
static void test_after_the_reply_to_another_child(void **state)
{
	struct tab *clock = harness_tab(CLOCK_PAGE), *reader;
	struct process_host *p = harness_plugin();

	(void)state;
	inject(p, "null dereference into plugin on create_instance after its reply");
	reader = tab_open(browser.tabs, CLOCK_PAGE, false);
	AWAIT(p->state == PROCESS_DEAD);
	assert_string_equal(p->fault, "null dereference");
	/* request_surface: the renderer had the size that it asked for. */
	AWAIT(reader->state == TAB_READY && !reader->loading && embeds_settled(reader));
	assert_int_equal(clock->state, TAB_READY);
}

static void test_on_a_named_message_of_the_gpu_process(void **state)
{
	struct tab *tab = harness_tab("bulkhead://pages/harbour.html");
	struct process_host *p = gpu_host_up(browser.gpu);
	struct witness w = harness_witness(tab);

	(void)state;
	inject(p, "double free into gpu on did_present sent");
	tab_scroll_to(tab, 1);
	w.scroll_row = tab->scroll_row;
	AWAIT(p->state == PROCESS_DEAD);
	assert_string_equal(p->fault, "double free");
	AWAIT(gpu_host_up(browser.gpu));
	harness_check_witness(&w);
}

/* The same seed draws the same, here and in the process that obeys. */
static unsigned first_drawn(uint64_t seed, unsigned ppm)
{
	unsigned n = 1;

	while (arm_draw(&seed) % 1000000 >= ppm)
		n++;
	return n;
}

static void test_a_chance_is_drawn_from_its_seed(void **state)
{
	unsigned counts[4] = { 0 };

	(void)state;
	for (unsigned i = 0; i < 8; i++) {
		struct process_host *p = victim();
		unsigned seed = i % 4;
		char text[80];

		snprintf(text, sizeof text, "abort on ping with 20%% seed %u", seed);
		inject(p, text);
		unsigned n = ping_to_death(p, 200);

		assert_int_equal(n, first_drawn(seed, 200000));
		assert_true(i < 4 || counts[seed] == n);
		counts[seed] = n;
		AWAIT(p->state == PROCESS_DEAD);
		restart_forgive(&browser.spare->restart);
	}
	assert_false(counts[0] == counts[1] && counts[1] == counts[2] && counts[2] == counts[3]);
}

/* One in ten, over many messages: what the percentage means. */
static void test_a_chance_is_what_it_says(void **state)
{
	uint64_t seed = 42;
	unsigned drawn = 0;

	(void)state;
	for (unsigned i = 0; i < 100000; i++)
		drawn += arm_draw(&seed) % 1000000 < 100000;
	assert_in_range(drawn, 9500, 10500);
}

/* One with a chance acts again and again, until it is taken back. */
static void test_a_chance_stays_until_it_is_taken_back(void **state)
{
	struct process_host *p = victim();
	uint32_t number = inject(p, "short hang 1ms on ping with 100%");
	uint64_t fired = 0;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		process_ping(p);
		AWAIT(!p->ping_sent_ns);
		assert_int_equal(waiting(), 1);
		assert_true(browser.injections->first->fired_ns > fired);
		fired = browser.injections->first->fired_ns;
	}
	assert_string_equal(p->fault, "short hang");
	assert_true(fault_disarm(&browser, number));
	assert_false(fault_disarm(&browser, number));
	assert_int_equal(waiting(), 0);
	inject(p, "slow handler 0");
	p->fault_ns = 0;
	assert_int_equal(ping_to_death(p, 3), 0);
	assert_int_equal(p->fault_ns, 0); /* nothing fired */
}

static void test_several_at_once(void **state)
{
	struct process_host *p = victim();

	(void)state;
	inject(p, "short hang 1ms on 1st ping");
	inject(p, "short hang 1ms on 2nd ping");
	inject(p, "exit 9 on 3rd ping");
	inject(p, "abort on 4th ping");
	inject(p, "abort after 1 min");
	assert_int_equal(waiting(), 5);
	process_ping(p);
	AWAIT(!p->ping_sent_ns);
	assert_int_equal(waiting(), 4);
	process_ping(p);
	AWAIT(!p->ping_sent_ns);
	assert_int_equal(waiting(), 3);
	process_ping(p);
	AWAIT(p->state == PROCESS_DEAD);
	assert_int_equal(p->death.code, 9);
	assert_string_equal(p->fault, "exit");
	assert_int_equal(waiting(), 0); /* the others went with it */
}

static void test_taken_back(void **state)
{
	struct process_host *p = victim();
	uint32_t numbers[] = { inject(p, "abort on 1st ping"), inject(p, "abort after 50ms"),
			       inject(p, "abort on any received") };
	uint64_t began = recorder_now();

	(void)state;
	/* The third is met by nothing: messages about faults do not count. */
	for (unsigned i = 0; i < 3; i++)
		assert_true(fault_disarm(&browser, numbers[i]));
	assert_int_equal(waiting(), 0);
	AWAIT(recorder_now() - began > UINT64_C(100000000));
	assert_int_equal(ping_to_death(p, 3), 0);
	assert_int_equal(p->state, PROCESS_READY);
	inject(p, "abort on 1st ping");
	inject(p, "abort on 2nd ping");
	assert_true(fault_disarm(&browser, 0));
	assert_int_equal(ping_to_death(p, 3), 0);
}

static void test_after_a_time(void **state)
{
	struct process_host *p = victim();
	uint64_t began = recorder_now();

	(void)state;
	assert_int_not_equal(inject(p, "SIGTERM after 200ms"), 0);
	assert_int_equal(waiting(), 1);
	AWAIT(p->state == PROCESS_DEAD);
	assert_true(p->died_ns - began >= UINT64_C(190000000));
	assert_int_equal(p->death.signal, SIGTERM);
	assert_string_equal(p->fault, "SIGTERM");
	assert_int_equal(waiting(), 0);
}

static void test_what_is_refused(void **state)
{
	struct process_host *p = victim(), *gpu = gpu_host_up(browser.gpu);
	static char many[64];

	(void)state;
	refuse(gpu, "abort on commit_navigation", "a gpu never sends or receives commit_navigation");
	refuse(gpu, "abort on commit_navigation received", "a gpu never receives commit_navigation");
	refuse(gpu, "abort on submit_frame sent", "a gpu never sends submit_frame");
	refuse(p, "abort on submit_frame received", "a renderer never receives submit_frame");
	refuse(NULL, "abort on submit_frame", "the browser never sends or receives submit_frame");
	refuse(NULL, "out of memory", "the browser cannot fail by 'out of memory'");
	refuse(gpu, "foreign page", "a gpu cannot fail by 'someone else's tab'");
	refuse(p, "foreign page", "there is no tab of another renderer");
	refuse(p, "crash loop on ping", "that one waits for no message: now, or after a time");
	refuse(p, "half close on ping", "that one waits for no message: now, or after a time");
	refuse(NULL, "quit", "only a browser with a screen quits or starts again");
	refuse(NULL, "restart", "only a browser with a screen quits or starts again");
	for (unsigned i = 0; i < ARM_MAX; i++) {
		snprintf(many, sizeof many, "abort on %uth ping", i + 100);
		inject(p, many);
	}
	refuse(p, "abort on ping", "too many orders wait in it already");
	fault_disarm(&browser, 0);
	browser.options.no_faults = true;
	refuse(p, "abort", "faults are off (--no-faults)");
	refuse(p, "abort after 1s", "faults are off (--no-faults)");
	refuse(p, "abort on ping", "faults are off (--no-faults)");
	refuse(NULL, "short hang 1ms", "faults are off (--no-faults)");
	browser.options.no_faults = false;
	assert_int_equal(waiting(), 0);
	/* Two at once: the second comes too late, and neither hangs. */
	assert_int_equal(inject(p, "abort"), 0);
	assert_int_equal(inject(p, "null dereference"), 0);
	AWAIT(p->state == PROCESS_DEAD);
	assert_int_equal(p->death.signal, SIGABRT);
	refuse(p, "abort", "it is not up");
	refuse(p, "abort after 1s", "it is not up");
}

/* What waits for a process that goes meanwhile goes with it. */
static void test_the_target_goes_first(void **state)
{
	struct process_host *p = victim();

	(void)state;
	inject(p, "abort after 100ms");
	inject(p, "abort on 500th ping");
	inject(gpu_host_up(browser.gpu), "abort on 500th ping");
	process_kill(p, BAD_MESSAGE_NONE);
	AWAIT(p->state == PROCESS_DEAD);
	assert_int_equal(waiting(), 1);
	assert_int_equal(browser.injections->first->target.role, ROLE_GPU);
	fault_disarm(&browser, 0);
}

static void test_the_browser_itself(void **state)
{
	struct tab *tab = harness_tab("data:text/html,<p>x");
	uint64_t began;

	(void)state;
	inject(NULL, "short hang 300ms on did_describe_document");
	assert_int_equal(waiting(), 1);
	began = recorder_now();
	harness_describe(tab);
	assert_true(recorder_now() - began >= UINT64_C(300000000));
	assert_int_equal(waiting(), 0);
	began = recorder_now();
	harness_describe(tab);
	assert_true(recorder_now() - began < UINT64_C(300000000));
	/* At once is with the next turn. */
	began = recorder_now();
	inject(NULL, "short hang 300ms");
	assert_true(recorder_now() - began < UINT64_C(300000000));
	AWAIT(recorder_now() - began >= UINT64_C(300000000) && !waiting());
	for (struct process_host *p = browser.processes->first; p; p = p->next)
		assert_int_not_equal(p->state, PROCESS_UNRESPONSIVE);
	inject(NULL, "short hang 1ms on ping sent with 100%");
	harness_check_answers(tab->renderer);
	assert_int_not_equal(browser.injections->first->fired_ns, 0);
	fault_disarm(&browser, 0);
}

/* The same grammar in the address bar. */
static void test_typed_orders(void **state)
{
	struct tab *tab = harness_tab("data:text/html,<p>x");
	struct process_host *p = tab->renderer;

	(void)state;
	tab_go(tab, "bulkhead://inject/gpu/abort/on/500th/submit_frame");
	assert_non_null(strstr(browser.message, "waits: abort into gpu on 500th submit_frame"));
	tab_go(tab, "chrome://inject/short-hang/1ms/on/ping/with/100%25/seed/3");
	assert_non_null(strstr(browser.message, "waits: short hang 1ms on ping with 100% seed 3"));
	assert_int_equal(waiting(), 2);
	tab_go(tab, "bulkhead://inject/gpu/sink");
	assert_non_null(strstr(browser.message, "column 5: there is no fault 'sink'"));
	tab_go(tab, "bulkhead://inject/abort/into/renderer:99999");
	assert_non_null(strstr(browser.message, "there is no process renderer:99999 to break here"));
	tab_go(tab, "bulkhead://inject/plugin/abort");
	assert_non_null(strstr(browser.message, "there is no process plugin to break here"));
	tab_go(tab, "bulkhead://inject/gpu/foreign-page");
	assert_non_null(strstr(browser.message, "a gpu cannot fail by"));
	tab_go(tab, "bulkhead://inject");
	assert_non_null(strstr(browser.message, "bulkhead://inject/gpu/abort/after/3s"));
	tab_go(tab, "bulkhead://inject/abort/after/3");
	assert_non_null(strstr(browser.message, "column 13: a time like 200ms or 3s is expected, not '3'"));
	tab_go(tab, "bulkhead://inject/abort/into/tab/99");
	assert_non_null(strstr(browser.message, "there is no process tab:99 to break here"));
	assert_int_equal(p->state, PROCESS_READY);
	assert_string_equal(tab->url, "data:text/html,<p>x");
	fault_disarm(&browser, 0);
	tab_go(tab, "bulkhead://inject/exit+7");
	AWAIT(p->state == PROCESS_DEAD);
	assert_int_equal(p->death.code, 7);
}

/* By its place in the strip. */
static void test_the_second_tab(void **state)
{
	struct tab *first = harness_tab("data:text/html,<p>one"),
		   *second = harness_tab("data:text/html,<p>two");
	struct process_host *p;
	char whom[32];
	bool is_browser;

	(void)state;
	snprintf(whom, sizeof whom, "tab:%u", tab_index(second) + 1);
	p = fault_target(&browser, first, whom, &is_browser);
	assert_ptr_equal(p, second->renderer);
	assert_false(is_browser);
	assert_null(fault_target(&browser, first, "tab:0", &is_browser));
	assert_null(fault_target(&browser, first, "tab:99", &is_browser));
	assert_null(fault_target(&browser, first, "tab:", &is_browser));
	inject(p, "SIGKILL");
	AWAIT(second->state == TAB_SAD);
	assert_int_equal(first->state, TAB_READY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_before_the_handler_of_the_third, quiet),
		cmocka_unit_test_setup(test_after_handler_reply_and_sending, quiet),
		cmocka_unit_test_setup(test_after_the_reply_to_another_child, quiet),
		cmocka_unit_test_setup(test_on_a_named_message_of_the_gpu_process, quiet),
		cmocka_unit_test_setup(test_a_chance_is_drawn_from_its_seed, quiet),
		cmocka_unit_test(test_a_chance_is_what_it_says),
		cmocka_unit_test_setup(test_a_chance_stays_until_it_is_taken_back, quiet),
		cmocka_unit_test_setup(test_several_at_once, quiet),
		cmocka_unit_test_setup(test_taken_back, quiet),
		cmocka_unit_test_setup(test_after_a_time, quiet),
		cmocka_unit_test_setup(test_what_is_refused, quiet),
		cmocka_unit_test_setup(test_the_target_goes_first, quiet),
		cmocka_unit_test_setup(test_the_browser_itself, quiet),
		cmocka_unit_test_setup(test_typed_orders, quiet),
		cmocka_unit_test_setup(test_the_second_tab, quiet),
	};

	return cmocka_run_group_tests(tests, harness_open, harness_close);
}
