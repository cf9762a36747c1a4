/* What is typed, clicked and pasted: from the terminal's bytes to strokes, and to the room or action that
 * takes them. stroke.c reads the bytes, action.c knows what keys mean. Declared in screen.h. */
#include "browser/ui/action.h"
#include <curses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ESCAPE_MS  25  /* after a lone Esc: had it been the begin of a sequence, the rest would be here */
#define PREFIX_MS  400 /* after g: for a second letter */
#define INPUT_MAX  (1u << 20)
#define WHEEL_ROWS 3

static void run_zone(struct ui *ui, const struct zone *found, const struct stroke *s)
{
	struct zone z = *found; /* running it may draw anew */
	char value[80];
	const char *why;

	if (z.run) {
		z.run(ui, z.number, s);
	} else if (s->code == 1) {
		const struct action *a = action_find(z.action, strlen(z.action), &why);
		snprintf(value, sizeof(value), "%s%s%s", z.action, *z.argument ? " " : "", z.argument);
		if (a)
			action_run(ui, a, z.argument, "click", value);
	}
}

static void take_wheel(struct ui *ui, const struct stroke *s)
{
	int rows = s->code == STROKE_UP ? -WHEEL_ROWS : WHEEL_ROWS;

	if (area_has(ui->layout.processes, s->row, s->column))
		processes_scroll(ui, rows);
	else if (area_has(ui->layout.traffic, s->row, s->column))
		traffic_scroll(ui, rows, s->row, s->column);
	else if (!tiles_move(ui, rows < 0 ? LIST_UP : LIST_DOWN) && ui_tab(ui))
		tab_scroll_by(ui_tab(ui), rows);
}

static void take_mouse(struct ui *ui, const struct stroke *s)
{
	const struct zone *z = s->kind == STROKE_PRESS ? zone_find(ui, s->row, s->column) : NULL;

	if (z)
		run_zone(ui, z, s);
	else if (ui->room_count)
		ui->rooms[ui->room_count - 1]->stroke(ui, s);
	else if (s->kind == STROKE_WHEEL)
		take_wheel(ui, s);
}

static void run_keys(struct ui *ui, const struct action *a)
{
	char value[2 * STROKE_NAME] = "", name[STROKE_NAME];

	for (unsigned i = 0; i < ui->prefix_count; i++)
		strcat(value, stroke_name(ui->prefix[i].code, ui->prefix[i].modifiers, name));
	ui->stroke = ui->prefix[ui->prefix_count - 1];
	ui->prefix_count = 0;
	ui->prefix_action = NULL;
	task_cancel(&ui->prefix_time);
	action_run(ui, a, "", "key", value);
}

static void take_key(struct ui *ui, const struct stroke *s)
{
	bool prefix;

	for (;;) {
		ui->prefix[ui->prefix_count++] = *s;
		const struct action *a = action_of_keys(ui->prefix, ui->prefix_count, ui_places(ui), &prefix);
		if (prefix && ui->prefix_count < 2) {
			ui->prefix_action = a;
			task_schedule(&ui->prefix_time, PREFIX_MS);
			return;
		}
		if (a) {
			run_keys(ui, a);
			return;
		}
		if (ui->prefix_count < 2) {
			ui->prefix_count = 0;
			return;
		}
		/* The first meant itself, and this key stands alone. */
		a = ui->prefix_action;
		ui->prefix_count = 1;
		if (a)
			run_keys(ui, a);
		ui->prefix_count = 0;
		if (ui->room_count)
			return;
	}
}

static void on_prefix_time(void *arg)
{
	struct ui *ui = arg;

	if (ui->prefix_action)
		run_keys(ui, ui->prefix_action);
	ui->prefix_count = 0;
}

static void take_stroke(struct ui *ui, const struct stroke *s)
{
	if (s->kind == STROKE_NONE || s->kind == STROKE_RELEASE)
		return;
	ui_redraw(ui);
	if (s->kind == STROKE_KEY && s->modifiers == STROKE_CTRL && s->code == 'z') {
		do_suspend(ui, "");
		return;
	}
	ui->said[0] = '\0';
	if (s->kind == STROKE_PRESS || s->kind == STROKE_WHEEL)
		take_mouse(ui, s);
	else if (ui->room_count)
		ui->rooms[ui->room_count - 1]->stroke(ui, s);
	else if (s->kind == STROKE_KEY)
		take_key(ui, s);
}

