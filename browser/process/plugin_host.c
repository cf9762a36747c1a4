/* See plugin_host.h. */
#include "browser/process/plugin_host.h"
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* The plugins there are: one row each. */
static const struct {
	const char *type, *label, *file;
} plugin_types[] = {
	{ "application/x-clock", "clock", "clock.so" },
};

void plugin_hosts_init(struct plugin_hosts *hosts, struct process_table *t)
{
	*hosts = (struct plugin_hosts){ .table = t };
	for (size_t i = 0; i < sizeof plugin_types / sizeof *plugin_types; i++) {
		struct plugin_host *h = calloc(1, sizeof *h);

		if (!h)
			return;
		*h = (struct plugin_host){ .next = hosts->first,
					   .type = plugin_types[i].type,
					   .label = plugin_types[i].label,
					   .file = plugin_types[i].file,
					   .restart = { .allowed = 3, .window_ns = UINT64_C(120000000000) } };
		hosts->first = h;
	}
}

void plugin_hosts_set_budget(struct plugin_hosts *hosts, unsigned deaths, unsigned seconds)
{
	for (struct plugin_host *h = hosts->first; h; h = h->next)
		restart_set_budget(&h->restart, deaths, seconds);
}

void plugin_hosts_finish(struct plugin_hosts *hosts)
{
	while (hosts->first) {
		struct plugin_host *h = hosts->first;

		hosts->first = h->next;
		free(h);
	}
}

struct plugin_host *plugin_host_find(struct plugin_hosts *hosts, const char *type)
{
	for (struct plugin_host *h = hosts->first; h; h = h->next)
		if (!strcasecmp(h->type, type))
			return h;
	return NULL;
}

struct plugin_host *plugin_host_of(struct plugin_hosts *hosts, const struct process_host *p)
{
	for (struct plugin_host *h = hosts->first; h; h = h->next)
		if (h->process == p)
			return h;
	return NULL;
}

/* Is it to be left alone for some time still? */
static bool plugin_host_rests(const struct plugin_host *h, const char **why)
{
	static char words[80];
	uint64_t since = recorder_now() - h->restart.deaths[0];

	if (!h->given_up || since >= h->restart.window_ns)
		return false;
	snprintf(words, sizeof words, "The plugin died too often. It can be started again in %u s.",
		 (unsigned)((h->restart.window_ns - since) / 1000000000 + 1));
	*why = words;
	return true;
}

bool plugin_host_start(struct plugin_hosts *hosts, struct plugin_host *h, const char **why)
{
	char path[PATH_MAX];
	int library;

	if (h->process)
		return true;
	if (plugin_host_rests(h, why))
		return false;
	if (h->given_up)
		restart_forgive(&h->restart);
	h->given_up = false;
	library = compartment_find_file("plugin", h->file, path);
	if (library == -1) {
		*why = "its library cannot be opened";
		return false;
	}
	h->process = process_start(hosts->table, ROLE_PLUGIN, library, h->label, why);
	close(library);
	return h->process;
}

void plugin_hosts_ready(struct plugin_hosts *hosts, const struct process_host *p)
{
	struct plugin_host *h = plugin_host_of(hosts, p);

	if (h)
		restart_ready(&h->restart);
}

/* It is not started again by itself: reloading the page, or its placeholder, asks for it. */
void plugin_hosts_died(struct plugin_hosts *hosts, const struct process_host *p)
{
	struct plugin_host *h = plugin_host_of(hosts, p);
	struct process_events *events = &hosts->table->events;
	char step[80] = "";

	if (!h)
		return;
	h->process = NULL;
	h->given_up = restart_after_death(&h->restart, p->ready_ns != 0, p->died_ns) < 0;
	if (!h->given_up)
		return;
	if (!p->ready_ns)
		restart_step(&p->death, step, sizeof step);
	events->gave_up(events->arg, ROLE_PLUGIN, h->label, step);
}
