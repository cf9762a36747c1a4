/*
 * HTML in, text out: what layout makes of a piece of HTML, for comparing with what is expected. Attributes
 * are shown by signs around their text: *bold* /italic/ _underline_ !reverse! ~dim~ -strike-; links as
 * [1:text].
 */
#pragma once
#include "renderer/html.h"
#include "renderer/layout.h"

struct sheet {
	struct dom dom;
	struct html *html;
	struct layout layout;
	char *text; /* of the last sheet_text() */
};

void sheet_init(struct sheet *, unsigned columns);
void sheet_finish(struct sheet *);

/* Parse and lay out one more piece. */
void sheet_feed(struct sheet *, const char *html);
void sheet_end(struct sheet *);

/* All rows, each with its line end; marked: with signs for attributes and links. */
const char *sheet_text(struct sheet *, bool marked);

/* The whole in one go; the result is malloc'ed. chunk: bytes fed at a time, 0: all at once. */
char *sheet_render(const char *html, unsigned columns, bool marked, size_t chunk);
