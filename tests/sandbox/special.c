/* See special.h. */
#include "tests/sandbox/special.h"
#include "common/child.h"
#include "sandbox/rawcall.h"
#include "tests/sandbox/probe.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

char a_page[BUFFER_BYTES] __attribute__((aligned(BUFFER_BYTES)));
struct probe_input probe_input;
static int prepared = -1; /* a descriptor made before the sandbox */
static struct sockaddr_in nowhere = { .sin_family = AF_INET, .sin_port = 0x0900, .sin_addr = { 0x0100007f } };

void prepare_memfd(void)
{
	prepared = memfd_create("attempt", MFD_ALLOW_SEALING);
}

/* A program without libraries, so that it needs no file to run. */
void prepare_program(void)
{
	ssize_t bytes = (ssize_t)probe_input.program_bytes;

	prepare_memfd();
	if (write(prepared, probe_input.program, (size_t)bytes) != bytes)
		_exit(95);
}

void prepare_udp(void)
{
	prepared = socket(AF_INET, SOCK_DGRAM, 0);
}

void prepare_tcp(void)
{
	prepared = socket(AF_INET, SOCK_STREAM, 0);
}

void prepare_listener(void)
{
	prepared = socket(AF_UNIX, SOCK_STREAM, 0);
}

void prepare_pidfd(void)
{
	prepared = (int)syscall(SYS_pidfd_open, 1, 0);
}

void prepare_namespace(void)
{
	prepared = open("/proc/self/ns/uts", O_RDONLY);
}

void prepare_folder(void)
{
	prepared = open("/etc", O_RDONLY | O_DIRECTORY);
}

void prepare_pipe(void)
{
	int ends[2];

	if (pipe(ends) == 0)
		prepared = ends[1];
}

/* Code */

long try_execveat(void)
{
	char *const argv[] = { a_page, NULL };
	char *const environment[] = { NULL };

	return syscall(SYS_execveat, prepared, "", argv, environment, AT_EMPTY_PATH);
}

long try_execve(void)
{
	static char probe[] = "/proc/self/exe";
	char *const argv[] = { probe, NULL };
	char *const environment[] = { NULL };

	return syscall(SYS_execve, probe, argv, environment);
}

long try_mprotect(void)
{
	return syscall(SYS_mprotect, a_page, BUFFER_BYTES, PROT_READ | PROT_EXEC);
}

/* Processes */

long try_fork(void)
{
	long pid = rawcall(SYS_clone, SIGCHLD, 0, 0, 0, 0);

	if (pid == 0)
		rawcall(SYS_exit_group, 0);
	errno = pid < 0 ? (int)-pid : 0;
	return pid < 0 ? -1 : 0;
}

long try_thread(void)
{
	static _Alignas(16) char stack[16384];
	int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;
	long pid = rawcall(SYS_clone, flags, stack + sizeof(stack) - 64, 0, 0, 0);

	if (pid == 0)
		for (;;)
			rawcall(SYS_exit, 0);
	errno = pid < 0 ? (int)-pid : 0;
	return pid < 0 ? -1 : 0;
}

#ifdef __x86_64__
static long try_old_fork(long call)
{
	long pid = rawcall(call);

	if (pid == 0)
		rawcall(SYS_exit_group, 0);
	errno = pid < 0 ? (int)-pid : 0;
	return pid < 0 ? -1 : 0;
}

long try_sys_fork(void)
{
	return try_old_fork(SYS_fork);
}

long try_vfork(void)
{
	return try_old_fork(SYS_vfork);
}

/* Numbers of the two other ABIs of this processor mean other calls: getpid there is not what it says here. */
long try_x32(void)
{
	long result = rawcall(0x40000000 | SYS_getpid);

	errno = result < 0 ? (int)-result : 0;
	return result < 0 ? -1 : 0;
}

long try_int80(void)
{
	long result;

	__asm__ volatile("int $0x80" : "=a"(result) : "a"(20L) : "memory", "r8", "r9", "r10", "r11");
	return result < 0 ? -1 : 0;
}
#endif

long try_clone3(void)
{
	uint64_t args[11] = { 0 };

	args[4] = SIGCHLD;
	long pid = syscall(SYS_clone3, args, sizeof(args));
	if (pid == 0)
		_exit(0);
	return pid;
}

long try_clone_user(void)
{
	long pid = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);

	if (pid == 0)
		_exit(0);
	return pid;
}

long try_read_init(void)
{
	struct iovec mine = { a_page, 8 }, other = { (void *)0x400000, 8 };

	return syscall(SYS_process_vm_readv, 1, &mine, 1, &other, 1, 0);
}

long try_write_init(void)
{
	struct iovec mine = { a_page, 0 }, other = { (void *)0x400000, 0 };

	return syscall(SYS_process_vm_writev, 1, &mine, 1, &other, 1, 0);
}

