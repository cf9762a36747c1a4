/*
 * The traffic panel: messages as they pass, followed or paused, filtered by text. It keeps the numbers of the
 * events that pass the filter, and looks at each event once, or twice when its fate was open. Declared in
 * screen.h.
 */
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

static double seconds_of(struct ui *ui, const struct traffic_event *e)
{
	return (double)(int64_t)(e->ts_us - collector_start_us(ui->browser->collector)) / 1e6;
}

static const char *plain_fate(const struct traffic_event *, char *buf, size_t capacity, struct style *);

/* How long it waited, or what became of it; with a sign and in another colour where a toxic acted. */
static const char *fate_text(const struct traffic_event *e, char *buf, size_t capacity, struct style *s)
{
	struct traffic_event in_all = *e;
	char plain[24];

	if (!e->toxic)
		return plain_fate(e, buf, capacity, s);
	if (e->queued_ns != TRAFFIC_NO_TIME)
		in_all.queued_ns += e->held_ns;
	snprintf(buf, capacity, "≈ %s", plain_fate(&in_all, plain, sizeof(plain), s));
	if (e->status == TRAFFIC_DELIVERED)
		*s = STYLE_HANG;
	return buf;
}

static const char *plain_fate(const struct traffic_event *e, char *buf, size_t capacity, struct style *s)
{
	*s = e->status == TRAFFIC_LOST || e->status == TRAFFIC_REFUSED ? STYLE_DEATH : STYLE_IDLE;
	if (e->status != TRAFFIC_DELIVERED)
		snprintf(buf, capacity, "%s", e->status == TRAFFIC_IN_FLIGHT ? "…" : traffic_status(e));
	else if (e->queued_ns == TRAFFIC_NO_TIME)
		buf[0] = '\0';
	else if (e->queued_ns < UINT64_C(1000000))
		snprintf(buf, capacity, "%u µs", (unsigned)(e->queued_ns / 1000));
	else if (e->queued_ns < UINT64_C(10000000000))
		snprintf(buf, capacity, "%.*f ms", e->queued_ns < UINT64_C(100000000) ? 1 : 0,
			 (double)e->queued_ns / 1e6);
	else
		snprintf(buf, capacity, "%.0f s", (double)e->queued_ns / 1e9);
	return buf;
}

static int draw_route(struct ui *ui, struct area row, int column, const struct traffic_event *e)
{
	struct canvas *c = &ui->canvas;
	char from[ENDPOINT_TEXT], to[ENDPOINT_TEXT];
	int at = row.column + column, used;

	words_endpoint_short(e->from, from, sizeof(from));
	words_endpoint_short(e->to, to, sizeof(to));
	used = canvas_text(c, row.row, at, 5, words_endpoint_style(ui, e->from), from);
	used += canvas_text(c, row.row, at + used, 1, STYLE_IDLE, "→");
	used += canvas_text(c, row.row, at + used, 5, words_endpoint_style(ui, e->to), to);
	return used;
}

/* Something that is no message: a process's life, or what the user did. */
static void draw_other(struct ui *ui, struct area row, const struct traffic_event *e)
{
	char text[400];
	bool process = e->kind == TRAFFIC_PROCESS;
	struct style s = process ? words_endpoint_style(ui, e->from) : STYLE_ACCENT;

	words_event(e, text, sizeof(text));
	if (process && strncmp(text, "†", strlen("†")) == 0)
		s = STYLE_DEATH;
	else if (process && e->type == TRAFFIC_PROCESS_UNRESPONSIVE)
		s = STYLE_HANG;
	else if (e->kind == TRAFFIC_BLAST)
		s = strncmp(text, "NOT", strlen("NOT")) == 0 ? STYLE_DEATH : STYLE_GREEN;
	canvas_text(&ui->canvas, row.row, row.column + 9, row.columns - 9, s, text);
}

