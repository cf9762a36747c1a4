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
		.cause = cause_current(), .came_ns = recorder_now(), .fd = fd, .type = type, .bytes = bytes
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

static void lane_record(struct channel *c, uint64_t id, const struct held *h)
{
	for (unsigned i = 0; i < h->nacts; i++) {
		struct record_toxic toxic = { .toxic = h->acts[i].toxic,
					      .kind = h->acts[i].kind,
					      .held_ns = recorder_now() - h->came_ns };

		channel_record_toxic(c, h->type, id, &toxic);
	}
}

/* Send it on, or drop it, and let go of it. */
static void lane_emit(struct lane *l, struct held *h)
{
	uint64_t cause = cause_current(), id;
	bool dropped = h->dropped || h->cuts;

	cause_set(h->cause);
	id = channel_emit(l->channel, h->type, h->fields, h->bytes, h->fd, dropped);
	if (id && !dropped)
		h->fd = -1;
	if (id && h->again && h->type < IPC_COUNT && ipc_messages[h->type].reply >= 0)
		l->channel->requests[h->type]++;
	if (id)
		lane_record(l->channel, id, h);
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
	lane_emit(l, h);
	l->swapped = NULL;
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
	l->bytes -= h->bytes;
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
	if (l->bytes + h->bytes > CHANNEL_MAX_BYTES || (h->fd != -1 && l->fds >= l->channel->max_fds)) {
		held_free(h);
		channel_end(l->channel, CHANNEL_END_OVERFLOW);
		return;
	}
	h->next = NULL;
	*l->tail = h;
	l->tail = &h->next;
	l->bytes += h->bytes;
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
