/* --ascii: a plain letter for each sign of the screen and for the accented letters of pages; the rest is a ?.
 */
#include "browser/ui/paint.h"
#include <stdlib.h>

struct plain {
	uint32_t code_point;
	char letter;
};

/* In order of their code points. */
static const struct plain table[] = {
	{ 0x00a0, ' ' },  { 0x00ab, '"' },  { 0x00b5, 'u' },  { 0x00b7, '.' },	{ 0x00bb, '"' },
	{ 0x2010, '-' },  { 0x2011, '-' },  { 0x2012, '-' },  { 0x2013, '-' },	{ 0x2014, '-' },
	{ 0x2018, '\'' }, { 0x2019, '\'' }, { 0x201c, '"' },  { 0x201d, '"' },	{ 0x201e, '"' },
	{ 0x2020, '!' },  { 0x2022, '*' },  { 0x2026, '~' },  { 0x2039, '<' },	{ 0x203a, '>' },
	{ 0x2190, '<' },  { 0x2191, '^' },  { 0x2192, '>' },  { 0x2193, 'v' },	{ 0x2212, '-' },
	{ 0x2248, '~' },  { 0x2500, '-' },  { 0x2501, '=' },  { 0x2502, '|' },	{ 0x2503, '|' },
	{ 0x250c, '.' },  { 0x2510, '.' },  { 0x2514, '\'' }, { 0x2518, '\'' }, { 0x251c, '|' },
	{ 0x2524, '|' },  { 0x252c, '+' },  { 0x2534, '+' },  { 0x253c, '+' },	{ 0x2581, '_' },
	{ 0x2582, '.' },  { 0x2583, '-' },  { 0x2584, '=' },  { 0x2585, '+' },	{ 0x2586, 'o' },
	{ 0x2587, 'O' },  { 0x2588, '#' },  { 0x2591, '.' },  { 0x2592, ':' },	{ 0x2593, '%' },
	{ 0x25aa, '*' },  { 0x25b2, '^' },  { 0x25b6, '>' },  { 0x25b8, '>' },	{ 0x25bc, 'v' },
	{ 0x25c0, '<' },  { 0x25c6, '*' },  { 0x25cb, '.' },  { 0x25cf, 'o' },	{ 0x25e6, 'o' },
	{ 0x2713, 'y' },  { 0x2715, 'x' },  { 0x27f3, '@' },
};

/* U+00C0 to U+00FF without their accents. */
static const char latin[64 + 1] = "AAAAAAACEEEEIIIIDNOOOOOxOUUUUYPsaaaaaaaceeeeiiiidnooooo/ouuuuypy";

static int compare(const void *key, const void *entry)
{
	uint32_t wanted = *(const uint32_t *)key, found = ((const struct plain *)entry)->code_point;

	return wanted < found ? -1 : wanted > found;
}

char paint_ascii(uint32_t code_point)
{
	if (code_point >= 0x20 && code_point < 0x7f)
		return (char)code_point;
	if (code_point >= 0xc0 && code_point <= 0xff)
		return latin[code_point - 0xc0];
	const struct plain *found =
		bsearch(&code_point, table, sizeof(table) / sizeof(table[0]), sizeof(table[0]), compare);
	if (found)
		return found->letter;
	/* Other box drawing: arcs, double and heavy lines. */
	return code_point >= 0x2500 && code_point <= 0x257f ? '+' : '?';
}
