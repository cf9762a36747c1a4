/* See charset.h. The decoders follow the Encoding Standard: a byte that does not fit is given back if it is
 * ASCII. */
#include "renderer/charset.h"
#include "common/utf8.h"
#include "renderer/charset_tables.h"
#include <string.h>

#define INVALID 0xfffdu
#define MORE	0xffffffffu /* the character has not ended */

enum { ESCAPE_ASCII, ESCAPE_ROMAN, ESCAPE_KATAKANA, ESCAPE_JIS0208 };

static size_t begin_by_mark(struct charset *charset, const char *head, size_t length)
{
	if (length >= 3 && !memcmp(head, "\xef\xbb\xbf", 3)) {
		charset->encoding = &charset_encodings[CHARSET_FIRST_UTF_8];
		return 3;
	}
	if (length >= 2 && (!memcmp(head, "\xff\xfe", 2) || !memcmp(head, "\xfe\xff", 2))) {
		charset->encoding = charset_by_label(head[0] == '\xff' ? "utf-16le" : "utf-16be", 8);
		charset->big_endian = head[0] == '\xfe';
		return 2;
	}
	return 0;
}

size_t charset_begin(struct charset *charset, const char *argument, size_t argument_length, const char *head,
		     size_t length)
{
	*charset = (struct charset){ 0 };
	size_t skip = begin_by_mark(charset, head, length);
	if (!charset->encoding && argument_length)
		charset->encoding = charset_by_label(argument, argument_length);
	if (!charset->encoding)
		charset->encoding = charset_prescan(head, length);
	if (!charset->encoding) {
		charset->encoding = &charset_encodings[CHARSET_FIRST_UTF_8];
		charset->guess = true;
	}
	if (!skip && charset->encoding->decoder == CHARSET_UTF_16)
		charset->big_endian = !strcmp(charset->encoding->name, "utf-16be");
	return skip;
}

/* What a byte sequence stands for: a code point, INVALID or MORE. *taken (count before) says how many bytes
 * it used. */
typedef uint32_t decoder_fn(struct charset *, const uint8_t *bytes, unsigned count, unsigned *taken);

/* What a table said. Where it said nothing, a last byte that is ASCII is read again. */
static uint32_t from_table(uint32_t code_point, uint8_t last, unsigned *taken)
{
	if (code_point)
		return code_point;
	if (last < 0x80)
		--*taken;
	return INVALID;
}

static uint32_t decode_single(struct charset *charset, const uint8_t *bytes, unsigned count, unsigned *taken)
{
	(void)count, (void)taken;
	uint32_t code_point = charset->encoding->single[bytes[0] - 0x80];
	return code_point ? code_point : INVALID;
}

static uint32_t decode_euc_kr(struct charset *charset, const uint8_t *bytes, unsigned count, unsigned *taken)
{
	(void)charset;
	if (bytes[0] == 0x80 || bytes[0] == 0xff)
		return INVALID;
	if (count < 2)
		return MORE;
	bool in = bytes[1] >= 0x41 && bytes[1] <= 0xfe;
	return from_table(in ? charset_euc_kr[(bytes[0] - 0x81) * 190 + bytes[1] - 0x41] : 0, bytes[1],
			  taken);
}

static uint32_t decode_gb18030_four(const uint8_t *bytes)
{
	uint32_t index = (bytes[0] - 0x81u) * 12600 + (bytes[1] - 0x30u) * 1260 + (bytes[2] - 0x81u) * 10 +
			 (bytes[3] - 0x30u);
	if (index >= 189000 && index < 189000 + 0x100000)
		return index - 189000 + 0x10000;
	if (index >= 39420)
		return INVALID;
	unsigned run = charset_gb18030_nranges - 1;
	while (run && charset_gb18030_ranges[run].index > index)
		run--;
	return charset_gb18030_ranges[run].code_point + index - charset_gb18030_ranges[run].index;
}

