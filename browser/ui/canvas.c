/* See canvas.h. common/utf8.h decides what is a control character and how wide the rest is. */
#include "browser/ui/canvas.h"
#include "common/utf8.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FORMAT_MAX 1024

bool canvas_resize(struct canvas *c, int columns, int rows)
{
	struct cell *cells = calloc((size_t)columns * (size_t)rows, sizeof(*cells));

	if (!cells)
		return false;
	free(c->cells);
	*c = (struct canvas){ columns, rows, cells };
	canvas_clear(c, (struct area){ 0, 0, rows, columns }, (struct style){ 0 });
	return true;
}

void canvas_finish(struct canvas *c)
{
	free(c->cells);
	*c = (struct canvas){ 0 };
}

static struct cell *canvas_at(const struct canvas *c, int row, int column)
{
	return &c->cells[row * c->columns + column];
}

static struct cell style_cell(struct style s, uint32_t code_point, uint8_t width)
{
	return (struct cell){ .text = { code_point },
			      .foreground = s.foreground,
			      .background = s.background,
			      .attributes = s.attributes,
			      .width = width };
}

static void blank(struct cell *cell)
{
	cell->text[0] = ' ';
	cell->text[1] = cell->text[2] = 0;
	cell->width = 1;
}

/* Before columns [from, to) of a row are overwritten: a wide character that is only half inside goes as a
 * whole. */
static void mend_edges(struct canvas *c, int row, int from, int to)
{
	if (from > 0 && from < c->columns && canvas_at(c, row, from)->width == 0)
		blank(canvas_at(c, row, from - 1));
	if (to > 0 && to < c->columns && canvas_at(c, row, to)->width == 0)
		blank(canvas_at(c, row, to));
}

static struct area clip(const struct canvas *c, struct area a)
{
	int bottom = a.row + a.rows < c->rows ? a.row + a.rows : c->rows;
	int right = a.column + a.columns < c->columns ? a.column + a.columns : c->columns;

	a.row = a.row > 0 ? a.row : 0;
	a.column = a.column > 0 ? a.column : 0;
	a.rows = bottom > a.row ? bottom - a.row : 0;
	a.columns = right > a.column ? right - a.column : 0;
	return a;
}

void canvas_clear(struct canvas *c, struct area a, struct style s)
{
	a = clip(c, a);
	if (!a.columns)
		return;
	for (int row = a.row; row < a.row + a.rows; row++) {
		mend_edges(c, row, a.column, a.column + a.columns);
		for (int column = a.column; column < a.column + a.columns; column++)
			*canvas_at(c, row, column) = style_cell(s, ' ', 1);
	}
}

/* The name of what must not be sent, one cell a letter. */
static int glyph_name(uint32_t code_point, struct cell *out)
{
	char name[CANVAS_GLYPH + 1];
	int length;

	if (code_point < 0x20 || code_point == 0x7f)
		length = snprintf(name, sizeof(name), "^%c", (char)(code_point ^ 0x40));
	else
		length = snprintf(name, sizeof(name), "<U+%04X>", (unsigned)code_point);
	for (int i = 0; i < length && i < CANVAS_GLYPH; i++)
		out[i] = (struct cell){ .text = { (unsigned char)name[i] }, .width = 1 };
	return length < CANVAS_GLYPH ? length : CANVAS_GLYPH;
}

int canvas_glyph(const char *text, size_t length, struct cell out[CANVAS_GLYPH], size_t *taken)
{
	uint32_t code_point;
	size_t at = utf8_decode(text, length, &code_point);
	int width = utf8_width(code_point);
	unsigned marks = 1;

	*taken = at;
	if (width < 0)
		return glyph_name(code_point, out);
	/* A combining mark with nothing to stand on gets a space. */
	out[0] = (struct cell){ .text = { code_point }, .width = (uint8_t)width };
	if (width == 0)
		out[0] = (struct cell){ .text = { ' ', code_point }, .width = 1 }, marks = 2, width = 1;
	while (at < length) {
		unsigned more = utf8_decode(text + at, length - at, &code_point);
		if (utf8_width(code_point) != 0)
			break;
		if (marks < CELL_CODE_POINTS)
			out[0].text[marks++] = code_point;
		at += more;
	}
	*taken = at;
	if (width == 2)
		out[1] = (struct cell){ .width = 0 };
	return width;
}

int canvas_width(const char *text)
{
	struct cell cells[CANVAS_GLYPH];
	size_t length = strlen(text), taken;
	int width = 0;

	for (size_t at = 0; at < length; at += taken)
		width += canvas_glyph(text + at, length - at, cells, &taken);
	return width;
}

