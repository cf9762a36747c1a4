/*
 * The page of the break dialog with breakpoints and the messages that they hold. See break_dialog.h;
 * browser/traffic/breakpoint/ holds.
 */
#include "browser/traffic/breakpoint/breakpoints.h"
#include "browser/ui/action.h"
#include "browser/ui/break_dialog.h"
#include "browser/ui/screen.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POINTS_ROWS 9

/* The row's breakpoint or held message: one of them is NULL, or both when there is no such row. What is held
 * comes first. */
struct row {
	struct held_message *held;
	const struct breakpoint *point;
};

static struct row row_at(struct ui *ui, int number)
{
	const struct breakpoints *b = ui->browser->breakpoints;
	struct row row = { b->held, NULL };

	while (row.held && number > 0) {
		row.held = row.held->next;
		number--;
	}
	if (row.held)
		return row;
	row.point = breakpoint_next(b, NULL);
	while (row.point && number > 0) {
		row.point = breakpoint_next(b, row.point);
		number--;
	}
	return row;
}

static int count_held(const struct ui *ui)
{
	int n = 0;

	for (const struct held_message *h = ui->browser->breakpoints->held; h; h = h->next)
		n++;
	return n;
}

static int count_rows(const struct ui *ui)
{
	int n = count_held(ui);

	for (const struct breakpoint *p = NULL; (p = breakpoint_next(ui->browser->breakpoints, p));)
		n++;
	return n;
}

/* The form shows what is marked; while it is typed in, it stays as it is. */
static void update_form(struct ui *ui)
{
	static struct composed what;
	struct break_dialog *d = &ui->breaking;
	struct held_message *h = row_at(ui, d->holds.marked).held;

	if (!h) {
		d->held = 0;
		d->edited.typing = false;
	} else if (h->number != d->held && compose_from(&h->event, &what)) {
		fields_form_set(&d->edited, &what, false);
		d->edited.rows = (struct list){ 0 };
		d->held = h->number;
	}
}

/* What is done to the marked one is a command, as it could be typed. */
static void settle(struct ui *ui, const char *command)
{
	struct held_message *h = row_at(ui, ui->breaking.holds.marked).held;
	char line[40];

	if (!h)
		return;
	snprintf(line, sizeof(line), "%s %u", command, h->number);
	action_run_command(ui, line);
	ui->breaking.edited.typing = false;
	/* What came of it is seen on the screen, not here. */
	if (!ui->browser->breakpoints->held && strcmp(command, "step") != 0)
		ui_close_room(ui);
}

static void send_again(struct ui *ui)
{
	static struct composed what;
	struct held_message *h = row_at(ui, ui->breaking.holds.marked).held;

	if (!h)
		return;
	if (!compose_from(&h->event, &what)) {
		ui_say(ui, "its fields are not all known");
		return;
	}
	what.from = h->event.from;
	what.to = h->event.to;
	fields_form_set(&ui->breaking.hand, &what, true);
	ui->breaking.hand_begun = true;
	ui->breaking.page = BREAK_HAND;
}

static void remove_point(struct ui *ui)
{
	struct row row = row_at(ui, ui->breaking.holds.marked);
	char line[40];

	if (!row.point)
		return;
	snprintf(line, sizeof(line), "unhold %u", row.point->number);
	action_run_command(ui, line);
}

/* Enter in the question: a breakpoint more. */
static void add_point(struct ui *ui)
{
	struct break_dialog *d = &ui->breaking;
	char command[QUERY_TEXT + 8];
	uint32_t number;
	bool added;

	if (!d->question.text[strspn(d->question.text, " ")]) {
		d->wrong =
			(struct query_error){ .why = "type a question: name=submit_frame and from=renderer" };
		return;
	}
	snprintf(command, sizeof(command), "hold %.*s", QUERY_TEXT - 1, d->question.text);
	browser_input(ui->browser, "command", command);
	added = breakpoints_add(ui->browser, d->question.text, &number, &d->wrong);
	browser_input_done(ui->browser);
	if (!added)
		return;
	ui_say(ui, "breakpoint %u holds what matches", number);
	line_edit_set(&d->question, "", false);
	d->wrong.why[0] = '\0';
	d->keys = BREAK_KEYS_FIRST;
}

