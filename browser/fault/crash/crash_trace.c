/* See crash_trace.h. */
#include "browser/fault/crash/crash_trace.h"
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* As sandbox/namespaces.c calls the copy of the library. */
#define LIBRARY_NAME "plugin.so"

void crash_trace_init(struct crash_trace *t, const struct process_host *p, const struct crash_claims *claims,
		      const struct module_map *map)
{
	char path[PATH_MAX], name[64];
	struct stat st;

	*t = (struct crash_trace){ .program = -1, .library = -1, .map = *map };
	t->nframes = crash_claims_frames(claims, t->frames);
	t->first_is_exact = crash_claims_first_is_exact(claims);
	snprintf(t->program_name, sizeof t->program_name, "bulkhead-%s", role_names[p->name.role]);
	t->program = fcntl(p->table->programs.role[p->name.role], F_DUPFD_CLOEXEC, 0);
	if (t->program != -1 && fstat(t->program, &st) == 0)
		t->program_inode = st.st_ino;
	if (p->name.role == ROLE_PLUGIN) {
		snprintf(name, sizeof name, "%s.so", p->label);
		t->library = compartment_find_file("plugin", name, path);
	}
}

void crash_trace_finish(struct crash_trace *t)
{
	if (t->program != -1)
		close(t->program);
	if (t->library != -1)
		close(t->library);
	t->program = t->library = -1;
}

/* The browser's own file behind a module; *opened: the caller closes it. -1: it is none of the browser's. */
static int module_file(const struct crash_trace *t, const struct module *m, bool *opened)
{
	*opened = false;
	if (!m->name[0] || (m->inode && m->inode == t->program_inode))
		return t->program;
	if (!strcmp(m->name, LIBRARY_NAME))
		return t->library;
	*opened = true;
	return symbols_open_library(m->name);
}

static const char *module_name(const struct crash_trace *t, const struct module *m)
{
	return m->name[0] ? m->name : t->program_name;
}

static void add_symbol(cJSON *frame, const struct symbol *s)
{
	report_add_text(frame, "function", s->function);
	if (s->function[0] && !s->inlined)
		cJSON_AddNumberToObject(frame, "offset", (double)s->offset);
	if (s->inlined)
		cJSON_AddTrueToObject(frame, "inlined");
	report_add_text(frame, "file", s->file);
	if (s->file[0] && s->line)
		cJSON_AddNumberToObject(frame, "line", s->line);
}

/* The first frame in a source of ours that is not there to tell of crashes. */
static void note_where(cJSON *report, const struct symbol *s)
{
	char text[288];

	if (cJSON_GetObjectItem(report, "where") || !s->function[0] || !s->file[0] ||
	    !strcmp(s->file, "common/crash.c"))
		return;
	snprintf(text, sizeof text, "%.*s at %.*s:%d", (int)sizeof s->function, s->function,
		 (int)sizeof s->file, s->file, s->line);
	report_add_text(report, "where", text);
}

static void add_frame(struct crash_trace *t, struct symbols *symbols, cJSON *report, cJSON *backtrace)
{
	uint64_t address = t->frames[t->done];
	const struct module *m = module_map_find(&t->map, address);
	struct symbol found[SYMBOL_INLINED] = { 0 };
	/* A call returns to what comes behind it, which may be another line, or function. */
	uint64_t back = t->done == 0 && t->first_is_exact ? 0 : 1;
	bool opened = false;
	int file = m ? module_file(t, m, &opened) : -1;
	unsigned n = file != -1 ? symbols_find(symbols, file, !opened, address - m->base - back, found) : 0;

	if (opened && file != -1)
		close(file);
	for (unsigned i = 0; i < (n ? n : 1); i++) {
		cJSON *frame = cJSON_CreateObject();

		report_add_hex(frame, "address", address);
		if (m)
			report_add_text(frame, "module", module_name(t, m));
		if (m)
			report_add_hex(frame, "module_offset", address - m->base);
		add_symbol(frame, &found[i]);
		if (file == t->program || file == t->library)
			note_where(report, &found[i]);
		cJSON_AddItemToArray(backtrace, frame);
	}
}

static void add_modules(const struct crash_trace *t, cJSON *report)
{
	cJSON *modules = cJSON_AddObjectToObject(report, "modules"), *list;

	report_add_text(modules, "seen_by", t->map.claimed ? "the process itself" : "the browser");
	list = cJSON_AddArrayToObject(modules, "list");
	for (unsigned i = 0; i < t->map.count; i++) {
		const struct module *m = &t->map.modules[i];
		cJSON *module = cJSON_CreateObject();

		report_add_text(module, "name", module_name(t, m));
		report_add_hex(module, "base", m->base);
		report_add_hex(module, "end", m->end);
		cJSON_AddItemToArray(list, module);
	}
}

bool crash_trace_step(struct crash_trace *t, struct symbols *symbols, cJSON *report)
{
	cJSON *backtrace = cJSON_GetObjectItem(report, "backtrace");

	if (t->done < t->nframes) {
		if (!backtrace)
			backtrace = cJSON_AddArrayToObject(report, "backtrace");
		add_frame(t, symbols, report, backtrace);
		t->done++;
		return true;
	}
	if (!cJSON_GetObjectItem(report, "modules"))
		add_modules(t, report);
	return false;
}
