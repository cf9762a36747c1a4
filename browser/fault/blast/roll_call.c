/* See roll_call.h. */
#include "browser/fault/blast/roll_call.h"
#include <stdlib.h>

const char *const roll_answer_names[ROLL_ANSWER_COUNT] = { "asked", "answered", "unresponsive", "gone",
							   "silent" };

static bool roll_call_wants(const struct process_host *p, const struct process_host *except)
{
	return p != except && process_is_up(p);
}

static void roll_call_settle(struct roll_call *r)
{
	for (unsigned i = 0; i < r->count; i++)
		if (r->entries[i].answer == ROLL_ASKED)
			return;
	r->ended_ns = recorder_now();
}

void roll_call_begin(struct roll_call *r, struct process_table *t, const struct process_host *except)
{
	unsigned n = 0;

	*r = (struct roll_call){ .began_ns = recorder_now() };
	for (struct process_host *p = t->first; p; p = p->next)
		n += roll_call_wants(p, except);
	r->entries = calloc(n ? n : 1, sizeof *r->entries);
	for (struct process_host *p = r->entries ? t->first : NULL; p; p = p->next) {
		if (!roll_call_wants(p, except))
			continue;
		r->entries[r->count++] = (struct roll_entry){
			.process = p->name,
			.answer = p->state == PROCESS_UNRESPONSIVE ? ROLL_DEAF : ROLL_ASKED,
		};
		process_ping(p);
	}
	r->asked = r->count;
	roll_call_settle(r);
}

void roll_call_finish(struct roll_call *r)
{
	free(r->entries);
	*r = (struct roll_call){ 0 };
}

static struct roll_entry *roll_call_find(struct roll_call *r, struct endpoint e)
{
	for (unsigned i = 0; i < r->count; i++)
		if (r->entries[i].process.role == e.role && r->entries[i].process.serial == e.serial)
			return &r->entries[i];
	return NULL;
}

/* Only a ping sent after the death proves that somebody outlived it: for one on its way then, another goes.
 */
void roll_call_ponged(struct roll_call *r, struct process_host *p)
{
	struct roll_entry *entry = r->ended_ns ? NULL : roll_call_find(r, p->name);

	if (!entry || (entry->answer != ROLL_ASKED && entry->answer != ROLL_DEAF))
		return;
	if (p->ping_answered_ns - p->ping_took_ns < r->began_ns) {
		if (p->state == PROCESS_READY)
			process_ping(p);
		return;
	}
	entry->answer = ROLL_ANSWERED;
	entry->took_ns = p->ping_took_ns;
	r->answered++;
	roll_call_settle(r);
}

void roll_call_gone(struct roll_call *r, const struct process_host *p)
{
	struct roll_entry *entry = r->ended_ns ? NULL : roll_call_find(r, p->name);

	if (!entry || (entry->answer != ROLL_ASKED && entry->answer != ROLL_DEAF))
		return;
	entry->answer = ROLL_GONE;
	r->asked--;
	roll_call_settle(r);
}

void roll_call_close(struct roll_call *r)
{
	for (unsigned i = 0; i < r->count; i++)
		if (r->entries[i].answer == ROLL_ASKED)
			r->entries[i].answer = ROLL_SILENT;
	roll_call_settle(r);
}
