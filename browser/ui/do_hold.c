/* What actions do: breakpoints, and messages sent by hand. action.h declares them, actions.c names them. */
#include "browser/browser.h"
#include "browser/traffic/breakpoint/breakpoints.h"
#include "browser/traffic/breakpoint/compose.h"
#include "browser/ui/action.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE 200 /* of a message as text, in the last line of the screen */

/* What is wrong, and with which words: columns of an argument are hard to count in a whole line. */
static void say_wrong(struct ui *ui, const char *text, unsigned column, unsigned length, const char *why)
{
	size_t left = strlen(text);

	if (length && column < left)
		ui_say(ui, "at '%.*s': %s", (int)(length < 40 ? length : 40), text + column, why);
	else if (length)
		ui_say(ui, "at its end: %s", why);
	else
		ui_say(ui, "%s", why);
}

ACTION_FUNCTION(do_hold)
{
	struct query_error error;
	uint32_t number;

	if (!*argument)
		break_begin_hold(ui, NULL);
	else if (breakpoints_add(ui->browser, argument, &number, &error))
		ui_say(ui, "breakpoint %u holds %s", number, argument);
	else
		say_wrong(ui, argument, error.column, error.length, error.why);
}

/* A number that stands first; *rest is what is behind it. 0: none does. */
static uint32_t take_number(const char *argument, const char **rest)
{
	char *end;
	unsigned long number = isdigit((unsigned char)*argument) ? strtoul(argument, &end, 10) : 0;

	*rest = argument;
	if (!number || number > UINT32_MAX || (*end && !isspace((unsigned char)*end)))
		return 0;
	*rest = end + strspn(end, " ");
	return (uint32_t)number;
}

/* The marked message's like: its name, from its sender to its receiver. */
ACTION_FUNCTION(do_hold_here)
{
	const struct traffic_event *e = traffic_marked(ui);
	char question[QUERY_TEXT], name[TRAFFIC_NAME_TEXT], from[ENDPOINT_TEXT], to[ENDPOINT_TEXT];

	(void)argument;
	if (!e || e->kind != TRAFFIC_MESSAGE) {
		break_begin_hold(ui, NULL);
		return;
	}
	snprintf(question, sizeof question, "name=%s and from=%s and to=%s", traffic_name(e, name),
		 traffic_from(e, from), traffic_to(e, to));
	break_begin_hold(ui, question);
}

ACTION_FUNCTION(do_held)
{
	(void)argument;
	break_begin_hold(ui, NULL);
}

/* The marked message once more, or another like it. */
ACTION_FUNCTION(do_send_again)
{
	const struct traffic_event *e = traffic_marked(ui);
	struct composed *c = malloc(sizeof *c);

	(void)argument;
	if (c && e && compose_from(e, c))
		break_begin_by_hand(ui, c);
	else
		ui_say(ui, "%s",
		       !e			    ? "no message is marked"
		       : e->kind != TRAFFIC_MESSAGE ? "only a message can be sent again, and this is none"
						    : "its fields are not all known");
	free(c);
}

ACTION_FUNCTION(do_unhold)
{
	const char *rest;
	uint32_t number = take_number(argument, &rest);
	bool all = strcmp(argument, "all") == 0;

	if (!all && (!number || *rest))
		ui_say(ui, "which breakpoint? its number, or all");
	else if (!breakpoints_remove(ui->browser, number))
		ui_say(ui, all ? "there is no breakpoint" : "there is no breakpoint %u", number);
	else
		ui_say(ui, "taken back; what was held goes on");
}

/* The held message of that number; without one, the one that is held longest. NULL: it was told. */
static struct held_message *find_held(struct ui *ui, const char *argument, const char **rest)
{
	struct breakpoints *list = ui->browser->breakpoints;
	uint32_t number = take_number(argument, rest);
	struct held_message *m = number ? breakpoints_find_held(list, number) : list->held;

