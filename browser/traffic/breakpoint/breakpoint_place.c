/* What of a question is asked where: in the browser all of it, with what is known of chains; in a child what
 * it can ask at small cost. See breakpoints.h; common/breakpoint.c asks there. */
#include "browser/process/host.h"
#include "browser/traffic/breakpoint/breakpoints_internal.h"
#include "browser/traffic/collect/chain.h"
#include "browser/traffic/query/query_plan.h"
#include <stdlib.h>

#define TYPES_BYTES 32

static_assert(IPC_COUNT <= TYPES_BYTES * 8, "a bit for each type of message");

/* The types that it could ask for between two roles, as bits. false: none. */
static bool find_types(const struct breakpoint *point, enum role from, enum role to,
		       uint8_t types[TYPES_BYTES])
{
	bool any = false;

	memset(types, 0, TYPES_BYTES);
	for (unsigned i = 0; i < IPC_COUNT; i++) {
		if (!(ipc_messages[i].from & 1u << from) || !(ipc_messages[i].to & 1u << to) ||
		    !query_could_ask(point->query, (uint16_t)i, from, to))
			continue;
		types[i / 8] |= (uint8_t)(1u << i % 8);
		any = true;
	}
	return any;
}

/* At once, so that nothing that is sent from now on is there before. */
void breakpoint_place_at(const struct breakpoint *point, struct process_host *p)
{
	for (unsigned role = ROLE_BROWSER + 1; role < ROLE_COUNT; role++) {
		uint8_t types[TYPES_BYTES];
		struct query_needs needs;

		if (!find_types(point, (enum role)role, p->name.role, types))
			continue;
		query_find_needs(point->query, (enum role)role, p->name.role, &needs);
		if (needs.to_serial && needs.to_serial != p->name.serial)
			continue;
		ipc_send_place_breakpoint(p->channel, point->number, (enum role)role, needs.from_serial,
					  (struct ipc_bytes){ types, sizeof types }, needs.least, needs.most,
					  ipc_text(needs.field), needs.how, needs.number,
					  needs.how == FIELD_TEST_ANY || !needs.text.text ? ipc_text("")
											  : needs.text);
	}
	channel_flush(p->channel);
}

bool breakpoint_concerns(const struct breakpoint *point, struct endpoint from, struct endpoint to)
{
	uint8_t types[TYPES_BYTES];

	/* What was taken back is told of for a while, and its question is not asked any more. */
	return find_types(point, from.role, to.role, types);
}

/* Chains. */

void breakpoint_begin_chains(struct breakpoint *point, struct collector *collector)
{
	uint64_t ids[QUERY_CHAINS];
	unsigned count = query_chains(point->query, ids);
	struct chain *chain = count ? chain_create(collector) : NULL;

	if (!chain)
		return;
	point->chains = calloc(count, sizeof *point->chains);
	if (point->chains) {
		collector_drain(collector, 0);
		chain_update(chain);
		point->nchains = count;
		point->chained = collector_end(collector);
	}
	for (unsigned i = 0; i < point->nchains; i++) {
		chain_set_init(&point->chains[i], chain, ids[i]);
		query_set_chain(point->query, i, &point->chains[i].all);
	}
	chain_destroy(chain);
}

void breakpoint_finish_chains(struct breakpoint *point)
{
	for (unsigned i = 0; i < point->nchains; i++)
		chain_set_finish(&point->chains[i]);
	free(point->chains);
	point->chains = NULL;
	point->nchains = 0;
}

/* What has happened since belongs to them too, as far as the recorders tell. */
static void chains_follow(struct breakpoint *point, struct collector *collector)
{
	uint64_t first = collector_first(collector), end;

	collector_drain(collector, 0);
	end = collector_end(collector);
	for (uint64_t at = point->chained > first ? point->chained : first; at < end; at++) {
		const struct traffic_event *e = collector_event(collector, at);

		for (unsigned i = 0; e && i < point->nchains; i++)
			chain_set_take(&point->chains[i], e);
	}
	point->chained = end;
}

bool breakpoint_matches(struct breakpoint *point, struct collector *collector,
			const struct traffic_event *event)
{
	if (point->nchains)
		chains_follow(point, collector);
	for (unsigned i = 0; i < point->nchains; i++)
		chain_set_take(&point->chains[i], event);
	return query_match(point->query, event);
}
