/*
 * Each class of faults, into each kind of process: from the order to fail until the browser knows, and from
 * there until what was lost is seen again (a page is reloaded at once). Back-off is forgiven each time.
 */
#include "bench/bench.h"
#include "bench/ship.h"
#include "browser/fault/injection.h"
#include "browser/process/gpu_host.h"
#include "browser/process/plugin_host.h"
#include "browser/process/spare.h"
#include "browser/tab/embed.h"
#include <stdio.h>

#define DEATHS	30
#define SECONDS 3 /* of each class and kind */
#define HANGS	3

static const struct fault_class {
	const char *name, *fault;
} classes[] = {
	{ "memory", "null dereference" }, { "signal", "SIGTERM" },	{ "exit", "exit 0" },
	{ "sandbox", "open a file" },	  { "protocol", "wrong type" }, { "oom", "out of memory" },
};
static const struct fault_class hang = { "hang", "endless loop" };

struct scene {
	struct ship ship;
	struct tab *page, *clock; /* the page is shown but while a plugin process is the victim */
	char word[WORD_LETTERS + 1];
	uint64_t presents;
};

static struct plugin_host *clock_plugin(struct scene *s)
{
	return s->ship.browser.plugins->first;
}

static bool is_back(void *arg)
{
	const struct tab *tab = arg;

	return tab->state == TAB_READY && !tab->loading && tab->renderer;
}

/* The clock is drawn in blocks. */
static bool shows_clock(void *arg)
{
	const struct scene *s = arg;
	const struct view *v = s->ship.browser.view;

	if (v->page != s->clock->id || !embeds_settled(s->clock))
		return false;
	for (unsigned i = 0; i < (unsigned)v->rows * v->columns; i++)
		if (v->cells[i].text[0] == 0x2588)
			return true;
	return false;
}

static bool shows_no_clock(void *arg)
{
	return !shows_clock(arg);
}

/* A picture that is newer than what stood there. */
static bool presents_again(void *arg)
{
	const struct scene *s = arg;

	return gpu_host_up(s->ship.browser.gpu) && s->ship.browser.view->presents > s->presents;
}

/* The kinds of victims: which process, what is seen first, and what is done until all is as before. */

static struct process_host *pick_renderer(struct scene *s)
{
	return s->page->renderer;
}

static void renderer_back(struct scene *s)
{
	s->presents = s->ship.browser.view->presents;
	tab_reload(s->page);
	ship_await(is_back, s->page, "the page again");
	ship_await(presents_again, s, "its picture again");
	ship_await_word(&s->ship, s->word);
}

static struct process_host *pick_gpu(struct scene *s)
{
	return gpu_host_up(s->ship.browser.gpu);
}

static void gpu_back(struct scene *s)
{
	s->presents = s->ship.browser.view->presents;
	ship_await(presents_again, s, "the picture again");
}

static struct process_host *pick_plugin(struct scene *s)
{
	return clock_plugin(s)->process;
}

static void plugin_gone(struct scene *s)
{
	ship_await(shows_no_clock, s, "a placeholder");
}

static void plugin_back(struct scene *s)
{
	tab_reload(s->clock);
	ship_await(is_back, s->clock, "the clock's page again");
	ship_await(shows_clock, s, "the clock again");
}

static const struct victim {
	const char *name;
	struct process_host *(*pick)(struct scene *);
	void (*gone)(struct scene *); /* may be NULL */
	void (*back)(struct scene *);
	bool of_clock; /* its page is to be shown */
} victims[] = { { "renderer", pick_renderer, NULL, renderer_back, false },
		{ "gpu", pick_gpu, NULL, gpu_back, false },
		{ "plugin", pick_plugin, plugin_gone, plugin_back, true } };

static bool is_known(void *arg)
{
	const struct process_host *p = arg;

	return p->state >= PROCESS_UNRESPONSIVE;
}

