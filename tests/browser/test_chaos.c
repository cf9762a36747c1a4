/* Chaos without a process: what a seed draws, and a report that is read again. */
#include "browser/browser.h"
#include "browser/fault/chaos/chaos.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define STEPS 3000

static void test_a_seed_draws_the_same(void **state)
{
	struct chaos_draw draw;
	unsigned alike = 0;

	(void)state;
	/* Each step by itself, whatever was drawn before it. */
	for (unsigned step = 200; step > 0; step--) {
		struct chaos_draw again;

		chaos_draw(7, 20, step, &draw);
		chaos_draw(8, 20, step, &again);
		alike += !strcmp(draw.text, again.text);
		chaos_draw(7, 20, step, &again);
		assert_string_equal(draw.text, again.text);
		assert_int_equal(draw.lasts_ms, again.lasts_ms);
		assert_int_equal(again.step, step);
	}
	/* Another seed draws others. */
	assert_true(alike < 20);
}

static void test_all_of_the_catalogue_is_drawn(void **state)
{
	bool drawn[200] = { false };
	struct chaos_draw draw;

	(void)state;
	assert_true(fault_table_count <= 200);
	for (unsigned step = 1; step <= STEPS; step++) {
		chaos_draw(11, 20, step, &draw);
		if (!draw.is_toxic)
			drawn[draw.fault.fault - fault_table] = true;
	}
	for (unsigned i = 0; i < fault_table_count; i++) {
		bool may = false;

		for (unsigned role = ROLE_RENDERER; role < ROLE_COUNT; role++)
			may |= chaos_may_draw(&fault_table[i], role);
		if (drawn[i] != may)
			print_error("%s\n", fault_table[i].name);
		assert_int_equal(drawn[i], may);
	}
}

static enum role role_of(const char *whom)
{
	for (unsigned role = ROLE_RENDERER; role < ROLE_COUNT; role++)
		if (!strcmp(whom, role_names[role]))
			return role;
	return ROLE_RENDERER;
}

static void test_draws_can_be_carried_out(void **state)
{
	struct chaos_draw draw, parsed;
	char error[CLAUSE_ERROR];
	unsigned number;

	(void)state;
	for (unsigned step = 1; step <= STEPS; step++) {
		chaos_draw(3, 5, step, &draw);
		if (!chaos_draw_parse(draw.text, draw.lasts_ms, step, &parsed, error))
			fail_msg("%s: %s", draw.text, error);
		assert_string_equal(parsed.text, draw.text);
		assert_int_equal(parsed.is_toxic, draw.is_toxic);
		if (draw.is_toxic)
			continue;
		assert_int_equal(parsed.fault.argument, draw.fault.argument);
		assert_true(chaos_may_draw(draw.fault.fault, role_of(draw.fault.whom)));
		if (role_of(draw.fault.whom) == ROLE_RENDERER) {
			assert_true(chaos_tab_number(draw.fault.whom, &number));
			assert_in_range(number, 0, 4);
		}
	}
}

static void test_names_of_tabs(void **state)
{
	unsigned number = 0;

	(void)state;
	assert_true(chaos_tab_number("tab0", &number) && number == 0);
	assert_true(chaos_tab_number("tab199", &number) && number == 199);
	assert_false(chaos_tab_number("tab", &number));
	assert_false(chaos_tab_number("tab1x", &number));
	assert_false(chaos_tab_number("tab99999999999", &number));
	assert_false(chaos_tab_number("gpu", &number));
}

static char path[64];

