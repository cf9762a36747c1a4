/*
 * Deaths are known of before the dead one's memory is freed, and by the slow way where the quick one is
 * missing; who lies about his own is made to die of it. Real processes, some of them grown big.
 */
#include "browser/process/death_watch.h"
#include "browser/process/host_internal.h"
#include "tests/browser/compromise.h"
#include "tests/browser/harness.h"
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#define SEVERAL 140 /* more than one thread can wait for */
#define TRIES	5   /* on a busy machine the kernel may be done before we are asked */

static uint64_t resident_bytes(pid_t pid)
{
	unsigned long pages = 0;
	char path[40];
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/statm", (int)pid);
	file = fopen(path, "re");
	if (!file || fscanf(file, "%*u %lu", &pages) != 1)
		pages = 0;
	if (file)
		fclose(file);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* Let it leak until it is that big. */
static void grow(struct process_host *p, unsigned megabytes)
{
	assert_true(fault_inject_named(&browser, p, "leak", NULL));
	AWAIT(resident_bytes(p->pid) >= (uint64_t)megabytes << 20);
}

static unsigned count_threads(void)
{
	DIR *dir = opendir("/proc/self/task");
	unsigned n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n - 2; /* . and .. */
}

/* Kill it; true: it was seen dying before it was dead. */
static bool kill_and_look(struct process_host *p)
{
	bool seen = false;

	kill(p->pid, SIGKILL);
	AWAIT((seen |= p->state == PROCESS_DYING) || p->state == PROCESS_DEAD);
	return seen;
}

static void check_was_killed(const struct process_host *p)
{
	AWAIT(p->state == PROCESS_DEAD);
	assert_int_equal(p->death.status, TERMINATION_STATUS_KILLED);
	assert_int_equal(p->death.signal, SIGKILL);
	assert_int_equal(p->death.reason, BAD_MESSAGE_NONE);
	assert_true(p->noticed_ns && p->noticed_ns <= p->reaped_ns);
	assert_int_equal(p->died_ns, p->noticed_ns);
}

static void test_a_big_renderer_is_sad_before_it_is_dead(void **state)
{
	struct tab *tab = harness_tab(harness_long_page("Big"));
	struct witness w = harness_witness(harness_tab("bulkhead://pages/harbour.html"));
	char text[100];
	bool seen = false;

	(void)state;
	for (unsigned i = 1; i <= TRIES && !seen; i++) {
		struct process_host *p = tab->renderer;

		grow(p, 200);
		seen = kill_and_look(p);
		if (seen) {
			assert_int_equal(tab->state, TAB_DYING);
			assert_true(tab_is_sad(tab));
			assert_null(tab->renderer);
			assert_string_equal(death_text(&tab->death, text, sizeof text),
					    "its process has ended; waiting for the kernel to say how");
			assert_false(process_is_up(p));
		}
		check_was_killed(p);
		assert_int_equal(tab->state, TAB_SAD);
		assert_int_equal(tab->death.status, TERMINATION_STATUS_KILLED);
		assert_int_equal(tab->dead_renderer.serial, p->name.serial);
		assert_int_equal(tab->deaths_lately, i); /* each counts once */
		tab_reload(tab);
		AWAIT(harness_loaded(tab));
		restart_forgive(&browser.spare->restart);
	}
	assert_true(seen);
	harness_check_witness(&w);
}

/* Gone on before it is known of what its process died: then that is told all the same. */
static void test_a_dying_tab_can_be_reloaded(void **state)
{
	struct tab *tab = harness_tab("data:text/html,<p>again");
	bool seen = false;

	(void)state;
	for (unsigned i = 0; i < TRIES && !seen; i++) {
		struct process_host *p = tab->renderer;

		grow(p, 300);
		seen = kill_and_look(p);
		tab_reload(tab);
		assert_int_equal(tab->state, TAB_LOADING);
		check_was_killed(p);
		AWAIT(harness_loaded(tab));
		assert_int_equal(tab->death.status, TERMINATION_STATUS_KILLED);
	}
	assert_true(seen);
}

static void test_a_dying_tab_can_be_closed(void **state)
{
	bool seen = false;

	(void)state;
	for (unsigned i = 0; i < TRIES && !seen; i++) {
		struct tab *tab = harness_tab("data:text/html,<p>closed");
		struct process_host *p = tab->renderer;

		grow(p, 200);
		seen = kill_and_look(p);
		tab_close(tab);
		check_was_killed(p);
	}
	assert_true(seen);
}

/* The next one is started while the kernel still frees what the last one had. */
static void test_a_big_gpu_process_is_replaced_at_once(void **state)
{
	struct tab *tab = harness_tab(harness_long_page("Drawn"));
	bool before = false;

	(void)state;
	for (unsigned i = 0; i < TRIES && !before; i++) {
		struct process_host *p = gpu_host_up(browser.gpu), *next;

		grow(p, 350);
		kill(p->pid, SIGKILL);
		AWAIT(browser.gpu->process && browser.gpu->process != p);
		next = browser.gpu->process;
		check_was_killed(p);
		before = next->started_ns < p->reaped_ns;
		AWAIT(gpu_host_up(browser.gpu) == next);
		restart_forgive(&browser.gpu->restart);
		assert_false(browser.gpu->given_up);
	}
	assert_true(before);
	harness_show(tab);
	AWAIT(harness_screen_has("Drawn"));
}

static void test_a_dying_plugin_process_is_told_of_twice(void **state)
{
	struct tab *clock = harness_tab(CLOCK_PAGE);
	struct process_host *p = harness_plugin();

	(void)state;
	grow(p, 40);
	kill_and_look(p);
	AWAIT(harness_screen_has("The clock plugin died"));
	check_was_killed(p);
	AWAIT(harness_screen_has("died: killed (SIGKILL)"));
	assert_int_equal(harness_clock()->restart.deaths[1], 0); /* counted once */
	tab_reload(clock);
	AWAIT(harness_loaded(clock) && harness_screen_has("\u2588"));
}

/* What was sent before a death is handled first, however early that is known of. */
static void test_last_words_are_heard(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		struct tab *tab;

		compromise(ROLE_RENDERER, "speak and die");
		tab = tab_open(browser.tabs, "data:text/html,<p>evil", true);
		AWAIT(tab->state == TAB_SAD);
		cure(ROLE_RENDERER);
		assert_string_equal(tab->title, "last words");
		assert_int_equal(tab->death.code, 3);
		tab_close(tab);
		restart_forgive(&browser.spare->restart);
	}
}

