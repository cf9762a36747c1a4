/* The rows of the traffic panel: one message or other event each. See traffic.h. */
#include "browser/ui/screen.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

#define TIME_COLUMNS 9			/* the last is for the user's mark */
#define WIDE_COLUMNS 84			/* from here on each fact has a column */
#define HELD_LONG_NS UINT64_C(50000000) /* from here on it says more than the time in the queue */
#define ROOMY	     130		/* from here on columns are wider */

static void tell_clock(uint64_t us, char *buf, size_t capacity)
{
	time_t seconds = (time_t)(us / 1000000);
	struct tm when;

	localtime_r(&seconds, &when);
	snprintf(buf, capacity, "%02d:%02d:%02d", when.tm_hour, when.tm_min, when.tm_sec);
}

/* What waited while one looked stands behind what is later. */
static void tell_step(const struct traffic_event *e, const struct traffic_event *before, char *buf,
		      size_t capacity)
{
	uint64_t us = e->ts_us > before->ts_us ? e->ts_us - before->ts_us : before->ts_us - e->ts_us;
	char sign = e->ts_us < before->ts_us ? '-' : '+';

	if (us < 10000)
		snprintf(buf, capacity, "%c%u µs", sign, (unsigned)us);
	else if (us < 1000000)
		snprintf(buf, capacity, "%c%.*f ms", sign, us < 99950 ? 1 : 0, (double)us / 1e3);
	else
		snprintf(buf, capacity, "%c%.*f s", sign, us < 100000000 ? 2 : 0, (double)us / 1e6);
}

static void draw_time(struct ui *ui, struct area row, const struct traffic_event *e,
		      const struct traffic_event *before)
{
	double seconds = (double)(int64_t)(e->ts_us - collector_start_us(ui->browser->collector)) / 1e6;
	int decimals = seconds < 9999 ? 3 : seconds < 99999 ? 2 : 1;
	char text[32] = "";

	if (ui->traffic.times == TIMES_OF_CLOCK)
		tell_clock(e->ts_us, text, sizeof(text));
	else if (ui->traffic.times == TIMES_SINCE_START)
		snprintf(text, sizeof(text), "%.*f", decimals, seconds);
	else if (before)
		tell_step(e, before, text, sizeof(text));
	canvas_text_right(&ui->canvas, row.row, row.column + TIME_COLUMNS - 1, TIME_COLUMNS - 1, STYLE_IDLE,
			  text);
	if (traffic_is_marked(&ui->traffic, e->sequence))
		canvas_text(&ui->canvas, row.row, row.column + TIME_COLUMNS - 1, 1, STYLE_ACCENT, "*");
}

static void time_text(uint64_t ns, char *buf, size_t capacity)
{
	if (ns < UINT64_C(10000))
		snprintf(buf, capacity, "%.1f µs", (double)ns / 1e3);
	else if (ns < UINT64_C(1000000))
		snprintf(buf, capacity, "%u µs", (unsigned)(ns / 1000));
	else if (ns < UINT64_C(1000000000))
		snprintf(buf, capacity, "%.*f ms", ns < UINT64_C(100000000) ? 1 : 0, (double)ns / 1e6);
	else
		snprintf(buf, capacity, "%.*f s", ns < UINT64_C(100000000000) ? 2 : 0, (double)ns / 1e9);
}

static struct style fate_style(const struct traffic_event *e)
{
	if (e->status == TRAFFIC_HELD || (e->toxic && e->status == TRAFFIC_DELIVERED))
		return STYLE_HANG;
	return e->status == TRAFFIC_LOST || e->status == TRAFFIC_REFUSED ? STYLE_DEATH : STYLE_IDLE;
}

