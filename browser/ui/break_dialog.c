/* See break_dialog.h. browser/fault/ has the catalogue and does it. */
#include "browser/ui/break_dialog.h"
#include "browser/fault/injection.h"
#include "browser/fault/toxics.h"
#include "browser/ui/screen.h"
#include <stdio.h>
#include <string.h>

#define DIALOG_COLUMNS 84
#define DIALOG_ROWS    24

static const struct break_page *const pages[BREAK_PAGES] = {
	[BREAK_FAULT] = &break_fault_page,     [BREAK_TOXIC] = &break_toxic_page,
	[BREAK_WAITING] = &break_waiting_page, [BREAK_HOLD] = &break_hold_page,
	[BREAK_HAND] = &break_hand_page,
};

const struct endpoint break_no_process = { ROLE_RENDERER, 0 };

struct tab *break_tab(struct ui *ui)
{
	return tab_find(ui->browser->tabs, ui->breaking.tab);
}

unsigned break_targets(struct ui *ui, struct endpoint out[BREAK_TARGETS])
{
	static const enum role others[] = { ROLE_GPU, ROLE_PLUGIN };
	struct tab *tab = break_tab(ui);
	unsigned n = 0;

	if (tab)
		out[n++] = process_is_up(tab->renderer) ? tab->renderer->name : break_no_process;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		for (struct process_host *p = ui->browser->processes->first; p && n < BREAK_TARGETS - 1;
		     p = p->next)
			if (p->name.role == others[i] && process_is_up(p))
				out[n++] = p->name;
	out[n++] = (struct endpoint){ ROLE_BROWSER, 0 };
	return n;
}

void break_order(struct ui *ui, struct process_host *target, const struct fault_order *order)
{
	char name[ENDPOINT_TEXT], text[200];
	const char *why;
	uint32_t number = 0;

	words_endpoint(target ? target->name : (struct endpoint){ ROLE_BROWSER, 0 }, name, sizeof(name));
	fault_order_text(order, text, sizeof(text));
	if (!fault_inject(ui->browser, target, order, &number, &why))
		ui_say(ui, "%s: %s", name, why);
	else if (number)
		ui_say(ui, "order %u waits: %s", number, text);
	else
		ui_say(ui, "%s: %s", name, order->fault->name);
}

void break_place(struct ui *ui, const struct toxic_order *order)
{
	char text[ORDER_TEXT];
	const char *why;
	uint32_t number = 0;

	toxic_order_text(order, text, sizeof(text));
	if (toxics_place(ui->browser, ui_tab(ui), order, &number, &why))
		ui_say(ui, "toxic %u: %s", number, text);
	else
		ui_say(ui, "%s", why);
}

void break_draw_label(struct ui *ui, struct area in, const char *label)
{
	canvas_text(&ui->canvas, in.row, in.column, BREAK_LABEL - 1, STYLE_IDLE, label);
}

int break_draw_choice(struct ui *ui, int row, int column, int end, bool marked, struct style s,
		      const char *words, void (*pick)(struct ui *, int, const struct stroke *), int number)
{
	int used;

	if (column >= end)
		return column;
	s.attributes |= marked ? ATTRIBUTE_BOLD : 0;
	used = canvas_format(&ui->canvas, row, column, end - column, s, "%s %s", marked ? "▸" : " ", words);
	zone_add(ui, (struct area){ row, column, 1, used }, pick, number);
	return column + used + 2;
}

bool break_move(struct list *l, const struct stroke *s, int count)
{
	static const struct {
		uint32_t code;
		enum list_move move;
	} moves[] = {
		{ STROKE_UP, LIST_UP },		  { STROKE_DOWN, LIST_DOWN },
		{ STROKE_PAGE_UP, LIST_PAGE_UP }, { STROKE_PAGE_DOWN, LIST_PAGE_DOWN },
		{ STROKE_HOME, LIST_TOP },	  { STROKE_END, LIST_BOTTOM },
	};

	for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++)
		if (s->code == moves[i].code) {
			l->marked += list_distance(moves[i].move, count, 10);
			list_settle(l, count, count);
			return true;
		}
	return false;
}

static struct area dialog_area(const struct ui *ui)
{
	const struct canvas *c = &ui->canvas;
	int columns = c->columns < DIALOG_COLUMNS + 2 ? c->columns : DIALOG_COLUMNS;
	int most = c->rows > 4 ? c->rows - 1 : c->rows;
	int rows = DIALOG_ROWS < most ? DIALOG_ROWS : most;

	return (struct area){ (most - rows) / 2, (c->columns - columns) / 2, rows, columns };
}

