/* The command line, in the last line of the screen: Tab completes names of actions, and what they take.
 * Declared in screen.h. */
#include "browser/fault/injection.h"
#include "browser/fault/toxics.h"
#include "browser/traffic/breakpoint/breakpoints.h"
#include "browser/ui/action.h"
#include <stdio.h>
#include <string.h>

#define MATCHES_MAX 128

struct matches {
	char names[MATCHES_MAX][40];
	unsigned count;
	size_t from; /* of the word that is completed */
};

/* Those of the names that begin as what was typed does. */
static void add_match(struct matches *m, const char *name, const char *typed, size_t length)
{
	if (m->count < MATCHES_MAX && strncasecmp(name, typed, length) == 0)
		snprintf(m->names[m->count++], sizeof(m->names[0]), "%s", name);
}

/* A fault's name as one word. */
static void add_fault(struct matches *m, const char *name, const char *typed, size_t length)
{
	char word[sizeof(m->names[0])];

	snprintf(word, sizeof(word), "%s", name);
	for (char *blank = word; (blank = strchr(blank, ' '));)
		*blank = '-';
	add_match(m, word, typed, length);
}

/* Whom a fault can be injected into. */
static void add_targets(struct ui *ui, struct matches *m, const char *typed, size_t length)
{
	static const char *const roles[] = { "renderer", "gpu", "plugin", "browser" };
	char name[ENDPOINT_TEXT];

	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		add_match(m, roles[i], typed, length);
	for (struct process_host *p = ui->browser->processes->first; p; p = p->next)
		if (process_is_up(p))
			add_match(m, words_endpoint(p->name, name, sizeof(name)), typed, length);
}

/* The word before the one that is completed, as long as it is at most that long; "" otherwise. */
static void word_before(const char *text, size_t from, char *out, size_t capacity)
{
	size_t end = from, begin;

	while (end > 0 && text[end - 1] == ' ')
		end--;
	begin = end;
	while (begin > 0 && text[begin - 1] != ' ')
		begin--;
	snprintf(out, capacity, "%.*s", (int)(end - begin), text + begin);
}

/* The words around names in the grammar of browser/fault/clause.h. */
static const char *const order_words[] = { "into",
					   "on",
					   "after",
					   "with",
					   "seed",
					   "received",
					   "sent",
					   "before its handler",
					   "after its handler",
					   "after its reply" };
static const char *const toxic_words[] = { "from", "to", "on", "with", "seed", "field", "byte" };

static void add_words(struct matches *m, const char *const *words, size_t count, const char *typed,
		      size_t length)
{
	for (size_t i = 0; i < count; i++)
		add_match(m, words[i], typed, length);
}

static void add_messages(struct matches *m, const char *typed, size_t length)
{
	for (unsigned i = 0; i < IPC_COUNT; i++)
		add_match(m, ipc_messages[i].name, typed, length);
}

static bool is_target(const char *word)
{
	for (unsigned role = 0; role < ROLE_COUNT; role++)
		if (!strncmp(word, role_names[role], strlen(role_names[role])))
			return true;
	return false;
}

/* What may stand there in an order to fail: whom, which fault, which message. */
static void add_order(struct ui *ui, struct matches *m, const char *text, const char *typed, size_t length)
{
	char before[16];

	word_before(text, m->from, before, sizeof(before));
	if (!strcmp(before, "on") || (before[0] >= '0' && before[0] <= '9')) {
		add_messages(m, typed, length);
		return;
	}
	if (!strcmp(before, "inject") || !strcmp(before, "into"))
		add_targets(ui, m, typed, length);
	if (!strcmp(before, "inject") || is_target(before))
		for (unsigned i = 0; i < fault_table_count; i++)
			add_fault(m, fault_table[i].name, typed, length);
	else if (strcmp(before, "into"))
		add_words(m, order_words, sizeof(order_words) / sizeof(order_words[0]), typed, length);
}

static void add_toxic(struct ui *ui, struct matches *m, const char *text, const char *typed, size_t length)
{
	char before[16];

	word_before(text, m->from, before, sizeof(before));
	if (!strcmp(before, "on")) {
		add_messages(m, typed, length);
	} else if (!strcmp(before, "from") || !strcmp(before, "to")) {
		add_targets(ui, m, typed, length);
	} else if (!strcmp(before, "toxic")) {
		for (unsigned i = 0; i < TOXIC_COUNT; i++)
			add_match(m, toxic_names[i], typed, length);
	} else {
		add_words(m, toxic_words, sizeof(toxic_words) / sizeof(toxic_words[0]), typed, length);
	}
}

