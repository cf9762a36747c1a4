/* Makes a test of FIELD OP VALUE: what a value may be, and what is wrong with it. */
#include "browser/traffic/query/query_internal.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define OPS_TEXT (1u << OP_EQUAL | 1u << OP_NOT_EQUAL | 1u << OP_FINDS | 1u << OP_FINDS_NOT)
#define OPS_NUMBER                                                                                           \
	(1u << OP_EQUAL | 1u << OP_NOT_EQUAL | 1u << OP_LESS | 1u << OP_LESS_EQUAL | 1u << OP_MORE |         \
	 1u << OP_MORE_EQUAL)
#define UINT64_MAX_REAL 18446744073709549568.0
#define SHOWN		40 /* bytes of a value, in an error */

/* `why` is about the value, which is shown if it is short. */
static bool fail_value(struct query_parser *p, const struct query_literal *v, const char *why)
{
	if (v->length > SHOWN)
		return query_fail(p, v->token.at, v->token.length, "this %s", why);
	return query_fail(p, v->token.at, v->token.length, "'%s' %s", v->text, why);
}

static bool fail_memory(struct query_parser *p)
{
	return query_fail(p, 0, 0, "no memory");
}

static bool finds(const struct query_test *t)
{
	return t->op == OP_FINDS || t->op == OP_FINDS_NOT;
}

/* A text with * and ?, or an expression. */
static bool compile_pattern(struct query_parser *p, struct query_test *t, const struct query_literal *v)
{
	char why[QUERY_WHY];

	if (finds(t)) {
		return query_pattern_regex(&t->pattern, v->text, v->length, why) ||
		       query_fail(p, v->token.at, v->token.length, "%s", why);
	}
	return query_pattern_text(&t->pattern, v->text, v->length, v->token.kind == TOKEN_STRING) ||
	       fail_memory(p);
}

static bool pattern_matches(const struct query_test *t, const char *text)
{
	return query_pattern_matches(&t->pattern, text, strlen(text));
}

/* Numbers. */

struct number {
	uint64_t whole;
	double real;
	bool is_whole;
};

static const char *read_digits(const char *s, struct number *n)
{
	char *end;
	int base = s[0] == '0' && (s[1] | 32) == 'x' ? 16 : 10;
	unsigned char first = (unsigned char)(base == 16 ? s[2] : s[0]);

	*n = (struct number){ .is_whole = true };
	if (!((first >= '0' && first <= '9') || (base == 16 && (first | 32) >= 'a' && (first | 32) <= 'f')))
		return NULL;
	for (end = (char *)s + (base == 16 ? 2 : 0);; end++) {
		unsigned char c = (unsigned char)*end;
		unsigned digit = c >= '0' && c <= '9'		      ? c - '0'
				 : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
								      : 16;

		if (digit >= (unsigned)base)
			break;
		n->real = n->real * base + digit;
		n->is_whole = n->is_whole && !__builtin_mul_overflow(n->whole, base, &n->whole) &&
			      !__builtin_add_overflow(n->whole, digit, &n->whole);
	}
	if (base == 10 && *end == '.') {
		double place = 0.1;

		for (end++; *end >= '0' && *end <= '9'; end++, place /= 10) {
			n->real += (*end - '0') * place;
			n->is_whole = n->is_whole && *end == '0';
		}
	}
	return end;
}

/* Multiply by the unit's factor. false: too large. A fraction of the smallest unit is rounded. */
static bool scale(struct number *n, uint64_t factor)
{
	if (n->is_whole && !__builtin_mul_overflow(n->whole, factor, &n->whole)) {
		n->real *= (double)factor;
		return true;
	}
	n->real *= (double)factor;
	if (n->real >= UINT64_MAX_REAL)
		return false;
	if (factor > 1) {
		n->whole = (uint64_t)(n->real + 0.5);
		n->is_whole = true;
	}
	return true;
}

static const struct query_unit *find_unit(const struct query_unit *units, const char *text, bool needed)
{
	for (; units->name; units++)
		if (needed ? !strcmp(units->name, text) : !strcasecmp(units->name, text))
			return units;
	return NULL;
}

static bool compile_number(struct query_parser *p, struct query_test *t, const struct query_literal *v)
{
	static const struct query_unit none[] = { { "", 1 }, { 0 } };
	const struct query_field *f = t->field;
	struct number n;
	const char *rest = read_digits(v->text, &n);
	const struct query_unit *unit =
		rest ? find_unit(f->units ? f->units : none, rest, f->needs_unit) : NULL;

	if (!rest)
		return fail_value(p, v, "is no number");
	if (f->needs_unit && !*rest && n.real == 0)
		unit = none;
	if (!unit && n.real >= UINT64_MAX_REAL)
		return fail_value(p, v, "is too large");
	if (!unit && f->needs_unit && !*rest)
		return query_fail(p, v->token.at, v->token.length,
				  "a time has a unit: 500ns, 20us, 5ms or 2s");
	if (!unit)
		return fail_value(p, v, f->units ? "has an unknown unit" : "is no whole number");
	if (!scale(&n, unit->factor))
		return fail_value(p, v, "is too large");
	if (!n.is_whole)
		return fail_value(p, v, "is no whole number");
	t->whole = n.whole;
	t->run = query_run_number;
	return true;
}

