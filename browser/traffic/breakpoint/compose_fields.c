/* See compose_internal.h: fields between bytes, values and text. */
#include "browser/traffic/breakpoint/compose_internal.h"
#include "browser/traffic/query/query_internal.h"
#include "common/utf8.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Bytes on the wire: of a text, those of its length. */
static size_t width_of(enum ipc_type type)
{
	static const uint8_t widths[] = {
		[IPC_U8] = 1,	[IPC_U16] = 2,	  [IPC_U32] = 4,   [IPC_U64] = 8, [IPC_BOOL] = 1,
		[IPC_ENUM] = 1, [IPC_STRING] = 4, [IPC_BYTES] = 4, [IPC_FD] = 0
	};

	return widths[type];
}

static bool is_sized(enum ipc_type type)
{
	return type == IPC_STRING || type == IPC_BYTES;
}

bool compose_take_apart(const struct composed *c, struct compose_draft *d)
{
	size_t at = 0;

	*d = (struct compose_draft){ .message = c->type < IPC_COUNT ? &ipc_messages[c->type] : NULL };
	if (!d->message || d->message->nfields > COMPOSE_FIELDS)
		return false;
	for (unsigned i = 0; i < d->message->nfields; i++) {
		enum ipc_type type = d->message->fields[i].type;
		struct compose_value *v = &d->values[i];
		size_t n = width_of(type);

		if (type == IPC_FD)
			v->number = c->fd;
		if (n > c->bytes - at)
			return false;
		memcpy(&v->number, c->fields + at, n);
		at += n;
		if (!is_sized(type))
			continue;
		v->length = v->number;
		v->text = c->fields + at;
		if (v->length > c->bytes - at)
			return false;
		at += v->length;
	}
	return at == c->bytes;
}

bool compose_put_together(const struct compose_draft *d, struct composed *c)
{
	size_t at = 0;

	for (unsigned i = 0; i < d->message->nfields; i++) {
		enum ipc_type type = d->message->fields[i].type;
		const struct compose_value *v = &d->values[i];
		uint64_t number = is_sized(type) ? v->length : v->number;
		size_t n = width_of(type), content = is_sized(type) ? v->length : 0;

		if (type == IPC_FD)
			c->fd = (enum compose_fd)v->number;
		if (n + content > COMPOSE_BYTES - at)
			return false;
		memcpy(c->fields + at, &number, n);
		if (content)
			memcpy(c->fields + at + n, v->text, content);
		at += n + content;
	}
	c->bytes = at;
	return true;
}

/* Numbers. */

static uint64_t most_of(enum ipc_type type)
{
	return width_of(type) >= 8 ? UINT64_MAX : (UINT64_C(1) << width_of(type) * 8) - 1;
}

static bool read_number(const char *word, size_t length, uint64_t most, uint64_t *out)
{
	bool hex = length > 2 && word[0] == '0' && (word[1] | 32) == 'x';
	uint64_t base = hex ? 16 : 10, n = 0;

	if (!length)
		return false;
	for (size_t i = hex ? 2 : 0; i < length; i++) {
		int c = tolower((unsigned char)word[i]);
		uint64_t digit = isdigit(c)	      ? (uint64_t)(c - '0')
				 : hex && isxdigit(c) ? (uint64_t)(c - 'a') + 10
						      : 16;

		if (digit >= base || digit > most || n > (most - digit) / base)
			return false;
		n = n * base + digit;
	}
	*out = n;
	return true;
}

/* One of those words, counted from 0. */
static bool read_word(const char *const *words, const char *word, size_t length, uint64_t *out)
{
	for (unsigned i = 0; words[i]; i++)
		if (strlen(words[i]) == length && !strncmp(words[i], word, length)) {
			*out = i;
			return true;
		}
	return false;
}

static const char *meant(const char *const *words, const char *word, size_t length)
{
	char wanted[64];
	size_t n = length < sizeof wanted ? length : sizeof wanted - 1;

	memcpy(wanted, word, n);
	wanted[n] = '\0';
	struct query_guess guess = query_guess(wanted);
	for (unsigned i = 0; words[i]; i++)
		query_guess_try(&guess, words[i]);
	return guess.best;
}

static bool read_scalar(struct compose_reader *r, const struct ipc_field *f, struct compose_value *v)
{
	static const char *const bools[] = { "false", "true", NULL }, *const fds[] = { "none", "empty",
										       NULL };
	const char *const *words = f->type == IPC_BOOL ? bools : f->type == IPC_FD ? fds : f->names;
	const char *word = r->text + r->at, *best;
	size_t at = r->at, length = compose_word(r, "");

	r->at += length;
	if (words && read_word(words, word, length, &v->number))
		return true;
	if (f->type != IPC_FD && read_number(word, length, most_of(f->type), &v->number))
		return true;
	if (f->type == IPC_FD)
		return compose_fail(r, at, length, "%s is a descriptor: none, or empty", f->name);
	if (!words)
		return compose_fail(r, at, length, "%s is a number from 0 to %llu", f->name,
				    (unsigned long long)most_of(f->type));
	best = meant(words, word, length);
	return compose_fail(r, at, length, "%s is %s or a number up to 255%s%s%s", f->name,
			    f->type == IPC_BOOL ? "true, false" : "one of its words",
			    best ? "; did you mean '" : "", best ? best : "", best ? "'?" : "");
}

