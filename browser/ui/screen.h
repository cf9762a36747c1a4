/*
 * What the rooms of browser/ui/ share: the state of the screen, where its parts are, and what can be clicked.
 * ui.c owns it; each room draws its part of the canvas and changes its part of the state.
 */
#pragma once
#include "browser/browser.h"
#include "browser/process/host.h"
#include "browser/tab/tab.h"
#include "browser/ui/break_dialog.h"
#include "browser/ui/canvas.h"
#include "browser/ui/line_edit.h"
#include "browser/ui/lines.h"
#include "browser/ui/list.h"
#include "browser/ui/paint.h"
#include "browser/ui/sequence_view.h"
#include "browser/ui/statistics_view.h"
#include "browser/ui/stroke.h"
#include "browser/ui/terminal.h"
#include "browser/ui/theme.h"
#include "browser/ui/tiles.h"
#include "browser/ui/traffic.h"

struct ui;
struct traffic_event;

/* Where the keys go, as bits: actions say where they apply. */
enum place {
	IN_PAGE = 1,
	IN_PROCESSES = 2,
	IN_TRAFFIC = 4,
	IN_SAD = 8,	 /* the page is a sad tab */
	IN_HUNG = 16,	 /* the page does not respond */
	IN_LOADING = 32, /* a navigation is on its way */
	IN_TILES = 64,	 /* all tabs at once are in the page's place */
	IN_LISTS = IN_PROCESSES | IN_TRAFFIC,
	EVERYWHERE = IN_PAGE | IN_LISTS | IN_TILES,
};

/* What lies over the screen and has all keys while it does. Drawn in the order in which it came. */
struct room {
	const char *name;
	const char *hints; /* for the last line */
	void (*draw)(struct ui *);
	/* A key, paste or click. Clicks on zones come here only when no zone takes them. */
	void (*stroke)(struct ui *, const struct stroke *);
	bool own_line; /* it draws the last line itself */
};
#define ROOMS_MAX 4

/* What a click on an area does: an action of the table, or a function of a room. */
struct zone {
	struct area area;
	const char *action, *argument;
	void (*run)(struct ui *, int number, const struct stroke *);
	int number;
};
#define ZONES_MAX 512

struct layout {
	struct area tabs, bar, rule, page, panel_rule, processes, traffic, status;
	bool bottom_rule, too_small;
	bool narrow; /* no room for panels beside the page: one thing at a time */
	int divider; /* column between page and panels, 0: none */
};

enum process_order { ORDER_NAME, ORDER_CPU, ORDER_MEMORY, ORDER_BEAT, ORDER_COUNT };

struct processes_panel {
	struct list list;
	struct endpoint marked; /* whose row it is, wherever that moves */
	enum process_order order;
	struct process_usage own; /* the browser's */
	uint64_t own_cpu_ns, own_at_ns;
};

/* Text to be read, over the screen: help, a report. */
struct reader {
	const char *title;
	void (*fill)(struct ui *, struct lines *, int columns);
	int top, count, seen;
	const char *begin_at;	 /* its first line of that text is to be the first that is seen; NULL */
	struct endpoint process; /* of a report */
	uint32_t tab;		 /* whose sad tab it is the report of, 0: none */
};

/* All tabs at once, in the page's place. The marked one is the active tab. */
struct tiles_view {
	bool shown;
	uint32_t from; /* the tab to go back to */
	struct tile_grid grid;
	struct list rows; /* of the grid */
};

struct ui {
	struct browser *browser;
	struct terminal terminal;
	struct painter painter;
	struct canvas canvas;
	struct layout layout;
	bool dirty, resized, quit;
	int cursor_row, cursor_column; /* row -1: hidden */
	struct event *signals[6];
	struct task readable, escape_time, prefix_time, tick;

	char *input; /* bytes that are no whole stroke yet */
	size_t input_bytes, input_capacity;
	struct stroke prefix[2]; /* keys of an action that needs more */
	unsigned prefix_count;
	const struct action *prefix_action; /* what they mean if no more come */
	struct stroke stroke;		    /* being handled */

	enum place focus; /* IN_PAGE, IN_PROCESSES or IN_TRAFFIC */
	struct tiles_view tiles;
	bool show_processes, show_traffic, traffic_full;
	struct processes_panel processes;
	struct traffic_panel traffic;
	struct sequence_view *sequence_view;	 /* NULL: not opened yet */
	struct statistics_view *statistics_view; /* likewise */

	const struct room *rooms[ROOMS_MAX];
	unsigned room_count;
	struct zone zones[ZONES_MAX];
	unsigned zone_count;

	struct line_edit address, command;
	struct completion {
		bool cycles;
		size_t typed; /* bytes of the command that were typed; a candidate stands behind */
		unsigned next;
	} completion;
	struct break_dialog breaking;
	struct reader reader;
	struct hints {
		struct hint {
			int row, column;
		} places[512];
		unsigned count, label_length;
		uint64_t presents; /* the picture that the places are of */
		uint32_t row;	   /* of the document, at its top */
		bool shown;	   /* false: it is not yet the one that was scrolled to */
		char typed[3];
	} hints;
	struct confirm {
		char question[160];
		void (*yes)(struct ui *);
		struct endpoint process;
	} confirm;
#define ENDED_KEPT 16
	uint32_t ended[ENDED_KEPT]; /* serials of the renderers that the user ended last */
	unsigned ended_count;
	char said[256]; /* the last line for the user, while it is shown */
	uint64_t said_ns;
};

