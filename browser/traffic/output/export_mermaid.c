/*
 * The sink mermaid: a sequenceDiagram for documents, the first messages of what it is given in the order of
 * time. Mermaid draws no more than some 50,000 characters, so neither is more written; what is left out is
 * counted in the last line. browser/traffic/output/sequence.c draws the same for a terminal.
 */
#include "browser/traffic/output/export.h"
#include <stdlib.h>
#include <string.h>

#define MERMAID_ROWS	 300   /* as many as it usually shows */
#define MERMAID_ROWS_MAX 10000 /* and as many as it can be told to */
#define MERMAID_BYTES	 45000
#define MERMAID_LANES	 32 /* the last stands for all others */
#define LANE_TEXT	 64
#define ROW_TEXT	 200

struct row {
	uint64_t at_ns, sequence;
	unsigned from, to; /* lanes; a note has only the first */
	const char *arrow; /* NULL: a note */
	char text[ROW_TEXT];
};

struct mermaid {
	struct sink_options options;
	struct export_room room;
	struct row *rows; /* twice the limit: sorted and halved when full */
	size_t count, limit;
	uint64_t taken; /* rows ever offered */
	char lanes[MERMAID_LANES][LANE_TEXT];
	bool named[MERMAID_LANES];
	unsigned nlanes;
	size_t written;
};

static void *mermaid_begin(const struct sink_options *options)
{
	struct mermaid *m = calloc(1, sizeof *m);

	if (!m)
		return NULL;
	m->options = *options;
	m->limit = options->limit ? options->limit : MERMAID_ROWS;
	if (m->limit > MERMAID_ROWS_MAX)
		m->limit = MERMAID_ROWS_MAX;
	m->rows = calloc(m->limit * 2, sizeof *m->rows);
	if (m->rows)
		return m;
	free(m);
	return NULL;
}

static unsigned find_lane(struct mermaid *m, const char *name)
{
	unsigned lane = 0;

	while (lane < m->nlanes && strncmp(m->lanes[lane], name, LANE_TEXT - 1) != 0)
		lane++;
	if (lane < m->nlanes)
		return lane;
	if (lane == MERMAID_LANES)
		return MERMAID_LANES - 1;
	m->nlanes++;
	snprintf(m->lanes[lane], LANE_TEXT, "%s", lane == MERMAID_LANES - 1 ? "others" : name);
	return lane;
}

static int compare_rows(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->at_ns != y->at_ns)
		return x->at_ns < y->at_ns ? -1 : 1;
	return x->sequence < y->sequence ? -1 : x->sequence > y->sequence;
}

static struct row *add_row(struct mermaid *m, const struct traffic_event *e)
{
	struct row *row;

	if (m->count == m->limit * 2) {
		qsort(m->rows, m->count, sizeof *m->rows, compare_rows);
		m->count = m->limit;
	}
	row = &m->rows[m->count++];
	*row = (struct row){ .at_ns = export_since(&m->options, e), .sequence = m->taken++ };
	return row;
}

/* What has a meaning of its own in Mermaid becomes an entity. */
static void put_text(struct format *out, const char *text)
{
	for (const char *s = text; *s && !out->full; s++) {
		if (strchr("#;\"<>%{}\\`|&", *s) || (unsigned char)*s < ' ' || *s == 0x7f)
			format_printf(out, "#%u;", (unsigned char)*s);
		else
			format_char(out, *s);
	}
	/* A character that did not fit whole is taken back whole. */
	if (out->full)
		while (out->length && (unsigned char)out->text[out->length - 1] & 0x80)
			out->text[--out->length] = '\0';
}

static void put_time(struct format *out, uint64_t ns)
{
	format_printf(out, "%llu.%06llu s ", (unsigned long long)(ns / 1000000000),
		      (unsigned long long)(ns / 1000 % 1000000));
}

static const char *arrow_of(const struct traffic_event *e)
{
	static const struct {
		enum traffic_status status;
		const char *arrow;
	} arrows[] = { { TRAFFIC_DELIVERED, "->>" }, { TRAFFIC_REFUSED, "--x" }, { TRAFFIC_LOST, "--x" } };
	const char *status = traffic_status(e);

	for (size_t i = 0; i < sizeof arrows / sizeof *arrows; i++)
		if (strcmp(status, traffic_status_names[arrows[i].status]) == 0)
			return arrows[i].arrow;
	return "--)"; /* nobody knows that it came in */
}

