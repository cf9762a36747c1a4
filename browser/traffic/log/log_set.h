/*
 * The files of one log, for its reader: FILE, and before it FILE.1, FILE.2 and so on, as far as they are of
 * the same session. They are known by what stands in them, not by their names, for those change while the log
 * is written; once open, a file stays readable whatever becomes of its name. log_part.c is what the writer
 * does.
 */
#pragma once
#include "browser/traffic/log/log_session.h"
#include <sys/types.h>

#define LOG_SET_FILES 1000 /* more are not looked for */

struct log_set_file {
	int fd;
	char *path; /* when it was opened */
	dev_t device;
	ino_t inode;
	bool regular;
	struct log_session session; /* zeros without a session line, and where a file cannot be read twice */
};

struct log_set {
	char *path;		    /* of the newest */
	struct log_set_file *files; /* oldest first */
	unsigned count;
};

/* Open FILE, "-" for standard input, and those before it. false with errno: FILE cannot be opened. */
bool log_set_open(struct log_set *, const char *path);
void log_set_close(struct log_set *);

/* Open what has become of FILE since, newer than the newest of the set and of its session. true: there is
 * some.
 */
bool log_set_renew(struct log_set *);

/* Does FILE still name the newest file of the set? Not when it is gone. */
bool log_set_is_newest(const struct log_set *);

/* Is that file one of them? */
bool log_set_has(const struct log_set *, dev_t, ino_t);
