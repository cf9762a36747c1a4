/*
 * Plugin processes: one per plugin type, started on first use, shared by every page that embeds it. Three
 * deaths in two minutes (or as the budget says): unavailable for the next two.
 */
#pragma once
#include "browser/process/host.h"
#include "browser/process/restart.h"

struct plugin_host {
	struct plugin_host *next;
	const char *type;	      /* MIME type, static */
	const char *label;	      /* short name, static */
	const char *file;	      /* of its .so */
	struct process_host *process; /* NULL: not running */
	struct restart restart;
	bool given_up;
};

struct plugin_hosts {
	struct process_table *table;
	struct plugin_host *first;
};

void plugin_hosts_init(struct plugin_hosts *, struct process_table *);
/* Of each type; 0: the default. */
void plugin_hosts_set_budget(struct plugin_hosts *, unsigned deaths, unsigned seconds);
void plugin_hosts_finish(struct plugin_hosts *);
/* Of that type; NULL: there is no such plugin. */
struct plugin_host *plugin_host_find(struct plugin_hosts *, const char *type);
struct plugin_host *plugin_host_of(struct plugin_hosts *, const struct process_host *);
/* Make sure that its process runs or is about to. false: it cannot be started, or died too often. */
bool plugin_host_start(struct plugin_hosts *, struct plugin_host *, const char **why);
/* News from the table. */
void plugin_hosts_ready(struct plugin_hosts *, const struct process_host *);
void plugin_hosts_died(struct plugin_hosts *, const struct process_host *);
