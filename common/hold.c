/* See hold.h. */
#include "common/hold.h"
#include "common/channel_internal.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct hold_message {
	struct hold_message *next;
	struct ipc_header header;
	uint64_t came_ns;    /* CLOCK_MONOTONIC: since when it waits */
	uint32_t breakpoint; /* that held it, 0: it waits behind another */
	enum held_action action;
	bool settled, edited;
	uint32_t hand;
	int fd; /* its own, -1: none */
	uint8_t fields[];
};

/* One direction. */
struct hold_queue {
	struct hold_message *head, **tail;
	size_t bytes; /* of memory that they take */
	unsigned count, fds;
	uint32_t held_by; /* which breakpoint holds the head, 0: none does */
	uint32_t step;	  /* the next one is held for that one, whatever it is */
};

struct hold {
	struct channel *channel;
	bool watched;
	struct hold_queue queues[HOLD_WAYS];
	struct task work;
};

struct hold_watcher hold_watcher;

bool hold_passes(uint16_t type)
{
	return type == IPC_PING || type == IPC_PONG || type == IPC_DID_FILL_RECORDER ||
	       type == IPC_PLACE_BREAKPOINT || type == IPC_REMOVE_BREAKPOINT || type == IPC_SETTLE_HELD ||
	       type == IPC_DID_HOLD || type == IPC_SEND_BY_HAND;
}

static size_t view_bytes(const struct hold_view *v)
{
	return v->header.length - sizeof v->header;
}

static size_t message_size(const struct hold_message *m)
{
	return sizeof *m + m->header.length;
}

static struct hold_view view_of(const struct hold_message *m)
{
	return (struct hold_view){ m->header, m->fields, m->fd, m->hand };
}

static struct hold_message *message_create(const struct hold_view *v)
{
	struct hold_message *m = malloc(sizeof *m + view_bytes(v));

	if (!m)
		return NULL;
	*m = (struct hold_message){
		.header = v->header, .came_ns = recorder_now(), .fd = v->fd, .hand = v->hand
	};
	if (view_bytes(v))
		memcpy(m->fields, v->fields, view_bytes(v));
	return m;
}

static void message_free(struct hold_message *m)
{
	if (m->fd != -1)
		close(m->fd);
	free(m);
}

static void queue_push(struct hold_queue *q, struct hold_message *m)
{
	*q->tail = m;
	q->tail = &m->next;
	q->bytes += message_size(m);
	q->fds += m->fd != -1;
	q->count++;
}

static struct hold_message *queue_pop(struct hold_queue *q)
{
	struct hold_message *m = q->head;

	q->head = m->next;
	if (!q->head)
		q->tail = &q->head;
	q->bytes -= message_size(m);
	q->fds -= m->fd != -1;
	q->count--;
	return m;
}

/* What goes out has no id before it leaves. */
static void record_waiting(struct channel *c, const struct hold_message *m)
{
	channel_record_marked(c, RECORD_WAITING, &m->header, m->fd, BAD_MESSAGE_NONE, m->fields, m->hand);
}

/* Held, edited or dropped: told behind the message's own record. */
static void record_held(struct channel *c, enum record_kind kind, const struct hold_message *m)
{
	struct record_held held = { .breakpoint = m->breakpoint, .held_ns = recorder_now() - m->came_ns };
	struct ipc_header h = { .length = sizeof h + sizeof held,
				.type = m->header.type,
				.id = m->header.id };

	channel_record(c, kind, &h, -1, BAD_MESSAGE_NONE, (const uint8_t *)&held);
}

/* The head waits from now on, for that breakpoint. */
static void queue_hold(struct hold *h, enum hold_way way, uint32_t breakpoint)
{
	struct hold_queue *q = &h->queues[way];
	struct hold_message *m = q->head;
	struct hold_view view = view_of(m);
	uint64_t cause = cause_current();

	q->held_by = m->breakpoint = breakpoint;
	q->step = 0;
	record_held(h->channel, RECORD_HELD, m);
	cause_set(way == HOLD_INCOMING ? m->header.id : m->header.cause);
	hold_watcher.held(hold_watcher.arg, h->channel, way, &view, breakpoint);
	cause_set(cause);
}

/* Which breakpoint wants it, 0: none. The end of a channel is not put off. */
static uint32_t queue_wants(struct hold *h, enum hold_way way, const struct hold_view *v)
{
	if (!h->watched || h->channel->ending || h->channel->ended)
		return 0;
	if (h->queues[way].step)
		return h->queues[way].step;
	return hold_watcher.wants(hold_watcher.arg, h->channel, way, v);
}

