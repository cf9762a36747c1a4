/*
 * The sequence diagram over the screen, of what passes the traffic's filter: another way to show the same
 * list, with the same mark, which follows and pauses with it. Each frame looks at a window of rows around the
 * mark, however long the list is.
 */
#pragma once
#include "browser/traffic/output/sequence_draw.h"

struct ui;

#define SEQUENCE_WINDOW 400

struct sequence_view {
	struct sequence sequence; /* lanes keep their order for as long as it is open */
	int top;		  /* of the list: the first row that is seen */
	unsigned first_lane;	  /* of those that have rows, at the left */
	unsigned lanes, fit;	  /* with rows in the window, and of them those that have room */
	int seen;		  /* rows that had room */
	/* The window: rows, and where in the list they stand. */
	struct sequence_row rows[SEQUENCE_WINDOW];
	int places[SEQUENCE_WINDOW];
	int count;
};

void sequence_view_begin(struct ui *);
void sequence_view_finish(struct ui *);
