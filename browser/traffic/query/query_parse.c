/*
 * Reads the grammar
 *
 *     or: and { "or" and }     and: not { ["and"] not }     not: { "not" } ( "(" or ")" | FIELD OP VALUE |
 * TEXT )
 *
 * into a tree, sorts what stands side by side by its cost, and lays the tests out as a flat array in which
 * each says which comes next when it holds and when it does not: `not` costs nothing, and nothing is asked in
 * vain.
 */
#include "browser/traffic/query/query_internal.h"
#include "common/utf8.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum join { JOIN_TEST, JOIN_AND, JOIN_OR };

struct tree {
	enum join join;
	bool inverted; /* a test that must not hold */
	int test;      /* its number */
	unsigned cost; /* of the dearest in it */
	struct tree *children, *next;
};

struct grammar {
	struct query_parser p;
	/* A node a test, one a join of two or more, and those that wait for their second on each level. */
	struct tree nodes[QUERY_TESTS * 2 + QUERY_DEPTH * 2 + 2];
	unsigned nnodes, depth;
};

bool query_fail(struct query_parser *p, unsigned at, unsigned length, const char *how, ...)
{
	va_list args;

	if (p->failed)
		return false;
	p->failed = true;
	p->error->column = at;
	p->error->length = length;
	va_start(args, how);
	vsnprintf(p->error->why, sizeof p->error->why, how, args);
	va_end(args);
	return false;
}

static struct tree *node_new(struct grammar *g, enum join join)
{
	struct tree *t = &g->nodes[g->nnodes++];

	*t = (struct tree){ .join = join };
	return t;
}

/* Cheap ones first; among equals the order stays. */
static void add_child(struct tree *parent, struct tree *child)
{
	struct tree **place = &parent->children;

	while (*place && (*place)->cost <= child->cost)
		place = &(*place)->next;
	child->next = *place;
	*place = child;
	if (child->cost > parent->cost)
		parent->cost = child->cost;
}

/* Tests. */

static struct query_test *test_new(struct grammar *g, const struct token *t)
{
	struct query *q = g->p.query;
	struct query_test *test = &q->tests[q->count];

	if (q->count == QUERY_TESTS) {
		query_fail(&g->p, t->at, t->length, "no more than %d comparisons are possible", QUERY_TESTS);
		return NULL;
	}
	q->count++;
	test->at = t->at;
	test->length = t->length;
	return test;
}

static struct tree *test_node(struct grammar *g, struct query_test *test, bool inverted)
{
	struct tree *t = node_new(g, JOIN_TEST);

	t->inverted = inverted;
	t->test = (int)(test - g->p.query->tests);
	/* Expressions take far longer than comparisons, unless the names that match are known beforehand. */
	t->cost = test->field->cost + (test->pattern.regex && !test->names && !test->field->words ? 300 : 0);
	g->p.query->reads_args |= test->field->reads_args;
	return t;
}

static bool is_upkeep(unsigned name)
{
	struct traffic_event e = { .kind = TRAFFIC_MESSAGE, .type = (uint16_t)name };

	return name < IPC_COUNT && traffic_is_upkeep(&e);
}

/* Only of what is hidden otherwise. */
static bool names_ping(const struct query_test *test)
{
	unsigned others = 0, pings = 0;

	if (test->op != OP_EQUAL && test->op != OP_FINDS)
		return false;
	for (unsigned i = 0; test->field->type == &query_any && test->pattern.text && i < IPC_COUNT; i++)
		if (is_upkeep(i) && !strcmp(test->pattern.text, ipc_messages[i].name))
			return true;
	if (test->field->type != &query_name_type)
		return false;
	for (unsigned i = 0; i < query_name_count(); i++) {
		if (is_upkeep(i))
			pings += test->names[i];
		else
			others += test->names[i];
	}
	return pings && !others;
}

