/* Whether a question can ever ask for a message that is held: see query_plan.h. What it cannot is refused
 * when a breakpoint is set, and not waited for in vain. */
#include "browser/traffic/query/query_internal.h"
#include "browser/traffic/query/query_plan.h"
#include "common/hold.h"
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 4, 5))) static bool fail(struct query_error *error, unsigned at,
						       unsigned length, const char *how, ...)
{
	va_list args;

	error->column = at;
	error->length = length;
	va_start(args, how);
	vsnprintf(error->why, sizeof error->why, how, args);
	va_end(args);
	return false;
}

/* Is the test about something that only comes of a message's being handled, or lost? */
static bool is_too_early(const struct query_test *t)
{
	static const char *const fields[] = { "status",	 "where", "reason", "latency",	  "queued",
					      "handled", "held",  "toxic",  "breakpoint", "mark" };

	/* What a person has sent is known as that. */
	if (t->field == query_find_field("mark", 4)->field && t->whole & TRAFFIC_BY_HAND)
		return false;
	for (unsigned i = 0; i < sizeof fields / sizeof *fields; i++)
		if (t->field == query_find_field(fields[i], strlen(fields[i]))->field)
			return true;
	return false;
}

static bool check_name(const struct query *q, const struct query_test *t, struct query_error *error)
{
	struct token token = query_lex_value(q->text, (unsigned)strlen(q->text), t->value_at);
	char text[QUERY_TEXT];
	struct query_guess guess;

	for (unsigned i = 0; i < IPC_COUNT; i++)
		if (t->names[i])
			return true;
	query_token_text(q->text, &token, text);
	guess = query_guess(text);
	for (unsigned i = 0; i < IPC_COUNT; i++)
		query_guess_try(&guess, ipc_messages[i].name);
	if (guess.best)
		return fail(error, token.at, token.length, "no message is called %.40s; did you mean %s?",
			    text, guess.best);
	return fail(error, token.at, token.length, "no message is called %.40s", text);
}

static bool check_test(const struct query *q, const struct query_test *t, struct query_error *error)
{
	if (is_too_early(t))
		return fail(error, t->at, t->length, "%.*s is not known before a message is handled",
			    (int)t->length, q->text + t->at);
	if (t->run == query_run_name)
		return check_name(q, t, error);
	if (t->run == query_run_arg && !query_knows_arg(t->arg))
		return fail(error, t->at, t->length, "no message has an argument %.40s", t->arg);
	return true;
}

static bool asks_for(const struct query *q, uint16_t type)
{
	for (unsigned from = 0; from < ROLE_COUNT; from++)
		for (unsigned to = 0; to < ROLE_COUNT; to++)
			if (ipc_messages[type].from >> from & 1 && ipc_messages[type].to >> to & 1 &&
			    query_could_ask(q, type, (enum role)from, (enum role)to))
				return true;
	return false;
}

bool query_could_hold(const struct query *q, struct query_error *error)
{
	int passes = -1;

	for (int i = 0; i < q->count; i++)
		if (!check_test(q, &q->tests[i], error))
			return false;
	for (uint16_t i = 0; i < IPC_COUNT; i++) {
		if (!asks_for(q, i))
			continue;
		if (!hold_passes(i))
			return true;
		passes = i;
	}
	if (passes == IPC_PING || passes == IPC_PONG)
		return fail(error, 0, 0, "pings are never held");
	if (passes >= 0)
		return fail(error, 0, 0, "%s is never held", ipc_messages[passes].name);
	for (int i = 0; i < q->count; i++)
		if (q->tests[i].field == query_find_field("kind", 4)->field)
			return fail(error, q->tests[i].at, q->tests[i].length, "only messages can be held");
	return fail(error, 0, 0, "no message can be like that");
}
