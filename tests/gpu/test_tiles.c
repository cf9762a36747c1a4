/* Tiles, by the GPU process's code over real channels: composition, clipping, what is drawn again, bad tiles.
 */
#include "common/loop.h"
#include "common/region.h"
#include "common/utf8.h"
#include "gpu/gpu.h"
#include "tests/gpu/fixture.h"
#include "tests/gpu/list.h"
#include "tests/gpu/unit.h"
#include <unistd.h>

#define COLUMNS	   20u
#define ROWS	   6u
#define GENERATION 3u
#define HALF	   STAGING_MIN_BYTES
#define FIRST	   7u
#define SECOND	   8u
#define WIDE	   "\xe4\xb8\xad" /* U+4E2D */
#define CUT	   "\xe2\x80\xa6"
#define MARK	   '!' /* what the test puts into a buffer, to see that nobody draws there */

static struct gpu gpu;
static struct fixture fixture;
static struct channel *browser, *renderers[2];
static struct region frame, staging[2];
static struct list list;
static struct ipc_did_present last;

static void attach_frame(uint32_t generation, unsigned columns, unsigned rows)
{
	fixture_drop_region(&frame);
	frame = fixture_region(2 * grid_bytes(columns, rows));
	ipc_send_attach_frame(browser, generation, (uint16_t)columns, (uint16_t)rows, frame.fd);
}

static void attach_staging(unsigned slot, uint32_t page)
{
	staging[slot] = fixture_region(2 * HALF);
	int fd = region_reopen_read_only(staging[slot].fd);
	ipc_send_attach_staging(browser, page, slot + 1, GENERATION, HALF, fd);
	close(fd);
}

static void release(void)
{
	ipc_send_release_frame(browser, last.generation, last.buffer);
}

static void expect_present(void)
{
	last = fixture_expect(&fixture, browser, IPC_DID_PRESENT)->did_present;
}

/* renderer:1 has FIRST, renderer:2 has SECOND; nothing is shown. */
static int start(void **state)
{
	(void)state;
	gpu = (struct gpu){ 0 };
	gpu_init(&gpu);
	fixture_open(&fixture, &gpu.child, ROLE_GPU, gpu_draw);
	browser = fixture.browser;
	for (unsigned i = 0; i < 2; i++) {
		renderers[i] = fixture_connect(&fixture, i + 1);
		attach_staging(i, FIRST + i);
	}
	attach_frame(1, COLUMNS, ROWS);
	expect_present();
	release();
	fixture_settle(&fixture);
	fixture_forget(&fixture);
	list_init(&list, 0);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	gpu_finish(&gpu);
	fixture_close(&fixture);
	fixture_drop_region(&frame);
	for (unsigned i = 0; i < COUNT(staging); i++)
		fixture_drop_region(&staging[i]);
	return 0;
}

static void submit(unsigned slot, uint32_t rows)
{
	memcpy(staging[slot].memory, list.data, list.bytes);
	ipc_send_submit_frame(renderers[slot], FIRST + slot, GENERATION, 0, list.bytes, rows, 40);
	fixture_expect(&fixture, renderers[slot], IPC_DID_TAKE_FRAME);
}

/* A document of many rows: "A0 ...", "A1 ..." */
static void submit_rows(unsigned slot, char letter, unsigned rows)
{
	list_init(&list, 0);
	for (unsigned i = 0; i < rows; i++) {
		char text[40];
		snprintf(text, sizeof(text), "%c%u", letter, i);
		list_text(&list, i, 0, text);
	}
	submit(slot, rows);
}

static void place(uint32_t page, unsigned column, unsigned row, unsigned columns, unsigned rows,
		  uint32_t from)
{
	ipc_send_place_tile(browser, page, (uint16_t)column, (uint16_t)row, (uint16_t)columns, (uint16_t)rows,
			    from);
}

