/*
 * What the sink trace has still to place, earliest first. A log has its lines in the order in which fates
 * became known; slices must be placed in the order of time. So a bounded number of them waits here, and what
 * comes out is in order unless the log is out of order by more than that.
 */
#pragma once
#include "browser/traffic/output/export.h"
#include "browser/traffic/output/trace_track.h"

#define TRACE_QUEUE_ITEMS 65536
#define TRACE_QUEUE_BYTES (16u << 20) /* of their text */

enum trace_stage {
	TRACE_SENDING,	/* a message, at its sender */
	TRACE_HANDLING, /* a message, at its receiver */
	TRACE_MARKING,	/* an event in a process's life, input, and the like */
};

struct trace_item {
	uint64_t at_ns, sequence; /* when its turn is, and its place in the log */
	enum trace_stage stage;
	enum traffic_kind kind;
	uint64_t ts_ns;			/* sent, or happened; since the session began */
	uint64_t queued_ns, handled_ns; /* or TRAFFIC_NO_TIME */
	uint64_t held_ns;
	struct trace_track *from, *to;
	struct trace_point sent; /* once it is placed at its sender */
	uint64_t id, cause;	 /* trace_name_id() of their text */
	uint32_t bytes, breakpoint, page;
	bool delivered, has_page;
	bool from_cause; /* the arrow from its sender begins, directly or not, at what caused it */
	uint8_t fds;
	/* Text, one behind the other in `text`. */
	const char *name, *id_text, *cause_text, *fate, *marks, *args, *detail;
	size_t text_bytes;
	char *text;
};

struct trace_queue {
	struct trace_item **heap;
	size_t count, text_bytes;
};

bool trace_queue_init(struct trace_queue *);
void trace_queue_finish(struct trace_queue *); /* and what is in it */
/* Takes the item over; false: there is no room, and it stays the caller's. */
bool trace_queue_add(struct trace_queue *, struct trace_item *);
bool trace_queue_is_full(const struct trace_queue *);
struct trace_item *trace_queue_take(struct trace_queue *); /* NULL: it is empty. The caller's to free */

/* A copy of what a trace shows of an event. NULL: no memory. */
struct trace_item *trace_item_create(const struct sink_options *, const struct traffic_event *,
				     struct export_room *);
void trace_item_free(struct trace_item *);
