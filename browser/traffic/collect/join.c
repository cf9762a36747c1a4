/*
 * What records mean: a SENT opens a message, a RECEIVED or REFUSED decides it, and where both are from
 * untrusted hands the browser's own word counts more. See collector.h; collector.c brings the records in the
 * order of time.
 */
#include "browser/traffic/collect/collector_internal.h"
#include "browser/traffic/collect/toll.h"
#include "common/cell.h"
#include "common/display_list.h"
#include "common/hold.h"
#include <stdlib.h>
#include <string.h>

/* How often the bound on open messages is looked at, in messages. */
#define EVICT_EVERY 1024

/* A message's fields never fill more than a packet, whatever a record claims. */
uint32_t join_believable_bytes(uint32_t bytes)
{
	return bytes < CHANNEL_PACKET_BYTES ? bytes : CHANNEL_PACKET_BYTES;
}

static struct flow_key make_key(struct endpoint from, struct endpoint to)
{
	return (struct flow_key){ from.role, from.serial, to.role, to.serial };
}

struct flow *join_find(const struct collector *c, struct endpoint from, struct endpoint to)
{
	struct flow_key key = make_key(from, to);
	struct flow *f;

	HASH_FIND(hh, c->flows, &key, sizeof key, f);
	return f;
}

struct flow *join_flow(struct collector *c, struct traffic_process_state *from,
		       struct traffic_process_state *to)
{
	struct flow *f = join_find(c, from->endpoint, to->endpoint);

	if (f)
		return f;
	f = flow_create(from, to, make_key(from->endpoint, to->endpoint));
	if (f)
		HASH_ADD(hh, c->flows, key, sizeof f->key, f);
	return f;
}

void join_mark_forged(struct collector *c, struct traffic_process_state *p)
{
	join_end_handling(c, p, TRAFFIC_NO_TIME);
	p->forged = true;
	p->has_next = false;
	collector_note_process(
		c, &(struct traffic_process){ .what = TRAFFIC_PROCESS_FORGED, .process = p->endpoint });
	if (c->config.forged)
		c->config.forged(c->config.arg, p->endpoint);
}

void join_decided(void *arg, struct flow *f, struct stored *s)
{
	struct collector *c = arg;

	(void)f;
	c->changed = true;
	c->effort++;
	c->lost += s->event.status == TRAFFIC_LOST;
	if (c->config.log)
		log_writer_put(c->config.log, &s->event);
}

void join_end_handling(struct collector *c, struct traffic_process_state *p, uint64_t end_ns)
{
	struct stored *s = p->handling;

	if (!s)
		return;
	p->handling = NULL;
	if (end_ns != TRAFFIC_NO_TIME)
		s->event.handled_ns = end_ns > p->handling_ns ? end_ns - p->handling_ns : 0;
	join_decided(c, NULL, s);
	stored_release(s);
}

/* Somebody lets messages pile up without end: whoever has most gives up half. */
static void bound_open(struct collector *c)
{
	struct flow *f, *next, *most = NULL;
	size_t open = 0;

	HASH_ITER (hh, c->flows, f, next) {
		open += f->open_bytes;
		if (!most || f->open_bytes > most->open_bytes)
			most = f;
	}
	if (open > COLLECTOR_OPEN_BYTES)
		flow_evict(most, join_decided, c);
}

static struct traffic_event make_event(const struct collector *c, const struct record *r,
				       struct endpoint from, struct endpoint to)
{
	return (struct traffic_event){
		.kind = TRAFFIC_MESSAGE,
		.status = TRAFFIC_IN_FLIGHT,
		.ts_us = (c->wall_offset_ns + r->time_ns) / 1000,
		.id = r->id,
		.cause = r->cause,
		.queued_ns = TRAFFIC_NO_TIME,
		.handled_ns = TRAFFIC_NO_TIME,
		.from = from,
		.to = to,
		.bytes = join_believable_bytes(r->message_bytes),
		.type = r->type,
		.fds = r->fds,
	};
}

bool join_id_belongs_to(uint64_t id, struct endpoint e)
{
	return id == ipc_make_id(e.role, e.serial, ipc_id_number(id)) && ipc_id_number(id);
}

struct stored *join_keep(struct collector *c, struct traffic_process_state *p, struct endpoint from,
			 struct endpoint to)
{
	struct traffic_event event = make_event(c, &p->next, from, to);
	uint32_t bytes = p->next.payload_bytes < event.bytes ? p->next.payload_bytes : event.bytes;

	return collector_keep(c, &event, p->payload, bytes, p->next.time_ns);
}

