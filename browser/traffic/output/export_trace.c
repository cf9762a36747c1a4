/*
 * The sink trace: Chrome's trace JSON, for ui.perfetto.dev. A process of the log is a process with one
 * thread; a handler is a slice on it; a message is an arrow from the slice it was sent from to its handler's.
 * What is sent outside of any handler has a brief slice of its own, with an arrow from what caused it. Input,
 * lives and losses are instants, navigations are asynchronous, the messages in flight are counted.
 *
 * trace_queue.c puts what happened in order, trace_track.c finds each slice its place, trace_out.c writes.
 * Memory is bounded: so many wait, so many handlers are remembered as causes, so many navigations are open.
 */
#include "browser/traffic/log/log_session.h"
#include "browser/traffic/output/export.h"
#include "browser/traffic/output/trace_queue.h"
#include <stdlib.h>
#include <string.h>

#define CAUSES	       16384 /* handlers and inputs that arrows can still begin at */
#define NAVIGATIONS    64
#define COUNT_EVERY_NS 100000

struct cause {
	uint64_t id; /* trace_name_id(), 0: free */
	struct trace_point at;
};

struct navigation {
	uint64_t number; /* 0: free */
	uint32_t page, navigation;
	struct trace_track *track;
	char name[64];
};

struct trace {
	struct sink_options options;
	struct export_room room;
	struct trace_out out;
	struct trace_tracks tracks;
	struct trace_queue queue;
	struct cause *causes;
	struct navigation navigations[NAVIGATIONS];
	uint64_t arrows, nnavigations; /* ever begun: their numbers are never used again */
	uint64_t now_ns;	       /* of what was placed last */
	uint64_t in_flight, counted, counted_ns;
	uint64_t left_out; /* no memory */
};

static void trace_free(struct trace *t)
{
	trace_queue_finish(&t->queue);
	trace_tracks_finish(&t->tracks);
	free(t->causes);
	free(t->room.text);
	free(t);
}

static void *trace_begin(const struct sink_options *options)
{
	struct trace *t = calloc(1, sizeof *t);
	struct trace_track *browser;
	struct log_session session;

	if (!t)
		return NULL;
	t->options = *options;
	t->causes = calloc(CAUSES, sizeof *t->causes);
	trace_tracks_init(&t->tracks, &t->out);
	browser = trace_tracks_find(&t->tracks, role_names[ROLE_BROWSER]);
	if (!trace_queue_init(&t->queue) || !t->causes || !browser) {
		trace_free(t);
		return NULL;
	}
	if (options->session && log_session_parse(options->session, &session))
		trace_track_set_pid(&t->tracks, browser, (uint32_t)session.pid);
	trace_out_begin(&t->out, options->out, options->protocol);
	return t;
}

/* Tracks. */

/* Browser, GPU process, renderers, plugins, and what this version does not know. */
static uint64_t sort_index(const char *name)
{
	static const enum role order[] = { ROLE_BROWSER, ROLE_GPU, ROLE_RENDERER, ROLE_PLUGIN };
	size_t i = 0, length = strcspn(name, ":");
	unsigned long serial = name[length] ? strtoul(name + length + 1, NULL, 10) : 0;

	while (i < sizeof order / sizeof *order &&
	       (strlen(role_names[order[i]]) != length || strncmp(role_names[order[i]], name, length) != 0))
		i++;
	return i * 1000000 + (serial < 1000000 ? serial : 999999);
}

static void put_metadata(struct trace *t, struct trace_track *track, const char *what)
{
	trace_out_open(&t->out, 'M', track->pid, 0, what, NULL);
	trace_out_open_args(&t->out);
}

/* The track's number, which is told the first time with its name. */
static uint32_t pid_of(struct trace *t, struct trace_track *track)
{
	if (track->told)
		return track->pid;
	track->told = true;
	put_metadata(t, track, "process_name");
	trace_out_text(&t->out, "name", track->name);
	trace_out_close_args(&t->out);
	trace_out_close(&t->out);
	put_metadata(t, track, "process_sort_index");
	trace_out_number(&t->out, "sort_index", sort_index(track->name));
	trace_out_close_args(&t->out);
	trace_out_close(&t->out);
	put_metadata(t, track, "thread_name");
	trace_out_text(&t->out, "name", "main");
	trace_out_close_args(&t->out);
	trace_out_close(&t->out);
	return track->pid;
}

/* Parts of events. */

