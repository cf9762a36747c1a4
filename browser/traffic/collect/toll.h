/*
 * What a death cost in messages: those that were lost, and the requests that nobody answers any more.
 * join.c tells of each message as it is joined; browser/fault/blast/blasts.c asks when a process has died.
 */
#pragma once
#include "browser/traffic/collect/collector.h"

#define TOLL_REQUESTS 8

/* Requests of one type from one process to another that have no reply. */
struct toll_request {
	struct endpoint from, to;
	uint16_t type;
	uint32_t count;
};

struct toll {
	uint64_t lost_by, lost_to; /* messages that it had sent; that had been sent to it */
	uint64_t taken, dropped;   /* by toxics, at breakpoints while it lived: not among those */
	uint64_t undecided;	   /* messages of its that a living process may still read */
	uint64_t requests;	   /* without a reply, both ways */
	struct toll_request failed[TOLL_REQUESTS]; /* which, so far as there is room */
	unsigned nfailed;
};

/*
 * Of that process, which has ended, and all who were alive when it ended. Requests of the browser's to it are
 * not among them: the browser's own channel counts those.
 */
void collector_toll(const struct collector *, struct endpoint, struct toll *);
/* Count requests of one type. */
void toll_add_request(struct toll *, struct endpoint from, struct endpoint to, uint16_t type, uint32_t count);

/* From join.c: a message of that type went that way, or came. */
void toll_note_sent(struct flow *, uint16_t type);
void toll_note_received(const struct collector *, struct endpoint from, struct endpoint to, uint16_t type);
