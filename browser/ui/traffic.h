/*
 * The live view of the traffic, in a panel or over the full screen. traffic.c has its
 * parts and keys; traffic_look.c fills the list with what passes the filter; traffic_rows.c draws it;
 * traffic_filter.c is where the filter is typed; message_view.c shows
 * the message that is opened; do_traffic.c has what can be done with it. Other views of the same messages
 * read the list through the functions here.
 */
#pragma once
#include "browser/traffic/collect/chain.h"
#include "browser/traffic/query/query.h"
#include "browser/ui/line_edit.h"
#include "browser/ui/list.h"
#include "browser/ui/message_view.h"
#include "browser/ui/shown.h"
#include "common/task.h"

struct area;
struct stroke;
struct traffic_export;
struct ui;

/* One that was looked at before its fate was known: it may pass the filter later, or no more. */
struct traffic_open {
	struct shown_entry entry; /* where it stands in the list, if it does */
	bool shown;
	uint8_t status; /* that it had when it was looked at, and whether its handler had returned */
	bool handled;
};

/* What the first column tells. */
enum traffic_times { TIMES_SINCE_START, TIMES_SINCE_BEFORE, TIMES_OF_CLOCK, TIMES_COUNT };

/* The filter in force. */
struct traffic_question {
	char text[QUERY_TEXT];
	struct query *query; /* NULL: none was ever set */
	struct chain_set chains[QUERY_CHAINS];
	unsigned nchains;
	uint64_t chained; /* events before this one are in the chains */
};

#define TRAFFIC_BATCH 256

struct traffic_panel {
	struct list list;
	struct shown shown;
	struct shown_entry place; /* what is marked, or where that would stand */
	int row;		  /* of the mark below the first row that is seen */
	struct traffic_question question;
	struct traffic_open *open;
	int open_count;
	uint64_t looked_at;	   /* events before this one have been looked at, */
	uint64_t look_from, below; /* but for these: look_from <= sequence < below. They come newest first */
	bool below_is_new;	   /* those have come since the list was begun */
	struct shown_entry batch[TRAFFIC_BATCH]; /* on their way into the list */
	int batched;
	struct task more;	    /* there was not enough time in this turn */
	int fresh, gone;	    /* while paused: that came; that left memory, and so the list */
	struct shown_entry settled; /* while paused nothing comes before this one: one looks at it */
	bool paused, pings;
	bool pause_stays;    /* the user said so, and did not only move */
	bool pings_would_do; /* one that is hidden would pass the filter */
	enum traffic_times times;
	struct line_edit edit;
	char kept[QUERY_TEXT];	  /* the filter in force when one began to type */
	struct query_error error; /* of what is in `edit`, if why[0] */
	int candidate;		  /* that the arrows have chosen, from 0; -1: none */
	uint64_t *marks;	  /* events that the user marked, in order */
	int mark_count;
	struct chain *chain; /* made when it is first asked */
	struct message_view message;
	struct traffic_export *export; /* while a file is written */
};

/* What the list holds: the events that pass the filter, oldest first. */
int traffic_count(const struct ui *);
/* The number of the event in the collector's history, which may have dropped it meanwhile. */
uint64_t traffic_shown(const struct ui *, int index);
/* The filter in force, "" for none. */
const char *traffic_filter_text(const struct ui *);
/* The event that is marked, NULL: none, or it is gone. */
const struct traffic_event *traffic_marked(const struct ui *);
/* Does that event pass the filter? After traffic_update(). */
bool traffic_passes(const struct ui *, const struct traffic_event *);
/* Does the list hold that event? */
bool traffic_has(const struct traffic_panel *, const struct traffic_event *);
/* Who caused what, up to this moment; NULL: no memory. */
struct chain *traffic_chain(struct ui *);

/* traffic.c */
void traffic_init(struct ui *);
void traffic_draw(struct ui *);
/* Look at what is new, as much as there is time for in one turn. */
void traffic_update(struct ui *);
/* Keys that come faster than pictures find a list under a new filter, too. */
void traffic_begin_list(struct ui *);
void traffic_move(struct ui *, enum list_move);
/* The wheel, over that cell of the screen. */
void traffic_scroll(struct ui *, int rows, int row, int column);
/* Open the marked message; in the tree, go to the one that is marked there. */
void traffic_open(struct ui *);
/* Mark the event in the list, or the place where it would stand, and open it where one is open. */
void traffic_go(struct ui *, const struct traffic_event *);
void traffic_pause(struct ui *, bool paused);
/* As the user says: this pause stays, whatever moves, until the user follows again. */
void traffic_toggle_pause(struct ui *);
void traffic_finish(struct traffic_panel *);

/* traffic_look.c */
/* Look at what has not been looked at yet, for a few milliseconds. false: there is more. */
bool traffic_look(struct ui *);
/* At everything again. */
void traffic_look_again(struct ui *);
/* false: the text is no question; then the filter is what it was, and *error says why. */
bool traffic_set_filter(struct ui *, const char *text, struct query_error *error);
void traffic_show_pings(struct ui *, bool pings);
void traffic_forget_question(struct traffic_question *);

/* traffic_rows.c */
/* before: the event of the row above, NULL: none. */
void traffic_draw_row(struct ui *, struct area row, const struct traffic_event *,
		      const struct traffic_event *before);
void traffic_draw_heading(struct ui *, struct area row);

/* traffic_filter.c */
void filter_begin(struct ui *);
/* Set it, or say what is wrong with it. */
void filter_set(struct ui *, const char *text);
/* Rows that the head takes above the list, at most as many. */
int traffic_head_rows(const struct ui *, int most);
void traffic_draw_head(struct ui *, struct area);

/* traffic_export.c: the file's name says in which form; it must not be there yet. */
void traffic_export(struct ui *, const char *path);
void traffic_export_finish(struct traffic_panel *);

/* do_traffic.c */
/* The filter in force, and this clause as well. */
void traffic_ask_also(struct ui *, const char *clause);
bool traffic_is_marked(const struct traffic_panel *, uint64_t sequence);
