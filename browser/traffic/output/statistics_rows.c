/* See statistics_internal.h: the rows, and which of them are the largest. */
#include "browser/traffic/output/statistics_internal.h"
#include <stdlib.h>
#include <string.h>

/* Keys that are too long are cut, and then are one; half a character is no text. */
static void copy_key(char out[STATISTICS_KEY], const char *text)
{
	size_t length = strlen(text);

	if (length >= STATISTICS_KEY) {
		length = STATISTICS_KEY - 1;
		while (length && ((unsigned char)text[length] & 0xc0) == 0x80)
			length--;
	}
	memcpy(out, text, length);
	out[length] = '\0';
}

static const char *cut(const char *text, char buf[STATISTICS_KEY])
{
	if (strlen(text) < STATISTICS_KEY)
		return text;
	copy_key(buf, text);
	return buf;
}

static uint32_t hash_text(uint32_t hash, const char *text)
{
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 16777619u;
	return (hash ^ 0x1f) * 16777619u;
}

static uint32_t hash_of(const char *key, const char *peer)
{
	return hash_text(hash_text(2166136261u, key), peer);
}

static struct statistics_row **slot_of(struct statistics_rows *t, uint32_t hash)
{
	return &t->slots[(hash ^ hash >> 16) % ROW_SLOTS];
}

static void merge_times(struct histogram **to, const struct histogram *from)
{
	if (from && !*to)
		*to = calloc(1, sizeof(**to));
	if (from && *to)
		histogram_merge(*to, from);
}

static void fold(struct statistics_rows *t, struct statistics_row *r)
{
	struct statistics_row *o = &t->others, **at = slot_of(t, r->hash);

	while (*at != r)
		at = &(*at)->next_in_slot;
	*at = r->next_in_slot;
	o->count += r->count;
	o->bytes += r->bytes;
	o->sent += r->sent;
	o->lost += r->lost;
	o->refused += r->refused;
	o->asked += r->asked;
	o->answered += r->answered;
	merge_times(&o->queued, r->queued);
	merge_times(&o->handled, r->handled);
	for (unsigned i = 0; i < STATISTICS_BUCKETS; i++)
		o->over_time[i] += r->over_time[i];
	t->folded++;
	row_finish(r);
}

/* Which row has to go: the one found least often, and of several such the one found longest ago. */
static unsigned least(const struct statistics_rows *t, uint64_t now)
{
	unsigned found = STATISTICS_ROWS;

	for (unsigned i = 0; i < STATISTICS_ROWS; i++) {
		if (t->last[i] == now)
			continue;
		if (found == STATISTICS_ROWS || t->counts[i] < t->counts[found] ||
		    (t->counts[i] == t->counts[found] && t->last[i] < t->last[found]))
			found = i;
	}
	return found;
}

static void learn_protocol(struct statistics_row *r)
{
	for (unsigned i = 0; i < IPC_COUNT; i++) {
		const struct ipc_message *m = &ipc_messages[i];
		if (strcmp(m->name, r->key) == 0)
			r->asks = m->reply >= 0 ? m : NULL;
		else if (m->reply >= 0 && strcmp(ipc_messages[m->reply].name, r->key) == 0)
			r->replies = m;
	}
}

static struct statistics_row *make_row(struct statistics_rows *t, const char *key, const char *peer,
				       uint32_t hash, uint64_t now)
{
	unsigned at = t->count < STATISTICS_ROWS ? t->count++ : least(t, now);
	struct statistics_row *r = &t->rows[at];
	uint32_t life = r->life + 1;

	if (r->life)
		fold(t, r);
	*r = (struct statistics_row){ .life = life, .hash = hash };
	copy_key(r->key, key);
	copy_key(r->peer, peer);
	struct statistics_row **slot = slot_of(t, hash);
	r->next_in_slot = *slot;
	*slot = r;
	t->counts[at] = 0;
	return r;
}

