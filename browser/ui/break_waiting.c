/* The third page of the break dialog: faults that wait, and toxics that act. See break_dialog.h. */
#include "browser/fault/injection.h"
#include "browser/fault/toxics.h"
#include "browser/ui/break_dialog.h"
#include "browser/ui/screen.h"
#include <stdio.h>

/* The row's fault or toxic: one of them is NULL, or both when there is no such row. */
struct row {
	const struct injection *fault;
	const struct placed_toxic *toxic;
};

static struct row row_at(struct ui *ui, int number)
{
	const struct injection *i = ui->browser->injections->first;
	const struct placed_toxic *t = ui->browser->toxics->first;

	while (i && number > 0) {
		i = i->next;
		number--;
	}
	if (i)
		return (struct row){ i, NULL };
	while (t && number > 0) {
		t = t->next;
		number--;
	}
	return (struct row){ NULL, t };
}

static int count_rows(struct ui *ui)
{
	int n = 0;

	for (const struct injection *i = ui->browser->injections->first; i; i = i->next)
		n++;
	for (const struct placed_toxic *t = ui->browser->toxics->first; t; t = t->next)
		n++;
	return n;
}

static void waiting_act(struct ui *ui)
{
	struct row row = row_at(ui, ui->breaking.waiting.marked);

	if (row.fault)
		fault_disarm(ui->browser, row.fault->number);
	else if (row.toxic)
		toxics_remove(ui->browser, row.toxic->number);
}

static void pick_row(struct ui *ui, int number, const struct stroke *s)
{
	(void)s;
	ui->breaking.waiting.marked = number;
}

static void describe(const struct row *row, char *words, size_t capacity)
{
	char text[200], age[40], count[40];

	if (row->fault)
		snprintf(words, capacity, "%2u  for %-7s %s", row->fault->number,
			 words_age(recorder_now() - row->fault->ordered_ns, age, sizeof(age)),
			 fault_order_text(&row->fault->order, text, sizeof(text)));
	else
		snprintf(words, capacity, "%2u  did %-7s %s", row->toxic->number,
			 words_count(row->toxic->acted, count, sizeof(count)),
			 toxic_order_text(&row->toxic->order, text, sizeof(text)));
}

/* The marked one, in as many rows as it takes. */
static void draw_whole(struct ui *ui, struct area in)
{
	struct row row = row_at(ui, ui->breaking.waiting.marked);
	struct lines lines = { 0 };
	char text[ORDER_TEXT];

	if (row.fault)
		lines_wrap(&lines, STYLE_BOLD, 0, in.columns,
			   fault_order_text(&row.fault->order, text, sizeof(text)));
	else if (row.toxic)
		lines_wrap(&lines, STYLE_BOLD, 0, in.columns,
			   toxic_order_text(&row.toxic->order, text, sizeof(text)));
	lines_draw(&lines, 0, &ui->canvas, in);
	lines_finish(&lines);
}

static void waiting_draw(struct ui *ui, struct area in)
{
	struct list *l = &ui->breaking.waiting;
	int count = count_rows(ui), column = in.column + BREAK_LABEL;

	draw_whole(ui, (struct area){ in.row + in.rows - 3, in.column, 3, in.columns });
	in.rows -= 4;
	list_settle(l, count, in.rows);
	for (int i = 0; i < in.rows && l->top + i < count; i++) {
		struct row row = row_at(ui, l->top + i);
		bool marked = l->top + i == l->marked;
		char words[320];

		describe(&row, words, sizeof(words));
		break_draw_label(ui, (struct area){ in.row + i, in.column, 1, in.columns },
				 row.fault ? "fault" : "toxic");
		break_draw_choice(ui, in.row + i, column, in.column + in.columns, marked,
				  marked ? STYLE_ACCENT : STYLE_PLAIN, words, pick_row, l->top + i);
	}
	if (!count)
		canvas_text(&ui->canvas, in.row, in.column, in.columns, STYLE_IDLE,
			    "Nothing waits: no fault is armed, no toxic is placed.");
}

static void waiting_stroke(struct ui *ui, const struct stroke *s)
{
	if (s->kind == STROKE_KEY && (s->code == STROKE_DELETE || s->code == 'x'))
		waiting_act(ui);
	else
		break_move(&ui->breaking.waiting, s, count_rows(ui));
}

const struct break_page break_waiting_page = { "waiting",    "take back",    "↑↓ which  x takes it back",
					       waiting_draw, waiting_stroke, waiting_act,
					       NULL };
