/*
 * Did the browser process before this one end in order? While a browser with a screen runs, it holds the lock
 * of a file running-<pid> in the state folder; an orderly end removes the file, and the kernel lets the lock
 * go whatever the end was. main.c calls.
 */
#pragma once
struct browser;

/* Say whether one that used this folder broke off, and where its log is; then mark this one as running. */
void last_session_begin(struct browser *);
/* This one ends in order. */
void last_session_end(void);
