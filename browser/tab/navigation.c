/* See navigation.h. The browser never looks into a body: it goes from the fetch into a pipe to the renderer.
 */
#include "browser/tab/navigation.h"
#include "browser/browser.h"
#include "browser/net/fetch.h"
#include "browser/net/page.h"
#include "browser/process/spare.h"
#include "browser/tab/page_host.h"
#include "browser/tab/session_history.h"
#include "browser/tab/tab_sad.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void navigation_set_pending(struct tab *tab, const char *url)
{
	char *copy = url ? strdup(url) : NULL;

	free(tab->pending_url);
	tab->pending_url = copy;
}

/* Hand the body's pipe to the renderer, which is up. */
static void navigation_commit(struct tab *tab)
{
	struct navigation_head *head = &tab->head;
	int body;

	page_host_attach(tab);
	body = tab->fetch ? fetch_open_body(tab->fetch) : -1;
	if (body == -1) {
		browser_say(tab->tabs->browser, "no descriptor is left for the body of %s", head->url);
	} else {
		ipc_send_commit_navigation(tab->renderer->channel, tab->id, tab->navigation,
					   ipc_text(head->url), ipc_text(head->mime), ipc_text(head->charset),
					   body);
		close(body);
		tab->committing = true;
	}
	free(head->url);
	head->url = NULL;
}

void navigation_renderer_ready(struct tab *tab)
{
	uint64_t before = cause_current();

	if (!tab->head.url)
		return;
	/* What was put off has the cause it had, not the renderer's start. */
	cause_set(tab->head.cause);
	navigation_commit(tab);
	cause_set(before);
}

static bool navigation_on_redirect(void *arg, const char *from, const char *to)
{
	struct tab *tab = arg;

	(void)from;
	navigation_set_pending(tab, to);
	browser_tell(tab->tabs->browser, CHANGED_TABS);
	return true;
}

static void navigation_on_head(void *arg, const struct fetch_head *head)
{
	struct tab *tab = arg;
	struct process_host *renderer = page_host_pick(tab, head->url);

	if (!renderer) {
		struct death death = { .status = TERMINATION_STATUS_LAUNCH_FAILED };

		snprintf(death.step, sizeof death.step, "%.59s", tab->tabs->browser->spare->failed);
		tab_sad_show(tab, &death, NULL);
		return;
	}
	free(tab->head.url);
	tab->head.url = strdup(head->url);
	snprintf(tab->head.mime, sizeof tab->head.mime, "%s", head->mime);
	snprintf(tab->head.charset, sizeof tab->head.charset, "%s", head->charset);
	tab->head.cause = cause_current();
	tab->total_bytes = head->length;
	if (process_is_up(renderer))
		navigation_commit(tab);
}

static void navigation_on_progress(void *arg, uint64_t bytes, int64_t total)
{
	struct tab *tab = arg;

	tab->loaded_bytes = bytes;
	tab->total_bytes = total;
	browser_tell(tab->tabs->browser, CHANGED_TABS);
}

/* Not before the renderer was told of the pipe: this is of the navigation that is committed. */
static void navigation_on_wrote(void *arg, const void *bytes, size_t length)
{
	struct tab *tab = arg;
	struct browser *b = tab->tabs->browser;

	if (browser_keeps_memory(b) && tab->renderer)
		browser_note_body(b, tab, bytes, length);
}

static void navigation_on_end(void *arg, enum body_end how, uint64_t total, const char *reason)
{
	struct tab *tab = arg;

	tab->fetch = NULL;
	if (how == BODY_END_RESET)
		browser_say(tab->tabs->browser, "the page is not complete: %s",
			    reason ? reason : "connection lost");
	if (process_is_up(tab->renderer) && tab->renderer->channel && tab->attached)
		ipc_send_end_body(tab->renderer->channel, tab->id, tab->navigation, how, total);
}

static void navigation_on_fail(void *arg, enum fetch_error error, const char *title, const char *words);

static const struct fetch_callbacks navigation_callbacks = {
	.redirect = navigation_on_redirect,
	.head = navigation_on_head,
	.progress = navigation_on_progress,
	.wrote = navigation_on_wrote,
	.end = navigation_on_end,
	.fail = navigation_on_fail,
};

/* A failure is a page like another, at the address that failed: reload tries again. */
static void navigation_on_fail(void *arg, enum fetch_error error, const char *title, const char *words)
{
	struct tab *tab = arg;
	struct text html = { 0 };
	char *url = tab->pending_url ? tab->pending_url : tab->url;

	(void)error;
	tab->failed = true;
	error_page(&html, title, words, url);
	tab->fetch = fetch_start_page(tab->tabs->browser->fetcher, url, &html, &navigation_callbacks, tab);
	text_finish(&html);
}

void navigation_begin(struct tab *tab, const char *url, enum navigation_kind kind, unsigned target)
{
	struct browser *b = tab->tabs->browser;
	char *copy = strdup(url); /* it may be the tab's own */

	fetch_stop(tab->fetch);
	tab->navigation++;
	tab->committing = tab->failed = false;
	tab->state = tab_state_next(tab->state, TAB_EVENT_NAVIGATE, tab->has_document);
	tab->loading = true;
	tab->loaded_bytes = 0;
	tab->total_bytes = -1;
	free(tab->head.url);
	tab->head.url = NULL;
	session_history_note_pending(tab, kind, target);
	navigation_set_pending(tab, copy);
	tab->fetch = fetch_start(b->fetcher, copy, &navigation_callbacks, tab);
	free(copy);
	browser_tell(b, CHANGED_TABS);
}

/* A document that was committed already keeps what came of its body. */
void navigation_stop(struct tab *tab)
{
	uint64_t written = tab->fetch ? fetch_written(tab->fetch) : 0;

	if (!tab->loading)
		return;
	if (tab->fetch && !tab->head.url && !tab->pending_url && process_is_up(tab->renderer))
		ipc_send_end_body(tab->renderer->channel, tab->id, tab->navigation, BODY_END_STOPPED,
				  written);
	fetch_stop(tab->fetch);
	tab->fetch = NULL;
	free(tab->head.url);
	tab->head.url = NULL;
	tab->loading = false;
	if (tab->state == TAB_LOADING) {
		tab->navigation++; /* what the renderer still says of the old one is late */
		tab->state = tab_state_next(tab->state, TAB_EVENT_STOP, tab->has_document);
	}
	navigation_set_pending(tab, NULL);
	browser_tell(tab->tabs->browser, CHANGED_TABS);
}

void navigation_lost(struct tab *tab)
{
	fetch_stop(tab->fetch);
	tab->fetch = NULL;
	free(tab->head.url);
	tab->head.url = NULL;
	tab->loading = tab->committing = false;
	if (tab->pending_url) {
		free(tab->url);
		tab->url = tab->pending_url;
		tab->pending_url = NULL;
	}
}
