/*
 * See secrets.h. Text is walked in units: a byte, a %XX, or in JSON an escape; so one set of rules finds a
 * secret however it is spelled. What is not encoded itself is ended only by what is not encoded either: the
 * %26 in a value belongs to it, unless the = before it was a %3D.
 */
#include "browser/traffic/log/secrets.h"
#include <stdlib.h>
#include <string.h>

#define NAME_BYTES 64
#define NOT_ASCII  0x80

struct span {
	char *text;
	size_t length;
	bool json;  /* the inside of a string, with its escapes */
	bool whole; /* one address, or what was typed: blanks end nothing */
	/* Nothing is looked for twice, or a text made for it would hold us up: up to there stands no @ that
	 * ends a password, in the same word, or in what is encoded. */
	size_t clean[2][2];
};

struct unit {
	uint8_t c; /* NOT_ASCII: some other */
	uint8_t width;
	bool encoded; /* as %XX */
};

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static struct unit unit_escape(const struct span *s, size_t at)
{
	static const char named[] = "n\nr\rt\tb\bf\f";
	const char *escape = s->text + at + 1;
	unsigned value = 0;

	if (at + 1 >= s->length)
		return (struct unit){ '\\', 1, false };
	if (*escape != 'u' || at + 6 > s->length) {
		for (size_t i = 0; i + 1 < sizeof named; i += 2)
			if (*escape == named[i])
				return (struct unit){ (uint8_t)named[i + 1], 2, false };
		return (struct unit){ (uint8_t)*escape, 2, false };
	}
	for (unsigned i = 1; i <= 4; i++)
		value = value << 4 | ((unsigned)hex_value(escape[i]) & 15);
	return (struct unit){ value < NOT_ASCII ? (uint8_t)value : NOT_ASCII, 6, false };
}

static struct unit unit_at(const struct span *s, size_t at)
{
	const char *c = s->text + at;

	int high = *c == '%' && at + 2 < s->length ? hex_value(c[1]) : -1;
	int low = high >= 0 ? hex_value(c[2]) : -1;

	if (low >= 0)
		return (struct unit){ (uint8_t)(high << 4 | low), 3, true };
	if (*c == '\\' && s->json)
		return unit_escape(s, at);
	return (struct unit){ (uint8_t)*c, 1, false };
}

static void mask(struct span *s, size_t from, size_t to)
{
	memset(s->text + from, '*', to - from);
}

/* What ends what, as bits. */
enum {
	ENDS_LINE = 1,
	ENDS_WORD = 2,
	ENDS_VALUE = 4,
	ENDS_AUTHORITY = 8,
	ENDS_ADDRESS = 16, /* of the kind [::1] */
};

static unsigned ends_of(const struct span *s, uint8_t c)
{
	switch (c) {
	case '\n':
	case '\r':
		return ENDS_LINE | ENDS_WORD;
	case '&':
		return ENDS_VALUE;
	case '#':
		return ENDS_VALUE | ENDS_AUTHORITY;
	case '/':
	case '?':
		return ENDS_AUTHORITY;
	case ']':
		return ENDS_ADDRESS;
	default:
		return (c <= ' ' || c == 0x7f) && !s->whole ? ENDS_WORD : 0;
	}
}

static size_t find_end(const struct span *s, size_t at, unsigned ends, bool encoded)
{
	struct unit u;

	for (; at < s->length; at += u.width) {
		u = unit_at(s, at);
		if ((encoded || !u.encoded) && (ends_of(s, u.c) & ends))
			break;
	}
	return at;
}

/* The value behind name=. Returns where it ends. */
static size_t mask_value(struct span *s, size_t at, bool encoded)
{
	size_t end;

	while (at < s->length && s->text[at] == ' ')
		at++;
	end = find_end(s, at, ENDS_VALUE | ENDS_WORD, encoded);
	mask(s, at, end);
	return end;
}

static bool is_quote(uint8_t c)
{
	return c == '"' || c == '\'';
}

/* The value behind "name": as JSON has it. A quote with a \ before it ends nothing. */
static size_t mask_quoted(struct span *s, size_t at, bool encoded)
{
	struct unit u = { 0 };
	uint8_t quote;
	size_t from;

	while (at < s->length && unit_at(s, at).c <= ' ')
		at += unit_at(s, at).width;
	if (at < s->length)
		u = unit_at(s, at);
	quote = is_quote(u.c) ? u.c : 0;
	encoded = quote ? u.encoded : encoded;
	at = from = quote ? at + u.width : at;
	for (bool escaped = false; at < s->length; at += u.width) {
		u = unit_at(s, at);
		if ((encoded || !u.encoded) && !escaped &&
		    (quote ? u.c == quote : u.c <= ' ' || strchr(",{}[]", u.c)))
			break;
		escaped = !escaped && u.c == '\\';
	}
	mask(s, from, at);
	return at;
}

/* The rest of a header's line. */
static size_t mask_line(struct span *s, size_t at, bool encoded)
{
	size_t end;

	while (at < s->length && s->text[at] == ' ')
		at++;
	end = find_end(s, at, ENDS_LINE, encoded);
	mask(s, at, end);
	return end;
}

