/* What renderers report of their pages. Reports about a navigation that was overtaken are late, not bad. */
#include "browser/browser.h"
#include "browser/tab/embed.h"
#include "browser/tab/page_host.h"
#include "browser/tab/session_history.h"
#include "browser/tab/view.h"
#include "common/display_list.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct tab *tab_of(struct browser *b, struct channel *c, uint32_t page, uint32_t navigation)
{
	struct tab *tab = page_host_tab(b->tabs, c, page);

	return tab && tab->navigation == navigation ? tab : NULL;
}

void browser_on_did_commit(struct browser *b, struct channel *c, const struct ipc_did_commit *m)
{
	struct tab *tab = tab_of(b, c, m->page, m->navigation);

	if (!tab)
		return;
	/* Else a page could take on the address of one that is still being fetched. */
	if (!tab->committing || !tab->pending_url) {
		channel_refuse(c, BAD_MESSAGE_NOT_IN_THIS_STATE);
		return;
	}
	tab->committing = false;
	/* The renderer names its embeds after this; those of the old document are gone. */
	embeds_drop_all(tab);
	session_history_keep(tab);
	session_history_commit(tab, tab->pending_url);
	free(tab->url);
	tab->url = tab->pending_url;
	tab->pending_url = NULL;
	free(tab->title);
	tab->title = NULL;
	tab->has_document = true;
	tab->state = tab_state_next(tab->state, TAB_EVENT_COMMIT, 1);
	if (tab == b->tabs->active)
		view_show(b->view);
	browser_tell(b, CHANGED_TABS);
}

void browser_on_did_change_title(struct browser *b, struct channel *c, const struct ipc_did_change_title *m)
{
	struct tab *tab = tab_of(b, c, m->page, m->navigation);

	if (!tab)
		return;
	free(tab->title);
	tab->title = strndup(m->title.text, m->title.length);
	browser_tell(b, CHANGED_TABS);
}

void browser_on_did_make_progress(struct browser *b, struct channel *c, const struct ipc_did_make_progress *m)
{
	struct tab *tab = tab_of(b, c, m->page, m->navigation);

	if (!tab || !tab->loading)
		return;
	tab->loaded_bytes = m->bytes;
	browser_tell(b, CHANGED_TABS);
}

void browser_on_did_finish_load(struct browser *b, struct channel *c, const struct ipc_did_finish_load *m)
{
	struct tab *tab = tab_of(b, c, m->page, m->navigation);

	if (!tab)
		return;
	tab->loading = false;
	tab->nodes = m->nodes;
	/* Of a page that is shown alone the GPU process says it, who draws it. */
	if (b->view->tiled || tab != b->tabs->active)
		tab->document_rows = m->rows;
	browser_tell(b, CHANGED_TABS);
}

void browser_on_request_region(struct browser *b, struct channel *c, const struct ipc_request_region *m)
{
	struct tab *tab = page_host_tab(b->tabs, c, m->page);

	if (m->half_bytes < STAGING_MIN_BYTES || m->half_bytes > STAGING_MAX_BYTES)
		channel_refuse(c, BAD_MESSAGE_WRONG_REGION_SIZE);
	else if (tab && m->half_bytes > tab->staging.half_bytes) {
		uint32_t half = STAGING_MIN_BYTES;

		/* Doubled each time: so there are few, however often a renderer asks. */
		while (half < m->half_bytes)
			half *= 2;
		page_host_renew_staging(tab, half);
	}
}

void browser_on_open_link(struct browser *b, struct channel *c, const struct ipc_open_link *m)
{
	struct tab *tab = page_host_tab(b->tabs, c, m->page);
	char url[4097];

	if (!tab)
		return;
	snprintf(url, sizeof url, "%.*s", (int)m->url.length, m->url.text);
	tab_follow(tab, url);
}

void browser_on_request_scroll(struct browser *b, struct channel *c, const struct ipc_request_scroll *m)
{
	struct tab *tab = page_host_tab(b->tabs, c, m->page);

	if (tab)
		tab_scroll_to(tab, m->row);
}

void browser_on_did_describe_document(struct browser *b, struct channel *c,
				      const struct ipc_did_describe_document *m)
{
	struct tab *tab = page_host_tab(b->tabs, c, m->page);

	if (!tab)
		return;
	tab->description = (struct tab_description){
		.nonce = m->nonce, .hash = m->hash, .text_bytes = m->text_bytes, .rows = m->rows
	};
	memcpy(tab->description.text, m->text.text, m->text.length);
}
