/* See injection.h. */
#include "browser/fault/injection.h"
#include "browser/browser.h"
#include "browser/fault/outside.h"
#include "common/arm.h"
#include "common/fault.h"
#include <stdio.h>
#include <stdlib.h>

static struct injections *ours; /* for arms of the browser itself */

static struct endpoint endpoint_of(const struct process_host *p)
{
	return p ? p->name : (struct endpoint){ ROLE_BROWSER, 0 };
}

static bool is_target(const struct injection *i, struct endpoint e)
{
	return i->target.role == e.role && i->target.serial == e.serial;
}

static void injection_free(struct injections *list, struct injection *gone)
{
	for (struct injection **at = &list->first; *at; at = &(*at)->next) {
		if (*at != gone)
			continue;
		*at = gone->next;
		task_finish(&gone->later);
		free(gone);
		return;
	}
}

static void note_fault(struct process_host *p, const struct fault_info *f)
{
	if (!p)
		return;
	p->fault = f->name;
	p->fault_ns = recorder_now();
}

/* "a gpu never receives commit_navigation" */
static bool wrong_message(enum role role, const char *verb, uint16_t message, const char **why)
{
	static char words[120];

	snprintf(words, sizeof words, "%s %s never %s %s", role == ROLE_BROWSER ? "the" : "a",
		 role_names[role], verb, ipc_messages[message].name);
	*why = words;
	return false;
}

/* Which moment is meant, and can that process come to it? */
static bool settle_moment(struct fault_order *o, enum role role, const char **why)
{
	static char words[160];
	const struct ipc_message *m = o->message < IPC_COUNT ? &ipc_messages[o->message] : NULL;
	bool receives = !m || m->to & 1u << role, sends = !m || m->from & 1u << role;

	if (o->either) {
		o->moment = receives ? FAULT_MOMENT_BEFORE_HANDLER : FAULT_MOMENT_AFTER_SEND;
		if (!receives && !sends)
			return wrong_message(role, "sends or receives", o->message, why);
		return true;
	}
	if (o->moment == FAULT_MOMENT_AFTER_SEND)
		return sends || wrong_message(role, "sends", o->message, why);
	if (!receives)
		return wrong_message(role, "receives", o->message, why);
	if (o->moment != FAULT_MOMENT_AFTER_REPLY || !m || m->reply >= 0)
		return true;
	snprintf(words, sizeof words,
		 "'%s' has no reply: 'before its handler' or 'after its handler' are meant", m->name);
	*why = words;
	return false;
}

/* What the sandbox would not stop is not tried: it would be done to this machine. */
static bool sandbox_holds(const struct process_host *p, const struct fault_info *f, const char **why)
{
	if (f->kind == FAULT_VIOLATION && !(p->layers & 1u << LAYER_SECCOMP)) {
		*why = "its seccomp filter is off: the call would be made";
		return false;
	}
	if ((f->kind == FAULT_LEAK || f->kind == FAULT_OUT_OF_MEMORY) && !(p->layers & 1u << LAYER_RLIMITS)) {
		*why = "its limits are off: it would take this machine's memory";
		return false;
	}
	return true;
}

static bool can_fail(const struct browser *b, const struct process_host *p, const struct fault_order *o,
		     const char **why)
{
	static char words[120];

	*why = "faults are off (--no-faults)";
	if (b->options.no_faults)
		return false;
	*why = "it is not up";
	if (p && (!process_is_up(p) || p->asked_to_end))
		return false;
	if (!fault_can_hit(o->fault, endpoint_of(p).role)) {
		snprintf(words, sizeof words, "%s %s cannot fail by '%s'", p ? "a" : "the",
			 role_names[endpoint_of(p).role], o->fault->name);
		*why = words;
		return false;
	}
	*why = "it does not respond: nothing but a signal reaches it";
	if (p && p->state == PROCESS_UNRESPONSIVE && !o->fault->from_outside &&
	    (o->when != FAULT_AFTER && !outside_does(o->fault)))
		return false;
	return !p || sandbox_holds(p, o->fault, why);
}