bool hold_take(struct channel *c, enum hold_way way, const struct hold_view *v)
{
	struct hold *h = c->hold;
	struct hold_queue *q = &h->queues[way];
	struct hold_message *m;
	uint32_t breakpoint = 0;

	if (hold_passes(v->header.type))
		return false;
	if (!q->head && !(breakpoint = queue_wants(h, way, v)))
		return false;
	m = message_create(v);
	if (!m || q->bytes + message_size(m) > CHANNEL_MAX_BYTES || (v->fd != -1 && q->fds >= c->max_fds)) {
		if (v->fd != -1)
			close(v->fd);
		free(m);
		channel_end(c, CHANNEL_END_OVERFLOW);
		return true;
	}
	queue_push(q, m);
	if (way == HOLD_OUTGOING)
		record_waiting(c, m);
	if (breakpoint)
		queue_hold(h, way, breakpoint);
	return true;
}

/* Going on. */

static bool deliver(struct channel *c, struct hold_message *m, uint32_t marks)
{
	struct hold_view v = view_of(m);

	m->fd = -1; /* whatever becomes of it */
	return channel_deliver(c, &v, marks);
}

static void act_incoming(struct channel *c, struct hold_message *m)
{
	uint32_t marks = m->edited ? RECORD_EDITED : 0;
	int again = m->fd != -1 && m->action == HELD_ACTION_DUPLICATE ? fcntl(m->fd, F_DUPFD_CLOEXEC, 0) : -1;

	if (m->action == HELD_ACTION_DROP) {
		record_held(c, RECORD_DROPPED, m);
		return;
	}
	if (deliver(c, m, marks) && m->action == HELD_ACTION_DUPLICATE && !c->closed && !c->ending) {
		m->fd = again;
		deliver(c, m, marks | RECORD_DUPLICATED);
	} else if (again != -1) {
		close(again);
	}
}

/* The channel counted a request when it was sent: nobody replies to what nobody gets, and to a duplicate they
 * reply once more. */
static void count_request(struct channel *c, uint16_t type, int more)
{
	if (type >= IPC_COUNT || ipc_messages[type].reply < 0)
		return;
	if (more > 0 || c->requests[type])
		c->requests[type] += (uint32_t)more;
}

static struct channel_parcel make_parcel(const struct hold_message *m, const struct record_held *held)
{
	return (struct channel_parcel){
		.fields = m->fields,
		.bytes = view_bytes(&(struct hold_view){ .header = m->header }),
		.type = m->header.type,
		.fd = m->fd,
		.dropped = m->action == HELD_ACTION_DROP,
		.hold = held,
		.hand = m->hand | RECORD_WAITED | (m->edited ? RECORD_EDITED : 0),
	};
}

/* It never leaves, and that is told too. */
static void give_up(struct channel *c, struct hold_message *m)
{
	struct record_held held = { .breakpoint = m->breakpoint, .held_ns = recorder_now() - m->came_ns };
	struct channel_parcel parcel = make_parcel(m, &held);
	uint64_t cause = cause_current();

	parcel.dropped = true;
	cause_set(m->header.cause);
	channel_record_unsent(c, &parcel);
	cause_set(cause);
}

static void act_outgoing(struct channel *c, struct hold_message *m)
{
	struct record_held held = { .breakpoint = m->breakpoint, .held_ns = recorder_now() - m->came_ns };
	struct channel_parcel parcel = make_parcel(m, &held);
	int again = m->fd != -1 && m->action == HELD_ACTION_DUPLICATE ? fcntl(m->fd, F_DUPFD_CLOEXEC, 0) : -1;
	uint64_t cause = cause_current();

	if (parcel.dropped)
		count_request(c, parcel.type, -1);
	cause_set(m->header.cause);
	if (!channel_resume(c, &parcel))
		give_up(c, m);
	else if (!parcel.dropped)
		m->fd = -1;
	if (m->action == HELD_ACTION_DUPLICATE) {
		count_request(c, parcel.type, 1);
		parcel.fd = again;
		parcel.hand = (parcel.hand & ~(uint32_t)RECORD_WAITED) | RECORD_DUPLICATED;
		if (channel_resume(c, &parcel))
			again = -1;
	}
	cause_set(cause);
	if (again != -1)
		close(again);
}

static bool queue_is_stuck(const struct hold_queue *q)
{
	return !q->head || q->held_by;
}

/* Look at the head, and let it go on unless it is wanted. false: that is all for now. */
static bool queue_advance(struct hold *h, enum hold_way way)
{
	static void (*const act[HOLD_WAYS])(struct channel *, struct hold_message *) = { act_incoming,
											 act_outgoing };
	struct hold_queue *q = &h->queues[way];
	struct channel *c = h->channel;

	if (queue_is_stuck(q) || c->ended || (c->ending && !hold_drains(c)))
		return false;
	if (!q->head->settled) {
		struct hold_view v = view_of(q->head);
		uint32_t breakpoint = queue_wants(h, way, &v);

		if (breakpoint) {
			queue_hold(h, way, breakpoint);
			return false;
		}
	}
	struct hold_message *m = queue_pop(q);

	act[way](c, m);
	message_free(m);
	return c->hold && !c->yielded;
}

