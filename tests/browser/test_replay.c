/*
 * Replay, through the real command: a session with everything in it is recorded with full payloads, and each
 * of its processes must do the same again, alone, and die the same death. test_replay_changed.c changes the
 * log, test_replay_held.c replays what breakpoints held.
 */
#include "tests/browser/recording.h"

/* Everybody does the same again. */

static void test_fast(void **state)
{
	(void)state;
	assert_in_range(nprocesses, 8, RECORDED_MAX);
	for (unsigned i = 0; i < nprocesses; i++)
		assert_same(program_run("replay", recorded, "--process", processes[i].name, "--fast", NULL),
			    processes[i].name);
}

static void test_timed(void **state)
{
	static const char *const roles[] = { "renderer", "gpu", "plugin" };

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		const char *who = process_that(roles[i], i == 1 ? "SIGABRT" : "");
		const struct ran *ran =
			program_run("replay", recorded, "--process", who, "--speed", "3", "--json", NULL);

		if (ran->status)
			fail_msg("%s\n%s%s", who, ran->out, ran->err);
		/* It takes its time; what lies before the first and behind the last message does not count.
		 */
		assert_true(number_behind(ran->out, "\"took_us\":") >
			    number_behind(ran->out, "\"recorded_us\":") / 6);
	}
}

static void test_deaths_come_again(void **state)
{
	static const struct {
		const char *role, *exit, *words;
	} deaths[] = {
		{ "renderer", "SIGSEGV", "crashed (SIGSEGV at address 0x0), as in the log" },
		{ "renderer", "SIGSYS", "forbidden system call" },
		{ "renderer", "SIGKILL", "killed (SIGKILL), as in the log" },
		{ "gpu", "SIGABRT", "crashed (SIGABRT), as in the log" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof deaths / sizeof *deaths; i++) {
		const char *who = process_that(deaths[i].role, deaths[i].exit);
		const struct ran *ran = program_run("replay", recorded, "--process", who, "--fast", NULL);

		assert_same(ran, who);
		assert_has(ran->out, deaths[i].words);
	}
}

/* Bodies, lists and pictures are compared, not only messages. */
static void test_contents_are_compared(void **state)
{
	const char *const who[] = { "renderer:1", process_that("gpu", "SIGABRT"), process_that("gpu", "") };

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		const struct ran *ran = program_run("replay", recorded, "--process", who[i], "--fast", NULL);

		assert_same(ran, who[i]);
		if (!number_behind(ran->out, "pictures: compared "))
			fail_msg("%s: nothing was compared\n%s", who[i], ran->out);
	}
	assert_true(
		number_behind(program_run("replay", recorded, "--process", "renderer:1", "--fast", NULL)->out,
			      "messages fed and ") > 500000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fast),
		cmocka_unit_test(test_timed),
		cmocka_unit_test(test_deaths_come_again),
		cmocka_unit_test(test_contents_are_compared),
	};

	return cmocka_run_group_tests(tests, recording_make, program_clean);
}
