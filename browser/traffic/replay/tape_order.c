/*
 * See tape.h: what happened before what. The log says when a message was sent, and how long it was on its
 * way, to the microsecond; what one event has to do with another says the rest.
 */
#include "browser/traffic/replay/tape.h"
#include <stdlib.h>
#include <string.h>

#define HOLD_TOLD_BYTES 256		    /* of what is held, did_hold has no more */
#define SILENT_NS	UINT64_C(500000000) /* a ping unanswered for less may just have come last */

struct by_id {
	uint64_t id;
	struct tape_event *event;
};

static int compare_ids(const void *a, const void *b)
{
	const struct by_id *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

/* All messages by their ids. NULL: no memory. */
static struct by_id *make_index(struct tape *t, size_t *count)
{
	struct by_id *index = malloc((t->count + 1) * sizeof *index);

	*count = 0;
	for (size_t i = 0; index && i < t->count; i++)
		if (t->events[i].id && t->events[i].kind != TAPE_MEMORY)
			index[(*count)++] = (struct by_id){ t->events[i].id, &t->events[i] };
	if (index)
		qsort(index, *count, sizeof *index, compare_ids);
	return index;
}

static struct tape_event *find(const struct by_id *index, size_t count, uint64_t id)
{
	struct by_id key = { .id = id };
	const struct by_id *found = id ? bsearch(&key, index, count, sizeof *index, compare_ids) : NULL;

	return found ? found->event : NULL;
}

/*
 * What a peer sent, and what the process itself sent, came in the order of its numbers; an answer comes after
 * what it answers. The index has each one's messages side by side, in that order.
 */
static void follow_numbers(const struct by_id *index, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct tape_event *e = index[i].event, *before = i ? index[i - 1].event : NULL;
		const struct tape_event *cause = e->kind == TAPE_ANSWER ? find(index, count, e->cause) : NULL;

		if (cause && cause->kind == TAPE_FEED && e->at_ns <= cause->at_ns)
			e->at_ns = cause->at_ns + 1;
		if (before && before->id >> 40 == e->id >> 40 && e->at_ns <= before->at_ns)
			e->at_ns = before->at_ns + 1;
	}
}

/* A picture is read some time after the message that announces it: it belongs right before that. */
static void place_pictures(struct tape *t, const struct by_id *index, size_t count)
{
	for (size_t i = 0; i < t->count; i++) {
		struct tape_event *e = &t->events[i];
		const struct tape_event *announces = e->kind == TAPE_MEMORY && e->memory.kind == REGION_FRAME
							     ? find(index, count, e->cause)
							     : NULL;

		if (announces)
			e->at_ns = announces->at_ns;
	}
}

/*
 * What another child sent, and a breakpoint of the process held, was edited in the process itself: it must
 * come as it was sent, which the process told when it held it.
 */
static bool restore_edited(struct tape *t, const struct by_id *index, size_t count)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct tape_event *e = &t->events[i];
		struct ipc_did_hold m;
		struct tape_event *held;
		uint8_t *bytes;

		if (e->kind != TAPE_ANSWER || e->type != IPC_DID_HOLD ||
		    ipc_decode(e->type, t->process.role, e->peer.role, e->bytes, e->length, -1, &m))
			continue;
		held = find(index, count, m.id);
		/* Of a longer one it told no more. */
		if (!held || held->kind != TAPE_FEED || !held->edited || held->peer.role == ROLE_BROWSER ||
		    m.fields.length >= HOLD_TOLD_BYTES)
			continue;
		if (!(bytes = malloc(m.fields.length + 1)))
			return false;
		memcpy(bytes, m.fields.data, m.fields.length);
		free((void *)(uintptr_t)held->bytes);
		held->bytes = bytes;
		held->length = m.fields.length;
		held->edited = false;
	}
	return true;
}

