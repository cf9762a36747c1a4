/* The pipe that a body travels in, at its writing end. Used by fetch.c only. */
#pragma once

struct fetch;

enum body_state {
	BODY_EMPTY, /* all that came has been written */
	BODY_FULL,  /* the pipe takes no more for now; the fetch advances when it does */
	BODY_READER_GONE,
};

/* Returns the read end, or -1 with errno. */
int body_open(struct fetch *);
void body_close(struct fetch *);

/* Write what waits, up to a bound for one turn. */
enum body_state body_pump(struct fetch *);
