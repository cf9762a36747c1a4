/* Processes that hang, are stopped, or are killed from outside: what goes on without them, and how it ends.
 */
#include "tests/browser/harness.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Let the hang monitor look as often as it takes, without the five seconds. */
static void hurry(struct process_host *p)
{
	process_ping(p);
	assert_int_not_equal(p->ping_sent_ns, 0);
	for (unsigned i = 0; i < 10; i++)
		browser.processes->hang_checks.run(browser.processes->hang_checks.arg);
	assert_int_equal(p->state, PROCESS_UNRESPONSIVE);
}

static void check_scrolls(struct tab *tab)
{
	uint32_t row = tab->scroll_row + 7;
	char *before;

	AWAIT(browser.view->page == tab->id && browser.view->row == tab->scroll_row);
	before = strdup(harness_screen());
	tab_scroll_by(tab, 7);
	assert_int_equal(tab->scroll_row, row);
	AWAIT(browser.view->row == row);
	assert_string_not_equal(before, harness_screen());
	free(before);
}

static uint64_t ms_until_unresponsive(const struct process_host *p)
{
	return (p->unresponsive_ns - p->fault_ns) / 1000000;
}

static void check_input_is_discarded(struct tab *tab)
{
	uint64_t sent = channel_counters(tab->renderer->channel)->sent;

	tab_press_key(tab, KEY_FOCUS_NEXT);
	tab_click(tab, 0, 0);
	assert_int_equal(channel_counters(tab->renderer->channel)->sent, sent);
}

static void test_a_hung_page_scrolls_and_is_told_of(void **state)
{
	struct tab *reader = harness_tab("bulkhead://pages/harbour.html");
	struct tab *hung = harness_tab(harness_long_page("Hung"));
	struct witness w = harness_witness(reader);
	struct process_host *p = hung->renderer;
	unsigned ms;

	(void)state;
	assert_true(fault_inject_named(&browser, p, "endless loop", NULL));
	assert_false(tab_is_unresponsive(hung, NULL));
	check_scrolls(hung);
	AWAIT(p->state == PROCESS_UNRESPONSIVE);
	/* Ten checks, 500 ms apart, after at most one without a ping. */
	assert_in_range(ms_until_unresponsive(p), 4400, 8000);
	assert_true(tab_is_unresponsive(hung, &ms));
	assert_in_range(ms, 4400, 8000);
	assert_int_equal(hung->state, TAB_READY);
	check_scrolls(hung);
	check_input_is_discarded(hung);
	harness_check_witness(&w);
	tab_wait(hung);
	assert_false(tab_is_unresponsive(hung, NULL));
	for (unsigned i = 0; i < 10; i++)
		browser.processes->hang_checks.run(browser.processes->hang_checks.arg);
	assert_true(tab_is_unresponsive(hung, NULL));
	tab_end_renderer(hung);
	AWAIT(hung->state == TAB_SAD);
	assert_int_equal(hung->death.status, TERMINATION_STATUS_KILLED);
	assert_int_equal(hung->death.signal, SIGKILL);
	assert_int_equal(hung->death.reason, BAD_MESSAGE_NONE);
	tab_reload(hung);
	AWAIT(harness_loaded(hung));
	harness_check_witness(&w);
}

static void test_leaving_a_hung_page_takes_a_new_process(void **state)
{
	struct tab *tab = harness_tab(harness_long_page("Hung"));
	struct process_host *p = tab->renderer;

	(void)state;
	fault_inject_named(&browser, p, "endless loop", NULL);
	hurry(p);
	harness_go(tab, "data:text/html,<p>somewhere else");
	assert_ptr_not_equal(tab->renderer, p);
	AWAIT(p->state == PROCESS_DEAD);
	assert_int_equal(tab->state, TAB_READY);
}

static void test_closing_a_hung_page(void **state)
{
	struct tab *tab = harness_tab(harness_long_page("Hung"));
	struct process_host *p = tab->renderer;

	(void)state;
	fault_inject_named(&browser, p, "endless loop", NULL);
	tab_close(tab); /* before anybody knows that it hangs */
	AWAIT(p->state == PROCESS_DEAD);
	assert_int_equal(p->death.signal, SIGKILL);
}

static void test_a_hung_plugin_is_offered_to_be_ended(void **state)
{
	struct tab *clock = harness_tab(CLOCK_PAGE);
	struct process_host *p = harness_plugin();

	(void)state;
	fault_inject_named(&browser, p, "endless loop", NULL);
	hurry(p);
	AWAIT(harness_screen_has("does not respond"));
	AWAIT(harness_screen_has("below"));
	harness_check_answers(clock->renderer);
	tab_press_key(clock, KEY_FOCUS_NEXT);
	tab_press_key(clock, KEY_ACTIVATE);
	AWAIT(p->state == PROCESS_DEAD);
	assert_int_equal(p->death.status, TERMINATION_STATUS_KILLED);
	AWAIT(harness_screen_has("died"));
	tab_reload(clock);
	AWAIT(harness_loaded(clock) && harness_screen_has("\u2588"));
}

