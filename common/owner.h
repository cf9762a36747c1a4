/*
 * A robust futex that a process holds for all its life. When it dies, however that comes about, the kernel
 * marks the word and wakes who waits for it, before the process's memory is freed: the one report of a death
 * that does not take the longer the bigger the dead is. browser/process/death_watch.c waits.
 */
#pragma once
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* What such a word says: somebody holds it, and who waits shall be told; its owner is dead. */
static inline bool owner_is_held(uint32_t word)
{
	return word & FUTEX_WAITERS && word & FUTEX_TID_MASK && !(word & FUTEX_OWNER_DIED);
}

/*
 * Hold this one, in shared memory, from now on; before the sandbox, since set_robust_list is not allowed in
 * it. false: the kernel has none, the word stays 0.
 */
bool owner_hold(_Atomic uint32_t *word);
