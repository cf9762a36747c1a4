/*
 * A sequence diagram: a lane for each process, in the order in which they appear, the user's at the left; an
 * arrow for each message, a mark for what happens in a process's life. Here is what the rows say;
 * sequence_draw.c puts them into cells, which sequence_sink.c prints and browser/ui/sequence_view.c colours.
 */
#pragma once
#include "browser/traffic/message.h"

#define SEQUENCE_LANES 64  /* what appears after these shares the last one */
#define SEQUENCE_NAME  40  /* of a lane; longer ones are cut */
#define SEQUENCE_LABEL 120 /* likewise */
#define SEQUENCE_USER  0   /* the lane of the user */

struct sequence_lane {
	char name[SEQUENCE_NAME];
	struct endpoint endpoint; /* role ROLE_COUNT: the user, or a process that this version cannot name */
	uint64_t talks;		  /* rows that begin or end there */
};

/* All zero is not enough: sequence_init(). */
struct sequence {
	struct sequence_lane lanes[SEQUENCE_LANES];
	unsigned lane_count;
};

enum sequence_kind {
	SEQUENCE_ARROW, /* a message, or the user's input */
	SEQUENCE_MARK,	/* on the lane `from`: its process begins, hangs, dies */
	SEQUENCE_NOTE,	/* across all lanes: something is missing here */
};

struct sequence_row {
	uint64_t number; /* of the event: traffic_event.sequence */
	uint64_t ts_us;
	uint8_t kind;		    /* enum sequence_kind */
	uint8_t from, to;	    /* lanes */
	uint8_t status, where;	    /* of a message; the user's input is delivered */
	uint8_t process_event;	    /* of a mark */
	bool is_end;		    /* of the process */
	char label[SEQUENCE_LABEL]; /* the message's name, the key, what happened */
	char fate[24];		    /* "", or a word for what became of it: lost, refused, held… */
};

void sequence_init(struct sequence *);
/* The row of an event, and its lanes if they are new. false: it is none that is drawn. */
bool sequence_take(struct sequence *, const struct traffic_event *, struct sequence_row *);

/* "+0.09 ms" or "+12.345 s", after the first row. */
#define SEQUENCE_TIME 24
const char *sequence_time(uint64_t us, char buf[SEQUENCE_TIME]);
