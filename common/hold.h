/*
 * Holding messages of a channel: one that somebody wants to look at waits before its handler, or, on its way
 * out, before it is queued; what comes behind it in the same direction waits too, checked and not looked at.
 * Pings pass, and so does what the breakpoints themselves need. When it goes on, those behind it are looked
 * at in turn, a turn's worth at a time.
 *
 * Who wants what: common/breakpoint.c in a child, browser/traffic/breakpoint/ in the browser. A channel that
 * is not watched pays one test of a pointer a message.
 *
 * What waits is bounded as a channel's queue is; past that the channel ends as overflown. When the peer has
 * closed its end, what is held is dropped together with what is behind it, and the end is told: a death does
 * not wait for a person.
 */
#pragma once
#include "common/channel.h"
#include "common/task.h"

enum hold_way { HOLD_INCOMING, HOLD_OUTGOING, HOLD_WAYS };

/* A message that is looked at. One that goes out has no id yet, and the cause that it will be sent for. */
struct hold_view {
	struct ipc_header header;
	const uint8_t *fields; /* header.length - sizeof header bytes */
	int fd;		       /* -1: none */
	uint32_t hand;	       /* bits of enum record_mark that it has already */
};

/* The one who wants to hold, in this process. */
struct hold_watcher {
	/* The breakpoint that wants this message, 0: none does. */
	uint32_t (*wants)(void *arg, struct channel *, enum hold_way, const struct hold_view *);
	/* It is held. */
	void (*held)(void *arg, struct channel *, enum hold_way, const struct hold_view *,
		     uint32_t breakpoint);
	/* Nothing is held there any more, because the channel ended. */
	void (*gone)(void *arg, struct channel *, enum hold_way);
	void *arg;
};
extern struct hold_watcher hold_watcher;

/* What becomes of a held message. */
struct hold_order {
	enum held_action action;
	bool edited;	       /* it has these fields from now on: sound or not */
	const uint8_t *fields; /* copied */
	size_t bytes;
};

/* Show what passes there to the watcher from now on. false: no memory. */
bool hold_watch(struct channel *);
/* No longer; what is held there goes on. */
void hold_unwatch(struct channel *);

/* What holds there: *view borrows it. 0: nothing does. */
uint32_t hold_holds(const struct channel *, enum hold_way, struct hold_view *view);
/* How many wait behind it. */
unsigned hold_behind(const struct channel *, enum hold_way);

/* It goes on in the next turn of the loop, or not. false: nothing is held there, or no memory. */
bool hold_settle(struct channel *, enum hold_way, const struct hold_order *);
/* What that breakpoint holds, anywhere, goes on, and no step of its is due any more. */
void hold_forget(uint32_t breakpoint);

/* These are never held: pings, what is said about holding, and that a recorder fills. */
bool hold_passes(uint16_t type);

/* For channel_*.c: take over a message. false: it goes its way. The descriptor is taken with it. */
bool hold_take(struct channel *, enum hold_way, const struct hold_view *);
/* Some of it still has to be handled before the peer's end is told. */
bool hold_drains(const struct channel *);
/* The channel is about to be closed. */
void hold_close(struct channel *);
