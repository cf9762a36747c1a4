/* What breakpoints hold, and what becomes of it: see breakpoints.h. What the browser's own channels hold is
 * in common/hold.c's hands, what children hold in theirs; this is the list of both. */
#include "browser/browser.h"
#include "browser/process/host.h"
#include "browser/traffic/breakpoint/breakpoints_internal.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static bool is_same(struct endpoint a, struct endpoint b)
{
	return a.role == b.role && a.serial == b.serial;
}

static uint64_t wall_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static struct traffic_event make_event(struct endpoint from, struct endpoint to, const struct ipc_header *h,
				       const uint8_t *fields)
{
	uint32_t bytes = h->length - (uint32_t)sizeof *h;

	return (struct traffic_event){ .kind = TRAFFIC_MESSAGE,
				       .status = TRAFFIC_HELD,
				       .ts_us = wall_us(),
				       .id = h->id,
				       .cause = h->cause,
				       .queued_ns = TRAFFIC_NO_TIME,
				       .handled_ns = TRAFFIC_NO_TIME,
				       .from = from,
				       .to = to,
				       .payload = fields,
				       .bytes = bytes,
				       .payload_bytes = bytes,
				       .type = h->type };
}

struct traffic_event held_event(struct channel *c, enum hold_way way, const struct hold_view *v)
{
	struct endpoint us = { ROLE_BROWSER, 0 }, peer = channel_peer(c);
	struct traffic_event event = way == HOLD_INCOMING ? make_event(peer, us, &v->header, v->fields)
							  : make_event(us, peer, &v->header, v->fields);

	event.fds = v->fd != -1;
	event.marks = (uint8_t)v->hand;
	return event;
}

/* The list. */

static void tell(struct breakpoints *list)
{
	for (struct process_host *p = list->browser->processes->first; p; p = p->next)
		p->on_hold = breakpoints_hold(list, p->name);
	browser_tell(list->browser, CHANGED_TRAFFIC | CHANGED_PROCESSES);
}

static bool set_fields(struct held_message *m, const uint8_t *fields, uint32_t bytes)
{
	uint8_t *copy = malloc(bytes + 1);

	if (!copy)
		return false;
	if (bytes)
		memcpy(copy, fields, bytes);
	free((void *)m->event.payload);
	m->event.payload = copy;
	m->event.bytes = m->event.payload_bytes = bytes;
	return true;
}

static void set_breakpoint(struct breakpoints *list, struct held_message *m, uint32_t number)
{
	m->breakpoint = m->event.breakpoint = number;
	for (struct breakpoint *p = list->first; p; p = p->next)
		if (p->number == number) {
			m->stepped = !breakpoint_matches(p, list->browser->collector, &m->event);
			p->hits += !m->stepped;
		}
}

static void say_held(struct breakpoints *list, const struct held_message *m)
{
	char from[ENDPOINT_TEXT], to[ENDPOINT_TEXT], name[TRAFFIC_NAME_TEXT];

	browser_say(list->browser,
		    "message %u is held by breakpoint %u: %s -> %s %s (:continue :step :drop :edit)",
		    m->number, m->breakpoint, endpoint_text(m->event.from, from),
		    endpoint_text(m->event.to, to), traffic_name(&m->event, name));
}

struct held_message *held_add(struct breakpoints *list, const struct traffic_event *event,
			      uint32_t breakpoint)
{
	struct held_message *m = calloc(1, sizeof *m), **end = &list->held;

	if (!m)
		return NULL;
	m->event = *event;
	m->event.payload = NULL;
	if (!set_fields(m, event->payload, event->bytes)) {
		free(m);
		return NULL;
	}
	m->number = ++list->last_held;
	m->since_ns = recorder_now();
	set_breakpoint(list, m, breakpoint);
	while (*end)
		end = &(*end)->next;
	*end = m;
	say_held(list, m);
	tell(list);
	return m;
}

void held_take(struct breakpoints *list, struct held_message *m)
{
	struct held_message **at = &list->held;

	while (*at != m)
		at = &(*at)->next;
	*at = m->next;
	free((void *)m->event.payload);
	free(m);
	tell(list);
}

struct held_message *breakpoints_find_held(const struct breakpoints *list, uint32_t number)
{
	for (struct held_message *m = list->held; m; m = m->next)
		if (m->number == number)
			return m;
	return NULL;
}

static struct held_message *find_between(const struct breakpoints *list, struct endpoint from,
					 struct endpoint to)
{
	for (struct held_message *m = list->held; m; m = m->next)
		if (is_same(m->event.from, from) && is_same(m->event.to, to))
			return m;
	return NULL;
}