static void add_number(struct matches *m, uint32_t number, const char *typed, size_t length)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", number);
	add_match(m, text, typed, length);
}

static void add_waiting(struct ui *ui, struct matches *m, const char *text, const char *typed, size_t length)
{
	(void)text;
	for (const struct injection *i = ui->browser->injections->first; i; i = i->next)
		add_number(m, i->number, typed, length);
	add_match(m, "all", typed, length);
}

static void add_placed(struct ui *ui, struct matches *m, const char *text, const char *typed, size_t length)
{
	(void)text;
	for (const struct placed_toxic *t = ui->browser->toxics->first; t; t = t->next)
		add_number(m, t->number, typed, length);
	add_match(m, "all", typed, length);
}

/* A question: what query.h would put there. */
static void add_question(struct ui *ui, struct matches *m, const char *text, const char *typed, size_t length)
{
	static struct query_completion found;
	size_t before = strcspn(text, " ") + 1;

	(void)ui;
	query_complete(text + before, (unsigned)(m->from - before + length), &found);
	/* Candidates may begin within the word, behind its operator: matches are of whole words. */
	for (unsigned i = 0; i < found.count && before + found.start >= m->from; i++) {
		char word[sizeof(m->names[0])];

		snprintf(word, sizeof(word), "%.*s%s", (int)(before + found.start - m->from), typed,
			 found.items[i].text);
		add_match(m, word, typed, length);
	}
}

/* The fields of the message that is named first in that text. */
static void add_fields(struct matches *m, const char *text, const char *typed, size_t length)
{
	size_t bytes = strcspn(text, " ");
	char word[sizeof(m->names[0])];

	for (unsigned i = 0; i < IPC_COUNT; i++) {
		const struct ipc_message *message = &ipc_messages[i];
		if (bytes != strlen(message->name) || strncmp(text, message->name, bytes) != 0)
			continue;
		for (unsigned f = 0; f < message->nfields; f++) {
			snprintf(word, sizeof(word), "%s=", message->fields[f].name);
			add_match(m, word, typed, length);
		}
	}
}

/* Who sends, to whom, which, and its fields. */
static void add_by_hand(struct ui *ui, struct matches *m, const char *text, const char *typed, size_t length)
{
	char before[40];
	const char *to = strstr(text, "-> ");

	word_before(text, m->from, before, sizeof(before));
	if (!strcmp(before, "send") || !strcmp(before, "->")) {
		add_targets(ui, m, typed, length);
	} else if (!to) {
		add_match(m, "->", typed, length);
	} else if (is_target(before)) {
		add_messages(m, typed, length);
	} else {
		to += strlen("-> ");
		to += strcspn(to, " ");
		add_fields(m, to + strspn(to, " "), typed, length);
	}
}

static void add_points(struct ui *ui, struct matches *m, const char *text, const char *typed, size_t length)
{
	(void)text;
	for (const struct breakpoint *b = NULL; (b = breakpoint_next(ui->browser->breakpoints, b));)
		add_number(m, b->number, typed, length);
	add_match(m, "all", typed, length);
}

static void add_held(struct ui *ui, struct matches *m, const char *text, const char *typed, size_t length)
{
	(void)text;
	for (const struct held_message *h = ui->browser->breakpoints->held; h; h = h->next)
		add_number(m, h->number, typed, length);
}

/* Commands whose arguments are completed. */
static const struct {
	const char *begin;
	void (*add)(struct ui *, struct matches *, const char *text, const char *typed, size_t length);
} completed[] = { { "inject ", add_order },   { "toxic ", add_toxic },	 { "disarm ", add_waiting },
		  { "untoxic ", add_placed }, { "hold ", add_question }, { "filter ", add_question },
		  { "send ", add_by_hand },   { "unhold ", add_points }, { "continue ", add_held },
		  { "step ", add_held },      { "drop ", add_held },	 { "duplicate ", add_held },
		  { "edit ", add_held } };

/* Commands for the first word; then what the command knows. What was typed ends after that many bytes. */
static struct matches find_matches(struct ui *ui, size_t typed_bytes)
{
	const char *text = ui->command.text;
	struct matches m = { .from = typed_bytes };

	while (m.from > 0 && text[m.from - 1] != ' ')
		m.from--;
	const char *typed = text + m.from;
	size_t length = typed_bytes - m.from;

