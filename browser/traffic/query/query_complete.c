/* What could stand at the end of a question that is being typed: what begins so, then what has it inside,
 * then what it could be meant for. */
#include "browser/traffic/query/query_internal.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define ITEMS (sizeof((struct query_completion *)0)->items / sizeof(((struct query_completion *)0)->items[0]))

/* How a candidate must fit what is there already. */
enum fit { FIT_BEGINS, FIT_INSIDE, FIT_NEAR, FIT_COUNT };

struct completer {
	struct query_completion *out;
	const struct query_living *living; /* NULL: nothing is known of that */
	const char *text;
	unsigned length;
	char word[QUERY_TEXT]; /* that would be replaced */
	enum fit fit;
	bool glue;			     /* something to ask stands before: and, or */
	const struct query_field_info *info; /* of the comparison that the word is the value of */
	char arg[64];			     /* the argument that is compared */
	int message;			     /* that name=X before speaks of, or -1 */
	bool nothing;			     /* nothing can be proposed */
};

static bool fits(const struct completer *c, const char *candidate, size_t skip)
{
	size_t n = strlen(c->word);
	struct query_guess guess;

	if (skip > n)
		skip = 0;
	switch (c->fit) {
	case FIT_BEGINS:
		return !strncasecmp(candidate, c->word, n);
	case FIT_INSIDE:
		return n - skip >= 2 && strcasestr(candidate + skip, c->word + skip);
	default:
		guess = query_guess(c->word + skip);
		query_guess_try(&guess, candidate + skip);
		return guess.best;
	}
}

static void add(struct query_completion *out, const char *text, const char *about)
{
	for (unsigned i = 0; i < out->count; i++)
		if (!strcmp(out->items[i].text, text))
			return;
	if (out->count == ITEMS)
		return;
	snprintf(out->items[out->count].text, sizeof out->items[0].text, "%s", text);
	out->items[out->count++].about = about;
}

/* Add `before` and `name` and `behind`, if the name fits; the first `skip` bytes are the same in all. */
static void offer(struct completer *c, const char *before, const char *name, const char *behind,
		  const char *about)
{
	struct query_completion *out = c->out;
	char text[sizeof out->items[0].text], whole[sizeof text];
	size_t skip = strlen(before);

	if (snprintf(text, sizeof text, "%s%s%s", before, name, behind) >= (int)sizeof text)
		return;
	snprintf(whole, sizeof whole, "%s%s", before, name);
	if (strcmp(text, c->word) != 0 && fits(c, whole, skip))
		add(out, text, about);
}

static void offer_words(struct completer *c, const char *const *words, unsigned count, const char *about)
{
	for (unsigned i = 0; i < count && words[i]; i++)
		offer(c, "", words[i], "", about);
}

/* Who sends a message to whom, in words that stay. */
static const char *about_message(unsigned id)
{
	static char abouts[IPC_COUNT][80];
	struct format out;

	if (abouts[id][0])
		return abouts[id];
	out = format_into(abouts[id], sizeof abouts[id]);
	for (int to = 0; to < 2; to++) {
		unsigned roles = to ? ipc_messages[id].to : ipc_messages[id].from;

		if (to)
			format_text(&out, " to ");
		for (unsigned role = 0, n = 0; role < ROLE_COUNT; role++) {
			if (!(roles & 1u << role))
				continue;
			format_text(&out, n++ ? ", " : "");
			format_text(&out, role_names[role]);
		}
	}
	return abouts[id];
}

static void offer_names(struct completer *c)
{
	for (unsigned id = 0; id < IPC_COUNT; id++)
		offer(c, "", ipc_messages[id].name, "", about_message(id));
	for (unsigned i = IPC_COUNT; i < query_name_count(); i++)
		offer(c, "", query_name(i), "", "an event");
}

/* Arguments. */

static void for_each_field(struct completer *c, void (*call)(struct completer *, const struct ipc_field *))
{
	const struct ipc_message *first = c->message >= 0 ? &ipc_messages[c->message] : NULL;

	for (unsigned i = 0; first && i < first->nfields; i++)
		call(c, &first->fields[i]);
	for (const struct ipc_message *m = ipc_messages; m < ipc_messages + IPC_COUNT; m++)
		for (unsigned i = 0; m != first && i < m->nfields; i++)
			call(c, &m->fields[i]);
}

