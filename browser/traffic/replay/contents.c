/*
 * See player.h: what the process writes into regions. A renderer's display lists are put together band by
 * band, as the GPU process does it, once from what the log recorded and once from what it writes now; the GPU
 * process's pictures stand beside each other. Only whole states are compared: in how many pieces they came is
 * a matter of time.
 */
#include "browser/traffic/replay/player.h"
#include "browser/traffic/replay/report.h"
#include "browser/traffic/replay/tape_data.h"
#include "common/cell.h"
#include "common/display_list.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <uthash.h>

#define HALVES_MAX_BYTES (256u << 20)
#define LISTS_MAX_BYTES	 (256u << 20)
#define PAGES_MAX	 128

/* What the log says of one half of a region. */
struct half {
	struct {
		uint32_t kind, page, number, half;
	} key;
	uint8_t *bytes; /* pages of its own, which take room once they are written to */
	uint32_t length;
	UT_hash_handle hh;
};

struct list_band {
	uint8_t *items;
	uint32_t bytes;
};

struct list {
	uint32_t rows, columns, nbands;
	struct list_band *bands;
	bool known; /* something was submitted */
};

struct page_lists {
	uint32_t page;
	struct list then, now;
	bool changed, reported; /* since they were compared; as other */
	bool lacks;		/* the log does not have all that was submitted */
	UT_hash_handle hh;
};

struct picture {
	uint32_t page, row, document_rows;
	uint8_t *cells;
	uint32_t bytes;
	bool known;
};

struct contents {
	struct half *halves;
	uint64_t bytes;	     /* of the halves */
	uint64_t list_bytes; /* of the display lists */
	struct page_lists *pages;
	unsigned npages;
	struct picture then, now;
	uint64_t read_by; /* the message that announced the picture that the log has last */
	bool picture_changed, picture_reported;
};

struct contents *contents_create(void)
{
	return calloc(1, sizeof(struct contents));
}

/* Halves. */

static struct half *find_half(const struct contents *c, const struct record_memory *m)
{
	struct half key = { .key = { m->kind, m->page, m->number, m->half } }, *found;

	HASH_FIND(hh, c->halves, &key.key, sizeof key.key, found);
	return found;
}

static void drop_half(struct contents *c, struct half *h)
{
	/* NOLINTNEXTLINE: uthash, which the analyzer does not follow */
	HASH_DELETE(hh, c->halves, h);
	c->bytes -= h->length;
	if (h->bytes)
		munmap(h->bytes, h->length);
	free(h);
}

static struct half *get_half(struct contents *c, const struct record_memory *m)
{
	struct half *h = find_half(c, m);

	if (h || !(h = calloc(1, sizeof *h)))
		return h;
	h->key.kind = m->kind;
	h->key.page = m->page;
	h->key.number = m->number;
	h->key.half = m->half;
	HASH_ADD(hh, c->halves, key, sizeof h->key, h);
	return h;
}

