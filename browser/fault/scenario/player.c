/* See scenario.h: playing the steps, one after another, each until its condition holds or its time is over.
 */
#include "browser/fault/scenario/player.h"
#include "browser/browser.h"
#include "browser/fault/injection.h"
#include "browser/tab/embed.h"
#include "browser/tab/tab.h"
#include "browser/tab/view.h"
#include "common/loop.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

struct named_tab *player_find(struct player *p, const char *name)
{
	for (unsigned i = 0; i < p->played.ntabs; i++)
		if (p->played.tabs[i].tab && !strcasecmp(p->played.tabs[i].name, name))
			return &p->played.tabs[i];
	return NULL;
}

/* A URL as it stands; a relative path starts at the scenario's folder. */
static void player_resolve(const struct player *p, const char *address, char *out, size_t capacity)
{
	bool relative = address[0] != '/' && !strchr(address, ':');

	if (relative)
		snprintf(out, capacity, "%s%s/%s", p->scenario->folder[0] == '/' ? "" : "./",
			 p->scenario->folder, address);
	else
		snprintf(out, capacity, "%s", address);
}

static bool play_open(struct player *p, const struct step *s, struct step_result *r)
{
	char address[4096];
	struct tab *tab;

	player_resolve(p, s->value, address, sizeof address);
	tab = tab_open(p->browser->tabs, address, true);
	snprintf(r->words, sizeof r->words, "tab %u", tab ? tab->id : 0);
	p->played.tabs[p->played.ntabs++] =
		(struct named_tab){ s->tab,	    tab, tab ? tab->id : 0,
				    recorder_now(), 0,	 p->browser->blasts->last_number };
	return tab;
}

static bool play_navigate(struct player *p, const struct step *s, struct step_result *r)
{
	char address[4096];

	(void)r;
	player_resolve(p, s->value, address, sizeof address);
	tab_go(player_find(p, s->tab)->tab, address);
	return true;
}

static bool condition_holds(const struct tab *tab, enum step_condition condition)
{
	switch (condition) {
	case WAIT_LOADED:
		return tab->state == TAB_READY && !tab->loading && tab->has_document && embeds_settled(tab);
	case WAIT_SAD:
		return tab->state == TAB_SAD;
	default:
		return tab_is_unresponsive(tab, NULL);
	}
}

static bool play_wait(struct player *p, const struct step *s, struct step_result *r)
{
	struct tab *tab = player_find(p, s->tab)->tab;
	uint64_t end = recorder_now() + s->within_ms * UINT64_C(1000000);

	while (!condition_holds(tab, s->wait)) {
		uint64_t now = recorder_now();

		if (now >= end) {
			snprintf(r->words, sizeof r->words, "not %s within %u ms: it is %s", s->value,
				 s->within_ms, tab_state_names[tab->state]);
			return false;
		}
		loop_turn((int)((end - now) / 1000000) + 1);
	}
	if (s->wait == WAIT_LOADED && tab->failed) {
		snprintf(r->words, sizeof r->words, "an error page: %.150s", tab_label(tab));
		return false;
	}
	return true;
}

struct process_host *player_target(struct player *p, const char *name)
{
	struct named_tab *named = player_find(p, name);
	bool browser;

	return named ? named->tab->renderer : fault_target(p->browser, NULL, name, &browser);
}

struct trial *player_trial_of(struct player *p, const char *name)
{
	for (unsigned i = p->played.ntrials; i-- > 0;)
		if (!strcasecmp(p->played.trials[i].into, name))
			return &p->played.trials[i];
	return NULL;
}

static void player_name(struct player *p, const char *name, uint32_t number, bool toxic)
{
	p->armed[p->narmed++] = (struct armed){ name, number, toxic, false };
}

