/*
 * Every fault in every kind of process: the exact death, that nobody else is harmed, and that what was lost
 * comes back. One table for all: a death is named the same whoever dies it.
 */
#include "tests/browser/harness.h"
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>

static const struct expected {
	const char *fault;
	enum termination_status status;
	int signal, code;
	enum crash_kind kind;
	enum bad_message reason;
	uint32_t syscall;
} expected[] = {
	{ "null dereference", TERMINATION_STATUS_CRASHED, SIGSEGV, SIGSEGV, CRASH_KIND_SIGNAL, 0, 0 },
	{ "abort", TERMINATION_STATUS_CRASHED, SIGABRT, SIGABRT, CRASH_KIND_SIGNAL, 0, 0 },
	{ "illegal instruction", TERMINATION_STATUS_CRASHED, SIGILL, SIGILL, CRASH_KIND_SIGNAL, 0, 0 },
	{ "stack overflow", TERMINATION_STATUS_CRASHED, SIGSEGV, SIGSEGV, CRASH_KIND_STACK_OVERFLOW, 0,
	  0 },
	{ "out of memory", TERMINATION_STATUS_OOM, SIGABRT, SIGABRT, CRASH_KIND_OUT_OF_MEMORY, 0, 0 },
	{ "SIGKILL", TERMINATION_STATUS_KILLED, SIGKILL, SIGKILL, CRASH_KIND_NONE, 0, 0 },
	{ "SIGTERM", TERMINATION_STATUS_KILLED, SIGTERM, SIGTERM, CRASH_KIND_NONE, 0, 0 },
	{ "clean exit", TERMINATION_STATUS_ABNORMAL, 0, 0, CRASH_KIND_FAULT_EXIT, 0, 0 },
	{ "violation", TERMINATION_STATUS_CRASHED, SIGSYS, SIGSYS, CRASH_KIND_VIOLATION, 0, SYS_ptrace },
	{ "bad message", TERMINATION_STATUS_KILLED, SIGKILL, SIGKILL, CRASH_KIND_NONE,
	  BAD_MESSAGE_UNKNOWN_TYPE, 0 },
};
#define EXPECTED (sizeof expected / sizeof *expected)

/* Inject, wait for the death, and compare it with the row. Returns the dead. */
static struct process_host *sink(struct process_host *p, const struct expected *e)
{
	print_message("  %s into %s\n", e->fault, role_names[p->name.role]);
	assert_true(fault_inject_named(&browser, p, e->fault, NULL));
	AWAIT(p->state == PROCESS_DEAD);
	assert_string_equal(termination_status_names[p->death.status], termination_status_names[e->status]);
	assert_int_equal(p->death.signal, e->signal);
	assert_int_equal(p->death.code, e->code);
	assert_int_equal(p->death.kind, e->kind);
	assert_int_equal(p->death.reason, e->reason);
	assert_int_equal(p->death.syscall, e->syscall);
	assert_int_equal(p->death.step[0], 0);
	if (!strcmp(e->fault, "null dereference"))
		assert_int_equal(p->death.address, 0);
	if (e->kind == CRASH_KIND_SIGNAL)
		assert_int_not_equal(p->death.pc, 0);
	return p;
}

/* Two tabs that read and a clock that ticks beside the victim. */
struct bystanders {
	struct witness reader, scrolled, clock;
};

static struct bystanders bystanders_open(void)
{
	struct bystanders b;
	struct tab *reader = harness_tab("bulkhead://pages/harbour.html");
	struct tab *scrolled = harness_tab(harness_long_page("Scrolled"));
	struct tab *clock = harness_tab(CLOCK_PAGE);

	tab_scroll_to(scrolled, 30);
	assert_int_equal(scrolled->scroll_row, 30);
	b.reader = harness_witness(reader);
	b.scrolled = harness_witness(scrolled);
	b.clock = harness_witness(clock);
	return b;
}

static void bystanders_check(const struct bystanders *b)
{
	harness_check_witness(&b->reader);
	harness_check_witness(&b->scrolled);
	harness_check_witness(&b->clock);
}

static unsigned up(void)
{
	unsigned n = 0;

	AWAIT(process_is_up(browser.spare->process));
	for (struct process_host *p = browser.processes->first; p; p = p->next)
		n += process_is_up(p) && p->channel;
	return n;
}

static void test_every_fault_of_a_renderer(void **state)
{
	struct bystanders others = bystanders_open();
	struct tab *tab = harness_tab("data:text/html,<title>Victim</title><p>I sink</p>");

	(void)state;
	for (size_t i = 0; i < EXPECTED; i++) {
		struct process_host *p = tab->renderer;
		uint32_t serial = p->name.serial;

		unsigned alive = up();

		sink(p, &expected[i]);
		assert_int_equal(tab->state, TAB_SAD);
		assert_int_equal(tab->death.status, expected[i].status);
		assert_int_equal(tab->dead_renderer.serial, serial);
		assert_int_equal(tab->dead_pid, p->pid);
		assert_null(tab->renderer);
		harness_check_roll_call(alive - 1);
		bystanders_check(&others);
		assert_ptr_equal(harness_plugin(), harness_clock()->process);
		tab_reload(tab);
		AWAIT(harness_loaded(tab));
		assert_true(tab->renderer->name.serial > serial);
		assert_non_null(strstr(harness_describe(tab)->text, "I sink"));
	}
	assert_int_equal(tab->deaths_lately, EXPECTED);
}

