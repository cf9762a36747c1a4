/* See export.h. */
#include "browser/traffic/output/export.h"
#include "browser/traffic/log/json_scan.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *export_kind(enum traffic_kind kind)
{
	static const char *const kinds[TRAFFIC_KIND_COUNT] = {
		[TRAFFIC_MESSAGE] = "message", [TRAFFIC_PROCESS] = "process", [TRAFFIC_INPUT] = "input",
		[TRAFFIC_BLAST] = "blast",     [TRAFFIC_DROPPED] = "dropped", [TRAFFIC_BODY] = "body",
		[TRAFFIC_MEMORY] = "memory",   [TRAFFIC_OTHER] = "other",
	};

	return kinds[kind];
}

const char *export_args(const struct traffic_event *e, struct export_room *room)
{
	size_t wanted = traffic_line_bytes() + JSON_SCAN_SLACK;
	struct format out;

	if (e->words)
		return e->words->args;
	if (e->kind == TRAFFIC_BODY || e->kind == TRAFFIC_MEMORY)
		return "";
	if (room->bytes < wanted) {
		char *text = realloc(room->text, wanted);

		if (!text)
			return "";
		*room = (struct export_room){ text, wanted };
	}
	out = format_into(room->text, room->bytes - JSON_SCAN_SLACK);
	return traffic_args_json(e, &out) ? room->text : "";
}

const char *export_marks(const struct traffic_event *e, char buf[EXPORT_MARKS_TEXT])
{
	static const struct {
		enum traffic_mark mark;
		const char *word;
	} marks[] = { { TRAFFIC_BY_HAND, "by_hand" },
		      { TRAFFIC_EDITED, "edited" },
		      { TRAFFIC_DUPLICATED, "duplicated" } };
	struct format out = format_into(buf, EXPORT_MARKS_TEXT);

	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
		if (e->marks & marks[i].mark)
			format_printf(&out, "%s%s", out.length ? " " : "", marks[i].word);
	return buf;
}

/* The status, where it is not the usual one. */
static void put_status(struct format *out, const struct traffic_event *e)
{
	const char *status = traffic_status(e), *where = traffic_where(e), *reason = traffic_reason(e);

	if (e->kind != TRAFFIC_MESSAGE || strcmp(status, traffic_status_names[TRAFFIC_DELIVERED]) == 0)
		return;
	format_text(out, status);
	/* What toxic, and which breakpoint, is told behind it. */
	if (where[0] && e->where != TRAFFIC_IN_TOXIC && e->where != TRAFFIC_AT_BREAKPOINT)
		format_printf(out, " in %s", where);
	if (reason[0])
		format_printf(out, ": %s", reason);
}

const char *export_fate(const struct traffic_event *e, char buf[EXPORT_FATE_TEXT])
{
	struct format out = format_into(buf, EXPORT_FATE_TEXT);
	char room[EXPORT_MARKS_TEXT > TRAFFIC_TOXIC_TEXT ? EXPORT_MARKS_TEXT : TRAFFIC_TOXIC_TEXT];
	const char *toxic;

	put_status(&out, e);
	toxic = traffic_toxic(e, room);
	if (toxic[0])
		format_printf(&out, "%stoxic %s", out.length ? ", " : "", toxic);
	if (e->breakpoint)
		format_printf(&out, "%sbreakpoint %u", out.length ? ", " : "", e->breakpoint);
	if (e->marks)
		format_printf(&out, "%s%s", out.length ? ", " : "", export_marks(e, room));
	if (e->held_ns) {
		format_printf(&out, "%sheld ", out.length ? ", " : "");
		format_tenths(&out, e->held_ns);
		format_text(&out, " us");
	}
	return buf;
}

/* false: the object has no such member. */
static bool find_member(const char *json, const char *name, struct json_slice *value)
{
	struct json_members members = json_members_of(json);
	struct json_slice key;

	while (json_members_next(&members, &key, value))
		if (json_slice_is(&key, name))
			return true;
	return false;
}

bool export_number(const char *json, const char *name, uint32_t *number)
{
	struct json_slice value;
	uint64_t n;

	if (!find_member(json, name, &value) || !json_slice_number(&value, &n) || n > UINT32_MAX)
		return false;
	*number = (uint32_t)n;
	return true;
}

/* The content of the string member of that name, escaped as it is; false: there is none. */
static bool find_string(const char *json, const char *name, char *buf, size_t capacity)
{
	struct format out = format_into(buf, capacity);
	struct json_slice value;

	if (!find_member(json, name, &value) || value.text[0] != '"')
		return false;
	/* Cut where a character begins, and not within an escape. */
	for (const char *c = value.text + 1, *end = value.text + value.length - 1; c < end && !out.full;) {
		size_t n = *c == '\\' ? (c[1] == 'u' ? 6 : 2) : 1;

		while (c + n < end && (c[n] & 0xc0) == 0x80)
			n++;
		format_bytes(&out, c, n);
		c += n;
	}
	return true;
}

bool export_detail(const struct traffic_event *e, struct export_room *room, char *buf, size_t capacity)
{
	static const char *const members[] = { "detail", "value", "name", "status" };
	const char *json = export_args(e, room);

	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		if (find_string(json, members[i], buf, capacity))
			return true;
	buf[0] = '\0';
	return false;
}

uint64_t export_since(const struct sink_options *options, const struct traffic_event *e)
{
	return e->ts_us > options->start_us ? (e->ts_us - options->start_us) * 1000 : 0;
}
