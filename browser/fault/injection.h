/*
 * Carrying out orders to fail. Those for later are kept, shown and can be taken back; what a process does to
 * itself it is told by a message, signals come from outside, and the browser fails as the others do.
 * outside.c is what the browser does; target.c finds whom an order means.
 */
#pragma once
#include "browser/fault/order.h"
#include "browser/process/host.h"
#include "common/task.h"

struct browser;
struct tab;

/* One that waits: for a time (here), for a message (in its process), or for the next processes of its role.
 */
struct injection {
	struct injection *next;
	uint32_t number; /* of the arm */
	struct fault_order order;
	struct endpoint target;
	uint64_t ordered_ns, fired_ns; /* fired_ns 0: not yet */
	struct task later;
	struct browser *browser;
};

struct injections {
	struct browser *browser;
	struct injection *first; /* newest first; fired ones with a count, and those whose process died, go */
	uint32_t last_number;
};

bool injections_init(struct injections *, struct browser *);
void injections_finish(struct injections *);

/*
 * Do it or arm it. target NULL: the browser itself. *number (may be NULL) gets its number, 0 when it was done
 * at once. false with *why (may be NULL; in a static buffer): faults are off, it is not up, such a process
 * cannot fail so.
 */
bool fault_inject(struct browser *, struct process_host *target, const struct fault_order *, uint32_t *number,
		  const char **why);
/* By name, at once. */
bool fault_inject_named(struct browser *, struct process_host *target, const char *name, const char **why);
/* Take back. false: there is none of that number. 0: all. */
bool fault_disarm(struct browser *, uint32_t number);

/*
 * Whom an order means: "", "renderer" and "tab" are that tab's, "gpu", "plugin" (the first), "renderer:3",
 * "tab:2" that of the second tab in the strip.
 * *is_browser: the browser itself. NULL otherwise: there is none.
 */
struct process_host *fault_target(struct browser *, struct tab *, const char *whom, bool *is_browser);

/* A debug URL that the user typed in that tab. false: it is none. What is wrong with it is said. */
bool fault_open_url(struct browser *, struct tab *, const char *url);

/* The order that lasts and ends every new process of that role; NULL: there is none. */
const struct injection *injections_lasting(const struct injections *, enum role);

/* News: a process died. */
void injections_died(struct injections *, const struct process_host *);
