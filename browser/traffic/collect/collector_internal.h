/* What collector.c (who is read, when, and who asks) and join.c (what records mean) share. */
#pragma once
#include "browser/traffic/collect/process_state.h"
#include "common/task.h"

struct collector {
	struct collector_config config;
	struct history history;
	struct traffic_process_state *processes; /* hash, by endpoint */
	struct flow *flows;			 /* hash, by both endpoints */
	struct traffic_process_state **heap;	 /* for the drain: who has the earliest record */
	unsigned nheap, heap_room, nprocesses, nended;
	uint64_t ended_count, pushed, lost;
	uint64_t start_us, start_ns, wall_offset_ns;
	struct collector_listener *listeners;
	unsigned effort; /* since the drain looked at the clock: records, and messages that they decided */
	bool changed, draining;
	struct task timer, soon;
};

struct traffic_process_state *collector_find(const struct collector *, struct endpoint);

/* Number, keep and show an event. Returns it with a reference for the caller, NULL: no memory. */
struct stored *collector_keep(struct collector *, const struct traffic_event *, const void *payload,
			      uint32_t payload_bytes, uint64_t time_ns);

/*
 * To the log, and nowhere else: bytes that passed beside messages. kind is TRAFFIC_BODY, which goes to that
 * process, or TRAFFIC_MEMORY, which comes from it. Nothing happens without a log.
 */
void collector_log_bulk(struct collector *, enum traffic_kind kind, struct endpoint, uint64_t cause,
			uint64_t time_ns, const void *payload, uint32_t bytes);

/* Wake the log's writer and tell the listeners, if there is news. */
void collector_tell(struct collector *);

/* Take the record that was read ahead of p. */
void join_take(struct collector *, struct traffic_process_state *p);

/* join_held.c: the record says that a breakpoint held or dropped a message. */
void join_take_held(struct collector *, struct traffic_process_state *p, struct endpoint peer);
/* Which of the record's marks are believed. */
uint32_t join_believe_marks(const struct collector *, const struct traffic_process_state *p);
/* Its receipt: the time that it was held, or waited behind one that was, is no time in the queue. */
void join_part_times(const struct flow *, struct stored *, uint64_t time_ns);
/* The record says that the browser holds back what it is to send, which has no id yet. */
void join_take_waiting(struct collector *, struct traffic_process_state *p, struct endpoint peer);
/* Such a one has been sent: it is that event, with a reference for the caller. NULL: it was not told of. */
struct stored *join_leave(struct collector *, struct traffic_process_state *p, struct flow *);
/* A message's fields never fill more than a packet, whatever a record claims. */
uint32_t join_believable_bytes(uint32_t bytes);
/* The fields are those that the record tells of. */
void join_believe_fields(struct collector *, struct traffic_process_state *p, struct stored *);
/* join.c: a new event of the record. NULL: no memory. */
struct stored *join_keep(struct collector *, struct traffic_process_state *p, struct endpoint from,
			 struct endpoint to);
/* And between whom. NULL: no memory. */
struct flow *join_flow(struct collector *, struct traffic_process_state *from,
		       struct traffic_process_state *to);
/* join.c, for that: the fate of a message is known (a flow_decided_fn of the collector's). */
void join_decided(void *collector, struct flow *, struct stored *);
bool join_id_belongs_to(uint64_t id, struct endpoint);

/* What p was handling has returned then, or, with TRAFFIC_NO_TIME, nobody knows when: its line can be
 * written. */
void join_end_handling(struct collector *, struct traffic_process_state *p, uint64_t end_ns);

/* This process has been proved to lie. */
void join_mark_forged(struct collector *, struct traffic_process_state *);

/* Note which ends are closed, before the drain that reads what came in before they were. */
void join_note_closed(struct collector *);

/* After a drain that has read everything: decide what can no longer arrive. */
void join_settle(struct collector *);

/* The end that `one` had of its channel to `other` is closed. */
void join_settle_channel(struct collector *, struct endpoint one, struct endpoint other);

/* Keep what its counters say, for its region is about to go. */
void join_note_counters(struct collector *, struct traffic_process_state *);

/* Forget every flow from and to a process, what is open becomes unknown. */
void join_forget(struct collector *, struct traffic_process_state *);

struct flow *join_find(const struct collector *, struct endpoint from, struct endpoint to);
