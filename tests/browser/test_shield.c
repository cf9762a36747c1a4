/*
 * The shield: all layers on for every kind of child, as root and as an ordinary user; and with one layer
 * switched off it loses exactly that one, in what the browser verified, in the log, and on the page about it.
 */
#include "sandbox/sandbox.h"
#include "tests/browser/harness.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static uint32_t full; /* what this system has */

/* Layers that are not there must be named with their reason. */
static void check_missing_is_named(const struct process_host *p)
{
	for (unsigned i = 0; i < LAYER_COUNT; i++) {
		if (p->verified.shield & 1u << i)
			continue;
		print_message("  %s is not to be had here: %s\n", layer_names[i], p->missing);
		assert_true(strstr(p->missing, layer_names[i]) || browser.processes->namespace_error);
	}
}

static void test_all_layers_are_on(void **state)
{
	struct tab *tab = harness_tab(CLOCK_PAGE);
	struct process_host *all[] = { tab->renderer, gpu_host_up(browser.gpu), harness_plugin() };

	(void)state;
	full = all[0]->verified.shield;
	for (unsigned i = 0; i < 3; i++) {
		print_message("  %s: %d of %d\n", role_names[all[i]->name.role],
			      __builtin_popcount(all[i]->verified.shield), LAYER_COUNT);
		check_missing_is_named(all[i]);
		assert_int_equal(all[i]->verified.shield, full);
		assert_int_equal(all[i]->verified.capabilities, 0);
		assert_int_not_equal(all[i]->verified.uid, 0);
		assert_true(all[i]->verified.one_uid);
		assert_int_equal(all[i]->verified.root_entries, i == 2);
	}
	assert_true(verify_is_enough(full));
}

/* The "ready" event of that process, its JSON. */
static const char *ready_event(const struct process_host *p)
{
	static char args[2048];

	for (uint64_t i = collector_first(browser.collector); i < collector_end(browser.collector); i++) {
		const struct traffic_event *e = collector_event(browser.collector, i);

		if (!e || e->kind != TRAFFIC_PROCESS || e->type != TRAFFIC_PROCESS_READY ||
		    e->from.role != p->name.role || e->from.serial != p->name.serial)
			continue;
		snprintf(args, sizeof args, "%.*s", (int)e->payload_bytes, (const char *)e->payload);
		return args;
	}
	return "";
}

static void check_log(const struct process_host *p)
{
	char words[40];

	AWAIT(ready_event(p)[0]);
	snprintf(words, sizeof words, "\"sandbox\":\"%d/%d\"", __builtin_popcount(p->verified.shield),
		 LAYER_COUNT);
	assert_non_null(strstr(ready_event(p), words));
	for (unsigned i = 0; i < LAYER_COUNT; i++) {
		snprintf(words, sizeof words, "\"%s\"", layer_names[i]);
		assert_int_equal(strstr(ready_event(p), words) == NULL, (p->verified.shield >> i) & 1);
	}
}

/* "renderer:7: 12 of 13 layers", and the layer's own line. */
static void check_page(struct tab *page, const struct process_host *p)
{
	char name[ENDPOINT_TEXT], title[80];
	const char *at;

	snprintf(title, sizeof title, "%s: %d of %d layers", endpoint_text(p->name, name),
		 __builtin_popcount(p->verified.shield), LAYER_COUNT);
	at = strstr(page->description.text, title);
	if (at)
		return;
	/* Further down than a description reaches: look at the screen. */
	for (unsigned row = 0; row < page->document_rows && !harness_screen_has(title); row += 10) {
		tab_scroll_to(page, row);
		AWAIT(browser.view->page == page->id && browser.view->row == page->scroll_row);
	}
	assert_true(harness_screen_has(title));
}

static void test_the_log_and_the_page_tell_of_every_layer(void **state)
{
	struct tab *clock = harness_tab(CLOCK_PAGE), *page = harness_tab("bulkhead://sandbox");
	struct process_host *all[] = { clock->renderer, gpu_host_up(browser.gpu), harness_plugin() };

	(void)state;
	harness_describe(page);
	for (unsigned i = 0; i < 3; i++) {
		check_log(all[i]);
		check_page(page, all[i]);
	}
}

static void restart_all(void)
{
	harness_calm(NULL);
	struct process_host *spare = browser.spare->process, *gpu = browser.gpu->process;

	process_kill(spare, BAD_MESSAGE_NONE);
	process_kill(gpu, BAD_MESSAGE_NONE);
	AWAIT(spare->state == PROCESS_DEAD && gpu->state == PROCESS_DEAD);
	harness_calm(NULL);
}

