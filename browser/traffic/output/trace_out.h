/*
 * Writes the events of a trace as JSON, one a line. browser/traffic/output/export_trace.c says which, and
 * trace_track.c where in time.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct trace_out {
	FILE *out;
	bool any, inside; /* an event was written; a member of `args` was */
};

void trace_out_begin(struct trace_out *, FILE *, uint64_t protocol);
/* left_out: how much there was no memory for. */
void trace_out_end(struct trace_out *, uint64_t left_out);

/* An event begins; members follow, then trace_out_close(). ph: one of the format's letters. ns: since the
 * session began. name, cat: NULL for none. */
void trace_out_open(struct trace_out *, char ph, uint32_t pid, uint64_t ns, const char *name,
		    const char *cat);
void trace_out_close(struct trace_out *);

/* In us, as the format has it. */
void trace_out_time(struct trace_out *, const char *member, uint64_t ns);
void trace_out_text(struct trace_out *, const char *member, const char *text);
/* As it stands: a number, or JSON of the event's. */
void trace_out_json(struct trace_out *, const char *member, const char *json);
void trace_out_number(struct trace_out *, const char *member, uint64_t);
/* A number as a string, as the format wants ids: "0x1f". */
void trace_out_id(struct trace_out *, uint64_t);

/* What is written between is a member of `args`; empty text is left out there. */
void trace_out_open_args(struct trace_out *);
void trace_out_close_args(struct trace_out *);
