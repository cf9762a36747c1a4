/* Takes comparisons out of a question, for those who put others in their place. Declared in query.h. */
#include "browser/traffic/query/query_internal.h"
#include <string.h>
#include <strings.h>

/* One of what and joins at the top of a question. */
struct clause {
	unsigned from, to;	       /* bytes of the text, with not before it */
	struct token field, op, value; /* of a comparison; else field.kind is TOKEN_END */
};

struct scanner {
	const char *text;
	unsigned length, at;
};

static struct token look(const struct scanner *s)
{
	return query_lex(s->text, s->length, s->at);
}

static struct token take(struct scanner *s)
{
	struct token t = look(s);

	s->at = t.at + t.length;
	return t;
}

/* FIELD OP VALUE, or a text alone, whose first token was taken. false: it makes no sense. */
static bool scan_comparison(struct scanner *s, const struct token *first, struct clause *c)
{
	struct token op = look(s);

	if (first->kind != TOKEN_WORD && first->kind != TOKEN_STRING)
		return false;
	if (op.kind != TOKEN_OP)
		return true;
	c->field = *first;
	c->op = op;
	c->value = query_lex_value(s->text, s->length, op.at + op.length);
	s->at = c->value.at + c->value.length;
	return c->value.kind == TOKEN_WORD || c->value.kind == TOKEN_STRING;
}

/* To the ) of the ( that was taken. Values are read as such: they may have ( ) of their own. */
static bool pass_group(struct scanner *s)
{
	for (unsigned open = 1; open;) {
		struct token t = take(s);
		struct clause ignored;
		if (t.kind == TOKEN_END || t.kind == TOKEN_BAD)
			return false;
		if (t.kind == TOKEN_OPEN)
			open++;
		else if (t.kind == TOKEN_CLOSE)
			open--;
		else if ((t.kind == TOKEN_WORD || t.kind == TOKEN_STRING) &&
			 !scan_comparison(s, &t, &ignored))
			return false;
	}
	return true;
}

/* The next clause; false: there is none, or it makes no sense. */
static bool scan_clause(struct scanner *s, struct clause *c)
{
	struct token t = take(s);

	*c = (struct clause){ .from = t.at, .field.kind = TOKEN_END };
	while (t.kind == TOKEN_NOT)
		t = take(s);
	bool sound = t.kind == TOKEN_OPEN ? pass_group(s) : scan_comparison(s, &t, c);

	c->to = s->at;
	return sound;
}

static bool is_meant(const char *text, const struct clause *c, const char *field, const char *value)
{
	char word[QUERY_TEXT];

	if (c->field.kind != TOKEN_WORD || c->field.length != strlen(field) ||
	    strncasecmp(text + c->field.at, field, c->field.length) != 0)
		return false;
	if (!value)
		return true;
	query_token_text(text, &c->value, word);
	return c->op.op == OP_EQUAL && strcmp(word, value) == 0;
}

static void append(char *out, const char *text, const struct clause *c)
{
	if (*out)
		strcat(out, " and ");
	strncat(out, text + c->from, c->to - c->from);
}

bool query_without(const char *text, const char *field, const char *value, char out[QUERY_TEXT])
{
	struct scanner s = { text, (unsigned)strlen(text), 0 };
	struct clause c;
	bool found = false, sound = true;
	char kept[QUERY_TEXT * 6] = ""; /* at worst each byte is a clause, and " and " stands before it */

	while (sound && look(&s).kind != TOKEN_END) {
		sound = scan_clause(&s, &c);
		if (sound && is_meant(text, &c, field, value))
			found = true;
		else if (sound)
			append(kept, text, &c);
		if (look(&s).kind == TOKEN_AND)
			take(&s);
		sound &= look(&s).kind != TOKEN_OR;
	}
	found &= sound && strlen(kept) < QUERY_TEXT;
	strcpy(out, found ? kept : text);
	return found;
}