static uint32_t decode_gb18030(struct charset *charset, const uint8_t *bytes, unsigned count, unsigned *taken)
{
	(void)charset;
	if (bytes[0] == 0x80)
		return 0x20ac;
	if (bytes[0] == 0xff)
		return INVALID;
	if (count < 2)
		return MORE;
	if (bytes[1] >= 0x30 && bytes[1] <= 0x39) {
		if (count == 2)
			return MORE;
		if (bytes[2] < 0x81 || bytes[2] == 0xff ||
		    (count == 4 && (bytes[3] < 0x30 || bytes[3] > 0x39))) {
			*taken = 1;
			return INVALID;
		}
		return count == 3 ? MORE : decode_gb18030_four(bytes);
	}
	bool in = bytes[1] >= 0x40 && bytes[1] != 0x7f && bytes[1] != 0xff;
	return from_table(in ? charset_gbk[(bytes[0] - 0x81) * 191 + bytes[1] - 0x40] : 0, bytes[1], taken);
}

static uint32_t decode_big5(struct charset *charset, const uint8_t *bytes, unsigned count, unsigned *taken)
{
	(void)charset;
	if (bytes[0] == 0x80 || bytes[0] == 0xff)
		return INVALID;
	if (count < 2)
		return MORE;
	bool low = bytes[1] >= 0x40 && bytes[1] <= 0x7e;
	if (!low && (bytes[1] < 0xa1 || bytes[1] == 0xff))
		return from_table(0, bytes[1], taken);
	unsigned at = (bytes[0] - 0x81u) * 157 + bytes[1] - (low ? 0x40 : 0x62);
	uint32_t plane = charset_big5_plane2[at / 8] >> (at % 8) & 1 ? 0x20000 : 0;
	return from_table(charset_big5[at] ? plane + charset_big5[at] : 0, bytes[1], taken);
}

/* Row and cell from 0. */
static uint32_t jis0208_at(unsigned row, unsigned cell)
{
	unsigned at = row * 94 + cell;
	return at < sizeof(charset_jis0208) / sizeof(charset_jis0208[0]) ? charset_jis0208[at] : 0;
}

static uint32_t decode_euc_jp(struct charset *charset, const uint8_t *bytes, unsigned count, unsigned *taken)
{
	(void)charset;
	if (bytes[0] != 0x8e && bytes[0] != 0x8f && (bytes[0] < 0xa1 || bytes[0] == 0xff))
		return INVALID;
	if (count < 2)
		return MORE;
	bool in = bytes[1] >= 0xa1 && bytes[1] <= 0xfe;
	if (bytes[0] == 0x8e)
		return from_table(in && bytes[1] <= 0xdf ? 0xff61u - 0xa1 + bytes[1] : 0, bytes[1], taken);
	if (bytes[0] == 0x8f && in) {
		if (count < 3)
			return MORE;
		in = bytes[2] >= 0xa1 && bytes[2] <= 0xfe;
		return from_table(in ? charset_jis0212[(bytes[1] - 0xa1) * 94 + bytes[2] - 0xa1] : 0,
				  bytes[2], taken);
	}
	return from_table(in && bytes[0] != 0x8f ? jis0208_at(bytes[0] - 0xa1u, bytes[1] - 0xa1u) : 0,
			  bytes[1], taken);
}

static uint32_t decode_shift_jis(struct charset *charset, const uint8_t *bytes, unsigned count,
				 unsigned *taken)
{
	(void)charset;
	if (bytes[0] == 0x80)
		return 0x80;
	if (bytes[0] >= 0xa1 && bytes[0] <= 0xdf)
		return 0xff61u - 0xa1 + bytes[0];
	if (bytes[0] == 0xa0 || bytes[0] > 0xfc)
		return INVALID;
	if (count < 2)
		return MORE;
	bool in = (bytes[1] >= 0x40 && bytes[1] <= 0x7e) || (bytes[1] >= 0x80 && bytes[1] <= 0xfc);
	if (!in)
		return from_table(0, bytes[1], taken);
	unsigned at = (bytes[0] - (bytes[0] < 0xa0 ? 0x81u : 0xc1u)) * 188 + bytes[1] -
		      (bytes[1] < 0x7f ? 0x40u : 0x41u);
	if (at >= 8836 && at <= 10715)
		return 0xe000 - 8836 + at; /* the private use of old mobile phones */
	return from_table(charset_jis0208[at], bytes[1], taken);
}

