/* See spare.h. */
#include "browser/process/spare.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* A page that has just been given the spare is busy loading: the next spare may wait that long. */
#define REFILL_MS 30

/* ms: to wait; -1: give up. */
static void spare_try_again(struct spare *s, int ms)
{
	struct process_events *events = &s->table->events;

	s->given_up = ms < 0;
	if (ms >= 0) {
		task_schedule(&s->again, (unsigned)ms + REFILL_MS);
	} else {
		task_cancel(&s->again);
		events->gave_up(events->arg, ROLE_RENDERER, "", s->failed);
	}
}

static void spare_launch(void *arg)
{
	struct spare *s = arg;
	const char *why;

	if (s->process)
		return;
	s->process = process_start(s->table, ROLE_RENDERER, -1, "", &why);
	if (s->process)
		return;
	snprintf(s->failed, sizeof s->failed, "%s: %s", why, strerror(errno));
	spare_try_again(s, restart_after_death(&s->restart, false, recorder_now()));
}

void spare_init(struct spare *s, struct process_table *t)
{
	*s = (struct spare){ .table = t,
			     .refills = true,
			     .restart = { .allowed = 8, .window_ns = UINT64_C(10000000000) } };
	task_init(&s->again, spare_launch, s);
}

void spare_finish(struct spare *s)
{
	task_finish(&s->again);
}

void spare_start(struct spare *s)
{
	if (s->given_up)
		restart_forgive(&s->restart);
	s->given_up = false;
	spare_launch(s);
}

struct process_host *spare_take(struct spare *s)
{
	struct process_host *p;

	if (!s->process)
		spare_start(s);
	p = s->process;
	s->process = NULL;
	if (p && s->refills)
		task_schedule(&s->again, REFILL_MS);
	return p;
}

void spare_drop(struct spare *s)
{
	struct process_host *p = s->process;

	s->process = NULL;
	if (p)
		process_end(p);
	if (p || s->refills)
		task_schedule(&s->again, 0);
}

void spare_ready(struct spare *s, const struct process_host *p)
{
	(void)p;
	restart_ready(&s->restart);
	s->failed[0] = '\0';
}

void spare_died(struct spare *s, const struct process_host *p)
{
	/* A renderer that a tab had taken before it was ready counts too: the next would fail alike. */
	if (p->asked_to_end || (p != s->process && p->ready_ns))
		return;
	if (p == s->process)
		s->process = NULL;
	s->failed[0] = '\0';
	if (!p->ready_ns)
		restart_step(&p->death, s->failed, sizeof s->failed);
	spare_try_again(s, restart_after_death(&s->restart, p->ready_ns != 0, p->died_ns));
}