static bool inject_now(struct browser *b, struct process_host *p, const struct fault_order *o,
		       const char **why)
{
	uint64_t argument = o->argument;

	if (p && !outside_find_argument(b, p, o->fault, &argument, why))
		return false;
	note_fault(p, o->fault);
	if (outside_does(o->fault))
		return outside_do(b, p, o, why);
	if (!p)
		fault_obey(o->fault->kind, argument, NULL);
	else if (o->fault->from_outside)
		process_signal(p, o->fault->from_outside);
	else
		ipc_send_obey_fault(p->channel, o->fault->kind, argument);
	return true;
}

static void injection_run(void *arg)
{
	struct injection *i = arg;
	struct browser *b = i->browser;
	struct fault_order o = i->order;
	struct endpoint target = i->target;
	struct process_host *p =
		target.role == ROLE_BROWSER ? NULL : process_find(b->processes, target.role, target.serial);
	char name[ENDPOINT_TEXT];
	const char *why = "it is gone";

	o.when = i->order.when = FAULT_NOW;
	bool done =
		(p || target.role == ROLE_BROWSER) && can_fail(b, p, &o, &why) && inject_now(b, p, &o, &why);

	if (!done)
		browser_say(b, "%s: %s: %s", endpoint_text(target, name), o.fault->name, why);
	/* One that lasts can still be taken back. */
	if (!done || !outside_lasts(o.fault))
		injection_free(b->injections, i);
	browser_tell(b, CHANGED_PROCESSES);
}

static struct injection *injection_add(struct browser *b, const struct process_host *p,
				       const struct fault_order *o)
{
	struct injections *list = b->injections;
	struct injection *i = calloc(1, sizeof *i);

	if (!i)
		return NULL;
	*i = (struct injection){ .next = list->first,
				 .number = ++list->last_number,
				 .order = *o,
				 .target = endpoint_of(p),
				 .ordered_ns = recorder_now(),
				 .browser = b };
	list->first = i;
	task_init(&i->later, injection_run, i);
	browser_tell(b, CHANGED_PROCESSES);
	return i;
}

static unsigned armed_in(const struct injections *list, struct endpoint e)
{
	unsigned n = 0;

	for (const struct injection *i = list->first; i; i = i->next)
		n += is_target(i, e) && i->order.when == FAULT_ON_MESSAGE;
	return n;
}

/* Arm it in the process. */
static struct injection *inject_on_message(struct browser *b, struct process_host *p,
					   const struct fault_order *given, const char **why)
{
	struct fault_order o = *given;
	struct injection *i;
	uint64_t argument = o.argument;

	*why = "that one waits for no message: now, or after a time";
	if (outside_does(o.fault) && o.fault->kind != FAULT_CRASH_IN_FLIGHT)
		return NULL;
	if (!settle_moment(&o, endpoint_of(p).role, why) ||
	    (p && !outside_find_argument(b, p, o.fault, &argument, why)))
		return NULL;
	*why = "too many orders wait in it already";
	if (armed_in(b->injections, endpoint_of(p)) == ARM_MAX)
		return NULL;
	*why = "memory: none is left";
	i = injection_add(b, p, given);
	if (!i)
		return NULL;
	struct ipc_arm_fault m = { .arm = i->number,
				   .kind = o.fault->kind,
				   .argument = argument,
				   .moment = o.moment,
				   .message = o.message,
				   .count = o.count,
				   .ppm = o.ppm,
				   .seed = o.seed };
	if (p)
		channel_send(p->channel, IPC_ARM_FAULT, &m);
	else
		arm_fault(&m, NULL);
	return i;
}

static struct injection *inject_later(struct browser *b, struct process_host *p, const struct fault_order *o,
				      const char **why)
{
	struct injection *i = injection_add(b, p, o);

	*why = "memory: none is left";
	if (i)
		task_schedule(&i->later, o->when == FAULT_AFTER ? o->after_ms : 0);
	return i;
}

