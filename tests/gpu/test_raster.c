/* gpu/raster.c: display items against the picture they must give, drawn as text. */
#include "common/utf8.h"
#include "gpu/raster.h"
#include "tests/gpu/list.h"
#include "tests/gpu/unit.h"

#define COLUMNS	 12
#define ROWS	 4
#define WIDE	 "\xe4\xb8\xad" /* U+4E2D */
#define ACUTE	 "\xcc\x81"
#define E_ACUTE	 "e\xcc\x81"
#define LINE	 "\xe2\x94\x80"
#define SURFACE	 5
#define NOTHING4 "............\n............\n............\n............\n"

static struct list list;
static struct cell cells[COLUMNS * ROWS];
static const struct grid grid = { cells, COLUMNS, ROWS, COLUMNS, false };
static struct cell surface[3 * 4];
static char shown[4096];

/* 3 rows of "a<wide>b" with a link of the plugin's own. */
static struct picture picture(void *arg, uint32_t number)
{
	(void)arg;
	if (number != SURFACE)
		return (struct picture){ 0 };
	for (unsigned i = 0; i < COUNT(surface); i++) {
		static const struct cell row[] = { { .text = { 'a' }, .width = 1, .link = 99 },
						   { .text = { 0x4e2d }, .width = 2, .link = 99 },
						   { .link = 99 },
						   { .text = { 'b' }, .width = 1, .link = 99 } };
		surface[i] = row[i % 4];
	}
	surface[4].text[0] = '1';
	surface[8].text[0] = '2';
	return (struct picture){ surface, 4, 3 };
}

static void draw(int64_t top, unsigned rows)
{
	const struct band *band = list_last_band(&list);

	assert_int_equal(display_list_check_band(band, list_last_items(&list)), BAD_MESSAGE_NONE);
	raster_band(&grid, top, rows, list_last_items(&list), band->bytes, picture, NULL);
	for (unsigned row = 0; row < ROWS; row++)
		assert_true(cell_check_row(cells + (size_t)row * COLUMNS, COLUMNS));
}

/* The grid as text: a dot for each blank. */
static const char *show(void)
{
	char *at = shown;

	for (unsigned i = 0; i < COUNT(cells); i++) {
		for (unsigned j = 0; j < CELL_CODE_POINTS && cells[i].text[j]; j++)
			at += utf8_encode(cells[i].text[j] == ' ' ? '.' : cells[i].text[j], at);
		if (i % COLUMNS == COLUMNS - 1)
			*at++ = '\n';
	}
	*at = 0;
	return shown;
}

static int start(void **state)
{
	(void)state;
	list_init(&list, 0);
	raster_clear(&grid);
	return 0;
}

static void test_text(void **state)
{
	(void)state;
	struct display_item_header *item = list_text(&list, 1, 2, "ahoy");
	item->foreground = RGB(0x112233);
	item->attributes = ATTRIBUTE_BOLD;
	item->link = 3;
	draw(0, BAND_ROWS);
	assert_string_equal(show(), "............\n..ahoy......\n............\n............\n");
	const struct cell *cell = &cells[COLUMNS + 2];
	assert_int_equal(cell->foreground, RGB(0x112233));
	assert_int_equal(cell->attributes, ATTRIBUTE_BOLD);
	assert_int_equal(cell->link, 3);
	assert_int_equal(cells[COLUMNS + 6].link, 0);
}

static void test_cut_at_the_right(void **state)
{
	(void)state;
	list_text(&list, 0, 8, "ahoy there");
	list_text(&list, 1, 11, WIDE "x");
	list_text(&list, 2, 10, WIDE "x");
	list_text(&list, 3, 300, "outside");
	draw(0, BAND_ROWS);
	assert_string_equal(show(), "........ahoy\n............\n.........." WIDE "\n............\n");
}

static void test_marks(void **state)
{
	(void)state;
	list_text(&list, 0, 0, E_ACUTE "t" E_ACUTE);
	list_text(&list, 1, 0, WIDE ACUTE "x");
	list_text(&list, 2, 0, "e" ACUTE ACUTE ACUTE ACUTE "x");
	list_text(&list, 3, 0, ACUTE "lone");
	list_text(&list, 3, 4, ACUTE); /* joins what another item drew */
	draw(0, BAND_ROWS);
	assert_string_equal(show(), E_ACUTE "t" E_ACUTE ".........\n" WIDE ACUTE "x.........\n" E_ACUTE ACUTE
					    "x..........\nlon" E_ACUTE "........\n");
}

/* What would make a terminal join or widen cells is not drawn; what has no glyph is replaced. */
static void test_invisible(void **state)
{
	(void)state;
	list_text(&list, 0, 0, "a\xe2\x80\x8d\x62\xef\xb8\x8f\x63");
	list_text(&list, 1, 0, "a\xef\xbf\xbf\x62"); /* U+FFFF */
	draw(0, BAND_ROWS);
	assert_string_equal(show(), "abc.........\na\xef\xbf\xbd\x62.........\n............\n............\n");
}

