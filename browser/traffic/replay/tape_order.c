/*
 * See tape.h: what happened before what. The log says when a message was sent, and how long it was on its
 * way, to the microsecond; what one event has to do with another says the rest.
 */
#include "browser/traffic/replay/tape.h"
#include <stdlib.h>
#include <string.h>

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
		if (t->events[i].kind == TAPE_FEED || t->events[i].kind == TAPE_ANSWER)
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
		hang_up->at_ns = e.at_ns - 1;
	}
	return true;
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
	struct by_id *index = make_index(t, &count);

	if (!index)
		return false;
	follow_numbers(index, count);
	place_pictures(t, index, count);
	free(index);
	if (!place_hang_ups(t))
		return false;
	if (t->count)
		qsort(t->events, t->count, sizeof *t->events, compare_events);
	if (!t->ended && t->count)
		t->end_ns = t->events[t->count - 1].at_ns;
	return true;
}
