/* See statistics_columns.h. */
#include "browser/ui/statistics_columns.h"
#include "browser/ui/screen.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_LEAST  24
#define NAME_MOST   28
#define SPARK_LEAST 8
#define SPARK_MOST  40
#define CELL	    16

static void cell_count(const struct statistics_row *r, char out[CELL])
{
	words_count(r->count, out, CELL);
}

static void cell_bytes(const struct statistics_row *r, char out[CELL])
{
	words_bytes(r->bytes, out, CELL);
}

static void cell_lost(const struct statistics_row *r, char out[CELL])
{
	words_count(r->lost, out, CELL);
}

static void cell_refused(const struct statistics_row *r, char out[CELL])
{
	words_count(r->refused, out, CELL);
}

/* Nothing where nothing was asked. */
static void cell_unanswered(const struct statistics_row *r, char out[CELL])
{
	if (r->asked)
		words_count(r->asked - r->answered, out, CELL);
	else
		snprintf(out, CELL, "·");
}

static void time_text(uint64_t ns, char out[CELL])
{
	double us = (double)ns / 1e3;

	if (us < 1000)
		snprintf(out, CELL, us < 10 ? "%.1f µs" : "%.0f µs", us);
	else if (us < 1e6)
		snprintf(out, CELL, us < 1e5 ? "%.1f ms" : "%.0f ms", us / 1e3);
	else
		snprintf(out, CELL, "%.1f s", us / 1e6);
}

static void quantile_text(const struct histogram *h, double share, char out[CELL])
{
	if (h && h->count)
		time_text(histogram_quantile(h, share), out);
	else
		snprintf(out, CELL, "·");
}

static void longest_text(const struct histogram *h, char out[CELL])
{
	if (h && h->count)
		time_text(h->max_ns, out);
	else
		snprintf(out, CELL, "·");
}

static void cell_queued(const struct statistics_row *r, char out[CELL])
{
	quantile_text(r->queued, 0.5, out);
}

static void cell_queued_99(const struct statistics_row *r, char out[CELL])
{
	quantile_text(r->queued, 0.99, out);
}

static void cell_queued_longest(const struct statistics_row *r, char out[CELL])
{
	longest_text(r->queued, out);
}

static void cell_handled(const struct statistics_row *r, char out[CELL])
{
	quantile_text(r->handled, 0.5, out);
}

static void cell_handled_99(const struct statistics_row *r, char out[CELL])
{
	quantile_text(r->handled, 0.99, out);
}

static void cell_handled_longest(const struct statistics_row *r, char out[CELL])
{
	longest_text(r->handled, out);
}

/* In the order in which they stand. Those with the highest rank go first when there is no room for all. */
static const struct {
	const char *title;
	int columns, rank;
	enum statistics_order order; /* that it shows, or STATISTICS_ORDERS */
	void (*text)(const struct statistics_row *, char out[CELL]);
} table[] = {
	{ "count", 9, 0, ORDER_BY_COUNT, cell_count },
	{ "bytes", 7, 1, ORDER_BY_BYTES, cell_bytes },
	{ "queued", 8, 4, ORDER_BY_QUEUED, cell_queued },
	{ "99 %", 8, 9, STATISTICS_ORDERS, cell_queued_99 },
	{ "max", 8, 8, STATISTICS_ORDERS, cell_queued_longest },
	{ "handler", 8, 2, ORDER_BY_HANDLED, cell_handled },
	{ "99 %", 8, 7, STATISTICS_ORDERS, cell_handled_99 },
	{ "max", 8, 5, ORDER_BY_LONGEST, cell_handled_longest },
	{ "lost", 6, 3, ORDER_BY_LOST, cell_lost },
	{ "no reply", 9, 6, STATISTICS_ORDERS, cell_unanswered },
	{ "refused", 8, 10, STATISTICS_ORDERS, cell_refused },
};
#define COLUMNS (sizeof(table) / sizeof(table[0]))

/* Columns of at most which rank have room, beside a name and a sparkline. */
static int rank_that_fits(int columns)
{
	for (int rank = (int)COLUMNS; rank > 0; rank--) {
		int wanted = NAME_LEAST + SPARK_LEAST + 3;
		for (size_t i = 0; i < COLUMNS; i++)
			wanted += table[i].rank <= rank ? table[i].columns : 0;
		if (wanted <= columns)
			return rank;
	}
	return 0;
}

