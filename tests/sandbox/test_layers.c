/*
 * The layers one by one: what each stops by itself, and that the shield loses exactly the one that is left
 * out. Also the plugin's library, the descriptors a child is born with, its true statuses, and that nothing
 * survives its browser. Arguments: PROBE INIT LIBRARY.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "browser/process/verify.h"
#include "tests/sandbox/jail.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#define BIT(layer) (1u << LAYER_##layer)
#define NOBODY	   65534

static const char *probe_path;
static int library, not_a_library;
static uint32_t everything;
static struct probe_input world; /* what the attempts may find of us */

static struct jail jail_of(enum role role, uint32_t layers)
{
	return (struct jail){
		.role = role, .layers = layers, .library = role == ROLE_PLUGIN ? library : -1, .input = world
	};
}

/* Launch a probe that waits, and look at it from outside. */
static uint32_t shield_of(enum role role, uint32_t layers, struct outcome *outcome,
			  struct verify_report *report)
{
	struct jail jail = jail_of(role, layers);
	struct jailed jailed;

	jail.input.enter = jail.input.wait = 1;
	jail_open(&jailed, &jail);
	jail_wait_ready(&jailed, outcome);
	assert_true(verify_process(jailed.pid, outcome->layers, report));
	jail_close(&jailed, outcome);
	if (outcome->code != EXITED)
		print_error("%s with layers %x: %s\n", role_names[role], layers, outcome->missing);
	assert_int_equal(outcome->code, EXITED);
	return report->shield;
}

static void check_shield(enum role role, uint32_t layers)
{
	struct verify_report report;
	struct outcome outcome;
	uint32_t shield = shield_of(role, layers, &outcome, &report);

	if (shield != layers || outcome.layers != layers)
		print_error("%s with layers %x: the shield shows %x, the child reports %x %s\n",
			    role_names[role], layers, shield, outcome.layers, outcome.missing);
	assert_int_equal(shield, layers);
	assert_int_equal(outcome.layers, layers);
	assert_string_equal(outcome.missing, "");
	assert_int_equal(report.uid, geteuid() == 0 ? NOBODY : geteuid());
	assert_true(report.one_uid);
}

static void test_all_layers(void **state)
{
	(void)state;
	for (enum role role = ROLE_RENDERER; role < ROLE_COUNT; role++)
		check_shield(role, everything);
}

/* Without a user namespace an ordinary user can have no other either: that is a test of its own. */
static void test_each_layer_off(void **state)
{
	(void)state;
	for (enum role role = ROLE_RENDERER; role < ROLE_COUNT; role++)
		for (int layer = 0; layer < LAYER_COUNT; layer++)
			if (layer != LAYER_USER_NS || geteuid() == 0)
				check_shield(role, everything & ~(1u << layer));
}

static void test_no_namespaces(void **state)
{
	struct compartment compartment;

	(void)state;
	check_shield(ROLE_RENDERER, everything & ~SANDBOX_NAMESPACES);
	check_shield(ROLE_PLUGIN, everything & ~SANDBOX_NAMESPACES);
	if (geteuid() == 0)
		return;
	assert_false(compartment_create(&compartment, jail_programs(), BIT(PID_NS) | BIT(MOUNT_NS)));
	assert_int_equal(errno, EPERM);
}

static void test_what_was_seen(void **state)
{
	struct verify_report report;
	struct outcome outcome;
	char words[VERIFY_WORDS];

	(void)state;
	shield_of(ROLE_PLUGIN, everything, &outcome, &report);
	assert_true(outcome.loaded);
	assert_int_equal(report.filters, 2);
	assert_int_equal(report.root_entries, 1);
	shield_of(ROLE_RENDERER, everything, &outcome, &report);
	assert_int_equal(report.filters, 1);
	assert_int_equal(report.root_entries, 0);
	assert_int_equal(report.open_files, 1024);
	assert_true(report.data_bytes >= (uint64_t)512 << 20 && report.data_bytes < (uint64_t)560 << 20);
	assert_int_equal(report.state[LAYER_LANDLOCK], VERIFY_REPORTED);
	assert_int_equal(report.state[LAYER_MDWE], VERIFY_REPORTED);
	assert_int_equal(report.state[LAYER_SECCOMP], VERIFY_VERIFIED);
	assert_string_equal(verify_words(&report, LAYER_SECCOMP, words), "mode 2, 1 filter");
	assert_string_equal(verify_words(&report, LAYER_MOUNT_NS, words), "empty read-only root");
}

/* Without no_new_privs and without a user namespace nobody may install a filter: it is left off, and named.
 */
static void test_what_is_missing_is_named(void **state)
{
	uint32_t wanted = everything & ~SANDBOX_NAMESPACES & ~BIT(NO_NEW_PRIVS);
	struct verify_report report;
	struct outcome outcome;

	(void)state;
	if (geteuid() == 0) {
		check_shield(ROLE_RENDERER, wanted);
		return;
	}
	uint32_t shield = shield_of(ROLE_RENDERER, wanted, &outcome, &report);
	assert_true(outcome.ready);
	assert_int_equal(outcome.layers, BIT(RLIMITS) | BIT(MDWE));
	assert_int_equal(shield, outcome.layers);
	assert_non_null(strstr(outcome.missing, "seccomp: Permission denied"));
	assert_non_null(strstr(outcome.missing, "landlock_restrict_self: Operation not permitted"));
}

