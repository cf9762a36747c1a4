/* See log_file.h. */
#include "browser/traffic/log/log_file.h"
#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Names of logs sort by their time. Their older parts have a number behind: see log_part.h. */
#define LOG_PATTERN "log-[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]T[0-9][0-9][0-9][0-9][0-9][0-9]-*.jsonl"
#define LOG_END	    ".jsonl"

bool log_file_folder(char *path, size_t capacity, const char **why)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	int n;

	if (!home || home[0] != '/') {
		const struct passwd *user = getpwuid(getuid());

		home = user ? user->pw_dir : NULL;
	}
	path[0] = '\0';
	if (state && state[0] == '/') {
		n = snprintf(path, capacity, "%s/bulkhead", state);
	} else if (home && home[0] == '/') {
		n = snprintf(path, capacity, "%s/.local/state/bulkhead", home);
	} else {
		*why = "neither XDG_STATE_HOME nor HOME names a folder";
		return false;
	}
	if (n < 0 || (size_t)n >= capacity) {
		*why = strerror(ENAMETOOLONG);
		return false;
	}
	return true;
}

bool log_file_make_folder(char *path)
{
	struct stat st;

	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		bool made = mkdir(path, 0700) == 0 || errno == EEXIST;
		*slash = '/';
		if (!made)
			return false;
	}
	if (mkdir(path, 0700) == 0)
		return true;
	if (errno != EEXIST || stat(path, &st) == -1)
		return false;
	if (!S_ISDIR(st.st_mode)) {
		errno = ENOTDIR;
		return false;
	}
	return !(st.st_mode & 077) || chmod(path, 0700) == 0;
}

static bool is_file_like(const struct dirent *entry, const char *pattern)
{
	return (entry->d_type == DT_REG || entry->d_type == DT_UNKNOWN) &&
	       fnmatch(pattern, entry->d_name, FNM_PERIOD) == 0;
}

static int is_log(const struct dirent *entry)
{
	return is_file_like(entry, LOG_PATTERN);
}

static int is_log_or_part(const struct dirent *entry)
{
	return is_log(entry) || is_file_like(entry, LOG_PATTERN ".[0-9]*");
}

/* The length of a log's name, without the number of a part. */
static size_t name_length(const char *name)
{
	const char *end = name;

	for (const char *at = name; (at = strstr(at, LOG_END)); at++)
		end = at;
	return (size_t)(end - name) + strlen(LOG_END);
}

static bool are_of_one_log(const char *a, const char *b)
{
	size_t length = name_length(a);

	return length == name_length(b) && !strncmp(a, b, length);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void free_names(struct dirent **names, int n)
{
	for (int i = 0; i < n; i++)
		free(names[i]);
	free(names);
}

static void remove_old(const char *folder)
{
	struct dirent **names;
	int n = scandir(folder, &names, is_log_or_part, by_name);
	unsigned logs = 0;
	char path[PATH_MAX];

	/* From the newest to the oldest; all parts of a log stand together. */
	for (int i = n - 1; i >= 0; i--) {
		logs += i == n - 1 || !are_of_one_log(names[i]->d_name, names[i + 1]->d_name);
		if (logs >= LOG_FILES_KEPT &&
		    snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name) < (int)sizeof path)
			unlink(path);
	}
	if (n >= 0)
		free_names(names, n);
}

bool log_file_new(char *path, size_t capacity, const char **why)
{
	time_t now = time(NULL);
	char start[32];
	struct tm utc;
	size_t length;

	if (!log_file_folder(path, capacity, why))
		return false;
	if (!log_file_make_folder(path)) {
		*why = strerror(errno);
		return false;
	}
	remove_old(path);
	gmtime_r(&now, &utc);
	strftime(start, sizeof start, "%Y%m%dT%H%M%S", &utc);
	length = strlen(path);
	if ((size_t)snprintf(path + length, capacity - length, "/log-%s-%d.jsonl", start, (int)getpid()) >=
	    capacity - length) {
		*why = strerror(ENAMETOOLONG);
		return false;
	}
	return true;
}

bool log_file_newest(char *path, size_t capacity, const char **why)
{
	struct dirent **names;
	size_t length;
	int n;

	if (!log_file_folder(path, capacity, why))
		return false;
	n = scandir(path, &names, is_log, by_name);
	if (n <= 0) {
		*why = n < 0 ? strerror(errno) : "holds no log";
		if (n == 0)
			free(names);
		return false;
	}
	length = strlen(path);
	bool fits = (size_t)snprintf(path + length, capacity - length, "/%s", names[n - 1]->d_name) <
		    capacity - length;

	free_names(names, n);
	if (!fits)
		*why = strerror(ENAMETOOLONG);
	return fits;
}
