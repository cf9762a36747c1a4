/*
 * Painted bands on their way to the GPU process: written into the free half of the staging region, submitted,
 * and written again only when it has been taken. See page.h and staging.h.
 */
#include "renderer/page.h"
#include "renderer/renderer.h"

static struct paint_box box_of(void *arg, uint32_t number)
{
	const struct embed *embed = document_embed(arg, number);
	return embed ? embed_box(embed) : (struct paint_box){ .words = "", .hint = "" };
}

static void ask_for_region(struct page *page, uint32_t half_bytes)
{
	struct staging *staging = &page->staging;
	if (half_bytes > STAGING_MAX_BYTES)
		half_bytes = STAGING_MAX_BYTES;
	if (staging->asked || half_bytes <= staging->half_bytes)
		return;
	staging->asked = true;
	ipc_send_request_region(page->renderer->child.browser, page->number, half_bytes);
}

/* Write as many changed bands as fit. Returns the bytes; *stuck: the next one does not even fit alone. */
static uint32_t fill_half(struct page *page, unsigned half, bool *stuck)
{
	struct staging *staging = &page->staging;
	struct paint paint = {
		.layout = &page->shown->layout, .focus = page->focus, .box = box_of, .arg = page->shown
	};
	uint8_t *memory = staging->memory + (size_t)half * staging->half_bytes;
	uint32_t used = 0;
	for (uint32_t band = staging_next(staging, 0); band != UINT32_MAX;
	     band = staging_next(staging, band)) {
		size_t bytes = paint_band(&paint, band, memory + used, staging->half_bytes - used);
		*stuck = !bytes && !used;
		if (!bytes)
			break;
		used += (uint32_t)bytes;
		staging_put(staging, half, band);
	}
	return used;
}

/* How many rows the GPU process may believe in: none of which it has not got the bands. */
static uint32_t rows_to_tell(const struct page *page)
{
	const struct staging *staging = &page->staging;
	uint32_t rows = paint_rows(&page->shown->layout);
	/* While it is laid out again the document only seems to be short. */
	if (!page->shown->laid && rows < staging->rows_sent)
		rows = staging->rows_sent;
	uint32_t missing = staging_next(staging, 0);
	if (missing == UINT32_MAX || missing > rows / BAND_ROWS)
		return rows;
	uint32_t known = missing * BAND_ROWS;
	if (known < staging->rows_sent)
		known = staging->rows_sent;
	return known < rows ? known : rows;
}

static bool has_news(const struct page *page)
{
	return staging_next(&page->staging, 0) != UINT32_MAX || rows_to_tell(page) != page->staging.rows_sent;
}

static bool is_ready(const struct page *page)
{
	/* The old picture stays until there is something to see. */
	return page->shown && (page->shown->layout.at.nrows || !page->shown->loading);
}

/* For a log that is to be replayed: the bytes that this submission is about. */
static void record_half(struct page *page, unsigned half, uint32_t bytes)
{
	struct staging *staging = &page->staging;
	struct record_memory memory = { .kind = REGION_STAGING,
					.page = page->number,
					.number = staging->generation,
					.half = half,
					.bytes = bytes };
	recorder_write_memory(&page->renderer->child.recorder, &memory,
			      staging->memory + (size_t)half * staging->half_bytes);
}

void page_submit(struct page *page)
{
	struct staging *staging = &page->staging;
	struct channel *gpu = renderer_gpu(page->renderer);
	if (!is_ready(page))
		return;
	if (!staging->memory) {
		ask_for_region(page, STAGING_MIN_BYTES);
		return;
	}
	uint32_t sent = 0;
	for (int half; gpu && (half = staging_free_half(staging)) >= 0 && has_news(page);) {
		bool stuck = false;
		uint32_t bytes = fill_half(page, (unsigned)half, &stuck);
		if (stuck) {
			ask_for_region(page, staging->half_bytes * 2);
			return;
		}
		staging->rows_sent = rows_to_tell(page);
		staging->halves[half].busy = true;
		sent = (uint32_t)staging->halves[half].count;
		record_half(page, (unsigned)half, bytes);
		ipc_send_submit_frame(gpu, page->number, staging->generation, (uint8_t)half, bytes,
				      staging->rows_sent, (uint16_t)page->shown->layout.columns);
	}
	/* Several rounds more would be needed. */
	if (sent && staging_count(staging, 4 * sent) == 4 * sent)
		ask_for_region(page, staging->half_bytes * 2);
}