static void check_loses(uint32_t without, struct process_host *p)
{
	char words[VERIFY_WORDS];

	for (unsigned i = 0; i < LAYER_COUNT; i++) {
		bool on = (full & ~without) >> i & 1;

		if (((p->verified.shield >> i) & 1) != on)
			print_error("  %s: %s is %s: %s\n", role_names[p->name.role], layer_names[i],
				    on ? "off" : "on", verify_words(&p->verified, i, words));
	}
	assert_int_equal(p->verified.shield, full & ~without);
	check_log(p);
}

static void test_without_a_layer_exactly_that_one_is_lost(void **state)
{
	(void)state;
	for (unsigned i = 0; i < LAYER_COUNT; i++) {
		struct tab *tab;

		/* Only root can make the others without a user namespace. */
		if (i == LAYER_USER_NS && geteuid() != 0)
			continue;
		print_message("  without %s\n", layer_names[i]);
		browser.processes->wanted = SANDBOX_ALL_LAYERS & ~(1u << i);
		browser.processes->insists = false;
		restart_all();
		tab = harness_tab(CLOCK_PAGE);
		check_loses(1u << i, tab->renderer);
		check_loses(1u << i, gpu_host_up(browser.gpu));
		check_loses(1u << i, harness_plugin());
	}
	browser.processes->wanted = SANDBOX_ALL_LAYERS;
	browser.processes->insists = true;
	restart_all();
	assert_int_equal(browser.spare->process->verified.shield, full);
}

/* One that starts with less than the first had shows nobody's pages. */
static void test_a_weaker_child_is_refused(void **state)
{
	struct process_host *spare = browser.spare->process, *weak;

	(void)state;
	browser.processes->wanted = SANDBOX_ALL_LAYERS & ~(1u << LAYER_SECCOMP);
	process_kill(spare, BAD_MESSAGE_NONE);
	AWAIT(browser.spare->process && browser.spare->process != spare);
	weak = browser.spare->process;
	AWAIT(weak->state == PROCESS_DEAD);
	assert_int_equal(weak->death.status, TERMINATION_STATUS_LAUNCH_FAILED);
	assert_string_equal(bad_message_names[weak->death.reason], "weak_sandbox");
	browser.processes->wanted = SANDBOX_ALL_LAYERS;
	AWAIT(process_is_up(browser.spare->process));
	assert_int_equal(browser.spare->process->verified.shield, full);
}

/* Descriptors of a child: /dev/null, its channels, what belongs to its loop (which holds both ends of a pipe
 * of its own); nothing that leads out. */
struct seen {
	unsigned null, sockets, regions, others, pipe_ends;
	char what[256], pipe[64];
};

static void see(int fd, const char *what, void *arg)
{
	struct seen *seen = arg;

	if (!strcmp(what, "/dev/null"))
		seen->null++;
	else if (!strncmp(what, "socket:", 7))
		seen->sockets++;
	else if (!strncmp(what, "/memfd:", 7))
		seen->regions++;
	else if (!strncmp(what, "pipe:", 5) && (!seen->pipe[0] || !strcmp(seen->pipe, what)))
		seen->pipe_ends += snprintf(seen->pipe, sizeof seen->pipe, "%s", what) > 0;
	else if (strncmp(what, "anon_inode:[event", 17) && strncmp(what, "anon_inode:[timerfd", 19)) {
		seen->others++;
		snprintf(seen->what, sizeof seen->what, "%d: %s", fd, what);
	}
}

static void test_children_hold_no_other_descriptors(void **state)
{
	struct tab *tab = harness_tab(CLOCK_PAGE);

	(void)state;
	if (geteuid() != 0)
		skip(); /* the descriptors of an undumpable process are root's to see */
	AWAIT(process_is_up(browser.spare->process));
	struct process_host *all[] = { browser.spare->process, tab->renderer, gpu_host_up(browser.gpu),
				       harness_plugin() };

	for (unsigned i = 0; i < 4; i++) {
		struct seen seen = { 0 };

		assert_true(verify_list_fds(all[i]->pid, see, &seen) > 0);
		assert_string_equal(seen.what, "");
		assert_int_equal(seen.null, 3);
		/* The browser, and: gpu; gpu and plugin; two renderers (one is the spare); one renderer. */
		assert_in_range(seen.sockets, 1, 4);
		assert_int_equal(seen.regions, 0);
		assert_int_equal(seen.others, 0);
		assert_int_equal(seen.pipe_ends, 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_all_layers_are_on, harness_calm),
		cmocka_unit_test_setup(test_the_log_and_the_page_tell_of_every_layer, harness_calm),
		cmocka_unit_test_setup(test_without_a_layer_exactly_that_one_is_lost, harness_calm),
		cmocka_unit_test_setup(test_a_weaker_child_is_refused, harness_calm),
		cmocka_unit_test_setup(test_children_hold_no_other_descriptors, harness_calm),
	};

	return cmocka_run_group_tests(tests, harness_open, harness_close);
}
