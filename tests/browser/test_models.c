/*
 * The process models with real processes: which tabs share a renderer, as /proc tells it, and what they share
 * with it: its death, its hang, and nothing else. Argument: the test server.
 */
#include "browser/tab/page_host.h"
#include "tests/browser/harness.h"
#include "tests/net/client.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define MANY 300

static struct server server;

/* A page of one of two sites: both names are of this machine. */
static const char *site(const char *host, const char *path)
{
	static char urls[4][200];
	static unsigned n;
	char *url = urls[n++ % 4];

	snprintf(url, sizeof urls[0], "http://%s:%u%s", host, server.port, path);
	return url;
}
#define HERE(path)  site("127.0.0.1", path)
#define THERE(path) site("localhost", path)

static struct tab *page(const char *url)
{
	struct tab *tab = tab_open(browser.tabs, url, false);

	assert_non_null(tab);
	AWAIT(harness_loaded(tab));
	assert_false(tab->failed);
	return tab;
}

static unsigned renderers(void)
{
	return count_children_named("bulkhead-renderer");
}

static bool is_calm(void)
{
	unsigned spare = page_host_keeps_spare(browser.options.process_model);

	return gpu_host_up(browser.gpu) && browser.gpu->process->state == PROCESS_READY &&
	       (!spare || process_is_up(browser.spare->process)) && renderers() == spare;
}

/* For each test: no tabs, and no renderer but the spare, where there is one. */
static int calm(void **state)
{
	struct plugin_host *clock = harness_clock();

	(void)state;
	while (browser.tabs->first)
		tab_close(browser.tabs->first);
	for (struct process_host *p = browser.processes->first; p; p = p->next)
		if (p->name.role == ROLE_PLUGIN || p == browser.spare->process)
			process_kill(p, BAD_MESSAGE_NONE);
	AWAIT(!clock->process && !browser.spare->process);
	restart_forgive(&clock->restart);
	restart_forgive(&browser.gpu->restart);
	restart_forgive(&browser.spare->restart);
	clock->given_up = browser.gpu->given_up = false;
	gpu_host_start(browser.gpu);
	if (page_host_keeps_spare(browser.options.process_model))
		spare_start(browser.spare);
	else
		task_cancel(&browser.spare->again);
	AWAIT(is_calm());
	browser.message[0] = '\0';
	return 0;
}

static void sink(struct process_host *p)
{
	assert_true(fault_inject_named(&browser, p, "null dereference", NULL));
	AWAIT(p->state == PROCESS_DEAD);
}

static void check_sad(const struct tab *tab, const struct process_host *dead)
{
	assert_int_equal(tab->state, TAB_SAD);
	assert_null(tab->renderer);
	assert_int_equal(tab->dead_renderer.serial, dead->name.serial);
	assert_int_equal(tab->death.status, TERMINATION_STATUS_CRASHED);
	assert_int_equal(tab->death.signal, SIGSEGV);
}

static void reload(struct tab *tab)
{
	tab_reload(tab);
	AWAIT(harness_loaded(tab));
}

/* Under `one`. */

/* Web, files, built-in pages and data: alike, and no spare beside it. */
static void test_one_renderer_serves_all_tabs(void **state)
{
	const char *const urls[] = { HERE("/page/1"), THERE("/page/1"), "bulkhead://start",
				     "data:text/html,<title>Data</title><p>d", "file:///usr/" };
	struct tab *tabs[5];

	(void)state;
	for (unsigned i = 0; i < 5; i++) {
		tabs[i] = page(urls[i]);
		assert_ptr_equal(tabs[i]->renderer, tabs[0]->renderer);
		assert_int_equal(page_host_pages(browser.tabs, tabs[0]->renderer, NULL), i + 1);
	}
	assert_int_equal(renderers(), 1);
	assert_null(browser.spare->process);
	for (unsigned i = 0; i < 5; i++) {
		struct witness w = harness_witness(tabs[i]);

		harness_show(tabs[i]);
		harness_check_witness(&w);
	}
	/* Nor does a tab that goes elsewhere get another. */
	harness_go(tabs[0], "file:///etc/");
	harness_go(tabs[4], THERE("/page/3"));
	assert_ptr_equal(tabs[0]->renderer, tabs[4]->renderer);
	assert_int_equal(renderers(), 1);
}

