/*
 * The frame region: two buffers of cells, made by the browser, written here. A buffer that was presented
 * belongs to the browser until it says release_frame; gpu/gpu.c draws into the other one meanwhile, or waits.
 */
#pragma once
#include "gpu/raster.h"
#include <stdbool.h>
#include <stdint.h>

struct frame {
	struct cell *memory; /* NULL: none attached yet */
	uint32_t generation;
	unsigned columns, rows;
	bool held[2]; /* by the browser */
};

/* Map another region in the old one's place. false: no such grid or region. fd stays the caller's. */
bool frame_attach(struct frame *, uint32_t generation, unsigned columns, unsigned rows, int fd);

/* A buffer that may be written now, as a grid; or -1, and *grid is not set. */
int frame_take(const struct frame *, struct grid *);

/* The buffer goes to the browser. */
void frame_present(struct frame *, unsigned buffer);

/* It comes back. Other generations are ignored. */
void frame_release(struct frame *, uint32_t generation, unsigned buffer);
void frame_finish(struct frame *);