/* What could stand where the cursor is; Tab takes the first. */
static void draw_candidates(struct ui *ui, struct area in)
{
	static struct query_completion found;
	struct break_dialog *d = &ui->breaking;
	int at = in.column;

	query_complete(d->question.text, (unsigned)d->question.cursor, &found);
	for (unsigned i = 0; i < found.count && at < in.column + in.columns; i++)
		at += 2 + canvas_text(&ui->canvas, in.row, at, in.column + in.columns - at,
				      i ? STYLE_IDLE : STYLE_PLAIN, found.items[i].text);
}

static void take_candidate(struct line_edit *e)
{
	static struct query_completion found;
	char text[LINE_EDIT_BYTES + 1];
	size_t end = e->cursor;

	query_complete(e->text, (unsigned)e->cursor, &found);
	if (!found.count || found.start > e->cursor)
		return;
	int length = snprintf(text, sizeof(text), "%.*s%s", (int)found.start, e->text, found.items[0].text);
	if (length < 0 || (size_t)length >= sizeof(text))
		return;
	size_t cursor = (size_t)length;
	snprintf(text + length, sizeof(text) - cursor, "%s", e->text + end);
	line_edit_set(e, text, false);
	e->cursor = cursor;
}

static void click_question(struct ui *ui, int number, const struct stroke *s)
{
	(void)number, (void)s;
	ui->breaking.keys = BREAK_KEYS_TEXT;
}

static void draw_question(struct ui *ui, struct area in)
{
	struct break_dialog *d = &ui->breaking;
	struct area text = { in.row, in.column + BREAK_LABEL, 1, in.columns - BREAK_LABEL };

	break_draw_label(ui, in, "hold");
	zone_add(ui, text, click_question, 0);
	if (d->keys == BREAK_KEYS_TEXT) {
		ui->cursor_row = in.row;
		ui->cursor_column = line_edit_draw(&d->question, &ui->canvas, text.row, text.column,
						   text.columns, STYLE(COLOR_DEFAULT, ATTRIBUTE_UNDERLINE));
	} else {
		canvas_text(&ui->canvas, text.row, text.column, text.columns, STYLE_IDLE,
			    d->question.text[0] ? d->question.text
						: "a question, as the traffic's filter takes it (Tab)");
	}
	text.row++;
	if (d->wrong.why[0])
		canvas_format(&ui->canvas, text.row, text.column, text.columns, STYLE_HANG, "column %u: %s",
			      d->wrong.column + 1, d->wrong.why);
	else if (d->keys == BREAK_KEYS_TEXT)
		draw_candidates(ui, text);
}

static void describe(struct ui *ui, const struct row *row, char *words, size_t capacity)
{
	char age[40], count[40], name[TRAFFIC_NAME_TEXT], from[ENDPOINT_TEXT], to[ENDPOINT_TEXT], args[200],
		behind[32] = "";
	struct format out = format_into(args, sizeof(args));

	if (row->point) {
		snprintf(words, capacity, "%2u  %s so far: %s", row->point->number,
			 words_count(row->point->hits, count, sizeof(count)), row->point->text);
		return;
	}
	const struct held_message *h = row->held;
	unsigned waiting = breakpoints_behind(ui->browser->breakpoints, h);
	if (waiting)
		snprintf(behind, sizeof(behind), ", %u behind it", waiting);
	traffic_args_text(&h->event, &out);
	snprintf(words, capacity, "%2u  %-7s %s → %s %s%s%s  %s", h->number,
		 words_age(recorder_now() - h->since_ns, age, sizeof(age)), traffic_from(&h->event, from),
		 traffic_to(&h->event, to), traffic_name(&h->event, name), h->edited ? " (edited)" : "",
		 behind, args);
}

static void pick_row(struct ui *ui, int number, const struct stroke *s)
{
	(void)s;
	ui->breaking.holds.marked = number;
	ui->breaking.keys = BREAK_KEYS_FIRST;
}

