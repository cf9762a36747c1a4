/*
 * What the browser keeps open on account of others, counted as it is: before a death is cleared away and
 * after it, the difference is what the death freed. browser/tab/holdings.h counts what pages have.
 */
#pragma once
#include <stdint.h>

struct process_host;

struct holdings {
	unsigned descriptors;
	unsigned regions; /* mapped, or held by a descriptor */
	uint64_t bytes;	  /* of the regions */
};

/* For that process: its channel, pidfd, compartment and flight recorder. */
struct holdings process_holdings(const struct process_host *);

struct holdings holdings_sum(struct holdings, struct holdings);
/* What of `before` is no longer in `after`. */
struct holdings holdings_freed(struct holdings before, struct holdings after);