/* A message that only one side knows of, and nobody can be asked about. */
static void keep_decided(struct collector *c, struct stored *s, enum traffic_status status, unsigned reason)
{
	if (!s)
		return;
	s->event.status = (uint8_t)status;
	s->event.reason = (uint8_t)reason;
	join_decided(c, NULL, s);
	stored_release(s);
}

static void count_beat(struct traffic_process_state *p, const struct record *r)
{
	if (r->type != IPC_PING && r->type != IPC_PONG)
		beat_count(&p->beat, r->time_ns);
}

static void take_sent(struct collector *c, struct traffic_process_state *p, struct endpoint peer)
{
	const struct record *r = &p->next;
	struct traffic_process_state *to = collector_find(c, peer);
	struct flow *f;
	struct stored *s;

	if (!join_id_belongs_to(r->id, p->endpoint) || ipc_id_number(r->id) <= p->last_number || to == p) {
		join_mark_forged(c, p);
		return;
	}
	p->last_number = ipc_id_number(r->id);
	f = to ? join_flow(c, p, to) : NULL;
	s = r->marks & RECORD_WAITED && f ? join_leave(c, p, f) : NULL;
	if (!s)
		s = join_keep(c, p, p->endpoint, peer);
	if (!s)
		return;
	s->event.marks = (uint8_t)join_believe_marks(c, p);
	count_beat(p, r);
	if (!traffic_is_ping(&s->event))
		process_state_remember(p, COLLECTOR_SENT, s);
	if (!f) {
		keep_decided(c, s, TRAFFIC_UNKNOWN, 0);
		return;
	}
	flow_push(f, s);
	toll_note_sent(f, r->type);
	stored_release(s);
	if (++c->pushed % EVICT_EVERY == 0)
		bound_open(c);
}

/* The browser took part: what it saw is what was. */
static void believe_browser(struct collector *c, struct traffic_process_state *p, struct stored *s)
{
	s->event.type = p->next.type;
	s->event.cause = p->next.cause;
	s->event.fds = p->next.fds;
	join_believe_fields(c, p, s);
}

/* A receipt whose sending is not recorded: did it come, or does the receiver make it up? */
static enum traffic_status status_of_stray(const struct traffic_process_state *receiver, const struct flow *f)
{
	if (receiver->endpoint.role == ROLE_BROWSER)
		return TRAFFIC_DELIVERED;
	if (f && (f->from->gap_ns || f->from->forged || f->evicted))
		return TRAFFIC_DELIVERED;
	return TRAFFIC_UNKNOWN;
}

static void take_stray(struct collector *c, struct traffic_process_state *p, struct flow *f,
		       struct endpoint peer)
{
	const struct record *r = &p->next;
	enum traffic_status status = status_of_stray(p, f);

	/* The browser's record is complete: a child that got what the browser never sent it has made that up.
	 */
	if (status == TRAFFIC_UNKNOWN && peer.role == ROLE_BROWSER && r->kind == RECORD_RECEIVED) {
		join_mark_forged(c, p);
		return;
	}
	struct stored *s = join_keep(c, p, peer, p->endpoint);

	if (s && !traffic_is_ping(&s->event))
		process_state_remember(p, COLLECTOR_RECEIVED, s);
	keep_decided(c, s, r->kind == RECORD_REFUSED ? TRAFFIC_REFUSED : status, r->reason);
}

/* It was received or refused; its line waits for its handler to return. */
static void note_receipt(struct collector *c, struct traffic_process_state *p, struct stored *s)
{
	const struct record *r = &p->next;

	s->event.status = r->kind == RECORD_REFUSED ? TRAFFIC_REFUSED : TRAFFIC_DELIVERED;
	s->event.reason = r->reason;
	if (!traffic_is_ping(&s->event))
		process_state_remember(p, COLLECTOR_RECEIVED, s);
	c->changed = true;
	p->handling = s;
	p->handling_ns = r->time_ns;
	if (r->kind == RECORD_REFUSED)
		join_end_handling(c, p, TRAFFIC_NO_TIME);
}

static void join_receipt(struct collector *c, struct traffic_process_state *p, struct flow *f,
			 struct stored *s)
{
	const struct record *r = &p->next;
	uint32_t marks = join_believe_marks(c, p);

	s->event.queued_ns = r->time_ns > s->time_ns ? r->time_ns - s->time_ns : 0;
	s->event.marks |= (uint8_t)marks;
	if (!hold_passes(r->type))
		join_part_times(f, s, r->time_ns);
	if (p->endpoint.role == ROLE_BROWSER)
		believe_browser(c, p, s);
	else if (marks & RECORD_EDITED && r->type == s->event.type)
		join_believe_fields(c, p, s);
	note_receipt(c, p, s);
}

