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

/* A child's claims may go round in circles, and one id may be claimed by many: what came of an id is said
 * once, so no list of effects is walked twice. false: it is said already, or is no id. */
static bool open_id(struct message_tree *t, uint64_t id)
{
	for (int i = 0; i < t->opened_count; i++)
		if (t->opened[i] == id)
			return false;
	if (id)
		t->opened[t->opened_count++] = id;
	return id != 0;
}

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
		if (open_id(t, effects[i]->id))
			add_effects(t, chain, effects[i]->id, depth + 1, bars | (last ? 0 : 1u << depth));
	}
	if (found > shown)
		add_more(t, depth < TREE_DEPTH ? depth : TREE_DEPTH, bars, found - shown);
}

/* From the event up to its first cause, ABOVE_MAX + 1 in all at most, and none twice. Returns how many. */
static unsigned find_path(struct message_tree *t, const struct chain *chain,
			  const struct traffic_event *path[ABOVE_MAX + 1])
{
	const struct traffic_event *cause;
	unsigned length = 1;

	open_id(t, path[0]->id);
	while (open_id(t, path[length - 1]->cause) && (cause = chain_find(chain, path[length - 1]->cause))) {
		t->is_cut = length > ABOVE_MAX;
		if (t->is_cut)
			break;
		path[length++] = cause;
	}
	return length;
}

static void grow(struct message_tree *t, const struct chain *chain, const struct traffic_event *e)
{
	const struct traffic_event *path[ABOVE_MAX + 1] = { e };
	unsigned length;

	t->count = t->opened_count = 0;
	t->is_cut = false;
	length = find_path(t, chain, path);
	for (unsigned depth = 0; depth < length; depth++)
		add_row(t, depth, 0, true)->sequence = path[length - 1 - depth]->sequence;
	t->here = (int)length - 1;
	add_effects(t, chain, e->id, length, 0);
}

bool message_tree_grow(struct message_tree *t, const struct collector *c, const struct chain *chain,
		       const struct traffic_event *e)
{
	uint64_t first = collector_first(c), end = collector_end(c);

	if (t->count && t->grown_from == e->sequence && t->first == first && t->end == end)
		return false;
	t->grown_from = e->sequence;
	t->first = first;
	t->end = end;
	grow(t, chain, e);
	return true;
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
