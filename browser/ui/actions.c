/* The table of actions. See action.h. Where two rows have the same key, the earlier one that applies is
 * taken. */
#include "browser/ui/action.h"

const char *const action_group_names[GROUP_COUNT] = { "Tabs and addresses", "The page",	       "Panels",
						      "In a panel",	    "Break something", "Other" };

const struct action actions[] = {
	/* A sad tab. Enter is its report, and so on: they come before what these keys mean on other pages. */
	{ "report", "Enter", IN_SAD, GROUP_BREAK, "report", "Read how the page's process died", do_report },
	{ "its-messages", "D", IN_SAD | IN_HUNG, GROUP_BREAK, "its messages",
	  "Show the messages of the page's process only", do_its_messages },
	{ "wait", "w", IN_HUNG, GROUP_BREAK, "wait", "Give a page that does not respond another 5 s",
	  do_wait },
	{ "end", "k", IN_HUNG, GROUP_BREAK, "end it", "End a page that does not respond", do_end },
	{ "stop", "Esc", IN_LOADING, GROUP_PAGE, "stop", "Stop loading", do_stop },

	{ "kill", "k Delete", IN_PROCESSES, GROUP_LISTS, "kill", "Kill the marked process (asks first)",
	  do_kill },
	{ "sort", "F6", IN_PROCESSES, GROUP_LISTS, "sort", "Sort by name, processor, memory or messages",
	  do_sort },
	{ "pause", "Space", IN_TRAFFIC, GROUP_LISTS, "pause", "Pause the traffic, or go on", do_pause },
	{ "filter", "/", IN_TRAFFIC, GROUP_LISTS, "filter", "Show only messages that hold a text",
	  do_filter },
	{ "leave", "Esc", IN_LISTS, GROUP_LISTS, "page", "Back to the page", do_leave },
	{ "follow", "f", IN_TRAFFIC, GROUP_LISTS, NULL, "Follow the newest message", do_follow },
	{ "pings", "P", IN_TRAFFIC, GROUP_LISTS, "pings", "Show pings too, or hide them", do_pings },
	{ "details", "Enter", IN_LISTS, GROUP_LISTS, "open", "Open the report of a process, or a message",
	  do_open },

	{ "address", "o Ctrl-L Alt-D", EVERYWHERE, GROUP_TABS, "address", "Go to an address", do_address },
	{ "edit-address", "O", EVERYWHERE, GROUP_TABS, NULL, "Edit the address that is shown",
	  do_edit_address },
	{ "tab", "t Ctrl-T", EVERYWHERE, GROUP_TABS, "tab", "Open a tab", do_tab },
	{ "close", "x Ctrl-W", EVERYWHERE, GROUP_TABS, "close", "Close the tab", do_close },
	{ "reopen", "X Alt-T", EVERYWHERE, GROUP_TABS, NULL, "Open the tab again that was closed last",
	  do_reopen },
	{ "next", "gt Ctrl-PgDn", EVERYWHERE, GROUP_TABS, NULL, "Next tab", do_next },
	{ "previous", "gT Ctrl-PgUp", EVERYWHERE, GROUP_TABS, NULL, "Previous tab", do_previous },
	{ "select", "Alt-1 Alt-2 Alt-3 Alt-4 Alt-5 Alt-6 Alt-7 Alt-8 Alt-9", EVERYWHERE, GROUP_TABS, NULL,
	  "The tab of that number; 9 is the last", do_select },

	{ "links", "f", IN_PAGE, GROUP_PAGE, "links", "Follow a link by its letters", do_hints },
	{ "back", "H Alt-Left", EVERYWHERE, GROUP_PAGE, NULL, "Back", do_back },
	{ "forward", "L Alt-Right", EVERYWHERE, GROUP_PAGE, NULL, "Forward", do_forward },
	{ "reload", "r Ctrl-R F5", EVERYWHERE, GROUP_PAGE, "reload", "Load the page again", do_reload },
	{ "focus-next", "Tab", IN_PAGE, GROUP_PAGE, NULL, "Next link of the page", do_focus_next },
	{ "focus-previous", "Shift-Tab", IN_PAGE, GROUP_PAGE, NULL, "Previous link of the page",
	  do_focus_previous },
	{ "activate", "Enter", IN_PAGE, GROUP_PAGE, NULL, "Follow the link that is marked", do_activate },
	{ "down", "j Down", EVERYWHERE, GROUP_PAGE, NULL, "Down", do_down },
	{ "up", "k Up", EVERYWHERE, GROUP_PAGE, NULL, "Up", do_up },
	{ "page-down", "PgDn Space", EVERYWHERE, GROUP_PAGE, NULL, "A screenful down", do_page_down },
	{ "page-up", "PgUp", EVERYWHERE, GROUP_PAGE, NULL, "A screenful up", do_page_up },
	{ "half-down", "d", EVERYWHERE, GROUP_PAGE, NULL, "Half a screenful down", do_half_down },
	{ "half-up", "u", EVERYWHERE, GROUP_PAGE, NULL, "Half a screenful up", do_half_up },
	{ "top", "g Home", EVERYWHERE, GROUP_PAGE, NULL, "To the top", do_top },
	{ "bottom", "G End", EVERYWHERE, GROUP_PAGE, NULL, "To the end", do_bottom },

	{ "break", "F8", EVERYWHERE, GROUP_BREAK, "break", "Break a process, and watch the others",
	  do_break },
	{ "inject", "", EVERYWHERE, GROUP_BREAK, NULL, "The same by name: inject [WHOM] FAULT", do_inject },
	{ "retry-gpu", "F7", EVERYWHERE, GROUP_BREAK, NULL,
	  "Start the GPU process again, once it was given up", do_retry_gpu },

	{ "fold-processes", "F9", EVERYWHERE, GROUP_PANELS, "processes",
	  "Go to the processes; once there, fold them away", do_fold_processes },
	{ "fold-traffic", "F12 D", EVERYWHERE, GROUP_PANELS, "traffic",
	  "Go to the traffic; once there, fold it away", do_fold_traffic },
	{ "tasks", "p", EVERYWHERE, GROUP_PANELS, NULL, "Go to the processes", do_processes },
	{ "messages", "m", EVERYWHERE, GROUP_PANELS, NULL, "Go to the traffic", do_messages },
	{ "traffic", "M", EVERYWHERE, GROUP_PANELS, NULL, "Traffic over the full screen", do_traffic },

	{ "help", "? F1", EVERYWHERE, GROUP_OTHER, "help", "This help", do_help },
	{ "command", ": Ctrl-P", EVERYWHERE, GROUP_OTHER, NULL,
	  "Type a command; any name in this list is one", do_command },
	{ "suspend", "Ctrl-Z", EVERYWHERE, GROUP_OTHER, NULL, "Back to the shell; fg returns", do_suspend },
	{ "redraw", "F4", EVERYWHERE, GROUP_OTHER, NULL, "Draw the screen anew", do_redraw },
	{ "quit", "Ctrl-Q", EVERYWHERE, GROUP_OTHER, "quit", "Quit (asks when more than one tab is open)",
	  do_quit },
};
const unsigned action_count = sizeof(actions) / sizeof(actions[0]);
