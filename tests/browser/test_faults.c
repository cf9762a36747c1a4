/*
 * The whole catalogue against each kind of process, under a process model: the exact death, that nobody else
 * is harmed, that what was lost comes back, and that the log tells the same. Which rows there are, and what
 * each must lead to, stands in the catalogue alone; test_stalls.c has those that end nobody.
 */
#include "browser/tab/page_host.h"
#include "tests/browser/fault_check.h"
#include <signal.h>
#include <stdlib.h>

#define VICTIM_PAGE "data:text/html,<title>Victim</title><p>I sink</p>"

/* Loads it again, by another renderer than that one. */
static void reload(struct tab *tab, const struct process_host *dead)
{
	tab_reload(tab);
	AWAIT(harness_loaded(tab));
	assert_int_not_equal(tab->renderer->name.serial, dead->name.serial);
}

static bool is_alone(const struct tab *tab)
{
	for (const struct tab *t = browser.tabs->first; t; t = t->next)
		if (t->renderer != tab->renderer)
			return false;
	return true;
}

static void forgive_all(void)
{
	restart_forgive(&browser.spare->restart);
	restart_forgive(&browser.gpu->restart);
	restart_forgive(&harness_clock()->restart);
}

static void test_every_fault_of_a_renderer(void **state)
{
	struct bystanders others = bystanders_open();
	struct tab *tab = harness_tab(VICTIM_PAGE);
	unsigned sunk = 0;

	(void)state;
	for (unsigned i = 0; i < fault_table_count; i++) {
		const struct fault_info *f = &fault_table[i];
		struct process_host *p = tab->renderer, *plugin = harness_clock()->process;

		if (!fault_can_hit(f, ROLE_RENDERER) || !fault_check_kills(f))
			continue;
		/* One renderer for all has nobody else to speak for. */
		if (f->kind == FAULT_FOREIGN_PAGE && is_alone(tab)) {
			const char *why;

			assert_false(fault_inject_named(&browser, p, f->name, &why));
			assert_string_equal(why, "there is no tab of another renderer");
			continue;
		}
		unsigned alive = fault_check_up();

		fault_check_sink(p, f);
		sunk++;
		assert_int_equal(tab->state, TAB_SAD);
		assert_int_equal(tab->death.status, f->status.status);
		assert_int_equal(tab->dead_renderer.serial, p->name.serial);
		assert_int_equal(tab->dead_pid, p->pid);
		assert_null(tab->renderer);
		harness_check_roll_call(alive - 1);
		bystanders_check(&others, p);
		assert_ptr_equal(harness_clock()->process, plugin);
		reload(tab, p);
		assert_non_null(strstr(harness_describe(tab)->text, "I sink"));
		forgive_all();
	}
	assert_int_equal(tab->deaths_lately, sunk);
	assert_true(sunk > 50);
}

/* The picture of a page that stands still is the same before and after. */
static void test_every_fault_of_the_gpu_process(void **state)
{
	struct bystanders others = bystanders_open();
	struct tab *tab = harness_tab(
		"data:text/html,<title>Still</title><h1>Still here</h1><a href=x>one</a> <a href=y>two</a>");
	size_t bytes = sizeof *browser.view->cells * browser.view->columns * browser.view->rows;
	struct cell *before = malloc(bytes);

	(void)state;
	harness_show(tab);
	AWAIT(harness_screen_has("Still here"));
	assert_non_null(before);
	memcpy(before, browser.view->cells, bytes);
	tab_press_key(tab, KEY_FOCUS_NEXT);
	AWAIT(memcmp(before, browser.view->cells, bytes));
	memcpy(before, browser.view->cells, bytes);
	for (unsigned i = 0; i < fault_table_count; i++) {
		const struct fault_info *f = &fault_table[i];
		struct process_host *p = gpu_host_up(browser.gpu);
		uint64_t presents = browser.view->presents;

		if (!fault_can_hit(f, ROLE_GPU) || !fault_check_kills(f))
			continue;
		unsigned alive = fault_check_up();

		fault_check_sink(p, f);
		harness_check_roll_call(alive - 1);
		AWAIT(gpu_host_up(browser.gpu) && browser.view->presents > presents);
		assert_ptr_not_equal(gpu_host_up(browser.gpu), p);
		bystanders_check(&others, p);
		AWAIT(!memcmp(before, browser.view->cells, bytes));
		tab_press_key(tab, KEY_FOCUS_NEXT); /* it is alive: the focus shows */
		AWAIT(memcmp(before, browser.view->cells, bytes));
		tab_press_key(tab, KEY_FOCUS_PREVIOUS);
		AWAIT(!memcmp(before, browser.view->cells, bytes));
		forgive_all();
	}
	harness_show(others.witnesses[2].tab);
	AWAIT(harness_screen_has("below"));
	free(before);
}

static bool clock_is_live(const struct tab *tab)
{
	return tab->embeds && tab->embeds->surface && tab->embeds->plugin;
}

static void test_every_fault_of_a_plugin_process(void **state)
{
	struct tab *reader = harness_tab("bulkhead://pages/harbour.html");
	struct tab *second = harness_tab(CLOCK_PAGE), *clock = harness_tab(CLOCK_PAGE);
	struct witness w = harness_witness(reader);
	uint32_t renderers[] = { second->renderer->name.serial, clock->renderer->name.serial };

	(void)state;
	for (unsigned i = 0; i < fault_table_count; i++) {
		const struct fault_info *f = &fault_table[i];

		if (!fault_can_hit(f, ROLE_PLUGIN) || !fault_check_kills(f))
			continue;
		unsigned alive = fault_check_up();

		assert_ptr_equal(second->embeds->plugin->process, clock->embeds->plugin->process);
		AWAIT(harness_screen_has("\u2588"));
		fault_check_sink(harness_plugin(), f);
		assert_null(harness_plugin());
		harness_check_roll_call(alive - 1);
		AWAIT(harness_screen_has("The clock plugin died"));
		AWAIT(harness_screen_has("below"));
		harness_check_witness(&w);
		assert_int_equal(second->renderer->name.serial, renderers[0]);
		assert_int_equal(clock->renderer->name.serial, renderers[1]);
		forgive_all();
		tab_reload(second);
		tab_reload(clock);
		AWAIT(harness_loaded(clock) && clock_is_live(clock) && harness_loaded(second) &&
		      clock_is_live(second));
	}
	AWAIT(harness_screen_has("\u2588"));
	assert_false(harness_screen_has("died"));
}

