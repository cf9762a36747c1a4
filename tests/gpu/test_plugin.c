/* The plugin process's code over real channels, with the real clock.so, whose path is the argument. */
#include "plugin/host.h"
#include "tests/gpu/fixture.h"
#include "tests/gpu/unit.h"
#include <unistd.h>

#define COLUMNS 30u
#define ROWS	7u
#define PAGE	4u
#define EMBED	2u

static const char *clock_path;
static struct plugin plugin;
static struct fixture fixture;
static struct channel *browser, *renderer, *other;
static int64_t fake_now;

static int64_t now_of_test(void)
{
	return fake_now;
}

static int start(void **state)
{
	(void)state;
	plugin = (struct plugin){ 0 };
	plugin_init(&plugin);
	assert_true(plugin_load(clock_path, &plugin));
	fixture_open(&fixture, &plugin.child, ROLE_PLUGIN, NULL);
	browser = fixture.browser;
	renderer = fixture_connect(&fixture, 1);
	other = fixture_connect(&fixture, 2);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	plugin_finish(&plugin);
	fixture_close(&fixture);
	return 0;
}

static void create_at(struct channel *from, uint32_t page, uint32_t embed, const char *source)
{
	ipc_send_create_instance(from, page, embed, ipc_text("Application/X-Clock"), ipc_text(source));
	struct ipc_did_create_instance made =
		fixture_expect(&fixture, from, IPC_DID_CREATE_INSTANCE)->did_create_instance;
	assert_int_equal(made.page, page);
	assert_int_equal(made.embed, embed);
	assert_int_equal(made.columns, COLUMNS);
	assert_int_equal(made.rows, ROWS);
}

static struct region open_surface(uint32_t serial, uint32_t page, uint32_t embed, uint32_t number)
{
	struct region region = fixture_region(2 * grid_bytes(COLUMNS, ROWS));

	ipc_send_open_surface(browser, page, embed, serial, number, COLUMNS, ROWS, region.fd);
	return region;
}

static struct ipc_did_update_surface expect_update(void)
{
	return fixture_expect(&fixture, browser, IPC_DID_UPDATE_SURFACE)->did_update_surface;
}

static bool is_drawn(const struct region *region, unsigned half)
{
	const struct cell *cells = (struct cell *)region->memory + half * COLUMNS * ROWS;
	bool drawn = false;

	for (unsigned row = 0; row < ROWS; row++)
		assert_true(cell_check_row(cells + (size_t)row * COLUMNS, COLUMNS));
	for (unsigned i = 0; i < COLUMNS * ROWS; i++)
		drawn |= cells[i].text[0] == 0x2588;
	return drawn;
}

static void test_draws_and_ticks(void **state)
{
	(void)state;
	create_at(renderer, PAGE, EMBED, "");
	struct region region = open_surface(1, PAGE, EMBED, 11);
	for (unsigned half = 0; half < 3; half++) {
		struct ipc_did_update_surface update = expect_update();
		assert_int_equal(update.page, PAGE);
		assert_int_equal(update.surface, 11);
		assert_int_equal(update.half, half % 2);
		assert_true(is_drawn(&region, half % 2));
	}
	ipc_send_close_surface(browser, 11);
	ipc_send_close_surface(browser, 11);
	fixture_settle(&fixture);
	assert_non_null(plugin.instances);
	assert_null(plugin.instances->surfaces);
	fixture_drop_region(&region);
}

/* Two renderers' pages of the same numbers are apart; what one does leaves the other's instance alone. */
static void test_shared(void **state)
{
	(void)state;
	create_at(renderer, PAGE, EMBED, "");
	create_at(other, PAGE, EMBED, "utc");
	struct region one = open_surface(1, PAGE, EMBED, 11), two = open_surface(2, PAGE, EMBED, 12);
	assert_int_equal(expect_update().surface, 11);
	assert_int_equal(expect_update().surface, 12);
	assert_int_equal(plugin.ninstances, 2);

	ipc_send_destroy_instance(renderer, PAGE, EMBED);
	ipc_send_destroy_instance(renderer, PAGE, EMBED);
	ipc_send_destroy_instance(renderer, PAGE + 1, EMBED);
	fixture_settle(&fixture);
	assert_int_equal(plugin.ninstances, 1);
	fixture_forget(&fixture);
	assert_int_equal(expect_update().surface, 12);

	fixture_disconnect(&fixture, 2);
	fixture_expect(&fixture, browser, IPC_DID_LOSE_PEER);
	assert_int_equal(plugin.ninstances, 0);
	assert_null(plugin.instances);
	fixture_drop_region(&one);
	fixture_drop_region(&two);
}

/* Its instance went while the browser made the surface. */
static void test_late_surface(void **state)
{
	(void)state;
	struct region region = open_surface(1, PAGE, EMBED, 11);
	fixture_settle(&fixture);
	assert_int_equal(fixture.narrived, 0);
	create_at(renderer, PAGE, EMBED, "");
	struct region another = open_surface(2, PAGE, EMBED, 12); /* not that renderer's */
	fixture_settle(&fixture);
	assert_int_equal(fixture.narrived, 0);
	fixture_drop_region(&region);
	fixture_drop_region(&another);
}

static void test_created_again(void **state)
{
	(void)state;
	create_at(renderer, PAGE, EMBED, "");
	create_at(renderer, PAGE, EMBED, "utc");
	assert_int_equal(plugin.ninstances, 1);
}

