/* See packet.h. */
#include "browser/traffic/output/packet.h"
#include "common/codec.h"
#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void put_bytes(struct packet_bytes *p, const void *data, size_t length)
{
	size_t room = PACKET_BYTES - p->length;

	p->whole += length;
	if (length > room)
		length = room;
	if (length)
		memcpy(p->data + p->length, data, length);
	p->length += length;
}

static void put_number(struct packet_bytes *p, uint64_t value, size_t bytes)
{
	uint8_t data[8];

	for (size_t i = 0; i < bytes; i++)
		data[i] = (uint8_t)(value >> 8 * i);
	put_bytes(p, data, bytes);
}

/* Cut, where it must be, before a character. */
static void put_text(struct packet_bytes *p, const char *text)
{
	size_t length = strlen(text);

	if (length > UINT8_MAX)
		for (length = UINT8_MAX; length && ((unsigned char)text[length] & 0xc0) == 0x80;)
			length--;
	put_number(p, length, 1);
	put_bytes(p, text, length);
}

static void put_texts(struct packet_bytes *p, const struct traffic_event *e)
{
	char name[TRAFFIC_NAME_TEXT], buf[IPC_ID_TEXT > ENDPOINT_TEXT ? IPC_ID_TEXT : ENDPOINT_TEXT];
	char toxic[TRAFFIC_TOXIC_TEXT], marks[EXPORT_MARKS_TEXT];

	put_text(p, export_kind(e->kind));
	put_text(p, traffic_name(e, name));
	put_text(p, traffic_from(e, buf));
	put_text(p, traffic_to(e, buf));
	put_text(p, traffic_id(e, buf));
	put_text(p, traffic_cause(e, buf));
	put_text(p, traffic_status(e));
	put_text(p, traffic_where(e));
	put_text(p, traffic_reason(e));
	put_text(p, traffic_toxic(e, toxic));
	put_text(p, export_marks(e, marks));
}

/* The first of them is written once its length is known. */
static void put_pseudo_header(struct packet_bytes *p, const struct traffic_event *e, uint64_t protocol,
			      unsigned flags)
{
	bool message = e->kind == TRAFFIC_MESSAGE;

	put_number(p, PACKET_VERSION, 1);
	put_number(p, flags, 1);
	put_number(p, 0, 2);
	put_number(p, protocol, 8);
	put_number(p, message ? e->queued_ns : TRAFFIC_NO_TIME, 8);
	put_number(p, message ? e->handled_ns : TRAFFIC_NO_TIME, 8);
	put_number(p, e->held_ns ? e->held_ns : TRAFFIC_NO_TIME, 8);
	put_number(p, e->bytes, 4);
	put_number(p, e->breakpoint, 4);
	put_number(p, e->fds, 1);
	put_texts(p, e);
	p->data[2] = (uint8_t)p->length;
	p->data[3] = (uint8_t)(p->length >> 8);
}

/* Fields from arguments that were read from a log. */

static bool put_count(struct packet_bytes *p, const struct ipc_field *f, const cJSON *value)
{
	static const size_t widths[] = { [IPC_U8] = 1, [IPC_U16] = 2, [IPC_U32] = 4 };
	double n = cJSON_IsNumber(value) ? value->valuedouble : -1;

	if (!(n >= 0) || n != floor(n) || n >= ldexp(1, (int)widths[f->type] * 8))
		return false;
	put_number(p, (uint64_t)n, widths[f->type]);
	return true;
}

static bool put_u64(struct packet_bytes *p, const cJSON *value)
{
	unsigned long long n = 0;
	const char *s = cJSON_IsString(value) ? value->valuestring : "";

	if (!*s)
		return false;
	for (; *s >= '0' && *s <= '9'; s++)
		if (__builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, (unsigned long long)(*s - '0'), &n))
			return false;
	put_number(p, n, 8);
	return !*s;
}