	for (unsigned i = 0; m.from == 0 && i < action_count; i++)
		add_match(&m, actions[i].name, typed, length);
	for (size_t i = 0; m.from && i < sizeof(completed) / sizeof(completed[0]); i++)
		if (!strncmp(text, completed[i].begin, strlen(completed[i].begin)))
			completed[i].add(ui, &m, text, typed, length);
	return m;
}

static size_t typed_bytes(const struct ui *ui)
{
	return ui->completion.cycles ? ui->completion.typed : ui->command.length;
}

/* Bytes of the first match in which all agree. */
static size_t agreement(const struct matches *m)
{
	size_t agreed = strlen(m->names[0]);

	for (unsigned i = 1; i < m->count; i++)
		while (strncasecmp(m->names[0], m->names[i], agreed) != 0)
			agreed--;
	return agreed;
}

/* One candidate after the other, and then what was typed again. */
static void cycle(struct ui *ui, const struct matches *m)
{
	struct completion *c = &ui->completion;
	char line[LINE_EDIT_BYTES + 1];
	const char *name = c->next < m->count ? m->names[c->next] + (c->typed - m->from) : "";

	snprintf(line, sizeof(line), "%.*s%s", (int)c->typed, ui->command.text, name);
	line_edit_set(&ui->command, line, false);
	c->next = c->next < m->count ? c->next + 1 : 0;
}

/* As far as all matches agree; with nothing to add, one after the other. */
static void complete(struct ui *ui)
{
	struct line_edit *e = &ui->command;
	struct matches m = find_matches(ui, typed_bytes(ui));

	if (!m.count || (!ui->completion.cycles && e->cursor != e->length))
		return;
	size_t agreed = agreement(&m), typed = typed_bytes(ui) - m.from;
	if (!ui->completion.cycles && (m.count == 1 || agreed > typed)) {
		char line[LINE_EDIT_BYTES + 1];

		/* As it is written, not as it was typed. */
		snprintf(line, sizeof(line), "%.*s%.*s%s", (int)m.from, e->text, (int)agreed, m.names[0],
			 m.count == 1 ? " " : "");
		line_edit_set(e, line, false);
		return;
	}
	if (!ui->completion.cycles)
		ui->completion = (struct completion){ true, e->length, 0 };
	cycle(ui, &m);
}

static void command_draw(struct ui *ui)
{
	struct area a = ui->layout.status;
	struct matches m = find_matches(ui, typed_bytes(ui));
	int wanted = a.columns / 2 > 24 ? a.columns / 2 : a.columns - 2, column;

	canvas_clear(&ui->canvas, a, STYLE_PLAIN);
	canvas_text(&ui->canvas, a.row, 1, 1, STYLE_ACCENT, ":");
	column = line_edit_draw(&ui->command, &ui->canvas, a.row, 2, wanted, STYLE_PLAIN);
	ui->cursor_row = a.row;
	ui->cursor_column = column;
	int at = 2 + canvas_width(ui->command.text) + 3;
	for (unsigned i = 0; i < m.count && at < a.columns - 2; i++) {
		int width = canvas_width(m.names[i]);
		if (at + width > a.columns - 3) {
			canvas_text(&ui->canvas, a.row, at, 1, STYLE_IDLE, "…");
			break;
		}
		bool taken = ui->completion.cycles && ui->completion.next == i + 1;
		canvas_text(&ui->canvas, a.row, at, width, taken ? STYLE_ACCENT : STYLE_IDLE, m.names[i]);
		at += width + 2;
	}
}

static void command_stroke(struct ui *ui, const struct stroke *s)
{
	struct line_edit *e = &ui->command;

	if (s->kind == STROKE_KEY && s->code == STROKE_TAB) {
		complete(ui);
		return;
	}
	ui->completion.cycles = false;
	/* To erase what is not there is to leave. */
	bool empty = s->kind == STROKE_KEY && s->code == STROKE_BACKSPACE && e->length == 0;
	enum line_result result = empty || s->kind == STROKE_PRESS ? LINE_LEFT : line_edit_stroke(e, s);
	if (result == LINE_ENTERED || result == LINE_LEFT)
		ui_close_room(ui);
	if (result == LINE_ENTERED) {
		char line[LINE_EDIT_BYTES + 1];
		snprintf(line, sizeof(line), "%s", e->text);
		action_run_command(ui, line);
	}
}

const struct room command_room = { "command", "", command_draw, command_stroke, true };

void command_begin(struct ui *ui, const char *text)
{
	line_edit_set(&ui->command, text, false);
	ui->completion.cycles = false;
	if (!ui_has_room(ui, &command_room))
		ui_open_room(ui, &command_room);
}
