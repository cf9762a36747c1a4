/*
 * A plugin's place in a document: <embed type> or <object type>. The browser picks the process, the plugin
 * says how large it would like to be, the browser grants a surface, and layout keeps the box; while there is
 * none, or the process is gone, the box holds words. renderer/document.c owns these, renderer/page.c passes
 * messages on.
 */
#pragma once
#include "common/child.h"
#include "renderer/dom.h"
#include "renderer/paint.h"

#define EMBEDS_MAX 64 /* of a document; further ones are not shown */

enum embed_state {
	EMBED_NEW,	   /* laid out, nobody asked yet */
	EMBED_ASKED,	   /* request_plugin is on its way */
	EMBED_CREATING,	   /* create_instance is */
	EMBED_SIZED,	   /* request_surface is */
	EMBED_LIVE,	   /* has its surface */
	EMBED_DEAD,	   /* its process died, or could not be had */
	EMBED_UNAVAILABLE, /* nothing serves this type */
};

struct embed {
	struct embed *next;
	const struct node *node;
	uint32_t number; /* in its page, never used again */
	uint32_t link;	 /* of its placeholder */
	enum embed_state state;
	bool unresponsive;
	uint32_t serial, surface;	/* 0: none */
	unsigned columns, rows;		/* of its surface, 0: not known yet */
	unsigned box_columns, box_rows; /* as it was last laid out */
	char type[65], source[97], words[121];
};

/* A new embed for that element; NULL if it is none, since it names no type. */
struct embed *embed_create(const struct node *, uint32_t number);

/* Free it, and tell the plugin and the browser that it is gone. */
void embed_destroy(struct embed *, struct child *, uint32_t page);

/* Each returns whether the box looks different now. */
bool embed_ask(struct embed *, struct child *, uint32_t page);
bool embed_take_plugin(struct embed *, struct child *, uint32_t page, uint32_t serial);
bool embed_take_surface(struct embed *, uint32_t surface);
bool embed_take_state(struct embed *, struct child *, uint32_t page, enum plugin_state, const char *words,
		      size_t length);
bool embed_lose_process(struct embed *, struct child *, uint32_t page, uint32_t serial);

/* The plugin's wish for a size, bounded by what the page has room for. Returns whether the box changes its
 * size. */
bool embed_take_size(struct embed *, struct child *, uint32_t page, uint32_t serial, unsigned columns,
		     unsigned rows, unsigned max_columns, unsigned max_rows);

/* A click on it, or Enter. */
bool embed_activate(struct embed *, struct child *, uint32_t page);

/* What is shown now. While that is words, the box is large enough for them. */
struct paint_box embed_box(const struct embed *);
