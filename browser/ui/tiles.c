/*
 * All tabs at once: a tile each, drawn by the GPU process, in a frame drawn here. The marked tile is that of
 * the active tab, so that whatever is done to the active tab is done to it. tile_grid.c says how the tiles
 * lie. Declared in screen.h.
 */
#include "browser/ui/tiles.h"
#include "browser/process/gpu_host.h"
#include "browser/tab/view.h"
#include "browser/traffic/collect/collector.h"
#include "browser/ui/action.h"
#include <stdio.h>
#include <string.h>

#define NAME_LEAST 40 /* columns of a tile whose lower edge has room for its process's name */

/* A tile that is seen: the tab, and where its frame lies. */
struct seen {
	struct tab *tab;
	unsigned index;
	struct area frame;
};

/* As far as the GPU process draws. */
static struct area tiles_area(const struct ui *ui)
{
	struct area a = ui->layout.page;

	a.columns = a.columns < GRID_MAX_COLUMNS ? a.columns : GRID_MAX_COLUMNS;
	a.rows = a.rows < GRID_MAX_ROWS ? a.rows : GRID_MAX_ROWS;
	return a;
}

static struct area inside(struct area frame)
{
	return (struct area){ frame.row + 1, frame.column + 1, frame.rows - 2, frame.columns - 2 };
}

/* The next tile that is seen; begin with one that is all zero. */
static bool next_seen(const struct ui *ui, struct seen *s)
{
	struct tile_grid g = ui->tiles.grid;
	unsigned first = (unsigned)(ui->tiles.rows.top * g.columns);

	s->index = s->tab ? s->index + 1 : first;
	s->tab = s->tab ? s->tab->next : tab_at(ui->browser->tabs, first);
	int place = (int)(s->index - first);
	if (!s->tab || place >= g.columns * g.rows)
		return false;
	s->frame = tile_grid_place(tiles_area(ui), g, place % g.columns, place / g.columns);
	return true;
}

static void arrange(struct ui *ui)
{
	struct view_tile tiles[VIEW_TILES_MAX];
	struct area all = tiles_area(ui);
	unsigned n = 0;

	for (struct seen s = { 0 }; next_seen(ui, &s) && n < VIEW_TILES_MAX;) {
		struct area a = inside(s.frame);
		if (a.columns > 0 && a.rows > 0)
			tiles[n++] = (struct view_tile){ .page = s.tab->id,
							 .column = (uint16_t)(a.column - all.column),
							 .row = (uint16_t)(a.row - all.row),
							 .columns = (uint16_t)a.columns,
							 .rows = (uint16_t)a.rows,
							 .document_row = s.tab->scroll_row };
	}
	view_show_tiles(ui->browser->view, (unsigned)all.columns, (unsigned)all.rows, tiles, n);
}

void tiles_layout(struct ui *ui)
{
	const struct tabs *tabs = ui->browser->tabs;
	struct tiles_view *t = &ui->tiles;
	int count = (int)tabs->count;

	if (!t->shown || !tabs->active || ui->layout.page.columns < 1 || ui->layout.page.rows < 1)
		return;
	t->grid = tile_grid_fit(tiles_area(ui), count);
	t->rows.marked = (int)tab_index(tabs->active) / t->grid.columns;
	list_settle(&t->rows, (count + t->grid.columns - 1) / t->grid.columns, t->grid.rows);
	arrange(ui);
}

/* What a tile says of its tab, besides its picture. */

/* How it died, in as few words as there are: crashed SIGSEGV, killed out_of_range, abnormal 3. */
static const char *death_words(const struct tab *tab, char *buf, size_t capacity)
{
	const struct death *d = &tab->death;
	const char *status = termination_status_names[d->status];

	if (tab->state == TAB_DYING)
		snprintf(buf, capacity, "† dying");
	else if (d->reason != BAD_MESSAGE_NONE)
		snprintf(buf, capacity, "† %s %s", status, bad_message_names[d->reason]);
	else if (d->signal)
		snprintf(buf, capacity, "† %s %s", status, death_signal_name(d->signal));
	else if (d->status == TERMINATION_STATUS_ABNORMAL)
		snprintf(buf, capacity, "† %s, code %d", status, d->code);
	else
		snprintf(buf, capacity, "† %s", status);
	return buf;
}

