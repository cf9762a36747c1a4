/*
 * The blast radius of one injection: who died and why, who lived and how that was proved, what was lost, how
 * long it took. player.c measures before and after; report.c prints.
 */
#pragma once
#include "browser/process/host.h"

struct browser;
struct tab;

#define BLAST_MAX_TABS 64

/* A tab that was open: what was the same afterwards. */
struct blast_tab {
	const char *name; /* the scenario's */
	uint32_t id;
	struct endpoint renderer;
	bool had_document;
	uint64_t hash, text_bytes; /* before */
	uint32_t scroll_row;
	bool harmed;	    /* its own renderer was the victim */
	bool same_document; /* hash and text */
	bool same_scroll;
	bool answered; /* a ping */
	bool key_changed_page;
};

struct blast {
	unsigned step;
	struct endpoint victim;
	pid_t pid;
	const char *fault;
	bool died, unresponsive; /* neither: nothing came of it in time */
	struct death death;
	double detected_ms;  /* from the injection until its end was known */
	double recovered_ms; /* until what it did was done by another; < 0: not (yet) */
	uint64_t began_ns;
	unsigned processes_asked, processes_answered;
	double answered_ms;
	uint64_t lost; /* messages, sent by it or to it */
	struct blast_tab tabs[BLAST_MAX_TABS];
	unsigned ntabs;
};

/* The tabs of a scenario by their names. */
struct named_tab {
	const char *name;
	struct tab *tab; /* NULL: closed */
};

/* Note what there is before the injection. Runs the loop. */
void blast_before(struct browser *, struct blast *, const struct named_tab *, unsigned count);
/* Find what is left of it. Runs the loop. */
void blast_after(struct browser *, struct blast *);
/* Is that tab alive: ping, document as in `before` (may be NULL), a key? Runs the loop. */
bool blast_prove_tab(struct browser *, struct blast_tab *, bool compare);
/* All of blast_prove_tab's proofs held. */
bool blast_tab_alive(const struct blast_tab *);
