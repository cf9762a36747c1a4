/* See log_lines.h. */
#include "browser/traffic/log/log_lines.h"
#include "browser/traffic/log/json_scan.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_BYTES (256u << 10)

bool log_lines_open(struct log_lines *l, const char *path)
{
	*l = (struct log_lines){ 0 };
	return log_set_open(&l->set, path);
}

void log_lines_close(struct log_lines *l)
{
	log_set_close(&l->set);
	free(l->data);
}

/* Room for READ_BYTES more, a 0, and the slack. */
static bool lines_reserve(struct log_lines *l)
{
	size_t room = l->room ? l->room : 2 * READ_BYTES;
	char *data;

	if (l->at) {
		memmove(l->data, l->data + l->at, l->end - l->at);
		l->end -= l->at;
		l->at = 0;
	}
	while (room - l->end < READ_BYTES + 1 + JSON_SCAN_SLACK)
		room *= 2;
	if (room == l->room)
		return true;
	data = realloc(l->data, room);
	if (!data)
		return false;
	memset(data + l->end, 0, room - l->end);
	l->data = data;
	l->room = room;
	return true;
}

/* Read more behind what is there. false with errno; at the end of the file `eof` is set. */
static bool lines_fill(struct log_lines *l)
{
	ssize_t n;

	if (!lines_reserve(l))
		return false;
	do
		n = read(l->set.files[l->next.file].fd, l->data + l->end, READ_BYTES);
	while (n == -1 && errno == EINTR && !l->growing);
	if (n < 0)
		return false;
	l->eof = n == 0;
	l->end += (size_t)n;
	return true;
}

/* The line is `length` bytes, and `end` more (0 or 1) end it. */
static enum line_found lines_take(struct log_lines *l, size_t length, size_t end, enum line_found found)
{
	bool skipped = l->skipping;

	l->line = l->data + l->at;
	l->length = length;
	l->line[length] = '\0';
	l->at += length + end;
	l->next.offset += length + end;
	l->next.number++;
	l->skipping = false;
	return skipped && found == LINE_FOUND ? LINE_LONG : found;
}

static enum line_found lines_find(struct log_lines *l)
{
	size_t searched = 0;

	for (;;) {
		char *newline = NULL;

		if (l->end > l->at + searched)
			newline = memchr(l->data + l->at + searched, '\n', l->end - l->at - searched);
		if (newline)
			return lines_take(l, (size_t)(newline - l->data) - l->at, 1, LINE_FOUND);
		searched = l->end - l->at;
		if (searched > LOG_READER_LINE_BYTES) {
			l->skipping = true;
			l->at = l->end;
			l->next.offset += searched;
			searched = 0;
		}
		if (l->eof && l->growing)
			return LINE_NONE;
		if (l->eof)
			return searched || l->skipping ? lines_take(l, searched, 0, LINE_UNENDED) : LINE_NONE;
		if (!lines_fill(l))
			return LINE_FAILED;
	}
}

static void lines_begin_file(struct log_lines *l, unsigned file)
{
	l->next = (struct log_place){ .file = file };
	l->at = l->end = 0;
	l->eof = l->skipping = false;
}

enum line_found log_lines_next(struct log_lines *l)
{
	/* Only what is written grows. */
	bool growing = l->growing;
	enum line_found found;

	for (;;) {
		bool last = l->next.file + 1 == l->set.count;

		l->growing = growing && last;
		if (growing)
			l->eof = false;
		found = lines_find(l);
		l->growing = growing;
		if (found != LINE_NONE || last)
			return found;
		lines_begin_file(l, l->next.file + 1);
	}
}

bool log_lines_seek(struct log_lines *l, const struct log_place *place)
{
	for (unsigned i = place->file; i < l->set.count; i++)
		if (!l->set.files[i].regular ||
		    lseek(l->set.files[i].fd, i == place->file ? (off_t)place->offset : 0, SEEK_SET) == -1)
			return false;
	lines_begin_file(l, place->file);
	l->next = *place;
	return true;
}

static const struct log_set_file *lines_file(const struct log_lines *l)
{
	return &l->set.files[l->next.file];
}

/* -1: nobody knows. */
static off_t file_size(const struct log_set_file *file)
{
	struct stat st;

	return fstat(file->fd, &st) == 0 ? st.st_size : -1;
}

/* In the file, behind all that was read of it. */
static off_t read_up_to(const struct log_lines *l)
{
	return (off_t)(l->next.offset + (l->end - l->at));
}

bool log_lines_is_file(const struct log_lines *l)
{
	return lines_file(l)->regular;
}

bool log_lines_has_more(const struct log_lines *l)
{
	return file_size(lines_file(l)) > read_up_to(l);
}

bool log_lines_replaced(const struct log_lines *l)
{
	const struct log_set_file *file = lines_file(l);
	off_t size = file_size(file);
	struct log_session now;

	if (size < read_up_to(l))
		return size >= 0;
	return file->session.ts_us && log_session_read(file->fd, &now) && now.ts_us != file->session.ts_us;
}
