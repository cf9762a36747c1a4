/*
 * Extended regular expressions as POSIX has them, without what only brings trouble (back-references,
 * collating elements), and with \w \s \d. The library's own take memory and time without bound for some; here
 * an expression has at most REGEX_PLACES places, and each character of a text costs a few operations on sets
 * of them, whatever the text is.
 *
 * Each character, class or anchor of the expression, unrolled where it is counted, is a place. `follow` says
 * which places may come after which, `accept` which take a character. Searching goes through the text once
 * with the set of all places that could have been reached. An anchor takes what stands before the first
 * character, or behind the last one.
 */
#include "browser/traffic/query/query_internal.h"
#include "common/utf8.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wctype.h>

#define REGEX_PLACES 256
#define WORDS	     (REGEX_PLACES / 64)
#define UNBOUNDED    10000u /* of a count */

enum { SYMBOL_BEGIN = 128, SYMBOL_END, SYMBOLS }; /* behind ASCII */

struct places {
	uint64_t word[WORDS];
};

/* What a place takes: characters of these ranges and classes, or all others. */
struct class_item {
	uint32_t low, high;
	wctype_t type; /* 0: the range */
};

struct char_class {
	unsigned at; /* in the text: what is unrolled has one */
	unsigned first, count;
	bool negated;
};

struct query_regex {
	struct places first, last, accept[SYMBOLS], follow[REGEX_PLACES];
	uint16_t class_of[REGEX_PLACES];
	unsigned nplaces;
	bool empty; /* the empty text matches, and so any */
	struct char_class classes[QUERY_PATTERN];
	struct class_item items[QUERY_PATTERN * 2];
	unsigned nclasses, nitems;
};

struct regex_parser {
	struct query_regex *r;
	const char *text;
	unsigned length, at;
	char *why;
};

/* A part of the expression: the places it begins and ends with. */
struct piece {
	struct places first, last;
	bool empty; /* it may be skipped */
};

static void add_all(struct places *to, const struct places *from)
{
	for (unsigned i = 0; i < WORDS; i++)
		to->word[i] |= from->word[i];
}

static void add_place(struct places *to, unsigned place)
{
	to->word[place / 64] |= UINT64_C(1) << place % 64;
}

static bool regex_fail(struct regex_parser *p, const char *why)
{
	if (!p->why[0])
		snprintf(p->why, QUERY_WHY, "%s", why);
	return false;
}

/* Classes. */

static bool class_takes(const struct query_regex *r, const struct char_class *c, uint32_t character)
{
	for (unsigned i = c->first; i < c->first + c->count; i++) {
		const struct class_item *item = &r->items[i];

		if (item->type ? iswctype((wint_t)character, item->type)
			       : character >= item->low && character <= item->high)
			return !c->negated;
	}
	return c->negated;
}

static void add_item(struct regex_parser *p, struct char_class *c, uint32_t low, uint32_t high,
		     const char *type)
{
	/* A byte of the text makes two items at most, and is read once. */
	p->r->items[p->r->nitems++] = (struct class_item){ low, high, type ? wctype(type) : 0 };
	c->count++;
}

static uint32_t take_character(struct regex_parser *p)
{
	uint32_t c;

	p->at += utf8_decode(p->text + p->at, p->length - p->at, &c);
	return c;
}

static bool ahead(const struct regex_parser *p, char c)
{
	return p->at < p->length && p->text[p->at] == c;
}

/* [:alpha:], behind its first [. */
static bool parse_named_class(struct regex_parser *p, struct char_class *c)
{
	const char *name = p->text + p->at + 1, *end = strstr(name, ":]");
	char type[16];

	if (!end || (size_t)(end - name) >= sizeof type)
		return regex_fail(p, "the closing :] is missing");
	memcpy(type, name, (size_t)(end - name));
	type[end - name] = '\0';
	if (!wctype(type))
		return regex_fail(p, "there is no such class of characters");
	add_item(p, c, 0, 0, type);
	p->at = (unsigned)(end + 2 - p->text);
	return true;
}

static bool parse_range(struct regex_parser *p, struct char_class *c)
{
	uint32_t low = take_character(p), high = low;

	if (low == '[' && (ahead(p, '.') || ahead(p, '=')))
		return regex_fail(p, "[. and [= are not possible here");
	if (low == '[' && ahead(p, ':'))
		return parse_named_class(p, c);
	if (ahead(p, '-') && p->at + 1 < p->length && p->text[p->at + 1] != ']') {
		p->at++;
		high = take_character(p);
	}
	if (high < low)
		return regex_fail(p, "the range ends before it begins");
	add_item(p, c, low, high, NULL);
	return true;
}

/* Behind its [. */
static bool parse_bracket(struct regex_parser *p, struct char_class *c)
{
	c->negated = ahead(p, '^');
	p->at += c->negated;
	do {
		if (p->at >= p->length)
			return regex_fail(p, "the closing ] is missing");
		if (!parse_range(p, c))
			return false;
	} while (!ahead(p, ']'));
	p->at++;
	return true;
}

