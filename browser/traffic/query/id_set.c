/* See id_set.h. */
#include "browser/traffic/query/id_set.h"
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#define FIRST_SLOTS 64

uint64_t id_seed(void)
{
	struct timespec now;
	uint64_t seed;

	/* It fails only in the first moments after the computer's start, before it has gathered any. */
	if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) != sizeof seed) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		seed = (uint64_t)now.tv_sec << 32 ^ (uint64_t)now.tv_nsec * UINT64_C(0x9e3779b97f4a7c15);
	}
	return seed | 1;
}

uint64_t id_hash(uint64_t id, uint64_t seed)
{
	uint64_t mixed = (id ^ seed) * UINT64_C(0x9e3779b97f4a7c15);

	mixed = (mixed ^ mixed >> 32) * seed;
	/* Ids that are alike in most bits still lie in rows, under some of the seeds. */
	mixed = (mixed ^ mixed >> 29) * UINT64_C(0x9e3779b97f4a7c15);
	return mixed >> 32;
}

void id_set_init(struct id_set *s, size_t max)
{
	*s = (struct id_set){ .max = max, .seed = id_seed() };
}

void id_set_finish(struct id_set *s)
{
	free(s->slots);
	*s = (struct id_set){ 0 };
}

/* The slot that has the id, or the free one where it belongs. There is always a free one. */
static size_t find_slot(const struct id_set *s, uint64_t id)
{
	size_t i = (size_t)id_hash(id, s->seed) & (s->capacity - 1);

	while (s->slots[i] && s->slots[i] != id)
		i = (i + 1) & (s->capacity - 1);
	return i;
}

bool id_set_has(const struct id_set *s, uint64_t id)
{
	return id && s->count && s->slots[find_slot(s, id)] == id;
}

static bool grow(struct id_set *s)
{
	struct id_set bigger = { .capacity = s->capacity ? s->capacity * 2 : FIRST_SLOTS, .seed = s->seed };

	bigger.slots = calloc(bigger.capacity, sizeof *bigger.slots);
	if (!bigger.slots)
		return false;
	for (size_t i = 0; i < s->capacity; i++)
		if (s->slots[i])
			bigger.slots[find_slot(&bigger, s->slots[i])] = s->slots[i];
	free(s->slots);
	s->slots = bigger.slots;
	s->capacity = bigger.capacity;
	return true;
}

bool id_set_add(struct id_set *s, uint64_t id)
{
	size_t i;

	if (!id || id_set_has(s, id))
		return false;
	if (s->count >= s->max || (s->count * 2 >= s->capacity && !grow(s))) {
		s->full = true;
		return false;
	}
	i = find_slot(s, id);
	s->slots[i] = id;
	s->count++;
	return true;
}