static bool names_bulk(const struct query_test *test)
{
	const uint64_t bulk = UINT64_C(1) << TRAFFIC_BODY | UINT64_C(1) << TRAFFIC_MEMORY;

	if (test->op != OP_EQUAL && test->op != OP_FINDS)
		return false;
	return test->field == query_find_field("kind", 4)->field && test->whole && !(test->whole & ~bulk);
}

static struct tree *finish_test(struct grammar *g, struct query_test *test, const struct query_literal *value,
				bool inverted)
{
	if (!test->field->type->compile(&g->p, test, value))
		return NULL;
	if (!inverted && names_ping(test))
		g->p.query->names_pings = true;
	if (!inverted && names_bulk(test))
		g->p.query->names_bulk = true;
	return test_node(g, test, inverted);
}

static struct tree *parse_text(struct grammar *g, const struct token *t, bool inverted)
{
	char text[QUERY_TEXT];
	struct query_literal value = { text, query_token_text(g->p.text, t, text), *t };
	struct query_test *test = test_new(g, t);

	if (!test)
		return NULL;
	test->field = query_find_field("text", 4)->field;
	test->op = OP_EQUAL;
	return finish_test(g, test, &value, inverted);
}

static bool fail_field(struct grammar *g, const struct token *t)
{
	char word[QUERY_TEXT];
	unsigned length = query_token_text(g->p.text, t, word);
	struct query_guess guess = query_guess(word);

	if (t->kind != TOKEN_WORD)
		return query_fail(&g->p, t->at, t->length, "the name of a field is not quoted");
	if (length > 40)
		return query_fail(&g->p, t->at, t->length, "there is no such field");
	for (unsigned i = 0; i < query_field_count; i++)
		query_guess_try(&guess, query_field_infos[i].name);
	if (query_knows_arg(word))
		return query_fail(&g->p, t->at, t->length, "there is no field '%s'; did you mean 'arg.%s'?",
				  word, word);
	if (guess.best)
		return query_fail(&g->p, t->at, t->length, "there is no field '%s'; did you mean '%s'?", word,
				  guess.best);
	return query_fail(&g->p, t->at, t->length, "there is no field '%s'", word);
}

static bool check_op(struct grammar *g, const struct query_field *field, const struct token *name,
		     const struct token *op)
{
	if (field->type->ops & 1u << op->op)
		return true;
	return query_fail(&g->p, op->at, op->length, "%.*s %s", (int)name->length, g->p.text + name->at,
			  field->type->which);
}

static struct tree *parse_comparison(struct grammar *g, const struct token *name, const struct token *op,
				     bool inverted)
{
	char text[QUERY_TEXT];
	const struct query_field_info *info =
		name->kind == TOKEN_WORD ? query_find_field(g->p.text + name->at, name->length) : NULL;
	struct query_literal value = { .text = text };
	struct query_test *test;

	if (!info) {
		fail_field(g, name);
		return NULL;
	}
	if (!check_op(g, info->field, name, op))
		return NULL;
	value.token = query_lex_value(g->p.text, g->p.length, g->p.at);
	if (value.token.kind == TOKEN_BAD)
		query_fail(&g->p, value.token.at, value.token.length, "%s", value.token.why);
	if (value.token.kind == TOKEN_END)
		query_fail(&g->p, op->at, op->length, "a value is missing behind it");
	if (g->p.failed || !(test = test_new(g, name)))
		return NULL;
	value.length = query_token_text(g->p.text, &value.token, text);
	g->p.at = value.token.at + value.token.length;
	test->field = info->field;
	test->op = (uint8_t)op->op;
	test->value_at = value.token.at;
	if (info->field->type == &query_arg) {
		if (name->length == 4) {
			query_fail(&g->p, name->at, 4, "the name of the argument is missing: arg.url");
			return NULL;
		}
		test->arg = strndup(g->p.text + name->at + 4, name->length - 4);
	}
	return finish_test(g, test, &value, inverted);
}

/* Grammar. */

