/*
 * Runs a question on an event. Events are compared by number, and by words only where a log has one that this
 * version does not know. Arguments are read when a comparison with them is reached, and not
 * before.
 */
#include "browser/traffic/query/query_internal.h"
#include <string.h>

bool query_match(const struct query *q, const struct traffic_event *e)
{
	struct query_context c;
	int at = q->start;

	c.query = q;
	c.event = e;
	arg_reader_begin(&c.args, e);
	while (at >= 0)
		at = q->tests[at].run(&q->tests[at], &c) ? q->tests[at].yes : q->tests[at].no;
	return at == QUERY_YES;
}

/* The outcome of a comparison that is about being equal, or found. */
static bool outcome(const struct query_test *t, bool holds)
{
	return holds == (t->op == OP_EQUAL || t->op == OP_FINDS);
}

static bool matches(const struct query_test *t, const char *text)
{
	return query_pattern_matches(&t->pattern, text, strlen(text));
}

bool query_run_number(const struct query_test *t, struct query_context *c)
{
	uint64_t n;

	if (!t->field->number(c, &n))
		return false;
	return t->op & (n < t->whole ? OP_LESS : n > t->whole ? OP_MORE : OP_EQUAL);
}

bool query_run_set(const struct query_test *t, struct query_context *c)
{
	uint64_t bits = t->field->bits(c->event);

	if (bits >> 63)
		return outcome(t, bits & t->whole || matches(t, t->field->word(c->event)));
	return bits && outcome(t, bits & t->whole);
}

/* Has the event that side at all? */
static bool has_side(const struct traffic_event *e, bool from)
{
	if (e->words)
		return from ? e->words->from[0] : e->words->to[0];
	return e->kind == TRAFFIC_MESSAGE || (from && e->kind != TRAFFIC_DROPPED);
}

static bool side_matches(const struct query_test *t, const struct traffic_event *e, bool from)
{
	char buf[ENDPOINT_TEXT];
	const struct endpoint *side = from ? &e->from : &e->to;

	if (!has_side(e, from))
		return false;
	if (t->pattern.kind == PATTERN_EXACT && side->role < ROLE_COUNT)
		return side->role == t->role && (!t->has_serial || side->serial == t->serial);
	const char *text = from ? traffic_from(e, buf) : traffic_to(e, buf);

	if (t->pattern.kind != PATTERN_EXACT)
		return matches(t, text);
	/* A role that this version does not know. */
	return !strncmp(text, t->pattern.text, t->pattern.length) &&
	       (!text[t->pattern.length] ||
		(text[t->pattern.length] == ':' && !strchr(t->pattern.text, ':')));
}

bool query_run_process(const struct query_test *t, struct query_context *c)
{
	const struct traffic_event *e = c->event;
	bool from = t->field->from, to = t->field->to;

	if (!(from && has_side(e, true)) && !(to && has_side(e, false)))
		return false;
	return outcome(t, (from && side_matches(t, e, true)) || (to && side_matches(t, e, false)));
}

bool query_run_name(const struct query_test *t, struct query_context *c)
{
	char buf[TRAFFIC_NAME_TEXT];
	int known = query_name_of_event(c->event);

	return outcome(t, known >= 0 ? t->names[known] : matches(t, traffic_name(c->event, buf)));
}

bool query_run_id(const struct query_test *t, struct query_context *c)
{
	char buf[IPC_ID_TEXT];
	uint64_t id = t->field->id(c->event);

	if (id && t->pattern.kind == PATTERN_EXACT)
		return outcome(t, id == t->whole);
	const char *text = t->field->text(c->event, buf);

	return text[0] && outcome(t, matches(t, text));
}

/* What has no id itself, as a death, belongs where its cause does. */
bool query_run_chain(const struct query_test *t, struct query_context *c)
{
	const struct id_set *set = c->query->chain_sets[t->chain];
	uint64_t id = c->event->id ? c->event->id : c->event->cause;

	return id && outcome(t, set && id_set_has(set, id));
}

bool query_run_toxic(const struct query_test *t, struct query_context *c)
{
	char buf[TRAFFIC_TOXIC_TEXT];
	const char *text = traffic_toxic(c->event, buf), *blank = strchr(text, ' ');

	if (!text[0])
		return false;
	if (matches(t, text))
		return outcome(t, true);
	if (!blank || t->op == OP_FINDS || t->op == OP_FINDS_NOT)
		return outcome(t, false);
	return outcome(t, query_pattern_matches(&t->pattern, text, (size_t)(blank - text)) ||
				  matches(t, blank + 1));
}

/* Arguments. */

static unsigned compare(const struct query_test *t, const struct traffic_arg *arg)
{
	if (arg->is_whole && t->is_whole)
		return arg->whole < t->whole ? OP_LESS : arg->whole > t->whole ? OP_MORE : OP_EQUAL;
	return arg->real < t->real ? OP_LESS : arg->real > t->real ? OP_MORE : OP_EQUAL;
}

