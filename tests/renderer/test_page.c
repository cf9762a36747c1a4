/* The renderer as its peers see it: loading, showing, links, focus, staging, what is late or wrong. */
#include "tests/renderer/unit.h"

#include "common/loop.h"
#include "tests/renderer/fixture.h"
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static const struct ipc_did_describe_document *describe(struct fixture *fixture)
{
	ipc_send_describe_document(fixture->browser, FIXTURE_PAGE, 99);
	return &fixture_expect(fixture, IPC_DID_DESCRIBE_DOCUMENT)->did_describe_document;
}

static uint64_t fnv(const char *text)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	return hash;
}

static void test_load(void **state)
{
	struct fixture *fixture = *state;
	fixture_load(fixture, "<title> A &amp;\n b </title><h1>Hello</h1><p>World", 40);
	assert_int_equal(fixture_expect(fixture, IPC_DID_COMMIT)->did_commit.navigation, 1);
	const struct ipc_did_change_title *title =
		&fixture_expect(fixture, IPC_DID_CHANGE_TITLE)->did_change_title;
	assert_string_equal(title->title.text, "A & b");
	assert_int_equal(fixture->rows, 4);
	assert_int_equal(fixture->columns, 40);
	assert_string_equal(fixture_row(fixture, 1), "  Hello");
	assert_true(fixture_item(fixture, 1, 2)->attributes & ATTRIBUTE_BOLD);
	assert_string_equal(fixture_row(fixture, 3), "  World");
	const struct ipc_did_describe_document *text = describe(fixture);
	assert_string_equal(text->text.text, "\n  Hello\n\n  World\n");
	assert_int_equal(text->text_bytes, text->text.length);
	assert_true(text->hash == fnv(text->text.text));
	assert_int_equal(text->rows, 4);
	assert_int_equal(text->nonce, 99);
}

/* The beginning is on the screen while the rest has not been sent. */
static void test_appears_while_it_arrives(void **state)
{
	struct fixture *fixture = *state;
	char line[64];
	ipc_send_set_viewport(fixture->browser, FIXTURE_PAGE, 60, 20);
	fixture_connect_gpu(fixture, 1);
	fixture_navigate(fixture, "http://host/", "text/html", "");
	fixture_write(fixture, "<p>First", 8);
	fixture_grant_staging(fixture, STAGING_MIN_BYTES);
	fixture_write(fixture, "<p>Second<p>", 12);
	fixture_expect_text(fixture, "First");
	fixture_expect(fixture, IPC_DID_COMMIT);
	for (int i = 0; i < 20000; i++) {
		int length = sprintf(line, "<p>This is paragraph %d of many.", i);
		fixture_write(fixture, line, (size_t)length);
	}
	fixture_expect_text(fixture, "This is paragraph 19000 of many.");
	assert_int_equal(fixture_count(fixture, IPC_DID_FINISH_LOAD), 0);
	assert_true(fixture_count(fixture, IPC_DID_MAKE_PROGRESS) > 0);
	fixture_end(fixture, BODY_END_COMPLETE);
	assert_true(fixture_expect(fixture, IPC_DID_FINISH_LOAD)->did_finish_load.rows > 40000);
	fixture_expect_text(fixture, "This is paragraph 19999 of many.");
	fixture_expect_text(fixture, "First");
}

/* A ping sent into the middle of heavy work is answered before it is done. */
static void test_answers_while_busy(void **state)
{
	struct fixture *fixture = *state;
	size_t count = 200000;
	char *html = malloc(count * 8 + 1), *end = html;
	for (size_t i = 0; i < count; i++)
		end = stpcpy(end, "<p>word ");
	ipc_send_set_viewport(fixture->browser, FIXTURE_PAGE, 60, 20);
	fixture_connect_gpu(fixture, 1);
	fixture_navigate(fixture, "http://host/", "text/html", "utf-8");
	fixture_write(fixture, html, count * 8);
	free(html);
	ipc_send_ping(fixture->browser, 1);
	fixture_expect(fixture, IPC_PONG);
	assert_int_equal(fixture_count(fixture, IPC_DID_FINISH_LOAD), 0);
	fixture_end(fixture, BODY_END_COMPLETE);
	fixture_expect(fixture, IPC_DID_FINISH_LOAD);
}

