/* See ui.h. Starts and ends the screen, takes what is typed, and draws: at most one frame a turn of the loop.
 */
#include "browser/ui/ui.h"
#include "browser/fault/blast.h"
#include "browser/process/gpu_host.h"
#include "browser/ui/action.h"
#include "common/loop.h"
#include <curses.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TICK_MS	     500
#define ESCAPE_MS    25	 /* after a lone Esc: had it been the begin of a sequence, the rest would be here */
#define PREFIX_MS    400 /* after g: for a second letter */
#define INPUT_MAX    (1u << 20)
#define WHEEL_ROWS   3
#define PANELS_LEAST 100 /* columns from which on the panels are there at first */

void ui_redraw(struct ui *ui)
{
	ui->dirty = true;
}

void ui_quit(struct ui *ui)
{
	ui->quit = true;
	loop_stop();
}

struct tab *ui_tab(const struct ui *ui)
{
	return ui->browser->tabs->active;
}

void ui_open_room(struct ui *ui, const struct room *room)
{
	if (ui->room_count < ROOMS_MAX)
		ui->rooms[ui->room_count++] = room;
	ui_redraw(ui);
}

void ui_close_room(struct ui *ui)
{
	if (ui->room_count)
		ui->room_count--;
	ui_redraw(ui);
}

bool ui_has_room(const struct ui *ui, const struct room *room)
{
	for (unsigned i = 0; i < ui->room_count; i++)
		if (ui->rooms[i] == room)
			return true;
	return false;
}

void ui_say(struct ui *ui, const char *how, ...)
{
	va_list args;

	va_start(args, how);
	vsnprintf(ui->said, sizeof(ui->said), how, args);
	va_end(args);
	ui->said_ns = recorder_now();
	ui_redraw(ui);
}

unsigned ui_places(const struct ui *ui)
{
	const struct tab *tab = ui_tab(ui);
	unsigned places = ui->focus, ms;

	if (ui->focus == IN_PAGE && ui->tiles.shown)
		return IN_TILES;
	if (ui->focus != IN_PAGE || !tab)
		return places;
	if (tab_is_sad(tab))
		places |= IN_SAD;
	else if (tab_is_unresponsive(tab, &ms))
		places |= IN_HUNG;
	if (tab->pending_url || tab->loading)
		places |= IN_LOADING;
	return places;
}

/* News from the browser. */
static void on_changed(void *arg, unsigned what)
{
	struct ui *ui = arg;

	if (ui->browser->quit)
		ui_quit(ui);
	if (what & CHANGED_MESSAGE && ui->browser->message[0])
		ui_say(ui, "%s", ui->browser->message);
	if (what & CHANGED_TRAFFIC && !ui->layout.traffic.rows)
		what &= ~(unsigned)CHANGED_TRAFFIC;
	ui->dirty |= what != 0;
}

/* Is something shown that the clock changes: an age, or how long something has not responded? */
static bool shows_time(const struct ui *ui)
{
	const struct tab *tab = ui_tab(ui);
	const struct process_host *gpu = ui->browser->gpu->process;

	if (ui->said[0] || ui->room_count || ui->tiles.shown || !gpu || gpu->state == PROCESS_STARTING ||
	    process_silent_checks(gpu))
		return true;
	return tab && (tab_is_sad(tab) || tab_is_unresponsive(tab, NULL));
}

static void on_tick(void *arg)
{
	struct ui *ui = arg;
	static unsigned ticks;

	if (ticks++ % 2 == 0 && ui->layout.processes.rows) {
		processes_tick(ui);
		ui_redraw(ui);
	}
	if (shows_time(ui))
		ui_redraw(ui);
}

/* Drawing */

static void draw_parts(struct ui *ui)
{
	if (ui->layout.too_small) {
		canvas_text(&ui->canvas, 0, 0, ui->canvas.columns, STYLE_BOLD, "too small");
		if (ui_tab(ui))
			canvas_text(&ui->canvas, 1, 0, ui->canvas.columns, STYLE_PLAIN,
				    tab_label(ui_tab(ui)));
		return;
	}
	bool page = !ui->traffic_full && !(ui->layout.narrow && ui->focus != IN_PAGE);
	hints_update(ui);
	tab_strip_draw(ui);
	address_bar_draw(ui);
	if (page)
		page_area_draw(ui);
	layout_draw(ui);
	if (page)
		hung_strip_draw(ui);
	processes_draw(ui);
	if (ui->layout.traffic.rows)
		traffic_update(ui);
	traffic_draw(ui);
	for (unsigned i = 0; i < ui->room_count; i++)
		ui->rooms[i]->draw(ui);
	status_line_draw(ui);
}

static bool resize(struct ui *ui)
{
	if (!canvas_resize(&ui->canvas, ui->terminal.width, ui->terminal.height))
		return false;
	if (!painter_reset(&ui->painter, ui->terminal.width, ui->terminal.height))
		return false;
	clearok(curscr, TRUE);
	ui->resized = false;
	return true;
}

