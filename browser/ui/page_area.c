/* The page's area: the picture of the active tab, or what stands in its place. Declared in screen.h. */
#include "browser/process/gpu_host.h"
#include "browser/tab/page_host.h"
#include "browser/tab/view.h"
#include "browser/traffic/breakpoint/breakpoints.h"
#include "browser/ui/screen.h"
#include <stdio.h>

#define HELD_BUTTON  14 /* columns of the way to what is held */
#define GPU_BLINK_NS UINT64_C(300000000)
#define GPU_CHECKS   3 /* of the hang monitor, unanswered, after which the picture counts as frozen */

static void click_page(struct ui *ui, int number, const struct stroke *s)
{
	struct tab *tab = ui_tab(ui);
	struct area a = ui->layout.page;
	char value[40];
	(void)number;

	layout_focus(ui, IN_PAGE);
	if (!tab || s->code != 1 || tab_is_sad(tab))
		return;
	uint32_t row = ui->browser->view->row + (uint32_t)(s->row - a.row);
	uint32_t column = (uint32_t)(s->column - a.column);
	snprintf(value, sizeof(value), "page row %u column %u", row, column);
	browser_input(ui->browser, "click", value);
	tab_click(tab, row, column);
	browser_input_done(ui->browser);
}

static void draw_cells(struct ui *ui, const struct tab *tab)
{
	struct area a = ui->layout.page;
	struct view_picture p;

	if (!view_picture_of(ui->browser->view, tab->id, &p))
		return;
	int columns = a.columns < (int)p.columns ? a.columns : (int)p.columns;
	for (int row = 0; row < a.rows && row < (int)p.rows; row++)
		canvas_cells(&ui->canvas, a.row + row, a.column, p.cells + (size_t)row * p.stride, columns);
}

/* How much of the document is above and below, at the right edge. Nothing when all of it is seen. */
static void draw_scroll_mark(struct ui *ui, const struct tab *tab)
{
	struct area a = ui->layout.page;
	uint32_t rows = tab->document_rows, seen = (uint32_t)a.rows;

	if (rows <= seen || a.rows < 4)
		return;
	uint32_t length = seen * seen / rows > 0 ? seen * seen / rows : 1;
	uint32_t at = (uint32_t)((uint64_t)tab->scroll_row * (seen - length) / (rows - seen));
	at = at > seen - length ? seen - length : at;
	for (uint32_t i = 0; i < length; i++)
		canvas_text(&ui->canvas, a.row + (int)(at + i), a.column + a.columns - 1, 1, STYLE_LINE, "┃");
}

static void draw_no_gpu(struct ui *ui)
{
	const struct gpu_host *gpu = ui->browser->gpu;
	struct area a = ui->layout.page;
	struct lines lines = { 0 };
	int wide = a.columns - 4;

	lines_wrap(&lines, STYLE_DEATH, 0, wide, "† The GPU process died too often and was given up");
	if (gpu->failed[0])
		lines_wrap(&lines, STYLE_PLAIN, 0, wide, gpu->failed);
	lines_wrap(&lines, STYLE_PLAIN, 0, wide, "Nothing can be drawn without it. Everything else goes on.");
	int row = a.row + a.rows / 3;
	int last = a.row + a.rows - lines.count - 2;
	row = row < last ? row : last > a.row ? last : a.row;
	canvas_clear(&ui->canvas, a, STYLE_PLAIN);
	lines_draw(&lines, 0, &ui->canvas, (struct area){ row, a.column + 3, a.row + a.rows - row, wide });
	row += lines.count + 1;
	lines_finish(&lines);
	if (row >= a.row + a.rows)
		return;
	canvas_text(&ui->canvas, row, a.column + 3, wide, STYLE_BOLD, "F7  start it again");
	zone_add_action(ui, (struct area){ row, a.column + 3, 1, 18 }, "retry-gpu", "");
}

void page_area_draw(struct ui *ui)
{
	struct tab *tab = ui_tab(ui);
	struct area a = ui->layout.page;

	if (!tab || a.rows <= 0 || a.columns <= 0)
		return;
	if (ui->tiles.shown) {
		tiles_draw(ui);
		if (ui->browser->gpu->given_up)
			draw_no_gpu(ui);
		return;
	}
	zone_add(ui, a, click_page, 0);
	if (tab_is_sad(tab)) {
		sad_tab_draw(ui, tab);
		return;
	}
	draw_cells(ui, tab);
	if (ui->browser->gpu->given_up)
		draw_no_gpu(ui);
	else if (ui->browser->view->page == tab->id)
		draw_scroll_mark(ui, tab);
}

static struct area strip_area(const struct ui *ui)
{
	return (struct area){ ui->layout.rule.row, ui->layout.page.column, 1, ui->layout.page.columns };
}

#define STRIP_STYLE ((struct style){ THEME(COLOR_HANG), COLOR_DEFAULT, ATTRIBUTE_REVERSE })

/* The longest of what can be said of a page that hangs. */
static void hung_words(const struct tab *tab, unsigned ms, int room, char *words, size_t capacity)
{
	unsigned s = ms / 1000, tenths = ms / 100 % 10;
	unsigned others = page_host_pages(tab->tabs, tab->renderer, tab);
	bool stopped = tab->renderer && tab->renderer->usage.stopped;
	const char *how = stopped ? "is stopped" : "does not respond";
	const char *shortly = stopped ? "stopped" : "unresponsive";
	char title[101];

	snprintf(title, sizeof(title), "%.*s", room < 80 ? 24 : 90, tab_label(tab));
	if (others)
		snprintf(words, capacity, "▲ %s and %u more of its process %s (%u.%u s).", title, others,
			 stopped ? "are stopped" : "do not respond", s, tenths);
	else
		snprintf(words, capacity, "▲ %s %s (%u.%u s). It can still be scrolled.", title, how, s,
			 tenths);
	if (canvas_width(words) > room)
		snprintf(words, capacity, "▲ It %s (%u.%u s). It can still be scrolled.", how, s, tenths);
	if (canvas_width(words) > room)
		snprintf(words, capacity, "▲ %s (%u.%u s), still scrolls", shortly, s, tenths);
	if (canvas_width(words) > room)
		snprintf(words, capacity, "▲ %s (%u.%u s)", shortly, s, tenths);
	if (canvas_width(words) > room)
		snprintf(words, capacity, "▲ %s", shortly);
}

