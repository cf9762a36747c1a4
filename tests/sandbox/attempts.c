/*
 * The attempts that probe.c can make, each with what comes of it outside the sandbox (its positive control),
 * inside, and inside with seccomp off, where the other layers have to hold. An attempt that the last column
 * shows as a success is stopped by seccomp alone.
 */
#include "tests/sandbox/probe.h"
#include "tests/sandbox/special.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
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
#include <time.h>
#include <unistd.h>

static struct itimerval soon;
static struct rlimit boundless = { RLIM_INFINITY, RLIM_INFINITY };
static struct timespec none;

#define CALL(text, nr, control, open, ...)                                                                   \
	{                                                                                                    \
		text, SYS_##nr, control, TRAPPED, open, { __VA_ARGS__ }, NULL, NULL                          \
	}
#define DO(text, nr, control, open, special, prepare)                                                        \
	{                                                                                                    \
		text, SYS_##nr, control, TRAPPED, open, { 0 }, special, prepare                              \
	}
/* Something that is allowed, or answered otherwise than by a trap. */
#define ODD(text, nr, control, full, open, special, prepare)                                                 \
	{                                                                                                    \
		text, SYS_##nr, control, full, open, { 0 }, special, prepare                                 \
	}
#define P(pointer) ((long)(pointer))