static void hold_free(struct channel *c)
{
	for (int way = 0; way < HOLD_WAYS; way++)
		while (c->hold->queues[way].head)
			message_free(queue_pop(&c->hold->queues[way]));
	task_finish(&c->hold->work);
	free(c->hold);
	c->hold = NULL;
}

static void hold_schedule(struct hold *h)
{
	bool idle = true;

	for (int way = 0; way < HOLD_WAYS; way++) {
		idle &= !h->queues[way].head;
		if (!queue_is_stuck(&h->queues[way])) {
			task_schedule(&h->work, 0);
			return;
		}
	}
	if (idle && !h->watched)
		hold_free(h->channel);
}

static void hold_work(void *arg)
{
	struct hold *h = arg;
	struct channel *c = h->channel;

	c->busy = true;
	c->yielded = false;
	for (int way = 0; way < HOLD_WAYS && c->hold; way++)
		for (unsigned n = 0; n < CHANNEL_TURN_MESSAGES && c->hold && queue_advance(h, way); n++)
			;
	c->busy = false;
	if (c->closed)
		channel_free(c);
	else if (c->hold && !c->ended)
		hold_schedule(c->hold);
}

/* Told what to do. */

bool hold_watch(struct channel *c)
{
	if (!c->hold) {
		c->hold = calloc(1, sizeof *c->hold);
		if (!c->hold)
			return false;
		c->hold->channel = c;
		for (int way = 0; way < HOLD_WAYS; way++)
			c->hold->queues[way].tail = &c->hold->queues[way].head;
		task_init(&c->hold->work, hold_work, c->hold);
	}
	c->hold->watched = true;
	return true;
}

static bool queue_settle(struct hold *h, enum hold_way way, const struct hold_order *o)
{
	struct hold_queue *q = &h->queues[way];
	struct hold_message *m = q->head;

	if (!q->held_by)
		return false;
	if (o->edited) {
		struct hold_view v = view_of(m);

		v.header.length = (uint32_t)(sizeof v.header + o->bytes);
		v.fields = o->fields;
		struct hold_message *edited = message_create(&v);
		if (!edited)
			return false;
		edited->came_ns = m->came_ns;
		edited->breakpoint = m->breakpoint;
		edited->edited = true;
		m->fd = -1; /* it is the other's now, who counts for it */
		q->bytes += message_size(edited) - message_size(m);
		edited->next = m->next;
		if (!edited->next)
			q->tail = &edited->next;
		q->head = edited;
		message_free(m);
		m = edited;
	}
	m->settled = true;
	m->action = o->action;
	q->step = o->action == HELD_ACTION_STEP ? q->held_by : 0;
	q->held_by = 0;
	hold_schedule(h);
	return true;
}

bool hold_settle(struct channel *c, enum hold_way way, const struct hold_order *o)
{
	return c && c->hold && queue_settle(c->hold, way, o);
}

void hold_unwatch(struct channel *c)
{
	static const struct hold_order go_on = { .action = HELD_ACTION_PROCEED };

	if (!c || !c->hold)
		return;
	c->hold->watched = false;
	for (int way = 0; way < HOLD_WAYS; way++)
		if (c->hold && c->hold->queues[way].held_by)
			queue_settle(c->hold, way, &go_on);
	if (c->hold && !c->busy)
		hold_schedule(c->hold);
}

void hold_forget(uint32_t breakpoint)
{
	static const struct hold_order go_on = { .action = HELD_ACTION_PROCEED };

	for (struct channel *c = channels; c; c = c->next)
		for (int way = 0; way < HOLD_WAYS && c->hold; way++) {
			struct hold_queue *q = &c->hold->queues[way];

			if (q->step == breakpoint)
				q->step = 0;
			if (q->held_by == breakpoint)
				queue_settle(c->hold, way, &go_on);
		}
}

uint32_t hold_holds(const struct channel *c, enum hold_way way, struct hold_view *view)
{
	const struct hold_queue *q = c && c->hold ? &c->hold->queues[way] : NULL;

	if (!q || !q->held_by)
		return 0;
	if (view)
		*view = view_of(q->head);
	return q->held_by;
}

unsigned hold_behind(const struct channel *c, enum hold_way way)
{
	return hold_holds(c, way, NULL) ? c->hold->queues[way].count - 1 : 0;
}

bool hold_drains(const struct channel *c)
{
	return c->hold && c->end == CHANNEL_END_EOF && !c->ended &&
	       !queue_is_stuck(&c->hold->queues[HOLD_INCOMING]);
}

void hold_close(struct channel *c)
{
	for (struct hold_message *m = c->hold->queues[HOLD_OUTGOING].head; m; m = m->next)
		give_up(c, m);
	for (int way = 0; way < HOLD_WAYS; way++) {
		struct hold_queue *q = &c->hold->queues[way];

		if (!q->held_by)
			continue;
		if (way == HOLD_INCOMING)
			record_held(c, RECORD_DROPPED, q->head);
		q->held_by = 0;
		hold_watcher.gone(hold_watcher.arg, c, way);
	}
	hold_free(c);
}
