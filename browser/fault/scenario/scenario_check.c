/*
 * What contradicts what in a scenario: names of tabs that are not open, orders that their target cannot obey,
 * expectations that what was done before cannot lead to. See scenario.h.
 */
#include "browser/fault/scenario/scenario_internal.h"
#include "browser/process/death.h"
#include "common/arm.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct check {
	const struct scenario *scenario;
	struct scenario_error *error;
	unsigned n; /* the step that is looked at, from 0 */
};

#define STEP(c)	      (&(c)->scenario->steps[(c)->n])
#define WRONG(c, ...) scenario_wrong((c)->error, STEP(c)->line, (c)->n + 1, __VA_ARGS__)

bool scenario_names_process(const char *name, enum role *role)
{
	size_t length = strcspn(name, ":");

	for (unsigned r = ROLE_RENDERER; r < ROLE_COUNT; r++) {
		if (strlen(role_names[r]) != length || strncmp(name, role_names[r], length))
			continue;
		*role = (enum role)r;
		if (!name[length])
			return r != ROLE_RENDERER;
		return name[length + 1] &&
		       strspn(name + length + 1, "0123456789") == strlen(name + length + 1);
	}
	return false;
}

/* The step before this one that opened the tab of that name, or closed it; NULL: there is none. */
static const struct step *last_of_tab(const struct check *c, const char *name)
{
	for (unsigned i = c->n; i-- > 0;) {
		const struct step *s = &c->scenario->steps[i];

		if ((s->kind == STEP_OPEN || s->kind == STEP_CLOSE) && !strcasecmp(s->tab, name))
			return s;
	}
	return NULL;
}

static bool tab_is_open(const struct check *c, const char *name)
{
	const struct step *last = last_of_tab(c, name);

	return last && last->kind == STEP_OPEN;
}

static unsigned step_number(const struct check *c, const struct step *s)
{
	return (unsigned)(s - c->scenario->steps) + 1;
}

static bool check_tab(struct check *c, const char *name)
{
	const struct step *last = last_of_tab(c, name);

	if (last && last->kind == STEP_OPEN)
		return true;
	if (last)
		return WRONG(c, "tab '%.60s' was closed by step %u: an open tab was expected", name,
			     step_number(c, last));
	return WRONG(c, "no tab '%.60s' is open: a tab that a step before opens was expected", name);
}

/* Whom a name means: an open tab, or some process. */
static bool check_target(struct check *c, const char *name, enum role *role)
{
	const struct step *last = last_of_tab(c, name);

	*role = ROLE_RENDERER;
	if (last && last->kind == STEP_OPEN)
		return true;
	*role = ROLE_BROWSER;
	if (!strcasecmp(name, role_names[ROLE_BROWSER]))
		return true;
	if (scenario_names_process(name, role))
		return true;
	if (last)
		return check_tab(c, name);
	return WRONG(
		c,
		"there is no '%.60s': an open tab, gpu, plugin, browser or a process such as renderer:3 was "
		"expected",
		name);
}

/* Orders. */

static bool check_order_message(struct check *c, enum role role)
{
	const struct fault_order *o = &STEP(c)->order;
	const struct ipc_message *m = o->message < IPC_COUNT ? &ipc_messages[o->message] : NULL;
	bool sent = o->moment == FAULT_MOMENT_AFTER_SEND, receives, sends;

	if (o->when != FAULT_ON_MESSAGE || !m)
		return true;
	receives = m->to & 1u << role;
	sends = m->from & 1u << role;
	if (o->either ? receives || sends : sent ? sends : receives)
		return true;
	return WRONG(c, "a %s never %s %s: a message that it does was expected", role_names[role],
		     o->either ? "sends or receives"
		     : sent    ? "sends"
			       : "receives",
		     m->name);
}

static bool check_inject(struct check *c)
{
	const struct step *s = STEP(c);
	enum role role;

	if (!check_target(c, s->tab, &role))
		return false;
	if (role == ROLE_BROWSER && s->order.fault->end == FAULT_END_DEAD)
		return WRONG(
			c,
			"'%s' would end the browser, and this play with it: a fault that it outlives was "
			"expected, such as short hang",
			s->order.fault->name);
	if (!fault_can_hit(s->order.fault, role))
		return WRONG(c, "a %s cannot fail by '%s': another fault or another target was expected",
			     role_names[role], s->order.fault->name);
	return check_order_message(c, role);
}

/* Is something of that kind and name left from a step before? */
static bool is_placed(const struct check *c, enum step_kind kind, enum step_kind undo, const char *name)
{
	bool placed = false, all = !strcasecmp(name, "all");

	for (unsigned i = 0; i < c->n; i++) {
		const struct step *s = &c->scenario->steps[i];

		if (s->kind == kind && (all || (s->as && !strcmp(s->as, name))))
			placed = true;
		else if (s->kind == undo && (!strcasecmp(s->value, "all") || !strcmp(s->value, name)))
			placed = false;
	}
	return placed;
}

