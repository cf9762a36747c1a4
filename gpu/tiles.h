/*
 * Tiles: several pages in the window at once, each clipped to its own rectangle. The browser says which and
 * where; gpu/gpu.c draws the pages and presents. Of the two buffers each is brought up to date by itself:
 * only the tiles whose page has changed since that buffer was drawn are drawn again.
 */
#pragma once
#include "gpu/frame.h"
#include "gpu/page.h"
#include <stdbool.h>
#include <stdint.h>

#define TILES_MAX 256

struct gpu;
struct surface;

struct tile {
	uint32_t page, document_row;
	unsigned column, row, columns, rows; /* in cells of the window */
	uint8_t stale;			     /* buffers, as bits, that do not show it as it is */
	uint64_t raster;		     /* number of the last raster that drew it */
};

struct tiles {
	bool on;	     /* instead of one page */
	uint32_t generation; /* as the browser numbered this arrangement */
	uint8_t stale;	     /* buffers, as bits, in which the window has not been cleared for it */
	unsigned count;
	struct tile list[TILES_MAX];
};

/* One page is shown again, or none. */
void tiles_end(struct tiles *);

/* Bring that buffer up to date. */
void tiles_draw(struct gpu *, const struct grid *, unsigned buffer);

/* Something of the page has changed: draw its tile again. */
void tiles_touch_page(struct gpu *, uint32_t page);
/* A new list of the page has been taken: draw its tile if what changed is in view. */
void tiles_touch_list(struct gpu *, const struct page *, uint32_t old_rows);
/* A plugin's picture has changed: draw the tile if it was seen there. */
void tiles_touch_surface(struct gpu *, const struct surface *);
