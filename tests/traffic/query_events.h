/*
 * One event of every sort, live and as it comes back from a log, each with a letter: what the tests of the
 * query language ask about.
 */
#pragma once
#include "browser/traffic/query/query.h"
#include "tests/traffic/fixture.h"

#define QUERY_START_US UINT64_C(1700000000000000)

struct query_event {
	char letter;
	struct traffic_event live;
};

/* Both last as long as the test. */
extern struct query_event query_events[];
extern const unsigned query_event_count;
void query_events_make(void);

/* Write all of them into a log, and open it. The path is removed at once. */
struct log_reader *query_events_read(void);