static bool play_inject(struct player *p, const struct step *s, struct step_result *r)
{
	bool browser = !strcasecmp(s->tab, role_names[ROLE_BROWSER]);
	struct process_host *victim = browser ? NULL : player_target(p, s->tab);
	struct trial *trial = &p->played.trials[p->played.ntrials];
	char text[200], name[ENDPOINT_TEXT];
	const char *why;

	if (!browser && !process_is_up(victim)) {
		snprintf(r->words, sizeof r->words, "there is no process to break");
		return false;
	}
	p->played.ntrials++;
	*trial = (struct trial){ .step = (unsigned)(s - p->scenario->steps) + 1,
				 .into = s->tab,
				 .victim = victim ? victim->name : (struct endpoint){ ROLE_BROWSER, 0 },
				 .pid = victim ? victim->pid : getpid(),
				 .order = s->order };
	trial_begin(p->browser, trial, p->played.tabs, p->played.ntabs);
	if (!fault_inject(p->browser, victim, &s->order, &trial->number, &why)) {
		snprintf(r->words, sizeof r->words, "%s", why);
		return false;
	}
	player_name(p, s->as, trial->number, false);
	if (s->order.when == FAULT_NOW)
		trial_await(p->browser, trial, s->within_ms);
	snprintf(r->words, sizeof r->words, "%s: %s", endpoint_text(trial->victim, name),
		 trial_text(p->browser, trial, text, sizeof text));
	return trial->end != TRIAL_NOTHING;
}

/* Take back what was armed, or placed, under that name. */
static bool player_take_back(struct player *p, const char *name, bool toxic, struct step_result *r)
{
	bool (*undo)(struct browser *, uint32_t) = toxic ? toxics_remove : fault_disarm;
	bool all = !strcasecmp(name, "all");
	unsigned n = 0;

	for (unsigned i = 0; i < p->narmed; i++) {
		struct armed *a = &p->armed[i];

		if (a->toxic != toxic || !a->number || a->gone ||
		    !(all || (a->name && !strcmp(a->name, name))))
			continue;
		n += undo(p->browser, a->number);
		a->gone = true;
	}
	/* What acted once, or went with its process, is gone already: nothing is wrong with that. */
	snprintf(r->words, sizeof r->words, n ? "taken back" : "it was gone already");
	return true;
}

static bool play_disarm(struct player *p, const struct step *s, struct step_result *r)
{
	return player_take_back(p, s->value, false, r);
}

static bool play_untoxic(struct player *p, const struct step *s, struct step_result *r)
{
	return player_take_back(p, s->value, true, r);
}

/* A tab's name stands for its renderer's, as toxics know it. */
static void player_name_process(struct player *p, const char *name, char *out, size_t capacity)
{
	struct named_tab *named = player_find(p, name);
	char text[ENDPOINT_TEXT];

	if (named && named->tab->renderer)
		snprintf(out, capacity, "%s", endpoint_text(named->tab->renderer->name, text));
	else
		snprintf(out, capacity, "%s", name);
}

static bool play_toxic(struct player *p, const struct step *s, struct step_result *r)
{
	struct toxic_order order = s->toxic;
	uint32_t number;
	const char *why;

	player_name_process(p, s->toxic.from, order.from, sizeof order.from);
	player_name_process(p, s->toxic.to, order.to, sizeof order.to);
	if (!toxics_place(p->browser, NULL, &order, &number, &why)) {
		snprintf(r->words, sizeof r->words, "%s", why);
		return false;
	}
	player_name(p, s->as, number, true);
	p->blasts_before_toxic = p->browser->blasts->last_number;
	snprintf(r->words, sizeof r->words, "toxic %u, from %.40s to %.40s", number, order.from, order.to);
	return true;
}

static bool never(void *arg)
{
	(void)arg;
	return false;
}

static bool play_pause(struct player *p, const struct step *s, struct step_result *r)
{
	(void)p;
	(void)r;
	trial_wait(never, NULL, s->within_ms);
	return true;
}

