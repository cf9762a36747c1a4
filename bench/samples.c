/* How many samples are taken, and their quantiles. Declared in bench.h. */
#include "bench/bench.h"
#include "common/recorder.h"
#include <stdlib.h>

struct pace pace_of(const struct bench_options *o, unsigned wanted, unsigned seconds)
{
	return (struct pace){ .wanted = o->quick ? PACE_QUICK : wanted,
			      .end_ns = recorder_now() + seconds * UINT64_C(1000000000) };
}

bool pace_goes_on(struct pace *p)
{
	if (p->done == p->wanted || (p->done >= PACE_QUICK && recorder_now() > p->end_ns))
		return false;
	p->done++;
	return true;
}

void samples_add(struct samples *s, double value)
{
	if (s->count == s->capacity) {
		size_t capacity = s->capacity ? 2 * s->capacity : 256;
		double *values = reallocarray(s->values, capacity, sizeof *values);

		if (!values)
			bench_fail("no memory for samples");
		s->values = values;
		s->capacity = capacity;
	}
	s->values[s->count++] = value;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double samples_quantile(struct samples *s, double share)
{
	if (!s->count)
		return -1;
	qsort(s->values, s->count, sizeof *s->values, compare);
	return s->values[(size_t)(share * (double)(s->count - 1) + 0.5)];
}

double samples_median(struct samples *s)
{
	return samples_quantile(s, 0.5);
}

double samples_p99(struct samples *s)
{
	return samples_quantile(s, 0.99);
}

void samples_reset(struct samples *s)
{
	s->count = 0;
}

void samples_finish(struct samples *s)
{
	free(s->values);
	*s = (struct samples){ 0 };
}
