/* See trace_track.h. */
#include "browser/traffic/output/trace_track.h"
#include "browser/traffic/message.h"
#include <stdlib.h>

/* As much as the times of two events of the log may be wrong, against each other. */
#define SLOP_NS 2000
/* What was sent at once stands in a row, this far at most from its time. */
#define ROW_NS 1000000

/* No process of the system has such an id. */
#define FIRST_PID 5000000u

void trace_tracks_init(struct trace_tracks *tracks, struct trace_out *out)
{
	*tracks = (struct trace_tracks){ .next_pid = FIRST_PID, .out = out };
}

void trace_tracks_finish(struct trace_tracks *tracks)
{
	struct trace_track *track, *next;

	HASH_ITER (hh, tracks->by_name, track, next) {
		/* NOLINTNEXTLINE: uthash, which the analyzer does not follow */
		HASH_DEL(tracks->by_name, track);
		free(track);
	}
}

struct trace_track *trace_tracks_find(struct trace_tracks *tracks, const char *name)
{
	char key[TRACE_TRACK_NAME];
	struct trace_track *track;

	snprintf(key, sizeof key, "%s", name);
	HASH_FIND_STR(tracks->by_name, key, track);
	if (track)
		return track;
	if (tracks->others)
		return tracks->others;
	track = calloc(1, sizeof *track);
	if (!track)
		return NULL;
	memcpy(track->name, key, sizeof key);
	if (HASH_COUNT(tracks->by_name) == TRACE_TRACKS - 1) {
		snprintf(track->name, sizeof track->name, "others");
		tracks->others = track;
	}
	track->pid = tracks->next_pid++;
	HASH_ADD_STR(tracks->by_name, name, track); /* NOLINT: uthash, which the analyzer does not follow */
	return track;
}

void trace_track_set_pid(struct trace_tracks *tracks, struct trace_track *track, uint32_t pid)
{
	struct trace_track *other, *next;

	if (!pid || pid >= FIRST_PID || track->told)
		return;
	HASH_ITER (hh, tracks->by_name, other, next) {
		if (other->pid == pid)
			return;
	}
	track->pid = pid;
}

uint64_t trace_name_id(const char *text)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	if (!text[0])
		return 0;
	for (const char *s = text; *s; s++)
		hash = (hash ^ (unsigned char)*s) * UINT64_C(0x100000001b3);
	return hash ? hash : 1;
}

