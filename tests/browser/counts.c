/* What the kernel has of this process: descriptors, mappings, children, memory. See harness.h. */
#include "tests/browser/harness.h"
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

unsigned count_fds(void)
{
	DIR *fds = opendir("/proc/self/fd");
	unsigned n = 0;

	assert_non_null(fds);
	for (struct dirent *entry; (entry = readdir(fds));)
		n += entry->d_name[0] != '.';
	closedir(fds);
	return n - 1; /* without the folder's own */
}

unsigned count_regions(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[1024];
	unsigned n = 0;

	assert_non_null(maps);
	while (fgets(line, sizeof line, maps))
		n += strstr(line, "/memfd:") != NULL;
	fclose(maps);
	return n;
}

/* State and parent of a process; false: it is gone. */
static bool read_stat(pid_t pid, char *state, pid_t *parent)
{
	char path[32], buf[512], *rest;
	FILE *file;
	size_t n;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	n = fread(buf, 1, sizeof buf - 1, file);
	fclose(file);
	buf[n] = '\0';
	rest = strrchr(buf, ')');
	return rest && sscanf(rest + 1, " %c %d", state, parent) == 2;
}

static unsigned each_child(pid_t of, pid_t *pids, unsigned max, bool zombies_only)
{
	DIR *proc = opendir("/proc");
	unsigned n = 0;
	pid_t parent;
	char state;

	assert_non_null(proc);
	for (struct dirent *entry; (entry = readdir(proc));) {
		pid_t pid = isdigit((unsigned char)entry->d_name[0]) ? atoi(entry->d_name) : 0;

		if (!pid || !read_stat(pid, &state, &parent) || parent != of ||
		    (zombies_only && state != 'Z'))
			continue;
		if (pids && n < max)
			pids[n] = pid;
		n++;
	}
	closedir(proc);
	return n;
}

unsigned list_children(pid_t of, pid_t *pids, unsigned max)
{
	unsigned n = each_child(of, pids, max, false);

	return n < max ? n : max;
}

unsigned count_children(void)
{
	return each_child(getpid(), NULL, 0, false);
}

/* The dead have no command line any more. */
unsigned count_children_named(const char *program)
{
	static pid_t pids[4096];
	unsigned count = list_children(getpid(), pids, sizeof pids / sizeof *pids), n = 0;

	for (unsigned i = 0; i < count; i++) {
		char path[32], name[256] = "", *folder;
		FILE *file;

		snprintf(path, sizeof path, "/proc/%d/cmdline", (int)pids[i]);
		file = fopen(path, "re");
		if (!file)
			continue;
		if (!fgets(name, sizeof name, file))
			name[0] = '\0';
		fclose(file);
		folder = strrchr(name, '/');
		n += !strcmp(folder ? folder + 1 : name, program);
	}
	return n;
}

unsigned count_zombies(void)
{
	return each_child(getpid(), NULL, 0, true);
}

uint64_t count_resident_bytes(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	unsigned long pages = 0;

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%*u %lu", &pages), 1);
	fclose(file);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}
