/*
 * Injecting faults: who is to fail, and how. A renderer, the GPU process or a plugin process obeys by itself
 * what only it can do; signals come from outside.
 */
#pragma once
#include "browser/process/host.h"
#include <stdbool.h>

struct browser;
struct tab;

/* For the dialog, bulkhead://faults and scenarios: one row a fault. */
struct fault_info {
	enum fault kind;
	const char *name;      /* "null dereference" */
	const char *expected;  /* "crashed SIGSEGV" */
	const char *explained; /* two or three short sentences */
};
extern const struct fault_info fault_table[];
extern const unsigned fault_table_count;
const struct fault_info *fault_find(const char *name); /* with spaces, - or _ ; NULL: none */

/* Do it to that process. false: it is not up. */
bool fault_inject(struct browser *, struct process_host *, enum fault);

/* "renderer" (that tab's), "gpu", "plugin" (the first), "renderer:3". NULL: there is none. */
struct process_host *fault_target(struct browser *, struct tab *, const char *whom);

/* A debug URL that the user typed in that tab. false: it is none. */
bool fault_open_url(struct browser *, struct tab *, const char *url);
