/* See sequence.h: from events to rows. */
#include "browser/traffic/output/sequence.h"
#include <stdio.h>
#include <string.h>

void sequence_init(struct sequence *s)
{
	*s = (struct sequence){ .lane_count = 1 };
	s->lanes[SEQUENCE_USER] = (struct sequence_lane){ .name = "user", .endpoint = { ROLE_COUNT, 0 } };
}

/* Text cut to fit, at the end of a character. */
static void copy_text(char *out, size_t capacity, const char *text)
{
	size_t length = strlen(text);

	if (length >= capacity) {
		length = capacity - 1;
		while (length && ((unsigned char)text[length] & 0xc0) == 0x80)
			length--;
	}
	memcpy(out, text, length);
	out[length] = '\0';
}

static uint8_t find_lane(struct sequence *s, const char *name, struct endpoint endpoint)
{
	char cut[SEQUENCE_NAME];
	unsigned at = SEQUENCE_USER + 1;

	copy_text(cut, sizeof(cut), *name ? name : "?");
	while (at < s->lane_count && strcmp(s->lanes[at].name, cut) != 0)
		at++;
	if (at == SEQUENCE_LANES)
		at = SEQUENCE_LANES - 1;
	if (at == s->lane_count) {
		bool last = at == SEQUENCE_LANES - 1;
		s->lane_count++;
		s->lanes[at].endpoint = last ? (struct endpoint){ ROLE_COUNT, 0 } : endpoint;
		copy_text(s->lanes[at].name, SEQUENCE_NAME, last ? "others" : cut);
	}
	s->lanes[at].talks++;
	return (uint8_t)at;
}

/* The value that stands as NAME=VALUE among `key=value key="…"`; "" if there is none. */
static void find_value(const char *text, const char *name, char *out, size_t capacity)
{
	size_t length = strlen(name);
	char value[SEQUENCE_LABEL * 4];

	value[0] = '\0';
	for (const char *at = text; (at = strstr(at, name)); at += length) {
		if ((at != text && at[-1] != ' ') || at[length] != '=')
			continue;
		at += length + 1;
		bool quoted = *at == '"';
		size_t n = quoted ? strcspn(++at, "\"") : strcspn(at, " ");
		snprintf(value, sizeof(value), "%.*s", (int)n, at);
		break;
	}
	copy_text(out, capacity, value);
}

static void take_message(struct sequence *s, const struct traffic_event *e, struct sequence_row *row)
{
	char name[TRAFFIC_NAME_TEXT], from[ENDPOINT_TEXT], to[ENDPOINT_TEXT];

	row->kind = SEQUENCE_ARROW;
	row->from = find_lane(s, traffic_from(e, from), e->from);
	row->to = find_lane(s, traffic_to(e, to), e->to);
	row->status = e->status;
	row->where = e->where;
	copy_text(row->label, sizeof(row->label), traffic_name(e, name));
	if (e->status == TRAFFIC_IN_FLIGHT)
		copy_text(row->fate, sizeof(row->fate), "in flight");
	else if (e->status != TRAFFIC_DELIVERED)
		copy_text(row->fate, sizeof(row->fate), traffic_status(e));
}

/* The user's hand: what was pressed, and that the browser got it. */
static void take_input(struct sequence *s, const struct traffic_event *e, struct sequence_row *row)
{
	char name[TRAFFIC_NAME_TEXT], args[SEQUENCE_LABEL * 4], value[SEQUENCE_LABEL],
		label[SEQUENCE_LABEL * 2];
	struct format out = format_into(args, sizeof(args));

	traffic_args_text(e, &out);
	find_value(args, "value", value, sizeof(value));
	snprintf(label, sizeof(label), "%.*s %s", TRAFFIC_NAME_TEXT, traffic_name(e, name), value);
	row->kind = SEQUENCE_ARROW;
	row->from = SEQUENCE_USER;
	s->lanes[SEQUENCE_USER].talks++;
	row->to = find_lane(s, role_names[ROLE_BROWSER], (struct endpoint){ ROLE_BROWSER, 0 });
	row->status = TRAFFIC_DELIVERED;
	copy_text(row->label, sizeof(row->label), label);
}

static unsigned process_event(const char *name)
{
	for (unsigned i = 0; i < TRAFFIC_PROCESS_EVENT_COUNT; i++)
		if (strcmp(traffic_process_event_names[i], name) == 0)
			return i;
	return TRAFFIC_PROCESS_EVENT_COUNT;
}

/* How it ended: "crashed SIGSYS clone", "abnormal 3", "ended". */
static void tell_end(const struct traffic_event *e, struct sequence_row *row)
{
	static const char *const details[] = { "signal", "code", "syscall" };
	char args[2048], value[32];
	struct format in = format_into(args, sizeof(args)), out = format_into(row->label, sizeof(row->label));
	bool has_signal = false;

	traffic_args_text(e, &in);
	find_value(args, "status", value, sizeof(value));
	bool normal = strcmp(value, termination_status_names[TERMINATION_STATUS_NORMAL]) == 0;
	format_text(&out, normal ? "ended" : value[0] ? value : "exit");
	for (unsigned i = 0; !normal && i < sizeof(details) / sizeof(details[0]); i++) {
		find_value(args, details[i], value, sizeof(value));
		/* A code beside a signal says where that came from, which is too much here. */
		if (value[0] && !(i == 1 && has_signal))
			format_printf(&out, " %s", value);
		has_signal |= i == 0 && value[0];
	}
}

static void take_process(struct sequence *s, const struct traffic_event *e, struct sequence_row *row)
{
	char name[TRAFFIC_NAME_TEXT], from[ENDPOINT_TEXT];

	row->kind = SEQUENCE_MARK;
	row->from = row->to = find_lane(s, traffic_from(e, from), e->from);
	row->process_event = (uint8_t)process_event(traffic_name(e, name));
	row->is_end = row->process_event == TRAFFIC_PROCESS_EXIT;
	copy_text(row->label, sizeof(row->label), traffic_name(e, name));
	if (row->is_end)
		tell_end(e, row);
}

static void take_missing(struct sequence *s, const struct traffic_event *e, struct sequence_row *row)
{
	(void)s;
	row->kind = SEQUENCE_NOTE;
	snprintf(row->label, sizeof(row->label), "%u lines of the log are missing here", e->bytes);
}

bool sequence_take(struct sequence *s, const struct traffic_event *e, struct sequence_row *row)
{
	static void (*const take[TRAFFIC_KIND_COUNT])(struct sequence *, const struct traffic_event *,
						      struct sequence_row *) = {
		[TRAFFIC_MESSAGE] = take_message,
		[TRAFFIC_INPUT] = take_input,
		[TRAFFIC_PROCESS] = take_process,
		[TRAFFIC_DROPPED] = take_missing,
	};

	if (!take[e->kind])
		return false;
	*row = (struct sequence_row){ .number = e->sequence, .ts_us = e->ts_us };
	take[e->kind](s, e, row);
	return true;
}

const char *sequence_time(uint64_t us, char buf[SEQUENCE_TIME])
{
	if (us < 1000000)
		snprintf(buf, SEQUENCE_TIME, "+%.2f ms", (double)us / 1e3);
	else
		snprintf(buf, SEQUENCE_TIME, "+%.3f s", (double)us / 1e6);
	return buf;
}
