/*
 * Display items -> cells. Trusts the items' fields (they were checked when the band was taken), never their
 * fit: each is cut to the grid. One rule keeps wide characters whole: before cells are written, split() parts
 * the row there.
 */
#include "gpu/raster.h"
#include "common/display_list.h"
#include "common/utf8.h"
#include <string.h>

#define HORIZONTAL_LINE 0x2500u
#define REPLACEMENT	0xfffdu
#define JOINER		0x200du
#define ELLIPSIS	0x2026u

/* What is drawn now: a row of the grid that is clipped to the band, and where pictures come from. */
struct brush {
	const struct grid *grid;
	int64_t top;
	unsigned rows; /* of the band */
	raster_picture_fn *picture;
	void *arg;
};

void raster_clear(const struct grid *grid)
{
	for (unsigned row = 0; row < grid->rows; row++)
		for (unsigned column = 0; column < grid->columns; column++)
			grid->cells[(size_t)row * grid->stride + column] = CELL_BLANK;
}

/* The row of the grid on which a row of the band lies, or NULL when that is not to be seen. */
static struct cell *row_of(const struct brush *brush, unsigned band_row)
{
	int64_t row = brush->top + band_row;
	if (band_row >= brush->rows || row < 0 || row >= (int64_t)brush->grid->rows)
		return NULL;
	return brush->grid->cells + (size_t)row * brush->grid->stride;
}

static void blank_keeping_style(struct cell *cell)
{
	memset(cell->text, 0, sizeof(cell->text));
	cell->text[0] = ' ';
	cell->width = 1;
}

/* No wide character may straddle the edge between column - 1 and column. */
static void split(struct cell *row, unsigned columns, unsigned column)
{
	if (column == 0 || column >= columns || row[column].width != 0)
		return;
	blank_keeping_style(&row[column - 1]);
	blank_keeping_style(&row[column]);
}

/* Columns of the run [column, column + count) that lie within the grid. */
static unsigned clip(const struct brush *brush, unsigned column, unsigned count)
{
	if (column >= brush->grid->columns)
		return 0;
	unsigned left = brush->grid->columns - column;
	return count < left ? count : left;
}

static struct cell style_of(const struct display_item_header *item)
{
	return (struct cell){ .text = { ' ' },
			      .foreground = item->foreground,
			      .background = item->background,
			      .link = item->link,
			      .attributes = item->attributes,
			      .width = 1 };
}

/* Text and lines have no background of their own unless they name one. */
static void put(struct cell *cell, struct cell style)
{
	if (style.background == COLOR_DEFAULT)
		style.background = cell->background;
	*cell = style;
}

/* A mark joins the character before it; when that has enough marks it is left out. */
static void add_mark(struct cell *row, unsigned column, uint32_t mark)
{
	if (column == 0)
		return;
	struct cell *base = &row[column - 1];
	if (base->width == 0 && column >= 2)
		base--;
	for (unsigned i = 1; i < CELL_CODE_POINTS; i++) {
		if (base->text[i] == 0) {
			base->text[i] = mark;
			return;
		}
	}
}

/* Joiners and selectors of presentation would make a terminal join or widen cells: they are not drawn. */
static bool is_invisible(uint32_t code_point)
{
	return code_point == JOINER || (code_point >= 0xfe00 && code_point <= 0xfe0f);
}

/* Put one character at column; returns the column after it, or more than `columns` when it does not fit
 * whole. */
static unsigned put_character(struct cell *row, unsigned columns, unsigned column, struct cell style)
{
	unsigned after = column + style.width;
	if (after > columns)
		return after;
	split(row, columns, column);
	split(row, columns, after);
	put(&row[column], style);
	if (style.width == 2) {
		style.text[0] = 0;
		style.width = 0;
		put(&row[column + 1], style);
	}
	return after;
}

/* Does more than blanks of the text lie behind the grid's right edge? */
static bool is_cut(const struct brush *brush, const struct display_item_header *item, const char *text)
{
	unsigned column = item->column;

	for (size_t at = 0; at < item->text_bytes;) {
		uint32_t code_point;
		at += utf8_decode(text + at, item->text_bytes - at, &code_point);
		int width = utf8_width(code_point);
		column += width < 0 ? 1 : (unsigned)width;
		if (column > brush->grid->columns && width != 0 && code_point != ' ')
			return true;
	}
	return false;
}

/* What was drawn in the last column keeps its colours. */
static void mark_cut(const struct brush *brush, struct cell *row)
{
	unsigned last = brush->grid->columns - 1;

	split(row, brush->grid->columns, last);
	blank_keeping_style(&row[last]);
	row[last].text[0] = ELLIPSIS;
}