long try_tgkill_init(void)
{
	return syscall(SYS_tgkill, 1, 1, 0);
}

long try_tgkill_self(void)
{
	return syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), 0);
}

long try_kill_self(void)
{
	return syscall(SYS_kill, getpid(), 0);
}

long try_signal_by_pidfd(void)
{
	return syscall(SYS_pidfd_send_signal, prepared, 0, NULL, 0);
}

long try_steal_fd(void)
{
	return syscall(SYS_pidfd_getfd, prepared, 0, 0);
}

long try_sigqueue(void)
{
	siginfo_t info = { .si_signo = 0, .si_code = SI_QUEUE };

	return syscall(SYS_rt_sigqueueinfo, 1, 0, &info);
}

long try_signal_browser(void)
{
	return syscall(SYS_kill, probe_input.browser_pid, 0);
}

/* Network and IPC */

long try_bind(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET };

	return syscall(SYS_bind, prepared, &any, sizeof(any));
}

long try_connect(void)
{
	return syscall(SYS_connect, prepared, &nowhere, sizeof(nowhere));
}

long try_connect_browser(void)
{
	struct sockaddr_in there = nowhere;

	there.sin_port = htons((uint16_t)probe_input.port);
	return syscall(SYS_connect, prepared, &there, sizeof(there));
}

long try_connect_abstract(void)
{
	struct sockaddr_un there = { .sun_family = AF_UNIX };
	int length = snprintf(there.sun_path + 1, sizeof(there.sun_path) - 1, "bulkhead-%d",
			      probe_input.browser_pid);

	return syscall(SYS_connect, prepared, &there,
		       offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length);
}

long try_sendto_address(void)
{
	return syscall(SYS_sendto, prepared, a_page, 1, 0, &nowhere, sizeof(nowhere));
}

/* Hand descriptor 0 to whoever is at the other end of the channel. */
long try_send_fd(void)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { .header = { .cmsg_len = CMSG_LEN(sizeof(int)),
				  .cmsg_level = SOL_SOCKET,
				  .cmsg_type = SCM_RIGHTS } };
	struct iovec iov = { a_page, 1 };
	struct msghdr message = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)
	};

	return syscall(SYS_sendmsg, CHILD_CHANNEL_FD, &message, 0);
}

long try_listen(void)
{
	return syscall(SYS_listen, prepared, 1);
}

long try_socketpair(void)
{
	return syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, a_page);
}

long try_pipe(void)
{
	return syscall(SYS_pipe2, a_page, 0);
}

long try_find_segment(void)
{
	return syscall(SYS_shmget, probe_input.key, 0, 0);
}

/* Own restrictions */

long try_capset(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct all[2] = { { 1u << CAP_SYS_ADMIN, 1u << CAP_SYS_ADMIN, 0 }, { 0 } };

	return syscall(SYS_capset, &header, all);
}

long try_sigaction(void)
{
	long action[4] = { 0 };

	return syscall(SYS_rt_sigaction, SIGSYS, action, NULL, 8);
}

long try_another_filter(void)
{
	struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog program = { 1, &allow };

	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

long try_sigaltstack(void)
{
	return syscall(SYS_sigaltstack, NULL, a_page);
}

/* Descriptors */

long try_seal(void)
{
	return syscall(SYS_fcntl, prepared, F_ADD_SEALS, F_SEAL_WRITE);
}

long try_grow(void)
{
	return syscall(SYS_ftruncate, prepared, 1 << 20);
}

long try_allocate_file(void)
{
	return syscall(SYS_fallocate, prepared, 0, 0, 1 << 20);
}

long try_write_file(void)
{
	return syscall(SYS_write, prepared, a_page, 1);
}

long try_setns(void)
{
	return syscall(SYS_setns, prepared, 0);
}

long try_open_in_folder(void)
{
	return syscall(SYS_openat, prepared, "passwd", O_RDONLY);
}

long try_nonblocking(void)
{
	return syscall(SYS_fcntl, prepared, F_SETFL, O_WRONLY | O_NONBLOCK);
}

long try_memory(void)
{
	void *memory =
		mmap(NULL, (size_t)600 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? -1 : 0;
}

long try_setuid_program(void)
{
	char *const argv[] = { probe_input.path, NULL };
	char *const environment[] = { NULL };

	return syscall(SYS_execve, probe_input.path, argv, environment);
}

/* Ways to end */

long try_abort(void)
{
	abort();
}

long try_null(void)
{
	volatile int *volatile nothing = NULL;

	/* cppcheck-suppress nullPointer */
	return *nothing; /* NOLINT: it is the attempt */
}

long try_trap(void)
{
	__builtin_trap();
}

long try_terminate(void)
{
	return raise(SIGTERM);
}

long try_exit(void)
{
	exit(3);
}