bool fault_inject(struct browser *b, struct process_host *p, const struct fault_order *o, uint32_t *number,
		  const char **why)
{
	struct injection *i = NULL;
	const char *words;
	bool done;

	why = why ? why : &words;
	if (number)
		*number = 0;
	if (!can_fail(b, p, o, why))
		return false;
	if (o->when == FAULT_NOW && (p || outside_does(o->fault))) {
		done = inject_now(b, p, o, why);
		if (done && outside_lasts(o->fault))
			i = injection_add(b, p, o);
	} else {
		/* The browser's own come with its next turn: who called is to have an answer. */
		i = o->when == FAULT_ON_MESSAGE ? inject_on_message(b, p, o, why)
						: inject_later(b, p, o, why);
		done = i;
	}
	if (i && number && (o->when != FAULT_NOW || outside_lasts(o->fault)))
		*number = i->number;
	return done;
}

bool fault_inject_named(struct browser *b, struct process_host *p, const char *name, const char **why)
{
	const struct fault_info *f = fault_find(name);
	struct fault_order o;

	if (!f) {
		if (why)
			*why = "there is no such fault";
		return false;
	}
	o = fault_order_of(f);
	return fault_inject(b, p, &o, NULL, why);
}

static void injection_disarm(struct browser *b, struct injection *i)
{
	struct process_host *p = process_find(b->processes, i->target.role, i->target.serial);

	if (i->order.when == FAULT_ON_MESSAGE && i->target.role == ROLE_BROWSER)
		arm_remove(i->number);
	else if (i->order.when == FAULT_ON_MESSAGE && process_is_up(p))
		ipc_send_disarm_fault(p->channel, i->number);
	outside_undo(b, i->target.role, i->order.fault);
	injection_free(b->injections, i);
}

bool fault_disarm(struct browser *b, uint32_t number)
{
	bool found = false;

	for (struct injection *i = b->injections->first, *next; i; i = next) {
		next = i->next;
		if (number && i->number != number)
			continue;
		injection_disarm(b, i);
		found = true;
	}
	browser_tell(b, CHANGED_PROCESSES);
	return found;
}

static struct injection *injection_find(struct injections *list, uint32_t number, struct endpoint e)
{
	for (struct injection *i = list->first; i; i = i->next)
		if (i->number == number && is_target(i, e))
			return i;
	return NULL;
}

/* It acts now. One with a chance stays and may act again. */
static void injection_fired(struct injections *list, struct injection *i, struct process_host *p)
{
	i->fired_ns = recorder_now();
	note_fault(p, i->order.fault);
	if (i->order.count)
		injection_free(list, i);
	browser_tell(list->browser, CHANGED_PROCESSES);
}

/* One that is not known any more was taken back meanwhile, or never was: a child may say what it likes. */
void browser_on_did_fire_fault(struct browser *b, struct channel *c, const struct ipc_did_fire_fault *m)
{
	struct injection *i = injection_find(b->injections, m->arm, channel_peer(c));

	if (i)
		injection_fired(b->injections, i, process_of_channel(b->processes, c));
}

static void injections_on_arm(uint32_t arm)
{
	struct injection *i = ours ? injection_find(ours, arm, endpoint_of(NULL)) : NULL;

	if (i)
		injection_fired(ours, i, NULL);
}

/* It has been carried out, and dooms the next ones of its role until it is taken back. */
static bool injection_lasts(const struct injection *i)
{
	return i->order.when == FAULT_NOW && outside_lasts(i->order.fault);
}

const struct injection *injections_lasting(const struct injections *list, enum role role)
{
	for (const struct injection *i = list->first; i; i = i->next)
		if (injection_lasts(i) && i->target.role == role)
			return i;
	return NULL;
}

void injections_died(struct injections *list, const struct process_host *p)
{
	for (struct injection *i = list->first, *next; i; i = next) {
		next = i->next;
		/* What dooms the next ones outlives this one. */
		if (!is_target(i, p->name) || injection_lasts(i))
			continue;
		injection_free(list, i);
	}
}

bool injections_init(struct injections *list, struct browser *b)
{
	*list = (struct injections){ .browser = b };
	ours = list;
	arm_fired = injections_on_arm;
	return true;
}

void injections_finish(struct injections *list)
{
	while (list->first) {
		if (list->first->target.role == ROLE_BROWSER)
			arm_remove(list->first->number);
		injection_free(list, list->first);
	}
	ours = NULL;
}
