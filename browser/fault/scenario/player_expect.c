/* What a step expects, and whether it is so. Part of player.c. */
#include "browser/browser.h"
#include "browser/fault/scenario/player.h"
#include "browser/process/gpu_host.h"
#include "browser/tab/tab.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

static void tell_proof(const struct tab *tab, const struct trial_tab *proof, struct step_result *r)
{
	char text[200];

	if (tab_is_sad(tab)) {
		snprintf(r->words, sizeof r->words, "its process died: %s",
			 death_text(&tab->death, text, sizeof text));
		return;
	}
	snprintf(r->words, sizeof r->words, "ping %s, document %s, scroll %s, key %s",
		 proof->answered ? "answered" : "not answered", proof->same_document ? "the same" : "changed",
		 proof->same_scroll ? "the same" : "changed",
		 proof->key_changed_page ? "changes the page" : "does nothing");
}

/* The proof of the latest injection counts, if the tab was there, and shows the same page still. */
static bool expect_tab_alive(struct player *p, const struct tab *tab, struct step_result *r)
{
	const struct trial *last = p->played.ntrials ? &p->played.trials[p->played.ntrials - 1] : NULL;
	struct trial_tab proof = { .id = tab->id };

	for (unsigned i = 0; last && last->end != TRIAL_ARMED && i < last->ntabs; i++)
		if (last->tabs[i].id == tab->id && !last->tabs[i].harmed &&
		    last->tabs[i].navigation == tab->navigation)
			proof = last->tabs[i];
	if (!trial_tab_alive(&proof))
		trial_prove_tab(p->browser, &proof, proof.had_document);
	tell_proof(tab, &proof, r);
	return trial_tab_alive(&proof);
}

struct await_up {
	struct player *player;
	const char *name;
};

static bool target_is_up(void *arg)
{
	struct await_up *a = arg;

	return process_is_up(player_target(a->player, a->name));
}

static bool expect_alive(struct player *p, const struct step *s, struct step_result *r)
{
	struct named_tab *named = player_find(p, s->tab);
	struct await_up a = { p, s->tab };
	bool alive;

	if (named)
		return expect_tab_alive(p, named->tab, r);
	if (!strcasecmp(s->tab, role_names[ROLE_BROWSER])) {
		snprintf(r->words, sizeof r->words, "it says so itself");
		return true;
	}
	alive = trial_wait(target_is_up, &a, s->within_ms) &&
		trial_ping(player_target(p, s->tab), s->within_ms);
	snprintf(r->words, sizeof r->words, alive ? "ping answered" : "it is not up, or does not answer");
	return alive;
}

/* Is it a blast of what the name stands for? */
static bool blast_is_of(struct player *p, const struct blast *blast, const char *name)
{
	struct named_tab *named = player_find(p, name);
	char text[ENDPOINT_TEXT];

	for (unsigned i = 0; named && i < blast->ntabs && blast->process.role == ROLE_RENDERER; i++)
		if (blast->tabs[i].id == named->id)
			return true;
	return !named && (!strcmp(name, role_names[blast->process.role]) ||
			  !strcmp(name, endpoint_text(blast->process, text)));
}

struct await_blast {
	struct player *player;
	const struct step *step;
	uint32_t after;
	const struct blast *found;
};

static bool death_came(void *arg)
{
	struct await_blast *a = arg;
	const struct blast *blast = a->player->browser->blasts->newest;

	while (blast && blast->number > a->after &&
	       !(blast->died && blast_is_of(a->player, blast, a->step->tab)))
		blast = blast->next;
	a->found = blast && blast->number > a->after ? blast : NULL;
	return a->found && a->found->settled;
}

/* The death that came of the injection; else the latest, of a toxic mostly. */
static const struct blast *find_death(struct player *p, const struct step *s, struct trial *trial)
{
	const struct named_tab *named = player_find(p, s->tab);
	const struct blast *blast = trial ? blasts_find(p->browser->blasts, trial->blast) : NULL;
	struct await_blast a = { .player = p, .step = s };

	if (blast && !s->expected.toxic && trial_dooms(trial) &&
	    s->expected.status == TERMINATION_STATUS_LAUNCH_FAILED)
		return trial_await_successor(p->browser, trial, s->within_ms);
	if (blast && blast->died && !s->expected.toxic)
		return blast;
	a.after = trial && !s->expected.toxic ? trial->blasts_before : p->blasts_before_toxic;
	if (named && named->blasts_before > a.after)
		a.after = named->blasts_before;
	trial_wait(death_came, &a, s->within_ms);
	return a.found;
}