static void test_its_crash_takes_all_tabs(void **state)
{
	struct tab *tabs[] = { page(HERE("/page/1")), page(THERE("/page/1")), page("bulkhead://start") };
	struct process_host *dead = tabs[0]->renderer, *next;

	(void)state;
	assert_int_equal(renderers(), 1);
	sink(dead);
	for (unsigned i = 0; i < 3; i++)
		check_sad(tabs[i], dead);
	assert_int_equal(renderers(), 0);
	/* The first that is reloaded starts another; the others join it. */
	reload(tabs[1]);
	next = tabs[1]->renderer;
	assert_int_equal(tabs[0]->state, TAB_SAD);
	assert_int_equal(renderers(), 1);
	reload(tabs[0]);
	reload(tabs[2]);
	assert_ptr_equal(tabs[0]->renderer, next);
	assert_ptr_equal(tabs[2]->renderer, next);
	assert_int_equal(renderers(), 1);
	harness_show(tabs[2]);
	AWAIT(harness_screen_has("Bulkhead"));
}

static void test_closing_one_of_several_tabs(void **state)
{
	struct tab *stays = page(harness_long_page("Stays")), *goes = page(HERE("/long?n=2000")),
		   *loading = tab_open(browser.tabs, HERE("/long-slow?n=500&ms=20"), false);
	struct witness w = harness_witness(stays);
	uint32_t serial = stays->renderer->name.serial;

	(void)state;
	AWAIT(loading->state == TAB_READY && loading->loading);
	tab_close(loading);
	tab_close(goes);
	harness_check_witness(&w);
	harness_show(stays);
	AWAIT(harness_screen_has("Stays"));
	/* The last one takes the renderer with it. */
	tab_close(stays);
	AWAIT(renderers() == 0);
	stays = page("data:text/html,<p>anew");
	assert_int_not_equal(stays->renderer->name.serial, serial);
	assert_int_equal(renderers(), 1);
}

static bool all_unresponsive(void)
{
	for (struct tab *t = browser.tabs->first; t; t = t->next)
		if (!tab_is_unresponsive(t, NULL))
			return false;
	return true;
}

static bool all_sad(void)
{
	for (struct tab *t = browser.tabs->first; t; t = t->next)
		if (t->state != TAB_SAD)
			return false;
	return true;
}

static void test_its_hang_is_that_of_all_tabs(void **state)
{
	struct tab *a = page(HERE("/page/1")), *b = page(THERE("/page/1")), *c = page("bulkhead://start");
	struct process_host *p = a->renderer;

	(void)state;
	assert_true(fault_inject_named(&browser, p, "endless loop", NULL));
	AWAIT(all_unresponsive());
	/* One tab closes and the others still hang; the user's patience is for all. */
	tab_close(c);
	tab_wait(a);
	assert_false(tab_is_unresponsive(b, NULL));
	AWAIT(all_unresponsive());
	/* Ended from one tab, it is ended for all. */
	tab_end_renderer(b);
	AWAIT(all_sad());
	assert_int_equal(a->death.status, TERMINATION_STATUS_KILLED);
	reload(a);
	reload(b);
	assert_ptr_equal(a->renderer, b->renderer);
	assert_int_equal(renderers(), 1);
}

/* Two renderers for one key there are not: the one that hangs makes way. */
static void test_reload_of_a_tab_that_hangs_takes_the_others(void **state)
{
	struct tab *a = page(HERE("/page/1")), *b = page(THERE("/page/1"));
	struct process_host *p = a->renderer;

	(void)state;
	assert_true(fault_inject_named(&browser, p, "endless loop", NULL));
	AWAIT(all_unresponsive());
	tab_reload(a);
	AWAIT(harness_loaded(a) && b->state == TAB_SAD);
	AWAIT(renderers() == 1);
	reload(b);
	assert_ptr_equal(a->renderer, b->renderer);
}

