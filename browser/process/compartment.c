/*
 * See compartment.h: the namespaces and the init that holds them, and which of them can be made here.
 * Everything between a clone here and the exec behind it runs in the browser's own memory, so that no page
 * table is copied: with raw system calls only, all signals blocked, and the browser waiting (or, for the
 * init, writing its id maps). compartment_launch.c starts what lives inside; compartment_programs.c finds the
 * executables; verify.c looks at what came of it.
 */
#include "browser/process/compartment.h"
#include "browser/process/compartment_internal.h"
#include "sandbox/rawcall.h"
#include "sandbox/sandbox.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY 65534

/* An init needs some 100 µs to end; a process inside that is not reaped yet would hold it for ever. */
#define INIT_END_MS 20
#define MAX_ENDING  64

static const struct {
	enum layer layer;
	int flag;
} namespaces[] = {
	{ LAYER_USER_NS, CLONE_NEWUSER },     { LAYER_PID_NS, CLONE_NEWPID }, { LAYER_MOUNT_NS, CLONE_NEWNS },
	{ LAYER_NETWORK_NS, CLONE_NEWNET },   { LAYER_IPC_NS, CLONE_NEWIPC }, { LAYER_UTS_NS, CLONE_NEWUTS },
	{ LAYER_CGROUP_NS, CLONE_NEWCGROUP },
};

#define NAMESPACES (sizeof(namespaces) / sizeof(*namespaces))

char *const compartment_environment[] = { NULL };
_Alignas(16) char compartment_stack[COMPARTMENT_STACK_BYTES];

/* Inits that were told to end and could not be reaped at once. */
static int ending[MAX_ENDING];
static unsigned nending;

int compartment_flags(uint32_t layers)
{
	int flags = 0;

	for (size_t i = 0; i < NAMESPACES; i++)
		if (layers & 1u << namespaces[i].layer)
			flags |= namespaces[i].flag;
	return flags;
}

/*
 * Signals wait while another process runs in our memory: a handler would run in the wrong one. The child
 * inherits the blocked mask and opens it when its own handlers stand.
 */
void compartment_block_signals(sigset_t *before)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, before);
}

/*
 * A process in our memory that changes its uid marks this memory as not to be looked into, and /proc/self
 * would become root's. Ours is the browser's, who is what he was.
 */
void compartment_restore_signals(const sigset_t *before, int dumpable)
{
	if (dumpable == 1 && prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 1)
		prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	sigprocmask(SIG_SETMASK, before, NULL);
}

/* Become the uid and gid `id` for good, as the kernel's own calls: glibc would signal the browser's threads.
 */
long compartment_become(long id)
{
	long result = rawcall(SYS_setresgid, id, id, id);

	return result < 0 ? result : rawcall(SYS_setresuid, id, id, id);
}

/* The init, until its exec. */
struct init_start {
	int lifeline, program;
	bool root, maps;
	volatile long error;
	volatile pid_t running; /* the kernel zeroes it when our memory is left */
};

static long init_prepare(const struct init_start *start)
{
	char go;
	long result = rawcall(SYS_dup3, start->lifeline, 0, 0);

	if (result >= 0)
		result = rawcall(SYS_dup3, start->program, 1, O_CLOEXEC);
	if (result >= 0)
		result = rawcall(SYS_close_range, 2, UINT_MAX, 0);
	/* The id maps are ours to wait for; the end of the lifeline means that they cannot be written. */
	if (result >= 0 && rawcall(SYS_read, 0, &go, 1) != 1)
		result = -ECANCELED;
	if (result >= 0 && start->root)
		result = rawcall(SYS_setgroups, 0, NULL);
	if (result >= 0 && (start->root || start->maps))
		result = compartment_become(start->maps ? 0 : NOBODY);
	return result;
}

static int init_main(void *arg)
{
	static char name[] = "bulkhead-init";
	char *const argv[] = { name, NULL };
	struct init_start *start = arg;
	long result = init_prepare(start);

	if (result >= 0)
		result = rawcall(SYS_execveat, 1, "", argv, compartment_environment, AT_EMPTY_PATH);
	start->error = -result;
	return 1;
}

static bool write_file(pid_t pid, const char *name, const char *text)
{
	char path[48];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	bool written = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	int saved = errno;

	close(fd);
	errno = saved;
	return written;
}

/* Root inside is nobody outside, or the user himself, who may map nobody else. */
static bool write_maps(pid_t pid)
{
	char map[32];
	bool root = geteuid() == 0;

	if (!root && !write_file(pid, "setgroups", "deny"))
		return false;
	snprintf(map, sizeof(map), "0 %u 1", root ? NOBODY : (unsigned)getegid());
	if (!write_file(pid, "gid_map", map))
		return false;
	snprintf(map, sizeof(map), "0 %u 1", root ? NOBODY : (unsigned)geteuid());
	return write_file(pid, "uid_map", map);
}

static void wait_until_gone_from_memory(volatile pid_t *running)
{
	pid_t seen;

	while ((seen = *running) != 0)
		rawcall(SYS_futex, running, FUTEX_WAIT, seen, NULL);
}

