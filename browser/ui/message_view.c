/*
 * The panes of an opened message and the keys that move in them. message_facts.c fills the left one,
 * message_tree.c grows what stands in the right one. See message_view.h.
 */
#include "browser/ui/message_view.h"
#include "browser/ui/action.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDE_COLUMNS 90 /* from here on the panes stand beside each other */
#define ROOM_COLUMNS 120

static const struct collector *history(const struct ui *ui)
{
	return ui->browser->collector;
}

bool message_is_shown(const struct ui *ui)
{
	return ui_has_room(ui, &message_room) ||
	       (ui->traffic.message.opened && ui->traffic_full && ui->layout.traffic.rows >= MESSAGE_LEAST);
}

void message_finish(struct message_view *m)
{
	free(m->rows);
}

void message_show(struct ui *ui, uint64_t sequence)
{
	struct message_view *m = &ui->traffic.message;

	if (m->sequence == sequence)
		return;
	m->sequence = sequence;
	m->top = 0;
	m->list.marked = -1;
}

/* A rule with the pane's name in it. */
static void draw_title(struct ui *ui, struct area rule, enum message_pane pane, const char *name)
{
	bool focused = ui->traffic.message.pane == pane;
	int at = rule.column + 1;

	canvas_repeat(&ui->canvas, rule.row, rule.column, rule.columns, STYLE_LINE, "─");
	canvas_format(&ui->canvas, rule.row, at, rule.columns - 2, focused ? STYLE_ACCENT : STYLE_BOLD,
		      "%s%s ", focused ? "▸" : " ", name);
}

static void click_pane(struct ui *ui, int number, const struct stroke *s)
{
	(void)s;
	ui->traffic.message.pane = (enum message_pane)number;
}

/* The left pane. */
static void draw_fields(struct ui *ui, struct area rule, struct area a, const struct traffic_event *e)
{
	struct message_view *m = &ui->traffic.message;
	struct lines lines = { 0 };
	char name[TRAFFIC_NAME_TEXT], title[TRAFFIC_NAME_TEXT + 24], place[40];

	/* Along a chain one comes to what the filter hides: then the list has no row of it. */
	snprintf(title, sizeof(title), "%s%s", e ? traffic_name(e, name) : "gone",
		 e && !traffic_has(&ui->traffic, e) ? " (not in the filter)" : "");
	draw_title(ui, rule, PANE_FIELDS, title);
	zone_add(ui, a, click_pane, PANE_FIELDS);
	if (e)
		message_add_facts(ui, &lines, e, a.columns - 2);
	else
		lines_format(&lines, STYLE_IDLE, "It is no longer in memory%s.",
			     ui->browser->log ? "; the log has it" : "");
	m->text_rows = lines.count;
	m->seen = a.rows;
	m->fields = a;
	m->top = m->top < m->text_rows - m->seen ? m->top : m->text_rows - m->seen;
	m->top = m->top > 0 ? m->top : 0;
	lines_draw(&lines, m->top, &ui->canvas, (struct area){ a.row, a.column + 1, a.rows, a.columns - 2 });
	if (lines.count > a.rows) {
		int last = m->top + a.rows;
		snprintf(place, sizeof(place), " %d-%d of %d ", m->top + 1,
			 last < lines.count ? last : lines.count, lines.count);
		canvas_text_right(&ui->canvas, rule.row, rule.column + rule.columns - 1, 20, STYLE_IDLE,
				  place);
	}
	lines_finish(&lines);
}

static struct style label_style(struct ui *ui, const struct traffic_event *e)
{
	if (e->kind == TRAFFIC_INPUT)
		return STYLE_ACCENT;
	if (e->kind == TRAFFIC_PROCESS && e->type == TRAFFIC_PROCESS_EXIT)
		return STYLE_DEATH;
	if (e->kind != TRAFFIC_MESSAGE)
		return STYLE_PLAIN;
	if (e->status == TRAFFIC_LOST || e->status == TRAFFIC_REFUSED)
		return STYLE_DEATH;
	return e->status == TRAFFIC_HELD ? STYLE_HANG : words_endpoint_style(ui, e->from);
}

