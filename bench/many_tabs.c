/*
 * Fifty tabs of a small page from fifty sites, opened one after another: how long it takes, and how much
 * memory a tab takes, as the growth of the proportional set sizes of the browser process and all its
 * children.
 */
#include "bench/bench.h"
#include "bench/kin.h"
#include "bench/server.h"
#include "bench/ship.h"
#include "common/loop.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TABS	  50
#define FEW	  3
#define SETTLE_MS 500

/* What each kind of process takes, in KiB; the browser process is this one. */
enum kind { BROWSER, RENDERERS, GPU, INITS, KINDS };

static const char *const kind_programs[KINDS] = { NULL, "bulkhead-renderer", "bulkhead-gpu",
						  "bulkhead-init" };
static const char *const kind_words[KINDS] = { "browser process", "renderer process", "GPU process", "init" };

struct memory {
	double kib[KINDS], all;
	unsigned count[KINDS];
	bool known;
};

static struct memory take_stock(const struct server *server)
{
	static struct kin list[KIN_MAX];
	unsigned count = kin_list(getpid(), list);
	struct memory m = { .known = true, .count[BROWSER] = 1 };

	m.kib[BROWSER] = (double)kin_pss(getpid());
	for (unsigned i = 0; i < count; i++) {
		long pss = list[i].pid == server->pid ? 0 : kin_pss(list[i].pid);

		m.known &= pss >= 0;
		for (enum kind k = RENDERERS; k < KINDS; k++) {
			if (!strcmp(list[i].name, kind_programs[k])) {
				m.kib[k] += (double)pss;
				m.count[k]++;
			}
		}
		m.all += (double)pss;
	}
	m.all += m.kib[BROWSER];
	return m;
}

static bool is_loaded_or_sad(void *arg)
{
	const struct tab *tab = arg;

	if (tab->state == TAB_SAD)
		bench_fail("a tab became sad");
	return tab->state == TAB_READY && !tab->loading;
}

/* Returns ms for all of them. Each is loaded and shown before the next is opened. */
static double open_all(struct ship *s, const struct server *server, unsigned tabs, struct samples *each)
{
	uint64_t began = recorder_now();
	char url[64], word[24];

	for (unsigned n = 1; n <= tabs; n++) {
		uint64_t one = recorder_now();
		struct tab *tab = tab_open(s->browser.tabs, server_site(server, n, n, url, sizeof url), true);

		if (!tab)
			bench_fail("no memory for a tab");
		snprintf(word, sizeof word, "Site %u", n);
		ship_await(is_loaded_or_sad, tab, url);
		ship_await_word(s, word);
		samples_add(each, ms_since(one));
	}
	return ms_since(began);
}

static void settle(struct ship *s)
{
	ship_calm(s);
	for (uint64_t began = recorder_now(); ms_since(began) < SETTLE_MS;)
		loop_turn(50);
}

static double megabytes(double kib)
{
	return kib * 1024 / 1e6;
}

static void emit_memory(const struct memory *before, const struct memory *after, unsigned tabs)
{
	struct row r = ROW_EMPTY;

	snprintf(r.unit, sizeof r.unit, "MB");
	r.samples = 1;
	if (!before->known || !after->known) {
		snprintf(r.note, sizeof r.note,
			 "memory: only root may read the children's proportional set sizes");
		bench_emit("tab_memory", "memory a tab (PSS of all processes, less that without tabs)", r);
		return;
	}
	r.ours = megabytes(after->all - before->all) / tabs;
	r.goal_kind = GOAL_AT_MOST;
	r.goal = 1;
	snprintf(r.note, sizeof r.note, "in all %.1f MB without a tab, %.1f MB with %u",
		 megabytes(before->all), megabytes(after->all), tabs);
	bench_emit("tab_memory", "memory a tab (PSS of all processes, less that without tabs)", r);
	r.goal_kind = GOAL_NONE;
	r.note[0] = '\0';
	for (enum kind k = BROWSER; k < KINDS; k++) {
		char name[40], what[72];

		if (!after->count[k] || !before->count[k])
			bench_fail("no %s is found among the children", kind_words[k]);
		r.ours = megabytes(after->kib[k]) / after->count[k];
		r.baseline = megabytes(before->kib[k]) / before->count[k];
		r.ratio = r.ours / r.baseline;
		snprintf(name, sizeof name, "memory_%s",
			 kind_programs[k] ? kind_programs[k] + sizeof "bulkhead" : "browser");
		snprintf(what, sizeof what, "  %s (%u of it), against without a tab", kind_words[k],
			 after->count[k]);
		bench_emit(name, what, r);
	}
}

void many_tabs_run(const struct bench_options *o)
{
	unsigned tabs = o->quick ? FEW : TABS;
	struct samples each = { 0 };
	struct row r = ROW_EMPTY;
	struct server server;
	struct ship ship;
	char what[72];

	server_start(&server, tabs);
	ship_start(&ship, o);
	settle(&ship);
	struct memory before = take_stock(&server);
	double took = open_all(&ship, &server, tabs, &each);

	settle(&ship);
	struct memory after = take_stock(&server);

	ship_finish(&ship);
	server_finish(&server);
	snprintf(r.unit, sizeof r.unit, "ms");
	r.samples = tabs;
	r.ours = took;
	snprintf(what, sizeof what, "%u tabs of %u sites on loopback, one after another", tabs, tabs);
	bench_emit("tabs_total", what, r);
	r.ours = samples_median(&each);
	r.ours_p99 = samples_p99(&each);
	bench_emit("tabs_each", "  one of them, until its picture is in the browser", r);
	emit_memory(&before, &after, tabs);
	samples_finish(&each);
}