static void test_wrong_type(void **state)
{
	(void)state;
	ipc_send_create_instance(renderer, PAGE, EMBED, ipc_text("application/x-clockwork"), ipc_text(""));
	struct ipc_did_receive_bad_message bad =
		fixture_expect(&fixture, browser, IPC_DID_RECEIVE_BAD_MESSAGE)->did_receive_bad_message;
	assert_int_equal(bad.serial, 1);
	assert_int_equal(bad.reason, BAD_MESSAGE_OUT_OF_RANGE);
	assert_int_equal(plugin.ninstances, 0);
}

/* One renderer cannot fill the process: the others still get theirs. */
static void test_bound(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < PLUGIN_MAX_RENDERER_INSTANCES; i++)
		create_at(renderer, PAGE, i, "");
	ipc_send_create_instance(renderer, PAGE, 5000, ipc_text("application/x-clock"), ipc_text(""));
	fixture_settle(&fixture);
	assert_int_equal(fixture.narrived, 0);
	assert_int_equal(plugin.ninstances, PLUGIN_MAX_RENDERER_INSTANCES);
	create_at(other, PAGE, EMBED, "");
	ipc_send_destroy_instance(renderer, PAGE, 0);
	create_at(renderer, PAGE, 5000, "");
}

/* The row of a clock of that size at fake_now, as text; a hash for each block. */
static const char *clock_row(const char *source, unsigned columns, unsigned rows, unsigned row)
{
	static char text[GRID_MAX_COLUMNS + 1];
	struct plugin_host host = { .utc_offset = 3600, .now_ms = now_of_test };
	struct plugin_size size = { 0, 0 };
	struct cell *cells = malloc(grid_bytes(columns, rows));
	unsigned length = 0;

	for (unsigned i = 0; i < columns * rows; i++)
		cells[i] = CELL_BLANK;
	void *instance = plugin.type->create(&host, source, &size);
	plugin.type->draw(instance, cells, columns, rows);
	plugin.type->destroy(instance);
	for (unsigned i = 0; i < rows; i++)
		assert_true(cell_check_row(cells + (size_t)i * columns, columns));
	for (unsigned i = 0; i < columns; i++) {
		uint32_t character = cells[row * columns + i].text[0];
		text[i] = character < 0x80 ? (char)character : '#';
		if (character != ' ')
			length = i + 1;
	}
	text[length] = 0;
	free(cells);
	return text;
}

static void test_clock_face(void **state)
{
	static const struct {
		int64_t seconds;
		const char *date;
	} dates[] = {
		{ 0, "Thursday, 1 January 1970 UTC" },
		{ 951782400, "Tuesday, 29 February 2000 UTC" },
		{ 951868800, "Wednesday, 1 March 2000 UTC" },
		{ 1798675199, "Wednesday, 30 December 2026 UTC" },
		{ 4107542399, "Sunday, 28 February 2100 UTC" },
		{ 4107542400, "Monday, 1 March 2100 UTC" },
		{ -1, "Wednesday, 31 December 1969 UTC" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(dates); i++) {
		fake_now = dates[i].seconds * 1000;
		const char *row = clock_row("utc", 40, ROWS, 6);
		assert_string_equal(row + strspn(row, " "), dates[i].date);
	}
	fake_now = INT64_C(86399) * 1000;
	assert_string_equal(clock_row("utc", 8, 1, 0), "23:59:59");
	assert_string_equal(clock_row("", 8, 1, 0), "00:59:59"); /* an hour east */
	fake_now = INT64_C(45296) * 1000;			 /* 12:34:56 */
	assert_string_equal(clock_row("utc", 27, 5, 0), " #  ###   ### # #   ### ###");
	assert_string_equal(clock_row("utc", 27, 5, 1), "##    # #   # # # # #   #");
	assert_string_equal(clock_row("utc", 27, 5, 2), " #  ###   ### ###   ### ###");
	assert_string_equal(clock_row("utc", 27, 5, 3), " #  #   #   #   # #   # # #");
	assert_string_equal(clock_row("utc", 27, 5, 4), "### ###   ###   #   ### ###");
}

static void test_any_size(void **state)
{
	(void)state;
	fake_now = 1798675199000;
	for (unsigned columns = 1; columns <= 40; columns++)
		for (unsigned rows = 1; rows <= 10; rows++)
			clock_row("", columns, rows, rows - 1);
	clock_row("", GRID_MAX_COLUMNS, GRID_MAX_ROWS, 0);
}

static void test_no_plugin(void **state)
{
	struct plugin none = { 0 };

	(void)state;
	assert_false(plugin_load("/nonexistent/plugin.so", &none));
	assert_false(plugin_load("libm.so.6", &none)); /* a library, but no plugin */
}

#define PLUGIN_TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		PLUGIN_TEST(test_draws_and_ticks), PLUGIN_TEST(test_shared),
		PLUGIN_TEST(test_late_surface),	   PLUGIN_TEST(test_created_again),
		PLUGIN_TEST(test_wrong_type),	   PLUGIN_TEST(test_bound),
		PLUGIN_TEST(test_clock_face),	   PLUGIN_TEST(test_any_size),
		cmocka_unit_test(test_no_plugin),
	};

	if (argc != 2)
		return 2;
	clock_path = argv[1];
	return cmocka_run_group_tests(tests, use_utf8, NULL);
}
