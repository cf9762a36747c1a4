/* When to start a process again that died: a back-off, and a budget of deaths within a window of time. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define RESTART_REMEMBERED 8

struct restart {
	unsigned allowed; /* deaths within the window; one more and it is over. At most RESTART_REMEMBERED */
	uint64_t window_ns;
	uint64_t deaths[RESTART_REMEMBERED]; /* times, newest first */
	unsigned before_ready;		     /* deaths in a row before it was ready; 3: over */
};

/* A death. Returns ms to wait before the next start, or -1: give up until the user asks again. */
int restart_after_death(struct restart *, bool was_ready, uint64_t now_ns);
/* It became ready. */
void restart_ready(struct restart *);
/* The user asks for another try. */
void restart_forgive(struct restart *);
