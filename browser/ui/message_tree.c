/* Why a message was sent, and what came of it, as the lines of a tree. See message_view.h. */
#include "browser/traffic/collect/chain.h"
#include "browser/ui/message_view.h"
#include <string.h>

#define ABOVE_MAX    15 /* causes that are shown */
#define SIBLINGS_MAX 40 /* effects of one */

/* NULL: there is no room but for saying so. */
static struct tree_row *add_row(struct message_tree *t, unsigned depth, uint32_t bars, bool last)
{
	if (t->count == TREE_ROWS)
		return NULL;
	struct tree_row *row = &t->rows[t->count++];

	*row = (struct tree_row){ .depth = (uint8_t)depth, .bars = bars, .last = last };
	return row;
}

static void add_more(struct message_tree *t, unsigned depth, uint32_t bars, unsigned more)
{
	struct tree_row *row = add_row(t, depth, bars, true);

	if (row)
		row->more = more;
}

/* A child's claims may go round in circles: depth and rows end that. */
static void add_effects(struct message_tree *t, const struct chain *chain, uint64_t id, unsigned depth,
			uint32_t bars)
{
	const struct traffic_event *effects[SIBLINGS_MAX];
	unsigned found = chain_effects(chain, id, effects, SIBLINGS_MAX);
	unsigned shown = found < SIBLINGS_MAX ? found : SIBLINGS_MAX;

	if (depth > TREE_DEPTH)
		shown = 0;
	for (unsigned i = 0; i < shown; i++) {
		bool last = i + 1 == found;
		/* One row is kept for those that have none. */
		if (t->count >= TREE_ROWS - 1) {
			shown = i;
			break;
		}
		add_row(t, depth, bars, last)->sequence = effects[i]->sequence;
		add_effects(t, chain, effects[i]->id, depth + 1, bars | (last ? 0 : 1u << depth));
	}
	if (found > shown)
		add_more(t, depth < TREE_DEPTH ? depth : TREE_DEPTH, bars, found - shown);
}

void message_tree_grow(struct message_tree *t, const struct chain *chain, const struct traffic_event *e)
{
	const struct traffic_event *path[ABOVE_MAX + 1] = { e };
	unsigned length = 1;

	t->count = 0;
	t->is_cut = false;
	for (; length <= ABOVE_MAX; length++) {
		path[length] = chain_find(chain, path[length - 1]->cause);
		if (!path[length] || path[length] == path[length - 1])
			break;
	}
	if (length > ABOVE_MAX)
		t->is_cut = chain_find(chain, path[--length]->cause);
	for (unsigned depth = 0; depth < length; depth++)
		add_row(t, depth, 0, true)->sequence = path[length - 1 - depth]->sequence;
	t->here = (int)length - 1;
	add_effects(t, chain, e->id, length, 0);
}

const char *message_tree_prefix(const struct tree_row *row, char buf[TREE_PREFIX])
{
	buf[0] = '\0';
	for (unsigned depth = 1; depth < row->depth; depth++)
		strcat(buf, row->bars & 1u << depth ? "│ " : "  ");
	if (row->depth)
		strcat(buf, row->last ? "└ " : "├ ");
	return buf;
}
