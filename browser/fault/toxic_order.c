/* How a toxic is ordered. See toxics.h; the words are clause.h's. */
#include "browser/fault/spelling.h"
#include "browser/fault/toxics.h"
#include "common/format.h"
#include "common/toxic.h"
#include <stdio.h>
#include <string.h>

#define ALWAYS		1000000u
#define LATENCY_MAX_MS	3600000u
#define AMOUNT_MAX	(UINT64_C(1) << 40)
#define BANDWIDTH_LEAST 1
#define KINDS		"latency, bandwidth, drop, duplicate, reorder, corrupt, cut"

const struct toxic_info toxic_table[TOXIC_COUNT] = {
	[TOXIC_LATENCY] = { "200ms ± 50ms",
			    "Each message waits that long, give or take, and what is behind it waits too: nothing "
			    "overtakes. Watch: the queue times in the traffic." },
	[TOXIC_BANDWIDTH] = { "10k", "So many bytes a second pass, and no more. Watch: what is sent at once "
				     "arrives one after the other, and later and later." },
	[TOXIC_DROP] = { "with 50%",
			 "The message never leaves its sender. Watch: it is lost, and who waits for "
			 "its answer waits for ever." },
	[TOXIC_DUPLICATE] = { "with 50%",
			      "The message is sent twice, each time with an id of its own. Watch: a receiver may "
			      "call the second one bad, and that is a death." },
	[TOXIC_REORDER] = { "with 50%",
			    "The message lets the next one pass. Watch: what was granted may come "
			    "after it was used." },
	[TOXIC_CORRUPT] = { "with 10%",
			    "One byte, or one field, is another. Watch: the receiver checks it, and "
			    "the sender is killed for it." },
	[TOXIC_CUT] = { "4k",
			"When so many bytes have passed, the sender closes the channel. Watch: a process "
			"without its browser ends; two children do without each other." },
};

static bool parse_kind(struct clause *c, struct toxic_order *o)
{
	clause_take(c, "toxic");
	for (unsigned kind = 0; kind < TOXIC_COUNT; kind++)
		if (clause_take(c, toxic_names[kind])) {
			o->kind = (enum toxic)kind;
			return true;
		}
	if (clause_at_end(c))
		return clause_wrong(c, "which toxic? (" KINDS ")");
	struct spelling s = spelling_of(clause_peek(c));
	char words[100] = " (" KINDS ")";

	for (unsigned kind = 0; kind < TOXIC_COUNT; kind++)
		spelling_try(&s, toxic_names[kind]);
	return clause_wrong(c, "there is no toxic '%.60s'%s", clause_peek(c),
			    s.best ? spelling_words(&s, words, sizeof words) : words);
}

/* ± 50ms, ±50ms, jitter 50ms */
static bool parse_spread(struct clause *c, struct toxic_order *o)
{
	static const char sign[] = "±";
	struct clause_word *next = c->at < c->count ? &c->words[c->at] : NULL;

	if (!next)
		return true;
	if (!clause_take(c, "jitter") && !clause_take(c, sign)) {
		if (strncmp(next->text, sign, strlen(sign)))
			return true;
		next->text += strlen(sign);
	}
	if (!clause_time(c, &o->spread))
		return false;
	return o->spread <= o->amount || clause_wrong(c, "it cannot vary by more than it is");
}

static bool parse_latency(struct clause *c, struct toxic_order *o)
{
	unsigned at = c->at;

	if (!clause_time(c, &o->amount))
		return false;
	if (o->amount > LATENCY_MAX_MS) {
		c->at = at;
		return clause_wrong(c, "'%.40s': an hour is the most", clause_peek(c));
	}
	return parse_spread(c, o);
}

static bool parse_bytes(struct clause *c, struct toxic_order *o)
{
	unsigned at = c->at;

	if (!clause_size(c, &o->amount))
		return false;
	if (o->amount <= AMOUNT_MAX)
		return true;
	c->at = at;
	return clause_wrong(c, "'%.40s' is too much", clause_peek(c));
}

/* 2KB/s, 2 bytes per second, 10k; / is a blank. */
static bool parse_bandwidth(struct clause *c, struct toxic_order *o)
{
	unsigned at = c->at;

	if (!parse_bytes(c, o))
		return false;
	if (o->amount < BANDWIDTH_LEAST) {
		c->at = at;
		return clause_wrong(c, "'%.40s': nothing would ever pass, which is what drop does",
				    clause_peek(c));
	}
	if (clause_take(c, "per") || clause_take(c, "a"))
		return clause_take(c, "second") || clause_take(c, "s") ||
		       clause_wrong(c, "a size per second is expected, not per '%.40s'", clause_peek(c));
	if (!clause_take(c, "s"))
		clause_take(c, "second");
	return true;
}

