/* Types of content: what a server or a file's name says, and what the first bytes look like. Used by fetch.c.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct media {
	char mime[64];	  /* in lower case; "" when it is not known */
	char charset[64]; /* "" when it is not known */
};

enum media_verdict {
	MEDIA_SHOWN,  /* mime has become text/html or text/plain */
	MEDIA_OTHER,  /* mime names what it is */
	MEDIA_BINARY, /* no text at all, whatever it was said to be */
};

/* Read a Content-Type such as `text/html; charset="euc-kr"`. What is malformed is left empty. */
void media_parse(struct media *, const char *content_type);

/* The type that a file's name promises, or "". */
const char *media_of_name(const char *path);

/* Decide by what was said and by the first bytes. */
enum media_verdict media_judge(struct media *, const char *bytes, size_t length);
