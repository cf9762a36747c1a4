/* The break dialog: whom, how and when. browser/fault/ has the table of faults and does it. Declared in
 * screen.h. */
#include "browser/fault/injection.h"
#include "browser/ui/screen.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define TARGETS_MAX 8
#define LATER_MS    3000
#define FAULTS	    ((int)fault_table_count)
#define NAME_WIDTH  29

struct targets {
	struct process_host *hosts[TARGETS_MAX];
	int count;
};

/* This tab's renderer, the GPU process, the plugin processes; those that live, in this order. */
static struct targets find_targets(struct ui *ui)
{
	static const enum role others[] = { ROLE_GPU, ROLE_PLUGIN };
	struct targets t = { .count = 0 };
	struct tab *tab = ui_tab(ui);

	if (tab && process_is_up(tab->renderer))
		t.hosts[t.count++] = tab->renderer;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		for (struct process_host *p = ui->browser->processes->first; p && t.count < TARGETS_MAX;
		     p = p->next)
			if (p->name.role == others[i] && process_is_up(p))
				t.hosts[t.count++] = p;
	return t;
}

/* A letter for each fault: of its name, the first that none before it has taken. */
static char fault_letter(int number)
{
	char taken[64] = "";

	for (int i = 0; i <= number; i++) {
		const char *at = fault_table[i].name;
		while (*at && (!isalpha((unsigned char)*at) || strchr(taken, tolower((unsigned char)*at))))
			at++;
		size_t length = strlen(taken);
		taken[length] = *at ? (char)tolower((unsigned char)*at) : '-';
		taken[length + 1] = '\0';
	}
	return taken[number];
}

static void do_it(struct ui *ui)
{
	struct break_dialog *d = &ui->breaking;
	struct targets t = find_targets(ui);
	char value[120], name[ENDPOINT_TEXT];

	ui_close_room(ui);
	if (d->whom >= t.count) {
		ui_say(ui, "there is no process to break");
		return;
	}
	struct process_host *p = t.hosts[d->whom];
	const struct fault_info *f = &fault_table[d->how.marked];
	snprintf(value, sizeof(value), "break %s %s%s", words_endpoint(p->name, name, sizeof(name)), f->name,
		 d->when ? " after 3 s" : "");
	browser_input(ui->browser, "command", value);
	break_do(ui, p, f, d->when ? LATER_MS : 0);
	browser_input_done(ui->browser);
}

static void inject_later(void *arg)
{
	struct ui *ui = arg;
	struct break_dialog *d = &ui->breaking;
	struct process_host *p = process_find(ui->browser->processes, d->target.role, d->target.serial);

	if (!p || !fault_inject_named(ui->browser, p, d->fault->name, NULL))
		ui_say(ui, "it is gone already");
	ui_redraw(ui);
}

void break_do(struct ui *ui, struct process_host *p, const struct fault_info *fault, unsigned after_ms)
{
	struct break_dialog *d = &ui->breaking;
	char name[ENDPOINT_TEXT];

	words_endpoint(p->name, name, sizeof(name));
	d->target = p->name;
	d->fault = fault;
	if (after_ms) {
		ui_say(ui, "%s: %s in %u s", name, fault->name, after_ms / 1000);
		task_schedule(&d->later, after_ms);
	} else if (fault_inject_named(ui->browser, p, fault->name, NULL)) {
		ui_say(ui, "%s: %s", name, fault->name);
	} else {
		ui_say(ui, "%s cannot be broken now: it is %s", name, words_state(p));
	}
}

static struct area dialog_area(const struct ui *ui)
{
	int columns = ui->canvas.columns < 76 ? ui->canvas.columns : 74;
	int most = ui->canvas.rows > 4 ? ui->canvas.rows - 1 : ui->canvas.rows;
	int rows = FAULTS + 6 < most ? FAULTS + 6 : most;

	return (struct area){ (most - rows) / 2, (ui->canvas.columns - columns) / 2, rows, columns };
}

