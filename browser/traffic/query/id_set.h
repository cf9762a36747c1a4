/*
 * A set of message ids, of bounded size. Ids are claims of a child or of a log, which may choose many that a
 * known function would put into one place: so every table of ids has a seed of its own.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct id_set {
	uint64_t *slots; /* open addressing; 0: free */
	size_t capacity, count, max;
	uint64_t seed;
	bool full; /* something found no room */
};

/* For a table of ids: a seed that nobody can guess, and where an id belongs under it, in the low 32 bits. */
uint64_t id_seed(void);
uint64_t id_hash(uint64_t id, uint64_t seed);

void id_set_init(struct id_set *, size_t max);
void id_set_finish(struct id_set *);
bool id_set_has(const struct id_set *, uint64_t id);
/* false: it was there, it is 0, or there is no room (then `full` is set). */
bool id_set_add(struct id_set *, uint64_t id);
