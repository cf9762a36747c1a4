/* See sequence_view.h. browser/traffic/output/sequence_draw.c makes the cells that are coloured here. */
#include "browser/ui/sequence_view.h"
#include "browser/traffic/collect/collector.h"
#include "browser/ui/full_room.h"
#include "browser/ui/screen.h"
#include "common/utf8.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLOCK_COLUMNS 12 /* "+12.345678 s" */
#define STEP_COLUMNS  12 /* " +123.45 ms", and a blank */
#define FINE_COLUMNS  96 /* from here on there is room for both */

/* The window */

static const struct traffic_event *event_at(struct ui *ui, int place)
{
	return collector_event(ui->browser->collector, traffic_shown(ui, place));
}

static void fill_window(struct ui *ui, int marked)
{
	struct sequence_view *v = ui->sequence_view;
	int count = traffic_count(ui), first = marked - SEQUENCE_WINDOW / 2;

	first = first < count - SEQUENCE_WINDOW ? first : count - SEQUENCE_WINDOW;
	first = first > 0 ? first : 0;
	v->count = 0;
	for (int place = first; place < count && v->count < SEQUENCE_WINDOW; place++) {
		const struct traffic_event *e = event_at(ui, place);
		if (e && sequence_take(&v->sequence, e, &v->rows[v->count]))
			v->places[v->count++] = place;
	}
}

/* Lanes that have rows in the window, from the one that was scrolled to. */
static void lay_out(struct ui *ui, struct sequence_layout *l, int columns)
{
	struct sequence_view *v = ui->sequence_view;
	bool used[SEQUENCE_LANES] = { false };
	uint8_t lanes[SEQUENCE_LANES];
	const struct traffic_event *first = traffic_count(ui) ? event_at(ui, 0) : NULL;

	for (int i = 0; i < v->count; i++)
		if (v->rows[i].kind != SEQUENCE_NOTE)
			used[v->rows[i].from] = used[v->rows[i].to] = true;
	v->lanes = 0;
	for (unsigned i = 0; i < v->sequence.lane_count; i++)
		if (used[i])
			lanes[v->lanes++] = (uint8_t)i;
	v->fit = sequence_lanes_fit(columns);
	unsigned last = v->lanes > v->fit ? v->lanes - v->fit : 0;
	v->first_lane = v->first_lane < last ? v->first_lane : last;
	sequence_lay_out(l, &v->sequence, lanes + v->first_lane, v->lanes - v->first_lane, columns,
			 first ? first->ts_us : 0, false);
}

/* The row of the window that the mark is on, or the one behind it when it is on what has no row. */
static int marked_row(const struct sequence_view *v, int marked)
{
	int at = 0;

	while (at < v->count - 1 && v->places[at] < marked)
		at++;
	return at;
}

/* The first row to be drawn: where it was, as long as the mark is in sight. */
static int first_row(struct sequence_view *v, const struct sequence_layout *l, int marked, int lines)
{
	int at = marked, least = 0, used = 0;

	for (; at >= 0; at--) {
		used += (int)sequence_row_lines(l, &v->rows[at]);
		if (used > lines)
			break;
	}
	least = at + 1 <= marked ? at + 1 : marked; /* with the mark in the last line */
	at = 0;
	while (at < v->count - 1 && v->places[at] < v->top)
		at++;
	at = at > least ? at : least;
	return at < marked ? at : marked;
}

/* Drawing */

static struct style style_of(struct ui *ui, const struct sequence_cell *cell)
{
	struct endpoint lane = ui->sequence_view->sequence.lanes[cell->lane].endpoint;
	struct style hue = lane.role == ROLE_COUNT ? STYLE_ACCENT : words_endpoint_style(ui, lane);

