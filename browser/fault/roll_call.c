/* See roll_call.h. */
#include "browser/fault/roll_call.h"
#include "browser/browser.h"
#include "browser/process/host.h"

/*
 * A ping that is outstanding already is as good: its answer comes after the death too, or was on its way,
 * from a process that lived through it.
 */
void roll_call_begin(struct roll_call *r)
{
	r->number++;
	r->asked = r->answered = 0;
	r->began_ns = recorder_now();
	r->ended_ns = 0;
	for (struct process_host *p = r->browser->processes->first; p; p = p->next) {
		p->roll_call = 0;
		if (!process_is_up(p) || !p->channel)
			continue;
		p->roll_call = r->number;
		r->asked++;
		process_ping(p);
	}
	if (!r->asked)
		r->ended_ns = r->began_ns;
}

static void roll_call_settle(struct roll_call *r)
{
	if (r->answered < r->asked || r->ended_ns)
		return;
	r->ended_ns = recorder_now();
	browser_tell(r->browser, CHANGED_TABS | CHANGED_PROCESSES | CHANGED_TRAFFIC);
}

void roll_call_ponged(struct roll_call *r, struct process_host *p)
{
	if (!p->roll_call || p->roll_call != r->number || r->ended_ns)
		return;
	p->roll_call = 0;
	r->answered++;
	roll_call_settle(r);
}

/* One that dies meanwhile has not answered, and will not; it is told of by its own death. */
void roll_call_died(struct roll_call *r, struct process_host *p)
{
	if (!p->roll_call || p->roll_call != r->number || r->ended_ns)
		return;
	p->roll_call = 0;
	r->asked--;
	roll_call_settle(r);
}
