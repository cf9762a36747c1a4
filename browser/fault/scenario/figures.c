/* See figures.h. */
#include "browser/fault/scenario/figures.h"
#include "browser/browser.h"
#include "browser/process/spare.h"
#include "browser/tab/tab.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static uint64_t read_private(pid_t pid)
{
	unsigned long resident = 0, shared = 0;
	char path[48];
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/statm", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	if (fscanf(file, "%*u %lu %lu", &resident, &shared) != 2 || shared > resident)
		resident = shared = 0;
	fclose(file);
	return (resident - shared) * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* An ordinary user's browser may not read it of its undumpable children. */
static uint64_t read_pss(pid_t pid)
{
	unsigned long kilobytes = 0;
	char path[48], line[256];
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	while (!kilobytes && fgets(line, sizeof line, file))
		if (sscanf(line, "Pss: %lu kB", &kilobytes) != 1)
			kilobytes = 0;
	fclose(file);
	return kilobytes * UINT64_C(1024);
}

static struct process_figures figures_of(struct endpoint e, pid_t pid, double start_ms)
{
	return (struct process_figures){ .process = e,
					 .pid = pid,
					 .private_bytes = read_private(pid),
					 .pss_bytes = read_pss(pid),
					 .start_ms = start_ms };
}

void figures_take(struct browser *b, struct figures *f)
{
	unsigned n = process_count(b->processes);

	*f = (struct figures){ .tabs = b->tabs->count,
			       .browser = figures_of((struct endpoint){ ROLE_BROWSER, 0 }, getpid(), 0),
			       .each = calloc(n ? n : 1, sizeof *f->each) };
	for (const struct process_host *p = f->each ? b->processes->first : NULL; p; p = p->next) {
		if (!process_is_up(p))
			continue;
		f->renderers += p->name.role == ROLE_RENDERER;
		f->gpus += p->name.role == ROLE_GPU;
		f->plugins += p->name.role == ROLE_PLUGIN;
		f->spares += p == b->spare->process;
		f->each[f->processes++] =
			figures_of(p->name, p->pid, (double)(p->ready_ns - p->started_ns) / 1e6);
	}
}

void figures_finish(struct figures *f)
{
	free(f->each);
}
