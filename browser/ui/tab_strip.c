/*
 * The tab strip. Each tab has the same width, whatever its title, so that nothing moves when one changes;
 * where there is little room, the others shrink to a few letters, and then to their signs. Declared in
 * screen.h.
 */
#include "browser/ui/screen.h"
#include <stdio.h>
#include <string.h>

#define SLOT_MAX   22
#define SLOT_LEAST 9 /* below it the active tab has more room than the others */
#define SLOT_SHORT 5 /* below it only the active tab has a title */
#define SLOT_SIGN  3

static void activate(struct ui *ui, int number, const struct stroke *s)
{
	char value[24];
	struct tab *t = tab_find(ui->browser->tabs, (uint32_t)number);

	if (!t)
		return;
	snprintf(value, sizeof(value), "tab %u", tab_index(t) + 1);
	browser_input(ui->browser, "click", value);
	/* The middle button closes, as everywhere. */
	if (s->code == 2)
		tab_close(t);
	else
		tab_activate(t);
	browser_input_done(ui->browser);
	layout_focus(ui, IN_PAGE);
	if (!ui->browser->tabs->first)
		ui_quit(ui);
}

static void draw_slot(struct ui *ui, struct tab *t, int column, int columns)
{
	struct canvas *c = &ui->canvas;
	bool active = t == ui_tab(ui);
	struct style s, title = active ? STYLE_REVERSE : STYLE_PLAIN;
	const char *sign = words_tab_sign(t, &s);
	bool close = active && columns >= SLOT_LEAST;

	title.attributes |= active ? ATTRIBUTE_BOLD : 0;
	canvas_clear(c, (struct area){ 0, column, 1, columns - 1 }, STYLE_PLAIN);
	bool roomy = columns >= SLOT_LEAST;
	if (roomy)
		canvas_clear(c, (struct area){ 0, column + 2, 1, columns - 3 }, title);
	zone_add(ui, (struct area){ 0, column, 1, columns - 1 }, activate, (int)t->id);
	canvas_text(c, 0, column + roomy, 1, s, sign);
	if (!roomy) {
		canvas_text(c, 0, column + 1, columns - 2, title, columns > SLOT_SIGN ? tab_label(t) : "");
		return;
	}
	canvas_text(c, 0, column + 3, columns - 5 - 2 * close, title, tab_label(t));
	if (close) {
		canvas_text(c, 0, column + columns - 3, 1, title, "✕");
		zone_add_action(ui, (struct area){ 0, column + columns - 4, 1, 3 }, "close", "");
	}
}

static int draw_count(struct ui *ui)
{
	char words[64];
	unsigned tabs = ui->browser->tabs->count, processes = process_count(ui->browser->processes) + 1;

	if (ui->canvas.columns < 70)
		return 0;
	snprintf(words, sizeof(words), "%u tab%s · %u processes", tabs, tabs == 1 ? "" : "s", processes);
	return canvas_text_right(&ui->canvas, 0, ui->canvas.columns - 1, 40, STYLE_IDLE, words) + 2;
}

/* The first tab to draw, so that the active one is among those that fit. */
static unsigned first_shown(struct ui *ui, unsigned fit)
{
	struct tab *active = ui_tab(ui);
	unsigned at = active ? tab_index(active) : 0;

	return at >= fit ? at - fit + 1 : 0;
}

void tab_strip_draw(struct ui *ui)
{
	int room = ui->canvas.columns - draw_count(ui) - 5, count = (int)ui->browser->tabs->count;
	int slot = count ? room / count : room, active_slot;
	int column = 1;

	slot = slot > SLOT_MAX ? SLOT_MAX : slot;
	active_slot = slot;
	if (slot < SLOT_LEAST && count > 1) {
		slot = (room - SLOT_LEAST - 4) / (count - 1);
		slot = slot < SLOT_SHORT ? SLOT_SIGN : slot;
		active_slot = room - slot * (count - 1) < SLOT_MAX ? room - slot * (count - 1) : SLOT_MAX;
		active_slot = active_slot < SLOT_LEAST + 4 ? SLOT_LEAST + 4 : active_slot;
	}
	unsigned fit = slot < SLOT_LEAST ? (unsigned)((room - active_slot) / slot + 1) : (unsigned)count;
	unsigned skip = first_shown(ui, fit), n = 0;
	if (skip)
		canvas_text(&ui->canvas, 0, 0, 1, STYLE_IDLE, "‹");
	for (struct tab *t = ui->browser->tabs->first; t; t = t->next, n++) {
		int columns = t == ui_tab(ui) ? active_slot : slot;
		if (n < skip)
			continue;
		if (column + columns > room + 1) {
			canvas_text(&ui->canvas, 0, column, 1, STYLE_IDLE, "›");
			column++;
			break;
		}
		draw_slot(ui, t, column, columns);
		column += columns;
	}
	canvas_text(&ui->canvas, 0, column, 3, STYLE_BOLD, " + ");
	zone_add_action(ui, (struct area){ 0, column, 1, 3 }, "tab", "");
}
