/* What a word that is no name was meant to be. Used for faults, toxics and messages. */
#pragma once
#include <stddef.h>

/* The nearest to what was typed, of the names that it is shown. */
#define SPELLING_LETTERS 48
struct spelling {
	char typed[SPELLING_LETTERS];
	size_t length;
	const char *best; /* NULL while none is near enough */
	size_t distance;  /* of the best, doubled; no worse one counts */
};

struct spelling spelling_of(const char *typed);
/* name: lives as long as the answer is used. The beginning of a longer one, up to the end of a word, counts
 * too, though the whole name is preferred. Case, and what stands between words, do not count. */
void spelling_try(struct spelling *, const char *name);
/* "; did you mean 'abort'?", or "". Returns buf. */
const char *spelling_words(const struct spelling *, char *buf, size_t capacity);
