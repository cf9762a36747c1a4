/* The text of a message: see compose.h. compose_fields.c reads and writes the values. */
#include "browser/traffic/breakpoint/compose_internal.h"
#include "browser/traffic/query/query_internal.h"
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool compose_fail(struct compose_reader *r, size_t at, size_t length, const char *how, ...)
{
	va_list args;

	r->error->column = (unsigned)at;
	r->error->length = (unsigned)length;
	va_start(args, how);
	vsnprintf(r->error->why, sizeof r->error->why, how, args);
	va_end(args);
	return false;
}

void compose_skip_blanks(struct compose_reader *r)
{
	while (isspace((unsigned char)r->text[r->at]))
		r->at++;
}

size_t compose_word(const struct compose_reader *r, const char *stops)
{
	size_t n = 0;

	while (r->text[r->at + n] && !isspace((unsigned char)r->text[r->at + n]) &&
	       !strchr(stops, r->text[r->at + n]))
		n++;
	return n;
}

/* Is the next word that one? Then it is taken. */
static bool take(struct compose_reader *r, const char *word)
{
	size_t n = strlen(word);

	compose_skip_blanks(r);
	if (strncmp(r->text + r->at, word, n) != 0)
		return false;
	r->at += n;
	return true;
}

/* Of the word at `at`, cut to fit. */
static const char *copy_word(const struct compose_reader *r, size_t length, char out[64])
{
	snprintf(out, 64, "%.*s", (int)(length < 63 ? length : 63), r->text + r->at);
	return out;
}

static bool read_serial(const char *text, size_t length, uint32_t *serial)
{
	unsigned long n = 0;

	if (!length || length > 7)
		return false;
	for (size_t i = 0; i < length; i++) {
		if (!isdigit((unsigned char)text[i]))
			return false;
		n = n * 10 + (unsigned long)(text[i] - '0');
	}
	*serial = (uint32_t)n;
	return n > 0;
}

static bool read_whom(struct compose_reader *r, struct endpoint *e)
{
	size_t length, role_length;
	const char *word, *colon;
	struct query_guess guess;
	char wanted[64];

	compose_skip_blanks(r);
	length = compose_word(r, "");
	word = r->text + r->at;
	colon = memchr(word, ':', length);
	role_length = colon ? (size_t)(colon - word) : length;
	guess = query_guess(copy_word(r, role_length, wanted));
	for (unsigned role = 0; role < ROLE_COUNT; role++) {
		query_guess_try(&guess, role_names[role]);
		if (strcmp(wanted, role_names[role]) != 0)
			continue;
		*e = (struct endpoint){ (enum role)role, 0 };
		if (colon &&
		    (role == ROLE_BROWSER || !read_serial(colon + 1, length - role_length - 1, &e->serial)))
			return compose_fail(r, r->at, length,
					    "a process is called browser, renderer:3, gpu:1");
		r->at += length;
		return true;
	}
	if (!length)
		return compose_fail(r, r->at, 0, "whom? renderer:3 -> gpu:1 submit_frame page=1");
	return compose_fail(r, r->at, length, "there is no process '%s'%s%s%s", wanted,
			    guess.best ? "; did you mean '" : "", guess.best ? guess.best : "",
			    guess.best ? "'?" : "");
}

static bool read_arrow(struct compose_reader *r)
{
	if (take(r, "->") || take(r, "\xe2\x86\x92") || take(r, "to "))
		return true;
	return compose_fail(r, r->at, 1, "-> is expected, and whom it goes to");
}

static int find_message(const char *name)
{
	for (unsigned i = 0; i < IPC_COUNT; i++)
		if (!strcmp(ipc_messages[i].name, name))
			return (int)i;
	return -1;
}

/* The name of a message, or a number that may mean none. */
static bool read_type(struct compose_reader *r, bool raw, uint16_t *type)
{
	size_t length = compose_word(r, "");
	char wanted[64];
	struct query_guess guess = query_guess(copy_word(r, length, wanted));
	int found = find_message(wanted);
	char *end;
	unsigned long number = strtoul(wanted, &end, 0);

	if (raw && length && !*end && isdigit((unsigned char)wanted[0]) && number <= UINT16_MAX)
		found = (int)number;
	if (found >= 0) {
		*type = (uint16_t)found;
		r->at += length;
		return true;
	}
	if (!length)
		return compose_fail(r, r->at, 0, "which message? its name, or type=N");
	for (unsigned i = 0; i < IPC_COUNT; i++)
		query_guess_try(&guess, ipc_messages[i].name);
	return compose_fail(r, r->at, length, "there is no message '%s'%s%s%s", wanted,
			    guess.best ? "; did you mean '" : "", guess.best ? guess.best : "",
			    guess.best ? "'?" : "");
}

static int find_field(const struct ipc_message *m, const char *name)
{
	for (unsigned i = 0; i < m->nfields; i++)
		if (!strcmp(m->fields[i].name, name))
			return (int)i;
	return -1;
}

static bool read_field(struct compose_reader *r, struct compose_draft *d)
{
	size_t length = compose_word(r, "=");
	char wanted[64];
	struct query_guess guess = query_guess(copy_word(r, length, wanted));
	int field = find_field(d->message, wanted);

	if (field < 0) {
		for (unsigned i = 0; i < d->message->nfields; i++)
			query_guess_try(&guess, d->message->fields[i].name);
		return compose_fail(r, r->at, length, "%s has no field '%s'%s%s%s", d->message->name, wanted,
				    guess.best ? "; did you mean '" : "", guess.best ? guess.best : "",
				    guess.best ? "'?" : "");
	}
	if (r->text[r->at + length] != '=')
		return compose_fail(r, r->at, length, "%s=VALUE is expected", wanted);
	r->at += length + 1;
	return compose_read_value(r, d, (unsigned)field);
}

