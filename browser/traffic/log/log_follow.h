/*
 * Waits for more lines of a log that is being written: for what is added, for the next file when it is
 * rotated, for the end of the browser that writes it. While it is followed, log_reader_next() leaves a last
 * line alone that has no end yet, and says LOG_LINE_END for "no more as yet".
 */
#pragma once
#include "browser/traffic/log/log_reader.h"
#include <signal.h>

enum log_news {
	LOG_NEWS_MORE,	   /* read on */
	LOG_NEWS_ENDED,	   /* the browser has ended, or nobody can write there any more: read what is left */
	LOG_NEWS_REPLACED, /* another session has emptied the file: what is read from now on is not this log
			    */
	LOG_NEWS_STOPPED,  /* the caller's flag is set, or nobody reads what is printed to `out` */
};

struct log_follow {
	struct log_reader *reader;
	int inotify, watch;		   /* -1: the file is looked at ten times a second and that is all */
	int out;			   /* -1: none */
	volatile const sig_atomic_t *stop; /* set by a signal's handler */
};

void log_follow_begin(struct log_follow *, struct log_reader *, int out, volatile const sig_atomic_t *stop);
void log_follow_finish(struct log_follow *);

/* After LOG_LINE_END: wait for news. */
enum log_news log_follow_wait(struct log_follow *);
