/* See restart.h. */
#include "browser/process/restart.h"
#include <string.h>

#define BEFORE_READY_MAX 3

int restart_after_death(struct restart *r, bool was_ready, uint64_t now_ns)
{
	unsigned recent = 1;

	memmove(r->deaths + 1, r->deaths, sizeof r->deaths - sizeof *r->deaths);
	r->deaths[0] = now_ns;
	if (!was_ready && ++r->before_ready >= BEFORE_READY_MAX)
		return -1;
	while (recent < RESTART_REMEMBERED && r->deaths[recent] && now_ns - r->deaths[recent] < r->window_ns)
		recent++;
	if (recent >= r->allowed)
		return -1;
	/* The first is started again at once, then 50 ms, 100 ms, 200 ms … */
	return recent == 1 ? 0 : 25 << (recent - 1);
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