static void offer_arg(struct completer *c, const struct ipc_field *f)
{
	static const char *const types[] = {
		[IPC_U8] = "a number",	 [IPC_U16] = "a number",	[IPC_U32] = "a number",
		[IPC_U64] = "a number",	 [IPC_BOOL] = "true or false",	[IPC_ENUM] = "one of its words",
		[IPC_STRING] = "a text", [IPC_BYTES] = "bytes, as hex", [IPC_FD] = "a descriptor",
	};

	offer(c, "arg.", f->name, "", types[f->type]);
}

static void offer_arg_value(struct completer *c, const struct ipc_field *f)
{
	static const char *const bools[] = { "true", "false" };

	if (strcmp(f->name, c->arg) != 0)
		return;
	if (f->type == IPC_ENUM)
		offer_words(c, f->names, f->max, "one of its words");
	else if (f->type == IPC_BOOL)
		offer_words(c, bools, 2, "true or false");
}

/* What may stand where. */

static void offer_ops(struct completer *c, const struct query_field_info *info)
{
	static const struct {
		enum query_op op;
		const char *text, *about;
	} ops[] = {
		{ OP_EQUAL, "=", "is" },
		{ OP_NOT_EQUAL, "!=", "is not" },
		{ OP_FINDS, "~", "an expression is found in it" },
		{ OP_FINDS_NOT, "!~", "an expression is not found in it" },
		{ OP_MORE, ">", "is more than" },
		{ OP_LESS, "<", "is less than" },
		{ OP_MORE_EQUAL, ">=", "is at least" },
		{ OP_LESS_EQUAL, "<=", "is at most" },
	};

	for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
		if (info->field->type->ops & 1u << ops[i].op)
			offer(c, "", c->word, ops[i].text, ops[i].about);
}

/* A field comes with the operator that its example has. */
static void offer_fields(struct completer *c)
{
	for (unsigned i = 0; i < query_field_count; i++) {
		const struct query_field_info *info = &query_field_infos[i];
		const char *behind = info->example + strlen(info->name);
		char op[2] = { strchr("=~<>", *behind) ? *behind : '\0', '\0' };

		offer(c, "", info->name, op, info->about);
	}
}

static void offer_set(struct completer *c, const char *field, const char *const *words, unsigned count,
		      const char *about)
{
	for (unsigned i = 0; i < count && words[i]; i++) {
		char text[64];

		snprintf(text, sizeof text, "%s=%s", field, words[i]);
		/* What is typed is the word, not the field. */
		if (fits(c, words[i], 0))
			add(c->out, text, about);
	}
}

static void offer_operand(struct completer *c)
{
	static const char *const glue[] = { "and", "or" };
	const struct query_field_info *info = query_find_field(c->word, strlen(c->word));
	bool typed = c->word[0];

	if (info && c->fit == FIT_BEGINS && strcmp(info->name, "arg.") != 0)
		offer_ops(c, info);
	if (!strncasecmp(c->word, "arg.", 4)) {
		if (info && c->fit == FIT_BEGINS && query_knows_arg(c->word + 4))
			offer_ops(c, info);
		for_each_field(c, offer_arg);
		return;
	}
	if (c->glue)
		offer_words(c, glue, 2, "joins two comparisons");
	offer_fields(c);
	offer(c, "", "not", "", "the opposite of what follows");
	if (!typed)
		return;
	offer_set(c, "status", traffic_status_names, TRAFFIC_STATUS_COUNT, "a status");
	offer_set(c, "process", role_names, ROLE_COUNT, "a role");
	for (unsigned id = 0; id < IPC_COUNT; id++)
		offer_set(c, "name", &ipc_messages[id].name, 1, about_message(id));
}

static void offer_units(struct completer *c, const struct query_unit *units)
{
	size_t n = strspn(c->word, "0123456789.");

	for (; n && units->name; units++)
		if (units->name[0] && !strncmp(units->name, c->word + n, strlen(c->word) - n) &&
		    (unsigned char)units->name[0] < 0x80) {
			char text[64];

			snprintf(text, sizeof text, "%.*s%s", n < 40 ? (int)n : 40, c->word, units->name);
			offer(c, "", text, "", "with its unit");
		}
}

