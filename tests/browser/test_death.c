/*
 * Naming a death from what the kernel said and what the dead wrote, and when its like is started again.
 * Every row of DESIGN's list of termination statuses; forged crash records are not believed.
 */
#include "browser/process/death.h"
#include "browser/process/restart.h"
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cmocka.h>

#define SECOND UINT64_C(1000000000)

static const struct row {
	const char *what;
	int how, code;
	struct crash_record record;
	struct death_context context;
	struct death death;
	const char *text;
} rows[] = {
	{ "null dereference",
	  CLD_KILLED,
	  SIGSEGV,
	  { .kind = CRASH_KIND_SIGNAL, .signal = SIGSEGV, .address = 0, .pc = 0x1234 },
	  { .was_ready = true },
	  { .status = TERMINATION_STATUS_CRASHED,
	    .signal = SIGSEGV,
	    .code = SIGSEGV,
	    .kind = CRASH_KIND_SIGNAL,
	    .pc = 0x1234 },
	  "crashed (SIGSEGV at address 0x0)" },
	{ "fault at an address, with a core",
	  CLD_DUMPED,
	  SIGBUS,
	  { .kind = CRASH_KIND_SIGNAL, .signal = SIGBUS, .address = 0xfeed000 },
	  { .was_ready = true },
	  { .status = TERMINATION_STATUS_CRASHED,
	    .signal = SIGBUS,
	    .code = SIGBUS,
	    .kind = CRASH_KIND_SIGNAL,
	    .address = 0xfeed000 },
	  "crashed (SIGBUS at address 0xfeed000)" },
	{ "stack overflow",
	  CLD_KILLED,
	  SIGSEGV,
	  { .kind = CRASH_KIND_STACK_OVERFLOW, .signal = SIGSEGV, .address = 0x7ffe0000 },
	  { .was_ready = true },
	  { .status = TERMINATION_STATUS_CRASHED,
	    .signal = SIGSEGV,
	    .code = SIGSEGV,
	    .kind = CRASH_KIND_STACK_OVERFLOW,
	    .address = 0x7ffe0000 },
	  "crashed (SIGSEGV, stack overflow)" },
	{ "abort",
	  CLD_KILLED,
	  SIGABRT,
	  { .kind = CRASH_KIND_SIGNAL, .signal = SIGABRT },
	  { .was_ready = true },
	  { .status = TERMINATION_STATUS_CRASHED,
	    .signal = SIGABRT,
	    .code = SIGABRT,
	    .kind = CRASH_KIND_SIGNAL },
	  "crashed (SIGABRT)" },
	{ "illegal instruction",
	  CLD_KILLED,
	  SIGILL,
	  { .kind = CRASH_KIND_SIGNAL, .signal = SIGILL, .address = 0x401000 },
	  { .was_ready = true },
	  { .status = TERMINATION_STATUS_CRASHED,
	    .signal = SIGILL,
	    .code = SIGILL,
	    .kind = CRASH_KIND_SIGNAL,
	    .address = 0x401000 },
	  "crashed (SIGILL at address 0x401000)" },
	{ "out of memory",
	  CLD_KILLED,
	  SIGABRT,
	  { .kind = CRASH_KIND_OUT_OF_MEMORY },
	  { .was_ready = true },
	  { .status = TERMINATION_STATUS_OOM,
	    .signal = SIGABRT,
	    .code = SIGABRT,
	    .kind = CRASH_KIND_OUT_OF_MEMORY },
	  "oom (out of memory)" },
	{ "SIGKILL from outside",
	  CLD_KILLED,
	  SIGKILL,
	  { 0 },
	  { .was_ready = true },
	  { .status = TERMINATION_STATUS_KILLED, .signal = SIGKILL, .code = SIGKILL },
	  "killed (SIGKILL)" },
	{ "SIGTERM",
	  CLD_KILLED,
	  SIGTERM,
	  { 0 },
	  { .was_ready = true },
	  { .status = TERMINATION_STATUS_KILLED, .signal = SIGTERM, .code = SIGTERM },
	  "killed (SIGTERM)" },
	{ "exit 0 unasked",
	  CLD_EXITED,
	  0,
	  { .kind = CRASH_KIND_FAULT_EXIT },
	  { .was_ready = true },
	  { .status = TERMINATION_STATUS_ABNORMAL, .kind = CRASH_KIND_FAULT_EXIT },
	  "abnormal (exit code 0)" },
	{ "exit 3",
	  CLD_EXITED,
	  3,
	  { 0 },
	  { .was_ready = true },
	  { .status = TERMINATION_STATUS_ABNORMAL, .code = 3 },
	  "abnormal (exit code 3)" },
	{ "exit 0 when asked",
	  CLD_EXITED,
	  0,
	  { 0 },
	  { .was_ready = true, .asked_to_end = true },
	  { .status = TERMINATION_STATUS_NORMAL },
	  "normal (exit code 0)" },
	{ "exit 1 when asked",
	  CLD_EXITED,
	  1,
	  { 0 },
	  { .was_ready = true, .asked_to_end = true },
	  { .status = TERMINATION_STATUS_ABNORMAL, .code = 1 },
	  "abnormal (exit code 1)" },
	{ "violation",
	  CLD_KILLED,
	  SIGSYS,
	  { .kind = CRASH_KIND_VIOLATION, .signal = SIGSYS, .syscall = SYS_ptrace },
	  { .was_ready = true },
	  { .status = TERMINATION_STATUS_CRASHED,
	    .signal = SIGSYS,
	    .code = SIGSYS,
	    .kind = CRASH_KIND_VIOLATION,
	    .syscall = SYS_ptrace },
	  "crashed (SIGSYS, forbidden system call ptrace)" },
	{ "violation by a call that nobody knows",
	  CLD_KILLED,
	  SIGSYS,
	  { .kind = CRASH_KIND_VIOLATION, .signal = SIGSYS, .syscall = 99999 },
	  { .was_ready = true },
	  { .status = TERMINATION_STATUS_CRASHED,
	    .signal = SIGSYS,
	    .code = SIGSYS,
	    .kind = CRASH_KIND_VIOLATION,
	    .syscall = 99999 },
	  "crashed (SIGSYS, forbidden system call number 99999)" },
	{ "bad message",
	  CLD_KILLED,
	  SIGKILL,
	  { 0 },
	  { .was_ready = true, .kill_reason = BAD_MESSAGE_UNKNOWN_TYPE },
	  { .status = TERMINATION_STATUS_KILLED,
	    .signal = SIGKILL,
	    .code = SIGKILL,
	    .reason = BAD_MESSAGE_UNKNOWN_TYPE },
	  "killed (bad message: unknown_type)" },
	{ "bad message that it got itself",
	  CLD_EXITED,
	  1,
	  { .kind = CRASH_KIND_BAD_MESSAGE, .reason = BAD_MESSAGE_TOO_SHORT },
	  { .was_ready = true },
	  { .status = TERMINATION_STATUS_ABNORMAL,
	    .code = 1,
	    .kind = CRASH_KIND_BAD_MESSAGE,
	    .reason = BAD_MESSAGE_TOO_SHORT },
	  "abnormal (bad message: too_short)" },
	{ "start failed",
	  CLD_EXITED,
	  1,
	  { .kind = CRASH_KIND_START_FAILED, .what = "no moon tonight" },
	  { 0 },
	  { .status = TERMINATION_STATUS_LAUNCH_FAILED,
	    .code = 1,
	    .kind = CRASH_KIND_START_FAILED,
	    .step = "no moon tonight" },
	  "launch failed (no moon tonight)" },
	{ "crash before it was ready",
	  CLD_KILLED,
	  SIGSEGV,
	  { .kind = CRASH_KIND_SIGNAL, .signal = SIGSEGV },
	  { 0 },
	  { .status = TERMINATION_STATUS_LAUNCH_FAILED,
	    .signal = SIGSEGV,
	    .code = SIGSEGV,
	    .kind = CRASH_KIND_SIGNAL },
	  "launch failed (before it was ready, SIGSEGV)" },
	/* Records that disagree with the kernel. */
	{ "forged: a signal that did not come",
	  CLD_KILLED,
	  SIGKILL,
	  { .kind = CRASH_KIND_SIGNAL, .signal = SIGSEGV, .address = 0xbad, .pc = 0xbad },
	  { .was_ready = true },
	  { .status = TERMINATION_STATUS_KILLED, .signal = SIGKILL, .code = SIGKILL },
	  "killed (SIGKILL)" },
	{ "forged: out of memory, but killed",
	  CLD_KILLED,
	  SIGKILL,
	  { .kind = CRASH_KIND_OUT_OF_MEMORY },
	  { .was_ready = true },
	  { .status = TERMINATION_STATUS_KILLED, .signal = SIGKILL, .code = SIGKILL },
	  "killed (SIGKILL)" },
	{ "forged: out of memory, but exited",
	  CLD_EXITED,
	  0,
	  { .kind = CRASH_KIND_OUT_OF_MEMORY },
	  { .was_ready = true },
	  { .status = TERMINATION_STATUS_ABNORMAL },
	  "abnormal (exit code 0)" },
	{ "forged: a violation, but SIGSEGV",
	  CLD_KILLED,
	  SIGSEGV,
	  { .kind = CRASH_KIND_VIOLATION, .signal = SIGSEGV, .syscall = SYS_ptrace },
	  { .was_ready = true },
	  { .status = TERMINATION_STATUS_CRASHED, .signal = SIGSEGV, .code = SIGSEGV },
	  "crashed (SIGSEGV)" },
	{ "forged: a stack overflow, but SIGABRT",
	  CLD_KILLED,
	  SIGABRT,
	  { .kind = CRASH_KIND_STACK_OVERFLOW, .signal = SIGSEGV, .address = 1 },
	  { .was_ready = true },
	  { .status = TERMINATION_STATUS_CRASHED, .signal = SIGABRT, .code = SIGABRT },
	  "crashed (SIGABRT)" },
	{ "forged: a clean exit, but SIGILL",
	  CLD_KILLED,
	  SIGILL,
	  { .kind = CRASH_KIND_FAULT_EXIT },
	  { .was_ready = true },
	  { .status = TERMINATION_STATUS_CRASHED, .signal = SIGILL, .code = SIGILL },
	  "crashed (SIGILL)" },
	{ "forged: a reason, though it was killed for another",
	  CLD_KILLED,
	  SIGKILL,
	  { .kind = CRASH_KIND_BAD_MESSAGE, .reason = BAD_MESSAGE_TOO_SHORT },
	  { .was_ready = true, .kill_reason = BAD_MESSAGE_WRONG_ID },
	  { .status = TERMINATION_STATUS_KILLED,
	    .signal = SIGKILL,
	    .code = SIGKILL,
	    .reason = BAD_MESSAGE_WRONG_ID },
	  "killed (bad message: wrong_id)" },
	{ "forged: a reason that there is not",
	  CLD_EXITED,
	  1,
	  { .kind = CRASH_KIND_BAD_MESSAGE, .reason = 0xffffffff },
	  { .was_ready = true },
	  { .status = TERMINATION_STATUS_ABNORMAL, .code = 1 },
	  "abnormal (exit code 1)" },
	{ "forged: a kind that there is not",
	  CLD_KILLED,
	  SIGSEGV,
	  { .kind = 0x80000000, .signal = SIGSEGV, .address = 7 },
	  { .was_ready = true },
	  { .status = TERMINATION_STATUS_CRASHED, .signal = SIGSEGV, .code = SIGSEGV },
	  "crashed (SIGSEGV)" },
	{ "forged: start failed, though it was ready",
	  CLD_EXITED,
	  0,
	  { .kind = CRASH_KIND_START_FAILED, .what = "no moon" },
	  { .was_ready = true, .asked_to_end = true },
	  { .status = TERMINATION_STATUS_NORMAL, .kind = CRASH_KIND_START_FAILED, .step = "no moon" },
	  "normal (exit code 0)" },
};

