/* See toll.h. */
#include "browser/traffic/collect/toll.h"
#include "browser/traffic/collect/collector_internal.h"

/* The request whose reply is of that type, or -1. */
static int request_of(uint16_t reply)
{
	static int16_t requests[IPC_COUNT];
	static bool known;

	for (unsigned i = 0; !known && i < IPC_COUNT; i++)
		requests[i] = -1;
	for (unsigned i = 0; !known && i < IPC_COUNT; i++)
		if (ipc_messages[i].reply >= 0)
			requests[ipc_messages[i].reply] = (int16_t)i;
	known = true;
	return reply < IPC_COUNT ? requests[reply] : -1;
}

void toll_note_sent(struct flow *f, uint16_t type)
{
	if (type < IPC_COUNT && ipc_messages[type].reply >= 0 && f->requests[type] < UINT32_MAX)
		f->requests[type]++;
}

void toll_note_received(const struct collector *c, struct endpoint from, struct endpoint to, uint16_t type)
{
	int request = request_of(type);
	struct flow *asked = request >= 0 ? join_find(c, to, from) : NULL;

	if (asked && asked->requests[request])
		asked->requests[request]--;
}

void toll_add_request(struct toll *t, struct endpoint from, struct endpoint to, uint16_t type, uint32_t count)
{
	if (!count)
		return;
	t->requests += count;
	if (t->nfailed < TOLL_REQUESTS)
		t->failed[t->nfailed++] = (struct toll_request){ from, to, type, count };
}

static void toll_add_flow(struct toll *t, const struct flow *f, bool by)
{
	*(by ? &t->lost_by : &t->lost_to) += f->counts.lost - f->taken - f->dropped;
	t->taken += f->taken;
	t->dropped += f->dropped;
	for (const struct stored *s = f->head; s; s = s->next)
		t->undecided++;
	if (f->from->endpoint.role == ROLE_BROWSER)
		return;
	for (unsigned type = 0; type < IPC_COUNT; type++)
		toll_add_request(t, f->from->endpoint, f->to->endpoint, (uint16_t)type, f->requests[type]);
}

void collector_toll(const struct collector *c, struct endpoint dead, struct toll *out)
{
	const struct traffic_process_state *p = collector_find(c, dead);
	struct flow *f, *next;

	*out = (struct toll){ 0 };
	if (!p)
		return;
	HASH_ITER (hh, c->flows, f, next) {
		const struct traffic_process_state *other = f->from == p ? f->to : f->from;

		/* What an earlier death cost is that one's. */
		if ((f->from == p || f->to == p) && !(other->ended && other->ended_order < p->ended_order))
			toll_add_flow(out, f, f->from == p);
	}
}
