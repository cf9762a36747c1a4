/* The first page of the break dialog: whom, how and when. See break_dialog.h. */
#include "browser/fault/injection.h"
#include "browser/ui/break_dialog.h"
#include "browser/ui/screen.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define FAULTS_MAX 128
#define NAME_WIDTH 31

static const struct {
	const char *words, *clause; /* NULL: what the user writes */
} whens[] = { { "now", "" }, { "after 3 s", "after 3s" }, { "on a message…", NULL } };
#define WHENS (sizeof(whens) / sizeof(whens[0]))

/* A message that comes soon, for each role: where the user's own may begin. */
static const char *const usual_conditions[ROLE_COUNT] = {
	[ROLE_BROWSER] = "on 1st did_present received",
	[ROLE_RENDERER] = "on 1st commit_navigation received before its handler",
	[ROLE_GPU] = "on 1st show_page received before its handler",
	[ROLE_PLUGIN] = "on 1st ping received after its reply",
};

static bool is_same(struct endpoint a, struct endpoint b)
{
	return a.role == b.role && a.serial == b.serial;
}

/* Where the chosen one stands; when it is gone, another is chosen. */
static unsigned find_whom(struct ui *ui, const struct endpoint *targets, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (is_same(targets[i], ui->breaking.whom))
			return i;
	for (unsigned i = 0; i < count; i++)
		if (targets[i].role == ui->breaking.whom.role) {
			ui->breaking.whom = targets[i];
			return i;
		}
	ui->breaking.whom = targets[0];
	return 0;
}

/* Those that can hit whom, and are called as was typed: their places in the catalogue. */
static int find_faults(struct ui *ui, const struct fault_info *out[FAULTS_MAX])
{
	int n = 0;

	for (unsigned i = 0; i < fault_table_count && n < FAULTS_MAX; i++)
		if (fault_can_hit(&fault_table[i], ui->breaking.whom.role) &&
		    fault_matches(&fault_table[i], ui->breaking.typed))
			out[n++] = &fault_table[i];
	return n;
}

static const struct fault_info *marked_fault(struct ui *ui)
{
	const struct fault_info *faults[FAULTS_MAX];
	int count = find_faults(ui, faults);

	return ui->breaking.how.marked < count ? faults[ui->breaking.how.marked] : NULL;
}

/* What the dialog says, in the words of `:inject`. */
static bool make_order(struct ui *ui, struct fault_order *order, char *error)
{
	struct break_dialog *d = &ui->breaking;
	const struct fault_info *f = marked_fault(ui);
	char text[CLAUSE_TEXT], name[ENDPOINT_TEXT];

	if (!f) {
		snprintf(error, CLAUSE_ERROR, "no fault is called that, or ends so");
		return false;
	}
	if (is_same(d->whom, break_no_process)) {
		snprintf(error, CLAUSE_ERROR, "this tab's process is gone: r brings another");
		return false;
	}
	if (!whens[d->when].clause && !d->condition.text[strspn(d->condition.text, " ")]) {
		snprintf(error, CLAUSE_ERROR, "which message? say: %s", usual_conditions[d->whom.role]);
		return false;
	}
	snprintf(text, sizeof(text), "%s into %s %.300s", f->name, endpoint_text(d->whom, name),
		 whens[d->when].clause ? whens[d->when].clause : d->condition.text);
	return fault_order_parse(text, order, error);
}

static void fault_act(struct ui *ui)
{
	struct fault_order order;
	char error[CLAUSE_ERROR], text[200], value[240];
	struct endpoint whom = ui->breaking.whom;
	struct process_host *target = process_find(ui->browser->processes, whom.role, whom.serial);

	if (!make_order(ui, &order, error)) {
		ui_say(ui, "%s", error);
		return;
	}
	ui_close_room(ui);
	if (!target && whom.role != ROLE_BROWSER) {
		ui_say(ui, "it is gone already");
		return;
	}
	snprintf(value, sizeof(value), "inject %s", fault_order_text(&order, text, sizeof(text)));
	browser_input(ui->browser, "command", value);
	break_order(ui, target, &order);
	browser_input_done(ui->browser);
}

