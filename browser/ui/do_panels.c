/* What actions do: panels, breaking, and the browser as a whole. action.h declares them, actions.c names
 * them. */
#include "browser/fault/injection.h"
#include "browser/process/gpu_host.h"
#include "browser/ui/action.h"
#include <curses.h>
#include <stdio.h>
#include <string.h>

#define UNUSED(what) (void)(what)

static struct endpoint page_process(struct ui *ui)
{
	struct tab *tab = ui_tab(ui);

	if (tab && tab_is_sad(tab))
		return tab->dead_renderer;
	return tab && tab->renderer ? tab->renderer->name : (struct endpoint){ ROLE_BROWSER, 0 };
}

ACTION_FUNCTION(do_its_messages)
{
	char name[ENDPOINT_TEXT];
	UNUSED(argument);

	layout_focus(ui, IN_TRAFFIC);
	filter_set(ui, words_endpoint(page_process(ui), name, sizeof(name)));
}

ACTION_FUNCTION(do_report)
{
	UNUSED(argument);
	process_report_begin(ui, page_process(ui));
}

ACTION_FUNCTION(do_fold_processes)
{
	UNUSED(argument);
	layout_fold(ui, IN_PROCESSES);
}

ACTION_FUNCTION(do_fold_traffic)
{
	UNUSED(argument);
	layout_fold(ui, IN_TRAFFIC);
}

ACTION_FUNCTION(do_processes)
{
	UNUSED(argument);
	layout_focus(ui, IN_PROCESSES);
}

ACTION_FUNCTION(do_messages)
{
	UNUSED(argument);
	layout_focus(ui, IN_TRAFFIC);
}

ACTION_FUNCTION(do_traffic)
{
	layout_focus(ui, IN_TRAFFIC);
	ui->traffic_full = true;
	if (*argument)
		filter_set(ui, argument);
}

/* One step back: out of an opened message, the full screen, a filter, the panel, the tiles. */
ACTION_FUNCTION(do_leave)
{
	UNUSED(argument);
	if (message_leave(ui))
		return;
	if (ui->traffic_full)
		ui->traffic_full = false;
	else if (ui->focus == IN_TRAFFIC && traffic_filter_text(ui)[0])
		filter_set(ui, "");
	else if (ui->focus == IN_PAGE)
		tiles_leave(ui, tab_find(ui->browser->tabs, ui->tiles.from));
	else
		layout_focus(ui, IN_PAGE);
	if (ui->focus == IN_PAGE && !ui->traffic.pause_stays)
		traffic_pause(ui, false);
}

const char *do_leave_hint(const struct ui *ui)
{
	if (ui->focus != IN_TRAFFIC)
		return "page";
	if (message_is_shown(ui))
		return "back";
	if (ui->traffic_full)
		return "panel";
	return traffic_filter_text(ui)[0] ? "show all" : "page";
}

ACTION_FUNCTION(do_open)
{
	UNUSED(argument);
	if (ui->focus == IN_PROCESSES)
		processes_open(ui);
	else
		traffic_open(ui);
}

static void kill_confirmed(struct ui *ui)
{
	struct endpoint e = ui->confirm.process;
	struct process_host *p = process_find(ui->browser->processes, e.role, e.serial);
	char value[64], name[ENDPOINT_TEXT];

	if (!p || p->state == PROCESS_DEAD)
		return;
	snprintf(value, sizeof(value), "kill %s", words_endpoint(e, name, sizeof(name)));
	browser_input(ui->browser, "command", value);
	if (e.role == ROLE_RENDERER)
		ui->ended[ui->ended_count++ % ENDED_KEPT] = e.serial;
	process_kill(p, BAD_MESSAGE_NONE);
	browser_input_done(ui->browser);
}

ACTION_FUNCTION(do_kill)
{
	bool is_browser;
	struct process_host *p = *argument ? fault_target(ui->browser, ui_tab(ui), argument, &is_browser)
					   : processes_marked(ui);
	char name[ENDPOINT_TEXT];

	if (!p || p->state == PROCESS_DEAD) {
		ui_say(ui, p ? "it is dead already" : "mark a child process first");
		return;
	}
	ui->confirm.process = p->name;
	confirm_begin(ui, kill_confirmed, "Kill %s?", words_endpoint(p->name, name, sizeof(name)));
}

ACTION_FUNCTION(do_sort)
{
	UNUSED(argument);
	ui->processes.order = (enum process_order)((ui->processes.order + 1) % ORDER_COUNT);
}

ACTION_FUNCTION(do_retry_gpu)
{
	UNUSED(argument);
	if (ui->browser->gpu->given_up)
		gpu_host_start(ui->browser->gpu);
	else
		ui_say(ui, "the GPU process has not been given up");
}

ACTION_FUNCTION(do_command)
{
	command_begin(ui, argument);
}

ACTION_FUNCTION(do_help)
{
	UNUSED(argument);
	help_begin(ui);
}

ACTION_FUNCTION(do_suspend)
{
	UNUSED(argument);
	terminal_suspend(&ui->terminal);
	/* Others have drawn on it meanwhile, and news of a new size went to them. */
	terminal_measure(&ui->terminal);
	ui->resized = true;
}

ACTION_FUNCTION(do_redraw)
{
	UNUSED(argument);
	ui->resized = true;
}

ACTION_FUNCTION(do_quit)
{
	UNUSED(argument);
	if (ui->browser->tabs->count > 1)
		confirm_begin(ui, ui_quit, "Quit with %u tabs open?", ui->browser->tabs->count);
	else
		ui_quit(ui);
}
