/*
 * Any message filled from its field table, so that a test of every message needs no list of them.
 * test_codec.c and fuzz_decode.c use it.
 */
#pragma once
#include "common/codec.h"

enum fill { FILL_LEAST, FILL_MOST, FILL_RANDOM, FILL_COUNT };

#define FILLER_FD 77 /* what stands in a descriptor's place; nobody opens it */

struct filler {
	enum fill how;
	uint64_t random; /* not 0 */
	size_t used;
	char text[128 << 10]; /* of the strings and bytes of the message filled last */
};

/* The message's strings borrow from the filler, until the next call. */
void filler_fill(struct filler *, enum ipc_id, void *message);

/* Do two messages of that kind say the same? */
bool filler_equal(enum ipc_id, const void *a, const void *b);

/* Has this message a descriptor? */
bool filler_has_fd(enum ipc_id);

/* Bytes that a field takes in an encoding whose field begins at `at`. */
size_t filler_wire_bytes(const struct ipc_field *, const uint8_t *at);

/* Roles that may send and receive it: the first of each. */
enum role filler_from(enum ipc_id);
enum role filler_to(enum ipc_id);