static void turn_to(struct ui *ui, int number, const struct stroke *s)
{
	(void)s;
	ui->breaking.page = (enum break_page_number)number;
}

static void click_act(struct ui *ui, int number, const struct stroke *s)
{
	(void)number, (void)s;
	pages[ui->breaking.page]->act(ui);
}

static void click_leave(struct ui *ui, int number, const struct stroke *s)
{
	(void)number, (void)s;
	ui_close_room(ui);
}

static void swallow(struct ui *ui, int number, const struct stroke *s)
{
	(void)ui, (void)number, (void)s;
}

static void draw_titles(struct ui *ui, struct area a)
{
	int column = a.column + 2, end = a.column + a.columns - 2;

	for (int i = 0; i < BREAK_PAGES && column < end; i++) {
		bool here = i == (int)ui->breaking.page;
		int used = canvas_format(&ui->canvas, a.row, column, end - column,
					 here ? STYLE_ACCENT : STYLE_IDLE, " %s ", pages[i]->title);

		zone_add(ui, (struct area){ a.row, column, 1, used }, turn_to, i);
		column += used + 1;
	}
}

static void draw_foot(struct ui *ui, struct area a)
{
	int foot = a.row + a.rows - 1, end = a.column + a.columns - 2;
	char words[40];
	int used = canvas_text_right(&ui->canvas, foot, end, 20, STYLE_BOLD, " Esc leave ");

	zone_add(ui, (struct area){ foot, end - used, 1, used }, click_leave, 0);
	end -= used + 1;
	snprintf(words, sizeof(words), " Enter %s ", pages[ui->breaking.page]->enter);
	used = canvas_text_right(&ui->canvas, foot, end, 30, STYLE_BOLD, words);
	zone_add(ui, (struct area){ foot, end - used, 1, used }, click_act, 0);
}

static char hints[120]; /* of the page that is shown */

static void break_draw(struct ui *ui)
{
	struct area a = dialog_area(ui), in = { a.row + 1, a.column + 2, a.rows - 2, a.columns - 4 };

	canvas_box(&ui->canvas, a, STYLE_LINE, "");
	zone_add(ui, (struct area){ 0, 0, ui->canvas.rows, ui->canvas.columns }, click_leave, 0);
	zone_add(ui, a, swallow, 0);
	draw_titles(ui, a);
	draw_foot(ui, a);
	snprintf(hints, sizeof(hints), "%s  F8 next page  Enter  Esc", pages[ui->breaking.page]->hints);
	pages[ui->breaking.page]->draw(ui, in);
}

static void break_stroke(struct ui *ui, const struct stroke *s)
{
	struct break_dialog *d = &ui->breaking;
	const struct break_page *page = pages[d->page];

	if (s->kind == STROKE_KEY && s->code == STROKE_ENTER)
		page->act(ui);
	else if (s->kind == STROKE_KEY && s->code == STROKE_ESC && page->leave && !page->leave(ui))
		return;
	else if (s->kind == STROKE_KEY && s->code == STROKE_ESC)
		ui_close_room(ui);
	else if (s->kind == STROKE_KEY && s->code == STROKE_F0 + 8)
		d->page = (d->page + 1) % BREAK_PAGES;
	else if (s->kind == STROKE_KEY || s->kind == STROKE_WHEEL || s->kind == STROKE_PASTE)
		pages[d->page]->stroke(ui, s);
}

const struct room break_room = { "break", hints, break_draw, break_stroke, false };

void break_begin_for(struct ui *ui, const struct tab *tab, enum break_page_number page)
{
	struct break_dialog *d = &ui->breaking;

	if (ui_has_room(ui, &break_room))
		return;
	d->tab = tab ? tab->id : 0;
	d->page = page;
	d->typed[0] = '\0';
	d->when = 0;
	d->how = d->waiting = d->holds = (struct list){ 0 };
	d->hand_begun = false;
	d->held = 0;
	d->keys = BREAK_KEYS_FIRST;
	d->whom = tab && process_is_up(tab->renderer) ? tab->renderer->name : break_no_process;
	ui_open_room(ui, &break_room);
}

void break_leave_for_command(struct ui *ui)
{
	ui_close_room(ui);
	command_begin(ui, "");
}

void break_begin(struct ui *ui)
{
	break_begin_for(ui, ui_tab(ui), BREAK_FAULT);
}

void break_finish(struct ui *ui)
{
	line_edit_finish(&ui->breaking.condition);
	line_edit_finish(&ui->breaking.measure);
	line_edit_finish(&ui->breaking.question);
	fields_form_finish(&ui->breaking.edited);
	fields_form_finish(&ui->breaking.hand);
}
