/*
 * See compartment.h: starting a process inside. As in compartment.c, what runs between clone and exec does so
 * in the browser's own memory. A launcher goes before the child: it enters the namespaces, clones the child
 * into them, and is gone.
 */
#include "browser/process/compartment.h"
#include "browser/process/compartment_internal.h"
#include "common/child.h"
#include "sandbox/rawcall.h"
#include "sandbox/sandbox.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define CODE_FD 10 /* where descriptors are out of the way of CHILD_*_FD */

static _Alignas(16) char child_stack[COMPARTMENT_STACK_BYTES];

static void job_fail(struct compartment_job *job, const char *step, long result)
{
	job->step = step;
	job->error = -result;
}

/* Put the descriptors where the child expects them; first out of each other's way. Returns that of the
 * program. */
static long job_arrange_fds(const struct compartment_job *job)
{
	int away[3];
	long program = rawcall(SYS_fcntl, job->program, F_DUPFD_CLOEXEC, CODE_FD);
	long result = program;

	for (int i = 0; i < 3 && result >= 0; i++) {
		away[i] = -1;
		if (job->fds[i] >= 0)
			result = away[i] = (int)rawcall(SYS_fcntl, job->fds[i], F_DUPFD_CLOEXEC, CODE_FD);
	}
	long null = result < 0 ? result : rawcall(SYS_fcntl, job->null, F_DUPFD_CLOEXEC, CODE_FD);
	for (int i = 0; i < 3 && null >= 0 && result >= 0; i++)
		result = rawcall(SYS_dup3, null, i, 0);
	if (null < 0 || result < 0)
		return null < 0 ? null : result;
	for (int i = 0; i < 3 && result >= 0; i++) {
		if (away[i] >= 0)
			result = rawcall(SYS_dup3, away[i], CHILD_CHANNEL_FD + i, 0);
		else
			rawcall(SYS_close, CHILD_CHANNEL_FD + i);
	}
	if (result >= 0)
		result = rawcall(SYS_dup3, program, CHILD_PLUGIN_FD + 1, O_CLOEXEC);
	if (result >= 0)
		result = rawcall(SYS_close_range, CHILD_PLUGIN_FD + 2, UINT_MAX, 0);
	return result < 0 ? result : CHILD_PLUGIN_FD + 1;
}

static int child_main(void *arg)
{
	struct compartment_job *job = arg;
	long program = job_arrange_fds(job);

	if (program < 0) {
		job_fail(job, "descriptors", program);
	} else {
		rawcall(SYS_setsid);
		rawcall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		job_fail(job, "exec",
			 rawcall(SYS_execveat, program, "", job->argv, compartment_environment,
				 AT_EMPTY_PATH));
	}
	return 127;
}

/* Enter the namespaces as whom the child shall run, before its exec: an exec as anyone else would drop
 * rights. */
static bool launcher_enter(struct compartment_job *job)
{
	long result = 0;

	if (job->root && job->maps && (result = rawcall(SYS_setgroups, 0, NULL)) < 0)
		job_fail(job, "setgroups", result);
	else if (job->namespaces && (result = rawcall(SYS_setns, job->init_pidfd, job->namespaces)) < 0)
		job_fail(job, "setns", result);
	else if (job->maps && (result = compartment_become(0)) < 0)
		job_fail(job, "setresuid", result);
	return result >= 0;
}

/*
 * The launcher shares the descriptor table, so that the child's pidfd is the browser's; CLONE_PARENT makes
 * the browser its parent, so that the browser reaps its true status.
 */
static int launcher_main(void *arg)
{
	struct compartment_job *job = arg;

	if (launcher_enter(job)) {
		job->pid = clone(child_main, child_stack + COMPARTMENT_STACK_BYTES,
				 CLONE_PARENT | CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, job,
				 &job->pidfd);
		if (job->pid < 0)
			job_fail(job, "clone", -errno);
	}
	return 0;
}

static void reap(pid_t pid)
{
	while (waitpid(pid, NULL, __WALL) < 0 && errno == EINTR)
		;
}

static bool job_run(struct compartment_job *job)
{
	sigset_t before;
	int dumpable = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);

	compartment_block_signals(&before);
	pid_t launcher = clone(launcher_main, compartment_stack + COMPARTMENT_STACK_BYTES,
			       CLONE_VM | CLONE_VFORK | CLONE_FILES | SIGCHLD, job);
	if (launcher < 0)
		job_fail(job, "clone", -errno);
	else
		reap(launcher);
	compartment_restore_signals(&before, dumpable);
	if (!job->error)
		return true;
	if (job->pid > 0) {
		reap(job->pid);
		close(job->pidfd);
	}
	errno = (int)job->error;
	return false;
}

pid_t compartment_job_start(struct compartment_job *job, const struct compartment *c, int *pidfd,
			    const char **step)
{
	job->init_pidfd = c->init_pidfd;
	job->namespaces = compartment_flags(c->layers);
	job->root = geteuid() == 0;
	job->maps = c->layers & 1u << LAYER_USER_NS;
	job->pid = -1;
	job->null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (job->null < 0) {
		*step = "open /dev/null";
		return -1;
	}
	bool started = job_run(job);
	int saved = errno;

	close(job->null);
	errno = saved;
	*step = job->step;
	*pidfd = started ? job->pidfd : -1;
	return started ? job->pid : -1;
}

pid_t compartment_launch(const struct compartment *c, const struct compartment_programs *programs,
			 const struct launch *launch, int *pidfd, const char **step)
{
	static const char *const names[ROLE_COUNT] = {
		[ROLE_RENDERER] = "bulkhead-renderer",
		[ROLE_GPU] = "bulkhead-gpu",
		[ROLE_PLUGIN] = "bulkhead-plugin",
	};
	uint32_t layers = launch->wanted & ~(SANDBOX_NAMESPACES & ~c->layers);
	char name[32], serial[16], hex[16], fault[16], ring[24];
	char serial_option[] = "--serial", layers_option[] = "--layers", fault_option[] = "--fault";
	char ring_option[] = "--ring";
	char *argv[10] = { name, serial_option, serial, layers_option, hex };
	unsigned argc = 5;
	struct compartment_job job = { .program = programs->role[launch->role],
				       .argv = argv,
				       .fds = { launch->channel, launch->recorder, launch->library } };

	snprintf(name, sizeof(name), "%s", names[launch->role]);
	snprintf(serial, sizeof(serial), "%u", launch->serial);
	snprintf(hex, sizeof(hex), "%x", layers);
	snprintf(fault, sizeof(fault), "%u", (unsigned)launch->doom);
	snprintf(ring, sizeof(ring), "%zu", launch->ring);
	if (launch->doom) {
		argv[argc++] = fault_option;
		argv[argc++] = fault;
	}
	if (launch->ring) {
		argv[argc++] = ring_option;
		argv[argc++] = ring;
	}
	return compartment_job_start(&job, c, pidfd, step);
}