/* Whole strokes are taken from the front of the input; a beginning waits for its rest. */
static void take_input(struct ui *ui, bool all)
{
	size_t at = 0;

	while (at < ui->input_bytes && !ui->quit) {
		struct stroke s;
		size_t taken = stroke_read(ui->input + at, ui->input_bytes - at, all, &s);
		if (taken == 0)
			break;
		take_stroke(ui, &s);
		at += taken;
	}
	memmove(ui->input, ui->input + at, ui->input_bytes - at);
	ui->input_bytes -= at;
	task_cancel(&ui->escape_time);
	if (ui->input_bytes && (!stroke_is_paste(ui->input, ui->input_bytes) || ui->input_bytes >= INPUT_MAX))
		task_schedule(&ui->escape_time, ESCAPE_MS);
}

static void on_escape_time(void *arg)
{
	take_input(arg, true);
}

static bool make_input_room(struct ui *ui)
{
	if (ui->input_capacity - ui->input_bytes >= 4096)
		return true;
	char *grown = realloc(ui->input, ui->input_capacity * 2 + 8192);
	if (!grown)
		return false;
	ui->input = grown;
	ui->input_capacity = ui->input_capacity * 2 + 8192;
	return true;
}

static void on_readable(void *arg)
{
	struct ui *ui = arg;

	/* A paste without end is cut. */
	if (ui->input_bytes > INPUT_MAX)
		take_input(ui, true);
	if (!make_input_room(ui))
		return;
	int n = terminal_read(&ui->terminal, ui->input + ui->input_bytes,
			      ui->input_capacity - ui->input_bytes);
	if (n < 0) {
		ui_quit(ui);
		return;
	}
	ui->input_bytes += (size_t)n;
	take_input(ui, false);
}

/* What this terminal sends for keys, where it is not what all send. */
static void learn_keys(void)
{
	static const struct {
		const char *capability;
		uint32_t code;
	} keys[] = {
		{ "kcuu1", STROKE_UP },	    { "kcud1", STROKE_DOWN },	{ "kcub1", STROKE_LEFT },
		{ "kcuf1", STROKE_RIGHT },  { "kpp", STROKE_PAGE_UP },	{ "knp", STROKE_PAGE_DOWN },
		{ "khome", STROKE_HOME },   { "kend", STROKE_END },	{ "kich1", STROKE_INSERT },
		{ "kdch1", STROKE_DELETE }, { "kf1", STROKE_F0 + 1 },	{ "kf2", STROKE_F0 + 2 },
		{ "kf3", STROKE_F0 + 3 },   { "kf4", STROKE_F0 + 4 },	{ "kf5", STROKE_F0 + 5 },
		{ "kf6", STROKE_F0 + 6 },   { "kf7", STROKE_F0 + 7 },	{ "kf8", STROKE_F0 + 8 },
		{ "kf9", STROKE_F0 + 9 },   { "kf10", STROKE_F0 + 10 }, { "kf11", STROKE_F0 + 11 },
		{ "kf12", STROKE_F12 },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *sequence = tigetstr(keys[i].capability);
		if (sequence && sequence != (const char *)-1)
			stroke_learn(sequence, keys[i].code);
	}
}

void input_start(struct ui *ui)
{
	learn_keys();
	task_init(&ui->readable, on_readable, ui);
	task_init(&ui->escape_time, on_escape_time, ui);
	task_init(&ui->prefix_time, on_prefix_time, ui);
	task_watch(&ui->readable, ui->terminal.fd, EV_READ);
}

void input_finish(struct ui *ui)
{
	task_finish(&ui->readable);
	task_finish(&ui->escape_time);
	task_finish(&ui->prefix_time);
	free(ui->input);
	ui->input = NULL;
}
