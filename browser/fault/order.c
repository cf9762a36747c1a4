/* See order.h. The words are clause.h's. */
#include "browser/fault/order.h"
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

	for (unsigned role = ROLE_RENDERER; colon && role < ROLE_COUNT; role++)
		if (strlen(role_names[role]) == (size_t)(colon - word) &&
		    !strncmp(word, role_names[role], (size_t)(colon - word)))
			return colon[1] && strspn(colon + 1, "0123456789") == strlen(colon + 1);
	return false;
}

static bool parse_whom(struct clause *c, struct fault_order *o)
{
	if (clause_at_end(c))
		return clause_wrong(c, "whom? (tab, renderer, gpu, plugin, browser, renderer:3)");
	if (*o->whom)
		return clause_wrong(c, "whom was said already: '%.60s'", o->whom);
	if (strlen(clause_peek(c)) >= ORDER_WHOM)
		return clause_wrong(c, "that is too long a name");
	snprintf(o->whom, sizeof o->whom, "%s", clause_next(c));
	return true;
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
		return clause_wrong(c, "there is no fault '%.60s' (bulkhead://faults tells them all)",
				    clause_peek(c));
	while (used < length)
		used += strlen(clause_next(c)) + 1;
	o->argument = o->fault->argument;
	return true;
}

static bool parse_argument(struct clause *c, struct fault_order *o)
{
	const char *unit = o->fault->unit;
	uint64_t most = o->fault->kind == FAULT_EXIT ? 255 : UINT32_MAX;
	unsigned at = c->at;

	if (!clause_is_number(c))
		return true;
	if (!unit)
		return clause_wrong(c, "'%s' takes no number", o->fault->name);
	if (strcmp(unit, "ms"))
		return clause_number(c, most, &o->argument) && (clause_take(c, unit), true);
	if (!clause_time(c, &o->argument))
		return false;
	if (o->argument <= AFTER_MAX_MS)
		return true;
	c->at = at;
	return clause_wrong(c, "that is longer than a day");
}

static bool parse_after(struct clause *c, struct fault_order *o)
{
	unsigned at = c->at;
	uint64_t ms;

	o->when = FAULT_AFTER;
	if (!clause_time(c, &ms))
		return false;
	if (ms > AFTER_MAX_MS) {
		c->at = at;
		return clause_wrong(c, "that is longer than a day");
	}
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
		return clause_wrong(c, "'before its handler' is expected");
	if (!clause_take(c, "reply"))
		return clause_wrong(c, "'after its handler' or 'after its reply' is expected");
	if (o->message != ARM_ANY_MESSAGE && ipc_messages[o->message].reply < 0) {
		c->at--;
		return clause_wrong(c, "nobody replies to '%s'", ipc_messages[o->message].name);
	}
	o->moment = FAULT_MOMENT_AFTER_REPLY;
	return true;
}

static bool parse_side(struct clause *c, struct fault_order *o)
{
	bool sent = clause_take(c, "sent"), received = !sent && clause_take(c, "received"), found;

	o->moment = sent ? FAULT_MOMENT_AFTER_SEND : FAULT_MOMENT_BEFORE_HANDLER;
	if (sent && (!strcmp(clause_peek(c), "before") || !strcmp(clause_peek(c), "after")))
		return clause_wrong(c, "who sends it has no handler for it");
	if (!parse_moment(c, o, &found))
		return false;
	o->either = !sent && !received && !found;
	return true;
}

static bool parse_chance(struct clause *c, struct fault_order *o, bool counted)
{
	if (clause_take(c, "with")) {
		if (counted)
			return clause_wrong(c, "either a number or a chance, not both");
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
		return clause_wrong(c, "messages are counted from 1");
	}
	o->count = (uint32_t)count;
	return clause_message(c, &o->message) && parse_side(c, o) && parse_chance(c, o, counted);
}

static bool parse_when(struct clause *c, struct fault_order *o)
{
	if (clause_at_end(c) || clause_take(c, "now"))
		return true;
	if (clause_take(c, "after"))
		return parse_after(c, o);
	if (clause_take(c, "on"))
		return parse_on(c, o);
	return clause_wrong(c, "'%.60s' is not understood here (into, now, after or on)", clause_peek(c));
}

bool fault_order_parse(const char *text, struct fault_order *o, char *error)
{
	struct clause c;
	bool fine = clause_begin(&c, text);

	*o = (struct fault_order){ 0 };
	if (fine && names_role(clause_peek(&c)))
		parse_whom(&c, o);
	fine = fine && parse_fault(&c, o) && parse_argument(&c, o) &&
	       (!clause_take(&c, "into") || parse_whom(&c, o)) && parse_when(&c, o) &&
	       (clause_at_end(&c) || clause_wrong(&c, "nothing more is expected here"));
	if (!fine)
		snprintf(error, CLAUSE_ERROR, "%s", c.error);
	return fine;
}

static const char *ordinal(uint32_t n)
{
	static const char *const endings[] = { "th", "st", "nd", "rd" };

	return n % 100 / 10 != 1 && n % 10 < 4 ? endings[n % 10] : "th";
}

static void write_percent(struct format *out, uint32_t ppm)
{
	unsigned decimals = 4, part = ppm % 10000;

	while (part && part % 10 == 0) {
		part /= 10;
		decimals--;
	}
	format_printf(out, " with %u", ppm / 10000);
	if (part)
		format_printf(out, ".%0*u", (int)decimals, part);
	format_text(out, "%");
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
	if (o->ppm)
		write_percent(out, o->ppm);
	if (o->seed)
		format_printf(out, " seed %llu", (unsigned long long)o->seed);
}

const char *fault_order_text(const struct fault_order *o, char *buf, size_t capacity)
{
	const char *unit = o->fault->unit;
	struct format out = format_into(buf, capacity);

	format_text(&out, o->fault->name);
	if (unit && o->argument != o->fault->argument)
		format_printf(&out, strcmp(unit, "ms") ? " %llu" : " %llums",
			      (unsigned long long)o->argument);
	if (*o->whom)
		format_printf(&out, " into %s", o->whom);
	if (o->when == FAULT_AFTER)
		format_printf(&out, " after %ums", o->after_ms);
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