/* Its handler got it twice, as a breakpoint was told to. */
static void join_again(struct collector *c, struct traffic_process_state *p, struct endpoint peer)
{
	struct stored *s = join_keep(c, p, peer, p->endpoint);

	if (!s)
		return;
	s->event.marks = (uint8_t)join_believe_marks(c, p);
	note_receipt(c, p, s);
}

/* May a message of that type go from there to here? The codec has checked so before an honest record. */
static bool is_addressed(const struct record *r, const struct traffic_process_state *p)
{
	return r->type < IPC_COUNT && ipc_messages[r->type].from & 1 << r->peer_role &&
	       ipc_messages[r->type].to & 1 << p->endpoint.role;
}

static void take_receipt(struct collector *c, struct traffic_process_state *p, struct endpoint peer)
{
	const struct record *r = &p->next;
	bool ours = join_id_belongs_to(r->id, peer);
	struct traffic_process_state *from = collector_find(c, peer);
	struct flow *f;
	struct stored *s = NULL;

	/* A refused message may name any id and type: that may be why it was refused. */
	if (from == p || (r->kind == RECORD_RECEIVED && (!ours || !is_addressed(r, p)))) {
		join_mark_forged(c, p);
		return;
	}
	/* It takes one after the other: the handler of the one before has returned. */
	join_end_handling(c, p, r->time_ns);
	count_beat(p, r);
	if (join_believe_marks(c, p) & RECORD_DUPLICATED) {
		join_again(c, p, peer);
		return;
	}
	f = from ? join_flow(c, from, p) : NULL;
	if (f && r->kind == RECORD_REFUSED)
		f->counts.refused++;
	else if (f)
		f->counts.received++;
	if (r->kind == RECORD_RECEIVED)
		toll_note_received(c, peer, p->endpoint, r->type);
	/* Where it is the browser that holds: no other end has messages that pass. */
	if (f && ours && f->holds && p->endpoint.role == ROLE_BROWSER && hold_passes(r->type)) {
		s = flow_pull_only(f, ipc_id_number(r->id));
	} else if (f && ours) {
		if (f->held_number && ipc_id_number(r->id) >= f->held_number)
			flow_end_hold(f, r->time_ns);
		s = flow_pull(f, ipc_id_number(r->id), join_decided, c);
	}
	if (s)
		join_receipt(c, p, f, s);
	else
		take_stray(c, p, f, peer);
}

/* What its sender says was done to a message on purpose, just after it has told of sending it. */
static void take_toxic(struct collector *c, struct traffic_process_state *p, struct endpoint peer)
{
	const struct record *r = &p->next;
	struct flow *f = join_find(c, p->endpoint, peer);
	struct stored *s = f ? flow_newest(f, ipc_id_number(r->id)) : NULL;
	struct record_toxic act;

	if (r->payload_bytes != sizeof act || !join_id_belongs_to(r->id, p->endpoint)) {
		join_mark_forged(c, p);
		return;
	}
	memcpy(&act, p->payload, sizeof act);
	if (act.kind >= TOXIC_COUNT || !act.toxic) {
		join_mark_forged(c, p);
		return;
	}
	if (c->config.toxic && !c->config.toxic(c->config.arg, r->id, act.toxic, (enum toxic)act.kind))
		return;
	if (!s || s->event.id != r->id)
		return;
	/* A breakpoint may have held it before. */
	s->event.held_ns += act.held_ns;
	/* Of several, what changed it says more than what delayed it: the kinds are in that order. */
	if (!s->event.toxic || act.kind >= s->event.toxic_kind) {
		s->event.toxic = act.toxic;
		s->event.toxic_kind = (uint8_t)act.kind;
	}
	if (act.kind == TOXIC_DROP || act.kind == TOXIC_CUT)
		flow_drop_newest(f, TRAFFIC_IN_TOXIC, join_decided, c);
}

/* Its receipt may have been overwritten, or be a stray: then nothing waits for this. */
static void take_handled(struct collector *c, struct traffic_process_state *p)
{
	if (p->handling && p->handling->event.id == p->next.id)
		join_end_handling(c, p, p->next.time_ns);
}

