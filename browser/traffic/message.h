/*
 * The model of one thing that happened: a message, an event in a process's life, or the user's input.
 * browser/traffic/collect/collector.c makes them from flight recorders, log_reader.c from the lines of a log;
 * everything that shows, filters or writes traffic works on struct traffic_event and the functions here, and
 * on nothing else.
 */
#pragma once
#include "common/channel.h"
#include "common/format.h"

enum traffic_kind {
	TRAFFIC_MESSAGE,
	TRAFFIC_PROCESS,
	TRAFFIC_INPUT,
	TRAFFIC_BLAST,	 /* what a death or a hang did to the others, and that it is made up for */
	TRAFFIC_DROPPED, /* the log could not keep up: `bytes` lines are missing here */
	TRAFFIC_BODY,	 /* bytes of a response's body on their way to `to`; only in a log, with
			    --log-payload=full */
	TRAFFIC_MEMORY,	 /* what `from` wrote into a region that it shares; likewise */
	TRAFFIC_OTHER,	 /* a line of a log that this version does not know */
	TRAFFIC_KIND_COUNT
};

enum traffic_status {
	TRAFFIC_DELIVERED,
	TRAFFIC_REFUSED,
	TRAFFIC_LOST,
	TRAFFIC_UNKNOWN,
	TRAFFIC_IN_FLIGHT,
	TRAFFIC_HELD, /* by a breakpoint, before its handler */
	TRAFFIC_STATUS_COUNT
};
extern const char *const traffic_status_names[];

/* Where a lost message was last. */
enum traffic_where {
	TRAFFIC_NOWHERE,       /* not lost, or nobody knows */
	TRAFFIC_AT_SENDER,     /* never left it */
	TRAFFIC_IN_CHANNEL,    /* left the sender, never came in */
	TRAFFIC_AT_RECEIVER,   /* came in, was not handled */
	TRAFFIC_IN_TOXIC,      /* a toxic dropped it, or cut the channel before it */
	TRAFFIC_AT_BREAKPOINT, /* it was held, and came no further */
	TRAFFIC_WHERE_COUNT
};
extern const char *const traffic_where_names[];

enum traffic_process_event {
	TRAFFIC_PROCESS_START,
	TRAFFIC_PROCESS_READY,
	TRAFFIC_PROCESS_EXIT,
	TRAFFIC_PROCESS_UNRESPONSIVE,
	TRAFFIC_PROCESS_RESPONSIVE,
	TRAFFIC_PROCESS_GAP,	/* its flight recorder was overwritten before it was read */
	TRAFFIC_PROCESS_FORGED, /* its flight recorder held what no recorder writes; nothing more is read from
				   it */
	TRAFFIC_PROCESS_EVENT_COUNT
};
extern const char *const traffic_process_event_names[];

enum traffic_input_kind {
	TRAFFIC_INPUT_KEY,
	TRAFFIC_INPUT_CLICK,
	TRAFFIC_INPUT_COMMAND,
	TRAFFIC_INPUT_STEP, /* of a scenario */
	TRAFFIC_INPUT_KIND_COUNT
};
extern const char *const traffic_input_names[];

enum traffic_blast_event { TRAFFIC_BLAST_SETTLED, TRAFFIC_BLAST_RECOVERED, TRAFFIC_BLAST_EVENT_COUNT };
extern const char *const traffic_blast_event_names[]; /* their lines' types: blast, recovery */

/* What was done to a message by hand, as bits. */
enum traffic_mark {
	TRAFFIC_BY_HAND = 1, /* composed, or sent again */
	TRAFFIC_EDITED = 2,
	TRAFFIC_DUPLICATED = 4, /* its handler got it twice, and this is the second time */
};
extern const char *const traffic_mark_names[]; /* by bit; NULL ends them */

/* How much of messages a log says; the first is meant where nothing is said. */
enum log_payload {
	LOG_PAYLOAD_HEAD, /* their arguments, but of long ones the beginning */
	LOG_PAYLOAD_NONE, /* no arguments */
	LOG_PAYLOAD_FULL, /* whole arguments, and all bytes as well; what passes beside messages too */
	LOG_PAYLOAD_COUNT
};
extern const char *const log_payload_names[LOG_PAYLOAD_COUNT];

/*
 * What stands before the bytes of a TRAFFIC_BODY in its payload; before those of a TRAFFIC_MEMORY stands a
 * struct record_memory, and its cause is the message that announces them, or with which they were read.
 */
struct traffic_body {
	uint32_t page, navigation;
};

/* How an event that was read from a log calls things. All text is clean: safe to send to a terminal. */
struct traffic_words {
	const char *name, *id, *cause, *from, *to, *status, *where, *reason, *toxic;
	const char *args;    /* a JSON object in the shape of browser/traffic/log/json_scan.h */
	const char *payload; /* what the line says of the bytes: hex; of a body or memory: base64 */
	const char *line;    /* all of it, a JSON object of that shape */
	size_t line_length;
	bool has_page;
	uint32_t page; /* args.page */
};

