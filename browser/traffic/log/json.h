/* JSON that was read, made safe to show: everything is escaped again, control characters too. */
#pragma once
#include "common/format.h"
#include <cjson/cJSON.h>

/* Write any value. Names and strings are escaped as common/format.h does it. */
void json_write(struct format *, const cJSON *);

/* The shortest of what reads as the same number; null for what is none. */
void json_write_number(struct format *, double);

/* Write text as it is, but for what must not reach a terminal, which becomes \u00XX or U+FFFD. */
void json_write_clean(struct format *, const char *text, size_t length);

/* Is there nothing in it that json_write_clean() would change? */
bool json_is_clean(const char *text, size_t length);

/* Parse one line of a log. It is changed: \u0000 becomes \ufffd, since cJSON would end the string there.
 * NULL: bad. */
cJSON *json_parse_line(char *line, size_t length);

/*
 * Write the JSON object that the line holds in the shape of json_scan.h. As liberal as cJSON: blanks and
 * control characters are taken where it takes them; \u0000 and what is no UTF-8 become U+FFFD. false: it
 * holds none, or there is no room; six times its length is enough.
 */
bool json_write_canonical(struct format *, const char *line, size_t length);
