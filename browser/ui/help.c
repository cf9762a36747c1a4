/* The help: the table of actions, as it is. Declared in screen.h. */
#include "browser/ui/action.h"
#include <stdio.h>

/* The language of the filter, from its own table of fields. */
static void add_questions(struct lines *l, int columns)
{
	lines_add(l, STYLE_PLAIN, "");
	lines_add(l, STYLE_ACCENT, "Questions, for the filter of the traffic");
	lines_wrap(
		l, STYLE_PLAIN, 2, columns,
		"FIELD OP VALUE, joined by and, or, not and ( ); OP is one of = != < <= > >= and ~ !~ for regular "
		"expressions. A word alone is a text to be found anywhere.");
	for (unsigned i = 0; i < query_field_count; i++)
		lines_format(l, STYLE_PLAIN, "  %-12s %-26s %s", query_field_infos[i].name,
			     query_field_infos[i].example, query_field_infos[i].about);
}

static void fill(struct ui *ui, struct lines *l, int columns)
{
	(void)ui;
	lines_wrap(
		l, STYLE_PLAIN, 0, columns,
		"Every tab is a process of its own, without rights. Break one with F8 and watch the others go on.");
	for (unsigned g = 0; g < GROUP_COUNT; g++) {
		lines_add(l, STYLE_PLAIN, "");
		lines_add(l, STYLE_ACCENT, action_group_names[g]);
		for (unsigned i = 0; i < action_count; i++) {
			const struct action *a = &actions[i];
			/* Nine keys of one row say no more than their first and last. */
			const char *keys = a->run == do_select ? "Alt-1 … Alt-9" : a->keys;
			if (a->group != g)
				continue;
			char padded[64];
			int width = canvas_width(keys);
			snprintf(padded, sizeof(padded), "%s%*s", keys, width < 15 ? 15 - width : 0, "");
			lines_format(l, STYLE_PLAIN, "  %s :%-17s %s", padded, a->name, a->help);
		}
	}
	add_questions(l, columns);
	lines_add(l, STYLE_PLAIN, "");
	lines_add(l, STYLE_ACCENT, "The mouse");
	lines_wrap(
		l, STYLE_PLAIN, 2, columns,
		"Tabs, their ✕ and +, the buttons, the address, links, panel titles and rows can be clicked; the wheel "
		"scrolls what is under it. Hold Shift to mark text with the terminal.");
	lines_add(l, STYLE_PLAIN, "");
	lines_add(l, STYLE_ACCENT, "Signs");
	lines_add(l, STYLE_PLAIN,
		  "  ● a renderer   ◆ another child   ○ starting   ▲ unresponsive   † dead   ✓ back again");
}

/* What one is in the middle of is what one asks about. */
static enum action_group group_at_hand(const struct ui *ui)
{
	bool over_list = ui_has_room(ui, &sequence_room) || ui_has_room(ui, &statistics_room);

	if (ui->focus == IN_TRAFFIC && message_is_shown(ui) && (!over_list || ui_has_room(ui, &message_room)))
		return GROUP_MESSAGE;
	return ui->focus == IN_PAGE ? GROUP_TABS : GROUP_LISTS;
}

void help_begin(struct ui *ui)
{
	enum action_group group = group_at_hand(ui);

	reader_begin(ui, "help", fill);
	/* The page's is the beginning. */
	ui->reader.begin_at = group == GROUP_TABS ? NULL : action_group_names[group];
}