#define TRAFFIC_NO_TIME UINT64_MAX /* it is not known */

struct traffic_event {
	uint64_t sequence;   /* its place in the history; those of a log are numbered from 0 */
	uint64_t ts_us;	     /* since the epoch: sent, or happened */
	uint64_t id, cause;  /* 0: none, or a name that this version does not know */
	uint64_t queued_ns;  /* between sending and being handled, or TRAFFIC_NO_TIME */
	uint64_t handled_ns; /* that its handler took, or TRAFFIC_NO_TIME: none ran, or it has not returned */
	struct endpoint from,
		to; /* a process event or blast has the process in `from`; unknown roles are ROLE_COUNT */
	const uint8_t *payload; /* a message: its fields as encoded; otherwise: a JSON object */
	const struct traffic_words
		*words;		/* NULL unless read from a log, and then they say what the rest does not */
	uint32_t bytes;		/* of a message's fields */
	uint32_t payload_bytes; /* kept of them */
	uint16_t type; /* message: enum ipc_id, or a number that means nothing; else the enum of its kind */
	uint8_t kind;  /* enum traffic_kind */
	uint8_t status, where;
	uint8_t reason;	    /* enum bad_message, when refused */
	uint8_t toxic_kind; /* enum toxic, and how long it was held; toxic 0: none acted */
	uint32_t toxic;
	uint64_t held_ns;    /* by toxics and breakpoints */
	uint32_t breakpoint; /* that held it, 0: none */
	uint8_t marks;	     /* bits of enum traffic_mark */
	uint8_t fds;
};

/* Room for any name of a message. */
#define TRAFFIC_NAME_TEXT 32

/* What the line of a log would call it; text lives in buf, in the event or for ever. Never NULL, "" for
 * nothing. */
const char *traffic_name(const struct traffic_event *, char buf[TRAFFIC_NAME_TEXT]);
const char *traffic_from(const struct traffic_event *, char buf[ENDPOINT_TEXT]);
const char *traffic_to(const struct traffic_event *, char buf[ENDPOINT_TEXT]);
const char *traffic_id(const struct traffic_event *, char buf[IPC_ID_TEXT]);
const char *traffic_cause(const struct traffic_event *, char buf[IPC_ID_TEXT]);
const char *traffic_status(const struct traffic_event *); /* "" unless a message */
const char *traffic_where(const struct traffic_event *);
const char *traffic_reason(const struct traffic_event *); /* "" unless refused */
/* "drop 2": what was done to it, and by which toxic; "": nothing. */
#define TRAFFIC_TOXIC_TEXT 32
const char *traffic_toxic(const struct traffic_event *, char buf[TRAFFIC_TOXIC_TEXT]);

/* Pings and pongs, which readers hide until asked. */
bool traffic_is_ping(const struct traffic_event *);

/* They, and what is said about breakpoints: what the live view hides until asked. */
bool traffic_is_upkeep(const struct traffic_event *);

/* The page that a message names. */
bool traffic_page(const struct traffic_event *, uint32_t *page);

/*
 * The bytes of a message's fields, as many as are known and fit, recorded or read from a log. Returns how
 * many. All of them are known when that is `bytes` of the event.
 */
size_t traffic_payload(const struct traffic_event *, uint8_t *out, size_t capacity);

/*
 * Unpack a recorded message's fields, borrowing its payload. false: they are not known in full, or make no
 * sense. A descriptor's number is meaningless.
 */
bool traffic_decode(const struct traffic_event *, union ipc_any *);

/* Arguments as a JSON object; false, and nothing is written, when they are not known. */
bool traffic_args_json(const struct traffic_event *, struct format *);

/* The same, but of texts that are longer only so many bytes, and a "…" behind them. */
enum traffic_args { TRAFFIC_ARGS_UNKNOWN, TRAFFIC_ARGS_WHOLE, TRAFFIC_ARGS_CUT };
enum traffic_args traffic_args_head(const struct traffic_event *, uint32_t most, struct format *);

/* The same for people: `page=3 url=https://…`, nothing when not known. */
void traffic_args_text(const struct traffic_event *, struct format *);

/* A JSON object of the log as `key=value key=value`; what is no object as it is. */
void traffic_object_text(const char *json, struct format *);

/* The event as a line of the log, without its line end. The short form is LOG_PAYLOAD_HEAD's. */
void traffic_format_log(const struct traffic_event *, enum log_payload, struct format *);
void traffic_format_json(const struct traffic_event *, struct format *);

/* The event as a line for people; start_us is what times count from. */
void traffic_format_line(const struct traffic_event *, uint64_t start_us, struct format *);

/* Room that is enough for any line of the log that this version writes, in bytes. */
size_t traffic_line_bytes(void);