static bool is_gone(void *arg)
{
	return ((const struct process_host *)arg)->state >= PROCESS_DYING;
}

static void forgive(struct scene *s)
{
	restart_forgive(&s->ship.browser.gpu->restart);
	restart_forgive(&s->ship.browser.spare->restart);
	restart_forgive(&clock_plugin(s)->restart);
	clock_plugin(s)->given_up = false;
}

static void sink(struct scene *s, const struct victim *v, const struct fault_class *c, struct samples *known,
		 struct samples *back)
{
	const char *why = "";
	struct process_host *p;

	forgive(s);
	ship_calm(&s->ship);
	p = v->pick(s);
	uint64_t began = recorder_now();

	if (!p || !fault_inject_named(&s->ship.browser, p, c->fault, &why))
		bench_fail("%s into %s: %s", c->fault, v->name, why);
	ship_await(is_known, p, c->fault);
	samples_add(known, ms_since(began));
	/* One that hangs must be ended first. */
	if (p->state == PROCESS_UNRESPONSIVE)
		process_kill(p, BAD_MESSAGE_NONE);
	ship_await(is_gone, p, "its death");
	if (v->gone)
		v->gone(s);
	began = recorder_now();
	v->back(s);
	samples_add(back, ms_since(began));
}

static void emit(const struct victim *v, const struct fault_class *c, const char *what, struct samples *s)
{
	struct row r = ROW_EMPTY;
	char id[40], words[72];

	snprintf(id, sizeof id, "fault_%s_%s_%s", v->name, c->name, what);
	snprintf(words, sizeof words, "%s, %s (%s), until it is %s", v->name, c->name, c->fault, what);
	snprintf(r.unit, sizeof r.unit, "ms");
	r.samples = (unsigned)s->count;
	r.ours = samples_median(s);
	r.ours_p99 = samples_p99(s);
	bench_emit(id, words, r);
	samples_finish(s);
}

static void measure(struct scene *s, const struct victim *v, const struct fault_class *c, struct pace pace)
{
	struct samples known = { 0 }, back = { 0 };

	while (pace_goes_on(&pace))
		sink(s, v, c, &known, &back);
	emit(v, c, "known", &known);
	emit(v, c, "back", &back);
}

static void scene_open(struct scene *s, const struct bench_options *o)
{
	*s = (struct scene){ 0 };
	ship_start(&s->ship, o);
	s->clock = tab_open(s->ship.browser.tabs, "bulkhead://pages/clock.html", true);
	ship_await(is_back, s->clock, "the clock's page");
	ship_await(shows_clock, s, "the clock");
	s->page = ship_open_page(&s->ship, 1);
	page_word(1, s->word);
}

/* Show the page that this victim's loss is seen on. */
static void scene_show(struct scene *s, const struct victim *v)
{
	tab_activate(v->of_clock ? s->clock : s->page);
	if (v->of_clock)
		ship_await(shows_clock, s, "the clock");
	else
		ship_await_word(&s->ship, s->word);
}

void faults_run(const struct bench_options *o)
{
	struct scene s;

	scene_open(&s, o);
	for (size_t i = 0; i < sizeof victims / sizeof *victims; i++) {
		scene_show(&s, &victims[i]);
		for (size_t j = 0; j < sizeof classes / sizeof *classes; j++)
			measure(&s, &victims[i], &classes[j], pace_of(o, DEATHS, SECONDS));
	}
	ship_finish(&s.ship);
}

/* Apart, since each takes the hang monitor its five seconds. */
void hangs_run(const struct bench_options *o)
{
	struct scene s;

	scene_open(&s, o);
	for (size_t i = 0; i < sizeof victims / sizeof *victims; i++) {
		struct pace pace = { .wanted = o->quick ? 1 : HANGS, .end_ns = UINT64_MAX };

		scene_show(&s, &victims[i]);
		measure(&s, &victims[i], &hang, pace);
	}
	ship_finish(&s.ship);
}
