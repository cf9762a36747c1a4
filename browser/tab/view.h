/*
 * The view: the part of the window that shows the active tab's page. Owns the frame region; the GPU process
 * draws into it, this file copies what came, checks it, and keeps the copy for the screen.
 */
#pragma once
#include "common/cell.h"
#include <stdbool.h>
#include <stdint.h>

struct browser;
struct tab;

struct view {
	struct browser *browser;
	uint16_t columns, rows;
	struct cell *cells;		 /* rows x columns, the last good picture */
	uint32_t page;			 /* whose picture `cells` is; 0: none yet */
	uint32_t row;			 /* of the document, at its top */
	uint64_t presented_ns, presents; /* when, and how many ever */
	/* The frame region. */
	int fd;
	uint32_t generation;
	void *memory;
};

/* Set the size of the page's area, in cells. Tells the GPU process and every renderer. */
void view_resize(struct view *, unsigned columns, unsigned rows);
/* Ask the GPU process for the active tab's picture, from its scroll row on. */
void view_show(struct view *);
/* A new GPU process: hand it the frame region and ask again. */
void view_attach(struct view *);
bool view_init(struct view *, struct browser *);
void view_finish(struct view *);
