/* What the files behind host.h share among themselves. */
#pragma once
#include "browser/process/host.h"

/* The death of p is named: tell, clean up. */
void process_buried(struct process_host *);
/* Close the browser's end of its channel. */
void process_drop_channel(struct process_host *);

/* holdings.c: note what the browser has of it, before its channel is closed. */
void process_note_end(struct process_host *);

/* hang_monitor.c */
void hang_monitor_start(struct process_table *);
void hang_monitor_ponged(struct process_host *, uint64_t nonce);

/* usage.c: CPU and memory, read once a second. */
void usage_start(struct process_table *);
/* Does the kernel say that this child, not reaped yet, has begun to end? */
bool usage_is_exiting(pid_t);

/* links.c: that process is gone, and all its channels with it. */
void links_forget(struct process_table *, struct endpoint);