static struct style frame_style(const struct tab *tab)
{
	if (tab_is_sad(tab))
		return STYLE_DEATH;
	if (tab_is_unresponsive(tab, NULL))
		return STYLE_HANG;
	return tab->renderer ? STYLE_HUE(tab->renderer->hue % PROCESS_HUES) : STYLE_LINE;
}

static bool is_loading(const struct tab *tab)
{
	return tab->pending_url || tab->loading;
}

/* Percent of the body that is there, or -1: nobody knows. */
static int progress(const struct tab *tab)
{
	if (!is_loading(tab) || tab->total_bytes <= 0 || tab->loaded_bytes > (uint64_t)tab->total_bytes)
		return -1;
	return (int)(100 * tab->loaded_bytes / (uint64_t)tab->total_bytes);
}

static struct style state_words(const struct tab *tab, bool named, char *buf, size_t capacity)
{
	const struct process_host *p = tab->renderer;
	char name[ENDPOINT_TEXT], bytes[16];

	words_endpoint(p ? p->name : tab->dead_renderer, name, sizeof(name));
	if (tab_is_sad(tab)) {
		snprintf(buf, capacity, "%s", tab->dead_pid ? name : "never started");
		return STYLE_DEATH;
	}
	if (tab_is_unresponsive(tab, NULL)) {
		snprintf(buf, capacity, "unresponsive");
		return STYLE_HANG;
	}
	words_bytes(tab->loaded_bytes, bytes, sizeof(bytes));
	if (progress(tab) >= 0)
		snprintf(buf, capacity, "loading %d %%", progress(tab));
	else if (tab->pending_url)
		snprintf(buf, capacity, "waiting");
	else if (is_loading(tab))
		snprintf(buf, capacity, "loading %s", bytes);
	else if (p)
		snprintf(buf, capacity, "%s%s%s", named ? name : "", named ? " " : "", words_state(p));
	else
		snprintf(buf, capacity, "empty");
	return is_loading(tab) || !p ? STYLE_IDLE : words_state_style(p);
}

/* Drawing */

/* The marked tile has heavy lines, so that it is told without colours too. */
static void draw_edges(struct ui *ui, struct area a, struct style s, bool marked)
{
	static const char *const lines[2][6] = { { "─", "│", "┌", "┐", "└", "┘" },
						 { "━", "┃", "┏", "┓", "┗", "┛" } };
	const char *const *line = lines[marked];
	struct canvas *c = &ui->canvas;
	int right = a.column + a.columns - 1, bottom = a.row + a.rows - 1;

	for (int row = a.row + 1; row < bottom; row++) {
		canvas_text(c, row, a.column, 1, s, line[1]);
		canvas_text(c, row, right, 1, s, line[1]);
	}
	canvas_repeat(c, bottom, a.column, a.columns, s, line[0]);
	canvas_text(c, bottom, a.column, 1, s, line[4]);
	canvas_text(c, bottom, right, 1, s, line[5]);
	canvas_repeat(c, a.row, a.column, a.columns, s, line[0]);
	canvas_text(c, a.row, a.column, 1, s, line[2]);
	canvas_text(c, a.row, right, 1, s, line[3]);
}

/* Number, title and sign, in the upper edge. */
static void draw_title(struct ui *ui, const struct seen *s, bool marked)
{
	struct canvas *c = &ui->canvas;
	struct style style = marked ? STYLE_REVERSE : STYLE_PLAIN, sign;
	const char *letter = words_tab_sign(s->tab, &sign);
	int column = s->frame.column + 1, room = s->frame.columns - 6;
	char number[24];

	style.attributes |= ATTRIBUTE_BOLD;
	if (room < 1)
		return;
	bool from = s->tab->id == ui->tiles.from && !marked;
	snprintf(number, sizeof(number), "%s%u ", from ? "▸" : " ", s->index + 1);
	int used = canvas_text(c, s->frame.row, column, room, style, number);
	used += canvas_text(c, s->frame.row, column + used, room - used, style, tab_label(s->tab));
	used += canvas_text(c, s->frame.row, column + used, 1, style, " ");
	used += canvas_text(c, s->frame.row, column + used, 1, sign, letter);
	canvas_text(c, s->frame.row, column + used, 1, STYLE_PLAIN, " ");
}

