/* See gpu_host.h. */
#include "browser/process/gpu_host.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Never within the news of a death: the table is being worked on. ms: to wait; -1: give up. */
static void gpu_host_try_again(struct gpu_host *g, int ms)
{
	struct process_events *events = &g->table->events;

	g->given_up = ms < 0;
	if (ms >= 0)
		task_schedule(&g->again, (unsigned)ms);
	else
		events->gave_up(events->arg, ROLE_GPU, "", g->failed);
}

static void gpu_host_launch(void *arg)
{
	struct gpu_host *g = arg;
	const char *why;

	g->failed[0] = '\0';
	g->process = process_start(g->table, ROLE_GPU, -1, "", &why);
	if (g->process)
		return;
	snprintf(g->failed, sizeof g->failed, "%s: %s", why, strerror(errno));
	gpu_host_try_again(g, restart_after_death(&g->restart, false, recorder_now()));
}

void gpu_host_init(struct gpu_host *g, struct process_table *t)
{
	*g = (struct gpu_host){ .table = t, .restart = { .allowed = 5, .window_ns = UINT64_C(60000000000) } };
	task_init(&g->again, gpu_host_launch, g);
}

void gpu_host_finish(struct gpu_host *g)
{
	task_finish(&g->again);
}

void gpu_host_start(struct gpu_host *g)
{
	if (g->process || g->again.pending)
		return;
	if (g->given_up)
		restart_forgive(&g->restart);
	g->given_up = false;
	gpu_host_launch(g);
}

void gpu_host_ready(struct gpu_host *g)
{
	restart_ready(&g->restart);
}

void gpu_host_died(struct gpu_host *g, const struct process_host *p)
{
	if (p != g->process)
		return;
	g->process = NULL;
	if (p->ready_ns == 0)
		restart_step(&p->death, g->failed, sizeof g->failed);
	gpu_host_try_again(g, restart_after_death(&g->restart, p->ready_ns != 0, p->died_ns));
}

void gpu_host_hangs(struct gpu_host *g)
{
	if (g->process && g->process->state == PROCESS_UNRESPONSIVE)
		process_kill(g->process, BAD_MESSAGE_NONE);
}

struct process_host *gpu_host_up(const struct gpu_host *g)
{
	return process_is_up(g->process) ? g->process : NULL;
}
