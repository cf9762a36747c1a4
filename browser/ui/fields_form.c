/* See fields_form.h. Texts and values are compose.h's; this is where they are shown and typed. */
#include "browser/ui/fields_form.h"
#include "browser/ui/screen.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_COLUMNS 18
#define TYPE_COLUMNS 8

enum whole_row { ROW_FROM, ROW_TO, ROW_MESSAGE, WHOLE_ROWS };

static int head_rows(const struct fields_form *f)
{
	return f->whole ? WHOLE_ROWS : 0;
}

/* -1: its bytes are shown, because they are no fields, or are to be. */
static int field_count(const struct fields_form *f)
{
	return f->raw ? -1 : compose_count(&f->what);
}

int fields_form_rows(const struct fields_form *f)
{
	int fields = field_count(f);

	/* What is not the fields of its type has its bytes. */
	return head_rows(f) + (fields >= 0 ? fields : 1);
}

void fields_form_set(struct fields_form *f, const struct composed *what, bool whole)
{
	if (&f->what != what)
		f->what = *what;
	f->whole = whole;
	f->typing = f->raw = false;
	f->error.why[0] = '\0';
	list_settle(&f->rows, fields_form_rows(f), fields_form_rows(f));
}

void fields_form_turn_raw(struct fields_form *f)
{
	f->raw = !f->raw;
	f->typing = false;
	f->error.why[0] = '\0';
}

void fields_form_finish(struct fields_form *f)
{
	line_edit_finish(&f->value);
}

static const char *message_name(const struct composed *what, char *buf, size_t capacity)
{
	if (what->type < IPC_COUNT)
		return ipc_messages[what->type].name;
	snprintf(buf, capacity, "type=%u", what->type);
	return buf;
}

/* The value of a field, or all bytes: what stands behind `name=`. */
static void field_value(const struct fields_form *f, int row, struct format *out)
{
	static char text[COMPOSE_TEXT];
	struct format all = format_into(text, sizeof(text));

	if (field_count(f) < 0) {
		compose_bytes_text(&f->what, out);
		return;
	}
	compose_field_text(&f->what, (unsigned)(row - head_rows(f)), &all);
	const char *equals = strchr(text, '=');
	format_text(out, equals ? equals + 1 : "");
}

/* What the row says, as it can be typed. */
static void row_value(const struct fields_form *f, int row, struct format *out)
{
	char text[ENDPOINT_TEXT + 16];

	if (f->whole && row == ROW_FROM)
		format_text(out, endpoint_text(f->what.from, text));
	else if (f->whole && row == ROW_TO)
		format_text(out, endpoint_text(f->what.to, text));
	else if (f->whole && row == ROW_MESSAGE)
		format_text(out, message_name(&f->what, text, sizeof(text)));
	else
		field_value(f, row, out);
}

static const char *row_name(const struct fields_form *f, int row)
{
	static const char *const heads[] = { "from", "to", "message" };

	if (f->whole && row < WHOLE_ROWS)
		return heads[row];
	if (field_count(f) < 0)
		return "bytes";
	return ipc_messages[f->what.type].fields[row - head_rows(f)].name;
}

static const char *row_type(const struct fields_form *f, int row)
{
	static const char *const types[] = {
		"u8", "u16", "u32", "u64", "bool", "word", "text", "bytes", "fd"
	};

	if ((f->whole && row < WHOLE_ROWS) || field_count(f) < 0)
		return "";
	return types[ipc_messages[f->what.type].fields[row - head_rows(f)].type];
}

static void click_row(struct ui *ui, int number, const struct stroke *s)
{
	(void)ui, (void)number, (void)s;
}

static void draw_value(struct ui *ui, struct fields_form *f, int row, int number, struct area in)
{
	static char text[COMPOSE_TEXT];
	struct format out = format_into(text, sizeof(text));
	int at = in.column + NAME_COLUMNS + TYPE_COLUMNS, room = in.columns - NAME_COLUMNS - TYPE_COLUMNS;

	if (f->typing && number == f->rows.marked) {
		ui->cursor_row = row;
		ui->cursor_column = line_edit_draw(&f->value, &ui->canvas, row, at, room,
						   STYLE(COLOR_DEFAULT, ATTRIBUTE_UNDERLINE));
		return;
	}
	row_value(f, number, &out);
	canvas_text(&ui->canvas, row, at, room, STYLE_PLAIN, text);
}