static struct token peek(const struct grammar *g)
{
	return query_lex(g->p.text, g->p.length, g->p.at);
}

static struct token take(struct grammar *g)
{
	struct token t = peek(g);

	g->p.at = t.at + t.length;
	return t;
}

static struct tree *parse_or(struct grammar *g, bool inverted, const struct token *before);

static struct tree *parse_group(struct grammar *g, const struct token *open, bool inverted)
{
	struct tree *t;

	if (++g->depth > QUERY_DEPTH) {
		query_fail(&g->p, open->at, open->length, "more than %d ( within each other", QUERY_DEPTH);
		return NULL;
	}
	t = parse_or(g, inverted, open);
	g->depth--;
	if (t && take(g).kind != TOKEN_CLOSE)
		query_fail(&g->p, open->at, open->length, "its ) is missing");
	return g->p.failed ? NULL : t;
}

/* What should stand here does not. */
static struct tree *fail_operand(struct grammar *g, const struct token *t, const struct token *before)
{
	const char *words = g->p.text + before->at;

	if (t->kind == TOKEN_BAD)
		query_fail(&g->p, t->at, t->length, "%s", t->why);
	else if (t->kind == TOKEN_OP)
		query_fail(&g->p, t->at, t->length, "a field is missing before it");
	else if (before->length)
		query_fail(&g->p, before->at, before->length, "something to ask is missing behind '%.*s'",
			   (int)before->length, words);
	else if (t->kind == TOKEN_CLOSE)
		query_fail(&g->p, t->at, t->length, "there is no ( for it");
	else
		query_fail(&g->p, t->at, t->length, "something to ask is missing before '%.*s'",
			   (int)t->length, g->p.text + t->at);
	return NULL;
}

/* before: the word behind which this stands, of no length at the beginning. */
static struct tree *parse_not(struct grammar *g, bool inverted, const struct token *before)
{
	struct token t = take(g), last = *before, op;

	for (; t.kind == TOKEN_NOT; t = take(g)) {
		inverted = !inverted;
		last = t;
	}
	if (t.kind == TOKEN_OPEN)
		return parse_group(g, &t, inverted);
	if (t.kind != TOKEN_WORD && t.kind != TOKEN_STRING)
		return fail_operand(g, &t, &last);
	op = peek(g);
	if (op.kind != TOKEN_OP)
		return parse_text(g, &t, inverted);
	take(g);
	return parse_comparison(g, &t, &op, inverted);
}

static bool ends_and(enum token_kind kind)
{
	return kind == TOKEN_END || kind == TOKEN_CLOSE || kind == TOKEN_OR;
}

static struct tree *parse_and(struct grammar *g, bool inverted, const struct token *before)
{
	struct tree *first = parse_not(g, inverted, before), *all, *next;
	struct token t = peek(g);

	if (!first || ends_and(t.kind))
		return first;
	/* Not (a and b) is not a or not b. */
	all = node_new(g, inverted ? JOIN_OR : JOIN_AND);
	add_child(all, first);
	for (; !ends_and(t.kind); t = peek(g)) {
		struct token none = { .at = t.at };

		if (t.kind == TOKEN_AND)
			take(g);
		next = parse_not(g, inverted, t.kind == TOKEN_AND ? &t : &none);
		if (!next)
			return NULL;
		add_child(all, next);
	}
	return all;
}

static struct tree *parse_or(struct grammar *g, bool inverted, const struct token *before)
{
	struct tree *first = parse_and(g, inverted, before), *any, *next;
	struct token t = peek(g);

	if (!first || t.kind != TOKEN_OR)
		return first;
	any = node_new(g, inverted ? JOIN_AND : JOIN_OR);
	add_child(any, first);
	for (; t.kind == TOKEN_OR; t = peek(g)) {
		take(g);
		next = parse_and(g, inverted, &t);
		if (!next)
			return NULL;
		add_child(any, next);
	}
	return any;
}

