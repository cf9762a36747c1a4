/* See clause.h. */
#include "browser/fault/clause.h"
#include "browser/fault/spelling.h"
#include "common/format.h"
#include "common/protocol.h"
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANY_MESSAGE 65535

static bool is_gap(char c)
{
	return isspace((unsigned char)c) || c == '/' || c == '+';
}

bool clause_begin(struct clause *c, const char *text)
{
	size_t n = 0;

	*c = (struct clause){ 0 };
	for (size_t at = 0; text[at];) {
		if (is_gap(text[at])) {
			at++;
			continue;
		}
		if (c->count == CLAUSE_WORDS)
			return clause_wrong(c, "too many words");
		c->words[c->count++] =
			(struct clause_word){ .text = c->text + n, .column = (unsigned)at + 1 };
		while (text[at] && !is_gap(text[at])) {
			if (n + 2 > CLAUSE_TEXT) {
				snprintf(c->error, sizeof c->error, "column %zu: too long", at + 1);
				return false;
			}
			c->text[n++] = (char)tolower((unsigned char)text[at++]);
		}
		c->text[n++] = '\0';
	}
	return c->count ? true : clause_wrong(c, "there is nothing");
}

bool clause_at_end(const struct clause *c)
{
	return c->at >= c->count;
}

const char *clause_peek(const struct clause *c)
{
	return clause_at_end(c) ? "" : c->words[c->at].text;
}

bool clause_take(struct clause *c, const char *word)
{
	if (clause_at_end(c) || strcmp(clause_peek(c), word))
		return false;
	c->at++;
	return true;
}

const char *clause_next(struct clause *c)
{
	return clause_at_end(c) ? "" : c->words[c->at++].text;
}

/* Behind the last word when there is no next one. */
static unsigned clause_column(const struct clause *c)
{
	const struct clause_word *last = c->count ? &c->words[c->count - 1] : NULL;

	if (!clause_at_end(c))
		return c->words[c->at].column;
	return last ? last->column + (unsigned)strlen(last->text) : 1;
}

bool clause_wrong(struct clause *c, const char *how, ...)
{
	va_list args;
	int n = snprintf(c->error, sizeof c->error, "column %u: ", clause_column(c));

	va_start(args, how);
	vsnprintf(c->error + n, sizeof c->error - (size_t)n, how, args);
	va_end(args);
	return false;
}

/* Read a number, with its decimals as millionths if that is wanted. *end gets what stands behind it. */
static bool read_number(const char *text, uint64_t most, uint64_t *out, const char **end)
{
	unsigned base = 10;
	uint64_t n = 0;

	if (text[0] == '0' && text[1] == 'x' && isxdigit((unsigned char)text[2])) {
		base = 16;
		text += 2;
	}
	if (!isdigit((unsigned char)*text) && base == 10)
		return false;
	for (; base == 16 ? isxdigit((unsigned char)*text) : isdigit((unsigned char)*text); text++) {
		unsigned digit = isdigit((unsigned char)*text) ? (unsigned)(*text - '0')
							       : (unsigned)(*text - 'a') + 10;

		if (n > (most - digit) / base || digit > most)
			return false;
		n = n * base + digit;
	}
	*out = n;
	*end = text;
	return true;
}

bool clause_is_number(const struct clause *c)
{
	return isdigit((unsigned char)*clause_peek(c));
}

bool clause_number(struct clause *c, uint64_t most, uint64_t *out)
{
	static const char *const ordinals[] = { "", "st", "nd", "rd", "th" };
	const char *end;

	if (!clause_is_number(c))
		return clause_wrong(c, "a number is expected, not '%.40s'", clause_peek(c));
	if (read_number(clause_peek(c), most, out, &end))
		for (size_t i = 0; i < sizeof ordinals / sizeof *ordinals; i++)
			if (!strcmp(end, ordinals[i])) {
				c->at++;
				return true;
			}
	return clause_wrong(c, "'%.40s' is no number up to %llu", clause_peek(c), (unsigned long long)most);
}

struct unit {
	const char *name;
	uint64_t factor;
};

static const struct unit *find_unit(const struct unit *units, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(units[i].name, name))
			return &units[i];
	return NULL;
}

/* A number with a unit at it or behind it. Only what is more than `plain` needs one; without, a word behind
 * it belongs to what comes next. */
static bool read_measure(struct clause *c, const struct unit *units, size_t count, const char *what,
			 uint64_t plain, uint64_t *out)
{
	const char *end = "", *next = c->at + 1 < c->count ? c->words[c->at + 1].text : "";
	bool number = clause_is_number(c) && read_number(clause_peek(c), UINT64_MAX, out, &end);
	const struct unit *unit = number ? find_unit(units, count, *end ? end : next) : NULL;

	if (!number || (*end && !unit) || (!unit && *out > plain) ||
	    (unit && *out > UINT64_MAX / unit->factor))
		return clause_wrong(c, "%s is expected, not '%.40s'", what, clause_peek(c));
	if (unit)
		*out *= unit->factor;
	c->at += unit && !*end ? 2 : 1;
	return true;
}

