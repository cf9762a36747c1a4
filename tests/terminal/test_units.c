/* The parts of the screen that need no terminal: reading keys, editing a line, drawing on the canvas,
 * colours. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "browser/ui/line_edit.h"
#include "browser/ui/lines.h"
#include "browser/ui/list.h"
#include "browser/ui/paint.h"
#include "browser/ui/shown.h"
#include "browser/ui/theme.h"
#include "browser/ui/tiles.h"
#include "common/utf8.h"

static struct stroke read_one(const char *bytes, size_t *taken)
{
	struct stroke s;

	*taken = stroke_read(bytes, strlen(bytes), true, &s);
	return s;
}

static void assert_key(const char *bytes, const char *name)
{
	char text[STROKE_NAME];
	size_t taken;
	struct stroke s = read_one(bytes, &taken);

	assert_int_equal(taken, strlen(bytes));
	assert_int_equal(s.kind, STROKE_KEY);
	assert_string_equal(stroke_name(s.code, s.modifiers, text), name);
}

static void test_keys_are_read(void **state)
{
	(void)state;
	static const char *const table[][2] = {
		{ "a", "a" },
		{ "G", "G" },
		{ " ", "Space" },
		{ "\r", "Enter" },
		{ "\t", "Tab" },
		{ "\177", "Backspace" },
		{ "\b", "Backspace" },
		{ "\033", "Esc" },
		{ "\024", "Ctrl-T" },
		{ "\033d", "Alt-D" },
		{ "\0331", "Alt-1" },
		{ "\033[A", "Up" },
		{ "\033OB", "Down" },
		{ "\033[1;3D", "Alt-Left" },
		{ "\033[1;5C", "Ctrl-Right" },
		{ "\033[5~", "PgUp" },
		{ "\033[6;5~", "Ctrl-PgDn" },
		{ "\033[H", "Home" },
		{ "\033[4~", "End" },
		{ "\033[3~", "Delete" },
		{ "\033OP", "F1" },
		{ "\033[15~", "F5" },
		{ "\033[24~", "F12" },
		{ "\033[[E", "F5" },
		{ "\033[Z", "Shift-Tab" },
		{ "\303\251", "\303\251" },
		{ "\354\240\220", "\354\240\220" },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		assert_key(table[i][0], table[i][1]);
}

static void test_names_of_keys_are_read_back(void **state)
{
	(void)state;
	static const char *const names[] = { "a",   "Ctrl-T", "Alt-Left", "Shift-Tab",
					     "F12", "PgDn",   "Space",	  "?" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		uint32_t code;
		unsigned modifiers;
		char text[STROKE_NAME];
		assert_true(stroke_parse_name(names[i], strlen(names[i]), &code, &modifiers));
		assert_string_equal(stroke_name(code, modifiers, text), names[i]);
	}
	uint32_t code;
	unsigned modifiers;
	assert_false(stroke_parse_name("gt", 2, &code, &modifiers));
	assert_false(stroke_parse_name("F99", 3, &code, &modifiers));
}

static void test_sequences_wait_for_their_rest(void **state)
{
	(void)state;
	static const char *const beginnings[] = { "\033",  "\033[", "\033[1",	    "\033[1;", "\033[<0;1",
						  "\033O", "\303",  "\033[200~abc", "\033\303" };
	struct stroke s;

	for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++)
		assert_int_equal(stroke_read(beginnings[i], strlen(beginnings[i]), false, &s), 0);
	/* And none of them blocks for ever: at last each is taken as it is. */
	for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++)
		assert_int_not_equal(stroke_read(beginnings[i], strlen(beginnings[i]), true, &s), 0);
}

static void test_every_byte_string_is_taken(void **state)
{
	(void)state;
	unsigned seed = 4711;
	char bytes[64];

	for (int round = 0; round < 200000; round++) {
		size_t length = 1 + (seed >> 8) % (sizeof(bytes) - 1), at = 0;
		for (size_t i = 0; i < length; i++) {
			seed = seed * 1103515245u + 12345u;
			unsigned pick = seed >> 16;
			bytes[i] = pick % 3 == 0   ? '\033'
				   : pick % 3 == 1 ? "[<O;M~0123456789ABm"[pick / 3 % 19]
						   : (char)(pick >> 4);
		}
		while (at < length) {
			struct stroke s;
			size_t taken = stroke_read(bytes + at, length - at, true, &s);
			assert_in_range(taken, 1, length - at);
			if (s.kind == STROKE_KEY)
				assert_false(s.code < 0x110000 && utf8_is_control(s.code));
			at += taken;
		}
	}
}

