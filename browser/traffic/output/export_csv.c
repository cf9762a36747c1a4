/*
 * The sink csv: RFC 4180, a line an event, for spreadsheets. They run what begins with = + - or @ as a
 * formula, some also behind blanks or as full-width letters, or | as a command, and text may come from a
 * page: such cells get an apostrophe in front.
 */
#include "browser/traffic/output/export.h"
#include <stdlib.h>
#include <string.h>

struct csv {
	FILE *out;
	uint64_t start_us;
	struct export_room room;
};

static void *csv_begin(const struct sink_options *options)
{
	struct csv *csv = calloc(1, sizeof *csv);

	if (!csv)
		return NULL;
	*csv = (struct csv){ .out = options->out, .start_us = options->start_us };
	fputs("seconds,ts_us,type,id,cause,from,to,name,page,bytes,fds,queued_us,handled_us,held_us,toxic,"
	      "breakpoint,marks,status,where,reason,args\r\n",
	      csv->out);
	return csv;
}

/* The length of the blank that the text begins with, also of those beyond ASCII; 0: it begins with none. */
static size_t blank_length(const char *text)
{
	static const char *const blanks[] = { " ",	"\t",	  "\r",	    "\n",     "\v",	"\f",
					      "\u00a0", "\u2007", "\u202f", "\u200b", "\u3000", "\ufeff" };

	if ((uint8_t)text[0] > ' ' && (uint8_t)text[0] < 0x80) /* nearly always */
		return 0;
	for (size_t i = 0; i < sizeof blanks / sizeof *blanks; i++)
		if (strncmp(text, blanks[i], strlen(blanks[i])) == 0)
			return strlen(blanks[i]);
	return 0;
}

/* Could a spreadsheet run it? A tab and the end of a line may also lead it into the next cell. */
static bool is_risky(const char *text)
{
	static const char *const wide[] = { "＝", "＋", "－", "＠", "｜" };

	if (text[0] == '\t' || text[0] == '\r' || text[0] == '\n')
		return true;
	for (size_t n; (n = blank_length(text));)
		text += n;
	if ((uint8_t)text[0] < 0x80)
		return text[0] && strchr("=+-@|", text[0]);
	for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
		if (strncmp(text, wide[i], strlen(wide[i])) == 0)
			return true;
	return false;
}

static void put_text(FILE *out, const char *text)
{
	bool risky = is_risky(text);

	if (!risky && !strpbrk(text, ",\"\r\n")) {
		fputs(text, out);
		return;
	}
	fputs(risky ? "\"'" : "\"", out);
	for (const char *s = text; *s; s++) {
		if (*s == '"')
			putc('"', out);
		putc(*s, out);
	}
	putc('"', out);
}

static void put_cell(FILE *out, const char *text)
{
	putc(',', out);
	put_text(out, text);
}

/* In us, as the log has it; an empty cell when it is not known. */
static void put_time(FILE *out, uint64_t ns)
{
	char text[32] = "";
	struct format f = format_into(text, sizeof text);

	if (ns != TRAFFIC_NO_TIME)
		format_tenths(&f, ns);
	put_cell(out, text);
}

static void put_number(FILE *out, uint64_t number, bool known)
{
	putc(',', out);
	if (known)
		fprintf(out, "%llu", (unsigned long long)number);
}

static void put_fate(struct csv *csv, const struct traffic_event *e)
{
	bool message = e->kind == TRAFFIC_MESSAGE;
	char toxic[TRAFFIC_TOXIC_TEXT], marks[EXPORT_MARKS_TEXT];

	put_number(csv->out, e->bytes, message || e->kind == TRAFFIC_DROPPED);
	put_number(csv->out, e->fds, message);
	put_time(csv->out, e->queued_ns);
	put_time(csv->out, message ? e->handled_ns : TRAFFIC_NO_TIME);
	put_time(csv->out, e->held_ns ? e->held_ns : TRAFFIC_NO_TIME);
	put_cell(csv->out, traffic_toxic(e, toxic));
	put_number(csv->out, e->breakpoint, e->breakpoint);
	put_cell(csv->out, export_marks(e, marks));
	put_cell(csv->out, traffic_status(e));
	put_cell(csv->out, traffic_where(e));
	put_cell(csv->out, traffic_reason(e));
}

static void csv_event(void *sink, const struct traffic_event *e)
{
	struct csv *csv = sink;
	uint64_t us = e->ts_us > csv->start_us ? e->ts_us - csv->start_us : 0;
	char buf[IPC_ID_TEXT > ENDPOINT_TEXT ? IPC_ID_TEXT : ENDPOINT_TEXT], name[TRAFFIC_NAME_TEXT];
	uint32_t page = 0;
	bool has_page = traffic_page(e, &page);

	fprintf(csv->out, "%llu.%06llu,%llu", (unsigned long long)(us / 1000000),
		(unsigned long long)(us % 1000000), (unsigned long long)e->ts_us);
	put_cell(csv->out, export_kind(e->kind));
	put_cell(csv->out, traffic_id(e, buf));
	put_cell(csv->out, traffic_cause(e, buf));
	put_cell(csv->out, traffic_from(e, buf));
	put_cell(csv->out, traffic_to(e, buf));
	put_cell(csv->out, traffic_name(e, name));
	put_number(csv->out, page, has_page);
	put_fate(csv, e);
	put_cell(csv->out, export_args(e, &csv->room));
	fputs("\r\n", csv->out);
}

static void csv_end(void *sink)
{
	struct csv *csv = sink;

	free(csv->room.text);
	free(csv);
}

const struct sink_type export_csv = {
	.name = "csv",
	.about = "a table for spreadsheets, RFC 4180",
	.exports = true,
	.begin = csv_begin,
	.event = csv_event,
	.end = csv_end,
};
