/* See owner.h. */
#include "common/owner.h"
#include <sys/syscall.h>
#include <unistd.h>

/*
 * The kernel finds the word at the list's entry plus the offset. The C library's own list, which this one
 * takes the place of, is for robust mutexes, and children have none.
 */
static struct robust_list entry;
static struct robust_list_head head = { .list.next = &entry };

bool owner_hold(_Atomic uint32_t *word)
{
	entry.next = &head.list;
	head.futex_offset = (long)((intptr_t)word - (intptr_t)&entry);
	/* The number that the kernel will compare is that in our own pid namespace. */
	atomic_store(word, (uint32_t)syscall(SYS_gettid) | FUTEX_WAITERS);
	if (syscall(SYS_set_robust_list, &head, sizeof head) == 0)
		return true;
	atomic_store(word, 0);
	return false;
}