static void put_us(struct trace *t, const char *member, uint64_t ns)
{
	char text[32];
	struct format f = format_into(text, sizeof text);

	format_tenths(&f, ns);
	trace_out_json(&t->out, member, text);
}

static void put_args(struct trace *t, const struct trace_item *item)
{
	trace_out_open_args(&t->out);
	trace_out_text(&t->out, "id", item->id_text);
	trace_out_text(&t->out, "cause", item->cause_text);
	if (item->kind == TRAFFIC_MESSAGE) {
		trace_out_text(&t->out, "from", item->from->name);
		trace_out_text(&t->out, "to", item->to->name);
		trace_out_number(&t->out, "bytes", item->bytes);
		trace_out_number(&t->out, "fds", item->fds);
		if (item->queued_ns != TRAFFIC_NO_TIME)
			put_us(t, "queued_us", item->queued_ns);
		if (item->handled_ns != TRAFFIC_NO_TIME)
			put_us(t, "handled_us", item->handled_ns);
	}
	trace_out_text(&t->out, "fate", item->fate);
	trace_out_json(&t->out, item->kind == TRAFFIC_MESSAGE ? "args" : "details", item->args);
	trace_out_close_args(&t->out);
}

/* "lost: submit_frame", "key: F5" */
static void put_instant(struct trace *t, struct trace_track *track, uint64_t ns, char scope, const char *cat,
			const char *first, const char *second, const struct trace_item *item)
{
	char name[200], scope_text[2] = { scope, '\0' };

	snprintf(name, sizeof name, "%s%s%s", first, second[0] ? ": " : "", second);
	/* Not within a character. */
	for (size_t n = strlen(name); n == sizeof name - 1 && n && name[n - 1] & 0x80;)
		name[--n] = '\0';
	trace_out_open(&t->out, 'i', pid_of(t, track), ns, name, cat);
	trace_out_text(&t->out, "s", scope_text);
	put_args(t, item);
	trace_out_close(&t->out);
}

static void put_slice(struct trace *t, struct trace_track *track, const struct trace_span *span,
		      const char *cat, const struct trace_item *item)
{
	trace_out_open(&t->out, span->open ? 'B' : 'X', pid_of(t, track), span->start, item->name, cat);
	if (!span->open)
		trace_out_time(&t->out, "dur", span->end - span->start);
	put_args(t, item);
	trace_out_close(&t->out);
}

/* Both ends lie within slices that have been written. */
static void put_arrow(struct trace *t, const char *name, const char *cat, struct trace_point from,
		      struct trace_point to)
{
	uint64_t id = ++t->arrows;

	trace_out_open(&t->out, 's', pid_of(t, from.track), from.ns, name, cat);
	trace_out_id(&t->out, id);
	trace_out_close(&t->out);
	trace_out_open(&t->out, 'f', pid_of(t, to.track), to.ns, name, cat);
	trace_out_id(&t->out, id);
	trace_out_text(&t->out, "bp", "e");
	trace_out_close(&t->out);
}

/* Causes. */

static void remember_cause(struct trace *t, uint64_t id, struct trace_track *track, uint64_t ns)
{
	if (id)
		t->causes[id % CAUSES] = (struct cause){ id, { track, ns } };
}

static void put_cause_arrow(struct trace *t, const struct trace_item *item, struct trace_point to)
{
	const struct cause *cause = &t->causes[item->cause % CAUSES];

	if (item->cause && cause->id == item->cause && cause->at.ns <= to.ns)
		put_arrow(t, "cause", "cause", cause->at, to);
}

/* Navigations. */

static void put_navigation(struct trace *t, const struct navigation *n, char ph, uint64_t ns)
{
	trace_out_open(&t->out, ph, pid_of(t, n->track), ns, n->name, "navigation");
	trace_out_id(&t->out, n->number);
	trace_out_close(&t->out);
}

static void end_navigation(struct trace *t, struct navigation *n, uint64_t ns)
{
	put_navigation(t, n, 'e', ns);
	*n = (struct navigation){ 0 };
}

/* All of the track, or of the page where it is one. */
static void end_navigations(struct trace *t, const struct trace_track *track, const uint32_t *page,
			    uint64_t ns)
{
	for (struct navigation *n = t->navigations; n < t->navigations + NAVIGATIONS; n++)
		if (n->number && (page ? n->page == *page : n->track == track))
			end_navigation(t, n, ns);
}

