/* See tab.h: the strip, and what a tab is told to do. */
#include "browser/tab/tab.h"
#include "browser/browser.h"
#include "browser/net/fetch.h"
#include "browser/process/gpu_host.h"
#include "browser/tab/navigation.h"
#include "browser/tab/page_host.h"
#include "browser/tab/session_history.h"
#include "browser/tab/view.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define START_PAGE	  "bulkhead://start"
#define CLOSED_REMEMBERED 20

struct closed_tab {
	struct closed_tab *next;
	char *url;
};

struct tab *tab_open(struct tabs *tabs, const char *url, bool activate)
{
	struct tab *tab = calloc(1, sizeof *tab), **end = &tabs->first;

	if (!tab)
		return NULL;
	tab->tabs = tabs;
	tab->id = ++tabs->last_id;
	tab->total_bytes = -1;
	tab->staging.fd = -1;
	tab->url = strdup("");
	while (*end)
		end = &(*end)->next;
	*end = tab;
	tabs->count++;
	if (activate || !tabs->active)
		tab_activate(tab);
	tab_go(tab, url ? url : START_PAGE);
	return tab;
}

static void closed_remember(struct tabs *tabs, const char *url)
{
	struct closed_tab *c = calloc(1, sizeof *c), **at = &tabs->closed;
	unsigned n = 0;

	if (!c)
		return;
	c->url = strdup(url);
	c->next = tabs->closed;
	tabs->closed = c;
	while (*at && n++ < CLOSED_REMEMBERED)
		at = &(*at)->next;
	while (*at) {
		struct closed_tab *old = *at;

		*at = old->next;
		free(old->url);
		free(old);
	}
}

static void tab_free(struct tab *tab)
{
	fetch_stop(tab->fetch);
	page_host_detach(tab);
	session_history_finish(tab);
	free(tab->head.url);
	free(tab->pending_url);
	free(tab->url);
	free(tab->title);
	free(tab);
}

void tab_close(struct tab *tab)
{
	struct tabs *tabs = tab->tabs;
	struct tab **at = &tabs->first, *neighbour = tab->next, *before = NULL;

	while (*at != tab) {
		before = *at;
		at = &(*at)->next;
	}
	*at = tab->next;
	tabs->count--;
	closed_remember(tabs, tab->pending_url ? tab->pending_url : tab->url);
	if (tabs->active == tab) {
		tabs->active = NULL;
		if (neighbour || before)
			tab_activate(neighbour ? neighbour : before);
	}
	tab_free(tab);
	browser_tell(tabs->browser, CHANGED_TABS | CHANGED_FRAME);
}

struct tab *tab_reopen(struct tabs *tabs)
{
	struct closed_tab *c = tabs->closed;
	struct tab *tab;

	if (!c)
		return NULL;
	tabs->closed = c->next;
	tab = tab_open(tabs, c->url, true);
	free(c->url);
	free(c);
	return tab;
}

void tab_activate(struct tab *tab)
{
	tab->tabs->active = tab;
	view_show(tab->tabs->browser->view);
	browser_tell(tab->tabs->browser, CHANGED_TABS | CHANGED_FRAME);
}

struct tab *tab_find(struct tabs *tabs, uint32_t id)
{
	for (struct tab *t = tabs->first; t; t = t->next)
		if (t->id == id)
			return t;
	return NULL;
}

struct tab *tab_at(struct tabs *tabs, unsigned n)
{
	struct tab *t = tabs->first;

	while (t && n--)
		t = t->next;
	return t;
}

unsigned tab_index(const struct tab *tab)
{
	unsigned n = 0;

	for (const struct tab *t = tab->tabs->first; t && t != tab; t = t->next)
		n++;
	return n;
}

void tab_go(struct tab *tab, const char *typed)
{
	struct tabs *tabs = tab->tabs;
	struct url url;
	const char *why = NULL;

	if (url_from_user(&url, typed, &why)) {
		if (tabs->debug_url && tabs->debug_url(tabs->browser, tab, url.text)) {
			/* A tab opened for it alone shows the start page, so that there is a process to
			 * break. */
			if (tab->state == TAB_BLANK)
				navigation_begin(tab, START_PAGE, NAVIGATION_NEW, 0);
			return;
		}
		navigation_begin(tab, url.text, NAVIGATION_NEW, 0);
	} else {
		navigation_begin(tab, typed, NAVIGATION_NEW, 0); /* its error page says what is wrong */
	}
}

