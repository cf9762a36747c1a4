/*
 * Writing the browser's own pages: a frame for all of them, and the page that stands for one that did not
 * come. Whatever did not come from the browser's own source goes through html_add(). See text.h.
 */
#pragma once
#include "browser/net/text.h"

/* Head and heading; the title is escaped. Then the page's own HTML, then page_end(). */
void page_begin(struct text *, const char *title);
void page_end(struct text *);

/* The page shown in place of one that failed: what fetch_callbacks.fail was given, and the URL. */
void error_page(struct text *, const char *title, const char *words, const char *url);