static void test_ends(void **state)
{
	struct fixture *fixture = *state;
	fixture_load(fixture, "", 60);
	fixture_expect(fixture, IPC_DID_COMMIT);
	assert_int_equal(fixture->rows, 1);
	fixture_navigate(fixture, "http://host/", "text/html", "");
	fixture_write(fixture, "<p>Begun", 8);
	fixture_end(fixture, BODY_END_RESET);
	fixture_expect_text(fixture, "(the connection was lost after 8 bytes)");
	fixture_navigate(fixture, "http://host/", "text/plain", "");
	fixture_write(fixture, "Half", 4);
	fixture_end(fixture, BODY_END_STOPPED);
	fixture_expect_text(fixture, "(stopped)");
	fixture_expect_text(fixture, "Half");
}

static void test_plain_text(void **state)
{
	struct fixture *fixture = *state;
	ipc_send_set_viewport(fixture->browser, FIXTURE_PAGE, 40, 20);
	fixture_connect_gpu(fixture, 1);
	fixture_grant_staging(fixture, STAGING_MIN_BYTES);
	fixture_navigate(fixture, "http://host/x.txt", "text/plain", "euc-kr");
	const char text[] = "<b>not bold</b>\n\n  two\tcolumns\r\n\xc7\xd1\xb1\xb9\x1b[31m\nend";
	fixture_write(fixture, text, sizeof(text) - 1);
	fixture_end(fixture, BODY_END_COMPLETE);
	fixture_expect(fixture, IPC_DID_FINISH_LOAD);
	assert_string_equal(describe(fixture)->text.text,
			    "\n  <b>not bold</b>\n\n    two   columns\n  한국␛[31m\n  end\n");
}

/* The old page stays until something of the new one is there. */
static void test_old_page_stays(void **state)
{
	struct fixture *fixture = *state;
	fixture_load(fixture, "<p>Old <a href=x>link</a>", 40);
	fixture_forget(fixture);
	fixture_navigate(fixture, "http://host/two", "text/html", "utf-8");
	fixture_settle(fixture);
	assert_int_equal(fixture_count(fixture, IPC_DID_COMMIT), 0);
	ipc_send_set_viewport(fixture->browser, FIXTURE_PAGE, 50, 20);
	fixture_settle(fixture);
	assert_int_equal(fixture->columns, 50);
	assert_true(fixture_shows(fixture, "Old link"));
	fixture_write(fixture, "<p>New", 6);
	fixture_end(fixture, BODY_END_COMPLETE);
	fixture_expect(fixture, IPC_DID_COMMIT);
	fixture_expect_text(fixture, "New");
	assert_false(fixture_shows(fixture, "Old"));
}

static void test_resize(void **state)
{
	struct fixture *fixture = *state;
	char html[4096] = "<p>";
	for (int i = 0; i < 100; i++)
		strcat(html, "some words more ");
	fixture_load(fixture, html, 80);
	uint32_t rows = fixture->rows;
	ipc_send_set_viewport(fixture->browser, FIXTURE_PAGE, 30, 20);
	fixture_settle(fixture);
	assert_true(fixture->rows > rows);
	assert_int_equal(fixture->columns, 30);
	ipc_send_set_viewport(fixture->browser, FIXTURE_PAGE, 80, 20);
	fixture_settle(fixture);
	assert_int_equal(fixture->rows, rows);
	ipc_send_set_viewport(fixture->browser, FIXTURE_PAGE, 0, 0);
	fixture_settle(fixture);
	assert_true(fixture->rows > rows);
}

