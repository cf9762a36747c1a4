/* See page_host.h. */
#include "browser/tab/page_host.h"
#include "browser/browser.h"
#include "browser/process/gpu_host.h"
#include "browser/process/spare.h"
#include "browser/tab/embed.h"
#include "browser/tab/view.h"
#include "common/display_list.h"
#include "common/region.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const process_model_names[PROCESS_MODEL_COUNT] = {
	[PROCESS_MODEL_PER_TAB] = "per-tab",
	[PROCESS_MODEL_PER_SITE] = "per-site",
	[PROCESS_MODEL_ONE] = "one",
};

/* A tab's own, and one more for each kind of origin: what web pages may not open never comes to a renderer
 * that one of them may have taken over. */
static void key_per_tab(const struct tab *tab, const char *url, char key[URL_SITE_MAX])
{
	snprintf(key, URL_SITE_MAX, "tab %u origin %d", tab->id, (int)url_origin(url));
}

/* Sites of different origins have different names. What has no site, such as data:, is shared with nobody. */
static void key_per_site(const struct tab *tab, const char *url, char key[URL_SITE_MAX])
{
	if (!url_site(url, key))
		key_per_tab(tab, url, key);
}

/*
 * All in one, files and built-in pages too: a web page that takes it over reads them. That is what browsers
 * were before processes, and what the other models are held against; so it has no exceptions, and the screen
 * says so in red.
 */
static void key_one(const struct tab *tab, const char *url, char key[URL_SITE_MAX])
{
	(void)tab;
	(void)url;
	snprintf(key, URL_SITE_MAX, "all");
}

/* The process models: pages whose keys are the same share a renderer. All else follows from that. */
static const struct {
	void (*key)(const struct tab *, const char *url, char key[URL_SITE_MAX]);
	bool keeps_spare; /* a renderer waits, for the next key */
} models[PROCESS_MODEL_COUNT] = {
	[PROCESS_MODEL_PER_TAB] = { key_per_tab, true },
	[PROCESS_MODEL_PER_SITE] = { key_per_site, true },
	[PROCESS_MODEL_ONE] = { key_one, false },
};

bool page_host_keeps_spare(enum process_model model)
{
	return models[model].keeps_spare;
}

static void staging_close(struct page_staging *s)
{
	if (s->fd != -1)
		close(s->fd);
	s->fd = -1;
}

/* What that renderer, which lives on, still says of the page is late, and no lie. */
static void page_host_remember(struct tab *tab, uint32_t renderer)
{
	uint32_t *more = realloc(tab->former, (tab->nformer + 1) * sizeof *more);

	if (!more)
		return;
	tab->former = more;
	tab->former[tab->nformer++] = renderer;
}

static bool page_host_was_of(const struct tab *tab, uint32_t renderer)
{
	for (unsigned i = 0; i < tab->nformer; i++)
		if (tab->former[i] == renderer)
			return true;
	return false;
}

static void page_host_forget(struct tab *tab, uint32_t renderer)
{
	for (unsigned i = 0; i < tab->nformer; i++)
		if (tab->former[i] == renderer)
			tab->former[i--] = tab->former[--tab->nformer];
}

/* Nothing binds the tab to its renderer any more. */
static void page_host_let_go(struct tab *tab)
{
	embeds_drop_all(tab);
	staging_close(&tab->staging);
	if (tab->attached && !page_host_was_of(tab, tab->attached))
		page_host_remember(tab, tab->attached);
	tab->attached = 0;
	tab->renderer = NULL;
}

/* Is another page served by that renderer? A tab that is being closed is in the strip no more. */
static bool page_host_is_shared(const struct tab *tab)
{
	return page_host_pages(tab->tabs, tab->renderer, tab) > 0;
}

unsigned page_host_pages(const struct tabs *tabs, const struct process_host *renderer, const struct tab *but)
{
	unsigned n = 0;

	for (const struct tab *t = tabs->first; t; t = t->next)
		n += t->renderer == renderer && t != but;
	return n;
}

/* Can it be given a page? */
static bool page_host_answers(const struct process_host *p)
{
	return p && (p->state == PROCESS_STARTING || p->state == PROCESS_READY) && p->channel;
}

/* The page leaves a renderer that serves others too. */
static void page_host_close_page(struct tab *tab)
{
	if (tab->attached && process_is_up(tab->renderer))
		ipc_send_close_page(tab->renderer->channel, tab->id);
}

/*
 * The tab is to be served by another: a renderer that nobody needs any more is ended, and so is one that
 * hangs when its pages are wanted again, with all that it serves: two of one key would be two where the model
 * says one. The picture of the page stays with the GPU process until the next one submits.
 */
static void page_host_leave(struct tab *tab, bool useless)
{
	struct process_host *p = tab->renderer;
	bool shared = page_host_is_shared(tab), answers = page_host_answers(p);

	if (shared && !useless)
		page_host_close_page(tab);
	page_host_let_go(tab);
	if (shared && !useless)
		return;
	if (answers)
		process_end(p);
	else
		process_kill(p, BAD_MESSAGE_NONE);
}

/* A renderer that serves other tabs and has that key. */
static struct process_host *page_host_find(const struct tab *tab, const char *key)
{
	for (const struct tab *t = tab->tabs->first; t; t = t->next)
		if (t != tab && page_host_answers(t->renderer) && !strcmp(t->renderer_key, key))
			return t->renderer;
	return NULL;
}

