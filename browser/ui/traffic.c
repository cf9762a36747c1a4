/*
 * The traffic panel: messages as they pass, followed or paused, filtered by text. It keeps the numbers of the
 * events that pass the filter, and looks at each event once, or twice when its fate was open. See traffic.h.
 */
#include "browser/ui/traffic.h"
#include "browser/traffic/collect/collector.h"
#include "browser/traffic/query/filter.h"
#include "browser/ui/screen.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPEN_MAX	4096
#define LOOK_PER_UPDATE 20000 /* events that are looked at in one go */

static bool passes(const struct traffic_panel *t, const struct traffic_event *e)
{
	struct traffic_filter filter = { .text = t->filter[0] ? t->filter : NULL, .pings = t->pings };

	return traffic_filter_match(&filter, e);
}

static bool make_room(struct traffic_panel *t)
{
	if (t->count < t->capacity)
		return true;
	int capacity = t->capacity ? t->capacity * 2 : 1024;
	uint64_t *grown = realloc(t->shown, (size_t)capacity * sizeof(*grown));
	if (!grown)
		return false;
	t->shown = grown;
	t->capacity = capacity;
	return true;
}

/* Does event a stand before b? By time: what was drained from a recorder may have happened before what came
 * first. */
static bool stands_before(const struct traffic_event *a, const struct traffic_event *b)
{
	return a->ts_us != b->ts_us ? a->ts_us < b->ts_us : a->sequence < b->sequence;
}

/* Nearly always at the end; in its place when it, or its fate, came late. */
static void show(struct ui *ui, const struct traffic_event *e)
{
	struct traffic_panel *t = &ui->traffic;
	int at = t->count;

	if (!make_room(t))
		return;
	for (; at > t->settled; at--) {
		const struct traffic_event *before =
			collector_event(ui->browser->collector, t->shown[at - 1]);
		if (before && stands_before(before, e))
			break;
	}
	memmove(&t->shown[at + 1], &t->shown[at], (size_t)(t->count - at) * sizeof(*t->shown));
	t->shown[at] = e->sequence;
	t->count++;
	t->fresh += t->paused;
}

static void note_fate(struct traffic_panel *t, const struct traffic_event *e)
{
	t->lost += e->kind == TRAFFIC_MESSAGE && e->status == TRAFFIC_LOST;
}

static void look_at_open(struct ui *ui)
{
	struct traffic_panel *t = &ui->traffic;
	int kept = 0;

	for (int i = 0; i < t->open_count; i++) {
		const struct traffic_event *e = collector_event(ui->browser->collector, t->open[i] / 2);
		bool shown = t->open[i] & 1;
		if (!e)
			continue;
		if (e->status == TRAFFIC_IN_FLIGHT) {
			t->open[kept++] = t->open[i];
			continue;
		}
		note_fate(t, e);
		if (!shown && passes(t, e))
			show(ui, e);
	}
	t->open_count = kept;
}

static void look_at(struct ui *ui, const struct traffic_event *e)
{
	struct traffic_panel *t = &ui->traffic;

	bool pass = passes(t, e);

	t->seen++;
	if (e->kind == TRAFFIC_MESSAGE && e->status == TRAFFIC_IN_FLIGHT && t->open &&
	    t->open_count < OPEN_MAX)
		t->open[t->open_count++] = e->sequence * 2 + pass;
	else
		note_fate(t, e);
	if (pass)
		show(ui, e);
}

/* What the collector has forgotten goes from the front. */
static void forget_old(struct traffic_panel *t, uint64_t first)
{
	int gone = 0;

	while (gone < t->count && t->shown[gone] < first)
		gone++;
	if (!gone)
		return;
	memmove(t->shown, t->shown + gone, (size_t)(t->count - gone) * sizeof(*t->shown));
	t->count -= gone;
	t->settled = t->settled > gone ? t->settled - gone : 0;
	t->list.marked -= gone;
	t->list.top -= gone;
}

/* While it follows, the mark is on the newest message: the keys that led here are no news. */
static void follow(struct ui *ui)
{
	struct traffic_panel *t = &ui->traffic;
	const struct collector *c = ui->browser->collector;
	int at = t->count - 1, seen = ui->layout.traffic.rows - 2; /* the head and heading, at most */
	int least = seen > 0 && t->count > seen ? t->count - seen : 0;

	for (; at >= least; at--) {
		const struct traffic_event *e = collector_event(c, t->shown[at]);
		if (e && e->kind == TRAFFIC_MESSAGE)
			break;
	}
	t->list.marked = at >= least ? at : t->count - 1;
	t->list.top = t->count; /* list_settle() makes of it what shows the end */
}

void traffic_update(struct ui *ui)
{
	struct traffic_panel *t = &ui->traffic;
	const struct collector *c = ui->browser->collector;
	uint64_t first = collector_first(c), end = collector_end(c);

	if (!t->open)
		t->open = calloc(OPEN_MAX, sizeof(*t->open));
	forget_old(t, first);
	look_at_open(ui);
	if (t->looked_at < first)
		t->looked_at = first;
	for (unsigned n = 0; t->looked_at < end && n < LOOK_PER_UPDATE; t->looked_at++, n++) {
		const struct traffic_event *e = collector_event(c, t->looked_at);
		if (e)
			look_at(ui, e);
	}
	if (t->looked_at < end)
		ui_redraw(ui);
	if (!t->paused)
		follow(ui);
}