const struct attempt attempts[] = {
	/* Files: the root is empty and read-only, and Landlock refuses what is left. */
	CALL("openat", openat, 0, ENOENT, AT_FDCWD, P("/etc/passwd"), O_RDONLY),
	CALL("openat for writing", openat, EISDIR, ENOENT, AT_FDCWD, P("/tmp"), O_WRONLY),
	CALL("openat of the root", openat, 0, EACCES, AT_FDCWD, P("/"), O_RDONLY),
	CALL("openat to create", openat, EISDIR, EROFS, AT_FDCWD, P("/tmp"), O_WRONLY | O_CREAT, 0600),
	CALL("openat of root's file", openat, EACCES, ENOENT, AT_FDCWD, P("/etc/shadow"), O_RDONLY),
	DO("openat in a folder", openat, 0, EACCES, try_open_in_folder, prepare_folder),
	CALL("openat2", openat2, EINVAL, EINVAL, AT_FDCWD, P("/etc/passwd"), P(a_page), 0),
	CALL("open_by_handle_at", open_by_handle_at, ANY, ANY, AT_FDCWD, P(a_page), 0),
	CALL("name_to_handle_at", name_to_handle_at, ANY, ENOENT, AT_FDCWD, P("/etc/passwd"), P(a_page),
	     P(a_page)),
	CALL("newfstatat", newfstatat, 0, ENOENT, AT_FDCWD, P("/etc/passwd"), P(a_page), 0),
	CALL("fstat", fstat, 0, 0, 0, P(a_page)),
	CALL("newfstatat of a descriptor", newfstatat, 0, 0, 0, P(""), P(a_page), AT_EMPTY_PATH),
	CALL("statx", statx, 0, ENOENT, AT_FDCWD, P("/etc/passwd"), 0, 0x7ff, P(a_page)),
	CALL("readlinkat", readlinkat, 0, ENOENT, AT_FDCWD, P("/proc/self/exe"), P(a_page), BUFFER_BYTES),
	CALL("faccessat2", faccessat2, 0, ENOENT, AT_FDCWD, P("/etc/passwd"), R_OK, 0),
	CALL("mkdirat", mkdirat, EEXIST, EROFS, AT_FDCWD, P("/tmp"), 0700),
	CALL("mknodat", mknodat, EEXIST, EROFS, AT_FDCWD, P("/tmp"), S_IFIFO | 0600, 0),
	CALL("symlinkat", symlinkat, EEXIST, EROFS, P("/etc"), AT_FDCWD, P("/tmp")),
	CALL("linkat", linkat, ANY, ENOENT, AT_FDCWD, P("/etc/passwd"), AT_FDCWD, P("/tmp"), 0),
	CALL("unlinkat", unlinkat, ANY, EROFS, AT_FDCWD, P("/tmp"), 0),
	CALL("renameat2", renameat2, ANY, EROFS, AT_FDCWD, P("/tmp"), AT_FDCWD, P("/tmp"), 0),
	CALL("fchmodat", fchmodat, EPERM, ENOENT, AT_FDCWD, P("/tmp"), 01777),
	CALL("fchownat", fchownat, 0, ENOENT, AT_FDCWD, P("/tmp"), -1, -1, 0),
	CALL("truncate", truncate, EISDIR, ENOENT, P("/tmp"), 0),
	CALL("chroot", chroot, 0, EPERM, P("/")),
	CALL("chdir", chdir, 0, ENOENT, P("/etc")),
	CALL("getcwd", getcwd, 0, 0, P(a_page), BUFFER_BYTES),
	CALL("statfs", statfs, 0, 0, P("/"), P(a_page)),
	CALL("inotify_init1", inotify_init1, 0, 0, 0),
	CALL("fanotify_init", fanotify_init, ANY, ANY, 0, 0),
	CALL("setxattr", setxattr, ANY, ENOENT, P("/tmp"), P("user.x"), P("x"), 1, 0),
	/* Code */
	ODD("execve", execve, 0, TRAPPED, ENOENT, try_execve, NULL),
	ODD("execveat of memory", execveat, EXITED, TRAPPED, EXITED, try_execveat, prepare_program),
	CALL("mmap writable and executable", mmap, 0, EACCES, 0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
	CALL("mmap executable", mmap, 0, 0, 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
	     0),
	DO("mprotect executable", mprotect, 0, EACCES, try_mprotect, NULL),
	CALL("personality", personality, 0, 0, 0xffffffff),
	CALL("memfd_create", memfd_create, 0, 0, P("x"), 0),
	/* Processes */
	DO("clone as fork", clone, 0, EAGAIN, try_fork, NULL),
	DO("clone of a thread", clone, 0, EAGAIN, try_thread, NULL),
	DO("clone with a user namespace", clone, 0, EAGAIN, try_clone_user, NULL),
	ODD("clone3", clone3, 0, ENOSYS, EAGAIN, try_clone3, NULL),
	CALL("ptrace traceme", ptrace, 0, 0, PTRACE_TRACEME),
	CALL("ptrace of the init", ptrace, 0, EPERM, PTRACE_SEIZE, 1, 0, 0),
	DO("process_vm_readv", process_vm_readv, 0, EPERM, try_read_init, NULL),
	DO("process_vm_writev", process_vm_writev, 0, 0, try_write_init, NULL),
	CALL("kill of the init", kill, 0, EPERM, 1, 0),
	DO("kill of itself", kill, 0, 0, try_kill_self, NULL),
	DO("tgkill of the init", tgkill, 0, EPERM, try_tgkill_init, NULL),
	ODD("tgkill of itself", tgkill, 0, 0, 0, try_tgkill_self, NULL),
	CALL("tkill of the init", tkill, 0, EPERM, 1, 0),
	DO("rt_sigqueueinfo", rt_sigqueueinfo, 0, EPERM, try_sigqueue, NULL),
	CALL("pidfd_open", pidfd_open, 0, 0, 1, 0),
	DO("pidfd_send_signal", pidfd_send_signal, 0, EPERM, try_signal_by_pidfd, prepare_pidfd),
	DO("pidfd_getfd", pidfd_getfd, 0, EPERM, try_steal_fd, prepare_pidfd),
	CALL("wait4", wait4, ECHILD, ECHILD, -1, 0, 0, 0),
	CALL("setsid", setsid, EPERM, EPERM),
	CALL("setpriority", setpriority, 0, 0, PRIO_PROCESS, 0, 19),
	CALL("sched_setaffinity", sched_setaffinity, EFAULT, EFAULT, 0, 8, 0),
	/* Network and IPC */
	CALL("socket unix", socket, 0, 0, AF_UNIX, SOCK_STREAM, 0),
	CALL("socket inet", socket, 0, 0, AF_INET, SOCK_DGRAM, 0),
	CALL("socket inet6", socket, ANY, ANY, AF_INET6, SOCK_STREAM, 0),
	CALL("socket netlink", socket, 0, 0, AF_NETLINK, SOCK_RAW, 0),
	CALL("socket packet", socket, ANY, EPERM, AF_PACKET, SOCK_RAW, 0),
	CALL("socket vsock", socket, ANY, ANY, AF_VSOCK, SOCK_STREAM, 0),
	DO("socketpair", socketpair, 0, 0, try_socketpair, NULL),
	DO("bind", bind, 0, EACCES, try_bind, prepare_tcp),
	DO("connect", connect, ENETUNREACH, EACCES, try_connect, prepare_tcp),
	DO("listen", listen, EINVAL, EINVAL, try_listen, prepare_listener),
	CALL("shutdown", shutdown, ENOTSOCK, ENOTSOCK, 0, 0),
	CALL("getsockname", getsockname, ENOTSOCK, ENOTSOCK, 0, 0, 0),
	DO("sendmsg with a descriptor", sendmsg, 0, 0, try_send_fd, NULL),
	DO("sendto with an address", sendto, ENETUNREACH, ENETUNREACH, try_sendto_address, prepare_udp),
	DO("pipe2", pipe2, 0, 0, try_pipe, NULL),
	CALL("shmget", shmget, 0, 0, IPC_PRIVATE, 4096, IPC_CREAT | 0600),
	CALL("shmat", shmat, EINVAL, EINVAL, 12345678, 0, 0),
	CALL("msgget", msgget, 0, 0, IPC_PRIVATE, IPC_CREAT | 0600),
	CALL("semget", semget, 0, 0, IPC_PRIVATE, 1, IPC_CREAT | 0600),
	CALL("mq_open", mq_open, 0, EMFILE, P("x"), O_CREAT | O_RDWR, 0600, 0),
	/* Kernel surface */
	CALL("io_uring_setup", io_uring_setup, ANY, ANY, 1, P(a_page)),
	CALL("io_setup", io_setup, ANY, ANY, 1, P(a_page)),
	CALL("userfaultfd", userfaultfd, ANY, ANY, 0),
	CALL("bpf", bpf, ANY, ANY, 0, P(a_page), 72),
	CALL("perf_event_open", perf_event_open, ANY, ANY, P(a_page), 0, -1, -1, 0),
	CALL("keyctl", keyctl, ANY, ANY, 0, -3, 0),
	CALL("add_key", add_key, ANY, ANY, P("user"), P("x"), P("x"), 1, -1),
	CALL("syslog", syslog, EPERM, EPERM, 3, P(a_page), BUFFER_BYTES),
	CALL("init_module", init_module, ANY, ANY, 0, 0, P("")),
	CALL("kexec_load", kexec_load, ANY, ANY, 0, 0, 0, 0),
	CALL("reboot", reboot, EINVAL, EPERM, 0, 0, 0, 0),
	CALL("settimeofday", settimeofday, EPERM, EPERM, P(&none), 0),
	CALL("swapon", swapon, EPERM, EPERM, P("/x"), 0),
	CALL("acct", acct, EPERM, EPERM, 0),
	CALL("sethostname", sethostname, 0, EPERM, P("x"), 1),
	CALL("timerfd_create", timerfd_create, 0, 0, CLOCK_MONOTONIC, 0),
	CALL("eventfd2", eventfd2, 0, 0, 0, 0),
	CALL("epoll_create1", epoll_create1, 0, 0, 0),
	CALL("setitimer", setitimer, 0, 0, ITIMER_REAL, P(&soon), 0),
	/* Namespaces */
	CALL("mount", mount, 0, EPERM, P("none"), P("/"), P("tmpfs"), 0, 0),
	CALL("umount2", umount2, EINVAL, EPERM, P("/"), MNT_DETACH),
	CALL("pivot_root", pivot_root, EINVAL, EPERM, P("/"), P("/")),
	CALL("open_tree", open_tree, 0, EPERM, AT_FDCWD, P("/"), 0x8001),
	CALL("fsopen", fsopen, 0, EPERM, P("tmpfs"), 0),
	CALL("unshare of users", unshare, 0, 0, CLONE_NEWUSER),
	CALL("unshare of mounts", unshare, 0, EPERM, CLONE_NEWNS),
	DO("setns", setns, 0, EPERM, try_setns, prepare_namespace),
	/* Own restrictions */
	CALL("prctl dumpable", prctl, 0, 0, PR_SET_DUMPABLE, 1, 0, 0, 0),
	CALL("prctl parent death signal", prctl, 0, 0, PR_SET_PDEATHSIG, 0, 0, 0, 0),
	CALL("prctl take back no_new_privs", prctl, EINVAL, EINVAL, PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0),
	DO("seccomp", seccomp, 0, 0, try_another_filter, NULL),
	CALL("landlock_create_ruleset", landlock_create_ruleset, ANY, ANY, 0, 0, 1),
	CALL("prlimit64", prlimit64, ANY, EPERM, 0, RLIMIT_DATA, P(&boundless), 0),
	DO("capset", capset, 0, EPERM, try_capset, NULL),
	DO("rt_sigaction", rt_sigaction, 0, 0, try_sigaction, NULL),
	DO("sigaltstack", sigaltstack, 0, 0, try_sigaltstack, NULL),
	CALL("setresuid", setresuid, 0, 0, 0, 0, 0),
	CALL("setgroups", setgroups, ANY, EPERM, 0, 0),
	/* Descriptors */
	CALL("ioctl TIOCSTI", ioctl, ENOTTY, ENOTTY, 0, TIOCSTI, P(a_page)),
	CALL("ioctl TIOCSTI with high bits", ioctl, ENOTTY, ENOTTY, 0, 0x100000000 | TIOCSTI, P(a_page)),
	DO("fcntl add seals", fcntl, 0, 0, try_seal, prepare_memfd),
	DO("fcntl set flags", fcntl, 0, 0, try_nonblocking, prepare_pipe),
	CALL("fcntl duplicate", fcntl, 0, 0, 0, F_DUPFD, 0),
	CALL("fcntl get seals", fcntl, EINVAL, EINVAL, 0, 1034 /* F_GET_SEALS */),
	CALL("fcntl owner", fcntl, 0, 0, 0, F_SETOWN, 0),
	DO("ftruncate", ftruncate, 0, DIED + SIGXFSZ, try_grow, prepare_memfd),
	DO("fallocate", fallocate, 0, DIED + SIGXFSZ, try_allocate_file, prepare_memfd),
	ODD("write to a file", write, 0, DIED + SIGXFSZ, DIED + SIGXFSZ, try_write_file, prepare_memfd),
	CALL("dup", dup, 0, 0, 0),
	CALL("dup3", dup3, 0, 0, 0, 20, 0),
	CALL("madvise for others", madvise, 0, 0, P(a_page), BUFFER_BYTES, MADV_DONTFORK),
	CALL("mlock", mlock, ANY, EPERM, P(a_page), 1),
	ODD("allocate 600 MiB", mmap, 0, ENOMEM, ENOMEM, try_memory, NULL),
#ifdef __x86_64__
	/* Older calls, and the two other ABIs of the processor */
	CALL("open", open, 0, ENOENT, P("/etc/passwd"), O_RDONLY),
	CALL("creat", creat, EISDIR, EROFS, P("/tmp"), 0600),
	CALL("stat", stat, 0, ENOENT, P("/etc/passwd"), P(a_page)),
	CALL("readlink", readlink, 0, ENOENT, P("/proc/self/exe"), P(a_page), BUFFER_BYTES),
	CALL("access", access, 0, ENOENT, P("/etc/passwd"), R_OK),
	CALL("mkdir", mkdir, EEXIST, EROFS, P("/tmp"), 0700),
	DO("fork", fork, 0, EAGAIN, try_sys_fork, NULL),
	DO("vfork", vfork, 0, EAGAIN, try_vfork, NULL),
	CALL("dup2", dup2, 0, 0, 0, 20),
	CALL("iopl", iopl, ANY, ANY, 3),
	CALL("modify_ldt", modify_ldt, ANY, ANY, 0, P(a_page), 8),
	CALL("arch_prctl", arch_prctl, 0, 0, 0x1003 /* ARCH_GET_FS */, P(a_page)),
	ODD("getpid by the x32 ABI", getpid, ANY, FENCED, ANY, try_x32, NULL),
	ODD("getpid by int 0x80", getpid, ANY, FENCED, ANY, try_int80, NULL),
#endif
	/* Not forbidden, but used by the tests of layers and of ways to end */
	ODD("getpid", getpid, 0, 0, 0, NULL, NULL),
	ODD("signal to the browser", kill, ESRCH, TRAPPED, ESRCH, try_signal_browser, NULL),
	ODD("connect to the browser", connect, ENETUNREACH, TRAPPED, EACCES, try_connect_browser,
	    prepare_tcp),
	ODD("connect to the browser's socket", connect, ECONNREFUSED, TRAPPED, ANY, try_connect_abstract,
	    prepare_listener),
	ODD("find the browser's segment", shmget, ENOENT, TRAPPED, ENOENT, try_find_segment, NULL),
	ODD("setuid program", execve, ANY, TRAPPED, ANY, try_setuid_program, NULL),
	ODD("abort", tgkill, DIED + SIGABRT, DIED + SIGABRT, DIED + SIGABRT, try_abort, NULL),
	ODD("null dereference", getpid, DIED + SIGSEGV, DIED + SIGSEGV, DIED + SIGSEGV, try_null, NULL),
	ODD("illegal instruction", getpid, DIED + SIGILL, DIED + SIGILL, DIED + SIGILL, try_trap, NULL),
	ODD("terminate", tgkill, DIED + SIGTERM, DIED + SIGTERM, DIED + SIGTERM, try_terminate, NULL),
	ODD("exit with 3", exit_group, EXITED + 3, EXITED + 3, EXITED + 3, try_exit, NULL),
};

const unsigned attempts_count = sizeof(attempts) / sizeof(*attempts);

unsigned attempt_index(const char *name)
{
	for (unsigned i = 0; i < attempts_count; i++)
		if (strcmp(attempts[i].name, name) == 0)
			return i;
	fprintf(stderr, "no attempt is called \"%s\"\n", name);
	abort();
}
