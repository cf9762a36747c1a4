/*
 * Sinks: everything that can be made of a stream of events, text or JSON, a count, statistics, a sequence
 * diagram, a trace, a capture. `bulkhead log` reads a log, asks the query, and hands what matches to one of
 * the sinks in the table; the live view hands it what is in memory. A sink keeps no more than a bounded
 * amount of what it is given.
 */
#pragma once
#include "browser/traffic/message.h"
#include <stdio.h>

struct sink_options {
	FILE *out;	   /* stays the caller's */
	uint64_t start_us; /* when the session began, what times count from */
	uint64_t protocol; /* its hash, 0: not known */
	const char
		*session; /* its line of the log, with JSON_SCAN_SLACK, until begin() returns; NULL: none */
	bool json;	  /* for machines, where the sink has both */
	unsigned limit;	  /* of rows, 0: as many as it usually shows */
};

struct sink_type {
	const char *name;
	const char *about; /* for --help */
	bool exports;	   /* chosen by --export=NAME, else by --NAME */
	bool binary;	   /* never for a terminal */
	bool has_json;	   /* has a form for machines, too */
	/* NULL: no memory. */
	void *(*begin)(const struct sink_options *);
	/* Text that is printed is clean already, for it comes from the event. */
	void (*event)(void *sink, const struct traffic_event *);
	/* Write what is left and free it. Errors of `out` are the caller's to look for. */
	void (*end)(void *sink);
};

/* NULL-terminated; the first is what is used when none is named. */
extern const struct sink_type *const sink_types[];
/* By --NAME, or by --export=NAME, which knows all. NULL: there is none. */
const struct sink_type *sink_find(const char *name, bool exports);