/* The last @ before `end`; the span's length: there is none. */
static size_t find_sign(const struct span *s, size_t at, size_t end, bool encoded)
{
	size_t sign = s->length;

	for (struct unit u; at < end; at += u.width) {
		u = unit_at(s, at);
		if (u.c == '@' && (encoded || !u.encoded))
			sign = at;
	}
	return sign;
}

/* Mask up to the last @ before the end of the authority, or of the whole word. false: there is none. */
static bool mask_to_sign(struct span *s, size_t *at, bool word, bool encoded)
{
	size_t end, sign;

	if (*at < s->clean[word][encoded])
		return false;
	end = find_end(s, *at, word ? ENDS_WORD : ENDS_WORD | ENDS_AUTHORITY, encoded);
	sign = find_sign(s, *at, end, encoded);
	if (sign == s->length) {
		s->clean[word][encoded] = end;
		return false;
	}
	mask(s, *at, sign);
	*at = sign;
	return true;
}

/* A letter of a parameter's or a header's name. */
static bool is_name(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
	       c == '-' || c == '.' || c == '[' || c == ']';
}

/* Behind the first colon: is nothing but a port there? */
static bool is_port(const struct span *s, size_t at, size_t end)
{
	while (at < end && s->text[at] >= '0' && s->text[at] <= '9')
		at++;
	return at >= end;
}

/* A user without a password is mostly a token. Other letters than a user's tell that it is no address's @,
 * but one of the text behind. Returns where to go on. */
static size_t mask_user(struct span *s, size_t at, size_t end, bool encoded)
{
	size_t sign = at;
	struct unit u;

	for (size_t next = at; next < end; next += u.width) {
		u = unit_at(s, next);
		if (u.c == '@' && (encoded || !u.encoded))
			sign = next;
		else if ((encoded || !u.encoded) && !is_name(u.c) && u.c < NOT_ASCII &&
			 !(u.c && strchr("~!$&'()*+,;=%", u.c)))
			break;
	}
	mask(s, at, sign);
	return sign;
}

/* The password of an address, behind its //. Returns where to go on. */
static size_t mask_authority(struct span *s, size_t at, bool encoded)
{
	size_t end = find_end(s, at, ENDS_WORD | ENDS_AUTHORITY, encoded), colon;

	colon = at < end && s->text[at] == '['
			? find_end(s, at, ENDS_WORD | ENDS_AUTHORITY | ENDS_ADDRESS, encoded)
			: at;
	while (colon < end && unit_at(s, colon).c != ':')
		colon += unit_at(s, colon).width;
	if (colon >= end)
		return mask_user(s, at, end, encoded);
	at = colon + unit_at(s, colon).width;
	if (is_port(s, at, end) || mask_to_sign(s, &at, false, encoded))
		return at;
	/* No port, and no @: it stands behind a / that is part of the password, or it was cut off. */
	if (mask_to_sign(s, &at, true, encoded))
		return at;
	mask(s, at, end);
	return end;
}

/* The letters before a = or a :, in lower case. */
struct name {
	char text[NAME_BYTES];
	size_t length;
	uint8_t ended; /* by this: a blank, a quote; 0: it goes on */
};

static void name_clear(struct name *n)
{
	n->length = 0;
	n->text[0] = '\0';
	n->ended = 0;
}

static void name_add(struct name *n, uint8_t c)
{
	if (n->ended)
		name_clear(n);
	if (n->length == NAME_BYTES - 1) {
		memmove(n->text, n->text + NAME_BYTES / 2, NAME_BYTES / 2 - 1);
		n->length = NAME_BYTES / 2 - 1;
	}
	n->text[n->length++] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
	n->text[n->length] = '\0';
}

static bool name_has(const struct name *n, const char *const *words)
{
	for (; *words; words++)
		if (strstr(n->text, *words))
			return true;
	return false;
}

static bool is_letter(char c)
{
	return c >= 'a' && c <= 'z';
}

/* One of the words alone: `pass`, but not as a part of compass. */
static bool name_has_alone(const struct name *n, const char *const *words)
{
	for (; *words; words++) {
		size_t length = strlen(*words);

		for (const char *at = strstr(n->text, *words); at; at = strstr(at + 1, *words))
			if ((at == n->text || !is_letter(at[-1])) && !is_letter(at[length]))
				return true;
	}
	return false;
}

static bool name_is_secret(const struct name *n)
{
	static const char *const words[] = { "password",   "passwd",	    "passwort",	 "passphrase",
					     "passcode",   "userpass",	    "pwd",	 "token",
					     "secret",	   "session",	    "sessid",	 "cookie",
					     "apikey",	   "authkey",	    "accesskey", "privatekey",
					     "credential", "authorization", "signature", NULL };
	static const char *const alone[] = { "pass", "key",    "auth", "sess", "sid",
					     "jwt",  "bearer", "sig",  NULL };

	return name_has(n, words) || name_has_alone(n, alone);
}

static bool name_is_header(const struct name *n)
{
	static const char *const words[] = { "cookie", "authorization", "api-key", "auth-token", NULL };

	return name_has(n, words);
}

