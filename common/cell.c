/*
 * The check of cells that another process wrote: the GPU process does it for surfaces, the browser for
 * frames. What passes can be sent to a terminal without moving its cursor elsewhere than the grid says.
 */
#include "common/cell.h"
#include "common/utf8.h"

static bool color_ok(uint32_t color)
{
	return color == COLOR_DEFAULT || (color & 0xff000000u) == COLOR_RGB;
}

static bool style_ok(const struct cell *cell)
{
	return color_ok(cell->foreground) && color_ok(cell->background) &&
	       !(cell->attributes & ~ATTRIBUTE_ALL) && cell->reserved == 0;
}

/* Combining marks stand behind the base without gaps. */
static bool marks_ok(const struct cell *cell)
{
	bool ended = false;
	for (unsigned i = 1; i < CELL_CODE_POINTS; i++) {
		if (cell->text[i] == 0)
			ended = true;
		else if (ended || utf8_width(cell->text[i]) != 0)
			return false;
	}
	return true;
}

static bool is_right_half(const struct cell *cell)
{
	if (cell->width != 0)
		return false;
	for (unsigned i = 0; i < CELL_CODE_POINTS; i++)
		if (cell->text[i] != 0)
			return false;
	return true;
}

bool cell_check_row(const struct cell *cells, unsigned columns)
{
	for (unsigned column = 0; column < columns; column++) {
		const struct cell *cell = &cells[column];
		if ((cell->width != 1 && cell->width != 2) || utf8_width(cell->text[0]) != cell->width)
			return false;
		if (!style_ok(cell) || !marks_ok(cell))
			return false;
		if (cell->width == 2) {
			if (++column == columns || !is_right_half(cell + 1) || !style_ok(cell + 1))
				return false;
		}
	}
	return true;
}