bool breakpoints_hold(const struct breakpoints *list, struct endpoint e)
{
	for (const struct held_message *m = list->held; m; m = m->next)
		if (is_same(m->event.from, e) || is_same(m->event.to, e))
			return true;
	return false;
}

static void forget_step(struct breakpoints *list, unsigned i)
{
	list->steps[i] = list->steps[--list->nsteps];
}

/* Is the next one there held whatever it is? Once. */
static bool take_step(struct breakpoints *list, struct endpoint from, struct endpoint to)
{
	for (unsigned i = 0; i < list->nsteps; i++)
		if (is_same(list->steps[i].from, from) && is_same(list->steps[i].to, to)) {
			forget_step(list, i);
			return true;
		}
	return false;
}

void held_lost(struct breakpoints *list, struct endpoint from, struct endpoint to)
{
	struct held_message *m = find_between(list, from, to);
	char one[ENDPOINT_TEXT], other[ENDPOINT_TEXT], name[TRAFFIC_NAME_TEXT];

	take_step(list, from, to);
	if (!m)
		return;
	browser_say(list->browser, "held message %u (%s) was dropped: the channel from %s to %s has ended",
		    m->number, traffic_name(&m->event, name), endpoint_text(from, one),
		    endpoint_text(to, other));
	held_take(list, m);
}

void held_forget_breakpoint(struct breakpoints *list, uint32_t breakpoint)
{
	for (struct held_message *m = list->held, *next; m; m = next) {
		next = m->next;
		if (m->breakpoint == breakpoint)
			held_take(list, m);
	}
	for (unsigned i = list->nsteps; i-- > 0;)
		if (list->steps[i].breakpoint == breakpoint)
			forget_step(list, i);
}

void breakpoints_lost_peer(struct breakpoints *list, struct endpoint at, struct endpoint other)
{
	held_lost(list, other, at);
}

void breakpoints_died(struct breakpoints *list, struct process_host *p)
{
	for (struct held_message *m = list->held, *next; m; m = next) {
		next = m->next;
		if (is_same(m->event.from, p->name) || is_same(m->event.to, p->name))
			held_take(list, m);
	}
	for (unsigned i = list->nsteps; i-- > 0;)
		if (is_same(list->steps[i].from, p->name) || is_same(list->steps[i].to, p->name))
			forget_step(list, i);
}

/* What becomes of it. */

/* The browser's channel that holds it. NULL: a child does. */
static struct channel *own_channel(const struct breakpoints *list, const struct held_message *m,
				   enum hold_way *way)
{
	bool incoming = m->event.to.role == ROLE_BROWSER;
	struct endpoint peer = incoming ? m->event.from : m->event.to;
	struct process_host *p;

	*way = incoming ? HOLD_INCOMING : HOLD_OUTGOING;
	if (!incoming && m->event.from.role != ROLE_BROWSER)
		return NULL;
	p = process_find(list->browser->processes, peer.role, peer.serial);
	return p ? p->channel : NULL;
}

unsigned breakpoints_behind(const struct breakpoints *list, const struct held_message *m)
{
	enum hold_way way;
	const struct channel *c = own_channel(list, m, &way);

	return c ? hold_behind(c, way)
		 : collector_behind(list->browser->collector, m->event.from, m->event.to);
}

bool breakpoints_edit(struct browser *b, uint32_t held, const uint8_t *fields, size_t bytes, const char **why)
{
	struct held_message *m = breakpoints_find_held(b->breakpoints, held);

	*why = "it is not held";
	if (!m)
		return false;
	*why = "faults are off (--no-faults): what is held may be looked at, and goes on as it is";
	if (b->options.no_faults)
		return false;
	*why = "that is too long for an edited message";
	if (bytes > BREAKPOINT_EDIT_BYTES)
		return false;
	*why = "no memory";
	if (!set_fields(m, fields, (uint32_t)bytes))
		return false;
	m->edited = true;
	m->event.marks |= TRAFFIC_EDITED;
	tell(b->breakpoints);
	return true;
}

static bool settle_own(struct channel *c, enum hold_way way, const struct held_message *m,
		       enum held_action action)
{
	return hold_settle(c, way,
			   &(struct hold_order){ .action = action,
						 .edited = m->edited,
						 .fields = m->event.payload,
						 .bytes = m->event.bytes });
}

