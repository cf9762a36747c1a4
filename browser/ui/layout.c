/* Where the parts of the screen are, and the rules between them. Declared in screen.h. */
#include "browser/tab/view.h"
#include "browser/ui/screen.h"
#include <stdio.h>

#define WIDE_COLUMNS  90 /* from here on panels stand beside the page */
#define PANEL_MIN     45
#define PANEL_MAX     96
#define RULE_ROWS     16 /* from here on a rule stands above the last line */
#define LEAST_COLUMNS 24
#define LEAST_ROWS    6

static bool any_panel(const struct ui *ui)
{
	return ui->show_processes || ui->show_traffic;
}

static int panel_columns(int columns)
{
	int wanted = columns * 46 / 100;

	return wanted < PANEL_MIN ? PANEL_MIN : wanted > PANEL_MAX ? PANEL_MAX : wanted;
}

/* One panel takes all of `a`; two share it, the processes above. */
static void split_panels(struct ui *ui, struct area a)
{
	struct layout *l = &ui->layout;

	l->processes = l->traffic = a;
	if (ui->show_processes && ui->show_traffic) {
		l->processes.rows = a.rows * 2 / 5 > 4 ? a.rows * 2 / 5 : 4;
		l->traffic.row = a.row + l->processes.rows + 1;
		l->traffic.rows = a.rows - l->processes.rows - 1;
	}
	if (!ui->show_processes)
		l->processes.rows = 0;
	if (!ui->show_traffic)
		l->traffic.rows = 0;
}

/* One thing at a time: what has the keys takes the page's place. */
static void place_narrow(struct ui *ui, struct area body)
{
	struct layout *l = &ui->layout;

	l->page = body;
	if (ui->focus == IN_PROCESSES)
		l->processes = body;
	if (ui->focus == IN_TRAFFIC)
		l->traffic = body;
}

static void place_wide(struct ui *ui, struct area body)
{
	struct layout *l = &ui->layout;

	l->page = body;
	if (!any_panel(ui))
		return;
	struct area panels = body;
	panels.columns = panel_columns(body.columns);
	panels.column = body.columns - panels.columns;
	l->divider = panels.column - 1;
	l->page.columns = l->divider;
	split_panels(ui, panels);
}

/* Over the panels, unless one of these has the keys. The pages keep their size, since they will be back. */
static void place_tiles(struct layout *l, struct area body)
{
	l->page = body;
	l->processes.rows = l->traffic.rows = 0;
	l->divider = 0;
}

void layout_compute(struct ui *ui)
{
	int columns = ui->canvas.columns, rows = ui->canvas.rows;
	struct layout *l = &ui->layout;

	*l = (struct layout){ .too_small = columns < LEAST_COLUMNS || rows < LEAST_ROWS };
	l->narrow = columns < WIDE_COLUMNS;
	l->bottom_rule = rows >= RULE_ROWS;
	l->tabs = (struct area){ 0, 0, 1, columns };
	l->bar = (struct area){ 1, 0, 1, columns };
	l->rule = (struct area){ 2, 0, 1, columns };
	l->status = (struct area){ rows - 1, 0, 1, columns };
	struct area body = { 3, 0, rows - 4 - l->bottom_rule, columns };
	if (l->too_small)
		body = (struct area){ 0, 0, rows, columns };

	if (ui->traffic_full && !l->too_small) {
		/* The page keeps its size, since it will be back. */
		l->traffic = body;
		return;
	}
	if (l->narrow)
		place_narrow(ui, body);
	else
		place_wide(ui, body);
	view_resize(ui->browser->view, (unsigned)l->page.columns, (unsigned)l->page.rows);
	if (ui->tiles.shown && ui->focus == IN_PAGE)
		place_tiles(l, body);
	tiles_layout(ui);
}

/* A title within a rule: its name at the left, its state and key at the right. */
static void draw_title(struct ui *ui, struct area panel, enum place place, const char *name,
		       const char *right, const char *action)
{
	struct canvas *c = &ui->canvas;
	int row = panel.row - 1, end = panel.column + panel.columns;
	bool focused = ui->focus == place;

	if (panel.rows <= 0)
		return;
	canvas_repeat(c, row, panel.column, panel.columns, STYLE_LINE, "─");
	canvas_format(c, row, panel.column + 1, 16, focused ? STYLE_ACCENT : STYLE_BOLD, "%s%s ",
		      focused ? "▸" : " ", name);
	int used = canvas_text_right(c, row, end - 1, panel.columns - 16, focused ? STYLE_ACCENT : STYLE_IDLE,
				     right);
	zone_add_action(ui, (struct area){ row, panel.column, 1, panel.columns - used - 1 },
			place == IN_PROCESSES ? "tasks" : "messages", "");
	zone_add_action(ui, (struct area){ row, end - 1 - used, 1, used }, action, "");
}

