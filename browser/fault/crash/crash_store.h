/*
 * Where crash reports lie: crashes/ in the state folder, one JSON file each, 0600 in a 0700 folder, bounded
 * in number and in bytes, the oldest going first. crash_report.c writes them, crash_page.c reads them.
 */
#pragma once
#include "common/channel.h"
#include <cjson/cJSON.h>
#include <sys/types.h>

#define CRASH_FILES_MAX	 100
#define CRASH_BYTES_MAX	 (16u << 20) /* of all files together */
#define CRASH_FILE_BYTES (1u << 20)  /* of one */
#define CRASH_ID	 64

struct crash_store {
	char folder[600];
};

/* Name the folder; nothing is made yet. false with *why: there is none. */
bool crash_store_init(struct crash_store *, const char **why);

/* "20260102T030405678-renderer-3-4711": when (UTC, ms), who, and the browser's pid. They sort by time. */
void crash_id_make(char id[CRASH_ID], uint64_t ts_us, struct endpoint, pid_t browser);
bool crash_id_is_valid(const char *id);

/* The path of that report, there or not. Returns buf. */
const char *crash_store_path(const struct crash_store *, const char *id, char *buf, size_t capacity);

/* Write it, or write it anew, whole or not at all; then let go of what is too much. false with *why. */
bool crash_store_write(const struct crash_store *, const char *id, const char *text, size_t length,
		       const char **why);

/* The ids of those that are there, newest first. Returns how many, at most max. */
unsigned crash_store_list(const struct crash_store *, char (*ids)[CRASH_ID], unsigned max);

/* One of them, to be deleted; whatever the file holds, the answer is a crash report's object or NULL with
 * *why. */
cJSON *crash_store_read(const struct crash_store *, const char *id, const char **why);
