/*
 * See chaos.h: the run. Rounds of draws, some time apart, each followed by a quiet point at which everything
 * has to be as it was at the first.
 */
#include "browser/fault/chaos/chaos.h"
#include "browser/tab/tab.h"
#include "common/loop.h"
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define MS UINT64_C(1000000)

#define TURN_MS	 10    /* waited for at most in one turn of the loop */
#define LOAD_MS	 60000 /* for all tabs, at the beginning, */
#define GRACE_MS 5000  /* and not much longer than the run is to take */
#define QUIET_MS 45000 /* for a round to come to its end: a crash loop takes longest */
#define STUCK_S	 60    /* a turn that takes that long never ends */

static const char *const pages[] = {
	"bulkhead://pages/harbour.html",
	"bulkhead://pages/timetable.html",
	"bulkhead://pages/clock.html",
	"bulkhead://pages/log-book.html",
	"bulkhead://start",
};

static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal)
{
	(void)signal;
	interrupted = 1;
}

/* The browser itself hangs: no report can be had, and yet it is to be known. */
static void on_alarm(int signal)
{
	static const char words[] = "bulkhead: chaos: the browser's own loop is stuck\n";
	ssize_t n = write(STDERR_FILENO, words, sizeof words - 1);

	(void)signal, (void)n;
	_exit(1);
}

void chaos_turn(struct chaos *c)
{
	uint64_t began = recorder_now(), took;

	alarm(STUCK_S);
	loop_turn(TURN_MS);
	took = recorder_now() - began;
	took = took > TURN_MS * MS ? took - TURN_MS * MS : 0;
	c->turns++;
	if (took / 1000 > c->held_us)
		c->held_us = (unsigned)(took / 1000);
	if (took > c->settings.bound_ms * MS)
		chaos_fail(c, CHAOS_LOOP, c->step, "a turn took %.1f ms", (double)took / 1e6);
	chaos_look(c);
	strikes_turn(c);
	chaos_heal(c);
	c->interrupted |= interrupted;
}

static void chaos_wait(struct chaos *c, unsigned ms)
{
	uint64_t end = recorder_now() + ms * MS;

	while (recorder_now() < end) {
		chaos_turn(c);
		chaos_stir(c);
	}
}

/* Until all faults are over, and everything is as it was. */
static bool chaos_settle(struct chaos *c, unsigned ms)
{
	uint64_t end = recorder_now() + ms * MS;
	const char *why = "";

	while (!strikes_are_over(c) || !chaos_is_quiet(c, &why)) {
		if (recorder_now() > end) {
			chaos_fail(c, CHAOS_RECOVERS, c->step, "it has not come to rest within %u s: %s",
				   ms / 1000, strikes_are_over(c) ? why : "a fault has not come to its end");
			return false;
		}
		chaos_turn(c);
	}
	chaos_roll(c);
	chaos_take_stock(c);
	return true;
}

__attribute__((format(printf, 2, 3))) static bool chaos_refuse(struct chaos *c, const char *how, ...)
{
	va_list args;

	va_start(args, how);
	vsnprintf(c->refusal, sizeof c->refusal, how, args);
	va_end(args);
	return false;
}

/* The first tab that has no document yet, or none but an error page; NULL: all have one. */
static const struct chaos_tab *chaos_unloaded(const struct chaos *c, bool failed)
{
	for (const struct chaos_tab *t = c->tabs; t < c->tabs + c->settings.tabs; t++) {
		bool loaded = t->tab->state == TAB_READY && !t->tab->loading && t->tab->has_document;

		if (failed ? loaded && t->tab->failed : !loaded)
			return t;
	}
	return NULL;
}

static unsigned chaos_load_ms(const struct chaos *c)
{
	return c->settings.for_ms < LOAD_MS - GRACE_MS ? c->settings.for_ms + GRACE_MS : LOAD_MS;
}