/* Embeds of two pages of one renderer, one plugin process, one channel between them. */
static void test_plugins_of_several_pages(void **state)
{
	struct tab *a = page(CLOCK_PAGE), *b = page(CLOCK_PAGE);
	struct process_host *plugin = harness_plugin();

	(void)state;
	assert_non_null(plugin);
	assert_int_equal(count_children_named("bulkhead-plugin"), 1);
	assert_int_not_equal(a->embeds->surface, 0);
	assert_int_not_equal(b->embeds->surface, 0);
	harness_show(a);
	AWAIT(harness_screen_has("███"));
	tab_close(a);
	harness_show(b);
	AWAIT(harness_screen_has("███"));
	a = page(CLOCK_PAGE);
	sink(plugin);
	assert_int_equal(a->state, TAB_READY);
	harness_show(a);
	AWAIT(harness_screen_has("died"));
	harness_show(b);
	AWAIT(harness_screen_has("died"));
	/* Again for one of them, and the other's placeholder stays. */
	reload(b);
	AWAIT(harness_plugin() && b->embeds->surface);
	assert_int_equal(a->embeds->surface, 0);
	assert_ptr_equal(a->renderer, b->renderer);
}

/* All at once: each brings descriptors to the renderer and to the GPU process. */
static void test_many_pages_at_once(void **state)
{
	struct tab *first = NULL, *last = NULL;
	struct process_host *gpu = gpu_host_up(browser.gpu);
	char url[100];

	(void)state;
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(url, sizeof url, "data:text/html,<title>%u</title><p>Number %u.", i, i);
		last = tab_open(browser.tabs, url, false);
		first = first ? first : last;
	}
	for (struct tab *t = first; t; t = t->next)
		AWAIT(harness_loaded(t));
	assert_int_equal(renderers(), browser.options.process_model == PROCESS_MODEL_ONE ? 1 : MANY + 1);
	assert_ptr_equal(gpu_host_up(browser.gpu), gpu);
	harness_show(last);
	snprintf(url, sizeof url, "Number %u.", (unsigned)MANY - 1);
	AWAIT(harness_screen_has(url));
	/* A new GPU process gets all of them again. */
	sink(gpu);
	AWAIT(gpu_host_up(browser.gpu));
	gpu = gpu_host_up(browser.gpu);
	for (struct tab *t = first; t; t = t->next) {
		snprintf(url, sizeof url, "Number %u.", t->id - first->id);
		tab_activate(t);
		AWAIT(browser.view->page == t->id && harness_screen_has(url));
	}
	assert_ptr_equal(gpu_host_up(browser.gpu), gpu);
}

/* Under `per-site`. */

static void test_a_site_has_one_renderer(void **state)
{
	struct tab *a = page(HERE("/page/1")), *b = page(THERE("/page/1")), *c = page(HERE("/page/2"));
	struct tab *file = page("file:///usr/"), *other_file = page("file:///etc/"),
		   *built_in = page("bulkhead://start"), *data = page("data:text/html,<p>one"),
		   *other_data = page("data:text/html,<p>two");
	struct witness w;

	(void)state;
	assert_ptr_equal(a->renderer, c->renderer);
	assert_ptr_equal(file->renderer, other_file->renderer);
	assert_ptr_not_equal(a->renderer, b->renderer);
	assert_ptr_not_equal(a->renderer, file->renderer);
	assert_ptr_not_equal(a->renderer, built_in->renderer);
	assert_ptr_not_equal(file->renderer, built_in->renderer);
	assert_ptr_not_equal(data->renderer, a->renderer);
	assert_ptr_not_equal(data->renderer, built_in->renderer);
	assert_ptr_not_equal(data->renderer, other_data->renderer);
	AWAIT(process_is_up(browser.spare->process));
	assert_int_equal(renderers(), 6 + 1);
	/* What it dies of, its site's tabs die of. */
	w = harness_witness(b);
	sink(a->renderer);
	assert_int_equal(a->state, TAB_SAD);
	assert_int_equal(c->state, TAB_SAD);
	harness_check_witness(&w);
	reload(c);
	reload(a);
	assert_ptr_equal(a->renderer, c->renderer);
	assert_ptr_not_equal(a->renderer, b->renderer);
}

