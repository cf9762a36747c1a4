/*
 * How a child tells what killed it: signal handlers that write the crash record of its flight recorder and
 * then die of the same signal, so that the status the browser reaps is the true one. With the record comes a
 * backtrace: raw addresses, which browser/fault/crash/symbols.c turns into names. See docs/sandbox.md.
 */
#pragma once
#include "common/recorder.h"

/*
 * Install handlers for SEGV, BUS, ILL, FPE, TRAP, ABRT and SYS on an alternate stack. Before the sandbox,
 * since rt_sigaction is not allowed in it. false with errno.
 */
bool crash_init(struct recorder_region *);

/* The process is out of memory: say so and abort. Never returns. */
_Noreturn void crash_out_of_memory(void);

/* Say which bad message (why, and its id), or which step of starting, ends the process; then exit with 1.
 * Never returns. */
_Noreturn void crash_bad_message(enum bad_message reason, uint64_t message);
_Noreturn void crash_start_failed(const char *step);
/* Exit unasked, with that code, as a fault. */
_Noreturn void crash_exit(int code);

/*
 * Write down which files are loaded where, for the case that the browser cannot see it for itself. Again,
 * when something more has been loaded.
 */
void crash_note_modules(struct recorder_region *);

/* malloc and friends for children: never NULL, out of memory ends the process as `oom`. */
void *crash_malloc(size_t bytes);
void *crash_calloc(size_t count, size_t bytes);
void *crash_realloc(void *old, size_t bytes);
