/* See page_host.h. */
#include "browser/tab/page_host.h"
#include "browser/browser.h"
#include "browser/process/gpu_host.h"
#include "browser/process/spare.h"
#include "browser/tab/embed.h"
#include "browser/tab/view.h"
#include "common/display_list.h"
#include "common/region.h"
#include <unistd.h>

const char *const process_model_names[PROCESS_MODEL_COUNT] = {
	[PROCESS_MODEL_PER_TAB] = "per-tab",
	[PROCESS_MODEL_PER_SITE] = "per-site",
	[PROCESS_MODEL_ONE] = "one",
};

static void staging_close(struct page_staging *s)
{
	if (s->fd != -1)
		close(s->fd);
	s->fd = -1;
}

/* Nothing binds the tab to its renderer any more. */
static void page_host_let_go(struct tab *tab)
{
	embeds_drop_all(tab);
	staging_close(&tab->staging);
	tab->previous = tab->attached ? tab->attached : tab->previous;
	tab->attached = 0;
	tab->renderer = NULL;
}

/* Is another page served by that renderer? */
static bool page_host_is_shared(const struct tab *tab)
{
	for (const struct tab *t = tab->tabs->first; t; t = t->next)
		if (t != tab && t->renderer == tab->renderer)
			return true;
	return false;
}

/* The tab's renderer has to go. The picture of its page stays with the GPU process until the next one
 * submits. */
static void page_host_replace(struct tab *tab, bool answers)
{
	struct process_host *p = tab->renderer;
	bool shared = page_host_is_shared(tab);

	page_host_let_go(tab);
	if (!shared && answers)
		process_end(p);
	else if (!shared)
		process_kill(p, BAD_MESSAGE_NONE);
}

struct process_host *page_host_pick(struct tab *tab, const char *url)
{
	struct process_host *p = tab->renderer;
	bool answers = p && (p->state == PROCESS_STARTING || p->state == PROCESS_READY) && p->channel;
	bool fits = !tab->attached || tab->renderer_origin == url_origin(url);

	if (p && !(answers && fits))
		page_host_replace(tab, answers);
	if (!tab->renderer)
		tab->renderer = spare_take(tab->tabs->browser->spare);
	tab->renderer_origin = url_origin(url);
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

void page_host_attach(struct tab *tab)
{
	struct browser *b = tab->tabs->browser;
	struct process_host *gpu = gpu_host_up(b->gpu);

	if (tab->attached == tab->renderer->name.serial)
		return;
	tab->attached = tab->renderer->name.serial;
	ipc_send_set_viewport(tab->renderer->channel, tab->id, b->view->columns, b->view->rows);
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
	bool shared;

	if (!p)
		return;
	shared = page_host_is_shared(tab);
	if (shared && process_is_up(p))
		ipc_send_close_page(p->channel, tab->id);
	page_host_lost(tab);
	if (!shared)
		process_end(p);
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

	if (!tab || tab->previous == e.serial)
		return NULL;
	if (tab->attached != e.serial) {
		channel_refuse(sender, BAD_MESSAGE_FOREIGN_PAGE);
		return NULL;
	}
	return tab;
}