	switch ((enum sequence_look)cell->look) {
	case SEQUENCE_HEAD:
		hue.attributes |= ATTRIBUTE_BOLD;
		return hue;
	case SEQUENCE_STEM:
		return hue;
	case SEQUENCE_LINE:
		return STYLE_LINE;
	case SEQUENCE_BAD:
		return STYLE_DEATH;
	case SEQUENCE_WAIT:
		return STYLE_HANG;
	case SEQUENCE_GOOD:
		return STYLE_GREEN;
	case SEQUENCE_CLOCK:
	case SEQUENCE_FAINT:
		return STYLE_IDLE;
	default:
		return STYLE_PLAIN;
	}
}

/* The view has finer times than the text of the log, and more room for them. */
static int extra_columns(int columns)
{
	return columns >= FINE_COLUMNS ? STEP_COLUMNS : 0;
}

static void draw_cells(struct ui *ui, int row, const struct sequence_cell *cells, int columns)
{
	char text[5];

	for (int i = 0; i < columns; i++) {
		if (!cells[i].code_point || cells[i].code_point == ' ' || cells[i].look == SEQUENCE_CLOCK)
			continue;
		text[utf8_encode(cells[i].code_point, text)] = '\0';
		canvas_text(&ui->canvas, row, i, columns - i < 2 ? 1 : 2, style_of(ui, &cells[i]), text);
	}
}

/* Since the first row, with as many digits as there is room for, so that neighbours differ; and since the
 * row before. before: NULL for the first. */
static void draw_clock(struct ui *ui, int row, const struct sequence_layout *l, const struct sequence_row *r,
		       const struct sequence_row *before)
{
	uint64_t us = r->ts_us > l->start_us ? r->ts_us - l->start_us : 0;
	int decimals = us < 100000000 ? 6 : us < UINT64_C(10000000000) ? 4 : 2;
	char text[40], step[32];

	if (us < 1000000)
		snprintf(text, sizeof(text), "+%.3f ms", (double)us / 1e3);
	else
		snprintf(text, sizeof(text), "+%.*f s", decimals, (double)us / 1e6);
	canvas_text_right(&ui->canvas, row, l->clock, CLOCK_COLUMNS, STYLE_IDLE, text);
	if (!before || l->clock + STEP_COLUMNS > ui->canvas.columns)
		return;
	us = r->ts_us > before->ts_us ? r->ts_us - before->ts_us : 0;
	if (us < 1000)
		snprintf(text, sizeof(text), "+%u µs", (unsigned)us);
	else
		snprintf(text, sizeof(text), "+%s", words_duration(us * 1000, step, sizeof(step)));
	canvas_text_right(&ui->canvas, row, l->clock + STEP_COLUMNS, STEP_COLUMNS, STYLE_IDLE, text);
}

static void click_row(struct ui *ui, int number, const struct stroke *s)
{
	bool again = ui->traffic.list.marked == number;
	const struct traffic_event *e = number < traffic_count(ui) ? event_at(ui, number) : NULL;
	(void)s;

	if (e)
		traffic_go(ui, e);
	if (again && e)
		message_begin(ui);
}

static void draw_rows(struct ui *ui, struct sequence_layout *l, struct area a)
{
	struct sequence_view *v = ui->sequence_view;
	struct sequence_cell cells[SEQUENCE_COLUMNS];
	int marked = marked_row(v, ui->traffic.list.marked), at = first_row(v, l, marked, a.rows), row = 0;

	v->top = v->places[at];
	for (int i = 0; i < at; i++)
		sequence_pass(l, &v->rows[i]);
	for (v->seen = 0; at < v->count; at++, v->seen++) {
		int lines = (int)sequence_row_lines(l, &v->rows[at]);
		if (row + lines > a.rows)
			break;
		for (int line = 0; line < lines; line++) {
			sequence_draw_row(l, &v->rows[at], (unsigned)line, cells);
			draw_cells(ui, a.row + row + line, cells, l->columns);
		}
		draw_clock(ui, a.row + row + lines - 1, l, &v->rows[at], at ? &v->rows[at - 1] : NULL);
		for (int line = 0; at == marked && line < lines; line++)
			canvas_restyle(&ui->canvas, a.row + row + line, 0, a.columns, STYLE_REVERSE);
		zone_add(ui, (struct area){ a.row + row, a.column, lines, a.columns }, click_row,
			 v->places[at]);
		sequence_pass(l, &v->rows[at]);
		row += lines;
	}
}

