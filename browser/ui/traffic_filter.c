/*
 * The head of the traffic panel: the filter, and how much it leaves. Where it is typed, with what could come
 * next below it, and with what is wrong with it. See traffic.h.
 */
#include "browser/ui/screen.h"
#include <stdio.h>
#include <string.h>

#define LABEL	     "filter "
#define LABEL_WIDTH  7
#define CANDIDATES   6	/* that are seen at once */
#define ABOUT_COLUMN 20 /* behind the begin of a candidate */

/* Those that can be asked about now; whoever died is in the list, where = and : find him. */
static void find_living(const struct ui *ui, struct query_living *living)
{
	struct query_living_word *word;

	for (const struct process_host *p = ui->browser->processes->first; p; p = p->next) {
		if (!process_is_up(p) || living->process_count == QUERY_LIVING)
			continue;
		word = &living->processes[living->process_count++];
		words_endpoint(p->name, word->text, sizeof(word->text));
		word->about = words_state(p);
	}
	for (const struct tab *tab = ui->browser->tabs->first; tab; tab = tab->next) {
		if (living->tab_count == QUERY_LIVING)
			break;
		word = &living->tabs[living->tab_count++];
		snprintf(word->text, sizeof(word->text), "%u", tab->id);
		word->about = tab_label(tab);
	}
}

static struct query_completion complete(const struct ui *ui)
{
	const struct line_edit *e = &ui->traffic.edit;
	struct query_completion c = { 0 };
	struct query_living living = { 0 };

	find_living(ui, &living);
	if (!e->all_marked)
		query_complete_living(e->text, (unsigned)e->cursor, &living, &c);
	return c;
}

int traffic_head_rows(const struct ui *ui, int most)
{
	bool typing = ui_has_room(ui, &filter_room);
	int more = most / 3 < CANDIDATES + 1 ? most / 3 : CANDIDATES + 1;

	if (most < 4 || !(ui->traffic_full || ui->traffic.question.text[0] || typing))
		return 0;
	/* As many rows whatever is typed, so that the list stays where it is. */
	return typing ? 1 + more : 1;
}

/* Where a byte of what is typed stands. */
static int column_of(const struct line_edit *e, int from, size_t byte)
{
	char before[LINE_EDIT_BYTES + 1];

	byte = byte < e->length ? byte : e->length;
	if (byte < e->scrolled)
		return from;
	snprintf(before, sizeof(before), "%.*s", (int)(byte - e->scrolled), e->text + e->scrolled);
	return from + canvas_width(before);
}

/* A caret where it went wrong, and why, beside it: behind, or before, or below. Returns rows used. */
static int draw_error(struct ui *ui, struct area line, struct area below)
{
	const struct traffic_panel *t = &ui->traffic;
	int end = below.column + below.columns, from = line.column + LABEL_WIDTH, row = below.row;
	int at = column_of(&t->edit, from, t->error.column);
	int behind = column_of(&t->edit, from, t->error.column + t->error.length);
	int width = canvas_width(t->error.why), words = at + 2;

	if (at < end)
		canvas_restyle(&ui->canvas, line.row, at, behind > at ? behind - at : 1,
			       STYLE(THEME(COLOR_HANG), ATTRIBUTE_BOLD | ATTRIBUTE_UNDERLINE));
	at = at < end ? at : end - 1;
	canvas_text(&ui->canvas, row, at, 1, STYLE_HANG, "^");
	if (words + width > end)
		words = at - 1 - width;
	if (words < below.column) {
		row += below.rows > 1;
		words = end - width > below.column ? end - width : below.column;
		words = row == below.row && words <= at ? at + 2 : words;
	}
	canvas_text(&ui->canvas, row, words, end - words, STYLE_HANG, t->error.why);
	return row - below.row + 1;
}

static void take(struct ui *ui, const struct query_completion *c, unsigned number);

static void click_candidate(struct ui *ui, int number, const struct stroke *s)
{
	struct query_completion c = complete(ui);
	(void)s;

	if ((unsigned)number < c.count)
		take(ui, &c, (unsigned)number);
}

