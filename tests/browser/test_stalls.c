/*
 * Faults that end nobody at once, in every kind of process, under a process model: who hangs is called
 * unresponsive and the others go on; who is slow, or a nuisance, answers. And those that doom the next
 * processes of their kind.
 */
#include "browser/fault/blast/blast.h"
#include "browser/tab/page_host.h"
#include "common/arm.h"
#include "tests/browser/fault_check.h"
#include <signal.h>

#define VICTIM_PAGE "data:text/html,<title>Victim</title><p>I stall<embed type=\"application/x-clock\">"
#define MS	    UINT64_C(1000000)

static struct tab *tab;

/* The one to be hit: the victim tab's renderer, the GPU process, the clock. */
static struct process_host *victim(enum role role)
{
	AWAIT(tab->renderer && process_is_up(tab->renderer) && gpu_host_up(browser.gpu) && harness_plugin());
	return role == ROLE_RENDERER ? tab->renderer
	       : role == ROLE_GPU    ? gpu_host_up(browser.gpu)
				     : harness_plugin();
}

static void inject(struct process_host *p, const char *text)
{
	struct fault_order o;
	char error[CLAUSE_ERROR] = "";
	const char *why = "";

	if (!fault_order_parse(text, &o, error) || !fault_inject(&browser, p, &o, NULL, &why))
		fail_msg("'%s' into %s: %s%s", text, role_names[p->name.role], error, why);
}

/* How long a ping takes. */
static uint64_t answer_ns(struct process_host *p)
{
	uint64_t began;

	AWAIT(!p->ping_sent_ns);
	process_ping(p);
	began = recorder_now();
	AWAIT(!p->ping_sent_ns);
	return recorder_now() - began;
}

/* Whom to ask meanwhile: one that is not hit. */
static void check_others(const struct process_host *hit[], unsigned count)
{
	for (struct process_host *p = browser.processes->first; p; p = p->next) {
		bool is_hit = false;

		for (unsigned i = 0; i < count; i++)
			is_hit |= hit[i] == p;
		if (!is_hit && process_is_up(p))
			harness_check_answers(p);
	}
}

/* In all three kinds at once, which takes them the same time. */
static void test_who_hangs_is_unresponsive(void **state)
{
	struct tab *reader = harness_tab("bulkhead://pages/harbour.html");

	(void)state;
	tab = harness_tab(VICTIM_PAGE);
	for (unsigned i = 0; i < fault_table_count; i++) {
		const struct fault_info *f = &fault_table[i];
		struct process_host *p = victim(ROLE_RENDERER), *plugin = victim(ROLE_PLUGIN),
				    *gpu = victim(ROLE_GPU);
		const struct process_host *hit[] = { p, plugin, gpu };

		if (f->end != FAULT_END_UNRESPONSIVE)
			continue;
		print_message("  %s\n", f->name);
		inject(p, f->name);
		inject(plugin, f->name);
		inject(gpu, f->name);
		check_others(hit, 3);
		assert_true(p->state == PROCESS_READY && plugin->state == PROCESS_READY);
		AWAIT(p->state == PROCESS_UNRESPONSIVE && plugin->state == PROCESS_UNRESPONSIVE);
		/* Nobody waits for the GPU process: it is replaced. */
		AWAIT(gpu->state == PROCESS_DEAD && gpu_host_up(browser.gpu));
		assert_int_equal(gpu->death.signal, SIGKILL);
		check_others(hit, 3);
		if (reader->renderer != p)
			assert_int_equal(reader->state, TAB_READY);
		const char *why = "";

		assert_false(fault_inject_named(&browser, p, "abort", &why));
		assert_string_equal(why, "it does not respond: nothing but a signal reaches it");
		assert_true(fault_inject_named(&browser, p, "SIGKILL", &why));
		assert_true(fault_inject_named(&browser, plugin, "SIGKILL", &why));
		fault_check_death(p, fault_find("SIGKILL"));
		fault_check_death(plugin, fault_find("SIGKILL"));
		restart_forgive(&harness_clock()->restart);
		restart_forgive(&browser.gpu->restart);
		restart_forgive(&browser.spare->restart);
		if (reader->state == TAB_SAD)
			tab_reload(reader);
		tab_reload(tab);
		AWAIT(harness_loaded(tab) && harness_loaded(reader));
	}
}

