/* See blast.h: the latest blasts, and the news that fills them in. */
#include "browser/browser.h"
#include "browser/fault/blast/blast.h"
#include "browser/fault/blast/blast_internal.h"
#include "browser/fault/toxics.h"
#include "browser/process/plugin_host.h"
#include "browser/tab/embed.h"
#include "browser/tab/holdings.h"
#include "browser/tab/tab.h"
#include "browser/traffic/collect/collector.h"
#include <stdlib.h>

#define AGAIN_MS     20	  /* between two looks at a blast that is not settled yet */
#define ROLL_MS	     5000 /* after which who has not answered is silent */
#define UNDECIDED_MS 500  /* that a living process may take to read what the dead had sent it */
#define NS_PER_MS    UINT64_C(1000000)

static void blast_free(struct blast *blast)
{
	roll_call_finish(&blast->roll);
	free(blast->tabs);
	free(blast);
}

static struct process_host *blast_host(const struct blasts *all, const struct blast *blast)
{
	for (struct process_host *p = all->browser->processes->first; p; p = p->next)
		if (p->name.role == blast->process.role && p->name.serial == blast->process.serial)
			return p;
	return NULL;
}

/* What the dead no longer needs, and what nobody answers it any more. */
static void blast_count(struct blasts *all, struct blast *blast)
{
	const struct process_host *p = blast_host(all, blast);

	if (!blast->died || !p)
		return;
	blast->freed = holdings_sum(blast->freed, holdings_freed(p->held, process_holdings(p)));
	for (unsigned type = 0; type < IPC_COUNT; type++)
		toll_add_request(&blast->toll, (struct endpoint){ ROLE_BROWSER, 0 }, p->name, (uint16_t)type,
				 p->open_requests[type]);
}

static void blast_write(struct blasts *all, struct blast *blast)
{
	static char text[BLAST_JSON_BYTES];
	struct format json = format_into(text, sizeof text);

	blast->settled = true;
	blast_json(blast, &json);
	collector_note_blast(all->browser->collector, TRAFFIC_BLAST_SETTLED, blast->process,
			     blast->died ? blast->death.handling : 0, &json);
	browser_tell(all->browser, CHANGED_TABS | CHANGED_PROCESSES | CHANGED_TRAFFIC);
}

/* False: something is still to come. */
static bool blast_try_settle(struct blasts *all, struct blast *blast, bool at_once)
{
	uint64_t now = recorder_now();

	if (!blast->roll.ended_ns && (at_once || now > blast->roll.began_ns + ROLL_MS * NS_PER_MS))
		roll_call_close(&blast->roll);
	if (!blast->roll.ended_ns || (blast->died && !blast->named && !at_once))
		return false;
	if (!blast->deadline_ns)
		blast->deadline_ns = now + UNDECIDED_MS * NS_PER_MS;
	if (blast->died)
		collector_toll(all->browser->collector, blast->process, &blast->toll);
	if (blast_awaits_placeholder(all, blast))
		blast_look_for_placeholder(all, blast);
	if ((blast->toll.undecided || blast_awaits_placeholder(all, blast)) && now < blast->deadline_ns &&
	    !at_once)
		return false;
	blast_count(all, blast);
	blast_write(all, blast);
	return true;
}

static void blasts_settle(void *arg)
{
	struct blasts *all = arg;
	bool more = false, drained = false;

	for (struct blast *blast = all->newest; blast; blast = blast->next) {
		if (blast->settled || !blast->roll.began_ns)
			continue;
		if (!drained)
			collector_drain(all->browser->collector, 2);
		drained = true;
		more |= !blast_try_settle(all, blast, false);
	}
	if (more)
		task_schedule(&all->settle, AGAIN_MS);
}

void blasts_init(struct blasts *all, struct browser *b)
{
	*all = (struct blasts){ .browser = b, .keep = BLASTS_KEPT };
	task_init(&all->settle, blasts_settle, all);
}

void blasts_finish(struct blasts *all)
{
	while (all->newest) {
		struct blast *blast = all->newest;

		if (!blast->settled && blast->roll.began_ns)
			blast_try_settle(all, blast, true);
		all->newest = blast->next;
		blast_free(blast);
	}
	task_finish(&all->settle);
}

static void blasts_forget(struct blasts *all)
{
	struct blast **at = &all->newest;

	for (unsigned n = 0; *at && n < all->keep; n++)
		at = &(*at)->next;
	while (*at) {
		struct blast *old = *at;

		if (!old->settled && old->roll.began_ns)
			blast_try_settle(all, old, true);
		*at = old->next;
		blast_free(old);
		all->count--;
	}
}

static bool tab_is_harmed(struct tab *tab, const struct process_host *p)
{
	if (tab->renderer == p)
		return true;
	for (const struct embed *e = tab->embeds; e; e = e->next)
		if (e->plugin && e->plugin->process == p)
			return true;
	return false;
}

static void blast_list_tabs(struct blast *blast, struct tabs *tabs, const struct process_host *p)
{
	blast->tabs = calloc(tabs->count ? tabs->count : 1, sizeof *blast->tabs);
	for (struct tab *tab = blast->tabs ? tabs->first : NULL; tab; tab = tab->next)
		if (tab_is_harmed(tab, p))
			blast->tabs[blast->ntabs++] = (struct blast_tab){ .id = tab->id };
}

