/* common/display_list.c: each field out of range, bands that are cut, and bytes at random. */
#include "common/cell.h"
#include "tests/gpu/list.h"
#include "tests/gpu/unit.h"

static struct list list;

static enum bad_message check(void)
{
	/* A copy of exactly that length, so that reading on is seen by a sanitizer. */
	struct band band = *list_last_band(&list);
	uint8_t *items = malloc(band.bytes + 1);
	uint32_t held = list.bytes - list.band - (uint32_t)sizeof(band);
	memset(items, 0, band.bytes + 1);
	memcpy(items, list_last_items(&list), band.bytes < held ? band.bytes : held);
	enum bad_message reason = display_list_check_band(&band, items);
	free(items);
	return reason;
}

static void test_good(void **state)
{
	(void)state;
	list_init(&list, 3);
	assert_int_equal(check(), BAD_MESSAGE_NONE);
	struct display_item_header *text = list_text(&list, 63, 511, "sailing e\xcc\x81 \xe4\xb8\xad");
	text->foreground = RGB(0xffffff);
	text->attributes = ATTRIBUTE_ALL;
	text->link = 0xffffffff;
	list_text(&list, 0, 0, "");
	list_fill(&list, 0, 0, GRID_MAX_COLUMNS, BAND_ROWS, RGB(0x102030));
	list_line(&list, 63, 0, GRID_MAX_COLUMNS);
	list_surface(&list, 0, 500, 12, 64, 9)->surface_row = GRID_MAX_ROWS - 64;
	assert_int_equal(check(), BAD_MESSAGE_NONE);
}

struct spoiling {
	const char *what;
	size_t offset;
	unsigned size;
	uint32_t value;
};

#define FIELD(name)                                                                                          \
	offsetof(struct display_item_header, name), sizeof(((struct display_item_header *)0)->name)

/* Of any item. */
static const struct spoiling any[] = {
	{ "no bytes", FIELD(bytes), 0 },
	{ "fewer than a header", FIELD(bytes), 24 },
	{ "not a multiple of 8", FIELD(bytes), 41 },
	{ "more than needed", FIELD(bytes), 48 },
	{ "more than there are", FIELD(bytes), 65528 },
	{ "unknown kind", FIELD(kind), DISPLAY_ITEM_COUNT },
	{ "kind 255", FIELD(kind), 255 },
	{ "unknown attribute", FIELD(attributes), 64 },
	{ "row outside", FIELD(row), BAND_ROWS },
	{ "row far outside", FIELD(row), 65535 },
	{ "column outside", FIELD(column), GRID_MAX_COLUMNS },
	{ "column far outside", FIELD(column), 65535 },
	{ "columns beyond the grid", FIELD(columns), GRID_MAX_COLUMNS - 4 },
	{ "columns far beyond", FIELD(columns), 65535 },
	{ "rows beyond the band", FIELD(rows), BAND_ROWS - 1 },
	{ "rows far beyond", FIELD(rows), 65535 },
	{ "text that is not there", FIELD(text_bytes), 4096 },
	{ "foreground", FIELD(foreground), 0x02000000 },
	{ "background", FIELD(background), 1 },
};

static const struct spoiling of_surface[] = {
	{ "surface 0", FIELD(surface), 0 },
	{ "surface row outside", FIELD(surface_row), GRID_MAX_ROWS },
	{ "surface row far outside", FIELD(surface_row), 65535 },
};

static struct display_item_header *add_item(enum display_item kind)
{
	switch (kind) {
	case DISPLAY_FILL:
		return list_fill(&list, 2, 5, 8, 2, RGB(0xff));
	case DISPLAY_LINE:
		return list_line(&list, 2, 5, 8);
	case DISPLAY_SURFACE:
		return list_surface(&list, 2, 5, 8, 2, 4);
	default:
		return list_text(&list, 2, 5, "abcdefgh");
	}
}

static void expect_bad(enum display_item kind, const struct spoiling *s)
{
	list_init(&list, 0);
	list_text(&list, 0, 0, "before");
	struct display_item_header *item = add_item(kind);
	list_text(&list, 1, 0, "behind");
	assert_int_equal(check(), BAD_MESSAGE_NONE);
	memcpy((uint8_t *)item + s->offset, &s->value, s->size);
	if (check() != BAD_MESSAGE_INVALID_DISPLAY_LIST)
		fail_msg("passed: %s of kind %d", s->what, (int)kind);
}

