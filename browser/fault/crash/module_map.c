/* See module_map.h. */
#include "browser/fault/crash/module_map.h"
#include <stdio.h>
#include <string.h>

struct mapping {
	uint64_t start, end, offset, inode;
	char access[5];
	const char *path;
};

static bool parse_mapping(char *line, struct mapping *m)
{
	unsigned long long start, end, offset, inode;
	int path = 0;

	line[strcspn(line, "\n")] = '\0';
	if (sscanf(line, "%llx-%llx %4s %llx %*s %llu %n", &start, &end, m->access, &offset, &inode, &path) <
		    5 ||
	    !path)
		return false;
	m->start = start;
	m->end = end;
	m->offset = offset;
	m->inode = inode;
	m->path = line + path;
	return m->path[0] == '/';
}

/* "/memfd:bulkhead-gpu (deleted)" is bulkhead-gpu. */
static void put_name(char out[MODULE_NAME], const char *path)
{
	static const char memory[] = "/memfd:", gone[] = " (deleted)";
	const char *name = strrchr(path, '/') + 1;
	size_t length;

	if (!strncmp(path, memory, sizeof memory - 1))
		name = path + sizeof memory - 1;
	length = strlen(name);
	if (length >= sizeof gone && !strcmp(name + length - (sizeof gone - 1), gone))
		length -= sizeof gone - 1;
	snprintf(out, MODULE_NAME, "%.*s", (int)length, name);
}

/* A file's mappings stand together. What turns out to hold no code is overwritten by the next. */
struct reading {
	struct module_map *map;
	struct module file;
	bool has_code;
};

static void end_file(struct reading *r)
{
	if (r->has_code && r->map->count < CRASH_MODULES)
		r->map->modules[r->map->count++] = r->file;
	r->has_code = false;
	r->file = (struct module){ 0 };
}

static void add_mapping(struct reading *r, const struct mapping *m)
{
	if (!r->file.end || r->file.inode != m->inode || m->offset == 0) {
		end_file(r);
		r->file.base = m->start - m->offset;
		r->file.inode = m->inode;
		put_name(r->file.name, m->path);
	}
	r->file.end = m->end;
	r->has_code |= m->access[2] == 'x';
}

bool module_map_read(pid_t pid, struct module_map *map)
{
	struct reading reading = { .map = map };
	char path[48], line[4400];
	struct mapping m;
	FILE *file;

	*map = (struct module_map){ 0 };
	snprintf(path, sizeof path, "/proc/%d/maps", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	while (fgets(line, sizeof line, file))
		if (parse_mapping(line, &m))
			add_mapping(&reading, &m);
	end_file(&reading);
	fclose(file);
	return map->count > 0;
}

void module_map_claimed(const struct crash_module claimed[CRASH_MODULES], struct module_map *map)
{
	*map = (struct module_map){ .claimed = true };
	for (unsigned i = 0; i < CRASH_MODULES; i++) {
		struct crash_module c = claimed[i];

		if (c.end <= c.base)
			continue;
		struct module *m = &map->modules[map->count++];

		m->base = c.base;
		m->end = c.end;
		snprintf(m->name, sizeof m->name, "%.*s", CRASH_MODULE_NAME, c.name);
	}
}

const struct module *module_map_find(const struct module_map *map, uint64_t address)
{
	for (unsigned i = 0; i < map->count; i++)
		if (address >= map->modules[i].base && address < map->modules[i].end)
			return &map->modules[i];
	return NULL;
}