/* FIRST in columns 1 to 8, SECOND in columns 11 to 18; rows 1 to 4. */
static void arrange(uint32_t generation)
{
	ipc_send_show_tiles(browser, generation);
	place(FIRST, 1, 1, 8, 4, 0);
	place(SECOND, 11, 1, 8, 4, 0);
}

static struct cell *cells_of(unsigned buffer)
{
	return (struct cell *)frame.memory + (size_t)buffer * gpu.frame.columns * gpu.frame.rows;
}

/* The frame presented last as text: a dot for each blank. */
static const char *shown(void)
{
	static char text[8192];
	char *at = text;

	for (unsigned row = 0; row < gpu.frame.rows; row++) {
		const struct cell *cells = cells_of(last.buffer) + (size_t)row * gpu.frame.columns;
		assert_true(cell_check_row(cells, gpu.frame.columns));
		for (unsigned i = 0; i < gpu.frame.columns; i++)
			if (cells[i].width)
				at += utf8_encode(cells[i].text[0] == ' ' ? '.' : cells[i].text[0], at);
		*at++ = '\n';
	}
	*at = '\0';
	return text;
}

/* Wait for a picture of that arrangement and give it back. */
static const char *tiles_presented(uint32_t generation)
{
	expect_present();
	assert_int_equal(last.page, 0);
	assert_int_equal(last.row, generation);
	assert_int_equal(last.document_rows, 0);
	assert_int_equal(last.generation, gpu.frame.generation);
	const char *text = shown();
	release();
	return text;
}

static void expect_nothing(void)
{
	fixture_settle(&fixture);
	assert_int_equal(fixture_count(&fixture, browser, IPC_DID_PRESENT), 0);
}

static void test_composition(void **state)
{
	(void)state;
	submit_rows(0, 'A', 10);
	submit_rows(1, 'B', 2);
	expect_nothing(); /* neither is shown */
	arrange(5);
	assert_string_equal(tiles_presented(5), "....................\n"
						".A0........B0.......\n"
						".A1........B1.......\n"
						".A2.................\n"
						".A3.................\n"
						"....................\n");
	expect_nothing();
}

/* From document_row on, but no further than its end; placing it again scrolls it. */
static void test_scroll(void **state)
{
	(void)state;
	submit_rows(0, 'A', 10);
	submit_rows(1, 'B', 2);
	ipc_send_show_tiles(browser, 1);
	place(FIRST, 0, 0, 4, 3, 4);
	place(SECOND, 4, 0, 4, 3, 9);
	assert_non_null(strstr(tiles_presented(1), "A4..B0..............\nA5..B1..............\nA6..."));
	place(FIRST, 0, 0, 4, 3, UINT32_MAX);
	assert_non_null(strstr(tiles_presented(1), "A7..B0..............\nA8..B1..............\nA9..."));
	assert_int_equal(gpu.tiles.count, 2);
	place(FIRST, 0, 0, 4, 3, 0);
	assert_non_null(strstr(tiles_presented(1), "A0..B0.."));
}

/* Text ends at the tile's edge with an ellipsis; no wide character is cut in half; nothing lies outside. */
static void test_clipping(void **state)
{
	(void)state;
	list_text(&list, 0, 0, "12345678");
	list_text(&list, 1, 0, "123456789");
	list_text(&list, 2, 0, WIDE WIDE WIDE WIDE WIDE);
	list_text(&list, 3, 0, "1234567" WIDE);
	submit(0, 20);
	list_init(&list, 0);
	list_text(&list, 0, 0, "1" WIDE WIDE WIDE WIDE);
	list_text(&list, 1, 0, "12345678   ");
	list_text(&list, 2, 30, "far out");
	list_fill(&list, 3, 0, 40, 1, RGB(0x123456));
	list_line(&list, 3, 0, 40);
	submit(1, 20);
	arrange(1);
	assert_string_equal(tiles_presented(1),
			    "....................\n"
			    ".12345678..1" WIDE WIDE WIDE CUT ".\n"
			    ".1234567" CUT "..12345678.\n"
			    "." WIDE WIDE WIDE "." CUT "........." CUT ".\n"
			    ".1234567" CUT "..\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80"
			    "\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80\xe2\x94\x80.\n"
			    "....................\n");
	const struct cell *row = cells_of(last.buffer) + (size_t)4 * COLUMNS;
	assert_int_equal(row[10].background, COLOR_DEFAULT);
	assert_int_equal(row[11].background, RGB(0x123456));
	assert_int_equal(row[18].background, RGB(0x123456));
	assert_int_equal(row[19].background, COLOR_DEFAULT);
}

