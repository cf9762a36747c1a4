/*
 * A cell of the screen, as it lies in frame regions (gpu -> browser) and in surfaces (plugin -> gpu).
 * Whoever reads cells that another process wrote copies them and calls cell_check() on the copy.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* Colours: 0 is the terminal's own; otherwise COLOR_RGB and 0xRRGGBB. */
#define COLOR_DEFAULT 0u
#define COLOR_RGB     0x01000000u
#define RGB(hex)      (COLOR_RGB | (hex))

enum {
	ATTRIBUTE_BOLD = 1,
	ATTRIBUTE_ITALIC = 2,
	ATTRIBUTE_UNDERLINE = 4,
	ATTRIBUTE_REVERSE = 8,
	ATTRIBUTE_DIM = 16,
	ATTRIBUTE_STRIKE = 32,
	ATTRIBUTE_ALL = 63,
};

#define CELL_CODE_POINTS 3

/*
 * text[0] is the base character, the rest combining marks (0: none). The right half of a wide character has
 * width 0 and text[0] 0; an empty cell has width 1 and a space.
 */
struct cell {
	uint32_t text[CELL_CODE_POINTS];
	uint32_t foreground, background;
	uint32_t link; /* number of the link on the page, 0: none */
	uint8_t attributes;
	uint8_t width;	   /* 0, 1 or 2 columns */
	uint16_t reserved; /* 0 */
};

/* Largest grid that anyone may ask for. */
#define GRID_MAX_COLUMNS 512
#define GRID_MAX_ROWS	 256

#define CELL_BLANK ((struct cell){ .text = { ' ' }, .width = 1 })

/* Is this row of cells one that may be shown: printable code points, true widths, known bits, no half a
 * character? */
bool cell_check_row(const struct cell *cells, unsigned columns);

/* Bytes of one buffer of a frame region, and of one half of a surface. */
static inline uint32_t grid_bytes(unsigned columns, unsigned rows)
{
	return (uint32_t)(columns * rows * sizeof(struct cell));
}
