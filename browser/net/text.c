/* A growing buffer of text, and the escaping of HTML. Every built-in page is written through this file. */
#include "browser/net/text.h"
#include <ctype.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Make room for `more` bytes and the 0 behind them. */
static void reserve(struct text *text, size_t more)
{
	if (more > SIZE_MAX / 4 || text->length > SIZE_MAX / 4)
		abort();
	size_t wanted = text->length + more + 1;
	if (wanted <= text->capacity)
		return;
	size_t capacity = text->capacity ? text->capacity : 256;
	while (capacity < wanted)
		capacity *= 2;
	text->data = realloc(text->data, capacity);
	if (!text->data)
		abort();
	text->capacity = capacity;
}

void text_add_bytes(struct text *text, const void *bytes, size_t length)
{
	reserve(text, length);
	if (length)
		memcpy(text->data + text->length, bytes, length);
	text->length += length;
	text->data[text->length] = 0;
}

void text_add(struct text *text, const char *string)
{
	text_add_bytes(text, string, strlen(string));
}

void text_format(struct text *text, const char *format, ...)
{
	va_list arguments;
	char *formatted = NULL;
	va_start(arguments, format);
	int length = vasprintf(&formatted, format, arguments);
	va_end(arguments);
	if (length < 0)
		abort();
	text_add_bytes(text, formatted, (size_t)length);
	free(formatted);
}

static const char *entity(unsigned char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	case '\t':
	case '\n':
		return NULL;
	default:
		return c < 0x20 || c == 0x7f ? "\xef\xbf\xbd" : NULL;
	}
}

void html_escape(struct text *text, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		const char *replacement = entity((unsigned char)bytes[i]);
		if (replacement)
			text_add(text, replacement);
		else
			text_add_bytes(text, bytes + i, 1);
	}
}

void html_add(struct text *text, const char *string)
{
	html_escape(text, string, strlen(string));
}

void text_add_path(struct text *text, const char *path)
{
	for (; *path; path++) {
		unsigned char c = (unsigned char)*path;
		if (c < 0x80 && (isalnum(c) || strchr("-._~/", c)))
			text_add_bytes(text, path, 1);
		else
			text_format(text, "%%%02X", c);
	}
}

void text_add_number(struct text *text, unsigned long long number)
{
	char digits[32];
	int length = snprintf(digits, sizeof digits, "%llu", number);
	for (int i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			text_add(text, ",");
		text_add_bytes(text, digits + i, 1);
	}
}

void text_finish(struct text *text)
{
	free(text->data);
	*text = (struct text){ 0 };
}
