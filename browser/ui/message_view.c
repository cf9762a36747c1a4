/* One message opened: every field, its bytes, what caused it and what came of it. Declared in screen.h. */
#include "browser/traffic/collect/collector.h"
#include "browser/ui/screen.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CAUSES_MAX  8
#define EFFECTS_MAX 12
#define LOOK_BACK   50000 /* events searched for a cause */
#define RAW_MAX	    1024

static void add_row(struct lines *l, const char *name, const char *value)
{
	if (*value)
		lines_format(l, STYLE_PLAIN, "  %-14s %s", name, value);
}

static const struct traffic_event *find_id(const struct collector *c, uint64_t id, uint64_t before)
{
	uint64_t first = collector_first(c);

	for (uint64_t n = 0; id && before > first && n < LOOK_BACK; n++) {
		const struct traffic_event *e = collector_event(c, --before);
		if (e && e->id == id)
			return e;
	}
	return NULL;
}

static void add_link(struct ui *ui, struct lines *l, int depth, const struct traffic_event *e,
		     const char *mark)
{
	char name[TRAFFIC_NAME_TEXT], from[ENDPOINT_TEXT], to[ENDPOINT_TEXT], text[300], args[200];
	struct format into = format_into(args, sizeof(args));
	double seconds = (double)(int64_t)(e->ts_us - collector_start_us(ui->browser->collector)) / 1e6;
	bool lost = e->status == TRAFFIC_LOST;

	traffic_args_text(e, &into);
	if (e->kind == TRAFFIC_MESSAGE)
		snprintf(text, sizeof(text), "%s → %s %s%s%s  %s", traffic_from(e, from), traffic_to(e, to),
			 traffic_name(e, name), lost ? " lost" : "", mark, args);
	else
		snprintf(text, sizeof(text), "%s%s", words_event(e, args, sizeof(args)), mark);
	lines_format(l,
		     *mark  ? STYLE_BOLD
		     : lost ? STYLE_DEATH
			    : STYLE_PLAIN,
		     "  %9.3f %*s%s%s", seconds, depth * 2, "", depth ? "└ " : "", text);
}

/* The chain that led here, and what this one caused. */
static void add_chain(struct ui *ui, struct lines *l, const struct traffic_event *e)
{
	const struct collector *c = ui->browser->collector;
	const struct traffic_event *chain[CAUSES_MAX];
	int n = 0, depth = 0;

	chain[n++] = e;
	while (n < CAUSES_MAX && chain[n - 1]) {
		const struct traffic_event *cause = find_id(c, chain[n - 1]->cause, chain[n - 1]->sequence);
		if (!cause)
			break;
		chain[n++] = cause;
	}
	for (int i = n - 1; i >= 0; i--)
		add_link(ui, l, depth++, chain[i], i == 0 ? " ← this one" : "");
	unsigned found = 0;
	uint64_t end = collector_end(c),
		 look_until = end - e->sequence < LOOK_BACK ? end : e->sequence + LOOK_BACK;
	for (uint64_t at = e->sequence + 1; e->id && at < look_until && found < EFFECTS_MAX; at++) {
		const struct traffic_event *effect = collector_event(c, at);
		if (effect && effect->cause == e->id) {
			add_link(ui, l, depth, effect, "");
			found++;
		}
	}
}

static void add_facts(struct ui *ui, struct lines *l, const struct traffic_event *e)
{
	char text[64];
	double seconds = (double)(int64_t)(e->ts_us - collector_start_us(ui->browser->collector)) / 1e6;

	snprintf(text, sizeof(text), "%.6f s after the start", seconds);
	add_row(l, "time", text);
	add_row(l, "id", traffic_id(e, text));
	add_row(l, "cause", traffic_cause(e, text));
	if (e->kind != TRAFFIC_MESSAGE)
		return;
	add_row(l, "from", traffic_from(e, text));
	add_row(l, "to", traffic_to(e, text));
	add_row(l, "status", traffic_status(e));
	add_row(l, "where", traffic_where(e));
	add_row(l, "reason", traffic_reason(e));
	if (e->toxic) {
		add_row(l, "toxic", traffic_toxic(e, text));
		snprintf(text, sizeof(text), "%.1f µs", (double)e->held_ns / 1e3);
		add_row(l, "held", text);
	}
	if (e->queued_ns != TRAFFIC_NO_TIME) {
		snprintf(text, sizeof(text), "%.1f µs", (double)e->queued_ns / 1e3);
		add_row(l, "queued", text);
	}
	snprintf(text, sizeof(text), "%u%s", e->bytes, e->fds ? " and a descriptor" : "");
	add_row(l, "bytes", text);
}

static void fill(struct ui *ui, struct lines *l, int columns)
{
	const struct traffic_event *e = collector_event(ui->browser->collector, ui->reader.sequence);
	char name[TRAFFIC_NAME_TEXT];
	size_t room = traffic_line_bytes();
	char *json = malloc(room);
	(void)columns;

	if (!e || !json) {
		lines_add(l, STYLE_IDLE, "It is no longer in memory; the log has it.");
		free(json);
		return;
	}
	struct format args = format_into(json, room);
	lines_add(l, STYLE_BOLD, traffic_name(e, name));
	add_facts(ui, l, e);
	lines_add(l, STYLE_PLAIN, "");
	lines_add(l, STYLE_ACCENT, "Fields");
	if (traffic_args_json(e, &args) && strlen(json) > 2)
		lines_add_object(l, STYLE_PLAIN, json);
	else
		lines_add(l, STYLE_IDLE, e->bytes ? "  not recorded whole" : "  none");
	lines_add(l, STYLE_PLAIN, "");
	lines_add(l, STYLE_ACCENT, "Why, and what came of it");
	add_chain(ui, l, e);
	if (e->kind == TRAFFIC_MESSAGE && e->payload_bytes) {
		lines_add(l, STYLE_PLAIN, "");
		lines_add(l, STYLE_ACCENT, "Bytes");
		lines_add_bytes(l, STYLE_IDLE, e->payload,
				e->payload_bytes < RAW_MAX ? e->payload_bytes : RAW_MAX);
	}
	free(json);
}

void message_begin(struct ui *ui, uint64_t sequence)
{
	ui->reader.sequence = sequence;
	reader_begin(ui, "message", fill);
}
