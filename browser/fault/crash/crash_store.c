/* See crash_store.h. */
#include "browser/fault/crash/crash_store.h"
#include "browser/traffic/log/json.h"
#include "browser/traffic/log/log_file.h"
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define TIME_LETTERS	   18 /* 20260102T030405678 */
#define UNFINISHED	   ".unfinished"
#define UNFINISHED_SECONDS 60 /* after which nobody is still writing it */

bool crash_store_init(struct crash_store *s, const char **why)
{
	size_t length;

	if (!log_file_folder(s->folder, sizeof s->folder - sizeof "/crashes", why)) {
		s->folder[0] = '\0';
		return false;
	}
	length = strlen(s->folder);
	snprintf(s->folder + length, sizeof s->folder - length, "/crashes");
	return true;
}

void crash_id_make(char id[CRASH_ID], uint64_t ts_us, struct endpoint who, pid_t browser)
{
	time_t seconds = (time_t)(ts_us / 1000000);
	char when[TIME_LETTERS + 1];
	struct tm utc;

	gmtime_r(&seconds, &utc);
	strftime(when, sizeof when, "%Y%m%dT%H%M%S", &utc);
	snprintf(id, CRASH_ID, "%s%03u-%s-%u-%d", when, (unsigned)(ts_us / 1000 % 1000), role_names[who.role],
		 who.serial, (int)browser);
}

/* "-123" with at most ten digits. */
static const char *skip_number(const char *text)
{
	size_t digits = text && *text == '-' ? strspn(text + 1, "0123456789") : 0;

	return digits && digits <= 10 ? text + 1 + digits : NULL;
}

static const char *skip_role(const char *text)
{
	for (unsigned role = 0; role < ROLE_COUNT; role++) {
		size_t length = strlen(role_names[role]);

		if (!strncmp(text, role_names[role], length))
			return text + length;
	}
	return NULL;
}

bool crash_id_is_valid(const char *id)
{
	const char *end;

	for (unsigned i = 0; i < TIME_LETTERS; i++)
		if (i == 8 ? id[i] != 'T' : !isdigit((unsigned char)id[i]))
			return false;
	if (id[TIME_LETTERS] != '-')
		return false;
	end = skip_number(skip_number(skip_role(id + TIME_LETTERS + 1)));
	return end && !*end;
}

const char *crash_store_path(const struct crash_store *s, const char *id, char *buf, size_t capacity)
{
	snprintf(buf, capacity, "%s/%s.json", s->folder, id);
	return buf;
}

/* Listing. */

/* The id in the name of a report's file. */
static bool parse_name(const char *name, char id[CRASH_ID])
{
	size_t length = strlen(name);

	if (length < 5 || length - 5 >= CRASH_ID || strcmp(name + length - 5, ".json") != 0)
		return false;
	snprintf(id, CRASH_ID, "%.*s", (int)(length - 5), name);
	return crash_id_is_valid(id);
}

static int is_report(const struct dirent *entry)
{
	char id[CRASH_ID];

	return parse_name(entry->d_name, id);
}

static int is_unfinished(const struct dirent *entry)
{
	return !strncmp(entry->d_name, UNFINISHED, sizeof UNFINISHED - 1);
}

static int newest_first(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*b)->d_name, (*a)->d_name);
}

static void free_names(struct dirent **names, int n)
{
	for (int i = 0; i < n; i++)
		free(names[i]);
	if (n >= 0)
		free(names);
}

unsigned crash_store_list(const struct crash_store *s, char (*ids)[CRASH_ID], unsigned max)
{
	struct dirent **names = NULL;
	int n = s->folder[0] ? scandir(s->folder, &names, is_report, newest_first) : -1;
	unsigned count = 0;

	for (int i = 0; i < n && count < max; i++)
		count += parse_name(names[i]->d_name, ids[count]);
	free_names(names, n);
	return count;
}

/* Let the oldest go, so that what is left is within both bounds. The newest stays whatever its size. */
static void keep_bounds(int folder)
{
	struct dirent **names = NULL;
	int n = scandirat(folder, ".", &names, is_report, newest_first);
	uint64_t bytes = 0;
	struct stat st;

	for (int i = 0; i < n; i++) {
		if (fstatat(folder, names[i]->d_name, &st, AT_SYMLINK_NOFOLLOW) == -1)
			continue;
		bytes += (uint64_t)st.st_size;
		if (i && (i >= CRASH_FILES_MAX || bytes > CRASH_BYTES_MAX))
			unlinkat(folder, names[i]->d_name, 0);
	}
	free_names(names, n);
}

