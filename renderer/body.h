/*
 * The body of a document, as it comes through its pipe: read when there is something, gathered, and handed on
 * in pieces that grow, since each piece costs the parser (see html.h). A body that nobody takes from stops
 * being read, so that the pipe fills and the fetch waits.
 */
#pragma once
#include "common/protocol.h"
#include "common/task.h"
#include <sys/types.h>

#define BODY_FIRST_PIECE 1024u
#define BODY_LAST_PIECE	 (64u << 10)

struct body {
	int fd; /* -1: closed */
	struct task watch;
	void (*came)(void *arg); /* bytes, or the end */
	void *arg;
	char *buffer;
	size_t start, length, size; /* of what is gathered */
	uint64_t received;
	size_t piece; /* the size of the next */
	bool eof, watching;
	bool ended; /* end_body has come */
	enum body_end how;
	uint64_t total;
};

/* Takes over fd. */
void body_open(struct body *, int fd, void (*came)(void *arg), void *arg);
void body_finish(struct body *);

/* end_body has come: once so many bytes are here, or the pipe has ended, there are no more. */
void body_end(struct body *, enum body_end how, uint64_t total);

/* What is gathered; NULL if there is nothing. */
const char *body_peek(const struct body *, size_t *length);

/* So much of it has been used. */
void body_take(struct body *, size_t length);

/* Are there enough bytes for the next piece? */
bool body_has_piece(const struct body *);

/* Have all bytes come? They may still be waiting to be taken. */
bool body_is_whole(const struct body *);
