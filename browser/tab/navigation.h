/* Navigation: fetch, first bytes, a renderer, commit. See DESIGN "The natural paths". */
#pragma once
#include "browser/tab/tab.h"

enum navigation_kind { NAVIGATION_NEW, NAVIGATION_RELOAD, NAVIGATION_HISTORY };

/* Begin to fetch; what is shown stays until the renderer commits. target: place in the history, for _HISTORY.
 */
void navigation_begin(struct tab *, const char *url, enum navigation_kind kind, unsigned target);
/* Give up what is being fetched. */
void navigation_stop(struct tab *);
/* The tab's renderer is ready: commit what waited for it. */
void navigation_renderer_ready(struct tab *);
/* The renderer died: no fetch goes on. */
void navigation_lost(struct tab *);
