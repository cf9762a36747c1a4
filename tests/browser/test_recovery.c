/* How often what has died is started again, when the browser gives up, and how the user goes on. */
#include "tests/browser/harness.h"
#include <signal.h>

static void sink(struct process_host *p)
{
	assert_true(fault_inject_named(&browser, p, "abort", NULL));
	AWAIT(p->state == PROCESS_DEAD);
}

static void test_five_deaths_of_the_gpu_process_in_a_minute(void **state)
{
	struct tab *tab = harness_tab(harness_long_page("Shown"));
	struct witness w = harness_witness(tab);
	struct tab *other;

	(void)state;
	for (unsigned i = 0; i < 5; i++) {
		AWAIT(gpu_host_up(browser.gpu));
		assert_false(browser.gpu->given_up);
		sink(gpu_host_up(browser.gpu));
	}
	assert_true(browser.gpu->given_up);
	assert_false(browser.gpu->again.pending);
	assert_string_equal(browser.message,
			    "the GPU process died too often: it was given up, F7 tries again");
	/* The browser goes on without pictures. */
	harness_check_witness(&w);
	other = tab_open(browser.tabs, "data:text/html,<title>Unseen</title><p>unseen", true);
	AWAIT(harness_loaded(other));
	assert_string_equal(other->title, "Unseen");
	tab_scroll_by(tab, 3); /* nobody draws it; that is all */
	tab_scroll_by(tab, -3);
	tab_reload(tab);
	AWAIT(harness_loaded(tab));
	/* The user's retry. */
	gpu_host_start(browser.gpu);
	AWAIT(gpu_host_up(browser.gpu));
	assert_false(browser.gpu->given_up);
	AWAIT(harness_screen_has("unseen"));
	harness_show(tab);
	AWAIT(harness_screen_has("Shown"));
	/* And the count begins again. */
	sink(gpu_host_up(browser.gpu));
	AWAIT(gpu_host_up(browser.gpu));
}

static void test_three_deaths_of_a_plugin_process_in_two_minutes(void **state)
{
	struct tab *clock = harness_tab(CLOCK_PAGE);

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		AWAIT(harness_plugin());
		sink(harness_plugin());
		AWAIT(harness_screen_has("died"));
		assert_int_equal(harness_clock()->given_up, i == 2);
		tab_reload(clock);
		AWAIT(harness_loaded(clock));
	}
	AWAIT(harness_screen_has("died too often"));
	assert_string_equal(browser.message,
			    "the plugin clock died too often: it was given up, later a reload tries "
			    "again");
	assert_null(harness_plugin());
	assert_int_equal(clock->embeds->surface, 0);
	AWAIT(harness_screen_has("below"));
	/* Others who ask are told the same, and nothing is started. */
	harness_go(clock, "data:text/html,<p>other</p><embed type=\"APPLICATION/X-CLOCK\">");
	AWAIT(harness_screen_has("died too often"));
	assert_null(harness_clock()->process);
}

static void test_a_spare_that_always_dies_is_given_up(void **state)
{
	struct tab *tab;

	(void)state;
	for (unsigned i = 0; !browser.spare->given_up; i++) {
		assert_true(i < browser.spare->restart.allowed);
		AWAIT(process_is_up(browser.spare->process));
		sink(browser.spare->process);
	}
	assert_null(browser.spare->process);
	assert_string_equal(browser.message,
			    "renderers died too often: no spare is started until a tab asks for one");
	/* A tab needs one all the same, and gets it. */
	tab = harness_tab("data:text/html,<p>fine");
	assert_int_equal(tab->state, TAB_READY);
	AWAIT(process_is_up(browser.spare->process));
}

static void test_a_page_that_dies_again_and_again(void **state)
{
	struct tab *tab = harness_tab("data:text/html,<p>weak");

	(void)state;
	for (unsigned i = 1; i <= 12; i++) {
		sink(tab->renderer);
		assert_int_equal(tab->state, TAB_SAD);
		assert_int_equal(tab->deaths_lately, i);
		assert_int_equal(tab->died_alike, i > 1); /* the sad tab's advice */
		tab_reload(tab);
		AWAIT(harness_loaded(tab));
	}
	assert_true(fault_inject_named(&browser, tab->renderer, "clean exit", NULL));
	AWAIT(tab->state == TAB_SAD);
	assert_int_equal(tab->deaths_lately, 13);
	assert_false(tab->died_alike);
	tab_reload(tab);
	AWAIT(harness_loaded(tab));
	/* History holds the page once, and a sad tab can go elsewhere. */
	assert_int_equal(tab->history_count, 1);
	sink(tab->renderer);
	harness_go(tab, "data:text/html,<p>else");
	assert_int_equal(tab->history_count, 2);
	sink(tab->renderer);
	assert_true(tab_history_step(tab, -1));
	AWAIT(harness_loaded(tab));
	assert_non_null(strstr(harness_describe(tab)->text, "weak"));
	assert_false(tab_history_step(tab, -1));
}

