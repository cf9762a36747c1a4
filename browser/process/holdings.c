/* See holdings.h. */
#include "browser/process/holdings.h"
#include "browser/process/host_internal.h"

struct holdings process_holdings(const struct process_host *p)
{
	struct holdings h = { 0 };

	if (p->channel)
		h.descriptors += channel_descriptors(p->channel);
	h.descriptors += p->pidfd != -1;
	h.descriptors += p->compartment.init_pidfd != -1;
	h.descriptors += p->compartment.lifeline != -1;
	if (p->region) {
		h.regions++;
		h.bytes += sizeof *p->region + p->ring_bytes;
	}
	return h;
}

struct holdings holdings_sum(struct holdings a, struct holdings b)
{
	return (struct holdings){ a.descriptors + b.descriptors, a.regions + b.regions, a.bytes + b.bytes };
}

struct holdings holdings_freed(struct holdings before, struct holdings after)
{
	return (struct holdings){
		before.descriptors > after.descriptors ? before.descriptors - after.descriptors : 0,
		before.regions > after.regions ? before.regions - after.regions : 0,
		before.bytes > after.bytes ? before.bytes - after.bytes : 0,
	};
}

/* Its channel is about to go, the first of all that goes with it. */
void process_note_end(struct process_host *p)
{
	p->held = process_holdings(p);
	for (unsigned type = 0; type < IPC_COUNT; type++)
		p->open_requests[type] = channel_unanswered(p->channel, (enum ipc_id)type);
}
