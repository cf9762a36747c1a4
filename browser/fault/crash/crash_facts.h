/*
 * Gathering a crash report the moment a death is known: what the kernel said, what the process claimed, and
 * what the browser knows besides. crash_claims.c does the second part; crash_trace.c adds names to its
 * backtrace later.
 */
#pragma once
#include "browser/process/host.h"
#include <cjson/cJSON.h>

struct browser;
struct crash_claims;

#define REPORT_MESSAGES 50 /* the last that the process sent or received */

/* What is known of that dead process, as the object of its report. Its recorder must still be readable. */
cJSON *crash_facts_gather(struct browser *, const struct process_host *, const struct crash_claims *,
			  const char *id, uint64_t ts_us);

/* Leave user names and passwords out of all URLs in all strings, and mask what else is secret in them. */
void crash_facts_hide_secrets(cJSON *);
