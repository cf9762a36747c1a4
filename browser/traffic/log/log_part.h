/*
 * The files of a log, for its writer: one that is written, and behind it, when it has reached its size, older
 * ones: FILE.1, FILE.2 and so on, the oldest of which go. What is no regular file grows as it likes.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct log_part {
	char *path;
	int fd;
	unsigned number; /* of the part that is written: 1, 2 and so on */
	unsigned files;	 /* that are kept, with this one */
	uint64_t bytes;	 /* of one */
	off_t whole;	 /* size up to the last whole line; -1: no file that can be cut or renamed */
	uint64_t full;	 /* the size at which to go on to the next part */
};

/* Open FILE (mode 0600, emptied). false with errno. path is copied. */
bool log_part_open(struct log_part *, const char *path, uint64_t bytes, unsigned files);
void log_part_close(struct log_part *);

/* So many bytes of whole lines were written to fd. */
void log_part_wrote(struct log_part *, size_t bytes);

/* Is it time for the next part, with so many bytes more? */
static inline bool log_part_is_full(const struct log_part *p, size_t more)
{
	return p->whole >= 0 && (uint64_t)p->whole + more >= p->full;
}

/*
 * Go on to the next part, which begins with this line. false with errno: it cannot be begun, and all goes on
 * into this one until it has grown by some more.
 */
bool log_part_next(struct log_part *, const char *first_line, size_t length);
