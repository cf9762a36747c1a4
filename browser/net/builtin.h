/* The built-in pages that need nothing but this folder. Used by fetcher.c; others register theirs with the
 * fetcher. */
#pragma once
#include "browser/net/fetch.h"

struct page;

/* Register start, version, blank and pages. */
void builtin_register(struct fetcher *);

/* The registered page of that name, or NULL. */
struct page *builtin_find(struct fetcher *, const char *name);

/* data/pages/, built into the executable by embed.py; ended by one whose name is NULL. */
struct page_file {
	const char *name;
	const char *bytes;
	size_t length;
};
extern const struct page_file page_files[];
