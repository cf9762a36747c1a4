/*
 * Events as lines: of the log (JSON, by hand, since there may be half a million a second) and for people.
 * See message.h. browser/traffic/log/log_writer.c calls this in its own thread, so nothing here is shared.
 */
#include "browser/traffic/message.h"
#include <stdio.h>
#include <string.h>

/* Payload bytes that are shown as hex when the arguments are not known, and of an argument when only its
 * beginning is asked for. */
#define HEX_BYTES  256
#define HEAD_BYTES 256

#define PUT(out, literal) format_bytes(out, literal, sizeof(literal) - 1)

size_t traffic_line_bytes(void)
{
	uint32_t longest = 4096; /* processes, inputs and blasts have less */

	for (unsigned i = 0; i < IPC_COUNT; i++)
		if (ipc_messages[i].max_bytes > longest)
			longest = ipc_messages[i].max_bytes;
	/* A byte becomes \u00XX at worst, and two digits as well; what makes no sense has as many bytes as a
	 * packet, in digits alone. The rest of a line is names and numbers. */
	size_t room = (size_t)longest * 8;

	if (room < CHANNEL_PACKET_BYTES * 2)
		room = CHANNEL_PACKET_BYTES * 2;
	if (room < RECORD_MEMORY_MAX / 3 * 4)
		room = RECORD_MEMORY_MAX / 3 * 4;
	return room + 4096;
}

static void put_endpoint(struct format *out, struct endpoint e)
{
	format_text(out, (unsigned)e.role < ROLE_COUNT ? role_names[e.role] : "unknown");
	if (e.role != ROLE_BROWSER) {
		format_char(out, ':');
		format_u64(out, e.serial);
	}
}

static void put_id(struct format *out, uint64_t id)
{
	put_endpoint(out, (struct endpoint){ (enum role)ipc_id_role(id), ipc_id_serial(id) });
	format_char(out, '/');
	format_u64(out, ipc_id_number(id));
}

/* Members of the JSON object `json`, without its braces, behind a comma. */
static void put_members(struct format *out, const char *json, size_t length)
{
	if (length > 2) {
		format_char(out, ',');
		format_bytes(out, json + 1, length - 2);
	}
}

static void put_ids(struct format *out, const struct traffic_event *e)
{
	PUT(out, ",\"ts_us\":");
	format_u64(out, e->ts_us);
	if (e->id) {
		PUT(out, ",\"id\":\"");
		put_id(out, e->id);
		PUT(out, "\"");
	}
	if (e->cause) {
		PUT(out, ",\"cause\":\"");
		put_id(out, e->cause);
		PUT(out, "\"");
	}
}

static void put_marks(struct format *out, unsigned marks)
{
	const char *before = ",\"marks\":\"";

	for (unsigned i = 0; traffic_mark_names[i]; i++) {
		if (!(marks & 1u << i))
			continue;
		format_text(out, before);
		format_text(out, traffic_mark_names[i]);
		before = " ";
	}
	if (*before == ' ')
		PUT(out, "\"");
}

/* What people did to it. */
static void put_interference(struct format *out, const struct traffic_event *e)
{
	if (e->toxic) {
		PUT(out, ",\"toxic\":\"");
		format_text(out, toxic_names[e->toxic_kind]);
		format_char(out, ' ');
		format_u64(out, e->toxic);
		PUT(out, "\"");
	}
	if (e->toxic || e->breakpoint || e->held_ns) {
		PUT(out, ",\"held_us\":");
		format_tenths(out, e->held_ns);
	}
	if (e->breakpoint) {
		PUT(out, ",\"breakpoint\":");
		format_u64(out, e->breakpoint);
	}
	put_marks(out, e->marks);
}

