/*
 * A backtrace on its way from raw addresses to names: which file each lies in (module_map.h), and what is
 * there in it (symbols.h). Only files that the browser itself started or loaded are opened, whatever names a
 * process claims. One frame at a time, so that the browser's loop goes on.
 */
#pragma once
#include "browser/fault/crash/crash_claims.h"
#include "browser/fault/crash/module_map.h"
#include "browser/fault/crash/symbols.h"
#include "browser/process/host.h"

struct crash_trace {
	struct module_map map;
	uint64_t frames[CRASH_FRAMES];
	unsigned nframes, done; /* done: with names */
	bool first_is_exact;
	char program_name[32];
	ino_t program_inode;
	int program, library; /* files of the role's program and of the plugin; -1: none */
};

void crash_trace_init(struct crash_trace *, const struct process_host *, const struct crash_claims *,
		      const struct module_map *);
void crash_trace_finish(struct crash_trace *);
/* Add the next frame to report's "backtrace". false: there was none left; "where" and "modules" stand too. */
bool crash_trace_step(struct crash_trace *, struct symbols *, cJSON *report);
