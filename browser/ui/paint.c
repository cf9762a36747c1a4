/* See paint.h. colors.c finds the colours, ascii.c the plain letters. */
#include "browser/ui/paint.h"
#include <curses.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define PAIR_SIDE 257 /* 256 colours and the terminal's own */

bool painter_init(struct painter *p, bool use_colors, bool ascii)
{
	*p = (struct painter){ .ascii = ascii, .next_pair = 1 };
	if (!use_colors || !has_colors() || start_color() == ERR)
		return true;
	p->colors = COLORS >= 256 ? 256 : COLORS >= 16 ? 16 : COLORS >= 8 ? 8 : 0;
	/* Where the terminal's own colours cannot be asked for, they are taken to be white on black. */
	use_default_colors();
	p->max_pairs = COLOR_PAIRS;
	p->pairs = calloc(PAIR_SIDE * PAIR_SIDE, sizeof(*p->pairs));
	return p->pairs;
}

void painter_finish(struct painter *p)
{
	canvas_finish(&p->shown);
	free(p->pairs);
	p->pairs = NULL;
}

bool painter_reset(struct painter *p, int columns, int rows)
{
	if (!canvas_resize(&p->shown, columns, rows))
		return false;
	/* No cell that is ever drawn looks like this one, so that all of them differ. */
	memset(p->shown.cells, 0xff, (size_t)columns * (size_t)rows * sizeof(*p->shown.cells));
	return true;
}

static int pair_for(struct painter *p, uint32_t foreground, uint32_t background)
{
	if (!p->colors || (foreground == COLOR_DEFAULT && background == COLOR_DEFAULT))
		return 0;
	int front = paint_color(foreground, p->colors), back = paint_color(background, p->colors);
	int *pair = &p->pairs[(front + 1) * PAIR_SIDE + back + 1];
	if (*pair)
		return *pair;
	if (p->next_pair >= p->max_pairs) {
		p->pairs_ran_out = true;
		return 0;
	}
	if (init_extended_pair(p->next_pair, front, back) == ERR)
		return 0;
	return *pair = p->next_pair++;
}

/* A photograph may use up the pairs: begin anew with the next frame, which draws everything. */
static void forget_pairs(struct painter *p)
{
	memset(p->pairs, 0, PAIR_SIDE * PAIR_SIDE * sizeof(*p->pairs));
	p->next_pair = 1;
	p->pairs_ran_out = false;
	painter_reset(p, p->shown.columns, p->shown.rows);
}

static attr_t curses_attributes(uint8_t attributes)
{
	static const struct {
		uint8_t bit;
		attr_t attribute;
	} table[] = {
		{ ATTRIBUTE_BOLD, A_BOLD },
		{ ATTRIBUTE_ITALIC, A_ITALIC },
		{ ATTRIBUTE_UNDERLINE, A_UNDERLINE },
		{ ATTRIBUTE_REVERSE, A_REVERSE },
		{ ATTRIBUTE_DIM, A_DIM },
	};
	attr_t result = A_NORMAL;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (attributes & table[i].bit)
			result |= table[i].attribute;
	return result;
}

static void cell_text(const struct painter *p, const struct cell *cell, wchar_t text[CELL_CODE_POINTS + 1])
{
	unsigned n = 0;

	text[0] = L'\0';
	while (n < CELL_CODE_POINTS && cell->text[n])
		text[n] = (wchar_t)cell->text[n], n++;
	if (p->ascii && text[0] > 0x7e) {
		text[0] = (wchar_t)paint_ascii(cell->text[0]);
		n = 1;
	}
	text[p->ascii ? 1 : n] = L'\0';
}

/* Columns [from, to) of a row, which cut no wide character. */
static void draw_stretch(struct painter *p, const struct cell *cells, int row, int from, int to)
{
	cchar_t out[GRID_MAX_COLUMNS * 2];
	int n = 0;

	for (int column = from; column < to && n < (int)(sizeof(out) / sizeof(out[0])) - 1; column++) {
		const struct cell *cell = &cells[column];
		wchar_t text[CELL_CODE_POINTS + 1];
		if (cell->width == 0)
			continue;
		int pair = pair_for(p, cell->foreground, cell->background);
		cell_text(p, cell, text);
		setcchar(&out[n++], text, curses_attributes(cell->attributes), (short)pair, &pair);
		if (p->ascii && cell->width == 2)
			out[n] = out[n - 1], n++;
	}
	mvadd_wchnstr(row, from, out, n);
}

static bool draw_row(struct painter *p, const struct cell *now, struct cell *before, int row, int columns)
{
	int from = 0, to = columns;

	while (from < columns && memcmp(&now[from], &before[from], sizeof(*now)) == 0)
		from++;
	if (from == columns)
		return false;
	while (memcmp(&now[to - 1], &before[to - 1], sizeof(*now)) == 0)
		to--;
	while (from > 0 && (now[from].width == 0 || before[from].width == 0))
		from--;
	while (to < columns && (now[to].width == 0 || before[to].width == 0))
		to++;
	draw_stretch(p, now, row, from, to);
	memcpy(&before[from], &now[from], (size_t)(to - from) * sizeof(*now));
	return true;
}

bool painter_draw(struct painter *p, const struct canvas *c)
{
	bool drew = false;

	if (c->columns != p->shown.columns || c->rows != p->shown.rows)
		return false;
	for (int row = 0; row < c->rows; row++) {
		size_t at = (size_t)row * (size_t)c->columns;
		drew |= draw_row(p, &c->cells[at], &p->shown.cells[at], row, c->columns);
	}
	if (drew)
		wnoutrefresh(stdscr);
	if (p->pairs_ran_out)
		forget_pairs(p);
	return drew;
}
