/* See page.h. The check of one band is common/display_list.c's; this file puts bands together. */
#include "gpu/page.h"
#include "common/cell.h"
#include "common/crash.h"
#include "common/region.h"

/* Where a submission has been read to. */
struct cursor {
	const uint8_t *bytes;
	size_t left;
};

struct page *page_find(const struct pages *pages, uint32_t number)
{
	struct page *page;
	HASH_FIND_INT(pages->table, &number, page);
	return page;
}

static void unmap_staging(struct page *page)
{
	region_unmap((void *)page->staging, 2 * (size_t)page->half_bytes);
	page->staging = NULL;
}

static void change_renderer(struct page *page, uint32_t renderer)
{
	if (page->renderer == renderer)
		return;
	if (page->renderer != 0) {
		memmove(page->former + 1, page->former, sizeof(page->former) - sizeof(page->former[0]));
		page->former[0] = page->renderer;
		page->stale = true;
	}
	page->renderer = renderer;
}

struct page *page_attach(struct pages *pages, uint32_t number, uint32_t renderer, uint32_t generation,
			 uint32_t half_bytes, int fd)
{
	if (half_bytes == 0 || half_bytes > STAGING_MAX_BYTES)
		return NULL;
	const uint8_t *staging = region_map(fd, 2 * (size_t)half_bytes, false);
	if (!staging)
		return NULL;

	struct page *page = page_find(pages, number);
	if (!page) {
		page = crash_calloc(1, sizeof(*page));
		page->number = number;
		HASH_ADD_INT(pages->table, number, page);
	}
	unmap_staging(page);
	change_renderer(page, renderer);
	page->staging = staging;
	page->generation = generation;
	page->half_bytes = half_bytes;
	return page;
}

bool page_was_of(const struct page *page, uint32_t renderer)
{
	for (unsigned i = 0; i < PAGE_FORMER_RENDERERS; i++)
		if (page->former[i] == renderer && renderer != 0)
			return true;
	return false;
}

/* The next band of a submission. Returns 1; 0 at the end; -1 when it is cut off. */
static int next_band(struct cursor *cursor, struct band *band, const uint8_t **items)
{
	if (cursor->left == 0)
		return 0;
	if (cursor->left < sizeof(*band))
		return -1;
	memcpy(band, cursor->bytes, sizeof(*band));
	if (band->bytes > cursor->left - sizeof(*band))
		return -1;
	*items = cursor->bytes + sizeof(*band);
	cursor->bytes += sizeof(*band) + band->bytes;
	cursor->left -= sizeof(*band) + band->bytes;
	return 1;
}

static enum bad_message check_surfaces(const struct page *page, const uint8_t *items, uint32_t bytes,
				       page_surface_fn *may_show, void *arg)
{
	for (uint32_t at = 0; at < bytes;) {
		struct display_item_header item;
		memcpy(&item, items + at, sizeof(item));
		if (item.kind == DISPLAY_SURFACE && !may_show(arg, page, item.surface))
			return BAD_MESSAGE_FOREIGN_SURFACE;
		at += item.bytes;
	}
	return BAD_MESSAGE_NONE;
}

static enum bad_message check_all(const struct page *page, struct cursor cursor, page_surface_fn *may_show,
				  void *arg)
{
	struct band band;
	const uint8_t *items;
	int more;

	while ((more = next_band(&cursor, &band, &items)) > 0) {
		enum bad_message reason = display_list_check_band(&band, items);
		if (reason == BAD_MESSAGE_NONE)
			reason = check_surfaces(page, items, band.bytes, may_show, arg);
		if (reason != BAD_MESSAGE_NONE)
			return reason;
	}
	return more < 0 ? BAD_MESSAGE_INVALID_DISPLAY_LIST : BAD_MESSAGE_NONE;
}

static void clear_band(struct page *page, uint32_t number)
{
	struct page_band *band = &page->bands[number];

	page->bytes -= band->bytes;
	free(band->items);
	*band = (struct page_band){ 0 };
}

/* Bands below the new end go; new ones are empty until they come. */
static void resize(struct page *page, uint32_t count)
{
	for (uint32_t i = count; i < page->nbands; i++)
		clear_band(page, i);
	if (count == 0) {
		free(page->bands);
		page->bands = NULL;
	} else if (count != page->nbands) {
		page->bands = crash_realloc(page->bands, count * sizeof(*page->bands));
		if (count > page->nbands)
			memset(page->bands + page->nbands, 0, (count - page->nbands) * sizeof(*page->bands));
	}
	page->nbands = count;
}

static void put_band(struct page *page, const struct band *band, const uint8_t *items)
{
	if (band->number < page->changed_from)
		page->changed_from = band->number;
	if (band->number >= page->changed_to)
		page->changed_to = band->number + 1;
	clear_band(page, band->number);
	if (band->bytes == 0)
		return;
	struct page_band *mine = &page->bands[band->number];
	mine->items = crash_malloc(band->bytes);
	mine->bytes = band->bytes;
	memcpy(mine->items, items, band->bytes);
	page->bytes += band->bytes;
}

enum bad_message page_take(struct page *page, const uint8_t *copy, uint32_t bytes, uint32_t rows,
			   unsigned columns, page_surface_fn *may_show, void *arg)
{
	struct cursor cursor = { copy, bytes };
	struct band band;
	const uint8_t *items;

	if (rows > DOCUMENT_MAX_ROWS || columns > GRID_MAX_COLUMNS)
		return BAD_MESSAGE_OUT_OF_RANGE;
	enum bad_message reason = check_all(page, cursor, may_show, arg);
	if (reason != BAD_MESSAGE_NONE)
		return reason;
	page->changed_from = page->stale ? 0 : UINT32_MAX;
	page->changed_to = page->stale ? UINT32_MAX : 0;
	if (page->stale)
		resize(page, 0);
	page->stale = false;
	resize(page, (rows + BAND_ROWS - 1) / BAND_ROWS);
	page->rows = rows;
	page->columns = columns;
	while (next_band(&cursor, &band, &items) > 0)
		if (band.number < page->nbands)
			put_band(page, &band, items);
	return page->bytes > DOCUMENT_MAX_BYTES ? BAD_MESSAGE_INVALID_DISPLAY_LIST : BAD_MESSAGE_NONE;
}

void page_drop(struct pages *pages, struct page *page)
{
	if (!page)
		return;
	HASH_DEL(pages->table, page);
	resize(page, 0);
	unmap_staging(page);
	free(page);
}