void fields_form_draw(struct ui *ui, struct fields_form *f, struct area in, bool active)
{
	int count = fields_form_rows(f), rows = f->error.why[0] && in.rows > 1 ? in.rows - 1 : in.rows;

	list_settle(&f->rows, count, rows);
	for (int i = 0; i < rows && f->rows.top + i < count; i++) {
		int number = f->rows.top + i, row = in.row + i;
		bool marked = active && number == f->rows.marked;

		canvas_format(&ui->canvas, row, in.column, NAME_COLUMNS - 1,
			      marked ? STYLE_ACCENT : STYLE_PLAIN, "%s %s", marked ? "▸" : " ",
			      row_name(f, number));
		canvas_text(&ui->canvas, row, in.column + NAME_COLUMNS, TYPE_COLUMNS - 1, STYLE_IDLE,
			    row_type(f, number));
		draw_value(ui, f, row, number, in);
		zone_add(ui, (struct area){ row, in.column, 1, in.columns }, click_row, number);
	}
	if (f->error.why[0] && in.rows > 1)
		canvas_text(&ui->canvas, in.row + in.rows - 1, in.column + 2, in.columns - 2, STYLE_HANG,
			    f->error.why);
}

static void begin_typing(struct fields_form *f)
{
	static char text[COMPOSE_TEXT];
	struct format out = format_into(text, sizeof(text));

	row_value(f, f->rows.marked, &out);
	f->error.why[0] = '\0';
	f->typing = true;
	line_edit_set(&f->value, text, true);
}

/* The message anew, from the words of its three heads; fields that it still has keep their values. */
static bool compose_again(struct fields_form *f, const char *from, const char *to, const char *name)
{
	static char text[COMPOSE_TEXT];
	static struct composed fresh;
	struct format out = format_into(text, sizeof(text));
	char old[32];

	format_printf(&out, "%s -> %s %s", from, to, name);
	if (strcmp(name, message_name(&f->what, old, sizeof(old))) == 0) {
		format_char(&out, ' ');
		compose_fields_text(&f->what, &out);
	} else if (strncmp(name, "type=", strlen("type=")) == 0) {
		format_text(&out, " bytes=");
	}
	if (out.full || !compose_parse(text, &fresh, &f->error))
		return false;
	f->what = fresh;
	return true;
}

/* Bytes that need not be fields of anything. */
static bool set_bytes(struct fields_form *f, const char *typed)
{
	static char text[COMPOSE_TEXT];
	struct composed *fresh = malloc(sizeof(*fresh));
	char from[ENDPOINT_TEXT], to[ENDPOINT_TEXT];
	struct format out = format_into(text, sizeof(text));
	bool fine;

	format_printf(&out, "%s -> %s type=%u bytes=%s", endpoint_text(f->what.from, from),
		      endpoint_text(f->what.to, to), f->what.type, typed);
	fine = fresh && !out.full && compose_parse(text, fresh, &f->error);
	if (fine) {
		memcpy(f->what.fields, fresh->fields, fresh->bytes);
		f->what.bytes = fresh->bytes;
	} else if (!fresh || out.full) {
		snprintf(f->error.why, sizeof(f->error.why), "too long");
	}
	free(fresh);
	return fine;
}

static bool set_head(struct fields_form *f, int row, const char *typed)
{
	char from[ENDPOINT_TEXT], to[ENDPOINT_TEXT], name[32];

	return compose_again(f, row == ROW_FROM ? typed : endpoint_text(f->what.from, from),
			     row == ROW_TO ? typed : endpoint_text(f->what.to, to),
			     row == ROW_MESSAGE ? typed : message_name(&f->what, name, sizeof(name)));
}

