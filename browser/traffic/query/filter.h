/* Which events to show: the same question for the live view and for `bulkhead log`. */
#pragma once
#include "browser/traffic/message.h"

/* NULL or unset asks nothing. What an event does not have (a key has no status) does not match. Text is
 * borrowed. */
struct traffic_filter {
	const char *process; /* "renderer:3" or "renderer", as sender or receiver */
	const char *name;    /* of the message, process event or input; * and ? as in a shell */
	const char *status;
	const char *text; /* anywhere in names, processes, id, status or arguments; case does not matter
			     (ASCII) */
	bool has_tab;
	uint32_t tab; /* the page that a message names */
	bool pings;   /* show them too */
};

bool traffic_filter_match(const struct traffic_filter *, const struct traffic_event *);

/* Is that one of the words for a status? */
bool traffic_filter_knows_status(const char *word);
