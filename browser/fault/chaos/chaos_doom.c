/*
 * See chaos.h: faults that end a process and let the next ones of its role crash before they are ready. They
 * have come to their end when launches have failed, or been given up, and one is ready again.
 */
#include "browser/browser.h"
#include "browser/fault/chaos/chaos.h"
#include "browser/fault/injection.h"
#include "browser/process/gpu_host.h"
#include "browser/process/plugin_host.h"
#include "browser/process/spare.h"
#include <signal.h>

#define DOOM_NS	   UINT64_C(25000000000) /* for all of that */
#define KILLING_NS UINT64_C(2000000000)	 /* for the present ones to end */

bool strike_is_doom(const struct strike *s)
{
	const struct fault_info *f = s->draw.fault.fault; /* NULL: a toxic */

	return f && (f->kind == FAULT_CRASH_BEFORE_READY || f->kind == FAULT_CRASH_LOOP);
}

static bool is_open(const struct strike *s, enum role role)
{
	return strike_is_doom(s) && s->phase == STRIKE_FIRED && s->victim.role == role;
}

bool doom_is_open(const struct chaos *c, enum role role, const struct strike *but)
{
	for (unsigned i = c->open; i < c->nstrikes; i++)
		if (&c->strikes[i] != but && is_open(&c->strikes[i], role))
			return true;
	return false;
}

static bool was_given_up(const struct browser *b, enum role role)
{
	if (role == ROLE_GPU)
		return b->gpu->given_up;
	if (role == ROLE_RENDERER)
		return b->spare->given_up;
	for (const struct plugin_host *h = b->plugins->first; h; h = h->next)
		if (h->given_up)
			return true;
	return false;
}

/* One of that role has been started since, and is ready. */
static bool is_back(const struct browser *b, enum role role, uint64_t since_ns)
{
	for (const struct process_host *p = b->processes->first; p; p = p->next)
		if (p->name.role == role && p->started_ns > since_ns && p->state == PROCESS_READY)
			return true;
	return false;
}

void doom_watch(struct chaos *c, struct strike *s)
{
	enum role role = s->victim.role;
	bool loop = s->draw.fault.fault->kind == FAULT_CRASH_LOOP;

	if (!s->healing && s->launches && (!loop || was_given_up(c->browser, role))) {
		s->healing = true;
		c->doomed_until_ns[role] = recorder_now();
		if (s->number)
			fault_disarm(c->browser, s->number);
		s->detected_ms = (double)(recorder_now() - s->fired_ns) / 1e6;
	} else if (s->healing && is_back(c->browser, role, c->doomed_until_ns[role])) {
		strike_end(s, STRIKE_AS_EXPECTED);
	} else if (recorder_now() - s->fired_ns > DOOM_NS) {
		if (s->number)
			fault_disarm(c->browser, s->number);
		strike_go_wrong(c, s,
				!s->launches ? "no launch failed"
				: s->healing ? "none came back"
					     : "it was not given up");
	}
}

bool doom_explains(struct chaos *c, const struct process_host *p)
{
	bool launch = p->death.status == TERMINATION_STATUS_LAUNCH_FAILED && p->death.signal == SIGSEGV;
	bool killed = p->death.signal == SIGKILL && !p->death.reason;
	bool explained = launch && p->started_ns < c->doomed_until_ns[p->name.role];

	for (unsigned i = c->open; i < c->nstrikes; i++) {
		struct strike *s = &c->strikes[i];

		if (!is_open(s, p->name.role))
			continue;
		s->launches += launch;
		/* It was ended for that, with the spare renderer if it is one. */
		explained |= launch ||
			     (killed && p->started_ns < s->fired_ns && p->died_ns < s->fired_ns + KILLING_NS);
	}
	return explained;
}