static void add_message(struct mermaid *m, const struct traffic_event *e)
{
	char buf[ENDPOINT_TEXT], name[TRAFFIC_NAME_TEXT], fate[EXPORT_FATE_TEXT];
	struct row *row = add_row(m, e);
	struct format out = format_into(row->text, sizeof row->text);

	row->from = find_lane(m, traffic_from(e, buf));
	row->to = find_lane(m, traffic_to(e, buf));
	row->arrow = arrow_of(e);
	put_time(&out, row->at_ns);
	put_text(&out, traffic_name(e, name));
	if (export_fate(e, fate)[0]) {
		format_text(&out, " (");
		put_text(&out, fate);
		format_char(&out, ')');
	}
}

/* Deaths, hangs and what the user did. */
static void add_note(struct mermaid *m, const struct traffic_event *e)
{
	char buf[ENDPOINT_TEXT], name[TRAFFIC_NAME_TEXT], detail[96];
	struct row *row = add_row(m, e);
	struct format out = format_into(row->text, sizeof row->text);

	row->from = find_lane(m, traffic_from(e, buf));
	put_time(&out, row->at_ns);
	put_text(&out, traffic_name(e, name));
	if (export_detail(e, &m->room, detail, sizeof detail)) {
		format_text(&out, ": ");
		put_text(&out, detail);
	}
}

static void mermaid_event(void *sink, const struct traffic_event *e)
{
	static const enum traffic_process_event told[] = { TRAFFIC_PROCESS_EXIT, TRAFFIC_PROCESS_UNRESPONSIVE,
							   TRAFFIC_PROCESS_GAP, TRAFFIC_PROCESS_FORGED };
	char name[TRAFFIC_NAME_TEXT];
	struct mermaid *m = sink;

	if (e->kind == TRAFFIC_MESSAGE)
		add_message(m, e);
	else if (e->kind == TRAFFIC_INPUT)
		add_note(m, e);
	else if (e->kind == TRAFFIC_PROCESS)
		for (size_t i = 0; i < sizeof told / sizeof *told; i++)
			if (strcmp(traffic_name(e, name), traffic_process_event_names[told[i]]) == 0)
				add_note(m, e);
}

static void put_row(struct mermaid *m, const struct row *row)
{
	int n = row->arrow ? fprintf(m->options.out, "    p%u%sp%u: %s\n", row->from, row->arrow, row->to,
				     row->text)
			   : fprintf(m->options.out, "    Note over p%u: %s\n", row->from, row->text);

	m->written += n > 0 ? (size_t)n : 0;
}

/* Only those that a row names: the rest of what was offered may be left out. */
static void put_lanes(struct mermaid *m)
{
	for (size_t i = 0; i < m->count; i++) {
		m->named[m->rows[i].from] = true;
		if (m->rows[i].arrow)
			m->named[m->rows[i].to] = true;
	}
	for (unsigned i = 0; i < m->nlanes; i++) {
		char text[LANE_TEXT * 5];
		struct format out = format_into(text, sizeof text);

		put_text(&out, m->lanes[i]);
		if (m->named[i])
			fprintf(m->options.out, "    participant p%u as %s\n", i, text[0] ? text : "?");
	}
}

static void mermaid_end(void *sink)
{
	struct mermaid *m = sink;
	size_t shown;

	qsort(m->rows, m->count, sizeof *m->rows, compare_rows);
	if (m->count > m->limit)
		m->count = m->limit;
	fputs("sequenceDiagram\n", m->options.out);
	put_lanes(m);
	for (shown = 0; shown < m->count && m->written < MERMAID_BYTES; shown++)
		put_row(m, &m->rows[shown]);
	if (shown < m->taken)
		fprintf(m->options.out, "    Note over p%u: … and %llu more, left out here\n",
			m->rows[0].from, (unsigned long long)(m->taken - shown));
	free(m->rows);
	free(m->room.text);
	free(m);
}

const struct sink_type export_mermaid = {
	.name = "mermaid",
	.about = "a sequence diagram for documents; the first 300 messages",
	.exports = true,
	.begin = mermaid_begin,
	.event = mermaid_event,
	.end = mermaid_end,
};
