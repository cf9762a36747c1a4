/*
 * Reads the flight recorders of all processes, the browser's own among them, and joins what was sent with
 * what was received into messages with a fate. Keeps the newest in memory, counts, and hands each decided one
 * to the log. One thread, the browser's main one. browser/traffic/collect/process_state.c holds what is known
 * of one process, flow.c of one direction between two, history.c the events; log_writer.c writes them.
 *
 * Nothing that a recorder says is believed: a record is copied, checked against what its writer may say, and
 * a writer that is proved a liar is marked as forged and read no more. All tables are bounded.
 */
#pragma once
#include "browser/traffic/collect/flow.h"
#include "browser/traffic/log/log_writer.h"

#define COLLECTOR_EVENTS 100000u
#define COLLECTOR_BYTES                                                                                      \
	(40u << 20) /* of events held in memory: enough for all of them, the long ones cut                   \
		     */
#define COLLECTOR_OPEN_BYTES (16u << 20) /* of messages whose fate is open */
#define COLLECTOR_ENDED	     256	 /* ended processes that are remembered */
#define COLLECTOR_LAST	     16		 /* messages remembered of each process, in each direction */
#define COLLECTOR_BEATS	     8
#define COLLECTOR_DRAIN_MS   100

struct collector_config {
	uint32_t max_events;	/* 0: COLLECTOR_EVENTS */
	size_t max_bytes;	/* 0: COLLECTOR_BYTES */
	struct log_writer *log; /* may be NULL; stays the caller's, and must outlive the collector */
	/* That process's recorder was proved to lie. From within a drain. May be NULL. */
	void (*forged)(void *arg, struct endpoint);
	/*
	 * Its recorder says that a toxic acted on a message that it sent. From within a drain. false: there
	 * is no such toxic there, and the record is not believed. NULL: all are.
	 */
	bool (*toxic)(void *arg, uint64_t message, uint32_t toxic, enum toxic kind);
	/* Likewise: that a breakpoint holds a message that came to it. */
	bool (*held)(void *arg, uint32_t breakpoint, struct endpoint from, struct endpoint at);
	/* Likewise: what was done by hand to a message that it sent or received, as bits of enum record_mark.
	 * Returns those that it was told to do. */
	uint32_t (*marks)(void *arg, struct endpoint at, uint64_t message, uint16_t type, uint32_t marks);
	void *arg;
};

struct collector;
struct collector *collector_create(const struct collector_config *); /* NULL: no memory */

/* A last drain; what is undecided goes to the log as in_flight; everything is freed. NULL is fine. */
void collector_destroy(struct collector *);

/*
 * Read that recorder from now on. ring_bytes is what the browser made it with. The region must stay mapped
 * until collector_process_ended() or collector_destroy(). The browser is endpoint {ROLE_BROWSER, 0}; each
 * process is added before the first message to it is sent. false: no memory, or there is such a process
 * already.
 */
bool collector_add_process(struct collector *, struct endpoint, struct recorder_region *,
			   uint64_t ring_bytes);

/*
 * The process is dead and the browser's channel to it has been read to its end. A last drain; then everything
 * that it did not receive, or that never left it, is decided. What it sent to living children stays in flight
 * until they have read their end of the channel to its end. Its region is not touched afterwards.
 */
void collector_process_ended(struct collector *, struct endpoint);

/*
 * The end that `one` had of its channel to `other` is closed, while both live. (Seen without this too, at the
 * next drain, from the open flags in their recorders.)
 */
void collector_channel_ended(struct collector *, struct endpoint one, struct endpoint other);

/* Drain ten times a second on the loop, and once more in its next turn after each collector_wake(). */
void collector_run(struct collector *);
/* For did_fill_recorder, and for the on_half of the browser's own recorder (whose arg is then the collector).
 */
void collector_wake(void *collector);

/* Read what the recorders hold. budget_ms bounds the time (0: none). True: there is more. */
bool collector_drain(struct collector *, unsigned budget_ms);