static void put_fate(struct format *out, const struct traffic_event *e)
{
	if (e->queued_ns != TRAFFIC_NO_TIME) {
		PUT(out, ",\"queued_us\":");
		format_tenths(out, e->queued_ns);
	}
	if (e->handled_ns != TRAFFIC_NO_TIME) {
		PUT(out, ",\"handled_us\":");
		format_tenths(out, e->handled_ns);
	}
	if (e->toxic || e->breakpoint || e->held_ns || e->marks)
		put_interference(out, e);
	PUT(out, ",\"status\":\"");
	format_text(out, traffic_status_names[e->status]);
	PUT(out, "\"");
	if (e->where) {
		PUT(out, ",\"where\":\"");
		format_text(out, traffic_where_names[e->where]);
		PUT(out, "\"");
	}
	if (e->status == TRAFFIC_REFUSED) {
		PUT(out, ",\"reason\":\"");
		format_text(out, bad_message_names[e->reason]);
		PUT(out, "\"");
	}
}

static void put_payload(struct format *out, const struct traffic_event *e, uint32_t most)
{
	PUT(out, ",\"payload\":\"");
	format_hex(out, e->payload, e->payload_bytes < most ? e->payload_bytes : most);
	PUT(out, "\"");
}

static void put_args(struct format *out, const struct traffic_event *e, enum log_payload payload)
{
	enum traffic_args args = TRAFFIC_ARGS_UNKNOWN;

	PUT(out, ",\"args\":");
	if (payload != LOG_PAYLOAD_NONE)
		args = traffic_args_head(e, payload == LOG_PAYLOAD_FULL ? UINT32_MAX : HEAD_BYTES, out);
	if (args == TRAFFIC_ARGS_UNKNOWN)
		PUT(out, "null");
	if (args == TRAFFIC_ARGS_CUT)
		PUT(out, ",\"cut\":true");
	if (payload == LOG_PAYLOAD_FULL)
		put_payload(out, e, UINT32_MAX);
	else if (payload == LOG_PAYLOAD_HEAD && args == TRAFFIC_ARGS_UNKNOWN && e->payload_bytes)
		put_payload(out, e, HEX_BYTES);
}

static void put_message(struct format *out, const struct traffic_event *e, enum log_payload payload)
{
	char name[TRAFFIC_NAME_TEXT];

	PUT(out, "{\"type\":\"message\"");
	put_ids(out, e);
	PUT(out, ",\"from\":\"");
	put_endpoint(out, e->from);
	PUT(out, "\",\"to\":\"");
	put_endpoint(out, e->to);
	PUT(out, "\",\"name\":\"");
	format_text(out, traffic_name(e, name));
	PUT(out, "\",\"bytes\":");
	format_u64(out, e->bytes);
	PUT(out, ",\"fds\":");
	format_u64(out, e->fds);
	put_fate(out, e);
	put_args(out, e, payload);
	format_char(out, '}');
}

static void put_process(struct format *out, const struct traffic_event *e)
{
	PUT(out, "{\"type\":\"process\"");
	put_ids(out, e);
	PUT(out, ",\"event\":\"");
	format_text(out, traffic_process_event_names[e->type]);
	PUT(out, "\",\"process\":\"");
	put_endpoint(out, e->from);
	PUT(out, "\"");
	put_members(out, (const char *)e->payload, e->payload_bytes);
	format_char(out, '}');
}

static void put_input(struct format *out, const struct traffic_event *e)
{
	PUT(out, "{\"type\":\"input\"");
	put_ids(out, e);
	PUT(out, ",\"what\":\"");
	format_text(out, traffic_input_names[e->type]);
	PUT(out, "\"");
	put_members(out, (const char *)e->payload, e->payload_bytes);
	format_char(out, '}');
}

static void put_blast(struct format *out, const struct traffic_event *e)
{
	PUT(out, "{\"type\":\"");
	format_text(out, traffic_blast_event_names[e->type]);
	PUT(out, "\"");
	put_ids(out, e);
	PUT(out, ",\"process\":\"");
	put_endpoint(out, e->from);
	PUT(out, "\"");
	put_members(out, (const char *)e->payload, e->payload_bytes);
	format_char(out, '}');
}

