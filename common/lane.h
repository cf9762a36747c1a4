/*
 * A lane: what toxics hold back of one channel, in order, until it is due. common/toxic.c decides for how
 * long; the channel's own bounds hold for what waits here too.
 */
#pragma once
#include "common/channel_internal.h"
#include "common/task.h"
#include <stdbool.h>
#include <stddef.h>

struct channel;

#define LANE_ACTS 8 /* toxics that are told of, for one message */

/* A message on its way, and what is to become of it. */
struct held {
	struct held *next;
	uint64_t cause, came_ns, due_ns;
	int fd; /* the lane's; -1: none */
	uint16_t type;
	bool dropped; /* gets an id and a record, and never leaves */
	bool swaps;   /* lets the next one pass */
	bool again;   /* a duplicate: if a request, then one more reply is due */
	bool cuts;    /* nothing comes behind it: the channel is closed */
	struct channel_history past;
	unsigned nacts;
	struct toxic_act {
		uint32_t toxic;
		enum toxic kind;
	} acts[LANE_ACTS];
	size_t bytes;
	uint8_t fields[];
};

struct lane {
	struct channel *channel;
	struct held *head, **tail;
	struct held *swapped; /* it waits for the next to pass */
	uint64_t last_due_ns;
	size_t bytes; /* of memory that they take */
	unsigned fds;
	bool full; /* it held more than a channel may: that ended the channel */
	struct task timer;
};

/* Copies the fields; takes the descriptor. NULL: no memory. */
struct held *held_create(uint16_t type, const uint8_t *fields, size_t bytes, int fd);
void held_free(struct held *);

void lane_init(struct lane *, struct channel *);
/* Drops what is held. */
void lane_finish(struct lane *);
/* Put one at the end; it leaves when it is due and all before it have left. Takes it. */
void lane_push(struct lane *, struct held *);
/* Let everything go, due or not. */
void lane_release(struct lane *);
