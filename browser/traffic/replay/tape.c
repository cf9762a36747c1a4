/* See tape.h. The lines come from browser/traffic/log/log_reader.c; those that matter are parsed whole here.
 */
#include "browser/traffic/replay/tape.h"
#include "browser/traffic/log/json.h"
#include "browser/traffic/log/log_reader.h"
#include "browser/traffic/replay/tape_data.h"
#include "common/cell.h"
#include "common/display_list.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* While a log is read. */
struct reading {
	struct tape *tape;
	const cJSON *json; /* of the present line */
	uint64_t line;
	char *why;
	bool session;
};

struct tape_event *tape_add(struct tape *t, enum tape_kind kind, uint64_t line)
{
	if (t->count == t->room) {
		size_t room = t->room ? t->room * 2 : 256;
		struct tape_event *events = realloc(t->events, room * sizeof *events);

		if (!events)
			return NULL;
		t->events = events;
		t->room = room;
	}
	t->events[t->count] = (struct tape_event){ .kind = kind, .line = line };
	return &t->events[t->count++];
}

void tape_free(struct tape *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->count; i++)
		free((void *)(uintptr_t)t->events[i].bytes);
	free(t->events);
	free(t);
}

/* Members of the present line. */

static const char *text_of(const struct reading *r, const char *name)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(r->json, name));

	return text ? text : "";
}

static uint64_t number_of(const struct reading *r, const char *name, uint64_t most)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(r->json, name);

	return cJSON_IsNumber(item) && item->valuedouble >= 0 && item->valuedouble <= (double)most
		       ? (uint64_t)item->valuedouble
		       : 0;
}

/* Nanoseconds of a time in microseconds. */
static uint64_t time_of(const struct reading *r, const char *name)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(r->json, name);
	double us = cJSON_IsNumber(item) ? item->valuedouble : 0;

	return us > 0 && us < 9007199254740992.0 ? (uint64_t)(us * 1000) : 0;
}

static uint64_t ts_of(const struct reading *r)
{
	return number_of(r, "ts_us", UINT64_C(1) << 53) * 1000;
}

static unsigned look_up(const char *const *names, unsigned count, const char *text)
{
	for (unsigned i = 0; i < count; i++)
		if (!strcmp(names[i], text))
			return i;
	return count;
}

static bool fail(struct reading *r, const char *why)
{
	if (r->line)
		snprintf(r->why, TAPE_WHY, "line %llu: %s", (unsigned long long)r->line, why);
	else
		snprintf(r->why, TAPE_WHY, "%s", why);
	return false;
}

/* The bytes of that member, decoded, become the event's. */
static bool take_bytes(struct reading *r, struct tape_event *e, const char *name,
		       uint8_t *(*decode)(const char *text, uint32_t *length))
{
	e->bytes = decode(text_of(r, name), &e->length);
	if (!e->bytes)
		return fail(r, "its bytes cannot be read");
	r->tape->total_bytes += e->length;
	if (r->tape->total_bytes > TAPE_MAX_BYTES)
		return fail(r, "that is more than can be replayed");
	return true;
}

/* Lines. */

static bool is_same(struct endpoint a, struct endpoint b)
{
	return a.role == b.role && a.serial == b.serial;
}

static bool is_lost(const struct reading *r)
{
	return !strcmp(text_of(r, "status"), traffic_status_names[TRAFFIC_LOST]);
}

/* It never left its sender, or a toxic took it there. */
static bool is_held_back(const struct reading *r)
{
	const char *where = text_of(r, "where");

	return is_lost(r) && (!strcmp(where, traffic_where_names[TRAFFIC_AT_SENDER]) ||
			      !strcmp(where, traffic_where_names[TRAFFIC_IN_TOXIC]));
}

static bool read_fields(struct reading *r, struct tape_event *e)
{
	uint64_t bytes = number_of(r, "bytes", UINT32_MAX);

	if (!take_bytes(r, e, "payload", tape_decode_hex))
		return false;
	if (e->length == bytes && bytes < CHANNEL_PACKET_BYTES - sizeof(struct ipc_header))
		return true;
	/* Secrets are left out of logs, and with them the bytes. */
	r->tape->without_bytes++;
	free((void *)(uintptr_t)e->bytes);
	r->tape->count--;
	return true;
}

