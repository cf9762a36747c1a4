/*
 * See chain.h. Two tables of buckets over the numbers of events, newest first in each bucket. A link to an
 * event that the history has dropped ends its bucket, since all behind it are older still: nothing is ever
 * taken out.
 */
#include "browser/traffic/collect/chain.h"
#include <stdlib.h>
#include <string.h>

#define NOTHING	  UINT32_MAX
#define STEPS_MAX 10000 /* from effect to cause */

/* Numbers of events are kept as their low 32 bits: those in memory are near each other. */
struct chain_slot {
	uint64_t id, cause;
	uint32_t next_id, next_cause;
};

struct chain {
	const struct collector *collector;
	uint64_t seed; /* so that no child can choose ids that fall into one bucket */
	uint64_t next; /* the first event that is not in yet */
	uint32_t mask;
	uint32_t *ids, *causes; /* buckets */
	struct chain_slot *slots;
	uint64_t nameless[CHAIN_NAMELESS]; /* events that have no ids yet */
	unsigned nnameless;
};

struct chain *chain_create(const struct collector *c)
{
	struct chain *chain = calloc(1, sizeof *chain);
	uint32_t capacity = 1;

	if (!chain)
		return NULL;
	while (capacity < COLLECTOR_EVENTS)
		capacity *= 2;
	chain->collector = c;
	chain->mask = capacity - 1;
	chain->ids = malloc(capacity * sizeof *chain->ids);
	chain->causes = malloc(capacity * sizeof *chain->causes);
	chain->slots = calloc(capacity, sizeof *chain->slots);
	if (!chain->ids || !chain->causes || !chain->slots) {
		chain_destroy(chain);
		return NULL;
	}
	memset(chain->ids, 0xff, capacity * sizeof *chain->ids);
	memset(chain->causes, 0xff, capacity * sizeof *chain->causes);
	chain->seed = id_seed();
	return chain;
}

void chain_destroy(struct chain *chain)
{
	if (!chain)
		return;
	free(chain->ids);
	free(chain->causes);
	free(chain->slots);
	free(chain);
}

static uint32_t bucket_of(const struct chain *chain, uint64_t id)
{
	return (uint32_t)id_hash(id, chain->seed) & chain->mask;
}

/* The slot that a link leads to, *left being how many events could lie that way: each link leads further
 * back. NULL: no further. */
static const struct chain_slot *follow(const struct chain *chain, uint32_t link, uint64_t *left,
				       uint64_t *sequence)
{
	uint64_t first = collector_first(chain->collector);
	uint32_t distance = link - (uint32_t)first;

	if (link == NOTHING || distance >= *left)
		return NULL;
	*left = distance;
	*sequence = first + distance;
	return &chain->slots[link & chain->mask];
}

/* How many of the events that are indexed are still in memory. */
static uint64_t indexed(const struct chain *chain)
{
	uint64_t first = collector_first(chain->collector);

	return chain->next > first ? chain->next - first : 0;
}

const struct traffic_event *chain_find(const struct chain *chain, uint64_t id)
{
	uint64_t left = indexed(chain), sequence;
	const struct chain_slot *slot;

	if (!id)
		return NULL;
	for (uint32_t link = chain->ids[bucket_of(chain, id)]; (slot = follow(chain, link, &left, &sequence));
	     link = slot->next_id)
		if (slot->id == id)
			return collector_event(chain->collector, sequence);
	return NULL;
}

static void take(struct chain *chain, const struct traffic_event *e)
{
	uint32_t number = (uint32_t)e->sequence;
	struct chain_slot *slot = &chain->slots[number & chain->mask];
	uint32_t *id = &chain->ids[bucket_of(chain, e->id)],
		 *cause = &chain->causes[bucket_of(chain, e->cause)];

	*slot = (struct chain_slot){ e->id, e->cause, NOTHING, NOTHING };
	/* Of those that claim one id only the first is found: else a liar makes each search a long one. */
	if (e->id && !chain_find(chain, e->id)) {
		slot->next_id = *id;
		*id = number;
	}
	if (e->cause) {
		slot->next_cause = *cause;
		*cause = number;
	}
}

static bool is_nameless(const struct traffic_event *e)
{
	return e->kind == TRAFFIC_MESSAGE && !e->id;
}

static void remember(uint64_t *list, unsigned *count, uint64_t sequence)
{
	if (*count < CHAIN_NAMELESS)
		list[(*count)++] = sequence;
}

/* The next of them that has an id by now, taken off the list, or was dropped (NULL). false: there is none. */
static bool named(const struct collector *c, uint64_t *list, unsigned *count, const struct traffic_event **e)
{
	for (unsigned i = 0; i < *count; i++) {
		*e = collector_event(c, list[i]);
		if (*e && is_nameless(*e))
			continue;
		list[i] = list[--*count];
		return true;
	}
	return false;
}

