/* The command line of `bulkhead log`: which log, which question, and what is to be made of the answer. */
#pragma once
#include "browser/traffic/output/sink.h"
#include "browser/traffic/query/query.h"
#include <limits.h>

#define LOG_TAIL_MAX 1000000u

struct log_request {
	const char *path;
	char newest[PATH_MAX]; /* where path points when none was given */
	char text[QUERY_TEXT]; /* the question with its options */
	struct query *query;
	const struct sink_type *sink;
	const struct sink_type *other; /* NULL, or a second one that was asked for, which cannot be */
	const char *output;	       /* NULL: standard output */
	bool json, pings, follow;
	unsigned rows; /* of statistics and such, 0: as many as usual */
	unsigned tail; /* only the last so many that match, 0: all */
};

/* Returns -1 to go on, or an exit status: everything has been said then. log_request_finish() in any case. */
int log_request_parse(struct log_request *, int argc, char **argv);
void log_request_finish(struct log_request *);

/* On standard error, as `bulkhead: what: why`; neither can do anything to a terminal. */
void log_complain(const char *what, const char *why);
/* The same about the command line. Returns the exit status for that. */
int log_bad_usage(const char *what, const char *why);