/* Its beat; of one that is dead or hangs, for how long it has been so. */
static void foot_right(struct ui *ui, const struct tab *tab, char *buf, size_t capacity)
{
	char age[24], beat[BEAT_TEXT];
	unsigned ms;

	buf[0] = '\0';
	if (tab_is_sad(tab))
		snprintf(buf, capacity, " %s ago ",
			 words_age(recorder_now() - tab->died_ns, age, sizeof(age)));
	else if (tab_is_unresponsive(tab, &ms))
		snprintf(buf, capacity, " %u.%u s ", ms / 1000, ms / 100 % 10);
	else if (tab->renderer)
		snprintf(buf, capacity, " %s ", words_beat(ui, tab->renderer->name, beat));
}

static int narrowest(const struct ui *ui)
{
	return (tiles_area(ui).columns + TILE_GAP) / ui->tiles.grid.columns - TILE_GAP;
}

/* In the lower edge: how much has been loaded, the state, and what foot_right() says. */
static void draw_foot(struct ui *ui, const struct seen *s)
{
	struct canvas *c = &ui->canvas;
	struct area a = s->frame;
	int row = a.row + a.rows - 1, end = a.column + a.columns - 1, done = progress(s->tab);
	char words[80], state[64], right[48];

	if (done > 0)
		canvas_repeat(c, row, a.column + 1, (a.columns - 2) * done / 100, STYLE_ACCENT, "━");
	foot_right(ui, s->tab, right, sizeof(right));
	if (canvas_width(right) <= a.columns - 2)
		end -= canvas_text_right(c, row, end, a.columns - 2, frame_style(s->tab), right);
	/* One column more, where the widths do not come out even, is no reason to say more. */
	int spare = a.columns - narrowest(ui);
	struct style style = state_words(s->tab, a.columns - spare >= NAME_LEAST, state, sizeof(state));
	snprintf(words, sizeof(words), " %s ", state);
	if (a.column + 2 + spare + canvas_width(words) <= end)
		canvas_text(c, row, a.column + 1, end - a.column - 1, style, words);
}

static void draw_picture(struct ui *ui, const struct seen *s, struct area in)
{
	struct view_picture p;

	if (!view_picture_of(ui->browser->view, s->tab->id, &p))
		return;
	int columns = (int)p.columns < in.columns ? (int)p.columns : in.columns;
	for (int row = 0; row < in.rows && row < (int)p.rows; row++)
		canvas_cells(&ui->canvas, in.row + row, in.column, p.cells + (size_t)row * p.stride, columns);
}

static void draw_centred(struct ui *ui, struct area in, int row, struct style style, const char *words)
{
	int width = canvas_width(words), left = width < in.columns ? (in.columns - width) / 2 : 0;

	if (row >= 0 && row < in.rows)
		canvas_text(&ui->canvas, in.row + row, in.column + left, in.columns - left, style, words);
}

static void draw_inside(struct ui *ui, const struct seen *s, bool marked)
{
	struct area in = inside(s->frame);
	char words[80];

	if (in.columns <= 0 || in.rows <= 0)
		return;
	if (tab_is_sad(s->tab)) {
		int row = (in.rows - 1) / 2;
		draw_centred(ui, in, row, STYLE_DEATH, death_words(s->tab, words, sizeof(words)));
		if (marked)
			draw_centred(ui, in, row + 2, STYLE_IDLE, "r reload   Enter more");
	} else if (s->tab->has_document) {
		draw_picture(ui, s, in);
	} else {
		draw_centred(ui, in, (in.rows - 1) / 2, STYLE_IDLE,
			     is_loading(s->tab) ? "waiting for an answer" : "nothing was opened here");
	}
}

/* The first click marks a tile, the second goes to it. */
static void click_tile(struct ui *ui, int number, const struct stroke *s)
{
	struct tab *tab = tab_find(ui->browser->tabs, (uint32_t)number);
	bool again = tab && tab == ui_tab(ui) && ui->focus == IN_PAGE;
	char value[24];

	if (!tab || s->code != 1)
		return;
	snprintf(value, sizeof(value), "tile %u", tab_index(tab) + 1);
	browser_input(ui->browser, "click", value);
	layout_focus(ui, IN_PAGE);
	tab_activate(tab);
	if (again)
		tiles_leave(ui, tab);
	browser_input_done(ui->browser);
}