/* The ellipsis takes the place of half a character together with the other half. */
static void test_ellipsis_parts_a_wide_character(void **state)
{
	(void)state;
	list_text(&list, 0, 0, "123456" WIDE "x");
	submit(0, 20);
	ipc_send_show_tiles(browser, 1);
	place(FIRST, 0, 0, 8, 1, 0);
	place(SECOND, 8, 0, 1, 1, 0);
	assert_non_null(strstr(tiles_presented(1), "123456." CUT "............\n"));
	list_init(&list, 0);
	list_text(&list, 0, 0, WIDE);
	submit(1, 20);
	assert_non_null(strstr(tiles_presented(1), "123456." CUT CUT "...........\n"));
}

static void scribble(void)
{
	for (unsigned i = 0; i < 2 * COLUMNS * ROWS; i++)
		cells_of(0)[i] = (struct cell){ .text = { MARK }, .width = 1 };
}

/* Only the tile whose page changed is drawn again, in either buffer. */
static void test_partial(void **state)
{
	(void)state;
	submit_rows(0, 'A', 4);
	submit_rows(1, 'B', 4);
	arrange(1);
	tiles_presented(1);
	submit_rows(1, 'C', 4);
	expect_present(); /* held: the next one must take the other buffer, which has been drawn too by then
			   */
	struct ipc_did_present held = last;
	submit_rows(1, 'D', 4);
	expect_present();
	assert_int_not_equal(held.buffer, last.buffer);
	assert_non_null(strstr(shown(), ".A0........D0.......\n"));
	ipc_send_release_frame(browser, held.generation, held.buffer);
	release();
	fixture_settle(&fixture);
	scribble();
	submit_rows(1, 'E', 4);
	assert_string_equal(tiles_presented(1), "!!!!!!!!!!!!!!!!!!!!\n"
						"!!!!!!!!!!!E0......!\n"
						"!!!!!!!!!!!E1......!\n"
						"!!!!!!!!!!!E2......!\n"
						"!!!!!!!!!!!E3......!\n"
						"!!!!!!!!!!!!!!!!!!!!\n");
	/* A new arrangement begins with an empty window, in both. */
	arrange(2);
	assert_non_null(strstr(tiles_presented(2), "....................\n.A0........E0......."));
}

/* What a page changes behind its tile's edge draws nothing. */
static void test_bands_out_of_sight(void **state)
{
	(void)state;
	submit_rows(0, 'A', 4);
	list_init(&list, 0);
	list_text(&list, 0, 0, "top");
	submit(0, 300);
	arrange(1);
	tiles_presented(1);
	fixture_settle(&fixture);
	fixture_forget(&fixture);
	list_init(&list, 2);
	list_text(&list, 0, 0, "below");
	submit(0, 300);
	expect_nothing();
	place(FIRST, 1, 1, 8, 4, 128);
	assert_non_null(strstr(tiles_presented(1), ".below....."));
	list_init(&list, 2);
	list_text(&list, 0, 0, "again");
	submit(0, 300);
	assert_non_null(strstr(tiles_presented(1), ".again....."));
}