/* Behind the backslash. */
static bool parse_escape(struct regex_parser *p, struct char_class *c)
{
	static const char letters[] = "wWsSdD";
	static const char *const types[] = { "alnum", "space", "digit" };
	const char *letter;
	uint32_t what;

	if (p->at >= p->length)
		return regex_fail(p, "nothing is behind the \\");
	what = take_character(p);
	letter = what < 128 ? strchr(letters, (int)what) : NULL;
	if (letter) {
		add_item(p, c, 0, 0, types[(letter - letters) / 2]);
		if (what == 'w' || what == 'W')
			add_item(p, c, '_', '_', NULL);
		c->negated = (letter - letters) % 2;
		return true;
	}
	if (what >= '1' && what <= '9')
		return regex_fail(p, "back-references are not possible here");
	if (what < 128 && iswalnum((wint_t)what))
		return regex_fail(p, "behind a \\ only signs and w, s, d are possible");
	add_item(p, c, what, what, NULL);
	return true;
}

static bool parse_class(struct regex_parser *p, struct char_class *c)
{
	uint32_t what = take_character(p);

	if (what == '[')
		return parse_bracket(p, c);
	if (what == '\\')
		return parse_escape(p, c);
	if (what == '.')
		c->negated = true;
	else
		add_item(p, c, what, what, NULL);
	return true;
}

/* Places. */

static bool new_place(struct regex_parser *p, struct piece *piece, unsigned *place)
{
	if (p->r->nplaces == REGEX_PLACES)
		return regex_fail(p, "the expression is too long, or repeats too much");
	*place = p->r->nplaces++;
	*piece = (struct piece){ 0 };
	add_place(&piece->first, *place);
	add_place(&piece->last, *place);
	return true;
}

static bool parse_anchor(struct regex_parser *p, struct piece *piece)
{
	unsigned place, symbol = p->text[p->at++] == '^' ? SYMBOL_BEGIN : SYMBOL_END;

	if (!new_place(p, piece, &place))
		return false;
	p->r->class_of[place] = QUERY_PATTERN; /* no character's */
	add_place(&p->r->accept[symbol], place);
	return true;
}

/* A character, or what stands for one. The class that begins there may have been read before. */
static bool parse_single(struct regex_parser *p, struct piece *piece)
{
	struct query_regex *r = p->r;
	unsigned place, n = 0, begin = p->at;
	struct char_class c = { .at = begin, .first = r->nitems };

	while (n < r->nclasses && r->classes[n].at != begin)
		n++;
	if (!parse_class(p, &c) || !new_place(p, piece, &place))
		return false;
	if (n == r->nclasses)
		r->classes[r->nclasses++] = c;
	else
		r->nitems = c.first;
	r->class_of[place] = (uint16_t)n;
	for (uint32_t i = 0; i < 128; i++)
		if (class_takes(r, &r->classes[n], i))
			add_place(&r->accept[i], place);
	return true;
}

/* Let `next` come behind `piece`. */
static void append(struct query_regex *r, struct piece *piece, const struct piece *next)
{
	for (unsigned i = 0; i < r->nplaces; i++)
		if (piece->last.word[i / 64] >> i % 64 & 1)
			add_all(&r->follow[i], &next->first);
	if (piece->empty)
		add_all(&piece->first, &next->first);
	if (next->empty)
		add_all(&piece->last, &next->last);
	else
		piece->last = next->last;
	piece->empty &= next->empty;
}

static void repeat(struct query_regex *r, struct piece *piece)
{
	struct piece again = *piece;

	append(r, &again, piece);
}

static bool parse_choice(struct regex_parser *p, struct piece *piece);

static bool count_ahead(const struct regex_parser *p)
{
	return ahead(p, '{') && p->at + 1 < p->length && p->text[p->at + 1] >= '0' &&
	       p->text[p->at + 1] <= '9';
}

static bool repeats_ahead(const struct regex_parser *p)
{
	return ahead(p, '*') || ahead(p, '+') || ahead(p, '?') || count_ahead(p);
}

static bool parse_atom(struct regex_parser *p, struct piece *piece)
{
	char c = p->text[p->at];

	if (repeats_ahead(p))
		return regex_fail(p, "there is nothing to repeat");
	if (c == '^' || c == '$')
		return parse_anchor(p, piece);
	if (c != '(')
		return parse_single(p, piece);
	p->at++;
	if (!parse_choice(p, piece))
		return false;
	if (!ahead(p, ')'))
		return regex_fail(p, "the closing ) is missing");
	p->at++;
	return true;
}

/* How often, if it is said: * + ? {2} {2,} {2,5}. */
static bool parse_count(struct regex_parser *p, unsigned *least, unsigned *most)
{
	const char *s = p->text + p->at;
	int n = 0;

	*least = *s == '*' || *s == '?' ? 0 : 1;
	*most = *s == '?' ? 1 : UNBOUNDED;
	if (*s != '{') {
		p->at++;
		return true;
	}
	if (sscanf(s, "{%4u}%n", least, &n) == 1 && n)
		*most = *least;
	else if ((sscanf(s, "{%4u,}%n", least, &n) != 1 || !n) &&
		 (sscanf(s, "{%4u,%4u}%n", least, most, &n) != 2 || !n || *most < *least))
		return regex_fail(p, "what is in { } is no count");
	p->at += (unsigned)n;
	return true;
}

