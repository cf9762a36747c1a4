/* See blast.h: when what died is seen to be gone, and when what it did is done again. */
#include "browser/browser.h"
#include "browser/fault/blast/blast_internal.h"
#include "browser/process/gpu_host.h"
#include "browser/tab/embed.h"
#include "browser/tab/tab.h"
#include "browser/tab/view.h"
#include "browser/traffic/collect/collector.h"

void blast_stands(struct blasts *all, struct blast *blast, uint64_t at_ns)
{
	if (blast->stands_ns)
		return;
	blast->stands_ns = at_ns;
	if (!all->browser->has_screen)
		blast->shown_ns = at_ns;
	/* It may have been drawn before it was known here to stand. */
	for (unsigned i = 0; i < BLAST_DRAWINGS; i++)
		if (all->drawn_ns[i] >= at_ns && (!blast->shown_ns || all->drawn_ns[i] < blast->shown_ns))
			blast->shown_ns = all->drawn_ns[i];
}

void blasts_shown(struct blasts *all)
{
	uint64_t now = recorder_now();

	all->drawn_ns[all->drawings++ % BLAST_DRAWINGS] = now;
	for (struct blast *blast = all->newest; blast; blast = blast->next)
		if (!blast->shown_ns && blast->stands_ns)
			blast->shown_ns = now;
}

void blast_recovered(struct blasts *all, struct blast *blast, struct blast_tab *t, uint64_t now_ns)
{
	char text[400];
	struct format json = format_into(text, sizeof text);
	uint64_t from = t ? t->asked_ns : blast->known_ns;
	uint64_t back = t && t->pictured_ns ? t->pictured_ns : now_ns;

	if (t)
		t->settled = true;
	blast->back_ns = back;
	if (back - from > blast->recover_ns)
		blast->recover_ns = back - from;
	blast->recovered = true;
	for (unsigned i = 0; i < blast->ntabs; i++)
		blast->recovered &= !t || blast->tabs[i].settled;
	blast_json_recovery(blast, t, &json);
	collector_note_blast(all->browser->collector, TRAFFIC_BLAST_RECOVERED, blast->process, 0, &json);
}

/* A page is back when its renderer has committed a document, and its picture came if it is shown. */
static void look_at_page(struct blast_tab *t, const struct tab *tab, uint64_t now)
{
	if (!t->asked_ns && !tab_is_sad(tab))
		t->asked_ns = now;
	if (t->asked_ns && !t->back_ns && tab->state == TAB_READY && tab->has_document)
		t->back_ns = now;
}

/* A plugin is back when a process of its type has been given a surface. */
static void look_at_embeds(const struct blast *blast, struct blast_tab *t, const struct tab *tab,
			   uint64_t now)
{
	bool asks = tab->state == TAB_LOADING;

	for (const struct embed *e = tab->embeds; e; e = e->next) {
		asks |= e->plugin != NULL;
		if (e->surface && e->granted > blast->process.serial && !t->back_ns)
			t->back_ns = now;
	}
	if (!t->asked_ns && asks)
		t->asked_ns = now;
}

static void look_at_tab(struct blasts *all, struct blast *blast, struct blast_tab *t, uint64_t now)
{
	const struct tab *tab = tab_find(all->browser->tabs, t->id);
	bool plugin = blast->process.role == ROLE_PLUGIN;

	if (!tab || (!plugin && t->asked_ns && tab_is_sad(tab))) {
		t->settled = true; /* closed; or it died again, and that death has a blast of its own */
		return;
	}
	if (plugin)
		look_at_embeds(blast, t, tab, now);
	else
		look_at_page(t, tab, now);
	if (t->back_ns && tab->presented_ns > t->back_ns)
		t->pictured_ns = tab->presented_ns;
	if (t->back_ns && (t->pictured_ns || tab != all->browser->tabs->active))
		blast_recovered(all, blast, t, t->back_ns);
}

/* When it was handled; 0: it was not. */
static uint64_t handled_ns(const struct collector *c, const struct traffic_event *e)
{
	return e->queued_ns == TRAFFIC_NO_TIME ? 0 : collector_time_ns(c, e) + e->queued_ns;
}

/* The message of that type, from that process, that was the first to be sent from then on. */
static const struct traffic_event *find_next(const struct collector *c, uint64_t first, uint16_t type,
					     struct endpoint from, uint64_t since_ns)
{
	const struct traffic_event *found = NULL;

