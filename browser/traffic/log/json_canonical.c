/* See json.h: any JSON in one shape, without building a tree of it, since a line may be long and hostile. */
#include "browser/traffic/log/json.h"
#include "browser/traffic/log/json_scan.h"
#include "common/utf8.h"
#include <stdlib.h>
#include <string.h>

#define REPLACEMENT   0xfffdu
#define NUMBER_LENGTH 63 /* cJSON reads no more of one */

struct source {
	const char *at, *end;
	struct format *out;
	unsigned depth;
};

static void skip_blanks(struct source *s)
{
	while (s->at < s->end && (uint8_t)*s->at <= ' ')
		s->at++;
}

/* Is this the next character? Then it is taken. */
static bool take(struct source *s, char c)
{
	if (s->at == s->end || *s->at != c)
		return false;
	s->at++;
	return true;
}

static void put_character(struct format *out, uint32_t c)
{
	char bytes[4];
	unsigned n = utf8_encode(c, bytes);

	if (c == '"' || c == '\\') {
		format_char(out, '\\');
		format_char(out, (char)c);
	} else if (!utf8_is_control(c)) {
		format_bytes(out, bytes, n);
	} else if (c < 0x10000) {
		format_printf(out, "\\u%04x", c);
	} else {
		format_printf(out, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10),
			      0xdc00 + ((c - 0x10000) & 0x3ff));
	}
}

static bool take_hex4(struct source *s, uint32_t *value)
{
	char digits[5] = { 0 };

	if (s->end - s->at < 4)
		return false;
	memcpy(digits, s->at, 4);
	if (strspn(digits, "0123456789abcdefABCDEF") != 4)
		return false;
	*value = (uint32_t)strtoul(digits, NULL, 16);
	s->at += 4;
	return true;
}

/* From behind its \u. A half of a pair without the other is bad. */
static bool take_code_point(struct source *s, uint32_t *c)
{
	uint32_t low;

	if (!take_hex4(s, c) || (*c >= 0xdc00 && *c <= 0xdfff))
		return false;
	if (*c >= 0xd800 && *c <= 0xdbff) {
		if (!take(s, '\\') || !take(s, 'u') || !take_hex4(s, &low) || low < 0xdc00 || low > 0xdfff)
			return false;
		*c = 0x10000 + ((*c - 0xd800) << 10 | (low - 0xdc00));
	}
	return true;
}

/* From behind its backslash. */
static bool take_escape(struct source *s)
{
	static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
	uint32_t c;

	if (s->at == s->end || !*s->at)
		return false;
	const char letter = *s->at++, *known = strchr(letters, letter);

	if (known)
		c = (uint8_t)meanings[known - letters];
	else if (letter != 'u' || !take_code_point(s, &c))
		return false;
	put_character(s->out, c ? c : REPLACEMENT);
	return true;
}

static bool write_string(struct source *s)
{
	uint32_t c;

	if (!take(s, '"'))
		return false;
	format_char(s->out, '"');
	while (s->at < s->end && *s->at != '"') {
		if (take(s, '\\')) {
			if (!take_escape(s))
				return false;
			continue;
		}
		s->at += utf8_decode(s->at, (size_t)(s->end - s->at), &c);
		put_character(s->out, c ? c : REPLACEMENT);
	}
	format_char(s->out, '"');
	return take(s, '"');
}

/* As it stands, if it is a number to everybody; what only cJSON takes for one by its value. */
static bool write_number(struct source *s)
{
	char text[NUMBER_LENGTH + 1 + JSON_SCAN_SLACK] = { 0 };
	size_t n = 0;
	char *end;

	if (s->at == s->end || !(*s->at == '-' || (*s->at >= '0' && *s->at <= '9')))
		return false;
	while (n < NUMBER_LENGTH && s->at + n < s->end && s->at[n] && strchr("0123456789+-eE.", s->at[n])) {
		text[n] = s->at[n];
		n++;
	}
	double value = strtod(text, &end);

	if (end == text)
		return false;
	s->at += end - text;
	*end = '\0';
	if (json_scan_value(text) == end)
		format_text(s->out, text);
	else
		json_write_number(s->out, value);
	return true;
}

static bool write_word(struct source *s)
{
	static const char *const words[] = { "true", "false", "null" };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		size_t length = strlen(words[i]);

		if ((size_t)(s->end - s->at) < length || memcmp(s->at, words[i], length) != 0)
			continue;
		s->at += length;
		format_text(s->out, words[i]);
		return true;
	}
	return false;
}

static bool write_value(struct source *);

static bool write_member(struct source *s)
{
	if (!write_string(s))
		return false;
	skip_blanks(s);
	if (!take(s, ':'))
		return false;
	format_char(s->out, ':');
	skip_blanks(s);
	return write_value(s);
}

/* What stands between brackets or braces. */
static bool write_list(struct source *s, char open, char close, bool (*write_item)(struct source *))
{
	if (!take(s, open) || s->depth++ >= JSON_SCAN_DEPTH)
		return false;
	format_char(s->out, open);
	skip_blanks(s);
	while (s->at < s->end && *s->at != close) {
		if (!write_item(s))
			return false;
		skip_blanks(s);
		if (!take(s, ','))
			break;
		format_char(s->out, ',');
		skip_blanks(s);
		/* A comma wants something behind it. */
		if (s->at < s->end && *s->at == close)
			return false;
	}
	format_char(s->out, close);
	s->depth--;
	return take(s, close);
}

static bool write_value(struct source *s)
{
	switch (s->at < s->end ? *s->at : '\0') {
	case '{':
		return write_list(s, '{', '}', write_member);
	case '[':
		return write_list(s, '[', ']', write_value);
	case '"':
		return write_string(s);
	case 't':
	case 'f':
	case 'n':
		return write_word(s);
	default:
		return write_number(s);
	}
}

bool json_write_canonical(struct format *out, const char *line, size_t length)
{
	static const char mark[] = "\xef\xbb\xbf"; /* the byte order mark */
	struct source s = { line, line + length, out, 0 };

	if (length > 4 && memcmp(line, mark, 3) == 0)
		s.at += 3;
	skip_blanks(&s);
	if (s.at == s.end || *s.at != '{' || !write_value(&s))
		return false;
	while (s.at < s.end && (*s.at == ' ' || *s.at == '\t' || *s.at == '\r'))
		s.at++;
	return s.at == s.end && !out->full;
}
