/* See histogram.h. The unit is 0.1 us, which is what a log has. */
#include "browser/traffic/output/histogram.h"
#include <math.h>

#define UNIT_NS	  100u
#define STEP_BITS 5u /* of HISTOGRAM_STEPS */

/* Up to 31 units each has a bucket of its own; then the five bits below the highest choose it. */
static unsigned bucket_of(uint64_t units)
{
	if (units < HISTOGRAM_STEPS)
		return (unsigned)units;
	unsigned high = 63u - (unsigned)__builtin_clzll(units), shift = high - STEP_BITS;
	unsigned at = (shift + 1) * HISTOGRAM_STEPS + (unsigned)(units >> shift & (HISTOGRAM_STEPS - 1));

	return at < HISTOGRAM_BUCKETS ? at : HISTOGRAM_BUCKETS - 1;
}

/* The time in the middle of a bucket. */
static uint64_t middle_ns(unsigned bucket)
{
	if (bucket < HISTOGRAM_STEPS)
		return bucket * (uint64_t)UNIT_NS;
	unsigned shift = bucket / HISTOGRAM_STEPS - 1;
	uint64_t low = (uint64_t)(HISTOGRAM_STEPS + bucket % HISTOGRAM_STEPS) << shift;

	return low * UNIT_NS + ((uint64_t)UNIT_NS << shift) / 2;
}

static void add_saturated(uint32_t *to, uint32_t n)
{
	if (__builtin_add_overflow(*to, n, to))
		*to = UINT32_MAX;
}

static void use(struct histogram *h, unsigned first, unsigned end)
{
	h->first = (uint16_t)(h->end && h->first < first ? h->first : first);
	h->end = (uint16_t)(h->end > end ? h->end : end);
}

void histogram_add(struct histogram *h, uint64_t ns)
{
	unsigned bucket = bucket_of(ns / UNIT_NS);

	use(h, bucket, bucket + 1);
	add_saturated(&h->buckets[bucket], 1);
	h->count++;
	h->total_ns += ns;
	h->max_ns = ns > h->max_ns ? ns : h->max_ns;
}

void histogram_merge(struct histogram *h, const struct histogram *other)
{
	if (!other->count)
		return;
	use(h, other->first, other->end);
	for (unsigned i = other->first; i < other->end; i++)
		add_saturated(&h->buckets[i], other->buckets[i]);
	h->count += other->count;
	h->total_ns += other->total_ns;
	h->max_ns = h->max_ns > other->max_ns ? h->max_ns : other->max_ns;
}

uint64_t histogram_quantile(const struct histogram *h, double share)
{
	uint64_t rank = (uint64_t)ceil(share * (double)h->count), seen = 0;

	for (unsigned i = h->first; i < h->end; i++) {
		seen += h->buckets[i];
		if (seen && seen >= rank) {
			uint64_t ns = middle_ns(i);
			return ns < h->max_ns ? ns : h->max_ns;
		}
	}
	return h->max_ns;
}