static void test_every_death_has_its_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct row *r = &rows[i];
		struct death d = death_name(r->how, r->code, &r->record, &r->context);
		char text[200];

		print_message("  %s\n", r->what);
		assert_string_equal(termination_status_names[d.status],
				    termination_status_names[r->death.status]);
		assert_int_equal(d.signal, r->death.signal);
		assert_int_equal(d.code, r->death.code);
		assert_int_equal(d.kind, r->death.kind);
		assert_int_equal(d.reason, r->death.reason);
		assert_int_equal(d.address, r->death.address);
		assert_int_equal(d.syscall, r->death.syscall);
		assert_int_equal(d.pc, r->death.pc);
		assert_string_equal(d.step, r->death.step);
		assert_string_equal(death_text(&d, text, sizeof text), r->text);
	}
}

/* The dead writes as it likes, also without an end. */
static void test_a_step_without_an_end_is_cut(void **state)
{
	struct crash_record record = { .kind = CRASH_KIND_START_FAILED };
	struct death_context context = { 0 };
	struct death d;
	char text[16];

	(void)state;
	memset(record.what, 'x', sizeof record.what);
	d = death_name(CLD_EXITED, 1, &record, &context);
	assert_int_equal(strlen(d.step), sizeof d.step - 1);
	death_text(&d, text, sizeof text);
	assert_int_equal(strlen(text), sizeof text - 1);
}