static void draw_candidates(struct ui *ui, struct area a)
{
	const struct traffic_panel *t = &ui->traffic;
	struct query_completion c = complete(ui);
	int column = column_of(&t->edit, a.column + LABEL_WIDTH, c.start), room = a.columns * 3 / 5;
	int top = t->candidate >= a.rows ? t->candidate - a.rows + 1 : 0;

	if (column > a.column + a.columns - room)
		column = a.column + a.columns - room;
	for (int i = 0; i < a.rows && top + i < (int)c.count; i++) {
		struct area row = { a.row + i, column, 1, a.column + a.columns - column };
		const char *text = c.items[top + i].text;
		int used = canvas_text(&ui->canvas, row.row, column, row.columns, STYLE_PLAIN, text) + 2;
		used = used > ABOUT_COLUMN ? used : ABOUT_COLUMN;
		if (c.items[top + i].about)
			used += canvas_text(&ui->canvas, row.row, column + used, row.columns - used,
					    STYLE_IDLE, c.items[top + i].about);
		if (top + i == t->candidate)
			canvas_restyle(&ui->canvas, row.row, column, used < row.columns ? used : row.columns,
				       STYLE_REVERSE);
		zone_add(ui, row, click_candidate, top + i);
	}
}

static int draw_counts(struct ui *ui, struct area row)
{
	const struct traffic_panel *t = &ui->traffic;
	const struct collector *c = ui->browser->collector;
	static const char pings[] = "pings hidden, P shows   ";
	char counts[120], shown[24], all[24], lost[24];
	bool hidden = row.columns >= 84 && !t->pings;
	int filter = LABEL_WIDTH + canvas_width(t->question.text) + 1;

	snprintf(counts, sizeof(counts), "%s%s of %s  %s lost in all", hidden ? pings : "",
		 words_count((uint64_t)t->shown.count, shown, sizeof(shown)),
		 words_count(collector_end(c) - collector_first(c), all, sizeof(all)),
		 words_count(collector_lost(c), lost, sizeof(lost)));
	/* The filter is what one must read. */
	if (hidden && filter + canvas_width(counts) > row.columns)
		memmove(counts, counts + strlen(pings), strlen(counts + strlen(pings)) + 1);
	return canvas_text_right(&ui->canvas, row.row, row.column + row.columns, row.columns / 2, STYLE_IDLE,
				 counts);
}

/* The filter and what it leaves, above the rows; while it is typed, the editor. */
void traffic_draw_head(struct ui *ui, struct area a)
{
	struct traffic_panel *t = &ui->traffic;
	struct canvas *c = &ui->canvas;
	const char *text = t->question.text;

	if (a.rows <= 0)
		return;
	int used = draw_counts(ui, a), room = a.columns - LABEL_WIDTH - used - 1;

	canvas_text(c, a.row, a.column, LABEL_WIDTH, STYLE_IDLE, LABEL);
	zone_add_action(ui, (struct area){ a.row, a.column, 1, a.columns - used }, "filter", "");
	if (!ui_has_room(ui, &filter_room)) {
		canvas_text(c, a.row, a.column + LABEL_WIDTH, room, *text ? STYLE_BOLD : STYLE_IDLE,
			    *text ? text : "none");
		return;
	}
	ui->cursor_row = a.row;
	ui->cursor_column = line_edit_draw(&t->edit, c, a.row, a.column + LABEL_WIDTH, room,
					   STYLE(COLOR_DEFAULT, ATTRIBUTE_UNDERLINE));
	struct area below = { a.row + 1, a.column, a.rows - 1, a.columns };
	if (t->error.why[0] && below.rows > 0) {
		int used_rows =
			draw_error(ui, (struct area){ a.row, a.column, 1, LABEL_WIDTH + room }, below);
		below.row += used_rows;
		below.rows -= used_rows;
	}
	draw_candidates(ui, below);
}

/* The room */

void filter_begin(struct ui *ui)
{
	struct traffic_panel *t = &ui->traffic;

	layout_focus(ui, IN_TRAFFIC);
	line_edit_set(&t->edit, t->question.text, true);
	snprintf(t->kept, sizeof(t->kept), "%s", t->question.text);
	t->error.why[0] = '\0';
	t->candidate = -1;
	ui_open_room(ui, &filter_room);
}

void filter_set(struct ui *ui, const char *text)
{
	struct query_error error;

	if (traffic_set_filter(ui, text, &error))
		line_edit_remember(&ui->traffic.edit, text);
	else
		ui_say(ui, "filter: %s (at %u)", error.why, error.column + 1);
}

/* Is the last word the begin of a field? As a text it would hide everything until the rest has come. */
static bool is_begun(const struct line_edit *e)
{
	struct query_completion c = { 0 };

	query_complete(e->text, (unsigned)e->length, &c);
	size_t length = e->length - c.start;

	if (!length || (c.start && e->text[c.start - 1] != ' ' && e->text[c.start - 1] != '('))
		return false;
	for (unsigned i = 0; i < query_field_count; i++)
		if (strncasecmp(query_field_infos[i].name, e->text + c.start, length) == 0)
			return true;
	return false;
}

