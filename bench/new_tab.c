/*
 * From opening a tab to its small page's picture in the browser process, checked and ready to be drawn, with
 * the spare renderer waiting. screen.c measures the same up to the terminal.
 */
#include "bench/bench.h"
#include "bench/server.h"
#include "bench/ship.h"
#include <stdio.h>

#define TABS	100
#define SITES	50
#define SECONDS 8 /* at most, for each kind */

/* Open `url`, whose page holds the word; the tab is closed again. */
static double open_once(struct ship *s, const char *url, const char *word)
{
	ship_calm(s);
	uint64_t began = recorder_now();
	struct tab *tab = tab_open(s->browser.tabs, url, true);

	if (!tab)
		bench_fail("no memory for a tab");
	ship_await_word(s, word);
	double took = ms_since(began);

	tab_close(tab);
	return took;
}

static void emit(struct samples *took, const char *name, const char *what, bool goal)
{
	struct row r = ROW_EMPTY;

	snprintf(r.unit, sizeof r.unit, "ms");
	r.samples = (unsigned)took->count;
	r.ours = samples_median(took);
	r.ours_p99 = samples_p99(took);
	r.goal_kind = goal ? GOAL_AT_MOST : GOAL_NONE;
	r.goal = 5;
	bench_emit(name, what, r);
	samples_finish(took);
}

void new_tab_run(const struct bench_options *o)
{
	struct samples files = { 0 }, sites = { 0 };
	struct server server;
	struct ship ship;
	char path[96], url[64], word[WORD_LETTERS + 1];

	server_start(&server, 1);
	ship_start(&ship, o);
	ship_open_page(&ship, 0);
	struct pace pace = pace_of(o, TABS, SECONDS);

	while (pace_goes_on(&pace)) {
		page_word(pace.done, word);
		page_write(ship.folder, pace.done, path, sizeof path);
		samples_add(&files, open_once(&ship, path, word));
	}
	pace = pace_of(o, SITES, SECONDS);
	while (pace_goes_on(&pace)) {
		server_site(&server, 1, pace.done, url, sizeof url);
		snprintf(word, sizeof word, "Site %u", pace.done);
		samples_add(&sites, open_once(&ship, url, word));
	}
	ship_finish(&ship);
	server_finish(&server);
	emit(&files, "new_tab", "new tab of a file until its picture is in the browser", true);
	emit(&sites, "new_tab_http", "the same, of a page from a server on loopback", false);
}
