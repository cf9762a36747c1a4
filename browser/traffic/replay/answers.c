/* See player.h: what the process says, against what it said in the log. */
#include "browser/traffic/replay/player.h"
#include "browser/traffic/replay/report.h"
#include "browser/traffic/replay/tape_data.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_AHEAD 4096 /* events of the tape, for an answer that comes in another order */
#define VALUE_TEXT 400
#define WINDOW	   60 /* bytes of a text that are shown */
#define BEFORE	   20 /* of these, before what is other */

/*
 * Messages that come as often as time has it: they are counted. What submissions and pictures are about is
 * compared as a whole, whenever the process rested.
 */
static const bool is_rhythm[IPC_COUNT] = {
	[IPC_SUBMIT_FRAME] = true,   [IPC_DID_PRESENT] = true,	     [IPC_DID_MAKE_PROGRESS] = true,
	[IPC_REQUEST_REGION] = true, [IPC_DID_FILL_RECORDER] = true,
};

/* Fields that another run gives other values: nonces, what is made anew, and which of two is free. */
static const char *const left_out[] = { "nonce", "generation", "half", "buffer", "id", "cause", NULL };
/* What another sandbox gives other values. */
static const char *const of_sandbox[] = { "layers", "missing", NULL };

/* A plugin draws by the clock, and by no cause. */
static bool is_timed(uint16_t type, uint64_t cause)
{
	return (type < IPC_COUNT && is_rhythm[type]) || (type == IPC_DID_UPDATE_SURFACE && !cause);
}

bool answer_is_due(const struct tape_event *e)
{
	return e->kind == TAPE_ANSWER && !is_timed(e->type, e->cause);
}

bool answers_begin(struct player *p)
{
	p->states = calloc(p->tape->count + 1, sizeof *p->states);
	return p->states;
}

bool answers_came(struct player *p, size_t event)
{
	const struct tape *t = p->tape;

	while (p->settled < event && (!answer_is_due(&t->events[p->settled]) ||
				      t->events[p->settled].optional || p->states[p->settled] != ANSWER_OPEN))
		p->settled++;
	return p->settled >= event;
}

void answers_give_up(struct player *p, size_t event)
{
	for (size_t i = p->settled; i < event; i++)
		if (answer_is_due(&p->tape->events[i]) && p->states[i] == ANSWER_OPEN)
			p->states[i] = ANSWER_MISSED;
}

/* Values of fields. */

static bool decode(const struct player *p, uint16_t type, enum role to, const uint8_t *fields, size_t bytes,
		   union ipc_any *out)
{
	return type < IPC_COUNT && !ipc_decode(type, p->tape->process.role, to, fields, bytes, -1, out);
}

static bool is_in(const char *name, const char *const *names)
{
	while (*names && strcmp(*names, name))
		names++;
	return *names;
}

static bool is_left_out(const struct player *p, const char *name)
{
	return is_in(name, left_out) ||
	       ((p->options->no_sandbox || p->options->without) && is_in(name, of_sandbox));
}

static size_t number_bytes(const struct ipc_field *f)
{
	static const size_t bytes[] = {
		[IPC_U8] = 1,  [IPC_U16] = 2,  [IPC_U32] = 4,
		[IPC_U64] = 8, [IPC_BOOL] = 1, [IPC_ENUM] = sizeof(unsigned),
	};

	return bytes[f->type];
}

static bool same_value(const struct ipc_field *f, const void *a, const void *b)
{
	const char *x = (const char *)a + f->offset, *y = (const char *)b + f->offset;
	struct ipc_string s, t;

	if (f->type == IPC_FD)
		return true;
	if (f->type != IPC_STRING && f->type != IPC_BYTES)
		return !memcmp(x, y, number_bytes(f));
	memcpy(&s, x, sizeof s);
	memcpy(&t, y, sizeof t);
	return s.length == t.length && (!s.length || !memcmp(s.text, t.text, s.length));
}

/* The first field that is other, NULL: none is. */
static const struct ipc_field *find_other(const struct player *p, uint16_t type, const void *a, const void *b)
{
	const struct ipc_message *m = &ipc_messages[type];

	for (unsigned i = 0; i < m->nfields; i++)
		if (!is_left_out(p, m->fields[i].name) && !same_value(&m->fields[i], a, b))
			return &m->fields[i];
	return NULL;
}

static bool page_of(uint16_t type, const void *message, uint32_t *page)
{
	const struct ipc_message *m = &ipc_messages[type];

	for (unsigned i = 0; i < m->nfields; i++) {
		if (strcmp(m->fields[i].name, "page") || m->fields[i].type != IPC_U32)
			continue;
		memcpy(page, (const char *)message + m->fields[i].offset, sizeof *page);
		return true;
	}
	return false;
}

