/*
 * One crash report as a page, in rows that fit beside the panels. Whatever the report holds, all of it is
 * escaped, and nothing is taken to be there. Used by crash_page.c.
 */
#pragma once
#include "browser/net/text.h"
#include <cjson/cJSON.h>

/* path: of the report's file, for the reader who wants the whole. */
void crash_document_write(struct text *, const cJSON *report, const char *path);