	for (uint64_t at = first; at < collector_end(c); at++) {
		const struct traffic_event *e = collector_event(c, at);

		if (e && e->kind == TRAFFIC_MESSAGE && e->type == type && e->from.role == from.role &&
		    (from.role == ROLE_GPU || e->from.serial == from.serial) &&
		    collector_time_ns(c, e) + 1000 > since_ns && (!found || e->ts_us < found->ts_us))
			found = e;
	}
	return found;
}

/*
 * When was what a message told a renderer in the picture? A frame is made of all that was handled before it,
 * and a picture of all frames that were: so of the next of each. 0: not yet.
 */
static uint64_t find_picture(const struct collector *c, uint64_t first, const struct traffic_event *told)
{
	static const struct endpoint gpu = { ROLE_GPU, 0 };
	uint64_t at = handled_ns(c, told);
	const struct traffic_event *next = at ? find_next(c, first, IPC_SUBMIT_FRAME, told->to, at) : NULL;

	at = next ? handled_ns(c, next) : 0;
	next = at ? find_next(c, first, IPC_DID_PRESENT, gpu, at) : NULL;
	return next ? handled_ns(c, next) : 0;
}

void blast_look_for_placeholder(struct blasts *all, struct blast *blast)
{
	const struct collector *c = all->browser->collector;
	uint64_t first = blast->first_event < collector_first(c) ? collector_first(c) : blast->first_event;

	const struct tab *active = all->browser->tabs->active;
	uint64_t picture = 0;

	/* What is not in the picture yet of the first news is not in it of later ones: one look is enough,
	 * however often a renderer asks for news. */
	for (uint64_t at = first; at < collector_end(c) && active && active->renderer; at++) {
		const struct traffic_event *e = collector_event(c, at);

		if (!e || e->kind != TRAFFIC_MESSAGE || e->type != IPC_SET_PLUGIN_STATE ||
		    !handled_ns(c, e) || e->to.serial != active->renderer->name.serial)
			continue;
		picture = find_picture(c, first, e);
		break;
	}
	if (picture && !blast->stands_ns)
		blast_stands(all, blast, picture);
}

bool blast_awaits_placeholder(const struct blasts *all, const struct blast *blast)
{
	const struct tab *active = all->browser->tabs->active;

	for (unsigned i = 0; i < blast->ntabs && blast->process.role == ROLE_PLUGIN && blast->died; i++)
		if (active && active->id == blast->tabs[i].id)
			return !blast->stands_ns;
	return false;
}

static void look_at_gpu(struct blasts *all, struct blast *blast, uint64_t now)
{
	const struct view *v = all->browser->view;
	const struct tab *active = all->browser->tabs->active;
	const struct process_host *gpu = gpu_host_up(all->browser->gpu);
	uint64_t back = 0;

	/* What the dead one had drawn may come after it. */
	if (!gpu || gpu->name.serial <= blast->process.serial)
		return;
	if (v->presented_ns > gpu->ready_ns)
		back = v->presented_ns;
	else if (!active || !active->has_document)
		back = now; /* there is no picture to wait for */
	if (!back)
		return;
	blast_stands(all, blast, back);
	blast_recovered(all, blast, NULL, back);
}

static bool blast_look(struct blasts *all, struct blast *blast, uint64_t now)
{
	bool waits = false;

	if (!blast->roll.began_ns || blast->recovered)
		return !blast->roll.began_ns;
	if (!blast->died)
		return false; /* its answer tells */
	if (blast->process.role == ROLE_GPU) {
		look_at_gpu(all, blast, now);
		return !blast->recovered;
	}
	for (unsigned i = 0; i < blast->ntabs; i++) {
		if (!blast->tabs[i].settled)
			look_at_tab(all, blast, &blast->tabs[i], now);
		waits |= !blast->tabs[i].settled;
	}
	return waits;
}

void blasts_changed(struct blasts *all)
{
	uint64_t now;
	bool waits = false;

	if (!all->awaits || all->looking)
		return;
	all->looking = true;
	now = recorder_now();
	for (struct blast *blast = all->newest; blast; blast = blast->next)
		waits |= blast_look(all, blast, now);
	all->awaits = waits;
	all->looking = false;
}