/* Make it so long. A line of one byte may stand at the end of a large half. */
static bool half_grow(struct contents *c, struct half *h, uint32_t length)
{
	uint8_t *bytes = h->bytes ? mremap(h->bytes, h->length, length, MREMAP_MAYMOVE)
				  : mmap(NULL, length, PROT_READ | PROT_WRITE,
					 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (bytes == MAP_FAILED)
		return false;
	c->bytes += length - h->length;
	h->bytes = bytes;
	h->length = length;
	return true;
}

void contents_note(struct contents *c, const struct tape_event *e)
{
	struct half *h = get_half(c, &e->memory);
	uint32_t end = e->memory.offset + e->length;

	if (!h)
		return;
	if (e->memory.kind == REGION_FRAME)
		c->read_by = e->cause;
	if (end > h->length) {
		/* The oldest make room: what they were about has long been read. */
		while (c->bytes + end > HALVES_MAX_BYTES && c->halves != h)
			drop_half(c, c->halves);
		if (!half_grow(c, h, end))
			return;
	}
	memcpy(h->bytes + e->memory.offset, e->bytes, e->length);
}

const uint8_t *contents_half(const struct contents *c, enum region_kind kind, uint32_t page, uint32_t number,
			     uint32_t half, uint32_t *length)
{
	const struct half *h = find_half(
		c, &(struct record_memory){ .kind = kind, .page = page, .number = number, .half = half });

	if (!h)
		return NULL;
	*length = h->length;
	return h->bytes;
}

/* Display lists. */

static struct page_lists *get_page(struct contents *c, uint32_t number)
{
	struct page_lists *page;

	HASH_FIND_INT(c->pages, &number, page);
	if (page || c->npages == PAGES_MAX || !(page = calloc(1, sizeof *page)))
		return page;
	page->page = number;
	HASH_ADD_INT(c->pages, page, page);
	c->npages++;
	return page;
}

static void list_resize(struct contents *c, struct list *l, uint32_t nbands)
{
	struct list_band *bands;

	for (uint32_t i = nbands; i < l->nbands; i++) {
		c->list_bytes -= l->bands[i].bytes;
		free(l->bands[i].items);
	}
	bands = realloc(l->bands, (nbands + 1) * sizeof *bands);
	if (!bands)
		abort();
	if (nbands > l->nbands)
		memset(bands + l->nbands, 0, (nbands - l->nbands) * sizeof *bands);
	l->bands = bands;
	l->nbands = nbands;
}

static void list_put(struct contents *c, struct list *l, const struct band *band, const uint8_t *items)
{
	struct list_band *mine = &l->bands[band->number];
	uint8_t *copy;

	/* A few lines of a log can tell of any number of large bands. */
	if (c->list_bytes - mine->bytes + band->bytes > LISTS_MAX_BYTES)
		return;
	copy = malloc(band->bytes + 1);
	if (!copy)
		abort();
	c->list_bytes += band->bytes - (uint64_t)mine->bytes;
	memcpy(copy, items, band->bytes);
	free(mine->items);
	*mine = (struct list_band){ copy, band->bytes };
}

/* A submission of those bytes. What is no display list is left out: the GPU process would refuse it. */
static void list_take(struct contents *c, struct list *l, const struct ipc_submit_frame *m,
		      const uint8_t *bytes)
{
	struct band band;

	if (m->rows > DOCUMENT_MAX_ROWS)
		return;
	list_resize(c, l, (m->rows + BAND_ROWS - 1) / BAND_ROWS);
	l->known = true;
	l->rows = m->rows;
	l->columns = m->columns;
	for (uint32_t at = 0; m->bytes - at >= sizeof band; at += (uint32_t)sizeof band + band.bytes) {
		memcpy(&band, bytes + at, sizeof band);
		if (band.bytes > m->bytes - at - sizeof band)
			return;
		if (band.number < l->nbands)
			list_put(c, l, &band, bytes + at + sizeof band);
	}
}

static bool same_band(const struct list_band *a, const struct list_band *b)
{
	return a->bytes == b->bytes && (!a->bytes || !memcmp(a->items, b->items, a->bytes));
}

/* The first band that is other, nbands: none is. */
static uint32_t first_other(const struct list *a, const struct list *b)
{
	uint32_t i = 0;

	while (i < a->nbands && i < b->nbands && same_band(&a->bands[i], &b->bands[i]))
		i++;
	return i;
}

static bool same_lists(const struct page_lists *page)
{
	const struct list *a = &page->then, *b = &page->now;

	return page->lacks ||
	       (a->rows == b->rows && a->columns == b->columns && first_other(a, b) == a->nbands);
}

void contents_submitted(struct contents *c, const struct ipc_submit_frame *m, const uint8_t *half)
{
	struct page_lists *page = get_page(c, m->page);

	if (!page)
		return;
	list_take(c, &page->now, m, half);
	page->changed = true;
}

static void say_submitted(struct contents *c, const struct tape_event *e)
{
	struct ipc_submit_frame m;
	struct page_lists *page;
	const uint8_t *half;
	uint32_t length = 0;

	if (ipc_decode(e->type, ROLE_RENDERER, ROLE_GPU, e->bytes, e->length, -1, &m) ||
	    !(page = get_page(c, m.page)))
		return;
	half = contents_half(c, REGION_STAGING, m.page, m.generation, m.half, &length);
	if (e->edited || (m.bytes && (!half || m.bytes > length))) {
		page->lacks = true;
		return;
	}
	list_take(c, &page->then, &m, half);
	page->changed = true;
}

/* Pictures. */

static bool picture_set(struct picture *p, const struct ipc_did_present *m, const uint8_t *cells,
			uint32_t bytes)
{
	uint8_t *copy = realloc(p->cells, bytes + 1);

	if (!copy)
		return false;
	memcpy(copy, cells, bytes);
	*p = (struct picture){ m->page, m->row, m->document_rows, copy, bytes, true };
	return true;
}

void contents_presented(struct contents *c, const struct ipc_did_present *m, const uint8_t *cells,
			uint32_t bytes)
{
	c->picture_changed |= picture_set(&c->now, m, cells, bytes);
}

/* The log has what is other in each picture than in the one before it; which buffer it was does not matter.
 */
static void say_presented(struct contents *c, const struct tape_event *e)
{
	struct ipc_did_present m;
	const uint8_t *cells;
	uint32_t bytes;

	if (ipc_decode(e->type, ROLE_GPU, ROLE_BROWSER, e->bytes, e->length, -1, &m))
		return;
	cells = contents_half(c, REGION_FRAME, 0, m.generation, 0, &bytes);
	/* One that came too late was not looked at, and is not in the log. */
	if (cells && c->read_by == e->id)
		c->picture_changed |= picture_set(&c->then, &m, cells, bytes);
	else
		c->then.known = false;
}

static bool same_pictures(const struct contents *c)
{
	const struct picture *a = &c->then, *b = &c->now;

	return !a->known ||
	       (b->known && a->page == b->page && a->row == b->row && a->document_rows == b->document_rows &&
		a->bytes == b->bytes && !memcmp(a->cells, b->cells, a->bytes));
}

void contents_say(struct contents *c, const struct tape_event *answer, enum role role)
{
	if (answer->type == IPC_SUBMIT_FRAME && role == ROLE_RENDERER)
		say_submitted(c, answer);
	else if (answer->type == IPC_DID_PRESENT && role == ROLE_GPU)
		say_presented(c, answer);
}

/* Comparing. */

bool contents_are_there(const struct contents *c)
{
	if (c->then.known)
		return true;
	for (const struct page_lists *page = c->pages; page; page = page->hh.next)
		if (page->then.known && !page->lacks)
			return true;
	return false;
}

bool contents_agree(struct contents *c)
{
	struct page_lists *page, *next;
	bool agree = true;

	HASH_ITER (hh, c->pages, page, next) {
		if (page->changed && same_lists(page))
			page->changed = page->reported = false;
		agree &= !page->changed || page->reported;
	}
	if (c->picture_changed && same_pictures(c))
		c->picture_changed = c->picture_reported = false;
	return agree && (!c->picture_changed || c->picture_reported);
}

static void report_list(const struct page_lists *page, struct report *report, const char *where)
{
	const struct list *a = &page->then, *b = &page->now;
	uint32_t band = first_other(a, b);

	if (a->columns != b->columns || a->rows != b->rows)
		report_other(
			report, "contents",
			"before %s the display list of page %u has %u rows of %u columns, in the log %u of %u",
			where, page->page, b->rows, b->columns, a->rows, a->columns);
	else if (band < a->nbands && band < b->nbands)
		report_other(
			report, "contents",
			"before %s the display list of page %u is other from row %u on (band %u: %u bytes, in the log %u)",
			where, page->page, band * BAND_ROWS, band, b->bands[band].bytes,
			a->bands[band].bytes);
}

static void report_picture(const struct contents *c, struct report *report, const char *where)
{
	const struct picture *a = &c->then, *b = &c->now;
	uint32_t at = 0;

	if (!b->known || a->page != b->page || a->row != b->row || a->document_rows != b->document_rows ||
	    a->bytes != b->bytes) {
		report_other(
			report, "contents",
			"before %s the picture is of page %u from row %u of %u, in the log of page %u from row %u of %u",
			where, b->page, b->row, b->document_rows, a->page, a->row, a->document_rows);
		return;
	}
	while (at < a->bytes && a->cells[at] == b->cells[at])
		at++;
	report_other(report, "contents", "before %s the picture of page %u is other from its cell %u on",
		     where, a->page, at / (uint32_t)sizeof(struct cell));
}

void contents_report(struct contents *c, struct report *report, uint64_t before)
{
	struct page_lists *page, *next;
	char where[IPC_ID_TEXT];

	ipc_id_text(before, where);
	if (!before)
		strcpy(where, "the end");

	HASH_ITER (hh, c->pages, page, next) {
		if (!page->changed || page->reported)
			continue;
		report_list(page, report, where);
		page->reported = true;
	}
	if (c->picture_changed && !c->picture_reported) {
		report_picture(c, report, where);
		c->picture_reported = true;
	}
}

void contents_destroy(struct contents *c)
{
	struct page_lists *page, *next;

	if (!c)
		return;
	while (c->halves)
		drop_half(c, c->halves);
	HASH_ITER (hh, c->pages, page, next) {
		list_resize(c, &page->then, 0);
		list_resize(c, &page->now, 0);
		free(page->then.bands);
		free(page->now.bands);
		/* NOLINTNEXTLINE: uthash, which the analyzer does not follow */
		HASH_DELETE(hh, c->pages, page);
		free(page);
	}
	free(c->then.cells);
	free(c->now.cells);
	free(c);
}
