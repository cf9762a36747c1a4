/* See chaos.h: a patient user, who reloads what died, ends what hangs, tries again what was given up, and
 * goes from tab to tab meanwhile. */
#include "browser/browser.h"
#include "browser/fault/chaos/chaos.h"
#include "browser/fault/injection.h"
#include "browser/process/gpu_host.h"
#include "browser/process/plugin_host.h"
#include "browser/process/spare.h"
#include "browser/tab/embed.h"
#include "browser/tab/tab.h"
#include <stdio.h>

#define MS UINT64_C(1000000)

#define HEAL_MS	 50
#define REACT_MS 300   /* between two reloads of a tab */
#define RETRY_MS 1000  /* of what was given up */
#define STUCK_MS 12000 /* a tab that loads for that long is stuck */
#define STIR_MS	 100

void chaos_end_process(struct chaos *c, struct process_host *p)
{
	struct chaos_process *cp = chaos_process(c, p);

	if (cp)
		cp->ended_by_us = true;
	process_kill(p, BAD_MESSAGE_NONE);
}

static void chaos_reload(struct chaos_tab *t)
{
	t->reloaded_ns = recorder_now();
	tab_reload(t->tab);
}

/* Its plugin died, or could not be had: the page has to ask again. */
static bool lacks_plugin(const struct tab *tab)
{
	for (const struct embed *e = tab->embeds; e; e = e->next)
		if (!e->plugin)
			return true;
	return false;
}

static bool is_loading(const struct tab *tab)
{
	return tab->state == TAB_LOADING || tab->loading || !tab->has_document;
}

static void heal_tab(struct chaos *c, struct chaos_tab *t, uint64_t now)
{
	/* Who opens the tabs sees to it that they load. */
	bool sad = tab_is_sad(t->tab), failed = t->tab->failed && c->opened_ns,
	     lacks = !is_loading(t->tab) && (lacks_plugin(t->tab) || failed);

	if ((sad || lacks) && now - t->reloaded_ns > REACT_MS * MS) {
		chaos_reload(t);
	} else if (c->opened_ns && !sad && is_loading(t->tab) && now - t->reloaded_ns > STUCK_MS * MS) {
		if (!t->tab->renderer || !strikes_on(c, t->tab->renderer->name))
			chaos_fail(c, CHAOS_RECOVERS, c->step, "tab %u has not loaded within %u s: %s, %s",
				   t->tab->id, STUCK_MS / 1000, tab_state_names[t->tab->state],
				   t->tab->renderer ? process_state_names[t->tab->renderer->state]
						    : "no renderer");
		chaos_reload(t);
	}
}

static void retry_given_up(struct browser *b)
{
	if (b->gpu->given_up)
		gpu_host_start(b->gpu);
	if (b->spare->given_up)
		spare_start(b->spare);
}

/* What hangs, and should not; that it does is told by chaos_look(). */
static void end_what_hangs(struct chaos *c)
{
	for (struct process_host *p = c->browser->processes->first; p; p = p->next)
		if (p->state == PROCESS_UNRESPONSIVE && !strikes_on(c, p->name))
			chaos_end_process(c, p);
}

void chaos_heal(struct chaos *c)
{
	uint64_t now = recorder_now();

	if (now - c->healed_ns < HEAL_MS * MS)
		return;
	c->healed_ns = now;
	end_what_hangs(c);
	if (now - c->retried_ns > RETRY_MS * MS) {
		c->retried_ns = now;
		retry_given_up(c->browser);
	}
	for (unsigned i = 0; i < c->settings.tabs; i++)
		heal_tab(c, &c->tabs[i], now);
}

void chaos_stir(struct chaos *c)
{
	struct tab *tab = c->tabs[c->stirs % c->settings.tabs].tab;
	uint64_t now = recorder_now();

	if (now - c->stirred_ns < STIR_MS * MS)
		return;
	c->stirred_ns = now;
	c->stirs++;
	tab_activate(tab);
	tab_press_key(tab, KEY_FOCUS_NEXT);
	tab_scroll_by(tab, c->stirs % 2 ? 3 : -3);
}

void chaos_provoke(struct chaos *c, const struct strike *s)
{
	unsigned number;
	bool plugin = s->victim.role == ROLE_PLUGIN;

	if (s->draw.fault.when != FAULT_ON_MESSAGE)
		return;
	if (chaos_tab_number(s->draw.fault.whom, &number)) {
		struct chaos_tab *t = &c->tabs[number % c->settings.tabs];

		tab_describe(t->tab);
		tab_press_key(t->tab, KEY_FOCUS_NEXT);
		tab_click(t->tab, 0, 0);
		chaos_reload(t);
	}
	for (unsigned i = 0; plugin && i < c->settings.tabs; i++) {
		if (c->tabs[i].tab->embeds) {
			chaos_reload(&c->tabs[i]);
			break;
		}
	}
}

static bool tab_is_quiet(const struct tab *tab)
{
	for (const struct embed *e = tab->embeds; e; e = e->next)
		if (!e->surface)
			return false;
	return tab->state == TAB_READY && !is_loading(tab) && !tab->failed && !tab->committing &&
	       process_is_up(tab->renderer) && tab->renderer->state == PROCESS_READY;
}

static const char *unquiet_process(const struct browser *b, char *words, size_t capacity)
{
	char name[ENDPOINT_TEXT];

	for (const struct process_host *p = b->processes->first; p; p = p->next) {
		if (p->state == PROCESS_READY || p->state == PROCESS_DEAD)
			continue;
		snprintf(words, capacity, "%s is %s", endpoint_text(p->name, name),
			 process_state_names[p->state]);
		return words;
	}
	return NULL;
}

static const char *unquiet(struct chaos *c, char *words, size_t capacity)
{
	struct browser *b = c->browser;

	for (unsigned i = 0; i < c->settings.tabs; i++) {
		const struct tab *tab = c->tabs[i].tab;

		if (tab_is_quiet(tab))
			continue;
		snprintf(words, capacity, "tab %u is %s%s%s", tab->id, tab_state_names[tab->state],
			 tab->loading ? ", loading" : "", tab->embeds ? ", waits for its plugin" : "");
		return words;
	}
	if (!gpu_host_up(b->gpu))
		return "there is no GPU process";
	if (b->spare->refills && !process_is_up(b->spare->process))
		return "there is no spare renderer";
	if (b->injections->first)
		return "a fault is still armed";
	return unquiet_process(b, words, capacity);
}

bool chaos_is_quiet(struct chaos *c, const char **why)
{
	static char words[160];

	*why = unquiet(c, words, sizeof words);
	return !*why;
}
