/* What playing a scenario found, as report.c prints it. */
#pragma once
#include "browser/fault/scenario.h"
#include "browser/fault/trial.h"

struct step_result {
	bool done, ok;
	double took_ms;
	char words[240]; /* what came of it */
};

struct played {
	const struct scenario *scenario;
	struct step_result *results; /* one a step */
	struct trial *trials;	     /* one an injection, in order */
	unsigned ntrials;
	struct browser *browser; /* its blasts */
	bool ok;
	double took_ms;
};

void report_print(const struct played *);
void report_print_json(const struct played *);