static void test_links(void **state)
{
	struct fixture *fixture = *state;
	fixture_load(fixture,
		     "<head><base href='/dir/'></head><p><a href='a b?c'>one</a> <a href='#there'>two</a> "
		     "<a href='javascript:x()'>three</a> <a href='//other/'>four</a> plain"
		     "<div id=there>x</div>",
		     60);
	assert_int_equal(fixture_item(fixture, 1, 2)->link, 1);
	assert_true(fixture_item(fixture, 1, 2)->attributes & ATTRIBUTE_UNDERLINE);
	ipc_send_click(fixture->browser, FIXTURE_PAGE, 1, 4);
	assert_string_equal(fixture_expect(fixture, IPC_OPEN_LINK)->open_link.url.text,
			    "http://host/dir/a%20b?c");
	ipc_send_click(fixture->browser, FIXTURE_PAGE, 1, 6);
	assert_int_equal(fixture_expect(fixture, IPC_REQUEST_SCROLL)->request_scroll.row, 3);
	ipc_send_click(fixture->browser, FIXTURE_PAGE, 1, 11);
	ipc_send_click(fixture->browser, FIXTURE_PAGE, 1, 24);
	ipc_send_click(fixture->browser, FIXTURE_PAGE, 0, 0);
	ipc_send_click(fixture->browser, FIXTURE_PAGE, UINT32_MAX, UINT32_MAX);
	ipc_send_click(fixture->browser, FIXTURE_PAGE, 1, 18);
	assert_string_equal(fixture_expect(fixture, IPC_OPEN_LINK)->open_link.url.text, "http://other/");
}

static void test_url_fragment(void **state)
{
	struct fixture *fixture = *state;
	ipc_send_set_viewport(fixture->browser, FIXTURE_PAGE, 40, 20);
	fixture_navigate(fixture, "http://host/#b%C3%A9", "text/html", "utf-8");
	const char html[] = "<p>a<p>b<p id=bé>c";
	fixture_write(fixture, html, strlen(html));
	fixture_end(fixture, BODY_END_COMPLETE);
	assert_int_equal(fixture_expect(fixture, IPC_REQUEST_SCROLL)->request_scroll.row, 5);
}

static bool is_focused(struct fixture *fixture, uint32_t row, unsigned column)
{
	const struct display_item_header *item = fixture_item(fixture, row, column);
	return item && item->attributes & ATTRIBUTE_REVERSE;
}

static void press(struct fixture *fixture, enum key key)
{
	ipc_send_press_key(fixture->browser, FIXTURE_PAGE, key);
	fixture_settle(fixture);
}

static void test_focus(void **state)
{
	struct fixture *fixture = *state;
	fixture_load(fixture, "<p><a href=1>one</a> and <a href=2>two</a>", 40);
	press(fixture, KEY_FOCUS_NEXT);
	assert_true(is_focused(fixture, 1, 2));
	assert_int_equal(fixture_expect(fixture, IPC_REQUEST_SCROLL)->request_scroll.row, 1);
	press(fixture, KEY_FOCUS_NEXT);
	assert_false(is_focused(fixture, 1, 2));
	assert_true(is_focused(fixture, 1, 10));
	press(fixture, KEY_ACTIVATE);
	assert_string_equal(fixture_expect(fixture, IPC_OPEN_LINK)->open_link.url.text, "http://host/2");
	press(fixture, KEY_FOCUS_NEXT);
	assert_string_equal(fixture_row(fixture, 1), "▶ one and two");
	press(fixture, KEY_FOCUS_PREVIOUS);
	assert_true(is_focused(fixture, 1, 10));
	press(fixture, KEY_FOCUS_PREVIOUS);
	assert_true(is_focused(fixture, 1, 2));
	press(fixture, KEY_FOCUS_PREVIOUS);
	assert_true(is_focused(fixture, 1, 0));
}

/* On a page without links, and on an empty one, each key still changes the picture. */
static void test_focus_without_links(void **state)
{
	static const char *const pages[] = { "<p>no links", "", "<p><a href=x></a>empty link" };
	struct fixture *fixture = *state;
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		fixture_load(fixture, pages[i], 40);
		for (int round = 0; round < 4; round++) {
			char *before = strdup(fixture_row(fixture, i == 1 ? 0 : 1));
			press(fixture, round % 2 ? KEY_FOCUS_PREVIOUS : KEY_FOCUS_NEXT);
			assert_string_not_equal(fixture_row(fixture, i == 1 ? 0 : 1), before);
			free(before);
		}
	}
}

