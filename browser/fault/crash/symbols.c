/* See symbols.h. */
#include "browser/fault/crash/symbols.h"
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef BULKHEAD_SOURCE_ROOT
#error "meson gives the source folder"
#endif

#define FILES_OPEN 8

/* A file at address 0, so that addresses in it are its own. */
struct symbol_file {
	dev_t device;
	ino_t inode;
	Dwfl *dwfl; /* NULL: a free place */
	Dwfl_Module *module;
};

struct symbols {
	struct symbol_file files[FILES_OPEN];
	unsigned next; /* place to use again when all are taken */
};

struct symbols *symbols_create(void)
{
	return calloc(1, sizeof(struct symbols));
}

void symbols_rest(struct symbols *s)
{
	for (unsigned i = 0; i < FILES_OPEN; i++) {
		if (s->files[i].dwfl)
			dwfl_end(s->files[i].dwfl);
		s->files[i] = (struct symbol_file){ 0 };
	}
}

void symbols_destroy(struct symbols *s)
{
	if (s)
		symbols_rest(s);
	free(s);
}

static int find_nothing(Dwfl_Module *module, void **user, const char *name, Dwarf_Addr base, const char *file,
			const char *link, GElf_Word checksum, char **found)
{
	(void)module, (void)user, (void)name, (void)base, (void)file, (void)link, (void)checksum, (void)found;
	return -1;
}

/*
 * Separate debug files are looked for on this machine only, and for what is ours only: to unpack that of the
 * C library takes 37 ms, and the screen stands still meanwhile.
 */
static bool file_open(struct symbol_file *file, int fd, const struct stat *st, bool ours)
{
	static const Dwfl_Callbacks with = { .find_elf = dwfl_build_id_find_elf,
					     .find_debuginfo = dwfl_build_id_find_debuginfo };
	static const Dwfl_Callbacks without = { .find_elf = dwfl_build_id_find_elf,
						.find_debuginfo = find_nothing };
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	*file = (struct symbol_file){ .device = st->st_dev, .inode = st->st_ino };
	if (copy == -1)
		return false;
	file->dwfl = dwfl_begin(ours ? &with : &without);
	if (file->dwfl) {
		dwfl_report_begin(file->dwfl);
		file->module = dwfl_report_elf(file->dwfl, "", "", copy, 0, false);
		dwfl_report_end(file->dwfl, NULL, NULL);
	}
	if (file->module)
		return true;
	close(copy);
	if (file->dwfl)
		dwfl_end(file->dwfl);
	file->dwfl = NULL;
	return false;
}

static struct symbol_file *symbols_open(struct symbols *s, int fd, bool ours)
{
	struct symbol_file *file;
	struct stat st;

	if (fstat(fd, &st) == -1)
		return NULL;
	for (unsigned i = 0; i < FILES_OPEN; i++) {
		file = &s->files[i];
		if (file->dwfl && file->device == st.st_dev && file->inode == st.st_ino)
			return file;
	}
	file = &s->files[s->next++ % FILES_OPEN];
	if (file->dwfl)
		dwfl_end(file->dwfl);
	return file_open(file, fd, &st, ours) ? file : NULL;
}

/* Collapse "a/../b" and "./", and leave out the folder that all of the source lies in. */
static void put_path(char *out, size_t capacity, const char *folder, const char *path)
{
	static const char root[] = BULKHEAD_SOURCE_ROOT "/";
	char whole[PATH_MAX], *parts[128], *state = NULL;
	unsigned n = 0;
	size_t length = 0;

	if ((size_t)snprintf(whole, sizeof whole, "%s%s%s", path[0] == '/' ? "" : folder,
			     path[0] == '/' ? "" : "/", path) >= sizeof whole)
		return;
	bool absolute = whole[0] == '/';
	for (char *part = strtok_r(whole, "/", &state); part && n < 128; part = strtok_r(NULL, "/", &state)) {
		if (!strcmp(part, "..") && n && strcmp(parts[n - 1], ".."))
			n--;
		else if (strcmp(part, ".") != 0)
			parts[n++] = part;
	}
	char joined[PATH_MAX] = "";
	for (unsigned i = 0; i < n; i++)
		length += (size_t)snprintf(joined + length, sizeof joined - length, "%s%s",
					   absolute || i ? "/" : "", parts[i]);
	snprintf(out, capacity, "%.*s", (int)capacity - 1,
		 strncmp(joined, root, sizeof root - 1) ? joined : joined + sizeof root - 1);
}

