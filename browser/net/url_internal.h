/* What the files behind url.h share. Nobody else includes this. */
#pragma once
#include "browser/net/url.h"

/* Sets *why, if somebody wants it, and is false. */
bool url_refuse(const char **why, const char *words);

/* Bytes of the scheme before its colon, 0 if there is none. */
size_t url_scheme_length(const char *text);

/* Without blanks around it and line breaks within it; refused when empty, too long, or no clean UTF-8. */
bool url_clean(char out[URL_MAX + 1], const char *text, const char **why);

/* The byte that %XX at text stands for, or -1. */
int url_percent(const char *text);
