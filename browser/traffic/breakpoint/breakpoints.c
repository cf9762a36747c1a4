/* See breakpoints.h. breakpoint_place.c tells the children; held.c has what is held. */
#include "browser/traffic/breakpoint/breakpoints.h"
#include "browser/browser.h"
#include "browser/process/host.h"
#include "browser/traffic/breakpoint/breakpoints_internal.h"
#include "browser/traffic/query/query_plan.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct breakpoint *find(const struct breakpoints *list, uint32_t number)
{
	for (struct breakpoint *p = list->first; p; p = p->next)
		if (p->number == number)
			return p;
	return NULL;
}

const struct breakpoint *breakpoint_next(const struct breakpoints *list, const struct breakpoint *before)
{
	const struct breakpoint *p = before ? before->next : list->first;

	while (p && p->removed)
		p = p->next;
	return p;
}

static unsigned count(const struct breakpoints *list, bool removed)
{
	unsigned n = 0;

	for (const struct breakpoint *p = list->first; p; p = p->next)
		n += p->removed == removed;
	return n;
}

static void breakpoint_free(struct breakpoint *p)
{
	breakpoint_finish_chains(p);
	query_free(p->query);
	free(p);
}

/* The browser looks at its own channels while there is something to look for. */
static void watch_all(struct breakpoints *list)
{
	bool any = breakpoint_next(list, NULL) != NULL;

	for (struct process_host *p = list->browser->processes->first; p; p = p->next) {
		if (p->channel && any)
			hold_watch(p->channel);
		else if (p->channel)
			hold_unwatch(p->channel);
	}
}

/* Those that are up learn of it; those that come, when they are ready. */
static void place_everywhere(struct breakpoints *list, const struct breakpoint *point)
{
	for (struct process_host *p = list->browser->processes->first; p; p = p->next)
		if (process_is_up(p))
			breakpoint_place_at(point, p);
}

static bool fail(struct query_error *error, const char *why)
{
	error->column = error->length = 0;
	snprintf(error->why, sizeof error->why, "%s", why);
	return false;
}

bool breakpoints_add(struct browser *b, const char *text, uint32_t *number, struct query_error *error)
{
	struct breakpoints *list = b->breakpoints;
	struct breakpoint *p, **end = &list->first;

	if (!text[strspn(text, " \t")])
		return fail(error, "what is to be held? such as name=submit_frame");
	if (count(list, false) == BREAKPOINTS_MAX)
		return fail(error, "there are too many breakpoints");
	p = calloc(1, sizeof *p);
	if (!p)
		return fail(error, "no memory");
	p->query = query_parse(text, error);
	if (!p->query || !query_could_hold(p->query, error)) {
		query_free(p->query);
		free(p);
		return false;
	}
	query_set_start(p->query, collector_start_us(b->collector));
	snprintf(p->text, sizeof p->text, "%s", text);
	p->number = ++list->last_breakpoint;
	breakpoint_begin_chains(p, b->collector);
	while (*end)
		end = &(*end)->next;
	*end = p;
	watch_all(list);
	place_everywhere(list, p);
	if (number)
		*number = p->number;
	browser_tell(b, CHANGED_TRAFFIC);
	return true;
}

static void tell_removed(struct breakpoints *list, uint32_t number)
{
	for (struct process_host *p = list->browser->processes->first; p; p = p->next)
		if (process_is_up(p))
			ipc_send_remove_breakpoint(p->channel, number);
}

static void remove_one(struct breakpoints *list, struct breakpoint *gone)
{
	gone->removed = true;
	held_forget_breakpoint(list, gone->number);
	hold_forget(gone->number);
	tell_removed(list, gone->number);
	/* The oldest of those that are only remembered. */
	if (count(list, true) <= BREAKPOINTS_MAX)
		return;
	for (struct breakpoint **at = &list->first; *at; at = &(*at)->next) {
		struct breakpoint *p = *at;

		if (!p->removed)
			continue;
		*at = p->next;
		breakpoint_free(p);
		return;
	}
}

