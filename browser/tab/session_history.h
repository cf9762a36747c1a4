/* A tab's session history: a list and a place in it. */
#pragma once
#include "browser/tab/navigation.h"

#define HISTORY_MAX 100

/* What the navigation that begins will do to the history once it commits. */
void session_history_note_pending(struct tab *, enum navigation_kind, unsigned target);
/* It committed: a new entry (which drops those after the present one), or a new place. */
void session_history_commit(struct tab *, const char *url);
/* Keep the title and scroll row of what is shown, before it is left. */
void session_history_keep(struct tab *);
void session_history_finish(struct tab *);