static void test_mouse_and_paste(void **state)
{
	(void)state;
	size_t taken;
	struct stroke s = read_one("\033[<0;11;6M", &taken);

	assert_int_equal(s.kind, STROKE_PRESS);
	assert_int_equal(s.code, 1);
	assert_int_equal(s.column, 10);
	assert_int_equal(s.row, 5);
	assert_int_equal(read_one("\033[<0;11;6m", &taken).kind, STROKE_RELEASE);
	s = read_one("\033[<65;1;1M", &taken);
	assert_int_equal(s.kind, STROKE_WHEEL);
	assert_int_equal(s.code, STROKE_DOWN);
	s = read_one("\033[M !!", &taken);
	assert_int_equal(s.kind, STROKE_PRESS);
	s = read_one("\033[200~two\nlines\033[201~x", &taken);
	assert_int_equal(s.kind, STROKE_PASTE);
	assert_int_equal(s.length, 9);
	assert_memory_equal(s.text, "two\nlines", 9);
}

static void type_bytes(struct line_edit *e, const char *bytes)
{
	size_t length = strlen(bytes), at = 0;

	while (at < length) {
		struct stroke s;
		at += stroke_read(bytes + at, length - at, true, &s);
		line_edit_stroke(e, &s);
	}
}

static void test_line_is_edited(void **state)
{
	(void)state;
	static struct line_edit e;

	line_edit_set(&e, "", false);
	type_bytes(&e, "hello world");
	assert_string_equal(e.text, "hello world");
	type_bytes(&e, "\027"); /* Ctrl-W */
	assert_string_equal(e.text, "hello ");
	type_bytes(&e, "\001X\005Y"); /* Ctrl-A, Ctrl-E */
	assert_string_equal(e.text, "Xhello Y");
	type_bytes(&e, "\033[D\033[D\177");
	assert_string_equal(e.text, "Xhell Y");
	type_bytes(&e, "\025"); /* Ctrl-U */
	assert_string_equal(e.text, " Y");
	line_edit_set(&e, "replace me", true);
	type_bytes(&e, "x");
	assert_string_equal(e.text, "x");
	line_edit_finish(&e);
}

static void test_line_moves_by_whole_characters(void **state)
{
	(void)state;
	static struct line_edit e;

	line_edit_set(&e, "a\354\240\220e\314\201", false); /* a, a wide one, e with an accent */
	type_bytes(&e, "\177");
	assert_string_equal(e.text, "a\354\240\220");
	type_bytes(&e, "\177");
	assert_string_equal(e.text, "a");
	line_edit_insert(&e, "\033[31m\n\302\233", 8);
	assert_string_equal(e.text, "a[31m");
	line_edit_finish(&e);
}

static void test_line_remembers(void **state)
{
	(void)state;
	static struct line_edit e;

	line_edit_set(&e, "", false);
	type_bytes(&e, "first\r");
	line_edit_set(&e, "", false);
	type_bytes(&e, "second\r");
	line_edit_set(&e, "", false);
	type_bytes(&e, "draft\033[A");
	assert_string_equal(e.text, "second");
	type_bytes(&e, "\033[A\033[A");
	assert_string_equal(e.text, "first");
	type_bytes(&e, "\033[B\033[B");
	assert_string_equal(e.text, "draft");
	line_edit_finish(&e);
}

static void test_line_is_bounded(void **state)
{
	(void)state;
	static struct line_edit e;
	static char much[3 * LINE_EDIT_BYTES];

	memset(much, 'x', sizeof(much) - 1);
	line_edit_set(&e, much, false);
	assert_int_equal(e.length, LINE_EDIT_BYTES);
	line_edit_finish(&e);
}

