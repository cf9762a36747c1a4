/* What the files of composing share: a message taken apart into the values of its fields, and the reading of
 * text. compose_text.c has the grammar, compose_fields.c the values. */
#pragma once
#include "browser/traffic/breakpoint/compose.h"

#define COMPOSE_FIELDS 24

struct compose_value {
	uint64_t number;     /* of a descriptor: enum compose_fd */
	const uint8_t *text; /* borrowed */
	size_t length;
};

struct compose_draft {
	const struct ipc_message *message;
	struct compose_value values[COMPOSE_FIELDS];
	uint8_t room[COMPOSE_BYTES]; /* for texts that had escapes */
	size_t used;
};

struct compose_reader {
	const char *text;
	size_t at;
	struct compose_error *error;
};

/* Say what is wrong there; always false. */
__attribute__((format(printf, 4, 5))) bool compose_fail(struct compose_reader *, size_t at, size_t length,
							const char *how, ...);
void compose_skip_blanks(struct compose_reader *);
/* The length of the word at `at`: up to a blank or one of those. */
size_t compose_word(const struct compose_reader *, const char *stops);

/* The bytes of a message as values of its fields, whatever they are. false: they do not fill its fields. */
bool compose_take_apart(const struct composed *, struct compose_draft *);
/* And back. false: they are too many bytes. */
bool compose_put_together(const struct compose_draft *, struct composed *);

/* Read the value of that field. */
bool compose_read_value(struct compose_reader *, struct compose_draft *, unsigned field);
/* Hex digits with blanks between, to the end of the text. */
bool compose_read_hex(struct compose_reader *, const char *stops, uint8_t *out, size_t room, size_t *length);
/* `name=value`. */
void compose_write_value(const struct compose_draft *, unsigned field, struct format *);
