/*
 * The browser process: one struct that the rooms share by pointers, and the glue that carries news between
 * them. main.c makes it; ui/ or fault/scenario.c drives it.
 */
#pragma once
#include "browser/traffic/message.h"
#include "common/recorder.h"
#include "common/task.h"
#include <stdbool.h>
#include <stdint.h>

struct process_table;
struct process_host;
struct tab;
struct tabs;
struct view;
struct gpu_host;
struct plugin_hosts;
struct spare;
struct fetcher;
struct collector;
struct log_writer;
struct injections;
struct toxics;
struct breakpoints;
struct blasts;
struct crash_reports;

/* Which pages share a renderer. The policy is in browser/tab/page_host.c, and nowhere else. */
enum process_model { PROCESS_MODEL_PER_TAB, PROCESS_MODEL_PER_SITE, PROCESS_MODEL_ONE, PROCESS_MODEL_COUNT };
extern const char *const process_model_names[PROCESS_MODEL_COUNT]; /* per-tab, per-site, one */

/* The command line. */
struct options {
	const char *log_file; /* NULL: the default place */
	bool no_log;
	enum log_payload log_payload;
	uint64_t log_size;  /* of one file, in bytes; 0: the default */
	unsigned log_files; /* that are kept; 0: the default */
	bool no_sandbox;
	const char *ca_file;
	const char *profile; /* NULL: the XDG folders */
	uint32_t without;    /* layers of the sandbox that a test switches off: bits of enum layer */
	bool ascii;
	bool no_faults; /* nothing can be broken on purpose */
	enum process_model process_model;
	struct crash_budgets {
		struct crash_budget {
			unsigned deaths, seconds; /* 0: the default */
		} gpu, plugin, spare;
	} budgets;
	const char *resume; /* after a restart: see browser/again.h; NULL: it is none */
	char *const *given; /* the whole command line, for starting another browser like this; may be NULL */
};

/* What changed since the listener last looked, as bits. */
enum {
	CHANGED_TABS = 1,      /* the strip, a title, a state, the address, progress */
	CHANGED_FRAME = 2,     /* the page's picture */
	CHANGED_PROCESSES = 4, /* the tree */
	CHANGED_TRAFFIC = 8,
	CHANGED_MESSAGE = 16, /* the line for the user, `message` */
};

struct browser {
	struct options options;
	struct process_table *processes;
	struct gpu_host *gpu;
	struct plugin_hosts *plugins;
	struct spare *spare;
	struct fetcher *fetcher;
	struct tabs *tabs;
	struct view *view;
	struct collector *collector;
	struct log_writer *log; /* NULL with --no-log */
	struct injections *injections;
	struct toxics *toxics;
	struct breakpoints *breakpoints;
	struct blasts *blasts;
	struct crash_reports *crash_reports;
	struct recorder recorder; /* the browser's own */
	char log_path[512];
	bool has_screen;    /* then these two are obeyed, by ui/ and main.c: */
	bool quit, restart; /* end in order; and then start again with the same tabs */
	char message[256];  /* for the user, in the last line of the screen */
	/* The one listener: the screen, or a scenario. */
	void (*changed)(void *arg, unsigned what);
	void *changed_arg;
};

/*
 * As many files may be open as this user may have: a tab takes some six, and the soft limit is mostly meant
 * for programs that use select(). Returns NULL, or a line about how few that are (static). browser_init()
 * does it.
 */
const char *browser_raise_limits(void);

/* Start everything but the first tab. false: a clear line is in *why. */
bool browser_init(struct browser *, const struct options *, const char **why);
/* End the children, finish the log. Also after a browser_init() that failed. Returns how many lines the log
 * lacks. */
uint64_t browser_finish(struct browser *);

/*
 * Is there a log that is to be replayed? Then it is told of what passes beside messages: bytes of the page's
 * body that went to its renderer, and what that process had written into a region, as it was read.
 */
bool browser_keeps_memory(const struct browser *);
void browser_note_body(struct browser *, const struct tab *, const void *bytes, size_t length);
void browser_note_memory(struct browser *, const struct process_host *, const struct record_memory *,
			 const void *bytes);

void browser_tell(struct browser *, unsigned what);
/* A line for the user. */
__attribute__((format(printf, 2, 3))) void browser_say(struct browser *, const char *how, ...);

/*
 * A key, click or command of the user: gets an id and a log line, and is the cause of all that is done until
 * browser_input_done(). what: "key", "click" or "command"; value: its text.
 */
void browser_input(struct browser *, const char *what, const char *value);
void browser_input_done(struct browser *);
