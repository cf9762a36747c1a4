/*
 * Any bytes as a submission: they are refused, or every grid drawn from them can be shown. With clang this is
 * a libFuzzer target; without it the driver at the end feeds submissions spoilt at random, the same each
 * time.
 */
#include "common/cell.h"
#include "common/crash.h"
#include "gpu/page.h"
#include "gpu/raster.h"
#include "tests/gpu/list.h"
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#define FOREIGN	    666
#define WIDE_COLUMN 3

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct grid grids[] = { { NULL, 80, 25, 80, false },
				     { NULL, 1, 1, 1, true },
				     { NULL, 7, 200, 7, true },
				     { NULL, 512, 3, 512, false } };

static bool may_show(void *arg, const struct page *page, uint32_t surface)
{
	(void)arg;
	(void)page;
	return surface != FOREIGN;
}

/* Every odd surface has a picture; a wide character stands in its middle. */
static struct picture picture(void *arg, uint32_t number)
{
	static struct cell cells[16 * 4];

	(void)arg;
	if (number == FOREIGN)
		abort(); /* a page that names it is refused */
	for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
		cells[i] = CELL_BLANK;
		if (i % 16 == WIDE_COLUMN) {
			cells[i].text[0] = 0x4e2d;
			cells[i].width = 2;
			cells[++i] = (struct cell){ 0 };
		}
	}
	return (struct picture){ number % 2 ? cells : NULL, 16, 4 };
}

static void draw(const struct page *page, struct grid grid, uint32_t row)
{
	grid.cells = crash_malloc(grid_bytes(grid.columns, grid.rows));
	raster_clear(&grid);
	for (uint32_t i = 0; i < page->nbands; i++)
		raster_band(&grid, (int64_t)i * BAND_ROWS - row, page->rows - i * BAND_ROWS,
			    page->bands[i].items, page->bands[i].bytes, picture, NULL);
	for (unsigned i = 0; i < grid.rows; i++)
		if (!cell_check_row(grid.cells + (size_t)i * grid.columns, grid.columns))
			abort();
	free(grid.cells);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct pages none;
	struct page *page = crash_calloc(1, sizeof(*page));
	uint32_t rows = 3 * BAND_ROWS + 5;

	setlocale(LC_CTYPE, "C.UTF-8");
	page->number = 1;
	HASH_ADD_INT(none.table, number, page);
	if (size <= STAGING_MAX_BYTES &&
	    page_take(page, data, (uint32_t)size, rows, 80, may_show, NULL) == BAD_MESSAGE_NONE)
		for (size_t i = 0; i < sizeof(grids) / sizeof(grids[0]); i++)
			draw(page, grids[i], (uint32_t)i * 37);
	page_drop(&none, page);
	return 0;
}

#ifndef HAVE_LIBFUZZER
static uint32_t random_state = 1;

static uint32_t next_random(uint32_t below)
{
	random_state = random_state * 1664525 + 1013904223;
	return (random_state >> 8) % below;
}

static void add_random_item(struct list *list)
{
	static const char *const texts[] = { "sail", "\xe4\xb8\xad\xe4\xb8\xad", "e\xcc\x81", "",
					     "\xcc\x81" };
	/* Close together, so that they overlap. */
	unsigned row = next_random(next_random(4) ? 3 : BAND_ROWS),
		 column = next_random(next_random(4) ? 12 : 90);
	unsigned columns = next_random(100), rows = next_random(BAND_ROWS - row + 1);

	switch (next_random(DISPLAY_ITEM_COUNT)) {
	case DISPLAY_TEXT:
		list_text(list, row, column, texts[next_random(5)]);
		break;
	case DISPLAY_FILL:
		list_fill(list, row, column, columns, rows, RGB(next_random(0x1000000)));
		break;
	case DISPLAY_LINE:
		list_line(list, row, column, columns);
		break;
	default:
		list_surface(list, row, column, columns, rows, 1 + next_random(4))->surface_row =
			(uint16_t)next_random(8);
	}
}

int main(void)
{
	static struct list list;

	for (int round = 0; round < 30000; round++) {
		list_init(&list, next_random(3));
		for (uint32_t items = next_random(12); items > 0; items--)
			add_random_item(&list);
		if (next_random(2))
			list_band(&list, next_random(5));
		uint32_t spoilt = next_random(3);
		for (uint32_t i = 0; i < spoilt && list.bytes > 0; i++)
			list.data[next_random(list.bytes)] ^= (uint8_t)(1u << next_random(8));
		LLVMFuzzerTestOneInput(list.data, next_random(4) ? list.bytes : next_random(list.bytes));
	}
	return 0;
}
#endif
