/*
 * The terminal: taken over, written to without ever waiting for it, and given back whole however the browser
 * ends. ncurses writes into memory; this file carries that to the terminal as fast as it takes it, so that
 * one which is stopped or slow holds up nothing. terminal_crash.c gives it back when the browser itself dies.
 */
#pragma once
#include "common/task.h"
#include <stdbool.h>
#include <stddef.h>

struct terminal {
	int fd;		       /* the terminal, non-blocking, a description of our own */
	int memory;	       /* what ncurses writes to */
	struct screen *screen; /* ncurses' SCREEN */
	char *pending;	       /* on its way to the terminal */
	size_t pending_bytes, pending_at, capacity;
	struct task writable;
	void (*drained)(void *arg); /* what was pending has been taken */
	void (*gone)(void *arg);    /* the terminal is no more */
	void *arg;
	int width, height; /* cells */
	bool has_mouse, taken;
};

/*
 * Take the terminal over. false with *why: it is none, or not one that can show a screen. ncurses is ready
 * afterwards. Sets LC_CTYPE to a UTF-8 locale if it is not.
 */
bool terminal_init(struct terminal *, const char **why);
/* Give it back; the modes it had before are restored exactly. A second call does nothing. */
void terminal_finish(struct terminal *);

/* Give it back, stop this process as Ctrl-Z does, and take it over again when it is continued. */
void terminal_suspend(struct terminal *);

/* Continued without having been asked to stop: ask for its modes again. */
void terminal_retake(struct terminal *);

/* Ask for its size; true when that has changed. ncurses is told. */
bool terminal_measure(struct terminal *);

/* Has it taken everything, so that a frame can be drawn? */
bool terminal_is_ready(const struct terminal *);
/* Send what ncurses has to say: after doupdate(). */
void terminal_flush(struct terminal *);
/* Have these bytes sent as they are, with the next flush. */
void terminal_send(struct terminal *, const char *bytes, size_t length);
/* terminal_copy.c: put clean text into the clipboard of whoever shows the terminal (OSC 52), through tmux as
 * well. Whether it is taken nobody can tell. false: it is too long for that. */
bool terminal_copy(struct terminal *, const char *text, size_t length);
/* Read what was typed. 0: nothing now; -1: the terminal is gone. */
int terminal_read(struct terminal *, char *buf, size_t capacity);

/* Where the cursor is to be; row -1 hides it. */
void terminal_cursor(int row, int column);

/* terminal_crash.c: from now on a fatal signal gives the terminal back first. bytes are copied. */
void terminal_crash_arm(int fd, const void *termios_before, const char *bytes, size_t length);
void terminal_crash_disarm(void);