/* When it crashed, by its own account: believed if it could be. */
static uint64_t blast_crash_time(const struct process_host *p)
{
	uint64_t claimed = p->region && p->region->crash.kind ? p->region->crash.time_ns : 0;

	return claimed >= p->started_ns && claimed <= p->died_ns ? claimed : 0;
}

static struct blast *blasts_open(struct blasts *all, const struct process_host *p)
{
	struct blast *blast = calloc(1, sizeof *blast);

	if (!blast)
		return NULL;
	*blast = (struct blast){ .next = all->newest,
				 .number = ++all->last_number,
				 .process = p->name,
				 .pid = p->pid,
				 .label = p->label,
				 .first_event = collector_end(all->browser->collector),
				 .fault = p->fault_ns ? p->fault : NULL };
	all->newest = blast;
	all->count++;
	blast_list_tabs(blast, all->browser->tabs, p);
	return blast;
}

/* The record of its death that is not named yet, if there is one. */
static struct blast *blasts_unnamed(const struct blasts *all, const struct process_host *p)
{
	struct blast *blast = all->newest;

	while (blast && (!blast->died || blast->named || blast->process.role != p->name.role ||
			 blast->process.serial != p->name.serial))
		blast = blast->next;
	return blast;
}

static void blasts_open_death(struct blasts *all, const struct process_host *p)
{
	struct blast *blast = blasts_open(all, p);

	if (!blast)
		return;
	blast->died = true;
	/* In a hang that somebody ended nothing was to be detected; one doomed from its start was to get
	 * ready first. */
	blast->ordered_ns = p->unresponsive_ns || p->fault_ns == p->started_ns ? 0 : p->fault_ns;
	blast->known_ns = p->died_ns;
}

void blasts_dying(struct blasts *all, struct process_host *p)
{
	struct blast *blast;

	for (struct blast *other = all->newest; other; other = other->next)
		if (other->roll.began_ns)
			roll_call_gone(&other->roll, p);
	/* One that was told to end is no accident. */
	if (p->state == PROCESS_DEAD && !process_is_casualty(p))
		return;
	if (!blasts_unnamed(all, p))
		blasts_open_death(all, p);
	blast = blasts_unnamed(all, p);
	if (blast)
		blast->tabs_held = tabs_holdings(all->browser->tabs);
}

static void blast_begin_roll(struct blasts *all, struct blast *blast, const struct process_host *p)
{
	if (!blast->roll.began_ns)
		roll_call_begin(&blast->roll, all->browser->processes, p);
	blasts_forget(all);
	all->awaits = true;
	task_schedule(&all->settle, blast->roll.ended_ns ? 0 : AGAIN_MS);
}

void blasts_died(struct blasts *all, struct process_host *p)
{
	struct blast *blast = blasts_unnamed(all, p);

	if (!blast)
		return;
	blast->freed = holdings_sum(blast->freed,
				    holdings_freed(blast->tabs_held, tabs_holdings(all->browser->tabs)));
	if (p->state == PROCESS_DEAD) {
		blast->named = true;
		blast->death = p->death;
		toxics_blame(all->browser->toxics, p, blast->toxic, sizeof blast->toxic);
		blast->crashed_ns = blast_crash_time(p);
	}
	if (p->name.role == ROLE_RENDERER)
		blast_stands(all, blast, recorder_now());
	blast_begin_roll(all, blast, p);
}

static void blasts_became_unresponsive(struct blasts *all, struct process_host *p)
{
	struct blast *blast = p->fault_ns ? blasts_open(all, p) : NULL;

	if (!blast)
		return;
	blast->ordered_ns = p->fault_ns;
	blast->known_ns = p->unresponsive_ns;
	blast_stands(all, blast, recorder_now());
	blast_begin_roll(all, blast, p);
}

void blasts_responded(struct blasts *all, struct process_host *p)
{
	struct blast *blast = all->newest;

	if (p->state == PROCESS_UNRESPONSIVE) {
		blasts_became_unresponsive(all, p);
		return;
	}
	/* Patience is not an answer. */
	if (p->ping_sent_ns)
		return;
	while (blast && (blast->died || blast->recovered || blast->process.role != p->name.role ||
			 blast->process.serial != p->name.serial))
		blast = blast->next;
	if (blast)
		blast_recovered(all, blast, NULL, recorder_now());
}

void blasts_ponged(struct blasts *all, struct process_host *p)
{
	bool ended = false;

	for (struct blast *blast = all->newest; blast; blast = blast->next) {
		if (blast->settled || !blast->roll.began_ns || blast->roll.ended_ns)
			continue;
		roll_call_ponged(&blast->roll, p);
		ended |= blast->roll.ended_ns != 0;
	}
	if (ended)
		blasts_settle(all);
}

const struct blast *blasts_of(const struct blasts *all, struct endpoint e)
{
	const struct blast *blast = all->newest;

	while (blast && (blast->process.role != e.role || blast->process.serial != e.serial))
		blast = blast->next;
	return blast;
}

const struct blast *blasts_find(const struct blasts *all, uint32_t number)
{
	const struct blast *blast = all->newest;

	while (blast && blast->number != number)
		blast = blast->next;
	return blast;
}
