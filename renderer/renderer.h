/*
 * The renderer process: a child that turns bytes of HTML into display lists. It finds the page that a message
 * is for; renderer/page.c does the rest. Messages for pages that are no more are ignored.
 */
#pragma once
#include "common/child.h"

struct page;

struct renderer {
	struct child child;
	struct page *pages;
};

/* Fill in what child_init() leaves to the role. */
void renderer_init(struct renderer *);

/* The channel to the GPU process, NULL while there is none. */
struct channel *renderer_gpu(struct renderer *);
