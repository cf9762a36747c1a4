/*
 * Shared regions: created, sized and sealed by the browser, mapped by whoever is handed a descriptor.
 * browser/process/regions.c decides who gets one; this file only makes and maps them.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/*
 * Make a region of `bytes` zero bytes, sealed against shrinking, growing and unsealing. Returns a read-write
 * descriptor (CLOEXEC), or -1 with errno.
 */
int region_create(const char *name, size_t bytes);

/* The same memory reopened O_RDONLY, for a reader. Returns a descriptor (CLOEXEC), or -1 with errno. */
int region_reopen_read_only(int fd);

/*
 * Map `bytes` of a region that the browser handed out; that it is as large as the message said is the
 * browser's word, which children believe. NULL with errno when it cannot be mapped. fd stays the caller's.
 */
void *region_map(int fd, size_t bytes, bool writable);
void region_unmap(void *memory, size_t bytes);
