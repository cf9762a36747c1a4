/* See args.h. browser/traffic/log/json_scan.c cuts JSON apart. */
#include "browser/traffic/args.h"
#include "common/utf8.h"
#include <stdlib.h>
#include <string.h>

void arg_reader_begin(struct arg_reader *args, const struct traffic_event *e)
{
	args->event = e;
	args->state = ARG_READER_FRESH;
	args->json = "";
	args->used = 0;
	arg_reader_rewind(args);
}

/* The scan needs a 0 behind the text, and some slack. */
static bool copy_json(struct arg_reader *args, const struct traffic_event *e)
{
	args->used = e->payload_bytes + 1 + JSON_SCAN_SLACK;
	if (!e->payload_bytes || args->used > sizeof args->text / 2)
		return false;
	memcpy(args->text, e->payload, e->payload_bytes);
	memset(args->text + e->payload_bytes, 0, 1 + JSON_SCAN_SLACK);
	args->json = args->text;
	return true;
}

static enum arg_reader_state open_args(struct arg_reader *args, const struct traffic_event *e)
{
	if (e->words) {
		args->json = e->words->args;
		return args->json[0] ? ARG_READER_JSON : ARG_READER_NONE;
	}
	if (e->kind == TRAFFIC_MESSAGE)
		return traffic_decode(e, &args->message) ? ARG_READER_FIELDS : ARG_READER_NONE;
	if (e->kind == TRAFFIC_PROCESS || e->kind == TRAFFIC_INPUT || e->kind == TRAFFIC_BLAST)
		return copy_json(args, e) ? ARG_READER_JSON : ARG_READER_NONE;
	return ARG_READER_NONE;
}

/* Read what has to be read once an event. false: it has no arguments. */
static bool args_open(struct arg_reader *args)
{
	if (args->state == ARG_READER_FRESH) {
		args->state = open_args(args, args->event);
		arg_reader_rewind(args);
	}
	return args->state != ARG_READER_NONE;
}

/* Numbers. */

static void set_whole(struct traffic_arg *arg, uint64_t number)
{
	arg->has_number = arg->is_whole = true;
	arg->whole = number;
	arg->real = (double)number;
}

/* Only as a number is written: no leading zeros, no sign. */
static bool read_whole(const char *text, size_t length, uint64_t *number)
{
	uint64_t n = 0;

	if (!length || length > 20 || (text[0] == '0' && length > 1))
		return false;
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, text[i] - '0', &n))
			return false;
	}
	*number = n;
	return true;
}

static void set_text(struct traffic_arg *arg, const char *text, size_t length)
{
	uint64_t number;

	arg->text = text;
	arg->length = length;
	if (read_whole(text, length, &number))
		set_whole(arg, number);
}

void traffic_arg_text(struct traffic_arg *arg)
{
	struct format out;

	if (arg->text)
		return;
	out = format_into(arg->digits, sizeof arg->digits);
	format_u64(&out, arg->whole);
	arg->text = arg->digits;
	arg->length = out.length;
}

/* Fields of a live message. */

static void set_bool(struct traffic_arg *arg, bool value)
{
	arg->text = value ? "true" : "false";
	arg->length = strlen(arg->text);
	set_whole(arg, value);
}

static void set_hex(struct arg_reader *args, struct traffic_arg *arg, const struct ipc_bytes *bytes)
{
	struct format out = format_into(args->text, sizeof args->text);
	size_t room = sizeof args->text / 2 - 1;

	format_hex(&out, bytes->data, bytes->length < room ? bytes->length : room);
	arg->text = args->text;
	arg->length = out.length;
}

static void read_field(struct arg_reader *args, const struct ipc_field *f, struct traffic_arg *arg)
{
	const void *value = (const char *)&args->message + f->offset;
	const struct ipc_string *s = value;

	*arg = (struct traffic_arg){ .name = f->name, .name_length = strlen(f->name) };
	switch (f->type) {
	case IPC_U8:
		set_whole(arg, *(const uint8_t *)value);
		break;
	case IPC_U16:
		set_whole(arg, *(const uint16_t *)value);
		break;
	case IPC_U32:
		set_whole(arg, *(const uint32_t *)value);
		break;
	case IPC_U64:
		set_whole(arg, *(const uint64_t *)value);
		break;
	case IPC_BOOL:
		set_bool(arg, *(const bool *)value);
		break;
	case IPC_ENUM:
		arg->text = f->names[*(const unsigned *)value];
		arg->length = strlen(arg->text);
		break;
	case IPC_STRING:
		set_text(arg, s->length ? s->text : "", s->length);
		break;
	case IPC_BYTES:
		set_hex(args, arg, value);
		break;
	case IPC_FD:
		arg->text = "fd";
		arg->length = 2;
		break;
	}
}

