/* The one table of fields, and how each is read from an event. */
#include "browser/traffic/query/query_internal.h"
#include <string.h>
#include <strings.h>

/* Numbers. */

static bool read_tab(struct query_context *c, uint64_t *n)
{
	struct traffic_arg arg;

	if (c->event->words) {
		*n = c->event->words->page;
		return c->event->words->has_page;
	}
	if (c->event->kind != TRAFFIC_MESSAGE || !arg_reader_find(&c->args, "page", &arg) || !arg.is_whole)
		return false;
	*n = arg.whole;
	return true;
}

static bool read_bytes(struct query_context *c, uint64_t *n)
{
	*n = c->event->bytes;
	return c->event->kind == TRAFFIC_MESSAGE;
}

static bool read_fds(struct query_context *c, uint64_t *n)
{
	*n = c->event->fds;
	return c->event->kind == TRAFFIC_MESSAGE;
}

/* The log has tenths of a microsecond. */
static bool read_time(const struct traffic_event *e, uint64_t ns, uint64_t *n)
{
	*n = ns / 100 * 100;
	return e->kind == TRAFFIC_MESSAGE && ns != TRAFFIC_NO_TIME;
}

static bool read_queued(struct query_context *c, uint64_t *n)
{
	return read_time(c->event, c->event->queued_ns, n);
}

static bool read_handled(struct query_context *c, uint64_t *n)
{
	return read_time(c->event, c->event->handled_ns, n);
}

/* As far as it is known: a handler that never returned counts as nothing. */
static bool read_latency(struct query_context *c, uint64_t *n)
{
	uint64_t handled;

	if (!read_queued(c, n))
		return false;
	if (read_handled(c, &handled) && __builtin_add_overflow(*n, handled, n))
		*n = UINT64_MAX;
	return true;
}

static bool read_held(struct query_context *c, uint64_t *n)
{
	return read_time(c->event, c->event->held_ns, n) && c->event->held_ns;
}

static bool read_session_time(struct query_context *c, uint64_t *n)
{
	uint64_t ts_us = c->event->ts_us, start_us = c->query->start_us;

	if (__builtin_mul_overflow(ts_us > start_us ? ts_us - start_us : 0, 1000, n))
		*n = UINT64_MAX;
	return ts_us;
}

static bool read_breakpoint(struct query_context *c, uint64_t *n)
{
	*n = c->event->breakpoint;
	return *n;
}

static const struct query_unit sizes[] = {
	{ "", 1 },	     { "b", 1 },	 { "k", 1u << 10 },   { "kb", 1u << 10 },
	{ "kib", 1u << 10 }, { "m", 1u << 20 },	 { "mb", 1u << 20 },  { "mib", 1u << 20 },
	{ "g", 1u << 30 },   { "gb", 1u << 30 }, { "gib", 1u << 30 }, { 0 },
};
static const struct query_unit times[] = {
	{ "ns", 1 },	     { "us", 1000 }, { "\xc2\xb5s", 1000 }, { "\xce\xbcs", 1000 }, { "ms", 1000000 },
	{ "s", 1000000000 }, { 0 },
};
static const struct query_unit seconds[] = {
	{ "", 1000000000 }, { "s", 1000000000 }, { "ms", 1000000 }, { "us", 1000 }, { 0 },
};

/* Closed sets. */

static const char *const kind_words[] = { "message", "process", "input", "blast", "dropped",
					  "body",    "memory",	"other", NULL };

/* Number `n` of `count` as a bit; the highest bit stands for a word that this version does not know. */
static uint64_t word_bit(unsigned n, unsigned count, const char *word)
{
	if (!word[0])
		return 0;
	return UINT64_C(1) << (n < count ? n : 63);
}

static uint64_t kind_bits(const struct traffic_event *e)
{
	uint64_t bit = UINT64_C(1) << e->kind;

	/* What this version does not know has a word of its own, too. */
	return e->kind == TRAFFIC_OTHER && e->words ? bit | UINT64_C(1) << 63 : bit;
}

static const char *kind_word(const struct traffic_event *e)
{
	return e->words->name;
}

static uint64_t status_bits(const struct traffic_event *e)
{
	return word_bit(e->status, TRAFFIC_STATUS_COUNT, traffic_status(e));
}

static uint64_t where_bits(const struct traffic_event *e)
{
	/* Nowhere has no word. */
	return word_bit(e->where - 1u, TRAFFIC_WHERE_COUNT - 1, traffic_where(e));
}

static uint64_t reason_bits(const struct traffic_event *e)
{
	const char *word = traffic_reason(e);
	bool known = e->reason || !strcmp(word, bad_message_names[BAD_MESSAGE_NONE]);

	return word_bit(known ? e->reason : BAD_MESSAGE_COUNT, BAD_MESSAGE_COUNT, word);
}

static uint64_t mark_bits(const struct traffic_event *e)
{
	return e->marks;
}

/* Ids. */

