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
	assert_non_null(strstr(browser.message, "given up"));
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
		assert_true(i < RESTART_REMEMBERED);
		AWAIT(process_is_up(browser.spare->process));
		sink(browser.spare->process);
	}
	assert_null(browser.spare->process);
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
		tab_reload(tab);
		AWAIT(harness_loaded(tab));
	}
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
		cmocka_unit_test_setup(test_a_sad_tab_is_closed, harness_calm),
		cmocka_unit_test_setup(test_everything_dies_at_once, harness_calm),
	};

	return cmocka_run_group_tests(tests, harness_open, harness_close);
}
