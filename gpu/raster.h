/*
 * From display items to cells. Knows one band and one grid at a time; gpu/page.c keeps the bands,
 * gpu/surface.c the plugins' pictures, gpu/gpu.c brings them together.
 */
#pragma once
#include "common/cell.h"
#include <stdbool.h>
#include <stdint.h>

/* A rectangle of cells, which may be a part of a larger one. */
struct grid {
	struct cell *cells;
	unsigned columns, rows;
	unsigned stride; /* cells from one row to the next */
	bool marks_cut;	 /* where text goes on behind the right edge, the last column is an ellipsis */
};

/* A picture that may be composited; cells is NULL while there is none yet. It has passed cell_check_row(). */
struct picture {
	const struct cell *cells;
	unsigned columns, rows;
};

/* The picture of that surface, if the page being drawn may show it; else one without cells. */
typedef struct picture raster_picture_fn(void *arg, uint32_t surface);

/* The grid as it is without any item: blank. */
void raster_clear(const struct grid *);

/*
 * Draw a band whose items (of `bytes` bytes) have passed display_list_check_band(). Its row 0 lies at row
 * `top` of the grid, which may be outside; only its first `rows` rows are drawn, so that a document's end
 * cuts it.
 */
void raster_band(const struct grid *, int64_t top, unsigned rows, const uint8_t *items, uint32_t bytes,
		 raster_picture_fn *picture, void *arg);
