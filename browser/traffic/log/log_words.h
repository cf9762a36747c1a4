/* What the members of a log's line mean: words, numbers, ids. For log_reader.c; json_scan.c has cut them out.
 */
#pragma once
#include "browser/traffic/log/json_scan.h"
#include "browser/traffic/message.h"

/* The words of one event, each with its 0. Room for all that a line can hold is made at once. */
struct word_store {
	char *text;
	size_t capacity, length;
};

/* For the words of a line of that length. false: no memory. */
bool word_store_begin(struct word_store *, size_t line_length);
void word_store_finish(struct word_store *);
/* A string without its quotes and escapes, but for what must not reach a terminal. */
const char *word_store_string(struct word_store *, const struct json_slice *);
const char *word_store_text(struct word_store *, const char *text, size_t length);
/* Room for as much as the line has, of which what is written up to `end` is then kept. */
char *word_store_room(struct word_store *);
void word_store_keep(struct word_store *, const char *end);

/* The place of a string among names, which end with NULL, or `otherwise`. */
unsigned word_find(const struct json_slice *, const char *const *names, unsigned otherwise);

/* The message of that name, or IPC_COUNT. */
uint16_t word_message(const struct json_slice *);

/* "renderer:3". An unknown role becomes ROLE_COUNT. */
struct endpoint word_endpoint(const struct json_slice *);

/* "renderer:3/1042"; 0 when it is none that this version could make. */
uint64_t word_id(const struct json_slice *);

/* Any number; what is out of range, or none, becomes 0. */
uint64_t word_count(const struct json_slice *, uint64_t max);

/* Microseconds with a fraction, as nanoseconds; what is none, or makes no sense, becomes `otherwise`. */
uint64_t word_nanoseconds(const struct json_slice *, uint64_t otherwise);

/* "drop 2": its number, 0 for none. */
uint32_t word_toxic(const char *, unsigned *kind);

/* "edited duplicated": bits of enum traffic_mark. */
uint8_t word_marks(const struct json_slice *);
