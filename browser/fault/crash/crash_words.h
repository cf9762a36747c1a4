/*
 * What a crash report says in JSON, in words for a page: numbers whole, times with their unit, keys without
 * their underscores. All that comes out of a report is escaped here. Used by crash_document.c, crash_page.c.
 */
#pragma once
#include "browser/net/text.h"
#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

/* The text of that member; "" when there is none. */
const char *crash_text(const cJSON *object, const char *name);
/* false: it is no number, and *out is 0. */
bool crash_number(const cJSON *object, const char *name, double *out);

/* "0.237 ms", "19.9 ms", "3 min 51 s". Returns buf. */
const char *crash_duration(double us, char *buf, size_t capacity);
/* "2026-11-21 06:10:13" of "2026-11-21T06:10:13.202Z"; what looks otherwise stays as it is. Returns buf. */
const char *crash_when(const cJSON *report, char *buf, size_t capacity);

/* At most so many bytes of it, on one line, with "…" if it is cut; never half a character. */
void crash_add_cut(struct text *, const char *text, size_t most);
/* Any value: "gpu:1 0.792 ms, renderer:1 0.467 ms". */
void crash_add_value(struct text *, const cJSON *value);

/* A row of a name and a value, which comes below the name where it is long. No row without a value. */
void crash_add_row(struct text *, const char *name, const char *value);
void crash_add_member(struct text *, const char *name, const cJSON *value);
/* The same with the key's words for a name: a time if the key ends in _us or _ms. */
void crash_add_keyed(struct text *, const cJSON *member);
