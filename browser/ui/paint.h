/*
 * From the canvas to the terminal: what changed since the last frame goes to ncurses, in colours that the
 * terminal has. browser/ui/terminal.c carries off what ncurses makes of it.
 */
#pragma once
#include "browser/ui/canvas.h"

struct painter {
	struct canvas shown; /* what ncurses has */
	int colors;	     /* 0, 8, 16 or 256 */
	int max_pairs;
	int *pairs; /* of (foreground + 1, background + 1); 0: none yet */
	int next_pair;
	bool pairs_ran_out;
	bool ascii;
};

/* After newterm(). use_colors: NO_COLOR says otherwise. false: no memory. */
bool painter_init(struct painter *, bool use_colors, bool ascii);
void painter_finish(struct painter *);
/* Nothing of what was shown is there any more. false: no memory. */
bool painter_reset(struct painter *, int columns, int rows);
/* Hand to ncurses what differs. True: there was something. */
bool painter_draw(struct painter *, const struct canvas *);

/* Terminal colour number for a cell's colour, -1 for the terminal's own; colors is 8, 16 or 256. */
int paint_color(uint32_t color, int colors);
/* The ASCII character that stands for a sign or letter of width one. */
char paint_ascii(uint32_t code_point);