static uint64_t read_id(const struct traffic_event *e)
{
	return e->id;
}

static uint64_t read_cause(const struct traffic_event *e)
{
	return e->cause;
}

#define FIELD(...) (&(const struct query_field){ __VA_ARGS__ })

const struct query_field_info query_field_infos[] = {
	{ "from", "the process that sent it", "from=renderer:3",
	  FIELD(.type = &query_process, .cost = 3, .from = true) },
	{ "to", "the process that it is for", "to=gpu",
	  FIELD(.type = &query_process, .cost = 3, .to = true) },
	{ "name", "of the message, process event or input", "name~^did_",
	  FIELD(.type = &query_name_type, .cost = 4) },
	{ "process", "sender or receiver", "process=plugin",
	  FIELD(.type = &query_process, .cost = 5, .from = true, .to = true) },
	{ "tab", "the page that it is about", "tab=2",
	  FIELD(.type = &query_number, .cost = 20, .reads_args = true, .number = read_tab) },
	{ "status", "what became of the message", "status=lost",
	  FIELD(.type = &query_set, .cost = 2, .words = traffic_status_names, .bits = status_bits,
		.word = traffic_status) },
	{ "bytes", "of its fields", "bytes>1k",
	  FIELD(.type = &query_number, .cost = 2, .number = read_bytes, .units = sizes) },
	{ "latency", "queued and handled together", "latency>5ms",
	  FIELD(.type = &query_number, .cost = 2, .number = read_latency, .units = times,
		.needs_unit = true) },
	{ "queued", "from being sent to its handler", "queued>1ms",
	  FIELD(.type = &query_number, .cost = 2, .number = read_queued, .units = times,
		.needs_unit = true) },
	{ "handled", "that its handler took", "handled>500us",
	  FIELD(.type = &query_number, .cost = 2, .number = read_handled, .units = times,
		.needs_unit = true) },
	{ "arg.", "an argument, by its name", "arg.url~example",
	  FIELD(.type = &query_arg, .cost = 30, .reads_args = true) },
	{ "chain", "that message, what led to it, what came of it", "chain=browser/881",
	  FIELD(.type = &query_chain, .cost = 8) },
	{ "cause", "the id of what made its sender send it", "cause=browser/881",
	  FIELD(.type = &query_id, .cost = 3, .id = read_cause, .text = traffic_cause) },
	{ "id", "of the message or input", "id=renderer:3/1042",
	  FIELD(.type = &query_id, .cost = 3, .id = read_id, .text = traffic_id) },
	{ "time", "since the session began, in seconds", "time>12.5",
	  FIELD(.type = &query_number, .cost = 2, .number = read_session_time, .units = seconds) },
	{ "kind", "message, process, input, blast ...", "kind=process",
	  FIELD(.type = &query_set, .cost = 1, .words = kind_words, .bits = kind_bits, .word = kind_word) },
	{ "where", "a lost message was last", "where=channel",
	  FIELD(.type = &query_set, .cost = 2, .words = traffic_where_names + 1, .bits = where_bits,
		.word = traffic_where) },
	{ "reason", "it was refused for", "reason=too_short",
	  FIELD(.type = &query_set, .cost = 3, .words = bad_message_names, .bits = reason_bits,
		.word = traffic_reason) },
	{ "toxic", "that acted on it: kind, number or both", "toxic=drop",
	  FIELD(.type = &query_toxic, .cost = 10) },
	{ "held", "by toxics and breakpoints", "held>100ms",
	  FIELD(.type = &query_number, .cost = 2, .number = read_held, .units = times, .needs_unit = true) },
	{ "breakpoint", "that held it", "breakpoint=1",
	  FIELD(.type = &query_number, .cost = 1, .number = read_breakpoint) },
	{ "mark", "what was done to it by hand", "mark=edited",
	  FIELD(.type = &query_set, .cost = 1, .words = traffic_mark_names, .bits = mark_bits) },
	{ "fds", "descriptors that it carries", "fds=1",
	  FIELD(.type = &query_number, .cost = 1, .number = read_fds) },
	{ "text", "anywhere in it; a text alone is the same", "text=timeout",
	  FIELD(.type = &query_any, .cost = 200, .reads_args = true) },
};
const unsigned query_field_count = sizeof query_field_infos / sizeof *query_field_infos;

const struct query_field_info *query_find_field(const char *name, size_t length)
{
	if (length >= 4 && !strncasecmp(name, "arg.", 4))
		length = 4;
	for (unsigned i = 0; i < query_field_count; i++) {
		const char *known = query_field_infos[i].name;

		if (strlen(known) == length && !strncasecmp(known, name, length))
			return &query_field_infos[i];
	}
	return NULL;
}

bool query_knows_arg(const char *name)
{
	for (unsigned id = 0; id < IPC_COUNT; id++)
		for (unsigned i = 0; i < ipc_messages[id].nfields; i++)
			if (!strcmp(ipc_messages[id].fields[i].name, name))
				return true;
	return false;
}
