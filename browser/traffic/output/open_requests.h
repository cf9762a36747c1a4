/*
 * Requests that wait for their reply: so many at most, the oldest are given up first. A reply may be told of
 * before its request, since recorders are read one after the other; so those are remembered too.
 * browser/traffic/output/statistics.c asks.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define OPEN_REQUESTS	   4096u
#define OPEN_REQUEST_ROWS  5u
#define OPEN_REQUEST_SLOTS 8192u /* of the hash: a power of two */

struct open_request {
	uint64_t id; /* 0: free */
	bool answered;
	uint16_t next; /* in its slot, 1 more than its number; 0: none */
	/* The rows in which it was counted, and which life of theirs that was. */
	uint16_t rows[OPEN_REQUEST_ROWS];
	uint32_t lives[OPEN_REQUEST_ROWS];
};

/* All zero: none. */
struct open_requests {
	struct open_request entries[OPEN_REQUESTS];
	uint16_t slots[OPEN_REQUEST_SLOTS];
	unsigned next; /* the entry that is used next, and was the longest ago */
	uint64_t given_up;
};

/*
 * One was sent. Its entry, to be filled in by the caller until the next call; NULL: its reply has come
 * already.
 */
struct open_request *open_requests_ask(struct open_requests *, uint64_t id);

/*
 * Something came that may be the reply to it. Its entry, which is forgotten with the next call; NULL: no such
 * request is open.
 */
struct open_request *open_requests_answer(struct open_requests *, uint64_t id);
