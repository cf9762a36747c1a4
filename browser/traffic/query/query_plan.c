/* See query_plan.h. A compiled question is a net of tests: what is known already has one way out of it, all
 * else two, and what all ways to YES lead through is necessary. */
#include "browser/traffic/query/query_plan.h"
#include "browser/traffic/query/query_internal.h"

#define ANY_TYPE UINT16_MAX

enum answer { ANSWER_NO, ANSWER_YES, ANSWER_MAYBE };

struct plan {
	const struct query *query;
	struct query_context context; /* of a message that is held, of which little is known */
	enum role from, to;
	uint16_t type;
	int banned; /* a test, and the way out of it that may not be taken; -1: none */
	bool banned_way;
	bool seen[QUERY_TESTS];
};

static enum answer answer_or(enum answer a, enum answer b)
{
	if (a == ANSWER_YES || b == ANSWER_YES)
		return ANSWER_YES;
	return a == ANSWER_MAYBE || b == ANSWER_MAYBE ? ANSWER_MAYBE : ANSWER_NO;
}

static enum answer side_answer(const struct query_test *t, enum role role)
{
	if (t->pattern.kind != PATTERN_EXACT)
		return ANSWER_MAYBE;
	if (t->role != role)
		return ANSWER_NO;
	return t->has_serial ? ANSWER_MAYBE : ANSWER_YES;
}

static enum answer process_answer(const struct plan *p, const struct query_test *t)
{
	enum answer a = answer_or(t->field->from ? side_answer(t, p->from) : ANSWER_NO,
				  t->field->to ? side_answer(t, p->to) : ANSWER_NO);

	if (a == ANSWER_MAYBE || t->op == OP_EQUAL || t->op == OP_FINDS)
		return a;
	return a == ANSWER_YES ? ANSWER_NO : ANSWER_YES;
}

static bool has_arg(uint16_t type, const char *name)
{
	for (unsigned i = 0; type < IPC_COUNT && i < ipc_messages[type].nfields; i++)
		if (!strcmp(ipc_messages[type].fields[i].name, name))
			return true;
	return false;
}

/* What the test says of such a message, whatever else it may be. */
static enum answer test_answer(struct plan *p, const struct query_test *t)
{
	if (t->run == query_run_process)
		return process_answer(p, t);
	/* What the browser is about to send may have been composed by hand. */
	if (t->field == query_find_field("mark", 4)->field && p->from == ROLE_BROWSER)
		return ANSWER_MAYBE;
	if (t->run == query_run_arg && p->type != ANY_TYPE && !has_arg(p->type, t->arg))
		return ANSWER_NO;
	if ((t->run == query_run_name && p->type != ANY_TYPE) || t->run == query_run_set ||
	    t->run == query_run_toxic)
		return t->run(t, &p->context) ? ANSWER_YES : ANSWER_NO;
	return ANSWER_MAYBE;
}

/* Is there a way from that test to YES? */
static bool reaches(struct plan *p, int at)
{
	const struct query_test *t;
	enum answer answer;

	if (at < 0)
		return at == QUERY_YES;
	if (p->seen[at])
		return false;
	p->seen[at] = true;
	t = &p->query->tests[at];
	answer = test_answer(p, t);
	if (answer != ANSWER_NO && !(p->banned == at && p->banned_way) && reaches(p, t->yes))
		return true;
	return answer != ANSWER_YES && !(p->banned == at && !p->banned_way) && reaches(p, t->no);
}

static bool plan_reaches(const struct query *q, uint16_t type, enum role from, enum role to, int banned,
			 bool banned_way)
{
	struct traffic_event event = { .kind = TRAFFIC_MESSAGE,
				       .status = TRAFFIC_HELD,
				       .type = type,
				       .from = { from, 1 },
				       .to = { to, 1 },
				       .queued_ns = TRAFFIC_NO_TIME,
				       .handled_ns = TRAFFIC_NO_TIME };
	struct plan p = { .query = q,
			  .context = { .query = q, .event = &event },
			  .from = from,
			  .to = to,
			  .type = type,
			  .banned = banned,
			  .banned_way = banned_way };

	return reaches(&p, q->start);
}

bool query_could_ask(const struct query *q, uint16_t type, enum role from, enum role to)
{
	return plan_reaches(q, type, from, to, -1, false);
}

/* What is necessary. */

