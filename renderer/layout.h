/*
 * Layout: the document tree becomes rows of fragments, in document cells. It goes through the tree in one
 * pass that can stop and go on anywhere, so that a long page is laid out in slices, and it keeps a
 * checkpoint, so that when the tree has grown only its end is laid out again. layout.c walks blocks;
 * line.c breaks text into lines; rows.c keeps the result, which paint.c draws; style.c says how elements
 * look.
 */
#pragma once
#include "common/cell.h"
#include "renderer/dom.h"

#define LAYOUT_NARROW_COLUMNS  40 /* below it no margins, half the indents */
#define LAYOUT_MIN_COLUMNS     4
#define LAYOUT_MAX_BARS	       6	   /* quotes within quotes that are shown as such */
#define LAYOUT_READING_COLUMNS 100	   /* longer lines are hard to read */
#define LAYOUT_MAX_BYTES       (48u << 20) /* of display items; the GPU process takes 64 MiB */
#define LAYOUT_NOWHERE	       UINT32_MAX  /* a row that is none */
#define LAYOUT_LINK_COLOR      RGB(0x4f9fdf)

enum fragment_kind { FRAGMENT_TEXT, FRAGMENT_LINE, FRAGMENT_EMBED };

/* Cells of one row that look the same. */
struct fragment {
	uint32_t text;	/* where its text begins in layout.text; of an embed its number */
	uint16_t bytes; /* of its text; of an embed the row within it */
	uint16_t column, columns;
	uint8_t kind, attributes;
	uint32_t foreground;
	uint32_t link; /* 0: none */
};

/* A link, or an embed whose placeholder can be clicked. Numbered from 1 in the order of the document. */
struct link {
	const struct node *node;
	uint32_t first_row, last_row; /* LAYOUT_NOWHERE: nothing of it is shown */
};

/* An element that a URL's fragment can name. */
struct anchor {
	const struct node *node;
	uint32_t row;
};

/* Who knows how large the box of an embed is; called for each embed that is shown. false: it is no embed. */
struct layout_embeds {
	bool (*measure)(void *arg, const struct node *node, uint32_t link, uint32_t *number,
			unsigned *columns, unsigned *rows);
	void *arg;
};

/* A character with what combines with it. */
struct cluster {
	char text[4 * CELL_CODE_POINTS];
	uint8_t bytes, width, points, attributes;
	uint32_t foreground, link;
};

/* The line that is being filled. */
struct line {
	struct cluster clusters[GRID_MAX_COLUMNS];
	unsigned count, columns;
	unsigned break_at; /* the line may end before that cluster; 0: nowhere */
	bool space;	   /* a space stands before the next word */
	bool after_hyphen;
	struct cluster space_style;
};

/* What an open element passes on to its content. */
struct frame {
	struct node *node;
	uint32_t foreground, link;
	uint32_t number; /* of a list's next item */
	uint16_t flags;	 /* of enum style_flag */
	uint16_t left, right;
	uint8_t attributes, margin;
	uint8_t lists; /* how many it is in */
	uint8_t quotes;
	uint16_t bars[LAYOUT_MAX_BARS]; /* columns of the quotes' bars */
};

/* Where layout is. Copied as a whole to make a checkpoint. */
struct walk {
	struct node *node; /* to be entered, or left; NULL: all is done */
	uint32_t offset;   /* into the text of the node */
	bool leaving, cut, done;
	uint32_t step;					       /* counts what was done */
	uint32_t depth;					       /* of frames */
	uint32_t blank;					       /* rows wanted before the next one */
	uint32_t nrows, nfragments, nlinks, nanchors, nplaced; /* anchors with a row */
	size_t ntext, bytes;
	char marker[16]; /* of a list item, before its first line; empty: none */
	uint8_t bars;	 /* of quotes, on the last row */
};

struct layout {
	struct dom *dom;
	struct layout_embeds embeds;
	unsigned columns; /* of the page's area */
	struct walk at, checkpoint;
	struct frame *frames, *checkpoint_frames;
	uint32_t frames_size, checkpoint_size;
	struct line line, checkpoint_line;

	uint32_t *rows; /* the first fragment of each; row n ends where row n+1 begins */
	struct fragment *fragments;
	char *text;
	struct link *links;
	struct anchor *anchors;
	size_t rows_size, fragments_size, text_size, links_size, anchors_size;
	uint32_t changed; /* rows from here on have changed since somebody set this */
};

void layout_init(struct layout *, struct dom *, unsigned columns, const struct layout_embeds *);
void layout_finish(struct layout *);

/* Begin anew, for that width. */
void layout_restart(struct layout *, unsigned columns);

/* The tree has grown: go back to where it is still as it was. */
void layout_resume(struct layout *);

/* Lay out until the end of the tree (true) or until CLOCK_MONOTONIC is deadline_ns (false). */
bool layout_run(struct layout *, uint64_t deadline_ns);

/* The fragments of a row, and how many. */
const struct fragment *layout_row(const struct layout *, uint32_t row, uint32_t *count);

/* The number of the link at that cell, 0: none. */
uint32_t layout_link_at(const struct layout *, uint32_t row, uint32_t column);

/* The row of the element that has that id, or is an <a> of that name; LAYOUT_NOWHERE if there is none. */
uint32_t layout_find(const struct layout *, const char *id, size_t length);

/* Between layout.c, line.c and rows.c. */
struct frame *layout_frame(struct layout *);
unsigned layout_width(struct layout *);
void layout_add_fragment(struct layout *, struct fragment);
void layout_begin_row(struct layout *);
void layout_add_sign(struct layout *, const char *sign, unsigned column, unsigned columns,
		     uint8_t attributes);
uint32_t layout_add_text(struct layout *, const char *text, size_t length);

/* Make room for one more element of that size. */
void *layout_grow(void *array, size_t used, size_t *size, size_t element);

void line_add_text(struct layout *, const char *text, size_t length);
void line_add_gap(struct layout *);
/* Allow a break here. */
void line_allow_break(struct layout *);
/* End the line, if there is something on it. */
void line_end(struct layout *);
/* End the line, be it empty. */
void line_break(struct layout *);