/* Text may be typed as it is: quotes are put around it where there are none. */
static bool set_field(struct fields_form *f, int row, const char *typed)
{
	static char text[COMPOSE_TEXT];
	struct format out = format_into(text, sizeof(text));
	bool quote = strcmp(row_type(f, row), "text") == 0 && typed[0] != '"';

	format_printf(&out, "%s=%s", row_name(f, row), quote ? "\"" : "");
	for (const char *s = typed; *s; s++) {
		if (quote && (*s == '"' || *s == '\\'))
			format_char(&out, '\\');
		format_char(&out, *s);
	}
	if (quote)
		format_char(&out, '"');
	if (!out.full)
		return compose_edit(&f->what, text, &f->error);
	snprintf(f->error.why, sizeof(f->error.why), "too long");
	return false;
}

static bool end_typing(struct fields_form *f)
{
	int row = f->rows.marked;
	bool head = f->whole && row < WHOLE_ROWS;

	if (!(head		   ? set_head(f, row, f->value.text)
	      : field_count(f) < 0 ? set_bytes(f, f->value.text)
				   : set_field(f, row, f->value.text)))
		return false;
	f->typing = false;
	f->error.why[0] = '\0';
	return true;
}

/* What stands for `from` or `to` could be any process. */
static unsigned processes(struct ui *ui, struct endpoint *out, unsigned most)
{
	unsigned n = 0;

	out[n++] = (struct endpoint){ ROLE_BROWSER, 0 };
	for (struct process_host *p = ui->browser->processes->first; p && n < most; p = p->next)
		if (process_is_up(p))
			out[n++] = p->name;
	return n;
}

/* The next process, `step` further, that may send to or receive from the other. */
static struct endpoint next_process(struct ui *ui, struct endpoint now, int step)
{
	struct endpoint all[64];
	int n = (int)processes(ui, all, 64), at = 0;

	while (at < n && (all[at].role != now.role || all[at].serial != now.serial))
		at++;
	return at == n ? all[0] : all[(at + step + n) % n];
}

/* The next message that may go from there to there; any, if none may. */
static uint16_t next_message(const struct composed *what, int step)
{
	int type = what->type < IPC_COUNT ? what->type : 0;

	for (int i = 0; i < IPC_COUNT; i++) {
		type = (type + step + IPC_COUNT) % IPC_COUNT;
		if (ipc_messages[type].from & 1 << what->from.role &&
		    ipc_messages[type].to & 1 << what->to.role)
			break;
	}
	return (uint16_t)type;
}

/* Left and right go through what a head can be. */
static bool turn_head(struct ui *ui, struct fields_form *f, int step)
{
	char name[ENDPOINT_TEXT];
	int row = f->rows.marked;

	if (row == ROW_MESSAGE)
		return set_head(f, row, ipc_messages[next_message(&f->what, step)].name);
	return set_head(
		f, row,
		endpoint_text(next_process(ui, row == ROW_FROM ? f->what.from : f->what.to, step), name));
}

static bool stroke_while_typing(struct fields_form *f, const struct stroke *s, bool *taken)
{
	*taken = true;
	switch (s->kind == STROKE_PRESS ? LINE_ENTERED : line_edit_stroke(&f->value, s)) {
	case LINE_ENTERED:
		return end_typing(f);
	case LINE_LEFT:
		f->typing = false;
		f->error.why[0] = '\0';
		return false;
	case LINE_CHANGED:
		f->error.why[0] = '\0';
		return false;
	default:
		return false;
	}
}

bool fields_form_stroke(struct ui *ui, struct fields_form *f, const struct stroke *s, bool *taken)
{
	bool head = f->whole && f->rows.marked < WHOLE_ROWS;

	if (f->typing)
		return stroke_while_typing(f, s, taken);
	*taken = true;
	if (s->kind == STROKE_KEY && s->code == STROKE_ENTER) {
		begin_typing(f);
		return false;
	}
	if (head && s->kind == STROKE_KEY && (s->code == STROKE_LEFT || s->code == STROKE_RIGHT))
		return turn_head(ui, f, s->code == STROKE_LEFT ? -1 : 1);
	*taken = break_move(&f->rows, s, fields_form_rows(f));
	return false;
}
