/* The second page of the break dialog: a channel, and what is to happen to what passes. See break_dialog.h.
 */
#include "browser/fault/toxics.h"
#include "browser/ui/break_dialog.h"
#include "browser/ui/screen.h"
#include <stdio.h>
#include <string.h>

#define CHANNELS_MAX 512
#define SIDE_WIDTH   30

struct way {
	struct endpoint from, to;
};

static bool has(const struct way *w, struct endpoint e)
{
	return (w->from.role == e.role && w->from.serial == e.serial) ||
	       (w->to.role == e.role && w->to.serial == e.serial);
}

static unsigned add_both(struct way *out, unsigned n, struct endpoint a, struct endpoint b)
{
	if (n + 2 > CHANNELS_MAX)
		return n;
	out[n++] = (struct way){ a, b };
	out[n++] = (struct way){ b, a };
	return n;
}

/* Every channel there is, in both directions; those of this tab's renderer first. */
static unsigned find_ways(struct ui *ui, struct way *out)
{
	static struct way all[CHANNELS_MAX];
	struct process_table *t = ui->browser->processes;
	struct tab *tab = break_tab(ui);
	unsigned count = 0, n = 0;

	for (struct process_host *p = t->first; p; p = p->next)
		if (process_is_up(p))
			count = add_both(all, count, (struct endpoint){ ROLE_BROWSER, 0 }, p->name);
	for (unsigned i = 0; i < t->nlinks; i++)
		if (!t->links[i].a_lost && !t->links[i].b_lost)
			count = add_both(all, count, t->links[i].a, t->links[i].b);
	for (int ours = 1; ours >= 0; ours--)
		for (unsigned i = 0; i < count; i++)
			if ((tab && tab->renderer && has(&all[i], tab->renderer->name)) == ours)
				out[n++] = all[i];
	return n;
}

/* The user writes amounts first, and then on which messages: whom stands between. */
static size_t amounts_length(const char *text)
{
	static const char *const behind[] = { "on ", "with ", "seed " };

	for (const char *at = text; *at; at += strcspn(at, " "), at += strspn(at, " "))
		for (size_t i = 0; i < sizeof(behind) / sizeof(behind[0]); i++)
			if (!strncmp(at, behind[i], strlen(behind[i])))
				return (size_t)(at - text);
	return strlen(text);
}

static bool make_order(struct ui *ui, struct toxic_order *order, char *error)
{
	static struct way ways[CHANNELS_MAX];
	struct break_dialog *d = &ui->breaking;
	unsigned count = find_ways(ui, ways);
	char text[CLAUSE_TEXT], from[ENDPOINT_TEXT], to[ENDPOINT_TEXT];
	int amounts = (int)amounts_length(d->measure.text);

	if ((unsigned)d->channels.marked >= count) {
		snprintf(error, CLAUSE_ERROR, "there is no channel");
		return false;
	}
	snprintf(text, sizeof(text), "%s %.*s from %s to %s %.200s", toxic_names[d->kinds.marked],
		 amounts < 100 ? amounts : 100, d->measure.text,
		 endpoint_text(ways[d->channels.marked].from, from),
		 endpoint_text(ways[d->channels.marked].to, to), d->measure.text + amounts);
	return toxic_order_parse(text, order, error);
}

static void toxic_act(struct ui *ui)
{
	struct toxic_order order;
	char error[CLAUSE_ERROR], text[200], value[240];

	if (!make_order(ui, &order, error)) {
		ui_say(ui, "%s", error);
		return;
	}
	ui_close_room(ui);
	snprintf(value, sizeof(value), "toxic %s", toxic_order_text(&order, text, sizeof(text)));
	browser_input(ui->browser, "command", value);
	break_place(ui, &order);
	browser_input_done(ui->browser);
}

static void pick_channel(struct ui *ui, int number, const struct stroke *s)
{
	(void)s;
	ui->breaking.channels.marked = number;
	ui->breaking.keys = BREAK_KEYS_FIRST;
}

static void set_kind(struct ui *ui, int number)
{
	ui->breaking.kinds.marked = number;
	line_edit_set(&ui->breaking.measure, toxic_table[number].usual, false);
}

static void pick_kind(struct ui *ui, int number, const struct stroke *s)
{
	(void)s;
	set_kind(ui, number);
	ui->breaking.keys = BREAK_KEYS_SECOND;
}

