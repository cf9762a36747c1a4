/*
 * The canvas: a grid of cells in memory that every room draws on. Nothing here knows the terminal, so that
 * any state of the screen can be drawn and looked at in a test. browser/ui/paint.c sends what changed to the
 * terminal.
 */
#pragma once
#include "common/cell.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A rectangle of cells. */
struct area {
	int row, column, rows, columns;
};

struct style {
	uint32_t foreground, background; /* as in struct cell, or THEME() of theme.h */
	uint8_t attributes;
};

struct canvas {
	int columns, rows;
	struct cell *cells; /* rows x columns */
};

/* Blank, of that size. false: no memory, and then nothing has changed. */
bool canvas_resize(struct canvas *, int columns, int rows);
void canvas_finish(struct canvas *);

static inline bool area_has(struct area a, int row, int column)
{
	return row >= a.row && row < a.row + a.rows && column >= a.column && column < a.column + a.columns;
}

void canvas_clear(struct canvas *, struct area, struct style);

/*
 * Write text, UTF-8 from anywhere, within `columns` columns; what does not fit is cut, with … as its last
 * column. Control characters, escapes and marks of direction are shown as ^[ or <U+202E>. Returns the columns
 * used.
 */
int canvas_text(struct canvas *, int row, int column, int columns, struct style, const char *text);
__attribute__((format(printf, 6, 7))) int canvas_format(struct canvas *, int row, int column, int columns,
							struct style, const char *how, ...);
/* The same, ending at column `end` (which is not written). Returns the columns used. */
int canvas_text_right(struct canvas *, int row, int end, int columns, struct style, const char *text);
/* The same sign of width one, `columns` times. */
void canvas_repeat(struct canvas *, int row, int column, int columns, struct style, const char *sign);
/* Copy cells, as many as there is room for; half a character at the edge becomes a blank. */
void canvas_cells(struct canvas *, int row, int column, const struct cell *cells, int columns);
/* Change how a stretch looks, not what it says. */
void canvas_restyle(struct canvas *, int row, int column, int columns, struct style);

/* A frame of single lines around the area, with a title in its upper edge; blank inside. */
void canvas_box(struct canvas *, struct area, struct style, const char *title);

/* Columns that canvas_text() would use for it all. */
int canvas_width(const char *text);
/*
 * What is shown for the character at text (length > 0): itself and its combining marks, or, for what must not
 * reach a terminal, its name. Sets *taken to its bytes, out to the cells (at most CANVAS_GLYPH); returns
 * their number.
 */
#define CANVAS_GLYPH 10
int canvas_glyph(const char *text, size_t length, struct cell out[CANVAS_GLYPH], size_t *taken);