/* Take off what joins to something that does not follow. Returns the length that is left. */
static size_t without_joints(const char *text, size_t length)
{
	static const char *const joints[] = { " and", " or", " not", "&&", "||", "!", "(", " " };

	for (size_t i = 0; i < sizeof(joints) / sizeof(joints[0]); i++) {
		size_t n = strlen(joints[i]);
		if (length >= n && strncasecmp(text + length - n, joints[i], n) == 0) {
			length -= n;
			i = (size_t)-1;
		}
	}
	return length;
}

/* What stands before the word with the mistake in it has made sense: halves of that word would hide
 * everything. Where nothing stands before it, what was asked before one began to type does. */
static void apply_before(struct ui *ui, size_t column)
{
	const struct traffic_panel *t = &ui->traffic;
	struct query_error error;
	char text[LINE_EDIT_BYTES + 1];

	snprintf(text, sizeof(text), "%s", t->edit.text);
	column = column < t->edit.length ? column : t->edit.length;
	while (column && text[column - 1] != ' ' && text[column - 1] != '(')
		column--;
	text[without_joints(text, column)] = '\0';
	traffic_set_filter(ui, text[0] ? text : t->kept, &error);
}

static bool apply(struct ui *ui)
{
	struct traffic_panel *t = &ui->traffic;
	bool sound = traffic_set_filter(ui, t->edit.text, &t->error);

	if (sound)
		t->error.why[0] = '\0';
	else
		apply_before(ui, t->error.column);
	return sound;
}

/* The list follows the typing. While that makes no sense, the last that did stays in force. */
static void follow_typing(struct ui *ui)
{
	struct traffic_panel *t = &ui->traffic;

	t->candidate = -1;
	t->error.why[0] = '\0';
	if (!is_begun(&t->edit))
		apply(ui);
}

static void take(struct ui *ui, const struct query_completion *c, unsigned number)
{
	struct line_edit *e = &ui->traffic.edit;
	char line[LINE_EDIT_BYTES + 1];
	size_t cursor = c->start + strlen(c->items[number].text);

	snprintf(line, sizeof(line), "%.*s%s%s", (int)c->start, e->text, c->items[number].text,
		 e->text + e->cursor);
	line_edit_set(e, line, false);
	e->cursor = cursor < e->length ? cursor : e->length;
	follow_typing(ui);
}

/* The arrows choose among what could come next, Tab takes. true: the key meant that. */
static bool complete_by_key(struct ui *ui, const struct stroke *s)
{
	struct traffic_panel *t = &ui->traffic;
	struct query_completion c = complete(ui);
	bool recalling = t->edit.history_at >= 0;

	if (s->kind != STROKE_KEY || s->modifiers)
		return false;
	t->candidate = t->candidate < (int)c.count ? t->candidate : (int)c.count - 1;
	if (s->code == STROKE_DOWN && !recalling) {
		t->candidate += t->candidate + 1 < (int)c.count;
		return true;
	}
	if (t->candidate >= 0 && (s->code == STROKE_UP || s->code == STROKE_ESC)) {
		t->candidate = s->code == STROKE_UP ? t->candidate - 1 : -1;
		return true;
	}
	if (s->code == STROKE_TAB || (s->code == STROKE_ENTER && t->candidate >= 0)) {
		if (c.count)
			take(ui, &c, t->candidate >= 0 ? (unsigned)t->candidate : 0);
		return true;
	}
	/* What is wrong is not left behind as if it were in force. */
	return s->code == STROKE_ENTER && !apply(ui);
}

static void filter_stroke(struct ui *ui, const struct stroke *s)
{
	if (complete_by_key(ui, s))
		return;
	enum line_result result =
		s->kind == STROKE_PRESS ? LINE_ENTERED : line_edit_stroke(&ui->traffic.edit, s);

	if (result == LINE_CHANGED)
		follow_typing(ui);
	if (result == LINE_LEFT)
		filter_set(ui, "");
	if (result == LINE_ENTERED || result == LINE_LEFT)
		ui_close_room(ui);
}

static void draw_nothing(struct ui *ui)
{
	(void)ui; /* the panel shows the editor in its own place */
}

const struct room filter_room = { "filter", "Tab ↓ complete  ↑ before  Enter keep  Esc show all",
				  draw_nothing, filter_stroke, false };
