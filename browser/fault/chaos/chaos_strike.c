/* See chaos.h: each draw from its order to its end, and whether that end is what the catalogue says. */
#include "browser/browser.h"
#include "browser/fault/chaos/chaos.h"
#include "browser/fault/injection.h"
#include "browser/tab/tab.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define MS UINT64_C(1000000)

#define TARGET_MS   6000  /* for a target to be up */
#define PATIENCE_MS 4000  /* for the message that it is armed for */
#define PROVOKE_MS  500	  /* between two occasions for it */
#define END_MS	    20000 /* for what must come of it: filling memory takes a while */

const char *const strike_outcome_names[STRIKE_OUTCOMES] = { "open",	  "as expected", "overtaken",
							    "never came", "no target",	 "refused",
							    "wrong" };

struct strike *strike_begin(struct chaos *c, const struct chaos_draw *draw)
{
	struct strike *s;

	if (c->nstrikes == c->room) {
		unsigned room = c->room ? c->room * 2 : 64;
		struct strike *more = realloc(c->strikes, room * sizeof *more);

		if (!more)
			return NULL;
		c->strikes = more;
		c->room = room;
	}
	s = &c->strikes[c->nstrikes++];
	*s = (struct strike){ .draw = *draw, .drawn_ns = recorder_now(), .detected_ms = -1 };
	c->step = draw->step;
	return s;
}

struct process_host *chaos_host(const struct chaos *c, struct endpoint e)
{
	for (struct process_host *p = c->browser->processes->first; p && e.serial; p = p->next)
		if (p->name.role == e.role && p->name.serial == e.serial)
			return p;
	return NULL;
}

static struct process_host *strike_target(const struct chaos *c, const struct strike *s)
{
	const char *whom = s->draw.fault.whom;
	unsigned number;
	bool is_browser;

	if (chaos_tab_number(whom, &number))
		return c->tabs[number % c->settings.tabs].tab->renderer;
	return fault_target(c->browser, NULL, whom, &is_browser);
}

void strike_end(struct strike *s, enum strike_outcome outcome)
{
	s->phase = STRIKE_OVER;
	s->outcome = outcome;
	s->over_ns = recorder_now();
}

void strike_go_wrong(struct chaos *c, struct strike *s, const char *what)
{
	char name[ENDPOINT_TEXT], expected[80] = "life, or an orderly end";

	strike_end(s, STRIKE_WRONG);
	snprintf(s->words, sizeof s->words, "%s", what);
	if (!s->draw.is_toxic)
		fault_expected(s->draw.fault.fault, expected, sizeof expected);
	chaos_fail(c, CHAOS_ENDS, s->draw.step, "%s (%s, pid %d): %s is expected, but %s", s->draw.text,
		   endpoint_text(s->victim, name), (int)s->pid, expected, what);
}

static double ms_since(uint64_t from_ns, uint64_t to_ns)
{
	return to_ns > from_ns ? (double)(to_ns - from_ns) / 1e6 : 0;
}

/* Order it, as soon as there is somebody to be hit. */
static void strike_order(struct chaos *c, struct strike *s)
{
	struct process_host *p = strike_target(c, s);
	struct chaos_process *cp;
	const char *why = "";

	if (!process_is_up(p) || p->state != PROCESS_READY || p->asked_to_end ||
	    (strike_is_doom(s) && doom_is_open(c, p->name.role, s))) {
		if (recorder_now() - s->drawn_ns > TARGET_MS * MS)
			strike_end(s, STRIKE_NO_TARGET);
		return;
	}
	s->victim = p->name;
	s->pid = p->pid;
	s->ordered_ns = recorder_now();
	s->nonce = p->ping_nonce + 1;
	if (!fault_inject(c->browser, p, &s->draw.fault, &s->number, &why)) {
		snprintf(s->words, sizeof s->words, "%s", why);
		strike_end(s, STRIKE_REFUSED);
		return;
	}
	cp = chaos_process(c, p);
	if (cp)
		cp->may_flood |= s->draw.fault.fault->kind == FAULT_FLOOD;
	bool waits = s->draw.fault.when != FAULT_NOW;

	s->phase = waits ? STRIKE_ARMED : STRIKE_FIRED;
	s->fired_ns = waits ? 0 : s->ordered_ns;
}