static void draw_narrow_row(struct ui *ui, struct area row, const struct traffic_event *e)
{
	struct canvas *c = &ui->canvas;
	int end = row.column + row.columns, name_end = end;
	char name[TRAFFIC_NAME_TEXT], text[32], fate[24];
	struct style s;

	fate_text(e, fate, sizeof(fate), &s);
	canvas_text_right(c, row.row, end, 8, s, fate);
	name_end -= 8;
	if (row.columns >= 45) {
		snprintf(text, sizeof(text), "%u B", e->bytes);
		canvas_text_right(c, row.row, name_end, 6, STYLE_IDLE, text);
		name_end -= 7;
	}
	int route = draw_route(ui, row, 9, e);
	int name_at = row.column + 10 + (route > 6 ? route : 6);
	canvas_text(c, row.row, name_at, name_end - name_at, STYLE_PLAIN, traffic_name(e, name));
}

static void draw_wide_row(struct ui *ui, struct area row, const struct traffic_event *e)
{
	struct canvas *c = &ui->canvas;
	char text[600], name[TRAFFIC_NAME_TEXT];
	struct style s;
	int at = row.column + 9, end = row.column + row.columns;

	canvas_text(c, row.row, at, 11, words_endpoint_style(ui, e->from),
		    words_endpoint(e->from, text, sizeof(text)));
	canvas_text(c, row.row, at + 12, 11, words_endpoint_style(ui, e->to),
		    words_endpoint(e->to, text, sizeof(text)));
	canvas_text(c, row.row, at + 24, 22, STYLE_PLAIN, traffic_name(e, name));
	snprintf(text, sizeof(text), "%u", e->bytes);
	canvas_text_right(c, row.row, at + 52, 6, STYLE_PLAIN, text);
	fate_text(e, text, sizeof(text), &s);
	canvas_text_right(c, row.row, at + 61, 8, s, text);
	struct format args = format_into(text, sizeof(text));
	traffic_args_text(e, &args);
	canvas_text(c, row.row, at + 63, end - at - 63, STYLE_IDLE, text);
}

static void draw_row(struct ui *ui, struct area row, const struct traffic_event *e)
{
	canvas_format(&ui->canvas, row.row, row.column, 9, STYLE_IDLE, "%8.3f", seconds_of(ui, e));
	if (e->kind != TRAFFIC_MESSAGE)
		draw_other(ui, row, e);
	else if (row.columns >= 84)
		draw_wide_row(ui, row, e);
	else
		draw_narrow_row(ui, row, e);
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

/* The filter and what it leaves, above the rows; while it is typed, the editor. */
static void draw_head(struct ui *ui, struct area row)
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

static bool has_head(const struct ui *ui)
{
	return ui->layout.traffic.rows >= 4 &&
	       (ui->traffic_full || ui->traffic.filter[0] || ui_has_room(ui, &filter_room));
}

static void draw_heading(struct ui *ui, struct area row)
{
	static const struct {
		int at;
		const char *name;
	} names[] = { { 4, "time" },   { 9, "from" },	 { 21, "to" },		{ 33, "message" },
		      { 56, "bytes" }, { 64, "queued" }, { 72, "what it says" } };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		canvas_text(&ui->canvas, row.row, row.column + names[i].at, row.columns - names[i].at,
			    STYLE_IDLE, names[i].name);
}

static struct area rows_area(struct ui *ui)
{
	struct area a = ui->layout.traffic;
	int above = has_head(ui) + (ui->traffic_full && a.columns >= 84 && a.rows > 6);

	a.row += above;
	a.rows -= above;
	return a;
}

void traffic_draw(struct ui *ui)
{
	struct traffic_panel *t = &ui->traffic;
	struct area a = ui->layout.traffic;

	if (a.rows <= 0)
		return;
	if (has_head(ui))
		draw_head(ui, (struct area){ a.row, a.column, 1, a.columns });
	if (ui->traffic_full && a.columns >= 84 && a.rows > 6)
		draw_heading(ui, (struct area){ a.row + 1, a.column, 1, a.columns });
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
		draw_row(ui, row, e);
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
