/* See holding.h. */
#include "tests/browser/holding.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

uint32_t hold(const char *text)
{
	struct query_error error = { 0 };
	uint32_t number = 0;

	if (!breakpoints_add(&browser, text, &number, &error))
		fail_msg("'%s': column %u: %s", text, error.column, error.why);
	assert_true(number);
	return number;
}

struct held_message *await_held(void)
{
	AWAIT(browser.breakpoints->held);
	return browser.breakpoints->held;
}

void settle(const struct held_message *m, enum held_action action)
{
	const char *why = "";

	if (!breakpoints_settle(&browser, m->number, action, &why))
		fail_msg("%s", why);
}

void edit(const struct held_message *m, const char *text)
{
	struct composed *c = malloc(sizeof *c);
	struct compose_error error = { 0 };
	const char *why = "";

	assert_non_null(c);
	assert_true(compose_from(&m->event, c));
	if (!compose_edit(c, text, &error))
		fail_msg("'%s': column %u: %s", text, error.column, error.why);
	if (!breakpoints_edit(&browser, m->number, c->fields, c->bytes, &why))
		fail_msg("%s", why);
	free(c);
}

bool send_text(const char *text, const char **why)
{
	struct composed *c = malloc(sizeof *c);
	struct compose_error error = { 0 };
	bool sent;

	assert_non_null(c);
	if (!compose_parse(text, c, &error))
		fail_msg("'%s': column %u: %s", text, error.column, error.why);
	sent = compose_send(&browser, c, why);
	free(c);
	return sent;
}

void send_by_hand(const char *how, ...)
{
	char text[8192];
	const char *why = "";
	va_list args;

	va_start(args, how);
	vsnprintf(text, sizeof text, how, args);
	va_end(args);
	if (!send_text(text, &why))
		fail_msg("'%s': %s", text, why);
}
