/*
 * Statistics over the screen, of what passes the traffic's filter: what was in memory when they were opened,
 * and all that came since. Counted in slices, so that no frame waits for them.
 */
#pragma once
#include "browser/traffic/output/statistics.h"
#include "browser/traffic/query/query.h"
#include "browser/ui/list.h"
#include "common/task.h"

struct ui;

#define STATISTICS_OPEN                                                                                      \
	4096 /* messages whose fate or handler is waited for; the oldest are given up first                  \
	      */

struct statistics_view {
	struct statistics *statistics;
	char filter[QUERY_TEXT]; /* what is counted passes this one */
	bool pings;
	uint64_t looked_at; /* events before this one have been looked at */
	uint64_t until;	    /* and those from here on will not be: it is paused */
	uint64_t missed;    /* went by too fast to be looked at */
	struct statistics_open {
		uint64_t sequence;
		uint8_t parts; /* enum statistics_part: that are not counted yet */
	} open[STATISTICS_OPEN];
	unsigned open_count;
	enum statistics_by by;
	enum statistics_order order;
	struct list list;
	struct statistics_row marked; /* only its keys: the mark stays with its row, wherever that moves */
	int seen;		      /* rows that had room */
	struct task more;	      /* there was not enough time in this turn */
};

void statistics_view_begin(struct ui *);
void statistics_view_finish(struct ui *);
