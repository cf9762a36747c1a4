/*
 * A page's part in other processes: the renderer that serves it, its staging region, its place in the GPU
 * process. navigation.c asks for a renderer; browser.c carries the news of processes here.
 */
#pragma once
#include "browser/browser.h"
#include "browser/tab/tab.h"

/* Pages are limited in what the browser makes for them. */
#define PAGE_MAX_EMBEDS	       64
#define PAGE_MAX_SURFACE_CELLS (GRID_MAX_COLUMNS * 64u)

/*
 * The one policy of which process serves a tab: the process model makes a key of its URL, and a renderer is
 * given pages of one key only. So it is the tab's own renderer while that answers and has this key; else that
 * of another tab with this key; else a fresh one. It may not be ready yet. NULL: none can be launched
 * (spare->failed says why).
 */
struct process_host *page_host_pick(struct tab *, const char *url);
/* Does this model keep a spare renderer once there are pages? */
bool page_host_keeps_spare(enum process_model);
/* How many tabs it serves, without that one (may be NULL). */
unsigned page_host_pages(const struct tabs *, const struct process_host *renderer, const struct tab *but);

/* Bind the tab's page to its renderer, which is up: viewport, channel to the GPU process, staging region. */
void page_host_attach(struct tab *);
/* Take the page away from its renderer and the GPU process; a renderer without pages is ended. */
void page_host_detach(struct tab *);
/* The page is gone with its renderer: what is left of it elsewhere. */
void page_host_lost(struct tab *);

/* A renderer died: nothing more comes from it, about pages that it had before either. */
void page_host_renderer_died(struct tabs *, const struct process_host *);

/*
 * Descriptors that may wait for a process that serves so many pages: each brings a few, and all may at once,
 * as when the GPU process is a new one. More would be a process that does not read.
 */
unsigned page_host_fds(unsigned pages);

/* Make a staging region with halves of that size and hand it to both sides. */
void page_host_renew_staging(struct tab *, uint32_t half_bytes);

/* A renderer or the GPU process is ready: connect what is to be connected; a new GPU process gets every page
 * again. */
void page_host_renderer_ready(struct tabs *, struct process_host *);
void page_host_gpu_ready(struct tabs *);

/* The tab of that page, if the sender serves it. A message about another's page is bad, one about a page gone
 * is late. */
struct tab *page_host_tab(struct tabs *, struct channel *sender, uint32_t page);
