/*
 * One message opened: at the left every field with its type, what is known about the message, and its bytes;
 * at the right why it was sent and what came of it, as a tree. message_tree.c grows the tree. Shown below the
 * list of the full screen, and in a room over everything for the panel.
 */
#pragma once
#include "browser/traffic/message.h"
#include "browser/ui/canvas.h"
#include "browser/ui/list.h"

struct chain;
struct collector;
struct lines;
struct stroke;
struct ui;

enum message_pane { PANE_LIST, PANE_FIELDS, PANE_TREE };

/* A line of the tree. */
struct tree_row {
	uint64_t sequence;
	unsigned more; /* so many effects that there is no room for stand in this row's place, 0: it is one */
	uint32_t bars; /* bit d: at depth d a line goes on below */
	uint8_t depth;
	bool last; /* of its siblings */
};

#define TREE_ROWS  400
#define TREE_DEPTH 31 /* below the first cause that is shown */

struct message_tree {
	struct tree_row rows[TREE_ROWS];
	int count, here;		 /* here: the row of the message that is opened */
	bool is_cut;			 /* there are more causes above */
	uint64_t grown_from, first, end; /* the event, and the history's ends then */
	uint64_t opened[TREE_ROWS + 1];	 /* the ids whose effects are said */
	int opened_count;
};

struct message_view {
	bool opened;	   /* below the list */
	uint64_t sequence; /* of the message */
	enum message_pane pane;
	int top, text_rows, seen; /* of the fields */
	struct list list;	  /* of the tree */
	int tree_seen;
	struct area fields, tree;  /* where they were drawn last */
	struct message_tree *rows; /* as drawn last */
};

#define MESSAGE_LEAST 15 /* rows that list and message need together */

/* In the full screen: below the list, with its upper rule in the first row of the area. */
void message_draw(struct ui *, struct area);
/* Over the screen. */
void message_begin(struct ui *);
/* Show that one from now on. */
void message_show(struct ui *, uint64_t sequence);
/* Keys that move, in the pane that has the keys; false: that is the list. */
bool message_move(struct ui *, enum list_move);
/* The wheel over that cell; false: that is none of its panes. */
bool message_scroll(struct ui *, int rows, int row, int column);
/* The message that is marked in the tree, NULL: none is, or the tree has not the keys. */
const struct traffic_event *message_marked(struct ui *);
/* Is one opened? It may be gone from memory. */
bool message_is_shown(const struct ui *);
/* The message that is opened, NULL: none is, or it is gone. */
const struct traffic_event *message_opened(struct ui *);
/* One step back: to the list, and then to nothing but the list. false: no message is opened. */
bool message_leave(struct ui *);
/* Give the next pane the keys, or the one before. */
void message_next_pane(struct ui *, int step);
void message_finish(struct message_view *);

/* message_facts.c */
void message_add_facts(struct ui *, struct lines *, const struct traffic_event *, int columns);

/* message_tree.c: from the first cause through this event to all that it caused. false: it is grown already,
 * and nothing has happened since. The chain is that of the collector, and up to date. */
bool message_tree_grow(struct message_tree *, const struct collector *, const struct chain *,
		       const struct traffic_event *);
/* The row's lines, as text. Returns buf. */
#define TREE_PREFIX ((TREE_DEPTH + 2) * 4)
const char *message_tree_prefix(const struct tree_row *, char buf[TREE_PREFIX]);
