/*
 * The browser process without a screen, for measurements: everything real but the terminal, its log in a
 * folder of its own, and small pages whose arrival in the picture can be seen. For new_tab.c, death.c,
 * spawn.c and many_tabs.c.
 */
#pragma once
#include "bench/bench.h"
#include "browser/browser.h"
#include "browser/process/host.h"
#include "browser/tab/tab.h"
#include "browser/tab/view.h"
#include <stdint.h>

#define WORD_LETTERS 12
#define PATIENCE_MS  10000 /* that anything may take, before the measurement is given up */

/*
 * The n-th word: letters of which each differs from that of the words just before and after, so that a
 * terminal has to be sent all of it when one page takes the place of another.
 */
void page_word(unsigned n, char word[WORD_LETTERS + 1]);
/* Write a small page into the folder, around that word, which stands nowhere else (not in its name or title).
 * Returns path. */
const char *page_write(const char *folder, unsigned n, char *path, size_t capacity);

struct ship {
	struct browser browser;
	const char *folder;
};

void ship_start(struct ship *, const struct bench_options *);
void ship_start_model(struct ship *, const struct bench_options *, enum process_model);
void ship_finish(struct ship *);

/* Run the loop until done(arg); give the measurement up, naming `what`, when it takes too long. */
void ship_await(bool (*done)(void *arg), void *arg, const char *what);
/* Until the spare renderer is ready, those that were ended are gone, and nothing is left to be done. */
void ship_calm(struct ship *);
/* Until the active tab shows that word in the picture. */
void ship_await_word(struct ship *, const char *word);
bool ship_shows(const struct view *, const char *word);
/* Open a page file in a tab and wait for it to be loaded and shown. */
struct tab *ship_open_page(struct ship *, unsigned n);

/* ms since `began_ns`. */
double ms_since(uint64_t began_ns);