/* When the channel to a peer was closed is known by what the process said of it. */
static bool place_hang_ups(struct tape *t)
{
	for (size_t i = 0, n = t->count; i < n; i++) {
		struct ipc_did_lose_peer m = { 0 };
		struct tape_event e = t->events[i], *hang_up;

		if (e.kind != TAPE_ANSWER || e.type != IPC_DID_LOSE_PEER ||
		    ipc_decode(e.type, t->process.role, e.peer.role, e.bytes, e.length, -1, &m))
			continue;
		if (!(hang_up = tape_add(t, TAPE_HANG_UP, e.line)))
			return false;
		hang_up->peer = (struct endpoint){ m.role, m.serial };
		hang_up->at_ns = e.at_ns ? e.at_ns - 1 : 0;
	}
	return true;
}

/*
 * Silences. Of each ping there is one so far; only those of pings without answer are meant, to the end of one
 * that was killed, or of the log; and those that the browser noticed.
 */

bool tape_was_killed(const struct tape *t)
{
	return t->ended && t->status == TERMINATION_STATUS_KILLED && t->signal;
}

static int compare_numbers(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* The pings that were answered, sorted. NULL: no memory. */
static uint64_t *list_answered(const struct tape *t, size_t *count)
{
	uint64_t *answered = malloc((t->count + 1) * sizeof *answered);

	*count = 0;
	for (size_t i = 0; answered && i < t->count; i++)
		if (t->events[i].kind == TAPE_ANSWER && t->events[i].type == IPC_PONG)
			answered[(*count)++] = t->events[i].cause;
	if (answered)
		qsort(answered, *count, sizeof *answered, compare_numbers);
	return answered;
}

/* How long it lasted; 0: it was none. */
static uint64_t measure_silence(const struct tape *t, const struct tape_event *e)
{
	uint64_t end = t->ended ? t->end_ns : t->last_ns;
	bool to_end = (tape_was_killed(t) || !t->ended) && (e->id || !t->woke);

	if (to_end && end > e->at_ns && end - e->at_ns > e->silent_ns)
		return end - e->at_ns < SILENT_NS ? 0 : end - e->at_ns;
	/* One that woke has been silent for a while, give or take. */
	return e->silent_ns / 5 * 4;
}

static bool keep_silences(struct tape *t)
{
	size_t answers, kept = 0, last = 0;
	uint64_t *answered = list_answered(t, &answers), until = 0;

	for (size_t i = 0; answered && i < t->count; i++) {
		struct tape_event e = t->events[i];

		if (e.kind == TAPE_SILENCE) {
			if (e.id && bsearch(&e.id, answered, answers, sizeof e.id, compare_numbers))
				continue;
			e.silent_ns = measure_silence(t, &e);
			/* Another ping, or the browser's word, for one that is known. */
			if (e.silent_ns && e.at_ns < until && !t->events[last].id)
				t->events[last].id = e.id;
			if (!e.silent_ns || e.at_ns < until)
				continue;
			until = e.at_ns + e.silent_ns;
			last = kept;
		}
		t->events[kept++] = e;
	}
	if (answered)
		t->count = kept;
	free(answered);
	return answered;
}

/* In the same nanosecond: in the order of the kinds, which is that of the enum; then as in the log. */
static int compare_events(const void *a, const void *b)
{
	const struct tape_event *x = a, *y = b;

	if (x->at_ns != y->at_ns)
		return x->at_ns < y->at_ns ? -1 : 1;
	if (x->kind != y->kind)
		return (int)x->kind - (int)y->kind;
	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return x->line < y->line ? -1 : x->line > y->line;
}

bool tape_put_in_order(struct tape *t)
{
	size_t count;
	struct by_id *index = keep_silences(t) ? make_index(t, &count) : NULL;

	if (!index)
		return false;
	follow_numbers(index, count);
	place_pictures(t, index, count);
	bool restored = restore_edited(t, index, count);
	free(index);
	if (!restored || !place_hang_ups(t))
		return false;
	if (t->count)
		qsort(t->events, t->count, sizeof *t->events, compare_events);
	if (!t->ended && t->count)
		t->end_ns = t->events[t->count - 1].at_ns;
	return true;
}