static void row_text(const struct canvas *c, int row, char *out)
{
	for (int column = 0; column < c->columns; column++) {
		const struct cell *cell = &c->cells[row * c->columns + column];
		if (cell->width)
			out += utf8_encode(cell->text[0], out);
	}
	*out = '\0';
}

static void assert_row(const struct canvas *c, int row, const char *wanted)
{
	char text[256];

	row_text(c, row, text);
	assert_string_equal(text, wanted);
	assert_true(cell_check_row(&c->cells[row * c->columns], (unsigned)c->columns));
}

static void test_canvas_clips_and_shows_what_it_must_not_send(void **state)
{
	(void)state;
	struct canvas c = { 0 };

	assert_true(canvas_resize(&c, 12, 2));
	canvas_text(&c, 0, 0, 12, STYLE_PLAIN, "\033[31mred\a");
	assert_row(&c, 0, "^[[31mred^G ");
	canvas_text(&c, 1, 0, 12, STYLE_PLAIN, "\342\200\256x\302\233");
	assert_row(&c, 1, "<U+202E>x\342\200\246  ");
	canvas_text(&c, 0, 0, 12, STYLE_PLAIN, "much too long for that");
	assert_row(&c, 0, "much too lo\342\200\246");
	canvas_text(&c, 0, -3, 12, STYLE_PLAIN, "outside");
	canvas_text(&c, 7, 0, 12, STYLE_PLAIN, "outside");
	assert_int_equal(canvas_text(&c, 0, 11, 12, STYLE_PLAIN, "x"), 1);
	canvas_finish(&c);
}

static void test_canvas_never_halves_a_character(void **state)
{
	(void)state;
	struct canvas c = { 0 };

	assert_true(canvas_resize(&c, 6, 1));
	canvas_text(&c, 0, 0, 6, STYLE_PLAIN, "\354\240\220\354\240\220\354\240\220");
	assert_row(&c, 0, "\354\240\220\354\240\220\354\240\220");
	canvas_text(&c, 0, 1, 1, STYLE_PLAIN, "x");
	assert_row(&c, 0, " x\354\240\220\354\240\220");
	canvas_clear(&c, (struct area){ 0, 3, 1, 2 }, STYLE_PLAIN);
	assert_row(&c, 0, " x    ");
	canvas_text(&c, 0, 0, 3, STYLE_PLAIN, "\354\240\220\354\240\220");
	assert_row(&c, 0, "\354\240\220\342\200\246   ");
	canvas_finish(&c);
}

static void test_colors_are_the_nearest(void **state)
{
	(void)state;
	assert_int_equal(paint_color(COLOR_DEFAULT, 256), -1);
	assert_int_equal(paint_color(RGB(0xff0000), 256), 196);
	assert_int_equal(paint_color(RGB(0x808080), 256), 244);
	assert_int_equal(paint_color(RGB(0x000000), 256), 16);
	assert_int_equal(paint_color(RGB(0xff0000), 16), 9);
	assert_int_equal(paint_color(RGB(0x00ff00), 8), 2);
	for (uint32_t rgb = 0; rgb < 0x1000000; rgb += 0x10307) {
		assert_in_range(paint_color(RGB(rgb), 256), 16, 255);
		assert_in_range(paint_color(RGB(rgb), 16), 0, 15);
		assert_in_range(paint_color(RGB(rgb), 8), 0, 7);
	}
	for (unsigned i = 0; i < THEME_COUNT; i++)
		assert_in_range(paint_color(THEME(i), 8), 1, 7);
}

static void test_ascii_has_a_letter_for_everything(void **state)
{
	(void)state;
	for (uint32_t code_point = 0x20; code_point < 0x30000; code_point++)
		assert_in_range(paint_ascii(code_point), 0x20, 0x7e);
	assert_int_equal(paint_ascii(0x25cf), 'o');
	assert_int_equal(paint_ascii(0xe9), 'e');
	/* The dead, the hanging and a new tab are told apart. */
	assert_int_equal(paint_ascii(0x2020), '!');
	assert_int_equal(paint_ascii(0x25b2), '^');
	assert_int_equal(paint_ascii(0x4e00), '?');
}