/* One that was told to end is no accident, and nobody is told that it dies. */
static void test_one_that_is_asked_to_end_is_not_dying(void **state)
{
	struct tab *tab = harness_tab("data:text/html,<p>done");
	struct process_host *p = tab->renderer;

	(void)state;
	tab_close(tab);
	AWAIT(p->state == PROCESS_DEAD);
	assert_int_equal(p->death.status, TERMINATION_STATUS_NORMAL);
	assert_int_equal(p->noticed_ns, 0);
}

/* A tab of a renderer that misbehaves in that way; it never draws. */
static struct tab *open_evil(const char *way)
{
	struct tab *tab;

	compromise(ROLE_RENDERER, way);
	tab = tab_open(browser.tabs, "data:text/html,<p>evil", true);
	AWAIT(tab->state != TAB_LOADING);
	cure(ROLE_RENDERER);
	return tab;
}

/* It lives, and says that it is dead: the lie is made true. */
static void check_forged(const char *way)
{
	struct tab *tab = open_evil(way);

	print_message("  %s\n", way);
	/* Where it wakes nobody, the next change of what is watched finds it out. */
	AWAIT(process_is_up(browser.spare->process));
	process_kill(browser.spare->process, BAD_MESSAGE_NONE);
	AWAIT(tab->state == TAB_SAD);
	assert_int_equal(tab->death.status, TERMINATION_STATUS_KILLED);
	assert_string_equal(bad_message_names[tab->death.reason], "forged_record");
	assert_int_equal(tab->deaths_lately, 1);
	tab_close(tab);
}

static void test_forged_deaths(void **state)
{
	struct witness w = harness_witness(harness_tab("bulkhead://pages/harbour.html"));

	(void)state;
	check_forged("forge its death");
	check_forged("forge its owner");
	check_forged("let go of its owner");
	harness_check_witness(&w);
}

static void test_waking_for_nothing_is_no_death(void **state)
{
	struct witness w = harness_witness(harness_tab("bulkhead://pages/harbour.html"));
	struct tab *tab = open_evil("wake for nothing");

	(void)state;
	harness_check_answers(tab->renderer);
	kill(w.tab->renderer->pid, SIGKILL);
	AWAIT(w.tab->state == TAB_SAD);
	assert_int_equal(tab->state, TAB_READY);
}

