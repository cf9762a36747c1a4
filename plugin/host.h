/*
 * The plugin process: hosts one plugin for every page that embeds it, of whatever renderer. Instances come
 * and go over the renderers' channels, surfaces to draw on come from the browser. load.c brings the plugin
 * in.
 */
#pragma once
#include "common/child.h"
#include "common/task.h"
#include "plugin/plugin.h"

#define PLUGIN_MAX_INSTANCES	      4096
#define PLUGIN_MAX_RENDERER_INSTANCES 256

/* A region to draw on, and which of its halves is drawn next. */
struct plugin_surface {
	struct plugin_surface *next;
	uint32_t number;
	unsigned columns, rows;
	struct cell *cells; /* two halves */
	uint8_t half;
};

/* One <embed>. */
struct instance {
	struct instance *next;
	uint32_t renderer, page, embed;
	void *data; /* the plugin's */
	struct plugin_surface *surfaces;
};

struct plugin {
	struct child child; /* first */
	const struct plugin_type *type;
	struct plugin_host host;
	struct instance *instances;
	unsigned ninstances;
	struct task tick;
};

/* Before the sandbox: reads the time zone. Fill in the child's dispatcher and hooks too. The rest is zeroed.
 */
void plugin_init(struct plugin *);

/* Load the plugin from path; a callback of sandbox_enter(), arg is the struct plugin. false: it is none of
 * ours. */
bool plugin_load(const char *path, void *arg);

/* Destroy all instances and surfaces. */
void plugin_finish(struct plugin *);
