/*
 * The lines of a log, oldest first, out of all its files; log_set.c finds those, log_reader.c understands the
 * lines.
 */
#pragma once
#include "browser/traffic/log/log_set.h"

#define LOG_READER_LINE_BYTES (2u << 20) /* a longer line is a bad one */

enum line_found {
	LINE_FOUND,
	LINE_UNENDED, /* the last of a file, without its end */
	LINE_LONG,    /* too long, and skipped */
	LINE_NONE,    /* all is read */
	LINE_FAILED,  /* reading failed; errno says why */
};

/* Where a line begins. */
struct log_place {
	uint64_t offset, number; /* in its file: of bytes, and of lines before it */
	unsigned file;		 /* of the set */
};

struct log_lines {
	struct log_set set;
	struct log_place next; /* behind what was found */
	char *data;	       /* read and not yet used: from `at` to `end` */
	size_t at, end, room;
	bool eof;
	bool skipping; /* within a line that was too long */
	bool growing;  /* a last line without its end is not there yet, and stays */
	char *line;    /* 0-terminated, with JSON_SCAN_SLACK behind it */
	size_t length;
};

/* false with errno. */
bool log_lines_open(struct log_lines *, const char *path);
void log_lines_close(struct log_lines *);

/* The next line, which the caller may write on until the next call. */
enum line_found log_lines_next(struct log_lines *);

/* Go there. false: it cannot be read again. */
bool log_lines_seek(struct log_lines *, const struct log_place *);

/* Is the file that is read one that can grow? */
bool log_lines_is_file(const struct log_lines *);
/* Has it more than was read? */
bool log_lines_has_more(const struct log_lines *);
/* Was it emptied, and is it perhaps another session's now? */
bool log_lines_replaced(const struct log_lines *);
