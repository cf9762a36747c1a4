/* See message.h: what an event is called. browser/traffic/line.c writes whole lines. */
#include "browser/traffic/message.h"
#include <stdio.h>
#include <string.h>

const char *const traffic_status_names[] = { "delivered", "refused", "lost", "unknown",
					     "in_flight", "held",    NULL };
const char *const traffic_where_names[] = {
	"", "sender", "channel", "receiver", "toxic", "breakpoint", NULL
};
const char *const traffic_process_event_names[] = { "start",	  "ready", "exit",   "unresponsive",
						    "responsive", "gap",   "forged", NULL };
const char *const traffic_input_names[] = { "key", "click", "command", "step", NULL };

const char *const traffic_mark_names[] = { "by_hand", "edited", "duplicated", NULL };

const char *const log_payload_names[] = { "head", "none", "full" };

const char *const traffic_blast_event_names[] = { "blast", "recovery", NULL };

const char *traffic_name(const struct traffic_event *e, char buf[TRAFFIC_NAME_TEXT])
{
	if (e->words)
		return e->words->name;
	switch (e->kind) {
	case TRAFFIC_MESSAGE:
		if (e->type < IPC_COUNT)
			return ipc_messages[e->type].name;
		snprintf(buf, TRAFFIC_NAME_TEXT, "unknown_%u", e->type);
		return buf;
	case TRAFFIC_PROCESS:
		return traffic_process_event_names[e->type];
	case TRAFFIC_INPUT:
		return traffic_input_names[e->type];
	case TRAFFIC_BLAST:
		return traffic_blast_event_names[e->type];
	default:
		return "dropped";
	}
}

const char *traffic_from(const struct traffic_event *e, char buf[ENDPOINT_TEXT])
{
	return e->words ? e->words->from : endpoint_text(e->from, buf);
}

const char *traffic_to(const struct traffic_event *e, char buf[ENDPOINT_TEXT])
{
	if (e->words)
		return e->words->to;
	return e->kind == TRAFFIC_MESSAGE ? endpoint_text(e->to, buf) : "";
}

const char *traffic_id(const struct traffic_event *e, char buf[IPC_ID_TEXT])
{
	return e->words ? e->words->id : ipc_id_text(e->id, buf);
}

const char *traffic_cause(const struct traffic_event *e, char buf[IPC_ID_TEXT])
{
	return e->words ? e->words->cause : ipc_id_text(e->cause, buf);
}

const char *traffic_status(const struct traffic_event *e)
{
	if (e->words)
		return e->words->status;
	return e->kind == TRAFFIC_MESSAGE ? traffic_status_names[e->status] : "";
}

const char *traffic_where(const struct traffic_event *e)
{
	return e->words ? e->words->where : traffic_where_names[e->where];
}

const char *traffic_reason(const struct traffic_event *e)
{
	if (e->words)
		return e->words->reason;
	return e->kind == TRAFFIC_MESSAGE && e->status == TRAFFIC_REFUSED ? bad_message_names[e->reason] : "";
}

const char *traffic_toxic(const struct traffic_event *e, char buf[TRAFFIC_TOXIC_TEXT])
{
	if (e->words)
		return e->words->toxic;
	if (!e->toxic)
		return "";
	snprintf(buf, TRAFFIC_TOXIC_TEXT, "%s %u", toxic_names[e->toxic_kind], e->toxic);
	return buf;
}

bool traffic_is_ping(const struct traffic_event *e)
{
	if (e->kind != TRAFFIC_MESSAGE)
		return false;
	if (e->words)
		return strcmp(e->words->name, "ping") == 0 || strcmp(e->words->name, "pong") == 0;
	return e->type == IPC_PING || e->type == IPC_PONG;
}

bool traffic_is_upkeep(const struct traffic_event *e)
{
	static const enum ipc_id upkeep[] = { IPC_PLACE_BREAKPOINT, IPC_REMOVE_BREAKPOINT, IPC_SETTLE_HELD,
					      IPC_DID_HOLD };
	bool is = traffic_is_ping(e);

	for (unsigned i = 0; !is && e->kind == TRAFFIC_MESSAGE && i < sizeof upkeep / sizeof *upkeep; i++)
		is = e->type == upkeep[i];
	return is;
}

static bool carries_fd(const struct ipc_message *m)
{
	for (unsigned i = 0; i < m->nfields; i++)
		if (m->fields[i].type == IPC_FD)
			return true;
	return false;
}

bool traffic_decode(const struct traffic_event *e, union ipc_any *message)
{
	if (e->words || e->kind != TRAFFIC_MESSAGE || e->type >= IPC_COUNT || e->payload_bytes != e->bytes)
		return false;
	/* The descriptor is long gone; any number that is not -1 stands for its having been there. */
	int fd = carries_fd(&ipc_messages[e->type]) ? 0 : -1;

	return ipc_decode(e->type, e->from.role, e->to.role, e->payload, e->payload_bytes, fd, message) ==
	       BAD_MESSAGE_NONE;
}

bool traffic_page(const struct traffic_event *e, uint32_t *page)
{
	union ipc_any message;

	if (e->words) {
		*page = e->words->page;
		return e->words->has_page;
	}
	if (!traffic_decode(e, &message))
		return false;
	const struct ipc_message *m = &ipc_messages[e->type];

	for (unsigned i = 0; i < m->nfields; i++) {
		if (m->fields[i].type == IPC_U32 && strcmp(m->fields[i].name, "page") == 0) {
			memcpy(page, (const char *)&message + m->fields[i].offset, sizeof *page);
			return true;
		}
	}
	return false;
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

size_t traffic_payload(const struct traffic_event *e, uint8_t *out, size_t capacity)
{
	const char *hex = e->words ? e->words->payload : "";
	size_t n = e->payload_bytes < capacity ? e->payload_bytes : capacity;

	if (!e->words) {
		if (n)
			memcpy(out, e->payload, n);
		return n;
	}
	for (n = 0; e->kind == TRAFFIC_MESSAGE && n < capacity; n++, hex += 2) {
		int high = hex_digit(hex[0]), low = high < 0 ? -1 : hex_digit(hex[1]);

		if (low < 0)
			break;
		out[n] = (uint8_t)(high << 4 | low);
	}
	return n;
}

/* What is known of an event other than by its fields. */
static enum traffic_args put_known(const char *json, size_t length, struct format *out)
{
	format_bytes(out, json, length);
	return length ? TRAFFIC_ARGS_WHOLE : TRAFFIC_ARGS_UNKNOWN;
}

enum traffic_args traffic_args_head(const struct traffic_event *e, uint32_t most, struct format *out)
{
	union ipc_any message;
	bool cut;

	if (e->words)
		return put_known(e->words->args, strlen(e->words->args), out);
	if (e->kind != TRAFFIC_MESSAGE)
		return put_known((const char *)e->payload, e->payload_bytes, out);
	if (!traffic_decode(e, &message))
		return TRAFFIC_ARGS_UNKNOWN;
	int n = ipc_format_json_head(e->type, &message, most, &cut, out->text + out->length,
				     out->capacity - out->length);

	if (n < 0) {
		out->full = true;
		out->text[out->length] = '\0';
		return TRAFFIC_ARGS_UNKNOWN;
	}
	out->length += (size_t)n;
	return cut ? TRAFFIC_ARGS_CUT : TRAFFIC_ARGS_WHOLE;
}

bool traffic_args_json(const struct traffic_event *e, struct format *out)
{
	return traffic_args_head(e, UINT32_MAX, out) != TRAFFIC_ARGS_UNKNOWN;
}
