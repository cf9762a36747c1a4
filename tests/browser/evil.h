/*
 * A compromised child: starts and fences itself in as the real one does, then misbehaves in the one way that
 * its test wants. One program for all roles; the way is a word that compromise.c writes into a copy of it.
 * evil.c starts and holds what all share; evil_death.c, evil_renderer.c, evil_lists.c, evil_gpu.c and
 * evil_plugin.c are the tables.
 */
#pragma once
#include "common/child.h"
#include "common/codec.h"

struct evil {
	struct child child; /* first */
	const char *way;
	/* Of the page or surface that it was given last. */
	uint32_t page, navigation, surface, embed;
	uint32_t generation, half_bytes;
	uint8_t *memory; /* staging, frame or surface: two halves of half_bytes each */
};

struct misdeed {
	const char *way;
	void (*run)(struct evil *);
};

/* Ended by a row without a way. */
extern const struct misdeed evil_start_ways[], evil_death_ways[], evil_renderer_ways[], evil_list_ways[],
	evil_gpu_ways[], evil_plugin_ways[];

/* Run the way that this process was told, if it is in the table. */
bool evil_run(struct evil *, const struct misdeed *);

/* What a role does with its messages besides; true: dealt with. */
bool evil_renderer_dispatch(struct evil *, enum ipc_id, const union ipc_any *);
bool evil_gpu_dispatch(struct evil *, enum ipc_id, const union ipc_any *);
bool evil_plugin_dispatch(struct evil *, enum ipc_id, const union ipc_any *);

/* Bytes as one packet on the channel to the browser, behind what was sent before. */
void evil_packet(struct evil *, const void *bytes, size_t length);

/* A message with the next id and those fields, sound or not; `spoil` (may be NULL) sees its header last. */
void evil_message(struct evil *, uint16_t type, const void *fields, size_t length,
		  void (*spoil)(struct evil *, struct ipc_header *));

/* The channel to the GPU process, or to a renderer; NULL: none yet. */
struct channel *evil_peer(struct evil *, enum role role);

/* Map a region that was handed over, instead of the one before; takes fd over. */
void evil_map(struct evil *, int fd, size_t half_bytes);
/* Random bytes, the same in each run. */
void evil_fill(void *memory, size_t bytes);
