/*
 * A page's part in other processes: the renderer that serves it, its staging region, its place in the GPU
 * process. navigation.c asks for a renderer; browser.c carries the news of processes here.
 */
#pragma once
#include "browser/tab/tab.h"

/* Pages are limited in what the browser makes for them. */
#define PAGE_MAX_EMBEDS	       64
#define PAGE_MAX_SURFACE_CELLS (GRID_MAX_COLUMNS * 64u)

/*
 * The one policy of which process serves a tab: its own renderer while that is up, answers, and was so far
 * given pages of the same origin (the web, files, built-in) as url; else a fresh one. A renderer that a web
 * page took over must not come to hold what web pages may not open. It may not be ready yet. NULL: none can
 * be launched (spare->failed says why).
 */
struct process_host *page_host_pick(struct tab *, const char *url);

/* Bind the tab's page to its renderer, which is up: viewport, channel to the GPU process, staging region. */
void page_host_attach(struct tab *);
/* Take the page away from its renderer and the GPU process; a renderer without pages is ended. */
void page_host_detach(struct tab *);
/* The page is gone with its renderer: what is left of it elsewhere. */
void page_host_lost(struct tab *);

/* Make a staging region with halves of that size and hand it to both sides. */
void page_host_renew_staging(struct tab *, uint32_t half_bytes);

/* A renderer or the GPU process is ready: connect what is to be connected; a new GPU process gets every page
 * again. */
void page_host_renderer_ready(struct tabs *, struct process_host *);
void page_host_gpu_ready(struct tabs *);

/* The tab of that page, if the sender serves it. A message about another's page is bad, one about a page gone
 * is late. */
struct tab *page_host_tab(struct tabs *, struct channel *sender, uint32_t page);
