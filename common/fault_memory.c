/* Memory gone wrong, on purpose: see fault.h. Volatile keeps the compiler from seeing through it. */
#include "common/crash.h"
#include "common/fault_internal.h"
#include "common/task.h"
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#define LEAK_BYTES  (2u << 20)
#define LEAK_MS	    4
#define CHUNK_BYTES 4000 /* too big for malloc's quick lists, which check less */
/* Blocks from here on malloc maps alone, and unmaps when they are freed. */
#define MAPPED_BYTES (1 << 20)

static void *volatile kept;

void fault_null_dereference(uint64_t argument, struct channel *c)
{
	volatile int *volatile nowhere = NULL;

	(void)argument, (void)c;
	/* cppcheck-suppress nullPointer */
	*nowhere = 1; /* NOLINT: it is the fault */
}

/* An address at which nothing is ever mapped, easy to see in a crash report. */
void fault_wild_write(uint64_t argument, struct channel *c)
{
	volatile int *volatile wild = (volatile int *)(uintptr_t)0x0badcafe0000;

	(void)argument, (void)c;
	*wild = 1; /* NOLINT: it is the fault */
}

void fault_use_after_free(uint64_t argument, struct channel *c)
{
	volatile char *volatile memory;
	volatile uintptr_t address;

	(void)argument, (void)c;
	mallopt(M_MMAP_THRESHOLD, MAPPED_BYTES);
	memory = crash_malloc(MAPPED_BYTES);
	address = (uintptr_t)memory;
	memory[0] = 1;
	kept = (void *)memory;
	free(kept);
	*(volatile char *)address = 2; /* NOLINT: it is the fault */
}

void fault_double_free(uint64_t argument, struct channel *c)
{
	volatile uintptr_t address = (uintptr_t)crash_malloc(100);

	(void)argument, (void)c;
	kept = (void *)address;
	free(kept);
	kept = (void *)address;
	free(kept);  /* NOLINT: it is the fault */
	kept = NULL; /* a jump to free() would leave this function out of the backtrace */
}

/* Writes over malloc's own notes behind the block, which it reads when the block is freed. */
void fault_heap_overflow(uint64_t argument, struct channel *c)
{
	char *volatile memory = crash_malloc(CHUNK_BYTES);
	volatile size_t bytes = malloc_usable_size(memory) + 64;

	(void)argument, (void)c;
	for (size_t i = 0; i < bytes; i++)
		((volatile char *)memory)[i] = 0x42;
	kept = memory;
	free(kept);
	kept = NULL;
}

static volatile bool deeper = true;

static int fault_recurse(volatile char *above)
{
	volatile char frame[4096];

	frame[0] = above ? (char)(above[0] + 1) : 0;
	return deeper ? fault_recurse(frame) + frame[0] : 0;
}

void fault_stack_overflow(uint64_t argument, struct channel *c)
{
	(void)argument, (void)c;
	fault_recurse(NULL);
}

static void fault_leak_more(void *task)
{
	memset(crash_malloc(LEAK_BYTES), 1, LEAK_BYTES); /* NOLINT: it is the fault */
	task_schedule(task, LEAK_MS);
}

/* Beside its work, of which it goes on doing all until there is no memory left. */
void fault_leak(uint64_t argument, struct channel *c)
{
	static struct task leaking;

	(void)argument, (void)c;
	if (leaking.event)
		return;
	task_init(&leaking, fault_leak_more, &leaking);
	task_schedule(&leaking, LEAK_MS);
}

void fault_out_of_memory(uint64_t argument, struct channel *c)
{
	(void)argument, (void)c;
	for (;;)
		memset(crash_malloc(1 << 20), 1, 1 << 20); /* NOLINT: it is the fault */
}

void fault_huge_allocation(uint64_t argument, struct channel *c)
{
	volatile size_t bytes = (size_t)1 << 46;

	(void)argument, (void)c;
	kept = crash_malloc(bytes);
}
