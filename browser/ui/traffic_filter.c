/* The head of the traffic panel, with the filter, and where that is typed. See traffic.h. */
#include "browser/ui/screen.h"
#include <stdio.h>

/* The filter and what it leaves, above the rows; while it is typed, the editor. */
void traffic_draw_head(struct ui *ui, struct area row)
{
	struct traffic_panel *t = &ui->traffic;
	struct canvas *c = &ui->canvas;
	char counts[120], shown[24], seen[24], lost[24];
	bool wide = row.columns >= 84 && !t->pings;

	snprintf(counts, sizeof(counts), "%s%s of %s  %s lost", wide ? "pings hidden, P shows   " : "",
		 words_count((uint64_t)t->count, shown, sizeof(shown)),
		 words_count(t->seen, seen, sizeof(seen)), words_count(t->lost, lost, sizeof(lost)));
	int used =
		canvas_text_right(c, row.row, row.column + row.columns, row.columns / 2, STYLE_IDLE, counts);
	canvas_text(c, row.row, row.column, 8, STYLE_IDLE, "filter ");
	zone_add_action(ui, (struct area){ row.row, row.column, 1, row.columns - used }, "filter", "");
	int room = row.columns - 7 - used - 1;
	if (!ui_has_room(ui, &filter_room)) {
		canvas_text(c, row.row, row.column + 7, room, t->filter[0] ? STYLE_BOLD : STYLE_IDLE,
			    t->filter[0] ? t->filter : "none");
		return;
	}
	ui->cursor_row = row.row;
	ui->cursor_column = line_edit_draw(&t->edit, c, row.row, row.column + 7, room,
					   STYLE(COLOR_DEFAULT, ATTRIBUTE_UNDERLINE));
}

void filter_begin(struct ui *ui)
{
	layout_focus(ui, IN_TRAFFIC);
	line_edit_set(&ui->traffic.edit, ui->traffic.filter, true);
	ui_open_room(ui, &filter_room);
}

/* The list follows the typing. */
static void filter_stroke(struct ui *ui, const struct stroke *s)
{
	struct line_edit *e = &ui->traffic.edit;
	enum line_result result = s->kind == STROKE_PRESS ? LINE_ENTERED : line_edit_stroke(e, s);

	if (result == LINE_CHANGED)
		traffic_set_filter(ui, e->text);
	if (result == LINE_LEFT)
		traffic_set_filter(ui, "");
	if (result == LINE_ENTERED || result == LINE_LEFT)
		ui_close_room(ui);
}

static void draw_nothing(struct ui *ui)
{
	(void)ui; /* the panel shows the editor in its own place */
}

const struct room filter_room = { "filter", "Enter keep  Esc show all", draw_nothing, filter_stroke, false };
