/* A plugin's place in a page, from the first request until its process dies, with the test as browser and
 * plugin. */
#include "tests/renderer/unit.h"

#include "tests/renderer/fixture.h"
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#define SERIAL 5

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	fixture_open(fixture);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	fixture_close(*state);
	free(*state);
	return 0;
}

static uint32_t load(struct fixture *fixture)
{
	fixture_load(fixture, "<p>Before<embed type='application/x-clock' src='utc'><p>After", 60);
	const struct ipc_request_plugin *request =
		&fixture_expect(fixture, IPC_REQUEST_PLUGIN)->request_plugin;
	assert_int_equal(request->page, FIXTURE_PAGE);
	assert_string_equal(request->type.text, "application/x-clock");
	return request->embed;
}

static void create(struct fixture *fixture, uint32_t embed)
{
	if (!fixture->plugin)
		fixture_connect_plugin(fixture, SERIAL);
	ipc_send_grant_plugin(fixture->browser, FIXTURE_PAGE, embed, SERIAL);
	const struct ipc_create_instance *instance =
		&fixture_expect(fixture, IPC_CREATE_INSTANCE)->create_instance;
	assert_int_equal(instance->embed, embed);
	assert_string_equal(instance->source.text, "utc");
}

static void size(struct fixture *fixture, uint32_t embed, uint16_t columns, uint16_t rows)
{
	ipc_send_did_create_instance(fixture->plugin, FIXTURE_PAGE, embed, columns, rows);
	const struct ipc_request_surface *request =
		&fixture_expect(fixture, IPC_REQUEST_SURFACE)->request_surface;
	assert_int_equal(request->serial, SERIAL);
	assert_int_equal(request->columns, columns < 60 ? columns : 60);
	assert_int_equal(request->rows, rows < 20 ? rows : 20);
}

static uint32_t bring_to_life(struct fixture *fixture)
{
	uint32_t embed = load(fixture);
	create(fixture, embed);
	size(fixture, embed, 20, 3);
	ipc_send_grant_surface(fixture->browser, FIXTURE_PAGE, embed, 42);
	fixture_settle(fixture);
	return embed;
}

static void test_placeholder(void **state)
{
	struct fixture *fixture = *state;
	load(fixture);
	fixture_settle(fixture);
	uint32_t row = fixture_expect_text(fixture, "starting application/x-clock");
	assert_non_null(strstr(fixture_row(fixture, row - 2), "┌──"));
	assert_non_null(strstr(fixture_row(fixture, row + 2), "──┘"));
	assert_true(fixture_expect_text(fixture, "After") > row);
}

static void test_surface(void **state)
{
	struct fixture *fixture = *state;
	bring_to_life(fixture);
	uint32_t after = fixture_expect_text(fixture, "After");
	assert_int_equal(after, 1 + 1 + 3 + 1);
	for (unsigned row = 0; row < 3; row++) {
		const struct display_item_header *item = fixture_item(fixture, 2 + row, 2);
		assert_int_equal(item->kind, DISPLAY_SURFACE);
		assert_int_equal(item->surface, 42);
		assert_int_equal(item->surface_row, row);
		assert_int_equal(item->columns, 20);
		assert_int_equal(item->link, 0);
	}
	ipc_send_close_page(fixture->browser, FIXTURE_PAGE);
	fixture_expect(fixture, IPC_DESTROY_INSTANCE);
	assert_int_equal(fixture_expect(fixture, IPC_RELEASE_SURFACE)->release_surface.surface, 42);
}

/* A box that lies across two bands is cut at their border. */
static void test_across_bands(void **state)
{
	struct fixture *fixture = *state;
	char html[2048] = "";
	for (int i = 0; i < 62; i++)
		strcat(html, "<div>line</div>");
	strcat(html, "<object type='application/x-clock' data='utc'>no plugin</object>");
	fixture_load(fixture, html, 60);
	uint32_t embed = fixture_expect(fixture, IPC_REQUEST_PLUGIN)->request_plugin.embed;
	create(fixture, embed);
	size(fixture, embed, 20, 6);
	ipc_send_grant_surface(fixture->browser, FIXTURE_PAGE, embed, 42);
	fixture_settle(fixture);
	assert_int_equal(fixture_item(fixture, 63, 2)->surface_row, 0);
	assert_int_equal(fixture_item(fixture, 64, 2)->surface_row, 1);
	assert_int_equal(fixture_item(fixture, 68, 2)->surface_row, 5);
	assert_false(fixture_shows(fixture, "no plugin"));
}

/* What is larger than the page's area, or nothing at all, is brought to a size. */
static void test_sizes(void **state)
{
	struct fixture *fixture = *state;
	uint32_t embed = load(fixture);
	create(fixture, embed);
	size(fixture, embed, 65535, 65535);
	ipc_send_grant_surface(fixture->browser, FIXTURE_PAGE, embed, 42);
	fixture_settle(fixture);
	assert_int_equal(fixture_item(fixture, 2, 2)->columns, 56);
	assert_int_equal(fixture_expect_text(fixture, "After"), 1 + 1 + 20 + 1);
}

