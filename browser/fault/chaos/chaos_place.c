/* See chaos.h: reports lie beside the logs, chaos-<start>-<pid>.json, the newest REPORTS_KEPT of them. */
#include "browser/fault/chaos/chaos.h"
#include "browser/traffic/log/log_file.h"
#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define REPORTS_KEPT 20
/* Their names sort by their time. */
#define REPORT_PATTERN "chaos-[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]T[0-9][0-9][0-9][0-9][0-9][0-9]-*.json"

static int is_report(const struct dirent *entry)
{
	return (entry->d_type == DT_REG || entry->d_type == DT_UNKNOWN) &&
	       fnmatch(REPORT_PATTERN, entry->d_name, FNM_PERIOD) == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* Room for one more. */
static void remove_old(const char *folder)
{
	struct dirent **names;
	int n = scandir(folder, &names, is_report, by_name);
	char path[PATH_MAX];

	for (int i = 0; i < n; i++) {
		if (i <= n - REPORTS_KEPT &&
		    snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name) < (int)sizeof path)
			unlink(path);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
}

bool chaos_place(char *path, size_t capacity, const char **why)
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
	*why = strerror(ENAMETOOLONG);
	return (size_t)snprintf(path + length, capacity - length, "/chaos-%s-%d.json", start, (int)getpid()) <
	       capacity - length;
}
