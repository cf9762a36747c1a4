/* What playing a scenario found, as report.c prints it; and what the files that play it share. */
#pragma once
#include "browser/fault/scenario/figures.h"
#include "browser/fault/scenario/scenario.h"
#include "browser/fault/scenario/trial.h"

struct step_result {
	bool done, ok;
	double took_ms;
	char words[240]; /* what came of it */
};

struct played {
	struct browser *browser; /* its blasts */
	const struct scenario *scenario;
	struct step_result *results; /* one a step */
	struct trial *trials;	     /* one an injection, in order */
	unsigned ntrials;
	struct named_tab *tabs; /* every one that was opened, in order */
	unsigned ntabs;
	struct figures loaded; /* when the first step but opening and waiting was to come */
	bool measured;
	bool ok;
	double took_ms;
};

struct player {
	struct browser *browser;
	const struct scenario *scenario;
	struct played played;
	/* What goes by an "as": armed faults and toxics. */
	struct armed {
		const char *name; /* NULL: none was said */
		uint32_t number;
		bool toxic;
		bool gone; /* taken back */
	} * armed;
	unsigned narmed;
	uint32_t blasts_before_toxic; /* the last one placed */
};

/* The open tab of that name; NULL: there is none. */
struct named_tab *player_find(struct player *, const char *name);
/* The process that a name stands for; NULL: none, or the browser. */
struct process_host *player_target(struct player *, const char *name);
/* The latest injection that the name stands for: into that tab, or into such a process. */
struct trial *player_trial_of(struct player *, const char *name);

/* player_expect.c */
bool play_expect(struct player *, const struct step *, struct step_result *);

void report_print(const struct played *);
void report_print_json(const struct played *);
