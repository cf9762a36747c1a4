/* gpu/page.c: the page's own list as bands come, are replaced and go, and submissions that are no list. */
#include "common/cell.h"
#include "common/region.h"
#include "gpu/page.h"
#include "tests/gpu/list.h"
#include "tests/gpu/unit.h"
#include <unistd.h>

#define FOREIGN 666

static struct list list;
static struct pages pages;
static struct page *page;

static bool may_show(void *arg, const struct page *asked, uint32_t surface)
{
	(void)arg;
	assert_ptr_equal(asked, page);
	return surface != FOREIGN;
}

static struct page *attach(uint32_t renderer, uint32_t generation)
{
	int fd = region_create("staging", 2 * STAGING_MIN_BYTES);
	struct page *attached = page_attach(&pages, 7, renderer, generation, STAGING_MIN_BYTES, fd);

	close(fd);
	assert_non_null(attached);
	return attached;
}

static int start(void **state)
{
	(void)state;
	page = attach(1, 1);
	list_init(&list, 0);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	page_drop(&pages, page);
	assert_null(pages.table);
	return 0;
}

static enum bad_message take(uint32_t rows)
{
	return page_take(page, list.data, list.bytes, rows, 80, may_show, NULL);
}

/* The text of the band's first item, "" for an empty one. */
static const char *band_text(uint32_t number)
{
	static char text[64];
	const struct page_band *band = &page->bands[number];
	struct display_item_header item;

	assert_true(number < page->nbands);
	text[0] = 0;
	if (band->bytes) {
		memcpy(&item, band->items, sizeof(item));
		snprintf(text, sizeof(text), "%.*s", item.text_bytes, (char *)band->items + sizeof(item));
	}
	return text;
}

/* The sum that bounds the list is the sum of what it holds. */
static void check_bytes(void)
{
	size_t bytes = 0;

	for (uint32_t i = 0; i < page->nbands; i++)
		bytes += page->bands[i].bytes;
	assert_int_equal(page->bytes, bytes);
}

static void test_replace(void **state)
{
	(void)state;
	list_text(&list, 0, 0, "zero");
	list_band(&list, 2);
	list_text(&list, 0, 0, "two");
	assert_int_equal(take(2 * BAND_ROWS + 1), BAD_MESSAGE_NONE);
	assert_int_equal(page->nbands, 3);
	assert_string_equal(band_text(0), "zero");
	assert_string_equal(band_text(1), "");
	assert_string_equal(band_text(2), "two");
	assert_int_equal(page->changed_from, 0);
	assert_int_equal(page->changed_to, 3);

	list_init(&list, 1);
	list_text(&list, 0, 0, "one");
	assert_int_equal(take(2 * BAND_ROWS + 1), BAD_MESSAGE_NONE);
	assert_string_equal(band_text(0), "zero");
	assert_string_equal(band_text(1), "one");
	assert_int_equal(page->changed_from, 1);
	assert_int_equal(page->changed_to, 2);

	list_init(&list, 0); /* an empty band replaces too */
	assert_int_equal(take(2 * BAND_ROWS + 1), BAD_MESSAGE_NONE);
	assert_string_equal(band_text(0), "");
	check_bytes();
}

static void test_shrink_and_grow(void **state)
{
	(void)state;
	list_text(&list, 0, 0, "zero");
	list_band(&list, 1);
	list_text(&list, 0, 0, "one");
	assert_int_equal(take(2 * BAND_ROWS), BAD_MESSAGE_NONE);
	list.bytes = 0;
	assert_int_equal(take(BAND_ROWS), BAD_MESSAGE_NONE);
	assert_int_equal(page->nbands, 1);
	check_bytes();
	assert_int_equal(take(2 * BAND_ROWS), BAD_MESSAGE_NONE);
	assert_string_equal(band_text(0), "zero");
	assert_string_equal(band_text(1), ""); /* what was dropped does not come back */
	assert_int_equal(take(0), BAD_MESSAGE_NONE);
	assert_int_equal(page->nbands, 0);
	assert_int_equal(page->bytes, 0);
}

static void test_twice_and_beyond(void **state)
{
	(void)state;
	list_text(&list, 0, 0, "first");
	list_band(&list, 0);
	list_text(&list, 0, 0, "second");
	list_band(&list, 5);
	list_text(&list, 0, 0, "beyond the end");
	assert_int_equal(take(1), BAD_MESSAGE_NONE);
	assert_string_equal(band_text(0), "second");
	assert_int_equal(page->nbands, 1);
	check_bytes();
}

static void test_refused_whole(void **state)
{
	(void)state;
	list_text(&list, 0, 0, "good");
	assert_int_equal(take(BAND_ROWS), BAD_MESSAGE_NONE);
	list_init(&list, 0);
	list_text(&list, 0, 0, "evil");
	list_band(&list, 1);
	list_text(&list, 0, 0, "\x1b[2J");
	assert_int_equal(take(2 * BAND_ROWS), BAD_MESSAGE_INVALID_DISPLAY_LIST);
	assert_int_equal(page->rows, BAND_ROWS);
	assert_string_equal(band_text(0), "good");
}