/* ui.c */
void ui_redraw(struct ui *);
void ui_quit(struct ui *);
void ui_open_room(struct ui *, const struct room *);
void ui_close_room(struct ui *);
bool ui_has_room(const struct ui *, const struct room *);
struct tab *ui_tab(const struct ui *); /* the active one, or NULL */
unsigned ui_places(const struct ui *); /* where keys apply now, bits of enum place */
__attribute__((format(printf, 2, 3))) void ui_say(struct ui *, const char *how, ...);

/* input.c */
void input_start(struct ui *);
void input_finish(struct ui *);

/* layout.c */
void layout_compute(struct ui *);
void layout_draw(struct ui *);
/* Give the keys to a panel or the page, unfolding what is folded. */
void layout_focus(struct ui *, enum place);
/* Give it the keys; fold it away when it has them already. */
void layout_fold(struct ui *, enum place panel);

/* zones.c */
void zone_add_action(struct ui *, struct area, const char *action, const char *argument);
void zone_add(struct ui *, struct area, void (*run)(struct ui *, int number, const struct stroke *),
	      int number);
const struct zone *zone_find(const struct ui *, int row, int column);

/* words.c: what things are called and how they look, everywhere the same */
const char *words_state(const struct process_host *); /* ready, crashed, oom… */
struct style words_state_style(const struct process_host *);
const char *words_sign(const struct process_host *);
const char *words_tab_sign(const struct tab *, struct style *);
struct style words_process_style(const struct process_host *); /* its hue; red when dead */
struct style words_endpoint_style(struct ui *, struct endpoint);
/* Living or dead, as long as the table of processes has it; NULL otherwise. */
struct process_host *words_process(struct ui *, struct endpoint);
const char *words_endpoint(struct endpoint, char *buf, size_t capacity);       /* renderer:3 */
const char *words_endpoint_short(struct endpoint, char *buf, size_t capacity); /* r3 */
const char *words_bytes(uint64_t bytes, char *buf, size_t capacity);	       /* 9.1M */
const char *words_age(uint64_t ns, char *buf, size_t capacity);		       /* 0.4 s, 3 min */
const char *words_duration(uint64_t ns, char *buf, size_t capacity);	       /* 52.3 µs, 1.20 ms, 9.04 s */
/* Its messages over the last 10 s, as eight steps. Returns buf. */
#define BEAT_TEXT 25
const char *words_beat(struct ui *, struct endpoint, char buf[BEAT_TEXT]);
/* An event that is no message: "key F8", "† renderer:1 crashed SIGSEGV". Returns buf. */
const char *words_event(const struct traffic_event *, char *buf, size_t capacity);
const char *words_count(uint64_t n, char *buf, size_t capacity); /* 12,904 */

/* The parts of the screen. */
void tab_strip_draw(struct ui *);
void address_bar_draw(struct ui *);
void page_area_draw(struct ui *);
void hung_strip_draw(struct ui *);
void tiles_draw(struct ui *);
void tiles_draw_heading(struct ui *);
/* Say which tiles are seen, where. After the page's area has got its size. */
void tiles_layout(struct ui *);
/* Mark another tile. false: none are shown, or that is no move among them. */
bool tiles_move(struct ui *, enum list_move);
/* Show one page again: that tab's, or the active one's if it is NULL. */
void tiles_leave(struct ui *, struct tab *);
void sad_tab_draw(struct ui *, struct tab *);
void processes_draw(struct ui *);
void processes_tick(struct ui *);
void processes_move(struct ui *, enum list_move);
void processes_scroll(struct ui *, int rows);
struct process_host *processes_marked(struct ui *); /* NULL: the browser, or nothing */
void processes_open(struct ui *);
void status_line_draw(struct ui *);

/* The rooms. */
extern const struct room address_room, command_room, filter_room, break_room, hints_room, message_room,
	reader_room, confirm_room, sequence_room, statistics_room;
void address_begin(struct ui *, bool current);
void command_begin(struct ui *, const char *text);
/* For the active tab; for that tab, on that page. */
void break_begin(struct ui *);
void break_begin_for(struct ui *, const struct tab *, enum break_page_number);
void break_finish(struct ui *);
void hints_begin(struct ui *);
/* A new picture may have come: its links are others. */
void hints_update(struct ui *);
void help_begin(struct ui *);
void process_report_begin(struct ui *, struct endpoint);
/* Does that key move in what is read? */
bool reader_move(const struct stroke *, enum list_move *);
void reader_begin(struct ui *, const char *title, void (*fill)(struct ui *, struct lines *, int columns));
__attribute__((format(printf, 3, 4))) void confirm_begin(struct ui *, void (*yes)(struct ui *),
							 const char *question, ...);
