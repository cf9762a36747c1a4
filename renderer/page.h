/*
 * One page: the document it shows, the one that is to replace it, its size, focus, staging region. A renderer
 * may have any number of them; nothing about a page is global. renderer/renderer.c finds pages by their
 * numbers and passes messages on; document.c loads; submit.c sends what is painted.
 */
#pragma once
#include "common/task.h"
#include "renderer/document.h"
#include "renderer/paint.h"
#include "renderer/staging.h"

struct renderer;

struct page {
	struct page *next;
	struct renderer *renderer;
	uint32_t number;
	uint16_t columns, rows;	 /* of its area */
	struct document *shown;	 /* NULL: nothing yet */
	struct document *coming; /* has been committed to, but nothing of it was parsed yet */
	struct staging staging;
	struct task work;
	uint32_t focus; /* see paint.h */
	uint32_t last_embed;
};

struct page *page_create(struct renderer *, uint32_t number);
void page_destroy(struct page *);

void page_navigate(struct page *, const struct ipc_commit_navigation *);
void page_end_body(struct page *, const struct ipc_end_body *);
void page_resize(struct page *, uint16_t columns, uint16_t rows);
void page_click(struct page *, uint32_t row, uint32_t column);
void page_press(struct page *, enum key);

/* The GPU process is a new one: it knows nothing. */
void page_submit_again(struct page *);

/* There is something to do, at the next turn. */
void page_wake(struct page *);

/* That embed of what is shown looks different: paint its box again, or lay out again if its size changed. */
void page_repaint_embed(struct page *, const struct embed *);
void page_relayout(struct page *);

/* The embed of that number in what is shown, or NULL. */
struct embed *page_embed(const struct page *, uint32_t number);
uint32_t page_next_embed(struct page *);

/* submit.c: send the bands that have changed, as far as there is room. */
void page_submit(struct page *);
