/* See export.h. */
#include "browser/traffic/output/export.h"
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
	size_t wanted = traffic_line_bytes();
	struct format out;

	if (e->words)
		return e->words->args;
	if (room->bytes < wanted) {
		char *text = realloc(room->text, wanted);

		if (!text)
			return "";
		*room = (struct export_room){ text, wanted };
	}
	out = format_into(room->text, room->bytes);
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
	if (where[0])
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

/* Where the value of the member of that name begins, in the text of a JSON object without blanks; NULL:
 * nowhere. What a string holds cannot be taken for one, since its quotes are escaped. */
static const char *find_member(const char *json, const char *name)
{
	char key[32];
	int length = snprintf(key, sizeof key, "\"%s\":", name);

	for (const char *s = json; (s = strstr(s, key)); s++)
		if (s != json && strchr("{,", s[-1]))
			return s + length;
	return NULL;
}

bool export_number(const char *json, const char *name, uint32_t *number)
{
	const char *s = find_member(json, name);
	unsigned long long n;

	if (!s || *s < '0' || *s > '9')
		return false;
	n = strtoull(s, NULL, 10);
	*number = (uint32_t)n;
	return n <= UINT32_MAX;
}

/* The content of the string member of that name, as it stands in the JSON text; false: there is none. */
static bool find_string(const char *json, const char *name, char *buf, size_t capacity)
{
	struct format out = format_into(buf, capacity);
	const char *s = find_member(json, name), *end;

	if (!s || *s++ != '"')
		return false;
	for (end = s; *end && *end != '"'; end += *end == '\\' && end[1] ? 2 : 1)
		;
	/* Cut where a character begins, and not within an escape. */
	for (const char *c = s; c < end && !out.full;) {
		size_t n = *c == '\\' ? (c[1] == 'u' ? 6 : 2) : 1;

		while (c + n < end && (c[n] & 0xc0) == 0x80)
			n++;
		if (c + n > end)
			break;
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
