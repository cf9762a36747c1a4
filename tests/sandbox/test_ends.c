/*
 * How a child is born and how it ends: with which descriptors, with which status, with what left behind.
 * Arguments: PROBE INIT.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "browser/process/verify.h"
#include "tests/sandbox/jail.h"
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define REPEATS 200

static struct jail jail_of(enum role role)
{
	return (struct jail){ .role = role, .layers = SANDBOX_ALL_LAYERS, .library = -1 };
}

static void note_fd(int fd, const char *what, void *arg)
{
	char *seen = arg;

	snprintf(seen + strlen(seen), 64, "%d:%.12s ", fd, what);
}

static void test_descriptors(void **state)
{
	struct jail jail = jail_of(ROLE_RENDERER);
	char seen[1024] = "";
	struct jailed jailed;
	struct outcome outcome;

	(void)state;
	/* Something that must not leak, although it is not marked close-on-exec. */
	int leak = dup(STDERR_FILENO);
	jail.input.enter = jail.input.wait = 1;
	jail_open(&jailed, &jail);
	jail_wait_ready(&jailed, &outcome);
	assert_int_equal(verify_list_fds(jailed.pid, note_fd, seen), 5);
	assert_memory_equal(seen, "0:/dev/null 1:/dev/null 2:/dev/null 3:socket:[", 46);
	assert_non_null(strstr(seen, " 4:/memfd:recor"));
	jail_close(&jailed, &outcome);
	close(leak);
}

static void check_signal(int signal)
{
	struct jail jail = jail_of(ROLE_GPU);
	struct jailed jailed;
	struct outcome outcome;

	jail.input.enter = jail.input.wait = 1;
	jail_open(&jailed, &jail);
	jail_wait_ready(&jailed, &outcome);
	assert_true(outcome.ready);
	assert_int_equal(kill(jailed.pid, signal), 0);
	jail_close(&jailed, &outcome);
	assert_int_equal(outcome.code, DIED + signal);
}

static void test_signals_from_outside(void **state)
{
	(void)state;
	check_signal(SIGTERM);
	check_signal(SIGKILL);
	check_signal(SIGXCPU);
}

/* A browser of our own, to be killed: tells the pids of its child and of the init, and waits. */
static void short_lived_browser(int tell)
{
	struct jail jail = jail_of(ROLE_RENDERER);
	struct jailed jailed;
	struct outcome outcome;

	jail.input.enter = jail.input.wait = 1;
	jail_open(&jailed, &jail);
	jail_wait_ready(&jailed, &outcome);
	pid_t pids[2] = { jailed.pid, jailed.compartment.init_pid };
	if (write(tell, pids, sizeof(pids)) != sizeof(pids))
		_exit(1);
	for (;;)
		pause();
}

static void test_nothing_survives_the_browser(void **state)
{
	struct pollfd gone[2];
	pid_t pids[2];
	int ends[2];

	(void)state;
	/* A zombie holds its init back, so the orphans come to us: not every machine's PID 1 reaps them in
	 * time. */
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	assert_int_equal(pipe(ends), 0);
	pid_t browser = fork();
	if (browser == 0)
		short_lived_browser(ends[1]);
	assert_int_equal(read(ends[0], pids, sizeof(pids)), sizeof(pids));
	for (int i = 0; i < 2; i++) {
		gone[i] = (struct pollfd){ .fd = (int)syscall(SYS_pidfd_open, pids[i], 0), .events = POLLIN };
		assert_true(gone[i].fd >= 0);
		assert_int_equal(poll(&gone[i], 1, 0), 0);
	}
	kill(browser, SIGKILL);
	waitpid(browser, NULL, 0);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(poll(&gone[i], 1, 1000), 1);
		assert_int_equal(waitpid(pids[i], NULL, __WALL), pids[i]);
		close(gone[i].fd);
	}
	close(ends[0]);
	close(ends[1]);
}

static int count_fds(void)
{
	DIR *folder = opendir("/proc/self/fd");
	int count = 0;

	while (readdir(folder))
		count++;
	closedir(folder);
	return count;
}

static void test_nothing_is_left(void **state)
{
	struct jail jail = jail_of(ROLE_RENDERER);

	(void)state;
	jail.input.enter = 1;
	jail.input.attempt = attempt_index("ptrace traceme");
	jail_run(&jail);
	int before = count_fds();
	for (int i = 0; i < REPEATS; i++)
		assert_int_equal(jail_run(&jail).code, TRAPPED);
	assert_int_equal(count_fds(), before);
	assert_int_equal(waitpid(-1, NULL, WNOHANG | __WALL), -1);
	assert_int_equal(errno, ECHILD);
}

/* A process that was not reaped holds its init; finishing the compartment must not wait for it. */
static void test_finish_before_reaping(void **state)
{
	struct jail jail = jail_of(ROLE_RENDERER);
	struct jailed jailed;
	struct outcome outcome;

	(void)state;
	jail.input.enter = jail.input.wait = 1;
	jail_open(&jailed, &jail);
	jail_wait_ready(&jailed, &outcome);
	compartment_finish(&jailed.compartment);
	jail_close(&jailed, &outcome);
	assert_int_equal(outcome.code, DIED + SIGKILL);
	jail.input.wait = 0;
	jail.input.attempt = attempt_index("getpid");
	while (waitpid(-1, NULL, WNOHANG | __WALL) == 0)
		assert_int_equal(jail_run(&jail).code, 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_descriptors),
		cmocka_unit_test(test_signals_from_outside),
		cmocka_unit_test(test_nothing_survives_the_browser),
		cmocka_unit_test(test_nothing_is_left),
		cmocka_unit_test(test_finish_before_reaping),
	};

	if (argc < 3) {
		fprintf(stderr, "usage: %s PROBE INIT\n", argv[0]);
		return 2;
	}
	jail_init(argv[1], argv[2]);
	if (jail_namespaces() != SANDBOX_NAMESPACES) {
		fprintf(stderr, "skipped: not all namespaces can be made here\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
