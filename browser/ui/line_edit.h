/*
 * One line of text under the user's hands: the address bar, the filter, the command line. Keys as in a shell;
 * moves by whole characters with their combining marks; remembers what was entered.
 */
#pragma once
#include "browser/ui/canvas.h"
#include "browser/ui/stroke.h"

#define LINE_EDIT_BYTES	  4096
#define LINE_EDIT_HISTORY 50

enum line_result { LINE_IGNORED, LINE_CHANGED, LINE_ENTERED, LINE_LEFT };

struct line_edit {
	char text[LINE_EDIT_BYTES + 1];
	size_t length, cursor;		  /* bytes */
	size_t scrolled;		  /* bytes left of what is shown */
	bool all_marked;		  /* the next character replaces everything */
	char *history[LINE_EDIT_HISTORY]; /* newest first */
	unsigned history_count;
	int history_at; /* -1: the line itself */
	char *draft;
};

void line_edit_finish(struct line_edit *);
/* Begin with that text, marked as a whole if it is to be replaced by what is typed. */
void line_edit_set(struct line_edit *, const char *text, bool marked);
/* Put that text where the cursor is; line ends and other control characters are left out. */
void line_edit_insert(struct line_edit *, const char *text, size_t length);
/* A key or a paste. On LINE_ENTERED the text is remembered. */
enum line_result line_edit_stroke(struct line_edit *, const struct stroke *);
/* As if that text had been entered. */
void line_edit_remember(struct line_edit *, const char *text);
/* Draw it; returns the column where the cursor stands. */
int line_edit_draw(struct line_edit *, struct canvas *, int row, int column, int columns, struct style);
/* A click at that column of what was drawn last puts the cursor there. */
void line_edit_click(struct line_edit *, int column);
