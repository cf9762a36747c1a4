/* common/cell.c: rows that may be shown, and each way to spoil one. */
#include "common/cell.h"
#include "tests/gpu/unit.h"

#define WIDE  0x4e2du
#define ACUTE 0x301u

/* a, e with a mark, a wide character, a blank, a block. */
static void fill(struct cell row[6])
{
	for (unsigned i = 0; i < 6; i++)
		row[i] = CELL_BLANK;
	row[0].text[0] = 'a';
	row[0].foreground = RGB(0xff0000);
	row[0].attributes = ATTRIBUTE_ALL;
	row[1].text[0] = 'e';
	row[1].text[1] = ACUTE;
	row[1].text[2] = ACUTE;
	row[2].text[0] = WIDE;
	row[2].width = 2;
	row[2].link = 7;
	row[3].text[0] = 0;
	row[3].width = 0;
	row[5].text[0] = 0x2588;
}

static void test_good(void **state)
{
	struct cell row[6];

	(void)state;
	fill(row);
	assert_true(cell_check_row(row, 6));
	assert_true(cell_check_row(row, 2));
	assert_true(cell_check_row(row, 0));
}

/* A 32- or 8-bit field of one cell takes a value that it may not have. */
struct spoiling {
	const char *what;
	unsigned cell;
	size_t offset;
	unsigned size;
	uint32_t value;
};

#define TEXT(i)	    (offsetof(struct cell, text) + 4 * (i))
#define FIELD(name) offsetof(struct cell, name), sizeof(((struct cell *)0)->name)

static const struct spoiling spoilings[] = {
	{ "escape", 0, TEXT(0), 4, 0x1b },
	{ "newline", 0, TEXT(0), 4, '\n' },
	{ "NUL", 0, TEXT(0), 4, 0 },
	{ "DEL", 0, TEXT(0), 4, 0x7f },
	{ "C1", 0, TEXT(0), 4, 0x9b },
	{ "change of direction", 0, TEXT(0), 4, 0x202e },
	{ "line separator", 0, TEXT(0), 4, 0x2028 },
	{ "surrogate", 0, TEXT(0), 4, 0xd800 },
	{ "beyond Unicode", 0, TEXT(0), 4, 0x110000 },
	{ "huge", 0, TEXT(0), 4, 0xffffffff },
	{ "mark as base", 0, TEXT(0), 4, ACUTE },
	{ "wide in one column", 0, TEXT(0), 4, WIDE },
	{ "letter as mark", 0, TEXT(1), 4, 'x' },
	{ "escape as mark", 1, TEXT(1), 4, 0x1b },
	{ "wide as mark", 1, TEXT(2), 4, WIDE },
	{ "gap before a mark", 1, TEXT(1), 4, 0 },
	{ "foreground bits", 0, FIELD(foreground), 0x02ff0000 },
	{ "foreground without its flag", 0, FIELD(foreground), 0x00ff0000 },
	{ "background bits", 5, FIELD(background), 0x81000000 },
	{ "attribute", 0, FIELD(attributes), 64 },
	{ "reserved", 0, FIELD(reserved), 1 },
	{ "width 0 of a letter", 0, FIELD(width), 0 },
	{ "width 2 of a letter", 0, FIELD(width), 2 },
	{ "width 3", 0, FIELD(width), 3 },
	{ "width 1 of a wide one", 2, FIELD(width), 1 },
	{ "right half with text", 3, TEXT(0), 4, ' ' },
	{ "right half with a mark", 3, TEXT(1), 4, ACUTE },
	{ "right half with width", 3, FIELD(width), 1 },
	{ "right half's attribute", 3, FIELD(attributes), 128 },
	{ "right half's colour", 3, FIELD(background), 5 },
	{ "half without its left", 4, FIELD(width), 0 },
};

static void test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(spoilings); i++) {
		const struct spoiling *s = &spoilings[i];
		struct cell row[6];
		fill(row);
		memcpy((uint8_t *)&row[s->cell] + s->offset, &s->value, s->size);
		if (cell_check_row(row, 6))
			fail_msg("passed: %s", s->what);
	}
}

static void test_halves(void **state)
{
	struct cell row[6];

	(void)state;
	fill(row);
	assert_false(cell_check_row(row, 3));	  /* the left half is the last column */
	assert_false(cell_check_row(row + 3, 3)); /* the right half is the first */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_halves),
	};
	return cmocka_run_group_tests(tests, use_utf8, NULL);
}
