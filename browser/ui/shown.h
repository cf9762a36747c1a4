/*
 * The events that a list shows, in order of time: a ring, since new ones come at one end and old ones go at
 * the other, with room made anywhere for those that come late. Times are kept beside the numbers, so that
 * nothing has to be looked up. For traffic.c; knows nothing of the screen.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct shown_entry {
	uint64_t sequence; /* of the event, in the collector's history */
	uint64_t at_us;	   /* where it stands */
};

struct shown {
	struct shown_entry *entries;
	uint32_t head, mask; /* capacity - 1; the capacity is a power of two */
	int count;
};

void shown_finish(struct shown *);
void shown_clear(struct shown *);

/* Does a stand before b? */
bool shown_before(struct shown_entry a, struct shown_entry b);

/* 0 <= index < count; 0 is the oldest. */
struct shown_entry shown_at(const struct shown *, int index);

/* The first entry that does not stand before that one; count: all do. */
int shown_find(const struct shown *, struct shown_entry);

/* Put in n > 0 entries, in order and none of them there yet: costs as many steps as there are entries
 * behind the first or before the last of them. false: no memory, and nothing was put in. */
bool shown_insert(struct shown *, const struct shown_entry *, int n);

/* Take out n > 0 entries, in order; those that are not there are no matter. */
void shown_remove(struct shown *, const struct shown_entry *, int n);

/* Take those off the front whose sequence is before that one. */
void shown_forget(struct shown *, uint64_t first);

/* Put a few entries into order: quick when they nearly are. */
void shown_sort(struct shown_entry *, int n);
