/*
 * A tape: all that a log says of one process, in the order in which it happened to that process. What was
 * sent to it, what it said, the bodies and regions that it read and wrote, and how it ended. Nothing in a log
 * is trusted: sizes, ids and times are bounded here. tape.c reads a log; tape_order.c puts it in order;
 * player.c plays it.
 */
#pragma once
#include "browser/traffic/message.h"

#define TAPE_MAX_BYTES	(1ull << 30) /* of messages, bodies and regions on one tape */
#define TAPE_MAX_NUMBER (1ull << 33) /* of a message: so far one log cannot count */
#define TAPE_WHY	256

enum tape_kind {
	TAPE_MEMORY,  /* contents of a region that it reads, or that it wrote: see `written` */
	TAPE_ANSWER,  /* it sent a message */
	TAPE_HANG_UP, /* that peer of its has closed the channel */
	TAPE_BODY,    /* bytes of a body went into its pipe */
	TAPE_FEED,    /* a message came to it */
	TAPE_SILENCE, /* from here on it did not answer, for silent_ns at least */
};

struct tape_event {
	enum tape_kind kind;
	uint64_t at_ns;	    /* since the epoch: sent by it, or handled by it */
	uint64_t line;	    /* of the log */
	uint64_t id, cause; /* of a message; of what announces memory; of the ping that was not answered */
	uint64_t silent_ns;
	struct endpoint peer; /* to or from whom; who wrote memory */
	uint16_t type;	      /* enum ipc_id */
	bool fd;	      /* a descriptor came with it */
	bool written;	      /* memory: by the process itself */
	bool edited;	      /* by hand, at a breakpoint: those are not the bytes that were sent */
	bool optional;	      /* an answer that never left it: it may come, or not */
	const uint8_t *bytes; /* fields, or contents */
	uint32_t length;
	struct traffic_body body;
	struct record_memory memory;
};

struct tape {
	struct endpoint process;
	struct tape_event *events; /* in order */
	size_t count, room;
	uint64_t total_bytes;
	uint64_t start_ns, end_ns; /* its start; its end, or its last event */
	uint64_t last_ns;	   /* of the log */
	char label[32];		   /* of a plugin: its type's short name */
	unsigned feeds, answers;
	/* How it ended. */
	bool started, ended, woke; /* woke: from the last silence that the browser noticed */
	enum termination_status status;
	int signal, code; /* signal 0: it exited with that code */
	bool has_address;
	uint64_t address;
	char syscall[40]; /* that it may not make, "" */
	enum bad_message reason;
	uint64_t exit_cause; /* the message that it was handling, 0: none */
	/* What the log lacks. */
	uint64_t gaps, dropped, bad_lines, without_bytes;
	bool cut;
};

/*
 * Read what the log says of that process. NULL with why (TAPE_WHY bytes, clean): the log cannot be read, or
 * cannot be replayed, or there is no such process in it.
 */
struct tape *tape_read(const char *path, struct endpoint process, char *why);
void tape_free(struct tape *); /* NULL is fine */

/* tape.c: another event, zeroed but for its kind and line. NULL: no memory. */
struct tape_event *tape_add(struct tape *, enum tape_kind, uint64_t line);
/* tape_order.c: was it killed by another? */
bool tape_was_killed(const struct tape *);
/* tape_order.c: sort. false: no memory. */
bool tape_put_in_order(struct tape *);
