/* See view.h. */
#include "browser/tab/view.h"
#include "browser/browser.h"
#include "browser/process/gpu_host.h"
#include "browser/tab/page_host.h"
#include "browser/tab/tab.h"
#include "common/region.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static size_t view_buffer_bytes(const struct view *v)
{
	return grid_bytes(v->frame_columns, v->frame_rows);
}

static void view_release_region(struct view *v)
{
	region_unmap(v->memory, 2 * view_buffer_bytes(v));
	v->memory = NULL;
	if (v->fd != -1)
		close(v->fd);
	v->fd = -1;
}

/* A region of that size, under a generation of its own. */
static bool view_make_region(struct view *v, unsigned columns, unsigned rows)
{
	view_release_region(v);
	v->frame_columns = (uint16_t)columns;
	v->frame_rows = (uint16_t)rows;
	v->fd = region_create("frame", 2 * view_buffer_bytes(v));
	v->memory = v->fd == -1 ? NULL : region_map(v->fd, 2 * view_buffer_bytes(v), false);
	v->generation++;
	return v->memory;
}

/* The picture that there was stays until there is one in the new frame. */
static void view_set_frame(struct view *v, unsigned columns, unsigned rows)
{
	if (v->memory && v->frame_columns == columns && v->frame_rows == rows)
		return;
	if (view_make_region(v, columns, rows))
		view_attach(v);
	else
		browser_say(v->browser, "no memory for the picture");
}

static void view_blank(struct view *v)
{
	v->noted_generation = 0;
	for (unsigned i = 0; i < (unsigned)v->columns * v->rows; i++)
		v->cells[i] = CELL_BLANK;
	v->picture_columns = v->columns;
	v->picture_rows = v->rows;
	v->page = 0;
	v->shown.count = 0;
}

bool view_init(struct view *v, struct browser *b)
{
	*v = (struct view){ .browser = b, .columns = 80, .rows = 24, .fd = -1 };
	v->cells = calloc(GRID_MAX_COLUMNS * GRID_MAX_ROWS, sizeof *v->cells);
	if (!v->cells)
		return false;
	view_blank(v);
	return view_make_region(v, v->columns, v->rows);
}

void view_finish(struct view *v)
{
	view_release_region(v);
	free(v->cells);
	v->cells = NULL;
}

void view_attach(struct view *v)
{
	struct process_host *gpu = gpu_host_up(v->browser->gpu);

	v->noted_generation = 0;
	v->tiles_sent = false; /* with the frame end the tiles that lay in it */
	if (gpu && v->fd != -1)
		ipc_send_attach_frame(gpu->channel, v->generation, v->frame_columns, v->frame_rows, v->fd);
}

static void view_place(const struct process_host *gpu, const struct view_tile *t)
{
	ipc_send_place_tile(gpu->channel, t->page, t->column, t->row, t->columns, t->rows, t->document_row);
}

static void view_send_tiles(struct view *v, const struct process_host *gpu)
{
	if (v->tiles_sent)
		return;
	ipc_send_show_tiles(gpu->channel, v->wanted.generation);
	for (unsigned i = 0; i < v->wanted.count; i++)
		view_place(gpu, &v->wanted.list[i]);
	v->tiles_sent = true;
}

void view_show(struct view *v)
{
	struct process_host *gpu = gpu_host_up(v->browser->gpu);
	struct tab *tab = v->browser->tabs->active;

	if (gpu && v->tiled)
		view_send_tiles(v, gpu);
	else if (gpu && tab)
		ipc_send_show_page(gpu->channel, tab->id, tab->scroll_row);
}

/* The same pages in the same places, however far they are scrolled? */
static bool view_has_tiles(const struct view *v, const struct view_tile *tiles, unsigned count)
{
	if (!v->tiled || v->wanted.count != count)
		return false;
	for (unsigned i = 0; i < count; i++) {
		struct view_tile t = v->wanted.list[i];

		t.document_row = tiles[i].document_row;
		if (memcmp(&t, &tiles[i], sizeof t) != 0)
			return false;
	}
	return true;
}

static void view_scroll_tiles(struct view *v, const struct view_tile *tiles)
{
	struct process_host *gpu = gpu_host_up(v->browser->gpu);

	for (unsigned i = 0; i < v->wanted.count; i++) {
		if (v->wanted.list[i].document_row == tiles[i].document_row)
			continue;
		v->wanted.list[i] = tiles[i];
		if (gpu && v->tiles_sent)
			view_place(gpu, &tiles[i]);
	}
}

void view_show_tiles(struct view *v, unsigned columns, unsigned rows, const struct view_tile *tiles,
		     unsigned count)
{
	bool same_frame = v->frame_columns == columns && v->frame_rows == rows;

	count = count < VIEW_TILES_MAX ? count : VIEW_TILES_MAX;
	if (same_frame && view_has_tiles(v, tiles, count)) {
		view_scroll_tiles(v, tiles);
		return;
	}
	v->tiled = true;
	view_set_frame(v, columns, rows);
	v->tiles_sent = false;
	v->wanted.generation++;
	v->wanted.count = count;
	memcpy(v->wanted.list, tiles, count * sizeof *tiles);
	view_show(v);
}

