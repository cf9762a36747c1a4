/* See lane.h. */
#include "common/lane.h"
#include "common/channel_internal.h"
#include "common/toxic.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NS_PER_MS UINT64_C(1000000)

struct held *held_create(uint16_t type, const uint8_t *fields, size_t bytes, int fd)
{
	struct held *h = malloc(sizeof *h + bytes);

	if (!h)
		return NULL;
	*h = (struct held){
		.cause = cause_current(),
		.came_ns = recorder_now(),
		.fd = fd,
		.type = type,
		.bytes = bytes,
		.past = channel_history(),
	};
	memcpy(h->fields, fields, bytes);
	return h;
}

void held_free(struct held *h)
{
	if (h && h->fd != -1)
		close(h->fd);
	free(h);
}

/* Memory that it takes: messages without fields are bounded, too. */
static size_t held_size(const struct held *h)
{
	return sizeof *h + h->bytes;
}

static unsigned held_marks(const struct held *h, struct record_toxic marks[LANE_ACTS])
{
	uint64_t held_ns = recorder_now() - h->came_ns;

	for (unsigned i = 0; i < h->nacts; i++)
		marks[i] = (struct record_toxic){ h->acts[i].toxic, h->acts[i].kind, held_ns };
	return h->nacts;
}

/* The channel counted a request when it was sent: nobody replies to what nobody gets, and to a duplicate they
 * reply once more. */
static void lane_count_request(struct channel *c, const struct held *h, bool dropped)
{
	uint32_t *awaited = &c->requests[h->type < IPC_COUNT ? h->type : 0];

	if (h->type >= IPC_COUNT || ipc_messages[h->type].reply < 0 || dropped == h->again)
		return;
	if (!dropped)
		++*awaited;
	else if (*awaited)
		--*awaited;
}

/* Send it on, or drop it, and let go of it. */
static void lane_emit(struct lane *l, struct held *h)
{
	uint64_t cause = cause_current();
	struct record_toxic marks[LANE_ACTS];
	struct channel_parcel parcel = { .fields = h->fields,
					 .bytes = h->bytes,
					 .type = h->type,
					 .fd = h->fd,
					 .dropped = h->dropped || h->cuts,
					 .hand = h->past.hand,
					 .hold = &h->past.hold,
					 .marks = marks,
					 .nmarks = held_marks(h, marks) };

	lane_count_request(l->channel, h, parcel.dropped);
	cause_set(h->cause);
	if (channel_emit(l->channel, &parcel) && !parcel.dropped)
		h->fd = -1;
	cause_set(cause);
	if (h->cuts) {
		channel_flush(l->channel);
		channel_end(l->channel, CHANNEL_END_EOF);
	}
	held_free(h);
}

/* In its turn: one that swaps steps aside, and any other brings back the one that did. */
static void lane_pass(struct lane *l, struct held *h)
{
	struct held *swapped = l->swapped;

	if (h->swaps && !swapped) {
		l->swapped = h;
		h->due_ns = recorder_now() + TOXIC_REORDER_MS * NS_PER_MS;
		return;
	}
	/* What is sent while this one is must not find the other. */
	l->swapped = NULL;
	lane_emit(l, h);
	if (swapped)
		lane_emit(l, swapped);
}

static void lane_schedule(struct lane *l)
{
	uint64_t now = recorder_now(), due = UINT64_MAX;

	if (l->head)
		due = l->head->due_ns;
	if (l->swapped && l->swapped->due_ns < due)
		due = l->swapped->due_ns;
	if (due == UINT64_MAX)
		task_cancel(&l->timer);
	else
		task_schedule(&l->timer, due > now ? (unsigned)((due - now + NS_PER_MS - 1) / NS_PER_MS) : 0);
}

static struct held *lane_take(struct lane *l)
{
	struct held *h = l->head;

	l->head = h->next;
	if (!l->head)
		l->tail = &l->head;
	l->bytes -= held_size(h);
	l->fds -= h->fd != -1;
	return h;
}

static void lane_run(void *arg)
{
	struct lane *l = arg;
	uint64_t now = recorder_now();

	while (l->head && l->head->due_ns <= now)
		lane_pass(l, lane_take(l));
	if (l->swapped && l->swapped->due_ns <= now) {
		struct held *swapped = l->swapped;

		l->swapped = NULL;
		lane_emit(l, swapped);
	}
	lane_schedule(l);
}

void lane_init(struct lane *l, struct channel *c)
{
	*l = (struct lane){ .channel = c };
	l->tail = &l->head;
	task_init(&l->timer, lane_run, l);
}

void lane_finish(struct lane *l)
{
	while (l->head)
		held_free(lane_take(l));
	held_free(l->swapped);
	l->swapped = NULL;
	task_finish(&l->timer);
}

void lane_push(struct lane *l, struct held *h)
{
	/* Nothing overtakes. */
	if (h->due_ns < l->last_due_ns)
		h->due_ns = l->last_due_ns;
	l->last_due_ns = h->due_ns;
	if (!l->head && h->due_ns <= h->came_ns) {
		lane_pass(l, h);
		lane_schedule(l);
		return;
	}
	if (l->bytes + held_size(h) > CHANNEL_MAX_BYTES || (h->fd != -1 && l->fds >= l->channel->max_fds)) {
		held_free(h);
		l->full = true;
		channel_end(l->channel, CHANNEL_END_OVERFLOW);
		return;
	}
	h->next = NULL;
	*l->tail = h;
	l->tail = &h->next;
	l->bytes += held_size(h);
	l->fds += h->fd != -1;
	lane_schedule(l);
}

void lane_release(struct lane *l)
{
	struct held *swapped = l->swapped;

	l->swapped = NULL;
	if (swapped)
		lane_emit(l, swapped);
	while (l->head)
		lane_emit(l, lane_take(l));
	l->last_due_ns = 0;
	task_cancel(&l->timer);
}
