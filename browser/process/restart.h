/*
 * When to start a process again that died: a back-off, and a budget of deaths within a window of time.
 * gpu_host.c, plugin_host.c and spare.c each keep one.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RESTART_REMEMBERED 32
#define RESTART_LONGEST_MS 5000 /* of the back-off */

struct death;

struct restart {
	unsigned allowed; /* deaths within the window; with the last of them it is over */
	uint64_t window_ns;
	uint64_t deaths[RESTART_REMEMBERED]; /* times, newest first */
	unsigned before_ready;		     /* deaths in a row before it was ready; 3: over */
};

/* So many deaths in so many seconds, at most RESTART_REMEMBERED; 0 keeps what was set before. */
void restart_set_budget(struct restart *, unsigned deaths, unsigned seconds);
/* A death. Returns ms to wait before the next start, or -1: give up until the user asks again. */
int restart_after_death(struct restart *, bool was_ready, uint64_t now_ns);
/* It became ready. */
void restart_ready(struct restart *);
/* The user asks for another try. */
void restart_forgive(struct restart *);
/* Which step of starting failed, of one that died before it was ready. Returns buf. */
const char *restart_step(const struct death *, char *buf, size_t capacity);
