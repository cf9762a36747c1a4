/* See trial.h. */
#include "browser/fault/scenario/trial.h"
#include "browser/browser.h"
#include "browser/fault/injection.h"
#include "browser/process/gpu_host.h"
#include "browser/process/spare.h"
#include "browser/tab/tab.h"
#include "browser/tab/view.h"
#include "browser/traffic/collect/collector.h"
#include "common/loop.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROOF_MS 5000

const char *const trial_end_names[TRIAL_END_COUNT] = { "armed", "nothing", "died", "unresponsive",
						       "answers" };

/* Run the loop until done(arg), for at most ms. */
bool trial_wait(bool (*done)(void *arg), void *arg, unsigned ms)
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

static bool trial_describe(struct tab *tab)
{
	struct await_description a = { tab, tab_describe(tab) };

	return trial_wait(description_came, &a, PROOF_MS);
}

void trial_begin(struct browser *b, struct trial *trial, const struct named_tab *tabs, unsigned count)
{
	trial->blasts_before = b->blasts->last_number;
	if (trial->victim.role == ROLE_RENDERER && b->spare->process)
		trial->spare = b->spare->process->name;
	trial->tabs = calloc(count ? count : 1, sizeof *trial->tabs);
	for (unsigned i = 0; i < count && trial->tabs; i++) {
		struct tab *tab = tabs[i].tab;
		struct trial_tab *t = &trial->tabs[trial->ntabs];

		if (!tab || tab->state != TAB_READY || !tab->renderer)
			continue;
		*t = (struct trial_tab){ .name = tabs[i].name,
					 .id = tab->id,
					 .renderer = tab->renderer->name,
					 .scroll_row = tab->scroll_row,
					 .navigation = tab->navigation };
		t->had_document = trial_describe(tab);
		t->hash = tab->description.hash;
		t->text_bytes = tab->description.text_bytes;
		trial->ntabs++;
	}
	trial->began_ns = recorder_now();
}

