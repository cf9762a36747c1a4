/* See kin.h. */
#include "bench/kin.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool read_proc(pid_t pid, const char *name, char *buf, size_t capacity, size_t *length)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
	FILE *file = fopen(path, "re");

	if (!file)
		return false;
	*length = fread(buf, 1, capacity - 1, file);
	buf[*length] = '\0';
	fclose(file);
	return true;
}

/* argv[0], and what stands behind "--serial". */
static void kin_name(struct kin *k)
{
	char line[512];
	size_t length;

	k->name[0] = '\0';
	k->serial = 0;
	if (!read_proc(k->pid, "cmdline", line, sizeof line, &length))
		return;
	const char *folder = strrchr(line, '/');

	snprintf(k->name, sizeof k->name, "%.31s", folder ? folder + 1 : line);
	for (char *at = line; at < line + length; at += strlen(at) + 1)
		if (!strcmp(at, "--serial"))
			k->serial = (uint32_t)strtoul(at + sizeof "--serial", NULL, 10);
}

static unsigned kin_children(pid_t parent, struct kin *list, unsigned count)
{
	char name[48], line[16384], *at = line, *end;
	size_t length;

	snprintf(name, sizeof name, "task/%d/children", (int)parent);
	if (!read_proc(parent, name, line, sizeof line, &length))
		return count;
	for (long pid; count < KIN_MAX && (pid = strtol(at, &end, 10)) > 0 && end != at; at = end) {
		list[count].pid = (pid_t)pid;
		kin_name(&list[count++]);
	}
	return count;
}

unsigned kin_list(pid_t pid, struct kin *list)
{
	unsigned count = kin_children(pid, list, 0);

	for (unsigned i = 0; i < count; i++)
		count = kin_children(list[i].pid, list, count);
	return count;
}

unsigned kin_count(const struct kin *list, unsigned count, const char *name)
{
	unsigned n = 0;

	for (unsigned i = 0; i < count; i++)
		n += !strcmp(list[i].name, name);
	return n;
}

long kin_private(pid_t pid)
{
	unsigned long resident, shared;
	char text[128];
	size_t length;

	if (!read_proc(pid, "statm", text, sizeof text, &length) ||
	    sscanf(text, "%*u %lu %lu", &resident, &shared) != 2)
		return -1;
	return (long)((resident - shared) * (unsigned long)sysconf(_SC_PAGESIZE) / 1024);
}

long kin_pss(pid_t pid)
{
	char text[2048];
	size_t length;

	if (!read_proc(pid, "smaps_rollup", text, sizeof text, &length))
		return -1;
	const char *line = strstr(text, "\nPss:");

	return line ? strtol(line + 5, NULL, 10) : -1;
}
