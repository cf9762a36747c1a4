/*
 * Scenarios: JSON files that open tabs, break something, and say what is to be expected; played without a
 * screen. scenario_text.c finds lines; scenario_file.c reads the steps, scenario_check.c finds what
 * contradicts what; player.c plays them; trial.c finds what came of an injection; report.c prints it.
 *
 *   { "name": "…", "steps": [
 *       { "open": "URL or path", "as": "news" },
 *       { "navigate": "URL or path", "tab": "news" },
 *       { "wait": "loaded", "tab": "news", "within_ms": 10000 },
 *       { "inject": "null dereference", "into": "news" },
 *       { "inject": "abort on 3rd submit_frame sent", "into": "news", "as": "trap" },
 *       { "disarm": "trap" },
 *       { "toxic": "latency 200ms from news to gpu on submit_frame", "as": "slow" },
 *       { "untoxic": "slow" },
 *       { "pause": 500 },
 *       { "expect": "crashed", "of": "news", "signal": "SIGSEGV", "lived": 4 },
 *       { "expect": "alive", "of": "clock" },
 *       { "reload": "news" },
 *       { "close": "news" } ] }
 *
 * "as" names a tab, an armed fault or a toxic for the steps behind it. What is injected, and the toxics, are
 * orders in the grammar of clause.h, in which tabs go by their names too. One waits for "loaded" (an error
 * page is not), "sad" or "unresponsive". What is injected into, or expected of, is a tab, "gpu", "plugin"
 * (the first), "browser" or a process such as "renderer:3". Expected is a termination status, perhaps with
 * its "signal", "code", "reason", "call" or the "toxic" it came of, and the number of others that "lived"; or
 * "unresponsive"; or "recovered"; or "alive", which is proved by a ping, the document, and a key that changes
 * the page.
 *
 * Relative paths start at the scenario's folder.
 */
#pragma once
#include "browser/fault/order.h"
#include "browser/fault/toxics.h"
#include "common/protocol.h"
#include <stdbool.h>

struct browser;
struct cJSON;

enum step_kind {
	STEP_OPEN,
	STEP_NAVIGATE,
	STEP_WAIT,
	STEP_INJECT,
	STEP_DISARM,
	STEP_TOXIC,
	STEP_UNTOXIC,
	STEP_PAUSE,
	STEP_EXPECT,
	STEP_RELOAD,
	STEP_CLOSE,
	STEP_COUNT
};
extern const char *const step_names[STEP_COUNT];

enum step_condition { WAIT_LOADED, WAIT_SAD, WAIT_UNRESPONSIVE, WAIT_COUNT };

enum expected { EXPECT_ALIVE, EXPECT_UNRESPONSIVE, EXPECT_RECOVERED, EXPECT_STATUS };

struct expectation {
	enum expected what;
	enum termination_status status;		    /* EXPECT_STATUS */
	const char *signal, *reason, *call, *toxic; /* NULL: any */
	int code, lived;			    /* -1: any */
};

struct step {
	enum step_kind kind;
	unsigned line;	   /* in its file, from 1 */
	const char *value; /* of the key that names the step: URL, condition, order, status, name */
	const char *tab;   /* the tab, or "gpu", "plugin", "renderer:3" where those are allowed; NULL: none */
	const char *as;	   /* of an armed fault or a toxic; NULL: none */
	enum step_condition wait;
	struct fault_order order;
	struct toxic_order toxic;
	struct expectation expected;
	unsigned within_ms; /* STEP_PAUSE: how long */
};

struct scenario {
	struct cJSON *json; /* owns the texts */
	const char *name;
	char *folder; /* for relative paths, ends without / */
	struct step *steps;
	unsigned nsteps;
};

/*
 * Read and check; path NULL: the built-in demo. NULL with *why (static buffer): "FILE:LINE: step N: what is
 * wrong: what was expected instead".
 */
struct scenario *scenario_read(const char *path, const char **why);
/* Does it break nothing? Else false, with *why as above: where faults are off it cannot be played. */
bool scenario_is_harmless(const struct scenario *, const char *path, const char **why);
void scenario_free(struct scenario *);

/* Play it and print the report, for people or as JSON. Returns the exit status: 0, or 1 when an expectation
 * failed. */
int scenario_play(struct browser *, const struct scenario *, bool json);