/* The picture of a page that stands still is the same before and after. */
static void test_every_fault_of_the_gpu_process(void **state)
{
	struct bystanders others = bystanders_open();
	struct tab *tab =
		harness_tab("data:text/html,<title>Still</title><h1>Still here</h1><a href=x>link</a>");
	size_t bytes = sizeof *browser.view->cells * browser.view->columns * browser.view->rows;
	struct cell *before = malloc(bytes);

	(void)state;
	harness_show(tab);
	AWAIT(harness_screen_has("Still here"));
	memcpy(before, browser.view->cells, bytes);
	for (size_t i = 0; i < EXPECTED; i++) {
		unsigned alive = up();
		uint64_t presents;

		struct process_host *p = gpu_host_up(browser.gpu);

		/* A big one is replaced before it is known of what it died. */
		presents = browser.view->presents;
		sink(p, &expected[i]);
		assert_ptr_not_equal(gpu_host_up(browser.gpu), p);
		assert_memory_equal(before, browser.view->cells, bytes); /* frozen, not gone */
		harness_check_roll_call(alive - 1);
		restart_forgive(&browser.gpu->restart);
		AWAIT(gpu_host_up(browser.gpu));
		AWAIT(browser.view->presents > presents &&
		      !memcmp(before, browser.view->cells, bytes)); /* and back */
		bystanders_check(&others);
	}
	harness_show(others.clock.tab);
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
	for (size_t i = 0; i < EXPECTED; i++) {
		unsigned alive = up();

		assert_ptr_equal(second->embeds->plugin->process, clock->embeds->plugin->process);
		AWAIT(harness_screen_has("\u2588"));
		sink(harness_plugin(), &expected[i]);
		assert_null(harness_plugin());
		harness_check_roll_call(alive - 1);
		AWAIT(harness_screen_has("The clock plugin died"));
		AWAIT(harness_screen_has("below"));
		harness_check_witness(&w);
		assert_int_equal(second->renderer->name.serial, renderers[0]);
		assert_int_equal(clock->renderer->name.serial, renderers[1]);
		restart_forgive(&harness_clock()->restart);
		tab_reload(second);
		tab_reload(clock);
		AWAIT(harness_loaded(clock) && clock_is_live(clock) && harness_loaded(second) &&
		      clock_is_live(second));
	}
	AWAIT(harness_screen_has("\u2588"));
	assert_false(harness_screen_has("died"));
}

/* The placeholder's own offer brings the clock back too, without a reload. */
static void test_a_key_at_the_placeholder_starts_the_plugin_again(void **state)
{
	struct tab *clock = harness_tab(CLOCK_PAGE);

	(void)state;
	sink(harness_plugin(), &expected[0]);
	/* Its own words come first, those of the browser once the death is named. */
	AWAIT(harness_screen_has("The clock plugin died") && harness_screen_has("start it again"));
	tab_press_key(clock, KEY_FOCUS_NEXT);
	tab_press_key(clock, KEY_ACTIVATE);
	AWAIT(clock_is_live(clock));
	AWAIT(harness_screen_has("\u2588"));
}

static void test_every_fault_of_the_spare_renderer(void **state)
{
	struct bystanders others = bystanders_open();

	(void)state;
	for (size_t i = 0; i < EXPECTED; i++) {
		struct process_host *p;

		AWAIT(process_is_up(browser.spare->process));
		restart_forgive(&browser.spare->restart);
		p = sink(browser.spare->process, &expected[i]);
		AWAIT(process_is_up(browser.spare->process));
		assert_ptr_not_equal(browser.spare->process, p);
	}
	bystanders_check(&others);
	for (struct tab *t = browser.tabs->first; t; t = t->next)
		assert_int_equal(t->state, TAB_READY);
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

/* One death takes every page of its process, and no other. */
static void test_a_fault_while_the_page_loads(void **state)
{
	struct tab *reader = harness_tab("bulkhead://pages/harbour.html");
	struct witness w = harness_witness(reader);

	(void)state;
	for (size_t i = 0; i < EXPECTED; i++) {
		struct tab *tab = tab_open(browser.tabs, harness_long_page("Young"), true);

		AWAIT(tab->renderer && process_is_up(tab->renderer));
		restart_forgive(&browser.spare->restart);
		sink(tab->renderer, &expected[i]);
		assert_int_equal(tab->state, TAB_SAD);
		assert_false(tab->loading);
		tab_reload(tab);
		AWAIT(harness_loaded(tab));
		assert_string_equal(tab->title, "Young");
		tab_close(tab);
	}
	harness_check_witness(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_every_fault_of_a_renderer, harness_calm),
		cmocka_unit_test_setup(test_every_fault_of_the_gpu_process, harness_calm),
		cmocka_unit_test_setup(test_every_fault_of_a_plugin_process, harness_calm),
		cmocka_unit_test_setup(test_a_key_at_the_placeholder_starts_the_plugin_again, harness_calm),
		cmocka_unit_test_setup(test_every_fault_of_the_spare_renderer, harness_calm),
		cmocka_unit_test_setup(test_a_page_is_described_whole, harness_calm),
		cmocka_unit_test_setup(test_embeds_of_left_pages_are_forgotten, harness_calm),
		cmocka_unit_test_setup(test_a_fault_while_the_page_loads, harness_calm),
	};

	return cmocka_run_group_tests(tests, harness_open, harness_close);
}
