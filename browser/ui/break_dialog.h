/*
 * The break dialog (F8): pages of one box. break_dialog.c is the box; break_fault.c makes a process fail,
 * break_toxic.c poisons a channel, break_waiting.c lists what was ordered and is not over, break_hold.c has
 * breakpoints and what they hold, break_hand.c sends a message by hand.
 */
#pragma once
#include "browser/traffic/query/query.h"
#include "browser/ui/fields_form.h"
#include "browser/ui/line_edit.h"
#include "browser/ui/list.h"
#include "common/channel.h"
#include <stdbool.h>

struct ui;
struct stroke;
struct process_host;
struct fault_order;
struct toxic_order;

enum break_page_number { BREAK_FAULT, BREAK_TOXIC, BREAK_WAITING, BREAK_HOLD, BREAK_HAND, BREAK_PAGES };

struct break_page {
	const char *title;
	const char *enter; /* what that does, for the foot of the box */
	const char *hints; /* for the last line */
	void (*draw)(struct ui *, struct area);
	void (*stroke)(struct ui *,
		       const struct stroke *); /* a key or the wheel; Enter, Esc and F8 do not come */
	void (*act)(struct ui *);	       /* Enter */
	bool (*leave)(struct ui *); /* Esc: false: it was meant for a part of the page. May be NULL */
};
extern const struct break_page break_fault_page, break_toxic_page, break_waiting_page, break_hold_page,
	break_hand_page;

struct break_dialog {
	enum break_page_number page;
	uint32_t tab; /* whose renderer is offered first */
	struct endpoint whom;
	struct list how;
	char typed[24]; /* narrows the list of faults */
	unsigned when;
	struct line_edit condition; /* "on 3rd ping received" */
	struct list channels, kinds;
	enum break_keys {
		BREAK_KEYS_FIRST,
		BREAK_KEYS_SECOND,
		BREAK_KEYS_TEXT
	} keys;			  /* which part has them */
	struct line_edit measure; /* "200ms on submit_frame with 50%" */
	struct list waiting;
	struct line_edit question; /* for another breakpoint */
	struct query_error wrong;  /* with it, if why[0] */
	struct list holds;
	uint32_t held; /* the held message that is in the form, 0: none */
	struct fields_form edited, hand;
	bool hand_begun;
};

#define BREAK_TARGETS 16

/* The tab whose renderer is offered first; NULL: it is gone. */
struct tab *break_tab(struct ui *);
/* Stands for a tab that has no process to break. */
extern const struct endpoint break_no_process;

/* What can be broken: that renderer, the GPU process, plugin processes, the browser. Returns how many. */
unsigned break_targets(struct ui *, struct endpoint out[BREAK_TARGETS]);

/* Carry out an order, and say what came of it. NULL target: the browser. */
void break_order(struct ui *, struct process_host *target, const struct fault_order *);
void break_place(struct ui *, const struct toxic_order *);

/* The page of breakpoints, with that question to begin with; NULL: none. */
void break_begin_hold(struct ui *, const char *question);
/* The page that sends by hand, with that message. */
void break_begin_by_hand(struct ui *, const struct composed *);

/* Close the box and open the command line. */
void break_leave_for_command(struct ui *);

/* A choice in a row: marked by a sign as well as by its looks. Returns the column behind it. */
int break_draw_choice(struct ui *, int row, int column, int end, bool marked, struct style, const char *words,
		      void (*pick)(struct ui *, int, const struct stroke *), int number);
/* A key or the wheel that moves the mark. false: it does not. */
bool break_move(struct list *, const struct stroke *, int count);
/* A label in the left column, and where what it names begins. */
#define BREAK_LABEL 9
void break_draw_label(struct ui *, struct area, const char *label);
