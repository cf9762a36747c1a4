/*
 * See catalogue.h. What each does in the process is in common/fault*.c; what the browser does about those
 * from outside is in injection.c. `explained`: what the kernel does, and what to watch for.
 */
#include "browser/fault/catalogue.h"
#include <signal.h>
#include <sys/syscall.h>

#define BROWSER	  (1u << ROLE_BROWSER)
#define RENDERER  (1u << ROLE_RENDERER)
#define CHILDREN  (RENDERER | 1u << ROLE_GPU | 1u << ROLE_PLUGIN)
#define EVERYBODY (BROWSER | CHILDREN)

const char *const fault_group_names[FAULT_GROUP_COUNT] = { "memory",  "signal",	 "time",   "protocol",
							   "sandbox", "process", "browser" };

#define CRASHED(signal, kind)                                                                                \
	FAULT_END_DEAD,                                                                                      \
	{                                                                                                    \
		TERMINATION_STATUS_CRASHED, signal, signal, kind, BAD_MESSAGE_NONE                           \
	}
#define KILLED(signal, reason)                                                                               \
	FAULT_END_DEAD,                                                                                      \
	{                                                                                                    \
		TERMINATION_STATUS_KILLED, signal, signal, CRASH_KIND_NONE, reason                           \
	}
#define EXITED(status, code, kind)                                                                           \
	FAULT_END_DEAD,                                                                                      \
	{                                                                                                    \
		status, 0, code, kind, BAD_MESSAGE_NONE                                                      \
	}
#define OOM                                                                                                  \
	FAULT_END_DEAD,                                                                                      \
	{                                                                                                    \
		TERMINATION_STATUS_OOM, SIGABRT, SIGABRT, CRASH_KIND_OUT_OF_MEMORY, BAD_MESSAGE_NONE         \
	}
/* That of the successor. */
#define LAUNCH                                                                                               \
	FAULT_END_DEAD,                                                                                      \
	{                                                                                                    \
		TERMINATION_STATUS_LAUNCH_FAILED, SIGSEGV, SIGSEGV, CRASH_KIND_SIGNAL, BAD_MESSAGE_NONE      \
	}
#define NO_DEATH                                                                                             \
	{                                                                                                    \
		0                                                                                            \
	}
#define UNRESPONSIVE FAULT_END_UNRESPONSIVE, NO_DEATH
#define RECOVERED    FAULT_END_RECOVERED, NO_DEATH
#define ALIVE	     FAULT_END_ALIVE, NO_DEATH

