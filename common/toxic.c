/* See toxic.h. */
#include "common/toxic.h"
#include "common/channel_internal.h"
#include "common/lane.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define MILLION	  1000000u
#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_S  UINT64_C(1000000000)

struct toxic_placed {
	struct lane *lane;
	uint64_t random, amount, spread;
	uint64_t passed;  /* cut: bytes so far */
	uint64_t free_ns; /* bandwidth: when the line is free again */
	uint32_t number, ppm;
	enum toxic kind;
	uint16_t message;
	char field[33];
};

static struct toxic_placed toxics[TOXIC_MAX]; /* packed, in the order of placing */
static unsigned ntoxics;

void (*toxic_ended)(void *arg, uint32_t toxic, enum toxic_end why);
void *toxic_ended_arg;

/* splitmix64 (Steele, Lea, Flood 2014): every seed is as good as another. */
static uint64_t toxic_draw(struct toxic_placed *t)
{
	uint64_t z = t->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static struct lane *toxic_lane(const struct channel *c)
{
	for (unsigned i = 0; i < ntoxics; i++)
		if (toxics[i].lane->channel == c)
			return toxics[i].lane;
	return NULL;
}

/* Each changes what is to become of the message. false: it found nothing to do. */

static bool toxic_latency(struct toxic_placed *t, struct held *h)
{
	uint64_t least = t->amount > t->spread ? t->amount - t->spread : 0, most = t->amount + t->spread;

	h->due_ns += (least + toxic_draw(t) % (most - least + 1)) * NS_PER_MS;
	return true;
}

static bool toxic_bandwidth(struct toxic_placed *t, struct held *h)
{
	uint64_t rate = t->amount ? t->amount : 1, bytes = h->bytes + sizeof(struct ipc_header);

	t->free_ns = (t->free_ns > h->due_ns ? t->free_ns : h->due_ns) + bytes * NS_PER_S / rate;
	h->due_ns = t->free_ns;
	return true;
}

static bool toxic_drop(struct toxic_placed *t, struct held *h)
{
	(void)t;
	h->dropped = true;
	return true;
}

/* The duplicate itself is made by toxic_run(). A duplicate is not duplicated again: there would be no end. */
static bool toxic_duplicate(struct toxic_placed *t, struct held *h)
{
	(void)t;
	return !h->again;
}

static bool toxic_reorder(struct toxic_placed *t, struct held *h)
{
	(void)t;
	h->swaps = true;
	return true;
}

static bool toxic_corrupt(struct toxic_placed *t, struct held *h)
{
	size_t at = 0, bytes = 1;
	uint64_t draw = toxic_draw(t);

	if (!h->bytes)
		return false;
	if (t->field[0]) {
		if (!ipc_find_field(h->type, h->fields, h->bytes, t->field, &at, &bytes) || !bytes)
			return false;
	} else {
		at = (t->amount == TOXIC_ANY_BYTE ? draw >> 8 : t->amount) % h->bytes;
	}
	/* Another value for certain: its last byte that is drawn changes by what is not 0. */
	if (bytes > 8) {
		at += draw % bytes;
		bytes = 1;
	}
	for (size_t i = 0; i < bytes; i++)
		h->fields[at + i] ^= (uint8_t)(toxic_draw(t) % 255 + 1);
	return true;
}

static bool toxic_cut(struct toxic_placed *t, struct held *h)
{
	t->passed += h->bytes + sizeof(struct ipc_header);
	h->cuts = t->passed > t->amount;
	return h->cuts;
}

static bool (*const act[TOXIC_COUNT])(struct toxic_placed *, struct held *) = {
	[TOXIC_LATENCY] = toxic_latency, [TOXIC_BANDWIDTH] = toxic_bandwidth,
	[TOXIC_DROP] = toxic_drop,	 [TOXIC_DUPLICATE] = toxic_duplicate,
	[TOXIC_REORDER] = toxic_reorder, [TOXIC_CORRUPT] = toxic_corrupt,
	[TOXIC_CUT] = toxic_cut,
};

static bool toxic_concerns(struct toxic_placed *t, uint16_t type)
{
	if (t->message != TOXIC_ANY_MESSAGE && t->message != type)
		return false;
	return t->ppm >= MILLION || toxic_draw(t) % MILLION < t->ppm;
}

/* A message of its own: the same fields, an id of its own, the same cause. */
static struct held *toxic_copy(const struct held *h)
{
	int fd = h->fd == -1 ? -1 : fcntl(h->fd, F_DUPFD_CLOEXEC, 0);
	struct held *copy = h->fd != -1 && fd == -1 ? NULL : held_create(h->type, h->fields, h->bytes, fd);

	if (copy) {
		copy->due_ns = h->due_ns;
		copy->again = true;
		/* The first of them is the one that waited. */
		copy->past.hand &= ~(uint32_t)RECORD_WAITED;
		copy->nacts = h->nacts;
		memcpy(copy->acts, h->acts, sizeof h->acts);
	}
	return copy;
}

static void toxic_mark(struct held *h, const struct toxic_placed *t)
{
	if (h->nacts < LANE_ACTS)
		h->acts[h->nacts++] = (struct toxic_act){ t->number, t->kind };
}

/*
 * Let the toxics act, from that one on, in the order of their placing; then into the lane. A duplicate goes
 * through the rest of them as its original does, and behind it.
 */
static void toxic_run(struct lane *lane, struct held *h, unsigned first)
{
	for (unsigned i = first; i < ntoxics && !h->dropped && !h->cuts; i++) {
		struct toxic_placed *t = &toxics[i];
		struct held *copy;

		if (t->lane != lane || !toxic_concerns(t, h->type) || !act[t->kind](t, h))
			continue;
		if (t->kind != TOXIC_DUPLICATE) {
			toxic_mark(h, t);
			continue;
		}
		copy = toxic_copy(h);
		if (!copy)
			continue;
		/* It is the second one that nobody sent. */
		toxic_mark(copy, t);
		toxic_run(lane, h, i + 1);
		toxic_run(lane, copy, i + 1);
		return;
	}
	lane_push(lane, h);
}

static bool toxic_before_send(struct channel *c, uint16_t type, const uint8_t *fields, size_t bytes, int fd)
{
	struct lane *lane = toxic_lane(c);
	struct held *h = lane ? held_create(type, fields, bytes, fd) : NULL;

	if (!h)
		return false;
	h->due_ns = h->came_ns;
	toxic_run(lane, h, 0);
	return true;
}

static void toxic_forget(unsigned i)
{
	ntoxics--;
	memmove(&toxics[i], &toxics[i + 1], (ntoxics - i) * sizeof *toxics);
	if (!ntoxics) {
		channel_hooks.before_send = NULL;
		channel_hooks.closing = NULL;
	}
}

/* The channel goes, and with it what is held for it. */
static void toxic_channel_closing(struct channel *c)
{
	struct lane *lane = toxic_lane(c);

	if (!lane)
		return;
	for (unsigned i = ntoxics; i-- > 0;) {
		uint32_t number = toxics[i].number;

		if (toxics[i].lane != lane)
			continue;
		toxic_forget(i);
		if (toxic_ended)
			toxic_ended(toxic_ended_arg, number,
				    lane->full ? TOXIC_END_NO_ROOM : TOXIC_END_CHANNEL_CLOSED);
	}
	lane_finish(lane);
	free(lane);
}

bool toxic_place(struct channel *c, const struct ipc_place_toxic *m)
{
	struct lane *lane = toxic_lane(c);

	if (ntoxics == TOXIC_MAX)
		return false;
	if (!lane) {
		lane = malloc(sizeof *lane);
		if (!lane)
			return false;
		lane_init(lane, c);
	}
	struct toxic_placed *t = &toxics[ntoxics++];

	*t = (struct toxic_placed){ .lane = lane,
				    .number = m->toxic,
				    .kind = m->kind,
				    .message = m->message,
				    .ppm = m->ppm,
				    .random = m->seed,
				    .amount = m->amount,
				    .spread = m->spread };
	memcpy(t->field, m->field.text, m->field.length < sizeof t->field ? m->field.length : 0);
	channel_hooks.before_send = toxic_before_send;
	channel_hooks.closing = toxic_channel_closing;
	return true;
}

bool toxic_remove(uint32_t toxic)
{
	for (unsigned i = 0; i < ntoxics; i++) {
		if (toxics[i].number != toxic)
			continue;
		struct lane *lane = toxics[i].lane;
		struct channel *c = lane->channel;

		toxic_forget(i);
		lane_release(lane);
		if (!toxic_lane(c)) {
			lane_finish(lane);
			free(lane);
		}
		return true;
	}
	return false;
}