static void pick_whom(struct ui *ui, int number, const struct stroke *s)
{
	struct endpoint targets[BREAK_TARGETS];
	unsigned count = break_targets(ui, targets);

	(void)s;
	if ((unsigned)number < count)
		ui->breaking.whom = targets[number];
}

static void pick_how(struct ui *ui, int number, const struct stroke *s)
{
	(void)s;
	if (ui->breaking.how.marked == number)
		fault_act(ui);
	else
		ui->breaking.how.marked = number;
}

static void pick_when(struct ui *ui, int number, const struct stroke *s)
{
	struct break_dialog *d = &ui->breaking;

	(void)s;
	d->when = (unsigned)number;
	if (!whens[number].clause)
		line_edit_set(&d->condition, usual_conditions[d->whom.role], false);
}

static void draw_whom(struct ui *ui, struct area in)
{
	struct endpoint targets[BREAK_TARGETS];
	unsigned count = break_targets(ui, targets), whom = find_whom(ui, targets, count);
	int column = in.column + BREAK_LABEL;
	char words[80], name[ENDPOINT_TEXT];

	break_draw_label(ui, in, "whom");
	for (unsigned i = 0; i < count; i++) {
		const struct process_host *p =
			process_find(ui->browser->processes, targets[i].role, targets[i].serial);
		bool ours = targets[i].role == ROLE_RENDERER;

		if (is_same(targets[i], break_no_process))
			snprintf(words, sizeof(words), "this tab: †");
		else
			snprintf(words, sizeof(words), "%s%s%s%s",
				 ours && in.columns > 60 ? "this tab's " : "",
				 words_endpoint(targets[i], name, sizeof(name)), p && *p->label ? " " : "",
				 p ? p->label : "");
		column =
			break_draw_choice(ui, in.row, column, in.column + in.columns, i == whom,
					  p ? words_process_style(p) : STYLE_PLAIN, words, pick_whom, (int)i);
	}
}

static void draw_how(struct ui *ui, struct area in)
{
	struct list *l = &ui->breaking.how;
	const struct fault_info *faults[FAULTS_MAX];
	int count = find_faults(ui, faults), column = in.column + BREAK_LABEL;
	int names = in.columns - BREAK_LABEL < NAME_WIDTH ? in.columns - BREAK_LABEL : NAME_WIDTH;

	list_settle(l, count, in.rows);
	for (int i = 0; i < in.rows && l->top + i < count; i++) {
		const struct fault_info *f = faults[l->top + i];
		struct area row = { in.row + i, in.column, 1, in.columns };
		bool marked = l->top + i == l->marked;

		if (i == 0 || faults[l->top + i - 1]->group != f->group)
			break_draw_label(ui, row, fault_group_names[f->group]);
		break_draw_choice(ui, row.row, column, column + names, marked,
				  marked ? STYLE_BOLD : STYLE_PLAIN, f->name, pick_how, l->top + i);
	}
	if (!count)
		canvas_text(&ui->canvas, in.row, column, names, STYLE_IDLE, "no fault is called that");
}

/* Beside the names, or below them where that is too narrow. */
static bool explains_beside(struct area in)
{
	return in.columns - BREAK_LABEL - NAME_WIDTH - 1 >= 20;
}

static void draw_explanation(struct ui *ui, struct area a)
{
	const struct fault_info *f = marked_fault(ui);
	struct lines lines = { 0 };
	char expected[120];

	if (a.rows <= 0 || !f)
		return;
	lines_wrap(&lines, STYLE_BOLD, 0, a.columns, fault_expected(f, expected, sizeof(expected)));
	lines_wrap(&lines, STYLE_PLAIN, 0, a.columns, f->explained);
	lines_draw(&lines, 0, &ui->canvas, a);
	lines_finish(&lines);
}

static void draw_find(struct ui *ui, struct area in)
{
	const char *typed = ui->breaking.typed;

	break_draw_label(ui, in, "find");
	canvas_text(&ui->canvas, in.row, in.column + BREAK_LABEL + 2, in.columns - BREAK_LABEL - 2,
		    *typed ? STYLE_ACCENT : STYLE_IDLE, *typed ? typed : "type a word of it");
}

