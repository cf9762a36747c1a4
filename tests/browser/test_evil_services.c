/*
 * A compromised GPU process or plugin process, and children that never become ready: the exact end of each,
 * and that pages, the browser and whoever comes next are not harmed.
 */
#include "tests/browser/compromise.h"
#include "tests/browser/harness.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static struct witness reader;

static int begin(void **state)
{
	int result = harness_calm(state);

	reader = harness_witness(harness_tab("bulkhead://pages/harbour.html"));
	return result;
}

static int end(void **state)
{
	(void)state;
	cure(ROLE_GPU);
	cure(ROLE_PLUGIN);
	cure(ROLE_RENDERER);
	harness_check_witness(&reader);
	return 0;
}

/* A real GPU process comes back, and with it the picture. */
static void check_gpu_comes_back(void)
{
	struct process_host *p = browser.gpu->process;

	cure(ROLE_GPU);
	if (p) {
		process_kill(p, BAD_MESSAGE_NONE);
		AWAIT(p->state == PROCESS_DEAD);
	}
	restart_forgive(&browser.gpu->restart);
	gpu_host_start(browser.gpu);
	AWAIT(gpu_host_up(browser.gpu));
	AWAIT(harness_screen_has("Harbour news"));
	restart_forgive(&browser.gpu->restart);
}

/* No cell of the view is one that may not be shown. */
static void check_view_is_sound(void)
{
	const struct view *v = browser.view;

	for (unsigned row = 0; row < v->rows; row++)
		assert_true(cell_check_row(v->cells + (size_t)row * v->columns, v->columns));
}

static const struct {
	const char *way;
	enum bad_message reason;
} bad_gpus[] = {
	{ "escape", BAD_MESSAGE_INVALID_FRAME },
	{ "c1 control", BAD_MESSAGE_INVALID_FRAME },
	{ "newline", BAD_MESSAGE_INVALID_FRAME },
	{ "no character", BAD_MESSAGE_INVALID_FRAME },
	{ "no code point", BAD_MESSAGE_INVALID_FRAME },
	{ "surrogate", BAD_MESSAGE_INVALID_FRAME },
	{ "wide as narrow", BAD_MESSAGE_INVALID_FRAME },
	{ "narrow as wide", BAD_MESSAGE_INVALID_FRAME },
	{ "wide without its half", BAD_MESSAGE_INVALID_FRAME },
	{ "wide at the edge", BAD_MESSAGE_INVALID_FRAME },
	{ "width of nine", BAD_MESSAGE_INVALID_FRAME },
	{ "right half alone", BAD_MESSAGE_INVALID_FRAME },
	{ "mark that is a letter", BAD_MESSAGE_INVALID_FRAME },
	{ "mark that turns text", BAD_MESSAGE_INVALID_FRAME },
	{ "unknown attributes", BAD_MESSAGE_INVALID_FRAME },
	{ "unknown colour", BAD_MESSAGE_INVALID_FRAME },
	{ "reserved bits", BAD_MESSAGE_INVALID_FRAME },
	{ "random cells", BAD_MESSAGE_INVALID_FRAME },
	{ "zero cells", BAD_MESSAGE_INVALID_FRAME },
	{ "buffer of three", BAD_MESSAGE_OUT_OF_RANGE },
	{ "buffer far off", BAD_MESSAGE_OUT_OF_RANGE },
	{ "unknown type", BAD_MESSAGE_UNKNOWN_TYPE },
	{ "a renderer's message", BAD_MESSAGE_NOT_ADDRESSED },
	{ "start twice", BAD_MESSAGE_NOT_IN_THIS_STATE },
};

/* The last GPU process that died. */
static const struct process_host *last_dead(enum role role)
{
	const struct process_host *last = NULL;

	for (const struct process_host *p = browser.processes->first; p; p = p->next)
		if (p->name.role == role && p->state == PROCESS_DEAD)
			last = p;
	return last;
}