/* How long it was held, or in the queue, or what became of it; with a sign where a toxic acted. */
static const char *fate_text(const struct traffic_event *e, char *buf, size_t capacity)
{
	char plain[24] = "";

	if (e->status != TRAFFIC_DELIVERED)
		snprintf(plain, sizeof(plain), "%s",
			 e->status == TRAFFIC_IN_FLIGHT ? "…" : traffic_status(e));
	else if (e->queued_ns != TRAFFIC_NO_TIME && e->toxic)
		time_text(e->queued_ns + e->held_ns, plain, sizeof(plain));
	else if (e->queued_ns != TRAFFIC_NO_TIME && e->held_ns >= HELD_LONG_NS)
		snprintf(plain, sizeof(plain), "held %.*f s", e->held_ns < UINT64_C(10000000000),
			 (double)e->held_ns / 1e9);
	else if (e->queued_ns != TRAFFIC_NO_TIME)
		time_text(e->queued_ns, plain, sizeof(plain));
	snprintf(buf, capacity, "%s%s", e->toxic ? "≈ " : "", plain);
	return buf;
}

/* Columns */

static void tell_from(struct ui *ui, const struct traffic_event *e, char *buf, size_t capacity,
		      struct style *s)
{
	words_endpoint(e->from, buf, capacity);
	*s = words_endpoint_style(ui, e->from);
}

static void tell_to(struct ui *ui, const struct traffic_event *e, char *buf, size_t capacity, struct style *s)
{
	words_endpoint(e->to, buf, capacity);
	*s = words_endpoint_style(ui, e->to);
}

static void tell_name(struct ui *ui, const struct traffic_event *e, char *buf, size_t capacity,
		      struct style *s)
{
	char name[TRAFFIC_NAME_TEXT];
	(void)ui;

	snprintf(buf, capacity, "%s", traffic_name(e, name));
	*s = e->status == TRAFFIC_HELD ? STYLE_HANG : STYLE_PLAIN;
}

static void tell_bytes(struct ui *ui, const struct traffic_event *e, char *buf, size_t capacity,
		       struct style *s)
{
	(void)ui;
	snprintf(buf, capacity, "%u", e->bytes);
	*s = STYLE_PLAIN;
}

static void tell_queued(struct ui *ui, const struct traffic_event *e, char *buf, size_t capacity,
			struct style *s)
{
	(void)ui;
	fate_text(e, buf, capacity);
	*s = fate_style(e);
}

static void tell_handled(struct ui *ui, const struct traffic_event *e, char *buf, size_t capacity,
			 struct style *s)
{
	(void)ui;
	snprintf(buf, capacity, "-");
	if (e->handled_ns != TRAFFIC_NO_TIME)
		time_text(e->handled_ns, buf, capacity);
	*s = STYLE_IDLE;
}

static void tell_cause(struct ui *ui, const struct traffic_event *e, char *buf, size_t capacity,
		       struct style *s)
{
	struct chain *chain = traffic_chain(ui);
	const struct traffic_event *cause = chain ? chain_find(chain, e->cause) : NULL;
	char text[TRAFFIC_NAME_TEXT > IPC_ID_TEXT ? TRAFFIC_NAME_TEXT : IPC_ID_TEXT];

	*s = cause ? words_endpoint_style(ui, cause->from) : STYLE_IDLE;
	if (cause && cause->kind != TRAFFIC_MESSAGE)
		words_event(cause, buf, capacity);
	else
		snprintf(buf, capacity, "%s", cause ? traffic_name(cause, text) : traffic_cause(e, text));
	if (cause && cause->kind == TRAFFIC_INPUT)
		*s = STYLE_ACCENT;
}

static void tell_args(struct ui *ui, const struct traffic_event *e, char *buf, size_t capacity,
		      struct style *s)
{
	struct format args = format_into(buf, capacity);
	(void)ui;

	traffic_args_text(e, &args);
	*s = STYLE_IDLE;
}

static const struct column {
	const char *name;
	int width, roomy; /* columns: where room is short, and where it is not; 0: the rest */
	int least;	  /* columns of the panel from which on it is there */
	bool right;
	void (*tell)(struct ui *, const struct traffic_event *, char *, size_t, struct style *);
} columns[] = {
	{ "from", 10, 12, 0, false, tell_from },    { "to", 10, 12, 0, false, tell_to },
	{ "message", 19, 22, 0, false, tell_name }, { "bytes", 5, 6, 0, true, tell_bytes },
	{ "queued", 10, 10, 0, true, tell_queued }, { "handled", 7, 8, 96, true, tell_handled },
	{ "cause", 13, 22, 0, false, tell_cause },  { "what it says", 0, 0, 104, false, tell_args },
};
#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

