/*
 * The display list: what a page looks like, in document cells, as the renderer writes it into a staging
 * region and the GPU process reads it. renderer/paint.c writes, gpu/ checks with display_list_check_band()
 * and draws.
 *
 * A document is cut into bands of BAND_ROWS rows, numbered from 0. One submit_frame carries, in one half of
 * the staging region, any number of whole bands: a struct band and then its items. A band that comes replaces
 * the one of that number; bands below the document's new end are dropped by the GPU process.
 */
#pragma once
#include "common/protocol.h"
#include <stddef.h>
#include <stdint.h>

#define BAND_ROWS	   64u
#define DOCUMENT_MAX_ROWS  (4u << 20)  /* more is cut off by the renderer, refused by the GPU process */
#define DOCUMENT_MAX_BYTES (64u << 20) /* of one page's whole list in the GPU process */
#define STAGING_MIN_BYTES  (64u << 10) /* of one half */
#define STAGING_MAX_BYTES  (4u << 20)  /* of one half */
#define BAND_MAX_CELLS	   (1u << 20) /* that the items of one band may paint together, a byte of text as one */

struct band {
	uint32_t number;
	uint32_t bytes; /* of the items that follow, a multiple of 8 */
};

enum display_item {
	DISPLAY_TEXT,	 /* text, from row and column on, on one row */
	DISPLAY_FILL,	 /* columns x rows cells of background */
	DISPLAY_LINE,	 /* columns cells of a horizontal line */
	DISPLAY_SURFACE, /* columns x rows cells of the surface `surface`, from its row surface_row on */
	DISPLAY_ITEM_COUNT
};

struct display_item_header {
	uint16_t bytes; /* of the item with this header and its text, a multiple of 8 */
	uint8_t kind;	/* enum display_item */
	uint8_t attributes;
	uint16_t row;	 /* within the band */
	uint16_t column; /* below GRID_MAX_COLUMNS */
	uint16_t columns, rows;
	uint16_t surface_row;
	uint16_t text_bytes; /* UTF-8 that follows this header */
	uint32_t foreground, background;
	uint32_t link; /* number of the link that a click here follows, 0: none */
	uint32_t surface;
};

/*
 * Check a private copy of one band: every item inside, of a known kind, within the band and the grid; text
 * valid UTF-8 without control characters; known attribute bits. Returns BAD_MESSAGE_NONE or
 * _INVALID_DISPLAY_LIST.
 */
enum bad_message display_list_check_band(const struct band *band, const uint8_t *items);