static const char *label(const struct traffic_event *e, char *buf, size_t capacity)
{
	char name[TRAFFIC_NAME_TEXT], from[ENDPOINT_TEXT], to[ENDPOINT_TEXT];

	if (e->kind != TRAFFIC_MESSAGE)
		return words_event(e, buf, capacity);
	snprintf(buf, capacity, "%s  %s→%s", traffic_name(e, name),
		 words_endpoint_short(e->from, from, sizeof(from)),
		 words_endpoint_short(e->to, to, sizeof(to)));
	return buf;
}

/* What there is to say behind it: that it is the one, what became of it, how long after. */
static void draw_tail(struct ui *ui, struct area row, const struct traffic_event *e,
		      const struct traffic_event *here)
{
	int64_t us = (int64_t)(e->ts_us - here->ts_us);
	char text[64] = "← here";
	bool told = e->kind == TRAFFIC_MESSAGE && e->status != TRAFFIC_DELIVERED;

	if (e != here && told)
		snprintf(text, sizeof(text), "%s", traffic_status(e));
	else if (e != here && us > -1000000 && us < 1000000)
		snprintf(text, sizeof(text), "%+.2f ms", (double)us / 1e3);
	else if (e != here)
		snprintf(text, sizeof(text), "%+.2f s", (double)us / 1e6);
	canvas_text_right(&ui->canvas, row.row, row.column + row.columns, 14,
			  e == here ? STYLE_ACCENT
			  : told    ? label_style(ui, e)
				    : STYLE_IDLE,
			  text);
}

static void draw_branch(struct ui *ui, struct area row, const struct tree_row *branch,
			const struct traffic_event *here)
{
	const struct traffic_event *e = collector_event(history(ui), branch->sequence);
	char text[400], count[24];
	int used = canvas_text(&ui->canvas, row.row, row.column, row.columns, STYLE_LINE,
			       message_tree_prefix(branch, text));
	int at = row.column + used, room = row.columns - used - 12;

	room = room > 0 ? room : row.columns - used;
	if (branch->more) {
		canvas_format(&ui->canvas, row.row, at, row.columns - used, STYLE_IDLE, "… %s more",
			      words_count(branch->more, count, sizeof(count)));
		return;
	}
	if (!e)
		return;
	struct style s = label_style(ui, e);
	s.attributes |= e == here ? ATTRIBUTE_BOLD : 0;
	canvas_text(&ui->canvas, row.row, at, room, s, label(e, text, sizeof(text)));
	draw_tail(ui, row, e, here);
}

static void click_branch(struct ui *ui, int number, const struct stroke *s)
{
	struct message_view *m = &ui->traffic.message;
	bool again = m->pane == PANE_TREE && m->list.marked == number;
	(void)s;

	m->pane = PANE_TREE;
	m->list.marked = number;
	if (again)
		traffic_open(ui);
}

/* The right pane. */
static void draw_tree(struct ui *ui, struct area rule, struct area a, const struct traffic_event *e)
{
	struct message_view *m = &ui->traffic.message;

	draw_title(ui, rule, PANE_TREE, "Why, and what came of it");
	zone_add(ui, a, click_pane, PANE_TREE);
	if (!e || !m->rows)
		return;
	m->tree = a;
	m->tree_seen = a.rows;
	list_settle(&m->list, m->rows->count, a.rows);
	if (m->rows->is_cut)
		canvas_text_right(&ui->canvas, rule.row, rule.column + rule.columns - 1, 24, STYLE_IDLE,
				  " … and more before ");
	for (int i = 0; i < a.rows && m->list.top + i < m->rows->count; i++) {
		struct area row = { a.row + i, a.column + 1, 1, a.columns - 2 };
		draw_branch(ui, row, &m->rows->rows[m->list.top + i], e);
		if (m->pane == PANE_TREE && m->list.top + i == m->list.marked)
			canvas_restyle(&ui->canvas, row.row, row.column, row.columns, STYLE_REVERSE);
		zone_add(ui, row, click_branch, m->list.top + i);
	}
}

