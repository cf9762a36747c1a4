/*
 * A child's real code in the test's own process, with a browser and renderers of the test's at the other ends
 * of real channels. The test sends, then expects answers; nothing waits for a fixed time.
 */
#pragma once
#include "common/child.h"

#define FIXTURE_RENDERERS 4
#define FIXTURE_STRAYS	  256

/* A message that has arrived at one of the test's ends. Strings in it are gone. */
struct arrived {
	struct channel *at;
	enum ipc_id id;
	union ipc_any message;
};

struct fixture {
	struct child *child;
	void (*before_wait)(void *);
	struct channel *browser;
	struct channel *renderers[FIXTURE_RENDERERS]; /* serial is the index + 1 */
	struct recorder recorder;
	struct arrived arrived[FIXTURE_STRAYS];
	unsigned narrived;
	struct arrived found; /* what fixture_expect() returned last */
};

/* child->dispatch and its hooks are set. before_wait is called once a turn with the child, as child_run()
 * does. */
void fixture_open(struct fixture *, struct child *, enum role role, void (*before_wait)(void *));
void fixture_close(struct fixture *);

/* Make the channel between the child and renderer:serial. */
struct channel *fixture_connect(struct fixture *, uint32_t serial);
/* That renderer dies: its end is closed. */
void fixture_disconnect(struct fixture *, uint32_t serial);

/* Wait until such a message arrives there, and take it. Others that came stay. Fails the test after five
 * seconds. */
const union ipc_any *fixture_expect(struct fixture *, struct channel *, enum ipc_id);

/* Wait until all that was sent has been handled and answered. */
void fixture_settle(struct fixture *);

/* Messages of that kind that have arrived there and were not taken. */
unsigned fixture_count(const struct fixture *, const struct channel *, enum ipc_id);
void fixture_forget(struct fixture *);

/* A region of the browser's: mapped here, and its descriptor, both the test's. */
struct region {
	void *memory;
	size_t bytes;
	int fd;
};
struct region fixture_region(size_t bytes);
void fixture_drop_region(struct region *);
