/*
 * See reaper.h. A dead child's last packets can still be read, and EOF mostly comes before the pidfd: the
 * death is named when both have come.
 */
#include "browser/process/reaper.h"
#include "browser/process/host_internal.h"
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define PUT_OFF_MAX 16	 /* turns in which the last messages of one that is dying are handled first */
#define GRACE_MS    1000 /* between a closed channel and SIGKILL, or a death and giving up on its channel */

static void reaper_name(struct process_host *p)
{
	struct death_context context = { .was_ready = p->ready_ns != 0,
					 .asked_to_end = p->asked_to_end,
					 .kill_reason = p->kill_reason };

	task_finish(&p->wait_for_death);
	task_finish(&p->reap);
	task_finish(&p->tell_dying);
	p->death = death_name(p->wait_how, p->wait_status, p->region ? &p->region->crash : NULL, &context);
	if (p->region) {
		p->death.handling = atomic_load_explicit(&p->region->handling, memory_order_relaxed);
		if (p->death.kind == CRASH_KIND_BAD_MESSAGE)
			p->refused_id = p->region->crash.message;
	}
	process_buried(p);
}

static void reaper_on_grace(void *arg)
{
	struct process_host *p = arg;

	if (p->reaped) {
		/* Nothing can hold the other end of a dead child's channel: what is left is not worth waiting
		 * for. */
		process_drop_channel(p);
		reaper_name(p);
	} else {
		process_signal(p, SIGKILL);
	}
}

static void reaper_check(struct process_host *p)
{
	if (p->reaped && p->channel_ended) {
		reaper_name(p);
	} else {
		task_init(&p->wait_for_death, reaper_on_grace, p);
		task_schedule(&p->wait_for_death, GRACE_MS);
	}
}

static void reaper_take(struct process_host *p, int options)
{
	siginfo_t info = { 0 };

	if (waitid(P_PIDFD, (id_t)p->pidfd, &info, WEXITED | options) == -1 || info.si_pid == 0)
		return;
	p->reaped = true;
	p->reaped_ns = recorder_now();
	p->wait_how = info.si_code;
	p->wait_status = info.si_status;
}

static void reaper_on_pidfd(void *arg)
{
	struct process_host *p = arg;

	reaper_take(p, WNOHANG);
	if (!p->reaped)
		return;
	task_cancel(&p->reap);
	task_finish(&p->wait_for_death);
	if (!p->died_ns)
		p->died_ns = p->reaped_ns;
	reaper_check(p);
}

static void reaper_tell_dying(void *arg)
{
	struct process_host *p = arg;

	if (p->asked_to_end)
		return;
	if (p->channel && channel_has_unread(p->channel) && p->put_off++ < PUT_OFF_MAX) {
		task_schedule(&p->tell_dying, 0);
		return;
	}
	p->state = PROCESS_DYING;
	p->table->events.dying(p->table->events.arg, p);
}

void reaper_noticed(struct process_host *p, uint64_t at_ns)
{
	if (p->state >= PROCESS_DYING || p->asked_to_end)
		return;
	if (!p->reaped && !usage_is_exiting(p->pid))
		process_kill(p, BAD_MESSAGE_FORGED_RECORD);
	p->noticed_ns = p->died_ns = at_ns;
	if (p->reaped)
		return;
	task_init(&p->tell_dying, reaper_tell_dying, p);
	reaper_tell_dying(p);
}

void reaper_watch(struct process_host *p)
{
	task_init(&p->reap, reaper_on_pidfd, p);
	task_watch(&p->reap, p->pidfd, EV_READ);
}

void reaper_channel_ended(struct process_host *p)
{
	p->channel_ended = true;
	task_finish(&p->wait_for_death);
	reaper_check(p);
}

void reaper_wait(struct process_host *p)
{
	reaper_take(p, 0);
}