static void test_a_tab_moves_between_sites(void **state)
{
	struct tab *moves = page(HERE("/page/1")), *here = page(HERE("/long?n=2000")), *there;
	struct witness at_home = harness_witness(here);
	struct process_host *home = here->renderer;

	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		/* Gone again before it has drawn: what it says late is no lie. */
		tab_go(moves, HERE("/long?n=500"));
		AWAIT(moves->renderer == home && moves->attached == home->name.serial);
		tab_go(moves, THERE("/page/2"));
		AWAIT(moves->renderer && moves->renderer != home && moves->attached);
	}
	AWAIT(harness_loaded(moves));
	assert_int_equal(home->state, PROCESS_READY);
	harness_check_witness(&at_home);
	/* It came as the only one of that site: with it the renderer goes. */
	there = moves;
	AWAIT(renderers() == 2 + 1);
	harness_go(there, HERE("/page/2"));
	assert_ptr_equal(there->renderer, home);
	AWAIT(renderers() == 1 + 1);
	harness_show(there);
	AWAIT(harness_screen_has("Page 2"));
	assert_int_equal(here->nformer, 0);
}

/* A tab leaves a site whose renderer hangs; the other tab there waits, and is right to. */
static void test_leaving_a_site_that_hangs(void **state)
{
	struct tab *leaves = page(HERE("/long?n=2000")), *waits = page(HERE("/page/1"));
	struct process_host *home = waits->renderer;
	struct witness w = harness_witness(waits);

	(void)state;
	process_signal(home, SIGSTOP);
	tab_press_key(leaves, KEY_FOCUS_NEXT); /* answered when it can, about a page that it has no more */
	AWAIT(all_unresponsive());
	tab_go(leaves, THERE("/page/1"));
	AWAIT(harness_loaded(leaves));
	assert_ptr_not_equal(leaves->renderer, home);
	assert_true(tab_is_unresponsive(waits, NULL));
	process_signal(home, SIGCONT);
	AWAIT(!tab_is_unresponsive(waits, NULL));
	harness_check_witness(&w);
	harness_go(leaves, HERE("/page/4"));
	assert_ptr_equal(leaves->renderer, home);
	harness_check_witness(&w);
}

/* A tab that only waited for a renderer has no claim to it once another's page was in it. */
static void test_what_was_served_is_no_fresh_renderer(void **state)
{
	struct tab *first = page(THERE("/page/1")), *waits, *served;
	struct process_host *p;

	(void)state;
	AWAIT(process_is_up(browser.spare->process));
	process_kill(browser.spare->process, BAD_MESSAGE_NONE);
	AWAIT(!browser.spare->process);
	AWAIT(browser.spare->process);
	p = browser.spare->process;
	process_signal(p, SIGSTOP); /* a slow start */
	waits = tab_open(browser.tabs, HERE("/page/1"), true);
	served = tab_open(browser.tabs, HERE("/page/1"), false);
	AWAIT(waits->renderer == p && waits->head.url && served->renderer == p && served->head.url);
	assert_int_equal(p->state, PROCESS_STARTING);
	tab_stop(waits);
	process_signal(p, SIGCONT);
	AWAIT(harness_loaded(served));
	assert_ptr_equal(served->renderer, p);
	tab_close(served);
	tab_go(waits, "file:///etc/hostname");
	AWAIT(harness_loaded(waits));
	assert_ptr_not_equal(waits->renderer, p);
	tab_close(first);
}

