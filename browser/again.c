/* See again.h. */
#include "browser/again.h"
#include "browser/browser.h"
#include "browser/command.h"
#include "browser/tab/tab.h"
#include "browser/tab/view.h"
#include "common/task.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RESUME	   "--resume="
#define LOOK_MS	   50
#define LOOKS_MOST 200 /* then whoever shows that page has other worries */

/* What is still to be done for the tab that was shown. */
static struct resume {
	struct browser *browser;
	struct task look;
	unsigned at, row, looks;
	uint32_t tab; /* its id; 0: not yet shown */
} resume;

/* When it is long enough, or will not grow any more; unless it was left, or scrolled by hand. */
static void scroll_back(struct tab *tab)
{
	const struct view *v = resume.browser->view;
	bool is_long = tab->document_rows >= resume.row + v->rows;

	if (tab->scroll_row || tab->history_count > 1)
		return;
	if (tab->has_document && (is_long || !tab->loading))
		tab_scroll_to(tab, resume.row);
	else if (++resume.looks < LOOKS_MOST)
		task_schedule(&resume.look, LOOK_MS);
}

static void look(void *arg)
{
	struct tabs *tabs = resume.browser->tabs;
	struct tab *tab = resume.tab ? tab_find(tabs, resume.tab) : tab_at(tabs, resume.at);

	(void)arg;
	if (!tab)
		return;
	if (!resume.tab && tab != tabs->active)
		tab_activate(tab);
	resume.tab = tab->id;
	if (resume.row)
		scroll_back(tab);
}

void again_resume(struct browser *b)
{
	resume = (struct resume){ .browser = b };
	task_init(&resume.look, look, NULL);
	/* The first turn of the loop comes when the tabs are open. */
	if (b->options.resume && sscanf(b->options.resume, "%9u:%9u", &resume.at, &resume.row) == 2)
		task_schedule(&resume.look, 0);
}

void again_forget(void)
{
	task_finish(&resume.look);
}

/* They were permuted, not copied: the same pointers. */
static bool is_url(const char *word, unsigned nurls, char *const *urls)
{
	for (unsigned i = 0; i < nurls; i++)
		if (urls[i] == word)
			return true;
	return false;
}

char **again_words(const struct browser *b, unsigned nurls, char *const *urls)
{
	char *const *given = b->options.given;
	size_t count = 0, n = 0;
	char **words;

	while (given && given[count])
		count++;
	words = calloc(count + b->tabs->count + 4, sizeof *words);
	if (!words)
		return NULL;
	words[n++] = "bulkhead";
	for (size_t i = 1; i < count; i++)
		if (!is_url(given[i], nurls, urls) && strcmp(given[i], "--") &&
		    strncmp(given[i], RESUME, strlen(RESUME)) != 0)
			words[n++] = given[i];
	if (b->tabs->active &&
	    asprintf(&words[n], RESUME "%u:%u", tab_index(b->tabs->active), b->tabs->active->scroll_row) > 0)
		n++;
	words[n++] = "--";
	for (const struct tab *t = b->tabs->first; t; t = t->next) {
		const char *url = t->pending_url ? t->pending_url : t->url;

		if (url)
			words[n++] = strdup(url);
	}
	return words;
}

/* By its own path, so that it keeps its name; if its file was replaced, by what the kernel still has of it.
 */
int again_run(char **words)
{
	static const char self[] = "/proc/self/exe";
	char path[4096];
	ssize_t n = readlink(self, path, sizeof path - 1);

	path[n > 0 ? n : 0] = '\0';
	execv(path, words);
	execv(self, words);
	return command_fail(1, "restart: %s", strerror(errno));
}