static void put_dropped(struct format *out, const struct traffic_event *e)
{
	PUT(out, "{\"type\":\"dropped\"");
	put_ids(out, e);
	PUT(out, ",\"lines\":");
	format_u64(out, e->bytes);
	format_char(out, '}');
}

/* The bytes behind `header` bytes of the payload. */
static void put_data(struct format *out, const struct traffic_event *e, size_t header)
{
	size_t bytes = e->payload_bytes - header;

	PUT(out, ",\"bytes\":");
	format_u64(out, bytes);
	PUT(out, ",\"data\":\"");
	format_base64(out, e->payload + header, bytes);
	PUT(out, "\"}");
}

static void put_body(struct format *out, const struct traffic_event *e)
{
	struct traffic_body body;

	memcpy(&body, e->payload, sizeof body);
	PUT(out, "{\"type\":\"body\"");
	put_ids(out, e);
	PUT(out, ",\"to\":\"");
	put_endpoint(out, e->to);
	format_printf(out, "\",\"page\":%u,\"navigation\":%u", body.page, body.navigation);
	put_data(out, e, sizeof body);
}

static void put_memory(struct format *out, const struct traffic_event *e)
{
	struct record_memory m;

	memcpy(&m, e->payload, sizeof m);
	PUT(out, "{\"type\":\"memory\"");
	put_ids(out, e);
	PUT(out, ",\"from\":\"");
	put_endpoint(out, e->from);
	format_printf(out, "\",\"region\":\"%s\",\"page\":%u,\"number\":%u,\"half\":%u,\"offset\":%u",
		      region_kind_names[m.kind], m.page, m.number, m.half, m.offset);
	put_data(out, e, sizeof m);
}

void traffic_format_log(const struct traffic_event *e, enum log_payload payload, struct format *out)
{
	static void (*const put[TRAFFIC_KIND_COUNT])(struct format *, const struct traffic_event *) = {
		[TRAFFIC_PROCESS] = put_process, [TRAFFIC_INPUT] = put_input, [TRAFFIC_BLAST] = put_blast,
		[TRAFFIC_DROPPED] = put_dropped, [TRAFFIC_BODY] = put_body,   [TRAFFIC_MEMORY] = put_memory,
	};

	if (e->words)
		format_bytes(out, e->words->line, e->words->line_length);
	else if (e->kind == TRAFFIC_MESSAGE)
		put_message(out, e, payload);
	else if (put[e->kind])
		put[e->kind](out, e);
}

void traffic_format_json(const struct traffic_event *e, struct format *out)
{
	traffic_format_log(e, LOG_PAYLOAD_HEAD, out);
}

/* For people. */

/* Length of the JSON string, with its quotes, at s. */
static size_t string_length(const char *s)
{
	size_t n = 1;

	while (s[n] && s[n] != '"')
		n += s[n] == '\\' && s[n + 1] ? 2 : 1;
	return s[n] ? n + 1 : n;
}

/* Can the text within the quotes stand without them? */
static bool string_is_plain(const char *s, size_t length)
{
	for (size_t i = 1; i + 1 < length; i++) {
		bool letter = (s[i] >= 'a' && s[i] <= 'z') || (s[i] >= 'A' && s[i] <= 'Z');

		if (!letter && !(s[i] >= '0' && s[i] <= '9') && !strchr("_:/.?&#%~+@-", s[i]))
			return false;
	}
	return length > 2;
}

/* Length of the JSON value at s, up to the comma or brace that ends it. */
static size_t value_length(const char *s)
{
	size_t n = 0;
	unsigned depth = 0;

	while (s[n]) {
		if (s[n] == '"') {
			n += string_length(s + n);
			continue;
		}
		if (!depth && (s[n] == ',' || s[n] == '}'))
			break;
		if (s[n] == '{' || s[n] == '[')
			depth++;
		else if ((s[n] == '}' || s[n] == ']') && depth)
			depth--;
		n++;
	}
	return n;
}

