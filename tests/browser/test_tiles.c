/* Several pages at once through the whole browser: whose picture is where, and what deaths leave of it. */
#include "tests/browser/harness.h"
#include <signal.h>

#define COLUMNS	     60u
#define ROWS	     30u
#define TILE_COLUMNS 29u
#define TILE_ROWS    14u

/* What the last picture shows of that tab, as text. */
static const char *seen(const struct tab *tab)
{
	static char text[ROWS * (COLUMNS + 1) + 1];
	struct view_picture p;
	char *at = text;

	*at = '\0';
	if (!view_picture_of(browser.view, tab->id, &p))
		return text;
	for (unsigned row = 0; row < p.rows && row < ROWS; row++) {
		for (unsigned column = 0; column < p.columns && column < COLUMNS; column++) {
			uint32_t code_point = p.cells[row * p.stride + column].text[0];
			*at++ = code_point < 0x80 && code_point >= ' ' ? (char)code_point : '#';
		}
		*at++ = '\n';
	}
	*at = '\0';
	return text;
}

static bool sees(const struct tab *tab, const char *words)
{
	return strstr(seen(tab), words);
}

/* The tabs in a grid two wide, from the left above. */
static void show(struct tab *const *tabs, unsigned count)
{
	struct view_tile tiles[4];

	for (unsigned i = 0; i < count; i++)
		tiles[i] = (struct view_tile){ .page = tabs[i]->id,
					       .column = (uint16_t)(i % 2 * (TILE_COLUMNS + 1)),
					       .row = (uint16_t)(i / 2 * (TILE_ROWS + 1)),
					       .columns = TILE_COLUMNS,
					       .rows = TILE_ROWS,
					       .document_row = tabs[i]->scroll_row };
	view_show_tiles(browser.view, COLUMNS, ROWS, tiles, count);
}

static struct tab *tabs[3];

/* Two pages and a clock, as tiles. */
static int begin(void **state)
{
	view_show_page(browser.view); /* one that failed may have left them */
	int result = harness_calm(state);

	tabs[0] = harness_tab("data:text/html,<title>One</title><h1>First page</h1>");
	tabs[1] = harness_tab("data:text/html,<title>Two</title><h1>Second page</h1>");
	tabs[2] = harness_tab(CLOCK_PAGE);
	show(tabs, 3);
	AWAIT(sees(tabs[0], "First page") && sees(tabs[1], "Second page") && sees(tabs[2], "below"));
	return result;
}

static int end(void **state)
{
	(void)state;
	view_show_page(browser.view);
	return 0;
}

static void await_tick(void)
{
	char before[sizeof "00000" * 200];

	AWAIT(sees(tabs[2], "#"));
	snprintf(before, sizeof before, "%s", seen(tabs[2]));
	AWAIT(sees(tabs[2], "#") && strncmp(seen(tabs[2]), before, sizeof before - 1) != 0);
}

static void test_all_are_seen_and_the_clock_ticks(void **state)
{
	(void)state;
	assert_int_equal(browser.view->page, 0);
	await_tick();
	assert_true(sees(tabs[0], "First page"));
	assert_true(sees(tabs[1], "Second page"));
	assert_false(sees(tabs[0], "Second page"));
}

/* Whatever is arranged anew while pictures are on their way: no page is taken for another. */
static void test_a_late_picture_is_not_taken(void **state)
{
	struct tab *turned[] = { tabs[1], tabs[0], tabs[2] };

	(void)state;
	for (unsigned i = 0; i < 300; i++) {
		uint64_t presents = browser.view->presents;

		show(i % 2 ? tabs : turned, 3);
		for (unsigned turns = i % 4; turns > 0; turns--)
			loop_turn(1);
		if (i % 10 == 0)
			AWAIT(browser.view->presents > presents);
		assert_false(sees(tabs[0], "Second page"));
		assert_false(sees(tabs[1], "First page"));
	}
	AWAIT(sees(tabs[0], "First page") && sees(tabs[1], "Second page"));
}

