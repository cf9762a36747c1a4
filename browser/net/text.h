/*
 * A growing buffer of text, and the one function through which everything untrusted gets into a page that the
 * browser writes. Used by browser/net/ and by whoever registers a built-in page.
 */
#pragma once
#include <stddef.h>

/* All zero is an empty text. data is 0-terminated once something was added. */
struct text {
	char *data;
	size_t length, capacity;
};

/* Append. The browser does not live on without memory: when there is none, it aborts. */
void text_add(struct text *, const char *string);
void text_add_bytes(struct text *, const void *bytes, size_t length);
void text_format(struct text *, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Append as text of an HTML document or of a quoted attribute: markup and control characters are made
 * harmless. */
void html_escape(struct text *, const char *bytes, size_t length);
/* The same for a 0-terminated string. */
void html_add(struct text *, const char *string);

/* Append with every byte but letters, digits and -._~/ percent-encoded: a path within a URL. */
void text_add_path(struct text *, const char *path);

/* Append a number with a comma between thousands: 12,345. */
void text_add_number(struct text *, unsigned long long number);

/* Frees; the text is empty afterwards. */
void text_finish(struct text *);
