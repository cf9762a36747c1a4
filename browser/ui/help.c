/* The help: the table of actions, as it is. Declared in screen.h. */
#include "browser/ui/action.h"
#include <stdio.h>

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

void help_begin(struct ui *ui)
{
	reader_begin(ui, "help", fill);
}
