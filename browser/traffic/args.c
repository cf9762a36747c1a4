/* See args.h. What scans JSON here believes nothing: whatever does not look like it ends the scan. */
#include "browser/traffic/args.h"
#include "common/utf8.h"
#include <stdlib.h>
#include <string.h>

void arg_reader_begin(struct arg_reader *args, const struct traffic_event *e)
{
	args->event = e;
	args->state = ARG_READER_FRESH;
}

static bool begin_json(struct arg_reader *args, const char *json, size_t length)
{
	args->json = json;
	args->json_length = length;
	args->state = length && json[0] == '{' ? ARG_READER_JSON : ARG_READER_NONE;
	return args->state == ARG_READER_JSON;
}

/* Read what has to be read once an event. false: it has no arguments. */
static bool reader_open(struct arg_reader *args)
{
	const struct traffic_event *e = args->event;

	if (args->state != ARG_READER_FRESH)
		return args->state != ARG_READER_NONE;
	if (e->words)
		return begin_json(args, e->words->args, strlen(e->words->args));
	if (e->kind != TRAFFIC_MESSAGE)
		return begin_json(args, (const char *)e->payload, e->payload ? e->payload_bytes : 0);
	args->state = traffic_decode(e, &args->message) ? ARG_READER_FIELDS : ARG_READER_NONE;
	return args->state == ARG_READER_FIELDS;
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
	size_t room = (sizeof args->text - 1) / 2;

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

static size_t skip_blanks(const struct arg_reader *args, size_t at)
{
	while (at < args->json_length && (args->json[at] == ' ' || args->json[at] == '\t'))
		at++;
	return at;
}

/* Behind the closing quote of the string whose opening one is at `at`; 0: it has none. */
static size_t skip_string(const struct arg_reader *args, size_t at)
{
	const char *json = args->json, *end = json + args->json_length, *s = json + at + 1;

	while (s < end && (s = memchr(s, '"', (size_t)(end - s)))) {
		const char *back = s;

		while (back > json + at + 1 && back[-1] == '\\')
			back--;
		s++;
		if ((s - 1 - back) % 2 == 0)
			return (size_t)(s - json);
	}
	return 0;
}

/* Behind the value at `at`, which may be nested; 0: it has no end. */
static size_t skip_value(const struct arg_reader *args, size_t at)
{
	unsigned depth = 0;

	while (at < args->json_length) {
		char c = args->json[at];

		if (c == '"') {
			at = skip_string(args, at);
			if (!at)
				return 0;
			continue;
		}
		if (!depth && (c == ',' || c == '}' || c == ']'))
			return at;
		if (c == '{' || c == '[')
			depth++;
		else if (c == '}' || c == ']')
			depth--;
		at++;
	}
	return 0;
}

static unsigned hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	if ((c | 32) >= 'a' && (c | 32) <= 'f')
		return (unsigned)((c | 32) - 'a' + 10);
	return 16;
}

/* The four digits of \uXXXX; UINT32_MAX: they are none. */
static uint32_t read_unit(const char *s, const char *end)
{
	uint32_t unit = 0;

	if (end - s < 6 || s[0] != '\\' || s[1] != 'u')
		return UINT32_MAX;
	for (int i = 2; i < 6; i++) {
		unsigned digit = hex_digit(s[i]);

		if (digit > 15)
			return UINT32_MAX;
		unit = unit << 4 | digit;
	}
	return unit;
}

/* One \uXXXX, or the two that make one character. Returns the bytes it takes; *c is U+FFFD for nonsense. */
static size_t read_unicode(const char *s, const char *end, uint32_t *c)
{
	uint32_t low;

	*c = read_unit(s, end);
	if (*c == UINT32_MAX) {
		*c = 0xfffd;
		return 2;
	}
	if (*c < 0xd800 || *c > 0xdbff)
		return 6;
	low = read_unit(s + 6, end);
	if (low < 0xdc00 || low > 0xdfff)
		return 6;
	*c = 0x10000 + ((*c - 0xd800) << 10) + (low - 0xdc00);
	return 12;
}

