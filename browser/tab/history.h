/* A tab's session history: a list and a place in it. */
#pragma once
#include "browser/tab/navigation.h"

#define HISTORY_MAX 100

/* What the navigation that begins will do to the history once it commits. */
void history_note_pending(struct tab *, enum navigation_kind, unsigned target);
/* It committed: a new entry (which drops those after the present one), or a new place. */
void history_commit(struct tab *, const char *url);
/* Keep the title and scroll row of what is shown, before it is left. */
void history_keep(struct tab *);
void history_finish(struct tab *);
