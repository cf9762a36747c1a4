/* A set of message ids, of bounded size. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct id_set {
	uint64_t *slots; /* open addressing; 0: free */
	size_t capacity, count, max;
	bool full; /* something found no room */
};

void id_set_init(struct id_set *, size_t max);
void id_set_finish(struct id_set *);
bool id_set_has(const struct id_set *, uint64_t id);
/* false: it was there, it is 0, or there is no room (then `full` is set). */
bool id_set_add(struct id_set *, uint64_t id);
