/* See restart.h. */
#include "browser/process/restart.h"
#include "browser/process/death.h"
#include <stdio.h>
#include <string.h>

#define BEFORE_READY_MAX 3
#define DOUBLINGS_MAX	 16 /* enough for the longest wait */

void restart_set_budget(struct restart *r, unsigned deaths, unsigned seconds)
{
	if (deaths)
		r->allowed = deaths < RESTART_REMEMBERED ? deaths : RESTART_REMEMBERED;
	if (seconds)
		r->window_ns = seconds * UINT64_C(1000000000);
}

/* The first is started again at once, then 50 ms, 100 ms, 200 ms … */
static int restart_back_off(unsigned recent)
{
	unsigned doublings = recent - 1 < DOUBLINGS_MAX ? recent - 1 : DOUBLINGS_MAX;
	int ms = recent == 1 ? 0 : 25 << doublings;

	return ms < RESTART_LONGEST_MS ? ms : RESTART_LONGEST_MS;
}

int restart_after_death(struct restart *r, bool was_ready, uint64_t now_ns)
{
	unsigned recent = 1;

	memmove(r->deaths + 1, r->deaths, sizeof r->deaths - sizeof *r->deaths);
	r->deaths[0] = now_ns;
	if (!was_ready && ++r->before_ready >= BEFORE_READY_MAX)
		return -1;
	while (recent < RESTART_REMEMBERED && r->deaths[recent] && now_ns - r->deaths[recent] < r->window_ns)
		recent++;
	return recent >= r->allowed ? -1 : restart_back_off(recent);
}

void restart_ready(struct restart *r)
{
	r->before_ready = 0;
}

void restart_forgive(struct restart *r)
{
	memset(r->deaths, 0, sizeof r->deaths);
	r->before_ready = 0;
}

const char *restart_step(const struct death *d, char *buf, size_t capacity)
{
	const char *signal = death_signal_name(d->signal);

	if (d->step[0])
		snprintf(buf, capacity, "%s", d->step);
	else if (d->signal)
		snprintf(buf, capacity, "before it was ready, %s", signal);
	else
		snprintf(buf, capacity, "before it was ready, exit code %d", d->code);
	return buf;
}