static void draw_when(struct ui *ui, struct area in)
{
	struct break_dialog *d = &ui->breaking;
	int end = in.column + in.columns, column = in.column + BREAK_LABEL;

	break_draw_label(ui, in, "when");
	for (unsigned i = 0; i < WHENS; i++)
		column = break_draw_choice(ui, in.row, column, end, i == d->when, STYLE_PLAIN, whens[i].words,
					   pick_when, (int)i);
	if (whens[d->when].clause)
		return;
	ui->cursor_row = in.row + 1;
	ui->cursor_column =
		line_edit_draw(&d->condition, &ui->canvas, in.row + 1, in.column + BREAK_LABEL + 2,
			       in.columns - BREAK_LABEL - 2, STYLE_BOLD);
}

/* The same as a command, or what is wrong with it. */
static void draw_order(struct ui *ui, struct area in)
{
	struct fault_order order;
	char error[CLAUSE_ERROR], text[200];

	if (make_order(ui, &order, error))
		canvas_format(&ui->canvas, in.row, in.column, in.columns, STYLE_IDLE, ":inject %s",
			      fault_order_text(&order, text, sizeof(text)));
	else
		canvas_text(&ui->canvas, in.row, in.column, in.columns, STYLE_HANG, error);
}

static void fault_draw(struct ui *ui, struct area in)
{
	bool airy = in.rows >= 18, beside = explains_beside(in);
	int last = in.row + in.rows;
	struct area how = { in.row + 1 + airy, in.column, in.rows - 5 - 2 * airy, in.columns };
	struct area help = { how.row, in.column + BREAK_LABEL + NAME_WIDTH + 1, how.rows,
			     in.columns - BREAK_LABEL - NAME_WIDTH - 1 };

	if (!beside) {
		int rows = how.rows > 8 ? 4 : how.rows > 5 ? 2 : 0;

		how.rows -= rows;
		help = (struct area){ how.row + how.rows, in.column, rows, in.columns };
	}
	draw_whom(ui, (struct area){ in.row, in.column, 1, in.columns });
	draw_how(ui, how);
	draw_explanation(ui, help);
	draw_find(ui, (struct area){ last - 4 - airy, in.column, 1, in.columns });
	draw_when(ui, (struct area){ last - 3, in.column, 1, in.columns });
	draw_order(ui, (struct area){ last - 1, in.column, 1, in.columns });
}

/* Typing narrows the list. */
static void type(struct ui *ui, const struct stroke *s)
{
	struct break_dialog *d = &ui->breaking;
	size_t length = strlen(d->typed);

	if (s->code == STROKE_BACKSPACE && length)
		d->typed[length - 1] = '\0';
	else if (s->code >= ' ' && s->code < 127 && !(s->modifiers & ~(unsigned)STROKE_SHIFT) &&
		 length + 1 < sizeof(d->typed) && (length || s->code != ' ')) {
		d->typed[length] = (char)s->code;
		d->typed[length + 1] = '\0';
	} else {
		return;
	}
	d->how = (struct list){ 0 };
}

static void fault_stroke(struct ui *ui, const struct stroke *s)
{
	struct break_dialog *d = &ui->breaking;
	const struct fault_info *faults[FAULTS_MAX];
	struct endpoint targets[BREAK_TARGETS];
	unsigned count = break_targets(ui, targets), whom = find_whom(ui, targets, count);
	bool writes = !whens[d->when].clause;

	if (s->kind != STROKE_PASTE && break_move(&d->how, s, find_faults(ui, faults)))
		return;
	if (s->kind == STROKE_KEY && s->code == STROKE_TAB)
		pick_when(ui, (int)((d->when + (s->modifiers & STROKE_SHIFT ? WHENS - 1 : 1)) % WHENS), s);
	else if (writes)
		line_edit_stroke(&d->condition, s);
	else if (s->kind == STROKE_KEY && (s->code == STROKE_LEFT || s->code == STROKE_RIGHT))
		pick_whom(ui, (int)((whom + count + (s->code == STROKE_LEFT ? -1u : 1)) % count), s);
	else if (s->kind == STROKE_KEY)
		type(ui, s);
}

const struct break_page break_fault_page = {
	"break", "do it", "←→ whom  ↑↓ how  type to find  Tab when", fault_draw, fault_stroke, fault_act, NULL
};