bool clause_time(struct clause *c, uint64_t *ms)
{
	static const struct unit units[] = { { "ms", 1 },	  { "s", 1000 },       { "sec", 1000 },
					     { "second", 1000 },  { "seconds", 1000 }, { "min", 60000 },
					     { "minute", 60000 }, { "minutes", 60000 } };

	return read_measure(c, units, sizeof units / sizeof *units, "a time like 200ms or 3s", 0, ms);
}

bool clause_size(struct clause *c, uint64_t *bytes)
{
	static const struct unit units[] = { { "b", 1 },	{ "bytes", 1 },	    { "k", 1 << 10 },
					     { "kb", 1 << 10 }, { "kib", 1 << 10 }, { "m", 1 << 20 },
					     { "mb", 1 << 20 }, { "mib", 1 << 20 }, { "g", 1 << 30 },
					     { "gb", 1 << 30 }, { "gib", 1 << 30 } };

	return read_measure(c, units, sizeof units / sizeof *units, "a size like 100 or 10k", UINT64_MAX,
			    bytes);
}

bool clause_message(struct clause *c, uint16_t *type)
{
	if (clause_take(c, "any")) {
		*type = ANY_MESSAGE;
		return true;
	}
	for (unsigned i = 0; i < IPC_COUNT; i++)
		if (clause_take(c, ipc_messages[i].name)) {
			*type = (uint16_t)i;
			return true;
		}
	if (clause_at_end(c))
		return clause_wrong(c, "the name of a message is expected");
	struct spelling s = spelling_of(clause_peek(c));
	char words[100];

	for (unsigned i = 0; i < IPC_COUNT; i++)
		spelling_try(&s, ipc_messages[i].name);
	return clause_wrong(c, "there is no message '%.60s'%s", clause_peek(c),
			    spelling_words(&s, words, sizeof words));
}

bool clause_percent(struct clause *c, uint32_t *ppm)
{
	const char *text = clause_peek(c), *end;
	uint64_t whole, part = 0;
	unsigned scale = 10000;

	if (!clause_is_number(c) || !read_number(text, 100, &whole, &end))
		goto wrong;
	if (*end == '.')
		for (end++; isdigit((unsigned char)*end) && scale > 1; end++) {
			scale /= 10;
			part += (uint64_t)(*end - '0') * scale;
		}
	if (strcmp(end, "%") && strcmp(end, "percent")) {
		/* "5 %" */
		if (*end || c->at + 1 >= c->count ||
		    (strcmp(c->words[c->at + 1].text, "%") && strcmp(c->words[c->at + 1].text, "percent")))
			goto wrong;
		c->at++;
	}
	if (whole * 10000 + part > 1000000 || whole * 10000 + part == 0)
		goto wrong;
	*ppm = (uint32_t)(whole * 10000 + part);
	c->at++;
	return true;
wrong:
	return clause_wrong(c, "a chance like 5%% is expected, above 0 and up to 100%%, not '%.40s'", text);
}

bool clause_whom(struct clause *c, char *whom, size_t capacity)
{
	if (clause_at_end(c))
		return clause_wrong(c, "whom? (tab, renderer, gpu, plugin, browser, renderer:3, tab:2)");
	if (strlen(clause_peek(c)) >= capacity)
		return clause_wrong(c, "that is too long a name: '%.60s'", clause_peek(c));
	snprintf(whom, capacity, "%s", clause_next(c));
	if (strcmp(whom, "tab") || !clause_is_number(c))
		return true;
	if (strspn(clause_peek(c), "0123456789") != strlen(clause_peek(c)) || strlen(clause_peek(c)) > 9)
		return clause_wrong(c, "which tab? '%.40s' is no number in the strip", clause_peek(c));
	snprintf(whom, capacity, "tab:%s", clause_next(c));
	return true;
}

void clause_write_time(struct format *out, uint64_t ms)
{
	const struct unit units[] = { { "min", 60000 }, { "s", 1000 }, { "ms", 1 } }, *unit = units;

	while (unit->factor > 1 && (!ms || ms % unit->factor))
		unit++;
	format_u64(out, ms / unit->factor);
	format_text(out, unit->name);
}

void clause_write_size(struct format *out, uint64_t bytes, const char *plain)
{
	const struct unit units[] = { { "GB", 1 << 30 }, { "MB", 1 << 20 }, { "KB", 1 << 10 }, { plain, 1 } };
	const struct unit *unit = units;

	while (unit->factor > 1 && (!bytes || bytes % unit->factor))
		unit++;
	format_u64(out, bytes / unit->factor);
	format_text(out, unit->name);
}

void clause_write_percent(struct format *out, uint32_t ppm)
{
	unsigned decimals = 4, part = ppm % 10000;

	while (part && part % 10 == 0) {
		part /= 10;
		decimals--;
	}
	format_u64(out, ppm / 10000);
	if (part)
		format_printf(out, ".%0*u", (int)decimals, part);
	format_text(out, "%");
}