struct statistics_row *rows_find(struct statistics_rows *t, const char *key, const char *peer, bool is_new,
				 uint64_t now)
{
	char cut_key[STATISTICS_KEY], cut_peer[STATISTICS_KEY];

	key = cut(key, cut_key);
	peer = cut(peer, cut_peer);
	uint32_t hash = hash_of(key, peer);
	struct statistics_row *r = *slot_of(t, hash);
	while (r && (r->hash != hash || strcmp(r->key, key) != 0 || strcmp(r->peer, peer) != 0))
		r = r->next_in_slot;
	if (!r && !is_new)
		return &t->others;
	if (!r) {
		r = make_row(t, key, peer, hash, now);
		if (t->are_names)
			learn_protocol(r);
	}
	if (is_new) {
		t->counts[r - t->rows]++;
		t->last[r - t->rows] = now;
	}
	return r;
}

void row_finish(struct statistics_row *r)
{
	free(r->queued);
	free(r->handled);
	r->queued = r->handled = NULL;
}

void rows_finish(struct statistics_rows *t)
{
	for (unsigned i = 0; i < t->count; i++)
		row_finish(&t->rows[i]);
	row_finish(&t->others);
}

uint16_t rows_number(const struct statistics *s, enum statistics_by by, const struct statistics_row *r)
{
	return (uint16_t)(by * STATISTICS_ROWS + (unsigned)(r - s->tables[by].rows) + 1);
}

struct statistics_row *rows_numbered(struct statistics *s, uint16_t number, uint32_t life)
{
	if (!number)
		return NULL;
	struct statistics_rows *t = &s->tables[(number - 1u) / STATISTICS_ROWS];
	struct statistics_row *r = &t->rows[(number - 1u) % STATISTICS_ROWS];

	return r->life == life ? r : &t->others;
}

/* Which are the largest. */

static double key_of(const struct statistics_row *r, enum statistics_order order)
{
	switch (order) {
	case ORDER_BY_BYTES:
		return (double)r->bytes;
	case ORDER_BY_LOST:
		return (double)r->lost;
	case ORDER_BY_QUEUED:
		return r->queued ? (double)histogram_quantile(r->queued, 0.5) : -1;
	case ORDER_BY_HANDLED:
		return r->handled ? (double)histogram_quantile(r->handled, 0.5) : -1;
	case ORDER_BY_LONGEST:
		return r->handled ? (double)r->handled->max_ns : -1;
	case ORDER_BY_TOTAL:
		return r->handled ? (double)r->handled->total_ns : -1;
	default:
		return (double)r->count;
	}
}

struct ranked {
	const struct statistics_row *row;
	double key;
};

static int compare(const void *one, const void *other)
{
	const struct ranked *a = one, *b = other;

	if (a->key != b->key)
		return a->key < b->key ? 1 : -1;
	if (a->row->count != b->row->count)
		return a->row->count < b->row->count ? 1 : -1;
	int keys = strcmp(a->row->key, b->row->key);
	return keys ? keys : strcmp(a->row->peer, b->row->peer);
}

unsigned statistics_rows(const struct statistics *s, enum statistics_by by, enum statistics_order order,
			 const struct statistics_row **out)
{
	const struct statistics_rows *t = &s->tables[by];
	struct ranked ranked[STATISTICS_ROWS];

	for (unsigned i = 0; i < t->count; i++)
		ranked[i] = (struct ranked){ &t->rows[i], key_of(&t->rows[i], order) };
	qsort(ranked, t->count, sizeof(*ranked), compare);
	for (unsigned i = 0; i < t->count; i++)
		out[i] = ranked[i].row;
	return t->count;
}

const struct statistics_row *statistics_others(const struct statistics *s, enum statistics_by by,
					       uint64_t *distinct)
{
	const struct statistics_rows *t = &s->tables[by];

	*distinct = t->folded;
	return t->folded ? &t->others : NULL;
}
