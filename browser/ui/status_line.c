/* The last line: what has just been said, and what can be done now. It never wraps. Declared in screen.h. */
#include "browser/ui/action.h"
#include <stdio.h>
#include <string.h>

#define SAID_NS	  UINT64_C(8000000000)
#define HINTS_MAX 600

/* Which keys lead where: those of special places first, as they stand in the table. */
static void collect_hints(struct ui *ui, char *out, int columns)
{
	unsigned places = ui_places(ui);

	out[0] = '\0';
	for (unsigned i = 0; i < action_count; i++) {
		const struct action *a = &actions[i];
		char hint[64], key[24];
		const char *word = a->where & places ? action_hint(ui, a) : NULL;
		if (!word)
			continue;
		snprintf(key, sizeof(key), "%.*s", (int)strcspn(a->keys, " "), a->keys);
		snprintf(hint, sizeof(hint), "%s%s %s", *out ? "  " : "", key, word);
		/* The help is what must always be reachable, so there is room kept for it. */
		bool is_help = strcmp(a->name, "help") == 0;
		if (canvas_width(out) + canvas_width(hint) + (is_help ? 0 : 8) > columns ||
		    strlen(out) + strlen(hint) >= HINTS_MAX)
			continue;
		strcat(out, hint);
	}
}

static const char *mode_name(const struct ui *ui)
{
	if (ui->room_count)
		return ui->rooms[ui->room_count - 1]->name;
	if (ui->focus == IN_PAGE)
		return ui->tiles.shown ? "all tabs" : "";
	return ui->focus == IN_PROCESSES ? "processes" : "traffic";
}

void status_line_draw(struct ui *ui)
{
	struct area a = ui->layout.status;
	const struct room *top = ui->room_count ? ui->rooms[ui->room_count - 1] : NULL;
	bool said = ui->said[0] && recorder_now() - ui->said_ns < SAID_NS;
	char hints[HINTS_MAX + 1];
	const char *mode = mode_name(ui);
	int column = 1, room = a.columns - 2;

	if (top && top->own_line)
		return;
	if (*mode) {
		int used = canvas_format(&ui->canvas, a.row, column, room, STYLE_ACCENT, "%s ", mode);
		column += used + 1;
		room -= used + 1;
	}
	if (said) {
		int used = canvas_text(&ui->canvas, a.row, column, room, STYLE_PLAIN, ui->said);
		column += used + 2;
		room -= used + 2;
	}
	if (room < 8)
		return;
	if (top)
		snprintf(hints, sizeof(hints), "%s", top->hints);
	else
		collect_hints(ui, hints, room);
	if (canvas_width(hints) <= room)
		canvas_text_right(&ui->canvas, a.row, column + room, room, STYLE_IDLE, hints);
	else if (!said)
		canvas_text(&ui->canvas, a.row, column, room, STYLE_IDLE, hints);
}
