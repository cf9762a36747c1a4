/* See paint.h. */
#include "renderer/paint.h"
#include "common/utf8.h"
#include <stdio.h>
#include <string.h>

struct brush {
	const struct paint *paint;
	uint8_t *out;
	size_t used, capacity;
	bool full;
	uint32_t first_row;
};

static void put_item(struct brush *brush, struct display_item_header item, const char *text, size_t length)
{
	size_t bytes = (sizeof(item) + length + 7) & ~(size_t)7;
	if (brush->full || brush->capacity - brush->used < bytes) {
		brush->full = true;
		return;
	}
	item.bytes = (uint16_t)bytes;
	item.text_bytes = (uint16_t)length;
	uint8_t *to = brush->out + brush->used;
	memset(to + bytes - 8, 0, 8);
	memcpy(to, &item, sizeof(item));
	memcpy(to + sizeof(item), text, length);
	brush->used += bytes;
}

static struct display_item_header item_of(const struct brush *brush, const struct fragment *fragment,
					  uint32_t row, enum display_item kind)
{
	uint8_t attributes = fragment->attributes;
	if (fragment->link && fragment->link == brush->paint->focus)
		attributes ^= ATTRIBUTE_REVERSE;
	return (struct display_item_header){ .kind = (uint8_t)kind,
					     .attributes = attributes,
					     .row = (uint16_t)(row - brush->first_row),
					     .column = fragment->column,
					     .columns = fragment->columns,
					     .rows = 1,
					     .foreground = fragment->foreground,
					     .link = fragment->link };
}

/* As many bytes of text as fit that many columns; *columns gets those that they take. */
static size_t fit(const char *text, unsigned *columns)
{
	size_t length = strlen(text), at = 0;
	unsigned used = 0;
	while (at < length) {
		uint32_t code_point;
		unsigned taken = utf8_decode(text + at, length - at, &code_point);
		int width = utf8_width(code_point);
		if (width < 0 || used + (unsigned)width > *columns)
			break;
		used += (unsigned)width;
		at += taken;
	}
	*columns = used;
	return at;
}

static void put_words(struct brush *brush, struct display_item_header item, const char *words,
		      unsigned columns)
{
	unsigned used = columns > 2 ? columns - 2 : 0;
	size_t length = fit(words, &used);
	if (!length)
		return;
	item.column += (uint16_t)((columns - used) / 2);
	item.columns = (uint16_t)used;
	put_item(brush, item, words, length);
}

/* One row of a frame of `columns`, with words in its middle. */
static void put_frame_row(struct brush *brush, struct display_item_header item, const struct paint_box *box,
			  unsigned row)
{
	char line[GRID_MAX_COLUMNS * 3];
	unsigned columns = item.columns;
	bool top = row == 0, bottom = row + 1 == box->rows;
	size_t length = 0;
	for (unsigned i = 0; i < columns; i++) {
		bool left = i == 0, right = i + 1 == columns, edge = left || right;
		const char *sign = !top && !bottom ? edge ? "│" : " "
				   : !edge	   ? "─"
				   : top	   ? left ? "┌" : "┐"
				   : left	   ? "└"
						   : "┘";
		memcpy(line + length, sign, strlen(sign));
		length += strlen(sign);
	}
	struct display_item_header frame = item;
	frame.attributes |= ATTRIBUTE_DIM;
	put_item(brush, frame, line, length);
	unsigned middle = (box->rows - (box->hint[0] ? 1 : 0)) / 2;
	if (row == middle)
		put_words(brush, item, box->words, columns);
	else if (row == middle + 1 && !bottom)
		put_words(brush, item, box->hint, columns);
}

static void put_embed(struct brush *brush, const struct fragment *fragment, uint32_t row)
{
	struct paint_box box = brush->paint->box(brush->paint->arg, fragment->text);
	struct display_item_header item = item_of(brush, fragment, row, DISPLAY_TEXT);
	if (!box.surface) {
		put_frame_row(brush, item, &box, fragment->bytes);
		return;
	}
	item.kind = DISPLAY_SURFACE;
	item.attributes = 0;
	item.link = 0;
	item.surface = box.surface;
	item.surface_row = fragment->bytes;
	put_item(brush, item, "", 0);
}

static void put_row(struct brush *brush, uint32_t row)
{
	const struct layout *layout = brush->paint->layout;
	uint32_t count;
	const struct fragment *fragment = layout_row(layout, row, &count);
	for (; count--; fragment++) {
		struct display_item_header item = item_of(brush, fragment, row, DISPLAY_TEXT);
		if (fragment->kind == FRAGMENT_EMBED) {
			put_embed(brush, fragment, row);
		} else if (fragment->kind == FRAGMENT_LINE) {
			item.kind = DISPLAY_LINE;
			put_item(brush, item, "", 0);
		} else if (fragment->bytes) {
			put_item(brush, item, layout->text + fragment->text, fragment->bytes);
		}
	}
}

uint32_t paint_focus_row(const struct layout *layout)
{
	uint32_t count = 0, row = 0;
	while (row < layout->at.nrows && (layout_row(layout, row, &count), !count))
		row++;
	return row < layout->at.nrows ? row : 0;
}

static void put_document_focus(struct brush *brush)
{
	uint32_t row = paint_focus_row(brush->paint->layout);
	if (brush->paint->focus != PAINT_DOCUMENT_FOCUS || row < brush->first_row ||
	    row >= brush->first_row + BAND_ROWS)
		return;
	struct display_item_header mark = { .kind = DISPLAY_TEXT,
					    .attributes = ATTRIBUTE_REVERSE,
					    .row = (uint16_t)(row - brush->first_row),
					    .columns = 1,
					    .rows = 1 };
	put_item(brush, mark, "▶", strlen("▶"));
}

uint32_t paint_rows(const struct layout *layout)
{
	return layout->at.nrows ? layout->at.nrows : 1;
}

uint32_t paint_bands(const struct layout *layout)
{
	return (paint_rows(layout) + BAND_ROWS - 1) / BAND_ROWS;
}

size_t paint_band(const struct paint *paint, uint32_t number, uint8_t *out, size_t capacity)
{
	struct brush brush = { .paint = paint,
			       .out = out,
			       .used = sizeof(struct band),
			       .capacity = capacity,
			       .first_row = number * BAND_ROWS };
	if (capacity < sizeof(struct band))
		return 0;
	for (uint32_t row = brush.first_row;
	     row < brush.first_row + BAND_ROWS && row < paint->layout->at.nrows; row++)
		put_row(&brush, row);
	put_document_focus(&brush);
	if (brush.full)
		return 0;
	struct band band = { .number = number, .bytes = (uint32_t)(brush.used - sizeof(band)) };
	memcpy(out, &band, sizeof(band));
	return brush.used;
}
