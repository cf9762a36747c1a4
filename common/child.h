/*
 * What every child process has: the channel to the browser, its flight recorder, channels to other children,
 * pings, faults. struct renderer, struct gpu and struct plugin each begin with a struct child.
 */
#pragma once
#include "common/channel.h"
#include "common/recorder.h"

/* Descriptors that a child is born with, and nothing else: 0-2 are /dev/null. */
enum { CHILD_CHANNEL_FD = 3, CHILD_RECORDER_FD = 4, CHILD_PLUGIN_FD = 5 };

#define CHILD_PEERS 1024

struct child {
	struct endpoint us;
	uint32_t layers;   /* of the sandbox, that the browser wants: bits of enum layer */
	size_t ring_bytes; /* of its flight recorder, that the browser made */
	enum fault doom;   /* that is obeyed before did_start; FAULT_NONE: none */
	struct channel *browser;
	struct channel *peers[CHILD_PEERS]; /* packed; npeers of them */
	unsigned npeers;
	struct recorder recorder;
	channel_dispatch_fn *dispatch;
	/* A peer came (its channel is open) or went (its channel is about to be closed); may be NULL. */
	void (*peer_came)(struct child *, struct channel *);
	void (*peer_went)(struct child *, struct channel *);
};

/*
 * The first half of a child's start, outside the sandbox: parse `--serial N --layers HEX [--fault N] [--ring
 * N]`, recorder, crash handlers, locale, event loop. Ends the process when one of them fails. The caller
 * fills `dispatch` and the hooks, then calls sandbox_enter() and child_start().
 */
void child_init(struct child *, enum role role, int argc, char **argv);

/* The second half, inside: open the channel to the browser and report did_start. */
void child_start(struct child *, uint32_t layers, const char *missing);

/* Run the loop until the browser closes the channel; then exit(0). */
_Noreturn void child_run(struct child *, void (*before_wait)(void *arg), void *arg);

/* The channel to that process, or NULL. */
struct channel *child_peer(struct child *, enum role role, uint32_t serial);

/* Tell the browser that this peer's message was bad, and close the channel to it. */
void child_report_bad_message(struct child *, struct channel *, enum bad_message reason);
