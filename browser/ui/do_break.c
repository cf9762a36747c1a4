/* What actions do: breaking. action.h declares them, actions.c names them; break_dialog.c is the dialog. */
#include "browser/fault/injection.h"
#include "browser/fault/toxics.h"
#include "browser/ui/action.h"
#include <stdlib.h>
#include <string.h>

#define UNUSED(argument) ((void)(argument))

ACTION_FUNCTION(do_break)
{
	UNUSED(argument);
	break_begin(ui);
}

/* An order, as in the last line of the break dialog. */
ACTION_FUNCTION(do_inject)
{
	struct fault_order order;
	char error[CLAUSE_ERROR];
	bool is_browser = false;

	if (!*argument) {
		break_begin(ui);
		return;
	}
	if (!fault_order_parse(argument, &order, error)) {
		ui_say(ui, "%s", error);
		return;
	}
	struct process_host *p = fault_target(ui->browser, ui_tab(ui), order.whom, &is_browser);
	if (p || is_browser)
		break_order(ui, p, &order);
	else
		ui_say(ui, "there is no process %s", *order.whom ? order.whom : "here");
}

ACTION_FUNCTION(do_toxic)
{
	struct toxic_order order;
	char error[CLAUSE_ERROR];

	if (!*argument)
		break_begin_for(ui, ui_tab(ui), BREAK_TOXIC);
	else if (toxic_order_parse(argument, &order, error))
		break_place(ui, &order);
	else
		ui_say(ui, "%s", error);
}

ACTION_FUNCTION(do_waiting)
{
	UNUSED(argument);
	break_begin_for(ui, ui_tab(ui), BREAK_WAITING);
}

/* A number, or all. */
static void take_back(struct ui *ui, const char *argument, const char *what,
		      bool (*remove)(struct browser *, uint32_t number))
{
	char *end;
	unsigned long number = strtoul(argument, &end, 10);
	bool all = strcmp(argument, "all") == 0;

	if (!all && (!*argument || *end || !number || number > UINT32_MAX))
		ui_say(ui, "which %s? its number, or all; :waiting shows them", what);
	else if (!remove(ui->browser, all ? 0 : (uint32_t)number))
		ui_say(ui, all ? "there is no %s" : "there is no such %s", what);
	else
		ui_say(ui, "taken back");
}

ACTION_FUNCTION(do_disarm)
{
	take_back(ui, argument, "fault that waits", fault_disarm);
}

ACTION_FUNCTION(do_untoxic)
{
	take_back(ui, argument, "toxic", toxics_remove);
}
