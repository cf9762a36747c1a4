/* See blast_radius.h. */
#include "browser/fault/blast_radius.h"
#include "browser/browser.h"
#include "browser/fault/roll_call.h"
#include "browser/process/gpu_host.h"
#include "browser/tab/tab.h"
#include "browser/tab/view.h"
#include "browser/traffic/collector.h"
#include "common/loop.h"
#include <stdlib.h>
#include <string.h>

#define PROOF_MS 5000
/* A hang is known after five seconds of silence. */
#define DEATH_MS 9000

/* Run the loop until done(arg), for at most ms. */
static bool blast_await(bool (*done)(void *arg), void *arg, unsigned ms)
{
	uint64_t end = recorder_now() + ms * UINT64_C(1000000);

	while (!done(arg)) {
		uint64_t now = recorder_now();

		if (now >= end)
			return false;
		loop_turn((int)((end - now) / 1000000) + 1);
	}
	return true;
}

struct await_description {
	struct tab *tab;
	uint64_t nonce;
};

static bool description_came(void *arg)
{
	struct await_description *a = arg;

	return a->tab->description.nonce == a->nonce;
}

static bool blast_describe(struct tab *tab)
{
	struct await_description a = { tab, tab_describe(tab) };

	return blast_await(description_came, &a, PROOF_MS);
}

void blast_before(struct browser *b, struct blast *blast, const struct named_tab *tabs, unsigned count)
{
	(void)b;
	for (unsigned i = 0; i < count && blast->ntabs < BLAST_MAX_TABS; i++) {
		struct tab *tab = tabs[i].tab;
		struct blast_tab *t = &blast->tabs[blast->ntabs];

		if (!tab || tab->state != TAB_READY || !tab->renderer)
			continue;
		*t = (struct blast_tab){ .name = tabs[i].name,
					 .id = tab->id,
					 .renderer = tab->renderer->name,
					 .scroll_row = tab->scroll_row };
		t->had_document = blast_describe(tab);
		t->hash = tab->description.hash;
		t->text_bytes = tab->description.text_bytes;
		blast->ntabs++;
	}
}

static bool gpu_is_up(void *arg)
{
	struct browser *b = arg;

	return gpu_host_up(b->gpu) || b->gpu->given_up;
}

struct await_picture {
	struct browser *browser;
	struct cell *cells; /* as they were; NULL: any picture of the page will do */
	uint64_t presents;
};

static bool picture_came(void *arg)
{
	struct await_picture *a = arg;
	struct view *v = a->browser->view;
	size_t bytes = sizeof *v->cells * v->columns * v->rows;

	if (v->page != a->browser->tabs->active->id || v->presents == a->presents)
		return false;
	return !a->cells || memcmp(a->cells, v->cells, bytes);
}

/* Show the tab, then press a key that moves the focus: the picture must change, through renderer and GPU
 * process. */
static bool blast_key_changes(struct browser *b, struct tab *tab)
{
	struct view *v = b->view;
	size_t bytes = sizeof *v->cells * v->columns * v->rows;
	struct await_picture a = { .browser = b, .presents = v->presents };

	blast_await(gpu_is_up, b, PROOF_MS);
	tab_activate(tab);
	if (!blast_await(picture_came, &a, PROOF_MS))
		return false;
	a.cells = malloc(bytes);
	if (!a.cells)
		return false;
	memcpy(a.cells, v->cells, bytes);
	tab_press_key(tab, KEY_FOCUS_NEXT);
	bool changed = blast_await(picture_came, &a, PROOF_MS);

	free(a.cells);
	return changed;
}

struct await_pong {
	struct process_host *process;
	uint64_t nonce;
};

static bool pong_came(void *arg)
{
	struct await_pong *a = arg;

	return a->process->ping_nonce != a->nonce || !a->process->ping_sent_ns ||
	       a->process->state == PROCESS_DEAD;
}

static bool blast_ping(struct process_host *p)
{
	process_ping(p);
	struct await_pong a = { p, p->ping_nonce };

	return blast_await(pong_came, &a, PROOF_MS) && process_is_up(p);
}