/* When the armed one acted; 0: it has not, as far as is known. */
static uint64_t strike_fired(const struct chaos *c, const struct strike *s, const struct process_host *p)
{
	for (const struct injection *i = c->browser->injections->first; i; i = i->next)
		if (i->number == s->number)
			return i->fired_ns;
	/* Those that have acted, and those whose process is dead, are forgotten. */
	return p && p->fault == s->draw.fault.fault->name && p->fault_ns >= s->ordered_ns ? p->fault_ns : 0;
}

/* A ping that was sent after it fired has been answered. */
static bool strike_answers(const struct strike *s, const struct process_host *p)
{
	return p->state == PROCESS_READY && p->ping_nonce > s->nonce && !p->ping_sent_ns;
}

/* It may have acted before it was taken back: only an answer from behind that tells. */
static void strike_watch_disarmed(struct strike *s, const struct process_host *p)
{
	if (p && p->unresponsive_ns) {
		s->phase = STRIKE_FIRED;
		s->fired_ns = s->disarmed_ns;
	} else if (!p || strike_answers(s, p)) {
		strike_end(s, STRIKE_NEVER_CAME);
	}
}

static void strike_disarm(struct chaos *c, struct strike *s, const struct process_host *p)
{
	fault_disarm(c->browser, s->number);
	s->disarmed_ns = recorder_now();
	s->nonce = p ? p->ping_nonce + 1 : 0;
}

static void strike_watch_armed(struct chaos *c, struct strike *s)
{
	struct process_host *p = chaos_host(c, s->victim);
	uint64_t now = recorder_now();

	if (s->disarmed_ns) {
		strike_watch_disarmed(s, p);
		return;
	}
	s->fired_ns = strike_fired(c, s, p);
	if (s->fired_ns) {
		s->phase = STRIKE_FIRED;
		s->nonce = p ? p->ping_nonce + 1 : 0;
		/* One with a chance would go on and on. */
		if (!s->draw.fault.count && s->draw.fault.when == FAULT_ON_MESSAGE)
			fault_disarm(c->browser, s->number);
	} else if (now - s->ordered_ns > (PATIENCE_MS + s->draw.fault.after_ms) * MS) {
		strike_disarm(c, s, p);
	} else if (now - s->provoked_ns > PROVOKE_MS * MS) {
		s->provoked_ns = now;
		chaos_provoke(c, s);
	}
}

/* One that is slow with each of many messages may be too slow with the ping among them. */
static bool may_hang(const struct fault_info *f)
{
	return f->end == FAULT_END_UNRESPONSIVE || f->kind == FAULT_SLOW_HANDLER;
}

/* It has come to what was to come of it, and its process is there still: the user ends that. */
static void strike_heal(struct chaos *c, struct strike *s, struct process_host *p)
{
	s->healing = true;
	chaos_end_process(c, p);
}

static void strike_watch_fired(struct chaos *c, struct strike *s)
{
	struct process_host *p = chaos_host(c, s->victim);
	const struct fault_info *f = s->draw.fault.fault;
	uint64_t waited = recorder_now() - s->fired_ns, takes = 0;

	if (strike_is_doom(s)) {
		doom_watch(c, s);
		return;
	}
	if (!p || p->state >= PROCESS_DYING || s->healing)
		return;
	if (f->end == FAULT_END_RECOVERED)
		takes = s->draw.fault.argument * MS;
	if (may_hang(f) && p->unresponsive_ns) {
		s->detected_ms = ms_since(s->fired_ns, p->unresponsive_ns);
		strike_heal(c, s, p);
	} else if (f->end == FAULT_END_ALIVE && strike_answers(s, p)) {
		strike_heal(c, s, p);
	} else if (f->end == FAULT_END_RECOVERED && waited > takes && strike_answers(s, p)) {
		strike_end(s, STRIKE_AS_EXPECTED);
	} else if (waited > takes + END_MS * MS) {
		strike_go_wrong(c, s, "nothing came of it");
		chaos_end_process(c, p);
	}
}

static void (*const watch[])(struct chaos *, struct strike *) = {
	[STRIKE_DRAWN] = strike_order,
	[STRIKE_ARMED] = strike_watch_armed,
	[STRIKE_FIRED] = strike_watch_fired,
};