static void draw_beside(struct ui *ui, struct area a, const struct traffic_event *e)
{
	int left = a.columns / 2, row = a.row + 1, rows = a.rows - 1, at = a.column + left;

	draw_fields(ui, (struct area){ a.row, a.column, 1, left }, (struct area){ row, a.column, rows, left },
		    e);
	draw_tree(ui, (struct area){ a.row, at + 1, 1, a.columns - left - 1 },
		  (struct area){ row, at + 1, rows, a.columns - left - 1 }, e);
	canvas_text(&ui->canvas, a.row, at, 1, STYLE_LINE, "┬");
	for (int i = 0; i < rows; i++)
		canvas_text(&ui->canvas, row + i, at, 1, STYLE_LINE, "│");
}

static void draw_stacked(struct ui *ui, struct area a, const struct traffic_event *e)
{
	const struct message_tree *tree = ui->traffic.message.rows;
	int wanted = tree && tree->count > 2 ? tree->count : 2, most = (a.rows - 2) / 2;
	int upper = a.rows - 2 - (wanted < most ? wanted : most), rule = a.row + 1 + upper;

	draw_fields(ui, (struct area){ a.row, a.column, 1, a.columns },
		    (struct area){ a.row + 1, a.column, upper, a.columns }, e);
	draw_tree(ui, (struct area){ rule, a.column, 1, a.columns },
		  (struct area){ rule + 1, a.column, a.rows - upper - 2, a.columns }, e);
}

static void grow_tree(struct ui *ui, const struct traffic_event *e)
{
	struct message_view *m = &ui->traffic.message;
	struct chain *chain = traffic_chain(ui);

	if (!m->rows)
		m->rows = calloc(1, sizeof(*m->rows));
	if (!m->rows)
		return;
	if (e && chain)
		message_tree_grow(m->rows, history(ui), chain, e);
	else
		m->rows->count = 0;
	if (m->list.marked < 0)
		m->list = (struct list){ m->rows->here, 0 };
}

void message_draw(struct ui *ui, struct area a)
{
	const struct traffic_event *e = collector_event(history(ui), ui->traffic.message.sequence);

	grow_tree(ui, e);
	(a.columns >= WIDE_COLUMNS ? draw_beside : draw_stacked)(ui, a, e);
}

/* Keys */

bool message_move(struct ui *ui, enum list_move move)
{
	struct message_view *m = &ui->traffic.message;

	if (m->pane == PANE_LIST || !message_is_shown(ui))
		return false;
	if (m->pane == PANE_FIELDS) {
		m->top += list_distance(move, m->text_rows, m->seen);
		m->top = m->top > 0 ? m->top : 0;
	} else if (m->rows) {
		m->list.marked += list_distance(move, m->rows->count, m->tree_seen);
		list_settle(&m->list, m->rows->count, m->tree_seen);
	}
	return true;
}

bool message_scroll(struct ui *ui, int rows, int row, int column)
{
	struct message_view *m = &ui->traffic.message;

	if (!message_is_shown(ui))
		return false;
	if (area_has(m->fields, row, column)) {
		m->top += rows;
		m->top = m->top > 0 ? m->top : 0;
		return true;
	}
	if (!area_has(m->tree, row, column) || !m->rows)
		return false;
	m->list.marked += rows;
	list_settle(&m->list, m->rows->count, m->tree_seen);
	return true;
}

const struct traffic_event *message_marked(struct ui *ui)
{
	struct message_view *m = &ui->traffic.message;

	if (m->pane != PANE_TREE || !message_is_shown(ui) || !m->rows || m->list.marked < 0 ||
	    m->list.marked >= m->rows->count || m->rows->rows[m->list.marked].more)
		return NULL;
	return collector_event(history(ui), m->rows->rows[m->list.marked].sequence);
}

