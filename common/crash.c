/*
 * See crash.h. Everything a handler does is async-signal-safe: plain stores into the recorder's region,
 * system calls that the sandbox allows, and libgcc's unwinder, which is linked in, takes no lock, allocates
 * nothing and finds its tables by _dl_find_object().
 */
#include "common/crash.h"
#include <dlfcn.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>
#include <unwind.h>

/* Above a page that nobody may touch: a signal's frame, the unwinder, and a fault of its own on top. */
#define ALTERNATE_STACK_BYTES 65536
#define GUARD_BYTES	      4096
/* A fault this close to the stack pointer is the stack's own: with -fstack-clash-protection each page is
 * touched. */
#define STACK_REACH 65536

static struct recorder_region *region;
static const int crash_signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGSYS };

/* While the stack is read, which may be what is broken: where to go on after a fault. */
static sigjmp_buf astray;
static volatile sig_atomic_t walking;

/* The first record stands: what comes after it is a consequence. */
static bool crash_claim(enum crash_kind kind)
{
	if (!region || atomic_load_explicit(&region->crash.kind, memory_order_relaxed))
		return false;
	region->crash.time_ns = recorder_now();
	atomic_store_explicit(&region->crash.kind, kind, memory_order_release);
	return true;
}

static void crash_note_frame(uintptr_t address)
{
	volatile struct crash_record *record = &region->crash;

	if (record->nframes < CRASH_FRAMES) {
		record->frames[record->nframes] = address;
		record->nframes++;
	}
}

/* Frames up to `from`, which was noted already, are the handler's own. */
struct walk {
	uintptr_t from;
	bool begun;
};

static _Unwind_Reason_Code crash_on_frame(struct _Unwind_Context *context, void *arg)
{
	uintptr_t address = _Unwind_GetIP(context);
	struct walk *walk = arg;

	if (!walk->begun)
		walk->begun = address == walk->from;
	else if (address)
		crash_note_frame(address);
	return address && region->crash.nframes < CRASH_FRAMES ? _URC_NO_REASON : _URC_END_OF_STACK;
}

/*
 * Note the frames above that one. The unwinder believes the stack, and a broken one leads it astray: a fault
 * of its own ends the walk (crash_on_signal() jumps back here) and changes nothing else, neither the record
 * nor the signal of which the process dies. What was found until then stands.
 */
static void crash_walk(uintptr_t from)
{
	struct walk walk = { .from = from };
	sigset_t faults;

	sigemptyset(&faults);
	sigaddset(&faults, SIGSEGV);
	sigaddset(&faults, SIGBUS);
	sigprocmask(SIG_UNBLOCK, &faults, NULL);
	walking = 1;
	if (!sigsetjmp(astray, 0))
		_Unwind_Backtrace(crash_on_frame, &walk);
	walking = 0;
}

/* The process ends by its own decision, taken by the caller of the function that was called from there. */
static void crash_decide(enum crash_kind kind, void *from)
{
	if (!crash_claim(kind))
		return;
	crash_note_frame((uintptr_t)from);
	crash_walk((uintptr_t)from);
}

#ifdef __x86_64__
static bool crash_is_code(greg_t address)
{
	struct dl_find_object found;

	return _dl_find_object((void *)address, &found) == 0;
}

/* A call to where no code is: the walk starts as if it had returned at once. */
static void crash_return_at_once(greg_t *registers)
{
	walking = 1;
	if (!sigsetjmp(astray, 0)) {
		registers[REG_RIP] = *(volatile greg_t *)registers[REG_RSP];
		registers[REG_RSP] += (greg_t)sizeof(greg_t);
	}
	walking = 0;
}

static void crash_note_context(ucontext_t *context)
{
	greg_t *registers = context->uc_mcontext.gregs;
	greg_t pc = registers[REG_RIP], sp = registers[REG_RSP];

	static_assert(CRASH_REGISTERS >= NGREG, "there is room for all");
	for (unsigned i = 0; i < NGREG; i++)
		region->crash.registers[i] = (uint64_t)registers[i];
	region->crash.nregisters = NGREG;
	crash_note_frame((uintptr_t)pc);
	if (!crash_is_code(pc)) {
		crash_return_at_once(registers);
		if (crash_is_code(registers[REG_RIP]))
			crash_note_frame((uintptr_t)registers[REG_RIP]);
	}
	if (crash_is_code(registers[REG_RIP]))
		crash_walk((uintptr_t)registers[REG_RIP]);
	registers[REG_RIP] = pc;
	registers[REG_RSP] = sp;
}
#else
static void crash_note_context(ucontext_t *context)
{
	(void)context;
}
#endif