static void test_a_hung_gpu_process_is_replaced(void **state)
{
	struct tab *tab = harness_tab(harness_long_page("Shown"));
	struct process_host *p = gpu_host_up(browser.gpu);

	(void)state;
	fault_inject_named(&browser, p, "endless loop", NULL);
	hurry(p);
	AWAIT(p->state == PROCESS_DEAD);
	assert_int_equal(p->death.signal, SIGKILL);
	AWAIT(gpu_host_up(browser.gpu) && gpu_host_up(browser.gpu) != p);
	check_scrolls(tab);
}

/* Stopped, as a debugger does. The hang monitor is kept quiet: the person who stops it knows. */
static void test_a_stopped_gpu_process_freezes_the_picture_only(void **state)
{
	struct tab *shown = harness_tab(harness_long_page("Shown"));
	struct process_host *p = gpu_host_up(browser.gpu);
	uint64_t presents;
	struct tab *other;

	(void)state;
	browser.processes->quiet_hangs = true;
	harness_check_answers(p);
	kill(p->pid, SIGSTOP);
	presents = browser.view->presents;
	tab_scroll_by(shown, 5);
	other = tab_open(browser.tabs, "data:text/html,<p>another", true);
	AWAIT(harness_loaded(other));
	assert_non_null(strstr(harness_describe(other)->text, "another"));
	harness_check_answers(other->renderer);
	harness_check_answers(shown->renderer);
	tab_close(other);
	assert_ptr_equal(browser.tabs->active, shown);
	assert_int_equal(browser.view->presents, presents);
	kill(p->pid, SIGCONT);
	AWAIT(browser.view->presents > presents && browser.view->page == shown->id && browser.view->row == 5);
	assert_ptr_equal(gpu_host_up(browser.gpu), p);
	browser.processes->quiet_hangs = false;
}

static void test_a_stopped_plugin_process_stops_its_clock_only(void **state)
{
	struct tab *clock = harness_tab(
		"data:text/html,<embed type=\"application/x-clock\"><p>1<p>2<p>3<p>4<p>5<p>6<p>7<p>8<p>9<p>10<p>11");
	struct process_host *p;
	char *before;
	time_t stopped;

	(void)state;
	browser.processes->quiet_hangs = true;
	AWAIT(harness_screen_has("\u2588"));
	p = harness_plugin();
	harness_check_answers(p);
	kill(p->pid, SIGSTOP);
	harness_check_answers(clock->renderer); /* what it drew before has come */
	harness_check_answers(gpu_host_up(browser.gpu));
	stopped = time(NULL);
	before = strdup(harness_screen());
	AWAIT(time(NULL) >= stopped + 2);
	assert_string_equal(before, harness_screen());
	tab_scroll_by(clock, 3);
	AWAIT(browser.view->row == 3);
	tab_scroll_by(clock, -3);
	AWAIT(browser.view->row == 0 && !strcmp(before, harness_screen()));
	kill(p->pid, SIGCONT);
	AWAIT(strcmp(before, harness_screen()));
	assert_true(harness_screen_has("\u2588"));
	free(before);
	browser.processes->quiet_hangs = false;
}

static void test_a_stopped_renderer_scrolls(void **state)
{
	struct tab *reader = harness_tab("bulkhead://pages/harbour.html");
	struct tab *stopped = harness_tab(harness_long_page("Stopped"));
	struct witness w = harness_witness(reader);
	struct process_host *p = stopped->renderer;

	(void)state;
	browser.processes->quiet_hangs = true;
	harness_check_answers(p);
	kill(p->pid, SIGSTOP);
	check_scrolls(stopped);
	harness_check_witness(&w);
	harness_show(reader);
	harness_show(stopped);
	check_scrolls(stopped);
	process_ping(p);
	kill(p->pid, SIGCONT);
	harness_check_answers(p);
	assert_int_equal(stopped->state, TAB_READY);
	browser.processes->quiet_hangs = false;
}

/* Who waits for one that is stopped lets it go on. */
static void test_a_stopped_renderer_is_let_go_on(void **state)
{
	struct tab *tab = harness_tab(harness_long_page("Stopped"));
	struct witness w = harness_witness(tab);
	struct process_host *p = tab->renderer;

	(void)state;
	assert_false(process_is_stopped(p));
	harness_check_answers(p);
	kill(p->pid, SIGSTOP);
	AWAIT(process_is_stopped(p));
	AWAIT(p->usage.stopped); /* the reading of once a second, for the screen */
	if (p->state != PROCESS_UNRESPONSIVE)
		hurry(p);
	assert_true(tab_is_unresponsive(tab, NULL));
	assert_true(process_silent_checks(p) >= 10);
	tab_wait(tab);
	AWAIT(!process_is_stopped(p));
	harness_check_witness(&w);
	assert_int_equal(process_silent_checks(p), 0);
	assert_int_equal(process_silent_ms(p), 0);
	AWAIT(!p->usage.stopped);
	/* Or ends it. */
	kill(p->pid, SIGSTOP);
	hurry(p);
	tab_end_renderer(tab);
	AWAIT(tab->state == TAB_SAD);
	assert_int_equal(tab->death.status, TERMINATION_STATUS_KILLED);
}

