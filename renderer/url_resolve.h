/*
 * A link's reference against a document's URL, after RFC 3986 (section 5) with the habits of browsers: blanks
 * around it and line ends in it are dropped, a backslash is a slash, what may not stand in a URL is
 * percent-encoded. The browser process decides whether the result may be opened.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* Resolve into out (with its 0). false: it does not fit, or base cannot be added to (data:, about:). */
bool url_resolve(const char *base, const char *reference, size_t length, char *out, size_t capacity);

/* What follows the '#', or NULL. */
const char *url_fragment(const char *url);

/* Do they differ in their fragments at most? */
bool url_same_document(const char *a, const char *b);

/* Undo percent-encoding in place; returns the new length. */
size_t url_decode(char *text, size_t length);