static bool check_disarm(struct check *c)
{
	const char *name = STEP(c)->value;

	if (is_placed(c, STEP_INJECT, STEP_DISARM, name))
		return true;
	return WRONG(c, "nothing is armed as '%.60s': all, or the 'as' of an injection before was expected",
		     name);
}

static bool check_untoxic(struct check *c)
{
	const char *name = STEP(c)->value;

	if (is_placed(c, STEP_TOXIC, STEP_UNTOXIC, name))
		return true;
	return WRONG(c, "there is no toxic '%.60s': all, or the 'as' of a toxic before was expected", name);
}

static bool check_toxic(struct check *c)
{
	const struct toxic_order *o = &STEP(c)->toxic;
	enum role from, to;

	if (!check_target(c, o->from, &from) || !check_target(c, o->to, &to))
		return false;
	for (unsigned i = 0; i < IPC_COUNT; i++) {
		bool meant = o->message == i || o->message >= IPC_COUNT;

		if (meant && ipc_messages[i].from & 1u << from && ipc_messages[i].to & 1u << to &&
		    strcasecmp(o->from, o->to) != 0)
			return true;
	}
	return WRONG(c, "'%.60s' never sends '%.60s' %s: two that talk to each other were expected", o->from,
		     o->to, o->message < IPC_COUNT ? ipc_messages[o->message].name : "anything");
}

/* Expectations. */

/* Does that step bring back what its tab, or a process of that role, was? */
static bool step_heals(const struct step *s, const char *target, enum role role)
{
	bool loads = s->kind == STEP_OPEN || s->kind == STEP_RELOAD || s->kind == STEP_NAVIGATE;

	return loads && (role == ROLE_PLUGIN || !strcasecmp(s->tab, target));
}

static bool details_fit(const struct expectation *e, const struct fault_order *o)
{
	struct fault_status status = fault_order_status(o);
	char call[64];

	if (e->signal && strcmp(e->signal, death_signal_name(status.signal)))
		return false;
	if (e->reason && strcmp(e->reason, bad_message_names[status.reason]))
		return false;
	if (e->code >= 0 && (status.signal || e->code != status.code))
		return false;
	return !e->call || (status.kind == CRASH_KIND_VIOLATION &&
			    !strcmp(e->call, death_syscall_name((uint32_t)o->argument, call, sizeof call)));
}

/* The target is ended, so that its successors fail. */
static bool kills_first(const struct fault_info *f)
{
	return f->kind == FAULT_CRASH_BEFORE_READY || f->kind == FAULT_CRASH_LOOP;
}

/* Can that order lead to what is expected, by the catalogue? */
static bool order_leads_to(const struct fault_order *o, const struct expectation *e)
{
	enum fault_end end = o->fault->end;

	switch (e->what) {
	case EXPECT_ALIVE:
		return end == FAULT_END_ALIVE || end == FAULT_END_RECOVERED || o->when != FAULT_NOW;
	case EXPECT_UNRESPONSIVE:
		return end == FAULT_END_UNRESPONSIVE || end == FAULT_END_RECOVERED;
	case EXPECT_RECOVERED:
		return end == FAULT_END_ALIVE || end == FAULT_END_RECOVERED;
	case EXPECT_STATUS:
		/* One that hangs may be ended. */
		if (end == FAULT_END_UNRESPONSIVE)
			return e->status == TERMINATION_STATUS_KILLED;
		if (kills_first(o->fault) && e->status == TERMINATION_STATUS_KILLED)
			return (!e->signal || !strcmp(e->signal, "SIGKILL")) && !e->reason && !e->call &&
			       e->code < 0;
		return end == FAULT_END_DEAD && fault_order_status(o).status == e->status &&
		       details_fit(e, o);
	}
	return false;
}

/* Could that toxic, or an order to a process that goes by a number, have hit the target? */
static bool step_may_hit(const struct step *s, const char *target, enum role role)
{
	enum role other;

	if (s->kind == STEP_TOXIC)
		return !strcasecmp(s->toxic.from, target) || !strcasecmp(s->toxic.to, target) ||
		       (scenario_names_process(target, &other) &&
			(scenario_names_process(s->toxic.from, &other) || role == ROLE_RENDERER));
	if (s->kind != STEP_INJECT || !strcasecmp(s->tab, target))
		return false;
	/* renderer:3 may be any tab's. */
	return (strchr(s->tab, ':') || strchr(target, ':')) &&
	       (scenario_names_process(s->tab, &other) ? other == role : role == ROLE_RENDERER);
}

/* As the catalogue says it, with the code that was ordered and the call. Returns buf. */
static const char *order_end(const struct fault_order *o, char *buf, size_t capacity)
{
	struct fault_status status = fault_order_status(o);
	char call[64];
	size_t n;

	if (o->fault->kind == FAULT_EXIT) {
		snprintf(buf, capacity, "%s, code %d", termination_status_names[status.status], status.code);
		return buf;
	}
	fault_expected(o->fault, buf, capacity);
	n = strlen(buf);
	if (status.kind == CRASH_KIND_VIOLATION)
		snprintf(buf + n, capacity - n, ", call %s",
			 death_syscall_name((uint32_t)o->argument, call, sizeof call));
	return buf;
}

