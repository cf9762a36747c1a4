/*
 * The browser as the victim: it dies of the signal that the catalogue names, nothing of it survives, and its
 * log is whole but for the last line. A child of this test plays the browser.
 */
#include "browser/traffic/log/log_reader.h"
#include "tests/browser/harness.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILDREN_MAX 16
#define LOG_BYTES    5000 /* more than ten lines */

static char log_path[] = "/tmp/bulkhead-fatal-XXXXXX";

static off_t log_bytes(void)
{
	struct stat status;

	return stat(log_path, &status) ? 0 : status.st_size;
}

/* Opens two tabs, waits until the log has some of it, tells its children's pids, and fails. Exits with 1 if
 * it lives. */
static _Noreturn void play_browser(const struct fault_info *f, int out)
{
	const char *why = NULL, *urls[] = { "bulkhead://pages/harbour.html", CLOCK_PAGE };
	const struct rlimit no_core = { 0, 0 };
	pid_t pids[CHILDREN_MAX] = { 0 };
	struct fault_order o = fault_order_of(f);
	uint64_t end = recorder_now() + HARNESS_MS * UINT64_C(1000000);

	setrlimit(RLIMIT_CORE, &no_core);
	for (int number = 1; number < SIGRTMIN; number++)
		signal(number, SIG_DFL); /* cmocka has its own */
	harness_options.no_log = false;
	harness_options.log_file = log_path;
	if (harness_open(NULL))
		_exit(2);
	for (size_t i = 0; i < 2; i++) {
		struct tab *tab = tab_open(browser.tabs, urls[i], true);

		while (!harness_loaded(tab) && recorder_now() < end)
			loop_turn(20);
	}
	while (log_bytes() < LOG_BYTES && recorder_now() < end)
		loop_turn(20);
	list_children(getpid(), pids, CHILDREN_MAX);
	if (write(out, pids, sizeof pids) != sizeof pids || !fault_inject(&browser, NULL, &o, NULL, &why))
		_exit(3);
	while (recorder_now() < end)
		loop_turn(20);
	_exit(1);
}

static bool is_gone(pid_t pid)
{
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	return kill(pid, 0) == -1 && errno == ESRCH;
}

static void await_gone(pid_t pid)
{
	uint64_t end = recorder_now() + HARNESS_MS * UINT64_C(1000000);

	while (!is_gone(pid)) {
		if (recorder_now() > end)
			fail_msg("process %d has survived the browser", pid);
		usleep(1000);
	}
}

static void check_log(void)
{
	struct log_reader *log = log_reader_open(log_path);
	struct traffic_event e;
	enum log_line line;
	unsigned lines = 0;

	assert_non_null(log);
	while ((line = log_reader_next(log, &e)) != LOG_LINE_END) {
		assert_int_not_equal(line, LOG_LINE_BAD);
		assert_int_not_equal(line, LOG_LINE_ERROR);
		lines++;
	}
	log_reader_close(log);
	assert_true(lines > 10);
}

static void check_fault(const struct fault_info *f)
{
	pid_t pids[CHILDREN_MAX] = { 0 }, child;
	unsigned children = 0;
	int pair[2], status;

	print_message("  %s\n", f->name);
	assert_int_equal(truncate(log_path, 0), 0);
	assert_int_equal(pipe(pair), 0);
	child = fork();
	assert_int_not_equal(child, -1);
	if (!child) {
		close(pair[0]);
		play_browser(f, pair[1]);
	}
	close(pair[1]);
	assert_int_equal(read(pair[0], pids, sizeof pids), sizeof pids);
	close(pair[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	if (!WIFSIGNALED(status))
		fail_msg("%s: it exits with %d", f->name, WEXITSTATUS(status));
	assert_int_equal(WTERMSIG(status), f->status.signal);
	for (; children < CHILDREN_MAX && pids[children]; children++)
		await_gone(pids[children]);
	/* GPU process, two renderers, the spare, the clock, and their inits. */
	assert_true(children >= 5);
	check_log();
}

static void test_every_way_to_end_the_browser(void **state)
{
	unsigned n = 0;

	(void)state;
	for (unsigned i = 0; i < fault_table_count; i++) {
		const struct fault_info *f = &fault_table[i];

		if (!fault_can_hit(f, ROLE_BROWSER) || f->end != FAULT_END_DEAD || !f->status.signal)
			continue;
		check_fault(f);
		n++;
	}
	assert_true(n >= 11);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_every_way_to_end_the_browser) };
	int fd = mkstemp(log_path), failed;

	close(fd);
	/* What is left of a browser comes to us, so that nothing can hide. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(log_path);
	return failed;
}