static void test_lists_stay_within_bounds(void **state)
{
	(void)state;
	for (int count = 0; count < 12; count++)
		for (int seen = 1; seen < 6; seen++)
			for (int move = LIST_UP; move <= LIST_BOTTOM; move++)
				for (int start = 0; start < 12; start++) {
					struct list l = { start, start };
					l.marked += list_distance((enum list_move)move, count, seen);
					list_settle(&l, count, seen);
					assert_in_range(l.marked, 0, count ? count - 1 : 0);
					assert_true(l.top >= 0 && l.top <= l.marked &&
						    l.marked < l.top + seen);
				}
}

static void test_objects_are_taken_apart(void **state)
{
	(void)state;
	static const char json[] =
		"{\"a\":1,\"text\":\"x \\\"y\\\", {z}\",\"list\":[1,{\"b\":2}],\"end\":true}";
	struct lines l = { 0 };
	char value[64];

	assert_string_equal(lines_member(json, "a", value, sizeof(value)), "1");
	assert_string_equal(lines_member(json, "text", value, sizeof(value)), "x \"y\", {z}");
	assert_string_equal(lines_member(json, "list", value, sizeof(value)), "[1,{\"b\":2}]");
	assert_string_equal(lines_member(json, "b", value, sizeof(value)), "");
	assert_string_equal(lines_member("{}", "a", value, sizeof(value)), "");
	assert_string_equal(lines_member("{\"a", "a", value, sizeof(value)), "");
	lines_add_object(&l, STYLE_PLAIN, json);
	assert_int_equal(l.count, 4);
	lines_finish(&l);
	lines_wrap(&l, STYLE_PLAIN, 2, 12, "some words that take more than one line");
	assert_true(l.count > 3);
	for (int i = 0; i < l.count; i++)
		assert_true(canvas_width(l.items[i].text) <= 12);
	lines_finish(&l);
}

static void assert_grid(int columns, int rows, int count, int grid_columns, int grid_rows)
{
	struct tile_grid g = tile_grid_fit((struct area){ 3, 0, rows, columns }, count);

	assert_int_equal(g.columns, grid_columns);
	assert_int_equal(g.rows, grid_rows);
}

static void test_tiles_show_as_much_as_they_can(void **state)
{
	(void)state;
	assert_grid(58, 25, 1, 1, 1);
	assert_grid(58, 25, 2, 1, 2); /* long lines are worth more than many */
	assert_grid(58, 25, 4, 2, 2);
	assert_grid(110, 25, 3, 3, 1);
	assert_grid(110, 25, 4, 2, 2);
	assert_grid(212, 45, 2, 2, 1);
	assert_grid(59, 25, 300, 3, 4); /* as many as fit; the others come by scrolling */
	assert_grid(40, 6, 4, 2, 1);
	assert_grid(10, 2, 4, 1, 1);
	assert_grid(512, 256, 5000, 16, 16); /* no more than the GPU process draws */
}

/* Every tile lies within the area, and beside or below the others, whatever the sizes. */
static void test_tiles_lie_side_by_side(void **state)
{
	(void)state;
	for (int columns = 1; columns <= 200; columns += 7) {
		for (int rows = 1; rows <= 60; rows += 5) {
			for (int count = 1; count <= 60; count += 6) {
				struct area a = { 3, 5, rows, columns };
				struct tile_grid g = tile_grid_fit(a, count);
				struct area last = tile_grid_place(a, g, g.columns - 1, g.rows - 1);
				assert_int_equal(tile_grid_place(a, g, 0, 0).row, a.row);
				assert_int_equal(tile_grid_place(a, g, 0, 0).column, a.column);
				assert_int_equal(last.row + last.rows, a.row + rows);
				assert_int_equal(last.column + last.columns, a.column + columns);
				for (int i = 1; i < g.columns; i++) {
					struct area left = tile_grid_place(a, g, i - 1, 0);
					assert_int_equal(left.column + left.columns + TILE_GAP,
							 tile_grid_place(a, g, i, 0).column);
					assert_true(left.columns >= TILE_LEAST_COLUMNS);
				}
				for (int i = 1; i < g.rows; i++) {
					struct area above = tile_grid_place(a, g, 0, i - 1);
					assert_int_equal(above.row + above.rows,
							 tile_grid_place(a, g, 0, i).row);
					assert_true(above.rows >= TILE_LEAST_ROWS);
				}
			}
		}
	}
}

