/*
 * What renderers submit: who may, the copy out of shared memory, and submissions that come before the
 * browser's word about the page has arrived, since that takes another channel. gpu/page.c checks and keeps
 * the bands.
 */
#pragma once
#include "common/protocol.h"
#include <stddef.h>
#include <stdint.h>

struct gpu;
struct page;

/* Submissions that may wait, of one renderer, which may have as many pages. The oldest gives way. */
#define SUBMISSIONS_EARLY_MAX 1024

/* One that came too early. */
struct early {
	struct early *next;
	uint32_t renderer;
	uint64_t cause;
	struct ipc_submit_frame message;
};

struct submissions {
	struct early *early; /* newest first */
	uint8_t *copy;	     /* private memory for what is being checked */
	size_t capacity;
};

/* The page has a new staging region: take what was submitted for it before we knew. */
void submissions_replay(struct gpu *, struct page *);

/* That renderer is gone, and what it submitted too early with it. */
void submissions_forget(struct submissions *, uint32_t renderer);
void submissions_finish(struct submissions *);
