/* See full_room.h. browser/ui/statistics_view.c and sequence_view.c are such views. */
#include "browser/ui/full_room.h"
#include "browser/ui/screen.h"

#define WHEEL_ROWS 3

static void swallow(struct ui *ui, int number, const struct stroke *s)
{
	(void)ui, (void)number, (void)s; /* what lies below is not there */
}

struct area full_room_draw(struct ui *ui, const char *title, const char *right)
{
	struct canvas *c = &ui->canvas;
	struct layout *l = &ui->layout;
	int columns = c->columns, top = l->rule.row, rows = l->status.row - top;

	zone_add(ui, (struct area){ 0, 0, c->rows, columns }, swallow, 0);
	canvas_clear(c, (struct area){ top, 0, rows, columns }, STYLE_PLAIN);
	canvas_repeat(c, top, 0, columns, STYLE_LINE, "─");
	if (l->bottom_rule)
		canvas_repeat(c, l->status.row - 1, 0, columns, STYLE_LINE, "─");
	int used = canvas_text_right(c, top, columns - 1, columns * 2 / 3, STYLE_IDLE, right);
	canvas_format(c, top, 1, columns - used - 3, STYLE_ACCENT, "▸%s ", title);
	return (struct area){ top + 1, 0, rows - 1 - l->bottom_rule, columns };
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
	{ STROKE_PAGE_DOWN, LIST_PAGE_DOWN },
	{ 'u', LIST_HALF_UP },
	{ 'd', LIST_HALF_DOWN },
	{ 'g', LIST_TOP },
	{ STROKE_HOME, LIST_TOP },
	{ 'G', LIST_BOTTOM },
	{ STROKE_END, LIST_BOTTOM },
};

bool full_room_move(const struct stroke *s, enum list_move *move, int *times)
{
	*times = 1;
	if (s->kind == STROKE_WHEEL) {
		*move = s->code == STROKE_UP ? LIST_UP : LIST_DOWN;
		*times = WHEEL_ROWS;
		return true;
	}
	for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++) {
		if (s->kind == STROKE_KEY && moves[i].code == s->code && !s->modifiers) {
			*move = moves[i].move;
			return true;
		}
	}
	return false;
}