/* One of each group is enough for those who do nothing yet. */
static bool stands_for_its_group(unsigned i)
{
	return i == 0 || fault_table[i].group != fault_table[i - 1].group ||
	       fault_table[i].kind == FAULT_STACK_OVERFLOW || fault_table[i].kind == FAULT_HUGE_ALLOCATION;
}

static void test_faults_of_the_spare_renderer(void **state)
{
	struct bystanders others = bystanders_open();

	(void)state;
	if (!page_host_keeps_spare(browser.options.process_model))
		skip();
	for (unsigned i = 0; i < fault_table_count; i++) {
		const struct fault_info *f = &fault_table[i];
		struct process_host *p;

		if (!stands_for_its_group(i) || !fault_can_hit(f, ROLE_RENDERER) || !fault_check_kills(f))
			continue;
		AWAIT(process_is_up(browser.spare->process));
		p = fault_check_sink(browser.spare->process, f);
		forgive_all();
		AWAIT(process_is_up(browser.spare->process));
		assert_ptr_not_equal(browser.spare->process, p);
	}
	for (struct tab *t = browser.tabs->first; t; t = t->next)
		assert_int_equal(t->state, TAB_READY);
	bystanders_check(&others, browser.spare->process);
}

/* One death takes every page of its process, and no other. */
static void test_faults_while_the_page_loads(void **state)
{
	struct bystanders others = bystanders_open();

	(void)state;
	for (unsigned i = 0; i < fault_table_count; i++) {
		const struct fault_info *f = &fault_table[i];
		struct process_host *p;

		if (!stands_for_its_group(i) || !fault_can_hit(f, ROLE_RENDERER) || !fault_check_kills(f))
			continue;
		struct tab *tab = tab_open(browser.tabs, harness_long_page("Young"), true);

		AWAIT(tab->renderer && process_is_up(tab->renderer));
		p = fault_check_sink(tab->renderer, f);
		forgive_all();
		assert_int_equal(tab->state, TAB_SAD);
		assert_false(tab->loading);
		bystanders_check(&others, p);
		reload(tab, p);
		assert_string_equal(tab->title, "Young");
		tab_close(tab);
	}
}

/* The placeholder's own offer brings the clock back too, without a reload. */
static void test_a_key_at_the_placeholder_starts_the_plugin_again(void **state)
{
	struct tab *clock = harness_tab(CLOCK_PAGE);

	(void)state;
	fault_check_sink(harness_plugin(), &fault_table[0]);
	/* Its own words come first, those of the browser once the death is named, and each is a new layout.
	 */
	AWAIT(harness_screen_has("died: crashed (SIGSEGV") && harness_screen_has("start it again"));
	tab_press_key(clock, KEY_FOCUS_NEXT);
	tab_press_key(clock, KEY_ACTIVATE);
	AWAIT(clock_is_live(clock));
	AWAIT(harness_screen_has("\u2588"));
}

/* A page that is being laid out anew is described as it will be, not as far as layout has come. */
static void test_a_page_is_described_whole(void **state)
{
	uint64_t hash = 0;

	(void)state;
	for (unsigned i = 0; i < 30; i++) {
		struct tab *tab = tab_open(browser.tabs, CLOCK_PAGE, true);

		AWAIT(harness_loaded(tab));
		assert_int_not_equal(harness_describe(tab)->text_bytes, 0);
		assert_true(!hash || hash == tab->description.hash);
		hash = tab->description.hash;
		tab_close(tab);
	}
}

/* What a page asked for and never got does not stay behind when it is left. */
static void test_embeds_of_left_pages_are_forgotten(void **state)
{
	struct tab *tab = harness_tab("data:text/html,<embed type=\"application/x-nothing\"><p>none</p>");

	(void)state;
	for (unsigned i = 0; i < 70; i++) {
		uint32_t navigation = tab->navigation;

		tab_reload(tab);
		AWAIT(harness_loaded(tab) && tab->navigation > navigation && tab->embeds);
		assert_null(tab->embeds->next);
	}
	harness_go(tab, CLOCK_PAGE);
	AWAIT(clock_is_live(tab));
	assert_null(tab->embeds->next);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_every_fault_of_a_renderer, harness_calm),
		cmocka_unit_test_setup(test_every_fault_of_the_gpu_process, harness_calm),
		cmocka_unit_test_setup(test_every_fault_of_a_plugin_process, harness_calm),
		cmocka_unit_test_setup(test_faults_of_the_spare_renderer, harness_calm),
		cmocka_unit_test_setup(test_faults_while_the_page_loads, harness_calm),
		cmocka_unit_test_setup(test_a_key_at_the_placeholder_starts_the_plugin_again, harness_calm),
		cmocka_unit_test_setup(test_a_page_is_described_whole, harness_calm),
		cmocka_unit_test_setup(test_embeds_of_left_pages_are_forgotten, harness_calm),
	};

	return cmocka_run_group_tests(tests, fault_check_open, fault_check_close);
}