static void test_bad_gpu_processes_are_killed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof bad_gpus / sizeof *bad_gpus; i++) {
		struct process_host *real = gpu_host_up(browser.gpu);
		const struct process_host *dead;

		print_message("  %s\n", bad_gpus[i].way);
		compromise_next(ROLE_GPU, bad_gpus[i].way);
		process_kill(real, BAD_MESSAGE_NONE);
		AWAIT((dead = last_dead(ROLE_GPU)) && dead->name.serial > real->name.serial);
		assert_string_equal(bad_message_names[dead->death.reason],
				    bad_message_names[bad_gpus[i].reason]);
		assert_int_equal(dead->death.status, TERMINATION_STATUS_KILLED);
		assert_int_equal(dead->death.signal, SIGKILL);
		check_view_is_sound();
		harness_check_witness(&reader);
		check_gpu_comes_back();
	}
}

static void test_odd_gpu_processes_are_borne(void **state)
{
	static const char *const ways[] = { "sound frame", "pages of nobody",	 "other generations",
					    "wild rows",   "frames nobody gave", "none" };

	(void)state;
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		struct process_host *p;

		print_message("  %s\n", ways[i]);
		compromise(ROLE_GPU, ways[i]);
		p = gpu_host_up(browser.gpu);
		assert_non_null(p);
		for (unsigned n = 0; n < 3; n++)
			harness_check_answers(p);
		tab_scroll_by(reader.tab, 1000000);
		tab_scroll_by(reader.tab, -1000000);
		tab_scroll_to(reader.tab, 0);
		harness_check_witness(&reader);
		check_view_is_sound();
		assert_ptr_equal(gpu_host_up(browser.gpu), p);
		check_gpu_comes_back();
	}
}

/* It is believed about display lists of renderers, and of nothing else. */
static void test_accusations_of_a_gpu_process(void **state)
{
	struct tab *clock = harness_tab(CLOCK_PAGE);
	struct process_host *plugin = harness_plugin();

	(void)state;
	compromise(ROLE_GPU, "accuse everybody else");
	AWAIT(harness_screen_has("k"));
	for (unsigned n = 0; n < 3; n++)
		harness_check_answers(gpu_host_up(browser.gpu));
	assert_ptr_equal(harness_plugin(), plugin);
	harness_check_answers(plugin);
	harness_check_answers(clock->renderer);
	tab_close(clock);
	check_gpu_comes_back();
}

static void test_a_gpu_process_that_sends_junk_to_renderers(void **state)
{
	(void)state;
	compromise(ROLE_GPU, "junk to renderers");
	for (unsigned n = 0; n < 3; n++)
		harness_check_answers(gpu_host_up(browser.gpu));
	harness_check_witness(&reader);
	check_gpu_comes_back();
}

static void test_a_gpu_process_that_closes_its_channel(void **state)
{
	struct tab *tab;
	struct process_host *p;

	(void)state;
	/* From its first picture on it has no channel, and lives on for a second at most. */
	compromise_next(ROLE_GPU, "close the channel");
	p = gpu_host_up(browser.gpu);
	process_kill(p, BAD_MESSAGE_NONE);
	AWAIT(p->state == PROCESS_DEAD && browser.gpu->process && browser.gpu->process->channel_ended);
	p = browser.gpu->process;
	assert_null(gpu_host_up(browser.gpu));
	tab = tab_open(browser.tabs, CLOCK_PAGE, true); /* a renderer, a plugin, a surface: all without it */
	AWAIT(harness_loaded(tab));
	view_resize(browser.view, 70, 20);
	view_resize(browser.view, 80, 24);
	tab_activate(reader.tab);
	tab_close(tab);
	cure(ROLE_GPU);
	AWAIT(p->state == PROCESS_DEAD);
	assert_int_equal(p->death.status, TERMINATION_STATUS_KILLED);
	check_gpu_comes_back();
}

