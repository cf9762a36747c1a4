/* See tiles.h. */
#include "gpu/tiles.h"
#include "gpu/gpu.h"

#define BOTH_BUFFERS 3u

void tiles_end(struct tiles *tiles)
{
	tiles->on = false;
	tiles->count = 0;
}

static void touch(struct gpu *gpu, struct tile *tile)
{
	tile->stale = BOTH_BUFFERS;
	gpu_touch(gpu);
}

void tiles_touch_page(struct gpu *gpu, uint32_t page)
{
	struct tiles *tiles = &gpu->tiles;

	for (unsigned i = 0; i < tiles->count; i++)
		if (tiles->list[i].page == page)
			touch(gpu, &tiles->list[i]);
}

void tiles_touch_list(struct gpu *gpu, const struct page *page, uint32_t old_rows)
{
	struct tiles *tiles = &gpu->tiles;

	for (unsigned i = 0; i < tiles->count; i++) {
		struct tile *tile = &tiles->list[i];
		if (tile->page == page->number &&
		    gpu_sees_change(page, old_rows, tile->document_row, tile->rows))
			touch(gpu, tile);
	}
}

void tiles_touch_surface(struct gpu *gpu, const struct surface *surface)
{
	struct tiles *tiles = &gpu->tiles;

	for (unsigned i = 0; i < tiles->count; i++)
		if (tiles->list[i].page == surface->page && tiles->list[i].raster == surface->raster)
			touch(gpu, &tiles->list[i]);
}

static void draw_tile(struct gpu *gpu, struct tile *tile, const struct grid *window)
{
	const struct page *page = page_find(&gpu->pages, tile->page);
	struct grid grid = { .cells = window->cells + (size_t)tile->row * window->stride + tile->column,
			     .columns = tile->columns,
			     .rows = tile->rows,
			     .stride = window->stride,
			     .marks_cut = true };

	raster_clear(&grid);
	if (page)
		gpu_draw_page(gpu, page, &grid, gpu_view_row(page, tile->document_row, tile->rows));
	tile->raster = gpu->rasters;
}

void tiles_draw(struct gpu *gpu, const struct grid *window, unsigned buffer)
{
	struct tiles *tiles = &gpu->tiles;
	uint8_t bit = (uint8_t)(1u << buffer);

	if (tiles->stale & bit)
		raster_clear(window);
	tiles->stale &= (uint8_t)~bit;
	for (unsigned i = 0; i < tiles->count; i++) {
		struct tile *tile = &tiles->list[i];
		if (tile->stale & bit)
			draw_tile(gpu, tile, window);
		tile->stale &= (uint8_t)~bit;
	}
}

void gpu_on_show_tiles(struct gpu *gpu, struct channel *channel, const struct ipc_show_tiles *message)
{
	(void)channel;
	gpu->shown_page = 0;
	gpu->tiles.on = true;
	gpu->tiles.generation = message->generation;
	gpu->tiles.stale = BOTH_BUFFERS;
	gpu->tiles.count = 0;
	gpu_touch(gpu);
}

static bool is_inside(const struct frame *frame, const struct ipc_place_tile *m)
{
	return m->columns > 0 && m->rows > 0 && (unsigned)m->column + m->columns <= frame->columns &&
	       (unsigned)m->row + m->rows <= frame->rows;
}

static bool is_same_place(const struct tile *tile, const struct ipc_place_tile *m)
{
	return tile->page == m->page && tile->column == m->column && tile->row == m->row &&
	       tile->columns == m->columns && tile->rows == m->rows;
}

static bool overlaps(const struct tile *tile, const struct ipc_place_tile *m)
{
	return m->column < tile->column + tile->columns && tile->column < (unsigned)m->column + m->columns &&
	       m->row < tile->row + tile->rows && tile->row < (unsigned)m->row + m->rows;
}

/* The tile that the message is about: the one that it scrolls, or a new one; NULL: it cannot be placed. */
static struct tile *find_place(struct tiles *tiles, const struct frame *frame, const struct ipc_place_tile *m)
{
	if (!is_inside(frame, m))
		return NULL;
	for (unsigned i = 0; i < tiles->count; i++) {
		if (is_same_place(&tiles->list[i], m))
			return &tiles->list[i];
		if (overlaps(&tiles->list[i], m))
			return NULL;
	}
	return tiles->count < TILES_MAX ? &tiles->list[tiles->count++] : NULL;
}

/* Tiles lie side by side, since each is drawn again without the others. */
void gpu_on_place_tile(struct gpu *gpu, struct channel *channel, const struct ipc_place_tile *message)
{
	if (!gpu->tiles.on)
		return;
	struct tile *tile = find_place(&gpu->tiles, &gpu->frame, message);
	if (!tile) {
		channel_refuse(channel, BAD_MESSAGE_OUT_OF_RANGE);
		return;
	}
	*tile = (struct tile){ .page = message->page,
			       .document_row = message->document_row,
			       .column = message->column,
			       .row = message->row,
			       .columns = message->columns,
			       .rows = message->rows };
	touch(gpu, tile);
}
