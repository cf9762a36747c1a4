/* See log_set.h. */
#include "browser/traffic/log/log_set.h"
#include "browser/traffic/log/json_scan.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RENAMED_MEANWHILE 8 /* a file's number may have grown by so much since the folder was read */

static void file_close(struct log_set_file *file)
{
	close(file->fd);
	free(file->path);
}

/* How to open what only its name makes a part of the log: it may be a FIFO that nobody writes to. */
#define NEVER_WAIT O_NONBLOCK

/* false with errno. */
static bool file_open(struct log_set_file *file, const char *path, int flags)
{
	struct stat st;

	*file = (struct log_set_file){ .path = strdup(path) };
	file->fd =
		strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | flags) : dup(STDIN_FILENO);
	if (!file->path || file->fd == -1 || fstat(file->fd, &st) == -1) {
		int error = file->path ? errno : ENOMEM;

		if (file->fd != -1)
			close(file->fd);
		free(file->path);
		errno = error;
		return false;
	}
	file->device = st.st_dev;
	file->inode = st.st_ino;
	file->regular = S_ISREG(st.st_mode);
	if (!file->regular || !log_session_read(file->fd, &file->session))
		file->session = (struct log_session){ 0 };
	return true;
}

bool log_set_has(const struct log_set *set, dev_t device, ino_t inode)
{
	for (unsigned i = 0; i < set->count; i++)
		if (set->files[i].device == device && set->files[i].inode == inode)
			return true;
	return false;
}

static bool set_add(struct log_set *set, const struct log_set_file *file)
{
	struct log_set_file *files =
		set->count < LOG_SET_FILES ? realloc(set->files, (set->count + 1) * sizeof *files) : NULL;

	if (!files)
		return false;
	set->files = files;
	set->files[set->count++] = *file;
	return true;
}

static int by_part(const void *a, const void *b)
{
	const struct log_set_file *one = a, *other = b;

	return (one->session.part > other->session.part) - (one->session.part < other->session.part);
}

/* Add the file if it is of the set's session, and of a part between these. */
static void try_part(struct log_set *set, const char *path, unsigned from, unsigned to)
{
	const struct log_session *ours = &set->files[set->count - 1].session;
	struct log_set_file file;

	if (!file_open(&file, path, NEVER_WAIT))
		return;
	if (!file.regular || log_set_has(set, file.device, file.inode) || file.session.ts_us != ours->ts_us ||
	    file.session.pid != ours->pid || file.session.part < from || file.session.part > to ||
	    !set_add(set, &file))
		file_close(&file);
}

/* The number behind the log's name, 0: it is another name. */
static unsigned part_suffix(const char *name, const char *log)
{
	size_t length = strlen(log);
	struct json_slice digits = { name + length + 1, 0 };
	uint64_t n;

	if (strncmp(name, log, length) != 0 || name[length] != '.')
		return 0;
	digits.length = strlen(digits.text);
	return json_slice_number(&digits, &n) && n <= LOG_SET_FILES ? (unsigned)n : 0;
}

/* The greatest number behind the log's name in its folder. */
static unsigned last_suffix(const char *log)
{
	const char *slash = strrchr(log, '/');
	char *folder_path = slash ? strndup(log, (size_t)(slash - log) + 1) : strdup(".");
	DIR *folder = folder_path ? opendir(folder_path) : NULL;
	struct dirent *entry;
	unsigned last = 0;

	while (folder && (entry = readdir(folder))) {
		unsigned n = part_suffix(entry->d_name, slash ? slash + 1 : log);

		last = n > last ? n : last;
	}
	if (folder)
		closedir(folder);
	free(folder_path);
	return last;
}

/*
 * Look for parts with these numbers. Files are renamed meanwhile, each to the next number: going up by their
 * numbers none is missed, though one may be met twice.
 */
static void find_parts(struct log_set *set, unsigned from, unsigned to)
{
	unsigned last = last_suffix(set->path);
	size_t room = strlen(set->path) + 16;
	char *path = malloc(room);

	for (unsigned n = 1; path && n <= last + RENAMED_MEANWHILE; n++) {
		snprintf(path, room, "%s.%u", set->path, n);
		try_part(set, path, from, to);
	}
	free(path);
	if (set->count)
		qsort(set->files, set->count, sizeof *set->files, by_part);
}

bool log_set_open(struct log_set *set, const char *path)
{
	struct log_set_file file;

	*set = (struct log_set){ .path = strdup(path) };
	if (!set->path || !file_open(&file, path, 0) || !set_add(set, &file)) {
		free(set->path);
		set->path = NULL;
		return false;
	}
	if (file.session.part > 1)
		find_parts(set, 1, file.session.part - 1);
	return true;
}

void log_set_close(struct log_set *set)
{
	for (unsigned i = 0; i < set->count; i++)
		file_close(&set->files[i]);
	free(set->files);
	free(set->path);
	*set = (struct log_set){ 0 };
}

bool log_set_is_newest(const struct log_set *set)
{
	const struct log_set_file *newest = &set->files[set->count - 1];
	struct stat st;

	return stat(set->path, &st) == 0 && st.st_dev == newest->device && st.st_ino == newest->inode;
}

bool log_set_renew(struct log_set *set)
{
	struct log_set_file *newest = &set->files[set->count - 1];
	unsigned before = set->count, part;

	/* It may have been empty when it was opened. */
	if (newest->regular && !newest->session.ts_us)
		log_session_read(newest->fd, &newest->session);
	part = newest->session.part;
	if (!newest->regular || !part || log_set_is_newest(set))
		return false;
	/* First FILE: what it is now may be called FILE.1 a moment later. */
	try_part(set, set->path, part + 1, UINT_MAX);
	find_parts(set, part + 1, UINT_MAX);
	return set->count > before;
}
