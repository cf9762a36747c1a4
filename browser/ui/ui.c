/* See ui.h. Starts and ends the screen, and draws: at most one frame a turn of the loop. input.c takes what
 * is typed. */
#include "browser/ui/ui.h"
#include "browser/fault/blast/blast.h"
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
	watch_signals(ui);
	input_start(ui);
	traffic_init(ui);
	task_init(&ui->tick, on_tick, ui);
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
	input_finish(ui);
	task_finish(&ui->tick);
	break_finish(ui);
	sequence_view_finish(ui);
	statistics_view_finish(ui);
	traffic_finish(&ui->traffic);
	line_edit_finish(&ui->address);
	line_edit_finish(&ui->command);
	painter_finish(&ui->painter);
	canvas_finish(&ui->canvas);
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