/* While the browser holds both buffers nothing is drawn; then the newest state of all tiles is. */
static void test_both_held(void **state)
{
	struct ipc_did_present held[2];

	(void)state;
	arrange(1);
	for (unsigned i = 0; i < 2; i++) {
		expect_present();
		held[i] = last;
		submit_rows(i, (char)('A' + i), 4);
	}
	submit_rows(0, 'C', 4);
	expect_nothing();
	ipc_send_release_frame(browser, 1, held[1].buffer);
	assert_non_null(strstr(tiles_presented(1), ".C0........B0......."));
	ipc_send_release_frame(browser, 1, held[0].buffer);
	expect_nothing();
}

static struct region attach_surface(uint32_t page, uint32_t number)
{
	struct region region = fixture_region(2 * grid_bytes(4, 2));
	struct cell *cells = region.memory;

	for (unsigned i = 0; i < 16; i++) {
		cells[i] = CELL_BLANK;
		cells[i].text[0] = i < 8 ? 'x' : 'y';
	}
	int fd = region_reopen_read_only(region.fd);
	ipc_send_attach_surface(browser, page, number, 4, 2, fd);
	close(fd);
	return region;
}

/* A plugin's picture ticks in its tile without its page's renderer, and only there. */
static void test_surface(void **state)
{
	(void)state;
	struct region region = attach_surface(SECOND, 9);
	list_surface(&list, 0, 1, 4, 2, 9);
	submit(1, 30);
	submit_rows(0, 'A', 4);
	arrange(1);
	tiles_presented(1);
	ipc_send_update_surface(browser, SECOND, 9, 1);
	assert_non_null(strstr(tiles_presented(1), ".A0.........yyyy....\n"));
	fixture_disconnect(&fixture, 2);
	ipc_send_update_surface(browser, SECOND, 9, 0);
	assert_non_null(strstr(tiles_presented(1), ".A0.........xxxx....\n"));
	submit_rows(0, 'B', 4); /* a raster that does not ask for the surface */
	assert_non_null(strstr(tiles_presented(1), ".B0.........xxxx....\n"));
	ipc_send_update_surface(browser, SECOND, 9, 1);
	assert_non_null(strstr(tiles_presented(1), ".B0.........yyyy....\n"));
	place(SECOND, 11, 1, 8, 4, 10); /* scrolled out of sight */
	tiles_presented(1);
	ipc_send_update_surface(browser, SECOND, 9, 0);
	expect_nothing();
	place(SECOND, 11, 1, 8, 4, 0);
	tiles_presented(1);
	ipc_send_drop_surface(browser, SECOND, 9);
	assert_non_null(strstr(tiles_presented(1), ".B0.................\n"));
	fixture_drop_region(&region);
}

/* A page that shows another's surface shows nothing of it in a tile either. */
static void test_foreign_surface(void **state)
{
	(void)state;
	list_surface(&list, 0, 0, 4, 2, 9);
	submit(0, 30);
	struct region region = attach_surface(SECOND, 9);
	ipc_send_update_surface(browser, SECOND, 9, 0);
	submit_rows(1, 'B', 4);
	arrange(1);
	assert_non_null(strstr(tiles_presented(1), "\n...........B0.......\n"));
	fixture_drop_region(&region);
}

/* Pages come and go under their tiles. */
static void test_unknown_and_dropped(void **state)
{
	(void)state;
	ipc_send_show_tiles(browser, 1);
	place(12345, 0, 0, 4, 2, 7);
	place(FIRST, 4, 0, 4, 2, 0);
	assert_non_null(strstr(tiles_presented(1), "....................\n...................."));
	submit_rows(0, 'A', 4);
	assert_non_null(strstr(tiles_presented(1), "....A0.............."));
	ipc_send_drop_page(browser, FIRST);
	assert_non_null(strstr(tiles_presented(1), "....................\n...................."));
}

