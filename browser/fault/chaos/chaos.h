/*
 * Chaos: a browser without a screen, its tabs, and faults drawn one after another, several at work at once.
 * chaos_command.c reads the options; chaos.c runs rounds of draws, each ending in a quiet point; chaos_draw.c
 * draws; chaos_strike.c follows each fault until it ended
 * (chaos_doom.c those that are for the next processes, chaos_poison.c toxics); chaos_heal.c does what a
 * patient user does (reload, end what hangs, try again); chaos_check.c looks all the time, chaos_stock.c at
 * quiet points, chaos_log.c at the log when all is over; chaos_report.c tells, and reads a report to be
 * played again.
 */
#pragma once
#include "browser/browser.h"
#include "browser/fault/chaos/chaos_draw.h"
#include "browser/process/host.h"
#include <uthash.h>

struct tab;
struct cJSON;

#define CHAOS_REPORT_VERSION 1
#define CHAOS_MAX_MS	     86400000u
#define CHAOS_MAX_TABS	     200
#define CHAOS_ROUND	     16	 /* draws between two quiet points */
#define CHAOS_FAILURES_MAX   200 /* kept; all are counted */
#define CHAOS_ZOMBIES_MAX    64
#define CHAOS_MEMORY_MIN     6 /* quiet points, to tell growth from noise */

struct chaos_settings {
	uint64_t seed;
	unsigned tabs, for_ms, bound_ms, pace_ms;
	unsigned draws;	   /* at most; 0: as many as there is time for */
	const char **urls; /* NULL: the built-in pages */
	unsigned nurls;
	enum process_model process_model;
};

/* Draws that are to be repeated; count 0: none, the seed draws. */
struct chaos_script {
	char from[256]; /* the report they stood in */
	struct chaos_draw *draws;
	unsigned count;
	const char **urls;
	struct cJSON *json; /* owns the texts */
};

enum chaos_invariant {
	CHAOS_ANSWERS,	/* every process that was not hit answers within the bound */
	CHAOS_LOOP,	/* the browser's loop was never held longer */
	CHAOS_ENDS,	/* each fault ended as the catalogue says */
	CHAOS_NO_OTHER, /* nobody else died */
	CHAOS_RECOVERS, /* everything is as before at each quiet point: tabs, documents, processes */
	CHAOS_FDS,
	CHAOS_REGIONS,
	CHAOS_ZOMBIES,
	CHAOS_CHILD_FDS, /* of the GPU and plugin processes */
	CHAOS_MEMORY,
	CHAOS_LOG,
	CHAOS_INVARIANTS
};
extern const char *const chaos_invariant_names[CHAOS_INVARIANTS];

struct chaos_failure {
	enum chaos_invariant invariant;
	unsigned step; /* the latest draw when it was seen, or the one it is about */
	unsigned at_ms;
	char what[240];
};

enum strike_phase { STRIKE_DRAWN, STRIKE_ARMED, STRIKE_FIRED, STRIKE_OVER };

enum strike_outcome {
	STRIKE_OPEN,
	STRIKE_AS_EXPECTED,
	STRIKE_OVERTAKEN,  /* its process died of another one first */
	STRIKE_NEVER_CAME, /* the message that it was armed for */
	STRIKE_NO_TARGET,  /* no such process was up in time */
	STRIKE_REFUSED,	   /* with a reason */
	STRIKE_WRONG,
	STRIKE_OUTCOMES
};
extern const char *const strike_outcome_names[STRIKE_OUTCOMES];

/* One draw and what came of it. */
struct strike {
	struct chaos_draw draw;
	enum strike_phase phase;
	enum strike_outcome outcome;
	struct endpoint victim; /* serial 0: none yet */
	pid_t pid;
	uint32_t number;   /* as it was armed; 0: at once */
	uint64_t nonce;	   /* a later ping was sent after it fired */
	unsigned launches; /* that failed, of what was doomed to */
	bool healing;	   /* it did what it should, and the user is ending it */
	uint64_t drawn_ns, ordered_ns, provoked_ns, disarmed_ns, fired_ns, over_ns;
	double detected_ms; /* from firing until its end was known; < 0: nothing to detect */
	char words[160];
};

/* A process that there was. */
struct chaos_process {
	uint64_t key; /* role and serial */
	struct endpoint name;
	pid_t pid;
	bool dead;
	struct death death;
	uint64_t nonce;	   /* of the last answer that was seen */
	uint64_t late;	   /* of the last ping that was told to be late */
	uint64_t excused;  /* of the last ping that was on its way while it was hit */
	uint64_t asked_ns; /* the last ping */
	uint64_t rolled;   /* the last ping before the roll was called */
	bool ended_by_us;
	bool may_flood; /* its recorder may have overflown */
	unsigned exits; /* lines of the log */
	UT_hash_handle hh;
};

struct chaos_tab {
	struct tab *tab;
	const char *url;
	bool fixed; /* the same document at each load */
	bool known; /* hash and text_bytes are set */
	uint64_t hash, text_bytes;
	uint64_t reloaded_ns, asked_nonce;
};

/* What the browser holds at a quiet point. */
struct chaos_stock {
	unsigned step, at_ms;
	unsigned processes, fds, regions, gpu_fds, plugin_fds; /* of others: 0 when they cannot be read */
	uint64_t resident, heap, history; /* bytes; history: of traffic, kept on purpose */
};

