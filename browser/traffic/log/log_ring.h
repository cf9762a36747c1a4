/*
 * Events on their way from the main thread to the log's writer: a ring with one thread that puts and one that
 * takes, and no lock between them, so that neither ever waits for the other. Only as much of its memory is
 * touched as ever waited at once. log_writer.c has one.
 */
#pragma once
#include "browser/traffic/message.h"
#include <stdatomic.h>

/* An event as it waits: its payload behind it. */
struct log_entry {
	uint32_t bytes; /* with payload, a multiple of 8 */
	uint32_t empty; /* nothing but room that is skipped; what follows is not there */
	struct traffic_event event;
};

struct log_ring {
	uint8_t *data;
	size_t bytes;
	/* The putting thread's. */
	uint64_t head, known_taken;
	/* The taking thread's. */
	uint64_t known_shown;
	_Atomic uint64_t base;	/* the position that lies at the start of the memory */
	_Atomic uint64_t shown; /* up to here entries may be taken */
	_Atomic uint64_t taken;
};

/* bytes: a power of two. false with errno: no memory. */
bool log_ring_init(struct log_ring *, size_t bytes);
void log_ring_finish(struct log_ring *);

/*
 * Copy the event and its payload, if `spare` bytes stay free beside them. It can be taken once
 * log_ring_show() was called.
 */
bool log_ring_put(struct log_ring *, const struct traffic_event *, size_t spare);
void log_ring_show(struct log_ring *);
/* Bytes that wait, and of them those that are not shown yet. For the putting thread. */
size_t log_ring_waiting(struct log_ring *);
size_t log_ring_hidden(const struct log_ring *);

/* The next entry, or NULL. It may be changed; it stays until it is taken. */
struct log_entry *log_ring_next(struct log_ring *);
void log_ring_take(struct log_ring *, const struct log_entry *);
static inline uint8_t *log_entry_payload(struct log_entry *entry)
{
	return (uint8_t *)(entry + 1);
}

/* Take all that is left; how many entries that was. */
uint64_t log_ring_count(struct log_ring *);
