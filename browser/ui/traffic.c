/*
 * The traffic panel: where its parts are, what is marked, and the keys that move in it. traffic_look.c says
 * what is in its list. See traffic.h.
 */
#include "browser/ui/traffic.h"
#include "browser/ui/screen.h"
#include <stdlib.h>

static const struct collector *history(const struct ui *ui)
{
	return ui->browser->collector;
}

static struct shown_entry entry_of(const struct traffic_event *e)
{
	return (struct shown_entry){ e->sequence, e->ts_us };
}

/* The row that is marked from now on, and seen where it was. */
static void mark(struct ui *ui, int index)
{
	struct traffic_panel *t = &ui->traffic;

	index = index < t->shown.count ? index : t->shown.count - 1;
	t->list.marked = index > 0 ? index : 0;
	if (index < 0)
		return;
	t->place = shown_at(&t->shown, t->list.marked);
	message_show(ui, t->place.sequence);
}

/* While it follows, the mark is on the newest message: the keys that led here are no news. */
static void follow(struct ui *ui)
{
	struct traffic_panel *t = &ui->traffic;
	int at = t->shown.count - 1, seen = ui->layout.traffic.rows - 2; /* the head and heading, at most */
	int least = seen > 0 && t->shown.count > seen ? t->shown.count - seen : 0;

	for (; at >= least; at--) {
		const struct traffic_event *e =
			collector_event(history(ui), shown_at(&t->shown, at).sequence);
		if (e && e->kind == TRAFFIC_MESSAGE)
			break;
	}
	mark(ui, at >= least ? at : t->shown.count - 1);
	t->list.top = t->shown.count; /* list_settle() makes of it what shows the end */
}

static void find_place(struct ui *ui)
{
	struct traffic_panel *t = &ui->traffic;
	int at = shown_find(&t->shown, t->place);

	t->list.marked = at < t->shown.count ? at : t->shown.count - 1;
	t->list.top = t->list.marked - t->row;
}

static void on_more(void *arg)
{
	ui_redraw(arg);
}

void traffic_update(struct ui *ui)
{
	struct traffic_panel *t = &ui->traffic;

	if (!traffic_look(ui))
		task_schedule(&t->more, 0);
	if (t->paused)
		find_place(ui);
	else
		follow(ui);
}

void traffic_begin_list(struct ui *ui)
{
	if (!ui->traffic.shown.count)
		traffic_update(ui);
}

struct chain *traffic_chain(struct ui *ui)
{
	struct traffic_panel *t = &ui->traffic;

	if (!t->chain)
		t->chain = chain_create(history(ui));
	if (t->chain)
		chain_update(t->chain);
	return t->chain;
}

void traffic_init(struct ui *ui)
{
	ui->traffic.candidate = -1;
	task_init(&ui->traffic.more, on_more, ui);
}

void traffic_finish(struct traffic_panel *t)
{
	traffic_export_finish(t);
	traffic_forget_question(&t->question);
	shown_finish(&t->shown);
	free(t->open);
	free(t->marks);
	chain_destroy(t->chain);
	message_finish(&t->message);
	line_edit_finish(&t->edit);
	task_finish(&t->more);
	*t = (struct traffic_panel){ 0 };
}

void traffic_pause(struct ui *ui, bool paused)
{
	struct traffic_panel *t = &ui->traffic;

	if (paused == t->paused)
		return;
	traffic_begin_list(ui);
	t->paused = paused;
	t->pause_stays = false;
	t->fresh = t->gone = 0;
	if (paused && t->shown.count)
		t->settled = shown_at(&t->shown, t->shown.count - 1);
	ui_redraw(ui);
}

void traffic_toggle_pause(struct ui *ui)
{
	traffic_pause(ui, !ui->traffic.paused);
	ui->traffic.pause_stays = ui->traffic.paused;
}

/* Drawing */

static bool has_heading(const struct ui *ui)
{
	return ui->traffic_full && ui->layout.traffic.columns >= 84 && ui->layout.traffic.rows > 6;
}

/* Below the list, when a message is opened there. */
static struct area message_area(struct ui *ui)
{
	struct area a = ui->layout.traffic;
	bool opened = ui->traffic.message.opened && ui->traffic_full && a.rows >= MESSAGE_LEAST;
	int rows = opened ? a.rows * 3 / 5 : 0;

	return (struct area){ a.row + a.rows - rows, a.column, rows, a.columns };
}

static struct area rows_area(struct ui *ui)
{
	struct area a = ui->layout.traffic;
	int below = message_area(ui).rows, above = traffic_head_rows(ui, a.rows - below) + has_heading(ui);

	return (struct area){ a.row + above, a.column, a.rows - above - below, a.columns };
}

static void click_row(struct ui *ui, int number, const struct stroke *s)
{
	struct traffic_panel *t = &ui->traffic;
	bool again = ui->focus == IN_TRAFFIC && t->list.marked == number;
	(void)s;

	layout_focus(ui, IN_TRAFFIC);
	t->message.pane = PANE_LIST;
	traffic_pause(ui, true);
	mark(ui, number);
	t->row = t->list.marked - t->list.top;
	if (again)
		traffic_open(ui);
}

static const struct traffic_event *event_at(const struct ui *ui, int index)
{
	const struct shown *shown = &ui->traffic.shown;

	return index < 0 || index >= shown->count
		       ? NULL
		       : collector_event(history(ui), shown_at(shown, index).sequence);
}

