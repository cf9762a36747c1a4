/*
 * Where logs lie: $XDG_STATE_HOME/bulkhead/log-<start>-<pid>.jsonl, the newest LOG_FILES_KEPT of them, each
 * with its older parts.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#define LOG_FILES_KEPT 20

/* The folder, not yet made. false with *why: there is no home to put it in, or its name is too long. */
bool log_file_folder(char *path, size_t capacity, const char **why);

/* Make a folder and those above it; it is closed to others then, whoever made it. false with errno. */
bool log_file_make_folder(char *path);

/*
 * A name for this session's log, in the folder, which is made (0700) if need be; older logs are removed until
 * with the new one LOG_FILES_KEPT are left. false with *why, and in path what could not be made.
 */
bool log_file_new(char *path, size_t capacity, const char **why);

/* The newest log there. false with *why, and in path the folder. */
bool log_file_newest(char *path, size_t capacity, const char **why);
