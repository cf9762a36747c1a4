/*
 * Messages as text, for composing them, sending them again, and editing those that are held:
 *
 *     renderer:3 -> gpu:1 submit_frame page=3 half=1        the protocol's own fields by name; others are 0
 *     browser -> renderer:3 commit_navigation page=1 url="https://example.org/" body=empty
 *     renderer:3 -> gpu:1 type=77 bytes=03 00 ff             any type, by its number or name, and raw bytes
 *
 * A text with blanks stands in quotes, with \" \\ \n \r \t \xHH in it, and "a"*5000 is 5000 of them; bytes
 * are hex. A descriptor's field takes `none` or `empty` (a fresh sealed region); only the browser passes any.
 * What no receiver would believe can be said too: an enum's or a bool's number out of range, a text that is
 * too long or no UTF-8, and as raw bytes what is too short or left over. A role alone means its one process.
 *
 * compose_text.c reads and writes, compose.c sends.
 */
#pragma once
#include "browser/traffic/message.h"

struct browser;

#define COMPOSE_TEXT  32768 /* no text is longer, with its 0 */
#define COMPOSE_BYTES 8192  /* of fields */
#define COMPOSE_WHY   200

enum compose_fd { COMPOSE_FD_NONE, COMPOSE_FD_EMPTY };

struct composed {
	struct endpoint from, to; /* serial 0 of a child's role: the one process of that role */
	uint16_t type;		  /* enum ipc_id, or any number */
	enum compose_fd fd;
	size_t bytes;
	uint8_t fields[COMPOSE_BYTES];
};

/* Where it went wrong, in bytes of the text from 0, and why, in words. */
struct compose_error {
	unsigned column, length;
	char why[COMPOSE_WHY];
};

bool compose_parse(const char *text, struct composed *, struct compose_error *);
/* Change fields of it: `half=1 rows=3`. *composed is not touched when it fails. */
bool compose_edit(struct composed *, const char *text, struct compose_error *);

/* From a message of the traffic, to be sent again or edited. false: its fields are not all known. */
bool compose_from(const struct traffic_event *, struct composed *);
/* The text of it, which parses to the same. */
void compose_text(const struct composed *, struct format *);
/* The fields alone, as compose_edit() takes them. */
void compose_fields_text(const struct composed *, struct format *);

/* Its bytes, "03 00 ff". */
void compose_bytes_text(const struct composed *, struct format *);
/* How many fields its bytes are; -1: they are not the fields of its type. */
int compose_count(const struct composed *);
/* `name=value` of one of them. */
void compose_field_text(const struct composed *, unsigned field, struct format *);

/*
 * Send it, by the process that it names as its sender, with a new id, marked as by hand. false with *why
 * (static): no such process or channel, faults are off.
 */
bool compose_send(struct browser *, const struct composed *, const char **why);