static void draw_rows(struct ui *ui, struct area a)
{
	struct traffic_panel *t = &ui->traffic;
	bool has_keys = ui->focus == IN_TRAFFIC && t->message.pane == PANE_LIST;

	for (int i = 0; i < a.rows && t->list.top + i < t->shown.count; i++) {
		const struct traffic_event *e = event_at(ui, t->list.top + i);
		struct area row = { a.row + i, a.column, 1, a.columns };
		if (e)
			traffic_draw_row(ui, row, e, event_at(ui, t->list.top + i - 1));
		if (has_keys && t->list.top + i == t->list.marked)
			canvas_restyle(&ui->canvas, row.row, row.column, row.columns, STYLE_REVERSE);
		else if (t->message.opened && e && e->sequence == t->message.sequence)
			canvas_text(&ui->canvas, row.row, row.column, 1, STYLE_ACCENT, "▸");
		zone_add(ui, row, click_row, t->list.top + i);
	}
}

void traffic_draw(struct ui *ui)
{
	struct traffic_panel *t = &ui->traffic;
	struct area a = ui->layout.traffic, rows;

	if (a.rows <= 0)
		return;
	rows = rows_area(ui);
	traffic_draw_head(ui,
			  (struct area){ a.row, a.column, rows.row - a.row - has_heading(ui), a.columns });
	if (has_heading(ui))
		traffic_draw_heading(ui, (struct area){ rows.row - 1, a.column, 1, a.columns });
	if (!t->shown.count && t->question.text[0] && !t->more.pending)
		canvas_text(&ui->canvas, rows.row, a.column + 1, a.columns - 1, STYLE_IDLE,
			    t->pings_would_do ? "nothing matches (pings hidden, P shows)"
					      : "nothing matches");
	list_settle(&t->list, t->shown.count, rows.rows);
	t->row = t->list.marked - t->list.top;
	draw_rows(ui, rows);
	if (message_area(ui).rows)
		message_draw(ui, message_area(ui));
}

/* To move is to look, and what one looks at must not run away. The end is where following begins again. */
static void moved(struct ui *ui)
{
	struct traffic_panel *t = &ui->traffic;

	list_settle(&t->list, t->shown.count, rows_area(ui).rows);
	t->row = t->list.marked - t->list.top;
	mark(ui, t->list.marked);
	traffic_pause(ui, t->pause_stays || t->list.marked < t->shown.count - 1);
}

void traffic_move(struct ui *ui, enum list_move move)
{
	struct traffic_panel *t = &ui->traffic;
	bool down = move == LIST_DOWN || move == LIST_PAGE_DOWN || move == LIST_HALF_DOWN;

	if (message_move(ui, move))
		return;
	traffic_begin_list(ui);
	if (down && (!t->paused || t->list.marked == t->shown.count - 1))
		return;
	t->list.marked += list_distance(move, t->shown.count, rows_area(ui).rows);
	if (!down) {
		moved(ui);
		return;
	}
	list_settle(&t->list, t->shown.count, rows_area(ui).rows);
	t->row = t->list.marked - t->list.top;
	mark(ui, t->list.marked);
}

void traffic_scroll(struct ui *ui, int rows, int row, int column)
{
	if (message_scroll(ui, rows, row, column))
		return;
	traffic_begin_list(ui);
	if (rows > 0 && !ui->traffic.paused)
		return;
	ui->traffic.list.marked += rows;
	moved(ui);
}

void traffic_go(struct ui *ui, const struct traffic_event *e)
{
	struct traffic_panel *t = &ui->traffic;
	struct area rows = rows_area(ui);

	traffic_pause(ui, true);
	t->place = entry_of(e);
	find_place(ui);
	/* A jump ends with something around it to be seen. */
	if (t->list.marked < t->list.top || t->row > rows.rows - 2 || t->row < 1)
		t->row = rows.rows / 2;
	t->list.top = t->list.marked - t->row;
	message_show(ui, e->sequence);
}

void traffic_open(struct ui *ui)
{
	struct traffic_panel *t = &ui->traffic;
	const struct traffic_event *wanted = message_marked(ui), *e;

	traffic_begin_list(ui);
	e = traffic_marked(ui);
	if (wanted) {
		traffic_go(ui, wanted);
		return;
	}
	if (!e)
		return;
	traffic_pause(ui, true);
	message_show(ui, e->sequence);
	if (!ui->traffic_full || ui->layout.traffic.rows < MESSAGE_LEAST)
		message_begin(ui);
	else if (t->message.opened)
		message_next_pane(ui, -1); /* from the list to the tree, where Enter leads along */
	t->message.opened = true;
}

/* For others */

int traffic_count(const struct ui *ui)
{
	return ui->traffic.shown.count;
}

uint64_t traffic_shown(const struct ui *ui, int index)
{
	return shown_at(&ui->traffic.shown, index).sequence;
}

bool traffic_has(const struct traffic_panel *t, const struct traffic_event *e)
{
	int at = shown_find(&t->shown, entry_of(e));

	return at < t->shown.count && shown_at(&t->shown, at).sequence == e->sequence;
}

const char *traffic_filter_text(const struct ui *ui)
{
	return ui->traffic.question.text;
}

const struct traffic_event *traffic_marked(const struct ui *ui)
{
	return event_at(ui, ui->traffic.list.marked);
}
