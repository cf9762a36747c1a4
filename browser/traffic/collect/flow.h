/*
 * What one process sends to another: counts, and the messages whose fate is still open, in the order of
 * sending. Channels keep order, so a receipt settles everything sent before it: no table of ids is needed,
 * and a liar can only confuse its own flows. browser/traffic/collect/collector.c feeds it from both sides'
 * flight recorders.
 */
#pragma once
#include "browser/traffic/collect/history.h"
#include <uthash.h>

struct traffic_counts {
	uint64_t sent, received, refused, lost,
		unknown; /* messages; refused ones are not among the received */
};

struct flow_key {
	uint32_t from_role, from_serial, to_role, to_serial;
};

struct traffic_process_state;

struct flow {
	struct flow_key key;
	struct traffic_process_state *from, *to;
	struct stored *head, **tail; /* fate open */
	struct stored **newest;	     /* what points to the last of them, while it is the one pushed last */
	size_t open_bytes;
	struct traffic_counts counts;
	uint64_t taken, dropped;      /* of the lost ones: by toxics, at breakpoints */
	uint32_t requests[IPC_COUNT]; /* sent and without a reply; toll.c */
	uint64_t flushed, arrived;    /* the sender's and the receiver's counters, as last seen */
	bool flushed_known, arrived_known;
	bool receiver_opened; /* its end has been seen open */
	bool receiver_closed; /* its end has been seen closed, and is to be settled */
	bool evicted;	      /* messages were given up for want of room */
	bool holds;	      /* a breakpoint has held some of what is open: pings may have passed it */
	struct stored *
		*passed; /* what points to the first that none of them can have passed, NULL: head does */
	uint64_t held_number; /* of the first open one, which is held, its status TRAFFIC_HELD; 0: none is */
	uint64_t held_since_ns, held_total_ns; /* and before that, in all */
	struct stored *waiting, **waiting_end; /* what its sender holds back: no ids yet, in order */
	UT_hash_handle hh;
};

/* Called for each message whose fate becomes known; the flow's reference goes after it. */
typedef void flow_decided_fn(void *arg, struct flow *, struct stored *);

struct flow *flow_create(struct traffic_process_state *from, struct traffic_process_state *to,
			 struct flow_key key);

/* A message was sent. Takes a reference. */
void flow_push(struct flow *, struct stored *);

/*
 * A receipt of that number came. Messages sent before it become `unknown`, since nothing can overtake.
 * Returns the message with the flow's reference, or NULL when none of that number is open.
 */
struct stored *flow_pull(struct flow *, uint64_t number, flow_decided_fn *, void *arg);

/*
 * The same for one that passes what is held: nothing is settled by it. Those that pass keep their order among
 * themselves, so each is looked for from the one before on: however many wait, each is gone by once.
 */
struct stored *flow_pull_only(struct flow *, uint64_t number);

/* That message is held: what was sent before it is `unknown`. It stays the flow's. NULL: none of that number
 * is open. */
struct stored *flow_hold(struct flow *, uint64_t number, uint64_t time_ns, flow_decided_fn *, void *arg);
/* For how long it has held something, in all: what waits at its end at two times has been held for the
 * difference. */
uint64_t flow_held(const struct flow *, uint64_t time_ns);
/* It holds nothing from then on. */
void flow_end_hold(struct flow *, uint64_t time_ns);
/* How many of the open ones are behind the one that is held. */
unsigned flow_behind(const struct flow *);

/* Its sender holds that one back. Takes a reference. */
void flow_wait(struct flow *, struct stored *);
/* The first of that type that was held back leaves: with the flow's reference, or NULL. */
struct stored *flow_leave(struct flow *, uint16_t type);

/* The held message was dropped. */
void flow_drop_held(struct flow *, flow_decided_fn *, void *arg);

/*
 * The message that was pushed last, if it has that number and its fate is open, still the flow's; or NULL. No
 * older one is looked for: a liar could have that done without end.
 */
struct stored *flow_newest(const struct flow *, uint64_t number);

/* That message never left: that is where it was last. */
void flow_drop_newest(struct flow *, enum traffic_where, flow_decided_fn *, void *arg);

/*
 * No receipt will come any more, for any (all) or for those that never left the sender. gap_ns: receipts of
 * messages sent up to then may have been overwritten, so those are unknown.
 */
void flow_settle(struct flow *, bool all, uint64_t gap_ns, flow_decided_fn *, void *arg);

/* Give up the older half: unknown. */
void flow_evict(struct flow *, flow_decided_fn *, void *arg);

/* Note what the sender's and the receiver's counters say. */
void flow_note_flushed(struct flow *, uint64_t number);
void flow_note_arrived(struct flow *, uint64_t number);
