/*
 * Paint: rows of fragments become bands of display items, as common/display_list.h lays them down.
 * renderer/page.c decides which bands are painted and when; renderer/embed.c knows what an embed shows.
 */
#pragma once
#include "common/display_list.h"
#include "renderer/layout.h"

#define PAINT_NO_FOCUS	     0u
#define PAINT_DOCUMENT_FOCUS UINT32_MAX /* a mark beside the first row with text */

/* The box of an embed: a surface, or a frame around words. */
struct paint_box {
	uint32_t surface; /* 0: none */
	unsigned columns, rows;
	const char *words, *hint; /* may be empty */
};

struct paint {
	const struct layout *layout;
	uint32_t focus; /* number of a link, or one of the above */
	struct paint_box (*box)(void *arg, uint32_t number);
	void *arg;
};

/* Rows of the document as it is shown: at least one. */
uint32_t paint_rows(const struct layout *);
uint32_t paint_bands(const struct layout *);

/* The row that shows the focus of the document itself. */
uint32_t paint_focus_row(const struct layout *);

/*
 * Write a band (a struct band and its items) to out, which is aligned to 8. Returns its bytes, 0 if they are
 * more than capacity.
 */
size_t paint_band(const struct paint *, uint32_t number, uint8_t *out, size_t capacity);
