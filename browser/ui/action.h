/*
 * Actions: the one table of everything that can be done, behind keys, clicks, `:commands`, the hints of the
 * last line and the help. actions.c has the table; action.c looks things up; do_*.c are the functions.
 */
#pragma once
#include "browser/ui/screen.h"

enum action_group {
	GROUP_TABS,
	GROUP_PAGE,
	GROUP_PANELS,
	GROUP_LISTS,
	GROUP_MESSAGE, /* the message that is marked, or opened */
	GROUP_BREAK,
	GROUP_OTHER,
	GROUP_COUNT
};
extern const char *const action_group_names[GROUP_COUNT];

struct action {
	const char *name; /* of the command */
	const char *keys; /* separated by blanks; letters without a modifier are typed one after the other */
	unsigned where;	  /* bits of enum place */
	enum action_group group;
	const char *hint; /* a word for the last line; NULL: not there. See action_hint() */
	const char *help;
	void (*run)(struct ui *, const char *argument);
};

extern const struct action actions[];
extern const unsigned action_count;

/* By name, or the only one that begins so; NULL with *why. */
const struct action *action_find(const char *name, size_t length, const char **why);

/* The action of these keys in those places. *prefix: with more keys, others could be meant. */
const struct action *action_of_keys(const struct stroke *strokes, unsigned count, unsigned places,
				    bool *prefix);

/* The word for the last line, as things stand now; NULL: none. */
const char *action_hint(const struct ui *, const struct action *);

/* Run it: it gets an id and a line in the log. what: "key", "click" or "command"; value: its text. */
void action_run(struct ui *, const struct action *, const char *argument, const char *what,
		const char *value);
/* "reload", or "open https://…": a whole line of the command line. */
void action_run_command(struct ui *, const char *line);

/* do_*.c */
#define ACTION_FUNCTION(name) void name(struct ui *ui, const char *argument)
ACTION_FUNCTION(do_address);
ACTION_FUNCTION(do_edit_address);
ACTION_FUNCTION(do_tab);
ACTION_FUNCTION(do_close);
ACTION_FUNCTION(do_reopen);
ACTION_FUNCTION(do_next);
ACTION_FUNCTION(do_previous);
ACTION_FUNCTION(do_select);
ACTION_FUNCTION(do_back);
ACTION_FUNCTION(do_forward);
ACTION_FUNCTION(do_reload);
ACTION_FUNCTION(do_stop);
ACTION_FUNCTION(do_hints);
ACTION_FUNCTION(do_focus_next);
ACTION_FUNCTION(do_focus_previous);
ACTION_FUNCTION(do_activate);
ACTION_FUNCTION(do_up);
ACTION_FUNCTION(do_down);
ACTION_FUNCTION(do_page_up);
ACTION_FUNCTION(do_page_down);
ACTION_FUNCTION(do_half_up);
ACTION_FUNCTION(do_half_down);
ACTION_FUNCTION(do_top);
ACTION_FUNCTION(do_bottom);
ACTION_FUNCTION(do_wait);
ACTION_FUNCTION(do_end);
ACTION_FUNCTION(do_its_messages);
ACTION_FUNCTION(do_report);
ACTION_FUNCTION(do_fold_processes);
ACTION_FUNCTION(do_fold_traffic);
ACTION_FUNCTION(do_processes);
ACTION_FUNCTION(do_messages);
ACTION_FUNCTION(do_traffic);
ACTION_FUNCTION(do_leave);
const char *do_leave_hint(const struct ui *); /* where it leads now */
ACTION_FUNCTION(do_tiles);
ACTION_FUNCTION(do_enter_tab);
ACTION_FUNCTION(do_left);
ACTION_FUNCTION(do_right);
ACTION_FUNCTION(do_open);
ACTION_FUNCTION(do_kill);
ACTION_FUNCTION(do_sort);
ACTION_FUNCTION(do_pause);
ACTION_FUNCTION(do_follow);
ACTION_FUNCTION(do_filter);
ACTION_FUNCTION(do_pings);
ACTION_FUNCTION(do_times);
ACTION_FUNCTION(do_sequence);
ACTION_FUNCTION(do_statistics);
ACTION_FUNCTION(do_mark);
ACTION_FUNCTION(do_export);
ACTION_FUNCTION(do_next_mark);
ACTION_FUNCTION(do_previous_mark);
ACTION_FUNCTION(do_copy);
ACTION_FUNCTION(do_hide_kind);
ACTION_FUNCTION(do_only_kind);
ACTION_FUNCTION(do_only_tab);
ACTION_FUNCTION(do_chain);
ACTION_FUNCTION(do_to_cause);
ACTION_FUNCTION(do_to_effect);
ACTION_FUNCTION(do_to_partner);
ACTION_FUNCTION(do_next_pane);
ACTION_FUNCTION(do_previous_pane);
ACTION_FUNCTION(do_break);
ACTION_FUNCTION(do_inject);
ACTION_FUNCTION(do_toxic);
ACTION_FUNCTION(do_untoxic);
ACTION_FUNCTION(do_waiting);
ACTION_FUNCTION(do_disarm);
ACTION_FUNCTION(do_hold);
ACTION_FUNCTION(do_hold_here);
ACTION_FUNCTION(do_held);
ACTION_FUNCTION(do_send_again);
ACTION_FUNCTION(do_unhold);
ACTION_FUNCTION(do_continue);
ACTION_FUNCTION(do_step);
ACTION_FUNCTION(do_drop);
ACTION_FUNCTION(do_duplicate);
ACTION_FUNCTION(do_edit_held);
ACTION_FUNCTION(do_send);
ACTION_FUNCTION(do_retry_gpu);
ACTION_FUNCTION(do_command);
ACTION_FUNCTION(do_help);
ACTION_FUNCTION(do_suspend);
ACTION_FUNCTION(do_redraw);
ACTION_FUNCTION(do_quit);
