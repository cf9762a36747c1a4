/*
 * The check of a display list's bands. It is the GPU process's door: what passes here is drawn by
 * gpu/raster.c without looking again, so every bound that raster needs is checked here, on a private copy.
 */
#include "common/display_list.h"
#include "common/cell.h"
#include "common/utf8.h"
#include <string.h>

static bool color_ok(uint32_t color)
{
	return color == COLOR_DEFAULT || (color & 0xff000000u) == COLOR_RGB;
}

static bool text_ok(const char *text, size_t length)
{
	for (size_t at = 0; at < length;) {
		uint32_t code_point;
		unsigned taken = utf8_decode(text + at, length - at, &code_point);
		if ((code_point == 0xfffd && taken == 1) || utf8_is_control(code_point))
			return false;
		at += taken;
	}
	return true;
}

/* Its length is exactly that of header and text, rounded up, and lies within the `left` bytes of the band. */
static bool length_ok(const struct display_item_header *item, size_t left)
{
	size_t needed = (sizeof(*item) + item->text_bytes + 7) & ~(size_t)7;
	return item->bytes == needed && needed <= left;
}

static bool place_ok(const struct display_item_header *item)
{
	return item->row < BAND_ROWS && item->column < GRID_MAX_COLUMNS &&
	       (uint32_t)item->row + item->rows <= BAND_ROWS &&
	       (uint32_t)item->column + item->columns <= GRID_MAX_COLUMNS;
}

static bool item_ok(const struct display_item_header *item, const char *text)
{
	if (item->kind >= DISPLAY_ITEM_COUNT || (item->attributes & ~ATTRIBUTE_ALL))
		return false;
	if (!place_ok(item) || !color_ok(item->foreground) || !color_ok(item->background))
		return false;
	if (item->kind == DISPLAY_TEXT)
		return text_ok(text, item->text_bytes);
	if (item->kind == DISPLAY_SURFACE &&
	    (item->surface == 0 || (uint32_t)item->surface_row + item->rows > GRID_MAX_ROWS))
		return false;
	return item->text_bytes == 0;
}

/* What drawing the item costs, in cells. A line is drawn once, however many rows it claims. */
static uint32_t item_cells(const struct display_item_header *item)
{
	if (item->kind == DISPLAY_TEXT)
		return item->text_bytes;
	return item->kind == DISPLAY_LINE ? item->columns : (uint32_t)item->columns * item->rows;
}

enum bad_message display_list_check_band(const struct band *band, const uint8_t *items)
{
	if (band->number >= DOCUMENT_MAX_ROWS / BAND_ROWS || band->bytes % 8 != 0 ||
	    band->bytes > STAGING_MAX_BYTES)
		return BAD_MESSAGE_INVALID_DISPLAY_LIST;

	/* Without BAND_MAX_CELLS a few megabytes of fills would keep the GPU process busy for seconds. */
	uint32_t cells = 0;
	for (uint32_t at = 0; at < band->bytes;) {
		struct display_item_header item;
		if (band->bytes - at < sizeof(item))
			return BAD_MESSAGE_INVALID_DISPLAY_LIST;
		memcpy(&item, items + at, sizeof(item));
		if (!length_ok(&item, band->bytes - at) ||
		    !item_ok(&item, (const char *)items + at + sizeof(item)))
			return BAD_MESSAGE_INVALID_DISPLAY_LIST;
		cells += item_cells(&item);
		if (cells > BAND_MAX_CELLS)
			return BAD_MESSAGE_INVALID_DISPLAY_LIST;
		at += item.bytes;
	}
	return BAD_MESSAGE_NONE;
}