/* Closed sets. */

static const char *field_name(const struct query_field *f)
{
	const struct query_field_info *info = query_field_infos;

	while (info->field != f)
		info++;
	return info->name;
}

/* A log of another version has other words. */
static const char quotes_help[] = " (\"in quotes\" any)";

/* What was meant, or all that is possible, if it is not too much. */
static bool fail_word(struct query_parser *p, const struct query_test *t, const struct query_literal *v)
{
	struct query_guess guess = query_guess(v->text);
	char all[QUERY_WHY / 2];
	struct format out = format_into(all, sizeof all);

	for (unsigned i = 0; t->field->words[i]; i++) {
		query_guess_try(&guess, t->field->words[i]);
		format_text(&out, i ? ", " : "");
		format_text(&out, t->field->words[i]);
	}
	if (guess.best)
		return query_fail(p, v->token.at, v->token.length, "%s is never '%s'; did you mean '%s'?%s",
				  field_name(t->field), v->text, guess.best, quotes_help);
	return query_fail(p, v->token.at, v->token.length, "%s is never that%s%s%s", field_name(t->field),
			  out.full ? "" : "; it is one of ", out.full ? "" : all, quotes_help);
}

static bool compile_set(struct query_parser *p, struct query_test *t, const struct query_literal *v)
{
	if (!compile_pattern(p, t, v))
		return false;
	for (unsigned i = 0; t->field->words[i]; i++)
		if (pattern_matches(t, t->field->words[i]))
			t->whole |= UINT64_C(1) << i;
	t->run = query_run_set;
	return t->whole || v->token.kind == TOKEN_STRING || p->any_words || fail_word(p, t, v);
}

/* Processes. */

/* "renderer", "renderer:3". false: it is no such thing. */
static bool read_process(struct query_test *t, const char *text)
{
	const char *colon = strchr(text, ':');
	size_t length = colon ? (size_t)(colon - text) : strlen(text);
	struct number n;
	const char *end;

	for (t->role = 0; t->role < ROLE_COUNT; t->role++)
		if (strlen(role_names[t->role]) == length && !memcmp(role_names[t->role], text, length))
			break;
	t->has_serial = colon;
	if (!colon)
		return t->role < ROLE_COUNT;
	end = colon[1] >= '0' && colon[1] <= '9' ? read_digits(colon + 1, &n) : NULL;
	if (!end || *end || !n.is_whole || n.whole > UINT32_MAX || (t->role == ROLE_BROWSER))
		return false;
	t->serial = (uint32_t)n.whole;
	return t->role < ROLE_COUNT;
}

static bool fail_process(struct query_parser *p, const struct query_literal *v)
{
	char role[SHOWN + 1];
	struct query_guess guess;
	size_t length = strcspn(v->text, ":");

	if (length > SHOWN)
		return fail_value(p, v, "is no process");
	memcpy(role, v->text, length);
	role[length] = '\0';
	guess = query_guess(role);
	for (unsigned i = 0; i < ROLE_COUNT; i++) {
		if (!strcmp(role_names[i], role))
			return fail_value(p, v, "is no process: write renderer:3, or browser");
		query_guess_try(&guess, role_names[i]);
	}
	if (guess.best)
		return query_fail(p, v->token.at, v->token.length,
				  "there is no role '%s'; did you mean '%s'?%s", role, guess.best,
				  quotes_help);
	return query_fail(p, v->token.at, v->token.length, "there is no role '%s'%s", role, quotes_help);
}

/* A role that this version does not know can be asked for in quotes. */
static bool compile_process(struct query_parser *p, struct query_test *t, const struct query_literal *v)
{
	bool quoted = v->token.kind == TOKEN_STRING;

	if (!compile_pattern(p, t, v))
		return false;
	t->run = query_run_process;
	if (t->pattern.kind != PATTERN_EXACT)
		return true;
	if (read_process(t, v->text) || quoted || p->any_words)
		return true;
	return fail_process(p, v);
}

/* Names. */

static bool compile_name(struct query_parser *p, struct query_test *t, const struct query_literal *v)
{
	if (!compile_pattern(p, t, v))
		return false;
	t->names = calloc(query_name_count(), sizeof *t->names);
	if (!t->names)
		return fail_memory(p);
	for (unsigned i = 0; i < query_name_count(); i++)
		t->names[i] = pattern_matches(t, query_name(i));
	t->run = query_run_name;
	return true;
}

/* Ids. */

static bool is_id(const char *text)
{
	const char *slash = strchr(text, '/');

	return slash && slash != text && slash[1] && !slash[1 + strspn(slash + 1, "0123456789")];
}

