/* What is known of one message, as lines: its fields, what became of it, its bytes. See message_view.h. */
#include "browser/traffic/args.h"
#include "browser/ui/screen.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RAW_MAX	     4096 /* bytes that are shown */
#define RAW_WIDE     74	  /* columns from which on a line has 16 of them */
#define VALUE_MAX    1500 /* bytes of a field's text that are shown */
#define NAME_COLUMNS 11

static void add_fact(struct lines *l, struct style s, const char *name, const char *value)
{
	if (*value)
		lines_format(l, s, "%-*s %s", NAME_COLUMNS, name, value);
}

static void add_time(struct lines *l, const char *name, uint64_t ns)
{
	char text[40];

	if (ns != TRAFFIC_NO_TIME)
		add_fact(l, STYLE_PLAIN, name, words_duration(ns, text, sizeof(text)));
}

/* A value as it stands in the log: texts with their quotes, so that one sees where they end. */
static void put_value(struct format *out, const struct ipc_field *f, struct traffic_arg *a)
{
	traffic_arg_text(a);
	size_t length = a->length < VALUE_MAX ? a->length : VALUE_MAX;

	if (f->type == IPC_FD)
		format_text(out, "(a descriptor)");
	else if (f->type == IPC_STRING)
		format_json_string(out, a->text, length);
	else
		format_bytes(out, a->text, length);
	if (length < a->length)
		format_printf(out, " … %zu more bytes", a->length - length);
}

static void add_fields(struct lines *l, const struct traffic_event *e, int columns)
{
	const struct ipc_message *m = &ipc_messages[e->type];
	struct arg_reader args;
	char text[VALUE_MAX * 6 + 200];

	arg_reader_begin(&args, e);
	for (unsigned i = 0; i < m->nfields; i++) {
		const struct ipc_field *f = &m->fields[i];
		struct format line = format_into(text, sizeof(text));
		struct traffic_arg a;
		if (!arg_reader_find(&args, f->name, &a))
			continue;
		format_printf(&line, "%s %s", f->name, f->type_name);
		if (f->type == IPC_STRING || f->type == IPC_BYTES)
			format_printf(&line, "<%u>", f->max);
		format_text(&line, " = ");
		put_value(&line, f, &a);
		lines_wrap(l, STYLE_PLAIN, 0, columns, text);
	}
}

/* What is no message tells of itself in an object. */
static void add_object(struct lines *l, const struct traffic_event *e)
{
	size_t room = traffic_line_bytes();
	char *json = malloc(room);
	struct format object = { 0 };

	if (!json)
		return;
	object = format_into(json, room);
	if (traffic_args_json(e, &object))
		lines_add_object(l, STYLE_PLAIN, json);
	free(json);
}

static void add_said(struct lines *l, const struct traffic_event *e, int columns)
{
	union ipc_any message;

	if (e->kind != TRAFFIC_MESSAGE)
		add_object(l, e);
	else if (!e->bytes)
		lines_add(l, STYLE_IDLE, "it has no fields");
	else if (traffic_decode(e, &message))
		add_fields(l, e, columns);
	else
		lines_format(l, STYLE_IDLE, "not recorded whole: %u of %u bytes", e->payload_bytes, e->bytes);
}

static void add_cause(struct ui *ui, struct lines *l, const struct traffic_event *e)
{
	struct chain *chain = traffic_chain(ui);
	const struct traffic_event *cause = chain ? chain_find(chain, e->cause) : NULL;
	char id[IPC_ID_TEXT], name[TRAFFIC_NAME_TEXT], text[IPC_ID_TEXT + 400] = "", words[300];

	if (cause && cause->kind == TRAFFIC_MESSAGE)
		snprintf(text, sizeof(text), "%s  %s", traffic_cause(e, id), traffic_name(cause, name));
	else if (e->cause)
		snprintf(text, sizeof(text), "%s  %s", traffic_cause(e, id),
			 cause ? words_event(cause, words, sizeof(words)) : "");
	add_fact(l, STYLE_PLAIN, "cause", *text ? text : "none");
}