void view_show_page(struct view *v)
{
	if (!v->tiled)
		return;
	v->tiled = false;
	view_set_frame(v, v->columns, v->rows);
	view_show(v);
}

bool view_picture_of(const struct view *v, uint32_t page, struct view_picture *picture)
{
	if (v->page == page) {
		*picture = (struct view_picture){ v->cells, v->picture_columns, v->picture_rows,
						  v->picture_columns };
		return page != 0;
	}
	for (unsigned i = 0; v->page == 0 && i < v->shown.count; i++) {
		const struct view_tile *t = &v->shown.list[i];

		if (t->page != page)
			continue;
		*picture = (struct view_picture){ v->cells + (size_t)t->row * v->picture_columns + t->column,
						  t->columns, t->rows, v->picture_columns };
		return true;
	}
	return false;
}

void view_resize(struct view *v, unsigned columns, unsigned rows)
{
	columns = columns < 1 ? 1 : columns > GRID_MAX_COLUMNS ? GRID_MAX_COLUMNS : columns;
	rows = rows < 1 ? 1 : rows > GRID_MAX_ROWS ? GRID_MAX_ROWS : rows;
	if (columns == v->columns && rows == v->rows)
		return;
	v->columns = (uint16_t)columns;
	v->rows = (uint16_t)rows;
	if (!v->tiled) {
		view_blank(v);
		view_set_frame(v, columns, rows);
	}
	for (struct tab *t = v->browser->tabs->first; t; t = t->next)
		if (t->attached && process_is_up(t->renderer) && t->renderer->channel)
			ipc_send_set_viewport(t->renderer->channel, t->id, v->columns, v->rows);
	view_show(v);
}

/* For a log that is to be replayed: what is other in this picture than in the one before, as whole rows. */
static void view_note_picture(struct view *v, const struct process_host *gpu, unsigned buffer,
			      const struct cell *before)
{
	struct record_memory memory = { .kind = REGION_FRAME,
					.number = v->generation,
					.half = buffer,
					.bytes = (uint32_t)view_buffer_bytes(v) };
	uint32_t row = grid_bytes(v->frame_columns, 1);
	const char *new = (const char *)v->cells, *old = (const char *)before;

	while (old && memory.bytes > row && !memcmp(new + memory.offset, old + memory.offset, row)) {
		memory.offset += row;
		memory.bytes -= row;
	}
	while (old && memory.bytes > row &&
	       !memcmp(new + memory.offset + memory.bytes - row, old + memory.offset + memory.bytes - row,
		       row))
		memory.bytes -= row;
	browser_note_memory(v->browser, gpu, &memory, new + memory.offset);
	v->noted_generation = v->generation;
}

/* Copy first, then check the copy: the GPU process could write on. */
static void view_copy(struct view *v, unsigned buffer)
{
	const struct process_host *gpu = v->browser->gpu->process;
	const char *from = (const char *)v->memory + buffer * view_buffer_bytes(v);
	bool noted = browser_keeps_memory(v->browser) && gpu;
	struct cell *before = NULL;

	if (noted && v->noted_generation == v->generation && (before = malloc(view_buffer_bytes(v))))
		memcpy(before, v->cells, view_buffer_bytes(v));
	memcpy(v->cells, from, view_buffer_bytes(v));
	if (noted)
		view_note_picture(v, gpu, buffer, before);
	free(before);
}

static bool view_take(struct view *v, unsigned buffer)
{
	view_copy(v, buffer);
	v->picture_columns = v->frame_columns;
	v->picture_rows = v->frame_rows;
	for (unsigned row = 0; row < v->frame_rows; row++)
		if (!cell_check_row(v->cells + (size_t)row * v->frame_columns, v->frame_columns))
			return false;
	return true;
}

/* A picture of what is no longer wanted is late. */
static bool view_wants(const struct view *v, const struct ipc_did_present *m)
{
	const struct tab *active = v->browser->tabs->active;

	if (v->tiled)
		return m->page == 0 && v->tiles_sent && m->row == v->wanted.generation;
	return active && m->page == active->id;
}

static void view_note(struct view *v, const struct ipc_did_present *m)
{
	v->page = m->page;
	v->row = m->page ? m->row : 0;
	if (!m->page)
		v->shown = v->wanted;
	v->presented_ns = recorder_now();
	v->presents++;
	browser_tell(v->browser, CHANGED_FRAME);
}

void browser_on_did_present(struct browser *b, struct channel *c, const struct ipc_did_present *m)
{
	struct view *v = b->view;
	struct tab *tab = tab_find(b->tabs, m->page);

	if (m->generation != v->generation)
		return; /* drawn for another size */
	if (m->buffer > 1 || !v->memory) {
		channel_refuse(c, BAD_MESSAGE_OUT_OF_RANGE);
		return;
	}
	if (tab) {
		tab->document_rows = m->document_rows;
		tab->presented_ns = recorder_now();
	}
	/* Of what is late nothing is wanted but its buffer. */
	if (view_wants(v, m)) {
		if (!view_take(v, m->buffer)) {
			view_blank(v);
			channel_refuse(c, BAD_MESSAGE_INVALID_FRAME);
			return;
		}
		view_note(v, m);
	}
	ipc_send_release_frame(c, m->generation, m->buffer);
	/* A frame was copied and checked: that is enough for one turn. */
	channel_yield(c);
}