/* A child that lies about its layers gains only the two that nobody can see. */
static void test_a_liar(void **state)
{
	struct verify_report report;

	(void)state;
	assert_true(verify_process(getpid(), SANDBOX_ALL_LAYERS, &report));
	assert_int_equal(report.shield & ~(BIT(NO_NEW_PRIVS) | BIT(CAPABILITIES)), BIT(LANDLOCK) | BIT(MDWE));
	assert_false(verify_is_enough(report.shield));
	assert_false(verify_process(INT32_MAX, SANDBOX_ALL_LAYERS, &report));
	assert_int_equal(report.shield, 0);
	assert_true(verify_is_enough(BIT(SECCOMP) | BIT(LANDLOCK)));
	assert_true(verify_is_enough(BIT(SECCOMP) | BIT(PID_NS) | BIT(MOUNT_NS) | BIT(NETWORK_NS)));
	assert_false(verify_is_enough(BIT(SECCOMP) | BIT(PID_NS)));
	assert_false(verify_is_enough(SANDBOX_ALL_LAYERS & ~BIT(SECCOMP)));
}

/* One attempt with and without a layer. Where `enter` is false the namespaces alone make the difference. */
static const struct alone {
	const char *attempt;
	bool enter, root_only;
	uint32_t without, layer;
	int result_without, result_with;
} alone[] = {
	{ "openat of root's file", false, true, 0, BIT(USER_NS), 0, EACCES },
	{ "signal to the browser", false, false, BIT(USER_NS), BIT(PID_NS), ANY, ESRCH },
	{ "signal to the browser", false, false, 0, BIT(USER_NS) | BIT(PID_NS), 0, ESRCH },
	{ "openat", true, false, BIT(USER_NS), BIT(MOUNT_NS), 0, ENOENT },
	{ "connect to the browser", false, false, BIT(USER_NS), BIT(NETWORK_NS), 0, ENETUNREACH },
	{ "connect to the browser's socket", false, false, BIT(USER_NS), BIT(NETWORK_NS), 0, ECONNREFUSED },
	{ "find the browser's segment", false, false, BIT(USER_NS), BIT(IPC_NS), 0, ENOENT },
	{ "sethostname", false, false, BIT(USER_NS), BIT(UTS_NS), EPERM, 0 },
	{ "sethostname", true, false, BIT(USER_NS) | BIT(UTS_NS), BIT(CAPABILITIES), 0, EPERM },
	{ "mount", true, false, BIT(USER_NS) | BIT(MOUNT_NS), BIT(CAPABILITIES), 0, EPERM },
	{ "clone as fork", true, false, 0, BIT(RLIMITS), 0, EAGAIN },
	{ "write to a file", true, false, 0, BIT(RLIMITS), 0, DIED + SIGXFSZ },
	{ "allocate 600 MiB", true, false, 0, BIT(RLIMITS), 0, ENOMEM },
	{ "setuid program", true, true, 0, BIT(NO_NEW_PRIVS), 0, NOBODY },
	{ "mprotect executable", true, false, 0, BIT(MDWE), 0, EACCES },
	{ "mmap writable and executable", true, false, 0, BIT(MDWE), 0, EACCES },
	{ "openat", true, false, BIT(NO_NEW_PRIVS), BIT(LANDLOCK), 0, EACCES },
	{ "connect to the browser", true, false, BIT(NO_NEW_PRIVS), BIT(LANDLOCK), 0, EACCES },
	{ "connect to the browser's socket", true, false, BIT(NO_NEW_PRIVS), BIT(LANDLOCK), 0, EPERM },
	{ "kill of the init", true, false, BIT(USER_NS) | BIT(PID_NS), BIT(LANDLOCK), 0, EPERM },
	{ "openat", true, false, BIT(NO_NEW_PRIVS), BIT(SECCOMP), 0, TRAPPED },
	{ "unshare of users", true, false, BIT(NO_NEW_PRIVS) | BIT(CAPABILITIES), BIT(SECCOMP), 0, TRAPPED },
};

static void check_alone(const struct alone *a, uint32_t layers, int expected)
{
	struct jail jail = jail_of(ROLE_RENDERER, layers);
	char want[48], had[48];

	jail.input.attempt = attempt_index(a->attempt);
	jail.input.enter = a->enter;
	struct outcome got = jail_run(&jail);
	if (expected != ANY && got.code != expected)
		fail_msg("%s with layers %x: %s instead of %s %s", a->attempt, layers,
			 outcome_text(got.code, had), outcome_text(expected, want), got.missing);
}