bool breakpoints_remove(struct browser *b, uint32_t number)
{
	struct breakpoints *list = b->breakpoints;
	bool any = false;

	for (struct breakpoint *p = list->first, *next; p; p = next) {
		next = p->next;
		if (p->removed || (number && p->number != number))
			continue;
		any = true;
		remove_one(list, p);
	}
	watch_all(list);
	browser_tell(b, CHANGED_TRAFFIC | CHANGED_PROCESSES);
	return any;
}

/* What the browser's own channels ask. */

static uint32_t own_wants(void *arg, struct channel *c, enum hold_way way, const struct hold_view *v)
{
	struct breakpoints *list = arg;
	struct traffic_event event = held_event(c, way, v);
	const struct breakpoint *p = breakpoints_match(list, &event);

	return p ? p->number : 0;
}

static void own_held(void *arg, struct channel *c, enum hold_way way, const struct hold_view *v,
		     uint32_t breakpoint)
{
	struct breakpoints *list = arg;
	struct traffic_event event = held_event(c, way, v);

	held_add(list, &event, breakpoint);
}

static void own_gone(void *arg, struct channel *c, enum hold_way way)
{
	struct breakpoints *list = arg;
	struct endpoint us = { ROLE_BROWSER, 0 }, peer = channel_peer(c);

	held_lost(list, way == HOLD_INCOMING ? peer : us, way == HOLD_INCOMING ? us : peer);
}

struct breakpoint *breakpoints_match(struct breakpoints *list, const struct traffic_event *event)
{
	for (struct breakpoint *p = list->first; p; p = p->next)
		if (!p->removed && breakpoint_matches(p, list->browser->collector, event))
			return p;
	return NULL;
}

void breakpoints_init(struct breakpoints *list, struct browser *b)
{
	*list = (struct breakpoints){ .browser = b };
	hold_watcher =
		(struct hold_watcher){ .wants = own_wants, .held = own_held, .gone = own_gone, .arg = list };
}

void breakpoints_finish(struct breakpoints *list)
{
	while (list->held)
		held_take(list, list->held);
	while (list->first) {
		struct breakpoint *p = list->first;

		list->first = p->next;
		breakpoint_free(p);
	}
	hold_watcher = (struct hold_watcher){ 0 };
}

/* News. */

void breakpoints_started(struct breakpoints *list, struct process_host *p)
{
	if (breakpoint_next(list, NULL))
		hold_watch(p->channel);
}

void breakpoints_ready(struct breakpoints *list, struct process_host *p)
{
	for (const struct breakpoint *point = NULL; (point = breakpoint_next(list, point));)
		breakpoint_place_at(point, p);
}

/* What is believed. */

void breakpoints_note_order(struct breakpoints *list, const struct breakpoint_order *order)
{
	list->orders[list->norders++ % BREAKPOINT_ORDERS] = *order;
}

void breakpoints_note_fault(struct breakpoints *list, struct endpoint e, const char *what)
{
	struct process_host *p = process_find(list->browser->processes, e.role, e.serial);

	if (!p)
		return;
	p->fault = what;
	p->fault_ns = recorder_now();
}

static bool is_same(struct endpoint a, struct endpoint b)
{
	return a.role == b.role && a.serial == b.serial;
}

uint32_t breakpoints_believe_marks(const struct breakpoints *list, struct endpoint at, uint64_t message,
				   uint16_t type, uint32_t marks)
{
	unsigned kept = list->norders < BREAKPOINT_ORDERS ? list->norders : BREAKPOINT_ORDERS;
	uint32_t ordered = 0;

	for (unsigned i = 0; i < kept; i++) {
		const struct breakpoint_order *o = &list->orders[i];

		if (is_same(o->at, at) && (!o->message || o->message == message) && o->type == type)
			ordered |= o->marks;
	}
	return marks & ordered;
}

bool breakpoints_believe_held(const struct breakpoints *list, uint32_t breakpoint, struct endpoint from,
			      struct endpoint at)
{
	const struct breakpoint *p = find(list, breakpoint);

	return p && (at.role == ROLE_BROWSER || breakpoint_concerns(p, from, at));
}
