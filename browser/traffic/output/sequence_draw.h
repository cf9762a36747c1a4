/* Rows of a sequence diagram as cells, in a given width. See sequence.h. */
#pragma once
#include "browser/traffic/output/sequence.h"

#define SEQUENCE_COLUMNS 512 /* no diagram is wider */

/* What a cell is, for whoever colours it. */
enum sequence_look {
	SEQUENCE_BLANK,
	SEQUENCE_LINE,	/* of a lane */
	SEQUENCE_HEAD,	/* the name of a lane */
	SEQUENCE_STEM,	/* an arrow, of the lane that sends */
	SEQUENCE_TEXT,	/* what it says */
	SEQUENCE_CLOCK, /* when */
	SEQUENCE_BAD,	/* lost, refused, dead */
	SEQUENCE_WAIT,	/* held, unresponsive */
	SEQUENCE_GOOD,	/* responsive again */
	SEQUENCE_FAINT, /* of lanes that are not shown */
};

/* Of width one, but for a wide character, which has a cell with code_point 0 behind it. */
struct sequence_cell {
	uint32_t code_point;
	uint8_t look, lane;
};

struct sequence_layout {
	const struct sequence *sequence;
	int columns;
	bool ascii;
	int at[SEQUENCE_LANES]; /* column of each lane, -1: not shown */
	bool ended[SEQUENCE_LANES];
	int spacing, clock; /* columns between lanes; where times end */
	uint64_t start_us;  /* what times count from */
};

/* How many lanes have room side by side. */
unsigned sequence_lanes_fit(int columns);

/* Place these lanes, from left to right: as many as fit. */
void sequence_lay_out(struct sequence_layout *, const struct sequence *, const uint8_t *lanes, unsigned count,
		      int columns, uint64_t start_us, bool ascii);

/* The names of the lanes; cells: as many as the layout has columns. */
void sequence_draw_head(const struct sequence_layout *, struct sequence_cell *cells);

/* Lines that a row takes: 1 or 2. */
unsigned sequence_row_lines(const struct sequence_layout *, const struct sequence_row *);
/* Draw line 0 or 1 of a row. Rows are drawn in order: sequence_pass() each that is drawn or scrolled past. */
void sequence_draw_row(const struct sequence_layout *, const struct sequence_row *, unsigned line,
		       struct sequence_cell *cells);
/* The row lies behind: the lane of a process that ended in it ends. */
void sequence_pass(struct sequence_layout *, const struct sequence_row *);
