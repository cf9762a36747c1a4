/*
 * The spare renderer: one waits, started and fenced in, so that a new tab is instant. Eight deaths in ten
 * seconds (or as the budget says), or three before it was ready: none waits until a tab asks for a renderer.
 */
#pragma once
#include "browser/process/host.h"
#include "browser/process/restart.h"

struct spare {
	struct process_table *table;
	struct process_host *process; /* NULL: none just now */
	struct restart restart;
	struct task again;
	bool given_up;
	bool refills;	 /* another waits when one was taken */
	char failed[80]; /* the step of starting that failed, "" otherwise */
};

void spare_init(struct spare *, struct process_table *);
void spare_finish(struct spare *);
/* Begin to keep one. */
void spare_start(struct spare *);
/* A renderer to be used: the spare one, or one started now (it may not be ready yet); NULL: it cannot be
 * launched. */
struct process_host *spare_take(struct spare *);
/* End the one that waits; another takes its place. It is no death that counts. */
void spare_drop(struct spare *);
/* News from the table. */
void spare_ready(struct spare *, const struct process_host *);
void spare_died(struct spare *, const struct process_host *);
