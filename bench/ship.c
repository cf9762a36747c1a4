/* See ship.h. */
#include "bench/ship.h"
#include "browser/process/spare.h"
#include "common/loop.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CALM_MS 25 /* without news, and all is done that was put off */

double ms_since(uint64_t began_ns)
{
	return (double)(recorder_now() - began_ns) / 1e6;
}

void page_word(unsigned n, char word[WORD_LETTERS + 1])
{
	for (unsigned i = 0; i < WORD_LETTERS; i++)
		word[i] = (char)('a' + (n * 5 + i * i * 7 + i) % 26);
	word[WORD_LETTERS] = '\0';
}

const char *page_write(const char *folder, unsigned n, char *path, size_t capacity)
{
	char word[WORD_LETTERS + 1];
	FILE *file;

	page_word(n, word);
	snprintf(path, capacity, "%s/page%u.html", folder, n);
	file = fopen(path, "we");
	if (!file)
		bench_fail("%s: %m", path);
	fprintf(file,
		"<!DOCTYPE html><title>Page %u</title><p>%s\n<h1>A small page</h1>\n"
		"<p>A paragraph with <b>bold</b> words and <a href=\"page1.html\">a link</a>.\n"
		"<ul><li>One<li>Two<li>Three</ul>\n",
		n, word);
	if (fclose(file))
		bench_fail("%s: %m", path);
	return path;
}

void ship_start(struct ship *s, const struct bench_options *o)
{
	ship_start_model(s, o, PROCESS_MODEL_PER_TAB);
}

void ship_start_model(struct ship *s, const struct bench_options *o, enum process_model model)
{
	static char log[96];
	struct options options = { .log_file = log, .process_model = model };
	const char *why = NULL;

	s->folder = o->folder;
	setenv("XDG_STATE_HOME", s->folder, 1); /* for crash reports */
	snprintf(log, sizeof log, "%s/traffic.jsonl", s->folder);
	if (!browser_init(&s->browser, &options, &why))
		bench_fail("the browser does not start: %s", why);
}

void ship_finish(struct ship *s)
{
	browser_finish(&s->browser);
}

void ship_await(bool (*done)(void *arg), void *arg, const char *what)
{
	uint64_t began = recorder_now();

	while (!done(arg)) {
		if (ms_since(began) > PATIENCE_MS)
			bench_fail("%s: not within %d s", what, PATIENCE_MS / 1000);
		loop_turn(100);
	}
}

static bool is_calm(void *arg)
{
	const struct browser *b = arg;

	if (b->spare->refills && !process_is_up(b->spare->process))
		return false;
	for (const struct process_host *p = b->processes->first; p; p = p->next)
		if (p->state == PROCESS_STARTING || (p->asked_to_end && p->state != PROCESS_DEAD))
			return false;
	return true;
}

void ship_calm(struct ship *s)
{
	uint64_t began;

	ship_await(is_calm, &s->browser, "a spare renderer");
	for (began = recorder_now(); ms_since(began) < CALM_MS;)
		loop_turn(CALM_MS / 4);
}

/* Does the word stand in the picture? */
bool ship_shows(const struct view *v, const char *word)
{
	size_t length = strlen(word);

	for (unsigned row = 0; row < v->rows; row++) {
		const struct cell *cells = v->cells + (size_t)row * v->columns;

		for (unsigned column = 0; column + length <= v->columns; column++) {
			size_t i = 0;

			while (i < length && cells[column + i].text[0] == (uint8_t)word[i])
				i++;
			if (i == length)
				return true;
		}
	}
	return false;
}

struct await_word {
	const struct browser *browser;
	const char *word;
	uint64_t looked_at; /* presents, when the picture was last searched */
};

static bool word_is_shown(void *arg)
{
	struct await_word *a = arg;
	const struct view *v = a->browser->view;

	if (v->page != a->browser->tabs->active->id || v->presents == a->looked_at)
		return false;
	a->looked_at = v->presents;
	return ship_shows(v, a->word);
}

void ship_await_word(struct ship *s, const char *word)
{
	struct await_word a = { &s->browser, word, UINT64_MAX };

	ship_await(word_is_shown, &a, "the page's picture");
}

static bool is_loaded(void *arg)
{
	const struct tab *tab = arg;

	return tab->state == TAB_READY && !tab->loading;
}

struct tab *ship_open_page(struct ship *s, unsigned n)
{
	char path[96], word[WORD_LETTERS + 1];
	struct tab *tab = tab_open(s->browser.tabs, page_write(s->folder, n, path, sizeof path), true);

	if (!tab)
		bench_fail("no memory for a tab");
	page_word(n, word);
	ship_await(is_loaded, tab, "a page");
	ship_await_word(s, word);
	return tab;
}
