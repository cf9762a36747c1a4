/* See codec.h. One loop over the field table for each of encode, decode, JSON and text. */
#include "common/codec.h"
#include "common/format.h"
#include "common/utf8.h"
#include <inttypes.h>
#include <stdio.h>

/* Bytes on the wire before the content of strings and bytes. */
static const uint8_t wire_bytes[] = {
	[IPC_U8] = 1,	[IPC_U16] = 2,	  [IPC_U32] = 4,   [IPC_U64] = 8, [IPC_BOOL] = 1,
	[IPC_ENUM] = 1, [IPC_STRING] = 4, [IPC_BYTES] = 4, [IPC_FD] = 0,
};

const char *ipc_id_text(uint64_t id, char buf[IPC_ID_TEXT])
{
	unsigned role = ipc_id_role(id);

	if (!id)
		buf[0] = '\0';
	else if (role == ROLE_BROWSER)
		snprintf(buf, IPC_ID_TEXT, "browser/%" PRIu64, ipc_id_number(id));
	else
		snprintf(buf, IPC_ID_TEXT, "%s:%" PRIu32 "/%" PRIu64,
			 role < ROLE_COUNT ? role_names[role] : "unknown", ipc_id_serial(id),
			 ipc_id_number(id));
	return buf;
}

int ipc_encode(enum ipc_id id, const void *message, uint8_t *buf, size_t capacity, int *fd)
{
	const struct ipc_message *m = &ipc_messages[id];
	size_t pos = 0;

	*fd = -1;
	for (const struct ipc_field *f = m->fields; f < m->fields + m->nfields; f++) {
		const char *value = (const char *)message + f->offset;
		size_t n = wire_bytes[f->type];

		if (n > capacity - pos)
			return -1;
		switch (f->type) {
		case IPC_U8:
		case IPC_U16:
		case IPC_BOOL:
		case IPC_U32:
		case IPC_U64:
			memcpy(buf + pos, value, n);
			break;
		case IPC_ENUM:
			buf[pos] = (uint8_t) * (const unsigned *)value;
			break;
		case IPC_STRING:
		case IPC_BYTES: {
			const struct ipc_bytes *b = (const void *)value;

			if (b->length > f->max || b->length > capacity - pos - n)
				return -1;
			memcpy(buf + pos, &b->length, n);
			if (b->length)
				memcpy(buf + pos + n, b->data, b->length);
			pos += b->length;
			break;
		}
		case IPC_FD:
			*fd = *(const int *)value;
			break;
		}
		pos += n;
	}
	return (int)pos;
}

bool ipc_find_field(unsigned id, const uint8_t *fields, size_t length, const char *name, size_t *at,
		    size_t *bytes)
{
	const struct ipc_message *m = id < IPC_COUNT ? &ipc_messages[id] : NULL;
	size_t pos = 0;

	for (const struct ipc_field *f = m ? m->fields : NULL; m && f < m->fields + m->nfields; f++) {
		bool sized = f->type == IPC_STRING || f->type == IPC_BYTES;
		size_t n = wire_bytes[f->type];
		uint32_t content = 0;

		if (n > length - pos)
			return false;
		if (sized)
			memcpy(&content, fields + pos, sizeof content);
		if (content > length - pos - n)
			return false;
		if (!strcmp(f->name, name)) {
			*at = sized ? pos + n : pos;
			*bytes = sized ? content : n;
			return true;
		}
		pos += n + content;
	}
	return false;
}

/* Unpack a string or bytes field whose length stands at buf[pos]; adds the content's length to *pos. */
static enum bad_message decode_sized(const struct ipc_field *f, const uint8_t *buf, size_t length,
				     size_t *pos, void *value)
{
	struct ipc_bytes *b = value;

	memcpy(&b->length, buf + *pos, 4);
	if (b->length > f->max)
		return BAD_MESSAGE_STRING_TOO_LONG;
	if (b->length > length - *pos - 4)
		return BAD_MESSAGE_TOO_SHORT;
	b->data = buf + *pos + 4;
	*pos += b->length;
	if (f->type == IPC_STRING && !utf8_valid(b->data, b->length))
		return BAD_MESSAGE_STRING_NOT_UTF8;
	return BAD_MESSAGE_NONE;
}

