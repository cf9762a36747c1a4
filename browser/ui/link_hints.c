/* Link hints: letters over each link that is seen; typing them follows it. Declared in screen.h. */
#include "browser/tab/view.h"
#include "browser/ui/screen.h"
#include <stdio.h>
#include <string.h>

static const char letters[] = "asdfghjklqwertyuiopzxcvbnm";
#define LETTERS	   (sizeof(letters) - 1)
#define PLACES_MAX (sizeof(((struct hints *)0)->places) / sizeof(((struct hints *)0)->places[0]))

static bool seen_before(const struct view *v, unsigned row, unsigned column)
{
	uint32_t link = v->cells[row * v->columns + column].link;

	/* A link's cells lie together: it is enough to look at the cell before, and at the rows just above.
	 */
	if (column > 0 && v->cells[row * v->columns + column - 1].link == link)
		return true;
	for (unsigned above = row; above > 0 && row - above < 3; above--)
		for (unsigned i = 0; i < v->columns; i++)
			if (v->cells[(above - 1) * v->columns + i].link == link)
				return true;
	return false;
}

static void find_links(struct ui *ui)
{
	const struct view *v = ui->browser->view;
	struct hints *h = &ui->hints;

	h->count = 0;
	for (unsigned row = 0; row < v->rows; row++)
		for (unsigned column = 0; column < v->columns; column++)
			if (v->cells[row * v->columns + column].link && h->count < PLACES_MAX &&
			    !seen_before(v, row, column))
				h->places[h->count++] = (struct hint){ (int)row, (int)column };
	unsigned length = h->count <= LETTERS ? 1 : 2;
	if (length != h->label_length)
		h->typed[0] = '\0';
	h->label_length = length;
	h->presents = v->presents;
	h->row = v->row;
}

/* Is the picture of the rows that the page was scrolled to? */
static bool has_arrived(struct ui *ui)
{
	const struct view *v = ui->browser->view;
	const struct tab *tab = ui_tab(ui);
	uint32_t last = tab->document_rows > v->rows ? tab->document_rows - v->rows : 0;

	return v->page == tab->id && v->row == (tab->scroll_row < last ? tab->scroll_row : last);
}

void hints_update(struct ui *ui)
{
	struct hints *h = &ui->hints;
	const struct tab *tab = ui_tab(ui);

	if (!ui_has_room(ui, &hints_room) || (h->shown && h->presents == ui->browser->view->presents))
		return;
	if (!tab || tab_is_sad(tab)) {
		ui_close_room(ui);
		return;
	}
	h->shown = has_arrived(ui);
	if (!h->shown)
		return;
	find_links(ui);
	if (h->count)
		return;
	ui_close_room(ui);
	ui_say(ui, "no links are seen here");
}

/* All labels have the same length, so that none begins another. */
static void make_label(const struct hints *h, unsigned number, char label[3])
{
	if (h->label_length == 1) {
		label[0] = letters[number % LETTERS];
		label[1] = '\0';
		return;
	}
	label[0] = letters[number / LETTERS % LETTERS];
	label[1] = letters[number % LETTERS];
	label[2] = '\0';
}

static void hints_draw(struct ui *ui)
{
	const struct hints *h = &ui->hints;
	struct area a = ui->layout.page;
	size_t typed = strlen(h->typed);
	char label[3];

	for (unsigned i = 0; h->shown && i < h->count; i++) {
		make_label(h, i, label);
		if (strncmp(label, h->typed, typed) != 0 || h->places[i].row >= a.rows ||
		    h->places[i].column >= a.columns)
			continue;
		struct style s = { THEME(COLOR_HANG), COLOR_DEFAULT, ATTRIBUTE_REVERSE | ATTRIBUTE_BOLD };
		canvas_text(&ui->canvas, a.row + h->places[i].row, a.column + h->places[i].column,
			    a.columns - h->places[i].column, s, label + typed);
	}
}

static void follow(struct ui *ui, struct hint place, const char *label)
{
	struct tab *tab = ui_tab(ui);
	char value[24];

	snprintf(value, sizeof(value), "link %s", label);
	browser_input(ui->browser, "key", value);
	if (tab)
		tab_click(tab, ui->hints.row + (uint32_t)place.row, (uint32_t)place.column);
	browser_input_done(ui->browser);
}

static void hints_stroke(struct ui *ui, const struct stroke *s)
{
	struct hints *h = &ui->hints;
	size_t typed = strlen(h->typed);
	char label[3];

	if (s->kind != STROKE_KEY || s->modifiers || s->code > 0x7f || !strchr(letters, (int)s->code)) {
		ui_close_room(ui);
		return;
	}
	/* A letter without its link means nothing. */
	if (!h->shown)
		return;
	h->typed[typed] = (char)s->code;
	h->typed[typed + 1] = '\0';
	if (typed + 1 < h->label_length)
		return;
	ui_close_room(ui);
	for (unsigned i = 0; i < h->count; i++) {
		make_label(h, i, label);
		if (strcmp(label, h->typed) == 0) {
			follow(ui, h->places[i], label);
			return;
		}
	}
}

const struct room hints_room = { "links", "type the letters of a link  Esc", hints_draw, hints_stroke,
				 false };

void hints_begin(struct ui *ui)
{
	struct tab *tab = ui_tab(ui);

	if (!tab || tab_is_sad(tab) || ui->browser->view->page != tab->id)
		return;
	layout_focus(ui, IN_PAGE);
	ui->hints.typed[0] = '\0';
	ui->hints.shown = false;
	ui_open_room(ui, &hints_room);
	hints_update(ui);
}