static void draw_hung_page(struct ui *ui, const struct tab *tab, unsigned ms)
{
	bool stopped = tab->renderer && tab->renderer->usage.stopped;
	const struct {
		const char *words, *action, *argument;
	} buttons[] = { { " D its messages ", "its-messages", "" },
			{ " k end it ", "end", "now" },
			{ stopped ? " w go on " : " w wait ", "wait", "" } };
	struct canvas *c = &ui->canvas;
	struct area a = strip_area(ui);
	int end = a.column + a.columns;
	char words[400];

	canvas_clear(c, a, STRIP_STYLE);
	for (int i = a.columns >= 90 ? 0 : 1; i < 3; i++) {
		int used = canvas_text_right(c, a.row, end, 20, STRIP_STYLE, buttons[i].words);
		end -= used;
		zone_add_action(ui, (struct area){ a.row, end, 1, used }, buttons[i].action,
				buttons[i].argument);
	}
	int room = end - a.column - 1;
	hung_words(tab, ms, room, words, sizeof(words));
	canvas_text(c, a.row, a.column + 1, room, STRIP_STYLE, words);
}

/* What is wrong with the process that draws. False: nothing that lasts. */
static bool gpu_words(const struct gpu_host *gpu, int room, char *words, size_t capacity)
{
	const struct process_host *p = gpu->process;
	uint64_t now = recorder_now(), died_ns = gpu->restart.deaths[0];

	if (gpu->given_up)
		return false;
	if (!p || p->state == PROCESS_STARTING || p->state >= PROCESS_DYING) {
		uint64_t since = died_ns || !p ? died_ns : p->started_ns;
		snprintf(words, capacity, "▲ The GPU process is %s",
			 died_ns ? "being restarted" : "starting");
		/* Mostly it is back before one has read that it is gone. */
		return now - since > GPU_BLINK_NS;
	}
	/* It is killed once it counts as unresponsive; that the picture stands still is seen before. */
	if (process_silent_checks(p) < GPU_CHECKS)
		return false;
	unsigned ms = process_silent_ms(p), tenths = ms / 100 % 10;
	snprintf(words, capacity, "▲ The GPU process does not respond (%u.%u s): the picture is frozen",
		 ms / 1000, tenths);
	if (canvas_width(words) > room)
		snprintf(words, capacity, "▲ The GPU process hangs (%u.%u s): the picture is frozen",
			 ms / 1000, tenths);
	if (canvas_width(words) > room)
		snprintf(words, capacity, "▲ picture frozen (%u.%u s)", ms / 1000, tenths);
	return true;
}

/* What breakpoints hold, the longest of what there is room for. False: nothing. */
static bool held_words(const struct breakpoints *b, int room, char *words, size_t capacity)
{
	char name[TRAFFIC_NAME_TEXT], from[ENDPOINT_TEXT], to[ENDPOINT_TEXT], age[40];
	const struct held_message *first = b->held;
	unsigned n = 0;

	for (const struct held_message *h = first; h; h = h->next)
		n++;
	if (!n)
		return false;
	words_age(recorder_now() - first->since_ns, age, sizeof(age));
	const char *what = traffic_name(&first->event, name);
	snprintf(words, capacity, "■ held: %s %s → %s for %s", what, traffic_from(&first->event, from),
		 traffic_to(&first->event, to), age);
	if (n > 1)
		snprintf(words + strlen(words), capacity - strlen(words), ", and %u more", n - 1);
	if (canvas_width(words) > room)
		snprintf(words, capacity, "■ %u held: %s", n, what);
	if (canvas_width(words) > room)
		snprintf(words, capacity, "■ %u held", n);
	return true;
}

static void draw_held(struct ui *ui, const char *words)
{
	struct area a = strip_area(ui);
	int end = a.column + a.columns;

	canvas_clear(&ui->canvas, a, STRIP_STYLE);
	end -= canvas_text_right(&ui->canvas, a.row, end, HELD_BUTTON, STRIP_STYLE, " B look at it ");
	canvas_text(&ui->canvas, a.row, a.column + 1, end - a.column - 1, STRIP_STYLE, words);
	zone_add_action(ui, a, "held", "");
}

/* Above the page, in the rule, so that the page does not move. */
void hung_strip_draw(struct ui *ui)
{
	const struct tab *tab = ui_tab(ui);
	struct area a = strip_area(ui);
	char words[120];
	unsigned ms;

	/* While something is held, that is the reason for whatever else there is to say. */
	if (held_words(ui->browser->breakpoints, a.columns - HELD_BUTTON - 1, words, sizeof(words))) {
		draw_held(ui, words);
		return;
	}
	if (!tab || (tab_is_sad(tab) && !ui->tiles.shown))
		return;
	if (!ui->tiles.shown && tab_is_unresponsive(tab, &ms)) {
		draw_hung_page(ui, tab, ms);
	} else if (gpu_words(ui->browser->gpu, a.columns - 1, words, sizeof(words))) {
		canvas_clear(&ui->canvas, a, STRIP_STYLE);
		canvas_text(&ui->canvas, a.row, a.column + 1, a.columns - 1, STRIP_STYLE, words);
	}
}