/* Which answer of the tape it is. */

struct candidate {
	size_t event;
	bool found, equal, asked; /* asked: it has the same cause as in the log */
	size_t passed;		  /* an open one before it that is of the same page; tape->count: none */
};

static bool is_of_same_page(const struct player *p, const struct tape_event *e, bool has_page, uint32_t page)
{
	union ipc_any m;
	uint32_t other = 0;
	bool has = decode(p, e->type, e->peer.role, e->bytes, e->length, &m) && page_of(e->type, &m, &other);

	return has == has_page && other == page;
}

static bool is_equal(const struct player *p, const struct tape_event *e, const uint8_t *fields, size_t bytes)
{
	union ipc_any a, b;

	/* What it said before a person said otherwise, the log does not know. */
	if (e->edited)
		return true;
	if (!decode(p, e->type, e->peer.role, fields, bytes, &a) ||
	    !decode(p, e->type, e->peer.role, e->bytes, e->length, &b))
		return bytes == e->length && !memcmp(fields, e->bytes, bytes);
	return !find_other(p, e->type, &a, &b);
}

/*
 * The best is one that is equal and has the same cause; then one of the same cause, which is other; then one
 * that is equal, which something else brought about; then the first of that name.
 */
static unsigned rank(const struct candidate *c)
{
	return c->found ? 1 + c->equal + 2 * c->asked : 0;
}

static struct candidate find_candidate(struct player *p, const struct link *l, const struct ipc_header *h,
				       const uint8_t *fields, size_t bytes)
{
	const struct tape *t = p->tape;
	struct candidate c = { .passed = t->count };
	union ipc_any m;
	uint32_t page = 0;
	bool has_page = decode(p, h->type, l->peer.role, fields, bytes, &m) && page_of(h->type, &m, &page);
	uint64_t cause = link_log_id(h->cause);
	size_t passed = t->count;

	while (p->first_open < t->count &&
	       (!answer_is_due(&t->events[p->first_open]) || p->states[p->first_open] == ANSWER_CAME))
		p->first_open++;
	for (size_t i = p->first_open; i < t->count && i < p->first_open + LOOK_AHEAD; i++) {
		const struct tape_event *e = &t->events[i];

		if (!answer_is_due(e) || p->states[i] == ANSWER_CAME || e->peer.role != l->peer.role ||
		    e->peer.serial != l->peer.serial || !is_of_same_page(p, e, has_page, page))
			continue;
		if (e->type == h->type) {
			struct candidate now = { i, true, is_equal(p, e, fields, bytes),
						 cause && e->cause == cause, passed };

			if (rank(&now) > rank(&c))
				c = now;
			if (now.equal && (now.asked || !cause))
				break;
		}
		if (passed == t->count && p->states[i] == ANSWER_OPEN && !e->optional)
			passed = i;
	}
	return c;
}

/* Telling. */

/* Where the window into two long texts begins: a little before they become other. 0: they are short. */
static uint32_t find_window(const struct ipc_field *f, const void *a, const void *b, uint32_t *other)
{
	struct ipc_string s, t;
	uint32_t from;

	*other = 0;
	if (f->type != IPC_STRING && f->type != IPC_BYTES)
		return 0;
	memcpy(&s, (const char *)a + f->offset, sizeof s);
	memcpy(&t, (const char *)b + f->offset, sizeof t);
	while (*other < s.length && *other < t.length && s.text[*other] == t.text[*other])
		++*other;
	if (s.length <= WINDOW && t.length <= WINDOW)
		return 0;
	from = *other < BEFORE ? 0 : *other - BEFORE;
	/* Not in the middle of a letter. */
	while (from && from < s.length && ((uint8_t)s.text[from] & 0xc0) == 0x80)
		from--;
	return from;
}

static void field_text(const struct ipc_field *f, const void *message, uint32_t from, char out[VALUE_TEXT])
{
	const char *at = (const char *)message + f->offset;
	struct format text = format_into(out, VALUE_TEXT);
	struct ipc_string s;
	uint64_t n = 0;

	if (f->type == IPC_STRING || f->type == IPC_BYTES) {
		memcpy(&s, at, sizeof s);
		if (from > s.length)
			from = s.length;
		format_json_string(&text, s.text + from, s.length - from < WINDOW ? s.length - from : WINDOW);
		return;
	}
	memcpy(&n, at, number_bytes(f));
	if (f->type == IPC_ENUM && n < f->max)
		format_text(&text, f->names[n]);
	else
		format_u64(&text, n);
}

