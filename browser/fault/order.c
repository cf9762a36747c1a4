/* See order.h. The words are clause.h's. */
#include "browser/fault/order.h"
#include "browser/fault/spelling.h"
#include "common/arm.h"
#include "common/format.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>

#define AFTER_MAX_MS 86400000u

struct fault_order fault_order_of(const struct fault_info *fault)
{
	return (struct fault_order){ .fault = fault, .argument = fault->argument };
}

static bool names_role(const char *word)
{
	static const char *const plain[] = { "tab", "renderer", "gpu", "plugin", "browser" };

	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		if (!strcmp(word, plain[i]))
			return true;
	const char *colon = strchr(word, ':');

	if (!colon || !colon[1] || strspn(colon + 1, "0123456789") != strlen(colon + 1))
		return false;
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		if (strlen(plain[i]) == (size_t)(colon - word) &&
		    !strncmp(word, plain[i], (size_t)(colon - word)))
			return strcmp(plain[i], "browser") != 0;
	return false;
}

static bool parse_whom(struct clause *c, struct fault_order *o)
{
	if (*o->whom && !clause_at_end(c))
		return clause_wrong(c, "whom was said already: '%.60s'", o->whom);
	return clause_whom(c, o->whom, sizeof o->whom);
}

/* Up to where an order goes on. */
static bool ends_name(const struct clause *c, unsigned at)
{
	static const char *const words[] = { "into", "now", "after", "on" };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (!strcmp(c->words[at].text, words[i]))
			return true;
	return c->words[at].text[0] >= '0' && c->words[at].text[0] <= '9';
}

static bool no_such_fault(struct clause *c)
{
	char typed[80], words[100] = " (bulkhead://faults tells them all)";
	struct format out = format_into(typed, sizeof typed);
	struct spelling s;

	for (unsigned i = c->at; i < c->count && (i == c->at || !ends_name(c, i)); i++)
		format_printf(&out, i == c->at ? "%.70s" : " %s", c->words[i].text);
	s = spelling_of(typed);
	fault_spell(&s);
	return clause_wrong(c, "there is no fault '%s'%s", typed,
			    s.best ? spelling_words(&s, words, sizeof words) : words);
}

/* The longest name of a fault that the next words make. */
static bool parse_fault(struct clause *c, struct fault_order *o)
{
	char rest[CLAUSE_TEXT];
	struct format out = format_into(rest, sizeof rest);
	size_t length = 0, used = 0;

	for (unsigned i = c->at; i < c->count; i++)
		format_printf(&out, i == c->at ? "%s" : " %s", c->words[i].text);
	o->fault = fault_find_prefix(rest, &length);
	if (clause_at_end(c))
		return clause_wrong(c, "which fault? (bulkhead://faults tells them all)");
	if (!o->fault)
		return no_such_fault(c);
	while (used < length)
		used += strlen(clause_next(c)) + 1;
	o->argument = o->fault->argument;
	return true;
}

static bool too_long(struct clause *c, unsigned at)
{
	c->at = at;
	return clause_wrong(c, "'%.40s' is longer than a day", clause_peek(c));
}

/* "exit 00" is what has a row of its own. */
static void settle_fault(struct fault_order *o)
{
	for (unsigned i = 0; i < fault_table_count; i++)
		if (fault_table[i].kind == o->fault->kind && !fault_table[i].unit &&
		    fault_table[i].argument == o->argument)
			o->fault = &fault_table[i];
}

static bool parse_argument(struct clause *c, struct fault_order *o)
{
	const char *unit = o->fault->unit;
	uint64_t most = o->fault->kind == FAULT_EXIT ? 255 : UINT32_MAX;
	unsigned at = c->at;

	if (!clause_is_number(c))
		return true;
	if (!unit)
		return clause_wrong(c, "'%s' takes no number: '%.40s'", o->fault->name, clause_peek(c));
	if (strcmp(unit, "ms")) {
		if (!clause_number(c, most, &o->argument))
			return false;
		clause_take(c, unit);
		settle_fault(o);
		return true;
	}
	if (!clause_time(c, &o->argument))
		return false;
	return o->argument <= AFTER_MAX_MS || too_long(c, at);
}

static bool parse_after(struct clause *c, struct fault_order *o)
{
	unsigned at = c->at;
	uint64_t ms;

	o->when = FAULT_AFTER;
	if (!clause_time(c, &ms))
		return false;
	if (ms > AFTER_MAX_MS)
		return too_long(c, at);
	o->after_ms = (unsigned)ms;
	return true;
}

/* before its handler | after its handler | after its reply; *found: there was one. */
static bool parse_moment(struct clause *c, struct fault_order *o, bool *found)
{
	bool before = clause_take(c, "before");

	*found = before || clause_take(c, "after");
	if (!*found)
		return true;
	clause_take(c, "its");
	if (clause_take(c, "handler")) {
		o->moment = before ? FAULT_MOMENT_BEFORE_HANDLER : FAULT_MOMENT_AFTER_HANDLER;
		return true;
	}
	if (before)
		return clause_wrong(c, "'before its handler' is expected, not '%.40s'", clause_peek(c));
	if (!clause_take(c, "reply"))
		return clause_wrong(c, "'after its handler' or 'after its reply' is expected, not '%.40s'",
				    clause_peek(c));
	if (o->message != ARM_ANY_MESSAGE && ipc_messages[o->message].reply < 0) {
		c->at--;
		return clause_wrong(
			c, "'%s' has no reply: 'before its handler' or 'after its handler' are meant",
			ipc_messages[o->message].name);
	}
	o->moment = FAULT_MOMENT_AFTER_REPLY;
	return true;
}

