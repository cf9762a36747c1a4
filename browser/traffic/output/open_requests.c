/* See open_requests.h. A hash with chains by number, over a ring of entries. */
#include "browser/traffic/output/open_requests.h"
#include <stddef.h>
#include <string.h>

static uint16_t *slot_of(struct open_requests *r, uint64_t id)
{
	uint64_t mixed = id * UINT64_C(0x9e3779b97f4a7c15);

	return &r->slots[mixed >> 51];
}

/* What points to that entry, or to the end of its chain. */
static uint16_t *find(struct open_requests *r, uint64_t id)
{
	uint16_t *at = slot_of(r, id);

	while (*at && r->entries[*at - 1].id != id)
		at = &r->entries[*at - 1].next;
	return at;
}

static struct open_request *take_out(struct open_requests *r, uint16_t *at)
{
	struct open_request *entry = &r->entries[*at - 1];

	*at = entry->next;
	entry->id = 0;
	return entry;
}

static struct open_request *put_in(struct open_requests *r, uint64_t id, bool answered)
{
	struct open_request *entry = &r->entries[r->next];

	if (entry->id) {
		r->given_up += !entry->answered;
		take_out(r, find(r, entry->id));
	}
	uint16_t *slot = slot_of(r, id);
	*entry = (struct open_request){ .id = id, .answered = answered, .next = *slot };
	*slot = (uint16_t)(r->next + 1);
	r->next = (r->next + 1) % OPEN_REQUESTS;
	return entry;
}

struct open_request *open_requests_ask(struct open_requests *r, uint64_t id)
{
	uint16_t *at = find(r, id);

	if (!*at)
		return put_in(r, id, false);
	if (!r->entries[*at - 1].answered)
		return &r->entries[*at - 1]; /* the same id twice: a forged log */
	take_out(r, at);
	return NULL;
}

struct open_request *open_requests_answer(struct open_requests *r, uint64_t id)
{
	uint16_t *at = find(r, id);

	if (*at && !r->entries[*at - 1].answered)
		return take_out(r, at);
	if (!*at)
		put_in(r, id, true);
	return NULL;
}
