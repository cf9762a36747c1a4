/* Many deaths in a row leave nothing behind: no descriptor, no zombie, no stray child, no region, no memory.
 */
#include "browser/fault/crash/crash_report.h"
#include "tests/browser/harness.h"
#include <stdlib.h>

struct stock {
	unsigned fds, regions, children;
	uint64_t resident;
};

static struct stock take_stock(void)
{
	struct stock h;

	harness_calm(NULL);
	/* An init that was slow to end is reaped with the next start. */
	if (count_zombies()) {
		process_kill(browser.spare->process, BAD_MESSAGE_NONE);
		AWAIT(!process_is_up(browser.spare->process));
		harness_calm(NULL);
	}
	crash_reports_settle(browser.crash_reports); /* they hold descriptors until they are written */
	h = (struct stock){ .fds = count_fds(),
			    .regions = count_regions(),
			    .children = count_children(),
			    .resident = count_resident_bytes() };
	return h;
}

static void check_nothing_is_left(const struct stock *before, uint64_t growth)
{
	struct stock now = take_stock();

	assert_int_equal(now.fds, before->fds);
	assert_int_equal(now.regions, before->regions);
	assert_int_equal(now.children, before->children);
	assert_int_equal(count_zombies(), 0);
	print_message("  resident memory %+lld KiB\n",
		      ((long long)now.resident - (long long)before->resident) / 1024);
	assert_true(now.resident <= before->resident + growth);
}

static void sink_and_reload(struct tab *tab, unsigned n)
{
	static const char *const faults[] = { "null dereference", "SIGKILL", "abort", "clean exit",
					      "bad message" };
	struct process_host *p = tab->renderer;

	assert_true(fault_inject_named(&browser, p, faults[n % 5], NULL));
	AWAIT(tab->state == TAB_SAD);
	tab_reload(tab);
	AWAIT(harness_loaded(tab));
}

/*
 * The collector remembers the last 32 MB of traffic on purpose, so memory grows at first: about 2 KiB a
 * crash. What counts is that another 200 cost no more than their share of that.
 */
#define RENDERER_GROWTH (UINT64_C(4) << 20)
#define OTHERS_GROWTH	(UINT64_C(2) << 20)

static void test_two_hundred_renderers(void **state)
{
	struct tab *tab = harness_tab("data:text/html,<title>Warm</title><p>warm");
	struct stock before;

	(void)state;
	for (unsigned i = 0; i < 50; i++)
		sink_and_reload(tab, i);
	before = take_stock();
	tab = harness_tab("data:text/html,<title>Sinks</title><p>sinks");
	for (unsigned i = 0; i < 200; i++)
		sink_and_reload(tab, i);
	assert_int_equal(tab->deaths_lately, 200);
	check_nothing_is_left(&before, RENDERER_GROWTH);
}

static void test_twenty_gpu_processes(void **state)
{
	struct stock before;

	(void)state;
	before = take_stock();
	harness_tab("data:text/html,<h1>Still</h1>");
	for (unsigned i = 0; i < 20; i++) {
		struct process_host *p;
		uint64_t presents;

		AWAIT(gpu_host_up(browser.gpu));
		p = gpu_host_up(browser.gpu);
		presents = browser.view->presents;
		fault_inject_named(&browser, p, "abort", NULL);
		AWAIT(p->state == PROCESS_DEAD);
		restart_forgive(&browser.gpu->restart);
		AWAIT(browser.view->presents > presents && harness_screen_has("Still"));
	}
	check_nothing_is_left(&before, OTHERS_GROWTH);
}

static void test_twenty_plugin_processes(void **state)
{
	struct stock before;
	struct tab *tab;

	(void)state;
	before = take_stock();
	tab = harness_tab(CLOCK_PAGE);
	for (unsigned i = 0; i < 20; i++) {
		struct process_host *p = harness_plugin();

		fault_inject_named(&browser, p, "abort", NULL);
		AWAIT(p->state == PROCESS_DEAD);
		restart_forgive(&harness_clock()->restart);
		tab_reload(tab);
		AWAIT(harness_loaded(tab) && tab->embeds->surface);
	}
	check_nothing_is_left(&before, OTHERS_GROWTH);
}

/* Tabs that come and go, navigations that are overtaken, pages that are larger and smaller. */
static void test_a_hundred_tabs(void **state)
{
	struct stock before;

	(void)state;
	for (unsigned round = 0; round < 2; round++) {
		before = take_stock();
		for (unsigned i = 0; i < 25; i++) {
			struct tab *left = tab_open(browser.tabs, CLOCK_PAGE, true);
			struct tab *right = tab_open(browser.tabs, harness_long_page("Left"), false);

			tab_go(right, "bulkhead://pages/harbour.html");
			view_resize(browser.view, 60 + i, 20 + i % 7);
			AWAIT(harness_loaded(right));
			tab_close(left); /* wherever it stands */
			tab_close(right);
		}
		view_resize(browser.view, 80, 24);
	}
	check_nothing_is_left(&before, OTHERS_GROWTH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_two_hundred_renderers, harness_calm),
		cmocka_unit_test_setup(test_twenty_gpu_processes, harness_calm),
		cmocka_unit_test_setup(test_twenty_plugin_processes, harness_calm),
		cmocka_unit_test_setup(test_a_hundred_tabs, harness_calm),
	};

	return cmocka_run_group_tests(tests, harness_open, harness_close);
}
