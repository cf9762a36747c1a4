/* See scenario.h: playing the steps, one after another, each until its condition holds or its time is over.
 */
#include "browser/fault/player.h"
#include "browser/browser.h"
#include "browser/fault/injection.h"
#include "browser/tab/embed.h"
#include "browser/tab/tab.h"
#include "browser/tab/view.h"
#include "browser/traffic/collector.h"
#include "common/loop.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A hang is known after five seconds of silence; one that recovers may last longer. */
#define TRIAL_MS 30000

struct player {
	struct browser *browser;
	const struct scenario *scenario;
	struct played played;
	struct named_tab *tabs; /* one an open step */
	unsigned ntabs;
};

static struct named_tab *player_find(struct player *p, const char *name)
{
	for (unsigned i = 0; i < p->ntabs; i++)
		if (p->tabs[i].tab && !strcmp(p->tabs[i].name, name))
			return &p->tabs[i];
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
	p->tabs[p->ntabs++] = (struct named_tab){ s->tab, tab, tab ? tab->id : 0 };
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

static struct process_host *player_target(struct player *p, const char *name)
{
	struct named_tab *named = player_find(p, name);

	bool is_browser;

	return named ? named->tab->renderer : fault_target(p->browser, NULL, name, &is_browser);
}

static bool play_inject(struct player *p, const struct step *s, struct step_result *r)
{
	struct process_host *victim = player_target(p, s->tab);
	struct trial *trial = &p->played.trials[p->played.ntrials];
	char text[200], name[ENDPOINT_TEXT];
	const char *why;

	if (!process_is_up(victim)) {
		snprintf(r->words, sizeof r->words, "there is no process to break");
		return false;
	}
	p->played.ntrials++;
	*trial = (struct trial){ .step = (unsigned)(s - p->scenario->steps) + 1,
				 .into = s->tab,
				 .victim = victim->name,
				 .pid = victim->pid,
				 .order = s->order };
	trial_begin(p->browser, trial, p->tabs, p->ntabs);
	if (!fault_inject(p->browser, victim, &s->order, &trial->number, &why)) {
		snprintf(r->words, sizeof r->words, "%s", why);
		return false;
	}
	if (s->order.when == FAULT_NOW)
		trial_await(p->browser, trial, TRIAL_MS);
	snprintf(r->words, sizeof r->words, "%s: %s", endpoint_text(trial->victim, name),
		 trial_text(p->browser, trial, text, sizeof text));
	return trial->end != TRIAL_NOTHING;
}

/* The latest injection that the name stands for: into that tab, or into such a process. */
static struct trial *player_trial_of(struct player *p, const char *name)
{
	for (unsigned i = p->played.ntrials; i-- > 0;)
		if (!strcmp(p->played.trials[i].into, name))
			return &p->played.trials[i];
	return NULL;
}

static bool expect_alive(struct player *p, const struct step *s, struct step_result *r)
{
	struct named_tab *named = player_find(p, s->tab);
	struct process_host *process = player_target(p, s->tab);
	const struct trial *last = p->played.ntrials ? &p->played.trials[p->played.ntrials - 1] : NULL;
	struct trial_tab proof = { .id = named ? named->tab->id : 0 };

	if (!named) {
		snprintf(r->words, sizeof r->words, process_is_up(process) ? "it is up" : "it is not up");
		return process_is_up(process);
	}
	/* The proof of the latest injection counts, if the tab was there and has not been reloaded since. */
	for (unsigned i = 0; last && i < last->ntabs; i++)
		if (last->tabs[i].id == proof.id && !last->tabs[i].harmed)
			proof = last->tabs[i];
	if (!trial_tab_alive(&proof))
		trial_prove_tab(p->browser, &proof, proof.had_document);
	snprintf(r->words, sizeof r->words, "ping %s, document %s, scroll %s, key %s",
		 proof.answered ? "answered" : "not answered", proof.same_document ? "the same" : "changed",
		 proof.same_scroll ? "the same" : "changed",
		 proof.key_changed_page ? "changes the page" : "does nothing");
	return trial_tab_alive(&proof);
}

static bool play_expect(struct player *p, const struct step *s, struct step_result *r)
{
	struct trial *trial = player_trial_of(p, s->tab);
	const struct blast *blast;

	if (!strcmp(s->value, "alive"))
		return expect_alive(p, s, r);
	if (!trial) {
		snprintf(r->words, sizeof r->words, "nothing was injected into %.60s", s->tab);
		return false;
	}
	if (trial->end == TRIAL_ARMED)
		trial_await(p->browser, trial, TRIAL_MS);
	trial_text(p->browser, trial, r->words, sizeof r->words);
	if (!strcmp(s->value, "unresponsive"))
		return trial->end == TRIAL_UNRESPONSIVE;
	blast = blasts_find(p->browser->blasts, trial->blast);
	return blast && blast->died && !strcmp(termination_status_names[blast->death.status], s->value) &&
	       (!s->signal || !strcmp(death_signal_name(blast->death.signal), s->signal)) &&
	       (!s->reason || !strcmp(bad_message_names[blast->death.reason], s->reason));
}

static bool play_reload(struct player *p, const struct step *s, struct step_result *r)
{
	struct step loaded = {
		.value = "loaded", .tab = s->tab, .wait = WAIT_LOADED, .within_ms = s->within_ms
	};

	tab_reload(player_find(p, s->tab)->tab);
	return play_wait(p, &loaded, r);
}

static bool play_close(struct player *p, const struct step *s, struct step_result *r)
{
	struct named_tab *named = player_find(p, s->tab);

	(void)r;
	tab_close(named->tab);
	named->tab = NULL;
	return true;
}

static bool (*const play[STEP_COUNT])(struct player *, const struct step *, struct step_result *) = {
	[STEP_OPEN] = play_open,     [STEP_NAVIGATE] = play_navigate, [STEP_WAIT] = play_wait,
	[STEP_INJECT] = play_inject, [STEP_EXPECT] = play_expect,     [STEP_RELOAD] = play_reload,
	[STEP_CLOSE] = play_close,
};

static void player_step(struct player *p, unsigned n)
{
	const struct step *s = &p->scenario->steps[n];
	struct step_result *r = &p->played.results[n];
	uint64_t began = recorder_now();
	char value[300];

	snprintf(value, sizeof value, "%s %s", step_names[s->kind], s->value);
	browser_input(p->browser, "step", value);
	r->ok = play[s->kind](p, s, r);
	browser_input_done(p->browser);
	r->done = true;
	r->took_ms = (double)(recorder_now() - began) / 1e6;
	/* A failed expectation is noted, and the rest goes on; what could not be done ends the play. */
	p->played.ok &= r->ok;
}

int scenario_play(struct browser *b, const struct scenario *scenario, bool json)
{
	struct player p = { .browser = b, .scenario = scenario };
	uint64_t began = recorder_now();

	b->blasts->keep += 2 * scenario->nsteps;
	p.tabs = calloc(scenario->nsteps, sizeof *p.tabs);
	p.played = (struct played){ .scenario = scenario,
				    .results = calloc(scenario->nsteps, sizeof *p.played.results),
				    .trials = calloc(scenario->nsteps, sizeof *p.played.trials),
				    .browser = b,
				    .ok = true };
	if (!p.tabs || !p.played.results || !p.played.trials)
		p.played.ok = false;
	for (unsigned i = 0; i < scenario->nsteps && p.tabs && p.played.results && p.played.trials; i++) {
		player_step(&p, i);
		if (!p.played.results[i].ok && scenario->steps[i].kind != STEP_EXPECT)
			break;
	}
	p.played.took_ms = (double)(recorder_now() - began) / 1e6;
	if (p.played.results && p.played.trials)
		(json ? report_print_json : report_print)(&p.played);
	free(p.tabs);
	free(p.played.results);
	for (unsigned i = 0; i < p.played.ntrials; i++)
		trial_finish(&p.played.trials[i]);
	free(p.played.trials);
	return p.played.ok ? 0 : 1;
}
