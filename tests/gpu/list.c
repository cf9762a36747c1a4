/* See list.h. */
#include "tests/gpu/list.h"
#include <assert.h>
#include <string.h>

void list_init(struct list *list, uint32_t number)
{
	list->bytes = 0;
	list_band(list, number);
}

void list_band(struct list *list, uint32_t number)
{
	assert(list->bytes + sizeof(struct band) <= LIST_BYTES);
	list->band = list->bytes;
	*list_last_band(list) = (struct band){ .number = number };
	list->bytes += (uint32_t)sizeof(struct band);
}

struct band *list_last_band(struct list *list)
{
	return (struct band *)(list->data + list->band);
}

const uint8_t *list_last_items(struct list *list)
{
	return list->data + list->band + sizeof(struct band);
}

static struct display_item_header *append(struct list *list, struct display_item_header item,
					  const char *text)
{
	struct display_item_header *at = (struct display_item_header *)(list->data + list->bytes);

	item.bytes = (uint16_t)((sizeof(item) + item.text_bytes + 7) / 8 * 8);
	assert(list->bytes + item.bytes <= LIST_BYTES);
	memset(at, 0, item.bytes);
	*at = item;
	if (text)
		memcpy(at + 1, text, item.text_bytes);
	list->bytes += item.bytes;
	list_last_band(list)->bytes += item.bytes;
	return at;
}

struct display_item_header *list_text(struct list *list, unsigned row, unsigned column, const char *text)
{
	return append(list,
		      (struct display_item_header){ .kind = DISPLAY_TEXT,
						    .row = (uint16_t)row,
						    .column = (uint16_t)column,
						    .text_bytes = (uint16_t)strlen(text) },
		      text);
}

static struct display_item_header box(enum display_item kind, unsigned row, unsigned column, unsigned columns,
				      unsigned rows)
{
	return (struct display_item_header){ .kind = (uint8_t)kind,
					     .row = (uint16_t)row,
					     .column = (uint16_t)column,
					     .columns = (uint16_t)columns,
					     .rows = (uint16_t)rows };
}

struct display_item_header *list_fill(struct list *list, unsigned row, unsigned column, unsigned columns,
				      unsigned rows, uint32_t background)
{
	struct display_item_header item = box(DISPLAY_FILL, row, column, columns, rows);

	item.background = background;
	return append(list, item, NULL);
}

struct display_item_header *list_line(struct list *list, unsigned row, unsigned column, unsigned columns)
{
	return append(list, box(DISPLAY_LINE, row, column, columns, 1), NULL);
}

struct display_item_header *list_surface(struct list *list, unsigned row, unsigned column, unsigned columns,
					 unsigned rows, uint32_t surface)
{
	struct display_item_header item = box(DISPLAY_SURFACE, row, column, columns, rows);

	item.surface = surface;
	return append(list, item, NULL);
}