static void draw(struct ui *ui)
{
	struct sequence_view *v = ui->sequence_view;
	struct sequence_layout layout;
	struct sequence_cell cells[SEQUENCE_COLUMNS];
	char title[QUERY_TEXT + 32], right[80] = "";
	const char *filter = traffic_filter_text(ui);
	int columns = ui->canvas.columns < SEQUENCE_COLUMNS ? ui->canvas.columns : SEQUENCE_COLUMNS;

	fill_window(ui, ui->traffic.list.marked);
	lay_out(ui, &layout, columns - extra_columns(columns));
	if (v->lanes > v->fit)
		snprintf(right, sizeof(right), " lanes %u-%u of %u ← → ", v->first_lane + 1,
			 v->first_lane + v->fit, v->lanes);
	snprintf(title, sizeof(title), "sequence%s%s", *filter ? " of " : "", filter);
	snprintf(right + strlen(right), sizeof(right) - strlen(right), " %s ",
		 ui->traffic.paused ? "paused" : "following");
	struct area a = full_room_draw(ui, title, right);
	if (!v->count) {
		canvas_text(&ui->canvas, a.row, a.column + 1, a.columns - 1, STYLE_IDLE,
			    "nothing has passed the filter yet");
		return;
	}
	sequence_draw_head(&layout, cells);
	draw_cells(ui, a.row, cells, layout.columns);
	draw_rows(ui, &layout, (struct area){ a.row + 1, a.column, a.rows - 1, a.columns });
}

/* Keys */

static void move(struct ui *ui, enum list_move how, int times)
{
	int count = traffic_count(ui), distance = times * list_distance(how, count, ui->sequence_view->seen);

	if (how == LIST_TOP || how == LIST_BOTTOM) {
		traffic_move(ui, how);
		return;
	}
	for (; distance < 0; distance++)
		traffic_move(ui, LIST_UP);
	for (; distance > 0; distance--)
		traffic_move(ui, LIST_DOWN);
}

static void open_marked(struct ui *ui)
{
	struct sequence_view *v = ui->sequence_view;

	if (!v->count)
		return;
	const struct traffic_event *e = event_at(ui, v->places[marked_row(v, ui->traffic.list.marked)]);
	if (!e)
		return;
	traffic_go(ui, e);
	message_begin(ui);
}

static void stroke(struct ui *ui, const struct stroke *s)
{
	struct sequence_view *v = ui->sequence_view;
	enum list_move how;
	int times;

	if (full_room_move(s, &how, &times))
		move(ui, how, times);
	else if (s->kind != STROKE_KEY)
		return;
	else if (s->code == STROKE_ESC || s->code == 'q' || s->code == 's')
		ui_close_room(ui);
	else if (s->code == STROKE_ENTER)
		open_marked(ui);
	else if (s->code == STROKE_RIGHT || s->code == 'l')
		v->first_lane++; /* lay_out() knows the last */
	else if (s->code == STROKE_LEFT || s->code == 'h')
		v->first_lane -= v->first_lane > 0;
	else if (s->code == ' ')
		traffic_toggle_pause(ui);
	else if (s->code == '?' || s->code == STROKE_F0 + 1)
		help_begin(ui);
}

const struct room sequence_room = { "sequence", "Enter open  ← → lanes  Space pause  Esc back", draw, stroke,
				    false };

void sequence_view_begin(struct ui *ui)
{
	if (!ui->sequence_view)
		ui->sequence_view = malloc(sizeof(*ui->sequence_view));
	if (!ui->sequence_view)
		return;
	*ui->sequence_view = (struct sequence_view){ 0 };
	sequence_init(&ui->sequence_view->sequence);
	layout_focus(ui, IN_TRAFFIC);
	if (!ui_has_room(ui, &sequence_room))
		ui_open_room(ui, &sequence_room);
}

void sequence_view_finish(struct ui *ui)
{
	free(ui->sequence_view);
	ui->sequence_view = NULL;
}
