/* See fault.h. A table: one function a fault. */
#include "common/fault.h"
#include "common/arm.h"
#include "common/channel.h"
#include "common/crash.h"
#include "common/fault_internal.h"
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static void fault_division_by_zero(uint64_t argument, struct channel *c)
{
	volatile int zero = 0, result = 1;

	(void)argument, (void)c;
	/* cppcheck-suppress zerodiv */
	result = result / zero; /* NOLINT: it is the fault */
#ifndef __x86_64__
	raise(SIGFPE); /* other processors answer 0 */
#endif
}

static void fault_illegal_instruction(uint64_t argument, struct channel *c)
{
	(void)argument, (void)c;
#ifdef __x86_64__
	__asm__ volatile("ud2");
#else
	raise(SIGILL);
#endif
}

/* A genuine one: with the alignment check on, a word at an odd address is a bus error. */
static void fault_bus_error(uint64_t argument, struct channel *c)
{
	static char words[16];

	(void)argument, (void)c;
#ifdef __x86_64__
	__asm__ volatile("pushfq\n\torl $0x40000, (%%rsp)\n\tpopfq\n\tmovl $1, 1(%0)"
			 :
			 : "r"(words)
			 : "memory");
#else
	(void)words;
	raise(SIGBUS);
#endif
}

static void fault_breakpoint(uint64_t argument, struct channel *c)
{
	(void)argument, (void)c;
#ifdef __x86_64__
	__asm__ volatile("int3");
#else
	raise(SIGTRAP);
#endif
}

static void fault_abort(uint64_t argument, struct channel *c)
{
	(void)argument, (void)c;
	abort();
}

/* To this thread: the handlers of crash.c are of it. */
static void fault_raise(uint64_t argument, struct channel *c)
{
	(void)c;
	syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), (int)argument);
}

static void fault_hang(uint64_t argument, struct channel *c)
{
	volatile bool forever = true;

	(void)argument, (void)c;
	while (forever)
		;
}

static void fault_short_hang(uint64_t argument, struct channel *c)
{
	uint64_t end = recorder_now() + argument * UINT64_C(1000000);

	(void)c;
	while (recorder_now() < end)
		;
}

static void fault_slow_handler(uint64_t argument, struct channel *c)
{
	(void)c;
	arm_slow((unsigned)argument);
}

static void fault_exit(uint64_t argument, struct channel *c)
{
	(void)c;
	crash_exit((int)argument);
}

/* What is not here, the browser does from outside. */
static void (*const faults[FAULT_COUNT])(uint64_t argument, struct channel *) = {
	[FAULT_NULL_DEREFERENCE] = fault_null_dereference,
	[FAULT_WILD_WRITE] = fault_wild_write,
	[FAULT_USE_AFTER_FREE] = fault_use_after_free,
	[FAULT_DOUBLE_FREE] = fault_double_free,
	[FAULT_HEAP_OVERFLOW] = fault_heap_overflow,
	[FAULT_STACK_OVERFLOW] = fault_stack_overflow,
	[FAULT_LEAK] = fault_leak,
	[FAULT_OUT_OF_MEMORY] = fault_out_of_memory,
	[FAULT_HUGE_ALLOCATION] = fault_huge_allocation,
	[FAULT_DIVISION_BY_ZERO] = fault_division_by_zero,
	[FAULT_ILLEGAL_INSTRUCTION] = fault_illegal_instruction,
	[FAULT_BUS_ERROR] = fault_bus_error,
	[FAULT_BREAKPOINT] = fault_breakpoint,
	[FAULT_ABORT] = fault_abort,
	[FAULT_RAISE] = fault_raise,
	[FAULT_HANG] = fault_hang,
	[FAULT_SHORT_HANG] = fault_short_hang,
	[FAULT_SLOW_HANDLER] = fault_slow_handler,
	[FAULT_DEAF] = fault_deaf,
	[FAULT_WRONG_LENGTH] = fault_wrong_length,
	[FAULT_BAD_MESSAGE] = fault_bad_message,
	[FAULT_OUT_OF_RANGE] = fault_out_of_range,
	[FAULT_WRONG_STATE] = fault_wrong_state,
	[FAULT_UNASKED_REPLY] = fault_unasked_reply,
	[FAULT_FOREIGN_PAGE] = fault_foreign_page,
	[FAULT_FLOOD] = fault_flood,
	[FAULT_CLOSE_CHANNEL] = fault_close_channel,
	[FAULT_VIOLATION] = fault_violation,
	[FAULT_EXIT] = fault_exit,
	/* The browser sent more right behind it, which is never handled. */
	[FAULT_CRASH_IN_FLIGHT] = fault_null_dereference,
};

void fault_obey(enum fault kind, uint64_t argument, struct channel *to_browser)
{
	/* What was sent before must be on its way: the dead send nothing. */
	channel_flush_all();
	if (faults[kind])
		faults[kind](argument, to_browser);
}