static void test_each_layer_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(alone) / sizeof(*alone); i++) {
		if (alone[i].root_only && geteuid() != 0)
			continue;
		check_alone(&alone[i], alone[i].without, alone[i].result_without);
		check_alone(&alone[i], alone[i].without | alone[i].layer, alone[i].result_with);
	}
}

static void test_host_name_is_ours(void **state)
{
	char name[65] = "";

	(void)state;
	gethostname(name, sizeof(name) - 1);
	assert_string_not_equal(name, "x");
}

static void test_hostile_library(void **state)
{
	static const long calls[] = { SYS_socket, SYS_clone, SYS_execve, SYS_mount,	  SYS_unshare,
				      SYS_ptrace, SYS_kill,  SYS_prctl,	 SYS_memfd_create };

	(void)state;
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		struct jail jail = jail_of(ROLE_PLUGIN, everything);
		jail.input.enter = 1;
		jail.input.attempt = attempt_index("getpid");
		jail.input.hostile = (uint32_t)calls[i];
		struct outcome outcome = jail_run(&jail);
		assert_int_equal(outcome.code, TRAPPED);
		assert_int_equal(outcome.call, calls[i]);
		assert_false(outcome.ready);
	}
}

/* The control: the constructor does run, and its call would have got through. */
static void test_hostile_library_unfiltered(void **state)
{
	struct jail jail = jail_of(ROLE_PLUGIN, everything & ~BIT(SECCOMP));
	struct outcome outcome;

	(void)state;
	jail.input.enter = 1;
	jail.input.attempt = attempt_index("getpid");
	jail.input.hostile = SYS_exit_group;
	outcome = jail_run(&jail);
	assert_int_equal(outcome.code, EXITED);
	assert_false(outcome.ready);
	jail.input.hostile = SYS_socket;
	outcome = jail_run(&jail);
	assert_true(outcome.loaded);
	assert_int_equal(outcome.code, 0);
}

static void test_not_a_library(void **state)
{
	struct jail jail = jail_of(ROLE_PLUGIN, everything);

	(void)state;
	jail.library = not_a_library;
	jail.input.enter = 1;
	struct outcome outcome = jail_run(&jail);
	assert_false(outcome.ready);
	assert_int_equal(outcome.code, EXITED + 96);
	assert_non_null(strstr(outcome.missing, "load library"));
}

/* What the attempts look for: a listener, an abstract socket, a shared segment, and as root a setuid program.
 */
static void make_listener(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t length = sizeof(any);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&any, length), 0);
	assert_int_equal(listen(fd, 64), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&any, &length), 0);
	world.port = ntohs(any.sin_port);
}

static void make_abstract_socket(void)
{
	struct sockaddr_un here = { .sun_family = AF_UNIX };
	int length = snprintf(here.sun_path + 1, sizeof(here.sun_path) - 1, "bulkhead-%d", getpid());
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&here,
			      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length)),
			 0);
	assert_int_equal(listen(fd, 64), 0);
}

static void make_setuid_program(void)
{
	char command[512];

	snprintf(world.path, sizeof(world.path), "/tmp/bulkhead-setuid-%d", getpid());
	snprintf(command, sizeof(command), "cp '%s' %s && chmod 04755 %s", probe_path, world.path,
		 world.path);
	assert_int_equal(system(command), 0);
}

static int segment = -1;

static int make_world(void **state)
{
	(void)state;
	world.browser_pid = getpid();
	world.key = (int32_t)(0x62000000 + getpid());
	segment = shmget(world.key, 4096, IPC_CREAT | IPC_EXCL | 0666);
	assert_true(segment >= 0);
	make_listener();
	make_abstract_socket();
	if (geteuid() == 0)
		make_setuid_program();
	return 0;
}

static int end_world(void **state)
{
	(void)state;
	shmctl(segment, IPC_RMID, NULL);
	if (world.path[0])
		unlink(world.path);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_layers),
		cmocka_unit_test(test_each_layer_off),
		cmocka_unit_test(test_no_namespaces),
		cmocka_unit_test(test_what_was_seen),
		cmocka_unit_test(test_what_is_missing_is_named),
		cmocka_unit_test(test_a_liar),
		cmocka_unit_test(test_each_layer_alone),
		cmocka_unit_test(test_host_name_is_ours),
		cmocka_unit_test(test_hostile_library),
		cmocka_unit_test(test_hostile_library_unfiltered),
		cmocka_unit_test(test_not_a_library),
	};

	if (argc < 4) {
		fprintf(stderr, "usage: %s PROBE INIT LIBRARY\n", argv[0]);
		return 2;
	}
	jail_init(argv[1], argv[2]);
	probe_path = argv[1];
	not_a_library = open(argv[2], O_RDONLY | O_CLOEXEC);
	library = open(argv[3], O_RDONLY | O_CLOEXEC);
	everything = SANDBOX_ALL_LAYERS;
	if (jail_namespaces() != SANDBOX_NAMESPACES) {
		fprintf(stderr, "skipped: not all namespaces can be made here\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, make_world, end_world);
}
