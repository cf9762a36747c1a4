/*
 * UTF-8 and the width of characters. Layout (renderer/), raster (gpu/) and the screen (browser/ui/) all come
 * here, so that they agree on how many columns a text takes.
 */
#include "common/utf8.h"
#include <string.h>
#include <wchar.h>

#define REPLACEMENT 0xfffdu

/* What a first byte says: how many bytes follow, its own bits, and the smallest code point that needs so
 * many. */
struct lead {
	uint8_t mask, value, following;
	uint32_t least;
};

static const struct lead leads[] = {
	{ 0x80, 0x00, 0, 0 },
	{ 0xe0, 0xc0, 1, 0x80 },
	{ 0xf0, 0xe0, 2, 0x800 },
	{ 0xf8, 0xf0, 3, 0x10000 },
};

static bool is_scalar(uint32_t code_point)
{
	return code_point <= 0x10ffff && (code_point < 0xd800 || code_point > 0xdfff);
}

unsigned utf8_decode(const char *text, size_t length, uint32_t *code_point)
{
	const uint8_t *bytes = (const uint8_t *)text;
	const struct lead *lead = NULL;
	for (size_t i = 0; i < sizeof(leads) / sizeof(leads[0]) && !lead; i++)
		if ((bytes[0] & leads[i].mask) == leads[i].value)
			lead = &leads[i];

	*code_point = REPLACEMENT;
	if (!lead || lead->following >= length)
		return 1;
	uint32_t value = bytes[0] & (uint8_t)~lead->mask;
	for (unsigned i = 1; i <= lead->following; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 1;
		value = value << 6 | (bytes[i] & 0x3f);
	}
	if (value < lead->least || !is_scalar(value))
		return 1;
	*code_point = value;
	return 1u + lead->following;
}

unsigned utf8_encode(uint32_t code_point, char out[4])
{
	if (!is_scalar(code_point))
		code_point = REPLACEMENT;
	if (code_point < 0x80) {
		out[0] = (char)code_point;
		return 1;
	}
	unsigned count = code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
	for (unsigned i = count - 1; i > 0; i--, code_point >>= 6)
		out[i] = (char)(0x80 | (code_point & 0x3f));
	out[0] = (char)(leads[count - 1].value | code_point);
	return count;
}

/* Bytes at the start that are ASCII; most text is, so eight are looked at together. */
static size_t ascii_length(const char *text, size_t length)
{
	size_t at = 0;
	uint64_t eight;

	for (; length - at >= sizeof(eight); at += sizeof(eight)) {
		memcpy(&eight, text + at, sizeof(eight));
		if (eight & UINT64_C(0x8080808080808080))
			break;
	}
	while (at < length && !(text[at] & 0x80))
		at++;
	return at;
}

bool utf8_valid(const char *text, size_t length)
{
	for (size_t at = ascii_length(text, length); at < length;
	     at += ascii_length(text + at, length - at)) {
		uint32_t code_point;
		unsigned taken = utf8_decode(text + at, length - at, &code_point);
		/* A replacement character that was really written takes three bytes. */
		if (code_point == REPLACEMENT && taken == 1)
			return false;
		at += taken;
	}
	return true;
}

bool utf8_is_control(uint32_t code_point)
{
	if (code_point < 0x20 || (code_point >= 0x7f && code_point < 0xa0))
		return true;
	if (code_point < 0x61c)
		return false;
	return code_point == 0x61c || code_point == 0x200e || code_point == 0x200f || /* marks of direction */
	       (code_point >= 0x2028 && code_point <= 0x202e) || /* separators of lines, embeddings */
	       (code_point >= 0x2066 && code_point <= 0x206f) || /* isolates, deprecated shaping */
	       (code_point >= 0xfff9 && code_point <= 0xfffb) || /* interlinear annotation */
	       (code_point >= 0xe0000 && code_point <= 0xe007f); /* tags: text that nobody sees */
}

int utf8_width(uint32_t code_point)
{
	if (code_point >= 0x20 && code_point < 0x7f)
		return 1;
	if (utf8_is_control(code_point) || !is_scalar(code_point))
		return -1;
	return wcwidth((wchar_t)code_point);
}
