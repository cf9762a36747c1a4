/*
 * A page's staging region: two halves, each the renderer's until it is submitted and the GPU process's until
 * it says that it took it; and which bands of the page still have to go. The bytes are written by paint.c,
 * the messages sent by renderer/submit.c.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct staging_half {
	bool busy;
	uint32_t *bands; /* that are in it while it is busy */
	size_t count, size;
};

struct staging {
	uint8_t *memory; /* two halves; NULL: none granted yet */
	uint32_t generation, half_bytes;
	bool asked; /* for a region, or a larger one */
	struct staging_half halves[2];
	uint64_t *dirty; /* a bit for each band */
	size_t words;
	uint32_t rows_sent; /* of this document; 0: nothing of it yet */
};

void staging_finish(struct staging *);

/* Take over another region, mapped from fd (which stays the caller's). What was on its way goes again. false:
 * it cannot be mapped. */
bool staging_replace(struct staging *, int fd, uint32_t generation, uint32_t half_bytes);

/* The GPU process has that half no more; it may have gone without reading it. */
void staging_release(struct staging *, unsigned half);
void staging_lose(struct staging *);

/* Another document: nothing of what was sent or marked counts any more. Halves stay busy until they are
 * taken. */
void staging_forget(struct staging *);

/* The half to write next, or -1. */
int staging_free_half(const struct staging *);

void staging_mark(struct staging *, uint32_t first_band, uint32_t end_band);

/* Bands from `end` on are no more. */
void staging_cut(struct staging *, uint32_t end);

/* The lowest band from `from` on that has to go, UINT32_MAX: none. How many there are, at most `most`. */
uint32_t staging_next(const struct staging *, uint32_t from);
uint32_t staging_count(const struct staging *, uint32_t most);

/* That band has been written into that half. */
void staging_put(struct staging *, unsigned half, uint32_t band);
