/* See line_edit.h. canvas.c knows how wide each character is. */
#include "browser/ui/line_edit.h"
#include "common/utf8.h"
#include <stdlib.h>
#include <string.h>

void line_edit_finish(struct line_edit *e)
{
	for (unsigned i = 0; i < e->history_count; i++)
		free(e->history[i]);
	free(e->draft);
	memset(e, 0, sizeof(*e));
}

void line_edit_set(struct line_edit *e, const char *text, bool marked)
{
	e->length = e->cursor = e->scrolled = 0;
	e->text[0] = '\0';
	e->all_marked = false;
	e->history_at = -1;
	line_edit_insert(e, text, strlen(text));
	e->all_marked = marked && e->length > 0;
}

static void erase(struct line_edit *e, size_t from, size_t to)
{
	memmove(e->text + from, e->text + to, e->length - to + 1);
	e->length -= to - from;
	e->cursor = from;
	e->all_marked = false;
}

void line_edit_insert(struct line_edit *e, const char *text, size_t length)
{
	if (e->all_marked)
		erase(e, 0, e->length);
	while (length > 0) {
		uint32_t code_point;
		char bytes[4];
		unsigned taken = utf8_decode(text, length, &code_point), n = utf8_encode(code_point, bytes);
		text += taken;
		length -= taken;
		if (utf8_width(code_point) < 0 || e->length + n > LINE_EDIT_BYTES)
			continue;
		memmove(e->text + e->cursor + n, e->text + e->cursor, e->length - e->cursor + 1);
		memcpy(e->text + e->cursor, bytes, n);
		e->cursor += n;
		e->length += n;
	}
}

static size_t glyph_bytes(const struct line_edit *e, size_t at, int *width)
{
	struct cell cells[CANVAS_GLYPH];
	size_t taken;

	*width = canvas_glyph(e->text + at, e->length - at, cells, &taken);
	return taken;
}

static size_t next_glyph(const struct line_edit *e, size_t at)
{
	int width;

	return at < e->length ? at + glyph_bytes(e, at, &width) : at;
}

static size_t previous_glyph(const struct line_edit *e, size_t at)
{
	size_t found = 0;

	for (size_t next = 0; next < at; next = next_glyph(e, next))
		found = next;
	return found;
}

/* Words end at spaces and, for addresses, at slashes. */
static bool ends_word(char c)
{
	return c == ' ' || c == '/';
}

static size_t previous_word(const struct line_edit *e)
{
	size_t at = e->cursor;

	while (at > 0 && ends_word(e->text[at - 1]))
		at--;
	while (at > 0 && !ends_word(e->text[at - 1]))
		at--;
	return at;
}

void line_edit_remember(struct line_edit *e, const char *text)
{
	if (!*text || (e->history_count && strcmp(e->history[0], text) == 0))
		return;
	char *copy = strdup(text);
	if (!copy)
		return;
	if (e->history_count == LINE_EDIT_HISTORY)
		free(e->history[--e->history_count]);
	memmove(&e->history[1], &e->history[0], e->history_count * sizeof(e->history[0]));
	e->history[0] = copy;
	e->history_count++;
}

static enum line_result recall(struct line_edit *e, int step)
{
	int at = e->history_at + step;

	if (at < -1 || at >= (int)e->history_count)
		return LINE_CHANGED;
	if (e->history_at == -1) {
		free(e->draft);
		e->draft = strdup(e->text);
	}
	line_edit_set(e, at >= 0 ? e->history[at] : e->draft ? e->draft : "", false);
	e->history_at = at;
	return LINE_CHANGED;
}

static enum line_result move_to(struct line_edit *e, size_t at)
{
	e->cursor = at;
	e->all_marked = false;
	return LINE_CHANGED;
}

static enum line_result erase_to(struct line_edit *e, size_t from, size_t to)
{
	erase(e, from, to);
	return LINE_CHANGED;
}

