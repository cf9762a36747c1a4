/* Text appended to a bounded buffer by hand, since a line of the log must cost no more than the message it
 * tells of. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The buffer is the caller's, always 0-terminated; `full` once something did not fit (it is then left out
 * whole). */
struct format {
	char *text;
	size_t capacity, length;
	bool full;
};

static inline struct format format_into(char *buf, size_t capacity)
{
	buf[0] = '\0';
	return (struct format){ buf, capacity, 0, false };
}

/* These are here because the length is mostly known to the compiler. */
static inline void format_bytes(struct format *f, const char *text, size_t length)
{
	if (f->full || length >= f->capacity - f->length) {
		f->full = true;
		return;
	}
	memcpy(f->text + f->length, text, length);
	f->length += length;
	f->text[f->length] = '\0';
}

static inline void format_text(struct format *f, const char *text)
{
	format_bytes(f, text, strlen(text));
}

static inline void format_char(struct format *f, char c)
{
	format_bytes(f, &c, 1);
}

void format_u64(struct format *, uint64_t value);
/* ns as microseconds with one decimal: 3.1 */
void format_tenths(struct format *, uint64_t ns);
void format_hex(struct format *, const void *data, size_t length);
/* Base64 with its padding. */
void format_base64(struct format *, const void *data, size_t length);
/* A JSON string with its quotes: escaped, control characters as \u00XX, bytes that are no UTF-8 as U+FFFD. */
void format_json_string(struct format *, const char *text, size_t length);
__attribute__((format(printf, 2, 3))) void format_printf(struct format *, const char *how, ...);
