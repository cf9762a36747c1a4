/* The page's area: the picture of the active tab, or what stands in its place. Declared in screen.h. */
#include "browser/process/gpu_host.h"
#include "browser/tab/view.h"
#include "browser/ui/screen.h"
#include <stdio.h>

static void click_page(struct ui *ui, int number, const struct stroke *s)
{
	struct tab *tab = ui_tab(ui);
	struct area a = ui->layout.page;
	char value[40];
	(void)number;

	layout_focus(ui, IN_PAGE);
	if (!tab || s->code != 1 || tab->state == TAB_SAD)
		return;
	uint32_t row = ui->browser->view->row + (uint32_t)(s->row - a.row);
	uint32_t column = (uint32_t)(s->column - a.column);
	snprintf(value, sizeof(value), "page row %u column %u", row, column);
	browser_input(ui->browser, "click", value);
	tab_click(tab, row, column);
	browser_input_done(ui->browser);
}

static void draw_cells(struct ui *ui)
{
	const struct view *v = ui->browser->view;
	struct area a = ui->layout.page;
	int columns = a.columns < v->columns ? a.columns : v->columns;

	for (int row = 0; row < a.rows && row < v->rows; row++)
		canvas_cells(&ui->canvas, a.row + row, a.column, v->cells + (size_t)row * v->columns,
			     columns);
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
	int row = a.row + a.rows / 3, column = a.column + 3, columns = a.columns - 4;

	canvas_clear(&ui->canvas, a, STYLE_PLAIN);
	canvas_text(&ui->canvas, row, column, columns, STYLE_DEATH,
		    "† The GPU process died too often and was given up");
	if (gpu->failed[0])
		canvas_text(&ui->canvas, row + 1, column, columns, STYLE_PLAIN, gpu->failed);
	canvas_text(&ui->canvas, row + 2, column, columns, STYLE_PLAIN,
		    "Nothing can be drawn without it. Everything else goes on.");
	canvas_text(&ui->canvas, row + 4, column, columns, STYLE_BOLD, "F7  start it again");
	zone_add_action(ui, (struct area){ row + 4, column, 1, 18 }, "retry-gpu", "");
}

void page_area_draw(struct ui *ui)
{
	struct tab *tab = ui_tab(ui);
	struct area a = ui->layout.page;

	if (!tab || a.rows <= 0 || a.columns <= 0)
		return;
	zone_add(ui, a, click_page, 0);
	if (tab->state == TAB_SAD) {
		sad_tab_draw(ui, tab);
		return;
	}
	if (ui->browser->view->page == tab->id)
		draw_cells(ui);
	if (ui->browser->gpu->given_up)
		draw_no_gpu(ui);
	else if (ui->browser->view->page == tab->id)
		draw_scroll_mark(ui, tab);
}

/* Above the page, in the rule, so that the page does not move. */
void hung_strip_draw(struct ui *ui)
{
	struct tab *tab = ui_tab(ui);
	struct canvas *c = &ui->canvas;
	struct area a = { ui->layout.rule.row, ui->layout.page.column, 1, ui->layout.page.columns };
	struct style s = { THEME(COLOR_HANG), COLOR_DEFAULT, ATTRIBUTE_REVERSE };
	static const struct {
		const char *words, *action;
	} buttons[] = { { " D its messages ", "its-messages" },
			{ " k end it ", "end" },
			{ " w wait ", "wait" } };
	unsigned ms;
	int end = a.column + a.columns;

	if (!tab || !tab_is_unresponsive(tab, &ms) || tab->state == TAB_SAD)
		return;
	canvas_clear(c, a, s);
	for (int i = a.columns >= 90 ? 0 : 1; i < 3; i++) {
		int used = canvas_text_right(c, a.row, end, 20, s, buttons[i].words);
		end -= used;
		zone_add_action(ui, (struct area){ a.row, end, 1, used }, buttons[i].action, "");
	}
	char words[400], title[101];
	snprintf(title, sizeof(title), "%.*s", a.columns < 80 ? 24 : 90, tab_label(tab));
	int room = end - a.column - 1;
	snprintf(words, sizeof(words), "▲ %s does not respond (%u.%u s). It can still be scrolled.", title,
		 ms / 1000, ms / 100 % 10);
	if (canvas_width(words) > room)
		snprintf(words, sizeof(words), "▲ unresponsive (%u.%u s)  %s", ms / 1000, ms / 100 % 10,
			 title);
	if (canvas_width(words) > room && room < 28)
		snprintf(words, sizeof(words), "▲ unresponsive");
	canvas_text(c, a.row, a.column + 1, room, s, words);
}
