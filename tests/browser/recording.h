/*
 * A session with everything in it, recorded with full payloads, for tests of replay: documents, deaths, a
 * hang, a plugin. And how its log is changed.
 */
#pragma once
#include "tests/browser/harness.h"
#include "tests/browser/program.h"

#define RECORDED_MAX 32 /* processes */

extern char recorded[80], edited[80]; /* the log; one that edit_log() made of it */
extern struct recorded_process {
	char name[ENDPOINT_TEXT];
	char exit[400]; /* its line, "" */
} processes[RECORDED_MAX];
extern unsigned nprocesses;

/* Choose where the logs are, and begin one: before harness_open(). */
void recording_begin(void);
/* After harness_close(): sets processes. */
void recording_read(void);
/* The whole session. A group's setup. */
int recording_make(void **state);

/* The first process of that role whose exit says so; "": one without exit. */
const char *process_that(const char *role, const char *exit);

/* The log with lines changed. edit: returns false when the line is to be left out. */
typedef bool edit_fn(char *line, size_t room, void *arg);
void edit_log(const char *from, edit_fn *edit, void *arg);

struct change {
	const char *of;	  /* in the line */
	const char *also; /* in the line too */
	const char *before, *after;
	unsigned times;
};
/* Replay what is left of the log when that is changed, or when such lines are missing. */
const struct ran *run_changed(struct change c, const char *who);
const struct ran *run_without(const char *of, const char *also, const char *who);

void assert_same(const struct ran *ran, const char *who);
void assert_has(const char *text, const char *part);
void assert_has_not(const char *text, const char *part);
unsigned number_behind(const char *text, const char *words);
