/*
 * The blast radius of one death, or of one hang that was ordered: who died, who lived and how that was
 * proved, what was lost, what was freed, how long it took. blasts.c keeps the latest and brings the news to
 * them; blast_text.c says them in words and in JSON. The sad tab, reports, the log and scenarios all tell of
 * these.
 */
#pragma once
#include "browser/fault/blast/roll_call.h"
#include "browser/process/holdings.h"
#include "browser/traffic/collect/toll.h"
#include "common/format.h"
#include "common/task.h"

struct browser;
struct tab;

#define BLASTS_KEPT	 32
#define BLAST_JSON_BYTES 16384 /* of its line in the log, at most */

/* A tab that it harmed: whose renderer it was, or that embedded its plugin. Times are 0 until they come. */
struct blast_tab {
	uint32_t id;
	bool settled;	      /* its recovery was told, or it is closed */
	uint64_t asked_ns;    /* a reload, or whatever brings it back */
	uint64_t back_ns;     /* did_commit; the plugin has its surface again */
	uint64_t pictured_ns; /* the first picture since then; none is drawn of a hidden tab */
};

struct blast {
	struct blast *next; /* older */
	uint32_t number;    /* from 1 */
	/* Who. */
	struct endpoint process;
	pid_t pid;
	const char *label; /* of a plugin; static */
	bool died;	   /* else it became unresponsive */
	bool named;	   /* how it died is known, in: */
	struct death death;
	const char *fault; /* that was injected; static, NULL: none is known */
	char toxic[300];   /* to blame, "" when none is */
	/* When; ns of CLOCK_MONOTONIC, 0: not known, or not yet. */
	uint64_t ordered_ns; /* the fault */
	uint64_t crashed_ns; /* as its crash record claims */
	uint64_t known_ns;   /* to the browser */
	uint64_t stands_ns;  /* sad tab, placeholder or new picture */
	uint64_t shown_ns;   /* and has been drawn on the screen, if there is one */
	uint64_t back_ns;    /* what it did is done again: all its tabs, its picture, its answer */
	uint64_t recover_ns; /* how long that took: from the reload's order for pages, else from the death */
	/* What. */
	struct roll_call roll;
	struct toll toll;
	struct holdings freed;
	struct blast_tab *tabs;
	unsigned ntabs;
	bool settled; /* all but recovery is final, and in the log */
	/* The rest is blasts.c's own. */
	struct holdings tabs_held;
	uint64_t deadline_ns, first_event;
	bool recovered;
};

#define BLAST_DRAWINGS 64

struct blasts {
	struct browser *browser;
	struct blast *newest;
	unsigned count, keep; /* keep: BLASTS_KEPT, more for a scenario */
	uint32_t last_number;
	bool awaits; /* some blast waits for something to be seen */
	bool looking;
	uint64_t drawn_ns[BLAST_DRAWINGS]; /* the last times that the screen was */
	unsigned drawings;
	struct task settle;
};

void blasts_init(struct blasts *, struct browser *);
void blasts_finish(struct blasts *);

/*
 * News from news.c, of one that is dying and of one that is dead (mostly only the latter comes): nothing of
 * what that does to others has been done yet; all of it has been done.
 */
void blasts_dying(struct blasts *, struct process_host *);
void blasts_died(struct blasts *, struct process_host *);
void blasts_responded(struct blasts *, struct process_host *);
void blasts_ponged(struct blasts *, struct process_host *);
/* From browser_tell(): something has changed. */
void blasts_changed(struct blasts *);
/* From the screen: what the browser knows has been drawn. */
void blasts_shown(struct blasts *);

/* The newest of that process; NULL: none is kept. */
const struct blast *blasts_of(const struct blasts *, struct endpoint);
const struct blast *blasts_find(const struct blasts *, uint32_t number);

/* Times between two of its moments in ms, -1 when one of them is not known. */
double blast_ms(uint64_t from_ns, uint64_t to_ns);

/* "all others answered: 6 of 6 in 0.2 ms". Returns buf. */
const char *blast_text_roll(const struct blast *, char *buf, size_t capacity);
/* "crashed (SIGSEGV at address 0x0)", "unresponsive". Returns buf. */
const char *blast_text_end(const struct blast *, char *buf, size_t capacity);
/* Its rows for people, "died" "renderer:3 (pid 4711): crashed…", in order; text is borrowed for the call. */
void blast_rows(const struct blast *, void (*row)(void *arg, const char *name, const char *text), void *arg);
/* The members of its line in the log, as a JSON object. */
void blast_json(const struct blast *, struct format *);
void blast_json_recovery(const struct blast *, const struct blast_tab *, struct format *);