/* What of the expectation that end is not: the status, or the first detail. Returns buf. */
static const char *what_differs(const struct step *s, const struct fault_order *o, char *buf, size_t capacity)
{
	const struct expectation *e = &s->expected;
	struct fault_status status = fault_order_status(o);
	bool same = e->what == EXPECT_STATUS && o->fault->end == FAULT_END_DEAD && status.status == e->status;

	if (same && e->signal && strcmp(e->signal, death_signal_name(status.signal)))
		snprintf(buf, capacity, "\"signal\":\"%s\"", e->signal);
	else if (same && e->reason && strcmp(e->reason, bad_message_names[status.reason]))
		snprintf(buf, capacity, "\"reason\":\"%s\"", e->reason);
	else if (same && e->code >= 0 && (status.signal || e->code != status.code))
		snprintf(buf, capacity, "\"code\":%d", e->code);
	else if (same && e->call)
		snprintf(buf, capacity, "\"call\":\"%.60s\"", e->call);
	else
		snprintf(buf, capacity, "\"%s\"", s->value);
	return buf;
}

static bool wrong_end(struct check *c, const struct step *by)
{
	char end[160], differs[100];

	return WRONG(c, "'%s' of step %u ends as %s, but %s is expected here", by->order.fault->name,
		     step_number(c, by), order_end(&by->order, end, sizeof end),
		     what_differs(STEP(c), &by->order, differs, sizeof differs));
}

/*
 * The orders that may still act, newest first. One that was deadly at once leaves nobody alive; but if it is
 * asked how the target died, it may have been of any: what comes when it is dying already is refused.
 */
static bool check_end(struct check *c, enum role role)
{
	const struct step *s = STEP(c), *wrong = NULL;
	bool alive = s->expected.what == EXPECT_ALIVE;
	/* A GPU process comes back by itself. */
	bool healed = alive && role == ROLE_GPU && !strchr(s->tab, ':');

	for (unsigned i = c->n; i-- > 0 && !healed;) {
		const struct step *by = &c->scenario->steps[i];

		if ((alive || wrong) && step_heals(by, s->tab, role))
			break;
		if (step_may_hit(by, s->tab, role))
			return true;
		if (by->kind != STEP_INJECT || strcasecmp(by->tab, s->tab))
			continue;
		if (order_leads_to(&by->order, &s->expected))
			return true;
		wrong = wrong ? wrong : by;
		if (s->expected.what != EXPECT_STATUS && by->order.when == FAULT_NOW &&
		    by->order.fault->end == FAULT_END_DEAD)
			break;
	}
	if (wrong)
		return wrong_end(c, wrong);
	return alive ||
	       WRONG(c,
		     "nothing was done to '%.60s' that could lead to '%s': an injection into it, or a "
		     "toxic, was expected before",
		     s->tab, s->value);
}

static bool check_blame(struct check *c)
{
	const char *toxic = STEP(c)->expected.toxic;

	for (unsigned i = 0; toxic && i < c->n; i++) {
		const struct step *s = &c->scenario->steps[i];

		if (s->kind == STEP_TOXIC &&
		    (!strcmp(toxic_names[s->toxic.kind], toxic) || (s->as && !strcmp(s->as, toxic))))
			return true;
	}
	return !toxic ||
	       WRONG(c, "there is no toxic '%.60s': the kind or the 'as' of a toxic before was expected",
		     toxic);
}

static bool check_expect(struct check *c)
{
	enum role role;

	return check_target(c, STEP(c)->tab, &role) && check_end(c, role) && check_blame(c);
}

static bool check_open(struct check *c)
{
	const char *name = STEP(c)->tab;
	enum role role;

	if (tab_is_open(c, name))
		return WRONG(c, "there is a tab '%.60s' already: another name was expected", name);
	if (scenario_names_process(name, &role) || !strcasecmp(name, "browser") ||
	    !strcasecmp(name, "renderer") || !strcasecmp(name, "tab"))
		return WRONG(c, "'%.60s' names a process: another name was expected", name);
	if (strpbrk(name, " \t/+"))
		return WRONG(c, "'%.60s' has blanks in it: one word was expected", name);
	return true;
}

static bool check_own_tab(struct check *c)
{
	return check_tab(c, STEP(c)->tab);
}

static bool (*const checks[STEP_COUNT])(struct check *) = {
	[STEP_OPEN] = check_open,	[STEP_NAVIGATE] = check_own_tab, [STEP_WAIT] = check_own_tab,
	[STEP_INJECT] = check_inject,	[STEP_DISARM] = check_disarm,	 [STEP_TOXIC] = check_toxic,
	[STEP_UNTOXIC] = check_untoxic, [STEP_EXPECT] = check_expect,	 [STEP_RELOAD] = check_own_tab,
	[STEP_CLOSE] = check_own_tab,
};

bool scenario_check(const struct scenario *s, struct scenario_error *error)
{
	struct check c = { s, error, 0 };

	for (; c.n < s->nsteps; c.n++)
		if (checks[s->steps[c.n].kind] && !checks[s->steps[c.n].kind](&c))
			return false;
	return true;
}
