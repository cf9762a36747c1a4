/* Cuts the text of a question into tokens. */
#include "browser/traffic/query/query_internal.h"
#include <string.h>
#include <strings.h>

const char query_why_unended[] = "the closing \" is missing";

static const struct {
	const char *text;
	enum token_kind kind;
	enum query_op op;
} signs[] = {
	/* The longer ones first. */
	{ "==", TOKEN_OP, OP_EQUAL },
	{ "=~", TOKEN_OP, OP_FINDS },
	{ "!=", TOKEN_OP, OP_NOT_EQUAL },
	{ "!~", TOKEN_OP, OP_FINDS_NOT },
	{ "<=", TOKEN_OP, OP_LESS_EQUAL },
	{ ">=", TOKEN_OP, OP_MORE_EQUAL },
	{ "&&", TOKEN_AND, 0 },
	{ "||", TOKEN_OR, 0 },
	{ "=", TOKEN_OP, OP_EQUAL },
	{ "~", TOKEN_OP, OP_FINDS },
	{ "<", TOKEN_OP, OP_LESS },
	{ ">", TOKEN_OP, OP_MORE },
	{ "!", TOKEN_NOT, 0 },
	{ "(", TOKEN_OPEN, 0 },
	{ ")", TOKEN_CLOSE, 0 },
};

static const struct {
	const char *text;
	enum token_kind kind;
} keywords[] = { { "and", TOKEN_AND }, { "or", TOKEN_OR }, { "not", TOKEN_NOT } };

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static unsigned skip_blanks(const char *text, unsigned length, unsigned at)
{
	while (at < length && is_blank(text[at]))
		at++;
	return at;
}

static bool begins(const char *text, unsigned length, unsigned at, const char *sign)
{
	size_t n = strlen(sign);

	return length - at >= n && !memcmp(text + at, sign, n);
}

static struct token lex_string(const char *text, unsigned length, unsigned at)
{
	unsigned end = at + 1;

	while (end < length && text[end] != '"')
		end += text[end] == '\\' && end + 1 < length ? 2 : 1;
	if (end >= length)
		return (struct token){ TOKEN_BAD, at, length - at, 0, query_why_unended };
	return (struct token){ TOKEN_STRING, at, end + 1 - at, 0, NULL };
}

static struct token lex_word(const char *text, unsigned length, unsigned at)
{
	struct token t = { TOKEN_WORD, at, 0, 0, NULL };

	while (at < length && !is_blank(text[at]) && !strchr("=!~<>&|()\"", text[at]))
		at++;
	t.length = at - t.at;
	for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
		if (t.length == strlen(keywords[i].text) &&
		    !strncasecmp(text + t.at, keywords[i].text, t.length))
			t.kind = keywords[i].kind;
	return t;
}

struct token query_lex(const char *text, unsigned length, unsigned at)
{
	at = skip_blanks(text, length, at);
	if (at == length)
		return (struct token){ TOKEN_END, at, 0, 0, NULL };
	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
		if (begins(text, length, at, signs[i].text))
			return (struct token){ signs[i].kind, at, (unsigned)strlen(signs[i].text),
					       signs[i].op, NULL };
	if (text[at] == '&' || text[at] == '|')
		return (struct token){ TOKEN_BAD, at, 1, 0,
				       text[at] == '&' ? "write && or and; or quote the text"
						       : "write || or or; or quote the text" };
	return text[at] == '"' ? lex_string(text, length, at) : lex_word(text, length, at);
}

/* A value ends at a blank, at && and ||, and at a ) that was not opened within it: so expressions and
 * addresses rarely need quotes. */
struct token query_lex_value(const char *text, unsigned length, unsigned at)
{
	struct token t = { TOKEN_WORD, 0, 0, 0, NULL };
	unsigned open = 0;

	at = t.at = skip_blanks(text, length, at);
	if (at < length && text[at] == '"')
		return lex_string(text, length, at);
	while (at < length && !is_blank(text[at])) {
		if (begins(text, length, at, "&&") || begins(text, length, at, "||"))
			break;
		if (text[at] == ')' && !open)
			break;
		if (text[at] == '(')
			open++;
		else if (text[at] == ')')
			open--;
		at += text[at] == '\\' && at + 1 < length && !is_blank(text[at + 1]) ? 2 : 1;
	}
	t.length = at - t.at;
	if (!t.length)
		t.kind = TOKEN_END;
	return t;
}

unsigned query_token_text(const char *text, const struct token *t, char out[QUERY_TEXT])
{
	const char *s = text + t->at, *end = s + t->length;
	unsigned n = 0;

	if (t->kind == TOKEN_STRING) {
		s++;
		end--;
	}
	while (s < end) {
		if (t->kind == TOKEN_STRING && *s == '\\' && end - s > 1 && (s[1] == '"' || s[1] == '\\'))
			s++;
		out[n++] = *s++;
	}
	out[n] = '\0';
	return n;
}
