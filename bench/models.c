/*
 * The process models side by side: so many tabs of ten sites, opened one after another. How long that takes,
 * and the memory of all processes then. Each figure comes from a browser process of its own; those of
 * --process-model=one are the baselines of the others.
 */
#include "bench/bench.h"
#include "bench/kin.h"
#include "bench/server.h"
#include "bench/ship.h"
#include "browser/process/spare.h"
#include "common/loop.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define SITES	  10
#define SETTLE_MS 500

/* What a run in a process of its own found. */
struct found {
	bool done;
	double total_ms, each_ms, each_p99_ms;
	double pss_mb, private_mb; /* with all tabs; pss_mb < 0: this user may not ask */
	double empty_mb;	   /* without, of the same kind */
	unsigned renderers;	   /* without the spare */
};

static const enum process_model order[] = { PROCESS_MODEL_ONE, PROCESS_MODEL_PER_SITE,
					    PROCESS_MODEL_PER_TAB };

/* MB of the browser process and all that it started; -1 where one of them cannot be asked. */
static double sum_mb(long (*ask)(pid_t))
{
	static struct kin list[KIN_MAX];
	unsigned count = kin_list(getpid(), list);
	double all = (double)ask(getpid());

	for (unsigned i = 0; i < count && all >= 0; i++) {
		long kib = ask(list[i].pid);

		all = kib < 0 ? -1 : all + (double)kib;
	}
	return all < 0 ? -1 : all * 1024 / 1e6;
}

static bool is_loaded(void *arg)
{
	const struct tab *tab = arg;

	if (tab->state == TAB_SAD)
		bench_fail("a tab became sad");
	return tab->state == TAB_READY && !tab->loading;
}

static void open_tabs(struct ship *s, const struct server *server, unsigned tabs, struct found *f)
{
	struct samples each = { 0 };
	uint64_t began = recorder_now();
	char url[64], word[24];

	for (unsigned n = 1; n <= tabs; n++) {
		uint64_t one = recorder_now();
		struct tab *tab = tab_open(s->browser.tabs,
					   server_site(server, n % SITES + 1, n, url, sizeof url), true);

		if (!tab)
			bench_fail("no memory for a tab");
		snprintf(word, sizeof word, "Site %u", n);
		ship_await(is_loaded, tab, url);
		ship_await_word(s, word);
		samples_add(&each, ms_since(one));
	}
	f->total_ms = ms_since(began);
	f->each_ms = samples_median(&each);
	f->each_p99_ms = samples_p99(&each);
	samples_finish(&each);
}

static void settle(struct ship *s)
{
	ship_calm(s);
	for (uint64_t began = recorder_now(); ms_since(began) < SETTLE_MS;)
		loop_turn(50);
}

static void run(const struct bench_options *o, const struct server *server, enum process_model model,
		unsigned tabs, struct found *f)
{
	struct ship ship;

	ship_start_model(&ship, o, model);
	settle(&ship);
	double pss = sum_mb(kin_pss);

	f->empty_mb = pss < 0 ? sum_mb(kin_private) : pss;
	open_tabs(&ship, server, tabs, f);
	settle(&ship);
	f->pss_mb = sum_mb(kin_pss);
	f->private_mb = sum_mb(kin_private);
	for (const struct process_host *p = ship.browser.processes->first; p; p = p->next)
		f->renderers +=
			p->name.role == ROLE_RENDERER && process_is_up(p) && p != ship.browser.spare->process;
	f->done = true;
	ship_finish(&ship);
}

/* In a process of its own, so that none finds the memory of another; false: it failed, and has said why. */
static bool run_apart(const struct bench_options *o, const struct server *server, enum process_model model,
		      unsigned tabs, struct found *f)
{
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		run(o, server, model, tabs, f);
		_exit(0);
	}
	return pid > 0 && waitpid(pid, NULL, 0) == pid && f->done;
}

static void emit(const char *figure, const char *words, const char *unit, enum process_model model,
		 unsigned tabs, double ours, double p99, double of_one, const char *note)
{
	struct row r = ROW_EMPTY;
	char name[40], what[72];

	snprintf(r.unit, sizeof r.unit, "%s", unit);
	snprintf(r.note, sizeof r.note, "%s", note);
	r.samples = 1;
	r.ours = ours;
	r.ours_p99 = p99;
	if (model != PROCESS_MODEL_ONE && of_one > 0) {
		r.baseline = of_one;
		r.ratio = ours / of_one;
	}
	snprintf(name, sizeof name, "models_%s_%u_%s", process_model_names[model], tabs, figure);
	snprintf(what, sizeof what, "%u tabs, %s: %s", tabs, process_model_names[model], words);
	bench_emit(name, what, r);
}

static void emit_found(enum process_model model, unsigned tabs, const struct found *f,
		       const struct found *one)
{
	bool pss = f->pss_mb >= 0;
	char note[100];

	snprintf(note, sizeof note, "%u renderer%s", f->renderers, f->renderers == 1 ? "" : "s");
	emit("total", "all opened, one after another", "ms", model, tabs, f->total_ms, -1, one->total_ms,
	     note);
	emit("each", "a tab, until its picture is there", "ms", model, tabs, f->each_ms, f->each_p99_ms,
	     one->each_ms, "");
	double memory = pss ? f->pss_mb : f->private_mb;

	snprintf(note, sizeof note,
		 "%.1f MB without a tab, %.2f MB more for each; private memory alone: %.1f MB", f->empty_mb,
		 (memory - f->empty_mb) / tabs, f->private_mb);
	emit("memory", pss ? "memory of all processes (PSS)" : "memory of all processes (private)", "MB",
	     model, tabs, memory, -1, pss ? one->pss_mb : one->private_mb, note);
}

void models_run(const struct bench_options *o)
{
	static const unsigned few[] = { 3, 6, 0 }, many[] = { 10, 50, 100, 300, 0 };
	struct found *found =
		mmap(NULL, 3 * sizeof *found, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct server server;

	if (found == MAP_FAILED)
		bench_fail("no memory");
	server_start(&server, SITES);
	for (const unsigned *tabs = o->quick ? few : many; *tabs; tabs++) {
		memset(found, 0, 3 * sizeof *found);
		for (unsigned i = 0; i < 3; i++) {
			if (!run_apart(o, &server, order[i], *tabs, &found[i]))
				bench_fail("%u tabs under %s: not to be had", *tabs,
					   process_model_names[order[i]]);
			emit_found(order[i], *tabs, &found[i], &found[0]);
		}
	}
	server_finish(&server);
	munmap(found, 3 * sizeof *found);
}