/* Lay the tree out: each test learns what is next. Returns the first one. Depth is bounded by the grammar's.
 */
static int lay_out(struct query *q, const struct tree *t, int yes, int no)
{
	const struct tree *children[QUERY_TESTS];
	int n = 0;

	if (t->join == JOIN_TEST) {
		q->tests[t->test].yes = t->inverted ? no : yes;
		q->tests[t->test].no = t->inverted ? yes : no;
		return t->test;
	}
	for (const struct tree *child = t->children; child; child = child->next)
		children[n++] = child;
	/* From the last on, since each must know the next one's place. */
	for (int next = t->join == JOIN_AND ? yes : no; n--;) {
		next = t->join == JOIN_AND ? lay_out(q, children[n], next, no)
					   : lay_out(q, children[n], yes, next);
		if (!n)
			return next;
	}
	return yes;
}

/* The whole. */

/* Nothing that a terminal could not show. */
static bool check_text(struct query_parser *p)
{
	uint32_t c;

	if (p->length >= QUERY_TEXT)
		return query_fail(p, QUERY_TEXT - 1, p->length - (QUERY_TEXT - 1), "longer than %d bytes",
				  QUERY_TEXT - 1);
	for (unsigned i = 0, n; i < p->length; i += n) {
		n = utf8_decode(p->text + i, p->length - i, &c);
		if (p->text[i] != '\t' && (utf8_is_control(c) || (c == 0xfffd && n == 1)))
			return query_fail(p, i, n, "this is no character");
	}
	return true;
}

static bool parse_all(struct grammar *g)
{
	struct query *q = g->p.query;
	struct tree *tree;
	struct token t;

	q->start = QUERY_YES;
	if (!check_text(&g->p))
		return false;
	memcpy(q->text, g->p.text, g->p.length);
	g->p.text = q->text;
	if (peek(g).kind == TOKEN_END)
		return true;
	tree = parse_or(g, false, &(struct token){ 0 });
	if (!tree)
		return false;
	t = take(g);
	if (t.kind == TOKEN_CLOSE)
		return query_fail(&g->p, t.at, t.length, "there is no ( for it");
	q->start = lay_out(q, tree, QUERY_YES, QUERY_NO);
	return true;
}

static struct query *parse(const char *text, bool any_words, struct query_error *error)
{
	struct query *q = calloc(1, sizeof *q);
	struct grammar *g = calloc(1, sizeof *g);
	bool good = false;

	*error = (struct query_error){ .why = "no memory" };
	if (q && g) {
		g->p = (struct query_parser){ .text = text,
					      .length = (unsigned)strnlen(text, 1u << 30),
					      .query = q,
					      .error = error,
					      .any_words = any_words };
		good = parse_all(g);
	}
	free(g);
	if (good)
		return q;
	query_free(q);
	return NULL;
}

struct query *query_parse(const char *text, struct query_error *error)
{
	return parse(text, false, error);
}

struct query *query_parse_foreign(const char *text, struct query_error *error)
{
	return parse(text, true, error);
}

void query_free(struct query *q)
{
	for (int i = 0; q && i < q->count; i++) {
		query_pattern_finish(&q->tests[i].pattern);
		free(q->tests[i].arg);
		free(q->tests[i].names);
	}
	free(q);
}

bool query_reads_args(const struct query *q)
{
	return q->reads_args;
}

bool query_names_pings(const struct query *q)
{
	return q->names_pings;
}

bool query_names_bulk(const struct query *q)
{
	return q->names_bulk;
}

unsigned query_chains(const struct query *q, uint64_t ids[QUERY_CHAINS])
{
	memcpy(ids, q->chain_ids, q->chains * sizeof *ids);
	return q->chains;
}

void query_set_chain(struct query *q, unsigned number, const struct id_set *set)
{
	if (number < q->chains)
		q->chain_sets[number] = set;
}

void query_set_start(struct query *q, uint64_t start_us)
{
	q->start_us = start_us;
}
