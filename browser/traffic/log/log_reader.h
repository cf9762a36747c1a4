/*
 * Reads a log, line by line, into events. A log says of itself what things are called: names that this
 * version does not know are kept as words. Nothing in a log is trusted; all text that is handed out is safe
 * to print. browser/traffic/log/log_writer.c writes logs.
 */
#pragma once
#include "browser/traffic/message.h"

#define LOG_READER_LINE_BYTES (4u << 20) /* a longer line is a bad one */

enum log_line {
	LOG_LINE_END,	  /* no more */
	LOG_LINE_EVENT,	  /* the event is set */
	LOG_LINE_SESSION, /* the session line */
	LOG_LINE_BAD,	  /* no line of a log: skipped; log_reader_line_number() tells which */
	LOG_LINE_CUT,	  /* the last line, and it is cut: dropped */
	LOG_LINE_ERROR,	  /* reading failed; errno says why */
};

struct log_reader;

/* NULL with errno. */
struct log_reader *log_reader_open(const char *path);
void log_reader_close(struct log_reader *);

/* Read the next line. The event and its text are valid until the next call. */
enum log_line log_reader_next(struct log_reader *, struct traffic_event *);

uint64_t log_reader_line_number(const struct log_reader *);
/* The line itself as JSON, clean, without its line end. */
const char *log_reader_line(struct log_reader *);
/* When the session began, in us since the epoch; without a session line when its first event happened. */
uint64_t log_reader_start_us(const struct log_reader *);