/* Bytes of text whose glyphs fit into that many columns; *columns becomes what they use. */
static size_t fitting(const char *text, int *columns)
{
	struct cell cells[CANVAS_GLYPH];
	size_t length = strlen(text), at = 0, taken;
	int used = 0;

	while (at < length) {
		int width = canvas_glyph(text + at, length - at, cells, &taken);
		if (used + width > *columns)
			break;
		used += width;
		at += taken;
	}
	*columns = used;
	return at;
}

static void put_glyphs(struct canvas *c, int row, int column, struct style s, const char *text, size_t length)
{
	struct cell cells[CANVAS_GLYPH];
	size_t taken;

	for (size_t at = 0; at < length; at += taken) {
		int width = canvas_glyph(text + at, length - at, cells, &taken);
		for (int i = 0; i < width; i++, column++) {
			cells[i].foreground = s.foreground;
			cells[i].background = s.background;
			cells[i].attributes = s.attributes;
			*canvas_at(c, row, column) = cells[i];
		}
	}
}

int canvas_text(struct canvas *c, int row, int column, int columns, struct style s, const char *text)
{
	if (column + columns > c->columns)
		columns = c->columns - column;
	if (row < 0 || row >= c->rows || column < 0 || columns <= 0)
		return 0;

	int used = columns;
	size_t fits = fitting(text, &used);
	bool cut = text[fits] != '\0';
	if (cut) {
		used = columns - 1;
		fits = fitting(text, &used);
	}
	mend_edges(c, row, column, column + used + cut);
	put_glyphs(c, row, column, s, text, fits);
	if (cut)
		*canvas_at(c, row, column + used) = style_cell(s, 0x2026, 1);
	return used + cut;
}

int canvas_format(struct canvas *c, int row, int column, int columns, struct style s, const char *how, ...)
{
	char text[FORMAT_MAX];
	va_list args;

	va_start(args, how);
	vsnprintf(text, sizeof(text), how, args);
	va_end(args);
	return canvas_text(c, row, column, columns, s, text);
}

int canvas_text_right(struct canvas *c, int row, int end, int columns, struct style s, const char *text)
{
	int width = canvas_width(text);

	if (width > columns)
		width = columns;
	return canvas_text(c, row, end - width, width, s, text);
}

void canvas_repeat(struct canvas *c, int row, int column, int columns, struct style s, const char *sign)
{
	struct area a = clip(c, (struct area){ row, column, 1, columns });
	uint32_t code_point;

	if (!a.rows || !a.columns)
		return;
	utf8_decode(sign, strlen(sign), &code_point);
	mend_edges(c, a.row, a.column, a.column + a.columns);
	for (int i = 0; i < a.columns; i++)
		*canvas_at(c, a.row, a.column + i) = style_cell(s, code_point, 1);
}

void canvas_cells(struct canvas *c, int row, int column, const struct cell *cells, int columns)
{
	struct area a = clip(c, (struct area){ row, column, 1, columns });

	if (!a.rows || !a.columns || column < 0)
		return;
	mend_edges(c, a.row, a.column, a.column + a.columns);
	memcpy(canvas_at(c, a.row, a.column), cells, (size_t)a.columns * sizeof(*cells));
	struct cell *last = canvas_at(c, a.row, a.column + a.columns - 1);
	if (last->width == 2)
		blank(last);
}

void canvas_restyle(struct canvas *c, int row, int column, int columns, struct style s)
{
	struct area a = clip(c, (struct area){ row, column, 1, columns });

	for (int i = 0; a.rows && i < a.columns; i++) {
		struct cell *cell = canvas_at(c, a.row, a.column + i);
		cell->foreground = s.foreground;
		cell->background = s.background;
		cell->attributes = s.attributes;
	}
}

void canvas_box(struct canvas *c, struct area a, struct style s, const char *title)
{
	int right = a.column + a.columns - 1, bottom = a.row + a.rows - 1;

	canvas_clear(c, a, s);
	canvas_repeat(c, a.row, a.column, a.columns, s, "─");
	canvas_repeat(c, bottom, a.column, a.columns, s, "─");
	for (int row = a.row + 1; row < bottom; row++) {
		canvas_text(c, row, a.column, 1, s, "│");
		canvas_text(c, row, right, 1, s, "│");
	}
	canvas_text(c, a.row, a.column, 1, s, "┌");
	canvas_text(c, a.row, right, 1, s, "┐");
	canvas_text(c, bottom, a.column, 1, s, "└");
	canvas_text(c, bottom, right, 1, s, "┘");
	canvas_format(c, a.row, a.column + 2, a.columns - 4, s, " %s ", title);
}
