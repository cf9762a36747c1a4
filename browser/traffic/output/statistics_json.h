/* Statistics for machines. */
#pragma once
#include "browser/traffic/output/statistics.h"
#include <stdio.h>

/*
 * One JSON object in a line: the totals, and under "names", "pairs", "tabs", "processes" the rows of those
 * sorts that are bits (1 << enum statistics_by) of `which`; at most `limit` of each, 0: all that are kept.
 * What was folded stands last, with "others": at most how many. Times are in us, as in the log.
 */
void statistics_print_json(struct statistics *, unsigned which, enum statistics_order, unsigned limit,
			   FILE *);