static bool has_mark(const struct reading *r, unsigned mark)
{
	const char *marks = text_of(r, "marks");

	for (unsigned i = 0; traffic_mark_names[i]; i++)
		if (mark == 1u << i && strstr(marks, traffic_mark_names[i]))
			return true;
	return false;
}

/*
 * Did it come to the process? Lost ones did not, nor what the browser held back; but what another sent, and a
 * breakpoint of the process's own held or dropped, did. The second handling of one that was duplicated there
 * is no message of its own.
 */
static bool came(const struct reading *r, struct endpoint from)
{
	bool here = from.role != ROLE_BROWSER &&
		    !strcmp(text_of(r, "where"), traffic_where_names[TRAFFIC_AT_BREAKPOINT]);
	bool kept = from.role == ROLE_BROWSER &&
		    !strcmp(text_of(r, "status"), traffic_status_names[TRAFFIC_HELD]);

	return (!is_lost(r) || here) && !kept && !has_mark(r, TRAFFIC_DUPLICATED);
}

static bool has_good_id(const struct tape_event *e, struct endpoint from)
{
	return ipc_id_number(e->id) && ipc_id_number(e->id) <= TAPE_MAX_NUMBER &&
	       is_same(from, (struct endpoint){ ipc_id_role(e->id), ipc_id_serial(e->id) });
}

/* A ping that was on its way to the process: was it never answered, the process hung. tape_order.c knows. */
static bool note_ping(struct reading *r, struct endpoint from)
{
	struct tape_event *e;

	if (from.role != ROLE_BROWSER || strcmp(text_of(r, "name"), ipc_messages[IPC_PING].name) ||
	    is_held_back(r) || !strcmp(text_of(r, "status"), traffic_status_names[TRAFFIC_HELD]) ||
	    !strcmp(text_of(r, "where"), traffic_where_names[TRAFFIC_AT_BREAKPOINT]))
		return true;
	if (!(e = tape_add(r->tape, TAPE_SILENCE, r->line)))
		return false;
	e->id = tape_parse_id(text_of(r, "id"));
	e->at_ns = ts_of(r);
	return true;
}

static bool read_message(struct reading *r, struct endpoint from, struct endpoint to)
{
	struct tape *t = r->tape;
	bool feed = is_same(to, t->process);
	bool refused = !strcmp(text_of(r, "status"), traffic_status_names[TRAFFIC_REFUSED]);
	struct tape_event *e;

	if (is_same(from, to))
		return true;
	if (feed && !note_ping(r, from))
		return fail(r, strerror(ENOMEM));
	if (feed ? !came(r, from) : has_mark(r, TRAFFIC_DUPLICATED))
		return true;
	if (!(e = tape_add(t, feed ? TAPE_FEED : TAPE_ANSWER, r->line)))
		return fail(r, strerror(ENOMEM));
	e->type = tape_parse_type(text_of(r, "name"));
	e->id = tape_parse_id(text_of(r, "id"));
	e->cause = tape_parse_id(text_of(r, "cause"));
	e->peer = feed ? from : to;
	e->fd = number_of(r, "fds", 1);
	e->edited = has_mark(r, TRAFFIC_EDITED);
	e->optional = !feed && is_held_back(r);
	e->at_ns = ts_of(r) + (feed ? time_of(r, "queued_us") : 999);
	/* One that was refused may be and say anything, which may be why. */
	if (refused && !has_good_id(e, from))
		e->id = ipc_make_id(from.role, from.serial, 0);
	else if (!refused && (e->type >= IPC_COUNT || !has_good_id(e, from)))
		return fail(r, "there can be no such message");
	return read_fields(r, e);
}

static void read_exit(struct reading *r)
{
	struct tape *t = r->tape;
	const char *signal = text_of(r, "signal"), *address = text_of(r, "address");

	t->ended = true;
	t->end_ns = ts_of(r);
	t->exit_cause = tape_parse_id(text_of(r, "cause"));
	t->status = look_up(termination_status_names, TERMINATION_STATUS_COUNT, text_of(r, "status"));
	t->reason = look_up(bad_message_names, BAD_MESSAGE_COUNT, text_of(r, "reason")) % BAD_MESSAGE_COUNT;
	t->code = (int)number_of(r, "code", INT32_MAX);
	t->signal = *signal ? t->code : 0;
	t->has_address = *address;
	t->address = strtoull(address, NULL, 16);
	snprintf(t->syscall, sizeof t->syscall, "%s", text_of(r, "syscall"));
}

