/* The page of a folder. Used by file.c. */
#pragma once
#include "browser/net/text.h"
#include <stdbool.h>

#define DIRECTORY_MAX_ENTRIES 10000 /* listed; the rest is counted */

/* Write the HTML of a folder. false with errno, and nothing written. */
bool directory_write(struct text *, const char *path);