static bool play_reload(struct player *p, const struct step *s, struct step_result *r)
{
	struct step loaded = {
		.value = "loaded", .tab = s->tab, .wait = WAIT_LOADED, .within_ms = s->within_ms
	};

	player_find(p, s->tab)->blasts_before = p->browser->blasts->last_number;
	tab_reload(player_find(p, s->tab)->tab);
	return play_wait(p, &loaded, r);
}

static bool play_close(struct player *p, const struct step *s, struct step_result *r)
{
	struct named_tab *named = player_find(p, s->tab);

	(void)r;
	tab_close(named->tab);
	named->tab = NULL;
	named->closed_ns = recorder_now();
	return true;
}

static bool (*const play[STEP_COUNT])(struct player *, const struct step *, struct step_result *) = {
	[STEP_OPEN] = play_open,     [STEP_NAVIGATE] = play_navigate, [STEP_WAIT] = play_wait,
	[STEP_INJECT] = play_inject, [STEP_DISARM] = play_disarm,     [STEP_TOXIC] = play_toxic,
	[STEP_PAUSE] = play_pause,   [STEP_UNTOXIC] = play_untoxic,   [STEP_EXPECT] = play_expect,
	[STEP_RELOAD] = play_reload, [STEP_CLOSE] = play_close,
};

/* What there is once all is loaded, and before anything is done to it. */
static void player_measure(struct player *p)
{
	if (!p->played.measured)
		figures_take(p->browser, &p->played.loaded);
	p->played.measured = true;
}

static void player_step(struct player *p, unsigned n)
{
	const struct step *s = &p->scenario->steps[n];
	struct step_result *r = &p->played.results[n];
	uint64_t began = recorder_now();
	char value[300];

	if (s->kind != STEP_OPEN && s->kind != STEP_WAIT && s->kind != STEP_PAUSE)
		player_measure(p);
	snprintf(value, sizeof value, "%s %s%s%s", step_names[s->kind], s->value,
		 s->tab && s->tab != s->value ? " · " : "", s->tab && s->tab != s->value ? s->tab : "");
	browser_input(p->browser, "step", value);
	r->ok = play[s->kind](p, s, r);
	browser_input_done(p->browser);
	r->done = true;
	r->took_ms = (double)(recorder_now() - began) / 1e6;
	/* A failed expectation is noted, and the rest goes on; what could not be done ends the play. */
	p->played.ok &= r->ok;
}

static bool player_init(struct player *p, struct browser *b, const struct scenario *scenario)
{
	size_t n = scenario->nsteps;

	*p = (struct player){ .browser = b,
			      .scenario = scenario,
			      .armed = calloc(n, sizeof *p->armed),
			      .played = { .browser = b,
					  .scenario = scenario,
					  .results = calloc(n, sizeof *p->played.results),
					  .trials = calloc(n, sizeof *p->played.trials),
					  .tabs = calloc(n, sizeof *p->played.tabs) } };
	p->played.ok = p->armed && p->played.results && p->played.trials && p->played.tabs;
	b->blasts->keep = UINT32_MAX;
	return p->played.ok;
}

static void player_finish(struct player *p)
{
	for (unsigned i = 0; i < p->played.ntrials; i++)
		trial_finish(&p->played.trials[i]);
	figures_finish(&p->played.loaded);
	free(p->armed);
	free(p->played.tabs);
	free(p->played.results);
	free(p->played.trials);
}

int scenario_play(struct browser *b, const struct scenario *scenario, bool json)
{
	struct player p;
	uint64_t began = recorder_now();
	bool ready = player_init(&p, b, scenario);

	for (unsigned i = 0; ready && i < scenario->nsteps; i++) {
		player_step(&p, i);
		if (!p.played.results[i].ok && scenario->steps[i].kind != STEP_EXPECT)
			break;
	}
	player_measure(&p);
	p.played.took_ms = (double)(recorder_now() - began) / 1e6;
	if (ready)
		(json ? report_print_json : report_print)(&p.played);
	player_finish(&p);
	return p.played.ok ? 0 : 1;
}
