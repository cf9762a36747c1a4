/* See breakpoint.h. */
#include "common/breakpoint.h"
#include "common/channel_internal.h"
#include <string.h>

#define TYPES_BYTES 32

struct rule {
	uint32_t breakpoint;
	struct endpoint peer; /* serial 0: all of that role */
	uint8_t types[TYPES_BYTES];
	uint32_t least, most;
	char field[33]; /* when the comparison is one */
	enum field_test how;
	uint64_t number;
	char text[64];
	size_t text_bytes;
};

static struct rule rules[BREAKPOINT_RULES]; /* packed */
static unsigned nrules;
static breakpoint_held_fn *tell;
static void *tell_arg;

static bool compare_number(enum field_test how, uint64_t a, uint64_t b)
{
	switch (how) {
	case FIELD_TEST_EQUAL:
		return a == b;
	case FIELD_TEST_NOT_EQUAL:
		return a != b;
	case FIELD_TEST_LESS:
		return a < b;
	case FIELD_TEST_AT_MOST:
		return a <= b;
	case FIELD_TEST_MORE:
		return a > b;
	case FIELD_TEST_AT_LEAST:
		return a >= b;
	default:
		return false;
	}
}

static bool compare_text(const struct rule *r, const uint8_t *text, size_t bytes)
{
	bool same = bytes == r->text_bytes && !memcmp(text, r->text, bytes);

	switch (r->how) {
	case FIELD_TEST_EQUAL:
		return same;
	case FIELD_TEST_NOT_EQUAL:
		return !same;
	case FIELD_TEST_CONTAINS:
		return !r->text_bytes || memmem(text, bytes, r->text, r->text_bytes);
	default:
		return false;
	}
}

static bool is_text(uint16_t type, const char *name)
{
	const struct ipc_message *m = &ipc_messages[type];

	for (unsigned i = 0; i < m->nfields; i++)
		if (!strcmp(m->fields[i].name, name))
			return m->fields[i].type == IPC_STRING;
	return false;
}

/* A message that has no such field compares with nothing. */
static bool field_fits(const struct rule *r, uint16_t type, const uint8_t *fields, size_t bytes)
{
	size_t at, size;
	uint64_t number = 0;

	if (r->how == FIELD_TEST_ANY)
		return true;
	if (!ipc_find_field(type, fields, bytes, r->field, &at, &size))
		return false;
	if (is_text(type, r->field))
		return compare_text(r, fields + at, size);
	if (size > sizeof number)
		return false;
	memcpy(&number, fields + at, size);
	return compare_number(r->how, number, r->number);
}

static bool rule_concerns(const struct rule *r, struct endpoint peer)
{
	return r->peer.role == peer.role && (!r->peer.serial || r->peer.serial == peer.serial);
}

static bool rule_wants(const struct rule *r, const struct hold_view *v)
{
	uint16_t type = v->header.type;
	uint32_t bytes = v->header.length - (uint32_t)sizeof v->header;

	return type < TYPES_BYTES * 8 && r->types[type / 8] & 1u << type % 8 && bytes >= r->least &&
	       bytes <= r->most && field_fits(r, type, v->fields, bytes);
}

static uint32_t rules_want(void *arg, struct channel *c, enum hold_way way, const struct hold_view *v)
{
	(void)arg;
	for (unsigned i = 0; i < nrules && way == HOLD_INCOMING; i++)
		if (rule_concerns(&rules[i], channel_peer(c)) && rule_wants(&rules[i], v))
			return rules[i].breakpoint;
	return 0;
}

static void rules_held(void *arg, struct channel *c, enum hold_way way, const struct hold_view *v,
		       uint32_t breakpoint)
{
	(void)arg;
	(void)way;
	tell(tell_arg, channel_peer(c), v, breakpoint);
}

/* The browser learns of the channel's end, and knows what was held of it. */
static void rules_gone(void *arg, struct channel *c, enum hold_way way)
{
	(void)arg;
	(void)c;
	(void)way;
}

void breakpoint_init(breakpoint_held_fn *held, void *arg)
{
	tell = held;
	tell_arg = arg;
	hold_watcher = (struct hold_watcher){ .wants = rules_want, .held = rules_held, .gone = rules_gone };
}

static bool is_watched(const struct channel *c)
{
	for (unsigned i = 0; i < nrules; i++)
		if (rule_concerns(&rules[i], channel_peer(c)))
			return true;
	return false;
}

void breakpoint_channel_opened(struct channel *c)
{
	if (is_watched(c))
		hold_watch(c);
}

bool breakpoint_place(const struct ipc_place_breakpoint *m)
{
	struct rule *r = &rules[nrules];

	if (nrules == BREAKPOINT_RULES)
		return false;
	*r = (struct rule){ .breakpoint = m->breakpoint,
			    .peer = { m->role, m->serial },
			    .least = m->least,
			    .most = m->most,
			    .how = m->how,
			    .number = m->number };
	memcpy(r->types, m->types.data, m->types.length < TYPES_BYTES ? m->types.length : TYPES_BYTES);
	/* The protocol's bounds of both are those of the rule. */
	memcpy(r->field, m->field.text, m->field.length);
	memcpy(r->text, m->text.text, m->text.length);
	r->text_bytes = m->text.length;
	nrules++;
	for (struct channel *c = channels; c; c = c->next)
		breakpoint_channel_opened(c);
	return true;
}

void breakpoint_remove(uint32_t breakpoint)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < nrules; i++)
		if (rules[i].breakpoint != breakpoint)
			rules[kept++] = rules[i];
	nrules = kept;
	hold_forget(breakpoint);
	for (struct channel *c = channels; c; c = c->next)
		if (!is_watched(c))
			hold_unwatch(c);
}
