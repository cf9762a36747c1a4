/*
 * bulkhead-init: PID 1 of a compartment. It holds the namespaces and ends at the end of its lifeline
 * (descriptor 0), and with PID 1 the kernel ends whatever is inside. No C library: it starts in microseconds
 * and is two pages big. browser/process/compartment.c starts it; with an argument it is instead a throwaway
 * that tries whether a root can be mounted here, and exits with the errno.
 */
#include "sandbox/rawcall.h"
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>

void init_start(long argc) __attribute__((noreturn, used));

#if defined(__x86_64__)
__asm__(".globl _start\n_start:\n\txor %ebp, %ebp\n\tmov (%rsp), %rdi\n\tand $-16, %rsp\n\tcall init_start\n");
#elif defined(__aarch64__)
__asm__(".globl _start\n_start:\n\tldr x0, [sp]\n\tbl init_start\n");
#endif

/* In mounts of its own, so that nobody else sees what it tries, wherever it is started. */
static long try_mount(void)
{
	long result = rawcall(SYS_unshare, CLONE_NEWNS);

	if (result == 0)
		result = rawcall(SYS_mount, "none", "/", 0, MS_REC | MS_PRIVATE, 0);
	if (result == 0)
		result = rawcall(SYS_mount, "none", "/proc", "tmpfs", MS_NOSUID | MS_NODEV, "size=4k");
	return -result;
}

/* What the init itself may not do: it needs nothing but read and exit. */
static void give_up_rights(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { 0 };

	rawcall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	rawcall(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	rawcall(SYS_capset, &header, none);
	rawcall(SYS_prctl, PR_SET_DUMPABLE, 0, 0, 0, 0);
}

static void wait_for_end(void)
{
	char byte;

	while (rawcall(SYS_read, 0, &byte, 1) > 0)
		;
}

void init_start(long argc)
{
	long status = 0;

	if (argc > 1) {
		status = try_mount();
	} else {
		give_up_rights();
		wait_for_end();
	}
	for (;;)
		rawcall(SYS_exit_group, status);
}
