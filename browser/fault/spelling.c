/* See spelling.h: the number of letters to change, add, leave out or swap with the next. */
#include "browser/fault/spelling.h"
#include <ctype.h>
#include <stdio.h>

static char letter_of(char c)
{
	return c == '-' || c == '_' ? ' ' : (char)tolower((unsigned char)c);
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

struct spelling spelling_of(const char *typed)
{
	struct spelling s = { 0 };

	while (typed[s.length] && s.length < SPELLING_LETTERS) {
		s.typed[s.length] = letter_of(typed[s.length]);
		s.length++;
	}
	/* One letter in three may be wrong, and none of what is too long to be a name. */
	s.distance = typed[s.length] ? 0 : 2 * (s.length / 3) + 2;
	return s;
}

/* One row of the table: how far what was typed, up to each of its letters, is from the name up to that
 * letter. Returns the least. */
static size_t fill_row(const struct spelling *s, char letter, char letter_before, const size_t *before,
		       const size_t *last, size_t *row)
{
	size_t nearest = row[0] = last[0] + 1;

	for (size_t i = 0; i < s->length; i++) {
		row[i + 1] = least(least(last[i + 1], row[i]) + 1, last[i] + (s->typed[i] != letter));
		if (i && letter_before == s->typed[i] && s->typed[i - 1] == letter)
			row[i + 1] = least(row[i + 1], before[i - 1] + 1);
		nearest = least(nearest, row[i + 1]);
	}
	return nearest;
}

void spelling_try(struct spelling *s, const char *name)
{
	size_t rows[3][SPELLING_LETTERS + 1] = { 0 };
	char letter_before = '\0';

	for (size_t i = 0; i <= s->length; i++)
		rows[0][i] = i;
	for (size_t n = 0; name[n] && s->distance; n++) {
		char letter = letter_of(name[n]);
		const size_t *before = rows[(n + 2) % 3], *last = rows[n % 3];
		size_t *row = rows[(n + 1) % 3], nearest;

		nearest = fill_row(s, letter, letter_before, before, last, row);
		letter_before = letter;
		/* It does not come down again, but for one swap. */
		if (2 * nearest > s->distance + 2)
			return;
		if (name[n + 1] && letter_of(name[n + 1]) != ' ')
			continue;
		/* Doubled, so that the whole name comes before the beginning of another. */
		size_t distance = 2 * row[s->length] + (name[n + 1] != '\0');

		if (distance >= s->distance || row[s->length] >= s->length)
			continue;
		s->distance = distance;
		s->best = name;
	}
}

const char *spelling_words(const struct spelling *s, char *buf, size_t capacity)
{
	snprintf(buf, capacity, s->best ? "; did you mean '%s'?" : "%s", s->best ? s->best : "");
	return buf;
}
