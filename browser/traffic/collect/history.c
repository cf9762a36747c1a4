/* See history.h. A ring of pointers, indexed by sequence number. */
#include "browser/traffic/collect/history.h"
#include <stdlib.h>
#include <string.h>

struct stored *stored_create(const struct traffic_event *event, const void *payload, uint32_t payload_bytes)
{
	uint32_t room = payload_bytes <= STORED_HEAD ? payload_bytes : 0;
	struct stored *s = malloc(sizeof *s + room);

	if (!s)
		return NULL;
	*s = (struct stored){ .event = *event, .references = 1, .room = room };
	s->event.payload = s->payload;
	s->event.payload_bytes = 0;
	if (!stored_set_payload(s, payload, payload_bytes)) {
		free(s);
		return NULL;
	}
	return s;
}

void stored_hold(struct stored *s)
{
	s->references++;
}

void stored_release(struct stored *s)
{
	if (!s || --s->references)
		return;
	if (s->event.payload != s->payload)
		free((void *)s->event.payload);
	free(s);
}

bool stored_set_payload(struct stored *s, const void *payload, uint32_t payload_bytes)
{
	uint8_t *room = s->payload;

	if (payload_bytes > s->room) {
		room = malloc(payload_bytes);
		if (!room)
			return false;
	}
	if (s->event.payload != s->payload)
		free((void *)s->event.payload);
	if (payload_bytes)
		memcpy(room, payload, payload_bytes);
	s->event.payload = room;
	s->event.payload_bytes = payload_bytes;
	return true;
}

size_t stored_bytes(const struct stored *s)
{
	size_t bytes = sizeof *s + s->room + STORED_OVERHEAD;

	return s->event.payload == s->payload ? bytes : bytes + s->event.payload_bytes + STORED_OVERHEAD;
}

bool stored_cut(struct stored *s)
{
	/* The rest of a message can be read in the log; half of a JSON object is nothing. */
	if (s->event.kind != TRAFFIC_MESSAGE || s->event.payload_bytes <= STORED_HEAD)
		return false;
	uint8_t *head = realloc((void *)s->event.payload, STORED_HEAD);

	if (!head)
		return false;
	s->event.payload = head;
	s->event.payload_bytes = STORED_HEAD;
	return true;
}

bool history_init(struct history *h, uint32_t max_events, size_t max_bytes)
{
	*h = (struct history){ .max_events = max_events, .max_bytes = max_bytes, .capacity = 1 };
	while (h->capacity < max_events)
		h->capacity *= 2;
	h->slots = calloc(h->capacity, sizeof *h->slots);
	return h->slots;
}

static void history_drop_oldest(struct history *h)
{
	struct stored **slot = &h->slots[h->first++ & (h->capacity - 1)];

	h->bytes -= stored_bytes(*slot);
	stored_release(*slot);
	*slot = NULL;
}

void history_finish(struct history *h)
{
	while (h->slots && h->first < h->end)
		history_drop_oldest(h);
	free(h->slots);
	h->slots = NULL;
}

static bool history_is_full(const struct history *h)
{
	return h->bytes > h->max_bytes;
}

/* What others hold as well is counted by them with its size, and stays as it is. */
static void history_cut_next(struct history *h)
{
	struct stored *s = h->slots[h->cut++ & (h->capacity - 1)];
	size_t before = stored_bytes(s);

	if (s->references == 1 && stored_cut(s))
		h->bytes -= before - stored_bytes(s);
}

/* The newest event always stays, whatever its size. */
static void history_bound(struct history *h)
{
	while (h->end - h->first > h->max_events)
		history_drop_oldest(h);
	if (h->cut < h->first)
		h->cut = h->first;
	while (history_is_full(h) && h->cut + HISTORY_WHOLE < h->end)
		history_cut_next(h);
	while (history_is_full(h) && h->end - h->first > 1)
		history_drop_oldest(h);
}

void history_append(struct history *h, struct stored *s)
{
	if (h->end - h->first == h->capacity)
		history_drop_oldest(h);
	s->event.sequence = h->end;
	h->slots[h->end++ & (h->capacity - 1)] = s;
	h->bytes += stored_bytes(s);
	stored_hold(s);
	history_bound(h);
}

void history_grew(struct history *h, size_t bytes)
{
	h->bytes += bytes;
	history_bound(h);
}

struct stored *history_get(const struct history *h, uint64_t sequence)
{
	if (sequence < h->first || sequence >= h->end)
		return NULL;
	return h->slots[sequence & (h->capacity - 1)];
}