static void tell_other(struct player *p, const struct tape_event *e, const uint8_t *fields, size_t bytes)
{
	char now[VALUE_TEXT], then[VALUE_TEXT], where[64] = "";
	uint32_t from, other;
	const struct ipc_field *f;
	union ipc_any a, b;

	if (!decode(p, e->type, e->peer.role, fields, bytes, &a) ||
	    !decode(p, e->type, e->peer.role, e->bytes, e->length, &b)) {
		report_answer(p->report, e->id, e->line, e->peer, tape_type_name(e->type),
			      "its bytes are other");
		return;
	}
	f = find_other(p, e->type, &a, &b);
	from = find_window(f, &a, &b, &other);
	field_text(f, &a, from, now);
	field_text(f, &b, from, then);
	if (from || other >= WINDOW - 1)
		snprintf(where, sizeof where, " is other at byte %u: from byte %u on it", other, from);
	report_answer(p->report, e->id, e->line, e->peer, tape_type_name(e->type),
		      "%s%s is %s, in the log %s", f->name, where, now, then);
}

/* A log that is cut, or of a browser that was killed, knows nothing of what came after. */
static bool is_after_end(struct player *p)
{
	return !p->tape->ended && p->position >= p->tape->count && answers_came(p, p->tape->count);
}

static void tell_extra(struct player *p, const struct link *l, const struct ipc_header *h,
		       const uint8_t *fields)
{
	char words[VALUE_TEXT] = "", cause[IPC_ID_TEXT];
	union ipc_any m;

	if (is_after_end(p)) {
		p->report->after_end++;
		return;
	}
	if (decode(p, h->type, l->peer.role, fields, h->length - sizeof *h, &m))
		ipc_format_text((enum ipc_id)h->type, &m, words, sizeof words);
	ipc_id_text(link_log_id(h->cause), cause);
	report_answer(p->report, 0, 0, l->peer, tape_type_name(h->type), "it came, because of %s: %s",
		      *cause ? cause : "nothing", words);
}

static void take_due(struct player *p, const struct link *l, const struct ipc_header *h,
		     const uint8_t *fields)
{
	size_t bytes = h->length - sizeof *h;
	struct candidate c = find_candidate(p, l, h, fields, bytes);
	const struct tape_event *e = &p->tape->events[c.event];

	p->report->answers++;
	if (!c.found) {
		tell_extra(p, l, h, fields);
		return;
	}
	p->states[c.event] = ANSWER_CAME;
	if (!c.equal)
		tell_other(p, e, fields, bytes);
	else if (c.passed < c.event)
		report_answer(p->report, e->id, e->line, e->peer, tape_type_name(e->type),
			      "it came before %s, in the log behind it",
			      tape_type_name(p->tape->events[c.passed].type));
	else
		p->report->same++;
}

/* What the answers mean to the player itself. */
static void obey(struct player *p, uint16_t type, const union ipc_any *m)
{
	const struct ipc_submit_frame *submit = (const void *)m;
	const struct ipc_did_present *present = (const void *)m;
	const struct ipc_request_region *region = (const void *)m;
	const uint8_t *half;
	uint32_t bytes;

	if (type == IPC_DID_START) {
		process_check_start(p, (const void *)m);
	} else if (type == IPC_SUBMIT_FRAME) {
		half = feed_region(p, REGION_STAGING, submit->page, submit->generation, submit->half, &bytes);
		if (half && submit->bytes <= bytes)
			contents_submitted(p->contents, submit, half);
		feed_note_submission(p, submit->page, submit->generation, submit->half);
	} else if (type == IPC_DID_PRESENT) {
		half = feed_region(p, REGION_FRAME, 0, present->generation, present->buffer, &bytes);
		if (half)
			contents_presented(p->contents, present, half, bytes);
		feed_note_submission(p, 0, present->generation, present->buffer);
	} else if (type == IPC_REQUEST_REGION) {
		p->wanted_page = region->page;
		p->wanted_half_bytes = region->half_bytes;
	}
}

void answers_take(struct player *p, struct link *l, const struct ipc_header *h, const uint8_t *fields)
{
	union ipc_any m;

	if (silence_take(p, h))
		return;
	if (decode(p, h->type, l->peer.role, fields, h->length - sizeof *h, &m))
		obey(p, h->type, &m);
	if (is_timed(h->type, h->cause))
		p->report->rhythm[1][h->type]++;
	else
		take_due(p, l, h, fields);
}
