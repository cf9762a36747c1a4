/*
 * Crash records: real processes die of each thing, and both the record they leave and the status that is
 * reaped are the true ones.
 */
#include "common/crash.h"
#include "tests/common/unit.h"
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>

/* What dies here on purpose must not be caught by a sanitizer before. */
#define UNCHECKED __attribute__((noinline, no_sanitize("address", "undefined")))

/* Not even a canary is looked at: what is smashed is the way back, on purpose. */
#define NAKED_STACK __attribute__((no_stack_protector))

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1:detect_leaks=0";
}

static struct recorder_region *region;
static volatile int zero;
static char *volatile nowhere;

UNCHECKED static void null_dereference(void)
{
	*nowhere = 1;
}

UNCHECKED static void bus_error(void)
{
	int fd = memfd_create("short", 0);
	volatile char *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	memory[0] = 1;
}

UNCHECKED static void illegal_instruction(void)
{
	__builtin_trap();
}

UNCHECKED static void division_by_zero(void)
{
#ifdef __x86_64__
	int rest = 0, whole = 1;

	__asm__ volatile("idivl %2" : "+a"(whole), "+d"(rest) : "r"(zero));
#else
	raise(SIGFPE);
#endif
}

static void breakpoint(void)
{
#ifdef __x86_64__
	__asm__ volatile("int3");
#else
	raise(SIGTRAP);
#endif
}

UNCHECKED static int recurse(volatile char *above, unsigned depth)
{
	volatile char frame[2048];

	frame[0] = above ? above[0] : 0;
	return zero ? 0 : recurse(frame, depth + 1) + frame[0];
}

UNCHECKED static int recurse_far(volatile char *above, unsigned depth)
{
	volatile char frame[200000];

	frame[0] = above ? above[0] : 0;
	return zero ? 0 : recurse_far(frame, depth + 1) + frame[0];
}

static void stack_overflow(void)
{
	recurse(NULL, 0);
}

static void stack_overflow_of_large_frames(void)
{
	recurse_far(NULL, 0);
}

static void terminate(void)
{
	raise(SIGTERM);
}

static void segv_from_outside(void)
{
	kill(getpid(), SIGSEGV);
}

static void out_of_memory(void)
{
	crash_malloc(SIZE_MAX / 4);
	zero = 0; /* no tail call: its frame is looked for */
}

static void out_of_memory_zeroed(void)
{
	crash_calloc(SIZE_MAX / 8, 4);
}

static void out_of_memory_grown(void)
{
	crash_realloc(crash_malloc(16), SIZE_MAX / 4);
}

static void bad_message(void)
{
	crash_bad_message(BAD_MESSAGE_FORBIDDEN_URL, 77);
}

static void start_failed(void)
{
	crash_start_failed("a step whose name is far too long for the sixty bytes that a record has for it");
}

static void exit_asked(void)
{
	crash_exit(3);
}

static void first_record_stands(void)
{
	region->crash.reason = 0;
	atomic_store(&region->crash.kind, CRASH_KIND_BAD_MESSAGE);
	raise(SIGSEGV);
}

/* getppid is forbidden by trap; ptrace, which the handler ends with, too. */
static void violation(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ptrace, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { COUNT(code), code };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		_exit(99);
	syscall(SYS_getppid);
}

