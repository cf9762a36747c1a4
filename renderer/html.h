/*
 * The HTML parser, behind one small door: bytes of UTF-8 in, a document tree out. html.c is the only file
 * that knows the library (MyHTML). Pieces may be cut anywhere; what has been parsed is in the tree after
 * each.
 */
#pragma once
#include "renderer/dom.h"

struct html;

/* A parser that builds into dom, which it does not own. Never NULL. */
struct html *html_create(struct dom *);

/* Parse a piece; the parser keeps the text (malloc'ed) until html_destroy(). Each piece costs: make them
 * grow. */
void html_feed(struct html *, char *text, size_t length);

/* Nothing follows. */
void html_end(struct html *);

/* Bytes of text fed so far. */
size_t html_fed(const struct html *);

/* Frees the parser and the text, not the tree. NULL is fine. */
void html_destroy(struct html *);
