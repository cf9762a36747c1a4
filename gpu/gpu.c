/* See gpu.h. */
#include "gpu/gpu.h"
#include "common/crash.h"
#include "common/task.h"
#include <unistd.h>

/* The browser is trusted; a region of its that cannot be mapped means that one of us is broken. */
static void need_region(bool mapped)
{
	if (!mapped)
		crash_bad_message(BAD_MESSAGE_WRONG_REGION_SIZE, cause_current());
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

uint32_t gpu_view_row(const struct page *page, uint32_t row, unsigned rows)
{
	uint32_t last = page->rows > rows ? page->rows - rows : 0;

	return row < last ? row : last;
}

bool gpu_sees_change(const struct page *page, uint32_t old_rows, uint32_t row, unsigned rows)
{
	uint32_t first = gpu_view_row(page, row, rows);
	uint32_t from = first / BAND_ROWS, to = (first + rows + BAND_ROWS - 1) / BAND_ROWS;

	return page->rows != old_rows || (page->changed_from < to && page->changed_to > from);
}

void gpu_touch_list(struct gpu *gpu, const struct page *page, uint32_t old_rows)
{
	tiles_touch_list(gpu, page, old_rows);
	if (page->number == gpu->shown_page &&
	    gpu_sees_change(page, old_rows, gpu->shown_row, gpu->frame.rows))
		gpu_touch(gpu);
}

/* All of the page has changed. */
static void touch_page(struct gpu *gpu, uint32_t page)
{
	tiles_touch_page(gpu, page);
	if (page == gpu->shown_page)
		gpu_touch(gpu);
}

/* A surface may have been attached after the display list named its number: whose it is is asked again here.
 */
static struct picture picture_of(void *arg, uint32_t number)
{
	struct gpu *gpu = arg;
	struct surface *surface = surface_find(&gpu->surfaces, number);

	if (!surface || surface->page != gpu->drawn_page)
		return (struct picture){ 0 };
	surface->raster = gpu->rasters;
	if (surface->news) {
		surface->news = false;
		surface_update(surface, surface->half);
	}
	return surface_picture(surface);
}

void gpu_draw_page(struct gpu *gpu, const struct page *page, const struct grid *grid, uint32_t row)
{
	gpu->drawn_page = page->number;
	for (uint32_t i = row / BAND_ROWS; i < page->nbands; i++) {
		const struct page_band *band = &page->bands[i];
		uint32_t first = i * BAND_ROWS;
		if (first >= row + grid->rows)
			return;
		raster_band(grid, (int64_t)first - row, page->rows - first, band->items, band->bytes,
			    picture_of, gpu);
	}
}

/* What did_present says beside the buffer. Of tiles it says the arrangement, since it names no page. */
struct shown {
	uint32_t page, row, document_rows;
};

static struct shown draw_one(struct gpu *gpu, const struct grid *grid)
{
	const struct page *page = page_find(&gpu->pages, gpu->shown_page);
	struct shown shown = { .page = gpu->shown_page };

	raster_clear(grid);
	if (page) {
		shown.row = gpu_view_row(page, gpu->shown_row, gpu->frame.rows);
		shown.document_rows = page->rows;
		gpu_draw_page(gpu, page, grid, shown.row);
	}
	return shown;
}

static struct shown draw_tiles(struct gpu *gpu, const struct grid *grid, unsigned buffer)
{
	tiles_draw(gpu, grid, buffer);
	return (struct shown){ .row = gpu->tiles.generation };
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
	gpu->rasters++;
	struct shown shown = gpu->tiles.on ? draw_tiles(gpu, &grid, (unsigned)buffer) : draw_one(gpu, &grid);
	gpu->dirty = false;
	frame_present(&gpu->frame, (unsigned)buffer);

	uint64_t cause = cause_current();
	cause_set(gpu->dirty_cause);
	ipc_send_did_present(gpu->child.browser, shown.page, gpu->frame.generation, (uint8_t)buffer,
			     shown.row, shown.document_rows);
	cause_set(cause);
}

void gpu_on_attach_frame(struct gpu *gpu, struct channel *channel, const struct ipc_attach_frame *message)
{
	(void)channel;
	bool mapped = frame_attach(&gpu->frame, message->generation, message->columns, message->rows,
				   message->region);
	close(message->region);
	need_region(mapped);
	tiles_end(&gpu->tiles); /* they were placed in a window of another size */
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
	touch_page(gpu, message->page);
}

/* A row past the end is brought back here, so that a document that grows later does not jump. */
void gpu_on_show_page(struct gpu *gpu, struct channel *channel, const struct ipc_show_page *message)
{
	(void)channel;
	const struct page *page = page_find(&gpu->pages, message->page);

	tiles_end(&gpu->tiles);
	gpu->shown_page = message->page;
	gpu->shown_row = message->row;
	if (page && page->rows > 0)
		gpu->shown_row = gpu_view_row(page, message->row, gpu->frame.rows);
	gpu_touch(gpu);
}

void gpu_on_attach_surface(struct gpu *gpu, struct channel *channel, const struct ipc_attach_surface *message)
{
	(void)channel;
	bool mapped = surface_attach(&gpu->surfaces, message->page, message->surface, message->columns,
				     message->rows, message->region);
	close(message->region);
	need_region(mapped);
	touch_page(gpu, message->page);
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
	tiles_touch_surface(gpu, surface);
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
	touch_page(gpu, message->page);
}
