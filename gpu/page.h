/*
 * Pages: for each its staging region and this process's own, full, checked display list, from which it can be
 * drawn and scrolled without its renderer. gpu/gpu.c decides who may submit; gpu/raster.c draws the bands.
 */
#pragma once
#include "common/display_list.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uthash.h>

#define PAGE_FORMER_RENDERERS 4

struct page_band {
	uint8_t *items;
	uint32_t bytes;
};

struct page {
	uint32_t number;
	uint32_t renderer; /* serial of the one that may submit */
	/* Those that could before, newest first; what is still under way from them is late, not a lie. */
	uint32_t former[PAGE_FORMER_RENDERERS];
	const uint8_t *staging; /* two halves; the renderer may write there at any time */
	uint32_t generation, half_bytes;
	bool stale; /* the list is a former renderer's: the next one that is taken replaces all of it */
	struct page_band *bands; /* nbands of them, by number */
	uint32_t nbands, rows;
	unsigned columns;
	size_t bytes;			   /* of all items */
	uint32_t changed_from, changed_to; /* bands of the list last taken: from <= number < to */
	UT_hash_handle hh;
};

/* By number. */
struct pages {
	struct page *table;
};

/* NULL: not attached. */
struct page *page_find(const struct pages *, uint32_t number);

/*
 * Map a page's staging region for that renderer; a page of that number keeps its list. NULL: no such region.
 * fd stays the caller's.
 */
struct page *page_attach(struct pages *, uint32_t number, uint32_t renderer, uint32_t generation,
			 uint32_t half_bytes, int fd);

/* Has that renderer had the page before the one that has it now? */
bool page_was_of(const struct page *, uint32_t renderer);

/* May the page show that surface? Asked for each that a band names. */
typedef bool page_surface_fn(void *arg, const struct page *, uint32_t surface);

/*
 * Take bands from a private copy of `bytes` bytes: check all of them, then put them in the list, which
 * becomes one of rows x columns. Returns BAD_MESSAGE_NONE, or what is wrong; the list is then as it was, or
 * too long.
 */
enum bad_message page_take(struct page *, const uint8_t *copy, uint32_t bytes, uint32_t rows,
			   unsigned columns, page_surface_fn *may_show, void *arg);

/* Forget it and its region. NULL is fine. */
void page_drop(struct pages *, struct page *);
