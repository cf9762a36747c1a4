/* What was meant by a word that nothing is called: the nearest by edits (a letter more, less, other, or two
 * swapped). */
#include "browser/traffic/query/query_internal.h"
#include <string.h>

#define WORD 40 /* longer ones are not guessed at */

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static unsigned distance(const char *a, unsigned n, const char *b, unsigned m)
{
	unsigned rows[3][WORD + 1];

	for (unsigned j = 0; j <= m; j++)
		rows[0][j] = j;
	for (unsigned i = 1; i <= n; i++) {
		unsigned *now = rows[i % 3], *last = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];

		now[0] = i;
		for (unsigned j = 1; j <= m; j++) {
			unsigned same = lower(a[i - 1]) == lower(b[j - 1]);

			now[j] = least(least(last[j], now[j - 1]) + 1, last[j - 1] + !same);
			if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
			    lower(a[i - 2]) == lower(b[j - 1]))
				now[j] = least(now[j], before[j - 2] + 1);
		}
	}
	return rows[n % 3][m];
}

struct query_guess query_guess(const char *wanted)
{
	/* A third of the letters may be wrong, but at most three. */
	return (struct query_guess){ wanted, NULL, least((unsigned)strlen(wanted) / 3, 3) + 1 };
}

void query_guess_try(struct query_guess *g, const char *word)
{
	size_t n = strlen(g->wanted), m = strlen(word);
	unsigned d;

	if (!n || n > WORD || !m || m > WORD)
		return;
	d = distance(g->wanted, (unsigned)n, word, (unsigned)m);
	if (d < g->distance) {
		g->best = word;
		g->distance = d;
	}
}
