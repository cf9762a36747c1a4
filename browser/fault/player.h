/* What playing a scenario found, as report.c prints it. */
#pragma once
#include "browser/fault/blast_radius.h"
#include "browser/fault/scenario.h"

struct step_result {
	bool done, ok;
	double took_ms;
	char words[240]; /* what came of it */
};

struct played {
	const struct scenario *scenario;
	struct step_result *results; /* one a step */
	struct blast *blasts;	     /* one an injection, in order */
	unsigned nblasts;
	bool ok;
	double took_ms;
};

void report_print(const struct played *);
void report_print_json(const struct played *);
