/* See flow.h. */
#include "browser/traffic/collect/flow.h"
#include "common/hold.h"
#include <stdlib.h>

struct flow *flow_create(struct traffic_process_state *from, struct traffic_process_state *to,
			 struct flow_key key)
{
	struct flow *f = calloc(1, sizeof *f);

	if (!f)
		return NULL;
	f->key = key;
	f->from = from;
	f->to = to;
	f->tail = &f->head;
	f->waiting_end = &f->waiting;
	return f;
}

void flow_push(struct flow *f, struct stored *s)
{
	stored_hold(s);
	s->held_before_ns = flow_held(f, s->time_ns);
	s->next = NULL;
	*f->tail = s;
	f->newest = f->tail;
	f->tail = &s->next;
	f->open_bytes += stored_bytes(s);
	f->counts.sent++;
}

/* Take the message that *link points to out of the open ones. */
static struct stored *flow_unlink(struct flow *f, struct stored **link)
{
	struct stored *s = *link;

	*link = s->next;
	if (!s->next)
		f->tail = link;
	if (f->newest == link)
		f->newest = NULL;
	else if (f->newest == &s->next)
		f->newest = link;
	if (f->passed == &s->next)
		f->passed = link;
	/* Nothing is open, so nothing is held. */
	if (!f->head) {
		f->holds = false;
		f->passed = NULL;
	}
	s->next = NULL;
	f->open_bytes -= stored_bytes(s);
	return s;
}

static void flow_decide(struct flow *f, struct stored **link, enum traffic_status status,
			enum traffic_where where, flow_decided_fn *decided, void *arg)
{
	struct stored *s = flow_unlink(f, link);

	s->event.status = (uint8_t)status;
	s->event.where = (uint8_t)where;
	if (status == TRAFFIC_LOST)
		f->counts.lost++;
	else
		f->counts.unknown++;
	decided(arg, f, s);
	stored_release(s);
}

/* Nothing overtakes: those before that number are settled. Is it the first now? */
static bool flow_reach(struct flow *f, uint64_t number, flow_decided_fn *decided, void *arg)
{
	while (f->head && ipc_id_number(f->head->event.id) < number)
		flow_decide(f, &f->head, TRAFFIC_UNKNOWN, TRAFFIC_NOWHERE, decided, arg);
	return f->head && ipc_id_number(f->head->event.id) == number;
}

struct stored *flow_pull(struct flow *f, uint64_t number, flow_decided_fn *decided, void *arg)
{
	return flow_reach(f, number, decided, arg) ? flow_unlink(f, &f->head) : NULL;
}

struct stored *flow_pull_only(struct flow *f, uint64_t number)
{
	struct stored **link = f->passed ? f->passed : &f->head;

	while (*link && ipc_id_number((*link)->event.id) < number)
		link = &(*link)->next;
	f->passed = link;
	if (!*link || ipc_id_number((*link)->event.id) != number || !hold_passes((*link)->event.type))
		return NULL;
	return flow_unlink(f, link);
}

struct stored *flow_hold(struct flow *f, uint64_t number, uint64_t time_ns, flow_decided_fn *decided,
			 void *arg)
{
	if (!flow_reach(f, number, decided, arg))
		return NULL;
	flow_end_hold(f, time_ns);
	f->holds = true;
	f->held_number = number;
	f->held_since_ns = time_ns;
	f->head->event.status = TRAFFIC_HELD;
	return f->head;
}

uint64_t flow_held(const struct flow *f, uint64_t time_ns)
{
	bool holds = f->held_number && time_ns > f->held_since_ns;

	return f->held_total_ns + (holds ? time_ns - f->held_since_ns : 0);
}

void flow_end_hold(struct flow *f, uint64_t time_ns)
{
	f->held_total_ns = flow_held(f, time_ns);
	f->held_number = 0;
}

unsigned flow_behind(const struct flow *f)
{
	unsigned n = 0;

	for (const struct stored *s = f->held_number ? f->head : NULL; s; s = s->next)
		n += ipc_id_number(s->event.id) > f->held_number && !hold_passes(s->event.type);
	return n;
}

void flow_wait(struct flow *f, struct stored *s)
{
	stored_hold(s);
	s->next = NULL;
	*f->waiting_end = s;
	f->waiting_end = &s->next;
}

struct stored *flow_leave(struct flow *f, uint16_t type)
{
	struct stored **link = &f->waiting, *s;

	while (*link && (*link)->event.type != type)
		link = &(*link)->next;
	s = *link;
	if (!s)
		return NULL;
	*link = s->next;
	if (!s->next)
		f->waiting_end = link;
	s->next = NULL;
	return s;
}

void flow_drop_held(struct flow *f, flow_decided_fn *decided, void *arg)
{
	f->dropped++;
	flow_decide(f, &f->head, TRAFFIC_LOST, TRAFFIC_AT_BREAKPOINT, decided, arg);
}

struct stored *flow_newest(const struct flow *f, uint64_t number)
{
	struct stored *s = f->newest ? *f->newest : NULL;

	return s && ipc_id_number(s->event.id) == number ? s : NULL;
}

void flow_drop_newest(struct flow *f, enum traffic_where where, flow_decided_fn *decided, void *arg)
{
	*(where == TRAFFIC_AT_BREAKPOINT ? &f->dropped : &f->taken) += 1;
	flow_decide(f, f->newest, TRAFFIC_LOST, where, decided, arg);
}

static bool flow_left_sender(const struct flow *f, uint64_t number)
{
	if (f->arrived_known && number <= f->arrived)
		return true;
	return !f->flushed_known || number <= f->flushed;
}

static enum traffic_where flow_where(const struct flow *f, const struct stored *s)
{
	uint64_t number = ipc_id_number(s->event.id);

	if (s->event.status == TRAFFIC_HELD)
		return TRAFFIC_AT_BREAKPOINT;
	if (f->arrived_known && number <= f->arrived)
		return TRAFFIC_AT_RECEIVER;
	if (!f->flushed_known)
		return TRAFFIC_NOWHERE;
	return number > f->flushed ? TRAFFIC_AT_SENDER : TRAFFIC_IN_CHANNEL;
}

void flow_settle(struct flow *f, bool all, uint64_t gap_ns, flow_decided_fn *decided, void *arg)
{
	struct stored **link = &f->head;

	while (*link) {
		uint64_t number = ipc_id_number((*link)->event.id);

		if (!all && flow_left_sender(f, number))
			link = &(*link)->next;
		else if ((*link)->time_ns <= gap_ns)
			flow_decide(f, link, TRAFFIC_UNKNOWN, TRAFFIC_NOWHERE, decided, arg);
		else
			flow_decide(f, link, TRAFFIC_LOST, flow_where(f, *link), decided, arg);
	}
}

void flow_evict(struct flow *f, flow_decided_fn *decided, void *arg)
{
	size_t keep = f->open_bytes / 2;

	f->evicted = true;
	while (f->head && f->open_bytes > keep)
		flow_decide(f, &f->head, TRAFFIC_UNKNOWN, TRAFFIC_NOWHERE, decided, arg);
}

void flow_note_flushed(struct flow *f, uint64_t number)
{
	/* Numbers only grow; a slot that was used again for the same peer begins at 0. */
	if (number > f->flushed || !f->flushed_known)
		f->flushed = number;
	f->flushed_known = true;
}

void flow_note_arrived(struct flow *f, uint64_t number)
{
	if (number > f->arrived || !f->arrived_known)
		f->arrived = number;
	f->arrived_known = true;
}
