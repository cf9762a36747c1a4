/*
 * Keeps the one GPU process alive: starts it again with a back-off; after five deaths in a minute (or as the
 * budget says) it stops and asks.
 */
#pragma once
#include "browser/process/host.h"
#include "browser/process/restart.h"

struct gpu_host {
	struct process_table *table;
	struct process_host *process; /* NULL: dead, or never started */
	struct restart restart;
	struct task again;
	bool given_up;
	char failed[80]; /* why it could not be launched, "" otherwise */
};

void gpu_host_init(struct gpu_host *, struct process_table *);
void gpu_host_finish(struct gpu_host *);
/* Start it, now; also the user's retry after it was given up. */
void gpu_host_start(struct gpu_host *);
/* News from the table. */
void gpu_host_ready(struct gpu_host *);
void gpu_host_died(struct gpu_host *, const struct process_host *);
/* Unresponsive GPU processes are killed; it comes back. */
void gpu_host_hangs(struct gpu_host *);
/* The GPU process when it is up, else NULL. */
struct process_host *gpu_host_up(const struct gpu_host *);
