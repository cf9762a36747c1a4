/* See print.h. */
#include "browser/traffic/output/print.h"
#include <stdlib.h>

#define TEXT_BYTES (64u << 10) /* a longer line for people is cut */

struct print {
	FILE *out;
	uint64_t start_us, count;
	bool json;
	struct format line;
};

static void print_end(void *sink)
{
	struct print *p = sink;

	free(p->line.text);
	free(p);
}

/* With room for lines of so many bytes. */
static struct print *print_begin(const struct sink_options *options, size_t bytes)
{
	struct print *p = calloc(1, sizeof *p);

	if (!p)
		return NULL;
	p->out = options->out;
	p->start_us = options->start_us;
	p->json = options->json;
	if (!bytes)
		return p;
	p->line = (struct format){ .text = malloc(bytes), .capacity = bytes };
	if (p->line.text)
		return p;
	print_end(p);
	return NULL;
}

/* With its end; what did not fit is cut. */
static void print_line(struct print *p)
{
	p->line.text[p->line.length] = '\n';
	fwrite(p->line.text, 1, p->line.length + 1, p->out);
}

static void *text_begin(const struct sink_options *options)
{
	return print_begin(options, TEXT_BYTES);
}

static void text_event(void *sink, const struct traffic_event *e)
{
	struct print *p = sink;

	p->line = format_into(p->line.text, p->line.capacity);
	traffic_format_line(e, p->start_us, &p->line);
	print_line(p);
}

const struct sink_type text_sink = { .name = "text",
				     .about = "a line for each; what becomes of it when nothing is asked",
				     .exports = true,
				     .begin = text_begin,
				     .event = text_event,
				     .end = print_end };

static void *json_begin(const struct sink_options *options)
{
	struct print *p = print_begin(options, traffic_line_bytes());

	if (p && options->session)
		fprintf(p->out, "%s\n", options->session);
	return p;
}

static void json_event(void *sink, const struct traffic_event *e)
{
	struct print *p = sink;

	if (e->words) {
		fwrite(e->words->line, 1, e->words->line_length, p->out);
		putc('\n', p->out);
		return;
	}
	p->line = format_into(p->line.text, p->line.capacity);
	traffic_format_json(e, &p->line);
	print_line(p);
}

const struct sink_type json_sink = { .name = "json",
				     .about = "as a log again, JSON Lines",
				     .begin = json_begin,
				     .event = json_event,
				     .end = print_end };

static void *count_begin(const struct sink_options *options)
{
	return print_begin(options, 0);
}

static void count_event(void *sink, const struct traffic_event *e)
{
	struct print *p = sink;

	(void)e;
	p->count++;
}

static void count_end(void *sink)
{
	struct print *p = sink;

	fprintf(p->out, p->json ? "{\"count\":%llu}\n" : "%llu\n", (unsigned long long)p->count);
	print_end(p);
}

const struct sink_type count_sink = { .name = "count",
				      .about = "only how many there are, messages and others",
				      .has_json = true,
				      .begin = count_begin,
				      .event = count_event,
				      .end = count_end };
