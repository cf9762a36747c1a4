/*
 * The grid of tiles: how many are seen at once, and where each lies. Knows sizes only; tiles.c has the tabs.
 */
#pragma once
#include "browser/ui/canvas.h"

#define TILE_LEAST_COLUMNS 18 /* with its frame */
#define TILE_LEAST_ROWS	   6
#define TILE_GAP	   1 /* columns between two */

/* Tiles beside and above each other that are seen at once; more of them come by scrolling. */
struct tile_grid {
	int columns, rows;
};

/* The grid in which `count` tiles (at least one) are seen best, or as many of them as fit. */
struct tile_grid tile_grid_fit(struct area, int count);

/* Where the tile at that place of the grid lies, frame and all. */
struct area tile_grid_place(struct area, struct tile_grid, int column, int row);
