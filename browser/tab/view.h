/*
 * The view: the part of the window that shows the active tab's page, or a larger one that shows several pages
 * as tiles. Owns the frame region; the GPU process draws into it, this file copies what came, checks it, and
 * keeps the copy for the screen.
 */
#pragma once
#include "common/cell.h"
#include <stdbool.h>
#include <stdint.h>

struct browser;
struct tab;

#define VIEW_TILES_MAX 256 /* gpu/tiles.h has the same */

/* A page in a rectangle of the view's cells, from that row of its document on. */
struct view_tile {
	uint32_t page;
	uint16_t column, row, columns, rows;
	uint32_t document_row;
};

/* Tiles, and their number, by which the GPU process says which ones it drew. */
struct view_tiles {
	uint32_t generation;
	unsigned count;
	struct view_tile list[VIEW_TILES_MAX];
};

struct view {
	struct browser *browser;
	uint16_t columns, rows;			/* of the page's area, for which pages are laid out */
	uint16_t picture_columns, picture_rows; /* of `cells` */
	struct cell *cells;			/* the last good picture */
	uint32_t page;				/* whose picture `cells` is; 0: none yet */
	uint32_t row;				/* of the document, at its top */
	uint64_t presented_ns, presents;	/* when, and how many ever */
	bool tiled;				/* tiles are wanted instead of the active tab's page */
	bool tiles_sent;			/* to this GPU process */
	struct view_tiles wanted;
	struct view_tiles shown; /* those that `cells` is a picture of, if page is 0 */
	/* The frame region. */
	int fd;
	uint16_t frame_columns, frame_rows; /* as the page's area, or the window of the tiles */
	uint32_t generation;
	uint32_t noted_generation; /* of the picture that the log has last, 0: none like `cells` */
	void *memory;
};

/* Set the size of the page's area, in cells. Tells the GPU process and every renderer. */
void view_resize(struct view *, unsigned columns, unsigned rows);
/* Ask the GPU process for the active tab's picture, from its scroll row on; for the tiles, if they are wanted
 * and not asked for yet. */
void view_show(struct view *);
/*
 * Show these pages instead, side by side, until view_show_page(), in a window of columns x rows (neither 0,
 * at most GRID_MAX_). Each lies within it, none on another; at most VIEW_TILES_MAX. The pages keep the size
 * they are laid out for. Nothing is sent when all is as it was.
 */
void view_show_tiles(struct view *, unsigned columns, unsigned rows, const struct view_tile *,
		     unsigned count);
void view_show_page(struct view *);

/* What the last picture shows of a page: rows of cells, `stride` apart. false: nothing. */
struct view_picture {
	const struct cell *cells;
	unsigned columns, rows, stride;
};
bool view_picture_of(const struct view *, uint32_t page, struct view_picture *);
/* A new GPU process: hand it the frame region and ask again. */
void view_attach(struct view *);
bool view_init(struct view *, struct browser *);
void view_finish(struct view *);
