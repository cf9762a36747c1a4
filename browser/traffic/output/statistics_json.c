/* See statistics_json.h. */
#include "browser/traffic/output/statistics_json.h"
#include <string.h>

static void print_number(FILE *out, const char *name, uint64_t value)
{
	fprintf(out, "\"%s\":%llu", name, (unsigned long long)value);
}

static void print_next(FILE *out, const char *name, uint64_t value)
{
	fputc(',', out);
	print_number(out, name, value);
}

static void print_text(FILE *out, const char *name, const char *text)
{
	char quoted[6 * STATISTICS_KEY + 3];
	struct format f = format_into(quoted, sizeof(quoted));

	format_json_string(&f, text, strlen(text));
	fprintf(out, "\"%s\":%s,", name, quoted);
}

static void print_times(FILE *out, const char *name, const struct histogram *h)
{
	static const struct histogram none;

	h = h ? h : &none;
	fprintf(out, ",\"%s\":{\"count\":%llu,\"median\":%.1f,\"p99\":%.1f,\"max\":%.1f,\"total\":%.1f}",
		name, (unsigned long long)h->count, (double)histogram_quantile(h, 0.5) / 1e3,
		(double)histogram_quantile(h, 0.99) / 1e3, (double)h->max_ns / 1e3,
		(double)h->total_ns / 1e3);
}

/* What every row and the whole have. */
static void print_counts(FILE *out, const struct statistics_row *r)
{
	print_number(out, "messages", r->count);
	print_next(out, "bytes", r->bytes);
	print_next(out, "lost", r->lost);
	print_next(out, "refused", r->refused);
	print_next(out, "requests", r->asked);
	print_next(out, "unanswered", r->asked - r->answered);
	print_times(out, "queued_us", r->queued);
	print_times(out, "handled_us", r->handled);
}

static void print_key(FILE *out, const struct statistics_row *r, enum statistics_by by)
{
	if (by == BY_TAB) {
		fprintf(out, "\"tab\":%s,", r->key); /* digits: see where it is counted */
		return;
	}
	print_text(out, by == BY_PAIR ? "from" : statistics_by_names[by], r->key);
	if (by == BY_PAIR)
		print_text(out, "to", r->peer);
}

static void print_row(FILE *out, const struct statistics *s, const struct statistics_row *r,
		      enum statistics_by by, uint64_t others)
{
	fputc('{', out);
	if (others)
		fprintf(out, "\"others\":%llu,", (unsigned long long)others);
	else
		print_key(out, r, by);
	print_counts(out, r);
	if (by == BY_PROCESS) {
		print_next(out, "sent", r->sent);
		print_next(out, "received", r->count - r->sent);
	}
	print_next(out, "bucket_us", statistics_bucket_us(s));
	fprintf(out, ",\"over_time\":[");
	unsigned used = STATISTICS_BUCKETS;
	while (used && !r->over_time[used - 1])
		used--;
	for (unsigned i = 0; i < used; i++)
		fprintf(out, "%s%u", i ? "," : "", r->over_time[i]);
	fprintf(out, "]}");
}

void statistics_print_json(struct statistics *s, unsigned which, enum statistics_order order, unsigned limit,
			   FILE *out)
{
	static const char *const plurals[BY_COUNT] = { "names", "pairs", "tabs", "processes" };
	const struct statistics_total *t = statistics_total(s);
	const struct statistics_row *rows[STATISTICS_ROWS];
	uint64_t folded;

	fputc('{', out);
	print_counts(out, &t->all);
	print_next(out, "span_us", t->span_us);
	print_next(out, "missing", t->missing);
	print_next(out, "gaps", t->gaps);
	print_next(out, "requests_forgotten", t->forgotten);
	for (enum statistics_by by = 0; by < BY_COUNT; by++) {
		if (!(which & 1u << by))
			continue;
		unsigned count = statistics_rows(s, by, order, rows);
		const struct statistics_row *others = statistics_others(s, by, &folded);
		fprintf(out, ",\"%s\":[", plurals[by]);
		for (unsigned i = 0; i < count && (!limit || i < limit); i++) {
			fputs(i ? "," : "", out);
			print_row(out, s, rows[i], by, 0);
		}
		fputs(others && count ? "," : "", out);
		if (others)
			print_row(out, s, others, by, folded);
		fputc(']', out);
	}
	fputs("}\n", out);
}
