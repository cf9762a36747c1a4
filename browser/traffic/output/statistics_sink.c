/* See statistics_sink.h: tables for people. statistics_json.c prints the same for machines. */
#include "browser/traffic/output/statistics_sink.h"
#include "browser/traffic/output/paper.h"
#include "browser/traffic/output/statistics.h"
#include "browser/traffic/output/statistics_json.h"
#include <stdlib.h>
#include <string.h>

#define TOP_ROWS    10 /* of each table, unless told otherwise */
#define TIME_ROWS   40
#define SPARK_LEAST 8
#define SPARK_MOST  32

struct statistics_sink {
	struct sink_options options;
	struct statistics *statistics;
	bool ascii;
	int columns;
};

static void *begin(const struct sink_options *options)
{
	struct statistics_sink *k = calloc(1, sizeof(*k));
	struct statistics *s = statistics_create(options->start_us);

	if (!k || !s) {
		free(k);
		statistics_destroy(s);
		return NULL;
	}
	*k = (struct statistics_sink){ *options, s, paper_is_ascii(), paper_columns(options->out) };
	return k;
}

static void take_event(void *sink, const struct traffic_event *e)
{
	struct statistics_sink *k = sink;

	statistics_add(k->statistics, e, STATISTICS_ALL);
}

static void finish(struct statistics_sink *k)
{
	statistics_destroy(k->statistics);
	free(k);
}

/* Text and tables. */

/* At most that many columns of it, and blanks behind; all that stands in a key has width one, or nearly. */
static void print_cell(FILE *out, const char *text, int columns)
{
	int used = 0;

	for (; *text && used < columns; text++) {
		fputc(*text, out);
		while (((unsigned char)text[1] & 0xc0) == 0x80)
			fputc(*++text, out);
		used++;
	}
	fprintf(out, "%*s", columns - used, "");
}

static void print_key(const struct statistics_sink *k, const struct statistics_row *r, uint64_t others,
		      int columns)
{
	char text[2 * STATISTICS_KEY + 8];

	if (others)
		snprintf(text, sizeof(text), "others (at most %llu)", (unsigned long long)others);
	else if (r->peer[0])
		snprintf(text, sizeof(text), "%s -> %s", r->key, r->peer);
	else
		snprintf(text, sizeof(text), "%s", r->key);
	print_cell(k->options.out, text, columns);
}

static void print_total(const struct statistics_sink *k)
{
	const struct statistics_total *t = statistics_total(k->statistics);
	double seconds = (double)t->span_us / 1e6;
	FILE *out = k->options.out;

	fprintf(out, "%llu messages, %llu bytes in %.1f s", (unsigned long long)t->all.count,
		(unsigned long long)t->all.bytes, seconds);
	if (t->span_us)
		fprintf(out, " (%.1f a second)", (double)t->all.count / seconds);
	fprintf(out, "; %llu lost, %llu refused, %llu of %llu requests without a reply among them\n",
		(unsigned long long)t->all.lost, (unsigned long long)t->all.refused,
		(unsigned long long)(t->all.asked - t->all.answered), (unsigned long long)t->all.asked);
	if (t->missing)
		fprintf(out, "%llu more lines are missing in the log\n", (unsigned long long)t->missing);
	if (t->gaps)
		fprintf(out, "a recorder was overwritten before it was read, %llu times\n",
			(unsigned long long)t->gaps);
	if (t->forgotten)
		fprintf(out,
			"%llu requests waited while thousands of others did: whether they had a reply is not known\n",
			(unsigned long long)t->forgotten);
}

static const struct {
	const char *title;
	enum statistics_by by;
	int columns;
} top_tables[] = {
	{ "process", BY_PROCESS, 24 },
	{ "from -> to", BY_PAIR, 24 },
	{ "message", BY_NAME, 24 },
	{ "tab", BY_TAB, 24 },
};

static void print_top_row(const struct statistics_sink *k, const struct statistics_row *r, uint64_t others,
			  enum statistics_by by, int columns)
{
	const struct statistics_total *t = statistics_total(k->statistics);
	int room = k->columns - columns - 58 - (by == BY_PROCESS ? 10 : 0);
	char line[3 * STATISTICS_BUCKETS + 1] = "", share[16] = "-";
	FILE *out = k->options.out;

	if (room >= SPARK_LEAST)
		statistics_sparkline(k->statistics, r, room < SPARK_MOST ? room : SPARK_MOST, k->ascii, line);
	if (t->all.count)
		snprintf(share, sizeof(share), "%.1f %%", 100.0 * (double)r->count / (double)t->all.count);
	print_key(k, r, others, columns);
	fprintf(out, " %9llu %8s %12llu", (unsigned long long)r->count, share, (unsigned long long)r->bytes);
	if (by == BY_PROCESS)
		fprintf(out, " %9llu", (unsigned long long)r->sent);
	fprintf(out, " %6llu %7llu %8llu%s%s\n", (unsigned long long)r->lost, (unsigned long long)r->refused,
		(unsigned long long)(r->asked - r->answered), *line ? "  " : "", line);
}