static void test_without_a_record_the_kernel_alone_tells(void **state)
{
	struct death_context context = { .was_ready = true };
	struct death d = death_name(CLD_KILLED, SIGSEGV, NULL, &context);

	(void)state;
	assert_int_equal(d.status, TERMINATION_STATUS_CRASHED);
	assert_int_equal(d.kind, CRASH_KIND_NONE);
}

static void test_names_of_signals_and_calls(void **state)
{
	char call[64];

	(void)state;
	assert_string_equal(death_signal_name(0), "");
	assert_string_equal(death_signal_name(SIGSYS), "SIGSYS");
	assert_string_equal(death_signal_name(77), "signal 77");
	assert_string_equal(death_syscall_name(SYS_ptrace, call, sizeof call), "ptrace");
	assert_string_equal(death_syscall_name(SYS_openat, call, sizeof call), "openat");
}

/* Deaths of one that was ready: how long until the next start. */
static void test_backing_off_and_giving_up(void **state)
{
	static const int waits[] = { 0, 50, 100, 200, -1 };
	struct restart r = { .allowed = 5, .window_ns = 60 * SECOND };

	(void)state;
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(restart_after_death(&r, true, (100 + i) * SECOND), waits[i]);
	restart_forgive(&r);
	assert_int_equal(restart_after_death(&r, true, 106 * SECOND), 0);
}

