/*
 * What records say of breakpoints: that a message is held before its handler or was dropped there, and what
 * was done to one by hand. See join.c. The browser's own records are the truth; of a child's only that is
 * believed which it was told to do (browser/traffic/breakpoint/), and the rest is not heard.
 */
#include "browser/traffic/collect/collector_internal.h"
#include <string.h>

#define MARKS (RECORD_BY_HAND | RECORD_EDITED | RECORD_DUPLICATED)

uint32_t join_believe_marks(const struct collector *c, const struct traffic_process_state *p)
{
	const struct record *r = &p->next;
	uint32_t marks = r->marks & (r->kind == RECORD_SENT ? MARKS : MARKS & ~(uint32_t)RECORD_BY_HAND);

	if (!marks || p->endpoint.role == ROLE_BROWSER || !c->config.marks)
		return marks;
	return c->config.marks(c->config.arg, p->endpoint, r->id, r->type, marks);
}

void join_part_times(const struct flow *f, struct stored *s, uint64_t time_ns)
{
	uint64_t held = flow_held(f, time_ns) - s->held_before_ns;

	if (held > s->event.queued_ns)
		held = s->event.queued_ns;
	s->event.held_ns += held;
	s->event.queued_ns -= held;
}

void join_believe_fields(struct collector *c, struct traffic_process_state *p, struct stored *s)
{
	uint32_t most = join_believable_bytes(p->next.message_bytes);
	uint32_t bytes = p->next.payload_bytes < most ? p->next.payload_bytes : most;
	size_t before = stored_bytes(s);

	s->event.bytes = most;
	stored_set_payload(s, p->payload, bytes);
	if (history_get(&c->history, s->event.sequence) == s)
		history_grew(&c->history, stored_bytes(s) - before);
}

/* What is held back, from being held back to leaving. */

void join_take_waiting(struct collector *c, struct traffic_process_state *p, struct endpoint peer)
{
	struct traffic_process_state *to = collector_find(c, peer);
	struct flow *f;
	struct stored *s;

	if (p->endpoint.role != ROLE_BROWSER || p->next.id || to == p) {
		join_mark_forged(c, p);
		return;
	}
	f = to ? join_flow(c, p, to) : NULL;
	s = f ? join_keep(c, p, p->endpoint, peer) : NULL;
	if (!s)
		return;
	s->event.marks = (uint8_t)join_believe_marks(c, p);
	flow_wait(f, s);
	stored_release(s);
}

struct stored *join_leave(struct collector *c, struct traffic_process_state *p, struct flow *f)
{
	struct stored *s = p->endpoint.role == ROLE_BROWSER ? flow_leave(f, p->next.type) : NULL;

	if (!s)
		return NULL;
	s->event.status = TRAFFIC_IN_FLIGHT;
	s->event.id = p->next.id;
	s->event.fds = p->next.fds;
	s->time_ns = p->next.time_ns;
	join_believe_fields(c, p, s);
	c->changed = true;
	return s;
}

/* The first that is held back waits for a person. */
static void hold_waiting(struct collector *c, struct traffic_process_state *p, struct endpoint peer,
			 const struct record_held *held)
{
	struct flow *f = join_find(c, p->endpoint, peer);

	if (!f || !f->waiting)
		return;
	f->waiting->event.status = TRAFFIC_HELD;
	f->waiting->event.breakpoint = held->breakpoint;
	c->changed = true;
}

/* The sender held it back itself, and has told of sending it just before. Only the browser does that. */
static void take_own(struct collector *c, struct traffic_process_state *p, struct endpoint peer,
		     const struct record_held *held)
{
	const struct record *r = &p->next;
	struct flow *f = join_find(c, p->endpoint, peer);
	struct stored *s = f ? flow_newest(f, ipc_id_number(r->id)) : NULL;

	if (p->endpoint.role != ROLE_BROWSER) {
		join_mark_forged(c, p);
		return;
	}
	if (!s || s->event.id != r->id)
		return;
	s->event.breakpoint = held->breakpoint;
	s->event.held_ns = held->held_ns;
	if (r->kind == RECORD_DROPPED)
		flow_drop_newest(f, TRAFFIC_AT_BREAKPOINT, join_decided, c);
}

/* The receiver holds it, or has dropped what it held. */
static void take_received(struct collector *c, struct traffic_process_state *p, struct endpoint peer,
			  const struct record_held *held)
{
	const struct record *r = &p->next;
	struct flow *f = join_find(c, peer, p->endpoint);
	struct stored *s;

	/* Nobody asks a child to hold what the browser sends: the browser holds that itself. */
	if (peer.role == ROLE_BROWSER) {
		join_mark_forged(c, p);
		return;
	}
	/* It takes one after the other: the handler of the one before has returned. */
	join_end_handling(c, p, r->time_ns);
	if (!f || (c->config.held && !c->config.held(c->config.arg, held->breakpoint, peer, p->endpoint)))
		return;
	if (r->kind == RECORD_HELD) {
		s = flow_hold(f, ipc_id_number(r->id), r->time_ns, join_decided, c);
		if (s)
			s->event.breakpoint = held->breakpoint;
	} else if (f->head && f->head->event.status == TRAFFIC_HELD && f->head->event.id == r->id) {
		f->head->event.held_ns += flow_held(f, r->time_ns) - f->head->held_before_ns;
		flow_end_hold(f, r->time_ns);
		flow_drop_held(f, join_decided, c);
	}
	c->changed = true;
}

void join_take_held(struct collector *c, struct traffic_process_state *p, struct endpoint peer)
{
	const struct record *r = &p->next;
	struct record_held held;

	if (r->payload_bytes != sizeof held) {
		join_mark_forged(c, p);
		return;
	}
	memcpy(&held, p->payload, sizeof held);
	if (!held.breakpoint && p->endpoint.role != ROLE_BROWSER)
		join_mark_forged(c, p);
	else if (!r->id && p->endpoint.role == ROLE_BROWSER)
		hold_waiting(c, p, peer, &held);
	else if (join_id_belongs_to(r->id, p->endpoint))
		take_own(c, p, peer, &held);
	else if (join_id_belongs_to(r->id, peer))
		take_received(c, p, peer, &held);
	else
		join_mark_forged(c, p);
}
