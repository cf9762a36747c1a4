/*
 * What a dead process wrote down about its own end. All of it is its claim: the kernel says only how it
 * ended, and where the two disagree the kernel is right. Used by crash_facts.c.
 */
#pragma once
#include "common/recorder.h"
#include <cjson/cJSON.h>

struct crash_claims {
	struct crash_record record; /* copied; any values */
	uint64_t handling;	    /* id of the message whose handler was running */
	int how, status;	    /* what waitid(2) said: CLD_EXITED ..., and the code or signal */
	bool was_ready;
	uint64_t started_ns, died_ns;
};

/* An object for the report, without the backtrace; NULL: the process wrote nothing down. */
cJSON *crash_claims_json(const struct crash_claims *);
/* An array of sentences, one for each claim that cannot be true. NULL: none. */
cJSON *crash_claims_contradictions(const struct crash_claims *);
/* The backtrace's addresses, innermost first; returns how many (CRASH_FRAMES at most). */
unsigned crash_claims_frames(const struct crash_claims *, uint64_t frames[CRASH_FRAMES]);
/* Is the innermost one where the process was, and not where a call would have returned to? */
bool crash_claims_first_is_exact(const struct crash_claims *);

/* Values, for whoever builds a report. text NULL or "": nothing is added. */
void report_add_text(cJSON *object, const char *name, const char *text);
void report_add_hex(cJSON *object, const char *name, uint64_t value);
void report_add_us(cJSON *object, const char *name, uint64_t ns); /* as microseconds */
void report_add_id(cJSON *object, const char *name, uint64_t id);