/* Before each wait of the loop: a frame, if something changed and the terminal has taken the one before. */
static void draw_frame(void *arg)
{
	struct ui *ui = arg;

	if (!ui->dirty && !ui->resized)
		return;
	if (!terminal_is_ready(&ui->terminal))
		return;
	if (ui->resized && !resize(ui)) {
		ui_quit(ui);
		return;
	}
	ui->dirty = false;
	ui->zone_count = 0;
	ui->cursor_row = -1;
	layout_compute(ui);
	canvas_clear(&ui->canvas, (struct area){ 0, 0, ui->canvas.rows, ui->canvas.columns }, STYLE_PLAIN);
	draw_parts(ui);
	painter_draw(&ui->painter, &ui->canvas);
	terminal_cursor(ui->cursor_row, ui->cursor_column);
	doupdate();
	terminal_flush(&ui->terminal);
	blasts_shown(ui->browser->blasts);
}

/* Input */

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
		traffic_scroll(ui, rows);
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

/* Signals */

static void on_signal(evutil_socket_t number, short what, void *arg)
{
	struct ui *ui = arg;
	(void)what;

	if (number == SIGWINCH) {
		ui->resized |= terminal_measure(&ui->terminal);
	} else if (number == SIGTSTP) {
		do_suspend(ui, "");
	} else if (number == SIGCONT) {
		/* Stopped by SIGSTOP, unasked: the terminal may have been used by others meanwhile. */
		terminal_retake(&ui->terminal);
		terminal_measure(&ui->terminal);
		ui->resized = true;
	} else {
		ui_quit(ui);
	}
}

static void watch_signals(struct ui *ui)
{
	static const int numbers[] = { SIGWINCH, SIGTSTP, SIGCONT, SIGTERM, SIGHUP, SIGINT };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		ui->signals[i] = evsignal_new(loop_base(), numbers[i], on_signal, ui);
		if (ui->signals[i])
			event_add(ui->signals[i], NULL);
	}
}

static void on_gone(void *arg)
{
	ui_quit(arg);
}

static void on_drained(void *arg)
{
	(void)arg; /* the loop has turned, and draws what is dirty */
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

static bool start(struct ui *ui, const char **why)
{
	const char *no_color = getenv("NO_COLOR");

	if (!terminal_init(&ui->terminal, why))
		return false;
	ui->terminal.drained = on_drained;
	ui->terminal.gone = on_gone;
	ui->terminal.arg = ui;
	if (!painter_init(&ui->painter, !no_color || !*no_color, ui->browser->options.ascii) || !resize(ui)) {
		terminal_finish(&ui->terminal);
		*why = "terminal: no memory";
		return false;
	}
	learn_keys();
	watch_signals(ui);
	task_init(&ui->readable, on_readable, ui);
	task_init(&ui->escape_time, on_escape_time, ui);
	task_init(&ui->prefix_time, on_prefix_time, ui);
	task_init(&ui->tick, on_tick, ui);
	task_watch(&ui->readable, ui->terminal.fd, EV_READ);
	task_repeat(&ui->tick, TICK_MS);
	ui->focus = IN_PAGE;
	ui->show_processes = ui->show_traffic = ui->terminal.width >= PANELS_LEAST;
	processes_tick(ui);
	layout_compute(ui);
	ui->dirty = true;
	return true;
}

static void finish(struct ui *ui)
{
	ui->browser->changed = NULL;
	ui->browser->has_screen = false;
	terminal_finish(&ui->terminal);
	for (size_t i = 0; i < sizeof(ui->signals) / sizeof(ui->signals[0]); i++)
		if (ui->signals[i])
			event_free(ui->signals[i]);
	task_finish(&ui->readable);
	task_finish(&ui->escape_time);
	task_finish(&ui->prefix_time);
	task_finish(&ui->tick);
	break_finish(ui);
	traffic_finish(&ui->traffic);
	line_edit_finish(&ui->address);
	line_edit_finish(&ui->command);
	painter_finish(&ui->painter);
	canvas_finish(&ui->canvas);
	free(ui->input);
	free(ui);
}

bool ui_run(struct browser *browser, unsigned nurls, char **urls, const char **why)
{
	struct ui *ui = calloc(1, sizeof(*ui));

	if (!ui) {
		*why = "terminal: no memory";
		return false;
	}
	ui->browser = browser;
	if (!start(ui, why)) {
		free(ui);
		return false;
	}
	browser->changed = on_changed;
	browser->changed_arg = ui;
	browser->has_screen = true;
	on_changed(ui, CHANGED_MESSAGE); /* what was said before there was a screen */
	browser_input(browser, "command", "start");
	for (unsigned i = 0; i < nurls; i++)
		tab_open(browser->tabs, urls[i], i == 0);
	if (!nurls)
		tab_open(browser->tabs, NULL, true);
	browser_input_done(browser);
	loop_run(draw_frame, ui);
	finish(ui);
	return true;
}
