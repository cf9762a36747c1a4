/* The page of the break dialog on which a message is composed and sent by hand. See break_dialog.h. */
#include "browser/ui/break_dialog.h"
#include "browser/ui/screen.h"
#include <stdio.h>
#include <string.h>

/* A first message that harms nobody: that tab's renderer is asked for its page's size once more. */
static void begin_with(struct ui *ui, struct composed *what)
{
	struct tab *tab = break_tab(ui);
	struct compose_error error;
	char name[ENDPOINT_TEXT], text[200];

	if (tab && process_is_up(tab->renderer))
		snprintf(text, sizeof(text), "browser -> %s set_viewport page=%u columns=80 rows=24",
			 endpoint_text(tab->renderer->name, name), tab->id);
	else
		snprintf(text, sizeof(text), "browser -> gpu ping nonce=1");
	if (!compose_parse(text, what, &error))
		*what = (struct composed){ .from = { ROLE_BROWSER, 0 },
					   .to = { ROLE_GPU, 1 },
					   .type = IPC_PING };
}

static void hand_begin(struct ui *ui)
{
	static struct composed what;
	struct break_dialog *d = &ui->breaking;

	if (d->hand_begun)
		return;
	begin_with(ui, &what);
	fields_form_set(&d->hand, &what, true);
	d->hand_begun = true;
}

void break_begin_by_hand(struct ui *ui, const struct composed *what)
{
	break_begin_for(ui, ui_tab(ui), BREAK_HAND);
	fields_form_set(&ui->breaking.hand, what, true);
	ui->breaking.hand_begun = true;
}

/* As :send does; no command line, since messages may be longer. */
static void send_it(struct ui *ui)
{
	const struct composed *what = &ui->breaking.hand.what;
	char value[300];
	struct format out = format_into(value, sizeof(value));
	const char *why;

	format_text(&out, "send ");
	compose_text(what, &out);
	browser_input(ui->browser, "command", value);
	if (compose_send(ui->browser, what, &why))
		ui_say(ui, "sent by hand: %.150s", value + strlen("send "));
	else
		ui_say(ui, "%s", why);
	browser_input_done(ui->browser);
}

static void click_send(struct ui *ui, int number, const struct stroke *s)
{
	(void)number, (void)s;
	send_it(ui);
}

/* The whole of it, as :send takes it. */
static int draw_text(struct ui *ui, struct area in, int most)
{
	static char text[COMPOSE_TEXT];
	struct format out = format_into(text, sizeof(text));
	struct lines lines = { 0 };

	compose_text(&ui->breaking.hand.what, &out);
	lines_wrap(&lines, STYLE_BOLD, 0, in.columns, text);
	int rows = lines.count < most ? lines.count : most;
	lines_draw(&lines, 0, &ui->canvas,
		   (struct area){ in.row + in.rows - rows - 1, in.column, rows, in.columns });
	lines_finish(&lines);
	return rows;
}

static void hand_draw(struct ui *ui, struct area in)
{
	struct break_dialog *d = &ui->breaking;
	int rows, used;

	hand_begin(ui);
	rows = draw_text(ui, in, 4);
	used = canvas_text(&ui->canvas, in.row + in.rows - 1, in.column, in.columns, STYLE_ACCENT,
			   "F2 send it");
	zone_add(ui, (struct area){ in.row + in.rows - 1, in.column, 1, used }, click_send, 0);
	canvas_text(&ui->canvas, in.row + in.rows - 1, in.column + used + 2, in.columns - used - 2,
		    STYLE_IDLE,
		    d->hand.raw ? "F4 as fields   any bytes are sent as they are"
				: "F4 as raw bytes   ←→ other processes and messages");
	in.rows -= rows + 2;
	fields_form_draw(ui, &d->hand, in, true);
}

static void hand_stroke(struct ui *ui, const struct stroke *s)
{
	bool taken;

	hand_begin(ui);
	if (s->kind == STROKE_KEY && s->code == STROKE_F0 + 2 && !ui->breaking.hand.typing)
		send_it(ui);
	else if (s->kind == STROKE_KEY && s->code == STROKE_F0 + 4)
		fields_form_turn_raw(&ui->breaking.hand);
	else if (s->kind == STROKE_KEY && s->code == ':' && !ui->breaking.hand.typing)
		break_leave_for_command(ui);
	else
		fields_form_stroke(ui, &ui->breaking.hand, s, &taken);
}

static void hand_act(struct ui *ui)
{
	bool taken;

	hand_begin(ui);
	fields_form_stroke(ui, &ui->breaking.hand,
			   &(struct stroke){ .kind = STROKE_KEY, .code = STROKE_ENTER }, &taken);
}

static bool hand_leave(struct ui *ui)
{
	bool typing = ui->breaking.hand.typing;

	ui->breaking.hand.typing = false;
	ui->breaking.hand.error.why[0] = '\0';
	return !typing;
}

const struct break_page break_hand_page = {
	"by hand", "change",  "↑↓ rows  F2 send  F4 raw bytes  : a command", hand_draw, hand_stroke,
	hand_act,  hand_leave
};