/* The browser gave it up: it had not answered for so long. */
static bool read_unresponsive(struct reading *r)
{
	uint64_t silent_ns = number_of(r, "after_us", UINT64_C(1) << 40) * 1000;
	struct tape_event *e = tape_add(r->tape, TAPE_SILENCE, r->line);

	if (!e)
		return fail(r, strerror(ENOMEM));
	e->silent_ns = silent_ns < ts_of(r) ? silent_ns : 0;
	e->at_ns = ts_of(r) - e->silent_ns;
	r->tape->woke = false;
	return true;
}

static bool read_process(struct reading *r)
{
	struct tape *t = r->tape;
	const char *event = text_of(r, "event");

	if (!strcmp(event, "start")) {
		t->started = true;
		t->start_ns = ts_of(r);
		snprintf(t->label, sizeof t->label, "%s", text_of(r, "name"));
	} else if (!strcmp(event, "gap")) {
		t->gaps += number_of(r, "records", UINT32_MAX);
	} else if (!strcmp(event, "exit")) {
		read_exit(r);
	} else if (!strcmp(event, traffic_process_event_names[TRAFFIC_PROCESS_UNRESPONSIVE])) {
		return read_unresponsive(r);
	} else if (!strcmp(event, traffic_process_event_names[TRAFFIC_PROCESS_RESPONSIVE])) {
		t->woke = true;
	}
	return true;
}

static bool read_body(struct reading *r)
{
	struct tape_event *e;

	if (!is_same(tape_parse_endpoint(text_of(r, "to")), r->tape->process))
		return true;
	if (!(e = tape_add(r->tape, TAPE_BODY, r->line)))
		return fail(r, strerror(ENOMEM));
	e->at_ns = ts_of(r);
	e->body.page = (uint32_t)number_of(r, "page", UINT32_MAX);
	e->body.navigation = (uint32_t)number_of(r, "navigation", UINT32_MAX);
	return take_bytes(r, e, "data", tape_decode_base64);
}

/* Who is told of what lies in the regions of a process of that role: itself, or the GPU process. */
static bool concerns(const struct tape *t, struct endpoint writer)
{
	return is_same(writer, t->process) ||
	       (t->process.role == ROLE_GPU && (writer.role == ROLE_RENDERER || writer.role == ROLE_PLUGIN));
}

static bool read_memory(struct reading *r)
{
	struct endpoint writer = tape_parse_endpoint(text_of(r, "from"));
	struct tape_event *e;

	if (!concerns(r->tape, writer))
		return true;
	if (!(e = tape_add(r->tape, TAPE_MEMORY, r->line)))
		return fail(r, strerror(ENOMEM));
	e->at_ns = ts_of(r) + 998;
	e->cause = tape_parse_id(text_of(r, "cause"));
	e->peer = writer;
	e->written = is_same(writer, r->tape->process);
	e->memory = (struct record_memory){
		.kind = look_up(region_kind_names, REGION_KIND_COUNT, text_of(r, "region")),
		.page = (uint32_t)number_of(r, "page", UINT32_MAX),
		.number = (uint32_t)number_of(r, "number", UINT32_MAX),
		.half = (uint32_t)number_of(r, "half", 1),
		.offset = (uint32_t)number_of(r, "offset", UINT32_MAX),
	};
	/* Of pictures the log has what is other than in the last one, in whichever buffer. */
	if (e->memory.kind == REGION_FRAME)
		e->memory.half = 0;
	if (!take_bytes(r, e, "data", tape_decode_base64))
		return false;
	e->memory.bytes = e->length;
	if (e->memory.kind == REGION_KIND_COUNT || (uint64_t)e->memory.offset + e->length > TAPE_REGION_BYTES)
		return fail(r, "there can be no such memory");
	return true;
}

