/* See staging.h. */
#include "renderer/staging.h"
#include "common/crash.h"
#include "common/region.h"
#include <stdlib.h>
#include <string.h>

void staging_finish(struct staging *staging)
{
	for (unsigned i = 0; i < 2; i++)
		free(staging->halves[i].bands);
	if (staging->memory)
		region_unmap(staging->memory, 2 * (size_t)staging->half_bytes);
	free(staging->dirty);
	*staging = (struct staging){ 0 };
}

void staging_mark(struct staging *staging, uint32_t first, uint32_t end)
{
	size_t words = (size_t)end / 64 + 1;
	if (words > staging->words) {
		staging->dirty = crash_realloc(staging->dirty, words * sizeof(uint64_t));
		memset(staging->dirty + staging->words, 0, (words - staging->words) * sizeof(uint64_t));
		staging->words = words;
	}
	for (uint32_t band = first; band < end; band++)
		staging->dirty[band / 64] |= UINT64_C(1) << band % 64;
}

/* What is in a half was perhaps not read. */
static void mark_again(struct staging *staging, struct staging_half *half)
{
	for (size_t i = 0; i < half->count; i++)
		staging_mark(staging, half->bands[i], half->bands[i] + 1);
	half->count = 0;
	half->busy = false;
}

void staging_lose(struct staging *staging)
{
	for (unsigned i = 0; i < 2; i++)
		mark_again(staging, &staging->halves[i]);
}

bool staging_replace(struct staging *staging, int fd, uint32_t generation, uint32_t half_bytes)
{
	uint8_t *memory = region_map(fd, 2 * (size_t)half_bytes, true);
	if (!memory)
		return false;
	if (staging->memory)
		region_unmap(staging->memory, 2 * (size_t)staging->half_bytes);
	staging->memory = memory;
	staging->generation = generation;
	staging->half_bytes = half_bytes;
	staging->asked = false;
	staging_lose(staging);
	return true;
}

void staging_release(struct staging *staging, unsigned half)
{
	staging->halves[half].busy = false;
	staging->halves[half].count = 0;
}

void staging_forget(struct staging *staging)
{
	for (unsigned i = 0; i < 2; i++)
		staging->halves[i].count = 0;
	staging_cut(staging, 0);
	staging_mark(staging, 0, 1);
	staging->rows_sent = 0;
}

int staging_free_half(const struct staging *staging)
{
	for (int i = 0; i < 2; i++)
		if (!staging->halves[i].busy)
			return i;
	return -1;
}

void staging_cut(struct staging *staging, uint32_t end)
{
	for (uint32_t band = staging_next(staging, end); band != UINT32_MAX;
	     band = staging_next(staging, band))
		staging->dirty[band / 64] &= ~(UINT64_C(1) << band % 64);
}

uint32_t staging_next(const struct staging *staging, uint32_t from)
{
	for (size_t word = from / 64; word < staging->words; word++) {
		uint64_t bits = staging->dirty[word];
		if (word == from / 64)
			bits &= ~UINT64_C(0) << from % 64;
		if (bits)
			return (uint32_t)(word * 64 + (unsigned)__builtin_ctzll(bits));
	}
	return UINT32_MAX;
}

uint32_t staging_count(const struct staging *staging, uint32_t most)
{
	uint32_t count = 0;
	for (size_t word = 0; word < staging->words && count < most; word++)
		count += (uint32_t)__builtin_popcountll(staging->dirty[word]);
	return count < most ? count : most;
}

void staging_put(struct staging *staging, unsigned number, uint32_t band)
{
	struct staging_half *half = &staging->halves[number];
	if (half->count == half->size) {
		half->size = half->size ? half->size * 2 : 16;
		half->bands = crash_realloc(half->bands, half->size * sizeof(*half->bands));
	}
	half->bands[half->count++] = band;
	staging->dirty[band / 64] &= ~(UINT64_C(1) << band % 64);
}
