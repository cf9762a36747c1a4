/* See json_scan.h. Strings are looked at eight bytes at a time; most hold nothing that needs a second look.
 */
#include "browser/traffic/log/json_scan.h"
#include "common/utf8.h"
#include <endian.h>
#include <string.h>

#define EACH_BYTE(b)   (UINT64_C(0x0101010101010101) * (b))
#define LONGEST_NUMBER 63 /* longer ones are no numbers to cJSON either, by which json.c goes */

/* The top bit of each byte that is a quote, a backslash, a control character, or no ASCII. Bits above the
 * first that is set may be wrong. */
static uint64_t odd_bytes(uint64_t eight)
{
	/* Flipping this bit brings the quote next to the control characters. */
	uint64_t near = eight ^ EACH_BYTE(0x02), backslash = eight ^ EACH_BYTE('\\'),
		 delete = eight ^ EACH_BYTE(0x7f);

	return (((near - EACH_BYTE(0x21)) & ~near) | ((backslash - EACH_BYTE(1)) & ~backslash) |
		((delete - EACH_BYTE(1)) & ~delete) | eight) &
	       EACH_BYTE(0x80);
}

static int hex4(const char *s)
{
	int value = 0;

	for (unsigned i = 0; i < 4; i++) {
		char c = s[i];
		int digit = c >= '0' && c <= '9'   ? c - '0'
			    : c >= 'a' && c <= 'f' ? c - 'a' + 10
			    : c >= 'A' && c <= 'F' ? c - 'A' + 10
						   : -1;

		if (digit < 0)
			return -1;
		value = value << 4 | digit;
	}
	return value;
}

/* Behind the escape at s; NULL: not one that this shape has. */
static const char *scan_escape(const char *s)
{
	int first, second;

	if (s[1] == '"' || s[1] == '\\')
		return s + 2;
	if (s[1] != 'u' || (first = hex4(s + 2)) <= 0)
		return NULL;
	if (first < 0xd800 || first > 0xdfff)
		return utf8_is_control((uint32_t)first) ? s + 6 : NULL;
	if (first > 0xdbff || s[6] != '\\' || s[7] != 'u' || (second = hex4(s + 8)) < 0xdc00 ||
	    second > 0xdfff)
		return NULL;
	uint32_t c = 0x10000 + ((uint32_t)(first - 0xd800) << 10 | (uint32_t)(second - 0xdc00));

	return utf8_is_control(c) ? s + 12 : NULL;
}

/* Behind the odd character at s, which is no quote; NULL: not of this shape. */
static const char *scan_odd(const char *s)
{
	uint32_t c;

	if (*s == '\\')
		return scan_escape(s);
	if ((uint8_t)*s < 0x80)
		return NULL;
	/* It stops at the 0 that ends the text, which continues no character. */
	unsigned n = utf8_decode(s, 4, &c);

	return n > 1 && !utf8_is_control(c) ? s + n : NULL;
}

/* From behind the opening quote to the closing one. */
static inline const char *scan_string(const char *s)
{
	uint64_t eight, odd;

	for (;;) {
		memcpy(&eight, s, sizeof eight);
		odd = odd_bytes(htole64(eight));
		if (!odd) {
			s += sizeof eight;
			continue;
		}
		s += __builtin_ctzll(odd) / 8;
		if (*s == '"')
			return s;
		s = scan_odd(s);
		if (!s)
			return NULL;
	}
}

static inline const char *skip_digits(const char *s)
{
	while (*s >= '0' && *s <= '9')
		s++;
	return s;
}

static const char *scan_number(const char *s)
{
	const char *begin = s, *digits = s += *s == '-';

	s = skip_digits(s);
	if (s == digits || (*digits == '0' && s > digits + 1))
		return NULL;
	if (*s == '.') {
		digits = ++s;
		s = skip_digits(s);
		if (s == digits)
			return NULL;
	}
	if (*s == 'e' || *s == 'E') {
		digits = ++s;
		if (*s == '+' || *s == '-')
			digits = ++s;
		s = skip_digits(s);
		if (s == digits)
			return NULL;
	}
	return s - begin <= LONGEST_NUMBER ? s : NULL;
}

static const char *scan_word(const char *s, const char *word, size_t length)
{
	return strncmp(s, word, length) == 0 ? s + length : NULL;
}

static const char *scan_value(const char *s, unsigned depth);

static const char *scan_array(const char *s, unsigned depth)
{
	if (s[1] == ']')
		return s + 2;
	do {
		s = scan_value(s + 1, depth);
		if (!s)
			return NULL;
	} while (*s == ',');
	return *s == ']' ? s + 1 : NULL;
}

static const char *scan_object(const char *s, unsigned depth)
{
	if (s[1] == '}')
		return s + 2;
	do {
		if (s[1] != '"' || !(s = scan_string(s + 2)) || s[1] != ':' ||
		    !(s = scan_value(s + 2, depth)))
			return NULL;
	} while (*s == ',');
	return *s == '}' ? s + 1 : NULL;
}

/* Behind the value at s, which lies in so many arrays and objects. */
static const char *scan_value(const char *s, unsigned depth)
{
	switch (*s) {
	case '"':
		s = scan_string(s + 1);
		return s ? s + 1 : NULL;
	case '{':
		return depth < JSON_SCAN_DEPTH ? scan_object(s, depth + 1) : NULL;
	case '[':
		return depth < JSON_SCAN_DEPTH ? scan_array(s, depth + 1) : NULL;
	case 't':
		return scan_word(s, "true", 4);
	case 'f':
		return scan_word(s, "false", 5);
	case 'n':
		return scan_word(s, "null", 4);
	default:
		return scan_number(s);
	}
}

const char *json_scan_value(const char *text)
{
	return scan_value(text, 0);
}

struct json_members json_members_of(const char *text)
{
	return (struct json_members){ .at = text, .first = true, .foul = text[0] != '{' };
}

bool json_members_next(struct json_members *m, struct json_slice *key, struct json_slice *value)
{
	const char *s = m->at, *end;

	if (m->foul)
		return false;
	if (m->first ? s[1] == '}' : *s == '}') {
		m->at = s + 1 + m->first;
		return false;
	}
	m->foul = true;
	if ((!m->first && *s != ',') || s[1] != '"' || !(end = scan_string(s + 2)) || end[1] != ':')
		return false;
	*key = (struct json_slice){ s + 2, (size_t)(end - s - 2) };
	s = end + 2;
	end = scan_value(s, 1);
	if (!end)
		return false;
	*value = (struct json_slice){ s, (size_t)(end - s) };
	*m = (struct json_members){ .at = end };
	return true;
}

bool json_slice_is(const struct json_slice *slice, const char *word)
{
	return strlen(word) == slice->length && memcmp(slice->text, word, slice->length) == 0;
}

bool json_slice_number(const struct json_slice *slice, uint64_t *number)
{
	uint64_t n = 0;

	if (!slice->length || slice->length > 19)
		return false;
	for (size_t i = 0; i < slice->length; i++) {
		if (slice->text[i] < '0' || slice->text[i] > '9')
			return false;
		n = n * 10 + (uint64_t)(slice->text[i] - '0');
	}
	*number = n;
	return true;
}