static bool read_session(struct reading *r)
{
	const char *protocol = text_of(r, "protocol");
	char ours[20];

	snprintf(ours, sizeof ours, "%016llx", (unsigned long long)IPC_PROTOCOL_HASH);
	if (strcmp(protocol, ours)) {
		snprintf(r->why, TAPE_WHY, "it is of another version: its protocol is %.16s, and ours %s",
			 tape_is_hex(protocol) ? protocol : "none", ours);
		return false;
	}
	if (strcmp(text_of(r, "payload"), log_payload_names[LOG_PAYLOAD_FULL])) {
		snprintf(r->why, TAPE_WHY, "it lacks the bytes of messages; record with --log-payload=full");
		return false;
	}
	r->session = true;
	return true;
}

static bool read_line(struct reading *r)
{
	const char *type = text_of(r, "type");
	struct endpoint from = tape_parse_endpoint(text_of(r, "from"));
	struct endpoint to = tape_parse_endpoint(text_of(r, "to"));

	if (!strcmp(type, "session"))
		return read_session(r);
	if (!r->session) {
		snprintf(r->why, TAPE_WHY, "it does not begin as a log does");
		return false;
	}
	if (!strcmp(type, "message"))
		return (!is_same(from, r->tape->process) && !is_same(to, r->tape->process)) ||
		       read_message(r, from, to);
	if (!strcmp(type, "process") && is_same(tape_parse_endpoint(text_of(r, "process")), r->tape->process))
		return read_process(r);
	if (!strcmp(type, "body"))
		return read_body(r);
	if (!strcmp(type, "memory"))
		return read_memory(r);
	if (!strcmp(type, "dropped"))
		r->tape->dropped += number_of(r, "lines", UINT32_MAX);
	return true;
}

/* Has the line to do with that process at all? Most have not, and are not parsed whole. */
static bool is_of_interest(const struct reading *r, enum log_line line, const struct traffic_event *e)
{
	const struct endpoint process = r->tape->process;

	return line == LOG_LINE_SESSION || e->kind != TRAFFIC_MESSAGE || is_same(e->from, process) ||
	       is_same(e->to, process);
}

static bool read_all(struct reading *r, struct log_reader *reader)
{
	struct traffic_event event;

	for (;;) {
		enum log_line line = log_reader_next(reader, &event);
		cJSON *json;
		bool fine;

		r->line = log_reader_line_number(reader);
		if (line == LOG_LINE_EVENT && event.ts_us * 1000 > r->tape->last_ns)
			r->tape->last_ns = event.ts_us * 1000;
		r->tape->cut |= line == LOG_LINE_CUT;
		r->tape->bad_lines += line == LOG_LINE_BAD;
		if (line == LOG_LINE_END)
			return true;
		if (line == LOG_LINE_ERROR)
			return fail(r, strerror(errno));
		if (line == LOG_LINE_BAD || line == LOG_LINE_CUT || !is_of_interest(r, line, &event))
			continue;
		r->json = json = cJSON_Parse(log_reader_line(reader));
		fine = json && read_line(r);
		cJSON_Delete(json);
		if (!json)
			r->tape->bad_lines++;
		else if (!fine)
			return false;
	}
}

/* Is there something to be played? */
static bool is_whole(struct reading *r)
{
	struct tape *t = r->tape;
	char name[ENDPOINT_TEXT];

	for (size_t i = 0; i < t->count; i++) {
		t->feeds += t->events[i].kind == TAPE_FEED;
		t->answers += t->events[i].kind == TAPE_ANSWER;
	}
	if (!r->session)
		snprintf(r->why, TAPE_WHY, "it is no log");
	else if (!t->feeds && !t->answers)
		snprintf(r->why, TAPE_WHY, "%s is not in it", endpoint_text(t->process, name));
	else if (!t->started)
		snprintf(r->why, TAPE_WHY, "the start of %s is not in it", endpoint_text(t->process, name));
	else if (tape_put_in_order(t))
		return true;
	else
		snprintf(r->why, TAPE_WHY, "%s", strerror(ENOMEM));
	return false;
}

struct tape *tape_read(const char *path, struct endpoint process, char *why)
{
	struct tape *t = calloc(1, sizeof *t);
	struct reading reading = { .tape = t, .why = why };
	struct log_reader *reader = t ? log_reader_open(path) : NULL;
	bool fine;

	if (!reader) {
		snprintf(why, TAPE_WHY, "%s", strerror(errno));
		free(t);
		return NULL;
	}
	t->process = process;
	fine = read_all(&reading, reader) && is_whole(&reading);
	log_reader_close(reader);
	if (fine)
		return t;
	tape_free(t);
	return NULL;
}
