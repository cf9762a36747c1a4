/* See format.h. Used by common/codec.c and browser/traffic/. */
#include "common/format.h"
#include "common/utf8.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* "00" to "99". */
static const char two_digits[201] = "0001020304050607080910111213141516171819"
				    "2021222324252627282930313233343536373839"
				    "4041424344454647484950515253545556575859"
				    "6061626364656667686970717273747576777879"
				    "8081828384858687888990919293949596979899";

void format_u64(struct format *f, uint64_t value)
{
	char digits[20];
	size_t n = sizeof digits;

	for (; value >= 100; value /= 100)
		memcpy(digits + (n -= 2), two_digits + value % 100 * 2, 2);
	if (value >= 10)
		memcpy(digits + (n -= 2), two_digits + value * 2, 2);
	else
		digits[--n] = (char)('0' + value);
	format_bytes(f, digits + n, sizeof digits - n);
}

void format_tenths(struct format *f, uint64_t ns)
{
	format_u64(f, ns / 1000);
	format_char(f, '.');
	format_u64(f, ns % 1000 / 100);
}

void format_hex(struct format *f, const void *data, size_t length)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *bytes = data;
	char *out = f->text + f->length;

	if (f->full || 2 * length >= f->capacity - f->length) {
		f->full = true;
		return;
	}
	for (size_t i = 0; i < length; i++) {
		*out++ = digits[bytes[i] >> 4];
		*out++ = digits[bytes[i] & 15];
	}
	*out = '\0';
	f->length += 2 * length;
}

void format_base64(struct format *f, const void *data, size_t length)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const uint8_t *bytes = data;
	char *out = f->text + f->length;

	if (f->full || (length + 2) / 3 * 4 >= f->capacity - f->length) {
		f->full = true;
		return;
	}
	for (size_t i = 0; i < length; i += 3) {
		size_t left = length - i;
		uint32_t three = (uint32_t)bytes[i] << 16;

		three |= left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0;
		three |= left > 2 ? bytes[i + 2] : 0;
		*out++ = digits[three >> 18];
		*out++ = digits[three >> 12 & 63];
		*out++ = left > 1 ? digits[three >> 6 & 63] : '=';
		*out++ = left > 2 ? digits[three & 63] : '=';
	}
	f->length = (size_t)(out - f->text);
	*out = '\0';
}

static void format_json_escape(struct format *f, uint32_t c, const char *bytes, unsigned length)
{
	if (c == '"' || c == '\\') {
		format_char(f, '\\');
		format_char(f, (char)c);
	} else if (utf8_is_control(c)) {
		char text[16];
		int n = c < 0x10000 ? snprintf(text, sizeof text, "\\u%04x", c)
				    : snprintf(text, sizeof text, "\\u%04x\\u%04x",
					       0xd800 + ((c - 0x10000) >> 10 & 0x3ff),
					       0xdc00 + ((c - 0x10000) & 0x3ff));
		format_bytes(f, text, (size_t)n);
	} else if (c == 0xfffd) {
		format_text(f, "\xef\xbf\xbd");
	} else {
		format_bytes(f, bytes, length);
	}
}

void format_json_string(struct format *f, const char *text, size_t length)
{
	size_t i = 0;

	format_char(f, '"');
	while (i < length && !f->full) {
		size_t plain = i;

		while (plain < length && text[plain] >= 0x20 && text[plain] < 0x7f && text[plain] != '"' &&
		       text[plain] != '\\')
			plain++;
		format_bytes(f, text + i, plain - i);
		i = plain;
		if (i < length) {
			uint32_t c;
			unsigned n = utf8_decode(text + i, length - i, &c);

			format_json_escape(f, c, text + i, n);
			i += n;
		}
	}
	format_char(f, '"');
}

void format_printf(struct format *f, const char *how, ...)
{
	va_list args;
	int n;

	if (f->full)
		return;
	va_start(args, how);
	n = vsnprintf(f->text + f->length, f->capacity - f->length, how, args);
	va_end(args);
	if (n < 0 || (size_t)n >= f->capacity - f->length) {
		f->text[f->length] = '\0';
		f->full = true;
	} else {
		f->length += (size_t)n;
	}
}
