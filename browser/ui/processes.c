/*
 * The process tree: every process with its hue, state, cost and beat. The dead stay for a while below the
 * living, red; then they are counted. Declared in screen.h; report.c tells all of one process.
 */
#include "browser/fault/toxics.h"
#include "browser/process/spare.h"
#include "browser/traffic/collect/collector.h"
#include "browser/ui/screen.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROWS_MAX 512

static const char *const order_names[ORDER_COUNT] = { "name", "cpu", "memory", "messages" };

/* A row: a process, or the browser itself with host NULL. */
struct rows {
	struct process_host *hosts[ROWS_MAX];
	double key[ROWS_MAX];
	int count;
};

static double sort_key(struct ui *ui, const struct process_host *p)
{
	/* The dead below all that live, the newest first. */
	if (p->state == PROCESS_DEAD)
		return 1e19 - (double)p->died_ns;
	switch (ui->processes.order) {
	case ORDER_CPU:
		return -(double)p->usage.cpu_percent;
	case ORDER_MEMORY:
		return -(double)p->usage.memory_bytes;
	case ORDER_BEAT:
		return -collector_rate(ui->browser->collector, p->name);
	default:
		return p->name.role * 1e9 + p->name.serial;
	}
}

/* One that was told to end, and did, is no casualty. */
static bool is_shown(const struct process_host *p)
{
	return p->state != PROCESS_DEAD || p->death.status != TERMINATION_STATUS_NORMAL;
}

/* The browser first, its children below; few enough to be put in order one by one. */
static void gather(struct ui *ui, struct rows *r)
{
	r->count = 1;
	r->hosts[0] = NULL;
	for (struct process_host *p = ui->browser->processes->first; p && r->count < ROWS_MAX; p = p->next) {
		if (!is_shown(p))
			continue;
		double key = sort_key(ui, p);
		int at = r->count++;
		for (; at > 1 && r->key[at - 1] > key; at--) {
			r->hosts[at] = r->hosts[at - 1];
			r->key[at] = r->key[at - 1];
		}
		r->hosts[at] = p;
		r->key[at] = key;
	}
	/* The mark stays with its process: others come and go around it. */
	for (int at = 1; at < r->count; at++)
		if (r->hosts[at]->name.role == ui->processes.marked.role &&
		    r->hosts[at]->name.serial == ui->processes.marked.serial)
			ui->processes.list.marked = at;
}

static void mark(struct ui *ui, const struct rows *r)
{
	int at = ui->processes.list.marked;

	ui->processes.marked =
		at > 0 && at < r->count ? r->hosts[at]->name : (struct endpoint){ ROLE_BROWSER, 0 };
}

/* Is that tab's page with that process, or was it when that died? */
static bool has_page(const struct process_host *p, const struct tab *t)
{
	if (p->state < PROCESS_DYING)
		return t->renderer == p;
	return tab_is_sad(t) && t->dead_renderer.serial == p->name.serial &&
	       t->dead_renderer.role == p->name.role;
}

/* Whose page it is, or what else is to be said of it in a few columns. */
static const char *label_of(struct ui *ui, const struct process_host *p)
{
	static char several[24];
	const struct tab *its_own = NULL;
	unsigned count = 0;

	for (const struct tab *t = ui->browser->tabs->first; t; t = t->next) {
		if (has_page(p, t)) {
			its_own = t;
			count++;
		}
	}
	snprintf(several, sizeof(several), "%u tabs", count);
	if (its_own)
		return count > 1 ? several : tab_label(its_own);
	if (ui->browser->spare && ui->browser->spare->process == p)
		return "spare";
	return p->label ? p->label : "";
}

struct row_columns {
	int state, cpu, memory, beat, label;
};

static struct row_columns place_columns(int width)
{
	struct row_columns c = { .state = 17, .cpu = 25, .memory = 29, .beat = 36, .label = 45 };

	if (width < 44) {
		c.label = c.beat;
		c.beat = -1;
	}
	return c;
}

