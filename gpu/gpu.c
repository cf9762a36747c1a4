/* See gpu.h. */
#include "gpu/gpu.h"
#include "common/crash.h"
#include "common/task.h"
#include <unistd.h>

/* The browser is trusted; a region of its that cannot be mapped means that one of us is broken. */
static void need_region(bool mapped)
{
	if (!mapped)
		crash_bad_message(BAD_MESSAGE_WRONG_REGION_SIZE);
}

static void peer_went(struct child *child, struct channel *channel)
{
	struct gpu *gpu = (struct gpu *)child;
	struct endpoint peer = channel_peer(channel);

	if (peer.role == ROLE_RENDERER)
		submissions_forget(&gpu->submissions, peer.serial);
}

void gpu_init(struct gpu *gpu)
{
	gpu->child.dispatch = gpu_dispatch;
	gpu->child.peer_went = peer_went;
}

void gpu_finish(struct gpu *gpu)
{
	while (gpu->pages.table)
		page_drop(&gpu->pages, gpu->pages.table);
	while (gpu->surfaces.table)
		surface_drop(&gpu->surfaces, gpu->surfaces.table);
	submissions_finish(&gpu->submissions);
	frame_finish(&gpu->frame);
}

void gpu_touch(struct gpu *gpu)
{
	gpu->dirty = true;
	gpu->dirty_cause = cause_current();
}

/* The first row of the page that is in view: as asked, but no further than the document's end. */
static uint32_t view_row(const struct gpu *gpu, const struct page *page)
{
	uint32_t last = page->rows > gpu->frame.rows ? page->rows - gpu->frame.rows : 0;

	return gpu->shown_row < last ? gpu->shown_row : last;
}

void gpu_touch_list(struct gpu *gpu, const struct page *page, uint32_t old_rows)
{
	if (page->number != gpu->shown_page)
		return;
	uint32_t from = view_row(gpu, page) / BAND_ROWS;
	uint32_t to = (view_row(gpu, page) + gpu->frame.rows + BAND_ROWS - 1) / BAND_ROWS;
	if (page->rows != old_rows || (page->changed_from < to && page->changed_to > from))
		gpu_touch(gpu);
}

/* A surface may have been attached after the display list named its number: whose it is is asked again here.
 */
static struct picture picture_of(void *arg, uint32_t number)
{
	struct gpu *gpu = arg;
	struct surface *surface = surface_find(&gpu->surfaces, number);

	if (!surface || surface->page != gpu->shown_page)
		return (struct picture){ 0 };
	surface->raster = gpu->rasters;
	if (surface->news) {
		surface->news = false;
		surface_update(surface, surface->half);
	}
	return surface_picture(surface);
}

static void draw_page(struct gpu *gpu, const struct page *page, const struct grid *grid, uint32_t row)
{
	for (uint32_t i = row / BAND_ROWS; i < page->nbands; i++) {
		const struct page_band *band = &page->bands[i];
		uint32_t first = i * BAND_ROWS;
		if (first >= row + grid->rows)
			return;
		raster_band(grid, (int64_t)first - row, page->rows - first, band->items, band->bytes,
			    picture_of, gpu);
	}
}

void gpu_draw(void *arg)
{
	struct gpu *gpu = arg;
	struct grid grid;

	if (!gpu->dirty)
		return;
	int buffer = frame_take(&gpu->frame, &grid);
	if (buffer < 0)
		return;
	const struct page *page = page_find(&gpu->pages, gpu->shown_page);
	uint32_t row = page ? view_row(gpu, page) : 0;

	gpu->rasters++;
	raster_clear(&grid);
	if (page)
		draw_page(gpu, page, &grid, row);
	gpu->dirty = false;
	frame_present(&gpu->frame, (unsigned)buffer);

	uint64_t cause = cause_current();
	cause_set(gpu->dirty_cause);
	ipc_send_did_present(gpu->child.browser, gpu->shown_page, gpu->frame.generation, (uint8_t)buffer, row,
			     page ? page->rows : 0);
	cause_set(cause);
}

void gpu_on_attach_frame(struct gpu *gpu, struct channel *channel, const struct ipc_attach_frame *message)
{
	(void)channel;
	bool mapped = frame_attach(&gpu->frame, message->generation, message->columns, message->rows,
				   message->region);
	close(message->region);
	need_region(mapped);
	gpu_touch(gpu);
}

void gpu_on_release_frame(struct gpu *gpu, struct channel *channel, const struct ipc_release_frame *message)
{
	(void)channel;
	frame_release(&gpu->frame, message->generation, message->buffer);
}

void gpu_on_attach_staging(struct gpu *gpu, struct channel *channel, const struct ipc_attach_staging *message)
{
	(void)channel;
	struct page *page = page_attach(&gpu->pages, message->page, message->renderer, message->generation,
					message->half_bytes, message->region);
	close(message->region);
	need_region(page);
	submissions_replay(gpu, page);
}

void gpu_on_drop_page(struct gpu *gpu, struct channel *channel, const struct ipc_drop_page *message)
{
	(void)channel;
	surface_drop_page(&gpu->surfaces, message->page);
	page_drop(&gpu->pages, page_find(&gpu->pages, message->page));
	if (gpu->shown_page == message->page)
		gpu_touch(gpu);
}

/* A row past the end is brought back here, so that a document that grows later does not jump. */
void gpu_on_show_page(struct gpu *gpu, struct channel *channel, const struct ipc_show_page *message)
{
	(void)channel;
	const struct page *page = page_find(&gpu->pages, message->page);

	gpu->shown_page = message->page;
	gpu->shown_row = message->row;
	if (page && page->rows > 0)
		gpu->shown_row = view_row(gpu, page);
	gpu_touch(gpu);
}

void gpu_on_show_tiles(struct gpu *gpu, struct channel *channel, const struct ipc_show_tiles *message)
{
	(void)channel;
	(void)message;
	gpu->shown_page = 0;
	gpu_touch(gpu);
}

void gpu_on_place_tile(struct gpu *gpu, struct channel *channel, const struct ipc_place_tile *message)
{
	(void)channel;
	gpu->shown_page = message->page;
	gpu->shown_row = message->document_row;
	gpu_touch(gpu);
}

void gpu_on_attach_surface(struct gpu *gpu, struct channel *channel, const struct ipc_attach_surface *message)
{
	(void)channel;
	bool mapped = surface_attach(&gpu->surfaces, message->page, message->surface, message->columns,
				     message->rows, message->region);
	close(message->region);
	need_region(mapped);
	if (gpu->shown_page == message->page)
		gpu_touch(gpu);
}

void gpu_on_update_surface(struct gpu *gpu, struct channel *channel, const struct ipc_update_surface *message)
{
	(void)channel;
	struct surface *surface = surface_find(&gpu->surfaces, message->surface);

	if (!surface || surface->page != message->page || message->half > 1)
		return;
	/* Looked at when it is drawn: a plugin may say so a million times a second. */
	surface->half = message->half;
	surface->news = true;
	if (surface->page == gpu->shown_page && surface->raster == gpu->rasters)
		gpu_touch(gpu);
}

void gpu_on_drop_surface(struct gpu *gpu, struct channel *channel, const struct ipc_drop_surface *message)
{
	(void)channel;
	struct surface *surface = surface_find(&gpu->surfaces, message->surface);

	if (!surface || surface->page != message->page)
		return;
	surface_drop(&gpu->surfaces, surface);
	if (gpu->shown_page == message->page)
		gpu_touch(gpu);
}
