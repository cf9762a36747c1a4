/*
 * A roll call: after a death every other process is pinged, and each answer is kept with the time that it
 * took. Part of each blast (blast.h); blasts.c brings the news.
 */
#pragma once
#include "browser/process/host.h"

enum roll_answer {
	ROLL_ASKED,
	ROLL_ANSWERED,
	ROLL_DEAF, /* unresponsive already: not waited for */
	ROLL_GONE, /* died or ended meanwhile: its own death tells of it */
	ROLL_SILENT,
	ROLL_ANSWER_COUNT
};
extern const char *const roll_answer_names[ROLL_ANSWER_COUNT];

struct roll_entry {
	struct endpoint process;
	enum roll_answer answer;
	uint64_t took_ns; /* from the ping to its answer, once it answered */
};

struct roll_call {
	struct roll_entry *entries; /* in the order of the table of processes */
	unsigned count;
	unsigned asked, answered;    /* without those that went meanwhile */
	uint64_t began_ns, ended_ns; /* ended_ns 0: still waiting */
};

/* Ping all that are up but `except` (NULL: all). */
void roll_call_begin(struct roll_call *, struct process_table *, const struct process_host *except);
void roll_call_finish(struct roll_call *);
/* News of a process: it answered a ping; it is gone. */
void roll_call_ponged(struct roll_call *, struct process_host *);
void roll_call_gone(struct roll_call *, const struct process_host *);
/* Time is up: who has not answered is silent. */
void roll_call_close(struct roll_call *);
