/* Replay of a session in which a person meddled: messages held, edited, dropped, doubled and sent by hand. */
#include "tests/browser/holding.h"
#include "tests/browser/recording.h"
#include <stdio.h>
#include <stdlib.h>

#define OTHER_PAGE "data:text/html,<title>Other</title><h1>Another page</h1><p>with a second line"

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