static bool chaos_load(struct chaos *c)
{
	uint64_t end = recorder_now() + chaos_load_ms(c) * MS;
	const struct chaos_tab *failed = NULL, *late;

	while (!(failed = chaos_unloaded(c, true)) && (late = chaos_unloaded(c, false))) {
		if (c->interrupted)
			return chaos_refuse(c, "interrupted before all tabs had loaded");
		if (recorder_now() > end)
			return chaos_refuse(c, "tab %u: %.400s has not loaded within %u s", late->tab->id,
					    late->url, chaos_load_ms(c) / 1000);
		chaos_turn(c);
	}
	return !failed || chaos_refuse(c, "tab %u: %.400s does not load: %.150s", failed->tab->id,
				       failed->url, tab_label(failed->tab));
}

bool chaos_open(struct chaos *c, struct browser *b)
{
	bool given = c->settings.nurls > 0;
	unsigned n = given ? c->settings.nurls : sizeof pages / sizeof *pages;

	c->browser = b;
	c->began_ns = recorder_now();
	signal(SIGINT, on_interrupt);
	signal(SIGTERM, on_interrupt);
	signal(SIGALRM, on_alarm);
	for (unsigned i = 0; i < c->settings.tabs; i++) {
		struct chaos_tab *t = &c->tabs[i];

		t->url = given ? c->settings.urls[i % n] : pages[i % n];
		t->fixed = !given;
		t->tab = tab_open(b->tabs, t->url, !i);
		t->reloaded_ns = recorder_now();
		if (!t->tab)
			return chaos_refuse(c, "tab %u cannot be opened", i + 1);
	}
	if (!chaos_load(c) || !chaos_settle(c, chaos_load_ms(c)))
		return false;
	c->opened_ns = recorder_now();
	return true;
}

/* What is next, if there is more. */
static bool chaos_next(const struct chaos *c, struct chaos_draw *draw)
{
	if (c->interrupted || (c->settings.draws && c->nstrikes >= c->settings.draws))
		return false;
	if (c->script.count) {
		if (c->nstrikes == c->script.count)
			return false;
		*draw = c->script.draws[c->nstrikes];
		return true;
	}
	if (recorder_now() > c->draw_until_ns)
		return false;
	chaos_draw(c->settings.seed, c->settings.tabs, c->nstrikes + 1, draw);
	return true;
}

/* false: that was the last. */
static bool chaos_round(struct chaos *c)
{
	struct chaos_draw draw;

	for (unsigned i = 0; i < CHAOS_ROUND; i++) {
		if (!chaos_next(c, &draw) || !strike_begin(c, &draw))
			return false;
		chaos_wait(c, c->settings.pace_ms);
	}
	return true;
}

/* So that a browser that dies of it leaves what can be played again. */
static void chaos_keep(const struct chaos *c, const char *report)
{
	char *json = report[0] ? chaos_json(c, "running") : NULL;

	if (json)
		chaos_write(json, report);
	free(json);
}

/* Somebody may be waiting. */
static void chaos_say(const struct chaos *c)
{
	fprintf(stderr, "chaos: %.0f s, %u draws, %u deaths, %s\n", chaos_ms(c) / 1e3, c->nstrikes, c->deaths,
		chaos_held(c) ? "all held" : "an invariant was broken");
}

void chaos_run(struct chaos *c, const char *report)
{
	bool more = true;

	c->draw_until_ns = recorder_now() + c->settings.for_ms * MS;
	while (more) {
		more = chaos_round(c);
		c->drawn_ns = recorder_now();
		chaos_keep(c, report);
		more &= chaos_settle(c, QUIET_MS);
		chaos_say(c);
	}
	while (chaos_has_zombies(c))
		chaos_turn(c);
	chaos_check_memory(c);
	alarm(0);
}

void chaos_close(struct chaos *c)
{
	struct chaos_process *p = c->processes, *next;

	HASH_CLEAR(hh, c->processes);
	for (; p; p = next) {
		next = p->hh.next;
		free(p);
	}
	free(c->strikes);
	free(c->pings_us);
	free(c->stocks);
}
