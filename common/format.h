/* Text appended to a bounded buffer by hand, since a line of the log must cost no more than the message it
 * tells of. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

void format_bytes(struct format *, const char *text, size_t length);
void format_text(struct format *, const char *text);
void format_char(struct format *, char c);
void format_u64(struct format *, uint64_t value);
/* ns as microseconds with one decimal: 3.1 */
void format_tenths(struct format *, uint64_t ns);
void format_hex(struct format *, const void *data, size_t length);
/* Base64 with its padding. */
void format_base64(struct format *, const void *data, size_t length);
/* A JSON string with its quotes: escaped, control characters as \u00XX, bytes that are no UTF-8 as U+FFFD. */
void format_json_string(struct format *, const char *text, size_t length);
__attribute__((format(printf, 2, 3))) void format_printf(struct format *, const char *how, ...);