static bool start_init(struct compartment *c, struct init_start *start, int flags)
{
	sigset_t before;
	int dumpable = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);

	start->running = -1;
	compartment_block_signals(&before);
	c->init_pid = clone(init_main, compartment_stack + COMPARTMENT_STACK_BYTES,
			    CLONE_VM | CLONE_PIDFD | CLONE_CHILD_CLEARTID | SIGCHLD | flags, start,
			    &c->init_pidfd, NULL, (void *)&start->running);
	int error = c->init_pid < 0 ? errno : 0;
	if (!error && start->maps && !write_maps(c->init_pid))
		error = errno;
	if (!error && send(c->lifeline, "", 1, MSG_NOSIGNAL) != 1)
		error = errno;
	if (error) {
		close(c->lifeline);
		c->lifeline = -1;
	}
	if (c->init_pid > 0)
		wait_until_gone_from_memory(&start->running);
	compartment_restore_signals(&before, dumpable);
	errno = error ? error : (int)start->error;
	return errno == 0;
}

static void reap_ending(void)
{
	siginfo_t info;

	for (unsigned i = 0; i < nending;) {
		info.si_pid = 0;
		if (waitid(P_PIDFD, (id_t)ending[i], &info, WEXITED | WNOHANG) == 0 && info.si_pid == 0) {
			i++;
			continue;
		}
		close(ending[i]);
		ending[i] = ending[--nending];
	}
}

static void end_init(int pidfd)
{
	struct pollfd ended = { .fd = pidfd, .events = POLLIN };

	poll(&ended, 1, INIT_END_MS);
	reap_ending();
	/* So many that will not end: this one stays a zombie, but nobody waits for it. */
	if (nending == MAX_ENDING) {
		close(pidfd);
		return;
	}
	ending[nending++] = pidfd;
	reap_ending();
}

void compartment_finish(struct compartment *c)
{
	int saved = errno;

	if (c->init_pid > 0) {
		if (c->lifeline >= 0)
			close(c->lifeline);
		rawcall(SYS_pidfd_send_signal, c->init_pidfd, SIGKILL, NULL, 0);
		end_init(c->init_pidfd);
	}
	*c = (struct compartment){ .init_pidfd = -1, .lifeline = -1 };
	errno = saved;
}

bool compartment_create(struct compartment *c, const struct compartment_programs *programs, uint32_t wanted)
{
	uint32_t layers = wanted & SANDBOX_NAMESPACES;
	struct init_start start = { .program = programs->init,
				    .root = geteuid() == 0,
				    .maps = layers & 1u << LAYER_USER_NS };
	int ends[2];

	*c = (struct compartment){ .init_pidfd = -1, .lifeline = -1, .layers = layers };
	reap_ending();
	if (!layers)
		return true;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return false;
	start.lifeline = ends[0];
	c->lifeline = ends[1];
	bool started = start_init(c, &start, compartment_flags(layers));
	int saved = errno;

	close(ends[0]);
	if (!started)
		compartment_finish(c);
	errno = saved;
	return started;
}

/* The whole sequence in a throwaway: some systems let the namespace be made and then refuse the maps or
 * mounts. */
static bool try_namespaces(const struct compartment_programs *programs, uint32_t layers)
{
	static char name[] = "bulkhead-init", argument[] = "try";
	char *const argv[] = { name, argument, NULL };
	struct compartment_job job = { .program = programs->init, .argv = argv, .fds = { -1, -1, -1 } };
	struct compartment c;
	siginfo_t info = { 0 };
	const char *step;
	int pidfd;

	if (!compartment_create(&c, programs, layers))
		return false;
	pid_t pid = layers & 1u << LAYER_MOUNT_NS ? compartment_job_start(&job, &c, &pidfd, &step) : 0;
	if (pid > 0) {
		while (waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED) < 0 && errno == EINTR)
			;
		close(pidfd);
		errno = info.si_code == CLD_EXITED ? info.si_status : EIO;
	}
	compartment_finish(&c);
	return pid == 0 || (pid > 0 && errno == 0);
}

static const char *hint_for(int error)
{
	static const struct {
		int error;
		const char *hint;
	} hints[] = {
		{ EPERM, "a container or a security policy forbids namespaces; as an ordinary user, see the "
			 "sysctls kernel.unprivileged_userns_clone and "
			 "kernel.apparmor_restrict_unprivileged_userns" },
		{ EACCES, "a security policy (AppArmor, SELinux) forbids what a new namespace needs" },
		{ ENOSPC, "too many namespaces: see the sysctls user.max_*_namespaces" },
		{ EINVAL, "this kernel was built without that namespace" },
	};

	for (size_t i = 0; i < sizeof(hints) / sizeof(*hints); i++)
		if (hints[i].error == error)
			return hints[i].hint;
	return error ? "unexpected" : "";
}

uint32_t compartment_probe(const struct compartment_programs *programs, int *error_number, const char **hint)
{
	uint32_t layers = SANDBOX_NAMESPACES;

	*error_number = 0;
	if (!try_namespaces(programs, layers)) {
		layers = 0;
		for (size_t i = 0; i < NAMESPACES; i++) {
			uint32_t more = layers | 1u << namespaces[i].layer;
			if (try_namespaces(programs, more))
				layers = more;
			else if (!*error_number)
				*error_number = errno;
		}
	}
	*hint = hint_for(*error_number);
	return layers;
}