struct places {
	int rank, name, spark, spark_columns;
};

/* The name has what it needs of what the figures leave, the sparkline the rest. */
static struct places place(int columns)
{
	struct places p = { .rank = rank_that_fits(columns) };
	int left = columns - 3;

	for (size_t i = 0; i < COLUMNS; i++)
		left -= table[i].rank <= p.rank ? table[i].columns : 0;
	p.name = left - SPARK_LEAST < NAME_MOST ? left - SPARK_LEAST : NAME_MOST;
	p.name = p.name > 8 ? p.name : 8;
	p.spark = columns - (left - p.name) - 1;
	p.spark_columns = left - p.name < SPARK_MOST ? left - p.name : SPARK_MOST;
	return p;
}

void statistics_draw_heading(struct ui *ui, struct area row, enum statistics_by by,
			     enum statistics_order order)
{
	static const char *const names[BY_COUNT] = { "message", "from → to", "tab", "process" };
	struct places p = place(row.columns);
	int at = row.column + 1 + p.name;

	canvas_text(&ui->canvas, row.row, row.column + 1, p.name, STYLE_IDLE, names[by]);
	for (size_t i = 0; i < COLUMNS; i++) {
		if (table[i].rank > p.rank)
			continue;
		at += table[i].columns;
		canvas_text_right(&ui->canvas, row.row, at, table[i].columns - 1,
				  table[i].order == order ? STYLE_BOLD : STYLE_IDLE, table[i].title);
	}
	if (p.spark_columns >= SPARK_LEAST)
		canvas_text(&ui->canvas, row.row, row.column + p.spark, p.spark_columns, STYLE_IDLE,
			    p.spark_columns > 8 ? "over time" : "rate");
}

static struct style style_of(struct ui *ui, const char *name)
{
	char text[ENDPOINT_TEXT];

	for (const struct process_host *p = ui->browser->processes->first; p; p = p->next)
		if (strcmp(words_endpoint(p->name, text, sizeof(text)), name) == 0)
			return words_endpoint_style(ui, p->name);
	return STYLE_PLAIN;
}

static void draw_key(struct ui *ui, struct area row, const struct statistics_row *r, enum statistics_by by,
		     uint64_t others)
{
	struct canvas *c = &ui->canvas;
	int at = row.column, end = row.column + row.columns;

	if (others) {
		canvas_text(c, row.row, at, row.columns, STYLE_IDLE, "all others");
		return;
	}
	at += canvas_text(c, row.row, at, row.columns,
			  by == BY_PAIR || by == BY_PROCESS ? style_of(ui, r->key) : STYLE_PLAIN, r->key);
	if (by == BY_PAIR) {
		at += canvas_text(c, row.row, at, end - at, STYLE_IDLE, " → ");
		canvas_text(c, row.row, at, end - at, style_of(ui, r->peer), r->peer);
	}
	const struct tab *tab =
		by == BY_TAB ? tab_find(ui->browser->tabs, (uint32_t)strtoul(r->key, NULL, 10)) : NULL;
	const char *label = tab ? tab_label(tab) : by == BY_TAB && strcmp(r->key, "0") == 0 ? "no tab" : "";

	if (at + 2 < end)
		canvas_text(c, row.row, at + 2, end - at - 2, STYLE_IDLE, label);
}

void statistics_draw_row(struct ui *ui, struct area row, const struct statistics *s,
			 const struct statistics_row *r, enum statistics_by by, uint64_t others)
{
	struct places p = place(row.columns);
	int at = row.column + 1 + p.name;
	char text[CELL], line[3 * STATISTICS_BUCKETS + 1];

	draw_key(ui, (struct area){ row.row, row.column + 1, 1, p.name }, r, by, others);
	for (size_t i = 0; i < COLUMNS; i++) {
		if (table[i].rank > p.rank)
			continue;
		at += table[i].columns;
		table[i].text(r, text);
		bool bad = table[i].order == ORDER_BY_LOST && r->lost;
		canvas_text_right(&ui->canvas, row.row, at, table[i].columns - 1,
				  bad ? STYLE_DEATH : STYLE_PLAIN, text);
	}
	if (p.spark_columns >= SPARK_LEAST)
		canvas_text(&ui->canvas, row.row, row.column + p.spark, p.spark_columns, STYLE_IDLE,
			    statistics_sparkline(s, r, p.spark_columns, false, line));
}
