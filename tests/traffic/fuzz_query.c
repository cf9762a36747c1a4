/*
 * Any text as a question, about any event: it is refused with a place within the text and a reason that can
 * be shown, or it can be asked; then what is not asked is its opposite, twice the same is the same, and what
 * a log says of an event does not change the answer. Texts are made of sound ones, of words of the language,
 * and of noise; the same ones each time.
 */
#include "browser/traffic/log/json_scan.h"
#include "browser/traffic/query/id_set.h"
#include "common/utf8.h"
#include "tests/traffic/query_events.h"

#define INPUTS	   20000
#define MUTANTS	   4 /* events that never were, an input */
#define ARGS_BYTES 256

static const char *const sound[] = {
	"from=renderer:3 and name~^did_ and bytes>1k",
	"not (status=lost or latency>5ms) tab=2",
	"arg.url~example\\.(com|org) || arg.page>=2",
	"chain=browser/1042 or cause=browser/881 and id!=renderer:3/7",
	"kind=process arg.code<-0.5 && !arg.signal=SIG*",
	"\"quoted \\\" text\" caf\xc3\xa9 lost",
	"time>1.5 queued<=20us handled!=0 held>0x10ms",
	"toxic=drop mark~hand breakpoint=3 fds<2 where=toxic",
	"((to=gpu) (process~^plug)) or reason=unknown_type",
	"text~^value=F|x{2,5} text!=zzz arg.title~[[:alpha:]]",
	"arg.nonce=18446744073709551615 or arg.total>=1G",
};

static const char *const words[] = {
	" ",	    "(",	  ")",	       "=",
	"!=",	    "~",	  "!~",	       "<=",
	">",	    " and ",	  " or ",      " not ",
	"&&",	    "||",	  "!",	       "\"",
	"\\",	    "name",	  "arg.page",  "arg.",
	"status",   "latency",	  "text",      "chain",
	"tab",	    "did_commit", "*",	       "?",
	"[a",	    "{3}",	  "{99}",      "(a|b)*",
	"^",	    "5ms",	  "1k",	       "-1",
	"0x",	    "renderer",	  "browser/1", "lost",
	"\xc3\xa9", "\xff",	  "\x1b",      "99999999999999999999",
	"kind=m",   "from",	  ":",	       "/",
	"&",	    "|",	  ".*",	       "\\1",
	"2",	    "page",	  "=2",
};
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static uint64_t state = 20261121;
static unsigned long accepted, refused, matched, unmatched;
static struct traffic_event logged[16];

static unsigned pick(size_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)(state % below);
}

static void check(bool holds, const char *what, const char *text)
{
	if (holds)
		return;
	fprintf(stderr, "%s: '%s'\n", what, text);
	abort();
}

/* Texts. */

static void change(char *text, size_t room)
{
	size_t length = strlen(text), at = pick(length + 1), n;
	const char *word = words[pick(COUNT(words))];

	switch (pick(4)) {
	case 0:
		text[at] = length && at < length ? (char)(1 + pick(255)) : '\0';
		break;
	case 1:
		n = pick(length - at + 1) % 8;
		memmove(text + at, text + at + n, length - at - n + 1);
		break;
	default:
		n = strlen(word);
		if (length + n + 1 > room)
			break;
		memmove(text + at + n, text + at, length - at + 1);
		memcpy(text + at, word, n);
	}
}

static void make_text(char *text, size_t room)
{
	unsigned changes = pick(6);

	text[0] = '\0';
	if (pick(4))
		strcpy(text, sound[pick(COUNT(sound))]);
	else
		changes += pick(pick(30) ? 12 : 400);
	while (changes--)
		change(text, room);
}

/* Events. */

