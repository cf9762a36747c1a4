/*
 * The hang monitor: a process is unresponsive when a ping stayed unanswered over ten checks, 500 ms apart, in
 * which the browser itself ran. A hang is no death: it may be waited for, scrolled past, or ended by the
 * user. Pings pass what breakpoints hold, and no process waits for a reply without answering them: who is
 * held and hangs is hung.
 */
#include "browser/process/host_internal.h"
#include <signal.h>

#define CHECK_MS     500
#define CHECKS_MAX   10
#define START_MAX_NS UINT64_C(10000000000) /* a child that is not ready by then never will be */

void process_ping(struct process_host *p)
{
	if (!process_is_up(p) || !p->channel || p->ping_sent_ns)
		return;
	p->ping_nonce = ++p->table->nonce;
	p->ping_sent_ns = recorder_now();
	p->unanswered = 0;
	ipc_send_ping(p->channel, p->ping_nonce);
}

static void hang_monitor_check(struct process_host *p)
{
	if (!p->ping_sent_ns) {
		process_ping(p);
	} else if (++p->unanswered == CHECKS_MAX && p->state == PROCESS_READY) {
		p->state = PROCESS_UNRESPONSIVE;
		p->unresponsive_ns = recorder_now();
		p->table->events.responded(p->table->events.arg, p);
	}
}

static void hang_monitor_check_all(void *arg)
{
	struct process_table *t = arg;

	for (struct process_host *p = t->first; p; p = p->next) {
		if (process_is_up(p) && !t->quiet_hangs)
			hang_monitor_check(p);
		else if (p->state == PROCESS_STARTING && !p->on_hold &&
			 recorder_now() - p->started_ns > START_MAX_NS)
			process_kill(p, BAD_MESSAGE_NONE);
	}
}

void hang_monitor_start(struct process_table *t)
{
	task_init(&t->hang_checks, hang_monitor_check_all, t);
	task_repeat(&t->hang_checks, CHECK_MS);
}

void hang_monitor_ponged(struct process_host *p, uint64_t nonce)
{
	if (nonce != p->ping_nonce || !p->ping_sent_ns) {
		channel_refuse(p->channel, BAD_MESSAGE_REPLY_NOT_ASKED);
		return;
	}
	p->ping_answered_ns = recorder_now();
	p->ping_took_ns = p->ping_answered_ns - p->ping_sent_ns;
	p->ping_sent_ns = 0;
	p->unanswered = 0;
	p->unresponsive_ns = 0;
	p->table->events.ponged(p->table->events.arg, p);
	if (p->state == PROCESS_UNRESPONSIVE) {
		p->state = PROCESS_READY;
		p->table->events.responded(p->table->events.arg, p);
	}
}

unsigned process_silent_ms(const struct process_host *p)
{
	return p->ping_sent_ns ? (unsigned)((recorder_now() - p->ping_sent_ns) / 1000000) : 0;
}

unsigned process_silent_checks(const struct process_host *p)
{
	return p->ping_sent_ns ? p->unanswered : 0;
}

void process_continue(struct process_host *p)
{
	if (!process_is_stopped(p))
		return;
	p->usage.stopped = false;
	process_signal(p, SIGCONT);
}

void process_wait_again(struct process_host *p)
{
	/* One that is stopped would be waited for in vain. */
	process_continue(p);
	p->unanswered = 0;
	if (p->state != PROCESS_UNRESPONSIVE)
		return;
	p->state = PROCESS_READY;
	p->table->events.responded(p->table->events.arg, p);
}
