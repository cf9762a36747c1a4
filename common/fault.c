/* See fault.h. A table: one function a fault. */
#include "common/fault.h"
#include "common/channel.h"
#include "common/crash.h"
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>

static void fault_null_dereference(struct channel *c)
{
	volatile int *volatile nowhere = NULL;

	(void)c;
	/* cppcheck-suppress nullPointer */
	*nowhere = 1; /* NOLINT: it is the fault */
}

static void fault_abort(struct channel *c)
{
	(void)c;
	abort();
}

static void fault_illegal_instruction(struct channel *c)
{
	(void)c;
	__builtin_trap();
}

static volatile bool deeper = true;

static int fault_recurse(volatile char *above)
{
	volatile char frame[4096];

	frame[0] = above ? (char)(above[0] + 1) : 0;
	return deeper ? fault_recurse(frame) + frame[0] : 0;
}

static void fault_stack_overflow(struct channel *c)
{
	(void)c;
	fault_recurse(NULL);
}

static void fault_out_of_memory(struct channel *c)
{
	(void)c;
	for (;;)
		memset(crash_malloc(1 << 20), 1, 1 << 20);
}

static void fault_exit(struct channel *c)
{
	(void)c;
	crash_exit(0);
}

static void fault_hang(struct channel *c)
{
	volatile bool forever = true;

	(void)c;
	while (forever)
		;
}

/* The sandbox must end the process here; returning would mean that it is not on. */
static void fault_violation(struct channel *c)
{
	(void)c;
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static void fault_bad_message(struct channel *c)
{
	static const char junk[] = "not a message";

	channel_send_raw(c, UINT16_MAX, junk, sizeof junk);
}

static void (*const faults[FAULT_COUNT])(struct channel *) = {
	[FAULT_NULL_DEREFERENCE] = fault_null_dereference,
	[FAULT_ABORT] = fault_abort,
	[FAULT_ILLEGAL_INSTRUCTION] = fault_illegal_instruction,
	[FAULT_STACK_OVERFLOW] = fault_stack_overflow,
	[FAULT_OUT_OF_MEMORY] = fault_out_of_memory,
	[FAULT_EXIT] = fault_exit,
	[FAULT_HANG] = fault_hang,
	[FAULT_VIOLATION] = fault_violation,
	[FAULT_BAD_MESSAGE] = fault_bad_message,
};

void fault_obey(enum fault kind, uint64_t argument, struct channel *to_browser)
{
	(void)argument;
	/* What was sent before must be on its way: the dead send nothing. */
	channel_flush_all();
	if (faults[kind])
		faults[kind](to_browser);
}
