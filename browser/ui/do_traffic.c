/* What actions do: the traffic, and the message that is marked in it. action.h declares them, actions.c names
 * them. */
#include "browser/traffic/log/secrets.h"
#include "browser/ui/action.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNUSED(what) (void)(what)
#define MARKS_MAX    10000

ACTION_FUNCTION(do_pause)
{
	UNUSED(argument);
	traffic_toggle_pause(ui);
}

ACTION_FUNCTION(do_follow)
{
	UNUSED(argument);
	if (!ui->traffic.paused)
		ui_say(ui, "the traffic is followed already");
	else if (ui->focus != IN_TRAFFIC)
		ui_say(ui, "the traffic is followed again");
	traffic_pause(ui, false);
}

ACTION_FUNCTION(do_filter)
{
	if (!*argument) {
		filter_begin(ui);
		return;
	}
	layout_focus(ui, IN_TRAFFIC);
	filter_set(ui, argument);
}

ACTION_FUNCTION(do_pings)
{
	UNUSED(argument);
	traffic_show_pings(ui, !ui->traffic.pings);
	ui_say(ui, ui->traffic.pings ? "pings are shown" : "pings are hidden");
}

ACTION_FUNCTION(do_times)
{
	static const char *const told[TIMES_COUNT] = { "times count from the start",
						       "times count from the row above",
						       "times are those of the clock" };
	struct traffic_panel *t = &ui->traffic;
	UNUSED(argument);

	t->times = (enum traffic_times)((t->times + 1) % TIMES_COUNT);
	ui_say(ui, "%s", told[t->times]);
}

/* The message that is meant: the one that is opened, or the one that is marked. */
static const struct traffic_event *meant(struct ui *ui)
{
	const struct traffic_event *e = message_opened(ui);

	traffic_begin_list(ui);
	if (!e && ui->focus == IN_TRAFFIC)
		e = traffic_marked(ui);
	if (!e)
		ui_say(ui, ui->focus == IN_TRAFFIC ? "no message is marked"
						   : "which message? mark one in the traffic (F12) first");
	return e;
}

/* Marks */

/* The place of the first mark that is not before that event. */
static int find_mark(const struct traffic_panel *t, uint64_t sequence)
{
	int at = 0;

	for (int to = t->mark_count; at < to;) {
		int middle = at + (to - at) / 2;
		if (t->marks[middle] < sequence)
			at = middle + 1;
		else
			to = middle;
	}
	return at;
}

bool traffic_is_marked(const struct traffic_panel *t, uint64_t sequence)
{
	int at = find_mark(t, sequence);

	return at < t->mark_count && t->marks[at] == sequence;
}

ACTION_FUNCTION(do_mark)
{
	struct traffic_panel *t = &ui->traffic;
	const struct traffic_event *e = meant(ui);
	UNUSED(argument);

	if (!e)
		return;
	int at = find_mark(t, e->sequence);

	if (traffic_is_marked(t, e->sequence)) {
		t->mark_count--;
		memmove(t->marks + at, t->marks + at + 1, (size_t)(t->mark_count - at) * sizeof(*t->marks));
		return;
	}
	if (!t->marks)
		t->marks = calloc(MARKS_MAX, sizeof(*t->marks));
	if (!t->marks || t->mark_count == MARKS_MAX) {
		ui_say(ui, "there are too many marks");
		return;
	}
	memmove(t->marks + at + 1, t->marks + at, (size_t)(t->mark_count - at) * sizeof(*t->marks));
	t->marks[at] = e->sequence;
	t->mark_count++;
}

/* Those that the filter hides are passed over. */
static void go_to_mark(struct ui *ui, int step)
{
	const struct traffic_panel *t = &ui->traffic;
	const struct collector *c = ui->browser->collector;
	const struct traffic_event *e = meant(ui);
	int at = e ? find_mark(t, e->sequence) : 0;

	if (!e)
		return;
	at = step < 0 ? at - 1 : at + traffic_is_marked(t, e->sequence);
	for (; at >= 0 && at < t->mark_count; at += step) {
		const struct traffic_event *marked = collector_event(c, t->marks[at]);
		if (marked && traffic_has(t, marked)) {
			traffic_go(ui, marked);
			return;
		}
	}
	ui_say(ui, step < 0 ? "no mark before this one" : "no mark behind this one");
}

ACTION_FUNCTION(do_next_mark)
{
	UNUSED(argument);
	go_to_mark(ui, 1);
}

ACTION_FUNCTION(do_previous_mark)
{
	UNUSED(argument);
	go_to_mark(ui, -1);
}

ACTION_FUNCTION(do_copy)
{
	const struct traffic_event *e = meant(ui);
	size_t room = traffic_line_bytes();
	struct traffic_event masked;
	char *line;
	UNUSED(argument);

	if (!e || !secrets_copy(e, &masked))
		return;
	line = malloc(room);
	if (!line) {
		secrets_copy_free(&masked);
		return;
	}
	struct format json = format_into(line, room);

	traffic_format_json(&masked, &json);
	secrets_copy_free(&masked);
	if (terminal_copy(&ui->terminal, json.text, json.length))
		ui_say(ui, "its line of the log is copied, where the terminal allows that");
	else
		ui_say(ui, "it is too long for the terminal's clipboard; the log has it");
	free(line);
}

