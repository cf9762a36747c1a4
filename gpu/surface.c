/* See surface.h. The check of cells is common/cell.c's. */
#include "gpu/surface.h"
#include "common/crash.h"
#include "common/region.h"

static size_t half_bytes(const struct surface *surface)
{
	return grid_bytes(surface->columns, surface->rows);
}

bool surface_attach(struct surfaces *surfaces, uint32_t page, uint32_t number, unsigned columns,
		    unsigned rows, int fd)
{
	surface_drop(surfaces, surface_find(surfaces, number));
	if (columns == 0 || columns > GRID_MAX_COLUMNS || rows == 0 || rows > GRID_MAX_ROWS)
		return false;
	const struct cell *shared = region_map(fd, 2 * (size_t)grid_bytes(columns, rows), false);
	if (!shared)
		return false;

	struct surface *surface = crash_calloc(1, sizeof(*surface));
	surface->number = number;
	surface->page = page;
	surface->columns = columns;
	surface->rows = rows;
	surface->shared = shared;
	surface->own = crash_malloc(half_bytes(surface));
	surface->scratch = crash_malloc(half_bytes(surface));
	HASH_ADD_INT(surfaces->table, number, surface);
	return true;
}

struct surface *surface_find(const struct surfaces *surfaces, uint32_t number)
{
	struct surface *surface;
	HASH_FIND_INT(surfaces->table, &number, surface);
	return surface;
}

bool surface_update(struct surface *surface, unsigned half)
{
	size_t cells = (size_t)surface->columns * surface->rows;

	if (half > 1)
		return false;
	memcpy(surface->scratch, surface->shared + half * cells, half_bytes(surface));
	for (unsigned row = 0; row < surface->rows; row++)
		if (!cell_check_row(surface->scratch + (size_t)row * surface->columns, surface->columns))
			return false;

	struct cell *old = surface->own;
	surface->own = surface->scratch;
	surface->scratch = old;
	surface->drawn = true;
	return true;
}

struct picture surface_picture(const struct surface *surface)
{
	return (struct picture){ surface->drawn ? surface->own : NULL, surface->columns, surface->rows };
}

void surface_drop(struct surfaces *surfaces, struct surface *surface)
{
	if (!surface)
		return;
	/* NOLINTNEXTLINE: uthash, which the analyzer does not follow */
	HASH_DEL(surfaces->table, surface);
	region_unmap((void *)surface->shared, 2 * half_bytes(surface));
	free(surface->own);
	free(surface->scratch);
	free(surface);
}

void surface_drop_page(struct surfaces *surfaces, uint32_t page)
{
	struct surface *surface, *next;
	HASH_ITER (hh, surfaces->table, surface, next)
		if (surface->page == page)
			surface_drop(surfaces, surface);
}
