/*
 * See sequence_sink.h. Lanes must be known before the first line is drawn, so rows are kept until the end:
 * the first SEQUENCE_ROWS, put in order of time; how many came after them is said.
 */
#include "browser/traffic/output/sequence_sink.h"
#include "browser/traffic/output/paper.h"
#include "browser/traffic/output/sequence_draw.h"
#include "common/utf8.h"
#include <stdlib.h>
#include <string.h>

#define SEQUENCE_ROWS 10000
#define HEAD_EVERY    60 /* rows after which the names stand there again */

struct sequence_sink {
	struct sink_options options;
	struct sequence sequence;
	struct sequence_row *rows;
	unsigned count, most;
	uint64_t left_out;
};

static void *begin(const struct sink_options *options)
{
	struct sequence_sink *k = calloc(1, sizeof(*k));

	if (!k)
		return NULL;
	k->options = *options;
	k->most = options->limit && options->limit < SEQUENCE_ROWS ? options->limit : SEQUENCE_ROWS;
	k->rows = malloc(k->most * sizeof(*k->rows));
	if (!k->rows) {
		free(k);
		return NULL;
	}
	sequence_init(&k->sequence);
	return k;
}

static void take_event(void *sink, const struct traffic_event *e)
{
	struct sequence_sink *k = sink;
	struct sequence_row row;

	if (k->count == k->most)
		k->left_out +=
			e->kind == TRAFFIC_MESSAGE || e->kind == TRAFFIC_INPUT || e->kind == TRAFFIC_PROCESS;
	else if (sequence_take(&k->sequence, e, &row))
		k->rows[k->count++] = row;
}

/* By time; what happened in the same microsecond as it came. */
static int compare_rows(const void *one, const void *other)
{
	const struct sequence_row *a = one, *b = other;

	if (a->ts_us != b->ts_us)
		return a->ts_us < b->ts_us ? -1 : 1;
	return a->number < b->number ? -1 : a->number > b->number;
}

/* The lanes that are used, as many as fit: those that talk least are left out. */
static unsigned choose_lanes(const struct sequence *s, int columns, uint8_t *out)
{
	unsigned fit = sequence_lanes_fit(columns), used = 0, count = 0;
	bool left_out[SEQUENCE_LANES] = { false };

	for (unsigned i = 0; i < s->lane_count; i++)
		used += s->lanes[i].talks > 0;
	for (; used > fit; used--) {
		unsigned least = SEQUENCE_LANES; /* none; there is one as long as more are used than fit */
		for (unsigned i = 0; i < s->lane_count; i++)
			if (!left_out[i] && s->lanes[i].talks &&
			    (least == SEQUENCE_LANES || s->lanes[i].talks <= s->lanes[least].talks))
				least = i;
		if (least < SEQUENCE_LANES)
			left_out[least] = true;
	}
	for (unsigned i = 0; i < s->lane_count; i++)
		if (s->lanes[i].talks && !left_out[i])
			out[count++] = (uint8_t)i;
	return count;
}

static void print_cells(FILE *out, const struct sequence_cell *cells, int columns)
{
	char text[4] = "";

	while (columns && cells[columns - 1].code_point == ' ')
		columns--;
	for (int i = 0; i < columns; i++)
		if (cells[i].code_point)
			fwrite(text, 1, utf8_encode(cells[i].code_point, text), out);
	fputc('\n', out);
}

static void print_rows(struct sequence_sink *k, struct sequence_layout *l)
{
	struct sequence_cell cells[SEQUENCE_COLUMNS];

	for (unsigned i = 0; i < k->count; i++) {
		if (i % HEAD_EVERY == 0) {
			sequence_draw_head(l, cells);
			print_cells(k->options.out, cells, l->columns);
		}
		for (unsigned line = 0; line < sequence_row_lines(l, &k->rows[i]); line++) {
			sequence_draw_row(l, &k->rows[i], line, cells);
			print_cells(k->options.out, cells, l->columns);
		}
		sequence_pass(l, &k->rows[i]);
	}
}

static void print_left_out(const struct sequence_sink *k, const struct sequence_layout *l)
{
	FILE *out = k->options.out;
	unsigned lanes = 0;

	for (unsigned i = 0; i < k->sequence.lane_count; i++) {
		const struct sequence_lane *lane = &k->sequence.lanes[i];
		if (l->at[i] < 0 && lane->talks)
			fprintf(out, "%s%s (%llu)", lanes++ ? ", " : "\nno room for the lanes of ",
				lane->name, (unsigned long long)lane->talks);
	}
	fputs(lanes ? "; COLUMNS=200 makes more\n" : "", out);
	if (k->left_out)
		fprintf(out,
			"\n%llu more are left out after the first %u; a filter chooses which are drawn\n",
			(unsigned long long)k->left_out, k->count);
}

static void end(void *sink)
{
	struct sequence_sink *k = sink;
	struct sequence_layout layout;
	uint8_t lanes[SEQUENCE_LANES];
	int columns = paper_columns(k->options.out);

	qsort(k->rows, k->count, sizeof(*k->rows), compare_rows);
	unsigned count = choose_lanes(&k->sequence, columns, lanes);
	sequence_lay_out(&layout, &k->sequence, lanes, count, columns, k->count ? k->rows[0].ts_us : 0,
			 paper_is_ascii());
	print_rows(k, &layout);
	print_left_out(k, &layout);
	free(k->rows);
	free(k);
}

const struct sink_type sequence_sink = {
	.name = "sequence",
	.about = "a sequence diagram: a lane for each process, an arrow for each message",
	.begin = begin,
	.event = take_event,
	.end = end,
};
