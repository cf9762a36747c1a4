/*
 * One injection of a scenario: what was there before it, what came of it, and the proofs that each tab lives:
 * a ping, the same document, the same scroll row, and a key that changes the picture. What it did to the
 * processes is in its blast (blast.h). player.c makes trials; report.c prints them.
 */
#pragma once
#include "browser/fault/blast/blast.h"
#include "browser/fault/order.h"

/* The tabs of a scenario by their names. */
struct named_tab {
	const char *name;
	struct tab *tab; /* NULL: closed */
	uint32_t id;
	uint64_t opened_ns, closed_ns; /* closed_ns 0: it is open */
	uint32_t blasts_before;	       /* when it was last loaded */
};

/* A tab that was open: what was the same afterwards. */
struct trial_tab {
	const char *name; /* the scenario's */
	uint32_t id;
	struct endpoint renderer;
	bool had_document;
	uint64_t hash, text_bytes; /* before */
	uint32_t scroll_row, navigation;
	bool harmed;	    /* its own renderer was the victim */
	bool dead;	    /* its renderer died of something else */
	bool same_document; /* hash and text */
	bool same_scroll;
	bool answered; /* a ping */
	bool key_changed_page;
};

enum trial_end {
	TRIAL_ARMED,   /* it waits for its time or its message */
	TRIAL_NOTHING, /* nothing came of it in time */
	TRIAL_DIED,
	TRIAL_UNRESPONSIVE,
	TRIAL_ANSWERS, /* a ping that was sent after the order */
	TRIAL_END_COUNT
};
extern const char *const trial_end_names[TRIAL_END_COUNT];

struct trial {
	unsigned step;	  /* from 1 */
	const char *into; /* as the scenario names it */
	struct fault_order order;
	uint32_t number; /* of what was armed; 0: nothing */
	struct endpoint victim;
	pid_t pid;
	enum trial_end end;
	uint32_t blast;	       /* the target's, its number; 0: none */
	struct endpoint spare; /* that ends with a doomed target; serial 0: none */
	double answered_ms;    /* TRIAL_ANSWERS: from the order on */
	uint64_t began_ns;
	uint32_t blasts_before;
	struct trial_tab *tabs;
	unsigned ntabs;
};

/* Note what there is before the injection. Runs the loop. */
void trial_begin(struct browser *, struct trial *, const struct named_tab *, unsigned count);
/* Wait for the end that the order's fault leads to, at most that long, then look at all tabs. Runs the loop.
 */
void trial_await(struct browser *, struct trial *, unsigned ms);
void trial_finish(struct trial *);
/* Is it for the processes that are started next? The target's own death is how that begins. */
bool trial_dooms(const struct trial *);
/* Did a doomed successor die of it, or the spare renderer for it? */
bool trial_brought(const struct trial *, const struct blast *);
/* The first successor that could not be launched; NULL: none yet, or none was doomed. */
const struct blast *trial_successor(const struct browser *, const struct trial *);
/* The same, once it is settled, or after that long. Runs the loop. */
const struct blast *trial_await_successor(struct browser *, struct trial *, unsigned ms);
/* The latest of the trials that brought about that blast; NULL: none did. */
const struct trial *trial_of_blast(const struct trial *, unsigned count, const struct blast *);
/* "crashed (SIGSEGV at address 0x0)", "unresponsive", "answers after 3.1 ms". Returns buf. */
const char *trial_text(struct browser *, const struct trial *, char *buf, size_t capacity);
/* Is that tab alive: ping, document as before (with `compare`), a key? Runs the loop. */
bool trial_prove_tab(struct browser *, struct trial_tab *, bool compare);
/* All of its proofs held. */
bool trial_tab_alive(const struct trial_tab *);
/* Run the loop until done(arg), for at most ms. */
bool trial_wait(bool (*done)(void *arg), void *arg, unsigned ms);
/* A ping that is sent now or later was answered. Runs the loop. */
bool trial_ping(struct process_host *, unsigned ms);
