/* See dom.h. Nodes and text lie in an arena whose blocks double up to a bound. No recursion: depth is the
 * page's. */
#include "renderer/dom.h"
#include "common/crash.h"
#include <stdlib.h>
#include <string.h>

#define ARENA_FIRST_BYTES 4096u
#define ARENA_BLOCK_BYTES (256u << 10)

struct arena {
	struct arena *previous;
	size_t used, size;
	_Alignas(8) char bytes[];
};

static const char *const element_names[ELEMENT_COUNT] = {
#define X(name, text) [ELEMENT_##name] = text,
	DOM_ELEMENTS(X)
#undef X
};

static void *arena_take(struct dom *dom, size_t bytes)
{
	bytes = (bytes + 7) & ~(size_t)7;
	struct arena *arena = dom->arena;
	if (!arena || arena->size - arena->used < bytes) {
		size_t size = arena ? arena->size * 2 : ARENA_FIRST_BYTES - sizeof(struct arena);
		if (size > ARENA_BLOCK_BYTES)
			size = ARENA_BLOCK_BYTES;
		if (size < bytes)
			size = bytes;
		arena = crash_malloc(sizeof(*arena) + size);
		*arena = (struct arena){ .previous = dom->arena, .size = size };
		dom->arena = arena;
		dom->bytes += sizeof(*arena) + size;
	}
	void *memory = arena->bytes + arena->used;
	arena->used += bytes;
	return memory;
}

static char *arena_copy(struct dom *dom, const char *text, size_t length)
{
	char *copy = arena_take(dom, length + 1);
	memcpy(copy, text, length);
	copy[length] = 0;
	return copy;
}

void dom_init(struct dom *dom)
{
	*dom = (struct dom){ 0 };
	dom->root = dom_create(dom, ELEMENT_OTHER, "#document", 9);
}

void dom_finish(struct dom *dom)
{
	while (dom->arena) {
		struct arena *arena = dom->arena;
		dom->arena = arena->previous;
		free(arena);
	}
	*dom = (struct dom){ 0 };
}

struct node *dom_create(struct dom *dom, enum element element, const char *name, size_t length)
{
	struct node *node = arena_take(dom, sizeof(*node));
	*node = (struct node){ .element = element, .name = element_names[element] };
	if (element == ELEMENT_OTHER)
		node->name = arena_copy(dom, name, length);
	dom->nnodes++;
	return node;
}

static bool is_settled(const struct dom *dom, uint32_t step)
{
	return step && step <= dom->settled;
}

/* Does a change just before `next` (or at the end of parent) touch what layout has settled? */
static void disturb(struct dom *dom, const struct node *parent, const struct node *next)
{
	if (is_settled(dom, parent->left) ||
	    (next && (is_settled(dom, next->entered) || next == dom->resume)))
		dom->disturbed = true;
}

void dom_insert(struct dom *dom, struct node *parent, struct node *node, struct node *before)
{
	struct node *previous = before ? before->previous : parent->last;
	disturb(dom, parent, before);
	node->parent = parent;
	node->previous = previous;
	node->next = before;
	*(previous ? &previous->next : &parent->first) = node;
	*(before ? &before->previous : &parent->last) = node;
}

void dom_remove(struct dom *dom, struct node *node)
{
	struct node *parent = node->parent;
	if (!parent)
		return;
	disturb(dom, parent, node);
	*(node->previous ? &node->previous->next : &parent->first) = node->next;
	*(node->next ? &node->next->previous : &parent->last) = node->previous;
	node->parent = node->previous = node->next = NULL;
}

void dom_set_text(struct dom *dom, struct node *node, const char *text, size_t length)
{
	if (is_settled(dom, node->entered))
		dom->disturbed = true;
	node->text = arena_copy(dom, text, length);
	node->length = (uint32_t)length;
}

void dom_add_attribute(struct dom *dom, struct node *node, const char *name, size_t name_length,
		       const char *value, size_t value_length)
{
	struct attribute *attribute = arena_take(dom, sizeof(*attribute));
	*attribute = (struct attribute){ .name = arena_copy(dom, name, name_length),
					 .value = arena_copy(dom, value, value_length),
					 .name_length = (uint32_t)name_length,
					 .value_length = (uint32_t)value_length };
	struct attribute **end = &node->attributes;
	while (*end)
		end = &(*end)->next;
	*end = attribute;
}

const char *dom_attribute(const struct node *node, const char *name)
{
	if (node->element == ELEMENT_TEXT)
		return NULL;
	for (const struct attribute *attribute = node->attributes; attribute; attribute = attribute->next)
		if (!strcmp(attribute->name, name))
			return attribute->value;
	return NULL;
}

struct node *dom_next(const struct node *node, const struct node *scope)
{
	if (node->first)
		return node->first;
	while (node != scope && !node->next)
		node = node->parent;
	return node == scope ? NULL : node->next;
}

struct node *dom_find(struct node *scope, enum element element)
{
	struct node *node = scope;
	while (node && node->element != element)
		node = dom_next(node, scope);
	return node;
}

void dom_settle(struct dom *dom, uint32_t step, const struct node *resume)
{
	dom->settled = step;
	dom->resume = resume;
	if (!step)
		dom->disturbed = false;
}
