/*
 * The live view of the traffic, in a panel or over the full screen. traffic.c keeps the list of what passes
 * the filter; traffic_rows.c draws it; traffic_filter.c is where the filter is typed; message_view.c shows
 * the message that is opened. Other views of the same messages read the list through the functions here.
 */
#pragma once
#include "browser/ui/line_edit.h"
#include "browser/ui/list.h"
#include <stdbool.h>
#include <stdint.h>

struct ui;
struct area;
struct stroke;
struct traffic_event;

struct traffic_panel {
	struct list list;
	uint64_t *shown; /* sequence numbers of the events that pass the filter */
	int count, capacity;
	uint64_t *open; /* of those whose fate was not known when they were looked at: twice the sequence, odd
			   if shown */
	int open_count;
	uint64_t looked_at;  /* events before this sequence have been */
	uint64_t seen, lost; /* messages counted */
	int fresh;	     /* that came while paused */
	int settled;	     /* rows that do not move any more, since one looks at them */
	bool paused, pings;
	char filter[256];
	struct line_edit edit;
};

/* What the list holds: the events that pass the filter, oldest first. */
int traffic_count(const struct ui *);
/* The number of the event in the collector's history, which may have dropped it meanwhile. */
uint64_t traffic_shown(const struct ui *, int index);
/* The filter in force, "" for none. */
const char *traffic_filter_text(const struct ui *);
/* The event that is marked, NULL: none, or it is gone. */
const struct traffic_event *traffic_marked(const struct ui *);

/* traffic.c */
void traffic_draw(struct ui *);
/* Look at what is new, as much as there is time for in one turn. */
void traffic_update(struct ui *);
void traffic_move(struct ui *, enum list_move);
void traffic_scroll(struct ui *, int rows);
void traffic_open(struct ui *);
void traffic_set_filter(struct ui *, const char *text);
void traffic_pause(struct ui *, bool paused);
void traffic_finish(struct traffic_panel *);

/* traffic_rows.c */
void traffic_draw_row(struct ui *, struct area row, const struct traffic_event *);
void traffic_draw_heading(struct ui *, struct area row);

/* traffic_filter.c */
void filter_begin(struct ui *);
void traffic_draw_head(struct ui *, struct area row);