static void test_a_death_leaves_the_others(void **state)
{
	struct process_host *p = tabs[0]->renderer;

	(void)state;
	process_signal(p, SIGSEGV);
	AWAIT(tabs[0]->state == TAB_SAD);
	AWAIT(!sees(tabs[0], "First page"));
	await_tick();
	assert_true(sees(tabs[1], "Second page"));
	tab_reload(tabs[0]);
	AWAIT(sees(tabs[0], "First page"));
}

static void test_a_page_that_goes_on_elsewhere(void **state)
{
	(void)state;
	tab_go(tabs[1], "data:text/html,<h1>Third page</h1>");
	AWAIT(sees(tabs[1], "Third page"));
	assert_true(sees(tabs[0], "First page"));
}

static void test_the_gpu_process_dies(void **state)
{
	struct process_host *gpu = gpu_host_up(browser.gpu);
	uint64_t presents = browser.view->presents;

	(void)state;
	process_kill(gpu, BAD_MESSAGE_NONE);
	AWAIT(!gpu_host_up(browser.gpu));
	assert_true(sees(tabs[0], "First page")); /* the last picture stays meanwhile */
	AWAIT(gpu_host_up(browser.gpu) && browser.view->presents > presents);
	AWAIT(sees(tabs[0], "First page") && sees(tabs[1], "Second page"));
	await_tick();
}

static void test_scrolled_and_arranged_anew(void **state)
{
	uint32_t generation;

	(void)state;
	view_show_page(browser.view);
	struct tab *more[] = { tabs[0], harness_tab(harness_long_page("Long")) };
	show(more, 2);
	AWAIT(sees(more[1], "Long"));
	generation = browser.view->wanted.generation;
	tab_scroll_to(more[1], 5);
	assert_int_equal(more[1]->scroll_row, 5);
	show(more, 2);
	AWAIT(!sees(more[1], "Long"));
	assert_int_equal(browser.view->wanted.generation, generation);
	assert_true(sees(tabs[0], "First page"));
	assert_string_equal(seen(tabs[1]), "");
}

/* The pages were laid out for the view all the time; its own size is back with one page. */
static void test_one_page_again(void **state)
{
	unsigned columns = browser.view->columns;

	(void)state;
	assert_int_equal(browser.view->picture_columns, COLUMNS);
	assert_int_not_equal(columns, COLUMNS);
	tab_activate(tabs[1]);
	view_show_page(browser.view);
	AWAIT(browser.view->page == tabs[1]->id && harness_screen_has("Second page"));
	assert_int_equal(browser.view->picture_columns, columns);
	assert_string_equal(seen(tabs[0]), "");
}

static void test_the_view_is_resized_meanwhile(void **state)
{
	unsigned columns = browser.view->columns, rows = browser.view->rows;

	(void)state;
	view_resize(browser.view, 40, 12);
	assert_true(sees(tabs[0], "First page"));
	assert_int_equal(browser.view->picture_columns, COLUMNS);
	await_tick();
	tab_activate(tabs[0]);
	view_show_page(browser.view);
	AWAIT(browser.view->page == tabs[0]->id && browser.view->picture_columns == 40);
	view_resize(browser.view, columns, rows);
	AWAIT(browser.view->page == tabs[0]->id && browser.view->picture_columns == columns);
}

#define TILES_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TILES_TEST(test_all_are_seen_and_the_clock_ticks),
		TILES_TEST(test_a_late_picture_is_not_taken),
		TILES_TEST(test_a_death_leaves_the_others),
		TILES_TEST(test_a_page_that_goes_on_elsewhere),
		TILES_TEST(test_the_gpu_process_dies),
		TILES_TEST(test_scrolled_and_arranged_anew),
		TILES_TEST(test_one_page_again),
		TILES_TEST(test_the_view_is_resized_meanwhile),
	};
	return cmocka_run_group_tests(tests, harness_open, harness_close);
}