/* Run `die` in a process of its own; returns the status that is reaped. */
UNCHECKED static int die_of(void (*die)(void))
{
	static const struct rlimit none = { 0, 0 };
	int status;

	memset(region, 0, sizeof *region);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		setrlimit(RLIMIT_CORE, &none);
		if (!crash_init(region))
			_exit(98);
		die();
		_exit(97);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static const struct {
	const char *name;
	void (*die)(void);
	int signal; /* that it must be seen to die of, or 0 */
	int code;   /* exit code, if it died of none */
	enum crash_kind kind;
} deaths[] = {
	{ "null dereference", null_dereference, SIGSEGV, 0, CRASH_KIND_SIGNAL },
	{ "bus error", bus_error, SIGBUS, 0, CRASH_KIND_SIGNAL },
	{ "illegal instruction", illegal_instruction, SIGILL, 0, CRASH_KIND_SIGNAL },
	{ "division by zero", division_by_zero, SIGFPE, 0, CRASH_KIND_SIGNAL },
	{ "breakpoint", breakpoint, SIGTRAP, 0, CRASH_KIND_SIGNAL },
	{ "abort", abort, SIGABRT, 0, CRASH_KIND_SIGNAL },
	{ "stack overflow", stack_overflow, SIGSEGV, 0, CRASH_KIND_STACK_OVERFLOW },
	{ "stack overflow of large frames", stack_overflow_of_large_frames, SIGSEGV, 0,
	  CRASH_KIND_STACK_OVERFLOW },
	{ "violation", violation, SIGSYS, 0, CRASH_KIND_VIOLATION },
	{ "signal from outside", segv_from_outside, SIGSEGV, 0, CRASH_KIND_SIGNAL },
	{ "termination", terminate, SIGTERM, 0, CRASH_KIND_NONE },
	{ "out of memory", out_of_memory, SIGABRT, 0, CRASH_KIND_OUT_OF_MEMORY },
	{ "out of zeroed memory", out_of_memory_zeroed, SIGABRT, 0, CRASH_KIND_OUT_OF_MEMORY },
	{ "out of memory, growing", out_of_memory_grown, SIGABRT, 0, CRASH_KIND_OUT_OF_MEMORY },
	{ "bad message", bad_message, 0, 1, CRASH_KIND_BAD_MESSAGE },
	{ "failed start", start_failed, 0, 1, CRASH_KIND_START_FAILED },
	{ "exit", exit_asked, 0, 3, CRASH_KIND_FAULT_EXIT },
	{ "the first record stands", first_record_stands, SIGSEGV, 0, CRASH_KIND_BAD_MESSAGE },
};

static void each_death_is_told_truly(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(deaths); i++) {
		int status = die_of(deaths[i].die);
		int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
		int code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;

		if (signal != deaths[i].signal || code != deaths[i].code)
			fail_msg("%s: died of signal %d, code %d", deaths[i].name, signal, code);
		if (region->crash.kind != deaths[i].kind)
			fail_msg("%s: recorded as %u, not %u", deaths[i].name, region->crash.kind,
				 deaths[i].kind);
		if (deaths[i].kind == CRASH_KIND_SIGNAL || deaths[i].kind == CRASH_KIND_STACK_OVERFLOW)
			assert_int_equal(region->crash.signal, deaths[i].signal);
		if (deaths[i].kind && i != COUNT(deaths) - 1)
			assert_true(region->crash.time_ns > 0 && region->crash.time_ns <= recorder_now());
	}
}

static void the_record_says_where(void **state)
{
	(void)state;
	die_of(null_dereference);
	assert_int_equal(region->crash.address, 0);
	assert_int_equal(region->crash.code, SEGV_MAPERR);
#ifdef __x86_64__
	uint64_t start = (uint64_t)(uintptr_t)null_dereference;
	assert_true(region->crash.pc >= start && region->crash.pc < start + 256);
#endif
	die_of(segv_from_outside);
	assert_int_equal(region->crash.code, SI_USER);
	assert_int_equal(region->crash.address, 0);
}

static void the_record_says_why(void **state)
{
	(void)state;
	die_of(violation);
	assert_int_equal(region->crash.syscall, SYS_getppid);
	die_of(bad_message);
	assert_int_equal(region->crash.reason, BAD_MESSAGE_FORBIDDEN_URL);
	assert_int_equal(region->crash.message, 77);
	die_of(exit_asked);
	assert_int_equal(region->crash.code, 3);
	die_of(start_failed);
	assert_int_equal(strnlen(region->crash.what, sizeof region->crash.what),
			 sizeof region->crash.what - 1);
	assert_memory_equal(region->crash.what, "a step whose name", 17);
}

