/*
 * Breakpoints: questions in the language of browser/traffic/query/query.h. A sound message that one of them
 * asks for is held before its handler, and what comes behind it on the same channel and direction waits;
 * pings pass. common/hold.c holds: on the browser's own channels as the whole question says, between children
 * in the receiver, on what can be told it of the question (breakpoint_place.c); what it holds in vain the
 * browser lets go on at once.
 *
 * Holding and going on are looking; edited, dropped and doubled messages are faults, and refused where faults
 * are off. compose.h has the text in which a message is edited. browser/ui/do_hold.c has the commands.
 */
#pragma once
#include "browser/traffic/query/query.h"
#include "common/hold.h"

struct browser;
struct chain_set;
struct process_host;

#define BREAKPOINTS_MAX	      32
#define BREAKPOINT_STEPS      64   /* that are due between children */
#define BREAKPOINT_ORDERS     1024 /* the last things that were ordered, against which records are checked */
#define BREAKPOINT_EDIT_BYTES 4096 /* the fields of an edited message are no more */

struct breakpoint {
	struct breakpoint *next;
	uint32_t number; /* never used again */
	char text[QUERY_TEXT];
	struct query *query;
	uint64_t hits;		  /* messages that it held */
	bool removed;		  /* it holds no more, and is remembered for what is still told of it */
	struct chain_set *chains; /* what belongs to the chains that it asks for, as far as is known */
	unsigned nchains;
	uint64_t chained; /* events of the collector up to this one are in them */
};

struct held_message {
	struct held_message *next;
	uint32_t number; /* of its own, never used again */
	uint32_t breakpoint;
	bool stepped; /* it was held as the next one, whatever it is */
	bool edited;  /* event has the new fields */
	/* Status TRAFFIC_HELD; its payload is this struct's. One that the browser is about to send has no id
	 * yet. */
	struct traffic_event event;
	uint64_t since_ns; /* CLOCK_MONOTONIC */
};

struct breakpoints {
	struct browser *browser;
	struct breakpoint *first;  /* in the order of their numbers, removed ones too */
	struct held_message *held; /* oldest first */
	uint32_t last_breakpoint, last_held;
	struct breakpoint_step { /* between children: the next one there is held whatever it is */
		struct endpoint from, to;
		uint32_t breakpoint;
	} steps[BREAKPOINT_STEPS];
	unsigned nsteps;
	struct breakpoint_order {
		uint64_t message;   /* what was held; 0: one that is to be sent by hand */
		struct endpoint at; /* who was told */
		uint16_t type;
		uint32_t marks; /* bits of enum record_mark */
	} orders[BREAKPOINT_ORDERS];
	unsigned norders; /* ever */
};

void breakpoints_init(struct breakpoints *, struct browser *);
void breakpoints_finish(struct breakpoints *);

/*
 * Hold what that question asks for, from now on, in all processes that are and will be. false: *error says
 * where the question is wrong, or asks for what no message is while it is held, or why there cannot be one
 * more (length 0: there is no column to it).
 */
bool breakpoints_add(struct browser *, const char *text, uint32_t *number, struct query_error *error);
/* What it holds goes on. 0: all. false: there is none of that number. */
bool breakpoints_remove(struct browser *, uint32_t number);

/* Those that hold now, oldest first; walk with breakpoint_next(). NULL: no more. */
const struct breakpoint *breakpoint_next(const struct breakpoints *, const struct breakpoint *before);
struct held_message *breakpoints_find_held(const struct breakpoints *, uint32_t number);
/* How many wait behind it; between children, as far as the traffic has been read. */
unsigned breakpoints_behind(const struct breakpoints *, const struct held_message *);

/* Other fields for what is held, which stays held. false with *why (static): not held, too long, faults are
 * off. */
bool breakpoints_edit(struct browser *, uint32_t held, const uint8_t *fields, size_t bytes, const char **why);
/* It goes on, or not. false with *why (static): it is not held any more, faults are off. */
bool breakpoints_settle(struct browser *, uint32_t held, enum held_action, const char **why);

/* Is something held that this process sent, or is to receive? Then it is no wonder that nothing happens. */
bool breakpoints_hold(const struct breakpoints *, struct endpoint);

/* News, from browser/news.c. */
void breakpoints_started(struct breakpoints *, struct process_host *);
void breakpoints_ready(struct breakpoints *, struct process_host *);
void breakpoints_died(struct breakpoints *, struct process_host *);
/* `at` says that its channel to `other` has ended: what it held of it is gone. */
void breakpoints_lost_peer(struct breakpoints *, struct endpoint at, struct endpoint other);

/* From the collector: does that process hold what it was told to? It is not believed otherwise. */
bool breakpoints_believe_held(const struct breakpoints *, uint32_t breakpoint, struct endpoint from,
			      struct endpoint at);
/* Which of these marks (enum record_mark) it was ordered to set on that message. */
uint32_t breakpoints_believe_marks(const struct breakpoints *, struct endpoint at, uint64_t message,
				   uint16_t type, uint32_t marks);
void breakpoints_note_order(struct breakpoints *, const struct breakpoint_order *);
/* A person has meddled with what that process sends or gets: its death may come of it. what: static. */
void breakpoints_note_fault(struct breakpoints *, struct endpoint, const char *what);
