/* The GPU process's code over real channels: what is shown, who may submit what, and memory that changes
 * under it. */
#include "common/region.h"
#include "gpu/gpu.h"
#include "tests/gpu/fixture.h"
#include "tests/gpu/list.h"
#include "tests/gpu/unit.h"
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#define COLUMNS	   20u
#define ROWS	   5u
#define GENERATION 3u
#define HALF	   STAGING_MIN_BYTES
#define PAGE	   7u
#define OTHER_PAGE 8u

static struct gpu gpu;
static struct fixture fixture;
static struct channel *browser, *renderer, *stranger;
static struct region frame, staging[3];
static struct list list;

static void attach_frame(uint32_t generation, unsigned columns, unsigned rows)
{
	fixture_drop_region(&frame);
	frame = fixture_region(2 * grid_bytes(columns, rows));
	ipc_send_attach_frame(browser, generation, (uint16_t)columns, (uint16_t)rows, frame.fd);
}

static struct region *attach_staging(unsigned slot, uint32_t page, uint32_t serial, uint32_t generation)
{
	fixture_drop_region(&staging[slot]);
	staging[slot] = fixture_region(2 * HALF);
	int fd = region_reopen_read_only(staging[slot].fd);
	ipc_send_attach_staging(browser, page, serial, generation, HALF, fd);
	close(fd);
	return &staging[slot];
}

/* renderer:1 has PAGE, renderer:2 has OTHER_PAGE; PAGE is shown. */
static int start(void **state)
{
	(void)state;
	gpu = (struct gpu){ 0 };
	gpu_init(&gpu);
	fixture_open(&fixture, &gpu.child, ROLE_GPU, gpu_draw);
	browser = fixture.browser;
	renderer = fixture_connect(&fixture, 1);
	stranger = fixture_connect(&fixture, 2);
	attach_staging(0, PAGE, 1, GENERATION);
	attach_staging(1, OTHER_PAGE, 2, GENERATION);
	ipc_send_show_page(browser, PAGE, 0);
	attach_frame(1, COLUMNS, ROWS);
	fixture_expect(&fixture, browser, IPC_DID_PRESENT);
	fixture_settle(&fixture);
	fixture_forget(&fixture);
	ipc_send_release_frame(browser, 1, 0);
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

/* Put the list into that half and submit it. */
static void submit_to(struct channel *from, unsigned slot, uint32_t page, unsigned half, uint32_t rows)
{
	memcpy((uint8_t *)staging[slot].memory + half * HALF, list.data, list.bytes);
	ipc_send_submit_frame(from, page, GENERATION, (uint8_t)half, list.bytes, rows, COLUMNS);
}

static void submit(uint32_t rows)
{
	submit_to(renderer, 0, PAGE, 0, rows);
}

/* Wait for a frame, give it back, and return its row of text without trailing blanks. */
static const char *presented(uint32_t page, uint32_t first, uint32_t document_rows, unsigned row)
{
	static char text[GRID_MAX_COLUMNS + 1];
	struct ipc_did_present present = fixture_expect(&fixture, browser, IPC_DID_PRESENT)->did_present;
	unsigned columns = gpu.frame.columns, length = 0;

	assert_int_equal(present.page, page);
	assert_int_equal(present.row, first);
	assert_int_equal(present.document_rows, document_rows);
	assert_int_equal(present.generation, gpu.frame.generation);
	assert_true(present.buffer < 2);
	const struct cell *cells =
		(struct cell *)frame.memory + ((size_t)present.buffer * gpu.frame.rows + row) * columns;
	assert_true(cell_check_row(cells, columns));
	for (unsigned i = 0; i < columns; i++) {
		text[i] = cells[i].text[0] < 0x80 ? (char)cells[i].text[0] : '#';
		if (text[i] != ' ')
			length = i + 1;
	}
	text[length] = 0;
	ipc_send_release_frame(browser, present.generation, present.buffer);
	return text;
}

static void expect_bad(uint32_t serial, enum bad_message reason)
{
	struct ipc_did_receive_bad_message bad =
		fixture_expect(&fixture, browser, IPC_DID_RECEIVE_BAD_MESSAGE)->did_receive_bad_message;

	assert_int_equal(bad.role, ROLE_RENDERER);
	assert_int_equal(bad.serial, serial);
	assert_int_equal(bad.type, IPC_SUBMIT_FRAME);
	assert_int_equal(bad.reason, reason);
	fixture_settle(&fixture);
	assert_null(child_peer(&gpu.child, ROLE_RENDERER, serial));
	assert_int_equal(fixture_count(&fixture, fixture.renderers[serial - 1], IPC_DID_TAKE_FRAME), 0);
}

static void test_present(void **state)
{
	(void)state;
	list_text(&list, 2, 1, "ahoy");
	submit_to(renderer, 0, PAGE, 1, 30);
	struct ipc_did_take_frame taken =
		fixture_expect(&fixture, renderer, IPC_DID_TAKE_FRAME)->did_take_frame;
	assert_int_equal(taken.page, PAGE);
	assert_int_equal(taken.generation, GENERATION);
	assert_int_equal(taken.half, 1);
	assert_string_equal(presented(PAGE, 0, 30, 2), " ahoy");
}

/* The answer to a submission that nobody sees is its being taken; no frame is made of it. */
static void test_hidden(void **state)
{
	(void)state;
	list_text(&list, 0, 0, "behind the shown one");
	submit_to(stranger, 1, OTHER_PAGE, 0, 30);
	fixture_expect(&fixture, stranger, IPC_DID_TAKE_FRAME);
	fixture_settle(&fixture);
	assert_int_equal(fixture_count(&fixture, browser, IPC_DID_PRESENT), 0);
	ipc_send_show_page(browser, OTHER_PAGE, 0);
	assert_string_equal(presented(OTHER_PAGE, 0, 30, 0), "behind the shown one");
	ipc_send_show_page(browser, 0, 0);
	assert_string_equal(presented(0, 0, 0, 0), "");
	ipc_send_show_page(browser, 12345, 9);
	assert_string_equal(presented(12345, 0, 0, 0), "");
}

/* A band out of view is taken without drawing; scrolling there needs nothing of the renderer. */
static void test_scroll(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		char text[16];
		snprintf(text, sizeof(text), "band %u", i);
		list_text(&list, 0, 0, text);
		list_band(&list, i + 1);
	}
	submit(200);
	assert_string_equal(presented(PAGE, 0, 200, 0), "band 0");
	list_init(&list, 2);
	list_text(&list, 0, 0, "band two");
	submit_to(renderer, 0, PAGE, 1, 200);
	fixture_settle(&fixture);
	assert_int_equal(fixture_count(&fixture, browser, IPC_DID_PRESENT), 0);

	fixture_disconnect(&fixture, 1); /* not even its being alive */
	fixture_expect(&fixture, browser, IPC_DID_LOSE_PEER);
	ipc_send_show_page(browser, PAGE, 62);
	assert_string_equal(presented(PAGE, 62, 200, 2), "band 1");
	ipc_send_show_page(browser, PAGE, 128);
	assert_string_equal(presented(PAGE, 128, 200, 0), "band two");
	ipc_send_show_page(browser, PAGE, 198);
	assert_string_equal(presented(PAGE, 200 - ROWS, 200, 0), "");
	ipc_send_show_page(browser, PAGE, UINT32_MAX);
	assert_string_equal(presented(PAGE, 200 - ROWS, 200, 0), "");
}