static char *many_paragraphs(int count)
{
	char *html = malloc((size_t)count * 64 + 1), *end = html;
	for (int i = 0; i < count; i++)
		end += sprintf(end, "<p>Paragraph <b>number</b> %d <a href=%d>link</a>", i, i);
	return html;
}

/* A document that does not fit goes in rounds; the region grows when asked for. */
static void test_rounds(void **state)
{
	struct fixture *fixture = *state;
	char *html = many_paragraphs(20000);
	fixture_load(fixture, html, 40);
	uint32_t wanted = fixture_expect(fixture, IPC_REQUEST_REGION)->request_region.half_bytes;
	assert_int_equal(wanted, 2 * STAGING_MIN_BYTES);
	fixture_expect_text(fixture, "Paragraph number 19999");
	assert_true(fixture->frames > 20);
	fixture->frames = 0;
	fixture_grant_staging(fixture, STAGING_MAX_BYTES);
	ipc_send_set_viewport(fixture->browser, FIXTURE_PAGE, 50, 20);
	fixture_settle(fixture);
	assert_int_equal(fixture->columns, 50);
	fixture_expect_text(fixture, "Paragraph number 19999");
	free(html);
}

/* Neither half is written again before it has been taken. */
static void test_halves_are_held(void **state)
{
	struct fixture *fixture = *state;
	char *html = many_paragraphs(5000);
	fixture->hold_frames = true;
	fixture_load(fixture, html, 40);
	fixture_settle(fixture);
	assert_int_equal(fixture->frames, 2);
	const struct ipc_submit_frame *first = &fixture_expect(fixture, IPC_SUBMIT_FRAME)->submit_frame;
	const struct ipc_submit_frame *second = &fixture_expect(fixture, IPC_SUBMIT_FRAME)->submit_frame;
	assert_int_not_equal(first->half, second->half);
	ipc_send_did_take_frame(fixture->gpu, FIXTURE_PAGE, fixture->generation + 1,
				first->half); /* not ours */
	ipc_send_did_take_frame(fixture->gpu, FIXTURE_PAGE + 1, fixture->generation, first->half);
	ipc_send_did_take_frame(fixture->gpu, FIXTURE_PAGE, fixture->generation, 2);
	fixture_settle(fixture);
	assert_int_equal(fixture->frames, 2);
	/* A new page does not free them either. */
	fixture_navigate(fixture, "http://host/2", "text/html", "");
	fixture_write(fixture, "<p>New", 6);
	fixture_end(fixture, BODY_END_COMPLETE);
	fixture_expect(fixture, IPC_DID_FINISH_LOAD);
	fixture_settle(fixture);
	assert_int_equal(fixture->frames, 2);
	fixture->hold_frames = false;
	ipc_send_did_take_frame(fixture->gpu, FIXTURE_PAGE, fixture->generation, second->half);
	fixture_expect_text(fixture, "New");
	assert_int_equal(fixture_expect(fixture, IPC_SUBMIT_FRAME)->submit_frame.half, second->half);
	assert_int_equal(fixture->rows, 2);
	free(html);
}

static void test_gpu_restarts(void **state)
{
	struct fixture *fixture = *state;
	fixture_load(fixture, "<p>Still here", 40);
	fixture_disconnect_gpu(fixture);
	for (size_t i = 0; i < FIXTURE_BANDS; i++) {
		free(fixture->bands[i].items);
		fixture->bands[i] = (struct fixture_band){ 0 };
	}
	fixture->rows = 0;
	fixture_connect_gpu(fixture, 2);
	fixture_grant_staging(fixture, STAGING_MIN_BYTES);
	fixture_expect_text(fixture, "Still here");
}

