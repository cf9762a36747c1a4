/*
 * Surfaces: pictures that plugins draw, granted by the browser to one page each. This file maps them
 * read-only and keeps a checked private copy of the newest picture; gpu/raster.c composites the copy.
 */
#pragma once
#include "common/cell.h"
#include "gpu/raster.h"
#include <stdbool.h>
#include <stdint.h>
#include <uthash.h>

struct surface {
	uint32_t number, page;
	unsigned columns, rows;
	const struct cell *shared; /* two halves; the plugin may write there at any time */
	struct cell *own, *scratch;
	bool news; /* that half has not been looked at */
	uint8_t half;
	bool drawn;	 /* own holds a picture */
	uint64_t raster; /* number of the last raster that asked for it */
	UT_hash_handle hh;
};

/* By number. */
struct surfaces {
	struct surface *table;
};

/* Map a surface of two halves; one of that number is replaced. false: no such grid or region. fd stays the
 * caller's. */
bool surface_attach(struct surfaces *, uint32_t page, uint32_t number, unsigned columns, unsigned rows,
		    int fd);

/* NULL: not attached. */
struct surface *surface_find(const struct surfaces *, uint32_t number);

/*
 * Copy that half and check the copy. What is invalid leaves the picture that was; a plugin that draws faster
 * than it is looked at can tear one. Returns whether there is a new picture.
 */
bool surface_update(struct surface *, unsigned half);

/* The surface's picture, without cells while there is none. */
struct picture surface_picture(const struct surface *);

/* Unmap and forget it. NULL is fine. */
void surface_drop(struct surfaces *, struct surface *);
void surface_drop_page(struct surfaces *, uint32_t page);