static void test_a_gpu_process_that_floods(void **state)
{
	struct process_host *p;

	(void)state;
	compromise(ROLE_GPU, "flood");
	p = gpu_host_up(browser.gpu);
	for (unsigned n = 0; n < 3; n++)
		harness_check_witness(&reader);
	cure(ROLE_GPU);
	for (unsigned n = 0; n < 12 && p->state == PROCESS_READY; n++) {
		browser.processes->hang_checks.run(browser.processes->hang_checks.arg);
		harness_check_answers(reader.tab->renderer);
	}
	AWAIT(p->state == PROCESS_DEAD);
	check_gpu_comes_back();
}

/* A page whose plugin misbehaves: words instead of a clock, and it is still that page. */
static void check_page_lives(struct tab *tab, uint32_t renderer)
{
	assert_int_equal(tab->state, TAB_READY);
	assert_int_equal(tab->renderer->name.serial, renderer);
	harness_check_answers(tab->renderer);
	assert_non_null(strstr(harness_describe(tab)->text, "below"));
	check_view_is_sound();
	harness_check_answers(gpu_host_up(browser.gpu));
	harness_check_witness(&reader);
}

static void end_plugin(void)
{
	struct process_host *p = harness_clock()->process;

	if (p)
		process_kill(p, BAD_MESSAGE_NONE);
	AWAIT(!harness_clock()->process);
	restart_forgive(&harness_clock()->restart);
	harness_clock()->given_up = false;
}

static void test_bad_plugin_processes_are_killed(void **state)
{
	static const struct {
		const char *way;
		enum bad_message reason;
	} rows[] = {
		{ "half of three", BAD_MESSAGE_OUT_OF_RANGE },
		{ "unknown type", BAD_MESSAGE_UNKNOWN_TYPE },
		{ "a gpu's message", BAD_MESSAGE_NOT_ADDRESSED },
		{ "start twice", BAD_MESSAGE_NOT_IN_THIS_STATE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct tab *tab = tab_open(browser.tabs, CLOCK_PAGE, true);
		const struct process_host *dead;
		uint32_t serial = browser.processes->serials[ROLE_PLUGIN];

		print_message("  %s\n", rows[i].way);
		compromise(ROLE_PLUGIN, rows[i].way);
		AWAIT((dead = last_dead(ROLE_PLUGIN)) && dead->name.serial > serial);
		assert_string_equal(bad_message_names[dead->death.reason], bad_message_names[rows[i].reason]);
		assert_int_equal(dead->death.status, TERMINATION_STATUS_KILLED);
		AWAIT(harness_loaded(tab) && harness_screen_has("died"));
		check_page_lives(tab, tab->renderer->name.serial);
		cure(ROLE_PLUGIN);
		end_plugin();
		tab_reload(tab);
		AWAIT(harness_loaded(tab) && harness_screen_has("\u2588"));
		end_plugin();
		tab_close(tab);
	}
}

static void test_odd_plugin_processes_are_borne(void **state)
{
	static const char *const ways[] = {
		"surfaces of nobody",
		"junk cells",
		"escapes in cells",
		"change while read",
		"accuse everybody else",
		"huge size",
		"no size",
		"answer twice",
		"junk to the renderer",
		"command to the renderer",
		"fault to the renderer",
	};

	(void)state;
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		struct tab *tab;
		uint32_t renderer;

		print_message("  %s\n", ways[i]);
		compromise(ROLE_PLUGIN, ways[i]);
		tab = tab_open(browser.tabs, CLOCK_PAGE, true);
		AWAIT(tab->state == TAB_READY && !tab->loading && harness_plugin());
		renderer = tab->renderer->name.serial;
		for (unsigned n = 0; n < 3; n++)
			harness_check_answers(harness_plugin());
		check_page_lives(tab, renderer);
		cure(ROLE_PLUGIN);
		tab_close(tab);
		end_plugin();
	}
}