/* While the browser holds both buffers nothing is written; then only the newest state is drawn. */
static void test_both_held(void **state)
{
	static const char *const texts[] = { "one", "two", "three", "four" };
	struct ipc_did_present held[2];

	(void)state;
	for (unsigned i = 0; i < COUNT(texts); i++) {
		list_init(&list, 0);
		list_text(&list, 0, 0, texts[i]);
		submit_to(renderer, 0, PAGE, i % 2, 30);
		fixture_expect(&fixture, renderer, IPC_DID_TAKE_FRAME);
		if (i < 2)
			held[i] = fixture_expect(&fixture, browser, IPC_DID_PRESENT)->did_present;
	}
	fixture_settle(&fixture);
	assert_int_not_equal(held[0].buffer, held[1].buffer);
	assert_int_equal(fixture_count(&fixture, browser, IPC_DID_PRESENT), 0);
	const struct cell *cells = frame.memory;
	assert_int_equal(cells[held[0].buffer * COLUMNS * ROWS].text[0], 'o');
	assert_int_equal(cells[held[1].buffer * COLUMNS * ROWS].text[0], 't');

	ipc_send_release_frame(browser, 99, held[0].buffer); /* of another generation */
	ipc_send_release_frame(browser, 1, 2);
	fixture_settle(&fixture);
	assert_int_equal(fixture_count(&fixture, browser, IPC_DID_PRESENT), 0);
	ipc_send_release_frame(browser, 1, held[0].buffer);
	assert_string_equal(presented(PAGE, 0, 30, 0), "four");
	fixture_settle(&fixture);
	assert_int_equal(fixture_count(&fixture, browser, IPC_DID_PRESENT), 0);
}

