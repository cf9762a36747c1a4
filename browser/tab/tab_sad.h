/* The sad tab: what a tab keeps of the death of its renderer, and what it does then. */
#pragma once
#include "browser/tab/tab.h"

/* Its renderer is dying: show it at once. Of what will be told by tab_sad_learn(). */
void tab_sad_begin(struct tab *, const struct process_host *dying);
/* The renderer that was dying, if it was this tab's, died so. The tab may have gone on meanwhile. */
void tab_sad_learn(struct tab *, const struct process_host *dead);
/* Show it: the renderer of this tab died so. dead: its host, or NULL when it could not even be launched. */
void tab_sad_show(struct tab *, const struct death *, const struct process_host *dead);
