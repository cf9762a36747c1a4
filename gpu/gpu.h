/*
 * The GPU process: turns display lists of renderers and surfaces of plugins into frames for the browser.
 * gpu.c handles what the browser says and draws; tiles.c draws several pages at once; submit.c handles
 * renderers; page, surface and frame keep what was handed over; raster.c makes cells.
 */
#pragma once
#include "common/child.h"
#include "gpu/frame.h"
#include "gpu/page.h"
#include "gpu/submit.h"
#include "gpu/surface.h"
#include "gpu/tiles.h"

struct gpu {
	struct child child; /* first */
	struct frame frame;
	struct pages pages;
	struct surfaces surfaces;
	struct submissions submissions;
	uint32_t shown_page, shown_row; /* as the browser asked; 0 while there are tiles */
	struct tiles tiles;
	uint32_t drawn_page;  /* the one that is being drawn now */
	bool dirty;	      /* what is presented is not what is */
	uint64_t dirty_cause; /* the message that made it so */
	uint64_t rasters;
};

/* Fill in the child's dispatcher and hooks. The rest is zeroed by the caller. */
void gpu_init(struct gpu *);
void gpu_finish(struct gpu *);

/* Draw and present if anything that is shown has changed and a buffer is free. Called once a turn, before
 * waiting. */
void gpu_draw(void *gpu);

/* Something that may be seen has changed, by the present cause: it is drawn before the next wait. */
void gpu_touch(struct gpu *);

/* Rows [row, row + rows) of the page are, or come to be, in view: the first, but no further than its end. */
uint32_t gpu_view_row(const struct page *, uint32_t row, unsigned rows);
/* Is what its last list changed among them? */
bool gpu_sees_change(const struct page *, uint32_t old_rows, uint32_t row, unsigned rows);
/* Draw the page from that row on into a grid that has been cleared. */
void gpu_draw_page(struct gpu *, const struct page *, const struct grid *, uint32_t row);

/* A page's list has been taken: draw if what changed of it is in view. */
void gpu_touch_list(struct gpu *, const struct page *, uint32_t old_rows);
