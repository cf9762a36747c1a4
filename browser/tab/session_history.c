/* See session_history.h. */
#include "browser/tab/session_history.h"
#include <stdlib.h>
#include <string.h>

void session_history_note_pending(struct tab *tab, enum navigation_kind kind, unsigned target)
{
	tab->history_keeps = kind != NAVIGATION_NEW;
	tab->history_target = kind == NAVIGATION_HISTORY ? target : tab->history_at;
}

static void session_history_free_entry(struct history_entry *e)
{
	free(e->url);
	free(e->title);
	*e = (struct history_entry){ 0 };
}

void session_history_keep(struct tab *tab)
{
	struct history_entry *e;

	if (tab->history_at >= tab->history_count)
		return;
	e = &tab->history[tab->history_at];
	e->scroll_row = tab->scroll_row;
	free(e->title);
	e->title = tab->title ? strdup(tab->title) : NULL;
}

static void session_history_push(struct tab *tab, const char *url)
{
	unsigned keep = tab->history_count ? tab->history_at + 1 : 0;

	for (unsigned i = keep; i < tab->history_count; i++)
		session_history_free_entry(&tab->history[i]);
	tab->history_count = keep;
	if (keep == HISTORY_MAX) {
		session_history_free_entry(&tab->history[0]);
		memmove(tab->history, tab->history + 1, (HISTORY_MAX - 1) * sizeof *tab->history);
		keep = --tab->history_count;
	}
	if (!tab->history && !(tab->history = calloc(HISTORY_MAX, sizeof *tab->history)))
		return;
	tab->history[keep] = (struct history_entry){ .url = strdup(url) };
	tab->history_count = keep + 1;
	tab->history_at = keep;
}

void session_history_commit(struct tab *tab, const char *url)
{
	bool same = tab->history_count && tab->history_keeps;

	if (!same) {
		tab->scroll_row = 0;
		session_history_push(tab, url);
		return;
	}
	if (tab->history_target < tab->history_count && tab->history_target != tab->history_at) {
		tab->history_at = tab->history_target;
		tab->scroll_row = tab->history[tab->history_at].scroll_row;
	}
}

void session_history_finish(struct tab *tab)
{
	for (unsigned i = 0; i < tab->history_count; i++)
		session_history_free_entry(&tab->history[i]);
	free(tab->history);
}
