/*
 * The first word of a death: hang-up, pidfd and waitid(2) come only after the dead one's memory is freed, the
 * robust futex that each child holds (common/owner.h) before. Threads of its own wait for those words with
 * futex_waitv(2), up to 127 a thread, and tell the loop. Where the kernel has none of it, or a child holds
 * none, nothing is told here, and the reaper alone knows. host.c uses it.
 */
#pragma once
#include <stdint.h>

struct death_watch;
struct process_host;

/* noticed: from the loop; the word of this process has changed, at that time: it is dying, or it lies. It is
 * watched no more. NULL: cannot be done here. */
struct death_watch *death_watch_create(void (*noticed)(struct process_host *, uint64_t at_ns));
/* Ends the threads. NULL is fine. */
void death_watch_destroy(struct death_watch *);

/* Watch the word in p's recorder region, as it is now. Nothing happens when p holds none. */
void death_watch_add(struct death_watch *, struct process_host *);
/* No more: before the region is unmapped. One that is not watched, or no watch, is fine. */
void death_watch_remove(struct death_watch *, struct process_host *);