static void begin_navigation(struct trace *t, const struct trace_item *item, uint64_t ns)
{
	struct navigation *n = t->navigations;
	uint32_t number = 0;

	end_navigations(t, NULL, &item->page, ns);
	for (struct navigation *other = n; other < t->navigations + NAVIGATIONS; other++)
		if (other->number < n->number)
			n = other;
	if (n->number)
		end_navigation(t, n, ns);
	export_number(item->args, "navigation", &number);
	*n = (struct navigation){
		.number = ++t->nnavigations, .page = item->page, .navigation = number, .track = item->to
	};
	snprintf(n->name, sizeof n->name, "page %u navigation %u", n->page, n->navigation);
	put_navigation(t, n, 'b', ns);
}

static void navigation_sent(struct trace *t, const struct trace_item *item)
{
	if (strcmp(item->name, ipc_messages[IPC_COMMIT_NAVIGATION].name) == 0)
		begin_navigation(t, item, item->sent.ns);
	else if (strcmp(item->name, ipc_messages[IPC_CLOSE_PAGE].name) == 0)
		end_navigations(t, NULL, &item->page, item->sent.ns);
}

static void navigation_handled(struct trace *t, const struct trace_item *item, uint64_t ns)
{
	uint32_t number;

	if (strcmp(item->name, ipc_messages[IPC_DID_FINISH_LOAD].name) != 0 ||
	    !export_number(item->args, "navigation", &number))
		return;
	for (struct navigation *n = t->navigations; n < t->navigations + NAVIGATIONS; n++)
		if (n->number && n->page == item->page && n->navigation == number)
			end_navigation(t, n, ns);
}

/* Messages in flight. */

static void put_count(struct trace *t, uint64_t ns)
{
	struct trace_track *browser = trace_tracks_find(&t->tracks, role_names[ROLE_BROWSER]);

	if (!browser || t->counted == t->in_flight)
		return;
	trace_out_open(&t->out, 'C', pid_of(t, browser), ns, "messages in flight", "traffic");
	trace_out_open_args(&t->out);
	trace_out_number(&t->out, "messages", t->in_flight);
	trace_out_close_args(&t->out);
	trace_out_close(&t->out);
	t->counted = t->in_flight;
	t->counted_ns = ns;
}

static void count(struct trace *t, int by)
{
	if (t->now_ns >= t->counted_ns + COUNT_EVERY_NS)
		put_count(t, t->counted_ns + COUNT_EVERY_NS);
	t->in_flight += (uint64_t)(int64_t)by;
	if (t->now_ns >= t->counted_ns + COUNT_EVERY_NS)
		put_count(t, t->now_ns);
}

/* What becomes of the items, whose turn has come. */

static void place_handling(struct trace *t, struct trace_item *item)
{
	struct trace_span span = { .id = item->id };
	uint64_t start = item->at_ns;

	count(t, -1);
	if (!trace_track_place(&t->tracks, item->to, start, item->sent.ns, item->handled_ns, &span)) {
		put_instant(t, item->to, start, 't', "late", item->name, "", item);
	} else {
		struct trace_point at = { item->to, span.start };

		put_slice(t, item->to, &span, "handler", item);
		if (item->sent.track)
			put_arrow(t, item->name, "message", item->sent, at);
		if (!item->from_cause)
			put_cause_arrow(t, item, at);
		remember_cause(t, item->id, item->to, span.start);
		start = span.start;
	}
	navigation_handled(t, item, start);
	trace_item_free(item);
}

/* From within a handler, or with a slice of its own. */
static void place_at_sender(struct trace *t, struct trace_item *item)
{
	struct trace_span span = { .brief = true };
	struct trace_point at = { item->from, item->ts_ns };

	item->sent = (struct trace_point){ NULL, item->ts_ns };
	if (trace_track_inside(&t->tracks, item->from, item->ts_ns, item->cause, &at.ns, &item->from_cause)) {
		item->sent = at;
	} else if (trace_track_place(&t->tracks, item->from, item->ts_ns, 0, TRACE_BRIEF_NS, &span)) {
		put_slice(t, item->from, &span, "send", item);
		at.ns = span.start;
		item->sent = at;
		item->from_cause = true;
		put_cause_arrow(t, item, at);
	}
}