/* What a list shows, put in anywhere and dropped at the front, against a plain array. */

#define MODEL_MAX 20000

static struct shown_entry model[MODEL_MAX];
static int model_count;

static void model_insert(const struct shown_entry *entries, int n)
{
	for (int i = 0; i < n; i++) {
		int at = model_count++;
		for (; at > 0 && shown_before(entries[i], model[at - 1]); at--)
			model[at] = model[at - 1];
		model[at] = entries[i];
	}
}

static void model_remove_at(int at)
{
	memmove(model + at, model + at + 1, (size_t)(--model_count - at) * sizeof(*model));
}

static void expect_model(const struct shown *s)
{
	assert_int_equal(s->count, model_count);
	for (int i = 0; i < model_count; i++) {
		assert_int_equal(shown_at(s, i).sequence, model[i].sequence);
		assert_int_equal(shown_at(s, i).at_us, model[i].at_us);
	}
}

static void test_shown_keeps_its_order(void **state)
{
	struct shown s = { 0 };
	uint64_t sequence = 0, first = 0, random = 1;
	struct shown_entry batch[40];

	(void)state;
	model_count = 0;
	for (unsigned round = 0; round < 400; round++) {
		int n = 1 + (int)(random >> 33) % 40;
		for (int i = 0; i < n; i++) {
			random = random * 6364136223846793005u + 1442695040888963407u;
			/* New ones mostly at the end, some late, some far back. */
			uint64_t late = random >> 60 ? random >> 58 & 7 : (random >> 40) % 2000;
			uint64_t now = 3000 + round * 10;
			batch[i] = (struct shown_entry){ sequence++, now - late };
		}
		shown_sort(batch, n);
		assert_true(shown_insert(&s, batch, n));
		model_insert(batch, n);
		expect_model(&s);
		if (round % 5 == 0) {
			struct shown_entry gone[3] = { model[model_count / 3],
						       { sequence + 1, 1 },
						       model[model_count - 1] };
			model_remove_at(model_count - 1);
			if (model_count)
				model_remove_at((model_count + 1) / 3);
			shown_sort(gone, 3);
			shown_remove(&s, gone, 3);
			expect_model(&s);
		}
		first = sequence > 3000 ? sequence - 3000 : 0;
		shown_forget(&s, first);
		while (model_count && model[0].sequence < first)
			model_remove_at(0);
		expect_model(&s);
	}
	assert_int_equal(shown_find(&s, model[model_count / 2]), model_count / 2);
	assert_int_equal(shown_find(&s, (struct shown_entry){ UINT64_MAX, UINT64_MAX }), s.count);
	shown_finish(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys_are_read),
		cmocka_unit_test(test_names_of_keys_are_read_back),
		cmocka_unit_test(test_sequences_wait_for_their_rest),
		cmocka_unit_test(test_every_byte_string_is_taken),
		cmocka_unit_test(test_mouse_and_paste),
		cmocka_unit_test(test_line_is_edited),
		cmocka_unit_test(test_line_moves_by_whole_characters),
		cmocka_unit_test(test_line_remembers),
		cmocka_unit_test(test_line_is_bounded),
		cmocka_unit_test(test_canvas_clips_and_shows_what_it_must_not_send),
		cmocka_unit_test(test_canvas_never_halves_a_character),
		cmocka_unit_test(test_colors_are_the_nearest),
		cmocka_unit_test(test_ascii_has_a_letter_for_everything),
		cmocka_unit_test(test_lists_stay_within_bounds),
		cmocka_unit_test(test_tiles_show_as_much_as_they_can),
		cmocka_unit_test(test_tiles_lie_side_by_side),
		cmocka_unit_test(test_objects_are_taken_apart),
		cmocka_unit_test(test_shown_keeps_its_order),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