/* Cells that may not be shown are not shown: the surface stays as it was. */
static void test_escapes_of_a_plugin_are_not_drawn(void **state)
{
	struct tab *tab;

	(void)state;
	compromise(ROLE_PLUGIN, "escapes in cells");
	tab = tab_open(browser.tabs, CLOCK_PAGE, true);
	AWAIT(harness_loaded(tab) && tab->embeds->surface);
	for (unsigned n = 0; n < 3; n++)
		harness_check_answers(harness_plugin());
	check_page_lives(tab, tab->renderer->name.serial);
	for (const char *c = harness_screen(); *c; c++)
		assert_true(*c == '\n' || (unsigned char)*c >= ' ');
}

static void test_a_plugin_process_that_floods(void **state)
{
	struct tab *tab;
	struct process_host *p;

	(void)state;
	compromise(ROLE_PLUGIN, "flood");
	tab = tab_open(browser.tabs, CLOCK_PAGE, true);
	AWAIT(harness_loaded(tab) && tab->embeds->surface);
	p = harness_plugin();
	for (unsigned n = 0; n < 12; n++) {
		browser.processes->hang_checks.run(browser.processes->hang_checks.arg);
		check_page_lives(tab, tab->renderer->name.serial);
	}
	assert_int_equal(p->state, PROCESS_UNRESPONSIVE);
	AWAIT(harness_screen_has("does not respond"));
	process_kill(p, BAD_MESSAGE_NONE);
	AWAIT(harness_screen_has("died"));
}

static void test_a_plugin_process_that_closes_its_channel(void **state)
{
	struct tab *tab, *other;

	(void)state;
	compromise(ROLE_PLUGIN, "close the channel");
	tab = tab_open(browser.tabs, CLOCK_PAGE, true);
	AWAIT(harness_clock()->process && harness_clock()->process->channel_ended);
	cure(ROLE_PLUGIN);
	assert_null(harness_plugin());
	other = tab_open(browser.tabs, CLOCK_PAGE, false); /* asks for the same one, which is no more */
	AWAIT(!harness_clock()->process);
	AWAIT(harness_screen_has("died"));
	check_page_lives(tab, tab->renderer->name.serial);
	tab_reload(tab);
	tab_reload(other);
	AWAIT(harness_loaded(tab) && harness_loaded(other) && harness_screen_has("\u2588"));
}

/* Before they are ready: three in a row, and the step that failed is named. */
static const struct {
	const char *way, *step;
} starts[] = {
	{ "fail a step", "no moon tonight" },
	{ "abort at once", "" },
	{ "leave at once", "" },
	{ "speak before it is ready", "" },
	{ "speak another protocol", "" },
	{ "close the channel at once", "channel to the browser" },
};

static void test_renderers_that_never_become_ready(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
		struct tab *tab;

		print_message("  %s\n", starts[i].way);
		compromise(ROLE_RENDERER, starts[i].way);
		assert_true(browser.spare->given_up);
		if (starts[i].step[0])
			assert_string_equal(browser.spare->failed, starts[i].step);
		/* A new tab tries again, and tells of it. */
		tab = tab_open(browser.tabs, "data:text/html,<p>x", true);
		AWAIT(tab->state == TAB_SAD);
		assert_int_equal(tab->death.status, TERMINATION_STATUS_LAUNCH_FAILED);
		assert_string_equal(tab->death.step, starts[i].step);
		AWAIT(browser.spare->given_up);
		cure(ROLE_RENDERER);
		tab_reload(tab);
		AWAIT(harness_loaded(tab));
		assert_string_equal(browser.spare->failed, "");
		tab_close(tab);
		harness_check_witness(&reader);
	}
}

static void test_reasons_of_those_that_never_become_ready(void **state)
{
	(void)state;
	compromise(ROLE_RENDERER, "speak before it is ready");
	assert_string_equal(bad_message_names[last_dead(ROLE_RENDERER)->death.reason], "not_in_this_state");
	compromise(ROLE_RENDERER, "speak another protocol");
	spare_start(browser.spare);
	AWAIT(browser.spare->given_up);
	assert_string_equal(bad_message_names[last_dead(ROLE_RENDERER)->death.reason], "wrong_protocol");
	assert_int_equal(last_dead(ROLE_RENDERER)->death.status, TERMINATION_STATUS_LAUNCH_FAILED);
}

