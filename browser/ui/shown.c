/* See shown.h. */
#include "browser/ui/shown.h"
#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 1024

void shown_finish(struct shown *s)
{
	free(s->entries);
	*s = (struct shown){ 0 };
}

void shown_clear(struct shown *s)
{
	s->head = 0;
	s->count = 0;
}

bool shown_before(struct shown_entry a, struct shown_entry b)
{
	return a.at_us != b.at_us ? a.at_us < b.at_us : a.sequence < b.sequence;
}

static struct shown_entry *slot(const struct shown *s, int index)
{
	return &s->entries[(s->head + (uint32_t)index) & s->mask];
}

struct shown_entry shown_at(const struct shown *s, int index)
{
	return *slot(s, index);
}

int shown_find(const struct shown *s, struct shown_entry wanted)
{
	int from = 0, to = s->count;

	while (from < to) {
		int middle = from + (to - from) / 2;
		if (shown_before(*slot(s, middle), wanted))
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

static bool make_room(struct shown *s, int n)
{
	uint32_t capacity = s->entries ? s->mask + 1 : FIRST_CAPACITY;

	while (capacity < (uint32_t)(s->count + n))
		capacity *= 2;
	if (s->entries && capacity == s->mask + 1)
		return true;
	struct shown_entry *grown = malloc(capacity * sizeof(*grown));

	if (!grown)
		return false;
	for (int i = 0; i < s->count; i++)
		grown[i] = *slot(s, i);
	free(s->entries);
	s->entries = grown;
	s->mask = capacity - 1;
	s->head = 0;
	return true;
}

/* What stands behind the new ones moves towards the end. */
static void insert_from_end(struct shown *s, const struct shown_entry *new, int n)
{
	int old = s->count - 1, to = s->count + n - 1;

	s->count += n;
	for (n--; n >= 0; to--) {
		if (old >= 0 && shown_before(new[n], *slot(s, old)))
			*slot(s, to) = *slot(s, old--);
		else
			*slot(s, to) = new[n--];
	}
}

/* What stands before the new ones moves towards the front. */
static void insert_from_front(struct shown *s, const struct shown_entry *new, int n)
{
	int old = n, to = 0;

	s->head -= (uint32_t)n;
	s->count += n;
	for (int i = 0; i < n; to++) {
		if (old < s->count && shown_before(*slot(s, old), new[i]))
			*slot(s, to) = *slot(s, old++);
		else
			*slot(s, to) = new[i++];
	}
}

bool shown_insert(struct shown *s, const struct shown_entry *new, int n)
{
	if (!make_room(s, n))
		return false;
	if (s->count - shown_find(s, new[0]) <= shown_find(s, new[n - 1]))
		insert_from_end(s, new, n);
	else
		insert_from_front(s, new, n);
	return true;
}

void shown_remove(struct shown *s, const struct shown_entry *gone, int n)
{
	int to = shown_find(s, gone[0]), next = 0;

	for (int from = to; from < s->count; from++) {
		struct shown_entry e = *slot(s, from);
		while (next < n && shown_before(gone[next], e))
			next++;
		if (next < n && !shown_before(e, gone[next]))
			continue;
		*slot(s, to++) = e;
	}
	s->count = to;
}

void shown_forget(struct shown *s, uint64_t first)
{
	while (s->count && s->entries[s->head & s->mask].sequence < first) {
		s->head++;
		s->count--;
	}
}

void shown_sort(struct shown_entry *e, int n)
{
	for (int i = 1; i < n; i++) {
		struct shown_entry moved = e[i];
		int at = i;
		for (; at > 0 && shown_before(moved, e[at - 1]); at--)
			e[at] = e[at - 1];
		e[at] = moved;
	}
}