const struct traffic_event *message_opened(struct ui *ui)
{
	return message_is_shown(ui) ? collector_event(history(ui), ui->traffic.message.sequence) : NULL;
}

void message_next_pane(struct ui *ui, int step)
{
	struct message_view *m = &ui->traffic.message;
	int least = ui_has_room(ui, &message_room) ? PANE_FIELDS : PANE_LIST, panes = PANE_TREE - least + 1;

	if (message_is_shown(ui))
		m->pane = (enum message_pane)(least + ((int)m->pane - least + step + panes) % panes);
}

bool message_leave(struct ui *ui)
{
	struct message_view *m = &ui->traffic.message;

	if (!message_is_shown(ui))
		return false;
	if (m->pane != PANE_LIST)
		m->pane = PANE_LIST;
	else
		m->opened = false;
	return true;
}

/* The room over the screen, for the panel, which has no place for all that. */

static struct area room_area(const struct ui *ui)
{
	int columns = ui->canvas.columns, rows = ui->canvas.rows;
	int wide = columns < ROOM_COLUMNS + 4 ? columns : ROOM_COLUMNS;
	int tall = rows > 16 ? rows - 4 : rows - 1;

	return (struct area){ rows > 16 ? 2 : 0, (columns - wide) / 2, tall, wide };
}

static void leave(struct ui *ui, int number, const struct stroke *s)
{
	(void)number, (void)s;
	ui->traffic.message.pane = PANE_LIST;
	ui_close_room(ui);
}

static void swallow(struct ui *ui, int number, const struct stroke *s)
{
	(void)ui, (void)number, (void)s; /* a click on it is no click on what lies below */
}

static void room_draw(struct ui *ui)
{
	struct area a = room_area(ui);

	canvas_box(&ui->canvas, a, STYLE_LINE, "message");
	canvas_text(&ui->canvas, a.row, a.column + a.columns - 4, 3, STYLE_BOLD, " ✕ ");
	zone_add(ui, (struct area){ 0, 0, ui->canvas.rows, ui->canvas.columns }, leave, 0);
	zone_add(ui, a, swallow, 0);
	zone_add(ui, (struct area){ a.row, a.column + a.columns - 4, 1, 3 }, leave, 0);
	message_draw(ui, (struct area){ a.row + 1, a.column + 1, a.rows - 2, a.columns - 2 });
}

/* What can be done with a marked message can be done here, by the same keys. */
static void room_stroke(struct ui *ui, const struct stroke *s)
{
	struct message_view *m = &ui->traffic.message;
	enum list_move move;
	char name[STROKE_NAME];
	bool prefix;

	if (s->kind == STROKE_WHEEL)
		message_scroll(ui, s->code == STROKE_UP ? -3 : 3, s->row, s->column);
	if (s->kind != STROKE_KEY)
		return;
	if (s->code == STROKE_ESC || s->code == 'q' || (s->code == STROKE_ENTER && m->pane != PANE_TREE)) {
		leave(ui, 0, s);
		return;
	}
	if (s->code == STROKE_ENTER) {
		traffic_open(ui);
		return;
	}
	const struct action *a = action_of_keys(s, 1, IN_TRAFFIC, &prefix);

	if (a && (a->group == GROUP_MESSAGE || a->run == do_help))
		action_run(ui, a, "", "key", stroke_name(s->code, s->modifiers, name));
	else if (reader_move(s, &move))
		message_move(ui, move);
}

const struct room message_room = { "reading", "Tab other side  [ ] % along the chain  y copy  Esc back",
				   room_draw, room_stroke, false };

void message_begin(struct ui *ui)
{
	ui->traffic.message.pane = PANE_FIELDS;
	if (!ui_has_room(ui, &message_room))
		ui_open_room(ui, &message_room);
}