static const struct query_field *field_named(const char *name)
{
	const struct query_field_info *info = query_find_field(name, strlen(name));

	return info ? info->field : NULL;
}

static void need_serial(const struct query_test *t, struct query_needs *n)
{
	if (t->pattern.kind != PATTERN_EXACT || !t->has_serial || t->op != OP_EQUAL ||
	    t->field->from == t->field->to)
		return;
	*(t->field->from ? &n->from_serial : &n->to_serial) = t->serial;
}

/* op: enum query_op, the bits of what may be. */
static void need_bytes(uint64_t whole, unsigned op, struct query_needs *n)
{
	uint64_t least = op & OP_LESS ? 0 : whole + !(op & OP_EQUAL);
	uint64_t most = op & OP_MORE ? UINT32_MAX : whole - (whole && !(op & OP_EQUAL));

	if (op == OP_NOT_EQUAL || whole > UINT32_MAX)
		return;
	if (least > n->least)
		n->least = (uint32_t)least;
	if (most < n->most)
		n->most = (uint32_t)most;
}

/* Is that field, in all messages between them that have it, of such types? */
static bool field_is(const char *name, enum role from, enum role to, enum ipc_type first, enum ipc_type last)
{
	for (unsigned i = 0; i < IPC_COUNT; i++) {
		const struct ipc_message *m = &ipc_messages[i];

		if (!(m->from & 1u << from) || !(m->to & 1u << to))
			continue;
		for (unsigned f = 0; f < m->nfields; f++)
			if (!strcmp(m->fields[f].name, name) &&
			    (m->fields[f].type < first || m->fields[f].type > last))
				return false;
	}
	return true;
}

static void need_number(const char *name, uint64_t number, unsigned op, struct query_needs *n)
{
	static const enum field_test tests[] = {
		[OP_LESS] = FIELD_TEST_LESS,	       [OP_EQUAL] = FIELD_TEST_EQUAL,
		[OP_LESS_EQUAL] = FIELD_TEST_AT_MOST,  [OP_MORE] = FIELD_TEST_MORE,
		[OP_NOT_EQUAL] = FIELD_TEST_NOT_EQUAL, [OP_MORE_EQUAL] = FIELD_TEST_AT_LEAST,
	};

	if (n->field[0] || strlen(name) >= sizeof n->field || op > OP_MORE_EQUAL)
		return;
	strcpy(n->field, name);
	n->how = tests[op];
	n->number = number;
}

static void need_text(const struct query_test *t, struct query_needs *n)
{
	bool exact = t->pattern.kind == PATTERN_EXACT && t->op == OP_EQUAL;
	bool part = t->pattern.kind == PATTERN_PART && t->op == OP_FINDS;

	if (n->field[0] || strlen(t->arg) >= sizeof n->field || (!exact && !part) || t->pattern.length > 64)
		return;
	strcpy(n->field, t->arg);
	n->how = exact ? FIELD_TEST_EQUAL : FIELD_TEST_CONTAINS;
	n->text = (struct ipc_string){ t->pattern.text, (uint32_t)t->pattern.length };
}

/* Of a test that must hold; a number of bytes may also have to fail one. */
static void need_test(const struct query_test *t, bool holds, enum role from, enum role to,
		      struct query_needs *n)
{
	if (t->run == query_run_number && t->field == field_named("bytes"))
		need_bytes(t->whole, holds ? t->op : 7u & ~t->op, n);
	else if (holds && t->run == query_run_number && t->field == field_named("tab"))
		need_number("page", t->whole, t->op, n);
	else if (holds && t->run == query_run_process)
		need_serial(t, n);
	else if (holds && t->run == query_run_arg && t->has_number && t->is_whole &&
		 field_is(t->arg, from, to, IPC_U8, IPC_U64))
		need_number(t->arg, t->whole, t->op, n);
	else if (holds && t->run == query_run_arg && !t->has_number &&
		 field_is(t->arg, from, to, IPC_STRING, IPC_STRING))
		need_text(t, n);
}

void query_find_needs(const struct query *q, enum role from, enum role to, struct query_needs *n)
{
	*n = (struct query_needs){ .most = UINT32_MAX };
	for (int i = 0; i < q->count; i++)
		for (int way = 0; way < 2; way++)
			if (!plan_reaches(q, ANY_TYPE, from, to, i, way))
				need_test(&q->tests[i], way, from, to, n);
}
