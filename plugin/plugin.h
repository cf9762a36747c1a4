/*
 * What a plugin must be: a shared object with one exported symbol, `bulkhead_plugin`. It is loaded into a
 * process of its own that is then locked: a plugin computes, allocates and draws; files, sockets, processes,
 * threads, signals, locales and time zones are not there. plugin/host.c calls it, from one thread, and never
 * twice at once.
 */
#pragma once
#include "common/cell.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PLUGIN_ABI    1
#define PLUGIN_SYMBOL "bulkhead_plugin"

/* What the host knows and a plugin cannot find out. Lives as long as the process. */
struct plugin_host {
	int32_t utc_offset; /* seconds east of UTC of the user's time zone, as it was when the process started
			     */
	int64_t (*now_ms)(void); /* CLOCK_REALTIME */
};

struct plugin_size {
	uint16_t columns, rows; /* in cells, 1 to GRID_MAX_COLUMNS and GRID_MAX_ROWS */
};

struct plugin_type {
	uint32_t abi;	  /* PLUGIN_ABI */
	uint32_t tick_ms; /* draw anew each time the clock passes a multiple of it; 0: drawn once */
	const char *mime; /* of <embed type="…">, in lower case */
	/*
	 * One <embed>, or NULL when there is no memory. source is its src, UTF-8, 0-terminated, borrowed,
	 * from the page: not to be trusted. *size is set to what the instance would like to be drawn at.
	 */
	void *(*create)(const struct plugin_host *, const char *source, struct plugin_size *size);
	/*
	 * Draw all of a grid of that size, which may be another than was wished for and comes blank. What
	 * does not pass cell_check_row() is not shown.
	 */
	void (*draw)(void *instance, struct cell *cells, unsigned columns, unsigned rows);
	void (*destroy)(void *instance);
};
