/* Waiting for a child's end: the kernel's word by pidfd, and the channel's last messages. host.c uses it. */
#pragma once
#include <stdint.h>

struct process_host;

/* Watch its pidfd. */
void reaper_watch(struct process_host *);

/*
 * The word that says of p whether it lives has changed, at that time. A process that does not end, though it
 * says so, is made to.
 */
void reaper_noticed(struct process_host *, uint64_t at_ns);

/* Its channel has ended: the death is named once the kernel has told of it, and it is helped along if need
 * be. */
void reaper_channel_ended(struct process_host *);

/* Wait for the kernel now, for as long as it takes; only for a child that was sent SIGKILL. */
void reaper_wait(struct process_host *);