static void test_who_is_slow_answers(void **state)
{
	(void)state;
	tab = harness_tab(VICTIM_PAGE);
	for (unsigned role = ROLE_RENDERER; role < ROLE_COUNT; role++) {
		struct process_host *p = victim(role);

		inject(p, "slow handler 300ms");
		assert_true(answer_ns(p) >= 300 * MS);
		assert_true(answer_ns(p) >= 300 * MS);
		inject(p, "slow handler 0");
		answer_ns(p);
		AWAIT(answer_ns(p) < 300 * MS);
		assert_int_equal(p->state, PROCESS_READY);
	}
}

static void test_a_short_hang_ends(void **state)
{
	(void)state;
	tab = harness_tab(VICTIM_PAGE);
	for (unsigned role = ROLE_RENDERER; role < ROLE_COUNT; role++) {
		struct process_host *p = victim(role);

		AWAIT(!p->ping_sent_ns);
		inject(p, "short hang 400ms");
		assert_true(answer_ns(p) >= 300 * MS);
		assert_true(answer_ns(p) < 300 * MS);
		assert_int_equal(p->state, PROCESS_READY);
	}
	assert_int_equal(tab->state, TAB_READY);
}

#define FLOOD 30000

static void test_a_flood_starves_nobody(void **state)
{
	(void)state;
	tab = harness_tab(VICTIM_PAGE);
	for (unsigned role = ROLE_RENDERER; role < ROLE_COUNT; role++) {
		struct process_host *p = victim(role);
		uint64_t before = channel_counters(p->channel)->received;

		inject(p, "flood 30000");
		check_others((const struct process_host *[]){ p }, 1);
		AWAIT(channel_counters(p->channel)->received >= before + FLOOD);
		harness_check_answers(p);
		assert_int_equal(p->state, PROCESS_READY);
	}
}

/* The first of that kind, younger than that one, whose launch has failed. */
static struct process_host *failed_launch(enum role role, uint32_t serial)
{
	for (struct process_host *p = browser.processes->first; p; p = p->next)
		if (p->name.role == role && p->name.serial > serial && p->state == PROCESS_DEAD &&
		    p->death.status == TERMINATION_STATUS_LAUNCH_FAILED)
			return p;
	return NULL;
}

static unsigned failed_launches(enum role role, uint32_t serial)
{
	struct process_host *p;
	unsigned n = 0;

	for (; (p = failed_launch(role, serial)); serial = p->name.serial)
		n++;
	return n;
}

/* What a user does who wants it back. */
static void ask_again(void)
{
	if (tab->state == TAB_SAD || (tab->state == TAB_READY && !tab->loading && !harness_plugin()))
		tab_reload(tab);
	loop_turn(20);
}

static bool is_back(enum role role)
{
	return harness_loaded(tab) && process_is_up(tab->renderer) && gpu_host_up(browser.gpu) &&
	       (role != ROLE_PLUGIN || harness_plugin());
}

static void test_crash_before_ready(void **state)
{
	for (unsigned role = ROLE_RENDERER; role < ROLE_COUNT; role++) {
		struct process_host *p, *successor;

		assert_int_equal(harness_calm(state), 0);
		tab = harness_tab(VICTIM_PAGE);
		p = victim(role);
		inject(p, "crash before ready");
		AWAIT(p->state == PROCESS_DEAD);
		assert_int_equal(p->death.signal, SIGKILL);
		assert_string_equal(p->fault, "crash before ready");
		AWAIT((ask_again(), (successor = failed_launch(role, p->name.serial))));
		fault_check_death(successor, fault_find("crash before ready"));
		assert_int_equal(successor->ready_ns, 0);
		assert_string_equal(successor->fault, "crash before ready");
		AWAIT((ask_again(), is_back(role)));
		assert_int_equal(failed_launches(role, p->name.serial), 1);
	}
}

