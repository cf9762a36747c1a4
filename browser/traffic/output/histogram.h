/*
 * How long things took, in buckets that grow with the time: 32 to each doubling, so that a quantile is off by
 * at most 1.6 %, or 0.1 us where that is more, however many times are counted. From 0 to half an hour; what
 * took longer is counted in the last bucket. browser/traffic/output/statistics.c keeps one for each row.
 */
#pragma once
#include <stdint.h>

#define HISTOGRAM_STEPS	  32u
#define HISTOGRAM_BUCKETS (30u * HISTOGRAM_STEPS)

/* All zero: nothing counted. */
struct histogram {
	uint64_t count, total_ns, max_ns;
	uint16_t first, end; /* buckets that are in use; end 0: none */
	uint32_t buckets[HISTOGRAM_BUCKETS];
};

void histogram_add(struct histogram *, uint64_t ns);
void histogram_merge(struct histogram *, const struct histogram *other);
/* The time in ns that this share (0 to 1) of those counted does not exceed; 0 when there is none. */
uint64_t histogram_quantile(const struct histogram *, double share);
