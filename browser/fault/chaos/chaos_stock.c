/*
 * See chaos.h: what the browser holds at quiet points. The number of processes is then what it was at the
 * first, and so must be descriptors, regions, and the descriptors of the processes that all others talk to.
 * Memory is looked at over the run, less what is remembered of traffic on purpose.
 */
#include "browser/browser.h"
#include "browser/fault/chaos/chaos.h"
#include "browser/process/gpu_host.h"
#include "browser/process/plugin_host.h"
#include "browser/traffic/collect/collector.h"
#include <dirent.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MS UINT64_C(1000000)

#define SETTLE_MS 5000 /* for counts to come back to what they were */

/*
 * What may be left of each draw, and of the run: the dead are shown for 30 s, the last blasts, crash reports
 * and ended processes are kept. A leak of a descriptor's or a message's size a death is well above it.
 */
#define GROWTH_BYTES  (UINT64_C(2) << 20)
#define GROWTH_A_DRAW UINT64_C(3072)
#define MALLOC_BYTES  16 /* beside a block, with rounding */

static unsigned count_fds(pid_t pid)
{
	char path[32];
	DIR *fds;
	unsigned n = 0;

	snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
	fds = opendir(path);
	if (!fds)
		return 0;
	for (struct dirent *entry; (entry = readdir(fds));)
		n += entry->d_name[0] != '.';
	closedir(fds);
	return n;
}

static unsigned count_own_fds(void)
{
	return count_fds(getpid()) - 1; /* without the folder's own */
}

static unsigned count_regions(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[1024];
	unsigned n = 0;

	while (maps && fgets(line, sizeof line, maps))
		n += strstr(line, "/memfd:") != NULL;
	if (maps)
		fclose(maps);
	return n;
}

static uint64_t resident_bytes(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	unsigned long resident = 0, shared = 0;

	if (file) {
		if (fscanf(file, "%*u %lu %lu", &resident, &shared) != 2)
			resident = shared = 0;
		fclose(file);
	}
	return (resident - shared) * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* With what malloc needs for each of them. */
static uint64_t history_bytes(const struct collector *c)
{
	return collector_bytes(c) + (collector_end(c) - collector_first(c)) * MALLOC_BYTES;
}

/* What is kept for the report grows with the run. */
static uint64_t own_bytes(const struct chaos *c)
{
	return c->room * sizeof *c->strikes + c->pings_room * sizeof *c->pings_us +
	       HASH_COUNT(c->processes) * sizeof *c->processes;
}

static struct chaos_stock stock_count(const struct chaos *c)
{
	const struct browser *b = c->browser;
	const struct process_host *gpu = gpu_host_up(b->gpu);
	struct mallinfo2 heap = mallinfo2();
	struct chaos_stock s = { .step = c->step,
				 .at_ms = chaos_ms(c),
				 .processes = process_count(b->processes),
				 .fds = count_own_fds(),
				 .regions = count_regions(),
				 .gpu_fds = gpu ? count_fds(gpu->pid) : 0,
				 .resident = resident_bytes(),
				 .heap = heap.uordblks + heap.hblkhd - own_bytes(c),
				 .history = history_bytes(b->collector) };

	for (const struct plugin_host *h = b->plugins->first; h; h = h->next)
		s.plugin_fds += process_is_up(h->process) ? count_fds(h->process->pid) : 0;
	return s;
}

static bool stock_is_alike(const struct chaos_stock *a, const struct chaos_stock *b)
{
	return a->processes == b->processes && a->fds == b->fds && a->regions == b->regions &&
	       a->gpu_fds == b->gpu_fds && a->plugin_fds == b->plugin_fds;
}

static void stock_compare(struct chaos *c, const struct chaos_stock *s)
{
	const struct chaos_stock *first = &c->stocks[0];
	const struct {
		enum chaos_invariant invariant;
		const char *what;
		unsigned before, now;
	} rows[] = { { CHAOS_RECOVERS, "processes", first->processes, s->processes },
		     { CHAOS_FDS, "descriptors", first->fds, s->fds },
		     { CHAOS_REGIONS, "mapped regions", first->regions, s->regions },
		     { CHAOS_CHILD_FDS, "descriptors of the GPU process", first->gpu_fds, s->gpu_fds },
		     { CHAOS_CHILD_FDS, "descriptors of plugin processes", first->plugin_fds,
		       s->plugin_fds } };

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].before != rows[i].now)
			chaos_fail(c, rows[i].invariant, c->step, "%s: %u at the first quiet point, %u now",
				   rows[i].what, rows[i].before, rows[i].now);
}

/* What is just being closed or handed over is waited for. */
void chaos_take_stock(struct chaos *c)
{
	uint64_t end = recorder_now() + SETTLE_MS * MS;
	struct chaos_stock s = stock_count(c);

	while (c->nstocks && !stock_is_alike(&c->stocks[0], &s) && recorder_now() < end) {
		chaos_turn(c);
		s = stock_count(c);
	}
	if (c->nstocks == c->stocks_room) {
		unsigned room = c->stocks_room ? c->stocks_room * 2 : 64;
		struct chaos_stock *more = realloc(c->stocks, room * sizeof *more);

		if (!more)
			return;
		c->stocks = more;
		c->stocks_room = room;
	}
	c->stocks[c->nstocks++] = s;
	stock_compare(c, &s);
}

double chaos_growth(const struct chaos *c)
{
	double n = 0, x = 0, y = 0, xx = 0, xy = 0;
	unsigned from = c->nstocks / 3;

	for (unsigned i = from; i < c->nstocks; i++) {
		double at = c->stocks[i].step,
		       bytes = (double)c->stocks[i].heap - (double)c->stocks[i].history;

		n++;
		x += at;
		y += bytes;
		xx += at * at;
		xy += at * bytes;
	}
	return n * xx - x * x > 0 ? (n * xy - x * y) / (n * xx - x * x) : 0;
}

/* The first third of the run fills what is kept on purpose. */
void chaos_check_memory(struct chaos *c)
{
	unsigned draws;
	double grown;

	if (c->nstocks < CHAOS_MEMORY_MIN)
		return;
	draws = c->stocks[c->nstocks - 1].step - c->stocks[c->nstocks / 3].step;
	grown = chaos_growth(c) * draws;
	if (grown > (double)(GROWTH_BYTES + GROWTH_A_DRAW * draws))
		chaos_fail(c, CHAOS_MEMORY, c->step,
			   "the heap grew by %.0f bytes a draw, %.1f MiB in %u draws", chaos_growth(c),
			   grown / (1 << 20), draws);
}
