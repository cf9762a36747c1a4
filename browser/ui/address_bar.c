/* The line below the tabs: back, forward, reload, the address and its editor, the shield. Declared in
 * screen.h. */
#include "browser/net/url.h"
#include "browser/ui/action.h"
#include <stdio.h>
#include <string.h>

#define ADDRESS_LEAST 12

struct parts {
	int address, columns; /* where the text of the address is */
};

static struct style button_style(bool works)
{
	return works ? STYLE_BOLD : STYLE_IDLE;
}

/* The layers of the renderer that shows the page; of the GPU process while there is none. */
static int shield(struct ui *ui, char *words, size_t capacity, struct style *s)
{
	struct tab *tab = ui_tab(ui);
	struct process_host *p = tab ? tab->renderer : NULL;
	bool wide = ui->canvas.columns >= 60;

	*s = STYLE_PLAIN;
	if (ui->browser->options.no_sandbox) {
		*s = STYLE_DEATH;
		return snprintf(words, capacity, "NO SANDBOX");
	}
	if (!p || !process_is_up(p))
		return snprintf(words, capacity, "%s-/%d", wide ? "sandbox " : "", LAYER_COUNT);
	int on = __builtin_popcount(p->verified.shield);
	/* No layer stands between a web page and what other tabs show. */
	if (ui->browser->options.process_model == PROCESS_MODEL_ONE) {
		*s = STYLE_DEATH;
		return snprintf(words, capacity, "%s%d/%d", wide ? "ALL IN ONE " : "1! ", on, LAYER_COUNT);
	}
	s->attributes = on < LAYER_COUNT ? ATTRIBUTE_BOLD : 0;
	return snprintf(words, capacity, "%s%d/%d", wide ? "sandbox " : "", on, LAYER_COUNT);
}

/* From the right: the break button, the shield. Returns the column where they begin. */
static int draw_right(struct ui *ui)
{
	struct canvas *c = &ui->canvas;
	int end = c->columns - 1;
	char words[40];
	struct style s;

	if (c->columns >= 60) {
		int used = canvas_text_right(c, 1, end, 10, STYLE_BOLD, "F8 break");
		end -= used;
		zone_add_action(ui, (struct area){ 1, end, 1, used }, "break", "");
		end -= 3;
	}
	shield(ui, words, sizeof(words), &s);
	int used = canvas_text_right(c, 1, end, 20, s, words);
	zone_add_action(ui, (struct area){ 1, end - used, 1, used }, "tab", "bulkhead://sandbox");
	return end - used;
}

static struct parts draw_frame(struct ui *ui)
{
	struct canvas *c = &ui->canvas;
	const struct tab *tab = ui_tab(ui);
	static const char *const signs[] = { "←", "→", "⟳" }, *const names[] = { "back", "forward",
										 "reload" };
	bool works[] = { tab && tab->history_at > 0, tab && tab->history_at + 1 < tab->history_count,
			 tab != NULL };
	int right = draw_right(ui), column = 1;

	for (int i = 0; i < 3; i++, column += 2) {
		bool stop = i == 2 && tab && (tab->pending_url || tab->loading);
		canvas_text(c, 1, column, 1, button_style(works[i]), stop ? "✕" : signs[i]);
		zone_add_action(ui, (struct area){ 1, column, 1, 1 }, stop ? "stop" : names[i], "");
	}
	canvas_text(c, 1, column, 1, STYLE_LINE, "│");
	if (right - 2 > column)
		canvas_text(c, 1, right - 2, 1, STYLE_LINE, "│");
	return (struct parts){ column + 1, right - 2 - column - 1 };
}

static void click_address(struct ui *ui, int number, const struct stroke *s)
{
	(void)number;
	if (ui_has_room(ui, &address_room))
		line_edit_click(&ui->address, s->column - 8);
	else
		address_begin(ui, true);
}

/* The host stands out, since it says who speaks. */
static void draw_address(struct ui *ui, struct parts p)
{
	struct tab *tab = ui_tab(ui);
	const char *url = tab ? tab->pending_url ? tab->pending_url : tab->url : "";
	char shown[1024];
	struct style s = tab && tab->pending_url ? STYLE_IDLE : STYLE_PLAIN;

	url_display(url ? url : "", shown, sizeof(shown));
	canvas_text(&ui->canvas, 1, p.address, p.columns, s, shown);
	const char *host = strstr(shown, "://");
	if (!host || (strncmp(shown, "http", 4) != 0 && strncmp(shown, "bulkhead:", 9) != 0))
		return;
	int before = (int)(host + 3 - shown), length = (int)strcspn(host + 3, "/?#");
	s.attributes |= ATTRIBUTE_BOLD;
	for (int i = before; i < before + length && i < p.columns; i++)
		canvas_restyle(&ui->canvas, 1, p.address + i, 1, s);
}

void address_bar_draw(struct ui *ui)
{
	struct parts p = draw_frame(ui);

	if (p.columns < 1)
		return;
	zone_add(ui, (struct area){ 1, p.address, 1, p.columns }, click_address, 0);
	if (!ui_has_room(ui, &address_room)) {
		draw_address(ui, p);
		return;
	}
	ui->cursor_row = 1;
	ui->cursor_column = line_edit_draw(&ui->address, &ui->canvas, 1, p.address, p.columns,
					   STYLE(COLOR_DEFAULT, ATTRIBUTE_UNDERLINE));
}

void address_begin(struct ui *ui, bool current)
{
	struct tab *tab = ui_tab(ui);

	if (ui_has_room(ui, &address_room))
		return;
	line_edit_set(&ui->address, current && tab ? tab->url : "", current);
	ui_open_room(ui, &address_room);
}

static void address_stroke(struct ui *ui, const struct stroke *s)
{
	enum line_result result = s->kind == STROKE_PRESS ? LINE_LEFT : line_edit_stroke(&ui->address, s);
	char value[300];

	if (result != LINE_ENTERED && result != LINE_LEFT)
		return;
	ui_close_room(ui);
	if (result == LINE_LEFT || !ui->address.length || !ui_tab(ui))
		return;
	snprintf(value, sizeof(value), "address %.280s", ui->address.text);
	browser_input(ui->browser, "command", value);
	tab_go(ui_tab(ui), ui->address.text);
	browser_input_done(ui->browser);
	layout_focus(ui, IN_PAGE);
}

static void draw_nothing(struct ui *ui)
{
	(void)ui; /* the bar shows the editor in its own place */
}

const struct room address_room = { "address", "Enter go  Esc leave  Ctrl-U clear  ↑ earlier", draw_nothing,
				   address_stroke, false };
