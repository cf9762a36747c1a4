/*
 * From SIGKILL, sent to a renderer from outside, to the tab's being a sad tab, in the browser process.
 * screen.c measures the same up to the terminal.
 */
#include "bench/bench.h"
#include "bench/ship.h"
#include <signal.h>
#include <stdio.h>

#define DEATHS	100
#define SECONDS 10

static bool is_sad(void *arg)
{
	return ((const struct tab *)arg)->state == TAB_SAD;
}

static bool is_back(void *arg)
{
	const struct tab *tab = arg;

	return tab->state == TAB_READY && !tab->loading && tab->renderer;
}

void death_run(const struct bench_options *o)
{
	struct samples sad = { 0 }, back = { 0 };
	struct row r = ROW_EMPTY;
	struct ship ship;
	char word[WORD_LETTERS + 1];

	ship_start(&ship, o);
	struct tab *tab = ship_open_page(&ship, 1);

	struct pace pace = pace_of(o, DEATHS, SECONDS);

	page_word(1, word);
	while (pace_goes_on(&pace)) {
		ship_calm(&ship);
		uint64_t began = recorder_now();

		kill(tab->renderer->pid, SIGKILL);
		ship_await(is_sad, tab, "a sad tab");
		samples_add(&sad, ms_since(began));
		ship_calm(&ship);
		began = recorder_now();
		tab_reload(tab);
		ship_await(is_back, tab, "the page again");
		ship_await_word(&ship, word);
		samples_add(&back, ms_since(began));
	}
	ship_finish(&ship);
	snprintf(r.unit, sizeof r.unit, "ms");
	r.samples = (unsigned)sad.count;
	r.ours = samples_median(&sad);
	r.ours_p99 = samples_p99(&sad);
	r.goal_kind = GOAL_AT_MOST;
	r.goal = 5;
	bench_emit("death", "SIGKILL of a renderer until its tab is a sad tab", r);
	r.ours = samples_median(&back);
	r.ours_p99 = samples_p99(&back);
	r.goal_kind = GOAL_NONE;
	bench_emit("reload", "reload of a sad tab until its page is back", r);
	samples_finish(&sad);
	samples_finish(&back);
}
