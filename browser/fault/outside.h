/* What the browser itself does to a process, or to itself, to carry out an order: injection.c calls it. */
#pragma once
#include "browser/fault/injection.h"

/* Does the browser do it, and not the process? Then no message can be waited for. */
bool outside_does(const struct fault_info *);
/* Do it. target NULL: the browser. false with *why: not here, not now. */
bool outside_do(struct browser *, struct process_host *target, const struct fault_order *, const char **why);
/* It lasts until it is taken back, which this does. */
bool outside_lasts(const struct fault_info *);
void outside_undo(struct browser *, enum role, const struct fault_info *);

/*
 * The argument that the process is to be given, where the browser knows it: someone else's page. false with
 * *why.
 */
bool outside_find_argument(struct browser *, const struct process_host *, const struct fault_info *,
			   uint64_t *argument, const char **why);