struct chaos {
	struct browser *browser;
	struct chaos_settings settings;
	struct chaos_script script;
	uint64_t began_ns, ended_ns, draw_until_ns;
	uint64_t opened_ns, drawn_ns; /* all tabs stood; the last round of draws was made. 0: not yet */
	unsigned step;		      /* the latest */
	bool interrupted;
	char refusal[600];		      /* why nothing could be begun with; "": nothing is in the way */
	uint64_t doomed_until_ns[ROLE_COUNT]; /* what was started before then was to fail */
	struct chaos_tab tabs[CHAOS_MAX_TABS];
	struct strike *strikes;
	unsigned nstrikes, room, open; /* open: those before it are over */
	struct chaos_process *processes;
	/* The invariants. */
	struct chaos_failure failures[CHAOS_FAILURES_MAX];
	unsigned nfailures, broken[CHAOS_INVARIANTS];
	uint32_t *pings_us; /* of survivors */
	unsigned npings, pings_room;
	uint32_t slowest_us;
	struct endpoint slowest;
	unsigned held_us; /* the loop, at worst */
	unsigned turns;
	struct chaos_stock *stocks;
	unsigned nstocks, stocks_room;
	unsigned deaths, started;
	unsigned ends[TERMINATION_STATUS_COUNT];
	struct {
		char path[512];
		uint64_t lines, messages, exits, gaps;
		bool read;
	} log;
	struct chaos_zombie {
		pid_t pid; /* 0: none */
		uint64_t since_ns, seen_ns;
		bool told;
	} zombies[CHAOS_ZOMBIES_MAX];
	uint64_t looked_ns, healed_ns, retried_ns, stirred_ns;
	unsigned stirs, looks;
};

/*
 * chaos.c: run it to its end. The log is read by chaos_log_check() after browser_finish(). Opening fails with
 * a refusal when a page cannot be had: there would be no document to come back to; else with a failure.
 */
bool chaos_open(struct chaos *, struct browser *);
void chaos_run(struct chaos *, const char *report);
void chaos_close(struct chaos *);
/* One turn of the loop with all that is looked at in it. */
void chaos_turn(struct chaos *);
unsigned chaos_ms(const struct chaos *);

/* An invariant is broken. */
__attribute__((format(printf, 4, 5))) void chaos_fail(struct chaos *, enum chaos_invariant, unsigned step,
						      const char *how, ...);
bool chaos_held(const struct chaos *);

/* chaos_strike.c */
struct strike *strike_begin(struct chaos *, const struct chaos_draw *);
void strikes_turn(struct chaos *);
bool strikes_are_over(const struct chaos *);
/* Is one at work on that process, or a toxic? Then it owes nobody an answer. */
bool strikes_on(const struct chaos *, struct endpoint);
/* A process died: which one explains it? */
void strikes_died(struct chaos *, struct chaos_process *, const struct process_host *);
struct process_host *chaos_host(const struct chaos *, struct endpoint);
struct chaos_process *chaos_process(struct chaos *, const struct process_host *);

/* chaos_doom.c: those that crash before they are ready. */
bool strike_is_doom(const struct strike *);
/* Is another one at work on that role? */
bool doom_is_open(const struct chaos *, enum role, const struct strike *but);
void doom_watch(struct chaos *, struct strike *);
/* That one died of it, or for it. */
bool doom_explains(struct chaos *, const struct process_host *);

/* chaos_poison.c: toxics. */
void poison_watch(struct chaos *, struct strike *);
bool poison_explains(const struct strike *, const struct process_host *);

/* What these share with chaos_strike.c. */
void strike_end(struct strike *, enum strike_outcome);
void strike_go_wrong(struct chaos *, struct strike *, const char *what);

/* chaos_heal.c: what a user does, and what keeps messages flowing. */
void chaos_heal(struct chaos *);
void chaos_stir(struct chaos *);
/* See to it that messages come by which an armed one may act. */
void chaos_provoke(struct chaos *, const struct strike *);
/* The user has had enough of that process. */
void chaos_end_process(struct chaos *, struct process_host *);
/* Is all as it was? If not, *why (static buffer) says what is not. */
bool chaos_is_quiet(struct chaos *, const char **why);

/* chaos_check.c: in each turn. */
void chaos_look(struct chaos *);
/* Some that may yet be waited for. */
bool chaos_has_zombies(const struct chaos *);
/* All processes answered anew and all documents are what they were; waits. */
void chaos_roll(struct chaos *);

/* chaos_stock.c: at a quiet point. */
void chaos_take_stock(struct chaos *);
/* After the last: memory over the whole run. */
void chaos_check_memory(struct chaos *);
/* Of the heap, less the history, in bytes a draw. */
double chaos_growth(const struct chaos *);

/* chaos_log.c: after the browser has ended; lacks is what browser_finish() returned. */
void chaos_check_log(struct chaos *, const char *path, uint64_t lacks);

/* chaos_report.c. report_path "": there is none. */
void chaos_print(const struct chaos *, const char *report_path);
/* Was there anything to measure it by? If not, *why (static) says so. */
bool chaos_checked(const struct chaos *, enum chaos_invariant, const char **why);
/* What was measured of it, in words. Returns buf. */
const char *chaos_figures(const struct chaos *, enum chaos_invariant, char *buf, size_t capacity);
/* The report as JSON, to be freed; state: running, finished or interrupted. NULL: no memory. */
char *chaos_json(const struct chaos *, const char *state);
/* Written with mode 0600. false with errno. */
bool chaos_write(const char *json, const char *path);

/* chaos_place.c: a name for this run's report; older ones go. false with *why, and in path what could not be
 * made. */
bool chaos_place(char *path, size_t capacity, const char **why);

/* chaos_replay.c: a report's settings and draws. false: *why (static buffer) says what is wrong. */
bool chaos_read(const char *path, struct chaos_settings *, struct chaos_script *, const char **why);
void chaos_script_free(struct chaos_script *);