uint64_t query_read_id(const char *text)
{
	const char *slash = strchr(text, '/'), *end;
	struct query_test process = { 0 };
	char name[ENDPOINT_TEXT];
	struct number n;

	if (!is_id(text) || (size_t)(slash - text) >= sizeof name)
		return 0;
	memcpy(name, text, (size_t)(slash - text));
	name[slash - text] = '\0';
	end = read_digits(slash + 1, &n);
	if (!end || *end || !n.is_whole || !read_process(&process, name))
		return 0;
	if (process.has_serial != (process.role != ROLE_BROWSER) || process.serial > 0xfffff ||
	    n.whole > UINT64_C(0xffffffffff))
		return 0;
	return ipc_make_id(process.role, process.serial, n.whole);
}

static const char id_looks[] = "is no id: write browser/881 or renderer:3/1042";

static bool compile_id(struct query_parser *p, struct query_test *t, const struct query_literal *v)
{
	if (!compile_pattern(p, t, v))
		return false;
	t->whole = query_read_id(v->text);
	t->run = query_run_id;
	return t->pattern.kind != PATTERN_EXACT || is_id(v->text) || fail_value(p, v, id_looks);
}

static bool compile_chain(struct query_parser *p, struct query_test *t, const struct query_literal *v)
{
	struct query *q = p->query;

	t->whole = query_read_id(v->text);
	if (!t->whole)
		return fail_value(p, v, id_looks);
	for (t->chain = 0; t->chain < q->chains; t->chain++)
		if (q->chain_ids[t->chain] == t->whole)
			break;
	if (t->chain == QUERY_CHAINS)
		return query_fail(p, v->token.at, v->token.length, "no more than %d chains are possible",
				  QUERY_CHAINS);
	if (t->chain == q->chains)
		q->chain_ids[q->chains++] = t->whole;
	t->run = query_run_chain;
	return true;
}

static bool compile_toxic(struct query_parser *p, struct query_test *t, const struct query_literal *v)
{
	t->run = query_run_toxic;
	return compile_pattern(p, t, v);
}

/* Arguments and texts. */

static bool compile_arg(struct query_parser *p, struct query_test *t, const struct query_literal *v)
{
	static const struct query_unit binary[] = {
		{ "", 1 }, { "k", 1u << 10 }, { "m", 1u << 20 }, { "g", 1u << 30 }, { 0 }
	};
	bool negative = v->text[0] == '-';
	struct number n;
	const char *rest =
		finds(t) || v->token.kind == TOKEN_STRING ? NULL : read_digits(v->text + negative, &n);
	const struct query_unit *unit = rest ? find_unit(binary, rest, false) : NULL;

	t->run = query_run_arg;
	if (!t->arg)
		return fail_memory(p);
	if (unit && scale(&n, unit->factor)) {
		t->has_number = true;
		t->is_whole = n.is_whole && (!negative || !n.whole);
		t->whole = n.whole;
		t->real = negative ? -n.real : n.real;
	}
	if (t->op != OP_EQUAL && t->op != OP_NOT_EQUAL && !finds(t) && !t->has_number)
		return fail_value(p, v, "is no number");
	return compile_pattern(p, t, v);
}

/* What does not change from event to event: the known names, and the names of messages' arguments. */
static bool note_names(struct query_test *t)
{
	t->names = calloc(query_name_count() + IPC_COUNT, sizeof *t->names);
	if (!t->names)
		return false;
	for (unsigned i = 0; i < query_name_count(); i++)
		t->names[i] = pattern_matches(t, query_name(i));
	for (unsigned id = 0; id < IPC_COUNT; id++)
		for (unsigned i = 0; i < ipc_messages[id].nfields; i++)
			if (pattern_matches(t, ipc_messages[id].fields[i].name))
				t->names[query_name_count() + id] = true;
	return true;
}

static bool compile_any(struct query_parser *p, struct query_test *t, const struct query_literal *v)
{
	if (finds(t) ? !compile_pattern(p, t, v) : !query_pattern_part(&t->pattern, v->text, v->length))
		return fail_memory(p);
	t->across = t->pattern.kind == PATTERN_REGEX || strchr(t->pattern.text, '=');
	t->digits =
		t->pattern.kind == PATTERN_REGEX || !t->pattern.text[strspn(t->pattern.text, "0123456789")];
	t->run = query_run_any;
	return note_names(t) || fail_memory(p);
}

static const char takes_texts[] = "is a text: ask with = != ~ or !~";

const struct query_type query_process = { OPS_TEXT, takes_texts, compile_process };
const struct query_type query_name_type = { OPS_TEXT, takes_texts, compile_name };
const struct query_type query_set = { OPS_TEXT, "is a word: ask with = != ~ or !~", compile_set };
const struct query_type query_number = { OPS_NUMBER,
					 "is a number: ask with = != < <= > or >=", compile_number };
const struct query_type query_id = { OPS_TEXT, takes_texts, compile_id };
const struct query_type query_chain = { 1u << OP_EQUAL | 1u << OP_NOT_EQUAL,
					"takes one id: ask with = or !=", compile_chain };
const struct query_type query_toxic = { OPS_TEXT, takes_texts, compile_toxic };
const struct query_type query_arg = { OPS_TEXT | OPS_NUMBER, "", compile_arg };
const struct query_type query_any = { OPS_TEXT, takes_texts, compile_any };
