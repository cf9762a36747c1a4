/* See statistics_view.h. statistics_columns.c draws the rows; browser/traffic/output/statistics.c counts. */
#include "browser/ui/statistics_view.h"
#include "browser/traffic/collect/collector.h"
#include "browser/ui/full_room.h"
#include "browser/ui/screen.h"
#include "browser/ui/statistics_columns.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLICE_NS   UINT64_C(2000000)
#define LOOK_EVERY 64 /* events between two looks at the clock */

/* Counting */

static void remember(struct statistics_view *v, uint64_t sequence, unsigned parts)
{
	if (v->open_count == STATISTICS_OPEN) {
		v->open_count -= STATISTICS_OPEN / 4;
		memmove(v->open, v->open + STATISTICS_OPEN / 4, v->open_count * sizeof(*v->open));
	}
	v->open[v->open_count++] = (struct statistics_open){ sequence, (uint8_t)parts };
}

/* Count of it what is known and not counted yet, if it passes. Returns what is to be counted later. */
static unsigned count_event(struct ui *ui, const struct traffic_event *e, unsigned parts)
{
	unsigned later = parts & statistics_unknown(e);
	bool begun = !(parts & STATISTICS_SENT);

	/* What passes when it is sent is counted to its end; what does not may pass when more is known. */
	if (begun || traffic_passes(ui, e))
		return statistics_add(ui->statistics_view->statistics, e, parts);
	statistics_answer(ui->statistics_view->statistics, e);
	return later ? parts : 0;
}

static void count_open(struct ui *ui)
{
	struct statistics_view *v = ui->statistics_view;
	unsigned kept = 0;

	for (unsigned i = 0; i < v->open_count; i++) {
		struct statistics_open *o = &v->open[i];
		const struct traffic_event *e = collector_event(ui->browser->collector, o->sequence);
		unsigned parts = e ? count_event(ui, e, o->parts) : 0;
		if (parts)
			v->open[kept++] = (struct statistics_open){ o->sequence, (uint8_t)parts };
	}
	v->open_count = kept;
}

/* false: time is up. */
static bool count_new(struct ui *ui)
{
	struct statistics_view *v = ui->statistics_view;
	const struct collector *c = ui->browser->collector;
	uint64_t until_ns = recorder_now() + SLICE_NS, first = collector_first(c);

	if (v->looked_at < first) {
		v->missed += first - v->looked_at;
		v->looked_at = first;
	}
	for (unsigned n = 1; v->looked_at < v->until; n++) {
		uint64_t sequence = v->looked_at++;
		const struct traffic_event *e = collector_event(c, sequence);
		unsigned later = e ? count_event(ui, e, STATISTICS_ALL) : 0;
		if (later)
			remember(v, sequence, later);
		if (n % LOOK_EVERY == 0 && recorder_now() > until_ns)
			return false;
	}
	return true;
}

/* From the beginning, by the filter of now. false: no memory. */
static bool start_again(struct ui *ui)
{
	struct statistics_view *v = ui->statistics_view;

	statistics_destroy(v->statistics);
	v->statistics = statistics_create(0);
	v->looked_at = collector_first(ui->browser->collector);
	v->until = collector_end(ui->browser->collector);
	v->open_count = 0;
	v->missed = 0;
	v->pings = ui->traffic.pings;
	snprintf(v->filter, sizeof(v->filter), "%s", traffic_filter_text(ui));
	return v->statistics != NULL;
}

static void on_more(void *arg)
{
	ui_redraw(arg);
}

static bool update(struct ui *ui)
{
	struct statistics_view *v = ui->statistics_view;

	if (!v->statistics || strcmp(v->filter, traffic_filter_text(ui)) != 0 ||
	    v->pings != ui->traffic.pings)
		if (!start_again(ui))
			return false;
	if (!ui->traffic.paused)
		v->until = collector_end(ui->browser->collector);
	count_open(ui);
	if (!count_new(ui))
		task_schedule(&v->more, 0);
	return true;
}

/* Drawing */

static void choose_by(struct ui *ui, int number, const struct stroke *s)
{
	(void)s;
	ui->statistics_view->by = (enum statistics_by)number;
	ui->statistics_view->list = (struct list){ 0 };
	ui->statistics_view->marked.key[0] = '\0';
	ui_redraw(ui);
}