/* Texts. */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 32;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool compose_read_hex(struct compose_reader *r, const char *stops, uint8_t *out, size_t room, size_t *length)
{
	*length = 0;
	for (;;) {
		const char *p = r->text + r->at;

		if (*p && isspace((unsigned char)*p) && !strchr(stops, ' ')) {
			r->at++;
			continue;
		}
		if (!*p || strchr(stops, *p))
			return true;
		if (hex_digit(p[0]) < 0 || hex_digit(p[1]) < 0)
			return compose_fail(r, r->at, 1, "two hex digits are a byte: 03 00 ff");
		if (*length == room)
			return compose_fail(r, r->at, 2, "that is more than %zu bytes", room);
		out[(*length)++] = (uint8_t)(hex_digit(p[0]) * 16 + hex_digit(p[1]));
		r->at += 2;
	}
}

/* One character of a quoted text, with what stands for others. */
static bool read_char(struct compose_reader *r, uint8_t *out)
{
	static const char plain[] = "\"\\nrt", stand_for[] = "\"\\\n\r\t";
	const char *p = r->text + r->at, *found;

	if (*p != '\\') {
		*out = (uint8_t)*p;
		r->at++;
		return true;
	}
	if (p[1] == 'x' && hex_digit(p[2]) >= 0 && hex_digit(p[3]) >= 0) {
		*out = (uint8_t)(hex_digit(p[2]) * 16 + hex_digit(p[3]));
		r->at += 4;
		return true;
	}
	found = p[1] ? strchr(plain, p[1]) : NULL;
	if (!found)
		return compose_fail(r, r->at, 2, "after \\ comes \" \\ n r t or xHH");
	*out = (uint8_t)stand_for[found - plain];
	r->at += 2;
	return true;
}

/* "a"*5000 */
static bool repeat(struct compose_reader *r, struct compose_draft *d, struct compose_value *v)
{
	size_t at = r->at, length = v->length;
	uint64_t times;

	if (r->text[r->at] != '*')
		return true;
	r->at++;
	size_t digits = compose_word(r, "");
	if (!read_number(r->text + r->at, digits, COMPOSE_BYTES, &times) || !times)
		return compose_fail(r, at, digits + 1, "how often? *5000");
	if (length * (times - 1) > sizeof d->room - d->used)
		return compose_fail(r, at, digits + 1, "that is more than %d bytes", COMPOSE_BYTES);
	r->at += digits;
	for (uint64_t n = 1; n < times; n++) {
		memcpy(d->room + d->used, v->text, length);
		d->used += length;
	}
	v->length = length * times;
	return true;
}

static bool read_quoted(struct compose_reader *r, struct compose_draft *d, struct compose_value *v)
{
	size_t begins = r->at++;

	v->text = d->room + d->used;
	while (r->text[r->at] != '"') {
		if (!r->text[r->at])
			return compose_fail(r, begins, 1, "this \" has no other");
		if (d->used == sizeof d->room)
			return compose_fail(r, r->at, 1, "that is more than %d bytes", COMPOSE_BYTES);
		if (!read_char(r, &d->room[d->used++]))
			return false;
	}
	r->at++;
	v->length = (size_t)(d->room + d->used - v->text);
	return repeat(r, d, v);
}

static bool read_bytes(struct compose_reader *r, struct compose_draft *d, struct compose_value *v)
{
	bool quoted = r->text[r->at] == '"';

	r->at += quoted;
	v->text = d->room + d->used;
	if (!compose_read_hex(r, quoted ? "\"" : " \t", d->room + d->used, sizeof d->room - d->used,
			      &v->length))
		return false;
	r->at += quoted && r->text[r->at] == '"';
	d->used += v->length;
	return true;
}

bool compose_read_value(struct compose_reader *r, struct compose_draft *d, unsigned field)
{
	const struct ipc_field *f = &d->message->fields[field];
	struct compose_value *v = &d->values[field];

	if (!is_sized(f->type))
		return read_scalar(r, f, v);
	if (f->type == IPC_BYTES)
		return read_bytes(r, d, v);
	if (r->text[r->at] == '"')
		return read_quoted(r, d, v);
	v->text = (const uint8_t *)r->text + r->at;
	v->length = compose_word(r, "");
	r->at += v->length;
	return true;
}

/* Writing. */

static void write_text(const struct compose_value *v, struct format *out)
{
	bool valid = utf8_valid((const char *)v->text, v->length);

	format_char(out, '"');
	for (size_t i = 0; i < v->length; i++) {
		uint8_t c = v->text[i];

		if (c == '"' || c == '\\')
			format_printf(out, "\\%c", c);
		else if (c < 32 || c == 127 || (c >= 128 && !valid))
			format_printf(out, "\\x%02x", c);
		else
			format_char(out, (char)c);
	}
	format_char(out, '"');
}

void compose_write_value(const struct compose_draft *d, unsigned field, struct format *out)
{
	const struct ipc_field *f = &d->message->fields[field];
	const struct compose_value *v = &d->values[field];

	format_text(out, f->name);
	format_char(out, '=');
	if (f->type == IPC_STRING)
		write_text(v, out);
	else if (f->type == IPC_BYTES)
		format_hex(out, v->text, v->length);
	else if (f->type == IPC_FD)
		format_text(out, v->number == COMPOSE_FD_EMPTY ? "empty" : "none");
	else if (f->type == IPC_ENUM && v->number < f->max)
		format_text(out, f->names[v->number]);
	else if (f->type == IPC_BOOL && v->number < 2)
		format_text(out, v->number ? "true" : "false");
	else
		format_u64(out, v->number);
}
