/* Rows of statistics, by their keys, and what is folded when they are too many. See statistics.h. */
#pragma once
#include "browser/traffic/output/open_requests.h"
#include "browser/traffic/output/statistics.h"

#define ROW_SLOTS 512u /* of the hash: a power of two */

struct statistics_rows {
	struct statistics_row rows[STATISTICS_ROWS], others;
	struct statistics_row *slots[ROW_SLOTS];
	uint64_t counts[STATISTICS_ROWS]; /* how often each was found, and when last */
	uint64_t last[STATISTICS_ROWS];
	unsigned count;
	uint64_t folded;
	bool are_names; /* of messages: which are requests and replies is known */
};

struct statistics {
	struct statistics_rows tables[BY_COUNT];
	struct statistics_total total;
	struct open_requests requests;
	uint64_t start_us, first_us, last_us, bucket_us;
	bool has_start;
	unsigned last_bucket;
	uint64_t now; /* in messages */
};

/*
 * The row of that key. With `is_new` it is made if need be, and is counted as found at `now`; rows found at
 * the same `now` are not folded. Otherwise, when it is no longer there, the row of the others.
 */
struct statistics_row *rows_find(struct statistics_rows *, const char *key, const char *peer, bool is_new,
				 uint64_t now);
void rows_finish(struct statistics_rows *);
void row_finish(struct statistics_row *);

/* A row as a number that stays valid, never 0; and back: the row of the others if it has another life now. */
uint16_t rows_number(const struct statistics *, enum statistics_by, const struct statistics_row *);
struct statistics_row *rows_numbered(struct statistics *, uint16_t number, uint32_t life);
