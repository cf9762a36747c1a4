/*
 * Tabs: navigation, session history, what each shows, and which renderer serves it. A tab's page id is its
 * own id, stable for its life and unknown to later tabs. navigation.c fetches and commits; page_host.c deals
 * with the renderer's and GPU process's share of a page; embed.c with its plugins; tab_state.c is the table
 * of states.
 */
#pragma once
#include "browser/net/url.h"
#include "browser/process/host.h"
#include "browser/tab/tab_state.h"
#include <stdbool.h>
#include <stdint.h>

struct browser;
struct fetch;
struct embed;

struct history_entry {
	char *url, *title;
	uint32_t scroll_row;
};

struct page_staging {
	int fd; /* -1: none */
	uint32_t generation, half_bytes;
};

struct tab {
	struct tab *next; /* in the strip, left to right */
	struct tabs *tabs;
	uint32_t id; /* the page id of messages; never used again */
	enum tab_state state;
	struct process_host *renderer;	 /* NULL: none yet, or dead; tabs may share one */
	char renderer_key[URL_SITE_MAX]; /* of the pages that it was given: see page_host_pick() */
	uint32_t attached;		 /* serial of the renderer that has the page; 0: none */
	uint32_t *former;		 /* serials of those alive that had it before */
	unsigned nformer;
	uint32_t navigation; /* number of the latest */
	char *url;	     /* of what is shown, or of what failed to be shown */
	char *pending_url;   /* of what is being fetched; NULL: nothing is */
	char *title;
	uint64_t loaded_bytes;
	int64_t total_bytes; /* -1: unknown */
	bool committing;     /* the renderer was given the navigation and has not said did_commit */
	bool failed;	     /* what is or will be shown is an error page */
	bool has_document;   /* one was committed, and its renderer lives */
	bool loading;	     /* the renderer has not finished it */
	uint32_t scroll_row, document_rows;
	uint32_t nodes;
	struct history_entry *history; /* entries oldest first */
	unsigned history_count, history_at;
	bool history_keeps; /* the pending navigation is a reload or a step in the history */
	unsigned history_target;

	/* The sad tab. */
	struct death death;	 /* still_running: it is dying, and how is not known yet */
	struct death last_death; /* the one before */
	struct endpoint dead_renderer;
	pid_t dead_pid;
	uint64_t lived_ns, died_ns;
	bool died_alike;	/* like the one before */
	unsigned deaths_lately; /* within 10 s of each other */
	uint64_t presented_ns;	/* last picture of it from the GPU process */

	struct fetch *fetch;
	struct navigation_head { /* come, while the renderer is still starting */
		char *url;
		char mime[65], charset[65];
		uint64_t cause; /* id of what made it come */
	} head;
	struct page_staging staging;
	struct embed *embeds;
	struct tab_description {
		uint64_t nonce, hash, text_bytes;
		uint32_t rows;
		char text[2049];
	} description; /* the last that came */
};

struct tabs {
	struct browser *browser;
	struct tab *first;
	struct tab *active;
	unsigned count;
	uint32_t last_id;
	struct closed_tab *closed; /* for reopening: the last 20 */
	/* What the user typed may be a debug URL: then it is dealt with there, and true comes back. */
	bool (*debug_url)(struct browser *, struct tab *, const char *url);
	uint32_t last_generation; /* of staging regions */
	uint32_t last_surface;
	uint64_t last_nonce;
};

/* Open a tab at the end of the strip; url NULL: the start page. activate: show it. */
struct tab *tab_open(struct tabs *, const char *url, bool activate);
void tab_close(struct tab *);
/* Open the tab closed last; NULL: there is none. */
struct tab *tab_reopen(struct tabs *);
void tab_activate(struct tab *);
struct tab *tab_find(struct tabs *, uint32_t id);
/* The n-th in the strip from 0, or NULL. */
struct tab *tab_at(struct tabs *, unsigned n);
unsigned tab_index(const struct tab *);

/* What the user typed: an address, a path, or a debug URL, which breaks something instead. */
void tab_go(struct tab *, const char *typed);
/* What a page asked for, by a link. Refused where policy says so, with a word to the user. */
void tab_follow(struct tab *, const char *url);
void tab_reload(struct tab *);
/* steps: -1 back, 1 forward. false: there is none. */
bool tab_history_step(struct tab *, int steps);
void tab_stop(struct tab *);

/* Scroll so that this row is the first; clamped. Goes to the GPU process: a page that hangs scrolls too. */
void tab_scroll_to(struct tab *, uint32_t row);
void tab_scroll_by(struct tab *, int rows);
/* A click at a cell of the document; a key for the page. Discarded while the page is unresponsive. */
void tab_click(struct tab *, uint32_t row, uint32_t column);
void tab_press_key(struct tab *, enum key key);

/* Is a sad tab shown in place of its page? */
static inline bool tab_is_sad(const struct tab *tab)
{
	return tab->state == TAB_SAD || tab->state == TAB_DYING;
}

/* Is its renderer unresponsive? For how long (ms)? */
bool tab_is_unresponsive(const struct tab *, unsigned *ms);
/* The user's answer to that: wait for another 5 s, or end it (a sad tab follows). */
void tab_wait(struct tab *);
void tab_end_renderer(struct tab *);

/* End all tabs, without a word. */
void tabs_finish(struct tabs *);

/* Ask the renderer for the document's hash and text; `description` has that nonce when the answer came. */
uint64_t tab_describe(struct tab *);

/* Title, or the URL where there is none. */
const char *tab_label(const struct tab *);
