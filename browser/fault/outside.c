/* See outside.h. A table: one function a fault. */
#include "browser/fault/outside.h"
#include "browser/browser.h"
#include "browser/process/spare.h"
#include "browser/tab/tab.h"
#include <signal.h>

#define COMPANIONS 5

static bool half_close(struct browser *b, struct process_host *p, const struct fault_order *o,
		       const char **why)
{
	(void)b, (void)o, (void)why;
	channel_half_close(p->channel);
	return true;
}

/* The present one ends, so that another is started in its place, which is doomed. */
static bool doom(struct browser *b, struct process_host *p, const struct fault_info *f, unsigned times)
{
	struct process_host *spare = p->name.role == ROLE_RENDERER ? b->spare->process : NULL;

	process_doom(b->processes, p->name.role, FAULT_NULL_DEREFERENCE, f->name, times);
	process_signal(p, SIGKILL);
	if (spare && spare != p)
		process_signal(spare, SIGKILL);
	return true;
}

static bool crash_before_ready(struct browser *b, struct process_host *p, const struct fault_order *o,
			       const char **why)
{
	(void)why;
	return doom(b, p, o->fault, 1);
}

static bool crash_loop(struct browser *b, struct process_host *p, const struct fault_order *o,
		       const char **why)
{
	(void)why;
	return doom(b, p, o->fault, 0);
}

/* In one packet: what is sent within a turn leaves together. */
static bool crash_in_flight(struct browser *b, struct process_host *p, const struct fault_order *o,
			    const char **why)
{
	(void)b, (void)why;
	channel_flush(p->channel);
	ipc_send_obey_fault(p->channel, o->fault->kind, o->argument);
	for (unsigned i = 0; i < COMPANIONS; i++)
		ipc_send_disarm_fault(p->channel, 0);
	return true;
}

static bool restart(struct browser *b, struct process_host *p, const struct fault_order *o, const char **why)
{
	(void)p;
	if (!b->has_screen) {
		*why = "only a browser with a screen quits or starts again";
		return false;
	}
	b->quit = true;
	b->restart = o->argument != 0;
	browser_tell(b, CHANGED_MESSAGE);
	return true;
}

static bool (*const doers[FAULT_COUNT])(struct browser *, struct process_host *, const struct fault_order *,
					const char **why) = {
	[FAULT_HALF_CLOSE] = half_close, [FAULT_CRASH_BEFORE_READY] = crash_before_ready,
	[FAULT_CRASH_LOOP] = crash_loop, [FAULT_CRASH_IN_FLIGHT] = crash_in_flight,
	[FAULT_RESTART] = restart,
};

bool outside_does(const struct fault_info *f)
{
	return doers[f->kind] != NULL;
}

bool outside_do(struct browser *b, struct process_host *p, const struct fault_order *o, const char **why)
{
	return doers[o->fault->kind](b, p, o, why);
}

bool outside_lasts(const struct fault_info *f)
{
	return f->kind == FAULT_CRASH_LOOP;
}

void outside_undo(struct browser *b, enum role role, const struct fault_info *f)
{
	if (f->kind == FAULT_CRASH_LOOP)
		process_doom(b->processes, role, FAULT_NONE, NULL, 0);
}

bool outside_find_argument(struct browser *b, const struct process_host *p, const struct fault_info *f,
			   uint64_t *argument, const char **why)
{
	if (f->kind != FAULT_FOREIGN_PAGE)
		return true;
	for (const struct tab *t = b->tabs->first; t; t = t->next)
		if (t->renderer && t->renderer != p) {
			*argument = t->id;
			return true;
		}
	*why = "there is no tab of another renderer";
	return false;
}