bool blast_prove_tab(struct browser *b, struct blast_tab *t, bool compare)
{
	struct tab *tab = tab_find(b->tabs, t->id);

	if (!tab || !process_is_up(tab->renderer) || tab->state != TAB_READY)
		return false;
	t->renderer = tab->renderer->name;
	t->answered = blast_ping(tab->renderer);
	bool described = t->answered && blast_describe(tab);

	t->same_document = described && (!compare || (tab->description.hash == t->hash &&
						      tab->description.text_bytes == t->text_bytes));
	t->same_scroll = !compare || tab->scroll_row == t->scroll_row;
	t->key_changed_page = described && blast_key_changes(b, tab);
	return blast_tab_alive(t);
}

bool blast_tab_alive(const struct blast_tab *t)
{
	return t->answered && t->same_document && t->same_scroll && t->key_changed_page;
}

static struct process_host *blast_victim(struct browser *b, const struct blast *blast)
{
	for (struct process_host *p = b->processes->first; p; p = p->next)
		if (p->name.role == blast->victim.role && p->name.serial == blast->victim.serial)
			return p;
	return NULL;
}

struct await_end {
	struct browser *browser;
	struct blast *blast;
};

static bool victim_ended(void *arg)
{
	struct await_end *a = arg;
	struct process_host *p = blast_victim(a->browser, a->blast);

	return !p || p->state == PROCESS_DEAD || p->state == PROCESS_UNRESPONSIVE;
}

static bool roll_was_called(void *arg)
{
	return ((struct roll_call *)arg)->ended_ns != 0;
}

static double ms_between(uint64_t from, uint64_t to)
{
	return to > from ? (double)(to - from) / 1e6 : 0;
}

/* What the log counts as lost of all that the victim sent or was sent. */
static uint64_t blast_count_lost(struct browser *b, const struct blast *blast)
{
	uint64_t lost = 0;

	for (uint64_t i = collector_first(b->collector); i < collector_end(b->collector); i++) {
		const struct traffic_event *e = collector_event(b->collector, i);

		if (e && e->kind == TRAFFIC_MESSAGE && e->status == TRAFFIC_LOST &&
		    ((e->from.role == blast->victim.role && e->from.serial == blast->victim.serial) ||
		     (e->to.role == blast->victim.role && e->to.serial == blast->victim.serial)))
			lost++;
	}
	return lost;
}

/* The GPU process's work is done again when the shown page has a new picture. */
static void blast_measure_gpu(struct browser *b, struct blast *blast)
{
	struct await_picture a = { .browser = b, .presents = b->view->presents };

	if (!b->tabs->active || !blast_await(picture_came, &a, PROOF_MS))
		return;
	blast->recovered_ms = ms_between(blast->began_ns, b->view->presented_ns);
}

void blast_after(struct browser *b, struct blast *blast)
{
	struct await_end a = { b, blast };
	struct process_host *p;

	blast->recovered_ms = -1;
	blast_await(victim_ended, &a, DEATH_MS);
	p = blast_victim(b, blast);
	blast->died = p && p->state == PROCESS_DEAD;
	blast->unresponsive = p && p->state == PROCESS_UNRESPONSIVE;
	if (blast->died) {
		blast->death = p->death;
		blast->detected_ms = ms_between(blast->began_ns, p->died_ns);
		if (blast->victim.role == ROLE_GPU)
			blast_measure_gpu(b, blast);
		blast_await(roll_was_called, b->roll_call, PROOF_MS);
		blast->processes_asked = b->roll_call->asked;
		blast->processes_answered = b->roll_call->answered;
		blast->answered_ms = ms_between(b->roll_call->began_ns, b->roll_call->ended_ns);
	} else if (blast->unresponsive) {
		blast->detected_ms = ms_between(blast->began_ns, p->unresponsive_ns);
	}
	for (unsigned i = 0; i < blast->ntabs; i++) {
		struct blast_tab *t = &blast->tabs[i];

		t->harmed =
			t->renderer.role == blast->victim.role && t->renderer.serial == blast->victim.serial;
		if (!t->harmed)
			blast_prove_tab(b, t, t->had_document);
	}
	blast->lost = blast_count_lost(b, blast);
}