/* An escape sequence of three bytes; a wrong one is shown as invalid. */
static uint32_t decode_escape(struct charset *charset, const uint8_t *bytes, unsigned count, unsigned *taken)
{
	static const struct {
		char sequence[3];
		uint8_t set;
	} escapes[] = { { "(B", ESCAPE_ASCII },
			{ "(J", ESCAPE_ROMAN },
			{ "(I", ESCAPE_KATAKANA },
			{ "$@", ESCAPE_JIS0208 },
			{ "$B", ESCAPE_JIS0208 } };
	if (count == 1 || (count == 2 && (bytes[1] == '(' || bytes[1] == '$')))
		return MORE;
	for (size_t i = 0; count == 3 && i < sizeof(escapes) / sizeof(escapes[0]); i++) {
		if (!memcmp(bytes + 1, escapes[i].sequence, 2)) {
			charset->escape = escapes[i].set;
			return 0;
		}
	}
	*taken = 1;
	return INVALID;
}

static uint32_t decode_iso_2022_jp(struct charset *charset, const uint8_t *bytes, unsigned count,
				   unsigned *taken)
{
	if (bytes[0] == 0x1b)
		return decode_escape(charset, bytes, count, taken);
	if (bytes[0] < 0x21 || charset->escape == ESCAPE_ASCII)
		return bytes[0] < 0x80 ? bytes[0] : INVALID;
	if (charset->escape == ESCAPE_ROMAN)
		return bytes[0] == 0x5c	  ? 0xa5
		       : bytes[0] == 0x7e ? 0x203e
		       : bytes[0] < 0x80  ? bytes[0]
					  : INVALID;
	if (charset->escape == ESCAPE_KATAKANA)
		return bytes[0] <= 0x5f ? 0xff61u - 0x21 + bytes[0] : INVALID;
	if (bytes[0] > 0x7e)
		return INVALID;
	if (count < 2)
		return MORE;
	bool in = bytes[1] >= 0x21 && bytes[1] <= 0x7e;
	uint32_t code_point = in ? jis0208_at(bytes[0] - 0x21u, bytes[1] - 0x21u) : 0;
	if (bytes[1] == 0x1b)
		*taken = 1;
	return code_point ? code_point : INVALID;
}

static uint32_t utf_16_unit(const struct charset *charset, const uint8_t *bytes)
{
	return charset->big_endian ? (uint32_t)bytes[0] << 8 | bytes[1] : (uint32_t)bytes[1] << 8 | bytes[0];
}

static uint32_t decode_utf_16(struct charset *charset, const uint8_t *bytes, unsigned count, unsigned *taken)
{
	if (count < 2)
		return MORE;
	uint32_t unit = utf_16_unit(charset, bytes);
	if (unit < 0xd800 || unit > 0xdfff)
		return unit;
	if (unit >= 0xdc00)
		return INVALID;
	if (count < 4)
		return MORE;
	uint32_t low = utf_16_unit(charset, bytes + 2);
	if (low >= 0xdc00 && low <= 0xdfff)
		return 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
	*taken = 2;
	return INVALID;
}

static uint32_t decode_replacement(struct charset *charset, const uint8_t *bytes, unsigned count,
				   unsigned *taken)
{
	(void)bytes, (void)count, (void)taken;
	bool first = !charset->replaced;
	charset->replaced = true;
	return first ? INVALID : 0;
}

static char *put(uint32_t code_point, char *out)
{
	return out + utf8_encode(code_point ? code_point : INVALID, out);
}

/* How many bytes a UTF-8 character that starts with this byte has; 0: none starts with it. */
static unsigned utf_8_length(uint8_t lead)
{
	return lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
}

/* Is that the beginning of a character whose end is missing? */
static bool is_cut_short(const uint8_t *bytes, size_t length)
{
	size_t at = 1;
	while (at < length && (bytes[at] & 0xc0) == 0x80)
		at++;
	return at == length && length < utf_8_length(bytes[0]);
}

/* Does it look like UTF-8? A character that is cut short does, unless nothing follows. */
static bool looks_like_utf_8(const uint8_t *bytes, size_t length, bool last)
{
	for (size_t at = 0; at < length;) {
		uint32_t code_point;
		unsigned taken = utf8_decode((const char *)bytes + at, length - at, &code_point);
		if (code_point == INVALID && taken == 1)
			return !last && is_cut_short(bytes + at, length - at);
		at += taken;
	}
	return true;
}