static bool is_given_up(enum role role, uint32_t serial)
{
	if (role == ROLE_GPU)
		return browser.gpu->given_up;
	if (role == ROLE_PLUGIN)
		return harness_clock()->given_up;
	/* Without a spare nobody starts one but the user. */
	return page_host_keeps_spare(browser.options.process_model) ? browser.spare->given_up
								    : failed_launches(role, serial) >= 3;
}

/* "because: crash loop" */
static void check_blast(struct process_host *dead)
{
	const struct blast *blast = blasts_of(browser.blasts, dead->name);

	assert_non_null(blast);
	assert_string_equal(blast->fault, "crash loop");
}

static void check_crash_loop(void **state, unsigned after_ms)
{
	for (unsigned role = ROLE_RENDERER; role < ROLE_COUNT; role++) {
		struct fault_order o = fault_order_of(fault_find("crash loop"));
		struct process_host *p;
		const char *why = "";
		char words[80];
		uint32_t number = 0;
		bool spares = role == ROLE_RENDERER && page_host_keeps_spare(browser.options.process_model);

		o.when = after_ms ? FAULT_AFTER : FAULT_NOW;
		o.after_ms = after_ms;
		assert_int_equal(harness_calm(state), 0);
		tab = harness_tab(VICTIM_PAGE);
		p = victim(role);
		if (!fault_inject(&browser, p, &o, &number, &why))
			fail_msg("%s", why);
		assert_int_not_equal(number, 0);
		/* Spares are started without anybody asking, and who asks is given more of them. */
		AWAIT(((spares ? (void)0 : ask_again()), is_given_up(role, p->name.serial)));
		/* It is still there to be taken back, and that is said. */
		assert_int_equal(browser.injections->first->number, number);
		assert_ptr_equal(injections_lasting(browser.injections, role), browser.injections->first);
		snprintf(words, sizeof words,
			 "; order %u (crash loop) is still armed, :disarm %u takes it back", number, number);
		if (role != ROLE_RENDERER || spares) /* else nobody gives up but the user */
			AWAIT(strstr(browser.message, words));
		/* A plugin's budget is three deaths, and being killed was the first. */
		AWAIT(failed_launches(role, p->name.serial) >= (role == ROLE_PLUGIN ? 2 : 3));
		assert_true(failed_launches(role, p->name.serial) <= 12);
		assert_string_equal(failed_launch(role, p->name.serial)->fault, "crash loop");
		check_blast(failed_launch(role, p->name.serial));
		assert_true(fault_disarm(&browser, number));
		assert_null(browser.injections->first);
		/* The user's other try. */
		restart_forgive(&harness_clock()->restart);
		harness_clock()->given_up = false;
		if (role == ROLE_GPU)
			gpu_host_start(browser.gpu);
		if (spares)
			spare_start(browser.spare);
		AWAIT((ask_again(), is_back(role)));
	}
}

static void test_a_crash_loop_is_stopped(void **state)
{
	check_crash_loop(state, 0);
}

/* What was put off lasts as long. */
static void test_a_crash_loop_after_a_time(void **state)
{
	check_crash_loop(state, 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_who_hangs_is_unresponsive, harness_calm),
		cmocka_unit_test_setup(test_who_is_slow_answers, harness_calm),
		cmocka_unit_test_setup(test_a_short_hang_ends, harness_calm),
		cmocka_unit_test_setup(test_a_flood_starves_nobody, harness_calm),
		cmocka_unit_test(test_crash_before_ready),
		cmocka_unit_test(test_a_crash_loop_is_stopped),
		cmocka_unit_test(test_a_crash_loop_after_a_time),
	};

	return cmocka_run_group_tests(tests, fault_check_open, fault_check_close);
}