/* An event that no recorder has told of: what is known of it is in range, its bytes are any. */
static void make_mutant(struct traffic_event *e, uint8_t payload[ARGS_BYTES])
{
	*e = query_events[pick(query_event_count)].live;
	e->payload_bytes = e->payload_bytes < ARGS_BYTES ? e->payload_bytes : ARGS_BYTES;
	if (e->payload_bytes)
		memcpy(payload, e->payload, e->payload_bytes);
	for (unsigned n = pick(6); n && e->payload_bytes; n--)
		payload[pick(e->payload_bytes)] = (uint8_t)pick(256);
	e->payload = payload;
	if (e->kind == TRAFFIC_MESSAGE) {
		e->type = pick(2) ? e->type : (uint16_t)pick(IPC_COUNT + 3);
		e->status = (uint8_t)pick(TRAFFIC_STATUS_COUNT);
		e->where = (uint8_t)pick(TRAFFIC_WHERE_COUNT);
		e->reason = (uint8_t)pick(BAD_MESSAGE_COUNT);
		e->toxic = pick(3);
		e->toxic_kind = (uint8_t)pick(TOXIC_COUNT);
		e->queued_ns = pick(2) ? TRAFFIC_NO_TIME - pick(3) : state;
		e->handled_ns = pick(2) ? TRAFFIC_NO_TIME - pick(3) : state;
		e->marks = (uint8_t)pick(8);
	}
	e->id = pick(2) ? e->id : state;
	e->ts_us = pick(2) ? e->ts_us : state;
}

/* Of another version's log, or of nobody's. The text has the slack that scanning needs. */
static void make_foreign(struct traffic_event *e, struct traffic_words *w, char args[ARGS_BYTES])
{
	static const char *const others[] = { "",     "worker:1", "renderer", "did_everything",
					      "sunk", "x/1",	  "drop" };

	*e = logged[pick(query_event_count)];
	*w = *e->words;
	snprintf(args, ARGS_BYTES - JSON_SCAN_SLACK, "%s", w->args);
	for (unsigned n = pick(4); n; n--)
		change(args, ARGS_BYTES - JSON_SCAN_SLACK);
	w->args = args;
	if (pick(2)) {
		w->name = w->from = w->to = others[pick(COUNT(others))];
		e->from.role = e->to.role = ROLE_COUNT;
		e->type = UINT16_MAX;
	}
	if (pick(2)) {
		w->status = w->where = w->reason = w->toxic = others[pick(COUNT(others))];
		e->status = TRAFFIC_STATUS_COUNT;
		e->where = TRAFFIC_NOWHERE;
		e->reason = BAD_MESSAGE_NONE;
	}
	if (pick(2)) {
		w->id = w->cause = others[pick(COUNT(others))];
		e->id = e->cause = 0;
	}
	e->words = w;
}

/* Questions. */

static struct query *parse(const char *text, const struct id_set *set)
{
	struct query_error error = { .length = 12345 };
	uint64_t ids[QUERY_CHAINS];
	struct query *q = query_parse(text, &error);

	if (!q) {
		size_t length = strlen(text);

		check(error.column <= length && error.length <= length - error.column, "a place outside",
		      text);
		check(error.length > 0 && error.why[0], "nothing is said", text);
		check(strlen(error.why) < sizeof error.why, "too much is said", text);
		for (const char *s = error.why; *s; s++)
			check((uint8_t)*s >= 0x20 && *s != 0x7f, "a reason that cannot be shown", text);
		check(utf8_valid(error.why, strlen(error.why)), "a reason that is no text", text);
		return NULL;
	}
	check(query_chains(q, ids) <= QUERY_CHAINS, "too many chains", text);
	for (unsigned i = 0; i < query_chains(q, ids); i++)
		query_set_chain(q, i, set);
	query_set_start(q, QUERY_START_US);
	return q;
}

/* The same question in other forms, as far as the bounds of the language let it be put so; the second one is
 * its opposite. */
#define FORMS 4
struct question {
	const char *text;
	struct query *forms[FORMS];
	struct id_set set;
};