static void place_sending(struct trace *t, struct trace_item *item)
{
	place_at_sender(t, item);
	if (item->delivered) {
		navigation_sent(t, item);
		count(t, 1);
		item->stage = TRACE_HANDLING;
		item->at_ns = item->ts_ns + (item->queued_ns != TRAFFIC_NO_TIME ? item->queued_ns : 0);
		if (item->at_ns < item->sent.ns)
			item->at_ns = item->sent.ns;
		item->at_ns = trace_track_turn(item->to, item->at_ns, item->sequence);
		if (!trace_queue_add(&t->queue, item)) {
			t->left_out++;
			trace_item_free(item);
		}
		return;
	}
	put_instant(t, item->from, item->sent.ns, 't', "undelivered", item->fate, item->name, item);
	trace_item_free(item);
}

static void place_process_event(struct trace *t, struct trace_item *item)
{
	if (strcmp(item->name, traffic_process_event_names[TRAFFIC_PROCESS_EXIT]) == 0) {
		trace_track_end(&t->tracks, item->from, item->ts_ns, "with its process");
		end_navigations(t, item->from, NULL, item->ts_ns);
	}
	put_instant(t, item->from, item->ts_ns, 'p', "process", item->name, item->detail, item);
}

/* A slice too, since arrows along causes begin there. */
static void place_input(struct trace *t, struct trace_item *item)
{
	struct trace_span span = { .brief = true };

	put_instant(t, item->from, item->ts_ns, 'g', "input", item->name, item->detail, item);
	if (!trace_track_place(&t->tracks, item->from, item->ts_ns, 0, TRACE_BRIEF_NS, &span))
		return;
	put_slice(t, item->from, &span, "input", item);
	remember_cause(t, item->id, item->from, span.start);
}

static void place_mark(struct trace *t, struct trace_item *item)
{
	if (item->kind == TRAFFIC_PROCESS)
		place_process_event(t, item);
	else if (item->kind == TRAFFIC_INPUT)
		place_input(t, item);
	else
		put_instant(t, item->from, item->ts_ns, item->kind == TRAFFIC_DROPPED ? 'g' : 'p',
			    export_kind(item->kind), item->name, item->detail, item);
	trace_item_free(item);
}

/* The earliest of what waits. */
static void place_next(struct trace *t)
{
	static void (*const place[])(struct trace *, struct trace_item *) = {
		[TRACE_SENDING] = place_sending,
		[TRACE_HANDLING] = place_handling,
		[TRACE_MARKING] = place_mark,
	};
	struct trace_item *item = trace_queue_take(&t->queue);

	if (item->at_ns > t->now_ns)
		t->now_ns = item->at_ns;
	place[item->stage](t, item);
}

static void trace_event(void *sink, const struct traffic_event *e)
{
	char from[ENDPOINT_TEXT], to[ENDPOINT_TEXT];
	struct trace *t = sink;
	struct trace_item *item = trace_item_create(&t->options, e, &t->room);
	uint32_t pid;

	if (item) {
		const char *name = traffic_from(e, from);

		item->from = trace_tracks_find(&t->tracks, name[0] ? name : role_names[ROLE_BROWSER]);
		item->to = e->kind == TRAFFIC_MESSAGE ? trace_tracks_find(&t->tracks, traffic_to(e, to))
						      : item->from;
	}
	while (trace_queue_is_full(&t->queue))
		place_next(t);
	if (!item || !item->from || !item->to || !trace_queue_add(&t->queue, item)) {
		t->left_out++;
		trace_item_free(item);
		return;
	}
	if (e->kind == TRAFFIC_PROCESS &&
	    strcmp(item->name, traffic_process_event_names[TRAFFIC_PROCESS_START]) == 0 &&
	    export_number(item->args, "pid", &pid))
		trace_track_set_pid(&t->tracks, item->from, pid);
}

static void trace_end(void *sink)
{
	struct trace *t = sink;
	struct trace_track *track, *next;

	while (t->queue.count)
		place_next(t);
	HASH_ITER (hh, t->tracks.by_name, track, next) {
		trace_track_end(&t->tracks, track, t->now_ns, "with the log");
	}
	for (struct navigation *n = t->navigations; n < t->navigations + NAVIGATIONS; n++)
		if (n->number)
			end_navigation(t, n, t->now_ns);
	put_count(t, t->now_ns);
	trace_out_end(&t->out, t->left_out);
	trace_free(t);
}

const struct sink_type export_trace = {
	.name = "trace",
	.about = "Chrome's trace JSON, for ui.perfetto.dev",
	.exports = true,
	.begin = trace_begin,
	.event = trace_event,
	.end = trace_end,
};