	if (!number && *argument)
		ui_say(ui, "which one? its number; none means the one that is held longest");
	else if (!m && number)
		ui_say(ui, "no message %u is held", number);
	else if (!m)
		ui_say(ui, "nothing is held");
	return *argument && !number ? NULL : m;
}

static const char *const done[HELD_ACTION_COUNT] = { "goes on", "goes on, and the next one there is held",
						     "was dropped", "goes on twice" };

static void settle(struct ui *ui, const char *argument, enum held_action action)
{
	const char *rest, *why;
	struct held_message *m = find_held(ui, argument, &rest);
	char name[TRAFFIC_NAME_TEXT];
	uint32_t number = m ? m->number : 0;

	if (!m)
		return;
	traffic_name(&m->event, name);
	const char *what = m->event.type < IPC_COUNT ? ipc_messages[m->event.type].name : name;
	if (*rest)
		ui_say(ui, "only a number is expected");
	else if (breakpoints_settle(ui->browser, number, action, &why))
		ui_say(ui, "message %u (%s) %s", number, what, done[action]);
	else
		ui_say(ui, "message %u: %s", number, why);
}

static void continue_all(struct ui *ui)
{
	struct breakpoints *list = ui->browser->breakpoints;
	unsigned n = 0;
	const char *why;

	for (struct held_message *m = list->held, *next; m; m = next) {
		next = m->next;
		n += breakpoints_settle(ui->browser, m->number, HELD_ACTION_PROCEED, &why);
	}
	ui_say(ui, "%u held message%s on", n, n == 1 ? " goes" : "s go");
}

ACTION_FUNCTION(do_continue)
{
	if (strcmp(argument, "all") == 0)
		continue_all(ui);
	else
		settle(ui, argument, HELD_ACTION_PROCEED);
}

ACTION_FUNCTION(do_step)
{
	settle(ui, argument, HELD_ACTION_STEP);
}

ACTION_FUNCTION(do_drop)
{
	settle(ui, argument, HELD_ACTION_DROP);
}

ACTION_FUNCTION(do_duplicate)
{
	settle(ui, argument, HELD_ACTION_DUPLICATE);
}

/* Change fields of a held message, and say how it is now. */
static void edit(struct ui *ui, const struct held_message *m, struct composed *c, const char *text)
{
	struct compose_error error;
	const char *why;
	char line[LINE];
	struct format out = format_into(line, sizeof line);

	if (!compose_from(&m->event, c))
		ui_say(ui, "message %u: its fields are not known", m->number);
	else if (!compose_edit(c, text, &error))
		say_wrong(ui, text, error.column, error.length, error.why);
	else if (!breakpoints_edit(ui->browser, m->number, c->fields, c->bytes, &why))
		ui_say(ui, "message %u: %s", m->number, why);
	else {
		compose_text(c, &out);
		ui_say(ui, "message %u is held, edited: %s", m->number, line);
	}
}

ACTION_FUNCTION(do_edit_held)
{
	struct composed *c = malloc(sizeof *c);
	const char *rest;
	uint32_t number = take_number(argument, &rest);
	struct breakpoints *list = ui->browser->breakpoints;
	struct held_message *m = number ? breakpoints_find_held(list, number) : list->held;

	if (!m)
		ui_say(ui, number ? "no message %u is held" : "nothing is held", number);
	else if (!*rest)
		ui_say(ui, "which fields? edit 1 half=1 rows=3");
	else if (c)
		edit(ui, m, c, rest);
	free(c);
}

ACTION_FUNCTION(do_send)
{
	struct composed *c = malloc(sizeof *c);
	struct compose_error error;
	const char *why;

	if (!c)
		return;
	if (!*argument)
		break_begin_for(ui, ui_tab(ui), BREAK_HAND);
	else if (!compose_parse(argument, c, &error))
		say_wrong(ui, argument, error.column, error.length, error.why);
	else if (!compose_send(ui->browser, c, &why))
		ui_say(ui, "%s", why);
	else
		ui_say(ui, "sent by hand: %s", argument);
	free(c);
}