static bool settle_child(struct breakpoints *list, const struct held_message *m, enum held_action action)
{
	struct endpoint from = m->event.from, to = m->event.to;
	struct process_host *p = process_find(list->browser->processes, to.role, to.serial);
	struct ipc_bytes fields = { m->event.payload, m->edited ? m->event.bytes : 0 };
	uint32_t marks =
		(m->edited ? RECORD_EDITED : 0) | (action == HELD_ACTION_DUPLICATE ? RECORD_DUPLICATED : 0);

	if (!process_is_up(p) || (action == HELD_ACTION_STEP && list->nsteps == BREAKPOINT_STEPS))
		return false;
	if (action == HELD_ACTION_STEP)
		list->steps[list->nsteps++] = (struct breakpoint_step){ from, to, m->breakpoint };
	if (marks)
		breakpoints_note_order(list,
				       &(struct breakpoint_order){ m->event.id, to, m->event.type, marks });
	ipc_send_settle_held(p->channel, from.role, from.serial, m->event.id, action, m->edited, fields);
	return true;
}

/* Whoever dies of it now does not die of itself. */
static void note_fault(struct breakpoints *list, const struct held_message *m, enum held_action action)
{
	static const char *const what[HELD_ACTION_COUNT] = { [HELD_ACTION_DROP] = "message dropped by hand",
							     [HELD_ACTION_DUPLICATE] =
								     "message duplicated by hand" };
	const char *fault = what[action] ? what[action] : m->edited ? "message edited by hand" : NULL;

	if (!fault)
		return;
	breakpoints_note_fault(list, m->event.from, fault);
	breakpoints_note_fault(list, m->event.to, fault);
}

bool breakpoints_settle(struct browser *b, uint32_t held, enum held_action action, const char **why)
{
	struct breakpoints *list = b->breakpoints;
	struct held_message *m = breakpoints_find_held(list, held);
	struct channel *c;
	enum hold_way way;

	*why = "it is not held";
	if (!m)
		return false;
	*why = "faults are off (--no-faults): what is held may be looked at, and goes on as it is";
	if (b->options.no_faults && (action == HELD_ACTION_DROP || action == HELD_ACTION_DUPLICATE))
		return false;
	*why = "it is not held any more";
	c = own_channel(list, m, &way);
	if (c ? !settle_own(c, way, m, action) : !settle_child(list, m, action))
		return false;
	note_fault(list, m, action);
	held_take(list, m);
	return true;
}

/* What a child says that it holds. */

static enum bad_message check_claim(struct browser *b, struct endpoint at, const struct ipc_did_hold *m)
{
	const struct ipc_message *message = m->type < IPC_COUNT ? &ipc_messages[m->type] : NULL;
	struct endpoint from = { m->role, m->serial };
	union ipc_any decoded;

	if (m->role == ROLE_BROWSER || !m->serial || m->serial > b->processes->serials[m->role] ||
	    m->id != ipc_make_id(m->role, m->serial, ipc_id_number(m->id)))
		return BAD_MESSAGE_WRONG_ID;
	if (!message || !breakpoints_believe_held(b->breakpoints, m->breakpoint, from, at) ||
	    find_between(b->breakpoints, from, at))
		return BAD_MESSAGE_NOT_IN_THIS_STATE;
	return ipc_decode(m->type, m->role, at.role, m->fields.data, m->fields.length, -1, &decoded);
}

/* Does it hold what it was told to? What was taken back meanwhile goes on by itself. */
static bool is_wanted(struct breakpoints *list, const struct traffic_event *event, uint32_t *breakpoint)
{
	const struct breakpoint *p;

	if (take_step(list, event->from, event->to))
		return true;
	p = breakpoints_match(list, event);
	if (p)
		*breakpoint = p->number;
	return p != NULL;
}

void browser_on_did_hold(struct browser *b, struct channel *c, const struct ipc_did_hold *m)
{
	struct endpoint at = channel_peer(c), from = { m->role, m->serial };
	struct ipc_header h = { .length = (uint32_t)sizeof h + m->fields.length,
				.type = m->type,
				.id = m->id,
				.cause = m->cause };
	struct traffic_event event = make_event(from, at, &h, m->fields.data);
	enum bad_message bad = check_claim(b, at, m);
	uint32_t breakpoint = m->breakpoint;

	if (bad) {
		channel_refuse(c, bad);
		return;
	}
	/* Of the dead nothing is held: their channel's end is on its way. Nor of those that it has no channel
	 * to, which may have been lost just now: nobody uninvolved goes without its pings for that. */
	if (!process_find(b->processes, from.role, from.serial) ||
	    !process_are_linked(b->processes, from, at))
		return;
	if (!is_wanted(b->breakpoints, &event, &breakpoint) || !held_add(b->breakpoints, &event, breakpoint))
		ipc_send_settle_held(c, from.role, from.serial, m->id, HELD_ACTION_PROCEED, false,
				     (struct ipc_bytes){ "", 0 });
}