static void question_make(struct question *q, const char *text)
{
	/* Before it, between it and itself again, behind. */
	static const char *const forms[FORMS][3] = {
		[1] = { "not (", NULL, ")" },
		[2] = { "(", ") and not not (", ")" },
		[3] = { "( ", " ) || (", ")" },
	};
	static char changed[4 * QUERY_TEXT];

	*q = (struct question){ .text = text };
	id_set_init(&q->set, 4);
	id_set_add(&q->set, ipc_make_id(ROLE_BROWSER, 0, 1042));
	id_set_add(&q->set, ipc_make_id(ROLE_RENDERER, 3, 7));
	q->forms[0] = parse(text, &q->set);
	for (unsigned i = 1; q->forms[0] && i < FORMS && text[strspn(text, " \t")]; i++) {
		struct format out = format_into(changed, sizeof changed);

		format_text(&out, forms[i][0]);
		format_text(&out, text);
		if (forms[i][1]) {
			format_text(&out, forms[i][1]);
			format_text(&out, text);
		}
		format_text(&out, forms[i][2]);
		q->forms[i] = parse(changed, &q->set);
	}
}

static void question_finish(struct question *q)
{
	for (unsigned i = 0; i < FORMS; i++)
		query_free(q->forms[i]);
	id_set_finish(&q->set);
}

static bool ask(const struct question *q, const struct traffic_event *e)
{
	bool answer = query_match(q->forms[0], e);

	for (unsigned i = 1; i < FORMS; i++)
		if (q->forms[i])
			check(query_match(q->forms[i], e) == (i == 1 ? !answer : answer), "another answer",
			      q->text);
	answer ? matched++ : unmatched++;
	return answer;
}

static void ask_all(const struct question *q)
{
	uint8_t payload[ARGS_BYTES];
	char args[ARGS_BYTES] = "";
	struct traffic_event e;
	struct traffic_words w;

	for (unsigned i = 0; i < query_event_count; i++)
		/* Of what was dropped, only the log has an argument. */
		check(ask(q, &query_events[i].live) == ask(q, &logged[i]) ||
			      logged[i].kind == TRAFFIC_DROPPED,
		      "a log changes the answer", q->text);
	for (unsigned i = 0; i < MUTANTS; i++) {
		make_mutant(&e, payload);
		ask(q, &e);
		make_foreign(&e, &w, args);
		ask(q, &e);
	}
}

static void complete(const char *text)
{
	struct query_completion c;
	unsigned length = pick(strlen(text) + 1);

	query_complete(text, length, &c);
	check(c.count <= COUNT(c.items), "too many proposals", text);
	check(!c.count || c.start <= length, "a proposal outside", text);
	for (unsigned i = 0; i < c.count; i++)
		check(c.items[i].text[0] && strlen(c.items[i].text) < sizeof c.items[i].text &&
			      c.items[i].about[0],
		      "an empty proposal", text);
}

/* What is left of a question is one, too. */
static void take_out(const char *text)
{
	struct query_error error;
	char out[QUERY_TEXT];
	struct query *before, *after;

	if (strlen(text) >= QUERY_TEXT)
		return;
	bool found = query_without(text, "name", NULL, out);
	check(found || strcmp(text, out) == 0, "nothing was found, and something taken out", text);
	before = query_parse(text, &error);
	after = query_parse(out, &error);
	check(!before || after, "what is left makes no sense", text);
	query_free(before);
	query_free(after);
}

int main(void)
{
	static struct log_reader *readers[16];
	static char text[2 * QUERY_TEXT];

	/* What a reader hands out is valid until it reads on: one for each event. */
	query_events_make();
	for (unsigned i = 0; i < query_event_count; i++) {
		readers[i] = query_events_read();
		for (unsigned k = 0; k <= i + 1; k++)
			log_reader_next(readers[i], &logged[i]);
	}
	for (unsigned i = 0; i < INPUTS; i++) {
		struct question q;

		make_text(text, sizeof text);
		question_make(&q, text);
		if (q.forms[0])
			ask_all(&q);
		q.forms[0] ? accepted++ : refused++;
		complete(text);
		take_out(text);
		question_finish(&q);
	}
	for (unsigned i = 0; i < query_event_count; i++)
		log_reader_close(readers[i]);
	printf("%lu accepted, %lu refused; %lu matched, %lu did not\n", accepted, refused, matched,
	       unmatched);
	check(accepted > INPUTS / 10 && refused > INPUTS / 10, "the texts are all of one kind", "");
	check(matched > accepted && unmatched > accepted, "the answers are all of one kind", "");
	return 0;
}