/* Something that happened in the life of a process; what does not apply is left 0. */
struct traffic_process {
	enum traffic_process_event what;
	struct endpoint process;
	uint64_t cause; /* id of the message or input that made it happen, if known */
	int pid;
	const char *name; /* the plugin type and such */
	/* exit */
	enum termination_status status;
	int signal; /* 0: none */
	bool has_code;
	int code; /* of an exit, or si_code of a signal */
	bool has_address;
	uint64_t address;
	const char *syscall;	 /* that violated the sandbox */
	enum bad_message reason; /* for which it was killed */
	const char *detail;	 /* in words */
	const char *toxic;	 /* whose doing it was, in words */
	/* ready: bits of enum layer */
	bool has_layers;
	uint32_t layers;
	const char *missing; /* why some are off */
	/* gap */
	uint64_t records;
	/* unresponsive, exit and so on: how long it took, or lived; 0: not said */
	uint64_t after_us;
};
void collector_note_process(struct collector *, const struct traffic_process *);

/* What came of a death or a hang, or that it is made up for; details: a JSON object. */
void collector_note_blast(struct collector *, enum traffic_blast_event, struct endpoint, uint64_t cause,
			  const struct format *details);

/* A key, a click, a command or a scenario's step: id from channel_make_id(), cause 0 if none. */
void collector_note_input(struct collector *, uint64_t id, uint64_t cause, enum traffic_input_kind,
			  const char *value);

/*
 * For a log that is to be replayed: bytes of a body that went into its pipe, for that process; and what that
 * process had written into a region, from `memory->offset` on, as it was read by the present cause.
 */
void collector_note_body(struct collector *, struct endpoint to, uint32_t page, uint32_t navigation,
			 const void *bytes, size_t length);
void collector_note_memory(struct collector *, struct endpoint from, const struct record_memory *memory,
			   const void *bytes);

/* The events in memory: those with first <= sequence < end. NULL: gone. Valid until the next call that
 * changes. */
uint64_t collector_first(const struct collector *);
uint64_t collector_end(const struct collector *);
const struct traffic_event *collector_event(const struct collector *, uint64_t sequence);

/* When it happened, in ns of CLOCK_MONOTONIC, to the microsecond. */
uint64_t collector_time_ns(const struct collector *, const struct traffic_event *);

/* What they take in memory. */
size_t collector_bytes(const struct collector *);

/* Where times count from, in us since the epoch. */
uint64_t collector_start_us(const struct collector *);

/* The history has changed (once a drain, not once a message). The listener is the caller's. */
struct collector_listener {
	void (*changed)(void *arg);
	void *arg;
	struct collector_listener *next;
};
void collector_listen(struct collector *, struct collector_listener *);
void collector_unlisten(struct collector *, struct collector_listener *);

/* What the log counts of one direction. */
struct traffic_counts collector_count(const struct collector *, struct endpoint from, struct endpoint to);

/* How many that were sent wait behind one that a breakpoint holds on its way between those two. */
unsigned collector_behind(const struct collector *, struct endpoint from, struct endpoint to);

/* Messages lost since the start, in all. */
uint64_t collector_lost(const struct collector *);

/* The last messages of a process, newest first, without pings: those it sent, or those it received. */
enum collector_direction { COLLECTOR_SENT, COLLECTOR_RECEIVED };
unsigned collector_last(const struct collector *, struct endpoint, enum collector_direction, unsigned max,
			const struct traffic_event **out);

/* Messages sent and received, without pings, in each eighth of the last 10 s, newest last. */
void collector_beat(const struct collector *, struct endpoint, unsigned out[COLLECTOR_BEATS]);
/* And a second, just now. */
double collector_rate(const struct collector *, struct endpoint);

/* Records lost to overwriting, and whether the recorder was proved to lie. */
uint64_t collector_gaps(const struct collector *, struct endpoint);
bool collector_forged(const struct collector *, struct endpoint);