static void draw_rows(struct ui *ui, struct area in)
{
	struct break_dialog *d = &ui->breaking;
	int count = count_rows(ui);

	list_settle(&d->holds, count, in.rows);
	for (int i = 0; i < in.rows && d->holds.top + i < count; i++) {
		struct row row = row_at(ui, d->holds.top + i);
		bool marked = d->holds.top + i == d->holds.marked;
		char words[QUERY_TEXT + 600];

		describe(ui, &row, words, sizeof(words));
		break_draw_label(ui, (struct area){ in.row + i, in.column, 1, in.columns },
				 row.held ? "held" : "holds");
		break_draw_choice(ui, in.row + i, in.column + BREAK_LABEL, in.column + in.columns, marked,
				  marked && d->keys == BREAK_KEYS_FIRST ? STYLE_ACCENT
				  : row.held				? STYLE_HANG
									: STYLE_PLAIN,
				  words, pick_row, d->holds.top + i);
	}
	if (!count)
		canvas_text(&ui->canvas, in.row, in.column + BREAK_LABEL, in.columns - BREAK_LABEL,
			    STYLE_IDLE, "No breakpoint is set: nothing is held.");
}

static void draw_keys(struct ui *ui, struct area in, const struct row *row)
{
	const char *words =
		ui->breaking.keys == BREAK_KEYS_TEXT ? "Tab completes, or goes on to the list"
		: row->held
			? ui->breaking.keys == BREAK_KEYS_SECOND
				  ? "Enter types a value  F4 raw bytes  c go on  s step  d drop  u twice  Esc list"
				  : "c go on  s step  d drop  u twice  e edit  a send again"
		: row->point ? "x take it back  Tab a question"
			     : "Tab a question";

	canvas_text(&ui->canvas, in.row, in.column, in.columns, STYLE_IDLE, words);
}

static void hold_draw(struct ui *ui, struct area in)
{
	struct break_dialog *d = &ui->breaking;
	int rows = count_rows(ui);
	int shown = rows < POINTS_ROWS ? rows : POINTS_ROWS;
	struct row row;

	list_settle(&d->holds, rows, POINTS_ROWS);
	update_form(ui);
	row = row_at(ui, d->holds.marked);
	draw_question(ui, in);
	if (shown > in.rows - 4)
		shown = in.rows > 5 ? in.rows - 4 : 1;
	draw_rows(ui, (struct area){ in.row + 3, in.column, shown ? shown : 1, in.columns });
	int used = 4 + (shown ? shown : 1), left = in.rows - used - 1;
	if (row.held && left > 0)
		fields_form_draw(ui, &d->edited,
				 (struct area){ in.row + used, in.column + BREAK_LABEL, left,
						in.columns - BREAK_LABEL },
				 d->keys == BREAK_KEYS_SECOND);
	draw_keys(ui, (struct area){ in.row + in.rows - 1, in.column, 1, in.columns }, &row);
}

/* A field has another value now: what is held has it, too. (No command line: messages may be longer.) */
static void apply_edit(struct ui *ui)
{
	const struct composed *what = &ui->breaking.edited.what;
	char value[300];
	struct format out = format_into(value, sizeof(value));
	const char *why;

	format_printf(&out, "edit %u ", ui->breaking.held);
	compose_fields_text(what, &out);
	browser_input(ui->browser, "command", value);
	if (breakpoints_edit(ui->browser, ui->breaking.held, what->fields, what->bytes, &why))
		ui_say(ui, "it is held with its new fields; c lets it go on");
	else
		ui_say(ui, "%s", why);
	browser_input_done(ui->browser);
}

static void stroke_list(struct ui *ui, const struct stroke *s)
{
	static const struct {
		uint32_t key;
		const char *command;
	} keys[] = { { 'c', "continue" }, { 's', "step" }, { 'd', "drop" }, { 'u', "duplicate" } };
	struct break_dialog *d = &ui->breaking;

	for (size_t i = 0; s->kind == STROKE_KEY && i < sizeof(keys) / sizeof(keys[0]); i++)
		if (s->code == keys[i].key) {
			settle(ui, keys[i].command);
			return;
		}
	if (s->kind == STROKE_KEY && s->code == 'e' && d->held)
		d->keys = BREAK_KEYS_SECOND;
	else if (s->kind == STROKE_KEY && s->code == 'a')
		send_again(ui);
	else if (s->kind == STROKE_KEY && s->code == ':')
		break_leave_for_command(ui);
	else if (s->kind == STROKE_KEY && (s->code == 'x' || s->code == STROKE_DELETE))
		remove_point(ui);
	else
		break_move(&d->holds, s, count_rows(ui));
}