/* One page again; and a window of another size, for which the tiles were not placed. */
static void test_ends(void **state)
{
	(void)state;
	submit_rows(0, 'A', 10);
	submit_rows(1, 'B', 10);
	arrange(1);
	tiles_presented(1);
	ipc_send_show_page(browser, SECOND, 3);
	expect_present();
	assert_int_equal(last.page, SECOND);
	assert_int_equal(last.row, 3);
	assert_non_null(strstr(shown(), "B3..................\nB4.................."));
	release();
	submit_rows(0, 'C', 10); /* not in view any more */
	expect_nothing();
	place(FIRST, 1, 1, 8, 4, 0); /* comes too late */
	expect_nothing();

	arrange(2);
	tiles_presented(2);
	attach_frame(2, 10, 3);
	expect_present();
	assert_int_equal(last.page, 0);
	assert_int_equal(last.row, 0);
	assert_string_equal(shown(), "..........\n..........\n..........\n");
	release();
	ipc_send_show_tiles(browser, 3);
	place(FIRST, 6, 1, 4, 2, 0);
	assert_string_equal(tiles_presented(3), "..........\n......C0..\n......C1..\n");
}

static void test_bad_tiles(void **state)
{
	static const struct ipc_place_tile bad[] = {
		{ FIRST, 13, 1, 8, 4, 0 }, { FIRST, 1, 3, 8, 4, 0 },	     { FIRST, 20, 0, 1, 1, 0 },
		{ FIRST, 0, 6, 1, 1, 0 },  { FIRST, 65535, 0, 65535, 1, 0 }, { FIRST, 0, 65535, 1, 65535, 0 },
		{ FIRST, 0, 0, 0, 1, 0 },  { FIRST, 0, 0, 1, 0, 0 },	     { FIRST, 3, 1, 2, 2, 0 },
		{ SECOND, 2, 1, 2, 2, 0 }, { FIRST, 0, 0, 20, 6, 0 },
	};

	for (size_t i = 0; i < COUNT(bad); i++) {
		ipc_send_show_tiles(browser, 1);
		place(FIRST, 2, 1, 2, 2, 0);
		fixture_settle(&fixture);
		channel_send(browser, IPC_PLACE_TILE, &bad[i]);
		while (!channel_refused(gpu.child.browser)->reason)
			loop_turn(50);
		assert_int_equal(channel_refused(gpu.child.browser)->reason, BAD_MESSAGE_OUT_OF_RANGE);
		assert_int_equal(channel_refused(gpu.child.browser)->type, IPC_PLACE_TILE);
		assert_int_equal(gpu.tiles.count, 1);
		stop(state);
		start(state);
	}
}

/* As many as there may be, and one more. */
static void test_too_many(void **state)
{
	(void)state;
	attach_frame(2, 40, 20);
	ipc_send_show_tiles(browser, 1);
	for (unsigned i = 0; i < TILES_MAX; i++)
		place(100 + i, i % 40, i / 40, 1, 1, 0);
	fixture_settle(&fixture);
	assert_int_equal(gpu.tiles.count, TILES_MAX);
	assert_int_equal(channel_refused(gpu.child.browser)->reason, BAD_MESSAGE_NONE);
	place(99, 39, 19, 1, 1, 0);
	while (!channel_refused(gpu.child.browser)->reason)
		loop_turn(50);
	assert_int_equal(gpu.tiles.count, TILES_MAX);
}

#define TILES_TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TILES_TEST(test_composition),
		TILES_TEST(test_scroll),
		TILES_TEST(test_clipping),
		TILES_TEST(test_ellipsis_parts_a_wide_character),
		TILES_TEST(test_partial),
		TILES_TEST(test_bands_out_of_sight),
		TILES_TEST(test_both_held),
		TILES_TEST(test_surface),
		TILES_TEST(test_foreign_surface),
		TILES_TEST(test_unknown_and_dropped),
		TILES_TEST(test_ends),
		TILES_TEST(test_bad_tiles),
		TILES_TEST(test_too_many),
	};
	return cmocka_run_group_tests(tests, use_utf8, NULL);
}