/* A stopped process can be ended as any other. */
static void test_closing_the_page_of_a_stopped_renderer(void **state)
{
	struct tab *tab = harness_tab(harness_long_page("Stopped"));
	struct process_host *p = tab->renderer;

	(void)state;
	kill(p->pid, SIGSTOP);
	tab_close(tab);
	AWAIT(p->state == PROCESS_DEAD);
}

static bool log_tells_of_exit(const struct process_host *p, char *args, size_t capacity)
{
	for (uint64_t i = collector_first(browser.collector); i < collector_end(browser.collector); i++) {
		const struct traffic_event *e = collector_event(browser.collector, i);

		if (e && e->kind == TRAFFIC_PROCESS && e->type == TRAFFIC_PROCESS_EXIT &&
		    e->from.role == p->name.role && e->from.serial == p->name.serial) {
			snprintf(args, capacity, "%.*s", (int)e->payload_bytes, (const char *)e->payload);
			return true;
		}
	}
	return false;
}

static void check_killed_from_outside(struct process_host *p)
{
	char args[1024] = "";

	kill(p->pid, SIGKILL);
	AWAIT(p->state == PROCESS_DEAD);
	assert_int_equal(p->death.status, TERMINATION_STATUS_KILLED);
	assert_int_equal(p->death.signal, SIGKILL);
	assert_int_equal(p->death.reason, BAD_MESSAGE_NONE);
	assert_int_equal(p->death.kind, CRASH_KIND_NONE);
	AWAIT(log_tells_of_exit(p, args, sizeof args));
	assert_non_null(strstr(args, "killed"));
	assert_non_null(strstr(args, "SIGKILL"));
}

static void test_kill_from_outside_is_told_like_any_death(void **state)
{
	struct tab *reader = harness_tab("bulkhead://pages/harbour.html"), *clock = harness_tab(CLOCK_PAGE);
	struct witness w = harness_witness(reader);

	(void)state;
	check_killed_from_outside(harness_plugin());
	AWAIT(harness_screen_has("died"));
	check_killed_from_outside(clock->renderer);
	assert_int_equal(clock->state, TAB_SAD);
	check_killed_from_outside(gpu_host_up(browser.gpu));
	AWAIT(gpu_host_up(browser.gpu));
	AWAIT(process_is_up(browser.spare->process));
	check_killed_from_outside(browser.spare->process);
	harness_check_witness(&w);
	harness_show(reader);
}

/* The init of a compartment is nobody's business; without it its child ends too, and that is told. */
static void test_killing_the_init_of_a_compartment(void **state)
{
	struct tab *tab = harness_tab("data:text/html,<p>inside");
	struct process_host *p = tab->renderer;

	(void)state;
	if (p->compartment.init_pid <= 0)
		skip(); /* no namespaces here */
	kill(p->compartment.init_pid, SIGKILL);
	AWAIT(p->state == PROCESS_DEAD);
	assert_int_equal(p->death.status, TERMINATION_STATUS_KILLED);
	assert_int_equal(tab->state, TAB_SAD);
	tab_reload(tab);
	AWAIT(harness_loaded(tab));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_a_hung_page_scrolls_and_is_told_of, harness_calm),
		cmocka_unit_test_setup(test_leaving_a_hung_page_takes_a_new_process, harness_calm),
		cmocka_unit_test_setup(test_closing_a_hung_page, harness_calm),
		cmocka_unit_test_setup(test_a_hung_plugin_is_offered_to_be_ended, harness_calm),
		cmocka_unit_test_setup(test_a_hung_gpu_process_is_replaced, harness_calm),
		cmocka_unit_test_setup(test_a_stopped_gpu_process_freezes_the_picture_only, harness_calm),
		cmocka_unit_test_setup(test_a_stopped_plugin_process_stops_its_clock_only, harness_calm),
		cmocka_unit_test_setup(test_a_stopped_renderer_scrolls, harness_calm),
		cmocka_unit_test_setup(test_a_stopped_renderer_is_let_go_on, harness_calm),
		cmocka_unit_test_setup(test_closing_the_page_of_a_stopped_renderer, harness_calm),
		cmocka_unit_test_setup(test_kill_from_outside_is_told_like_any_death, harness_calm),
		cmocka_unit_test_setup(test_killing_the_init_of_a_compartment, harness_calm),
	};

	return cmocka_run_group_tests(tests, harness_open, harness_close);
}