static void test_cut_off(void **state)
{
	(void)state;
	list_text(&list, 0, 0, "zero");
	uint32_t one = list.bytes;
	list_band(&list, 1);
	uint32_t two = list.bytes;
	list_text(&list, 0, 0, "one");
	uint32_t whole = list.bytes;
	for (uint32_t bytes = 0; bytes <= whole; bytes++) {
		enum bad_message reason = page_take(page, list.data, bytes, 128, 80, may_show, NULL);
		/* At `two`, band 1 has a header that promises items. */
		bool good = bytes == 0 || bytes == one || bytes == whole;
		assert_int_equal(reason, good ? BAD_MESSAGE_NONE : BAD_MESSAGE_INVALID_DISPLAY_LIST);
	}
	assert_true(two > one);
}

static void test_ranges(void **state)
{
	(void)state;
	list.bytes = 0;
	assert_int_equal(take(DOCUMENT_MAX_ROWS), BAD_MESSAGE_NONE);
	assert_int_equal(take(DOCUMENT_MAX_ROWS + 1), BAD_MESSAGE_OUT_OF_RANGE);
	assert_int_equal(take(UINT32_MAX), BAD_MESSAGE_OUT_OF_RANGE);
	assert_int_equal(page_take(page, list.data, 0, 1, GRID_MAX_COLUMNS + 1, may_show, NULL),
			 BAD_MESSAGE_OUT_OF_RANGE);
}

static void test_foreign_surface(void **state)
{
	(void)state;
	list_text(&list, 0, 0, "before");
	list_surface(&list, 0, 0, 1, 1, FOREIGN - 1);
	assert_int_equal(take(1), BAD_MESSAGE_NONE);
	list_surface(&list, 0, 0, 1, 1, FOREIGN);
	assert_int_equal(take(1), BAD_MESSAGE_FOREIGN_SURFACE);
}

/* One page cannot take more memory than its bound, however it is cut into bands. */
static void test_bound(void **state)
{
	enum bad_message reason = BAD_MESSAGE_NONE;
	uint32_t number = 0;
	size_t sent = 0;

	(void)state;
	while (reason == BAD_MESSAGE_NONE && sent <= DOCUMENT_MAX_BYTES) {
		list_init(&list, number++);
		while (list.bytes < LIST_BYTES - sizeof(struct display_item_header))
			list_text(&list, 0, 0, "");
		sent += list_last_band(&list)->bytes;
		reason = take(DOCUMENT_MAX_ROWS);
	}
	assert_true(sent > DOCUMENT_MAX_BYTES);
	assert_int_equal(reason, BAD_MESSAGE_INVALID_DISPLAY_LIST);
	assert_int_equal(page_take(page, NULL, 0, 0, 0, may_show, NULL), BAD_MESSAGE_NONE);
	assert_int_equal(page->bytes, 0);
}

/* The old picture stays until the new renderer's first list, and none of it is left then. */
static void test_change_of_renderer(void **state)
{
	(void)state;
	list_text(&list, 0, 0, "old zero");
	list_band(&list, 1);
	list_text(&list, 0, 0, "old one");
	assert_int_equal(take(2 * BAND_ROWS), BAD_MESSAGE_NONE);
	assert_false(page_was_of(page, 1));
	assert_ptr_equal(attach(2, 5), page);
	assert_true(page_was_of(page, 1));
	assert_false(page_was_of(page, 2));
	assert_string_equal(band_text(1), "old one");
	assert_int_equal(attach(2, 6)->generation, 6); /* a bigger region for the same one */

	list_init(&list, 0);
	list_text(&list, 0, 0, "new zero");
	assert_int_equal(take(2 * BAND_ROWS), BAD_MESSAGE_NONE);
	assert_string_equal(band_text(0), "new zero");
	assert_string_equal(band_text(1), "");
	list.bytes = 0;
	assert_int_equal(take(2 * BAND_ROWS), BAD_MESSAGE_NONE);
	assert_string_equal(band_text(0), "new zero");
	check_bytes();
}

static void test_region(void **state)
{
	int fd = region_create("staging", 8192);

	(void)state;
	assert_null(page_attach(&pages, 8, 1, 1, 0, fd));
	assert_null(page_attach(&pages, 8, 1, 1, STAGING_MAX_BYTES + 1, fd));
	assert_null(page_attach(&pages, 8, 1, 1, UINT32_MAX, fd));
	assert_null(page_attach(&pages, 8, 1, 1, 4096, -1));
	assert_null(page_find(&pages, 8));
	close(fd);
}

#define PAGE_TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PAGE_TEST(test_replace),
		PAGE_TEST(test_shrink_and_grow),
		PAGE_TEST(test_twice_and_beyond),
		PAGE_TEST(test_refused_whole),
		PAGE_TEST(test_cut_off),
		PAGE_TEST(test_ranges),
		PAGE_TEST(test_foreign_surface),
		PAGE_TEST(test_bound),
		PAGE_TEST(test_change_of_renderer),
		PAGE_TEST(test_region),
	};
	return cmocka_run_group_tests(tests, use_utf8, NULL);
}
