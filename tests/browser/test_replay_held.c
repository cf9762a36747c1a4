/* Replay of a session in which a person meddled: messages held, edited, dropped, doubled and sent by hand. */
#include "browser/traffic/breakpoint/breakpoints.h"
#include "browser/traffic/breakpoint/compose.h"
#include "tests/browser/recording.h"
#include <stdio.h>
#include <stdlib.h>

#define OTHER_PAGE "data:text/html,<title>Other</title><h1>Another page</h1><p>with a second line"

static uint32_t hold(const char *text)
{
	struct query_error error = { 0 };
	uint32_t number = 0;

	if (!breakpoints_add(&browser, text, &number, &error))
		fail_msg("'%s': column %u: %s", text, error.column, error.why);
	assert_true(number);
	return number;
}

static struct held_message *await_held(void)
{
	AWAIT(browser.breakpoints->held);
	return browser.breakpoints->held;
}

static void settle(const struct held_message *m, enum held_action action)
{
	const char *why = "";

	if (!breakpoints_settle(&browser, m->number, action, &why))
		fail_msg("%s", why);
}

static void edit(const struct held_message *m, const char *text)
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

static bool send_text(const char *text, const char **why)
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

__attribute__((format(printf, 1, 2))) static void send_by_hand(const char *how, ...)
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

/* What that question asks for is held, meddled with, and the question taken back. */
static void meddle(struct tab *tab, const char *question, const char *url, const char *text,
		   enum held_action action)
{
	uint32_t number = hold(question);
	struct held_message *m;

	tab_go(tab, url);
	m = await_held();
	if (text)
		edit(m, text);
	settle(m, action);
	breakpoints_remove(&browser, number);
	harness_check_answers(tab->renderer);
}

static struct tab *begin(const char *name)
{
	struct tab *tab = harness_tab(harness_long_page(name));

	harness_check_answers(tab->renderer);
	return tab;
}

static void record_held(void)
{
	meddle(begin("Proceed"), "name=submit_frame", OTHER_PAGE, NULL, HELD_ACTION_PROCEED);
	meddle(begin("Frame"), "name=submit_frame and arg.rows>2", OTHER_PAGE, "rows=1", HELD_ACTION_PROCEED);
	meddle(begin("Dropped"), "name=submit_frame", OTHER_PAGE, NULL, HELD_ACTION_DROP);
	meddle(begin("Title"), "name=did_change_title", OTHER_PAGE, "title=Edited", HELD_ACTION_PROCEED);
	meddle(begin("Quiet"), "name=did_change_title", OTHER_PAGE, NULL, HELD_ACTION_DROP);
	meddle(begin("Address"), "name=commit_navigation", OTHER_PAGE, "url=\"https://edited.example/\"",
	       HELD_ACTION_PROCEED);
	meddle(begin("Nowhere"), "name=commit_navigation", OTHER_PAGE, NULL, HELD_ACTION_DROP);
	meddle(begin("Twice"), "name=did_change_title", OTHER_PAGE, NULL, HELD_ACTION_DUPLICATE);
	meddle(begin("Picture"), "name=submit_frame and arg.rows>2", OTHER_PAGE, NULL, HELD_ACTION_DUPLICATE);
}

/* Browser -> renderer, renderer -> browser. */
static void record_by_hand(void)
{
	struct tab *tab = begin("Hand");
	unsigned serial = tab->renderer->name.serial, page = tab->id;

	send_by_hand("browser -> renderer:%u press_key page=%u key=focus_next", serial, page);
	send_by_hand("renderer:%u -> browser did_change_title page=%u navigation=1 title=\"By hand\"", serial,
		     page);
	AWAIT(!strcmp(tab->title, "By hand"));
	harness_check_answers(tab->renderer);
	/* The log goes on until all are done. */
	AWAIT(recorder_now() > browser.view->presented_ns + UINT64_C(1000000000));
	harness_check_answers(tab->renderer);
}

static int record(void **state)
{
	recording_begin();
	if (harness_open(state))
		return -1;
	record_held();
	record_by_hand();
	if (harness_close(state))
		return -1;
	recording_read();
	return 0;
}

static unsigned count_lines(const char *part)
{
	FILE *log = fopen(recorded, "re");
	char *line = NULL;
	size_t room = 0;
	unsigned n = 0;

	assert_non_null(log);
	while (getline(&line, &room, log) > 0)
		n += strstr(line, part) != NULL;
	free(line);
	fclose(log);
	return n;
}

#define TRIES 6

static const struct ran *replay_fast(const char *who)
{
	return program_run("replay", recorded, "--process", who, "--fast", NULL);
}

static void test_everybody_does_the_same_again(void **state)
{
	(void)state;
	assert_in_range(nprocesses, 5, RECORDED_MAX);
	assert_int_equal(count_lines("\"marks\":\"edited\""), 3);
	assert_int_equal(count_lines("\"marks\":\"duplicated\""), 2);
	assert_int_equal(count_lines("\"marks\":\"by_hand\""), 2);
	assert_in_range(count_lines("\"where\":\"breakpoint\""), 3, 3);
	for (unsigned i = 0; i < nprocesses; i++) {
		const struct ran *ran = replay_fast(processes[i].name);

		/* Whether the GPU process hears the browser or a renderer first can still differ, when both
		 * speak at once. */
		for (unsigned tries = 1;
		     ran->status == 1 && tries < TRIES && !strncmp(processes[i].name, "gpu", 3); tries++)
			ran = replay_fast(processes[i].name);
		assert_same(ran, processes[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_everybody_does_the_same_again),
	};

	return cmocka_run_group_tests(tests, record, program_clean);
}