static void test_bad_items(void **state)
{
	(void)state;
	for (int kind = 0; kind < DISPLAY_ITEM_COUNT; kind++) {
		for (size_t i = 0; i < COUNT(any); i++)
			expect_bad((enum display_item)kind, &any[i]);
	}
	for (size_t i = 0; i < COUNT(of_surface); i++)
		expect_bad(DISPLAY_SURFACE, &of_surface[i]);
}

static void test_bad_text(void **state)
{
	static const char *const texts[] = { "\x1b[2J", "a\nb", "\x7f",		"\xc2\x9b", "\xe2\x80\xae",
					     "\xff",	"\xc3", "\xed\xa0\x80", "\xc0\x80", "\xe2\x80\xa8" };

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		list_init(&list, 0);
		list_text(&list, 0, 0, texts[i]);
		assert_int_equal(check(), BAD_MESSAGE_INVALID_DISPLAY_LIST);
	}
	list_init(&list, 0);
	list_text(&list, 0, 0, "abc")->text_bytes = 4; /* a NUL out of the padding */
	assert_int_equal(check(), BAD_MESSAGE_INVALID_DISPLAY_LIST);
	list_init(&list, 0);
	struct display_item_header *item = list_fill(&list, 0, 0, 1, 1, 0);
	list_text(&list, 0, 0, "");
	list_last_band(&list)->bytes = 40;
	item->bytes = 40;
	item->text_bytes = 5; /* only text has text */
	assert_int_equal(check(), BAD_MESSAGE_INVALID_DISPLAY_LIST);
}

static void test_bad_band(void **state)
{
	static const uint32_t numbers[] = { DOCUMENT_MAX_ROWS / BAND_ROWS, 0x80000000, 0xffffffff };
	static const uint32_t lengths[] = { 1, 7, 0xffffffff, 0xfffffff8, STAGING_MAX_BYTES + 8 };

	(void)state;
	for (size_t i = 0; i < COUNT(numbers); i++) {
		list_init(&list, numbers[i]);
		assert_int_equal(check(), BAD_MESSAGE_INVALID_DISPLAY_LIST);
	}
	list_init(&list, DOCUMENT_MAX_ROWS / BAND_ROWS - 1);
	assert_int_equal(check(), BAD_MESSAGE_NONE);
	for (size_t i = 0; i < COUNT(lengths); i++) {
		struct band band = { 0, lengths[i] };
		assert_int_equal(display_list_check_band(&band, list.data), BAD_MESSAGE_INVALID_DISPLAY_LIST);
	}
}

static void test_truncated(void **state)
{
	(void)state;
	list_init(&list, 0);
	list_text(&list, 0, 0, "one two three");
	uint32_t first = list_last_band(&list)->bytes;
	list_fill(&list, 1, 1, 2, 2, 0);
	uint32_t whole = list_last_band(&list)->bytes;
	for (uint32_t bytes = 0; bytes <= whole; bytes++) {
		list_last_band(&list)->bytes = bytes;
		bool good = bytes == 0 || bytes == first || bytes == whole;
		assert_int_equal(check(), good ? BAD_MESSAGE_NONE : BAD_MESSAGE_INVALID_DISPLAY_LIST);
	}
}

/* A band that would keep the GPU process busy for seconds is refused, one of many layers is not. */
static void test_cost(void **state)
{
	(void)state;
	list_init(&list, 0);
	for (int i = 0; i < 32; i++)
		list_fill(&list, 0, 0, GRID_MAX_COLUMNS, BAND_ROWS, 0);
	assert_int_equal(check(), BAD_MESSAGE_NONE);
	list_fill(&list, 0, 0, 1, 1, 0);
	assert_int_equal(check(), BAD_MESSAGE_INVALID_DISPLAY_LIST);
}

static void test_random(void **state)
{
	uint32_t random = 1;
	unsigned passed = 0;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		list_init(&list, 0);
		list_last_band(&list)->bytes = 64;
		list.bytes += 64;
		for (int i = 0; i < 64; i++) {
			random = random * 1103515245 + 12345;
			list.data[sizeof(struct band) + (size_t)i] = (uint8_t)(random >> 16);
		}
		passed += check() == BAD_MESSAGE_NONE;
	}
	assert_int_equal(passed, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),	  cmocka_unit_test(test_bad_items),
		cmocka_unit_test(test_bad_text),  cmocka_unit_test(test_bad_band),
		cmocka_unit_test(test_truncated), cmocka_unit_test(test_cost),
		cmocka_unit_test(test_random),
	};
	return cmocka_run_group_tests(tests, use_utf8, NULL);
}