/* The filter, from what is marked */

static void ask_beside(struct ui *ui, const char *before, const char *clause)
{
	char text[QUERY_TEXT];
	int length;

	if (!*before)
		length = snprintf(text, sizeof(text), "%s", clause);
	else if (strcasestr(before, " or ") || strstr(before, "||"))
		length = snprintf(text, sizeof(text), "(%s) and %s", before, clause);
	else
		length = snprintf(text, sizeof(text), "%s and %s", before, clause);
	if (length >= (int)sizeof(text))
		ui_say(ui, "the filter gets too long");
	else
		filter_set(ui, text);
}

void traffic_ask_also(struct ui *ui, const char *clause)
{
	ask_beside(ui, traffic_filter_text(ui), clause);
}

ACTION_FUNCTION(do_hide_kind)
{
	const struct traffic_event *e = meant(ui);
	char name[TRAFFIC_NAME_TEXT], clause[TRAFFIC_NAME_TEXT + 16], before[QUERY_TEXT];
	UNUSED(argument);

	if (!e)
		return;
	/* Whoever hides what he showed alone means the opposite, and not both. */
	snprintf(clause, sizeof(clause), "not name=%s", traffic_name(e, name));
	query_without(traffic_filter_text(ui), "name", traffic_name(e, name), before);
	ask_beside(ui, before, clause);
}

ACTION_FUNCTION(do_only_kind)
{
	const struct traffic_event *e = meant(ui);
	char name[TRAFFIC_NAME_TEXT], clause[TRAFFIC_NAME_TEXT + 16], before[QUERY_TEXT];
	UNUSED(argument);

	if (!e)
		return;
	snprintf(clause, sizeof(clause), "name=%s", traffic_name(e, name));
	query_without(traffic_filter_text(ui), "name", NULL, before);
	ask_beside(ui, before, clause);
}

/* The page that the message names, or else the tab that is shown. */
ACTION_FUNCTION(do_only_tab)
{
	const struct traffic_event *e = traffic_marked(ui);
	uint32_t page = 0;
	char clause[32], before[QUERY_TEXT];
	UNUSED(argument);

	if ((!e || !traffic_page(e, &page) || !page) && ui_tab(ui))
		page = ui_tab(ui)->id;
	snprintf(clause, sizeof(clause), "tab=%u", page);
	query_without(traffic_filter_text(ui), "tab", NULL, before);
	ask_beside(ui, before, clause);
}

/* All that led to it and came of it, whatever was asked before. */
ACTION_FUNCTION(do_chain)
{
	const struct traffic_event *e = *argument ? NULL : meant(ui);
	char id[IPC_ID_TEXT], text[IPC_ID_TEXT + 8];

	if (*argument) {
		layout_focus(ui, IN_TRAFFIC);
		snprintf(text, sizeof(text), "chain=%.*s", IPC_ID_TEXT, argument);
		filter_set(ui, text);
	}
	if (!e)
		return;
	snprintf(text, sizeof(text), "chain=%s", e->id ? traffic_id(e, id) : traffic_cause(e, id));
	if (e->id || e->cause)
		filter_set(ui, text);
	else
		ui_say(ui, "nobody caused it, and it caused nothing");
}

/* Along the chain */

static void go(struct ui *ui, const struct traffic_event *to, const char *or_else)
{
	if (to)
		traffic_go(ui, to);
	else
		ui_say(ui, "%s", or_else);
}

ACTION_FUNCTION(do_to_cause)
{
	const struct traffic_event *e = meant(ui);
	struct chain *chain = traffic_chain(ui);
	UNUSED(argument);

	if (e && chain)
		go(ui, chain_find(chain, e->cause),
		   e->cause ? "its cause is no longer in memory" : "it has no cause");
}

ACTION_FUNCTION(do_to_effect)
{
	const struct traffic_event *e = meant(ui), *first = NULL;
	struct chain *chain = traffic_chain(ui);
	UNUSED(argument);

	if (!e || !chain)
		return;
	chain_effects(chain, e->id, &first, 1);
	go(ui, first, "it caused nothing");
}

ACTION_FUNCTION(do_to_partner)
{
	const struct traffic_event *e = meant(ui);
	struct chain *chain = traffic_chain(ui);
	UNUSED(argument);

	if (e && chain)
		go(ui, chain_partner(chain, e), "it is no request, and no reply to one");
}

ACTION_FUNCTION(do_next_pane)
{
	UNUSED(argument);
	message_next_pane(ui, 1);
}

ACTION_FUNCTION(do_previous_pane)
{
	UNUSED(argument);
	message_next_pane(ui, -1);
}

/* Other views of the same messages */

/* Of what is opened its chain is meant; otherwise what the filter shows. */
ACTION_FUNCTION(do_sequence)
{
	UNUSED(argument);
	if (message_opened(ui)) {
		do_chain(ui, "");
		if (ui_has_room(ui, &message_room))
			ui_close_room(ui);
		while (message_leave(ui))
			;
	}
	sequence_view_begin(ui);
}

ACTION_FUNCTION(do_statistics)
{
	UNUSED(argument);
	statistics_view_begin(ui);
}

ACTION_FUNCTION(do_export)
{
	if (*argument)
		traffic_export(ui, argument);
	else
		command_begin(ui, "export traffic.jsonl");
}