static void test_gpu_processes_that_never_become_ready(void **state)
{
	(void)state;
	compromise(ROLE_GPU, "fail a step");
	assert_true(browser.gpu->given_up);
	assert_string_equal(browser.gpu->failed, "no moon tonight");
	assert_non_null(strstr(browser.message, "given up"));
	assert_int_equal(last_dead(ROLE_GPU)->death.status, TERMINATION_STATUS_LAUNCH_FAILED);
	harness_check_witness(&reader);
	cure(ROLE_GPU);
	gpu_host_start(browser.gpu);
	AWAIT(gpu_host_up(browser.gpu));
	AWAIT(harness_screen_has("Harbour news"));
}

static void test_plugin_processes_that_never_become_ready(void **state)
{
	struct tab *tab;

	(void)state;
	compromise(ROLE_PLUGIN, "fail a step");
	tab = tab_open(browser.tabs, CLOCK_PAGE, true);
	for (unsigned i = 1; i <= 3; i++) {
		AWAIT(harness_loaded(tab) && !harness_clock()->process && harness_screen_has("no moon"));
		assert_int_equal(harness_clock()->given_up, i == 3);
		assert_int_equal(harness_clock()->restart.before_ready, i);
		if (i < 3)
			tab_reload(tab);
		uint32_t serial = browser.processes->serials[ROLE_PLUGIN];

		if (i < 3)
			AWAIT(browser.processes->serials[ROLE_PLUGIN] > serial);
	}
	check_page_lives(tab, tab->renderer->name.serial);
}

/* What is reported is not what is believed: the shield shows what was seen. */
static void test_layers_that_are_only_claimed(void **state)
{
	const uint32_t unseen = 1u << LAYER_LANDLOCK | 1u << LAYER_MDWE;

	(void)state;
	browser.processes->wanted = 1u << LAYER_SECCOMP;
	browser.processes->insists = false;
	compromise(ROLE_RENDERER, "claim all layers");
	browser.processes->wanted = (1u << LAYER_COUNT) - 1;
	browser.processes->insists = true;
	assert_int_equal(browser.spare->process->layers, (1u << LAYER_COUNT) - 1);
	assert_int_equal(
		browser.spare->process->verified.shield &
			~(unseen | 1u << LAYER_NO_NEW_PRIVS | 1u << LAYER_SECCOMP | 1u << LAYER_CAPABILITIES),
		0);
	cure(ROLE_RENDERER);
	process_kill(browser.spare->process, BAD_MESSAGE_NONE);
	AWAIT(!process_is_up(browser.spare->process));
}

int main(void)
{
#define EVIL_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		EVIL_TEST(test_bad_gpu_processes_are_killed),
		EVIL_TEST(test_odd_gpu_processes_are_borne),
		EVIL_TEST(test_accusations_of_a_gpu_process),
		EVIL_TEST(test_a_gpu_process_that_sends_junk_to_renderers),
		EVIL_TEST(test_a_gpu_process_that_closes_its_channel),
		EVIL_TEST(test_a_gpu_process_that_floods),
		EVIL_TEST(test_bad_plugin_processes_are_killed),
		EVIL_TEST(test_odd_plugin_processes_are_borne),
		EVIL_TEST(test_escapes_of_a_plugin_are_not_drawn),
		EVIL_TEST(test_a_plugin_process_that_floods),
		EVIL_TEST(test_a_plugin_process_that_closes_its_channel),
		EVIL_TEST(test_renderers_that_never_become_ready),
		EVIL_TEST(test_reasons_of_those_that_never_become_ready),
		EVIL_TEST(test_gpu_processes_that_never_become_ready),
		EVIL_TEST(test_plugin_processes_that_never_become_ready),
		EVIL_TEST(test_layers_that_are_only_claimed),
	};

	return cmocka_run_group_tests(tests, harness_open, harness_close);
}