/* Both find no renderer of their site that is ready; one then goes elsewhere. */
static void test_tabs_that_wait_for_the_same_start(void **state)
{
	struct tab *a, *b;

	(void)state;
	process_kill(browser.spare->process, BAD_MESSAGE_NONE);
	AWAIT(!browser.spare->process);
	a = tab_open(browser.tabs, "file:///usr/", false);
	b = tab_open(browser.tabs, "file:///etc/", false);
	AWAIT(a->renderer && b->renderer);
	assert_ptr_equal(a->renderer, b->renderer);
	tab_go(b, "bulkhead://start");
	AWAIT(harness_loaded(a) && harness_loaded(b));
	assert_ptr_not_equal(a->renderer, b->renderer);
	harness_show(b);
	AWAIT(harness_screen_has("Bulkhead"));
	harness_show(a);
	AWAIT(harness_screen_has("share"));
}

/* Under `per-tab`. */

static void test_each_tab_has_its_own(void **state)
{
	struct tab *a = page(HERE("/page/1")), *b = page(HERE("/page/1"));
	struct witness w = harness_witness(b);
	uint32_t serial = a->renderer->name.serial;

	(void)state;
	assert_ptr_not_equal(a->renderer, b->renderer);
	AWAIT(process_is_up(browser.spare->process));
	assert_int_equal(renderers(), 2 + 1);
	sink(a->renderer);
	assert_int_equal(a->state, TAB_SAD);
	harness_check_witness(&w);
	reload(a);
	/* Its own for all sites of the web, and another for what those may not open. */
	serial = a->renderer->name.serial;
	harness_go(a, THERE("/page/1"));
	assert_int_equal(a->renderer->name.serial, serial);
	harness_go(a, "file:///usr/");
	assert_int_not_equal(a->renderer->name.serial, serial);
	serial = a->renderer->name.serial;
	harness_go(a, "bulkhead://start");
	assert_int_not_equal(a->renderer->name.serial, serial);
	harness_check_witness(&w);
}

static int set_up(void **state)
{
	server_start(&server, server_script, false);
	return harness_open(state);
}

static int tear_down(void **state)
{
	server_stop(&server);
	return harness_close(state);
}

static int run(enum process_model model, const struct CMUnitTest *tests, size_t count)
{
	harness_options.process_model = model;
	return _cmocka_run_group_tests(process_model_names[model], tests, count, set_up, tear_down);
}
#define RUN(model, tests) run(model, tests, sizeof(tests) / sizeof *(tests))

int main(int argc, char **argv)
{
	const struct CMUnitTest one[] = {
		cmocka_unit_test_setup_teardown(test_one_renderer_serves_all_tabs, calm, calm),
		cmocka_unit_test_setup_teardown(test_its_crash_takes_all_tabs, calm, calm),
		cmocka_unit_test_setup_teardown(test_closing_one_of_several_tabs, calm, calm),
		cmocka_unit_test_setup_teardown(test_its_hang_is_that_of_all_tabs, calm, calm),
		cmocka_unit_test_setup_teardown(test_reload_of_a_tab_that_hangs_takes_the_others, calm, calm),
		cmocka_unit_test_setup_teardown(test_plugins_of_several_pages, calm, calm),
		cmocka_unit_test_setup_teardown(test_many_pages_at_once, calm, calm),
	};
	const struct CMUnitTest per_site[] = {
		cmocka_unit_test_setup_teardown(test_a_site_has_one_renderer, calm, calm),
		cmocka_unit_test_setup_teardown(test_a_tab_moves_between_sites, calm, calm),
		cmocka_unit_test_setup_teardown(test_leaving_a_site_that_hangs, calm, calm),
		cmocka_unit_test_setup_teardown(test_tabs_that_wait_for_the_same_start, calm, calm),
		cmocka_unit_test_setup_teardown(test_what_was_served_is_no_fresh_renderer, calm, calm),
	};
	const struct CMUnitTest per_tab[] = {
		cmocka_unit_test_setup_teardown(test_each_tab_has_its_own, calm, calm),
		cmocka_unit_test_setup_teardown(test_many_pages_at_once, calm, calm),
	};

	assert_true(argc > 1);
	server_script = argv[argc - 1];
	return RUN(PROCESS_MODEL_ONE, one) + RUN(PROCESS_MODEL_PER_SITE, per_site) +
	       RUN(PROCESS_MODEL_PER_TAB, per_tab);
}