/* Many changes of one turn make one frame. */
static void test_coalesce(void **state)
{
	(void)state;
	list_text(&list, 0, 0, "once");
	for (unsigned i = 0; i < 10; i++)
		submit(30);
	for (unsigned i = 0; i < 10; i++)
		fixture_expect(&fixture, renderer, IPC_DID_TAKE_FRAME);
	assert_string_equal(presented(PAGE, 0, 30, 0), "once");
	fixture_settle(&fixture);
	assert_int_equal(fixture_count(&fixture, browser, IPC_DID_PRESENT), 0);
}

static void test_resize(void **state)
{
	(void)state;
	list_text(&list, 1, 0, "0123456789012345678901234567");
	submit(30);
	assert_string_equal(presented(PAGE, 0, 30, 1), "01234567890123456789");
	attach_frame(2, 10, 3);
	assert_string_equal(presented(PAGE, 0, 30, 1), "0123456789");
	attach_frame(3, 40, 40);
	assert_string_equal(presented(PAGE, 0, 30, 1), "0123456789012345678901234567");
}

static void test_bad_numbers(void **state)
{
	static const struct ipc_submit_frame bad[] = {
		{ PAGE, GENERATION, 2, 0, 1, COLUMNS },
		{ PAGE, GENERATION, 255, 0, 1, COLUMNS },
		{ PAGE, GENERATION, 0, HALF + 1, 1, COLUMNS },
		{ PAGE, GENERATION, 1, UINT32_MAX, 1, COLUMNS },
		{ PAGE, GENERATION, 0, 0, DOCUMENT_MAX_ROWS + 1, COLUMNS },
		{ PAGE, GENERATION, 0, 0, 1, GRID_MAX_COLUMNS + 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		channel_send(renderer, IPC_SUBMIT_FRAME, &bad[i]);
		expect_bad(1, BAD_MESSAGE_OUT_OF_RANGE);
		channel_close(renderer);
		renderer = fixture_connect(&fixture, 1);
	}
}

static void test_bad_list(void **state)
{
	(void)state;
	list_text(&list, 0, 0, "good");
	submit(30);
	fixture_expect(&fixture, renderer, IPC_DID_TAKE_FRAME);
	assert_string_equal(presented(PAGE, 0, 30, 0), "good");
	list_init(&list, 0);
	list_text(&list, 0, 0, "\x1b]0;evil\x07");
	submit(30);
	expect_bad(1, BAD_MESSAGE_INVALID_DISPLAY_LIST);
	ipc_send_show_page(browser, PAGE, 0);
	assert_string_equal(presented(PAGE, 0, 30, 0), "good"); /* the last good one stays */
	list_init(&list, 0);
	list_text(&list, 0, 0, "unharmed");
	submit_to(stranger, 1, OTHER_PAGE, 0, 30);
	fixture_expect(&fixture, stranger, IPC_DID_TAKE_FRAME);
}

/* Another's page is not to be drawn on, also not before the browser's word about it is here. */
static void test_foreign_page(void **state)
{
	(void)state;
	ipc_send_submit_frame(stranger, PAGE, GENERATION, 0, 0, 1, COLUMNS);
	expect_bad(2, BAD_MESSAGE_FOREIGN_PAGE);
	ipc_send_submit_frame(renderer, 20, 4, 0, 0, 1, COLUMNS);
	fixture_settle(&fixture);
	attach_staging(2, 20, 2, 4);
	expect_bad(1, BAD_MESSAGE_FOREIGN_PAGE);
}

static void test_generations(void **state)
{
	(void)state;
	ipc_send_submit_frame(renderer, PAGE, GENERATION - 1, 0, 0, 30, COLUMNS);
	ipc_send_submit_frame(stranger, PAGE, GENERATION - 1, 0, 0, 30, COLUMNS);
	fixture_settle(&fixture);
	assert_int_equal(fixture.narrived, 0);

	/* A region that the GPU process has not heard of yet: taken once it has. */
	list_text(&list, 0, 0, "early");
	ipc_send_submit_frame(renderer, PAGE, GENERATION + 1, 0, list.bytes, 30, COLUMNS);
	fixture_settle(&fixture);
	assert_int_equal(fixture.narrived, 0);
	struct region region = fixture_region(2 * HALF);
	memcpy(region.memory, list.data, list.bytes);
	ipc_send_attach_staging(browser, PAGE, 1, GENERATION + 1, HALF, region.fd);
	assert_int_equal(fixture_expect(&fixture, renderer, IPC_DID_TAKE_FRAME)->did_take_frame.generation,
			 GENERATION + 1);
	assert_string_equal(presented(PAGE, 0, 30, 0), "early");
	fixture_drop_region(&region);
}

/* Submissions that came too early are bounded, and go with their renderer. */
static void test_early_bound(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 3 * SUBMISSIONS_EARLY_MAX; i++)
		ipc_send_submit_frame(renderer, 100 + i, 1, 0, 0, 1, COLUMNS);
	ipc_send_submit_frame(stranger, 99, 1, 0, 0, 1, COLUMNS);
	fixture_settle(&fixture);
	unsigned waiting = 0;
	for (const struct early *early = gpu.submissions.early; early; early = early->next)
		waiting++;
	assert_int_equal(waiting, SUBMISSIONS_EARLY_MAX + 1);
	fixture_disconnect(&fixture, 1);
	assert_non_null(gpu.submissions.early);
	assert_int_equal(gpu.submissions.early->renderer, 2);
	assert_null(gpu.submissions.early->next);
}

