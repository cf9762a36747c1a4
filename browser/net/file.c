/* Files and folders of this machine. directory.c writes the page of a folder. */
#include "browser/net/directory.h"
#include "browser/net/fetch_kind.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK_BYTES (64u << 10) /* read in one turn of the loop */

struct file {
	int fd;
	struct task read;
};

static void fail_errno(struct fetch *f, int error)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
		fetch_source_fail(f, FETCH_ERROR_MISSING, "There is no such file", "%s.", strerror(error));
		return;
	case EACCES:
	case EPERM:
		fetch_source_fail(f, FETCH_ERROR_UNREADABLE, "This file may not be read", "%s.",
				  strerror(error));
		return;
	case EMFILE:
	case ENFILE:
		fetch_source_fail(f, FETCH_ERROR_TOO_MANY, "Too many files are open", "%s.", strerror(error));
		return;
	default:
		fetch_source_fail(f, FETCH_ERROR_UNREADABLE, "This file cannot be read", "%s.",
				  strerror(error));
	}
}

static void file_finish(struct fetch *f)
{
	struct file *file = f->source;
	if (!file)
		return;
	task_finish(&file->read);
	if (file->fd >= 0)
		close(file->fd);
	free(file);
}

static void read_chunk(void *arg)
{
	static char chunk[CHUNK_BYTES];
	struct fetch *f = arg;
	struct file *file = f->source;
	ssize_t n = read(file->fd, chunk, sizeof chunk);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		task_schedule(&file->read, 0);
	else if (n < 0)
		fail_errno(f, errno);
	else if (!n)
		fetch_source_end(f);
	else if (fetch_source_bytes(f, chunk, (size_t)n))
		task_schedule(&file->read, 0);
}

static void file_resume(struct fetch *f)
{
	struct file *file = f->source;
	if (file)
		task_schedule(&file->read, 0);
}

static const char *kind_words(mode_t mode)
{
	if (S_ISFIFO(mode))
		return "It is a named pipe; only files and folders can be shown.";
	if (S_ISSOCK(mode))
		return "It is a socket; only files and folders can be shown.";
	return "It is a device; only files and folders can be shown.";
}

/* Files of /proc say that they are empty, and are not. */
static void open_regular(struct fetch *f, const char *path)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &status) || !S_ISREG(status.st_mode)) {
		fail_errno(f, fd < 0 ? errno : ENOENT);
		if (fd >= 0)
			close(fd);
		return;
	}
	struct file *file = calloc(1, sizeof *file);
	if (!file)
		abort();
	file->fd = fd;
	task_init(&file->read, read_chunk, f);
	f->source = file;
	fetch_source_head(f, 0, media_of_name(path), status.st_size ? (int64_t)status.st_size : -1);
	task_schedule(&file->read, 0);
}

static void open_path(struct fetch *f, const char *path)
{
	struct stat status;
	/* Looked at before it is opened: opening a device or a pipe may do something. */
	if (stat(path, &status)) {
		fail_errno(f, errno);
	} else if (S_ISDIR(status.st_mode)) {
		struct text html = { 0 };
		size_t length = strlen(f->url);
		if (!directory_write(&html, path))
			fail_errno(f, errno);
		else if (f->url[length - 1] == '/' || length >= URL_MAX)
			fetch_source_html(f, &html);
		else /* the links of the page are relative to the folder */
			memcpy(f->url + length, "/", 2), fetch_source_html(f, &html);
		text_finish(&html);
	} else if (!S_ISREG(status.st_mode)) {
		fetch_source_fail(f, FETCH_ERROR_NOT_A_FILE, "This is no file", "%s",
				  kind_words(status.st_mode));
	} else {
		open_regular(f, path);
	}
}

static void file_start(struct fetch *f)
{
	char *path = url_file_path(f->url);
	if (path)
		open_path(f, path);
	else
		fetch_source_fail(f, FETCH_ERROR_URL, "This is no path",
				  "A path cannot have a 0 byte in it.");
	free(path);
}

const struct fetch_kind file_kind = { false, file_start, file_resume, file_finish };
