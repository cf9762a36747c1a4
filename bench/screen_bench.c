/*
 * New tab and sad tab once more, as a person sees them: the real program in a terminal, from the key or the
 * signal to the words in what is sent to the terminal. What they take more than in new_tab.c and death.c is
 * typing and drawing.
 */
#include "bench/bench.h"
#include "bench/screen.h"
#include <signal.h>
#include <stdio.h>

#define TABS	   60
#define DEATHS	   60
#define FIRST_WORD "QZXJVKWQZXJV"
#define SECONDS	   9 /* at most, for each */

/* The page that stays: its word shares no letter with those of the others. */
static const char *write_first_page(const char *folder, char *path, size_t capacity)
{
	FILE *file;

	snprintf(path, capacity, "%s/first.html", folder);
	file = fopen(path, "we");
	if (!file)
		bench_fail("%s: %m", path);
	fputs("<!DOCTYPE html><title>First</title><p>" FIRST_WORD "<p>A small page.\n", file);
	if (fclose(file))
		bench_fail("%s: %m", path);
	return path;
}

static void open_tab(struct screen *s, const char *folder, unsigned n, struct samples *took)
{
	char path[96], command[128], word[WORD_LETTERS + 1];

	page_word(n, word);
	snprintf(command, sizeof command, ":tab %s", page_write(folder, n, path, sizeof path));
	screen_calm(s, 2);
	screen_type(s, command);
	screen_await(s, ".html");
	screen_calm(s, 2);
	uint64_t began = recorder_now();

	screen_type(s, "\r");
	screen_await(s, word);
	samples_add(took, ms_since(began));
	screen_calm(s, 3);
	screen_type(s, "x");
	screen_await(s, FIRST_WORD);
}

static void sink(struct screen *s, struct samples *sad, struct samples *back)
{
	pid_t renderer = screen_calm(s, 2);
	uint64_t began = recorder_now();

	kill(renderer, SIGKILL);
	screen_await(s, "died");
	samples_add(sad, ms_since(began));
	screen_calm(s, 1);
	began = recorder_now();
	screen_type(s, "r");
	screen_await(s, FIRST_WORD);
	samples_add(back, ms_since(began));
}

static void emit(struct samples *took, const char *name, const char *what, double goal)
{
	struct row r = ROW_EMPTY;

	snprintf(r.unit, sizeof r.unit, "ms");
	r.samples = (unsigned)took->count;
	r.ours = samples_median(took);
	r.ours_p99 = samples_p99(took);
	r.goal_kind = goal > 0 ? GOAL_AT_MOST : GOAL_NONE;
	r.goal = goal;
	bench_emit(name, what, r);
	samples_finish(took);
}

void screen_run(const struct bench_options *o)
{
	static struct screen screen;
	struct samples tabs = { 0 }, sad = { 0 }, back = { 0 };
	char path[96];

	if (!screen_start(&screen, o->folder, write_first_page(o->folder, path, sizeof path)))
		bench_fail("there is no ../browser/bulkhead to be measured");
	screen_await(&screen, FIRST_WORD);
	struct pace pace = pace_of(o, TABS, SECONDS);

	while (pace_goes_on(&pace))
		open_tab(&screen, o->folder, pace.done, &tabs);
	pace = pace_of(o, DEATHS, SECONDS);
	while (pace_goes_on(&pace))
		sink(&screen, &sad, &back);
	screen_finish(&screen);
	emit(&tabs, "screen_new_tab", "Enter behind :tab FILE until the page is on the terminal", 5);
	emit(&sad, "screen_death", "SIGKILL of a renderer until the sad tab is on the terminal", 5);
	emit(&back, "screen_reload", "reload key at a sad tab until its page is on the terminal", 0);
}