static void print_top_table(const struct statistics_sink *k, unsigned table)
{
	const struct statistics_row *rows[STATISTICS_ROWS];
	enum statistics_by by = top_tables[table].by;
	unsigned count = statistics_rows(k->statistics, by, ORDER_BY_COUNT, rows);
	unsigned most = k->options.limit ? k->options.limit : TOP_ROWS;
	int columns = top_tables[table].columns;
	uint64_t folded;
	FILE *out = k->options.out;

	if (!count)
		return;
	const struct statistics_row *others = statistics_others(k->statistics, by, &folded);
	fputc('\n', out);
	print_cell(out, top_tables[table].title, columns);
	fprintf(out, " %9s %8s %12s%s %6s %7s %8s  over time\n", "messages", "share", "bytes",
		by == BY_PROCESS ? "      sent" : "", "lost", "refused", "no reply");
	for (unsigned i = 0; i < count && i < most; i++)
		print_top_row(k, rows[i], 0, by, columns);
	if (others)
		print_top_row(k, others, folded, by, columns);
	if (count > most)
		fprintf(out, "%u more; --rows %u shows them\n", count - most, count);
}

static void end_top(void *sink)
{
	struct statistics_sink *k = sink;

	if (k->options.json) {
		statistics_print_json(k->statistics, (1u << BY_COUNT) - 1, ORDER_BY_COUNT, k->options.limit,
				      k->options.out);
	} else {
		print_total(k);
		for (unsigned i = 0; i < sizeof(top_tables) / sizeof(top_tables[0]); i++)
			print_top_table(k, i);
	}
	finish(k);
}

/* Times, in us. */

static void print_times(FILE *out, const struct histogram *h)
{
	if (!h || !h->count) {
		fprintf(out, " %9s %9s %9s", "-", "-", "-");
		return;
	}
	fprintf(out, " %9.1f %9.1f %9.1f", (double)histogram_quantile(h, 0.5) / 1e3,
		(double)histogram_quantile(h, 0.99) / 1e3, (double)h->max_ns / 1e3);
}

static void print_time_row(const struct statistics_sink *k, const struct statistics_row *r, uint64_t others)
{
	FILE *out = k->options.out;

	print_key(k, r, others, 26);
	fprintf(out, " %9llu ", (unsigned long long)r->count);
	print_times(out, r->queued);
	fputc(' ', out);
	print_times(out, r->handled);
	if (r->handled)
		fprintf(out, " %12.1f\n", (double)r->handled->total_ns / 1e3);
	else
		fprintf(out, " %12s\n", "-");
}

static void end_time(void *sink)
{
	struct statistics_sink *k = sink;
	const struct statistics_row *rows[STATISTICS_ROWS];
	unsigned count = statistics_rows(k->statistics, BY_NAME, ORDER_BY_TOTAL, rows);
	unsigned most = k->options.limit ? k->options.limit : TIME_ROWS;
	uint64_t folded;
	FILE *out = k->options.out;

	if (k->options.json) {
		statistics_print_json(k->statistics, 1u << BY_NAME, ORDER_BY_TOTAL, k->options.limit, out);
		finish(k);
		return;
	}
	const struct statistics_row *others = statistics_others(k->statistics, BY_NAME, &folded);
	print_total(k);
	fprintf(out, "\n%-26s %9s  %29s  %29s\n", "us", "", "queued", "in the handler");
	fprintf(out, "%-26s %9s  %9s %9s %9s  %9s %9s %9s %12s\n", "message", "messages", "median", "99 %",
		"longest", "median", "99 %", "longest", "all together");
	for (unsigned i = 0; i < count && i < most; i++)
		print_time_row(k, rows[i], 0);
	if (others)
		print_time_row(k, others, folded);
	if (count > most)
		fprintf(out, "%u more; --rows %u shows them\n", count - most, count);
	fprintf(out, "\nMedians and 99 %% are right within 1.6 %%, or 0.1 us; all else is exact.\n");
	finish(k);
}

const struct sink_type top_sink = {
	.name = "top",
	.has_json = true,
	.about = "who talks most: processes, pairs, messages and tabs",
	.begin = begin,
	.event = take_event,
	.end = end_top,
};

const struct sink_type time_sink = {
	.name = "time",
	.has_json = true,
	.about = "how long messages wait and are handled, by name",
	.begin = begin,
	.event = take_event,
	.end = end_time,
};