/* Newer ones are in already: it goes behind them. */
static void take_late(struct chain *chain, const struct traffic_event *e)
{
	uint32_t number = (uint32_t)e->sequence, *link = &chain->ids[bucket_of(chain, e->id)];
	struct chain_slot *slot = &chain->slots[number & chain->mask];

	if (chain_find(chain, e->id))
		return;
	while (*link != NOTHING && (int32_t)(*link - number) > 0)
		link = &chain->slots[*link & chain->mask].next_id;
	slot->id = e->id;
	slot->next_id = *link;
	*link = number;
}

void chain_update(struct chain *chain)
{
	uint64_t first = collector_first(chain->collector), end = collector_end(chain->collector);
	const struct traffic_event *late;

	while (named(chain->collector, chain->nameless, &chain->nnameless, &late))
		if (late)
			take_late(chain, late);
	if (chain->next < first)
		chain->next = first;
	for (; chain->next < end; chain->next++) {
		const struct traffic_event *e = collector_event(chain->collector, chain->next);
		if (!e)
			continue;
		take(chain, e);
		if (is_nameless(e))
			remember(chain->nameless, &chain->nnameless, e->sequence);
	}
}

static void reverse(const struct traffic_event **out, unsigned from, unsigned end)
{
	for (; from + 1 < end; from++, end--) {
		const struct traffic_event *swapped = out[from];
		out[from] = out[end - 1];
		out[end - 1] = swapped;
	}
}

unsigned chain_effects(const struct chain *chain, uint64_t id, const struct traffic_event **out, unsigned max)
{
	uint64_t left = indexed(chain), sequence;
	const struct chain_slot *slot;
	unsigned found = 0;

	if (!id)
		return 0;
	/* The newest come first: of many, those that came last take the places of those before. */
	for (uint32_t link = chain->causes[bucket_of(chain, id)];
	     (slot = follow(chain, link, &left, &sequence)); link = slot->next_cause) {
		if (slot->cause != id)
			continue;
		if (max)
			out[found % max] = collector_event(chain->collector, sequence);
		found++;
	}
	if (found <= max) {
		reverse(out, 0, found);
		return found;
	}
	if (max) {
		/* The oldest stands before found % max, round the end. */
		reverse(out, 0, found % max);
		reverse(out, found % max, max);
	}
	return found;
}

static bool answers(const struct traffic_event *reply, const struct traffic_event *request)
{
	return reply->kind == TRAFFIC_MESSAGE && request->kind == TRAFFIC_MESSAGE &&
	       request->type < IPC_COUNT && ipc_messages[request->type].reply == (int)reply->type &&
	       reply->from.role == request->to.role && reply->from.serial == request->to.serial &&
	       reply->to.role == request->from.role && reply->to.serial == request->from.serial;
}

#define PARTNERS_MAX 64 /* effects among which a reply is looked for */

const struct traffic_event *chain_partner(const struct chain *chain, const struct traffic_event *e)
{
	const struct traffic_event *cause = chain_find(chain, e->cause), *effects[PARTNERS_MAX];
	unsigned found;

	if (cause && answers(e, cause))
		return cause;
	if (e->kind != TRAFFIC_MESSAGE || e->type >= IPC_COUNT || ipc_messages[e->type].reply < 0)
		return NULL;
	found = chain_effects(chain, e->id, effects, PARTNERS_MAX);
	for (unsigned i = 0; i < found && i < PARTNERS_MAX; i++)
		if (answers(effects[i], e))
			return effects[i];
	return NULL;
}

void chain_set_init(struct chain_set *set, struct chain *chain, uint64_t id)
{
	const struct collector *c = chain->collector;
	const struct traffic_event *e;
	uint64_t at = id;

	set->id = id;
	set->collector = c;
	set->nnameless = 0;
	id_set_init(&set->all, COLLECTOR_EVENTS);
	id_set_init(&set->effects, COLLECTOR_EVENTS);
	id_set_add(&set->all, id);
	id_set_add(&set->effects, id);
	chain_update(chain);
	for (unsigned n = 0; n < STEPS_MAX && (e = chain_find(chain, at)) && id_set_add(&set->all, e->cause);
	     n++)
		at = e->cause;
	for (uint64_t sequence = collector_first(c); sequence < chain->next; sequence++)
		if ((e = collector_event(c, sequence)))
			chain_set_take(set, e);
}

static void add_effect(struct chain_set *set, uint64_t id)
{
	id_set_add(&set->effects, id);
	id_set_add(&set->all, id);
}

void chain_set_catch_up(struct chain_set *set)
{
	const struct traffic_event *e;

	while (named(set->collector, set->nameless, &set->nnameless, &e))
		if (e)
			add_effect(set, e->id);
}

void chain_set_take(struct chain_set *set, const struct traffic_event *e)
{
	if (set->nnameless)
		chain_set_catch_up(set);
	if (!e->cause || !id_set_has(&set->effects, e->cause))
		return;
	if (e->id)
		add_effect(set, e->id);
	else if (is_nameless(e) && collector_event(set->collector, e->sequence) == e)
		remember(set->nameless, &set->nnameless, e->sequence);
}

void chain_set_finish(struct chain_set *set)
{
	id_set_finish(&set->all);
	id_set_finish(&set->effects);
}
