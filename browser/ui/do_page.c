/* What actions do: tabs, addresses, the page. action.h declares them, actions.c names them. */
#include "browser/tab/page_host.h"
#include "browser/ui/action.h"
#include <stdlib.h>
#include <string.h>

#define UNUSED(what) (void)(what)

ACTION_FUNCTION(do_address)
{
	if (!*argument || !ui_tab(ui)) {
		address_begin(ui, false);
		return;
	}
	tab_go(ui_tab(ui), argument);
	layout_focus(ui, IN_PAGE);
}

ACTION_FUNCTION(do_edit_address)
{
	UNUSED(argument);
	address_begin(ui, true);
	ui->address.all_marked = false;
}

/* A new tab shows the start page and waits for an address. */
ACTION_FUNCTION(do_tab)
{
	if (!tab_open(ui->browser->tabs, *argument ? argument : NULL, true))
		ui_say(ui, "no memory for another tab");
	layout_focus(ui, IN_PAGE);
}

ACTION_FUNCTION(do_close)
{
	UNUSED(argument);
	if (ui_tab(ui))
		tab_close(ui_tab(ui));
	if (!ui_tab(ui))
		ui_quit(ui);
}

ACTION_FUNCTION(do_reopen)
{
	UNUSED(argument);
	if (tab_reopen(ui->browser->tabs))
		layout_focus(ui, IN_PAGE);
	else
		ui_say(ui, "no tab has been closed");
}

/* Who asks for a tab wants to see its page, whatever lies over it. */
static void show(struct ui *ui, struct tab *tab)
{
	tab_activate(tab);
	layout_focus(ui, IN_PAGE);
}

static void step(struct ui *ui, int steps)
{
	struct tabs *tabs = ui->browser->tabs;
	struct tab *tab = ui_tab(ui);

	if (!tab || tabs->count < 2)
		return;
	unsigned at = (tab_index(tab) + tabs->count + (unsigned)steps) % tabs->count;
	show(ui, tab_at(tabs, at));
}

ACTION_FUNCTION(do_next)
{
	UNUSED(argument);
	step(ui, 1);
}

ACTION_FUNCTION(do_previous)
{
	UNUSED(argument);
	step(ui, -1);
}

/* By its key the digit says which; 9 is the last, as elsewhere. */
ACTION_FUNCTION(do_select)
{
	struct tabs *tabs = ui->browser->tabs;
	unsigned n = *argument ? (unsigned)atoi(argument) : ui->stroke.code - '0';
	bool last = !*argument && n == 9;
	struct tab *tab = last && tabs->count ? tab_at(tabs, tabs->count - 1)
			  : n		      ? tab_at(tabs, n - 1)
					      : NULL;

	if (tab)
		show(ui, tab);
	else
		ui_say(ui, "there are %u tabs", tabs->count);
}

ACTION_FUNCTION(do_back)
{
	UNUSED(argument);
	if (ui_tab(ui) && !tab_history_step(ui_tab(ui), -1))
		ui_say(ui, "nothing was shown before this");
}

ACTION_FUNCTION(do_forward)
{
	UNUSED(argument);
	if (ui_tab(ui) && !tab_history_step(ui_tab(ui), 1))
		ui_say(ui, "this is the newest");
}

ACTION_FUNCTION(do_reload)
{
	UNUSED(argument);
	if (ui_tab(ui))
		tab_reload(ui_tab(ui));
}

ACTION_FUNCTION(do_stop)
{
	UNUSED(argument);
	if (ui_tab(ui))
		tab_stop(ui_tab(ui));
}

ACTION_FUNCTION(do_hints)
{
	UNUSED(argument);
	hints_begin(ui);
}

static void press(struct ui *ui, enum key key)
{
	if (ui_tab(ui))
		tab_press_key(ui_tab(ui), key);
}

ACTION_FUNCTION(do_focus_next)
{
	UNUSED(argument);
	press(ui, KEY_FOCUS_NEXT);
}

ACTION_FUNCTION(do_focus_previous)
{
	UNUSED(argument);
	press(ui, KEY_FOCUS_PREVIOUS);
}

ACTION_FUNCTION(do_activate)
{
	UNUSED(argument);
	press(ui, KEY_ACTIVATE);
}

ACTION_FUNCTION(do_wait)
{
	UNUSED(argument);
	if (ui_tab(ui))
		tab_wait(ui_tab(ui));
}

static void end_confirmed(struct ui *ui)
{
	struct tab *tab = ui_tab(ui);

	if (!tab || !tab->renderer || tab->renderer->name.serial != ui->confirm.process.serial)
		return;
	ui->ended[ui->ended_count++ % ENDED_KEPT] = tab->renderer->name.serial;
	tab_end_renderer(tab);
}

/* A key may have been meant for scrolling, so it asks; `end now`, which the button says, does not. */
ACTION_FUNCTION(do_end)
{
	struct tab *tab = ui_tab(ui);
	char name[ENDPOINT_TEXT];

	if (!tab || !tab->renderer)
		return;
	unsigned pages = page_host_pages(tab->tabs, tab->renderer, NULL);

	ui->confirm.process = tab->renderer->name;
	if (strcmp(argument, "now") == 0)
		end_confirmed(ui);
	else if (pages > 1)
		confirm_begin(ui, end_confirmed, "End %s and its %u tabs?",
			      words_endpoint(tab->renderer->name, name, sizeof(name)), pages);
	else
		confirm_begin(ui, end_confirmed, "End %s, which does not respond?",
			      words_endpoint(tab->renderer->name, name, sizeof(name)));
}

static void scroll_page(struct ui *ui, enum list_move move)
{
	struct tab *tab = ui_tab(ui);
	int rows = ui->layout.page.rows;

	if (!tab)
		return;
	if (move == LIST_TOP)
		tab_scroll_to(tab, 0);
	else if (move == LIST_BOTTOM)
		tab_scroll_to(tab, tab->document_rows);
	else
		tab_scroll_by(tab, list_distance(move, 0, rows));
}

static void move(struct ui *ui, enum list_move how)
{
	if (ui->focus == IN_PROCESSES)
		processes_move(ui, how);
	else if (ui->focus == IN_TRAFFIC)
		traffic_move(ui, how);
	else if (!tiles_move(ui, how))
		scroll_page(ui, how);
}

#define MOVE(name, how)                                                                                      \
	ACTION_FUNCTION(name)                                                                                \
	{                                                                                                    \
		UNUSED(argument);                                                                            \
		move(ui, how);                                                                               \
	}
MOVE(do_up, LIST_UP)
MOVE(do_down, LIST_DOWN)
MOVE(do_page_up, LIST_PAGE_UP)
MOVE(do_page_down, LIST_PAGE_DOWN)
MOVE(do_half_up, LIST_HALF_UP)
MOVE(do_half_down, LIST_HALF_DOWN)
MOVE(do_top, LIST_TOP)
MOVE(do_bottom, LIST_BOTTOM)
