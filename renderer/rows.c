/*
 * What layout makes: rows, their fragments and text, links and anchors; put down in order and asked for
 * afterwards. See layout.h.
 */
#include "common/crash.h"
#include "common/display_list.h"
#include "renderer/layout.h"
#include <string.h>

void *layout_grow(void *array, size_t used, size_t *size, size_t element)
{
	if (used < *size)
		return array;
	*size = *size ? *size + *size / 2 : 32;
	return crash_realloc(array, *size * element);
}

uint32_t layout_add_text(struct layout *layout, const char *text, size_t length)
{
	size_t start = layout->at.ntext;
	while (start + length > layout->text_size) {
		layout->text_size = layout->text_size ? layout->text_size * 3 / 2 : 1024;
		layout->text = crash_realloc(layout->text, layout->text_size);
	}
	memcpy(layout->text + start, text, length);
	layout->at.ntext += length;
	return (uint32_t)start;
}

static void touch_link(struct layout *layout, uint32_t number)
{
	struct link *link = &layout->links[number - 1];
	uint32_t row = layout->at.nrows - 1;
	if (link->first_row == LAYOUT_NOWHERE)
		link->first_row = row;
	link->last_row = row;
}

void layout_add_fragment(struct layout *layout, struct fragment fragment)
{
	struct walk *at = &layout->at;
	layout->fragments =
		layout_grow(layout->fragments, at->nfragments, &layout->fragments_size, sizeof(fragment));
	layout->fragments[at->nfragments++] = fragment;
	at->bytes += sizeof(struct display_item_header) +
		     (fragment.kind == FRAGMENT_TEXT ? fragment.bytes + 8u : 0);
	if (fragment.link)
		touch_link(layout, fragment.link);
}

void layout_add_sign(struct layout *layout, const char *sign, unsigned column, unsigned columns,
		     uint8_t attributes)
{
	size_t length = strlen(sign);
	layout_add_fragment(layout, (struct fragment){ .text = layout_add_text(layout, sign, length),
						       .bytes = (uint16_t)length,
						       .column = (uint16_t)column,
						       .columns = (uint16_t)columns,
						       .attributes = attributes });
}

static void add_row(struct layout *layout, unsigned bars)
{
	struct walk *at = &layout->at;
	layout->rows = layout_grow(layout->rows, at->nrows, &layout->rows_size, sizeof(*layout->rows));
	layout->rows[at->nrows++] = at->nfragments;
	const struct frame *frame = layout_frame(layout);
	for (unsigned i = 0; i < bars; i++)
		layout_add_sign(layout, "│", frame->bars[i], 1, ATTRIBUTE_DIM);
	if (at->nrows >= DOCUMENT_MAX_ROWS - BAND_ROWS || at->bytes >= LAYOUT_MAX_BYTES)
		at->cut = true;
}

static void add_marker(struct layout *layout)
{
	struct walk *at = &layout->at;
	const char *marker = at->marker;
	unsigned columns = *marker >= '0' && *marker <= '9' ? (unsigned)strlen(marker) : 1;
	unsigned left = layout_frame(layout)->left;
	layout_add_sign(layout, marker, left > columns + 1 ? left - columns - 1 : 0, columns, 0);
	at->marker[0] = 0;
}

static void place_anchors(struct layout *layout)
{
	struct walk *at = &layout->at;
	while (at->nplaced < at->nanchors)
		layout->anchors[at->nplaced++].row = at->nrows - 1;
}

void layout_begin_row(struct layout *layout)
{
	struct walk *at = &layout->at;
	const struct frame *frame = layout_frame(layout);
	uint32_t blank = at->blank;
	if (!at->nrows)
		blank = layout->columns >= LAYOUT_NARROW_COLUMNS;
	at->blank = 0;
	for (uint32_t i = 0; i < blank; i++)
		add_row(layout, at->bars < frame->quotes ? at->bars : frame->quotes);
	add_row(layout, frame->quotes);
	at->bars = frame->quotes;
	place_anchors(layout);
	if (at->marker[0])
		add_marker(layout);
}

const struct fragment *layout_row(const struct layout *layout, uint32_t row, uint32_t *count)
{
	uint32_t first = layout->rows[row];
	uint32_t end = row + 1 < layout->at.nrows ? layout->rows[row + 1] : layout->at.nfragments;
	*count = end - first;
	return layout->fragments + first;
}

uint32_t layout_link_at(const struct layout *layout, uint32_t row, uint32_t column)
{
	uint32_t count = 0;
	if (row >= layout->at.nrows)
		return 0;
	const struct fragment *fragment = layout_row(layout, row, &count);
	for (; count--; fragment++)
		if (fragment->link && column >= fragment->column &&
		    column - fragment->column < fragment->columns)
			return fragment->link;
	return 0;
}

uint32_t layout_find(const struct layout *layout, const char *id, size_t length)
{
	for (uint32_t i = 0; i < layout->at.nplaced; i++) {
		const struct node *node = layout->anchors[i].node;
		const char *names[2] = { dom_attribute(node, "id"),
					 node->element == ELEMENT_A ? dom_attribute(node, "name") : NULL };
		for (size_t j = 0; j < 2; j++)
			if (names[j] && strlen(names[j]) == length && !memcmp(names[j], id, length))
				return layout->anchors[i].row;
	}
	return LAYOUT_NOWHERE;
}