/* A reply's cause is its request. */
static void add_partner(struct ui *ui, struct lines *l, const struct traffic_event *e)
{
	struct chain *chain = traffic_chain(ui);
	const struct traffic_event *other = chain ? chain_partner(chain, e) : NULL;
	char id[IPC_ID_TEXT], name[TRAFFIC_NAME_TEXT], text[IPC_ID_TEXT + TRAFFIC_NAME_TEXT + 40], after[40];
	bool is_request = e->type < IPC_COUNT && ipc_messages[e->type].reply >= 0;

	if (other) {
		const struct traffic_event *first = other->ts_us < e->ts_us ? other : e,
					   *then = first == e ? other : e;
		snprintf(text, sizeof(text), "%s  %s, %s %s", traffic_id(other, id),
			 traffic_name(other, name),
			 words_duration((then->ts_us - first->ts_us) * 1000, after, sizeof(after)),
			 other == first ? "before" : "later");
		add_fact(l, STYLE_PLAIN, is_request && other == then ? "reply" : "reply to", text);
	} else if (is_request) {
		bool gone = e->status == TRAFFIC_LOST || e->status == TRAFFIC_REFUSED;
		snprintf(text, sizeof(text), gone ? "none: it was %s" : "none yet", traffic_status(e));
		add_fact(l, STYLE_IDLE, "reply", text);
	}
}

static void add_marks(struct lines *l, const struct traffic_event *e)
{
	static const char *const words[] = { "by hand", "edited", "duplicated" };
	char text[64] = "";

	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (e->marks & 1u << i)
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", *text ? ", " : "",
				 words[i]);
	}
	add_fact(l, STYLE_HANG, "marks", text);
}

static struct style status_style(const struct traffic_event *e)
{
	if (e->status == TRAFFIC_HELD)
		return STYLE_HANG;
	return e->status == TRAFFIC_LOST || e->status == TRAFFIC_REFUSED ? STYLE_DEATH : STYLE_PLAIN;
}

static void add_fate(struct ui *ui, struct lines *l, const struct traffic_event *e)
{
	char text[64];

	add_fact(l, status_style(e), "status", traffic_status(e));
	add_fact(l, STYLE_PLAIN, "where", traffic_where(e));
	add_fact(l, STYLE_DEATH, "reason", traffic_reason(e));
	add_time(l, "queued", e->queued_ns);
	add_time(l, "handled", e->handled_ns);
	add_fact(l, STYLE_HANG, "toxic", traffic_toxic(e, text));
	if (e->held_ns)
		add_time(l, "held", e->held_ns);
	if (e->breakpoint) {
		snprintf(text, sizeof(text), "%u", e->breakpoint);
		add_fact(l, STYLE_HANG, "breakpoint", text);
	}
	add_marks(l, e);
	add_partner(ui, l, e);
}

static void add_facts(struct ui *ui, struct lines *l, const struct traffic_event *e)
{
	char text[80];
	double seconds = (double)(int64_t)(e->ts_us - collector_start_us(ui->browser->collector)) / 1e6;
	bool message = e->kind == TRAFFIC_MESSAGE;

	add_fact(l, STYLE_PLAIN, message ? "from" : "process", traffic_from(e, text));
	if (message)
		add_fact(l, STYLE_PLAIN, "to", traffic_to(e, text));
	snprintf(text, sizeof(text), "%.6f s after the start", seconds);
	add_fact(l, STYLE_PLAIN, "time", text);
	add_fact(l, STYLE_PLAIN, "id", traffic_id(e, text));
	add_cause(ui, l, e);
	if (!message)
		return;
	snprintf(text, sizeof(text), "%u%s", e->bytes, e->fds ? " and a descriptor" : "");
	add_fact(l, STYLE_PLAIN, "bytes", text);
	add_fate(ui, l, e);
}

static void add_bytes(struct lines *l, const struct traffic_event *e, int columns)
{
	uint32_t shown = e->payload_bytes < RAW_MAX ? e->payload_bytes : RAW_MAX;

	if (e->kind != TRAFFIC_MESSAGE || !shown)
		return;
	lines_add(l, STYLE_PLAIN, "");
	lines_add_bytes(l, STYLE_IDLE, e->payload, shown, columns >= RAW_WIDE ? 16 : 8);
	if (shown < e->bytes)
		lines_format(l, STYLE_IDLE, "  … %u more bytes", e->bytes - shown);
}

void message_add_facts(struct ui *ui, struct lines *l, const struct traffic_event *e, int columns)
{
	add_said(l, e, columns);
	lines_add(l, STYLE_PLAIN, "");
	add_facts(ui, l, e);
	add_bytes(l, e, columns);
}
