/* Text over the screen, to be read and scrolled: help, a process's report. Declared in screen.h.
 */
#include "browser/ui/screen.h"
#include <stdio.h>
#include <string.h>

#define READER_COLUMNS 100

static struct area reader_area(const struct ui *ui)
{
	int columns = ui->canvas.columns, rows = ui->canvas.rows;
	int wide = columns < READER_COLUMNS + 4 ? columns : READER_COLUMNS;
	int tall = rows > 16 ? rows - 4 : rows - 1;

	return (struct area){ rows > 16 ? 2 : 0, (columns - wide) / 2, tall, wide };
}

static void swallow(struct ui *ui, int number, const struct stroke *s)
{
	(void)ui, (void)number, (void)s; /* a click on it is no click on what lies below */
}

static void leave(struct ui *ui, int number, const struct stroke *s)
{
	(void)number, (void)s;
	ui_close_room(ui);
}

static void reader_draw(struct ui *ui)
{
	struct reader *r = &ui->reader;
	struct area a = reader_area(ui), in = { a.row + 1, a.column + 2, a.rows - 2, a.columns - 4 };
	struct lines lines = { 0 };
	char place[40];

	canvas_box(&ui->canvas, a, STYLE_LINE, r->title);
	canvas_text(&ui->canvas, a.row, a.column + a.columns - 4, 3, STYLE_BOLD, " ✕ ");
	zone_add(ui, (struct area){ 0, 0, ui->canvas.rows, ui->canvas.columns }, leave, 0);
	zone_add(ui, a, swallow, 0);
	zone_add(ui, (struct area){ a.row, a.column + a.columns - 4, 1, 3 }, leave, 0);
	r->fill(ui, &lines, in.columns);
	for (int i = 0; r->begin_at && i < lines.count; i++) {
		if (strcmp(lines.items[i].text, r->begin_at) == 0) {
			r->top = i;
			r->begin_at = NULL;
		}
	}
	r->count = lines.count;
	r->seen = in.rows;
	r->top = r->top < r->count - r->seen ? r->top : r->count - r->seen;
	r->top = r->top > 0 ? r->top : 0;
	lines_draw(&lines, r->top, &ui->canvas, in);
	if (r->count > r->seen) {
		int last = r->top + r->seen;
		snprintf(place, sizeof(place), " %d-%d of %d ", r->top + 1, last < r->count ? last : r->count,
			 r->count);
		canvas_text_right(&ui->canvas, a.row + a.rows - 1, a.column + a.columns - 2, 30, STYLE_IDLE,
				  place);
	}
	lines_finish(&lines);
}

static const struct {
	uint32_t code;
	enum list_move move;
} moves[] = {
	{ STROKE_UP, LIST_UP },
	{ 'k', LIST_UP },
	{ STROKE_DOWN, LIST_DOWN },
	{ 'j', LIST_DOWN },
	{ STROKE_PAGE_UP, LIST_PAGE_UP },
	{ 'b', LIST_PAGE_UP },
	{ 'u', LIST_HALF_UP },
	{ 'd', LIST_HALF_DOWN },
	{ STROKE_PAGE_DOWN, LIST_PAGE_DOWN },
	{ ' ', LIST_PAGE_DOWN },
	{ 'g', LIST_TOP },
	{ STROKE_HOME, LIST_TOP },
	{ 'G', LIST_BOTTOM },
	{ STROKE_END, LIST_BOTTOM },
};

bool reader_move(const struct stroke *s, enum list_move *move)
{
	for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++) {
		if (moves[i].code == s->code && !s->modifiers) {
			*move = moves[i].move;
			return true;
		}
	}
	return false;
}

static void reader_stroke(struct ui *ui, const struct stroke *s)
{
	struct reader *r = &ui->reader;
	enum list_move move;

	if (s->kind == STROKE_WHEEL)
		r->top += s->code == STROKE_UP ? -3 : 3;
	if (s->kind != STROKE_KEY)
		return;
	/* The key of the help leaves only the help. */
	bool help_key = s->code == '?' || s->code == STROKE_F0 + 1;
	if (s->code == STROKE_ESC || s->code == 'q' || s->code == STROKE_ENTER ||
	    (help_key && strcmp(r->title, "help") == 0)) {
		ui_close_room(ui);
		return;
	}
	if (reader_move(s, &move))
		r->top += list_distance(move, r->count, r->seen);
	r->top = r->top < r->count ? r->top : r->count;
	r->top = r->top > 0 ? r->top : 0;
}

const struct room reader_room = { "reading", "↑↓ PgUp PgDn  Esc back", reader_draw, reader_stroke, false };

void reader_begin(struct ui *ui, const char *title, void (*fill)(struct ui *, struct lines *, int columns))
{
	ui->reader.title = title;
	ui->reader.fill = fill;
	ui->reader.top = 0;
	ui->reader.begin_at = NULL;
	if (!ui_has_room(ui, &reader_room))
		ui_open_room(ui, &reader_room);
}