void strikes_turn(struct chaos *c)
{
	for (unsigned i = c->open; i < c->nstrikes; i++) {
		struct strike *s = &c->strikes[i];

		if (s->phase != STRIKE_OVER)
			(s->draw.is_toxic ? poison_watch : watch[s->phase])(c, s);
	}
	while (c->open < c->nstrikes && c->strikes[c->open].phase == STRIKE_OVER)
		c->open++;
}

bool strikes_are_over(const struct chaos *c)
{
	return c->open == c->nstrikes;
}

static bool is_of(const struct strike *s, struct endpoint e)
{
	return s->phase != STRIKE_OVER && s->victim.serial == e.serial && s->victim.role == e.role;
}

bool strikes_on(const struct chaos *c, struct endpoint e)
{
	for (unsigned i = c->open; i < c->nstrikes; i++)
		if (is_of(&c->strikes[i], e))
			return true;
	return false;
}

static bool death_matches(const struct death *d, const struct fault_order *o)
{
	struct fault_status s = fault_order_status(o);

	return d->status == s.status && d->signal == s.signal && (d->signal || d->code == s.code) &&
	       d->kind == s.kind && d->reason == s.reason &&
	       (s.kind != CRASH_KIND_VIOLATION || d->syscall == o->argument);
}

static bool strike_explains(const struct strike *s, const struct process_host *p)
{
	bool killed = p->death.status == TERMINATION_STATUS_KILLED && p->death.signal == SIGKILL &&
		      !p->death.reason;

	if (s->draw.is_toxic)
		return poison_explains(s, p);
	if (s->draw.fault.fault->end == FAULT_END_DEAD)
		return death_matches(&p->death, &s->draw.fault);
	return killed && (s->healing || (may_hang(s->draw.fault.fault) && p->unresponsive_ns));
}

/*
 * Of those at work on it the first that fired and leads to this; else one that may have fired, for its word
 * of that is lost with what a process says behind a bad message; else one that should have done something
 * else.
 */
static struct strike *strike_of_death(struct chaos *c, const struct process_host *p)
{
	struct strike *fired = NULL, *may_have = NULL;

	for (unsigned i = c->open; i < c->nstrikes; i++) {
		struct strike *s = &c->strikes[i];

		if (!is_of(s, p->name) || strike_is_doom(s))
			continue;
		if (!s->fired_ns)
			s->fired_ns = s->disarmed_ns ? s->disarmed_ns : strike_fired(c, s, p);
		if (s->fired_ns && strike_explains(s, p))
			return s;
		if (!may_have && strike_explains(s, p))
			may_have = s;
		if (s->fired_ns && !fired)
			fired = s;
	}
	if (!may_have)
		return fired;
	may_have->fired_ns = p->died_ns;
	return may_have;
}

void strikes_died(struct chaos *c, struct chaos_process *cp, const struct process_host *p)
{
	struct strike *s = strike_of_death(c, p);
	bool doomed = doom_explains(c, p);
	bool asked = doomed || p->asked_to_end || (cp->ended_by_us && p->death.signal == SIGKILL);
	char words[160], name[ENDPOINT_TEXT];

	death_text(&p->death, words, sizeof words);
	if (s && strike_explains(s, p)) {
		if (s->detected_ms < 0)
			s->detected_ms = ms_since(s->fired_ns, p->died_ns);
		snprintf(s->words, sizeof s->words, "%s", words);
		strike_end(s, STRIKE_AS_EXPECTED);
	} else if (s && !asked) {
		strike_go_wrong(c, s, words);
	} else if (!asked) {
		chaos_fail(c, CHAOS_NO_OTHER, c->step, "%s (pid %d) died of nothing that was drawn: %s",
			   endpoint_text(p->name, name), (int)p->pid, words);
	}
	for (unsigned i = c->open; i < c->nstrikes; i++) {
		if (!is_of(&c->strikes[i], p->name) || strike_is_doom(&c->strikes[i]))
			continue;
		snprintf(c->strikes[i].words, sizeof c->strikes[i].words, "%s", words);
		strike_end(&c->strikes[i], STRIKE_OVERTAKEN);
	}
}