enum bad_message ipc_decode(unsigned id, enum role from, enum role to, const uint8_t *buf, size_t length,
			    int fd, void *message)
{
	if (id >= IPC_COUNT)
		return BAD_MESSAGE_UNKNOWN_TYPE;

	const struct ipc_message *m = &ipc_messages[id];
	enum bad_message bad = BAD_MESSAGE_NONE;
	size_t pos = 0;
	bool fd_taken = false;

	if (!(m->from & 1 << from) || !(m->to & 1 << to))
		return BAD_MESSAGE_NOT_ADDRESSED;
	memset(message, 0, m->size);
	for (const struct ipc_field *f = m->fields; f < m->fields + m->nfields; f++) {
		char *value = (char *)message + f->offset;
		size_t n = wire_bytes[f->type];

		if (n > length - pos)
			return BAD_MESSAGE_TOO_SHORT;
		switch (f->type) {
		case IPC_BOOL:
			if (buf[pos] > 1)
				return BAD_MESSAGE_OUT_OF_RANGE;
			*(bool *)value = buf[pos];
			break;
		case IPC_U8:
		case IPC_U16:
		case IPC_U32:
		case IPC_U64:
			memcpy(value, buf + pos, n);
			break;
		case IPC_ENUM:
			if (buf[pos] >= f->max)
				return BAD_MESSAGE_OUT_OF_RANGE;
			*(unsigned *)value = buf[pos];
			break;
		case IPC_STRING:
		case IPC_BYTES:
			bad = decode_sized(f, buf, length, &pos, value);
			if (bad)
				return bad;
			break;
		case IPC_FD:
			if (fd == -1)
				return BAD_MESSAGE_FD_MISSING;
			*(int *)value = fd;
			fd_taken = true;
			break;
		}
		pos += n;
	}
	if (fd != -1 && !fd_taken)
		return BAD_MESSAGE_FD_UNEXPECTED;
	return pos == length ? BAD_MESSAGE_NONE : BAD_MESSAGE_TOO_LONG;
}

static uint64_t field_number(const struct ipc_field *f, const void *value)
{
	switch (f->type) {
	case IPC_U8:
		return *(const uint8_t *)value;
	case IPC_U16:
		return *(const uint16_t *)value;
	case IPC_U32:
		return *(const uint32_t *)value;
	case IPC_U64:
		return *(const uint64_t *)value;
	default:
		return 0;
	}
}

/* A field's value: as JSON, where 64-bit numbers are strings since readers hold numbers as doubles; or for
 * people. */
static void format_value(struct format *out, const struct ipc_field *f, const void *value, bool json)
{
	const struct ipc_bytes *b = value;

	switch (f->type) {
	case IPC_U64:
		if (json)
			format_char(out, '"');
		format_u64(out, field_number(f, value));
		if (json)
			format_char(out, '"');
		break;
	case IPC_U8:
	case IPC_U16:
	case IPC_U32:
		format_u64(out, field_number(f, value));
		break;
	case IPC_BOOL:
		format_text(out, *(const bool *)value ? "true" : "false");
		break;
	case IPC_ENUM:
		if (json)
			format_char(out, '"');
		format_text(out, f->names[*(const unsigned *)value]);
		if (json)
			format_char(out, '"');
		break;
	case IPC_STRING:
		format_json_string(out, b->data, b->length);
		break;
	case IPC_BYTES:
		format_char(out, '"');
		format_hex(out, b->data, b->length);
		format_char(out, '"');
		break;
	case IPC_FD:
		format_text(out, json ? "\"fd\"" : "fd");
		break;
	}
}

/* The beginning of a text or bytes, which ends between two characters. */
static void format_head(struct format *out, const struct ipc_field *f, const struct ipc_bytes *b,
			uint32_t most)
{
	const char *text = b->data;

	while (f->type == IPC_STRING && most && ((uint8_t)text[most] & 0xc0) == 0x80)
		most--;
	format_value(out, f, &(struct ipc_bytes){ b->data, most }, true);
	/* Before the closing quote. */
	if (!out->full) {
		out->length--;
		format_text(out, "\xe2\x80\xa6\"");
	}
}

int ipc_format_json(enum ipc_id id, const void *message, char *buf, size_t capacity)
{
	bool cut;

	return ipc_format_json_head(id, message, UINT32_MAX, &cut, buf, capacity);
}

int ipc_format_json_head(enum ipc_id id, const void *message, uint32_t most, bool *cut, char *buf,
			 size_t capacity)
{
	const struct ipc_message *m = &ipc_messages[id];
	struct format out = format_into(buf, capacity);

	*cut = false;
	format_char(&out, '{');
	for (const struct ipc_field *f = m->fields; f < m->fields + m->nfields; f++) {
		format_char(&out, f == m->fields ? '"' : ',');
		if (f != m->fields)
			format_char(&out, '"');
		format_text(&out, f->name);
		format_bytes(&out, "\":", 2);
		const char *value = (const char *)message + f->offset;
		bool sized = f->type == IPC_STRING || f->type == IPC_BYTES;

		if (sized && ((const struct ipc_bytes *)(const void *)value)->length > most) {
			format_head(&out, f, (const void *)value, most);
			*cut = true;
		} else {
			format_value(&out, f, value, true);
		}
	}
	format_char(&out, '}');
	return out.full ? -1 : (int)out.length;
}

int ipc_format_text(enum ipc_id id, const void *message, char *buf, size_t capacity)
{
	const struct ipc_message *m = &ipc_messages[id];
	struct format out = format_into(buf, capacity);

	for (const struct ipc_field *f = m->fields; f < m->fields + m->nfields; f++) {
		if (f != m->fields)
			format_char(&out, ' ');
		format_text(&out, f->name);
		format_char(&out, '=');
		format_value(&out, f, (const char *)message + f->offset, false);
	}
	return (int)out.length;
}
