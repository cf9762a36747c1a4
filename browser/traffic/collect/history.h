/*
 * The newest events, within a bound in number and in bytes. Where bytes are scarce, the oldest messages are
 * first cut to the head of their fields, and only then dropped. Events are counted references: the history
 * holds one, a flow (flow.h) one for each message whose fate is open, a process one for each it did last.
 * browser/traffic/collect/collector.c fills it.
 */
#pragma once
#include "browser/traffic/message.h"

#define STORED_HEAD	128 /* bytes of a payload that lie behind its event; more lies apart */
#define STORED_OVERHEAD 16  /* that the allocator takes for each piece, about */
#define HISTORY_WHOLE	512 /* the newest are not cut: some are still on their way, and not in the log */

struct stored {
	struct traffic_event event;
	struct stored *next; /* the next one of its flow whose fate is open */
	uint64_t time_ns; /* CLOCK_MONOTONIC, of event.ts_us, or when it left after having been held back */
	uint64_t held_before_ns; /* flow_held() of its flow when it was sent */
	uint32_t references;
	uint32_t room; /* bytes behind this struct */
	uint8_t payload[];
};

/* A new event with a copy of that payload and one reference. NULL: no memory. */
struct stored *stored_create(const struct traffic_event *, const void *payload, uint32_t payload_bytes);
void stored_hold(struct stored *);
void stored_release(struct stored *); /* NULL is fine */

/* Put another payload in place of the old one. false: no memory; then the old one stays. */
bool stored_set_payload(struct stored *, const void *payload, uint32_t payload_bytes);

/* Bytes that an event takes in memory, with what the allocator takes for it. */
size_t stored_bytes(const struct stored *);

/* Keep no more than the first STORED_HEAD bytes of a long payload. false: there was nothing to cut. */
bool stored_cut(struct stored *);

struct history {
	struct stored **slots;
	uint32_t capacity; /* a power of two */
	uint32_t max_events;
	size_t max_bytes, bytes;
	uint64_t first, end; /* sequence numbers: those held, and one behind the newest */
	uint64_t cut;	     /* events before this one have been cut, or could not be */
};

/* false: no memory. */
bool history_init(struct history *, uint32_t max_events, size_t max_bytes);
void history_finish(struct history *);

/* Number the event and keep it, taking a reference of its own. */
void history_append(struct history *, struct stored *);

/* Cut and forget the oldest until the bounds are kept again, for an event has grown by so many bytes. */
void history_grew(struct history *, size_t bytes);

/* NULL: dropped, or not yet there. */
struct stored *history_get(const struct history *, uint64_t sequence);