static void test_dies(void **state)
{
	struct fixture *fixture = *state;
	uint32_t embed = bring_to_life(fixture);
	channel_close(fixture->plugin);
	fixture->plugin = NULL;
	fixture_expect(fixture, IPC_DID_LOSE_PEER);
	assert_int_equal(fixture_expect(fixture, IPC_RELEASE_SURFACE)->release_surface.surface, 42);
	fixture_settle(fixture);
	assert_true(fixture_shows(fixture, "has died"));
	ipc_send_set_plugin_state(fixture->browser, FIXTURE_PAGE, embed, PLUGIN_STATE_DEAD,
				  ipc_text("crashed: SIGSEGV"));
	uint32_t row = fixture_expect_text(fixture, "crashed: SIGSEGV");
	ipc_send_click(fixture->browser, FIXTURE_PAGE, row, 10);
	assert_int_equal(fixture_expect(fixture, IPC_REQUEST_PLUGIN)->request_plugin.embed, embed);
	fixture_expect_text(fixture, "starting");
	create(fixture, embed);
	size(fixture, embed, 20, 3);
	ipc_send_grant_surface(fixture->browser, FIXTURE_PAGE, embed, 43);
	fixture_settle(fixture);
	assert_int_equal(fixture_item(fixture, 2, 2)->surface, 43);
}

static void test_by_key(void **state)
{
	struct fixture *fixture = *state;
	uint32_t embed = load(fixture);
	ipc_send_set_plugin_state(fixture->browser, FIXTURE_PAGE, embed, PLUGIN_STATE_UNAVAILABLE,
				  ipc_text("no such plugin"));
	fixture_expect_text(fixture, "no such plugin");
	ipc_send_press_key(fixture->browser, FIXTURE_PAGE, KEY_FOCUS_NEXT);
	ipc_send_press_key(fixture->browser, FIXTURE_PAGE, KEY_ACTIVATE);
	assert_int_equal(fixture_expect(fixture, IPC_REQUEST_PLUGIN)->request_plugin.embed, embed);
}

static void test_unresponsive(void **state)
{
	struct fixture *fixture = *state;
	uint32_t embed = bring_to_life(fixture);
	ipc_send_set_plugin_state(fixture->browser, FIXTURE_PAGE, embed, PLUGIN_STATE_UNRESPONSIVE,
				  ipc_text("does not respond"));
	uint32_t row = fixture_expect_text(fixture, "does not respond");
	ipc_send_click(fixture->browser, FIXTURE_PAGE, row, 10);
	assert_int_equal(fixture_expect(fixture, IPC_END_PLUGIN)->end_plugin.embed, embed);
	ipc_send_set_plugin_state(fixture->browser, FIXTURE_PAGE, embed, PLUGIN_STATE_READY, ipc_text(""));
	fixture_settle(fixture);
	assert_int_equal(fixture_item(fixture, 2, 2)->kind, DISPLAY_SURFACE);
}

/* Answers from the wrong process, out of order, or for a document that is gone. */
static void test_wrong_order(void **state)
{
	struct fixture *fixture = *state;
	uint32_t embed = load(fixture);
	fixture_connect_plugin(fixture, SERIAL);
	ipc_send_grant_surface(fixture->browser, FIXTURE_PAGE, embed, 42);
	ipc_send_grant_plugin(fixture->browser, FIXTURE_PAGE, embed, SERIAL + 1); /* never came */
	fixture_expect_text(fixture, "is gone");
	ipc_send_grant_plugin(fixture->browser, FIXTURE_PAGE, embed, SERIAL); /* nobody asked */
	fixture_settle(fixture);
	assert_int_equal(fixture_count(fixture, IPC_CREATE_INSTANCE), 0);
	assert_int_equal(fixture_count(fixture, IPC_REQUEST_SURFACE), 0);
	fixture_load(fixture, "<p>Elsewhere", 60);
	ipc_send_set_plugin_state(fixture->browser, FIXTURE_PAGE, embed, PLUGIN_STATE_DEAD, ipc_text("x"));
	fixture_settle(fixture);
	assert_true(fixture_shows(fixture, "Elsewhere"));
}

static void test_no_type(void **state)
{
	struct fixture *fixture = *state;
	fixture_load(fixture, "<embed src=x><object>fallback</object><embed type=''>", 60);
	assert_true(fixture_shows(fixture, "fallback"));
	assert_int_equal(fixture_count(fixture, IPC_REQUEST_PLUGIN), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_placeholder),	 TEST(test_surface),	 TEST(test_across_bands),
		TEST(test_sizes),	 TEST(test_dies),	 TEST(test_by_key),
		TEST(test_unresponsive), TEST(test_wrong_order), TEST(test_no_type),
	};
	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