/* Goes over the columns that there are; `at` is 0 before the first. false: no more. */
static bool next_column(struct area row, size_t *number, int *at, int *width)
{
	*at = *at ? *at + *width + 1 : row.column + TIME_COLUMNS;
	for (; *number < COLUMNS; ++*number) {
		const struct column *c = &columns[*number];
		int left = row.column + row.columns - *at;
		if (row.columns < c->least)
			continue;
		*width = row.columns < ROOMY ? c->width : c->roomy;
		*width = *width && *width < left ? *width : left;
		++*number;
		return *width > 0;
	}
	return false;
}

static void draw_wide_row(struct ui *ui, struct area row, const struct traffic_event *e)
{
	char text[600];
	int at = 0, width = 0;

	for (size_t n = 0; next_column(row, &n, &at, &width);) {
		struct style s;
		columns[n - 1].tell(ui, e, text, sizeof(text), &s);
		if (columns[n - 1].right)
			canvas_text_right(&ui->canvas, row.row, at + width, width, s, text);
		else
			canvas_text(&ui->canvas, row.row, at, width, s, text);
	}
}

void traffic_draw_heading(struct ui *ui, struct area row)
{
	static const char *const times[TIMES_COUNT] = { "time", "after", "clock" };
	int at = 0, width = 0;

	canvas_text_right(&ui->canvas, row.row, row.column + TIME_COLUMNS - 1, TIME_COLUMNS - 1, STYLE_IDLE,
			  times[ui->traffic.times]);
	for (size_t n = 0; next_column(row, &n, &at, &width);) {
		const struct column *c = &columns[n - 1];
		if (c->right)
			canvas_text_right(&ui->canvas, row.row, at + width, width, STYLE_IDLE, c->name);
		else
			canvas_text(&ui->canvas, row.row, at, width, STYLE_IDLE, c->name);
	}
}

/* A panel has not so much room. */

static int draw_route(struct ui *ui, struct area row, const struct traffic_event *e)
{
	struct canvas *c = &ui->canvas;
	char from[ENDPOINT_TEXT], to[ENDPOINT_TEXT];
	int at = row.column + TIME_COLUMNS, used;

	words_endpoint_short(e->from, from, sizeof(from));
	words_endpoint_short(e->to, to, sizeof(to));
	used = canvas_text(c, row.row, at, 5, words_endpoint_style(ui, e->from), from);
	used += canvas_text(c, row.row, at + used, 1, STYLE_IDLE, "→");
	used += canvas_text(c, row.row, at + used, 5, words_endpoint_style(ui, e->to), to);
	return used;
}

static void draw_narrow_row(struct ui *ui, struct area row, const struct traffic_event *e)
{
	struct canvas *c = &ui->canvas;
	int end = row.column + row.columns, name_end = end;
	char name[TRAFFIC_NAME_TEXT], text[32], fate[32];
	struct style s;

	int wide = canvas_text_right(c, row.row, end, 11, fate_style(e), fate_text(e, fate, sizeof(fate)));
	name_end -= wide > 8 ? wide + 1 : 8;
	if (row.columns >= 45) {
		snprintf(text, sizeof(text), "%u B", e->bytes);
		canvas_text_right(c, row.row, name_end, 6, STYLE_IDLE, text);
		name_end -= 7;
	}
	int route = draw_route(ui, row, e);
	int name_at = row.column + TIME_COLUMNS + 1 + (route > 6 ? route : 6);
	tell_name(ui, e, name, sizeof(name), &s);
	canvas_text(c, row.row, name_at, name_end - name_at, s, name);
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
	canvas_text(&ui->canvas, row.row, row.column + TIME_COLUMNS, row.columns - TIME_COLUMNS, s, text);
}

void traffic_draw_row(struct ui *ui, struct area row, const struct traffic_event *e,
		      const struct traffic_event *before)
{
	draw_time(ui, row, e, before);
	if (e->kind != TRAFFIC_MESSAGE)
		draw_other(ui, row, e);
	else if (row.columns >= WIDE_COLUMNS)
		draw_wide_row(ui, row, e);
	else
		draw_narrow_row(ui, row, e);
}
