/*
 * The browser itself is killed: nothing survives it, wherever it stood, and its log is whole but for the last
 * line. This test is the reaper of what is left, so that nothing can hide.
 */
#include "browser/traffic/log/log_reader.h"
#include "tests/browser/harness.h"
#include "tests/browser/program.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SECOND UINT64_C(1000000000)

/* Pages that stay as they are, and a wait that nobody ends. */
static const char scenario[] =
	"{\"steps\":["
	"{\"open\":\"bulkhead://pages/harbour.html\",\"as\":\"a\"},{\"wait\":\"loaded\",\"tab\":\"a\"},"
	"{\"open\":\"bulkhead://pages/clock.html\",\"as\":\"b\"},{\"wait\":\"loaded\",\"tab\":\"b\"},"
	"{\"inject\":\"abort\",\"into\":\"a\"},{\"reload\":\"a\"},{\"wait\":\"loaded\",\"tab\":\"a\"},"
	"{\"open\":\"bulkhead://start\",\"as\":\"c\"},{\"wait\":\"loaded\",\"tab\":\"c\"},"
	"{\"wait\":\"unresponsive\",\"tab\":\"c\",\"within_ms\":120000}]}";

/* Its GPU process fails again and again before it is ready. */
static const char crash_loop[] =
	"{\"steps\":[{\"open\":\"bulkhead://start\",\"as\":\"a\"},{\"wait\":\"loaded\",\"tab\":\"a\"},"
	"{\"inject\":\"crash loop\",\"into\":\"gpu\"},"
	"{\"wait\":\"unresponsive\",\"tab\":\"a\",\"within_ms\":120000}]}";

struct counted {
	unsigned lines, bad, cut, loads, sessions, deaths;
};

static struct counted read_log(const char *path)
{
	struct log_reader *log = log_reader_open(path);
	struct counted n = { 0 };
	struct traffic_event e;
	enum log_line line;
	char name[TRAFFIC_NAME_TEXT];

	if (!log)
		return n;
	while ((line = log_reader_next(log, &e)) != LOG_LINE_END && line != LOG_LINE_ERROR) {
		n.lines++;
		n.bad += line == LOG_LINE_BAD;
		n.cut += line == LOG_LINE_CUT;
		n.sessions += line == LOG_LINE_SESSION;
		n.deaths += line == LOG_LINE_EVENT && !strcmp(traffic_name(&e, name), "exit");
		n.loads += line == LOG_LINE_EVENT && !strcmp(traffic_name(&e, name), "did_finish_load");
	}
	log_reader_close(log);
	return n;
}

/* Where the browser stands when it is killed. */
enum stage { FIRST_CHILD, SOME_CHILDREN, FIRST_PAGE, ALL_PAGES };

static bool has_reached(enum stage stage, pid_t pid, const char *log)
{
	switch (stage) {
	case FIRST_CHILD:
		return list_children(pid, (pid_t[8]){ 0 }, 8) >= 1;
	case SOME_CHILDREN:
		return list_children(pid, (pid_t[8]){ 0 }, 8) >= 4;
	case FIRST_PAGE:
		return read_log(log).loads >= 1;
	default:
		return read_log(log).loads >= 4;
	}
}

static void doze(void)
{
	nanosleep(&(struct timespec){ .tv_nsec = 2000000 }, NULL);
}

/* Reap all that comes to us; returns how many there were besides the browser. Fails after a second. */
static unsigned reap_orphans(pid_t browser_pid, int signal)
{
	uint64_t end = recorder_now() + SECOND;
	unsigned orphans = 0;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) >= 0) {
		if (pid == browser_pid) {
			assert_true(WIFSIGNALED(status));
			assert_int_equal(WTERMSIG(status), signal);
		} else if (pid) {
			orphans++;
		} else {
			assert_true(recorder_now() < end);
			doze();
		}
	}
	assert_int_equal(errno, ECHILD);
	return orphans;
}

static void kill_browser(enum stage stage, int signal)
{
	const char *file = program_file(scenario), *log = program_no_file();
	pid_t pid = program_start("run", "--log", log, file, NULL);
	uint64_t end = recorder_now() + 20 * SECOND;
	struct counted n;
	struct stat st;

	while (!has_reached(stage, pid, log)) {
		assert_true(recorder_now() < end);
		assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
		doze();
	}
	kill(pid, signal);
	unsigned orphans = reap_orphans(pid, signal);

	print_message("  stage %d, signal %d: %u were left, and are gone\n", (int)stage, signal, orphans);
	if (stage == ALL_PAGES)
		assert_true(orphans >= 6); /* renderers, spare, gpu, plugin, and their inits */
	n = read_log(log);
	assert_int_equal(n.bad, 0);
	assert_true(n.cut <= 1);
	if (stage >= FIRST_PAGE) {
		assert_int_equal(n.sessions, 1);
		assert_true(n.lines > 10);
	}
	assert_int_equal(stat(log, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	program_clean(NULL);
}

static void test_kill_9_of_the_browser(void **state)
{
	(void)state;
	for (enum stage stage = FIRST_CHILD; stage <= ALL_PAGES; stage++)
		kill_browser(stage, SIGKILL);
}

static void test_other_ends_of_the_browser(void **state)
{
	(void)state;
	kill_browser(ALL_PAGES, SIGTERM);
	kill_browser(FIRST_PAGE, SIGHUP);
	kill_browser(SOME_CHILDREN, SIGSEGV);
}

/* A child that ignores everything but the kernel: stopped ones go too. */
static void test_stopped_children_do_not_survive(void **state)
{
	const char *file = program_file(scenario), *log = program_no_file();
	pid_t pid = program_start("run", "--log", log, file, NULL), children[64];
	uint64_t end = recorder_now() + 20 * SECOND;
	unsigned n;

	(void)state;
	while (!has_reached(ALL_PAGES, pid, log)) {
		assert_true(recorder_now() < end);
		doze();
	}
	n = list_children(pid, children, 64);
	assert_true(n >= 6);
	for (unsigned i = 0; i < n; i++)
		kill(children[i], SIGSTOP);
	kill(pid, SIGKILL);
	assert_true(reap_orphans(pid, SIGKILL) >= n); /* a spare may have come meanwhile */
}

/* Killed while it starts one GPU process after the other. */
static void test_kill_9_in_a_crash_loop(void **state)
{
	const char *file = program_file(crash_loop), *log = program_no_file();
	pid_t pid = program_start("run", "--log", log, file, NULL);
	uint64_t end = recorder_now() + 20 * SECOND;
	struct counted n;

	(void)state;
	while (read_log(log).deaths < 2) {
		assert_true(recorder_now() < end);
		doze();
	}
	kill(pid, SIGKILL);
	assert_true(reap_orphans(pid, SIGKILL) >= 2);
	n = read_log(log);
	assert_int_equal(n.bad, 0);
	assert_true(n.cut <= 1);
	assert_int_equal(n.sessions, 1);
}

/* If this test is left early, what it started must not stay. */
static int kill_rest(void **state)
{
	pid_t children[64];
	unsigned n = list_children(getpid(), children, 64);

	for (unsigned i = 0; i < n; i++)
		kill(children[i], SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		;
	return program_clean(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_kill_9_of_the_browser, kill_rest),
		cmocka_unit_test_teardown(test_other_ends_of_the_browser, kill_rest),
		cmocka_unit_test_teardown(test_stopped_children_do_not_survive, kill_rest),
		cmocka_unit_test_teardown(test_kill_9_in_a_crash_loop, kill_rest),
	};

	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0 });
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