static bool read_fields(struct compose_reader *r, struct compose_draft *d, struct composed *c)
{
	for (compose_skip_blanks(r); r->text[r->at]; compose_skip_blanks(r))
		if (!read_field(r, d))
			return false;
	return compose_put_together(d, c) ||
	       compose_fail(r, 0, (unsigned)r->at, "that is more than %d bytes of fields", COMPOSE_BYTES);
}

static bool read_raw(struct compose_reader *r, struct composed *c)
{
	if (!read_type(r, true, &c->type))
		return false;
	compose_skip_blanks(r);
	if (!r->text[r->at])
		return true;
	if (!take(r, "bytes="))
		return compose_fail(r, r->at, compose_word(r, "="), "bytes=03 00 ff is expected, or nothing");
	return compose_read_hex(r, "", c->fields, sizeof c->fields, &c->bytes);
}

bool compose_parse(const char *text, struct composed *c, struct compose_error *error)
{
	struct compose_reader r = { .text = text, .error = error };
	struct compose_draft *d;
	bool fine;

	*c = (struct composed){ 0 };
	if (strlen(text) >= COMPOSE_TEXT)
		return compose_fail(&r, COMPOSE_TEXT - 1, 1, "that is too long");
	if (!read_whom(&r, &c->from) || !read_arrow(&r) || !read_whom(&r, &c->to))
		return false;
	if (take(&r, "type="))
		return read_raw(&r, c);
	if (!read_type(&r, false, &c->type))
		return false;
	d = calloc(1, sizeof *d);
	if (!d)
		return compose_fail(&r, 0, 0, "no memory");
	d->message = &ipc_messages[c->type];
	fine = read_fields(&r, d, c);
	free(d);
	return fine;
}

bool compose_edit(struct composed *c, const char *text, struct compose_error *error)
{
	struct compose_reader r = { .text = text, .error = error };
	struct compose_draft *d = calloc(1, sizeof *d);
	struct composed *edited = malloc(sizeof *edited);
	bool fine = false;

	compose_skip_blanks(&r);
	if (!d || !edited) {
		compose_fail(&r, 0, 0, "no memory");
	} else if (take(&r, "bytes=") &&
		   (c->type >= IPC_COUNT || find_field(&ipc_messages[c->type], "bytes") < 0)) {
		*edited = *c;
		fine = compose_read_hex(&r, "", edited->fields, sizeof edited->fields, &edited->bytes);
	} else if (!compose_take_apart(c, d)) {
		compose_fail(&r, 0, 0, "its bytes are not its fields: bytes=03 00 ff edits them raw");
	} else {
		r.at = 0;
		*edited = *c;
		fine = read_fields(&r, d, edited);
	}
	if (fine)
		*c = *edited;
	free(edited);
	free(d);
	return fine;
}

bool compose_from(const struct traffic_event *e, struct composed *c)
{
	*c = (struct composed){ 0 };
	if (e->words || e->kind != TRAFFIC_MESSAGE || e->payload_bytes != e->bytes ||
	    e->bytes > COMPOSE_BYTES)
		return false;
	c->from = e->from;
	c->to = e->to;
	c->type = e->type;
	c->fd = e->fds ? COMPOSE_FD_EMPTY : COMPOSE_FD_NONE;
	c->bytes = e->bytes;
	if (e->bytes)
		memcpy(c->fields, e->payload, e->bytes);
	return true;
}

static void write_fields(const struct compose_draft *d, struct format *out)
{
	for (unsigned i = 0; i < d->message->nfields; i++) {
		if (i)
			format_char(out, ' ');
		compose_write_value(d, i, out);
	}
}

void compose_bytes_text(const struct composed *c, struct format *out)
{
	for (size_t i = 0; i < c->bytes; i++)
		format_printf(out, i ? " %02x" : "%02x", c->fields[i]);
}

static void write_raw(const struct composed *c, struct format *out)
{
	format_text(out, "bytes=");
	compose_bytes_text(c, out);
}

void compose_fields_text(const struct composed *c, struct format *out)
{
	struct compose_draft *d = calloc(1, sizeof *d);

	if (d && compose_take_apart(c, d))
		write_fields(d, out);
	else
		write_raw(c, out);
	free(d);
}

int compose_count(const struct composed *c)
{
	struct compose_draft *d = calloc(1, sizeof *d);
	int count = d && compose_take_apart(c, d) ? d->message->nfields : -1;

	free(d);
	return count;
}

void compose_field_text(const struct composed *c, unsigned field, struct format *out)
{
	struct compose_draft *d = calloc(1, sizeof *d);

	if (d && compose_take_apart(c, d) && field < d->message->nfields)
		compose_write_value(d, field, out);
	free(d);
}

static void write_whom(struct endpoint e, struct format *out)
{
	char name[ENDPOINT_TEXT];

	format_text(out, e.serial ? endpoint_text(e, name) : role_names[e.role]);
}

void compose_text(const struct composed *c, struct format *out)
{
	struct compose_draft *d = calloc(1, sizeof *d);

	write_whom(c->from, out);
	format_text(out, " -> ");
	write_whom(c->to, out);
	if (d && compose_take_apart(c, d)) {
		format_printf(out, " %s%s", d->message->name, d->message->nfields ? " " : "");
		write_fields(d, out);
	} else {
		if (c->type < IPC_COUNT)
			format_printf(out, " type=%s ", ipc_messages[c->type].name);
		else
			format_printf(out, " type=%u ", c->type);
		write_raw(c, out);
	}
	free(d);
}