/* clang-format off */
const struct fault_info fault_table[] = {
	/* Memory */
	{ "null dereference", FAULT_NULL_DEREFERENCE, FAULT_GROUP_MEMORY, 0, NULL, EVERYBODY, 0, CRASHED(SIGSEGV, CRASH_KIND_SIGNAL),
	  "Writes to address 0: the kernel finds nothing mapped there and signals the process. "
	  "Watch: its tabs alone go, and the address in the report is 0." },
	{ "wild write", FAULT_WILD_WRITE, FAULT_GROUP_MEMORY, 0, NULL, EVERYBODY, 0, CRASHED(SIGSEGV, CRASH_KIND_SIGNAL),
	  "Writes to an address that it made up; the page fault has no mapping to go to, so the kernel sends SIGSEGV. "
	  "Watch: the address in the report, 0xbadcafe0000." },
	{ "use after free", FAULT_USE_AFTER_FREE, FAULT_GROUP_MEMORY, 0, NULL, EVERYBODY, 0, CRASHED(SIGSEGV, CRASH_KIND_SIGNAL),
	  "Writes to a big block after it was freed and unmapped: the kernel finds no mapping any more. "
	  "Watch: a small block would have stayed mapped, and nobody would have noticed." },
	{ "double free", FAULT_DOUBLE_FREE, FAULT_GROUP_MEMORY, 0, NULL, EVERYBODY, 0, CRASHED(SIGABRT, CRASH_KIND_SIGNAL),
	  "Frees a block twice: the C library notices and aborts, the kernel only delivers the signal. "
	  "Watch: SIGABRT, for the process gave itself up." },
	{ "heap overflow", FAULT_HEAP_OVERFLOW, FAULT_GROUP_MEMORY, 0, NULL, EVERYBODY, 0, CRASHED(SIGABRT, CRASH_KIND_SIGNAL),
	  "Writes past its block, over malloc's own notes: the kernel sees nothing, since the page is the process's own. "
	  "Watch: only free() finds out, later, and aborts." },
	{ "stack overflow", FAULT_STACK_OVERFLOW, FAULT_GROUP_MEMORY, 0, NULL, EVERYBODY, 0, CRASHED(SIGSEGV, CRASH_KIND_STACK_OVERFLOW),
	  "Calls itself until the stack meets its guard page, and the kernel cannot let it grow. "
	  "Watch: the handler runs on a stack of its own, and the crash record says stack overflow." },
	{ "leak", FAULT_LEAK, FAULT_GROUP_MEMORY, 0, NULL, CHILDREN, 0, OOM,
	  "Loses 2 MiB every 4 ms beside its work, until the kernel refuses more (RLIMIT_DATA). "
	  "Watch: it goes on answering while its memory grows in the process list, and then is gone." },
	{ "out of memory", FAULT_OUT_OF_MEMORY, FAULT_GROUP_MEMORY, 0, NULL, CHILDREN, 0, OOM,
	  "Takes memory as fast as it can until its limit (RLIMIT_DATA) refuses more; the kernel answers ENOMEM, no signal. "
	  "Watch: the others have their own limits and notice nothing." },
	{ "huge allocation", FAULT_HUGE_ALLOCATION, FAULT_GROUP_MEMORY, 0, NULL, CHILDREN, 0, OOM,
	  "Asks for 64 TiB at once: the kernel refuses before a single page is touched. "
	  "Watch: the same end as by a slow leak, without the memory having been used." },
	{ "division by zero", FAULT_DIVISION_BY_ZERO, FAULT_GROUP_MEMORY, 0, NULL, EVERYBODY, 0, CRASHED(SIGFPE, CRASH_KIND_SIGNAL),
	  "Divides an integer by zero: the processor raises an exception, which the kernel turns into SIGFPE. "
	  "Watch: the faulting address is that of the instruction." },
	{ "illegal instruction", FAULT_ILLEGAL_INSTRUCTION, FAULT_GROUP_MEMORY, 0, NULL, EVERYBODY, 0, CRASHED(SIGILL, CRASH_KIND_SIGNAL),
	  "Executes an instruction that no processor knows (ud2): an exception, then SIGILL. "
	  "Watch: compilers put it where control must never come." },
	{ "bus error", FAULT_BUS_ERROR, FAULT_GROUP_MEMORY, 0, NULL, EVERYBODY, 0, CRASHED(SIGBUS, CRASH_KIND_SIGNAL),
	  "Switches the processor's alignment check on and writes a word to an odd address: the kernel sends SIGBUS. "
	  "Watch: the memory was mapped and its own; only the address was crooked." },
	{ "breakpoint", FAULT_BREAKPOINT, FAULT_GROUP_MEMORY, 0, NULL, EVERYBODY, 0, CRASHED(SIGTRAP, CRASH_KIND_SIGNAL),
	  "Meets a breakpoint (int3) without a debugger: the kernel sends SIGTRAP, which is fatal to who has none. "
	  "Watch: the same end as a failed check in Chromium." },
	{ "abort", FAULT_ABORT, FAULT_GROUP_MEMORY, 0, NULL, EVERYBODY, 0, CRASHED(SIGABRT, CRASH_KIND_SIGNAL),
	  "Calls abort, as a failed assertion does: the process sends SIGABRT to itself. "
	  "Watch: the status is the true one, since a child is never PID 1." },

	/* Signal */
	{ "SIGSEGV", FAULT_RAISE, FAULT_GROUP_SIGNAL, SIGSEGV, NULL, EVERYBODY, SIGSEGV, CRASHED(SIGSEGV, CRASH_KIND_SIGNAL),
	  "The browser sends SIGSEGV from outside: the handler runs as at a real fault, but no memory was touched. "
	  "Watch: the report has no faulting address of its own." },
	{ "SIGBUS", FAULT_RAISE, FAULT_GROUP_SIGNAL, SIGBUS, NULL, EVERYBODY, SIGBUS, CRASHED(SIGBUS, CRASH_KIND_SIGNAL),
	  "The browser sends SIGBUS from outside, through a pidfd, so that no other process can be hit by mistake. "
	  "Watch: it ends as after a real bus error." },
	{ "SIGILL", FAULT_RAISE, FAULT_GROUP_SIGNAL, SIGILL, NULL, EVERYBODY, SIGILL, CRASHED(SIGILL, CRASH_KIND_SIGNAL),
	  "The browser sends SIGILL from outside; every instruction was fine. "
	  "Watch: the kernel tells the same status as after a real one." },
	{ "SIGFPE", FAULT_RAISE, FAULT_GROUP_SIGNAL, SIGFPE, NULL, EVERYBODY, SIGFPE, CRASHED(SIGFPE, CRASH_KIND_SIGNAL),
	  "The browser sends SIGFPE from outside; nothing was divided. "
	  "Watch: the kernel tells the same status as after a real one." },
	{ "SIGABRT", FAULT_RAISE, FAULT_GROUP_SIGNAL, SIGABRT, NULL, EVERYBODY, SIGABRT, CRASHED(SIGABRT, CRASH_KIND_SIGNAL),
	  "The browser sends SIGABRT from outside, as a watchdog would that wants a report. "
	  "Watch: the handler writes its record, then the process dies of the same signal." },
	{ "SIGTRAP", FAULT_RAISE, FAULT_GROUP_SIGNAL, SIGTRAP, NULL, EVERYBODY, SIGTRAP, CRASHED(SIGTRAP, CRASH_KIND_SIGNAL),
	  "The browser sends SIGTRAP from outside; there is no debugger to catch it. "
	  "Watch: the same status as at a breakpoint." },
	{ "SIGKILL", FAULT_RAISE, FAULT_GROUP_SIGNAL, SIGKILL, NULL, CHILDREN, SIGKILL, KILLED(SIGKILL, BAD_MESSAGE_NONE),
	  "The browser kills it from outside: no handler runs and nothing is said, the kernel alone tells. "
	  "Watch: killed, not crashed, and no crash record." },
	{ "SIGTERM", FAULT_RAISE, FAULT_GROUP_SIGNAL, SIGTERM, NULL, CHILDREN, SIGTERM, KILLED(SIGTERM, BAD_MESSAGE_NONE),
	  "The browser asks it to end, from outside, and no child catches that. "
	  "Watch: killed SIGTERM; as PID 1 of its namespace it would have ignored it." },
	{ "SIGSTOP", FAULT_RAISE, FAULT_GROUP_SIGNAL, SIGSTOP, NULL, CHILDREN, SIGSTOP, UNRESPONSIVE,
	  "The browser stops it from outside: the kernel runs it no more, and keeps all that it has. "
	  "Watch: alive for the kernel, unresponsive for the browser after 5 s; SIGKILL still works." },

	/* Time */
	{ "endless loop", FAULT_HANG, FAULT_GROUP_TIME, 0, NULL, CHILDREN, 0, UNRESPONSIVE,
	  "Computes for ever, so that it never comes back to its loop: the kernel sees a busy process, nothing wrong. "
	  "Watch: it can still be scrolled; after 5 s it is called unresponsive (a GPU process is started again)." },
	{ "short hang", FAULT_SHORT_HANG, FAULT_GROUP_TIME, 20000, "ms", EVERYBODY, 0, RECOVERED,
	  "Computes without looking up for 20 s, or as long as you say; the kernel keeps its messages in the socket. "
	  "Watch: unresponsive after 5 s, then it answers all at once and goes on." },
	{ "slow handler", FAULT_SLOW_HANDLER, FAULT_GROUP_TIME, 200, "ms", CHILDREN, 0, ALIVE,
	  "Sleeps before each message it handles, 200 ms or as long as you say; 0 ends it. "
	  "Watch: everything still works, late; the queues show it." },
	{ "never reads", FAULT_DEAF, FAULT_GROUP_TIME, 0, NULL, CHILDREN, 0, UNRESPONSIVE,
	  "Never reads its channel from the browser again: the kernel keeps the packets until its buffer is full. "
	  "Watch: it works and sends as before, but pings stay unanswered." },

	/* Protocol */
	{ "wrong length", FAULT_WRONG_LENGTH, FAULT_GROUP_PROTOCOL, 0, NULL, CHILDREN, 0, KILLED(SIGKILL, BAD_MESSAGE_TOO_SHORT),
	  "Sends a message whose fields are cut off; the kernel carries it like any other packet. "
	  "Watch: the browser checks before it believes, and kills the sender for too_short." },
	{ "wrong type", FAULT_BAD_MESSAGE, FAULT_GROUP_PROTOCOL, 0, NULL, CHILDREN, 0, KILLED(SIGKILL, BAD_MESSAGE_UNKNOWN_TYPE),
	  "Sends a message of a type that does not exist. "
	  "Watch: the browser ends it for unknown_type, and the log has the refused message." },
	{ "out of range", FAULT_OUT_OF_RANGE, FAULT_GROUP_PROTOCOL, 0, NULL, CHILDREN, 0, KILLED(SIGKILL, BAD_MESSAGE_OUT_OF_RANGE),
	  "Sends a value that its field cannot have. "
	  "Watch: nothing of the message is used; the sender is killed for out_of_range." },
	{ "wrong state", FAULT_WRONG_STATE, FAULT_GROUP_PROTOCOL, 0, NULL, CHILDREN, 0, KILLED(SIGKILL, BAD_MESSAGE_NOT_IN_THIS_STATE),
	  "Says did_start a second time: a sound message at a time when it means nothing. "
	  "Watch: killed for not_in_this_state." },
	{ "unasked reply", FAULT_UNASKED_REPLY, FAULT_GROUP_PROTOCOL, 0, NULL, CHILDREN, 0, KILLED(SIGKILL, BAD_MESSAGE_REPLY_NOT_ASKED),
	  "Sends the reply to a request that the browser never made. "
	  "Watch: the browser counts what it asked, and kills for reply_not_asked." },
	{ "someone else's tab", FAULT_FOREIGN_PAGE, FAULT_GROUP_PROTOCOL, 0, NULL, RENDERER, 0, KILLED(SIGKILL, BAD_MESSAGE_FOREIGN_PAGE),
	  "Speaks for a page that another renderer serves, as a renderer taken over would. "
	  "Watch: the other tab does not change; the liar is killed for foreign_page." },
	{ "flood", FAULT_FLOOD, FAULT_GROUP_PROTOCOL, 200000, "messages", CHILDREN, 0, ALIVE,
	  "Sends 200,000 sound messages, or as many as you say, as fast as the browser takes them; the socket pushes back. "
	  "Watch: the browser handles a bounded number a turn, so that keys and other tabs are as quick as ever." },
	{ "half-closed channel", FAULT_HALF_CLOSE, FAULT_GROUP_PROTOCOL, 0, NULL, CHILDREN, 0, EXITED(TERMINATION_STATUS_ABNORMAL, 0, CRASH_KIND_NONE),
	  "The browser shuts its sending half: the kernel hands the child the end of its input. "
	  "Watch: a child without a browser exits at once, here unasked, which is abnormal." },
	{ "closed channel", FAULT_CLOSE_CHANNEL, FAULT_GROUP_PROTOCOL, 0, NULL, CHILDREN, 0, KILLED(SIGKILL, BAD_MESSAGE_NONE),
	  "Closes its own end of the channel and goes on working: the browser reads the end, but no death. "
	  "Watch: after a second of grace it is killed, since one that cannot be spoken to is lost." },

	/* Sandbox */
	{ "open a file", FAULT_VIOLATION, FAULT_GROUP_SANDBOX, SYS_openat, NULL, CHILDREN, 0, CRASHED(SIGSYS, CRASH_KIND_VIOLATION),
	  "Opens a file: the filter traps the call before any name is looked up. seccomp answers with SIGSYS. "
	  "Its root is empty besides." },
	{ "read a directory", FAULT_VIOLATION, FAULT_GROUP_SANDBOX, SYS_getdents64, NULL, CHILDREN, 0, CRASHED(SIGSYS, CRASH_KIND_VIOLATION),
	  "Lists a directory. seccomp answers with SIGSYS. "
	  "There is none to list: its root is an empty memory file system." },
	{ "look at a file", FAULT_VIOLATION, FAULT_GROUP_SANDBOX, SYS_newfstatat, NULL, CHILDREN, 0, CRASHED(SIGSYS, CRASH_KIND_VIOLATION),
	  "Asks whether a file is there; the answer alone would tell something. seccomp answers with SIGSYS. "
	  "Landlock does not stop this one, seccomp does." },
	{ "make a socket", FAULT_VIOLATION, FAULT_GROUP_SANDBOX, SYS_socket, NULL, CHILDREN, 0, CRASHED(SIGSYS, CRASH_KIND_VIOLATION),
	  "Makes a socket: the first step to any network. seccomp answers with SIGSYS. "
	  "Its network namespace has no way out besides." },
	{ "connect", FAULT_VIOLATION, FAULT_GROUP_SANDBOX, SYS_connect, NULL, CHILDREN, 0, CRASHED(SIGSYS, CRASH_KIND_VIOLATION),
	  "Connects to somewhere. seccomp answers with SIGSYS. "
	  "Landlock and the network namespace stand behind the filter." },
	{ "listen", FAULT_VIOLATION, FAULT_GROUP_SANDBOX, SYS_listen, NULL, CHILDREN, 0, CRASHED(SIGSYS, CRASH_KIND_VIOLATION),
	  "Waits for connections from others. seccomp answers with SIGSYS. "
	  "There is nobody in its network namespace." },
	{ "pass a descriptor", FAULT_VIOLATION, FAULT_GROUP_SANDBOX, SYS_sendmsg, NULL, CHILDREN, 0, CRASHED(SIGSYS, CRASH_KIND_VIOLATION),
	  "Passes an open descriptor on, and a right with it: only the browser does that. seccomp answers with SIGSYS. "
	  "Children send with sendto, which carries none." },
	{ "fork", FAULT_VIOLATION, FAULT_GROUP_SANDBOX, SYS_clone, NULL, CHILDREN, 0, CRASHED(SIGSYS, CRASH_KIND_VIOLATION),
	  "Starts a process of its own. seccomp answers with SIGSYS. "
	  "RLIMIT_NPROC stands behind the filter." },
	{ "exec", FAULT_VIOLATION, FAULT_GROUP_SANDBOX, SYS_execve, NULL, CHILDREN, 0, CRASHED(SIGSYS, CRASH_KIND_VIOLATION),
	  "Becomes another program. seccomp answers with SIGSYS. "
	  "There is no program in its root to become." },
	{ "signal another process", FAULT_VIOLATION, FAULT_GROUP_SANDBOX, SYS_kill, NULL, CHILDREN, 0, CRASHED(SIGSYS, CRASH_KIND_VIOLATION),
	  "Signals another process. seccomp answers with SIGSYS. "
	  "Its pid namespace holds nobody but it and its init." },
	{ "trace another process", FAULT_VIOLATION, FAULT_GROUP_SANDBOX, SYS_ptrace, NULL, CHILDREN, 0, CRASHED(SIGSYS, CRASH_KIND_VIOLATION),
	  "Asks to trace, or to be traced. seccomp answers with SIGSYS. "
	  "Who traces a process owns it." },
	{ "read another's memory", FAULT_VIOLATION, FAULT_GROUP_SANDBOX, SYS_process_vm_readv, NULL, CHILDREN, 0, CRASHED(SIGSYS, CRASH_KIND_VIOLATION),
	  "Reads the memory of another process. seccomp answers with SIGSYS. "
	  "Even its own parent is not to be seen from its pid namespace." },
	{ "make memory executable", FAULT_VIOLATION, FAULT_GROUP_SANDBOX, SYS_mprotect, NULL, CHILDREN, 0, CRASHED(SIGSYS, CRASH_KIND_VIOLATION),
	  "Makes memory executable that it has written: code of its own making. seccomp answers with SIGSYS. "
	  "The filter looks at the protection that is asked for; MDWE stands behind it." },
	{ "leave its namespaces", FAULT_VIOLATION, FAULT_GROUP_SANDBOX, SYS_unshare, NULL, CHILDREN, 0, CRASHED(SIGSYS, CRASH_KIND_VIOLATION),
	  "Makes a namespace of its own, where it would be root. seccomp answers with SIGSYS. "
	  "Much of the kernel is reachable only from there." },
	{ "enter a namespace", FAULT_VIOLATION, FAULT_GROUP_SANDBOX, SYS_setns, NULL, CHILDREN, 0, CRASHED(SIGSYS, CRASH_KIND_VIOLATION),
	  "Enters the namespace of another. seccomp answers with SIGSYS. "
	  "It has no descriptor of one." },
	{ "mount", FAULT_VIOLATION, FAULT_GROUP_SANDBOX, SYS_mount, NULL, CHILDREN, 0, CRASHED(SIGSYS, CRASH_KIND_VIOLATION),
	  "Mounts a file system. seccomp answers with SIGSYS. "
	  "It has no capabilities either." },
	{ "change its root", FAULT_VIOLATION, FAULT_GROUP_SANDBOX, SYS_chroot, NULL, CHILDREN, 0, CRASHED(SIGSYS, CRASH_KIND_VIOLATION),
	  "Changes its root. seccomp answers with SIGSYS. "
	  "An old way out of old jails." },
	{ "become another user", FAULT_VIOLATION, FAULT_GROUP_SANDBOX, SYS_setresuid, NULL, CHILDREN, 0, CRASHED(SIGSYS, CRASH_KIND_VIOLATION),
	  "Becomes another user. seccomp answers with SIGSYS. "
	  "Outside it is nobody, or you, and nobody else can it become." },
	{ "loosen its limits", FAULT_VIOLATION, FAULT_GROUP_SANDBOX, SYS_prctl, NULL, CHILDREN, 0, CRASHED(SIGSYS, CRASH_KIND_VIOLATION),
	  "Changes what the kernel holds against it. seccomp answers with SIGSYS. "
	  "prctl has dozens of doors; all are shut." },
	{ "raise a limit", FAULT_VIOLATION, FAULT_GROUP_SANDBOX, SYS_prlimit64, NULL, CHILDREN, 0, CRASHED(SIGSYS, CRASH_KIND_VIOLATION),
	  "Raises a limit on its own resources. seccomp answers with SIGSYS. "
	  "Soft and hard limits are the same besides." },
	{ "ioctl", FAULT_VIOLATION, FAULT_GROUP_SANDBOX, SYS_ioctl, NULL, CHILDREN, 0, CRASHED(SIGSYS, CRASH_KIND_VIOLATION),
	  "Speaks to a device past read and write: a thousand calls behind one number. seccomp answers with SIGSYS. "
	  "TIOCSTI would type into your terminal." },
	{ "make a memory file", FAULT_VIOLATION, FAULT_GROUP_SANDBOX, SYS_memfd_create, NULL, CHILDREN, 0, CRASHED(SIGSYS, CRASH_KIND_VIOLATION),
	  "Makes a file in memory, which could be executed or passed on. seccomp answers with SIGSYS. "
	  "Shared memory is made by the browser alone." },
	{ "make shared memory", FAULT_VIOLATION, FAULT_GROUP_SANDBOX, SYS_shmget, NULL, CHILDREN, 0, CRASHED(SIGSYS, CRASH_KIND_VIOLATION),
	  "Makes a segment that others could attach. seccomp answers with SIGSYS. "
	  "Its IPC namespace is its own." },
	{ "set up io_uring", FAULT_VIOLATION, FAULT_GROUP_SANDBOX, SYS_io_uring_setup, NULL, CHILDREN, 0, CRASHED(SIGSYS, CRASH_KIND_VIOLATION),
	  "Sets up io_uring, whose operations pass no filter. seccomp answers with SIGSYS. "
	  "Hence no sandbox allows it." },
	{ "load a BPF program", FAULT_VIOLATION, FAULT_GROUP_SANDBOX, SYS_bpf, NULL, CHILDREN, 0, CRASHED(SIGSYS, CRASH_KIND_VIOLATION),
	  "Loads a program into the kernel. seccomp answers with SIGSYS. "
	  "A rich source of holes." },
	{ "count with perf", FAULT_VIOLATION, FAULT_GROUP_SANDBOX, SYS_perf_event_open, NULL, CHILDREN, 0, CRASHED(SIGSYS, CRASH_KIND_VIOLATION),
	  "Opens performance counters. seccomp answers with SIGSYS. "
	  "They can tell what other processes do." },
	{ "use a keyring", FAULT_VIOLATION, FAULT_GROUP_SANDBOX, SYS_keyctl, NULL, CHILDREN, 0, CRASHED(SIGSYS, CRASH_KIND_VIOLATION),
	  "Uses a keyring of the kernel. seccomp answers with SIGSYS. "
	  "Keys outlive the process and are shared by user, not by sandbox." },
	{ "load a module", FAULT_VIOLATION, FAULT_GROUP_SANDBOX, SYS_init_module, NULL, CHILDREN, 0, CRASHED(SIGSYS, CRASH_KIND_VIOLATION),
	  "Loads a module into the kernel. seccomp answers with SIGSYS. "
	  "It has no capability for it either." },
	{ "load a kernel", FAULT_VIOLATION, FAULT_GROUP_SANDBOX, SYS_kexec_load, NULL, CHILDREN, 0, CRASHED(SIGSYS, CRASH_KIND_VIOLATION),
	  "Loads another kernel. seccomp answers with SIGSYS. "
	  "It has no capability for it either." },
	{ "reboot", FAULT_VIOLATION, FAULT_GROUP_SANDBOX, SYS_reboot, NULL, CHILDREN, 0, CRASHED(SIGSYS, CRASH_KIND_VIOLATION),
	  "Reboots the machine, or its namespace. seccomp answers with SIGSYS. "
	  "It has no capability for it either." },
	{ "set the clock", FAULT_VIOLATION, FAULT_GROUP_SANDBOX, SYS_clock_settime, NULL, CHILDREN, 0, CRASHED(SIGSYS, CRASH_KIND_VIOLATION),
	  "Sets the clock of the machine. seccomp answers with SIGSYS. "
	  "It has no capability for it either." },
	{ "handle page faults", FAULT_VIOLATION, FAULT_GROUP_SANDBOX, SYS_userfaultfd, NULL, CHILDREN, 0, CRASHED(SIGSYS, CRASH_KIND_VIOLATION),
	  "Makes itself the handler of page faults, and so can stop the kernel half way. seccomp answers with SIGSYS. "
	  "A favourite of those who write exploits." },

	/* Process */
	{ "exit 0", FAULT_EXIT, FAULT_GROUP_PROCESS, 0, NULL, CHILDREN, 0, EXITED(TERMINATION_STATUS_ABNORMAL, 0, CRASH_KIND_FAULT_EXIT),
	  "Leaves by exit(0) without having been asked to: to the kernel all is well. "
	  "Watch: no signal, and yet a death; the code alone would have hidden it." },
	{ "exit", FAULT_EXIT, FAULT_GROUP_PROCESS, 3, "code", CHILDREN, 0, EXITED(TERMINATION_STATUS_ABNORMAL, 3, CRASH_KIND_FAULT_EXIT),
	  "Leaves by exit(3), or the code that you say; the kernel keeps eight bits of it. "
	  "Watch: abnormal, with that code." },
	{ "crash before ready", FAULT_CRASH_BEFORE_READY, FAULT_GROUP_PROCESS, 0, NULL, CHILDREN, 0, LAUNCH,
	  "It is killed, and its successor crashes before its sandbox is on and it has said did_start. "
	  "Watch: launch failed, a pause, and then one that lives." },
	{ "crash loop", FAULT_CRASH_LOOP, FAULT_GROUP_PROCESS, 0, NULL, CHILDREN, 0, LAUNCH,
	  "It is killed, and so is each successor before it is ready, until the order is taken back. "
	  "Watch: the pauses grow, and then the browser gives up and says so." },
	{ "crash in flight", FAULT_CRASH_IN_FLIGHT, FAULT_GROUP_PROCESS, 0, NULL, CHILDREN, 0, CRASHED(SIGSEGV, CRASH_KIND_SIGNAL),
	  "The order to crash and more messages come in one packet: the kernel delivered them, nobody handled them. "
	  "Watch: the log calls them lost, in the receiver." },

	/* Browser */
	{ "restart", FAULT_RESTART, FAULT_GROUP_BROWSER, 1, NULL, BROWSER, 0, EXITED(TERMINATION_STATUS_NORMAL, 0, CRASH_KIND_NONE),
	  "The browser ends its children, finishes its log, and executes itself again with the addresses of its tabs. "
	  "Watch: the same pid, new children, and a new log." },
	{ "quit", FAULT_RESTART, FAULT_GROUP_BROWSER, 0, NULL, BROWSER, 0, EXITED(TERMINATION_STATUS_NORMAL, 0, CRASH_KIND_NONE),
	  "The browser ends in order: children first, the log last and whole. "
	  "Watch: no child is left, as after its death by a signal none would be." },
};
/* clang-format on */
const unsigned fault_table_count = sizeof fault_table / sizeof *fault_table;

/* Other words for some of them. */
const struct fault_alias fault_aliases[] = {
	{ "kill", "SIGKILL" },
	{ "segv", "SIGSEGV" },
	{ "terminate", "SIGTERM" },
	{ "stop", "SIGSTOP" },
	{ "clean exit", "exit 0" },
	{ "hang", "endless loop" },
	{ "shorthang", "short hang" },
	{ "deaf", "never reads" },
	{ "bad message", "wrong type" },
	{ "foreign page", "someone else's tab" },
	{ "someone elses tab", "someone else's tab" },
	{ "half close", "half-closed channel" },
	{ "close channel", "closed channel" },
	{ "sudden huge allocation", "huge allocation" },
	{ "leak until out of memory", "leak" },
	{ "violation", "trace another process" },
	{ "system call it may not make", "trace another process" },
};
const unsigned fault_alias_count = sizeof fault_aliases / sizeof *fault_aliases;