static void pick_whom(struct ui *ui, int number, const struct stroke *s)
{
	(void)s;
	ui->breaking.whom = number;
}

static void pick_when(struct ui *ui, int number, const struct stroke *s)
{
	(void)s;
	ui->breaking.when = number;
}

static void pick_how(struct ui *ui, int number, const struct stroke *s)
{
	(void)s;
	if (ui->breaking.how.marked == number)
		do_it(ui);
	else
		ui->breaking.how.marked = number;
}

static void click_do(struct ui *ui, int number, const struct stroke *s)
{
	(void)number, (void)s;
	do_it(ui);
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

/* A choice in a row: marked by a sign as well as by its looks. Returns the column behind it. */
static int draw_choice(struct ui *ui, int row, int column, int end, bool marked, struct style s,
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

static void draw_whom(struct ui *ui, struct area in)
{
	struct targets t = find_targets(ui);
	int column = in.column + 6;
	char words[80], name[ENDPOINT_TEXT];

	canvas_text(&ui->canvas, in.row, in.column, 5, STYLE_IDLE, "whom");
	ui->breaking.whom = ui->breaking.whom < t.count ? ui->breaking.whom : t.count ? t.count - 1 : 0;
	for (int i = 0; i < t.count; i++) {
		const struct process_host *p = t.hosts[i];
		bool ours = p->name.role == ROLE_RENDERER;
		snprintf(words, sizeof(words), "%s%s%s%s", ours && in.columns > 60 ? "this tab's " : "",
			 words_endpoint(p->name, name, sizeof(name)), *p->label ? " " : "", p->label);
		column = draw_choice(ui, in.row, column, in.column + in.columns, i == ui->breaking.whom,
				     words_process_style(p), words, pick_whom, i);
	}
	if (!t.count)
		canvas_text(&ui->canvas, in.row, column, in.columns - 6, STYLE_PLAIN, "nothing that lives");
}

static void draw_letter(struct ui *ui, int row, int column, const char *name, char letter, struct style s)
{
	for (int i = 0; name[i]; i++)
		if (tolower((unsigned char)name[i]) == letter) {
			s.attributes |= ATTRIBUTE_UNDERLINE;
			canvas_restyle(&ui->canvas, row, column + i, 1, s);
			return;
		}
}

static void draw_how(struct ui *ui, struct area in)
{
	struct list *l = &ui->breaking.how;
	int names = in.columns - 6 < NAME_WIDTH ? in.columns - 6 : NAME_WIDTH;

	list_settle(l, FAULTS, in.rows);
	canvas_text(&ui->canvas, in.row, in.column, 5, STYLE_IDLE, "how");
	for (int i = 0; i < in.rows && l->top + i < FAULTS; i++) {
		int at = l->top + i, column = in.column + 6;
		bool marked = at == l->marked;
		struct style s = marked ? STYLE_BOLD : STYLE_PLAIN;
		draw_choice(ui, in.row + i, column, column + names, marked, s, fault_table[at].name, pick_how,
			    at);
		draw_letter(ui, in.row + i, column + 2, fault_table[at].name, fault_letter(at), s);
	}
}

/* What a loop leads to depends on who loops. */
static const char *explanation(struct ui *ui, const struct fault_info *f)
{
	struct targets t = find_targets(ui);
	enum role role = ui->breaking.whom < t.count ? t.hosts[ui->breaking.whom]->name.role : ROLE_RENDERER;

	if (f->kind != FAULT_HANG || role == ROLE_RENDERER)
		return f->explained;
	return role == ROLE_GPU
		       ? "Computes for ever: the picture is frozen. After 5 s it is killed and started again."
		       : "Computes for ever. Its page goes on; after 5 s the plugin's place in it offers to end it.";
}

static void draw_explanation(struct ui *ui, struct area in)
{
	const struct fault_info *f = &fault_table[ui->breaking.how.marked];
	struct area a = { in.row, in.column + 6 + NAME_WIDTH + 1, in.rows, in.columns - 7 - NAME_WIDTH };
	struct lines lines = { 0 };
	char expected[80];

	if (a.columns < 20)
		return;
	lines_wrap(&lines, STYLE_BOLD, 0, a.columns, fault_expected(f, expected, sizeof(expected)));
	lines_wrap(&lines, STYLE_PLAIN, 0, a.columns, explanation(ui, f));
	lines_draw(&lines, 0, &ui->canvas, a);
	lines_finish(&lines);
}

static void draw_when(struct ui *ui, struct area in)
{
	int end = in.column + in.columns;
	int column = in.column + 6;

	canvas_text(&ui->canvas, in.row, in.column, 5, STYLE_IDLE, "when");
	column = draw_choice(ui, in.row, column, end, !ui->breaking.when, STYLE_PLAIN, "now", pick_when, 0);
	draw_choice(ui, in.row, column, end, ui->breaking.when, STYLE_PLAIN, "after 3 s", pick_when, 1);
}

static void break_draw(struct ui *ui)
{
	struct area a = dialog_area(ui), in = { a.row + 1, a.column + 2, a.rows - 2, a.columns - 4 };
	bool airy = in.rows >= FAULTS + 4;
	int foot = a.row + a.rows - 1, end = a.column + a.columns - 2;

	canvas_box(&ui->canvas, a, STYLE_LINE, "break");
	zone_add(ui, (struct area){ 0, 0, ui->canvas.rows, ui->canvas.columns }, click_leave, 0);
	zone_add(ui, a, swallow, 0);
	draw_whom(ui, in);
	struct area how = { in.row + 1 + airy, in.column, in.rows - 2 - 2 * airy, in.columns };
	draw_how(ui, how);
	draw_explanation(ui, how);
	draw_when(ui, (struct area){ in.row + in.rows - 1, in.column, 1, in.columns });
	int used = canvas_text_right(&ui->canvas, foot, end, 20, STYLE_BOLD, " Esc leave ");
	zone_add(ui, (struct area){ foot, end - used, 1, used }, click_leave, 0);
	end -= used + 1;
	used = canvas_text_right(&ui->canvas, foot, end, 20, STYLE_BOLD, " Enter do it ");
	zone_add(ui, (struct area){ foot, end - used, 1, used }, click_do, 0);
}

static void break_stroke(struct ui *ui, const struct stroke *s)
{
	struct break_dialog *d = &ui->breaking;
	int targets = find_targets(ui).count;

	if (s->kind == STROKE_WHEEL)
		d->how.marked += s->code == STROKE_UP ? -1 : 1;
	if (s->kind == STROKE_KEY && s->code == STROKE_ENTER) {
		do_it(ui);
		return;
	}
	if (s->kind == STROKE_KEY && (s->code == STROKE_ESC || s->code == STROKE_F0 + 8)) {
		ui_close_room(ui);
		return;
	}
	if (s->kind == STROKE_KEY && (s->code == STROKE_UP || s->code == STROKE_DOWN))
		d->how.marked += s->code == STROKE_UP ? -1 : 1;
	else if (s->kind == STROKE_KEY && (s->code == STROKE_LEFT || s->code == STROKE_RIGHT) && targets)
		d->whom = (d->whom + targets + (s->code == STROKE_LEFT ? -1 : 1)) % targets;
	else if (s->kind == STROKE_KEY && s->code == STROKE_TAB)
		d->when = !d->when;
	for (int i = 0; s->kind == STROKE_KEY && i < FAULTS; i++)
		if (s->code == (uint32_t)fault_letter(i))
			d->how.marked = i;
	list_settle(&d->how, FAULTS, FAULTS);
}

const struct room break_room = { "break", "↑↓ how  ←→ whom  Tab when  Enter do it  Esc", break_draw,
				 break_stroke, false };

void break_begin(struct ui *ui)
{
	if (ui_has_room(ui, &break_room))
		return;
	task_finish(&ui->breaking.later);
	task_init(&ui->breaking.later, inject_later, ui);
	ui->breaking.whom = ui->breaking.when = 0;
	ui_open_room(ui, &break_room);
}
