/*
 * The whole browser in a test, without a screen: real processes, real sandbox, real pages. One browser a test
 * program; each test opens the tabs it needs and ends with none. Every wait is for a condition, and fails
 * after 10 s. harness.c drives; counts.c looks at what the kernel has of us; evil.h brings in compromised
 * children.
 */
#pragma once
#include "browser/browser.h"
#include "browser/fault/blast/blast.h"
#include "browser/fault/injection.h"
#include "browser/process/gpu_host.h"
#include "browser/process/host.h"
#include "browser/process/plugin_host.h"
#include "browser/process/spare.h"
#include "browser/tab/embed.h"
#include "browser/tab/tab.h"
#include "browser/tab/view.h"
#include "browser/traffic/collect/collector.h"
#include "common/loop.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

extern struct browser browser;
extern struct options harness_options; /* for harness_open(); no log unless a test says so */

/* Group setup and teardown. The teardown fails if a child or zombie is left. */
int harness_open(void **state);
int harness_close(void **state);

/* A folder for this test's state (crash reports, logs), set in the environment; removed at exit. */
const char *harness_state_folder(void);

/* For each test: end all tabs, forgive the dead, wait until one GPU process and one spare are up and nothing
 * else. */
int harness_calm(void **state);

#define HARNESS_MS 10000

/* Run turns of the loop until the condition holds. */
#define AWAIT(condition) AWAIT_WITHIN(HARNESS_MS, condition)
#define AWAIT_WITHIN(ms, condition)                                                                          \
	do {                                                                                                 \
		uint64_t await_end = recorder_now() + (ms)*UINT64_C(1000000);                                \
		while (!(condition))                                                                         \
			harness_turn(await_end, #condition, __FILE__, __LINE__);                             \
	} while (0)
void harness_turn(uint64_t end_ns, const char *condition, const char *file, int line);

/* A tab with that page, loaded, its embeds settled, and active; and the first picture of it has come. */
struct tab *harness_tab(const char *url);
bool harness_loaded(const struct tab *);
/* Go on to another page in it. */
void harness_go(struct tab *, const char *url);
/* Make it the active one and wait for its picture. */
void harness_show(struct tab *);
/* A data: page of that title, long enough to scroll. */
const char *harness_long_page(const char *title);
#define CLOCK_PAGE "data:text/html,<title>Clock</title><embed type=\"application/x-clock\"><p>below</p>"

/* The view as text: a line a row. Static buffer. */
const char *harness_screen(void);
bool harness_screen_has(const char *text);

/* Ask the page for its document; waits. */
const struct tab_description *harness_describe(struct tab *);

/* Somebody's tab, that nothing may befall. */
struct witness {
	struct tab *tab;
	uint32_t renderer;
	uint64_t hash, text_bytes;
	uint32_t scroll_row;
};
struct witness harness_witness(struct tab *);
/* Same process, which answers; same document; same scroll row. */
void harness_check_witness(const struct witness *);

struct process_host *harness_plugin(void); /* the first that is up, or NULL */
struct plugin_host *harness_clock(void);

/* The roll call after the last death: all who were asked have answered, and that many were. */
void harness_check_roll_call(unsigned asked);

/* A ping of now, answered. */
void harness_check_answers(struct process_host *);

/* counts.c: of this process. */
unsigned count_fds(void);
unsigned count_regions(void);			    /* memfds that are mapped */
unsigned count_children(void);			    /* the dead not reaped too */
unsigned count_children_named(const char *program); /* alive, and of that executable */
unsigned count_zombies(void);
uint64_t count_resident_bytes(void);
/* Children of any process, as pids; returns how many were found, at most max. */
unsigned list_children(pid_t of, pid_t *pids, unsigned max);