/* The waits between the starts, by the clock: none, then 50 ms, 100 ms, 200 ms. */
static void test_the_back_off_grows(void **state)
{
	static const int least_ms[] = { 0, 50, 100, 200 };

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct process_host *p;

		AWAIT(gpu_host_up(browser.gpu));
		p = gpu_host_up(browser.gpu);
		sink(p);
		AWAIT(browser.gpu->process && browser.gpu->process != p);
		int64_t waited_ns = (int64_t)(browser.gpu->process->started_ns - p->died_ns);

		print_message("  %d ms: waited %.1f ms\n", least_ms[i], (double)waited_ns / 1e6);
		/* Timers are set by the time at which their turn of the loop began. */
		assert_true(waited_ns >= (least_ms[i] - 10) * INT64_C(1000000));
	}
}

/* What --crash-budget sets. */
static void test_budgets_can_be_set(void **state)
{
	struct restart *gpu = &browser.gpu->restart, *plugin = &harness_clock()->restart;
	struct restart gpu_before = *gpu, plugin_before = *plugin;
	struct tab *clock = harness_tab(CLOCK_PAGE);

	(void)state;
	restart_set_budget(gpu, 2, 0);
	sink(gpu_host_up(browser.gpu));
	AWAIT(gpu_host_up(browser.gpu));
	sink(gpu_host_up(browser.gpu));
	assert_true(browser.gpu->given_up);
	gpu_host_start(browser.gpu);
	AWAIT(gpu_host_up(browser.gpu));
	/* The plugin rests for as long as its window. */
	plugin_hosts_set_budget(browser.plugins, 1, 1);
	AWAIT(harness_plugin());
	sink(harness_plugin());
	assert_true(harness_clock()->given_up);
	tab_reload(clock);
	AWAIT(harness_loaded(clock) && harness_screen_has("It can be started again in 1 s"));
	AWAIT(recorder_now() - plugin->deaths[0] > plugin->window_ns);
	tab_reload(clock);
	AWAIT(harness_plugin());
	assert_false(harness_clock()->given_up);
	restart_set_budget(gpu, gpu_before.allowed, 0);
	*plugin = plugin_before;
}

static void test_a_gpu_process_that_never_becomes_ready(void **state)
{
	struct tab *tab = harness_tab(harness_long_page("Shown"));
	struct process_host *p = gpu_host_up(browser.gpu);
	uint32_t serial = p->name.serial;

	(void)state;
	process_doom(browser.processes, ROLE_GPU, FAULT_ABORT, "doom", 0);
	sink(p);
	AWAIT(browser.gpu->given_up);
	/* Three starts in vain: no more. */
	assert_int_equal(browser.processes->serials[ROLE_GPU], serial + 3);
	assert_false(browser.gpu->again.pending);
	assert_string_equal(browser.gpu->failed, "before it was ready, SIGABRT");
	assert_non_null(strstr(browser.message, "before it was ready, SIGABRT"));
	harness_check_answers(tab->renderer);
	/* Retried by the user as often as he likes; and taken back. */
	gpu_host_start(browser.gpu);
	AWAIT(browser.gpu->given_up);
	assert_int_equal(browser.processes->serials[ROLE_GPU], serial + 6);
	process_doom(browser.processes, ROLE_GPU, FAULT_NONE, NULL, 0);
	gpu_host_start(browser.gpu);
	AWAIT(gpu_host_up(browser.gpu));
	assert_string_equal(browser.gpu->failed, "");
	harness_show(tab);
}

static void test_renderers_that_never_become_ready(void **state)
{
	struct tab *tab = harness_tab("data:text/html,<p>weak");
	struct witness w = harness_witness(harness_tab("bulkhead://pages/harbour.html"));

	(void)state;
	process_doom(browser.processes, ROLE_RENDERER, FAULT_EXIT, "doom", 0);
	spare_drop(browser.spare);
	AWAIT(browser.spare->given_up);
	assert_string_equal(browser.spare->failed, "before it was ready, exit code 0");
	assert_non_null(
		strstr(browser.message, "renderers died too often (before it was ready, exit code 0)"));
	sink(tab->renderer);
	for (unsigned i = 0; i < 2; i++) {
		tab_reload(tab);
		AWAIT(tab->state == TAB_SAD);
		assert_int_equal(tab->death.status, TERMINATION_STATUS_LAUNCH_FAILED);
		AWAIT(browser.spare->given_up);
		harness_check_witness(&w);
	}
	process_doom(browser.processes, ROLE_RENDERER, FAULT_NONE, NULL, 0);
	tab_reload(tab);
	AWAIT(harness_loaded(tab));
	AWAIT(process_is_up(browser.spare->process));
}