#ifdef __x86_64__
/* Backtraces. */

#define ROOM 2048 /* bytes of code that the functions here stay below */

static bool is_in(uint64_t address, void (*function)(void))
{
	uint64_t start = (uint64_t)(uintptr_t)function;

	return address > start && address <= start + ROOM;
}

static bool backtrace_has(void (*function)(void))
{
	for (uint32_t i = 0; i < region->crash.nframes; i++)
		if (is_in(region->crash.frames[i], function))
			return true;
	return false;
}

#ifndef SANITIZED
UNCHECKED static void free_twice(void)
{
	void *volatile memory = malloc(100), *volatile again = memory;

	free(memory);
	free(again); /* NOLINT: it is what is tested */
	zero = 0;
}
#endif

UNCHECKED static void call_nothing(void)
{
	void (*volatile nothing)(void) = NULL;

	/* cppcheck-suppress nullPointer */
	nothing();
	zero = 0;
}

UNCHECKED static void send_oneself(void)
{
	raise(SIGSEGV);
	zero = 0;
}

UNCHECKED static void give_up(void)
{
	abort();
}

/* Spoil the caller's way back, and that of whoever called it. */
__attribute__((always_inline)) static inline void smash(uintptr_t with)
{
	uintptr_t *frame = __builtin_frame_address(0);

	for (unsigned i = 1; i < 200; i++)
		((volatile uintptr_t *)frame)[i] = with;
}

NAKED_STACK UNCHECKED static void smash_and_abort(void)
{
	smash(0x1234567);
	raise(SIGABRT);
	zero = 0;
}

NAKED_STACK UNCHECKED static void smash_and_segv(void)
{
	smash(UINT64_C(0xdeadbeefdeadbeef));
	*nowhere = 1;
	zero = 0;
}

NAKED_STACK UNCHECKED static void smash_and_trap(void)
{
	smash((uintptr_t)&zero);
	__builtin_trap();
}

NAKED_STACK UNCHECKED static void smash_and_exit(void)
{
	smash(8);
	crash_exit(5);
}

NAKED_STACK UNCHECKED static void smash_and_violate(void)
{
	smash(UINT64_C(0x7ffffffff000));
	violation();
	zero = 0;
}

UNCHECKED static void jump_to_nowhere_without_a_stack(void)
{
	__asm__ volatile("mov $8, %rsp\n\tjmp *%rsp");
}

static const struct {
	const char *name;
	void (*die)(void);
	int signal, code;
	enum crash_kind kind;
	bool whole; /* the way back to die_of() is there */
} walks[] = {
	{ "null dereference", null_dereference, SIGSEGV, 0, CRASH_KIND_SIGNAL, true },
	{ "abort", give_up, SIGABRT, 0, CRASH_KIND_SIGNAL, true },
#ifndef SANITIZED /* whose allocator has another end in mind */
	{ "double free", free_twice, SIGABRT, 0, CRASH_KIND_SIGNAL, true },
#endif
	{ "raise", send_oneself, SIGSEGV, 0, CRASH_KIND_SIGNAL, true },
	{ "call of nothing", call_nothing, SIGSEGV, 0, CRASH_KIND_SIGNAL, true },
	{ "violation", violation, SIGSYS, 0, CRASH_KIND_VIOLATION, true },
	{ "out of memory", out_of_memory, SIGABRT, 0, CRASH_KIND_OUT_OF_MEMORY, true },
	{ "exit", exit_asked, 0, 3, CRASH_KIND_FAULT_EXIT, true },
	{ "bad message", bad_message, 0, 1, CRASH_KIND_BAD_MESSAGE, true },
	{ "smashed, abort", smash_and_abort, SIGABRT, 0, CRASH_KIND_SIGNAL, false },
	{ "smashed, segv", smash_and_segv, SIGSEGV, 0, CRASH_KIND_SIGNAL, false },
	{ "smashed, illegal instruction", smash_and_trap, SIGILL, 0, CRASH_KIND_SIGNAL, false },
	{ "smashed, exit", smash_and_exit, 0, 5, CRASH_KIND_FAULT_EXIT, false },
	{ "smashed, violation", smash_and_violate, SIGSYS, 0, CRASH_KIND_VIOLATION, false },
	{ "no stack, no code", jump_to_nowhere_without_a_stack, SIGSEGV, 0, CRASH_KIND_STACK_OVERFLOW,
	  false },
};