static const struct ipc_field *find_field(const struct traffic_event *e, const char *name)
{
	const struct ipc_message *m = e->type < IPC_COUNT ? &ipc_messages[e->type] : NULL;

	for (unsigned i = 0; m && i < m->nfields; i++)
		if (!strcmp(m->fields[i].name, name))
			return &m->fields[i];
	return NULL;
}

/* JSON. */

static unsigned hex_digit(char c)
{
	return (unsigned)(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
}

/* The four digits of \uXXXX; 0: there is no such thing. */
static uint32_t read_unit(const char *s, const char *end)
{
	uint32_t unit = 0;

	if (end - s < 6 || s[0] != '\\' || s[1] != 'u')
		return 0;
	for (int i = 2; i < 6; i++)
		unit = unit << 4 | (hex_digit(s[i]) & 15);
	return unit;
}

/* One \uXXXX, or the two that make one character. Returns the bytes it takes. */
static size_t read_unicode(const char *s, const char *end, uint32_t *c)
{
	uint32_t low;

	*c = read_unit(s, end);
	if (!*c)
		return 2;
	low = *c >= 0xd800 && *c <= 0xdbff ? read_unit(s + 6, end) : 0;
	if (low < 0xdc00 || low > 0xdfff)
		return 6;
	*c = 0x10000 + ((*c - 0xd800) << 10) + (low - 0xdc00);
	return 12;
}

/* Text without its escapes, into args->text behind what is used of it. What does not fit is cut off. */
static void set_unescaped(struct arg_reader *args, const char *s, size_t length, struct traffic_arg *arg)
{
	const char *end = s + length;
	char *text = args->text + args->used;
	size_t n = 0;
	uint32_t c;

	while (s < end && args->used + n + 4 < sizeof args->text) {
		if (s[0] == '\\' && end - s > 1 && s[1] == 'u') {
			s += read_unicode(s, end, &c);
			n += utf8_encode(c, text + n);
			continue;
		}
		s += s[0] == '\\' && end - s > 1;
		text[n++] = *s++;
	}
	set_text(arg, text, n);
}

static void read_json(struct arg_reader *args, const struct json_slice *key, const struct json_slice *value,
		      struct traffic_arg *arg)
{
	const char *s = value->text;

	*arg = (struct traffic_arg){ .name = key->text, .name_length = key->length };
	if (*s == '"' && memchr(s, '\\', value->length)) {
		set_unescaped(args, s + 1, value->length - 2, arg);
	} else if (*s == '"') {
		set_text(arg, s + 1, value->length - 2);
	} else {
		set_text(arg, s, value->length);
		if (*s == 't' || *s == 'f')
			set_bool(arg, *s == 't');
		else if (!arg->has_number && (*s == '-' || (*s >= '0' && *s <= '9'))) {
			arg->has_number = true;
			arg->real = strtod(s, NULL); /* the scan has seen where it ends */
		}
	}
}

bool arg_reader_next(struct arg_reader *args, struct traffic_arg *arg)
{
	struct json_slice key, value;

	if (!args_open(args))
		return false;
	if (args->state == ARG_READER_FIELDS) {
		const struct ipc_message *m = &ipc_messages[args->event->type];

		if (args->field >= m->nfields)
			return false;
		read_field(args, &m->fields[args->field++], arg);
		return true;
	}
	if (!json_members_next(&args->members, &key, &value))
		return false;
	read_json(args, &key, &value, arg);
	return true;
}

void arg_reader_rewind(struct arg_reader *args)
{
	args->field = 0;
	args->members = json_members_of(args->json);
}

bool arg_reader_find(struct arg_reader *args, const char *name, struct traffic_arg *arg)
{
	const struct traffic_event *e = args->event;
	struct json_slice key, value;
	struct json_members members;

	if (!e->words && e->kind == TRAFFIC_MESSAGE) {
		const struct ipc_field *f = find_field(e, name);

		if (!f || !args_open(args))
			return false;
		read_field(args, f, arg);
		return true;
	}
	if (!args_open(args))
		return false;
	members = json_members_of(args->json);
	while (json_members_next(&members, &key, &value)) {
		if (json_slice_is(&key, name)) {
			read_json(args, &key, &value, arg);
			return true;
		}
	}
	return false;
}
