/*
 * Scans JSON of one shape, that of the log's own lines, as fast as it comes: no blanks between tokens;
 * strings of clean UTF-8 whose only escapes are \" \\ and \uXXXX, the latter for what must not reach a
 * terminal; plain numbers. What is of this shape is valid JSON and safe to print as it stands. json.c brings
 * any other JSON into this shape.
 *
 * The text ends with a 0. Up to JSON_SCAN_SLACK bytes behind it are read too, and must be there; what is in
 * them does not matter.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_SCAN_SLACK 8
#define JSON_SCAN_DEPTH 1000 /* deeper nesting is refused */

/* Behind the value that begins there; NULL: it is not of this shape. */
const char *json_scan_value(const char *text);

/* A part of the text, not 0-terminated; a string with its quotes. */
struct json_slice {
	const char *text;
	size_t length;
};

/* A walk through the members of an object. */
struct json_members {
	const char *at; /* at last behind its brace */
	bool first, foul;
};

/* At its opening brace; other text has no members, and is foul. */
struct json_members json_members_of(const char *text);

/*
 * The next member: its name without quotes, escapes as they are, and its value. false: there is none, or,
 * with `foul` set, what follows is not of this shape.
 */
bool json_members_next(struct json_members *, struct json_slice *key, struct json_slice *value);

bool json_slice_is(const struct json_slice *, const char *word);

/* A number without sign, fraction and exponent, below 10^19. */
bool json_slice_number(const struct json_slice *, uint64_t *);