static uint64_t max(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* The slice on top, or NULL. */
static struct trace_span *top_of(struct trace_track *track)
{
	return track->depth ? &track->spans[track->depth - 1] : NULL;
}

static void leave(struct trace_track *track)
{
	track->frontier = max(track->frontier, track->spans[--track->depth].end);
}

static void remember(struct trace_track *track, const struct trace_span *span)
{
	if (!span->brief)
		track->recent[track->nrecent++ % TRACE_RECENT] = *span;
}

/* Write the end of an open slice. It has nothing within it but the ends of arrows. */
static void close_open(struct trace_tracks *tracks, struct trace_track *track, uint64_t end, const char *why)
{
	struct trace_span *top = top_of(track);

	if (!top || !top->open)
		return;
	top->end = max(end, max(top->start, top->last_send) + 1);
	top->open = false;
	remember(track, top);
	trace_out_open(tracks->out, 'E', track->pid, top->end, NULL, NULL);
	trace_out_open_args(tracks->out);
	trace_out_text(tracks->out, "ended", why);
	trace_out_close_args(tracks->out);
	trace_out_close(tracks->out);
	leave(track);
}

/* Right before the slice on top, if there is room: by the log's times they began together. */
static bool squeeze(struct trace_track *track, uint64_t earliest, uint64_t length, struct trace_span *span)
{
	struct trace_span *top = top_of(track);
	uint64_t from = max(earliest, top->after);

	if (length == TRAFFIC_NO_TIME || from >= top->start)
		return false;
	if (top->start - from > length)
		from = top->start - length;
	span->after = top->after;
	span->start = from;
	span->end = min(from + length, top->start);
	top->after = span->end;
	return true;
}

/* Where it may begin, and by when it must end. false: not here. */
static bool find_room(struct trace_track *track, uint64_t *start, uint64_t *limit)
{
	struct trace_span *top;

	while ((top = top_of(track)) &&
	       (top->end <= *start || top->end - *start <= (top->brief ? ROW_NS : SLOP_NS))) {
		*start = max(*start, top->end);
		leave(track);
	}
	*limit = top ? top->end : UINT64_MAX;
	uint64_t from = max(track->frontier, top ? top->start : 0);

	if (*start < from) {
		if (from - *start > SLOP_NS)
			return false;
		*start = from;
	}
	return track->depth < TRACE_DEPTH && *start < *limit;
}

uint64_t trace_track_turn(struct trace_track *track, uint64_t ns, uint64_t sequence)
{
	for (unsigned i = 0; i < TRACE_ARRIVALS && i < track->narrivals; i++) {
		const struct trace_arrival *other = &track->arrivals[i];

		if (other->sequence < sequence && other->ns > ns && other->ns - ns <= SLOP_NS)
			ns = other->ns;
		else if (other->sequence > sequence && other->ns < ns && ns - other->ns <= SLOP_NS)
			ns = other->ns;
	}
	track->arrivals[track->narrivals++ % TRACE_ARRIVALS] = (struct trace_arrival){ ns, sequence };
	return ns;
}

bool trace_track_place(struct trace_tracks *tracks, struct trace_track *track, uint64_t start,
		       uint64_t earliest, uint64_t length, struct trace_span *span)
{
	uint64_t limit;
	struct trace_span *top;

	close_open(tracks, track, 0, "");
	length = max(length, 1);
	start = max(start, earliest);
	if (!find_room(track, &start, &limit))
		return false;
	top = top_of(track);
	if (top && start < top->start + SLOP_NS && squeeze(track, earliest, length, span)) {
		remember(track, span);
		return true;
	}
	span->start = start;
	span->after = max(track->frontier, top ? top->start : 0);
	span->open = length == TRAFFIC_NO_TIME;
	span->end = span->open || length > limit - start ? limit : start + length;
	track->spans[track->depth++] = *span;
	if (!span->open)
		remember(track, span);
	return true;
}

/* The slice that a message sent then, for that cause, was sent from; NULL: none. */
static struct trace_span *find_sender(struct trace_track *track, uint64_t sent, uint64_t cause)
{
	struct trace_span *top = top_of(track);

	if (top && top->open)
		return cause && top->id == cause ? top : NULL;
	for (unsigned i = 0; cause && i < TRACE_RECENT; i++) {
		struct trace_span *span = &track->recent[(track->nrecent - 1 - i) % TRACE_RECENT];

		if (span->id == cause && sent + SLOP_NS >= span->start && sent <= span->end + SLOP_NS)
			return span;
	}
	/* Times are cut to the microsecond: half of one later is the best guess. */
	for (unsigned i = track->depth; i; i--) {
		struct trace_span *span = &track->spans[i - 1];

		if (!span->brief && sent + 500 >= span->start && sent + 500 < span->end)
			return span;
	}
	return NULL;
}

bool trace_track_inside(struct trace_tracks *tracks, struct trace_track *track, uint64_t sent, uint64_t cause,
			uint64_t *ns, bool *handled)
{
	struct trace_span *span = find_sender(track, sent, cause);

	if (!span) {
		close_open(tracks, track, 0, "");
		return false;
	}
	*ns = min(max(sent, span->start), span->end - 1);
	*handled = cause && span->id == cause;
	span->last_send = max(span->last_send, *ns);
	return true;
}

void trace_track_end(struct trace_tracks *tracks, struct trace_track *track, uint64_t ns, const char *why)
{
	close_open(tracks, track, ns, why);
}
