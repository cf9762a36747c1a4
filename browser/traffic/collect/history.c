/* See history.h. A ring of pointers, indexed by sequence number. */
#include "browser/traffic/collect/history.h"
#include <stdlib.h>
#include <string.h>

struct stored *stored_create(const struct traffic_event *event, const void *payload, uint32_t payload_bytes)
{
	struct stored *s = malloc(sizeof *s + payload_bytes);

	if (!s)
		return NULL;
	*s = (struct stored){ .event = *event, .references = 1, .room = payload_bytes };
	if (payload_bytes)
		memcpy(s->payload, payload, payload_bytes);
	s->event.payload = s->payload;
	s->event.payload_bytes = payload_bytes;
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
	return sizeof *s + s->room + (s->event.payload == s->payload ? 0 : s->event.payload_bytes);
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

/* The newest event always stays, whatever its size. */
static void history_bound(struct history *h)
{
	while (h->end - h->first > 1 && (h->end - h->first > h->max_events || h->bytes > h->max_bytes))
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