static void offer_living(struct completer *c, const struct query_living_word *words, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		offer(c, "", words[i].text, "", words[i].about);
}

static void offer_value(struct completer *c)
{
	const struct query_field *f = c->info->field;
	const struct query_living *living = c->living;

	if (f->type == &query_process) {
		offer_words(c, role_names, ROLE_COUNT, "a role");
		if (living)
			offer_living(c, living->processes, living->process_count);
	} else if (f->type == &query_name_type)
		offer_names(c);
	else if (f->words)
		offer_words(c, f->words, 64, c->info->about);
	else if (living && !strcmp(c->info->name, "tab"))
		offer_living(c, living->tabs, living->tab_count);
	else if (f->type == &query_toxic)
		offer_words(c, toxic_names, TOXIC_COUNT, "a kind of toxic");
	else if (f->type == &query_arg)
		for_each_field(c, offer_arg_value);
	else if (f->units && c->fit == FIT_BEGINS)
		offer_units(c, f->units);
}

/* Where the end is. */

static void set_word(struct completer *c, unsigned start)
{
	c->out->start = start;
	memcpy(c->word, c->text + start, c->length - start);
	c->word[c->length - start] = '\0';
}

static void note_message(struct completer *c, const struct token *value)
{
	char name[QUERY_TEXT];

	query_token_text(c->text, value, name);
	for (int id = 0; id < IPC_COUNT; id++)
		if (!strcmp(ipc_messages[id].name, name))
			c->message = id;
}

/* The value behind FIELD OP. Returns where it ends; false: the end is within it, or before it. */
static bool pass_value(struct completer *c, const struct token *name, const struct token *op, unsigned *at)
{
	const struct query_field_info *info = query_find_field(c->text + name->at, name->length);
	struct token value = query_lex_value(c->text, c->length, op->at + op->length);

	*at = value.at + value.length;
	if (value.kind == TOKEN_BAD)
		c->nothing = true;
	if (*at < c->length || value.kind == TOKEN_STRING) {
		if (info && info->field->type == &query_name_type && op->op == OP_EQUAL)
			note_message(c, &value);
		return !c->nothing;
	}
	c->info = info;
	c->nothing |= !info;
	if (info && info->field->type == &query_arg)
		snprintf(c->arg, sizeof c->arg, "%.*s", (int)(name->length - 4), c->text + name->at + 4);
	set_word(c, value.at);
	return false;
}

/* Go through the text up to the word at its end. */
static void find_place(struct completer *c)
{
	unsigned at = 0;

	for (;;) {
		struct token t = query_lex(c->text, c->length, at), op;

		at = t.at + t.length;
		if (t.kind == TOKEN_WORD || t.kind == TOKEN_STRING) {
			op = query_lex(c->text, c->length, at);
			if (op.kind == TOKEN_OP) {
				if (!pass_value(c, &t, &op, &at))
					return;
				c->glue = true;
				continue;
			}
		}
		if (t.kind == TOKEN_END || (at == c->length && t.kind != TOKEN_OPEN && t.kind != TOKEN_NOT)) {
			c->nothing = t.kind == TOKEN_BAD || t.kind == TOKEN_STRING || t.kind == TOKEN_OP ||
				     t.kind == TOKEN_CLOSE;
			set_word(c, t.at);
			return;
		}
		c->glue = t.kind == TOKEN_WORD || t.kind == TOKEN_STRING || t.kind == TOKEN_CLOSE;
	}
}

void query_complete(const char *text, unsigned length, struct query_completion *out)
{
	query_complete_living(text, length, NULL, out);
}

void query_complete_living(const char *text, unsigned length, const struct query_living *living,
			   struct query_completion *out)
{
	struct completer c = { .out = out, .living = living, .text = text, .message = -1 };

	*out = (struct query_completion){ 0 };
	c.length = (unsigned)strnlen(text, length);
	if (c.length >= QUERY_TEXT)
		return;
	find_place(&c);
	for (c.fit = 0; !c.nothing && c.fit < FIT_COUNT; c.fit++) {
		if (c.fit == FIT_NEAR && out->count)
			break;
		if (c.info)
			offer_value(&c);
		else
			offer_operand(&c);
	}
}