static bool put_enum(struct packet_bytes *p, const struct ipc_field *f, const cJSON *value)
{
	if (!cJSON_IsString(value))
		return false;
	for (unsigned i = 0; f->names[i]; i++) {
		if (strcmp(f->names[i], value->valuestring) == 0) {
			put_number(p, i, 1);
			return true;
		}
	}
	return false;
}

static bool put_string(struct packet_bytes *p, const struct ipc_field *f, const cJSON *value)
{
	size_t length = cJSON_IsString(value) ? strlen(value->valuestring) : SIZE_MAX;

	if (length > f->max)
		return false;
	put_number(p, length, 4);
	put_bytes(p, value->valuestring, length);
	return true;
}

static bool put_hex(struct packet_bytes *p, const struct ipc_field *f, const cJSON *value)
{
	size_t length = cJSON_IsString(value) ? strlen(value->valuestring) : SIZE_MAX;

	if (length % 2 || length / 2 > f->max || strspn(value->valuestring, "0123456789abcdef") != length)
		return false;
	put_number(p, length / 2, 4);
	for (size_t i = 0; i < length; i += 2) {
		char pair[3] = { value->valuestring[i], value->valuestring[i + 1], '\0' };

		put_number(p, strtoul(pair, NULL, 16), 1);
	}
	return true;
}

static bool put_field(struct packet_bytes *p, const struct ipc_field *f, const cJSON *value)
{
	switch (f->type) {
	case IPC_U8:
	case IPC_U16:
	case IPC_U32:
		return put_count(p, f, value);
	case IPC_U64:
		return put_u64(p, value);
	case IPC_BOOL:
		put_number(p, cJSON_IsTrue(value), 1);
		return cJSON_IsBool(value);
	case IPC_ENUM:
		return put_enum(p, f, value);
	case IPC_STRING:
		return put_string(p, f, value);
	case IPC_BYTES:
		return put_hex(p, f, value);
	case IPC_FD:
		return value;
	}
	return false;
}

/* false: that is not all of what was sent, or something else. */
static bool put_fields(struct packet_bytes *p, const struct traffic_event *e, const char *json)
{
	const struct ipc_message *m = &ipc_messages[e->type];
	size_t begin = p->whole;
	cJSON *args = cJSON_Parse(json);
	bool good = cJSON_IsObject(args);

	for (const struct ipc_field *f = m->fields; good && f < m->fields + m->nfields; f++)
		good = put_field(p, f, cJSON_GetObjectItemCaseSensitive(args, f->name));
	cJSON_Delete(args);
	return good && p->whole - begin == e->bytes;
}

/* The message as it was on its channel. false: it is not known in that form. */
static bool put_message(struct packet_bytes *p, const struct traffic_event *e, const char *args)
{
	size_t room, known;

	put_number(p, sizeof(struct ipc_header) + (uint64_t)e->bytes, 4);
	put_number(p, e->type < IPC_COUNT || !e->words ? e->type : UINT16_MAX, 2);
	put_number(p, 0, 2);
	put_number(p, e->id, 8);
	put_number(p, e->cause, 8);
	room = PACKET_BYTES - p->length;
	known = traffic_payload(e, p->data + p->length, e->bytes < room ? e->bytes : room);
	if (known || !e->bytes) {
		p->length += known;
		p->whole += e->bytes;
		return true;
	}
	return e->type < IPC_COUNT && put_fields(p, e, args);
}

void packet_build(struct packet_bytes *p, const struct traffic_event *e, uint64_t protocol,
		  struct export_room *room)
{
	const char *args = export_args(e, room);
	bool ours = !e->words || protocol == IPC_PROTOCOL_HASH;
	size_t header;

	p->length = p->whole = 0;
	put_pseudo_header(p, e, e->words ? protocol : IPC_PROTOCOL_HASH, 0);
	header = p->length;
	if (e->kind == TRAFFIC_MESSAGE && ours && put_message(p, e, args))
		return;
	p->length = p->whole = header;
	p->data[1] = PACKET_TEXT;
	put_bytes(p, args, strlen(args));
}