static enum crash_kind crash_kind_of(int signal, const siginfo_t *info, const ucontext_t *context)
{
	if (signal == SIGSYS)
		return CRASH_KIND_VIOLATION;
	if (signal == SIGSEGV && info->si_code > 0) {
#ifdef __x86_64__
		intptr_t distance = (intptr_t)info->si_addr - (intptr_t)context->uc_mcontext.gregs[REG_RSP];
#else
		intptr_t distance = STACK_REACH + 1;
#endif
		if (distance > -STACK_REACH && distance < STACK_REACH)
			return CRASH_KIND_STACK_OVERFLOW;
	}
	return CRASH_KIND_SIGNAL;
}

static void crash_on_signal(int signal, siginfo_t *info, void *context)
{
	struct crash_record *record = region ? &region->crash : NULL;

	if (walking) {
		walking = 0;
		siglongjmp(astray, 1);
	}
	if (record && !atomic_load_explicit(&record->kind, memory_order_relaxed)) {
		record->signal = (uint32_t)signal;
		record->code = info->si_code;
#ifdef __x86_64__
		record->pc = (uint64_t)((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
#endif
		if (signal == SIGSYS)
			record->syscall = (uint32_t)info->si_syscall;
		else if (info->si_code > 0)
			record->address = (uint64_t)(uintptr_t)info->si_addr;
		crash_claim(crash_kind_of(signal, info, context));
		crash_note_context(context);
	}
	/* SIGSYS is blocked here: one more denied call and the kernel itself kills with a genuine SIGSYS. */
	if (signal == SIGSYS)
		syscall(SYS_ptrace, 0, 0, 0, 0);
	/*
	 * The handler is gone (SA_RESETHAND). A fault comes again by itself; a breakpoint does not; a signal
	 * that was sent must be sent again, since abort() would otherwise ask for rt_sigaction and die of a
	 * false SIGSYS.
	 */
	if (info->si_code <= 0 || signal == SIGABRT || signal == SIGTRAP)
		syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), signal);
}

bool crash_init(struct recorder_region *of)
{
	char *memory = mmap(NULL, GUARD_BYTES + ALTERNATE_STACK_BYTES, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	stack_t stack = { .ss_sp = memory + GUARD_BYTES, .ss_size = ALTERNATE_STACK_BYTES };

	region = of;
	if (memory == MAP_FAILED || mprotect(memory, GUARD_BYTES, PROT_NONE) == -1 ||
	    sigaltstack(&stack, NULL) == -1)
		return false;
	for (size_t i = 0; i < sizeof crash_signals / sizeof *crash_signals; i++) {
		struct sigaction action = { .sa_sigaction = crash_on_signal,
					    .sa_flags = SA_SIGINFO | SA_ONSTACK | (int)SA_RESETHAND };

		if (crash_signals[i] != SIGSYS)
			action.sa_flags |= SA_NODEFER;
		else
			action.sa_flags &= ~(int)SA_RESETHAND;
		if (sigaction(crash_signals[i], &action, NULL) == -1)
			return false;
	}
	return true;
}

__attribute__((noinline)) void crash_out_of_memory(void)
{
	crash_decide(CRASH_KIND_OUT_OF_MEMORY, __builtin_return_address(0));
	abort();
}

__attribute__((noinline)) void crash_bad_message(enum bad_message reason, uint64_t message)
{
	if (region) {
		region->crash.reason = reason;
		region->crash.message = message;
	}
	crash_decide(CRASH_KIND_BAD_MESSAGE, __builtin_return_address(0));
	_exit(1);
}

__attribute__((noinline)) void crash_start_failed(const char *step)
{
	if (region)
		strncpy(region->crash.what, step, sizeof region->crash.what - 1);
	crash_decide(CRASH_KIND_START_FAILED, __builtin_return_address(0));
	_exit(1);
}

__attribute__((noinline)) void crash_exit(int code)
{
	if (region)
		region->crash.code = code;
	crash_decide(CRASH_KIND_FAULT_EXIT, __builtin_return_address(0));
	_exit(code);
}

void *crash_malloc(size_t bytes)
{
	void *memory = malloc(bytes ? bytes : 1);

	if (!memory)
		crash_out_of_memory();
	return memory;
}

void *crash_calloc(size_t count, size_t bytes)
{
	void *memory = calloc(count ? count : 1, bytes ? bytes : 1);

	if (!memory)
		crash_out_of_memory();
	return memory;
}

void *crash_realloc(void *old, size_t bytes)
{
	void *memory = realloc(old, bytes ? bytes : 1);

	if (!memory)
		crash_out_of_memory();
	return memory;
}
