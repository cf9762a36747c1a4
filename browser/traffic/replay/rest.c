/* See player.h: when the process of the log was at rest, so that what it wrote can be compared. */
#include "browser/traffic/replay/player.h"
#include <stdlib.h>

#define REST_NS UINT64_C(30000000) /* one that does nothing for so long has nothing to do */
/* The last lines of a log that was not ended in order are missing: it is written a few times a second. */
#define LAST_REST_NS UINT64_C(500000000)

/*
 * At which events the process of the log was still at work on something older: only when it was not, do its
 * regions tell something. It was from a message that came until the last answer to it; and for a while after
 * that, since what it was asked for twice in a turn is done once, in answer to the last.
 */

struct came {
	uint64_t id;
	size_t event;
};

static int compare_came(const void *a, const void *b)
{
	const struct came *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

static struct came *list_feeds(const struct tape *t, size_t *count)
{
	struct came *feeds = malloc((t->count + 1) * sizeof *feeds);

	*count = 0;
	for (size_t i = 0; feeds && i < t->count; i++)
		if (t->events[i].kind == TAPE_FEED)
			feeds[(*count)++] = (struct came){ t->events[i].id, i };
	if (feeds)
		qsort(feeds, *count, sizeof *feeds, compare_came);
	return feeds;
}

/* Pings are answered by one that rests as well. */
static bool moves(const struct tape_event *e)
{
	return e->kind != TAPE_MEMORY && e->kind != TAPE_SILENCE && e->type != IPC_PING &&
	       e->type != IPC_PONG;
}

static bool find_busy(struct player *p)
{
	const struct tape *t = p->tape;
	size_t count, until = 0;
	uint64_t moved_ns = 0;
	struct came *feeds = list_feeds(t, &count);
	size_t *last = calloc(t->count + 1, sizeof *last); /* answer to what came at that event */

	p->busy = calloc(t->count + 1, sizeof *p->busy);
	for (size_t i = 0; feeds && last && i < t->count; i++) {
		struct came key = { .id = t->events[i].cause };
		const struct came *feed = t->events[i].kind == TAPE_ANSWER
						  ? bsearch(&key, feeds, count, sizeof *feeds, compare_came)
						  : NULL;

		if (feed)
			last[feed->event] = i;
	}
	for (size_t i = 0; p->busy && last && i < t->count; i++) {
		p->busy[i] = (i <= until && until) || t->events[i].at_ns < moved_ns + REST_NS;
		if (last[i] > until)
			until = last[i];
		if (moves(&t->events[i]))
			moved_ns = t->events[i].at_ns;
	}
	bool fine = feeds && last && p->busy;

	free(feeds);
	free(last);
	return fine;
}

/* The last look: at the end, or before what it died of by itself. */

static bool is_asked(const struct tape_event *e)
{
	return e->kind == TAPE_FEED && e->type != IPC_PING;
}

static bool died_by_itself(const struct tape *t)
{
	return t->ended && !tape_was_killed(t) && (t->signal || t->code);
}

static size_t find_last_look(const struct tape *t)
{
	size_t fatal = t->count;

	if (!died_by_itself(t))
		return t->count;
	for (size_t i = 0; i < t->count; i++)
		if (is_asked(&t->events[i]) && (!t->exit_cause || t->events[i].id == t->exit_cause))
			fatal = i;
	return fatal;
}

/*
 * It submitted because of the last that it was asked for, so nothing is left of that; and no page is loading,
 * which goes on by itself.
 */
static bool has_submitted_last(const struct tape *t, size_t end)
{
	uint64_t asked = 0, cause = 0;
	unsigned loading = 0;

	for (size_t i = 0; i < end; i++) {
		const struct tape_event *e = &t->events[i];

		if (is_asked(e) && e->type != IPC_DESCRIBE_DOCUMENT && e->type != IPC_DID_TAKE_FRAME &&
		    e->type != IPC_END_BODY)
			asked = e->id;
		if (e->kind == TAPE_ANSWER && e->type == IPC_SUBMIT_FRAME)
			cause = e->cause;
		if (e->kind == TAPE_FEED && e->type == IPC_COMMIT_NAVIGATION)
			loading++;
		if (e->kind == TAPE_ANSWER && e->type == IPC_DID_FINISH_LOAD && loading)
			loading--;
	}
	return asked && cause == asked && !loading;
}

/* Messages that a renderer answers without anything to draw. */
static bool draws(const struct tape_event *e)
{
	return is_asked(e) && e->type != IPC_DESCRIBE_DOCUMENT;
}

static bool is_of(const struct tape_event *e, enum tape_kind kind, enum ipc_id type)
{
	return e->kind == kind && e->type == type;
}

/*
 * A renderer takes one thing after the other: it has answered something later than the last that it had to
 * draw, and of what it drew nothing is on its way that it could wait for.
 */
static bool has_drawn_all(const struct player *p, size_t end)
{
	const struct tape *t = p->tape;
	long submitted = 0;
	uint64_t next = 0; /* what the browser asked first after the last that had to be drawn */
	bool later = false;

	if (t->process.role != ROLE_RENDERER)
		return false;
	for (size_t i = 0; i < end; i++) {
		const struct tape_event *e = &t->events[i];

		submitted += is_of(e, TAPE_ANSWER, IPC_SUBMIT_FRAME);
		submitted -= is_of(e, TAPE_FEED, IPC_DID_TAKE_FRAME);
		/* What lay in the old region is not taken any more. */
		if (is_of(e, TAPE_FEED, IPC_GRANT_STAGING))
			submitted = 0;
		if (draws(e)) {
			next = 0;
			later = false;
		} else if (e->kind == TAPE_FEED && !next) {
			next = e->id;
		}
		later |= e->kind == TAPE_ANSWER && next && e->cause >= next && e->cause >> 40 == next >> 40;
	}
	return submitted <= 0 && (later || has_submitted_last(t, end));
}

/* Did the log go on for so long, after the last that was asked of it, that it was done with that? */
static bool rested(const struct player *p, size_t end)
{
	const struct tape *t = p->tape;
	uint64_t moved = 0, ends = end < t->count ? t->events[end].at_ns : t->ended ? t->end_ns : t->last_ns;

	for (size_t i = 0; i < end; i++)
		if (moves(&t->events[i]))
			moved = t->events[i].at_ns;
	return ends > moved + (t->ended ? REST_NS : LAST_REST_NS) && moved;
}

bool rest_find(struct player *p)
{
	p->last_look = find_last_look(p->tape);
	p->last_is_rest = rested(p, p->last_look) || has_drawn_all(p, p->last_look);
	return find_busy(p);
}
