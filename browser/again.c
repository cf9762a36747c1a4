/* See again.h. */
#include "browser/again.h"
#include "browser/browser.h"
#include "browser/command.h"
#include "browser/tab/tab.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
	words = calloc(count + b->tabs->count + 3, sizeof *words);
	if (!words)
		return NULL;
	words[n++] = "bulkhead";
	for (size_t i = 1; i < count; i++)
		if (!is_url(given[i], nurls, urls) && strcmp(given[i], "--"))
			words[n++] = given[i];
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
