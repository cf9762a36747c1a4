/*
 * Scenarios: JSON files that open tabs, break something, and say what is to be expected; played without a
 * screen. scenario_file.c reads and checks one; player.c plays its steps; trial.c finds what came of an
 * injection; report.c prints it.
 *
 *   { "name": "…", "steps": [
 *       { "open": "URL or path", "as": "news" },
 *       { "navigate": "URL or path", "tab": "news" },
 *       { "wait": "loaded", "tab": "news", "within_ms": 10000 },
 *       { "inject": "null dereference", "into": "news" },
 *       { "expect": "crashed", "of": "news", "signal": "SIGSEGV" },
 *       { "expect": "alive", "of": "news" },
 *       { "reload": "news" },
 *       { "close": "news" } ] }
 *
 * "as" names a tab for the steps behind it. One waits for "loaded" (an error page is not), "sad" or
 * "unresponsive". What is injected into, or expected of, is a tab, "gpu", "plugin" or a process such as
 * "renderer:3". Expected is a termination status, perhaps with its "signal" or "reason"; or "unresponsive";
 * or "alive", which is proved by a ping, the document, and a key that changes the page.
 *
 * Relative paths start at the scenario's folder.
 */
#pragma once
#include "browser/fault/order.h"
#include <stdbool.h>

struct browser;
struct cJSON;

enum step_kind {
	STEP_OPEN,
	STEP_NAVIGATE,
	STEP_WAIT,
	STEP_INJECT,
	STEP_EXPECT,
	STEP_RELOAD,
	STEP_CLOSE,
	STEP_COUNT
};
extern const char *const step_names[STEP_COUNT];

enum step_condition { WAIT_LOADED, WAIT_SAD, WAIT_UNRESPONSIVE, WAIT_COUNT };

struct step {
	enum step_kind kind;
	const char *value; /* of the key that names the step: URL, condition, fault, status, tab */
	const char *tab;   /* the tab, or "gpu", "plugin", "renderer:3" where those are allowed */
	enum step_condition wait;
	struct fault_order order;
	const char *signal, *reason;	/* NULL: any */
	unsigned within_ms;
};

struct scenario {
	struct cJSON *json; /* owns the texts */
	const char *name;
	char *folder; /* for relative paths, ends without / */
	struct step *steps;
	unsigned nsteps;
};

/* Read and check; path NULL: the built-in demo. NULL with *why (static buffer, names the file and the step).
 */
struct scenario *scenario_read(const char *path, const char **why);
void scenario_free(struct scenario *);

/* Play it and print the report, for people or as JSON. Returns the exit status: 0, or 1 when an expectation
 * failed. */
int scenario_play(struct browser *, const struct scenario *, bool json);