static void draw_channels(struct ui *ui, struct area in)
{
	static struct way ways[CHANNELS_MAX];
	struct break_dialog *d = &ui->breaking;
	int count = (int)find_ways(ui, ways);
	char words[80], from[ENDPOINT_TEXT], to[ENDPOINT_TEXT];

	list_settle(&d->channels, count, in.rows);
	for (int i = 0; i < in.rows && d->channels.top + i < count; i++) {
		int at = d->channels.top + i;
		bool marked = at == d->channels.marked;

		snprintf(words, sizeof(words), "%s → %s", words_endpoint(ways[at].from, from, sizeof(from)),
			 words_endpoint(ways[at].to, to, sizeof(to)));
		break_draw_choice(ui, in.row + i, in.column, in.column + in.columns, marked,
				  !marked			? STYLE_PLAIN
				  : d->keys == BREAK_KEYS_FIRST ? STYLE_ACCENT
								: STYLE_BOLD,
				  words, pick_channel, at);
	}
}

static void draw_kinds(struct ui *ui, struct area in)
{
	struct break_dialog *d = &ui->breaking;

	list_settle(&d->kinds, TOXIC_COUNT, TOXIC_COUNT);
	for (int i = 0; i < in.rows && i < TOXIC_COUNT; i++) {
		bool marked = i == d->kinds.marked;

		break_draw_choice(ui, in.row + i, in.column, in.column + in.columns, marked,
				  !marked			 ? STYLE_PLAIN
				  : d->keys == BREAK_KEYS_SECOND ? STYLE_ACCENT
								 : STYLE_BOLD,
				  toxic_names[i], pick_kind, i);
	}
	struct area a = { in.row + TOXIC_COUNT + 1, in.column, in.rows - TOXIC_COUNT - 1, in.columns };
	struct lines lines = { 0 };

	lines_wrap(&lines, STYLE_PLAIN, 0, a.columns, toxic_table[d->kinds.marked].explained);
	if (a.rows > 0)
		lines_draw(&lines, 0, &ui->canvas, a);
	lines_finish(&lines);
}

static void draw_measure(struct ui *ui, struct area in)
{
	struct break_dialog *d = &ui->breaking;
	struct toxic_order order;
	char error[CLAUSE_ERROR], text[200];
	bool writes = d->keys == BREAK_KEYS_TEXT;
	int column = line_edit_draw(&d->measure, &ui->canvas, in.row, in.column + BREAK_LABEL + 2,
				    in.columns - BREAK_LABEL - 2, writes ? STYLE_BOLD : STYLE_PLAIN);

	break_draw_label(ui, in, "how much");
	if (writes) {
		ui->cursor_row = in.row;
		ui->cursor_column = column;
	}
	if (make_order(ui, &order, error))
		canvas_format(&ui->canvas, in.row + 2, in.column, in.columns, STYLE_IDLE, ":toxic %s",
			      toxic_order_text(&order, text, sizeof(text)));
	else
		canvas_text(&ui->canvas, in.row + 2, in.column, in.columns, STYLE_HANG, error);
}

static void toxic_draw(struct ui *ui, struct area in)
{
	int rows = in.rows - 5 > 0 ? in.rows - 5 : 0, side = BREAK_LABEL + SIDE_WIDTH;

	if (!ui->breaking.measure.length && ui->breaking.keys == BREAK_KEYS_FIRST)
		set_kind(ui, ui->breaking.kinds.marked);
	break_draw_label(ui, in, "channel");
	draw_channels(ui, (struct area){ in.row, in.column + BREAK_LABEL, rows, SIDE_WIDTH });
	draw_kinds(ui, (struct area){ in.row, in.column + side + 1, rows, in.columns - side - 1 });
	draw_measure(ui, (struct area){ in.row + in.rows - 3, in.column, 1, in.columns });
}

static void toxic_stroke(struct ui *ui, const struct stroke *s)
{
	static struct way ways[CHANNELS_MAX];
	struct break_dialog *d = &ui->breaking;
	struct list kind = d->kinds;
	bool writes = d->keys == BREAK_KEYS_TEXT;

	if (s->kind == STROKE_KEY && s->code == STROKE_TAB) {
		d->keys = (d->keys + (s->modifiers & STROKE_SHIFT ? 2 : 1)) % 3;
	} else if (writes) {
		line_edit_stroke(&d->measure, s);
	} else if (s->kind == STROKE_KEY && (s->code == STROKE_LEFT || s->code == STROKE_RIGHT)) {
		d->keys = s->code == STROKE_LEFT ? BREAK_KEYS_FIRST : BREAK_KEYS_SECOND;
	} else if (d->keys == BREAK_KEYS_FIRST) {
		break_move(&d->channels, s, (int)find_ways(ui, ways));
	} else if (break_move(&kind, s, TOXIC_COUNT)) {
		set_kind(ui, kind.marked);
	}
}

const struct break_page break_toxic_page = { "toxic",	 "place it",   "↑↓ which  Tab channel, kind, amounts",
					     toxic_draw, toxic_stroke, toxic_act,
					     NULL };
