/*
 * Reads a log, line by line, into events. A log says of itself what things are called: names that this
 * version does not know are kept as words. Nothing in a log is trusted; all text that is handed out is safe
 * to print. browser/traffic/log/log_writer.c writes logs; log_lines.c finds their lines in all their files;
 * log_follow.c waits for more of them.
 */
#pragma once
#include "browser/traffic/log/log_lines.h"

enum log_line {
	LOG_LINE_END,	  /* no more */
	LOG_LINE_EVENT,	  /* the event is set */
	LOG_LINE_SESSION, /* the session line; each file of a log has one */
	LOG_LINE_BAD,	  /* no line of a log: skipped; log_reader_line_number() tells which */
	LOG_LINE_CUT,	  /* the last line, and it is cut: dropped */
	LOG_LINE_ERROR,	  /* reading failed; errno says why */
};

struct log_reader;

/*
 * Open a log, "-" for standard input. With FILE come FILE.1, FILE.2 and so on, older parts of the same
 * session, and are read first. NULL with errno.
 */
struct log_reader *log_reader_open(const char *path);
void log_reader_close(struct log_reader *);

/* Read the next line. The event and its text are valid until the next call. */
enum log_line log_reader_next(struct log_reader *, struct traffic_event *);

/* Of the line that was read last: its number in its file, and that file. */
uint64_t log_reader_line_number(const struct log_reader *);
const char *log_reader_path(const struct log_reader *);
/* The line itself as JSON, clean, without its line end. */
const char *log_reader_line(struct log_reader *);

/* When the session began, in us since the epoch; without a session line when its first event happened. */
uint64_t log_reader_start_us(const struct log_reader *);
/* The hash of the protocol that its names are of; 0: not known. */
uint64_t log_reader_protocol(const struct log_reader *);
/* What the last session line said; zeros before there was one. */
const struct log_session *log_reader_session(const struct log_reader *);

/* The last session line itself, clean, with JSON_SCAN_SLACK behind it; "": there was none. Until the next one
 * is read. */
const char *log_reader_session_line(const struct log_reader *);

/* Where the line begins that was read last, and a way back there: false, and nothing has changed, when the
 * log is no file. A fresh place is the beginning. */
struct log_reader_place {
	struct log_place line;
	uint64_t sequence;
};
struct log_reader_place log_reader_place(const struct log_reader *);
bool log_reader_seek(struct log_reader *, const struct log_reader_place *);

/* For log_follow.c and for who must not write over what is read. */
struct log_lines *log_reader_lines(struct log_reader *);