/* The page moves to another process: what the old one still sends is late, not a lie, and changes nothing. */
static void test_moved_page(void **state)
{
	(void)state;
	list_text(&list, 0, 0, "old");
	submit(100);
	assert_string_equal(presented(PAGE, 0, 100, 0), "old");
	attach_staging(2, PAGE, 2, GENERATION);
	ipc_send_submit_frame(renderer, PAGE, GENERATION, 0, 0, 1, COLUMNS);
	fixture_settle(&fixture);
	assert_int_equal(fixture_count(&fixture, browser, IPC_DID_RECEIVE_BAD_MESSAGE), 0);
	ipc_send_show_page(browser, PAGE, 0);
	assert_string_equal(presented(PAGE, 0, 100, 0), "old");
	list_init(&list, 0);
	list_text(&list, 0, 0, "new");
	submit_to(stranger, 2, PAGE, 0, 3);
	assert_string_equal(presented(PAGE, 0, 3, 0), "new");
}

static void test_drop(void **state)
{
	(void)state;
	list_text(&list, 0, 0, "there");
	submit(30);
	assert_string_equal(presented(PAGE, 0, 30, 0), "there");
	ipc_send_drop_page(browser, PAGE);
	ipc_send_drop_page(browser, PAGE);
	assert_string_equal(presented(PAGE, 0, 0, 0), "");
	assert_null(page_find(&gpu.pages, PAGE));
}

/* Surfaces. */

static struct region attach_surface(uint32_t page, uint32_t number)
{
	struct region region = fixture_region(2 * grid_bytes(4, 2));
	struct cell *cells = region.memory;

	for (unsigned i = 0; i < 16; i++) {
		cells[i] = CELL_BLANK;
		cells[i].text[0] = i < 8 ? 'A' : 'B';
	}
	int fd = region_reopen_read_only(region.fd);
	ipc_send_attach_surface(browser, page, number, 4, 2, fd);
	close(fd);
	return region;
}

static void test_surface(void **state)
{
	(void)state;
	struct region region = attach_surface(PAGE, 9);
	list_surface(&list, 0, 1, 4, 2, 9);
	submit(30);
	assert_string_equal(presented(PAGE, 0, 30, 0), ""); /* not drawn yet */
	ipc_send_update_surface(browser, PAGE, 9, 1);
	assert_string_equal(presented(PAGE, 0, 30, 0), " BBBB");
	fixture_disconnect(&fixture, 1); /* it ticks on without its page's renderer */
	ipc_send_update_surface(browser, PAGE, 9, 0);
	assert_string_equal(presented(PAGE, 0, 30, 1), " AAAA");

	/* The picture is ours: what the plugin does to its memory shows when it says so, and only if it is
	 * sound. */
	struct cell *cells = region.memory;
	cells[0].text[0] = 0x1b;
	ipc_send_update_surface(browser, PAGE, 9, 0);
	ipc_send_update_surface(browser, PAGE, 9, 2);
	ipc_send_update_surface(browser, OTHER_PAGE, 9, 1);
	ipc_send_update_surface(browser, PAGE, 10, 1);
	assert_string_equal(presented(PAGE, 0, 30, 0), " AAAA"); /* drawn again, of what was sound */
	fixture_settle(&fixture);
	assert_int_equal(fixture_count(&fixture, browser, IPC_DID_PRESENT), 0);
	ipc_send_show_page(browser, PAGE, 0);
	assert_string_equal(presented(PAGE, 0, 30, 1), " AAAA");
	ipc_send_drop_surface(browser, PAGE, 9);
	assert_string_equal(presented(PAGE, 0, 30, 0), "");
	fixture_drop_region(&region);
}

