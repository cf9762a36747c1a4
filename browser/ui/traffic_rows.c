/* The rows of the traffic panel: one message or other event each. See traffic.h. */
#include "browser/traffic/collect/collector.h"
#include "browser/ui/screen.h"
#include <stdio.h>
#include <string.h>

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

void traffic_draw_row(struct ui *ui, struct area row, const struct traffic_event *e)
{
	canvas_format(&ui->canvas, row.row, row.column, 9, STYLE_IDLE, "%8.3f", seconds_of(ui, e));
	if (e->kind != TRAFFIC_MESSAGE)
		draw_other(ui, row, e);
	else if (row.columns >= 84)
		draw_wide_row(ui, row, e);
	else
		draw_narrow_row(ui, row, e);
}

void traffic_draw_heading(struct ui *ui, struct area row)
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