struct process_host *page_host_pick(struct tab *tab, const char *url)
{
	struct browser *b = tab->tabs->browser;
	bool answers = page_host_answers(tab->renderer), same;
	struct process_host *p;
	char key[URL_SITE_MAX];

	models[b->options.process_model].key(tab, url, key);
	same = tab->renderer && !strcmp(tab->renderer_key, key);
	if (same && answers)
		return tab->renderer;
	p = page_host_find(tab, key);
	/* One that was given nothing yet can take on any key. */
	if (!p && tab->renderer && answers && !tab->renderer->served && !page_host_is_shared(tab))
		p = tab->renderer;
	if (tab->renderer && p != tab->renderer)
		page_host_leave(tab, same && !answers);
	tab->renderer = p ? p : spare_take(b->spare);
	memcpy(tab->renderer_key, key, sizeof key);
	return tab->renderer;
}

/*
 * The GPU process learns of the region before the renderer, and of its own peers before those send to it:
 * what the browser said first is handled first (common/loop.c).
 */
static void staging_hand_out(struct tab *tab)
{
	struct page_staging *s = &tab->staging;
	struct process_host *gpu = gpu_host_up(tab->tabs->browser->gpu);
	int read_only = region_reopen_read_only(s->fd);

	if (gpu && read_only != -1) {
		ipc_send_attach_staging(gpu->channel, tab->id, tab->renderer->name.serial, s->generation,
					s->half_bytes, read_only);
		channel_flush(gpu->channel);
	}
	if (read_only != -1)
		close(read_only);
	ipc_send_grant_staging(tab->renderer->channel, tab->id, s->generation, s->half_bytes, s->fd);
}

void page_host_renew_staging(struct tab *tab, uint32_t half_bytes)
{
	struct page_staging *s = &tab->staging;

	staging_close(s);
	s->fd = region_create("staging", 2 * (size_t)half_bytes);
	if (s->fd == -1) {
		browser_say(tab->tabs->browser, "no memory for the page's display list");
		return;
	}
	s->generation = ++tab->tabs->last_generation;
	s->half_bytes = half_bytes;
	staging_hand_out(tab);
}

unsigned page_host_fds(unsigned pages)
{
	return CHANNEL_MAX_FDS + 8 * pages;
}

static void page_host_allow(struct process_host *p, unsigned pages)
{
	if (p)
		channel_allow_fds(p->channel, page_host_fds(pages));
}

void page_host_attach(struct tab *tab)
{
	struct browser *b = tab->tabs->browser;
	struct process_host *gpu = gpu_host_up(b->gpu);

	if (tab->attached == tab->renderer->name.serial)
		return;
	tab->attached = tab->renderer->name.serial;
	tab->renderer->served = true;
	ipc_send_set_viewport(tab->renderer->channel, tab->id, b->view->columns, b->view->rows);
	page_host_allow(tab->renderer, page_host_pages(tab->tabs, tab->renderer, NULL));
	page_host_allow(gpu, tab->tabs->count);
	if (gpu)
		process_connect(gpu, tab->renderer);
	page_host_renew_staging(tab, STAGING_MIN_BYTES);
}

void page_host_lost(struct tab *tab)
{
	struct process_host *gpu = gpu_host_up(tab->tabs->browser->gpu);

	page_host_let_go(tab);
	if (gpu)
		ipc_send_drop_page(gpu->channel, tab->id);
}

void page_host_detach(struct tab *tab)
{
	struct process_host *p = tab->renderer;
	bool shared = p && page_host_is_shared(tab);

	if (shared)
		page_host_close_page(tab);
	if (p)
		page_host_lost(tab);
	if (p && !shared)
		process_end(p);
	free(tab->former);
	tab->former = NULL;
	tab->nformer = 0;
}

void page_host_renderer_died(struct tabs *tabs, const struct process_host *renderer)
{
	for (struct tab *tab = tabs->first; tab; tab = tab->next)
		page_host_forget(tab, renderer->name.serial);
}

void page_host_renderer_ready(struct tabs *tabs, struct process_host *renderer)
{
	struct process_host *gpu = gpu_host_up(tabs->browser->gpu);

	if (gpu)
		process_connect(gpu, renderer);
}

void page_host_gpu_ready(struct tabs *tabs)
{
	struct process_host *gpu = gpu_host_up(tabs->browser->gpu);

	page_host_allow(gpu, tabs->count);
	view_attach(tabs->browser->view);
	for (struct process_host *p = tabs->browser->processes->first; p; p = p->next)
		if (p->name.role == ROLE_RENDERER && process_is_up(p) && p->channel)
			process_connect(gpu, p);
	for (struct tab *tab = tabs->first; tab; tab = tab->next) {
		if (!tab->attached || !process_is_up(tab->renderer) || !tab->renderer->channel)
			continue;
		page_host_renew_staging(tab, tab->staging.half_bytes);
		embeds_attach_gpu(tab);
	}
	view_show(tabs->browser->view);
}

struct tab *page_host_tab(struct tabs *tabs, struct channel *sender, uint32_t page)
{
	struct endpoint e = channel_peer(sender);
	struct tab *tab = tab_find(tabs, page);

	if (!tab || (tab->attached != e.serial && page_host_was_of(tab, e.serial)))
		return NULL;
	if (tab->attached != e.serial) {
		channel_refuse(sender, BAD_MESSAGE_FOREIGN_PAGE);
		return NULL;
	}
	return tab;
}
