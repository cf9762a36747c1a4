/* The page of a folder: what is in it, folders first, with dates and sizes. Names are bytes, escaped like any
 * text. */
#include "browser/net/directory.h"
#include "browser/net/page.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

struct entry {
	char *name;
	struct stat status;
	bool folder, link, broken;
};

struct entries {
	struct entry *all;
	size_t count, capacity, unlisted;
};

static int compare(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;
	if (a->folder != b->folder)
		return a->folder ? -1 : 1;
	return strcmp(a->name, b->name);
}

static void add_entry(struct entries *entries, int folder, const char *name)
{
	if (entries->count == DIRECTORY_MAX_ENTRIES) {
		entries->unlisted++;
		return;
	}
	if (entries->count == entries->capacity) {
		entries->capacity = entries->capacity ? entries->capacity * 2 : 64;
		entries->all = reallocarray(entries->all, entries->capacity, sizeof *entries->all);
		if (!entries->all)
			abort();
	}
	struct entry *entry = &entries->all[entries->count++];
	*entry = (struct entry){ .name = strdup(name) };
	if (!entry->name)
		abort();
	entry->broken = fstatat(folder, name, &entry->status, AT_SYMLINK_NOFOLLOW);
	entry->link = !entry->broken && S_ISLNK(entry->status.st_mode);
	if (entry->link)
		entry->broken = fstatat(folder, name, &entry->status, 0);
	entry->folder = !entry->broken && S_ISDIR(entry->status.st_mode);
}

static bool read_entries(struct entries *entries, const char *path)
{
	DIR *folder = opendir(path);
	struct dirent *found;
	if (!folder)
		return false;
	while ((found = readdir(folder)))
		if (strcmp(found->d_name, ".") && strcmp(found->d_name, ".."))
			add_entry(entries, dirfd(folder), found->d_name);
	closedir(folder);
	if (entries->count)
		qsort(entries->all, entries->count, sizeof *entries->all, compare);
	return true;
}

/* A number, right-aligned in a column of 15. */
static void write_size(struct text *out, const struct entry *entry)
{
	struct text number = { 0 };
	if (S_ISREG(entry->status.st_mode))
		text_add_number(&number, (unsigned long long)entry->status.st_size);
	else
		text_add(&number, entry->folder ? "folder" : "special");
	text_format(out, "%15s  ", number.data);
	text_finish(&number);
}

static void write_entry(struct text *out, const struct entry *entry)
{
	char date[32] = "";
	struct tm when;
	if (!entry->broken && localtime_r(&entry->status.st_mtime, &when))
		strftime(date, sizeof date, "%Y-%m-%d %H:%M", &when);
	text_format(out, "%-16s", date);
	if (entry->broken)
		text_format(out, "%15s  ", entry->link ? "broken link" : "gone");
	else
		write_size(out, entry);
	text_add(out, "<a href=\"./");
	text_add_path(out, entry->name);
	text_add(out, entry->folder ? "/\">" : "\">");
	html_add(out, entry->name);
	text_add(out, entry->folder ? "/</a>" : "</a>");
	text_add(out, entry->link ? " (link)\n" : "\n");
}

bool directory_write(struct text *out, const char *path)
{
	struct entries entries = { 0 };
	if (!read_entries(&entries, path))
		return false;
	page_begin(out, path);
	text_add(out, "<p>");
	text_add_number(out, entries.count + entries.unlisted);
	text_add(out, entries.count + entries.unlisted == 1 ? " entry" : " entries");
	if (entries.unlisted)
		text_format(out, "; the first %d that were found are shown", DIRECTORY_MAX_ENTRIES);
	text_add(out, ".</p>\n<pre>");
	if (strcmp(path, "/"))
		text_format(out, "%-16s%15s  <a href=\"../\">../</a>\n", "", "folder above");
	for (size_t i = 0; i < entries.count; i++)
		write_entry(out, &entries.all[i]);
	text_add(out, "</pre>\n");
	page_end(out);
	for (size_t i = 0; i < entries.count; i++)
		free(entries.all[i].name);
	free(entries.all);
	return true;
}