/* Writing. */

static bool write_all(int fd, const char *text, size_t length)
{
	while (length) {
		ssize_t n = write(fd, text, length);

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		text += n;
		length -= (size_t)n;
	}
	return true;
}

/* Beside it first, so that there is never half of one under its name. */
static bool write_report(int folder, const char *id, const char *text, size_t length)
{
	char name[CRASH_ID + 8], beside[CRASH_ID + sizeof UNFINISHED];
	int fd, error;
	bool written;

	snprintf(name, sizeof name, "%s.json", id);
	snprintf(beside, sizeof beside, UNFINISHED "%s", id);
	unlinkat(folder, beside, 0);
	fd = openat(folder, beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd == -1)
		return false;
	written = write_all(fd, text, length);
	error = errno;
	close(fd);
	if (written && renameat(folder, beside, folder, name) == 0)
		return true;
	if (!written)
		errno = error;
	error = errno;
	unlinkat(folder, beside, 0);
	errno = error;
	return false;
}

/* What a browser left that was killed while it wrote; another may be writing just now. */
static void remove_unfinished(int folder)
{
	struct dirent **names = NULL;
	int n = scandirat(folder, ".", &names, is_unfinished, NULL);
	struct stat st;

	for (int i = 0; i < n; i++)
		if (fstatat(folder, names[i]->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    time(NULL) - st.st_mtime > UNFINISHED_SECONDS)
			unlinkat(folder, names[i]->d_name, 0);
	free_names(names, n);
}

bool crash_store_write(const struct crash_store *s, const char *id, const char *text, size_t length,
		       const char **why)
{
	char path[sizeof s->folder];
	int folder = -1;
	bool written;

	memcpy(path, s->folder, sizeof path);
	if (length > CRASH_FILE_BYTES) {
		*why = strerror(EFBIG);
		return false;
	}
	if (log_file_make_folder(path))
		folder = open(s->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	written = folder != -1 && write_report(folder, id, text, length);
	if (!written)
		*why = strerror(errno);
	if (folder == -1)
		return false;
	if (written) {
		remove_unfinished(folder);
		keep_bounds(folder);
	}
	close(folder);
	return written;
}

/* Reading. */

static char *read_file(const char *path, size_t *length, const char **why)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	char *text = NULL;
	struct stat st;
	ssize_t n = 0;

	*length = 0;
	if (fd == -1 || fstat(fd, &st) == -1) {
		*why = strerror(errno);
	} else if (!S_ISREG(st.st_mode) || st.st_size <= 0 || st.st_size > CRASH_FILE_BYTES) {
		*why = "it is no file of a report's size";
	} else if (!(text = malloc((size_t)st.st_size + 1))) {
		*why = strerror(ENOMEM);
	} else {
		while (*length < (size_t)st.st_size &&
		       (n = read(fd, text + *length, (size_t)st.st_size - *length)) > 0)
			*length += (size_t)n;
		text[*length] = '\0';
	}
	if (fd != -1)
		close(fd);
	return text;
}

cJSON *crash_store_read(const struct crash_store *s, const char *id, const char **why)
{
	char path[sizeof s->folder + CRASH_ID + 8];
	cJSON *json = NULL;
	size_t length;
	char *text;

	*why = "there is no report of that name";
	if (!s->folder[0] || !crash_id_is_valid(id))
		return NULL;
	text = read_file(crash_store_path(s, id, path, sizeof path), &length, why);
	if (!text)
		return NULL;
	while (length && text[length - 1] == '\n')
		length--;
	json = json_parse_line(text, length);
	free(text);
	const char *type = cJSON_GetStringValue(cJSON_GetObjectItem(json, "type"));
	const char *named = cJSON_GetStringValue(cJSON_GetObjectItem(json, "id"));

	if (type && named && !strcmp(type, "crash_report") && !strcmp(named, id))
		return json;
	*why = json ? "the file holds something else" : "the file is damaged";
	cJSON_Delete(json);
	return NULL;
}
