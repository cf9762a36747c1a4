/* Which files are loaded where: see crash_note_modules() in crash.h. */
#include "common/crash.h"
#include <link.h>
#include <string.h>

struct list {
	struct crash_module *modules;
	unsigned count;
};

static int note_module(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct list *list = arg;
	struct crash_module *module = &list->modules[list->count];
	const char *slash = strrchr(info->dlpi_name, '/');
	uint64_t bytes = 0;

	(void)size;
	for (unsigned i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *header = &info->dlpi_phdr[i];

		if (header->p_type == PT_LOAD && header->p_vaddr + header->p_memsz > bytes)
			bytes = header->p_vaddr + header->p_memsz;
	}
	module->base = info->dlpi_addr;
	module->end = info->dlpi_addr + bytes;
	strncpy(module->name, slash ? slash + 1 : info->dlpi_name, sizeof module->name - 1);
	return ++list->count == CRASH_MODULES;
}

void crash_note_modules(struct recorder_region *region)
{
	struct list list = { .modules = region->modules };

	dl_iterate_phdr(note_module, &list);
}
