/*
 * See crash.h. Everything a handler does is async-signal-safe: plain stores into the recorder's region, and
 * system calls that the sandbox allows.
 */
#include "common/crash.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#define ALTERNATE_STACK_BYTES 16384
/* A fault this close to the stack pointer is the stack's own: with -fstack-clash-protection each page is
 * touched. */
#define STACK_REACH 65536

static struct recorder_region *region;
static const int crash_signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGSYS };

/* The first record stands: what comes after it is a consequence. */
static bool crash_claim(enum crash_kind kind)
{
	if (!region || atomic_load_explicit(&region->crash.kind, memory_order_relaxed))
		return false;
	region->crash.time_ns = recorder_now();
	atomic_store_explicit(&region->crash.kind, kind, memory_order_release);
	return true;
}

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
	void *memory =
		mmap(NULL, ALTERNATE_STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	stack_t stack = { .ss_sp = memory, .ss_size = ALTERNATE_STACK_BYTES };

	region = of;
	if (memory == MAP_FAILED || sigaltstack(&stack, NULL) == -1)
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

void crash_out_of_memory(void)
{
	crash_claim(CRASH_KIND_OUT_OF_MEMORY);
	abort();
}

void crash_bad_message(enum bad_message reason)
{
	if (region)
		region->crash.reason = reason;
	crash_claim(CRASH_KIND_BAD_MESSAGE);
	_exit(1);
}

void crash_start_failed(const char *step)
{
	if (region)
		strncpy(region->crash.what, step, sizeof region->crash.what - 1);
	crash_claim(CRASH_KIND_START_FAILED);
	_exit(1);
}

void crash_exit(int code)
{
	if (region)
		region->crash.code = code;
	crash_claim(CRASH_KIND_FAULT_EXIT);
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