static void test_a_back_off_has_an_end(void **state)
{
	struct restart r = { .allowed = RESTART_REMEMBERED, .window_ns = 3600 * SECOND };
	int before = 0, ms;

	(void)state;
	for (unsigned i = 1; i < RESTART_REMEMBERED; i++) {
		ms = restart_after_death(&r, true, (100 + i) * SECOND);
		assert_true(ms >= before);
		before = ms;
	}
	assert_int_equal(before, RESTART_LONGEST_MS);
	assert_int_equal(restart_after_death(&r, true, 200 * SECOND), -1);
}

static void test_a_budget_is_set_and_bounded(void **state)
{
	struct restart r = { .allowed = 5, .window_ns = 60 * SECOND };

	(void)state;
	restart_set_budget(&r, 0, 0);
	assert_int_equal(r.allowed, 5);
	assert_int_equal(r.window_ns, 60 * SECOND);
	restart_set_budget(&r, 2, 7);
	assert_int_equal(r.allowed, 2);
	assert_int_equal(r.window_ns, 7 * SECOND);
	restart_set_budget(&r, 1000000, UINT32_MAX);
	assert_int_equal(r.allowed, RESTART_REMEMBERED);
	assert_int_equal(r.window_ns, UINT32_MAX * SECOND);
	restart_set_budget(&r, 1, 1);
	assert_int_equal(restart_after_death(&r, true, 100 * SECOND), -1);
}