bool query_run_arg(const struct query_test *t, struct query_context *c)
{
	struct traffic_arg arg;

	if (!arg_reader_find(&c->args, t->arg, &arg))
		return false;
	if (t->has_number && arg.has_number && (compare(t, &arg) & t->op))
		return true;
	if (t->op == OP_EQUAL || t->op == OP_NOT_EQUAL) {
		if (t->has_number && arg.has_number && compare(t, &arg) == OP_EQUAL)
			return false;
	} else if (t->op < OP_FINDS) {
		return false;
	}
	traffic_arg_text(&arg);
	return outcome(t, query_pattern_matches(&t->pattern, arg.text, arg.length));
}

/* Texts. */

/* name=value, in one piece. */
static bool across_matches(const struct query_test *t, const struct traffic_arg *arg)
{
	char text[ARG_READER_BYTES + 512];
	struct format out = format_into(text, sizeof text);

	format_bytes(&out, arg->name, arg->name_length);
	format_char(&out, '=');
	format_bytes(&out, arg->text, arg->length);
	if (!out.full)
		return query_pattern_matches(&t->pattern, text, out.length);
	return query_pattern_matches(&t->pattern, arg->text, arg->length);
}

static bool arg_matches(const struct query_test *t, struct traffic_arg *arg, bool with_name)
{
	if (t->across || arg->text || t->digits)
		traffic_arg_text(arg);
	if (t->across)
		return across_matches(t, arg);
	if (with_name && query_pattern_matches(&t->pattern, arg->name, arg->name_length))
		return true;
	return arg->text && query_pattern_matches(&t->pattern, arg->text, arg->length);
}

static bool args_match(const struct query_test *t, struct query_context *c, bool with_names)
{
	struct traffic_arg arg;

	arg_reader_rewind(&c->args);
	while (arg_reader_next(&c->args, &arg))
		if (arg_matches(t, &arg, with_names))
			return true;
	return false;
}

static bool words_match(const struct query_test *t, const struct traffic_words *w)
{
	const char *const words[] = {
		w->name, w->from, w->to, w->id, w->status, w->where, w->reason, w->toxic
	};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (words[i][0] && matches(t, words[i]))
			return true;
	return false;
}

static void put_process(struct format *out, unsigned role, uint32_t serial)
{
	format_text(out, role < ROLE_COUNT ? role_names[role] : "unknown");
	if (role != ROLE_BROWSER) {
		format_char(out, ':');
		format_u64(out, serial);
	}
}

static bool live_process_matches(const struct query_test *t, const struct traffic_event *e, bool from)
{
	char text[ENDPOINT_TEXT];
	struct format out = format_into(text, sizeof text);
	struct endpoint side = from ? e->from : e->to;

	if (!has_side(e, from))
		return false;
	put_process(&out, side.role, side.serial);
	return query_pattern_matches(&t->pattern, text, out.length);
}

static bool live_id_matches(const struct query_test *t, uint64_t id)
{
	char text[IPC_ID_TEXT];
	struct format out = format_into(text, sizeof text);

	if (!id)
		return false;
	put_process(&out, ipc_id_role(id), ipc_id_serial(id));
	format_char(&out, '/');
	format_u64(&out, ipc_id_number(id));
	return query_pattern_matches(&t->pattern, text, out.length);
}

static bool live_words_match(const struct query_test *t, const struct traffic_event *e)
{
	char name[TRAFFIC_NAME_TEXT], toxic[TRAFFIC_TOXIC_TEXT];
	int known = query_name_of_event(e);
	const char *const words[] = { traffic_status(e), traffic_where(e), traffic_reason(e),
				      traffic_toxic(e, toxic) };

	if (known >= 0 ? t->names[known] : matches(t, traffic_name(e, name)))
		return true;
	if (live_process_matches(t, e, true) || live_process_matches(t, e, false) ||
	    live_id_matches(t, e->id))
		return true;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (words[i][0] && matches(t, words[i]))
			return true;
	return false;
}

static bool live_args_match(const struct query_test *t, struct query_context *c)
{
	const struct traffic_event *e = c->event;

	if (e->kind != TRAFFIC_MESSAGE)
		return args_match(t, c, true);
	if (e->type >= IPC_COUNT)
		return false;
	if (!t->across && t->names[query_name_count() + e->type]) {
		arg_reader_rewind(&c->args);
		return arg_reader_next(&c->args, &(struct traffic_arg){ 0 });
	}
	return args_match(t, c, false);
}

bool query_run_any(const struct query_test *t, struct query_context *c)
{
	const struct traffic_event *e = c->event;

	if (e->words)
		return outcome(t, words_match(t, e->words) || args_match(t, c, true));
	return outcome(t, live_words_match(t, e) || live_args_match(t, c));
}
