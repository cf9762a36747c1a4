/*
 * One thread of a trace: which slices lie on it. The format wants them one behind the other or one within the
 * other, and an arrow's ends within slices. The log's times are cut to the microsecond and the tenth of one,
 * so handlers that ran one right behind the other seem to overlap by up to that: they are moved apart again.
 */
#pragma once
#include "browser/traffic/output/trace_out.h"
#include <stddef.h>
#include <uthash.h>

#define TRACE_TRACKS	 1024 /* the last stands for all further processes */
#define TRACE_TRACK_NAME 64
#define TRACE_DEPTH	 16
#define TRACE_RECENT	 8
#define TRACE_ARRIVALS	 32
#define TRACE_BRIEF_NS	 10 /* of a send outside of any handler: as long as one takes at least */

struct trace_span {
	uint64_t start, end; /* end: UINT64_MAX while it is open */
	uint64_t after;	     /* nothing lies between here and its start */
	uint64_t last_send;
	uint64_t id; /* trace_name_id() of the message, 0: none */
	bool open;   /* nobody knows yet when it ends: its end is still to be written */
	bool brief;  /* no handler */
};

/* A handler that is yet to be placed: when, by the log's times, and its place in the log. */
struct trace_arrival {
	uint64_t ns, sequence;
};

struct trace_track {
	char name[TRACE_TRACK_NAME];
	uint32_t pid;
	bool told;	   /* its name has been written */
	uint64_t frontier; /* the end of what lies on it and is over */
	/* Rings of what was placed last, and of what is known to come. */
	struct trace_span recent[TRACE_RECENT];
	struct trace_arrival arrivals[TRACE_ARRIVALS];
	unsigned nrecent, narrivals; /* ever */
	unsigned depth;
	struct trace_span spans[TRACE_DEPTH]; /* each lies within the one before */
	UT_hash_handle hh;
};

/* A place on a track where an arrow may begin or end. */
struct trace_point {
	struct trace_track *track; /* NULL: nowhere */
	uint64_t ns;
};

struct trace_tracks {
	struct trace_track *by_name, *others;
	uint32_t next_pid;
	struct trace_out *out;
};

void trace_tracks_init(struct trace_tracks *, struct trace_out *);
void trace_tracks_finish(struct trace_tracks *); /* writes nothing */

/* NULL: no memory. */
struct trace_track *trace_tracks_find(struct trace_tracks *, const char *name);
/* That is the process's real id. It is taken unless another process of the log has it, or it is too late. */
void trace_track_set_pid(struct trace_tracks *, struct trace_track *, uint32_t pid);

/* A text's number: 0 for "". */
uint64_t trace_name_id(const char *text);

/*
 * When is it that handler's turn, among others that by the log's times began together? A process handles one
 * message after the other, and their lines of the log are in that order.
 */
uint64_t trace_track_turn(struct trace_track *, uint64_t ns, uint64_t sequence);

/*
 * Find a place for a slice that began at `start` and not before `earliest`, in ns. TRAFFIC_NO_TIME as its
 * length: it is not known, and what comes next on the track ends it. false: it came too late to be placed.
 */
bool trace_track_place(struct trace_tracks *, struct trace_track *, uint64_t start, uint64_t earliest,
		       uint64_t length, struct trace_span *span);

/*
 * Is there a slice that a message sent then, for that cause, was sent from? *ns becomes a time within it, and
 * *handled whether it is the cause's handler, and not another that ran at that time.
 */
bool trace_track_inside(struct trace_tracks *, struct trace_track *, uint64_t sent, uint64_t cause,
			uint64_t *ns, bool *handled);

/* The process ended, or the log: so does what is open. */
void trace_track_end(struct trace_tracks *, struct trace_track *, uint64_t ns, const char *why);