static int remove_file(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

static int name_file(void **state)
{
	snprintf(path, sizeof path, "/tmp/bulkhead-test-chaos-%d", (int)getpid());
	return remove_file(state);
}

static void test_a_report_is_read_again(void **state)
{
	static const char *const urls[] = { "data:text/html,<p>\"one\"", "bulkhead://start" };
	static struct chaos c;
	struct chaos_settings set = { 0 };
	struct chaos_script script;
	const char *why = "";
	struct stat st;
	char *json;

	(void)state;
	c.settings = (struct chaos_settings){ .seed = UINT64_MAX,
					      .tabs = 5,
					      .for_ms = 1000,
					      .bound_ms = 250,
					      .pace_ms = 30,
					      .urls = (const char **)(uintptr_t)urls,
					      .nurls = 2,
					      .process_model = PROCESS_MODEL_PER_SITE };
	for (unsigned step = 1; step <= 300; step++) {
		struct chaos_draw draw;

		chaos_draw(c.settings.seed, c.settings.tabs, step, &draw);
		assert_non_null(strike_begin(&c, &draw));
	}
	chaos_fail(&c, CHAOS_FDS, 3, "a \"quoted\" leak");
	assert_false(chaos_held(&c));
	json = chaos_json(&c, "finished");
	assert_non_null(json);
	assert_non_null(strstr(json, "a \\\"quoted\\\" leak"));
	assert_true(chaos_write(json, path));
	free(json);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	if (!chaos_read(path, &set, &script, &why))
		fail_msg("%s", why);
	assert_true(set.seed == UINT64_MAX && set.tabs == 5 && set.for_ms == 1000 && set.bound_ms == 250);
	assert_true(set.pace_ms == 30 && set.process_model == PROCESS_MODEL_PER_SITE && set.nurls == 2);
	assert_string_equal(set.urls[0], urls[0]);
	assert_int_equal(script.count, 300);
	for (unsigned i = 0; i < script.count; i++) {
		assert_string_equal(script.draws[i].text, c.strikes[i].draw.text);
		assert_int_equal(script.draws[i].step, i + 1);
		assert_int_equal(script.draws[i].lasts_ms, c.strikes[i].draw.lasts_ms);
	}
	chaos_script_free(&script);
	chaos_close(&c);
}

/* What nothing was measured of did not hold, whatever it is; what broke was measured. */
static void test_what_was_not_measured_has_not_held(void **state)
{
	static struct chaos c;
	char words[200];
	const char *why = "";
	char *json;

	(void)state;
	for (unsigned i = 0; i < CHAOS_INVARIANTS; i++) {
		assert_false(chaos_checked(&c, i, &why));
		assert_true(strlen(why) > 5);
		assert_string_equal(chaos_figures(&c, i, words, sizeof words), why);
	}
	json = chaos_json(&c, "finished");
	assert_non_null(strstr(json, "\"checked\":\tfalse"));
	assert_null(strstr(json, "\"checked\":\ttrue"));
	free(json);
	chaos_fail(&c, CHAOS_RECOVERS, 0, "it has not");
	assert_true(chaos_checked(&c, CHAOS_RECOVERS, &why));
	assert_non_null(strstr(chaos_figures(&c, CHAOS_RECOVERS, words, sizeof words), "at 0 quiet points"));
	c.turns = 1;
	assert_true(chaos_checked(&c, CHAOS_LOOP, &why));
	assert_false(chaos_checked(&c, CHAOS_FDS, &why));
	/* The first quiet point, and another that nothing was done before. */
	c.nstocks = 2;
	assert_false(chaos_checked(&c, CHAOS_FDS, &why));
	c.nstrikes = 1;
	c.stocks = (struct chaos_stock[2]){ 0 };
	assert_true(chaos_checked(&c, CHAOS_FDS, &why));
	assert_false(chaos_checked(&c, CHAOS_MEMORY, &why));
	assert_false(chaos_checked(&c, CHAOS_CHILD_FDS, &why));
}

#define OPTIONS                                                                                              \
	"\"options\":{\"tabs\":2,\"for_ms\":1000,\"bound_ms\":1,\"pace_ms\":1,\"process_model\":\"per-tab\"}"

static void test_what_is_no_report_is_refused(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{ "", "it is no JSON" },
		{ "moon", "it is no JSON" },
		{ "{}", "this is no chaos report (chaos-….json)" },
		{ "{\"steps\":[]}",
		  "this is no chaos report (chaos-….json), but a scenario: bulkhead run plays it" },
		{ "{\"chaos\":2}", "'chaos' is to be a number from 1 to 1" },
		{ "{\"chaos\":1}", "'seed' is to be a number, as a string" },
		{ "{\"chaos\":1,\"seed\":\"-1\"}", "'seed' is to be a number, as a string" },
		{ "{\"chaos\":1,\"seed\":\"1\"}", "'tabs' is to be a number from 1 to 200" },
		{ "{\"chaos\":1,\"seed\":\"1\"," OPTIONS "}", "'draws' are to be a list of at least one" },
		{ "{\"chaos\":1,\"seed\":\"1\"," OPTIONS ",\"draws\":[{}]}",
		  "'step' is to be a number from 1 to 1000000" },
		{ "{\"chaos\":1,\"seed\":\"1\"," OPTIONS ",\"draws\":[{\"step\":1}]}",
		  "step 1: 'order' is to be a string" },
		{ "{\"chaos\":1,\"seed\":\"1\"," OPTIONS
		  ",\"draws\":[{\"step\":4,\"order\":\"abort into tab0 sometimes\"}]}",
		  "step 4: column 17: " },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct chaos_settings set = { 0 };
		struct chaos_script script;
		const char *why = "";

		assert_true(chaos_write(rows[i].text, path));
		assert_false(chaos_read(path, &set, &script, &why));
		if (!strstr(why, rows[i].why))
			fail_msg("%s: %s", rows[i].text, why);
		assert_ptr_equal(strstr(why, path), why);
		chaos_script_free(&script);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_seed_draws_the_same),
		cmocka_unit_test(test_all_of_the_catalogue_is_drawn),
		cmocka_unit_test(test_draws_can_be_carried_out),
		cmocka_unit_test(test_names_of_tabs),
		cmocka_unit_test_setup_teardown(test_a_report_is_read_again, name_file, remove_file),
		cmocka_unit_test(test_what_was_not_measured_has_not_held),
		cmocka_unit_test_setup_teardown(test_what_is_no_report_is_refused, name_file, remove_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