void trial_finish(struct trial *trial)
{
	free(trial->tabs);
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
static bool trial_key_changes(struct browser *b, struct tab *tab)
{
	struct view *v = b->view;
	size_t bytes = sizeof *v->cells * v->columns * v->rows;
	struct await_picture a = { .browser = b, .presents = v->presents };

	trial_wait(gpu_is_up, b, PROOF_MS);
	tab_activate(tab);
	if (!trial_wait(picture_came, &a, PROOF_MS))
		return false;
	a.cells = malloc(bytes);
	if (!a.cells)
		return false;
	memcpy(a.cells, v->cells, bytes);
	tab_press_key(tab, KEY_FOCUS_NEXT);
	bool changed = trial_wait(picture_came, &a, PROOF_MS);

	free(a.cells);
	return changed;
}

struct await_pong {
	struct process_host *process;
	uint64_t since_ns;
	bool answered;
};

/* A ping that was on its way before is no proof: then another is sent. */
static bool pong_came(void *arg)
{
	struct await_pong *a = arg;
	struct process_host *p = a->process;

	if (!process_is_up(p))
		return true;
	if (p->ping_sent_ns)
		return false;
	a->answered = p->ping_answered_ns && p->ping_answered_ns - p->ping_took_ns >= a->since_ns;
	if (!a->answered)
		process_ping(p);
	return a->answered;
}

bool trial_ping(struct process_host *p, unsigned ms)
{
	struct await_pong a = { .process = p, .since_ns = recorder_now() };

	return trial_wait(pong_came, &a, ms) && a.answered;
}

bool trial_prove_tab(struct browser *b, struct trial_tab *t, bool compare)
{
	struct tab *tab = tab_find(b->tabs, t->id);

	if (!tab || !process_is_up(tab->renderer) || tab->state != TAB_READY)
		return false;
	t->renderer = tab->renderer->name;
	t->answered = trial_ping(tab->renderer, PROOF_MS);
	bool described = t->answered && trial_describe(tab);

	t->same_document = described && (!compare || (tab->description.hash == t->hash &&
						      tab->description.text_bytes == t->text_bytes));
	t->same_scroll = !compare || tab->scroll_row == t->scroll_row;
	t->key_changed_page = described && trial_key_changes(b, tab);
	return trial_tab_alive(t);
}

bool trial_tab_alive(const struct trial_tab *t)
{
	return t->answered && t->same_document && t->same_scroll && t->key_changed_page;
}

static struct process_host *trial_host(struct browser *b, struct endpoint e)
{
	for (struct process_host *p = b->processes->first; p; p = p->next)
		if (p->name.role == e.role && p->name.serial == e.serial)
			return p;
	return NULL;
}

static bool blast_is_of(const struct blast *blast, struct endpoint e)
{
	return e.serial && blast->process.role == e.role && blast->process.serial == e.serial;
}

bool trial_dooms(const struct trial *trial)
{
	return trial->order.fault->kind == FAULT_CRASH_BEFORE_READY ||
	       trial->order.fault->kind == FAULT_CRASH_LOOP;
}

static bool blast_is_successor(const struct blast *blast, const struct trial *trial)
{
	return blast->process.role == trial->victim.role && blast->named &&
	       blast->death.status == TERMINATION_STATUS_LAUNCH_FAILED;
}

bool trial_brought(const struct trial *trial, const struct blast *blast)
{
	return trial_dooms(trial) && blast->number > trial->blasts_before && blast->died &&
	       !blast_is_of(blast, trial->victim) &&
	       (blast_is_successor(blast, trial) || blast_is_of(blast, trial->spare));
}

const struct blast *trial_successor(const struct browser *b, const struct trial *trial)
{
	const struct blast *first = NULL;

	for (const struct blast *blast = b->blasts->newest; blast; blast = blast->next)
		if (trial_brought(trial, blast) && blast_is_successor(blast, trial))
			first = blast;
	return first;
}

const struct trial *trial_of_blast(const struct trial *trials, unsigned count, const struct blast *blast)
{
	for (unsigned i = 0; i < count; i++)
		if (trials[i].blast == blast->number)
			return &trials[i];
	for (unsigned i = count; i-- > 0;)
		if (trials[i].blast && trial_brought(&trials[i], blast))
			return &trials[i];
	return NULL;
}

/* The blast of the target. */
static const struct blast *trial_blast(struct browser *b, const struct trial *trial)
{
	for (const struct blast *blast = b->blasts->newest; blast && blast->number > trial->blasts_before;
	     blast = blast->next)
		if (blast_is_of(blast, trial->victim))
			return blast;
	return NULL;
}

struct await_end {
	struct browser *browser;
	struct trial *trial;
	bool any; /* an unresponsive process is an end too */
};

static bool blast_came(void *arg)
{
	struct await_end *a = arg;
	const struct blast *blast = trial_blast(a->browser, a->trial);

	return blast && blast->settled && (blast->died || a->any);
}

static bool successor_came(void *arg)
{
	struct await_end *a = arg;
	const struct blast *blast = trial_successor(a->browser, a->trial);

	return blast && blast->settled;
}

const struct blast *trial_await_successor(struct browser *b, struct trial *trial, unsigned ms)
{
	struct await_end a = { b, trial, false };

	trial_wait(successor_came, &a, ms);
	return trial_successor(b, trial);
}

/* The GPU process's work is done again when the shown page has a new picture. */
static bool blast_recovered_or_not(void *arg)
{
	struct await_end *a = arg;
	const struct blast *blast = trial_blast(a->browser, a->trial);

	return !blast || blast->process.role != ROLE_GPU || blast->recovered || a->browser->gpu->given_up;
}

struct await_injection {
	struct browser *browser;
	uint32_t number;
};

static bool injection_is_done(void *arg)
{
	struct await_injection *a = arg;

	for (const struct injection *i = a->browser->injections->first; i; i = i->next)
		if (i->number == a->number)
			return false;
	return true;
}

static void trial_await_answer(struct browser *b, struct trial *trial, unsigned ms)
{
	struct process_host *p = trial_host(b, trial->victim);
	struct await_injection a = { b, trial->number };

	/* The browser answers when it has done it, and plays on. */
	if (trial->victim.role == ROLE_BROWSER ? !trial_wait(injection_is_done, &a, ms)
					       : !p || !trial_ping(p, ms))
		return;
	trial->end = TRIAL_ANSWERS;
	trial->answered_ms = (double)(recorder_now() - trial->began_ns) / 1e6;
}

/* With what was before it is compared if it shows that page still. */
static void trial_prove_same(struct browser *b, struct trial_tab *t)
{
	const struct tab *tab = tab_find(b->tabs, t->id);

	t->dead = tab && tab_is_sad(tab);
	if (tab && !t->dead)
		trial_prove_tab(b, t, t->had_document && tab->navigation == t->navigation);
}

static void trial_look_at_tabs(struct browser *b, struct trial *trial, const struct blast *blast)
{
	for (unsigned i = 0; i < trial->ntabs; i++) {
		struct trial_tab *t = &trial->tabs[i];

		for (unsigned n = 0; blast && blast->process.role == ROLE_RENDERER && n < blast->ntabs; n++)
			t->harmed |= blast->tabs[n].id == t->id;
		if (!t->harmed)
			trial_prove_same(b, t);
	}
}

void trial_await(struct browser *b, struct trial *trial, unsigned ms)
{
	enum fault_end expected = trial->order.fault->end;
	bool dies = expected == FAULT_END_DEAD;
	struct await_end a = { b, trial, !dies };
	const struct blast *blast;

	trial->end = TRIAL_NOTHING;
	if (expected == FAULT_END_ALIVE || expected == FAULT_END_RECOVERED)
		trial_await_answer(b, trial, ms);
	if (trial->end != TRIAL_ANSWERS)
		trial_wait(blast_came, &a, ms);
	if (trial_dooms(trial))
		trial_await_successor(b, trial, ms);
	a.any = true;
	if (trial_blast(b, trial)) {
		trial_wait(blast_came, &a, PROOF_MS);
		trial_wait(blast_recovered_or_not, &a, PROOF_MS);
	}
	blast = trial_blast(b, trial);
	if (blast && (blast->died || trial->end != TRIAL_ANSWERS))
		trial->end = blast->died ? TRIAL_DIED : TRIAL_UNRESPONSIVE;
	trial->blast = blast ? blast->number : 0;
	trial_look_at_tabs(b, trial, blast);
}

/* The target's end, and its successor's. */
static void trial_text_end(struct browser *b, const struct trial *trial, char *buf, size_t capacity)
{
	const struct blast *blast = blasts_find(b->blasts, trial->blast), *next = trial_successor(b, trial);
	struct format out = format_into(buf, capacity);
	char end[200], name[ENDPOINT_TEXT];

	format_text(&out, blast ? blast_text_end(blast, end, sizeof end) : "it died");
	if (next)
		format_printf(&out, "; its successor %s: %s", endpoint_text(next->process, name),
			      blast_text_end(next, end, sizeof end));
}

const char *trial_text(struct browser *b, const struct trial *trial, char *buf, size_t capacity)
{
	const struct blast *blast = blasts_find(b->blasts, trial->blast);

	switch (trial->end) {
	case TRIAL_ARMED:
		snprintf(buf, capacity, "armed, and has not acted");
		break;
	case TRIAL_ANSWERS:
		snprintf(buf, capacity, "answers after %.1f ms%s", trial->answered_ms,
			 blast ? "; it was unresponsive" : "");
		break;
	case TRIAL_NOTHING:
		snprintf(buf, capacity, "nothing came of it");
		break;
	default:
		trial_text_end(b, trial, buf, capacity);
	}
	return buf;
}
