/*
 * The GPU process: turns display lists of renderers and surfaces of plugins into frames for the browser.
 * gpu.c handles what the browser says and draws; submit.c handles renderers; page, surface and frame keep
 * what was handed over; raster.c makes cells.
 */
#pragma once
#include "common/child.h"
#include "gpu/frame.h"
#include "gpu/page.h"
#include "gpu/submit.h"
#include "gpu/surface.h"

struct gpu {
	struct child child; /* first */
	struct frame frame;
	struct pages pages;
	struct surfaces surfaces;
	struct submissions submissions;
	uint32_t shown_page, shown_row; /* as the browser asked */
	bool dirty;			/* what is presented is not what is */
	uint64_t dirty_cause;		/* the message that made it so */
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

/* A page's list has been taken: draw if what changed of it is in view. */
void gpu_touch_list(struct gpu *, const struct page *, uint32_t old_rows);