/* One that holds no futex dies all the same, and is told of when the kernel is done with it. */
static void test_one_that_holds_nothing(void **state)
{
	struct tab *tab = open_evil("hold nothing");
	struct process_host *p = tab->renderer;

	(void)state;
	kill(p->pid, SIGKILL);
	AWAIT(tab->state == TAB_SAD);
	assert_int_equal(p->death.status, TERMINATION_STATUS_KILLED);
	assert_int_equal(p->noticed_ns, 0);
	assert_int_equal(p->died_ns, p->reaped_ns);
}

/* Of more processes than one thread can wait for. */
static void test_several_groups_are_watched(void **state)
{
	static struct process_host *hosts[SEVERAL];
	unsigned threads = count_threads(), noticed = 0;
	const char *why;

	(void)state;
	for (unsigned i = 0; i < SEVERAL; i++) {
		hosts[i] = process_start(browser.processes, ROLE_RENDERER, -1, "", &why);
		assert_non_null(hosts[i]);
		AWAIT(hosts[i]->state == PROCESS_READY);
	}
	assert_in_range(count_threads(), threads, threads + 1);
	for (unsigned i = 0; i < SEVERAL; i++) {
		kill(hosts[i]->pid, SIGKILL);
		AWAIT(hosts[i]->state == PROCESS_DEAD);
		assert_int_equal(hosts[i]->death.signal, SIGKILL);
		noticed += hosts[i]->noticed_ns != 0;
	}
	/* Small as they are, the slow way is sometimes as quick. */
	assert_in_range(noticed, SEVERAL / 2, SEVERAL);
}

static void test_two_hundred_deaths_leave_nothing(void **state)
{
	struct tab *tab = harness_tab("data:text/html,<p>mortal");
	unsigned threads, fds, regions, children;

	(void)state;
	AWAIT(process_is_up(browser.spare->process) && !count_zombies());
	threads = count_threads();
	fds = count_fds();
	regions = count_regions();
	children = count_children();
	for (unsigned i = 0; i < 200; i++) {
		kill(tab->renderer->pid, i % 2 ? SIGKILL : SIGSEGV);
		AWAIT(tab->state == TAB_SAD);
		tab_reload(tab);
		AWAIT(harness_loaded(tab));
		restart_forgive(&browser.spare->restart);
	}
	AWAIT(process_is_up(browser.spare->process));
	/* The last crash report may still be written. */
	AWAIT(count_children() == children && count_threads() == threads && count_fds() == fds);
	assert_int_equal(count_regions(), regions);
}

/* An older kernel: the last test, since the watch does not come back. */
static void test_without_futex_waitv(void **state)
{
	struct tab *tab = harness_tab("data:text/html,<p>old");
	unsigned threads = count_threads();
	struct process_host *p = tab->renderer;

	(void)state;
	death_watch_destroy(browser.processes->death_watch);
	browser.processes->death_watch = NULL;
	assert_true(count_threads() < threads);
	grow(p, 100);
	kill(p->pid, SIGKILL);
	AWAIT(tab->state == TAB_SAD);
	assert_int_equal(p->noticed_ns, 0);
	assert_int_equal(tab->death.signal, SIGKILL);
	tab_reload(tab);
	AWAIT(harness_loaded(tab));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_a_big_renderer_is_sad_before_it_is_dead, harness_calm),
		cmocka_unit_test_setup(test_a_dying_tab_can_be_reloaded, harness_calm),
		cmocka_unit_test_setup(test_a_dying_tab_can_be_closed, harness_calm),
		cmocka_unit_test_setup(test_a_big_gpu_process_is_replaced_at_once, harness_calm),
		cmocka_unit_test_setup(test_a_dying_plugin_process_is_told_of_twice, harness_calm),
		cmocka_unit_test_setup(test_last_words_are_heard, harness_calm),
		cmocka_unit_test_setup(test_one_that_is_asked_to_end_is_not_dying, harness_calm),
		cmocka_unit_test_setup(test_forged_deaths, harness_calm),
		cmocka_unit_test_setup(test_waking_for_nothing_is_no_death, harness_calm),
		cmocka_unit_test_setup(test_one_that_holds_nothing, harness_calm),
		cmocka_unit_test_setup(test_several_groups_are_watched, harness_calm),
		cmocka_unit_test_setup(test_two_hundred_deaths_leave_nothing, harness_calm),
		cmocka_unit_test_setup(test_without_futex_waitv, harness_calm),
	};

	return cmocka_run_group_tests(tests, harness_open, harness_close);
}