static const char *cu_folder(Dwarf_Die *cu)
{
	Dwarf_Attribute attribute;
	const char *folder = dwarf_formstring(dwarf_attr(cu, DW_AT_comp_dir, &attribute));

	return folder ? folder : "";
}

/* Where the inlined call in that DIE stands. */
static void put_call(struct symbol *out, Dwarf_Die *cu, Dwarf_Die *inlined)
{
	Dwarf_Attribute attribute;
	Dwarf_Word file = 0, line = 0;
	Dwarf_Files *files;
	size_t count;

	if (dwarf_formudata(dwarf_attr(inlined, DW_AT_call_file, &attribute), &file) == 0 &&
	    dwarf_getsrcfiles(cu, &files, &count) == 0 && file < count) {
		const char *path = dwarf_filesrc(files, file, NULL, NULL);

		if (path)
			put_path(out->file, sizeof out->file, cu_folder(cu), path);
	}
	if (dwarf_formudata(dwarf_attr(inlined, DW_AT_call_line, &attribute), &line) == 0 && line < INT_MAX)
		out->line = (int)line;
}

/* out[0] has the line already. Returns how many there are, at least that one. */
static unsigned find_inlined(Dwfl_Module *module, uint64_t address, struct symbol *out)
{
	Dwarf_Addr bias = 0;
	Dwarf_Die *cu = dwfl_module_addrdie(module, address, &bias), *scopes = NULL, *parents = NULL;
	int nscopes = cu ? dwarf_getscopes(cu, address - bias, &scopes) : 0;
	int nparents = nscopes > 0 ? dwarf_getscopes_die(&scopes[0], &parents) : 0;
	unsigned n = 1;

	for (int i = 0; i < nparents; i++) {
		int tag = dwarf_tag(&parents[i]);
		const char *name = dwarf_diename(&parents[i]);

		if (tag != DW_TAG_subprogram && tag != DW_TAG_inlined_subroutine)
			continue;
		snprintf(out[n - 1].function, sizeof out->function, "%s", name ? name : "");
		if (tag == DW_TAG_subprogram || n == SYMBOL_INLINED)
			break;
		out[n - 1].inlined = true;
		put_call(&out[n++], cu, &parents[i]);
	}
	free(scopes);
	free(parents);
	return n;
}

static void put_line(Dwfl_Module *module, uint64_t address, struct symbol *out)
{
	Dwfl_Line *line = dwfl_module_getsrc(module, address);
	const char *path = line ? dwfl_lineinfo(line, NULL, &out->line, NULL, NULL, NULL) : NULL;
	const char *folder = line ? dwfl_line_comp_dir(line) : NULL;

	if (path)
		put_path(out->file, sizeof out->file, folder ? folder : "", path);
}

unsigned symbols_find(struct symbols *s, int fd, bool ours, uint64_t address,
		      struct symbol out[SYMBOL_INLINED])
{
	struct symbol_file *file = symbols_open(s, fd, ours);
	GElf_Off offset = 0;
	GElf_Sym symbol;
	const char *name;
	unsigned n;

	memset(out, 0, SYMBOL_INLINED * sizeof *out);
	if (!file)
		return 0;
	put_line(file->module, address, &out[0]);
	n = find_inlined(file->module, address, out);
	name = dwfl_module_addrinfo(file->module, address, &offset, &symbol, NULL, NULL, NULL);
	if (name && !out[n - 1].function[0])
		snprintf(out[n - 1].function, sizeof out->function, "%s", name);
	if (name)
		out[n - 1].offset = offset;
	return out[n - 1].function[0] || out[0].file[0] ? n : 0;
}

/* Libraries of this process. */

struct wanted {
	const char *name;
	char path[PATH_MAX];
};

static bool is_name(const char *path, const char *name)
{
	const char *slash = strrchr(path, '/');

	return slash && !strcmp(slash + 1, name);
}

/* Child and browser may know a library by its own name or by that of the file. */
static int look_at(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct wanted *wanted = arg;
	char real[PATH_MAX];

	(void)size;
	if (info->dlpi_name[0] != '/' || !realpath(info->dlpi_name, real) ||
	    (!is_name(info->dlpi_name, wanted->name) && !is_name(real, wanted->name)))
		return 0;
	memcpy(wanted->path, real, sizeof real);
	return 1;
}

int symbols_open_library(const char *name)
{
	struct wanted wanted = { .name = name };

	return dl_iterate_phdr(look_at, &wanted) ? open(wanted.path, O_RDONLY | O_CLOEXEC) : -1;
}