void traffic_finish(struct traffic_panel *t)
{
	free(t->shown);
	free(t->open);
	line_edit_finish(&t->edit);
	*t = (struct traffic_panel){ 0 };
}

/* Look at everything again, by another filter. */
static void look_again(struct ui *ui)
{
	struct traffic_panel *t = &ui->traffic;

	t->count = t->open_count = t->fresh = t->settled = 0;
	t->looked_at = t->seen = t->lost = 0;
	traffic_update(ui);
	follow(ui);
	t->fresh = 0;
	t->settled = t->paused ? t->count : 0;
	ui_redraw(ui);
}

void traffic_set_filter(struct ui *ui, const char *text)
{
	snprintf(ui->traffic.filter, sizeof(ui->traffic.filter), "%s", text);
	look_again(ui);
}

void traffic_pause(struct ui *ui, bool paused)
{
	struct traffic_panel *t = &ui->traffic;
	bool before = t->paused;

	traffic_update(ui);
	t->paused = paused;
	if (!paused)
		t->fresh = t->settled = 0;
	else if (!before)
		t->settled = t->count;
	if (!paused)
		follow(ui);
}

static bool has_head(const struct ui *ui)
{
	return ui->layout.traffic.rows >= 4 &&
	       (ui->traffic_full || ui->traffic.filter[0] || ui_has_room(ui, &filter_room));
}

static struct area rows_area(struct ui *ui)
{
	struct area a = ui->layout.traffic;
	int above = has_head(ui) + (ui->traffic_full && a.columns >= 84 && a.rows > 6);

	a.row += above;
	a.rows -= above;
	return a;
}

static void click_row(struct ui *ui, int number, const struct stroke *s)
{
	struct traffic_panel *t = &ui->traffic;
	bool again = ui->focus == IN_TRAFFIC && t->list.marked == number;
	(void)s;

	layout_focus(ui, IN_TRAFFIC);
	traffic_pause(ui, true);
	t->list.marked = number;
	if (again)
		traffic_open(ui);
}

void traffic_draw(struct ui *ui)
{
	struct traffic_panel *t = &ui->traffic;
	struct area a = ui->layout.traffic;

	if (a.rows <= 0)
		return;
	if (has_head(ui))
		traffic_draw_head(ui, (struct area){ a.row, a.column, 1, a.columns });
	if (ui->traffic_full && a.columns >= 84 && a.rows > 6)
		traffic_draw_heading(ui, (struct area){ a.row + 1, a.column, 1, a.columns });
	a = rows_area(ui);
	if (!t->count && t->filter[0])
		canvas_text(&ui->canvas, a.row, a.column + 1, a.columns - 1, STYLE_IDLE,
			    t->pings ? "nothing matches" : "nothing matches (pings hidden, P shows)");
	list_settle(&t->list, t->count, a.rows);
	for (int i = 0; i < a.rows && t->list.top + i < t->count; i++) {
		const struct traffic_event *e =
			collector_event(ui->browser->collector, t->shown[t->list.top + i]);
		struct area row = { a.row + i, a.column, 1, a.columns };
		if (!e)
			continue;
		traffic_draw_row(ui, row, e);
		if (ui->focus == IN_TRAFFIC && t->list.top + i == t->list.marked)
			canvas_restyle(&ui->canvas, row.row, row.column, row.columns, STYLE_REVERSE);
		zone_add(ui, row, click_row, t->list.top + i);
	}
}

/* To move is to look, and what one looks at must not run away. The end is where following begins again. */
static void moved(struct ui *ui)
{
	struct traffic_panel *t = &ui->traffic;

	list_settle(&t->list, t->count, rows_area(ui).rows);
	traffic_pause(ui, t->list.marked < t->count - 1);
}

void traffic_move(struct ui *ui, enum list_move move)
{
	struct traffic_panel *t = &ui->traffic;
	bool down = move == LIST_DOWN || move == LIST_PAGE_DOWN || move == LIST_HALF_DOWN;

	if (down && (!t->paused || t->list.marked == t->count - 1))
		return;
	t->list.marked += list_distance(move, t->count, rows_area(ui).rows);
	if (!down) {
		moved(ui);
		return;
	}
	list_settle(&t->list, t->count, rows_area(ui).rows);
}

void traffic_scroll(struct ui *ui, int rows)
{
	if (rows > 0 && !ui->traffic.paused)
		return;
	ui->traffic.list.marked += rows;
	moved(ui);
}

void traffic_open(struct ui *ui)
{
	struct traffic_panel *t = &ui->traffic;

	if (t->list.marked >= 0 && t->list.marked < t->count)
		message_begin(ui, t->shown[t->list.marked]);
}

int traffic_count(const struct ui *ui)
{
	return ui->traffic.count;
}

uint64_t traffic_shown(const struct ui *ui, int index)
{
	return ui->traffic.shown[index];
}

const char *traffic_filter_text(const struct ui *ui)
{
	return ui->traffic.filter;
}

const struct traffic_event *traffic_marked(const struct ui *ui)
{
	const struct traffic_panel *t = &ui->traffic;

	if (t->list.marked < 0 || t->list.marked >= t->count)
		return NULL;
	return collector_event(ui->browser->collector, t->shown[t->list.marked]);
}