/* In the rule above: what this is, and which of them are seen. */
void tiles_draw_heading(struct ui *ui)
{
	const struct tiles_view *t = &ui->tiles;
	struct area a = ui->layout.page;
	int row = ui->layout.rule.row, end = a.column + a.columns - 1, count = (int)ui->browser->tabs->count;
	int first = t->rows.top * t->grid.columns, last = first + t->grid.columns * t->grid.rows;
	bool focused = ui->focus == IN_PAGE;
	char words[64];

	if (a.columns < 24)
		return;
	canvas_text(&ui->canvas, row, a.column + 1, 11, focused ? STYLE_ACCENT : STYLE_BOLD,
		    focused ? "▸all tabs " : " all tabs ");
	last = last < count ? last : count;
	if (last - first == count)
		snprintf(words, sizeof(words), " F3 ");
	else if (last - first == 1)
		snprintf(words, sizeof(words), " %d of %d ─ F3 ", last, count);
	else
		snprintf(words, sizeof(words), " %d to %d of %d ─ F3 ", first + 1, last, count);
	int used = canvas_text_right(&ui->canvas, row, end, a.columns - 13,
				     focused ? STYLE_ACCENT : STYLE_IDLE, words);
	zone_add_action(ui, (struct area){ row, end - used, 1, used }, "tiles", "");
}

void tiles_draw(struct ui *ui)
{
	for (struct seen s = { 0 }; next_seen(ui, &s);) {
		bool marked = s.tab == ui_tab(ui);
		draw_edges(ui, s.frame, frame_style(s.tab), marked);
		draw_title(ui, &s, marked);
		if (s.frame.rows > 1)
			draw_foot(ui, &s);
		draw_inside(ui, &s, marked);
		zone_add(ui, s.frame, click_tile, (int)s.tab->id);
	}
}

/* Going about in them */

static void step(struct ui *ui, int steps)
{
	const struct tabs *tabs = ui->browser->tabs;
	int last = (int)tabs->count - 1, at;

	if (!tabs->active)
		return;
	at = (int)tab_index(tabs->active) + steps;
	at = at < 0 ? 0 : at > last ? last : at;
	tab_activate(tab_at(ui->browser->tabs, (unsigned)at));
}

/* A row up or down, if there is one; in the last row the column may be missing. */
static void step_rows(struct ui *ui, int rows)
{
	int columns = ui->tiles.grid.columns, count = (int)ui->browser->tabs->count;
	int at = (int)tab_index(ui_tab(ui)), row = at / columns, last = (count - 1) / columns;

	if (row + rows < 0)
		rows = -row;
	if (row + rows > last)
		rows = last - row;
	step(ui, rows * columns);
}

bool tiles_move(struct ui *ui, enum list_move move)
{
	int seen = ui->tiles.grid.rows, count = (int)ui->browser->tabs->count;

	if (!ui->tiles.shown || !ui_tab(ui) || move == LIST_HALF_UP || move == LIST_HALF_DOWN)
		return false;
	if (move == LIST_TOP || move == LIST_BOTTOM)
		step(ui, move == LIST_TOP ? -count : count);
	else if (move == LIST_PAGE_UP || move == LIST_PAGE_DOWN)
		step_rows(ui, move == LIST_PAGE_UP ? -seen : seen);
	else
		step_rows(ui, move == LIST_UP ? -1 : 1);
	return true;
}

void tiles_leave(struct ui *ui, struct tab *tab)
{
	if (!ui->tiles.shown)
		return;
	ui->tiles.shown = false;
	if (tab && tab != ui_tab(ui))
		tab_activate(tab);
	view_show_page(ui->browser->view);
	ui_redraw(ui);
}

static void begin(struct ui *ui)
{
	ui->tiles = (struct tiles_view){ .shown = true, .from = ui_tab(ui) ? ui_tab(ui)->id : 0 };
}

ACTION_FUNCTION(do_tiles)
{
	(void)argument;
	if (!ui->tiles.shown)
		begin(ui);
	else if (ui->focus == IN_PAGE)
		tiles_leave(ui, tab_find(ui->browser->tabs, ui->tiles.from));
	layout_focus(ui, IN_PAGE);
}

ACTION_FUNCTION(do_enter_tab)
{
	(void)argument;
	tiles_leave(ui, ui_tab(ui));
}

ACTION_FUNCTION(do_left)
{
	(void)argument;
	step(ui, -1);
}

ACTION_FUNCTION(do_right)
{
	(void)argument;
	step(ui, 1);
}
