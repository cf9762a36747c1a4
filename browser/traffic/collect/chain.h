/*
 * Who caused what: an index over the collector's history, from an id to its event and from a cause to its
 * effects. It is made when it is first asked, and then taken on from where it was; what the history has
 * dropped falls out of it by itself. About 6 MB while it is there.
 *
 * A child's cause is its claim, so causes may go round in circles: whoever follows them counts his steps.
 */
#pragma once
#include "browser/traffic/collect/collector.h"
#include "browser/traffic/query/id_set.h"

#define CHAIN_NAMELESS 256 /* messages held back by breakpoints that an index waits for */

struct chain;

/* NULL: no memory. The collector must outlive it. */
struct chain *chain_create(const struct collector *);
void chain_destroy(struct chain *); /* NULL is fine */

/* Take in what has happened since. The other functions know nothing newer. */
void chain_update(struct chain *);

/* The event of that id, of several the first; NULL: it is not in memory. */
const struct traffic_event *chain_find(const struct chain *, uint64_t id);

/* What that id caused, oldest first: the first `max` of them into out. Returns how many there are in all. */
unsigned chain_effects(const struct chain *, uint64_t id, const struct traffic_event **out, unsigned max);

/* The reply to a request, or the request that a message replies to; NULL: none, or not in memory. */
const struct traffic_event *chain_partner(const struct chain *, const struct traffic_event *);

/*
 * What belongs to one id, for chain=ID: itself, all that led to it, and all that came of it. Kept up by
 * giving it every later event, in order.
 */
struct chain_set {
	uint64_t id;
	struct id_set all, effects; /* effects: the id itself and what came of it */
	const struct collector *collector;
	uint64_t nameless[CHAIN_NAMELESS]; /* events that belong to it, and have no ids before they leave */
	unsigned nnameless;
};
void chain_set_init(struct chain_set *, struct chain *, uint64_t id);
void chain_set_take(struct chain_set *, const struct traffic_event *);
/* What was held back may have left, and has an id now. */
void chain_set_catch_up(struct chain_set *);
void chain_set_finish(struct chain_set *);