static void draw_usage(struct ui *ui, struct area row, const struct process_usage *u, struct endpoint e,
		       bool has_cpu)
{
	struct row_columns at = place_columns(row.columns);
	char text[64], beat[BEAT_TEXT], bytes[16];

	if (has_cpu) {
		snprintf(text, sizeof(text), "%3u%%", u->cpu_percent < 999 ? u->cpu_percent : 999);
		canvas_text(&ui->canvas, row.row, row.column + at.cpu, row.columns - at.cpu, STYLE_PLAIN,
			    text);
	}
	if (u->memory_bytes) {
		snprintf(text, sizeof(text), "%6s", words_bytes(u->memory_bytes, bytes, sizeof(bytes)));
		canvas_text(&ui->canvas, row.row, row.column + at.memory, row.columns - at.memory,
			    STYLE_PLAIN, text);
	}
	if (at.beat >= 0)
		canvas_text(&ui->canvas, row.row, row.column + at.beat, row.columns - at.beat,
			    words_endpoint_style(ui, e), words_beat(ui, e, beat));
}

/* What a dead one has in place of its cost: the signal or the reason, and how long ago. */
static void draw_epitaph(struct ui *ui, struct area row, const struct process_host *p, int column)
{
	struct row_columns at = place_columns(row.columns);
	const char *how = death_signal_name(p->death.signal);
	char text[80], age[24];

	if (p->death.reason != BAD_MESSAGE_NONE)
		how = bad_message_names[p->death.reason];
	words_age(recorder_now() - p->died_ns, age, sizeof(age));
	snprintf(text, sizeof(text), "%s%s%s ago", how, *how ? ", " : "", age);
	canvas_text(&ui->canvas, row.row, row.column + column, at.label - column - 1, STYLE_DEATH, text);
}

/* A sign behind the name of each end of a channel on which a toxic acts. */
static void draw_toxics(struct ui *ui, struct area row, struct endpoint e, int column)
{
	if (toxics_on(ui->browser->toxics, e) && column < place_columns(row.columns).state - 1)
		canvas_text(&ui->canvas, row.row, row.column + column, 1, STYLE_HANG, "≈");
}

static void draw_process(struct ui *ui, struct area row, struct process_host *p, bool last)
{
	struct canvas *c = &ui->canvas;
	struct row_columns at = place_columns(row.columns);
	struct style hue = words_process_style(p);
	char name[ENDPOINT_TEXT];

	canvas_text(c, row.row, row.column, 3, STYLE_LINE, last ? "└─" : "├─");
	canvas_text(c, row.row, row.column + 2, 2, hue, words_sign(p));
	words_endpoint(p->name, name, sizeof(name));
	int named = canvas_text(c, row.row, row.column + 4, at.state - 5, hue, name);
	draw_toxics(ui, row, p->name, 4 + named);
	bool long_state = p->state == PROCESS_UNRESPONSIVE || p->state == PROCESS_DEAD;
	int used = canvas_text(c, row.row, row.column + at.state, long_state ? 13 : 8, words_state_style(p),
			       words_state(p));
	int behind = at.state + used + 1;
	if (p->state == PROCESS_DEAD)
		draw_epitaph(ui, row, p, behind > at.cpu ? behind : at.cpu);
	else
		draw_usage(ui, row, &p->usage, p->name, !long_state);
	canvas_text(c, row.row, row.column + at.label, row.columns - at.label,
		    p->state == PROCESS_DEAD ? STYLE_IDLE : STYLE_PLAIN, label_of(ui, p));
}

static void draw_browser(struct ui *ui, struct area row)
{
	struct row_columns at = place_columns(row.columns);
	struct endpoint self = { ROLE_BROWSER, 0 };

	canvas_text(&ui->canvas, row.row, row.column, 16, STYLE_BOLD, "browser");
	canvas_text(&ui->canvas, row.row, row.column + at.state, 8, STYLE_PLAIN, "ready");
	draw_usage(ui, row, &ui->processes.own, self, true);
}

static void click_row(struct ui *ui, int number, const struct stroke *s)
{
	bool again = ui->focus == IN_PROCESSES && ui->processes.list.marked == number;
	struct rows r;

	(void)s;
	layout_focus(ui, IN_PROCESSES);
	gather(ui, &r);
	ui->processes.list.marked = number;
	mark(ui, &r);
	if (again)
		processes_open(ui);
}