/* Text without its escapes, into args->text. Returns the length; what does not fit is cut off. */
static size_t unescape(struct arg_reader *args, const char *s, size_t length)
{
	static const char letters[] = "bfnrt", meanings[] = "\b\f\n\r\t";
	const char *end = s + length, *letter;
	size_t n = 0;
	uint32_t c;

	while (s < end && n + 4 < sizeof args->text) {
		if (*s != '\\' || end - s < 2) {
			args->text[n++] = *s++;
			continue;
		}
		if (s[1] == 'u') {
			s += read_unicode(s, end, &c);
			n += utf8_encode(c, args->text + n);
			continue;
		}
		letter = s[1] ? strchr(letters, s[1]) : NULL;
		args->text[n++] = letter ? meanings[letter - letters] : s[1];
		s += 2;
	}
	return n;
}

static void read_json_string(struct arg_reader *args, const char *s, size_t length, struct traffic_arg *arg)
{
	if (!memchr(s, '\\', length)) {
		set_text(arg, s, length);
		return;
	}
	length = unescape(args, s, length);
	set_text(arg, args->text, length);
}

static void read_json_value(struct arg_reader *args, const char *s, size_t length, struct traffic_arg *arg)
{
	char number[40], *end;

	while (length && (s[length - 1] == ' ' || s[length - 1] == '\t'))
		length--;
	if (length >= 2 && s[0] == '"') {
		read_json_string(args, s + 1, length - 2, arg);
		return;
	}
	set_text(arg, s, length);
	if (length == 4 && !memcmp(s, "true", 4))
		set_bool(arg, true);
	else if (length == 5 && !memcmp(s, "false", 5))
		set_bool(arg, false);
	if (arg->has_number || !length || length >= sizeof number || (s[0] != '-' && hex_digit(s[0]) > 9))
		return;
	memcpy(number, s, length);
	number[length] = '\0';
	arg->real = strtod(number, &end);
	arg->has_number = !*end;
}

/* Find the member at *place (0: the first) and its value; *place moves behind it. */
static bool next_member(const struct arg_reader *args, size_t *place, struct traffic_arg *arg, size_t *value,
			size_t *value_length)
{
	size_t at = skip_blanks(args, *place ? *place : 1), end;

	if (*place && (at >= args->json_length || args->json[at++] != ','))
		return false;
	at = skip_blanks(args, at);
	if (at >= args->json_length || args->json[at] != '"' || !(end = skip_string(args, at)))
		return false;
	*arg = (struct traffic_arg){ .name = args->json + at + 1, .name_length = end - at - 2 };
	at = skip_blanks(args, end);
	if (at >= args->json_length || args->json[at++] != ':')
		return false;
	at = skip_blanks(args, at);
	end = skip_value(args, at);
	if (!end)
		return false;
	*value = at;
	*value_length = end - at;
	*place = end;
	return true;
}

bool arg_reader_next(struct arg_reader *args, size_t *place, struct traffic_arg *arg)
{
	size_t value, length;

	if (!reader_open(args))
		return false;
	if (args->state == ARG_READER_FIELDS) {
		const struct ipc_message *m = &ipc_messages[args->event->type];

		if (*place >= m->nfields)
			return false;
		read_field(args, &m->fields[(*place)++], arg);
		return true;
	}
	if (!next_member(args, place, arg, &value, &length))
		return false;
	read_json_value(args, args->json + value, length, arg);
	return true;
}

bool arg_reader_find(struct arg_reader *args, const char *name, struct traffic_arg *arg)
{
	const struct traffic_event *e = args->event;
	size_t place = 0, wanted = strlen(name), value, length;

	if (!e->words && e->kind == TRAFFIC_MESSAGE) {
		const struct ipc_field *f = find_field(e, name);

		if (!f || !reader_open(args))
			return false;
		read_field(args, f, arg);
		return true;
	}
	if (!reader_open(args))
		return false;
	while (next_member(args, &place, arg, &value, &length)) {
		if (arg->name_length == wanted && !memcmp(arg->name, name, wanted)) {
			read_json_value(args, args->json + value, length, arg);
			return true;
		}
	}
	return false;
}