/* The largest half of a region that a process of that role writes to. */
static uint32_t most_memory(const struct traffic_process_state *p, uint32_t kind)
{
	if (p->endpoint.role == ROLE_RENDERER && kind == REGION_STAGING)
		return STAGING_MAX_BYTES;
	if (p->endpoint.role == ROLE_PLUGIN && kind == REGION_SURFACE)
		return grid_bytes(GRID_MAX_COLUMNS, GRID_MAX_ROWS);
	return 0;
}

/* What it wrote into a region. It goes straight to the log: the live view shows messages. */
static void take_memory(struct collector *c, struct traffic_process_state *p)
{
	const struct record *r = &p->next;
	struct record_memory memory;
	uint32_t most = 0;

	if (p->keeps_memory && r->payload_bytes > sizeof memory) {
		memcpy(&memory, p->payload, sizeof memory);
		most = most_memory(p, memory.kind);
	}
	if (!most || memory.half > 1 || memory.bytes != r->payload_bytes - sizeof memory ||
	    memory.bytes > most || memory.offset > most - memory.bytes) {
		join_mark_forged(c, p);
		return;
	}
	collector_log_bulk(c, TRAFFIC_MEMORY, p->endpoint, r->cause, r->time_ns, p->payload,
			   r->payload_bytes);
}

void join_take(struct collector *c, struct traffic_process_state *p)
{
	struct endpoint peer = { p->next.peer_role, p->next.peer_serial };

	p->has_next = false;
	if (p->next.kind == RECORD_SENT)
		take_sent(c, p, peer);
	else if (p->next.kind == RECORD_TOXIC)
		take_toxic(c, p, peer);
	else if (p->next.kind == RECORD_HANDLED)
		take_handled(c, p);
	else if (p->next.kind == RECORD_HELD || p->next.kind == RECORD_DROPPED)
		join_take_held(c, p, peer);
	else if (p->next.kind == RECORD_WAITING)
		join_take_waiting(c, p, peer);
	else if (p->next.kind == RECORD_MEMORY)
		take_memory(c, p);
	else
		take_receipt(c, p, peer);
}

/* Ends. */

static void note_counters(struct flow *f)
{
	struct peer_counters counters;

	if (process_state_peer(f->from, f->to->endpoint, &counters))
		flow_note_flushed(f, counters.flushed);
	if (process_state_peer(f->to, f->from->endpoint, &counters))
		flow_note_arrived(f, counters.arrived);
}

void join_note_closed(struct collector *c)
{
	struct flow *f, *next;

	HASH_ITER (hh, c->flows, f, next) {
		struct peer_counters counters;
		bool found, open;

		if (!f->head)
			continue;
		found = process_state_peer(f->to, f->from->endpoint, &counters);
		open = found && counters.open;
		/* A receiver without a slot either never had a channel yet, or its slot serves another one by
		 * now. */
		f->receiver_closed = !open && (found || f->receiver_opened);
		f->receiver_opened |= open;
	}
}

static void settle(struct collector *c, struct flow *f, bool all)
{
	/* A receiver that lies has no receipts that count. */
	uint64_t gap_ns = f->to->forged ? UINT64_MAX : f->to->gap_ns;

	note_counters(f);
	flow_settle(f, all, gap_ns, join_decided, c);
}

void join_settle(struct collector *c)
{
	struct flow *f, *next;

	HASH_ITER (hh, c->flows, f, next) {
		if (!f->head)
			continue;
		if (f->receiver_closed || f->to->ended ||
		    (f->from->ended && f->to->endpoint.role == ROLE_BROWSER))
			settle(c, f, true);
		else if (f->from->ended)
			settle(c, f, false);
	}
}

void join_settle_channel(struct collector *c, struct endpoint one, struct endpoint other)
{
	struct flow *to_one = join_find(c, other, one), *from_one = join_find(c, one, other);

	if (to_one)
		settle(c, to_one, true);
	if (from_one)
		settle(c, from_one, false);
}

void join_note_counters(struct collector *c, struct traffic_process_state *p)
{
	struct flow *f, *next;

	HASH_ITER (hh, c->flows, f, next)
		if (f->head && (f->from == p || f->to == p))
			note_counters(f);
}

void join_forget(struct collector *c, struct traffic_process_state *p)
{
	struct flow *f, *next;

	HASH_ITER (hh, c->flows, f, next) {
		if (f->from != p && f->to != p)
			continue;
		flow_settle(f, true, UINT64_MAX, join_decided, c);
		while (f->waiting)
			keep_decided(c, flow_leave(f, f->waiting->event.type), TRAFFIC_UNKNOWN, 0);
		HASH_DELETE(hh, c->flows, f);
		free(f);
	}
}
