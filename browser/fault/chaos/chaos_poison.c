/*
 * See chaos.h: toxics. One is placed, stays a while, and is removed. What only slows leaves nothing behind;
 * what loses, doubles or falsifies messages leaves a process that nobody can rely on, and the user ends it:
 * the renderer if one is at an end of that channel, else the GPU process.
 */
#include "browser/fault/chaos/chaos.h"
#include "browser/process/gpu_host.h"
#include "browser/tab/tab.h"
#include <stdio.h>

#define MS UINT64_C(1000000)

#define TARGET_MS 6000 /* for both ends to be up */
#define CALM_MS	  3000 /* for what was held back to have passed */

static struct process_host *end_of(const struct chaos *c, const char *whom)
{
	unsigned number;

	if (chaos_tab_number(whom, &number))
		return c->tabs[number % c->settings.tabs].tab->renderer;
	return gpu_host_up(c->browser->gpu);
}

static bool is_browser(const char *whom)
{
	return !strcmp(whom, "browser");
}

static bool is_ready(const struct process_host *p)
{
	return process_is_up(p) && p->state == PROCESS_READY && !p->asked_to_end;
}

/* The process that bears the consequences. */
static struct process_host *victim_of(struct process_host *from, struct process_host *to)
{
	if (!from || !to)
		return from ? from : to;
	return from->name.role == ROLE_RENDERER ? from : to;
}

static void name_end(char *out, size_t capacity, const struct process_host *p)
{
	char name[ENDPOINT_TEXT];

	snprintf(out, capacity, "%s", p ? endpoint_text(p->name, name) : "browser");
}

static void poison_place(struct chaos *c, struct strike *s)
{
	struct toxic_order o = s->draw.toxic;
	struct process_host *from = is_browser(o.from) ? NULL : end_of(c, o.from), *to, *victim;
	const char *why = "";

	to = is_browser(o.to) ? NULL : end_of(c, o.to);
	if ((!is_browser(o.from) && !is_ready(from)) || (!is_browser(o.to) && !is_ready(to))) {
		if (recorder_now() - s->drawn_ns > TARGET_MS * MS)
			strike_end(s, STRIKE_NO_TARGET);
		return;
	}
	name_end(o.from, sizeof o.from, from);
	name_end(o.to, sizeof o.to, to);
	victim = victim_of(from, to);
	s->victim = victim->name;
	s->pid = victim->pid;
	s->ordered_ns = s->fired_ns = recorder_now();
	if (!toxics_place(c->browser, NULL, &o, &s->number, &why)) {
		snprintf(s->words, sizeof s->words, "%s", why);
		strike_end(s, STRIKE_REFUSED);
		return;
	}
	s->phase = STRIKE_FIRED;
}

static bool only_slows(const struct strike *s)
{
	return s->draw.toxic.kind == TOXIC_LATENCY || s->draw.toxic.kind == TOXIC_BANDWIDTH;
}

static void poison_remove(struct chaos *c, struct strike *s, struct process_host *p)
{
	toxics_remove(c->browser, s->number);
	s->disarmed_ns = recorder_now();
	s->nonce = p->ping_nonce + 1;
	if (only_slows(s))
		return;
	s->healing = true;
	chaos_end_process(c, p);
}

void poison_watch(struct chaos *c, struct strike *s)
{
	struct process_host *p = chaos_host(c, s->victim);
	uint64_t now = recorder_now();

	if (s->phase == STRIKE_DRAWN) {
		poison_place(c, s);
		return;
	}
	if (!p || p->state >= PROCESS_DYING || s->healing)
		return;
	if (!s->disarmed_ns && (now - s->fired_ns > s->draw.lasts_ms * MS || p->unresponsive_ns)) {
		poison_remove(c, s, p);
	} else if (s->disarmed_ns && p->ping_nonce > s->nonce && !p->ping_sent_ns) {
		strike_end(s, STRIKE_AS_EXPECTED);
	} else if (s->disarmed_ns && now - s->disarmed_ns > CALM_MS * MS + c->settings.bound_ms * MS) {
		strike_go_wrong(c, s, "it does not answer any more");
		chaos_end_process(c, p);
	}
}

/*
 * Whoever is told nonsense says so and ends, and who tells it is killed for it; nobody crashes of it. Without
 * its browser a child ends by itself.
 */
bool poison_explains(const struct strike *s, const struct process_host *p)
{
	const struct death *d = &p->death;

	if (only_slows(s))
		return false;
	if (d->status == TERMINATION_STATUS_ABNORMAL)
		return d->kind == CRASH_KIND_BAD_MESSAGE || d->code == 0;
	return d->status == TERMINATION_STATUS_KILLED;
}