static void draw_foot(struct ui *ui, struct area a, unsigned buried, int below)
{
	char died[40] = "", more[40] = "", text[160];

	if (buried)
		snprintf(died, sizeof(died), "† %u died   ", buried);
	if (below > 0)
		snprintf(more, sizeof(more), "▼ %d more   ", below);
	snprintf(text, sizeof(text), "%s%s%s%s", more, died, ui->processes.order ? "sorted by " : "",
		 ui->processes.order ? order_names[ui->processes.order] : "");
	canvas_text(&ui->canvas, a.row + a.rows - 1, a.column, a.columns, STYLE_IDLE, text);
}

/* Rows from `top` on; returns how many dead are among them. */
static unsigned draw_rows(struct ui *ui, const struct rows *r, int top, struct area a)
{
	unsigned dead = 0;

	for (int i = 0; i < a.rows && top + i < r->count; i++) {
		int at = top + i;
		struct area row = { a.row + i, a.column, 1, a.columns };
		if (at == 0)
			draw_browser(ui, row);
		else
			draw_process(ui, row, r->hosts[at], at == r->count - 1);
		dead += at > 0 && r->hosts[at]->state == PROCESS_DEAD;
		if (ui->focus == IN_PROCESSES && at == ui->processes.list.marked)
			canvas_restyle(&ui->canvas, row.row, row.column, row.columns, STYLE_REVERSE);
		zone_add(ui, row, click_row, at);
	}
	return dead;
}

static unsigned count_dead(const struct rows *r)
{
	unsigned n = 0;

	for (int i = 1; i < r->count; i++)
		n += r->hosts[i]->state == PROCESS_DEAD;
	return n;
}

/* The dead that are no longer in the table, or have no room here, are counted in the last row. */
void processes_draw(struct ui *ui)
{
	struct rows r;
	struct area a = ui->layout.processes, rows = a;
	struct list *l = &ui->processes.list;
	unsigned died = ui->browser->processes->died;

	if (a.rows <= 0)
		return;
	gather(ui, &r);
	unsigned dead = count_dead(&r);
	bool hides = died > dead || (dead && r.count > a.rows);
	bool foot = (hides || r.count > a.rows || ui->processes.order) && a.rows > 2;
	rows.rows -= foot;
	list_settle(l, r.count, rows.rows);
	/* Who does not look through the list sees its beginning: the living. */
	int top = ui->focus == IN_PROCESSES ? l->top : 0;
	dead = draw_rows(ui, &r, top, rows);
	if (foot)
		draw_foot(ui, a, died > dead ? died - dead : 0,
			  r.count - top - rows.rows - (int)(count_dead(&r) - dead));
}

void processes_move(struct ui *ui, enum list_move move)
{
	struct list *l = &ui->processes.list;
	struct rows r;

	gather(ui, &r);
	l->marked += list_distance(move, r.count, ui->layout.processes.rows);
	list_settle(l, r.count, ui->layout.processes.rows);
	mark(ui, &r);
}

void processes_scroll(struct ui *ui, int rows)
{
	struct rows r;

	gather(ui, &r);
	ui->processes.list.marked += rows;
	list_settle(&ui->processes.list, r.count, ui->layout.processes.rows);
	mark(ui, &r);
}

struct process_host *processes_marked(struct ui *ui)
{
	struct rows r;

	gather(ui, &r);
	int marked = ui->processes.list.marked;
	return marked > 0 && marked < r.count ? r.hosts[marked] : NULL;
}

void processes_open(struct ui *ui)
{
	struct process_host *p = processes_marked(ui);

	process_report_begin(ui, p ? p->name : (struct endpoint){ ROLE_BROWSER, 0 });
}

static uint64_t own_memory(void)
{
	FILE *f = fopen("/proc/self/smaps_rollup", "re");
	unsigned long long kilobytes = 0;
	char line[160];

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "Pss: %llu kB", &kilobytes) == 1)
			break;
	if (f)
		fclose(f);
	return kilobytes << 10;
}

/* Once a second: what the browser itself costs. */
void processes_tick(struct ui *ui)
{
	struct processes_panel *p = &ui->processes;
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	uint64_t cpu = (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec, now = recorder_now();
	if (p->own_at_ns && now > p->own_at_ns)
		p->own.cpu_percent = (unsigned)((cpu - p->own_cpu_ns) * 100 / (now - p->own_at_ns));
	p->own_cpu_ns = cpu;
	p->own_at_ns = now;
	p->own.memory_bytes = own_memory();
}