static void test_foreign_surface(void **state)
{
	(void)state;
	struct region region = attach_surface(OTHER_PAGE, 9);
	ipc_send_update_surface(browser, OTHER_PAGE, 9, 0);
	fixture_settle(&fixture);
	list_surface(&list, 0, 0, 4, 2, 9);
	submit(30);
	expect_bad(1, BAD_MESSAGE_FOREIGN_SURFACE);
	fixture_drop_region(&region);
}

/* Named before it was anyone's, and then another page's: nothing of it is seen. */
static void test_surface_named_in_advance(void **state)
{
	(void)state;
	list_surface(&list, 0, 0, 4, 2, 9);
	submit(30);
	assert_string_equal(presented(PAGE, 0, 30, 0), "");
	struct region region = attach_surface(OTHER_PAGE, 9);
	ipc_send_update_surface(browser, OTHER_PAGE, 9, 0);
	ipc_send_show_page(browser, PAGE, 0);
	assert_string_equal(presented(PAGE, 0, 30, 0), "");
	fixture_drop_region(&region);
}

/* Memory that changes after it was checked, and while it is. */

static void test_changed_after(void **state)
{
	(void)state;
	list_text(&list, 0, 0, "checked");
	submit(30);
	fixture_expect(&fixture, renderer, IPC_DID_TAKE_FRAME);
	assert_string_equal(presented(PAGE, 0, 30, 0), "checked");
	memset(staging[0].memory, 0xff, staging[0].bytes);
	ipc_send_show_page(browser, PAGE, 0);
	assert_string_equal(presented(PAGE, 0, 30, 0), "checked");
}

static atomic_bool scribbling;

/* Switches the text between sound and evil as fast as it can. */
static void *scribble(void *arg)
{
	volatile uint8_t *text = arg;

	while (atomic_load(&scribbling)) {
		*text = 0x1b;
		*text = 's';
	}
	return NULL;
}

static void test_changed_meanwhile(void **state)
{
	pthread_t thread;
	unsigned taken = 0, refused = 0;

	(void)state;
	list_text(&list, 0, 0, "sound");
	while (list.bytes < HALF - 256) /* so that time passes between the check of the first and its use */
		list_text(&list, 1, 0, "much more of it");
	memcpy(staging[0].memory, list.data, list.bytes);
	atomic_store(&scribbling, true);
	uint8_t *text =
		(uint8_t *)staging[0].memory + sizeof(struct band) + sizeof(struct display_item_header);
	assert_int_equal(pthread_create(&thread, NULL, scribble, text), 0);
	for (unsigned i = 0; i < 300 || ((!taken || !refused) && i < 20000); i++) {
		ipc_send_submit_frame(renderer, PAGE, GENERATION, 0, list.bytes, 30, COLUMNS);
		fixture_settle(&fixture);
		if (fixture_count(&fixture, browser, IPC_DID_RECEIVE_BAD_MESSAGE)) {
			refused++;
			channel_close(renderer);
			renderer = fixture_connect(&fixture, 1);
		} else {
			taken++;
			assert_string_equal(presented(PAGE, 0, 30, 0), "sound");
		}
		fixture_forget(&fixture);
	}
	atomic_store(&scribbling, false);
	pthread_join(thread, NULL);
	assert_int_not_equal(taken, 0);
	assert_int_not_equal(refused, 0);
}

#define GPU_TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		GPU_TEST(test_present),
		GPU_TEST(test_hidden),
		GPU_TEST(test_scroll),
		GPU_TEST(test_both_held),
		GPU_TEST(test_coalesce),
		GPU_TEST(test_resize),
		GPU_TEST(test_bad_numbers),
		GPU_TEST(test_bad_list),
		GPU_TEST(test_foreign_page),
		GPU_TEST(test_generations),
		GPU_TEST(test_early_bound),
		GPU_TEST(test_moved_page),
		GPU_TEST(test_drop),
		GPU_TEST(test_surface),
		GPU_TEST(test_foreign_surface),
		GPU_TEST(test_surface_named_in_advance),
		GPU_TEST(test_changed_after),
		GPU_TEST(test_changed_meanwhile),
	};
	return cmocka_run_group_tests(tests, use_utf8, NULL);
}
