/* The sad tab: what a tab keeps of the death of its renderer, and what it does then. */
#pragma once
#include "browser/tab/tab.h"

/* Show it: the renderer of this tab died so. dead: its host, or NULL when it could not even be launched. */
void tab_sad_show(struct tab *, const struct death *, const struct process_host *dead);