static void test_halves_are_blanked(void **state)
{
	(void)state;
	for (unsigned row = 0; row < 4; row++)
		list_text(&list, row, 0, WIDE WIDE WIDE WIDE WIDE WIDE);
	list_text(&list, 0, 1, "x");
	list_text(&list, 0, 6, "y");
	list_fill(&list, 1, 3, 4, 1, RGB(0xff));
	list_line(&list, 2, 2, 3);
	list_surface(&list, 3, 5, 4, 1, SURFACE);
	draw(0, BAND_ROWS);
	assert_string_equal(show(), ".x" WIDE WIDE "y." WIDE WIDE "\n" WIDE "......" WIDE WIDE
				    "\n" WIDE LINE LINE LINE "." WIDE WIDE WIDE "\n" WIDE WIDE ".a" WIDE
				    "b." WIDE "\n");
}

static void test_fill(void **state)
{
	(void)state;
	list_text(&list, 1, 0, "overpainted");
	list_fill(&list, 1, 2, 300, 2, RGB(0x0000ff))->link = 4;
	list_text(&list, 2, 3, "on blue");
	list_text(&list, 2, 11, "!")->background = RGB(0xff0000);
	draw(0, BAND_ROWS);
	assert_string_equal(show(), "............\nov..........\n...on.blue.!\n............\n");
	assert_int_equal(cells[COLUMNS + 1].background, COLOR_DEFAULT);
	assert_int_equal(cells[COLUMNS + 2].background, RGB(0x0000ff));
	assert_int_equal(cells[COLUMNS + 2].link, 4);
	assert_int_equal(cells[2 * COLUMNS + 4].background, RGB(0x0000ff)); /* text keeps what is below it */
	assert_int_equal(cells[2 * COLUMNS + 11].background, RGB(0xff0000));
	assert_int_equal(cells[3 * COLUMNS + 4].background, COLOR_DEFAULT);
}

static void test_line(void **state)
{
	(void)state;
	list_line(&list, 0, 9, 200);
	draw(0, BAND_ROWS);
	assert_string_equal(show(),
			    "........." LINE LINE LINE "\n............\n............\n............\n");
}

static void test_surface(void **state)
{
	(void)state;
	list_surface(&list, 0, 1, 9, 9, SURFACE)->link = 6;
	list_surface(&list, 0, 6, 2, 1, SURFACE); /* cut within the wide character */
	struct display_item_header *item = list_surface(&list, 3, 0, 4, 4, SURFACE);
	item->surface_row = 2;
	list_surface(&list, 0, 9, 3, 3, SURFACE + 1); /* nobody's */
	draw(0, BAND_ROWS);
	assert_string_equal(show(), ".a" WIDE "b.a.....\n.1" WIDE "b.......\n.2" WIDE "b.......\n2" WIDE
				    "b........\n");
	assert_int_equal(cells[1].link, 6); /* the page's, not the plugin's */
	assert_int_equal(cells[3 * COLUMNS].link, 0);
}

static void test_surface_at_the_right(void **state)
{
	(void)state;
	list_surface(&list, 0, 10, 4, 1, SURFACE);
	list_surface(&list, 1, 9, 4, 1, SURFACE);
	list_surface(&list, 2, 12, 4, 1, SURFACE);
	draw(0, BAND_ROWS);
	assert_string_equal(show(), "..........a.\n.........a" WIDE "\n............\n............\n");
}

/* Where a band lies, and how much of it, is the caller's. */
static void test_scrolled(void **state)
{
	static const struct {
		int64_t top;
		unsigned rows;
		const char *expected;
	} cases[] = {
		{ 0, 64, "zero........\n............\ntwo.........\n............\n" },
		{ -2, 64, "two.........\n............\n............\n............\n" },
		{ 2, 64, "............\n............\nzero........\n............\n" },
		{ -60, 64, "............\n............\n............\nend.........\n" },
		{ 0, 2, "zero........\n............\n............\n............\n" },
		{ 0, 0, NOTHING4 },
		{ 4, 64, NOTHING4 },
		{ -64, 64, NOTHING4 },
		{ INT64_C(-4194304), 64, NOTHING4 },
		{ INT64_C(4294967296), 64, NOTHING4 },
	};

	(void)state;
	list_text(&list, 0, 0, "zero");
	list_text(&list, 2, 0, "two");
	list_text(&list, 63, 0, "end");
	for (size_t i = 0; i < COUNT(cases); i++) {
		raster_clear(&grid);
		draw(cases[i].top, cases[i].rows);
		assert_string_equal(show(), cases[i].expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_text, start),
		cmocka_unit_test_setup(test_cut_at_the_right, start),
		cmocka_unit_test_setup(test_marks, start),
		cmocka_unit_test_setup(test_invisible, start),
		cmocka_unit_test_setup(test_halves_are_blanked, start),
		cmocka_unit_test_setup(test_fill, start),
		cmocka_unit_test_setup(test_line, start),
		cmocka_unit_test_setup(test_surface, start),
		cmocka_unit_test_setup(test_surface_at_the_right, start),
		cmocka_unit_test_setup(test_scrolled, start),
	};
	return cmocka_run_group_tests(tests, use_utf8, NULL);
}