/* Unroll the atom at `begin`, of which `piece` is the first copy, into least to most copies. */
static bool unroll(struct regex_parser *p, unsigned begin, unsigned least, unsigned most, struct piece *piece)
{
	unsigned copies = most < UNBOUNDED ? most : least ? least : 1, end = p->at, before = p->r->nplaces;
	struct piece copy;

	if (!most)
		*piece = (struct piece){ .empty = true };
	if (most == UNBOUNDED && copies == 1)
		repeat(p->r, piece);
	piece->empty |= !least;
	for (unsigned i = 1; i < copies; i++) {
		p->at = begin;
		if (!parse_atom(p, &copy))
			return false;
		if (p->r->nplaces == before) /* of nothing, once is enough */
			break;
		if (most == UNBOUNDED && i == copies - 1)
			repeat(p->r, &copy);
		copy.empty |= i >= least;
		append(p->r, piece, &copy);
	}
	p->at = end;
	return true;
}

static bool parse_repeated(struct regex_parser *p, struct piece *piece)
{
	unsigned begin = p->at, least, most;

	if (!parse_atom(p, piece))
		return false;
	if (!repeats_ahead(p))
		return true;
	if (!parse_count(p, &least, &most) || !unroll(p, begin, least, most, piece))
		return false;
	return !repeats_ahead(p) || regex_fail(p, "one repetition behind the other: use ( )");
}

static bool parse_sequence(struct regex_parser *p, struct piece *piece)
{
	struct piece next;

	*piece = (struct piece){ .empty = true };
	while (p->at < p->length && !ahead(p, '|') && !ahead(p, ')')) {
		if (!parse_repeated(p, &next))
			return false;
		append(p->r, piece, &next);
	}
	return true;
}

static bool parse_choice(struct regex_parser *p, struct piece *piece)
{
	struct piece other;

	if (!parse_sequence(p, piece))
		return false;
	while (ahead(p, '|')) {
		p->at++;
		if (!parse_sequence(p, &other))
			return false;
		add_all(&piece->first, &other.first);
		add_all(&piece->last, &other.last);
		piece->empty |= other.empty;
	}
	return true;
}

struct query_regex *query_regex_make(const char *text, size_t length, char why[QUERY_WHY])
{
	struct query_regex *r = calloc(1, sizeof *r);
	struct regex_parser p = { r, text, (unsigned)length, 0, why };
	struct piece all;

	why[0] = '\0';
	if (!r)
		regex_fail(&p, "no memory");
	else if (length > QUERY_PATTERN)
		regex_fail(&p, "the expression is too long");
	else if (parse_choice(&p, &all) && p.at < length)
		regex_fail(&p, "there is no ( for its )");
	if (why[0]) {
		free(r);
		return NULL;
	}
	r->first = all.first;
	r->last = all.last;
	r->empty = all.empty;
	return r;
}

void query_regex_free(struct query_regex *r)
{
	free(r);
}

/* Searching. */

/* Those of the places that take a character which is no ASCII. */
static struct places accept_wide(const struct query_regex *r, const struct places *of, uint32_t c)
{
	struct places taken = { 0 };

	for (unsigned i = 0; i < WORDS; i++) {
		for (uint64_t left = of->word[i]; left; left &= left - 1) {
			unsigned place = i * 64 + (unsigned)__builtin_ctzll(left), n = r->class_of[place];

			if (n < QUERY_PATTERN && class_takes(r, &r->classes[n], c))
				add_place(&taken, place);
		}
	}
	return taken;
}

/* From the places that were reached before a symbol to those that take it. True: the end is among them. */
static bool step(const struct query_regex *r, struct places *at, unsigned symbol, uint32_t c)
{
	struct places next = r->first, wide;
	const struct places *accept = &r->accept[symbol < SYMBOLS ? symbol : 0];
	uint64_t found = 0;

	for (unsigned i = 0; i < WORDS; i++)
		for (uint64_t left = at->word[i]; left; left &= left - 1)
			add_all(&next, &r->follow[i * 64 + (unsigned)__builtin_ctzll(left)]);
	if (symbol >= SYMBOLS) {
		wide = accept_wide(r, &next, c);
		accept = &wide;
	}
	for (unsigned i = 0; i < WORDS; i++) {
		at->word[i] = next.word[i] & accept->word[i];
		found |= at->word[i] & r->last.word[i];
	}
	return found;
}

bool query_regex_finds(const struct query_regex *r, const char *text, size_t length)
{
	struct places at = { 0 };
	uint32_t c;

	if (r->empty || step(r, &at, SYMBOL_BEGIN, 0))
		return true;
	for (size_t i = 0; i < length;) {
		if ((unsigned char)text[i] < 128) {
			if (step(r, &at, (unsigned char)text[i++], 0))
				return true;
			continue;
		}
		i += utf8_decode(text + i, length - i, &c);
		if (step(r, &at, SYMBOLS, c))
			return true;
	}
	return step(r, &at, SYMBOL_END, 0);
}
