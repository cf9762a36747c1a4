/*
 * What the collector knows of one process: its place in the recorder, what it did last, its beat.
 * browser/traffic/collect/collector.c decides what its records mean.
 */
#pragma once
#include "browser/traffic/collect/collector.h"

#define BEAT_NS UINT64_C(1250000000)

struct beat {
	uint64_t bucket; /* number of the newest: time / BEAT_NS */
	uint32_t counts[COLLECTOR_BEATS];
};

struct traffic_process_state {
	struct {
		uint32_t role, serial;
	} key;
	struct endpoint endpoint;
	struct recorder_region *region; /* NULL: ended */
	struct recorder_reader reader;
	uint64_t last_number; /* of what it sent */
	uint64_t last_time;
	uint64_t stop; /* reader position at which this drain leaves it, so that none is read for ever */
	uint64_t gaps_told;
	uint64_t gap_ns; /* receipts of what was sent to it up to then may be missing */
	bool ended, forged;
	bool keeps_memory; /* its recorder may hold what it wrote into its regions */
	uint64_t ended_order;

	bool has_next; /* a record read ahead, to be taken in the order of time */
	struct record next;
	uint8_t *payload;
	size_t payload_room;

	/* Received, and its handler runs or has returned at a time that is not known yet; NULL: none. Its
	 * line of the log waits for that. */
	struct stored *handling;
	uint64_t handling_ns; /* since when */

	struct stored *last[2][COLLECTOR_LAST];
	unsigned nlast[2];
	struct beat beat;
	UT_hash_handle hh;
};

struct traffic_process_state *process_state_create(struct endpoint, struct recorder_region *,
						   uint64_t ring_bytes);
void process_state_destroy(struct traffic_process_state *);

enum process_state_read { PROCESS_READ_NOTHING, PROCESS_READ_RECORD, PROCESS_READ_GAP, PROCESS_READ_FORGED };

/*
 * See to it that `next` holds the process's next record of no later than cutoff_ns. GAP and FORGED are told
 * once each; after GAP call again.
 */
enum process_state_read process_state_read(struct traffic_process_state *, uint64_t cutoff_ns);

/* The region is about to go. */
void process_state_end(struct traffic_process_state *);

/* The counters of its channel to that peer, copied; *open says whether it is. false: no such slot. */
struct peer_counters {
	bool open;
	uint64_t flushed, arrived;
};
bool process_state_peer(const struct traffic_process_state *, struct endpoint peer, struct peer_counters *);

void process_state_remember(struct traffic_process_state *, enum collector_direction, struct stored *);

void beat_count(struct beat *, uint64_t time_ns);
void beat_show(const struct beat *, uint64_t now_ns, unsigned out[COLLECTOR_BEATS]);
double beat_rate(const struct beat *, uint64_t now_ns);