static size_t ascii_run(const uint8_t *bytes, size_t length)
{
	size_t run = 0;
	while (run < length && bytes[run] && bytes[run] < 0x80)
		run++;
	return run;
}

static uint32_t decode_utf_8(struct charset *charset, const uint8_t *bytes, unsigned count, unsigned *taken)
{
	(void)charset;
	unsigned needed = utf_8_length(bytes[0]);
	if (needed > count && (count < 2 || (bytes[count - 1] & 0xc0) == 0x80))
		return MORE;
	uint32_t code_point;
	unsigned used = utf8_decode((const char *)bytes, count, &code_point);
	if (code_point == INVALID && used == 1 && count > 1)
		*taken = (bytes[count - 1] & 0xc0) == 0x80 ? count : count - 1;
	return code_point ? code_point : INVALID;
}

static decoder_fn *const decoders[CHARSET_DECODERS] = {
	[CHARSET_UTF_8] = decode_utf_8,
	[CHARSET_SINGLE] = decode_single,
	[CHARSET_EUC_KR] = decode_euc_kr,
	[CHARSET_GB18030] = decode_gb18030,
	[CHARSET_BIG5] = decode_big5,
	[CHARSET_EUC_JP] = decode_euc_jp,
	[CHARSET_ISO_2022_JP] = decode_iso_2022_jp,
	[CHARSET_SHIFT_JIS] = decode_shift_jis,
	[CHARSET_UTF_16] = decode_utf_16,
	[CHARSET_REPLACEMENT] = decode_replacement,
};

static bool ascii_is_ascii(const struct charset *charset)
{
	enum charset_decoder decoder = charset->encoding->decoder;
	return decoder != CHARSET_UTF_16 && decoder != CHARSET_ISO_2022_JP && decoder != CHARSET_REPLACEMENT;
}

/* Work off the pending bytes, as far as they are whole characters. */
static char *settle(struct charset *charset, char *out)
{
	decoder_fn *decoder = decoders[charset->encoding->decoder];
	while (charset->npending) {
		uint32_t code_point = MORE;
		unsigned taken = 1;
		if (charset->pending[0] < 0x80 && ascii_is_ascii(charset))
			code_point = charset->pending[0] ? charset->pending[0] : INVALID;
		for (unsigned count = 1; code_point == MORE && count <= charset->npending; count++) {
			taken = count;
			code_point = decoder(charset, charset->pending, count, &taken);
		}
		if (code_point == MORE)
			return out;
		bool silent =
			!code_point && !ascii_is_ascii(charset) &&
			(charset->pending[0] == 0x1b || charset->encoding->decoder == CHARSET_REPLACEMENT);
		if (!silent)
			out = put(code_point, out);
		charset->npending -= taken;
		memmove(charset->pending, charset->pending + taken, charset->npending);
	}
	return out;
}

/* The first byte beyond ASCII tells what an undeclared body is in. */
static void decide(struct charset *charset, const uint8_t *bytes, size_t length, bool last)
{
	charset->guess = false;
	if (!looks_like_utf_8(bytes, length, last))
		charset->encoding = &charset_encodings[CHARSET_FIRST_WINDOWS_1252];
}

size_t charset_capacity(size_t bytes)
{
	return 3 * (bytes + sizeof(((struct charset *)0)->pending)) + 4;
}

size_t charset_decode(struct charset *charset, const char *piece, size_t length, bool last, char *out)
{
	const uint8_t *bytes = (const uint8_t *)piece;
	char *start = out;
	for (size_t at = 0; at < length;) {
		if (!charset->npending && ascii_is_ascii(charset)) {
			size_t run = ascii_run(bytes + at, length - at);
			memcpy(out, bytes + at, run);
			out += run, at += run;
			if (at == length)
				break;
		}
		if (charset->guess && bytes[at] >= 0x80)
			decide(charset, bytes + at, length - at, last);
		charset->pending[charset->npending++] = bytes[at++];
		out = settle(charset, out);
	}
	if (last && charset->npending) {
		charset->npending = 0;
		out = put(INVALID, out);
	}
	return (size_t)(out - start);
}
