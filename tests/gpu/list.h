/* Builds submissions for the tests: bands and their items, sound unless a test spoils them. */
#pragma once
#include "common/display_list.h"

#define LIST_BYTES (128u << 10)

struct list {
	_Alignas(8) uint8_t data[LIST_BYTES];
	uint32_t bytes;
	uint32_t band; /* where the band being filled begins */
};

/* Begin again, with a band of that number; list_band() begins a further one. */
void list_init(struct list *, uint32_t number);
void list_band(struct list *, uint32_t number);
struct band *list_last_band(struct list *);
const uint8_t *list_last_items(struct list *);

/* Append an item to the last band; the header returned may be changed. */
struct display_item_header *list_text(struct list *, unsigned row, unsigned column, const char *text);
struct display_item_header *list_fill(struct list *, unsigned row, unsigned column, unsigned columns,
				      unsigned rows, uint32_t background);
struct display_item_header *list_line(struct list *, unsigned row, unsigned column, unsigned columns);
struct display_item_header *list_surface(struct list *, unsigned row, unsigned column, unsigned columns,
					 unsigned rows, uint32_t surface);
