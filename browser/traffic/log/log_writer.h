/*
 * Writes the log: JSON Lines, one object a line, by the browser's one thread besides the main one, since a
 * disk may block. All functions are for the main thread and never wait for the disk (but log_writer_close,
 * for a while), nor for the other thread. log_ring.c is the way there; browser/traffic/line.c formats;
 * secrets.c masks; log_part.c knows the files and log_file.c their place; log_reader.c reads.
 */
#pragma once
#include "browser/traffic/message.h"

#define LOG_BUFFER_BYTES                                                                                     \
	(16u << 20) /* of events that wait for the disk; past it they are dropped and counted */
#define LOG_CLOSE_MS   3000
#define LOG_FILE_BYTES (256ull << 20)
#define LOG_FILES      4

struct log_writer_config {
	const char *path;
	enum log_payload payload;
	uint64_t file_bytes; /* at which another is begun, see log_part.h; 0: LOG_FILE_BYTES */
	unsigned files;	     /* that are kept, with the one that is written; 0: LOG_FILES */
	/* `what` fails (told once; the writer goes on trying), on the main thread. May be NULL. */
	void (*failed)(void *arg, const char *what, const char *path, const char *why);
	void *arg;
};

struct log_writer;

/*
 * Open (mode 0600, emptied) and write the session line. NULL with *why: it cannot be opened. Needs the loop
 * if `failed` is given.
 */
struct log_writer *log_writer_open(const struct log_writer_config *, const char **why);

/*
 * Write what waits, for at most LOG_CLOSE_MS; the thread ends. Returns the number of lines that the log
 * lacks; when the disk hangs nobody can tell, and it is at least 1. NULL is fine.
 */
uint64_t log_writer_close(struct log_writer *);

/* One more line. Copies all of it. */
void log_writer_put(struct log_writer *, const struct traffic_event *);

/* Lines have been put: see to it that they are written soon. */
void log_writer_kick(struct log_writer *);

/* When the session began, in us since the epoch. */
uint64_t log_writer_start_us(const struct log_writer *);
const char *log_writer_path(const struct log_writer *);
/* How many lines were put and found no room, so far. */
uint64_t log_writer_dropped(const struct log_writer *);
