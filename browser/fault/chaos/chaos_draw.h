/*
 * What chaos does at each step: a pure function of the seed, the number of tabs and the step, whatever the
 * time and whatever came of the steps before. chaos.c carries it out. A draw is a sentence of the one grammar
 * (clause.h) with tabs named tab0, tab1 …, so that a report holds what is needed to draw it again.
 */
#pragma once
#include "browser/fault/order.h"
#include "browser/fault/toxics.h"

struct chaos_draw {
	unsigned step; /* from 1 */
	bool is_toxic;
	struct fault_order fault;
	struct toxic_order toxic;
	unsigned lasts_ms; /* a toxic: until it is taken away */
	char text[CLAUSE_TEXT];
};

void chaos_draw(uint64_t seed, unsigned tabs, unsigned step, struct chaos_draw *);

/* A draw out of a report. false: *error gets why (CLAUSE_ERROR bytes). */
bool chaos_draw_parse(const char *text, unsigned lasts_ms, unsigned step, struct chaos_draw *, char *error);

/* The number in "tab7". false: it names no tab. */
bool chaos_tab_number(const char *whom, unsigned *number);

/* May chaos draw that fault for that role? The browser itself has to live. */
bool chaos_may_draw(const struct fault_info *, enum role);
