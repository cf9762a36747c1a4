/* A question before what cannot be undone. Declared in screen.h. */
#include "browser/ui/screen.h"
#include <stdarg.h>
#include <stdio.h>

static void say_yes(struct ui *ui, int number, const struct stroke *s)
{
	(void)number, (void)s;
	ui_close_room(ui);
	ui->confirm.yes(ui);
}

static void say_no(struct ui *ui, int number, const struct stroke *s)
{
	(void)number, (void)s;
	ui_close_room(ui);
}

static void confirm_draw(struct ui *ui)
{
	struct canvas *c = &ui->canvas;
	int width = canvas_width(ui->confirm.question) + 6, least = 30;
	int columns = width < least ? least : width < c->columns ? width : c->columns;
	struct area a = { c->rows / 2 - 2, (c->columns - columns) / 2, 5, columns };

	if (a.row < 0)
		a.row = 0;
	canvas_box(c, a, STYLE_LINE, "sure?");
	zone_add(ui, (struct area){ 0, 0, c->rows, c->columns }, say_no, 0);
	canvas_text(c, a.row + 1, a.column + 3, a.columns - 4, STYLE_BOLD, ui->confirm.question);
	int used = canvas_text(c, a.row + 3, a.column + 3, a.columns - 4, STYLE_BOLD, "y Enter  yes");
	zone_add(ui, (struct area){ a.row + 3, a.column + 3, 1, used }, say_yes, 0);
	int end = a.column + a.columns - 3;
	used = canvas_text_right(c, a.row + 3, end, 12, STYLE_BOLD, "n Esc  no");
	zone_add(ui, (struct area){ a.row + 3, end - used, 1, used }, say_no, 0);
}

static void confirm_stroke(struct ui *ui, const struct stroke *s)
{
	if (s->kind != STROKE_KEY)
		return;
	if (s->code == 'y' || s->code == 'Y' || s->code == STROKE_ENTER)
		say_yes(ui, 0, s);
	else if (s->code == 'n' || s->code == 'N' || s->code == STROKE_ESC || s->code == 'q')
		say_no(ui, 0, s);
}

const struct room confirm_room = { "sure?", "y yes  n no", confirm_draw, confirm_stroke, false };

void confirm_begin(struct ui *ui, void (*yes)(struct ui *), const char *question, ...)
{
	va_list args;

	va_start(args, question);
	vsnprintf(ui->confirm.question, sizeof(ui->confirm.question), question, args);
	va_end(args);
	ui->confirm.yes = yes;
	if (!ui_has_room(ui, &confirm_room))
		ui_open_room(ui, &confirm_room);
}