static void test_the_step_that_failed(void **state)
{
	static const struct {
		struct death death;
		const char *step;
	} steps[] = { { { .step = "no moon tonight", .signal = SIGSEGV }, "no moon tonight" },
		      { { .signal = SIGABRT }, "before it was ready, SIGABRT" },
		      { { .code = 3 }, "before it was ready, exit code 3" } };
	char text[80];

	(void)state;
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		assert_string_equal(restart_step(&steps[i].death, text, sizeof text), steps[i].step);
}

static void test_a_death_that_is_not_named_yet(void **state)
{
	struct death d = { .status = TERMINATION_STATUS_STILL_RUNNING };
	char text[100];

	(void)state;
	assert_string_equal(death_text(&d, text, sizeof text),
			    "its process has ended; waiting for the kernel to say how");
}

static void test_old_deaths_are_forgotten(void **state)
{
	struct restart r = { .allowed = 3, .window_ns = 10 * SECOND };

	(void)state;
	for (unsigned i = 0; i < 40; i++)
		assert_true(restart_after_death(&r, true, (1000 + 6 * i) * SECOND) >= 0);
	assert_int_equal(restart_after_death(&r, true, 1235 * SECOND), -1);
	assert_int_equal(restart_after_death(&r, true, 2000 * SECOND), 0);
}

/* The one exactly as old as the window is no longer within it. */
static void test_the_edge_of_the_window(void **state)
{
	struct restart r = { .allowed = 2, .window_ns = 10 * SECOND };

	(void)state;
	assert_int_equal(restart_after_death(&r, true, 100 * SECOND), 0);
	assert_int_equal(restart_after_death(&r, true, 110 * SECOND), 0);
	assert_int_equal(restart_after_death(&r, true, 120 * SECOND - 1), -1);
}

static void test_three_deaths_before_ready_end_it(void **state)
{
	struct restart r = { .allowed = RESTART_REMEMBERED, .window_ns = SECOND };

	(void)state;
	assert_true(restart_after_death(&r, false, 10 * SECOND) >= 0);
	assert_true(restart_after_death(&r, false, 20 * SECOND) >= 0);
	restart_ready(&r); /* one came up: the count begins again */
	assert_true(restart_after_death(&r, false, 30 * SECOND) >= 0);
	assert_true(restart_after_death(&r, false, 40 * SECOND) >= 0);
	assert_int_equal(restart_after_death(&r, false, 50 * SECOND), -1);
	restart_forgive(&r);
	assert_true(restart_after_death(&r, false, 60 * SECOND) >= 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_death_has_its_name),
		cmocka_unit_test(test_a_step_without_an_end_is_cut),
		cmocka_unit_test(test_without_a_record_the_kernel_alone_tells),
		cmocka_unit_test(test_names_of_signals_and_calls),
		cmocka_unit_test(test_backing_off_and_giving_up),
		cmocka_unit_test(test_a_back_off_has_an_end),
		cmocka_unit_test(test_a_budget_is_set_and_bounded),
		cmocka_unit_test(test_the_step_that_failed),
		cmocka_unit_test(test_a_death_that_is_not_named_yet),
		cmocka_unit_test(test_old_deaths_are_forgotten),
		cmocka_unit_test(test_the_edge_of_the_window),
		cmocka_unit_test(test_three_deaths_before_ready_end_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