static bool has_slashes(const struct span *s, size_t *at)
{
	size_t next = *at;

	for (unsigned i = 0; i < 2; i++) {
		if (next >= s->length || unit_at(s, next).c != '/')
			return false;
		next += unit_at(s, next).width;
	}
	*at = next;
	return true;
}

/* What may stand between a name and its = or :. */
static bool may_follow(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '+' || is_quote(c);
}

static size_t on_colon(struct span *s, size_t at, const struct name *n, bool encoded)
{
	if (is_quote(n->ended) && name_is_secret(n))
		return mask_quoted(s, at, encoded);
	if (!is_quote(n->ended) && name_is_header(n))
		return mask_line(s, at, encoded);
	if (has_slashes(s, &at))
		return mask_authority(s, at, encoded);
	/* user:password@host, as people type it. */
	if (n->length && !n->ended && strcmp(n->text, "mailto") != 0)
		mask_to_sign(s, &at, false, encoded);
	return at;
}

static void mask_span(struct span *s)
{
	struct name name = { .length = 0 };
	size_t at = 0;

	if (!memchr(s->text, '=', s->length) && !memchr(s->text, ':', s->length) &&
	    !memchr(s->text, '%', s->length))
		return;
	while (at < s->length) {
		struct unit u = unit_at(s, at);

		at += u.width;
		if (is_name(u.c)) {
			name_add(&name, u.c);
			continue;
		}
		if (u.c == '=' && name_is_secret(&name))
			at = mask_value(s, at, u.encoded);
		else if (u.c == ':')
			at = on_colon(s, at, &name, u.encoded);
		if (may_follow(u.c) && name.length)
			name.ended = is_quote(name.ended) ? name.ended : u.c;
		else
			name_clear(&name);
	}
}

void secrets_mask_text(char *text, size_t length)
{
	size_t scheme = 0;

	while (scheme < length && is_name((uint8_t)text[scheme]))
		scheme++;
	mask_span(&(struct span){ .text = text,
				  .length = length,
				  .whole = length - scheme > 2 && !memcmp(text + scheme, "://", 3) });
}

void secrets_mask_json(char *json, size_t length)
{
	for (size_t at = 0; at < length; at++) {
		size_t from = at + 1;

		if (json[at] != '"')
			continue;
		for (at = from; at < length && json[at] != '"'; at++)
			at += json[at] == '\\';
		if (at > length)
			at = length;
		mask_span(&(struct span){
			.text = json + from, .length = at - from, .json = true, .whole = true });
	}
}

static bool has_inner(unsigned type)
{
	return type == IPC_SEND_BY_HAND || type == IPC_DID_HOLD;
}

static void mask_fields(unsigned type, uint8_t *payload, size_t bytes);

/* A message about a message, with its type and its fields: those have strings of their own. */
static bool mask_inner(unsigned outer, uint8_t *payload, size_t bytes)
{
	size_t at, length;
	uint16_t type;

	if (!ipc_find_field(outer, payload, bytes, "type", &at, &length) || length != sizeof type)
		return false;
	memcpy(&type, payload + at, sizeof type);
	if (!ipc_find_field(outer, payload, bytes, "fields", &at, &length))
		return false;
	/* Not any deeper. */
	mask_fields(has_inner(type) ? IPC_COUNT : type, payload + at, length);
	return true;
}

/* Its strings, each by itself. What makes no sense, or is not there whole, is taken for one text. */
static void mask_fields(unsigned type, uint8_t *payload, size_t bytes)
{
	const struct ipc_message *m = type < IPC_COUNT ? &ipc_messages[type] : NULL;
	size_t at, length;

	if (has_inner(type) && mask_inner(type, payload, bytes))
		return;
	for (unsigned i = 0; m && i < m->nfields; i++) {
		const struct ipc_field *f = &m->fields[i];

		if (f->type != IPC_STRING && f->type != IPC_BYTES)
			continue;
		if (ipc_find_field(type, payload, bytes, f->name, &at, &length))
			secrets_mask_text((char *)payload + at, length);
		else
			m = NULL;
	}
	if (!m)
		secrets_mask_text((char *)payload, bytes);
}

void secrets_mask_event(const struct traffic_event *e, uint8_t *payload)
{
	if (e->kind == TRAFFIC_MESSAGE)
		mask_fields(e->type, payload, e->payload_bytes);
	else if (e->kind == TRAFFIC_PROCESS || e->kind == TRAFFIC_INPUT || e->kind == TRAFFIC_BLAST)
		secrets_mask_json((char *)payload, e->payload_bytes);
}

bool secrets_copy(const struct traffic_event *e, struct traffic_event *copy)
{
	uint8_t *payload = malloc(e->payload_bytes + 1);

	if (!payload)
		return false;
	if (e->payload_bytes)
		memcpy(payload, e->payload, e->payload_bytes);
	*copy = *e;
	copy->payload = payload;
	secrets_mask_event(copy, payload);
	return true;
}

void secrets_copy_free(struct traffic_event *copy)
{
	free((uint8_t *)copy->payload);
}
