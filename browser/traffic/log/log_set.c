/* See log_set.h. */
#include "browser/traffic/log/log_set.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OPEN_TRIES 3

static void file_close(struct log_set_file *file)
{
	close(file->fd);
	free(file->path);
}

/* false with errno. */
static bool file_open(struct log_set_file *file, const char *path)
{
	struct stat st;

	*file = (struct log_set_file){ .path = strdup(path) };
	file->fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY) : dup(STDIN_FILENO);
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

	if (!file_open(&file, path))
		return;
	if (!file.regular || log_set_has(set, file.device, file.inode) || file.session.ts_us != ours->ts_us ||
	    file.session.pid != ours->pid || file.session.part < from || file.session.part > to ||
	    !set_add(set, &file))
		file_close(&file);
}

/* Is the name that of the log with a number behind it? */
static bool is_part_name(const char *name, const char *log)
{
	size_t length = strlen(log);

	return strncmp(name, log, length) == 0 && name[length] == '.' && name[length + 1] >= '1' &&
	       name[length + 1] <= '9' && !name[length + 1 + strspn(name + length + 1, "0123456789")];
}

/* Look through the folder for parts with these numbers. */
static void find_parts(struct log_set *set, unsigned from, unsigned to)
{
	const char *slash = strrchr(set->path, '/');
	int folder_length = slash ? (int)(slash - set->path) + 1 : 0;
	const char *name = set->path + folder_length;
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *folder;

	snprintf(path, sizeof path, "%.*s", folder_length ? folder_length : 2,
		 folder_length ? set->path : "./");
	folder = opendir(path);
	while (folder && (entry = readdir(folder)))
		if (is_part_name(entry->d_name, name) &&
		    snprintf(path, sizeof path, "%.*s%s", folder_length, set->path, entry->d_name) <
			    (int)sizeof path)
			try_part(set, path, from, to);
	if (folder)
		closedir(folder);
	if (set->count)
		qsort(set->files, set->count, sizeof *set->files, by_part);
}

bool log_set_open(struct log_set *set, const char *path)
{
	struct log_set_file file;

	*set = (struct log_set){ .path = strdup(path) };
	if (!set->path || !file_open(&file, path) || !set_add(set, &file)) {
		free(set->path);
		set->path = NULL;
		return false;
	}
	/* What is renamed while the folder is read may be missed: look again. */
	for (unsigned tries = 0; file.session.part > 1 && tries < OPEN_TRIES; tries++) {
		find_parts(set, 1, file.session.part - 1);
		if (log_set_is_newest(set))
			break;
	}
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
