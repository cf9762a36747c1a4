/* What the files of breakpoints share: breakpoints.c has the list, held.c what is held, breakpoint_place.c
 * what children are told of a question and what of it is asked where. */
#pragma once
#include "browser/traffic/breakpoint/breakpoints.h"
#include "browser/traffic/collect/collector.h"

/* held.c */

/* A message that the browser's channel holds. Its payload is the view's. */
struct traffic_event held_event(struct channel *, enum hold_way, const struct hold_view *);
/* It is held: copied into the list. NULL: no memory. */
struct held_message *held_add(struct breakpoints *, const struct traffic_event *, uint32_t breakpoint);
/* Off the list, and freed. */
void held_take(struct breakpoints *, struct held_message *);
/* What was held between those two, in that direction, is gone with their channel. */
void held_lost(struct breakpoints *, struct endpoint from, struct endpoint to);
/* What that breakpoint holds goes on. */
void held_forget_breakpoint(struct breakpoints *, uint32_t breakpoint);

/* breakpoint_place.c */

/* Tell a child what to hold for it, if it can ever get such a message from another child. */
void breakpoint_place_at(const struct breakpoint *, struct process_host *);
/* Could it ask for a message between those two at all? */
bool breakpoint_concerns(const struct breakpoint *, struct endpoint from, struct endpoint to);

/* The sets of what belongs to the chains that it asks for, kept up with the collector. */
void breakpoint_begin_chains(struct breakpoint *, struct collector *);
void breakpoint_finish_chains(struct breakpoint *);
bool breakpoint_matches(struct breakpoint *, struct collector *, const struct traffic_event *);

/* The first that asks for it. NULL: none. */
struct breakpoint *breakpoints_match(struct breakpoints *, const struct traffic_event *);
