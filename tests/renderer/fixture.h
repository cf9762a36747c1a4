/*
 * The renderer's real code in the test's own process, with the test as its browser, its GPU process and its
 * plugins at the other ends of real channels. What is submitted is checked as the GPU process does, and kept
 * as a screen.
 */
#pragma once
#include "common/display_list.h"
#include "renderer/page.h"
#include "renderer/renderer.h"

#define FIXTURE_SEEN  8192
#define FIXTURE_PAGE  7
#define FIXTURE_BANDS 4096

/* A message that came to one of the test's ends. Its strings are the fixture's until fixture_close(). */
struct seen {
	struct channel *at;
	enum ipc_id id;
	union ipc_any message;
	bool taken;
};

struct fixture_band {
	uint8_t *items;
	uint32_t bytes;
};

struct fixture {
	struct renderer renderer;
	struct recorder recorder;
	struct channel *browser, *gpu, *plugin; /* the test's ends */
	struct seen *seen;
	unsigned nseen;
	char **texts; /* copies of strings */
	size_t ntexts;

	uint8_t *staging; /* as the GPU process has it */
	uint32_t generation, half_bytes;
	bool hold_frames; /* did_take_frame is not sent */
	struct fixture_band bands[FIXTURE_BANDS];
	uint32_t rows, frames, frame_bands;
	uint16_t columns;

	int body; /* the pipe's writing end */
	uint64_t body_bytes;
	uint32_t navigation;
};

void fixture_open(struct fixture *);
void fixture_close(struct fixture *);

void fixture_connect_gpu(struct fixture *, uint32_t serial);
void fixture_disconnect_gpu(struct fixture *);
void fixture_connect_plugin(struct fixture *, uint32_t serial);
void fixture_grant_staging(struct fixture *, uint32_t half_bytes);

/* Commit a navigation; then write its body (false: nobody reads it any more), and end it. */
void fixture_navigate(struct fixture *, const char *url, const char *mime, const char *charset);
bool fixture_write(struct fixture *, const char *text, size_t length);
void fixture_end(struct fixture *, enum body_end how);
/* All of it at once, with a viewport of columns x 20, and wait until it is loaded. */
void fixture_load(struct fixture *, const char *html, uint16_t columns);

/* Wait until such a message comes; it is taken. Fails after ten seconds. */
const union ipc_any *fixture_expect(struct fixture *, enum ipc_id);
/* Wait until a ping is answered and no work is left over. */
void fixture_settle(struct fixture *);
unsigned fixture_count(const struct fixture *, enum ipc_id);
void fixture_forget(struct fixture *);

/* Wait until the screen shows this text on some row, or no longer; returns the row. */
uint32_t fixture_expect_text(struct fixture *, const char *text);
bool fixture_shows(struct fixture *, const char *text);

/* A row as the GPU process would draw it, without attributes. Valid until the next call. */
const char *fixture_row(struct fixture *, uint32_t row);

/* The item that begins at or covers that cell, or NULL. */
const struct display_item_header *fixture_item(struct fixture *, uint32_t row, unsigned column);
