/* See lines.h. */
#include "browser/ui/lines.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES 2048
#define HEX_MAX	       16 /* bytes a line */

void lines_finish(struct lines *l)
{
	for (int i = 0; i < l->count; i++)
		free(l->items[i].text);
	free(l->items);
	*l = (struct lines){ 0 };
}

static void add_bytes(struct lines *l, struct style s, const char *text, size_t length)
{
	if (l->count == l->capacity) {
		int capacity = l->capacity ? l->capacity * 2 : 64;
		struct line *grown = realloc(l->items, (size_t)capacity * sizeof(*grown));
		if (!grown)
			return;
		l->items = grown;
		l->capacity = capacity;
	}
	char *copy = strndup(text, length);
	if (copy)
		l->items[l->count++] = (struct line){ s, copy };
}

void lines_add(struct lines *l, struct style s, const char *text)
{
	add_bytes(l, s, text, strlen(text));
}

void lines_format(struct lines *l, struct style s, const char *how, ...)
{
	char text[LINE_MAX_BYTES];
	va_list args;

	va_start(args, how);
	vsnprintf(text, sizeof(text), how, args);
	va_end(args);
	lines_add(l, s, text);
}

/* Bytes of the first line of text within those columns: to the last blank, or as much as there is room for.
 */
static size_t line_break(const char *text, int columns)
{
	struct cell cells[CANVAS_GLYPH];
	size_t length = strlen(text), at = 0, taken, blank = 0;
	int used = 0;

	while (at < length) {
		used += canvas_glyph(text + at, length - at, cells, &taken);
		if (used > columns)
			return blank ? blank : at ? at : taken;
		if (text[at] == ' ')
			blank = at;
		at += taken;
	}
	return length;
}

void lines_wrap(struct lines *l, struct style s, int indent, int columns, const char *text)
{
	char line[LINE_MAX_BYTES];

	do {
		size_t taken = line_break(text, columns - indent > 8 ? columns - indent : 8);
		snprintf(line, sizeof(line), "%*s%.*s", indent, "", (int)taken, text);
		lines_add(l, s, line);
		text += taken;
		while (*text == ' ')
			text++;
	} while (*text);
}

/* From the first byte of a JSON string or value to behind it. */
static const char *skip_value(const char *at)
{
	int depth = 0;
	bool quoted = false;

	for (; *at; at++) {
		if (quoted && *at == '\\' && at[1])
			at++;
		else if (*at == '"')
			quoted = !quoted;
		else if (!quoted && (*at == '{' || *at == '['))
			depth++;
		else if (!quoted && depth > 0 && (*at == '}' || *at == ']'))
			depth--;
		else if (!quoted && depth == 0 && (*at == ',' || *at == '}' || *at == ':'))
			break;
	}
	return at;
}

void lines_add_object(struct lines *l, struct style s, const char *json)
{
	const char *at = *json == '{' ? json + 1 : json;

	while (*at == '"') {
		const char *key_end = skip_value(at);
		const char *value = *key_end == ':' ? key_end + 1 : key_end, *end = skip_value(value);
		int key_bytes = key_end - at > 2 ? (int)(key_end - at) - 2 : 0;
		lines_format(l, s, "  %-14.*s %.*s", key_bytes, at + 1, (int)(end - value), value);
		at = *end == ',' ? end + 1 : end;
	}
}

static void copy_value(const char *from, const char *end, char *buf, size_t capacity)
{
	size_t length = 0;
	bool quoted = *from == '"';

	if (quoted)
		from++, end--;
	for (; from < end && length + 1 < capacity; from++) {
		if (quoted && *from == '\\' && (from[1] == '"' || from[1] == '\\'))
			from++;
		buf[length++] = *from;
	}
	buf[length] = '\0';
}

const char *lines_member(const char *json, const char *name, char *buf, size_t capacity)
{
	const char *at = *json == '{' ? json + 1 : json;
	size_t length = strlen(name);

	buf[0] = '\0';
	while (*at == '"') {
		const char *key_end = skip_value(at);
		const char *value = *key_end == ':' ? key_end + 1 : key_end, *end = skip_value(value);
		if ((size_t)(key_end - at) == length + 2 && memcmp(at + 1, name, length) == 0) {
			copy_value(value, end, buf, capacity);
			break;
		}
		at = *end == ',' ? end + 1 : end;
	}
	return buf;
}

void lines_add_bytes(struct lines *l, struct style s, const unsigned char *bytes, unsigned length,
		     unsigned a_line)
{
	for (unsigned at = 0; at < length; at += a_line) {
		char hex[HEX_MAX * 3 + 2] = "", letters[HEX_MAX + 1] = "";
		unsigned n = length - at < a_line ? length - at : a_line;
		for (unsigned i = 0; i < n; i++) {
			unsigned char c = bytes[at + i];
			snprintf(hex + i * 3, 4, "%02x ", c);
			letters[i] = c >= 0x20 && c < 0x7f ? (char)c : '.';
		}
		lines_format(l, s, "%04x  %-*s %s", at, (int)a_line * 3, hex, letters);
	}
}

void lines_draw(const struct lines *l, int top, struct canvas *c, struct area a)
{
	for (int row = 0; row < a.rows && top + row < l->count; row++)
		canvas_text(c, a.row + row, a.column, a.columns, l->items[top + row].style,
			    l->items[top + row].text);
}
