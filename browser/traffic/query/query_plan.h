/*
 * What can be told of a question before there is a message: which types between two roles it could ask for,
 * and what must be so of each that it asks for. For whoever asks a part of it elsewhere, at small cost, as
 * breakpoints do in children. What is said here may be too much, and is never too little.
 */
#pragma once
#include "browser/traffic/query/query.h"

/* Could it ask for a message of that type from a process of one role to one of another, as it is held? */
bool query_could_ask(const struct query *, uint16_t type, enum role from, enum role to);

/*
 * Could it ask for any message that breakpoints hold? false: *error says what of it is not known yet then, or
 * is no message's, at which column (length 0: of the whole).
 */
bool query_could_hold(const struct query *, struct query_error *error);

/* What is necessary of a message between such processes. */
struct query_needs {
	uint32_t from_serial, to_serial; /* 0: any */
	uint32_t least, most;		 /* bytes of its fields */
	char field[33];			 /* "": none */
	enum field_test how;		 /* of that field: a number, or a text (borrowed from the query) */
	uint64_t number;
	struct ipc_string text;
};
void query_find_needs(const struct query *, enum role from, enum role to, struct query_needs *);