/* The totals; then the sorts of rows, the one that is shown marked. */
static void draw_head(struct ui *ui, struct area a)
{
	struct statistics_view *v = ui->statistics_view;
	const struct statistics_total *t = statistics_total(v->statistics);
	char text[240], count[24], bytes[24], missed[24], lost[40] = "";
	int column = a.column + 1;

	if (v->missed)
		snprintf(lost, sizeof(lost), "  %s not counted",
			 words_count(v->missed, missed, sizeof(missed)));
	snprintf(text, sizeof(text), "%s messages  %s  %.0f/s  %llu lost  %llu refused  %llu unanswered%s",
		 words_count(t->all.count, count, sizeof(count)),
		 words_bytes(t->all.bytes, bytes, sizeof(bytes)),
		 t->span_us ? (double)t->all.count * 1e6 / (double)t->span_us : 0.0,
		 (unsigned long long)t->all.lost, (unsigned long long)t->all.refused,
		 (unsigned long long)(t->all.asked - t->all.answered), lost);
	canvas_text(&ui->canvas, a.row, column, a.columns - 1, STYLE_PLAIN, text);
	for (enum statistics_by by = 0; by < BY_COUNT; by++) {
		char name[24];
		bool chosen = by == v->by;
		snprintf(name, sizeof(name), chosen ? "[%s]" : " %s ", statistics_by_names[by]);
		int used = canvas_text(&ui->canvas, a.row + 1, column, a.columns - column,
				       chosen ? STYLE_ACCENT : STYLE_IDLE, name);
		zone_add(ui, (struct area){ a.row + 1, column, 1, used }, choose_by, (int)by);
		column += used;
	}
	snprintf(text, sizeof(text), "sorted by %s ", statistics_order_names[v->order]);
	canvas_text_right(&ui->canvas, a.row + 1, a.column + a.columns, a.columns - column, STYLE_IDLE, text);
}

/* The rows as they stand now, the others last; the mark goes with its row. */
static int gather(struct statistics_view *v, const struct statistics_row *rows[STATISTICS_ROWS + 1])
{
	uint64_t folded;
	int count = (int)statistics_rows(v->statistics, v->by, v->order, rows);
	const struct statistics_row *others = statistics_others(v->statistics, v->by, &folded);

	for (int i = 0; v->marked.key[0] && i < count; i++)
		if (strcmp(rows[i]->key, v->marked.key) == 0 && strcmp(rows[i]->peer, v->marked.peer) == 0)
			v->list.marked = i;
	if (others)
		rows[count++] = others;
	return count;
}

static void mark(struct statistics_view *v, const struct statistics_row *const *rows, int count)
{
	v->marked.key[0] = '\0';
	/* The first row is whoever is the first: a mark that was never moved goes with nobody. */
	if (v->list.marked <= 0 || v->list.marked >= count)
		return;
	snprintf(v->marked.key, STATISTICS_KEY, "%s", rows[v->list.marked]->key);
	snprintf(v->marked.peer, STATISTICS_KEY, "%s", rows[v->list.marked]->peer);
}

static void narrow(struct ui *ui);

static void click_row(struct ui *ui, int number, const struct stroke *s)
{
	struct statistics_view *v = ui->statistics_view;
	const struct statistics_row *rows[STATISTICS_ROWS + 1];
	int count = gather(v, rows);
	bool again = v->list.marked == number;
	(void)s;

	v->list.marked = number;
	mark(v, rows, count);
	if (again)
		narrow(ui);
}

static void draw_rows(struct ui *ui, struct area a)
{
	struct statistics_view *v = ui->statistics_view;
	const struct statistics_row *rows[STATISTICS_ROWS + 1];
	int count = gather(v, rows);
	uint64_t folded;
	const struct statistics_row *others = statistics_others(v->statistics, v->by, &folded);

	statistics_draw_heading(ui, (struct area){ a.row, a.column, 1, a.columns }, v->by, v->order);
	a.row++;
	a.rows--;
	v->seen = a.rows;
	list_settle(&v->list, count, a.rows);
	if (!count)
		canvas_text(&ui->canvas, a.row, a.column + 1, a.columns - 1, STYLE_IDLE,
			    "no message has passed the filter yet");
	for (int i = 0; i < a.rows && v->list.top + i < count; i++) {
		struct area row = { a.row + i, a.column, 1, a.columns };
		const struct statistics_row *r = rows[v->list.top + i];
		statistics_draw_row(ui, row, v->statistics, r, v->by, r == others ? folded : 0);
		if (v->list.top + i == v->list.marked)
			canvas_restyle(&ui->canvas, row.row, row.column, row.columns, STYLE_REVERSE);
		zone_add(ui, row, click_row, v->list.top + i);
	}
}

