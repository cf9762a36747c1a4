/* A page's embeds: which plugin process serves each, and the surface it draws on. The browser owns the
 * regions. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct tab;
struct tabs;
struct process_host;
struct plugin_host;

struct embed {
	struct embed *next;
	uint32_t id; /* the renderer's number for it */
	struct plugin_host *plugin;
	uint64_t cause;	  /* id of the request */
	uint32_t granted; /* serial of the plugin process it was told of; 0: it waits */
	uint32_t dying;	  /* serial of the one that it lost, of what is not known yet; 0: none */
	bool given_up;	  /* that one died too often */
	uint32_t surface; /* 0: none */
	bool released;	  /* the page has given its surface back, and asked for nothing since */
	uint16_t columns, rows;
	uint8_t half; /* drawn last */
	int fd;	      /* of the surface's region, -1: none */
};

/* The page is gone from its renderer: close its surfaces everywhere. */
void embeds_drop_all(struct tab *);
/* Has each embed its surface, or no plugin to wait for? */
bool embeds_settled(const struct tab *);
/* A new GPU process: hand it this page's surfaces. */
void embeds_attach_gpu(struct tab *);
/* News of a plugin process: ready, dead, or of its responsiveness. */
void embeds_plugin_ready(struct tabs *, struct process_host *);
void embeds_plugin_died(struct tabs *, const struct process_host *, struct plugin_host *);
/* One that was dying when they were told is dead: say of what. */
void embeds_plugin_named(struct tabs *, const struct process_host *);
void embeds_plugin_responded(struct tabs *, struct process_host *);