void traffic_object_text(const char *json, struct format *out)
{
	const char *s = json + 1;

	if (json[0] != '{') {
		format_text(out, json);
		return;
	}
	while (*s == '"' && !out->full) {
		size_t n = string_length(s);

		if (s != json + 1)
			format_char(out, ' ');
		format_bytes(out, s + 1, n - 2);
		format_char(out, '=');
		s += n;
		if (*s == ':')
			s++;
		n = value_length(s);
		if (*s == '"' && string_is_plain(s, n))
			format_bytes(out, s + 1, n - 2);
		else
			format_bytes(out, s, n);
		s += n;
		if (*s == ',')
			s++;
	}
}

void traffic_args_text(const struct traffic_event *e, struct format *out)
{
	char json[8192];
	struct format args = format_into(json, sizeof json);

	if (e->words)
		traffic_object_text(e->words->args, out);
	else if (traffic_args_json(e, &args))
		traffic_object_text(json, out);
	else if (args.full)
		format_text(out, "(long)");
}

/* " (", then ", ": what stands before the next word in ( ). */
static const char *put_detail(struct format *out, const char *before, const char *word)
{
	if (!word[0])
		return before;
	format_text(out, before);
	format_text(out, word);
	return ", ";
}

/* A person holds for seconds, a condition for less. */
static void put_held(struct format *out, uint64_t ns)
{
	if (ns >= 10000000000)
		format_printf(out, "held %llu s", (unsigned long long)(ns / 1000000000));
	else if (ns >= 1000000)
		format_printf(out, "held %llu ms", (unsigned long long)(ns / 1000000));
	else
		format_printf(out, "held %llu us", (unsigned long long)(ns / 1000));
}

/* What became of it, and in ( ) how and what was done to it. */
static void put_status(struct format *out, const struct traffic_event *e)
{
	char buf[TRAFFIC_TOXIC_TEXT], held[40];
	struct format time = format_into(held, sizeof held);
	const char *before = " (";

	if (e->breakpoint && e->held_ns)
		put_held(&time, e->held_ns);
	format_text(out, traffic_status(e));
	before = put_detail(out, before, traffic_where(e)[0] ? traffic_where(e) : traffic_reason(e));
	before = put_detail(out, before, traffic_toxic(e, buf));
	for (unsigned i = 0; traffic_mark_names[i]; i++)
		if (e->marks & 1u << i)
			before = put_detail(out, before, traffic_mark_names[i]);
	before = put_detail(out, before, held);
	if (*before == ',')
		format_char(out, ')');
}

static void put_message_columns(struct format *out, const struct traffic_event *e)
{
	char queued[32] = "-", status[192];
	struct format words = format_into(status, sizeof status);

	if (e->queued_ns != TRAFFIC_NO_TIME) {
		struct format f = format_into(queued, sizeof queued);

		format_tenths(&f, e->queued_ns);
		format_text(&f, " us");
	}
	put_status(&words, e);
	format_printf(out, " %6u B %12s  %-9s", e->bytes, queued, status);
}

void traffic_format_line(const struct traffic_event *e, uint64_t start_us, struct format *out)
{
	char name[TRAFFIC_NAME_TEXT], from[ENDPOINT_TEXT], to[ENDPOINT_TEXT];
	const char *arrow = e->kind == TRAFFIC_MESSAGE ? "->" : "";
	uint64_t us = e->ts_us > start_us ? e->ts_us - start_us : 0;

	format_printf(out, "%5llu.%06llu  %-12s %-2s %-12s %-24s", (unsigned long long)(us / 1000000),
		      (unsigned long long)(us % 1000000), traffic_from(e, from), arrow, traffic_to(e, to),
		      traffic_name(e, name));
	if (e->kind == TRAFFIC_MESSAGE)
		put_message_columns(out, e);
	if (e->kind == TRAFFIC_DROPPED && !e->words)
		format_printf(out, "  lines=%u", e->bytes);
	format_text(out, "  ");
	traffic_args_text(e, out);
	while (out->length && out->text[out->length - 1] == ' ')
		out->text[--out->length] = '\0';
}