void tab_follow(struct tab *tab, const char *url)
{
	const char *why = "";

	if (url_may_open(tab->url, url, URL_BY_PAGE, &why))
		navigation_begin(tab, url, NAVIGATION_NEW, 0);
	else
		browser_say(tab->tabs->browser, "refused: a page may not open %.100s (%s)", url, why);
}

/* After a debug URL or a death it is the page that was there. */
void tab_reload(struct tab *tab)
{
	const char *url = tab->pending_url ? tab->pending_url : tab->url;

	navigation_begin(tab, url[0] ? url : START_PAGE, NAVIGATION_RELOAD, 0);
}

bool tab_history_step(struct tab *tab, int steps)
{
	long target = (long)tab->history_at + steps;

	if (target < 0 || target >= (long)tab->history_count)
		return false;
	session_history_keep(tab);
	navigation_begin(tab, tab->history[target].url, NAVIGATION_HISTORY, (unsigned)target);
	return true;
}

void tab_stop(struct tab *tab)
{
	navigation_stop(tab);
}

void tab_scroll_to(struct tab *tab, uint32_t row)
{
	uint32_t rows = tab->tabs->browser->view->rows;
	uint32_t last = tab->document_rows > rows ? tab->document_rows - rows : 0;

	row = row < last ? row : last;
	if (row == tab->scroll_row)
		return;
	tab->scroll_row = row;
	if (tab == tab->tabs->active)
		view_show(tab->tabs->browser->view);
}

void tab_scroll_by(struct tab *tab, int rows)
{
	uint32_t view_rows = tab->tabs->browser->view->rows;
	uint32_t last = tab->document_rows > view_rows ? tab->document_rows - view_rows : 0;
	int64_t from = tab->scroll_row < last ? tab->scroll_row : last;

	from += rows;
	tab_scroll_to(tab, from < 0 ? 0 : (uint32_t)from);
}

/* Input to a page that does not answer is discarded, not queued. */
static bool tab_takes_input(const struct tab *tab)
{
	return tab->attached && tab->renderer && tab->renderer->state == PROCESS_READY &&
	       tab->renderer->channel && !channel_clogged(tab->renderer->channel);
}

void tab_click(struct tab *tab, uint32_t row, uint32_t column)
{
	if (tab_takes_input(tab))
		ipc_send_click(tab->renderer->channel, tab->id, row, column);
}

void tab_press_key(struct tab *tab, enum key key)
{
	if (tab_takes_input(tab))
		ipc_send_press_key(tab->renderer->channel, tab->id, key);
}

bool tab_is_unresponsive(const struct tab *tab, unsigned *ms)
{
	const struct process_host *p = tab->renderer;

	if (!p || p->state != PROCESS_UNRESPONSIVE)
		return false;
	if (ms)
		*ms = process_silent_ms(p);
	return true;
}

void tab_wait(struct tab *tab)
{
	if (tab->renderer)
		process_wait_again(tab->renderer);
}

void tab_end_renderer(struct tab *tab)
{
	if (tab->renderer)
		process_kill(tab->renderer, BAD_MESSAGE_NONE);
}

uint64_t tab_describe(struct tab *tab)
{
	uint64_t nonce = ++tab->tabs->last_nonce;

	if (tab_takes_input(tab))
		ipc_send_describe_document(tab->renderer->channel, tab->id, nonce);
	return nonce;
}

const char *tab_label(const struct tab *tab)
{
	if (tab->title && tab->title[0])
		return tab->title;
	return tab->pending_url ? tab->pending_url : tab->url;
}

void tabs_finish(struct tabs *tabs)
{
	while (tabs->first) {
		struct tab *tab = tabs->first;

		tabs->first = tab->next;
		tab_free(tab);
	}
	while (tabs->closed) {
		struct closed_tab *c = tabs->closed;

		tabs->closed = c->next;
		free(c->url);
		free(c);
	}
	tabs->active = NULL;
	tabs->count = 0;
}
