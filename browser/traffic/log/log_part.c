/*
 * See log_part.h. A new part gets its name only once its first line is in it, and FILE is there at all times:
 * whoever is killed, or finds the disk full, between two of the steps leaves a log that can be read.
 */
#include "browser/traffic/log/log_part.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RETRIES	     16 /* within the size of a file */
#define NUMBER_BYTES 12 /* of a name, behind the path */

/* Opening a pipe that nobody reads must fail rather than wait. */
static int open_log(const char *path)
{
	int fd =
		open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
	struct stat st;

	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == -1 || (S_ISREG(st.st_mode) && fchmod(fd, 0600) == -1) ||
	    fcntl(fd, F_SETFL, O_APPEND) == -1) {
		int error = errno;

		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

bool log_part_open(struct log_part *p, const char *path, uint64_t bytes, unsigned files)
{
	struct stat st;

	*p = (struct log_part){
		.path = strdup(path), .fd = -1, .number = 1, .files = files, .bytes = bytes, .full = bytes
	};
	if (!p->path)
		return false;
	p->fd = open_log(path);
	if (p->fd == -1)
		return false;
	p->whole = fstat(p->fd, &st) == 0 && S_ISREG(st.st_mode) ? 0 : -1;
	return true;
}

void log_part_close(struct log_part *p)
{
	if (p->fd != -1)
		close(p->fd);
	free(p->path);
}

void log_part_wrote(struct log_part *p, size_t bytes)
{
	if (p->whole >= 0)
		p->whole += (off_t)bytes;
}

/* The name of an older part. The buffer has room for it. */
static const char *older_path(const struct log_part *p, unsigned number, char *path)
{
	sprintf(path, "%s.%u", p->path, number);
	return path;
}

/* Make room for FILE.1: each older part gets the next number, and the oldest goes. */
static bool move_older(const struct log_part *p, char *from, char *to)
{
	for (unsigned i = p->files - 1; i > 1; i--)
		if (rename(older_path(p, i - 1, from), older_path(p, i, to)) == -1 && errno != ENOENT)
			return false;
	return true;
}

/*
 * FILE becomes FILE.1. A second name is given first, so that it is never without one; not every file system
 * can do that. When somebody has removed it, there is nothing to keep.
 */
static bool move_current(const struct log_part *p, char *to)
{
	if (p->files == 1)
		return true;
	older_path(p, 1, to);
	if (unlink(to) == -1 && errno != ENOENT)
		return false;
	return link(p->path, to) == 0 || errno == ENOENT || rename(p->path, to) == 0;
}

static bool write_whole(int fd, const char *text, size_t length)
{
	for (size_t done = 0; done < length;) {
		ssize_t n = write(fd, text + done, length - done);

		if (n <= 0) {
			errno = n ? errno : ENOSPC;
			return false;
		}
		done += (size_t)n;
	}
	return true;
}

/* The next part under a name of its own, with its first line. -1 with errno: there is no such file. */
static int make_part(const char *path, const char *first_line, size_t length)
{
	int fd, error;

	unlink(path); /* of a session that was killed here */
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd == -1 || write_whole(fd, first_line, length))
		return fd;
	error = errno;
	close(fd);
	unlink(path);
	errno = error;
	return -1;
}

static bool move_all(const struct log_part *p, const char *part, char *from, char *to)
{
	if (!move_older(p, from, to) || !move_current(p, to))
		return false;
	if (rename(part, p->path) == 0)
		return true;
	/* FILE.1 is what is written on; it may have no other name. */
	int error = errno;

	if (p->files > 1 && link(to, p->path) == -1 && errno == EEXIST)
		unlink(to);
	errno = error;
	return false;
}

static bool next_part(struct log_part *p, char *names, size_t room, const char *first_line, size_t length)
{
	char *part = names, *from = names + room, *to = from + room;
	int fd, error;

	fd = make_part(older_path(p, 0, part), first_line, length);
	if (fd == -1)
		return false;
	if (!move_all(p, part, from, to)) {
		error = errno;
		close(fd);
		unlink(part);
		errno = error;
		return false;
	}
	close(p->fd);
	p->fd = fd;
	p->number++;
	p->whole = (off_t)length;
	p->full = p->bytes;
	return true;
}

bool log_part_next(struct log_part *p, const char *first_line, size_t length)
{
	size_t room = strlen(p->path) + NUMBER_BYTES;
	char *names = malloc(3 * room);
	bool done = names && next_part(p, names, room, first_line, length);
	int error = names ? errno : ENOMEM;

	free(names);
	if (!done)
		p->full = (uint64_t)p->whole + p->bytes / RETRIES;
	errno = error;
	return done;
}
