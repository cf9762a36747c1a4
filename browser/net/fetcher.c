/* The fetcher: what all fetches share. fetch.c is one fetch. */
#include "browser/net/builtin.h"
#include "browser/net/fetch.h"
#include "browser/net/fetch_kind.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Better now, in one line, than at the first page. */
static bool check_ca_file(const char *path, const char **why)
{
	char line[256];
	bool found = false;
	FILE *file = fopen(path, "re");
	if (!file) {
		*why = strerror(errno);
		return false;
	}
	while (!found && fgets(line, sizeof line, file))
		found = !strncmp(line, "-----BEGIN ", 11) && strstr(line, "CERTIFICATE-----");
	if (!found)
		*why = ferror(file) ? "it cannot be read" : "there is no PEM certificate in it";
	fclose(file);
	return found;
}

struct fetcher *fetcher_create(const struct fetcher_config *config, const char **why)
{
	if (config->ca_file && !check_ca_file(config->ca_file, why))
		return NULL;
	struct fetcher *fetcher = calloc(1, sizeof *fetcher);
	if (!fetcher)
		abort();
	fetcher->config = *config;
	LIST_INIT(&fetcher->fetches);
	LIST_INIT(&fetcher->pages);
	if (config->ca_file && !(fetcher->ca_file = strdup(config->ca_file)))
		abort();
	fetcher->http = http_create(why);
	if (!fetcher->http) {
		fetcher_destroy(fetcher);
		return NULL;
	}
	builtin_register(fetcher);
	return fetcher;
}

unsigned fetcher_running(const struct fetcher *fetcher)
{
	return fetcher->running;
}

void fetcher_register_page(struct fetcher *fetcher, const char *name, page_write_fn *write, void *arg)
{
	fetcher_register_pages(fetcher, name, write, NULL, arg);
}

void fetcher_register_pages(struct fetcher *fetcher, const char *name, page_write_fn *write,
			    page_write_under_fn *write_under, void *arg)
{
	struct page *page = builtin_find(fetcher, name);
	if (!page) {
		page = calloc(1, sizeof *page);
		if (!page)
			abort();
		LIST_INSERT_HEAD(&fetcher->pages, page, of_fetcher);
	}
	page->name = name;
	page->write = write;
	page->write_under = write_under;
	page->arg = arg;
}

void fetcher_destroy(struct fetcher *fetcher)
{
	struct page *page;
	if (!fetcher)
		return;
	while (LIST_FIRST(&fetcher->fetches))
		fetch_stop(LIST_FIRST(&fetcher->fetches));
	while ((page = LIST_FIRST(&fetcher->pages))) {
		LIST_REMOVE(page, of_fetcher);
		free(page);
	}
	http_destroy(fetcher->http);
	free(fetcher->ca_file);
	free(fetcher);
}