/* What was on its way in a region that is replaced goes again. */
static void test_region_replaced(void **state)
{
	struct fixture *fixture = *state;
	char *html = many_paragraphs(3000);
	fixture->hold_frames = true;
	fixture_load(fixture, html, 40);
	for (size_t i = 0; i < FIXTURE_BANDS; i++)
		fixture->bands[i].bytes = 0;
	fixture->hold_frames = false;
	fixture_grant_staging(fixture, STAGING_MAX_BYTES);
	fixture_expect_text(fixture, "Paragraph number 0 ");
	fixture_expect_text(fixture, "Paragraph number 2999");
	free(html);
}

/* Messages for pages, navigations and embeds that are no more. */
static void test_late_messages(void **state)
{
	struct fixture *fixture = *state;
	ipc_send_click(fixture->browser, 1000, 0, 0);
	ipc_send_press_key(fixture->browser, 1000, KEY_ACTIVATE);
	ipc_send_end_body(fixture->browser, 1000, 1, BODY_END_COMPLETE, 0);
	ipc_send_close_page(fixture->browser, 1000);
	ipc_send_grant_plugin(fixture->browser, 1000, 1, 1);
	ipc_send_grant_surface(fixture->browser, 1000, 1, 1);
	ipc_send_set_plugin_state(fixture->browser, 1000, 1, PLUGIN_STATE_DEAD, ipc_text("x"));
	fixture_load(fixture, "<p>Page", 40);
	ipc_send_end_body(fixture->browser, FIXTURE_PAGE, 77, BODY_END_RESET, 0);
	ipc_send_end_body(fixture->browser, FIXTURE_PAGE, 1, BODY_END_RESET, 0);
	ipc_send_grant_surface(fixture->browser, FIXTURE_PAGE, 1, 1);
	fixture_settle(fixture);
	assert_string_equal(describe(fixture)->text.text, "\n  Page\n");
	fixture_navigate(fixture, "http://host/2", "text/html", "");
	fixture_write(fixture, "<p>x", 4);
	ipc_send_close_page(fixture->browser, FIXTURE_PAGE);
	fixture_settle(fixture);
	assert_null(fixture->renderer.pages);
	assert_int_equal(describe(fixture)->text_bytes, 0);
}

/* A body without end is cut, and its pipe closed, which ends the fetch. */
static void test_endless(void **state)
{
	struct fixture *fixture = *state;
	char block[65536];
	for (size_t i = 0; i < sizeof(block); i += 16)
		memcpy(block + i, "<p>endless text ", 16);
	fixture_connect_gpu(fixture, 1);
	fixture_navigate(fixture, "http://host/", "text/html", "utf-8");
	signal(SIGPIPE, SIG_IGN);
	size_t written = 0;
	while (written < 2 * DOCUMENT_MAX_BODY && fixture_write(fixture, block, sizeof(block)))
		written += sizeof(block);
	assert_true(written < 2 * DOCUMENT_MAX_BODY);
	fixture_end(fixture, BODY_END_STOPPED);
	uint32_t rows = fixture_expect(fixture, IPC_DID_FINISH_LOAD)->did_finish_load.rows;
	assert_true(rows > 200000 && rows < DOCUMENT_MAX_ROWS);
	const struct document *document = fixture->renderer.pages->shown;
	assert_true(document->cut);
	uint32_t count;
	const struct fragment *last = layout_row(&document->layout, document->layout.at.nrows - 1, &count);
	assert_int_equal(strncmp(document->layout.text + last->text, "(the rest is not shown", 22), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_load),
		TEST(test_appears_while_it_arrives),
		TEST(test_answers_while_busy),
		TEST(test_ends),
		TEST(test_plain_text),
		TEST(test_old_page_stays),
		TEST(test_resize),
		TEST(test_links),
		TEST(test_url_fragment),
		TEST(test_focus),
		TEST(test_focus_without_links),
		TEST(test_rounds),
		TEST(test_halves_are_held),
		TEST(test_gpu_restarts),
		TEST(test_region_replaced),
		TEST(test_late_messages),
		TEST(test_endless),
	};
	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