static void stroke_form(struct ui *ui, const struct stroke *s)
{
	struct break_dialog *d = &ui->breaking;
	bool taken, typing = d->edited.typing;

	/* While nothing is typed, letters mean what they mean in the list. */
	if (!typing && s->kind == STROKE_KEY && strchr("csdua:", (int)(s->code < 128 ? s->code : 1)))
		stroke_list(ui, s);
	else if (!typing && s->kind == STROKE_KEY && s->code == STROKE_F0 + 4)
		fields_form_turn_raw(&d->edited);
	else if (fields_form_stroke(ui, &d->edited, s, &taken))
		apply_edit(ui);
}

static void stroke_question(struct ui *ui, const struct stroke *s)
{
	struct break_dialog *d = &ui->breaking;

	if (line_edit_stroke(&d->question, s) == LINE_CHANGED)
		d->wrong.why[0] = '\0';
}

/* Tab: complete what is being typed, or else the next part. */
static void stroke_tab(struct ui *ui)
{
	struct break_dialog *d = &ui->breaking;
	size_t before = d->question.length;

	if (d->keys == BREAK_KEYS_TEXT && before) {
		take_candidate(&d->question);
		if (d->question.length != before)
			return;
	}
	d->keys = d->keys == BREAK_KEYS_TEXT		   ? BREAK_KEYS_FIRST
		  : d->keys == BREAK_KEYS_FIRST && d->held ? BREAK_KEYS_SECOND
							   : BREAK_KEYS_TEXT;
}

static void hold_stroke(struct ui *ui, const struct stroke *s)
{
	struct break_dialog *d = &ui->breaking;

	if (s->kind == STROKE_KEY && s->code == STROKE_TAB &&
	    !(d->keys == BREAK_KEYS_SECOND && d->edited.typing))
		stroke_tab(ui);
	else if (d->keys == BREAK_KEYS_TEXT)
		stroke_question(ui, s);
	else if (d->keys == BREAK_KEYS_SECOND && d->held)
		stroke_form(ui, s);
	else
		stroke_list(ui, s);
}

static void hold_act(struct ui *ui)
{
	struct break_dialog *d = &ui->breaking;

	if (d->keys == BREAK_KEYS_TEXT)
		add_point(ui);
	else if (d->keys == BREAK_KEYS_SECOND && d->held)
		stroke_form(ui, &(struct stroke){ .kind = STROKE_KEY, .code = STROKE_ENTER });
	else
		settle(ui, "continue");
}

/* Esc leaves what is being typed first. */
static bool hold_leave(struct ui *ui)
{
	struct break_dialog *d = &ui->breaking;

	if (d->keys != BREAK_KEYS_SECOND)
		return true;
	if (d->edited.typing) {
		d->edited.typing = false;
		d->held = 0; /* what is held is shown anew */
	} else {
		d->keys = BREAK_KEYS_FIRST;
	}
	d->edited.error.why[0] = '\0';
	return false;
}

void break_begin_hold(struct ui *ui, const char *question)
{
	struct break_dialog *d = &ui->breaking;

	break_begin_for(ui, ui_tab(ui), BREAK_HOLD);
	d->holds = (struct list){ 0 };
	d->wrong.why[0] = '\0';
	d->keys = question || !count_rows(ui) ? BREAK_KEYS_TEXT : BREAK_KEYS_FIRST;
	line_edit_set(&d->question, question ? question : "", false);
}

const struct break_page break_hold_page = { "held",    "go on",	    "Tab question, list, fields  : a command",
					    hold_draw, hold_stroke, hold_act,
					    hold_leave };
