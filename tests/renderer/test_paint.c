/* Paint: bands that the GPU process accepts, whatever the page; and what does not fit. */
#include "tests/renderer/unit.h"

#include "common/display_list.h"
#include "renderer/paint.h"
#include "tests/renderer/sheet.h"
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#define BAND_BYTES (2u << 20)

static struct paint_box no_box(void *arg, uint32_t number)
{
	(void)arg, (void)number;
	return (struct paint_box){ .words = "", .hint = "" };
}

static uint32_t count_items(const uint8_t *memory, enum display_item kind, uint8_t attributes)
{
	struct band band;
	uint32_t count = 0;
	memcpy(&band, memory, sizeof(band));
	for (uint32_t at = 0; at < band.bytes;) {
		const struct display_item_header *item = (const void *)(memory + sizeof(band) + at);
		count += item->kind == kind && (item->attributes & attributes) == attributes;
		at += item->bytes;
	}
	return count;
}

static void check_all(struct paint *paint, uint8_t *memory)
{
	for (uint32_t number = 0; number < paint_bands(paint->layout); number++) {
		struct band band;
		size_t bytes = paint_band(paint, number, memory, BAND_BYTES);
		assert_true(bytes >= sizeof(band));
		memcpy(&band, memory, sizeof(band));
		assert_int_equal(band.number, number);
		assert_int_equal(band.bytes, bytes - sizeof(band));
		assert_int_equal(display_list_check_band(&band, memory + sizeof(band)), BAD_MESSAGE_NONE);
		/* One byte less is too little. */
		assert_int_equal(paint_band(paint, number, memory, bytes - 1), 0);
	}
}

static void test_bands(void **state)
{
	static const char *const parts[] = {
		"<p>word <b>bold</b> <a href=x>link</a> 漢字 e\u0301 &#27;&#x202e;&#xfff9;",
		"<hr>",
		"<ul><li>item</ul>",
		"<pre>\ta\n\n</pre>",
		"<blockquote>q</blockquote>",
		"<p>\ue000\U000e0041\u2028\u200e<p>&#x80;&#xd800;&#x110000;&#0;"
	};
	static const unsigned widths[] = { 4, 20, 40, 80, 512 };
	uint8_t *memory = malloc(BAND_BYTES);
	(void)state;
	for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
		struct sheet sheet;
		sheet_init(&sheet, widths[i]);
		for (int round = 0; round < 120; round++)
			sheet_feed(&sheet, parts[round % 6]);
		sheet_end(&sheet);
		struct paint paint = { .layout = &sheet.layout, .box = no_box };
		check_all(&paint, memory);
		paint.focus = 1;
		check_all(&paint, memory);
		paint.focus = PAINT_DOCUMENT_FOCUS;
		check_all(&paint, memory);
		sheet_finish(&sheet);
	}
	free(memory);
}

static void test_focus(void **state)
{
	struct sheet sheet;
	uint8_t *memory = malloc(BAND_BYTES);
	(void)state;
	sheet_init(&sheet, 40);
	sheet_feed(&sheet, "<p>a <a href=x>one</a> <a href=y>two <b>three</b></a>");
	sheet_end(&sheet);
	struct paint paint = { .layout = &sheet.layout, .box = no_box };
	assert_true(paint_band(&paint, 0, memory, BAND_BYTES) > 0);
	assert_int_equal(count_items(memory, DISPLAY_TEXT, ATTRIBUTE_REVERSE), 0);
	paint.focus = 2;
	assert_true(paint_band(&paint, 0, memory, BAND_BYTES) > 0);
	assert_int_equal(count_items(memory, DISPLAY_TEXT, ATTRIBUTE_REVERSE), 2);
	paint.focus = PAINT_DOCUMENT_FOCUS;
	assert_true(paint_band(&paint, 0, memory, BAND_BYTES) > 0);
	assert_int_equal(count_items(memory, DISPLAY_TEXT, ATTRIBUTE_REVERSE), 1);
	sheet_finish(&sheet);
	free(memory);
}

static void test_empty(void **state)
{
	struct sheet sheet;
	uint8_t memory[256] __attribute__((aligned(8)));
	(void)state;
	sheet_init(&sheet, 40);
	sheet_end(&sheet);
	struct paint paint = { .layout = &sheet.layout, .box = no_box };
	assert_int_equal(paint_rows(&sheet.layout), 1);
	assert_int_equal(paint_bands(&sheet.layout), 1);
	assert_int_equal(paint_band(&paint, 0, memory, sizeof(memory)), sizeof(struct band));
	assert_int_equal(paint_band(&paint, 0, memory, sizeof(struct band) - 1), 0);
	sheet_finish(&sheet);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bands),
		cmocka_unit_test(test_focus),
		cmocka_unit_test(test_empty),
	};
	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
