/*
 * The breakpoints of a child: what it is told to hold of what its peers send it. Only the browser tells; the
 * question as a whole is known to it alone (browser/traffic/breakpoint/), and here is what can be asked at
 * small cost: who, which types, how big, one field. common/hold.c holds.
 */
#pragma once
#include "common/hold.h"

#define BREAKPOINT_RULES 128 /* in one process */

/* held: tell of it. */
typedef void breakpoint_held_fn(void *arg, struct endpoint from, const struct hold_view *,
				uint32_t breakpoint);
void breakpoint_init(breakpoint_held_fn *held, void *arg);

/* From now on, on the channels to those peers that are there or will come. false: no room. */
bool breakpoint_place(const struct ipc_place_breakpoint *);
/* Everything that was placed under that number; what it holds goes on. */
void breakpoint_remove(uint32_t breakpoint);
/* A channel came. */
void breakpoint_channel_opened(struct channel *);
