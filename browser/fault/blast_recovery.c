/* See blast.h: when what died is seen to be gone, and when what it did is done again. */
#include "browser/browser.h"
#include "browser/fault/blast_internal.h"
#include "browser/process/gpu_host.h"
#include "browser/tab/embed.h"
#include "browser/tab/tab.h"
#include "browser/tab/view.h"
#include "browser/traffic/collector.h"

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

/* The first message of that type with that cause; NULL: none so far. */
static const struct traffic_event *find_effect(const struct collector *c, uint64_t from, uint16_t type,
					       uint64_t cause)
{
	for (uint64_t at = from; at < collector_end(c); at++) {
		const struct traffic_event *e = collector_event(c, at);

		if (e && e->kind == TRAFFIC_MESSAGE && e->type == type && e->cause == cause)
			return e;
	}
	return NULL;
}

/* The picture that a message to a renderer led to: set_plugin_state, submit_frame, did_present. */
static const struct traffic_event *find_picture(const struct collector *c, uint64_t from, uint64_t cause)
{
	const struct traffic_event *frame = find_effect(c, from, IPC_SUBMIT_FRAME, cause);

	return frame ? find_effect(c, from, IPC_DID_PRESENT, frame->id) : NULL;
}

void blast_look_for_placeholder(struct blasts *all, struct blast *blast)
{
	const struct collector *c = all->browser->collector;
	uint64_t first = blast->first_event;

	if (first < collector_first(c))
		first = collector_first(c);
	for (uint64_t at = first; at < collector_end(c) && !blast->stands_ns; at++) {
		const struct traffic_event *e = collector_event(c, at), *picture;

		if (!e || e->kind != TRAFFIC_MESSAGE || e->type != IPC_SET_PLUGIN_STATE)
			continue;
		picture = find_picture(c, at, e->id);
		if (picture && picture->queued_ns != TRAFFIC_NOT_QUEUED)
			blast_stands(all, blast, collector_time_ns(c, picture) + picture->queued_ns);
	}
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
