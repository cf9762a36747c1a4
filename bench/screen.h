/* The real program in a pseudo terminal: typed to, and its output searched for words. For screen_bench.c and
 * traffic_keys.c. */
#pragma once
#include "bench/ship.h"
#include <limits.h>

#define SCREEN_OUTPUT (1u << 20)

struct screen {
	pid_t pid;
	int master;
	char output[SCREEN_OUTPUT]; /* since screen_forget() */
	size_t length, searched;
};

/* The program next to this one in the build tree. false: there is none yet. */
bool screen_find_program(char path[PATH_MAX]);

/* Start bulkhead with that page, in a terminal of 120x36. false: there is no such program yet. */
bool screen_start(struct screen *, const char *folder, const char *page);
/* The same with that function in a process of its own, whose terminal it is. */
void screen_start_with(struct screen *, void (*run)(void *arg), void *arg);
void screen_finish(struct screen *);

void screen_type(struct screen *, const char *keys);
/* Forget what was shown until now. */
void screen_forget(struct screen *);
/* Until it has sent that word since then. */
void screen_await(struct screen *, const char *word);
/* Until it sends anything. false: it does not. */
bool screen_await_output(struct screen *);
/* Until it has been silent for a while. */
void screen_calm_output(struct screen *);
/* Until so many renderers live and it has been silent for a while; returns the tab's, the oldest of them. */
pid_t screen_calm(struct screen *, unsigned renderers);