static bool parse_side(struct clause *c, struct fault_order *o)
{
	bool sent = clause_take(c, "sent"), received = !sent && clause_take(c, "received"), found;

	o->moment = sent ? FAULT_MOMENT_AFTER_SEND : FAULT_MOMENT_BEFORE_HANDLER;
	if (sent && (!strcmp(clause_peek(c), "before") || !strcmp(clause_peek(c), "after")))
		return clause_wrong(c, "'%s': who sends it has no handler for it", clause_peek(c));
	if (!parse_moment(c, o, &found))
		return false;
	o->either = !sent && !received && !found;
	return true;
}

static bool parse_chance(struct clause *c, struct fault_order *o, bool counted)
{
	if (clause_take(c, "with")) {
		if (counted)
			return clause_wrong(c, "either a number or a chance, not both: '%.40s'",
					    clause_peek(c));
		o->count = 0;
		if (!clause_percent(c, &o->ppm))
			return false;
	}
	if (!strcmp(clause_peek(c), "seed") && !o->ppm)
		return clause_wrong(c, "a seed is for a chance: 'with 5%% seed 7'");
	return !clause_take(c, "seed") || clause_number(c, UINT64_MAX, &o->seed);
}

static bool parse_on(struct clause *c, struct fault_order *o)
{
	uint64_t count = 1;
	bool counted;

	o->when = FAULT_ON_MESSAGE;
	clause_take(c, "the");
	counted = clause_is_number(c);
	if (counted && !clause_number(c, UINT32_MAX, &count))
		return false;
	if (!count) {
		c->at--;
		return clause_wrong(c, "messages are counted from 1, not from '%.40s'", clause_peek(c));
	}
	o->count = (uint32_t)count;
	return clause_message(c, &o->message) && parse_side(c, o) && parse_chance(c, o, counted);
}

static bool parse_when(struct clause *c, struct fault_order *o)
{
	if (clause_take(c, "now"))
		return true;
	if (clause_take(c, "after"))
		return parse_after(c, o);
	if (clause_take(c, "on"))
		return parse_on(c, o);
	return clause_wrong(c, "'%.60s' is not understood here (into, now, after or on)", clause_peek(c));
}

/* Whom and when, each at most once, in any order. */
static bool parse_rest(struct clause *c, struct fault_order *o)
{
	bool timed = false;

	while (!clause_at_end(c)) {
		if (clause_take(c, "into")) {
			if (!parse_whom(c, o))
				return false;
		} else if (timed) {
			return clause_wrong(c, "nothing more is expected here: '%.60s'", clause_peek(c));
		} else if (!parse_when(c, o)) {
			return false;
		} else {
			timed = true;
		}
	}
	return true;
}

bool fault_order_parse(const char *text, struct fault_order *o, char *error)
{
	struct clause c;
	bool fine = clause_begin(&c, text);

	*o = (struct fault_order){ 0 };
	fine = fine && (!names_role(clause_peek(&c)) || parse_whom(&c, o)) && parse_fault(&c, o) &&
	       parse_argument(&c, o) && parse_rest(&c, o);
	if (!fine)
		snprintf(error, CLAUSE_ERROR, "%s", c.error);
	return fine;
}

static const char *ordinal(uint32_t n)
{
	static const char *const endings[] = { "th", "st", "nd", "rd" };

	return n % 100 / 10 != 1 && n % 10 < 4 ? endings[n % 10] : "th";
}

static void write_message(struct format *out, const struct fault_order *o)
{
	static const char *const moments[FAULT_MOMENT_COUNT] = {
		[FAULT_MOMENT_BEFORE_HANDLER] = " received before its handler",
		[FAULT_MOMENT_AFTER_HANDLER] = " received after its handler",
		[FAULT_MOMENT_AFTER_REPLY] = " received after its reply",
		[FAULT_MOMENT_AFTER_SEND] = " sent",
	};

	format_text(out, " on ");
	if (o->count > 1)
		format_printf(out, "%u%s ", o->count, ordinal(o->count));
	format_text(out, o->message < IPC_COUNT ? ipc_messages[o->message].name : "any");
	if (!o->either)
		format_text(out, moments[o->moment]);
	if (o->ppm) {
		format_text(out, " with ");
		clause_write_percent(out, o->ppm);
	}
	if (o->seed)
		format_printf(out, " seed %llu", (unsigned long long)o->seed);
}

const char *fault_order_text(const struct fault_order *o, char *buf, size_t capacity)
{
	const char *unit = o->fault->unit;
	struct format out = format_into(buf, capacity);

	format_text(&out, o->fault->name);
	if (unit)
		format_text(&out, " ");
	if (unit && !strcmp(unit, "ms"))
		clause_write_time(&out, o->argument);
	else if (unit)
		format_u64(&out, o->argument);
	if (*o->whom)
		format_printf(&out, " into %s", o->whom);
	if (o->when == FAULT_AFTER) {
		format_text(&out, " after ");
		clause_write_time(&out, o->after_ms);
	}
	if (o->when == FAULT_ON_MESSAGE)
		write_message(&out, o);
	return buf;
}

struct fault_status fault_order_status(const struct fault_order *o)
{
	struct fault_status status = o->fault->status;

	if (o->fault->kind == FAULT_EXIT)
		status.code = (int)o->argument;
	return status;
}