/* Whatever the stack looks like, the kernel reports the first signal, and the record tells of it. */
static void the_way_there_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(walks); i++) {
		int status = die_of(walks[i].die);
		int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
		int code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;

		if (signal != walks[i].signal || code != walks[i].code || region->crash.kind != walks[i].kind)
			fail_msg("%s: died of signal %d, code %d, recorded as %u", walks[i].name, signal,
				 code, region->crash.kind);
		if (!region->crash.nframes || region->crash.nframes > CRASH_FRAMES)
			fail_msg("%s: %u frames", walks[i].name, region->crash.nframes);
		if (walks[i].whole && !backtrace_has(walks[i].die))
			fail_msg("%s: it is not in its own backtrace", walks[i].name);
		if (walks[i].whole && !backtrace_has((void (*)(void))die_of))
			fail_msg("%s: the backtrace does not reach its caller", walks[i].name);
	}
}

static void a_long_way_is_cut(void **state)
{
	(void)state;
	die_of(stack_overflow);
	assert_int_equal(region->crash.nframes, CRASH_FRAMES);
	for (uint32_t i = 0; i < CRASH_FRAMES; i++)
		assert_true(is_in(region->crash.frames[i], (void (*)(void))recurse));
}

static void registers_are_told(void **state)
{
	(void)state;
	die_of(null_dereference);
	assert_int_equal(region->crash.nregisters, NGREG);
	assert_int_equal(region->crash.registers[REG_RIP], region->crash.pc);
	assert_int_equal(region->crash.frames[0], region->crash.pc);
	assert_true(region->crash.registers[REG_RSP] != 0);
	die_of(exit_asked);
	assert_int_equal(region->crash.nregisters, 0);
}
#endif

static void modules_are_told(void **state)
{
	uint64_t here = (uint64_t)(uintptr_t)modules_are_told, there = (uint64_t)(uintptr_t)abort;
	const struct crash_module *m = region->modules;
	bool program = false, library = false; /* of the C library */

	(void)state;
	memset(region, 0, sizeof *region);
	crash_note_modules(region);
	for (; m < region->modules + CRASH_MODULES && m->end; m++) {
		program |= !m->name[0] && here >= m->base && here < m->end;
		library |= !strcmp(m->name, "libc.so.6") && there >= m->base && there < m->end;
	}
	assert_true(program);
	/* A sanitizer has an abort() of its own. */
#ifdef SANITIZED
	library = true;
#endif
	assert_true(library);
}

/* Zero bytes are no failure. */
static void no_memory_is_asked_for(void **state)
{
	void *memory[] = { crash_malloc(0), crash_calloc(0, 8), crash_realloc(NULL, 0) };

	(void)state;
	for (size_t i = 0; i < COUNT(memory); i++) {
		assert_non_null(memory[i]);
		free(memory[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_death_is_told_truly), cmocka_unit_test(the_record_says_where),
		cmocka_unit_test(the_record_says_why),
#ifdef __x86_64__
		cmocka_unit_test(the_way_there_is_told),    cmocka_unit_test(a_long_way_is_cut),
		cmocka_unit_test(registers_are_told),
#endif
		cmocka_unit_test(modules_are_told),	    cmocka_unit_test(no_memory_is_asked_for),
	};

	region = mmap(NULL, sizeof *region, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (region == MAP_FAILED)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