/* Is the toxic that the browser blames the one that is expected, by its kind or by the scenario's name? */
static bool toxic_is(const struct player *p, const struct blast *blast, const char *toxic)
{
	char number[40];

	for (unsigned i = 0; i < p->narmed; i++) {
		const struct armed *a = &p->armed[i];

		if (!a->toxic || !a->name || strcmp(a->name, toxic))
			continue;
		snprintf(number, sizeof number, "toxic %u,", a->number);
		if (a->number && !strncmp(blast->toxic, number, strlen(number)))
			return true;
	}
	return strstr(blast->toxic, toxic) != NULL;
}

static bool death_fits(const struct player *p, const struct blast *blast, const struct expectation *e)
{
	const struct death *d = &blast->death;
	char call[64];

	return d->status == e->status && (!e->signal || !strcmp(death_signal_name(d->signal), e->signal)) &&
	       (!e->reason || !strcmp(bad_message_names[d->reason], e->reason)) &&
	       (e->code < 0 || (!d->signal && d->code == e->code)) &&
	       (!e->call || (d->kind == CRASH_KIND_VIOLATION &&
			     !strcmp(death_syscall_name(d->syscall, call, sizeof call), e->call))) &&
	       (!e->toxic || toxic_is(p, blast, e->toxic));
}

static bool lived_fit(const struct blast *blast, const struct expectation *e, struct step_result *r)
{
	size_t n = strlen(r->words);

	if (e->lived < 0)
		return true;
	snprintf(r->words + n, sizeof r->words - n, "; %u others answered", blast ? blast->roll.answered : 0);
	return blast && blast->roll.answered == (unsigned)e->lived;
}

static bool expect_status(struct player *p, const struct step *s, struct step_result *r)
{
	const struct blast *blast = find_death(p, s, player_trial_of(p, s->tab));
	size_t n;

	if (!blast) {
		snprintf(r->words, sizeof r->words, "it did not die within %u ms", s->within_ms);
		return false;
	}
	blast_text_end(blast, r->words, sizeof r->words);
	n = strlen(r->words);
	if (blast->toxic[0])
		snprintf(r->words + n, sizeof r->words - n, ", because of %s", blast->toxic);
	bool lived = lived_fit(blast, &s->expected, r);

	return death_fits(p, blast, &s->expected) && lived;
}

static bool hang_came(void *arg)
{
	struct await_up *a = arg;
	const struct process_host *p = player_target(a->player, a->name);

	return p && p->state == PROCESS_UNRESPONSIVE;
}

/* Now, or as the injection found it: a GPU process that hangs is ended at once. */
static bool expect_unresponsive(struct player *p, const struct step *s, struct step_result *r)
{
	struct trial *trial = player_trial_of(p, s->tab);
	struct await_up a = { p, s->tab };
	const struct blast *blast = trial ? blasts_find(p->browser->blasts, trial->blast) : NULL;
	bool hangs = trial && trial->end == TRIAL_UNRESPONSIVE;

	if (!hangs)
		hangs = trial_wait(hang_came, &a, s->within_ms);
	snprintf(r->words, sizeof r->words, hangs ? "it is" : "it is not, within %u ms", s->within_ms);
	return lived_fit(blast, &s->expected, r) && hangs;
}

static bool expect_recovered(struct player *p, const struct step *s, struct step_result *r)
{
	struct process_host *target = player_target(p, s->tab);
	struct trial *trial = player_trial_of(p, s->tab);
	const struct blast *blast = trial ? blasts_find(p->browser->blasts, trial->blast) : NULL;
	bool answers = process_is_up(target) && trial_ping(target, s->within_ms);

	/* The browser's own hang is over when it plays on. */
	answers |= trial && trial->victim.role == ROLE_BROWSER && trial->end == TRIAL_ANSWERS;
	snprintf(r->words, sizeof r->words, !answers ? "it does not answer within %u ms" : "it answers",
		 s->within_ms);
	return lived_fit(blast, &s->expected, r) && answers;
}

bool play_expect(struct player *p, const struct step *s, struct step_result *r)
{
	static bool (*const expect[])(struct player *, const struct step *, struct step_result *) = {
		[EXPECT_ALIVE] = expect_alive,
		[EXPECT_UNRESPONSIVE] = expect_unresponsive,
		[EXPECT_RECOVERED] = expect_recovered,
		[EXPECT_STATUS] = expect_status,
	};
	struct trial *trial = player_trial_of(p, s->tab);

	/* What waits for a message or its time acts by now, if it is to act at all. */
	if (trial && trial->end == TRIAL_ARMED && s->expected.what != EXPECT_ALIVE)
		trial_await(p->browser, trial, s->within_ms);
	return expect[s->expected.what](p, s, r);
}