static enum line_result plain_key(struct line_edit *e, uint32_t code)
{
	char bytes[4];

	switch (code) {
	case STROKE_ENTER:
		line_edit_remember(e, e->text);
		return LINE_ENTERED;
	case STROKE_ESC:
		return LINE_LEFT;
	case STROKE_LEFT:
		return move_to(e, previous_glyph(e, e->cursor));
	case STROKE_RIGHT:
		return move_to(e, next_glyph(e, e->cursor));
	case STROKE_HOME:
		return move_to(e, 0);
	case STROKE_END:
		return move_to(e, e->length);
	case STROKE_UP:
		return recall(e, 1);
	case STROKE_DOWN:
		return recall(e, -1);
	case STROKE_BACKSPACE:
		return e->all_marked ? erase_to(e, 0, e->length)
				     : erase_to(e, previous_glyph(e, e->cursor), e->cursor);
	case STROKE_DELETE:
		return e->all_marked ? erase_to(e, 0, e->length)
				     : erase_to(e, e->cursor, next_glyph(e, e->cursor));
	}
	if (code >= STROKE_UP)
		return LINE_IGNORED;
	line_edit_insert(e, bytes, utf8_encode(code, bytes));
	return LINE_CHANGED;
}

static enum line_result control_key(struct line_edit *e, uint32_t code)
{
	switch (code) {
	case 'a':
		return move_to(e, 0);
	case 'e':
		return move_to(e, e->length);
	case 'b':
		return move_to(e, previous_glyph(e, e->cursor));
	case 'f':
		return move_to(e, next_glyph(e, e->cursor));
	case 'p':
		return recall(e, 1);
	case 'n':
		return recall(e, -1);
	case 'w':
		return erase_to(e, previous_word(e), e->cursor);
	case 'u':
		return erase_to(e, 0, e->cursor);
	case 'k':
		return erase_to(e, e->cursor, e->length);
	case 'd':
		return erase_to(e, e->cursor, next_glyph(e, e->cursor));
	case 'c':
	case 'g':
		return LINE_LEFT;
	}
	return LINE_IGNORED;
}

enum line_result line_edit_stroke(struct line_edit *e, const struct stroke *s)
{
	if (s->kind == STROKE_PASTE) {
		line_edit_insert(e, s->text, s->length);
		return LINE_CHANGED;
	}
	if (s->kind != STROKE_KEY)
		return LINE_IGNORED;
	if (s->modifiers & STROKE_CTRL)
		return control_key(e, s->code);
	if (s->modifiers & STROKE_ALT)
		return s->code == STROKE_BACKSPACE ? erase_to(e, previous_word(e), e->cursor) : LINE_IGNORED;
	return plain_key(e, s->code);
}

/* Columns between two places of the text. */
static int columns_between(const struct line_edit *e, size_t from, size_t to)
{
	int columns = 0, width;

	for (size_t at = from; at < to; columns += width)
		at += glyph_bytes(e, at, &width);
	return columns;
}

int line_edit_draw(struct line_edit *e, struct canvas *c, int row, int column, int columns, struct style s)
{
	if (e->cursor < e->scrolled || e->scrolled > e->length)
		e->scrolled = e->cursor;
	/* One column is for the cursor behind the last character. */
	while (columns_between(e, e->scrolled, e->cursor) > columns - 1 && e->scrolled < e->cursor)
		e->scrolled = next_glyph(e, e->scrolled);
	if (e->all_marked)
		s.attributes |= ATTRIBUTE_REVERSE;
	canvas_text(c, row, column, columns, s, e->text + e->scrolled);
	return column + columns_between(e, e->scrolled, e->cursor);
}

void line_edit_click(struct line_edit *e, int column)
{
	size_t at = e->scrolled;
	int width;

	while (at < e->length && column > 0) {
		at += glyph_bytes(e, at, &width);
		column -= width;
	}
	move_to(e, at);
}
