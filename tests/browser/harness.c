/* See harness.h. */
#include "tests/browser/harness.h"
#include "browser/tab/page_host.h"
#include "common/utf8.h"
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

struct browser browser;
struct options harness_options = { .no_log = true };

int harness_open(void **state)
{
	const char *why = NULL;

	(void)state;
	setlocale(LC_ALL, "C.UTF-8");
	signal(SIGPIPE, SIG_IGN);
	harness_state_folder();
	if (!browser_init(&browser, &harness_options, &why)) {
		print_error("browser_init: %s\n", why);
		return -1;
	}
	return 0;
}

int harness_close(void **state)
{
	(void)state;
	browser_finish(&browser);
	if (count_children()) {
		print_error("%u children are left\n", count_children());
		return -1;
	}
	return 0;
}

/* Not every process model keeps a spare renderer. */
static bool keeps_spare(void)
{
	return page_host_keeps_spare(browser.options.process_model);
}

static void restart_renderers(void)
{
	if (!keeps_spare()) {
		if (browser.spare->process)
			process_kill(browser.spare->process, BAD_MESSAGE_NONE);
		task_cancel(&browser.spare->again);
	} else if (browser.spare->given_up || !browser.spare->process)
		spare_start(browser.spare);
	restart_forgive(&browser.spare->restart);
}

static bool is_calm(void)
{
	bool spare = keeps_spare();

	return gpu_host_up(browser.gpu) && (!spare || process_is_up(browser.spare->process)) &&
	       browser.gpu->process->state == PROCESS_READY && process_count(browser.processes) == 1u + spare;
}

int harness_calm(void **state)
{
	struct plugin_host *clock = harness_clock();

	(void)state;
	while (browser.tabs->first)
		tab_close(browser.tabs->first);
	for (struct process_host *p = browser.processes->first; p; p = p->next)
		if (p->name.role == ROLE_PLUGIN)
			process_kill(p, BAD_MESSAGE_NONE);
	AWAIT(!clock->process);
	restart_forgive(&clock->restart);
	clock->given_up = false;
	gpu_host_start(browser.gpu);
	restart_forgive(&browser.gpu->restart);
	restart_renderers();
	AWAIT(is_calm());
	restart_forgive(&browser.gpu->restart);
	restart_renderers();
	browser.message[0] = '\0';
	return 0;
}

static void print_state(void)
{
	char name[ENDPOINT_TEXT], text[200];

	for (struct tab *t = browser.tabs->first; t; t = t->next)
		print_error("  tab %u %s%s %.100s%s%.100s\n", t->id, tab_state_names[t->state],
			    t->loading ? ", loading" : "", t->url, t->pending_url ? " -> " : "",
			    t->pending_url ? t->pending_url : "");
	for (struct process_host *p = browser.processes->first; p; p = p->next)
		print_error("  %s %s %s\n", endpoint_text(p->name, name), process_state_names[p->state],
			    p->state == PROCESS_DEAD ? death_text(&p->death, text, sizeof text) : "");
	print_error("  message: %s\n%s", browser.message, harness_screen());
}

void harness_turn(uint64_t end_ns, const char *condition, const char *file, int line)
{
	if (recorder_now() > end_ns) {
		print_error("waited in vain for %s\n", condition);
		print_state();
		_fail(file, line);
	}
	loop_turn(20);
}

bool harness_loaded(const struct tab *tab)
{
	return tab->state == TAB_READY && !tab->loading && tab->has_document && embeds_settled(tab);
}

void harness_show(struct tab *tab)
{
	uint64_t presents = browser.view->presents;

	tab_activate(tab);
	AWAIT(browser.view->presents > presents && browser.view->page == tab->id);
}

struct tab *harness_tab(const char *url)
{
	struct tab *tab = tab_open(browser.tabs, url, true);

	assert_non_null(tab);
	AWAIT(harness_loaded(tab));
	AWAIT(browser.view->page == tab->id && tab->document_rows > 0);
	return tab;
}

void harness_go(struct tab *tab, const char *url)
{
	tab_go(tab, url);
	AWAIT(harness_loaded(tab));
}

const char *harness_long_page(const char *title)
{
	static char page[8192];
	int n = snprintf(page, sizeof page, "data:text/html,<title>%s</title><h1>%s</h1>", title, title);

	for (unsigned i = 0; i < 100; i++)
		n += snprintf(page + n, sizeof page - (size_t)n, "<p>%u</p>", i);
	assert_true((size_t)n < 4000);
	return page;
}

const char *harness_screen(void)
{
	static char text[GRID_MAX_ROWS * GRID_MAX_COLUMNS * 4];
	const struct view *v = browser.view;
	size_t n = 0;

	for (unsigned row = 0; row < v->picture_rows; row++) {
		for (unsigned column = 0; column < v->picture_columns; column++) {
			const struct cell *cell = &v->cells[row * v->picture_columns + column];

			if (cell->text[0])
				n += utf8_encode(cell->text[0], text + n);
		}
		text[n++] = '\n';
	}
	text[n] = '\0';
	return text;
}

bool harness_screen_has(const char *text)
{
	return strstr(harness_screen(), text) != NULL;
}

const struct tab_description *harness_describe(struct tab *tab)
{
	uint64_t nonce = tab_describe(tab);

	AWAIT(tab->description.nonce == nonce);
	return &tab->description;
}

struct witness harness_witness(struct tab *tab)
{
	const struct tab_description *d = harness_describe(tab);

	return (struct witness){ .tab = tab,
				 .renderer = tab->renderer->name.serial,
				 .hash = d->hash,
				 .text_bytes = d->text_bytes,
				 .scroll_row = tab->scroll_row };
}

void harness_check_answers(struct process_host *p)
{
	uint64_t nonce;

	AWAIT(!p->ping_sent_ns || !process_is_up(p));
	assert_true(process_is_up(p));
	process_ping(p);
	nonce = p->ping_nonce;
	AWAIT((p->ping_nonce == nonce && !p->ping_sent_ns) || p->ping_nonce > nonce);
	assert_int_equal(p->state, PROCESS_READY);
}

void harness_check_witness(const struct witness *w)
{
	const struct tab_description *d;

	assert_int_equal(w->tab->state, TAB_READY);
	assert_non_null(w->tab->renderer);
	assert_int_equal(w->tab->renderer->name.serial, w->renderer);
	harness_check_answers(w->tab->renderer);
	d = harness_describe(w->tab);
	assert_int_equal(d->hash, w->hash);
	assert_int_equal(d->text_bytes, w->text_bytes);
	assert_int_equal(w->tab->scroll_row, w->scroll_row);
}

struct process_host *harness_plugin(void)
{
	for (struct process_host *p = browser.processes->first; p; p = p->next)
		if (p->name.role == ROLE_PLUGIN && process_is_up(p))
			return p;
	return NULL;
}

struct plugin_host *harness_clock(void)
{
	return plugin_host_find(browser.plugins, "application/x-clock");
}

void harness_check_roll_call(unsigned asked)
{
	const struct blast *blast = browser.blasts->newest;

	assert_non_null(blast);
	AWAIT(blast->settled);
	assert_int_equal(blast->roll.asked, asked);
	assert_int_equal(blast->roll.answered, asked);
}
