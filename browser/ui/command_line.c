/* The command line, in the last line of the screen: Tab completes names of actions. Declared in screen.h. */
#include "browser/fault/injection.h"
#include "browser/ui/action.h"
#include <stdio.h>
#include <string.h>

#define MATCHES_MAX 64

struct matches {
	const char *names[MATCHES_MAX];
	unsigned count;
	size_t from; /* of the word that is completed */
};

/* Commands for the first word; the faults for inject. */
static struct matches find_matches(const struct line_edit *e)
{
	struct matches m = { .count = 0 };
	const char *blank = strrchr(e->text, ' ');
	bool inject = strncmp(e->text, "inject ", 7) == 0;
	unsigned count = inject ? fault_table_count : blank ? 0 : action_count;

	m.from = blank ? (size_t)(blank + 1 - e->text) : 0;
	for (unsigned i = 0; i < count && m.count < MATCHES_MAX; i++) {
		const char *name = inject ? fault_names[fault_table[i].kind] : actions[i].name;
		if (strncmp(name, e->text + m.from, e->length - m.from) == 0)
			m.names[m.count++] = name;
	}
	return m;
}

/* As far as all matches agree. */
static void complete(struct line_edit *e)
{
	struct matches m = find_matches(e);

	if (!m.count)
		return;
	size_t agreed = strlen(m.names[0]), typed = e->length - m.from;
	for (unsigned i = 1; i < m.count; i++)
		while (strncmp(m.names[0], m.names[i], agreed) != 0)
			agreed--;
	if (e->cursor == e->length)
		line_edit_insert(e, m.names[0] + typed, agreed - typed);
	if (m.count == 1)
		line_edit_insert(e, " ", 1);
}

static void command_draw(struct ui *ui)
{
	struct area a = ui->layout.status;
	struct matches m = find_matches(&ui->command);
	int wanted = a.columns / 2 > 24 ? a.columns / 2 : a.columns - 2, column;

	canvas_clear(&ui->canvas, a, STYLE_PLAIN);
	canvas_text(&ui->canvas, a.row, 1, 1, STYLE_ACCENT, ":");
	column = line_edit_draw(&ui->command, &ui->canvas, a.row, 2, wanted, STYLE_PLAIN);
	ui->cursor_row = a.row;
	ui->cursor_column = column;
	int at = 2 + canvas_width(ui->command.text) + 3;
	for (unsigned i = 0; i < m.count && at < a.columns - 2; i++) {
		int width = canvas_width(m.names[i]);
		if (at + width > a.columns - 1)
			break;
		canvas_text(&ui->canvas, a.row, at, width, STYLE_IDLE, m.names[i]);
		at += width + 2;
	}
}

static void command_stroke(struct ui *ui, const struct stroke *s)
{
	struct line_edit *e = &ui->command;

	if (s->kind == STROKE_KEY && s->code == STROKE_TAB) {
		complete(e);
		return;
	}
	/* To erase what is not there is to leave. */
	bool empty = s->kind == STROKE_KEY && s->code == STROKE_BACKSPACE && e->length == 0;
	enum line_result result = empty || s->kind == STROKE_PRESS ? LINE_LEFT : line_edit_stroke(e, s);
	if (result == LINE_ENTERED || result == LINE_LEFT)
		ui_close_room(ui);
	if (result == LINE_ENTERED) {
		char line[LINE_EDIT_BYTES + 1];
		snprintf(line, sizeof(line), "%s", e->text);
		action_run_command(ui, line);
	}
}

const struct room command_room = { "command", "", command_draw, command_stroke, true };

void command_begin(struct ui *ui, const char *text)
{
	line_edit_set(&ui->command, text, false);
	if (!ui_has_room(ui, &command_room))
		ui_open_room(ui, &command_room);
}