static bool parse_cut(struct clause *c, struct toxic_order *o)
{
	clause_take(c, "after");
	return parse_bytes(c, o);
}

static bool parse_place(struct clause *c, struct toxic_order *o)
{
	o->amount = TOXIC_ANY_BYTE;
	if (clause_take(c, "byte"))
		return clause_number(c, 65535, &o->amount);
	if (!clause_take(c, "field"))
		return true;
	if (clause_at_end(c) || strlen(clause_peek(c)) >= sizeof o->field)
		return clause_wrong(c, "the name of a field is expected");
	snprintf(o->field, sizeof o->field, "%s", clause_next(c));
	return true;
}

static bool parse_nothing(struct clause *c, struct toxic_order *o)
{
	(void)c;
	(void)o;
	return true;
}

static bool (*const parse_amount[TOXIC_COUNT])(struct clause *, struct toxic_order *) = {
	[TOXIC_LATENCY] = parse_latency,   [TOXIC_BANDWIDTH] = parse_bandwidth, [TOXIC_DROP] = parse_nothing,
	[TOXIC_DUPLICATE] = parse_nothing, [TOXIC_REORDER] = parse_nothing,	[TOXIC_CORRUPT] = parse_place,
	[TOXIC_CUT] = parse_cut,
};

static bool parse_end(struct clause *c, const char *word, char *whom, size_t capacity)
{
	if (!clause_take(c, word))
		return clause_at_end(c) ? clause_wrong(c, "'%s' is expected, and a process", word)
					: clause_wrong(c, "'%s' is expected, and a process, not '%.40s'",
						       word, clause_peek(c));
	return clause_whom(c, whom, capacity);
}

static bool has_field(const struct toxic_order *o)
{
	const struct ipc_message *m = o->message < IPC_COUNT ? &ipc_messages[o->message] : NULL;

	for (unsigned i = 0; i < (m ? m->nfields : 0u); i++)
		if (!strcmp(m->fields[i].name, o->field))
			return true;
	return !m;
}

static bool parse_conditions(struct clause *c, struct toxic_order *o)
{
	o->message = TOXIC_ANY_MESSAGE;
	o->ppm = ALWAYS;
	if (clause_take(c, "on") && !clause_message(c, &o->message))
		return false;
	if (o->field[0] && !has_field(o))
		return clause_wrong(c, "%s has no field '%s'", ipc_messages[o->message].name, o->field);
	if (clause_take(c, "with") && !clause_percent(c, &o->ppm))
		return false;
	if (clause_take(c, "seed") && !clause_number(c, UINT64_MAX, &o->seed))
		return false;
	return clause_at_end(c) || clause_wrong(c, "nothing was expected here: '%.60s'", clause_peek(c));
}

bool toxic_order_parse(const char *text, struct toxic_order *o, char *error)
{
	struct clause c;

	*o = (struct toxic_order){ 0 };
	if (clause_begin(&c, text) && parse_kind(&c, o) && parse_amount[o->kind](&c, o) &&
	    parse_end(&c, "from", o->from, sizeof o->from) && parse_end(&c, "to", o->to, sizeof o->to) &&
	    parse_conditions(&c, o))
		return true;
	snprintf(error, CLAUSE_ERROR, "%s", c.error);
	return false;
}

static void text_amount(const struct toxic_order *o, struct format *out)
{
	if (o->kind == TOXIC_LATENCY) {
		format_text(out, " ");
		clause_write_time(out, o->amount);
		if (o->spread) {
			format_text(out, " ± ");
			clause_write_time(out, o->spread);
		}
	} else if (o->kind == TOXIC_BANDWIDTH) {
		format_text(out, " ");
		clause_write_size(out, o->amount, " bytes");
		format_text(out, "/s");
	} else if (o->kind == TOXIC_CUT) {
		format_text(out, " after ");
		clause_write_size(out, o->amount, "");
	} else if (o->field[0]) {
		format_printf(out, " field %s", o->field);
	} else if (o->kind == TOXIC_CORRUPT && o->amount != TOXIC_ANY_BYTE) {
		format_printf(out, " byte %llu", (unsigned long long)o->amount);
	}
}

const char *toxic_order_text(const struct toxic_order *o, char *buf, size_t capacity)
{
	struct format out = format_into(buf, capacity);

	format_text(&out, toxic_names[o->kind]);
	text_amount(o, &out);
	format_printf(&out, " from %s to %s", o->from, o->to);
	if (o->message != TOXIC_ANY_MESSAGE)
		format_printf(&out, " on %s", ipc_messages[o->message].name);
	if (o->ppm != ALWAYS) {
		format_text(&out, " with ");
		clause_write_percent(&out, o->ppm);
	}
	if (o->seed)
		format_printf(&out, " seed %llu", (unsigned long long)o->seed);
	return buf;
}