static void draw_progress(struct ui *ui)
{
	struct tab *tab = ui_tab(ui);
	struct area page = ui->layout.page;
	char words[40], bytes[16];

	if (!tab || page.columns <= 0 || !(tab->pending_url || tab->loading))
		return;
	words_bytes(tab->loaded_bytes, bytes, sizeof(bytes));
	if (tab->total_bytes > 0 && tab->loaded_bytes <= (uint64_t)tab->total_bytes) {
		int done = (int)((uint64_t)page.columns * tab->loaded_bytes / (uint64_t)tab->total_bytes);
		canvas_repeat(&ui->canvas, ui->layout.rule.row, page.column, done, STYLE_ACCENT, "━");
		snprintf(words, sizeof(words), " loading %s, %d %% ", bytes,
			 (int)(100 * tab->loaded_bytes / (uint64_t)tab->total_bytes));
	} else if (tab->pending_url) {
		snprintf(words, sizeof(words), " waiting for an answer ");
	} else {
		snprintf(words, sizeof(words), " loading %s ", bytes);
	}
	canvas_text(&ui->canvas, ui->layout.rule.row, page.column + 2, page.columns - 2, STYLE_IDLE, words);
}

/* What one looks at must not go without a word: the shortest that has no room says more. */
static void paused_state(const struct ui *ui, int room, char *buf, size_t capacity)
{
	const struct traffic_panel *t = &ui->traffic;
	char fresh[24], gone[24];

	words_count((uint64_t)t->fresh, fresh, sizeof(fresh));
	words_count((uint64_t)t->gone, gone, sizeof(gone));
	snprintf(buf, capacity, " paused, %s new, %s have left memory%s ─ F12 ", fresh, gone,
		 ui->browser->log ? "; the log has them" : "");
	if (t->gone && canvas_width(buf) > room)
		snprintf(buf, capacity, " paused, %s have left memory ─ F12 ", gone);
	if (t->gone && canvas_width(buf) > room)
		snprintf(buf, capacity, " paused, %s gone ─ F12 ", gone);
	if (!t->gone)
		snprintf(buf, capacity, " paused, %s new ─ F12 ", fresh);
}

static const char *traffic_state(const struct ui *ui, char *buf, size_t capacity)
{
	const struct traffic_panel *t = &ui->traffic;

	if (t->paused)
		paused_state(ui, ui->layout.traffic.columns - 16, buf, capacity);
	else
		snprintf(buf, capacity, " %s%s ─ F12 ",
			 t->question.text[0] ? "filtered, following" : "following",
			 ui->focus == IN_TRAFFIC && !t->pings && !t->question.text[0] ? ", no pings" : "");
	return buf;
}

static void draw_divider(struct ui *ui)
{
	struct layout *l = &ui->layout;
	int bottom = l->page.row + l->page.rows;

	for (int row = l->page.row; row < bottom; row++)
		canvas_text(&ui->canvas, row, l->divider, 1, STYLE_LINE, "│");
	canvas_text(&ui->canvas, l->rule.row, l->divider, 1, STYLE_LINE, "┬");
	if (l->processes.rows > 0 && l->traffic.rows > 0)
		canvas_text(&ui->canvas, l->traffic.row - 1, l->divider, 1, STYLE_LINE, "├");
	if (l->bottom_rule)
		canvas_text(&ui->canvas, bottom, l->divider, 1, STYLE_LINE, "┴");
}

void layout_draw(struct ui *ui)
{
	struct layout *l = &ui->layout;
	char state[160];

	canvas_repeat(&ui->canvas, l->rule.row, 0, l->rule.columns, STYLE_LINE, "─");
	if (l->bottom_rule)
		canvas_repeat(&ui->canvas, l->status.row - 1, 0, l->status.columns, STYLE_LINE, "─");
	draw_title(ui, l->processes, IN_PROCESSES, "processes", " F9 ", "fold-processes");
	draw_title(ui, l->traffic, IN_TRAFFIC, "traffic", traffic_state(ui, state, sizeof(state)),
		   ui->traffic_full ? "leave" : "fold-traffic");
	if (!ui->traffic_full && !(l->narrow && ui->focus != IN_PAGE))
		ui->tiles.shown ? tiles_draw_heading(ui) : draw_progress(ui);
	if (l->divider)
		draw_divider(ui);
}

void layout_focus(struct ui *ui, enum place place)
{
	ui->focus = place;
	ui->show_processes |= place == IN_PROCESSES;
	ui->show_traffic |= place == IN_TRAFFIC;
	ui->traffic_full &= place == IN_TRAFFIC;
	ui_redraw(ui);
}

void layout_fold(struct ui *ui, enum place panel)
{
	if (ui->focus != panel) {
		layout_focus(ui, panel);
		return;
	}
	ui->traffic_full = false;
	if (!ui->layout.narrow)
		*(panel == IN_PROCESSES ? &ui->show_processes : &ui->show_traffic) = false;
	ui->focus = IN_PAGE;
	ui_redraw(ui);
}