/* Twice in vain, and then it works: that is no loop. */
static void test_two_dooms_of_a_renderer(void **state)
{
	uint32_t serial = browser.processes->serials[ROLE_RENDERER];

	(void)state;
	process_doom(browser.processes, ROLE_RENDERER, FAULT_NULL_DEREFERENCE, "doom", 2);
	spare_drop(browser.spare);
	AWAIT(process_is_up(browser.spare->process));
	assert_int_equal(browser.spare->process->name.serial, serial + 3);
	for (struct process_host *p = browser.processes->first; p; p = p->next) {
		if (p->name.role != ROLE_RENDERER || p->name.serial <= serial || process_is_up(p))
			continue;
		assert_int_equal(p->death.status, TERMINATION_STATUS_LAUNCH_FAILED);
		assert_int_equal(p->death.signal, SIGSEGV);
		assert_int_equal(p->ready_ns, 0);
	}
}

static void test_plugin_processes_that_never_become_ready(void **state)
{
	struct tab *clock = harness_tab(CLOCK_PAGE);

	(void)state;
	AWAIT(harness_plugin());
	process_doom(browser.processes, ROLE_PLUGIN, FAULT_ABORT, "doom", 0);
	sink(harness_plugin());
	for (unsigned i = 0; i < 2; i++) {
		assert_false(harness_clock()->given_up);
		tab_reload(clock);
		AWAIT(harness_loaded(clock));
		AWAIT(!harness_clock()->process);
	}
	assert_true(harness_clock()->given_up);
	process_doom(browser.processes, ROLE_PLUGIN, FAULT_NONE, NULL, 0);
	AWAIT(harness_screen_has("died too often"));
}

/* A sad tab is closed and reopened like any other. */
static void test_a_sad_tab_is_closed(void **state)
{
	struct tab *tab = harness_tab("data:text/html,<p>sad");

	(void)state;
	sink(tab->renderer);
	tab_close(tab);
	assert_int_equal(browser.tabs->count, 0);
	tab = tab_reopen(browser.tabs);
	assert_non_null(tab);
	AWAIT(harness_loaded(tab));
	assert_non_null(strstr(harness_describe(tab)->text, "sad"));
}

/* All at once: whoever is up when the dust has settled shows every page again. */
static void test_everything_dies_at_once(void **state)
{
	struct tab *tabs[3] = { harness_tab("bulkhead://pages/harbour.html"),
				harness_tab(harness_long_page("Long")), harness_tab(CLOCK_PAGE) };

	(void)state;
	AWAIT(process_is_up(browser.spare->process));
	for (struct process_host *p = browser.processes->first; p; p = p->next)
		if (process_is_up(p))
			kill(p->pid, SIGKILL);
	for (unsigned i = 0; i < 3; i++)
		AWAIT(tabs[i]->state == TAB_SAD);
	for (unsigned i = 0; i < 3; i++) {
		tab_reload(tabs[i]);
		AWAIT(harness_loaded(tabs[i]));
		harness_show(tabs[i]);
	}
	AWAIT(harness_screen_has("\u2588"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_five_deaths_of_the_gpu_process_in_a_minute, harness_calm),
		cmocka_unit_test_setup(test_three_deaths_of_a_plugin_process_in_two_minutes, harness_calm),
		cmocka_unit_test_setup(test_a_spare_that_always_dies_is_given_up, harness_calm),
		cmocka_unit_test_setup(test_a_page_that_dies_again_and_again, harness_calm),
		cmocka_unit_test_setup(test_the_back_off_grows, harness_calm),
		cmocka_unit_test_setup(test_budgets_can_be_set, harness_calm),
		cmocka_unit_test_setup(test_a_gpu_process_that_never_becomes_ready, harness_calm),
		cmocka_unit_test_setup(test_renderers_that_never_become_ready, harness_calm),
		cmocka_unit_test_setup(test_two_dooms_of_a_renderer, harness_calm),
		cmocka_unit_test_setup(test_plugin_processes_that_never_become_ready, harness_calm),
		cmocka_unit_test_setup(test_a_sad_tab_is_closed, harness_calm),
		cmocka_unit_test_setup(test_everything_dies_at_once, harness_calm),
	};

	return cmocka_run_group_tests(tests, harness_open, harness_close);
}