static void put_text(const struct brush *brush, struct cell *row, const struct display_item_header *item,
		     const char *text)
{
	unsigned columns = brush->grid->columns, column = item->column;
	struct cell style = style_of(item);

	for (size_t at = 0; at < item->text_bytes && column <= columns;) {
		uint32_t code_point;
		at += utf8_decode(text + at, item->text_bytes - at, &code_point);
		int width = utf8_width(code_point);
		if (width == 0) {
			if (!is_invisible(code_point))
				add_mark(row, column, code_point);
			continue;
		}
		style.text[0] = width < 0 ? REPLACEMENT : code_point;
		style.width = width == 2 ? 2 : 1;
		column = put_character(row, columns, column, style);
	}
}

static void draw_text(const struct brush *brush, const struct display_item_header *item, const char *text)
{
	struct cell *row = row_of(brush, item->row);

	if (!row)
		return;
	if (item->column < brush->grid->columns)
		put_text(brush, row, item, text);
	if (brush->grid->marks_cut && is_cut(brush, item, text))
		mark_cut(brush, row);
}

static void draw_fill(const struct brush *brush, const struct display_item_header *item, const char *text)
{
	unsigned count = clip(brush, item->column, item->columns);
	struct cell style = style_of(item);

	(void)text;
	for (unsigned i = 0; i < item->rows && count > 0; i++) {
		struct cell *row = row_of(brush, item->row + i);
		if (!row)
			continue;
		split(row, brush->grid->columns, item->column);
		split(row, brush->grid->columns, item->column + count);
		for (unsigned j = 0; j < count; j++)
			row[item->column + j] = style;
	}
}

static void draw_line(const struct brush *brush, const struct display_item_header *item, const char *text)
{
	struct cell *row = row_of(brush, item->row);
	unsigned count = clip(brush, item->column, item->columns);
	struct cell style = style_of(item);

	(void)text;
	if (!row || count == 0)
		return;
	style.text[0] = HORIZONTAL_LINE;
	split(row, brush->grid->columns, item->column);
	split(row, brush->grid->columns, item->column + count);
	for (unsigned i = 0; i < count; i++)
		put(&row[item->column + i], style);
}

/* Links are the page's: a plugin's cells take the item's, whatever number the plugin wrote. */
static void copy_cells(struct cell *to, const struct cell *from, unsigned count, uint32_t link)
{
	memcpy(to, from, count * sizeof(*to));
	for (unsigned i = 0; i < count; i++)
		to[i].link = link;
	if (to[count - 1].width == 2)
		blank_keeping_style(&to[count - 1]);
}

static bool is_in_sight(const struct brush *brush, const struct display_item_header *item)
{
	for (unsigned i = 0; i < item->rows; i++)
		if (row_of(brush, item->row + i))
			return item->column < brush->grid->columns;
	return false;
}

/* Who asks for a picture is told when there is a new one: ask only for what is seen. */
static void draw_surface(const struct brush *brush, const struct display_item_header *item, const char *text)
{
	struct picture picture = { 0 };
	unsigned count = clip(brush, item->column, item->columns);

	(void)text;
	if (is_in_sight(brush, item))
		picture = brush->picture(brush->arg, item->surface);
	if (!picture.cells)
		return;
	if (count > picture.columns)
		count = picture.columns;
	for (unsigned i = 0; i < item->rows && item->surface_row + i < picture.rows && count > 0; i++) {
		struct cell *row = row_of(brush, item->row + i);
		if (!row)
			continue;
		split(row, brush->grid->columns, item->column);
		split(row, brush->grid->columns, item->column + count);
		copy_cells(row + item->column,
			   picture.cells + (size_t)(item->surface_row + i) * picture.columns, count,
			   item->link);
	}
}

typedef void draw_fn(const struct brush *, const struct display_item_header *, const char *text);

static draw_fn *const draws[DISPLAY_ITEM_COUNT] = {
	[DISPLAY_TEXT] = draw_text,
	[DISPLAY_FILL] = draw_fill,
	[DISPLAY_LINE] = draw_line,
	[DISPLAY_SURFACE] = draw_surface,
};

void raster_band(const struct grid *grid, int64_t top, unsigned rows, const uint8_t *items, uint32_t bytes,
		 raster_picture_fn *picture, void *arg)
{
	struct brush brush = { grid, top, rows, picture, arg };

	for (uint32_t at = 0; at < bytes;) {
		struct display_item_header item;
		memcpy(&item, items + at, sizeof(item));
		draws[item.kind](&brush, &item, (const char *)items + at + sizeof(item));
		at += item.bytes;
	}
}
