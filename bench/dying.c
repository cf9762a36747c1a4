/*
 * Deaths of big renderers: how soon the browser knows by the futex that they held, against the pidfd and
 * waitid(2), which come only when the kernel has freed what they had.
 */
#include "bench/bench.h"
#include "bench/ship.h"
#include "browser/fault/injection.h"
#include "browser/process/spare.h"
#include "common/loop.h"
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#define SECONDS 12 /* of each size */

static uint64_t resident_bytes(pid_t pid)
{
	unsigned long pages = 0;
	char path[40];
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/statm", (int)pid);
	file = fopen(path, "re");
	if (!file || fscanf(file, "%*u %lu", &pages) != 1)
		pages = 0;
	if (file)
		fclose(file);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* Let it leak until it has that much; 0: as it is. */
static void grow(struct ship *s, struct process_host *p, unsigned megabytes)
{
	uint64_t began = recorder_now();

	if (!megabytes)
		return;
	if (!fault_inject_named(&s->browser, p, "leak", NULL))
		bench_fail("a renderer cannot be made to leak");
	while (resident_bytes(p->pid) < (uint64_t)megabytes << 20) {
		if (ms_since(began) > PATIENCE_MS)
			bench_fail("a renderer does not grow to %u MB", megabytes);
		loop_turn(1);
	}
}

static bool is_sad(void *arg)
{
	return tab_is_sad(arg);
}

static bool is_dead(void *arg)
{
	return ((const struct process_host *)arg)->state == PROCESS_DEAD;
}

static bool is_back(void *arg)
{
	const struct tab *tab = arg;

	return tab->state == TAB_READY && !tab->loading && tab->renderer;
}

/* Times from SIGKILL on, in ms. */
struct dying {
	struct samples noticed, reaped, ratio; /* by the kernel's two ways, and the one through the other */
	struct samples sad, named;	       /* in the browser */
};

static void die_once(struct ship *s, struct tab *tab, unsigned megabytes, struct dying *d)
{
	struct process_host *p = tab->renderer;

	ship_calm(s);
	grow(s, p, megabytes);
	uint64_t began = recorder_now();

	kill(p->pid, SIGKILL);
	ship_await(is_sad, tab, "a sad tab");
	samples_add(&d->sad, ms_since(began));
	ship_await(is_dead, p, "a death");
	samples_add(&d->named, ms_since(began));
	double reaped = (double)(p->reaped_ns - began) / 1e6;
	/* A small one is sometimes known of by both at once. */
	double noticed = p->noticed_ns ? (double)(p->noticed_ns - began) / 1e6 : reaped;

	samples_add(&d->noticed, noticed);
	samples_add(&d->reaped, reaped);
	samples_add(&d->ratio, noticed / reaped);
	tab_reload(tab);
	ship_await(is_back, tab, "the page again");
	restart_forgive(&s->browser.spare->restart);
}

static void emit(const char *what, const char *name, unsigned megabytes, struct samples *ours,
		 struct samples *baseline, double ratio)
{
	struct row r = ROW_EMPTY;
	char id[40], words[72], size[16];

	snprintf(size, sizeof size, "%u MB", megabytes);
	snprintf(id, sizeof id, "dying_%s_%u", name, megabytes);
	snprintf(words, sizeof words, "%s renderer killed, until %s", megabytes ? size : "small", what);
	snprintf(r.unit, sizeof r.unit, "ms");
	r.samples = (unsigned)ours->count;
	r.ours = samples_median(ours);
	r.ours_p99 = samples_p99(ours);
	r.baseline = samples_median(baseline);
	r.baseline_p99 = samples_p99(baseline);
	r.ratio = ratio;
	if (megabytes >= 400) {
		r.goal_kind = GOAL_RATIO_AT_MOST;
		r.goal = 0.1;
	}
	bench_emit(id, words, r);
}

static void measure_size(struct ship *s, struct tab *tab, const struct bench_options *o, unsigned megabytes)
{
	struct dying d = { 0 };
	struct pace pace = pace_of(o, megabytes ? 20 : 100, SECONDS);

	while (pace_goes_on(&pace))
		die_once(s, tab, megabytes, &d);
	emit("its futex tells / waitid", "noticed", megabytes, &d.noticed, &d.reaped,
	     samples_median(&d.ratio));
	emit("a sad tab / its status", "sad", megabytes, &d.sad, &d.named,
	     samples_median(&d.sad) / samples_median(&d.named));
	samples_finish(&d.noticed);
	samples_finish(&d.reaped);
	samples_finish(&d.ratio);
	samples_finish(&d.sad);
	samples_finish(&d.named);
}

void dying_run(const struct bench_options *o)
{
	static const unsigned sizes[] = { 0, 100, 400 };
	struct ship ship;
	struct tab *tab;

	ship_start(&ship, o);
	tab = ship_open_page(&ship, 1);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		measure_size(&ship, tab, o, sizes[i]);
	ship_finish(&ship);
}
