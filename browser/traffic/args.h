/*
 * One argument of an event by its name, or all of them one after another: the same for a live event, whose
 * fields the protocol table unpacks, and for one that was read from a log, whose arguments are JSON, scanned
 * where they lie. Nothing is allocated. browser/traffic/query/ asks; message.h writes them out whole.
 */
#pragma once
#include "browser/traffic/log/json_scan.h"
#include "browser/traffic/message.h"

#define ARG_READER_BYTES 16384 /* a text with escapes is cut to that */

struct traffic_arg {
	const char *name, *text; /* not 0-terminated; borrowed from the event or from struct arg_reader */
	size_t name_length, length;
	bool has_number; /* it is one, a bool, or a text that is a whole number and nothing else */
	bool is_whole;	 /* then `whole` has it, else only `real` */
	uint64_t whole;
	double real;
	char digits[24];
};

enum arg_reader_state { ARG_READER_FRESH, ARG_READER_NONE, ARG_READER_FIELDS, ARG_READER_JSON };

/* What is known of an event's arguments while they are asked for. The event must outlive it. */
struct arg_reader {
	const struct traffic_event *event;
	enum arg_reader_state state;
	unsigned field; /* the next one, of a live message */
	const char *json;
	struct json_members members; /* the next one */
	size_t used;		     /* of `text`, by JSON that had to be copied */
	union ipc_any message;
	char text[ARG_READER_BYTES];
};

/* Reads nothing yet. */
void arg_reader_begin(struct arg_reader *, const struct traffic_event *);

/* false: there is none of that name. The text of a live number is left out (NULL): traffic_arg_text() makes
 * it. What was found is valid until the next call with this reader. */
bool arg_reader_find(struct arg_reader *, const char *name, struct traffic_arg *);

/* The next argument, after arg_reader_rewind() the first. false: there are no more. */
bool arg_reader_next(struct arg_reader *, struct traffic_arg *);
void arg_reader_rewind(struct arg_reader *);

/* Make sure that it has its text, as the log would write it but without quotes and escapes. */
void traffic_arg_text(struct traffic_arg *);