static void draw(struct ui *ui)
{
	char title[QUERY_TEXT + 32];
	const char *filter = traffic_filter_text(ui);

	snprintf(title, sizeof(title), "statistics%s%s", *filter ? " of " : "", filter);
	struct area a = full_room_draw(ui, title, ui->traffic.paused ? " paused " : " following ");
	if (!update(ui)) {
		canvas_text(&ui->canvas, a.row, a.column, a.columns, STYLE_IDLE, "no memory");
		return;
	}
	draw_head(ui, a);
	draw_rows(ui, (struct area){ a.row + 2, a.column, a.rows - 2, a.columns });
}

/* Keys */

static void leave(struct ui *ui)
{
	struct statistics_view *v = ui->statistics_view;

	task_cancel(&v->more);
	statistics_destroy(v->statistics);
	v->statistics = NULL;
	ui_close_room(ui);
}

/* Show the messages of the marked row only: of those that passed already. */
static void narrow(struct ui *ui)
{
	struct statistics_view *v = ui->statistics_view;
	const struct statistics_row *rows[STATISTICS_ROWS + 1];
	int count = gather(v, rows);
	char clause[3 * STATISTICS_KEY];

	if (v->list.marked < 0 || v->list.marked >= count)
		return;
	const struct statistics_row *r = rows[v->list.marked];
	if (!r->key[0]) {
		ui_say(ui, "these are many");
		return;
	}
	if (v->by == BY_PAIR)
		snprintf(clause, sizeof(clause), "from=%s and to=%s", r->key, r->peer);
	else
		snprintf(clause, sizeof(clause), "%s=%s", statistics_by_names[v->by], r->key);
	leave(ui);
	traffic_ask_also(ui, clause);
}

static void move(struct statistics_view *v, enum list_move how, int times)
{
	const struct statistics_row *rows[STATISTICS_ROWS + 1];
	int count = gather(v, rows);

	v->list.marked += times * list_distance(how, count, v->seen);
	list_settle(&v->list, count, v->seen);
	mark(v, rows, count);
}

static void stroke(struct ui *ui, const struct stroke *s)
{
	struct statistics_view *v = ui->statistics_view;
	enum list_move how;
	int times;

	if (!v->statistics)
		leave(ui);
	else if (full_room_move(s, &how, &times))
		move(v, how, times);
	else if (s->kind != STROKE_KEY)
		return;
	else if (s->code == STROKE_ESC || s->code == 'q' || s->code == 't')
		leave(ui);
	else if (s->code == STROKE_ENTER)
		narrow(ui);
	else if (s->code == STROKE_RIGHT || s->code == 'l' || (s->code == STROKE_TAB && !s->modifiers))
		choose_by(ui, (int)(v->by + 1) % BY_COUNT, s);
	else if (s->code == STROKE_LEFT || s->code == 'h' || s->code == STROKE_TAB)
		choose_by(ui, (int)(v->by + BY_COUNT - 1) % BY_COUNT, s);
	else if (s->code == STROKE_F0 + 6)
		v->order = (enum statistics_order)((v->order + 1) % STATISTICS_ORDERS);
	else if (s->code == ' ')
		traffic_toggle_pause(ui);
	else if (s->code == '?' || s->code == STROKE_F0 + 1)
		help_begin(ui);
}

const struct room statistics_room = { "statistics", "Enter only these  Tab next  F6 sort  Esc back", draw,
				      stroke, false };

void statistics_view_begin(struct ui *ui)
{
	if (!ui->statistics_view) {
		ui->statistics_view = calloc(1, sizeof(*ui->statistics_view));
		if (!ui->statistics_view)
			return;
		task_init(&ui->statistics_view->more, on_more, ui);
	}
	layout_focus(ui, IN_TRAFFIC);
	ui->statistics_view->list = (struct list){ 0 };
	ui->statistics_view->marked.key[0] = '\0';
	if (!ui_has_room(ui, &statistics_room))
		ui_open_room(ui, &statistics_room);
}

void statistics_view_finish(struct ui *ui)
{
	if (!ui->statistics_view)
		return;
	task_finish(&ui->statistics_view->more);
	statistics_destroy(ui->statistics_view->statistics);
	free(ui->statistics_view);
	ui->statistics_view = NULL;
}
