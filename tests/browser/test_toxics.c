/*
 * Toxics in the whole browser: what they do to real traffic, which deaths they cause and are named in, and
 * how they end. common/toxic.c applies them; tests/common/test_toxic.c looks at each kind alone.
 */
#include "browser/fault/blast/blast.h"
#include "browser/fault/toxics.h"
#include "common/toxic.h"
#include "tests/browser/harness.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>

static struct toxic_order order(const char *text)
{
	struct toxic_order o;
	char error[CLAUSE_ERROR] = "";

	if (!toxic_order_parse(text, &o, error))
		fail_msg("'%s': %s", text, error);
	return o;
}

static uint32_t place(struct tab *tab, const char *text)
{
	struct toxic_order o = order(text);
	const char *why = "";
	uint32_t number = 0;

	if (!toxics_place(&browser, tab, &o, &number, &why))
		fail_msg("'%s': %s", text, why);
	assert_true(number);
	return number;
}

static int calm(void **state)
{
	toxics_remove(&browser, 0);
	return harness_calm(state);
}

/* The newest message of that type from or to that process. */
static const struct traffic_event *last_message(enum ipc_id type, struct endpoint e)
{
	for (uint64_t i = collector_end(browser.collector); i-- > collector_first(browser.collector);) {
		const struct traffic_event *event = collector_event(browser.collector, i);

		if (event && event->kind == TRAFFIC_MESSAGE && event->type == type &&
		    ((event->from.role == e.role && event->from.serial == e.serial) ||
		     (event->to.role == e.role && event->to.serial == e.serial)))
			return event;
	}
	return NULL;
}

static void latency_is_seen_in_the_traffic(void **state)
{
	struct tab *tab = harness_tab(harness_long_page("Slow"));
	const struct traffic_event *event;
	uint64_t began;
	char text[TRAFFIC_TOXIC_TEXT], expected[TRAFFIC_TOXIC_TEXT];

	(void)state;
	uint32_t number = place(tab, "latency 80ms from browser to tab on describe_document");
	began = recorder_now();
	harness_describe(tab);
	assert_true(recorder_now() - began >= 80 * UINT64_C(1000000));
	collector_drain(browser.collector, 0);
	event = last_message(IPC_DESCRIBE_DOCUMENT, tab->renderer->name);
	assert_non_null(event);
	snprintf(expected, sizeof expected, "latency %u", number);
	assert_string_equal(traffic_toxic(event, text), expected);
	assert_true(event->held_ns >= 80 * UINT64_C(1000000));
	assert_int_equal(event->status, TRAFFIC_DELIVERED);
	assert_int_equal(browser.toxics->first->acted, 1);
	assert_true(toxics_remove(&browser, number));
	assert_false(toxics_remove(&browser, number));
	assert_null(browser.toxics->first);
	harness_describe(tab);
}

static void a_dropped_message_is_lost_in_the_toxic(void **state)
{
	struct tab *tab = harness_tab(harness_long_page("Lossy"));
	uint32_t number = place(tab, "drop from tab to browser on did_describe_document");
	uint64_t nonce = tab_describe(tab);
	const struct traffic_event *event;

	(void)state;
	AWAIT(browser.toxics->first && browser.toxics->first->acted == 1);
	event = last_message(IPC_DID_DESCRIBE_DOCUMENT, tab->renderer->name);
	assert_non_null(event);
	assert_int_equal(event->status, TRAFFIC_LOST);
	assert_string_equal(traffic_where(event), "toxic");
	assert_int_not_equal(tab->description.nonce, nonce);
	toxics_remove(&browser, number);
	harness_describe(tab);
	harness_check_answers(tab->renderer);
}

/* What makes a message pass there: done until the victim is dead. */
static void stir(struct tab *tab, const char *toxic)
{
	static bool wide;
	bool hangs = strstr(toxic, "drop") || strstr(toxic, "latency 3600s");

	if (process_is_up(tab->renderer) && !hangs) {
		tab_press_key(tab, KEY_FOCUS_NEXT);
		process_ping(tab->renderer);
	}
	wide = !wide;
	if (strstr(toxic, "attach_frame"))
		view_resize(browser.view, wide ? 81 : 80, 24);
	if (!hangs)
		view_show(browser.view);
	harness_turn(recorder_now() + UINT64_C(10000000000), "the victim dies", __FILE__, __LINE__);
}

static struct process_host *victim_of(struct tab *tab, enum role role)
{
	if (role == ROLE_GPU)
		return gpu_host_up(browser.gpu);
	return role == ROLE_PLUGIN ? harness_plugin() : tab->renderer;
}

static void a_death_names_its_toxic(void **state)
{
	static const struct {
		const char *order;
		enum role victim;
		enum termination_status status;
		enum bad_message reason;
	} cases[] = {
		{ "corrupt field nonce from tab to browser on pong", ROLE_RENDERER, TERMINATION_STATUS_KILLED,
		  BAD_MESSAGE_REPLY_NOT_ASKED },
		{ "duplicate from tab to browser on pong", ROLE_RENDERER, TERMINATION_STATUS_KILLED,
		  BAD_MESSAGE_REPLY_NOT_ASKED },
		{ "corrupt field half from tab to gpu on submit_frame", ROLE_RENDERER,
		  TERMINATION_STATUS_KILLED, BAD_MESSAGE_OUT_OF_RANGE },
		{ "corrupt field key from browser to tab on press_key", ROLE_RENDERER,
		  TERMINATION_STATUS_ABNORMAL, BAD_MESSAGE_OUT_OF_RANGE },
		{ "corrupt field buffer from gpu to browser on did_present", ROLE_GPU,
		  TERMINATION_STATUS_KILLED, BAD_MESSAGE_OUT_OF_RANGE },
		/* Not a bad message, but one that makes no sense with the region that came with it. */
		{ "corrupt field columns from browser to gpu on attach_frame", ROLE_GPU,
		  TERMINATION_STATUS_ABNORMAL, BAD_MESSAGE_WRONG_REGION_SIZE },
		/* It answers what it was asked, and that is what nobody asked. */
		{ "corrupt field nonce from browser to tab on ping", ROLE_RENDERER, TERMINATION_STATUS_KILLED,
		  BAD_MESSAGE_REPLY_NOT_ASKED },
		{ "corrupt field nonce from browser to gpu on ping", ROLE_GPU, TERMINATION_STATUS_KILLED,
		  BAD_MESSAGE_REPLY_NOT_ASKED },
		/* Never pinged, never heard: taken for hung. */
		{ "drop from browser to gpu on ping", ROLE_GPU, TERMINATION_STATUS_KILLED, BAD_MESSAGE_NONE },
		{ "drop from gpu to browser on pong", ROLE_GPU, TERMINATION_STATUS_KILLED, BAD_MESSAGE_NONE },
		{ "latency 3600s from browser to gpu on ping", ROLE_GPU, TERMINATION_STATUS_KILLED,
		  BAD_MESSAGE_NONE },
		{ "cut 0 from browser to gpu", ROLE_GPU, TERMINATION_STATUS_ABNORMAL, BAD_MESSAGE_NONE },
		{ "cut 0 from gpu to browser", ROLE_GPU, TERMINATION_STATUS_ABNORMAL, BAD_MESSAGE_NONE },
		{ "cut 0 from tab to browser", ROLE_RENDERER, TERMINATION_STATUS_ABNORMAL, BAD_MESSAGE_NONE },
		{ "cut 0 from browser to tab", ROLE_RENDERER, TERMINATION_STATUS_ABNORMAL, BAD_MESSAGE_NONE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct tab *tab = harness_tab(
			"data:text/html,<title>Victim</title><a href=\"data:,a\">a</a> <a href=\"data:,b\">b</a>");
		struct process_host *victim = victim_of(tab, cases[i].victim);
		char name[ENDPOINT_TEXT], begin[32];
		const struct blast *blast;
		uint32_t number;

		print_message("%s\n", cases[i].order);
		endpoint_text(victim->name, name);
		number = place(tab, cases[i].order);
		while (victim->state != PROCESS_DEAD)
			stir(tab, cases[i].order);
		assert_int_equal(victim->death.status, cases[i].status);
		assert_int_equal(victim->death.reason, cases[i].reason);
		blast = blasts_of(browser.blasts, victim->name);
		assert_non_null(blast);
		snprintf(begin, sizeof begin, "toxic %u, ", number);
		assert_memory_equal(blast->toxic, begin, strlen(begin));
		assert_non_null(strstr(blast->toxic, name));
		/* It has ended with its channel. */
		AWAIT(!browser.toxics->first);
		calm(state);
	}
}

/* The exit line of that process, as the log has it. */
static bool exit_line_says(struct endpoint e, const char *what)
{
	static char line[8192];

	for (uint64_t i = collector_end(browser.collector); i-- > collector_first(browser.collector);) {
		const struct traffic_event *event = collector_event(browser.collector, i);
		struct format out = format_into(line, sizeof line);

		if (!event || event->kind != TRAFFIC_PROCESS || event->type != TRAFFIC_PROCESS_EXIT ||
		    event->from.role != e.role || event->from.serial != e.serial)
			continue;
		traffic_format_json(event, &out);
		return strstr(line, what);
	}
	return false;
}

/* Of two that acted on the message, the one that changed it is to blame; what only delayed it is not. */
static void the_toxic_that_changed_the_message_is_blamed(void **state)
{
	struct tab *tab = harness_tab(harness_long_page("Two"));
	struct process_host *p = tab->renderer;
	char begin[80], name[ENDPOINT_TEXT];
	uint32_t number;

	(void)state;
	endpoint_text(p->name, name);
	number = place(tab, "corrupt field nonce from tab to browser on pong");
	place(tab, "latency 2ms from tab to browser");
	while (p->state != PROCESS_DEAD)
		stir(tab, "");
	snprintf(begin, sizeof begin, "\"toxic\":\"toxic %u, corrupt field nonce from %s to browser", number,
		 name);
	assert_true(exit_line_says(p->name, begin));
}

/* It was taken back before the message that it changed was read. */
static void a_toxic_that_is_gone_is_named_still(void **state)
{
	struct tab *tab = harness_tab(harness_long_page("Gone"));
	struct process_host *p = tab->renderer;
	uint32_t number;
	char begin[80];

	(void)state;
	number = place(tab, "corrupt field key from browser to tab on press_key");
	tab_press_key(tab, KEY_FOCUS_NEXT);
	assert_true(toxics_remove(&browser, number));
	AWAIT(p->state == PROCESS_DEAD);
	snprintf(begin, sizeof begin, "\"toxic\":\"toxic %u, corrupt field key", number);
	assert_true(exit_line_says(p->name, begin));
}

/* Held back until it is too much: the channel overflows, by the toxic's doing. */
static void what_is_held_too_long_overflows(void **state)
{
	struct tab *tab = harness_tab(harness_long_page("Full"));
	struct process_host *p = tab->renderer;
	char begin[80];
	uint32_t number;

	(void)state;
	number = place(tab, "latency 3600s from browser to tab on press_key");
	for (unsigned i = 0; i < 200000 && process_is_up(p); i++) {
		ipc_send_press_key(p->channel, tab->id, KEY_FOCUS_NEXT);
		if (i % 1000 == 0)
			loop_turn(0);
	}
	AWAIT(p->state == PROCESS_DEAD);
	assert_int_equal(p->death.reason, BAD_MESSAGE_QUEUE_OVERFLOW);
	snprintf(begin, sizeof begin, "\"toxic\":\"toxic %u, latency", number);
	assert_true(exit_line_says(p->name, begin));
}

/* A process that really hangs is not excused by a toxic that only slowed its pings. */
static void a_true_hang_names_none(void **state)
{
	struct process_host *gpu = gpu_host_up(browser.gpu);
	const char *why;

	(void)state;
	harness_tab(harness_long_page("Hang"));
	place(NULL, "latency 1ms from browser to gpu on ping");
	assert_true(fault_inject_named(&browser, gpu, "endless loop", &why));
	AWAIT_WITHIN(20000, gpu->state == PROCESS_DEAD);
	assert_int_equal(gpu->death.signal, SIGKILL);
	assert_false(exit_line_says(gpu->name, "\"toxic\":"));
}

/* Frames that never come: the page stays as it was, and nobody dies. */
static void frames_are_dropped(void **state)
{
	struct tab *tab = harness_tab(
		"data:text/html,<title>Still</title><a href=\"data:,a\">a</a> <a href=\"data:,b\">b</a>");
	struct process_host *p = tab->renderer, *gpu = gpu_host_up(browser.gpu);
	const struct traffic_event *event;

	(void)state;
	place(tab, "drop from tab to gpu on submit_frame");
	tab_press_key(tab, KEY_FOCUS_NEXT);
	AWAIT(browser.toxics->first && browser.toxics->first->acted);
	event = last_message(IPC_SUBMIT_FRAME, p->name);
	assert_non_null(event);
	assert_int_equal(event->status, TRAFFIC_LOST);
	assert_string_equal(traffic_where(event), "toxic");
	harness_check_answers(p);
	harness_check_answers(gpu);
}

/* Each is answered, and none is left: where there is no room, no channel any more, and nobody at all. */
static void what_cannot_be_is_answered(void **state)
{
	struct tab *tab = harness_tab(harness_long_page("Nowhere"));
	struct process_host *p = tab->renderer;
	struct toxic_order o = order("drop from tab to gpu on submit_frame");
	unsigned placed = 0;
	const char *why = "";

	(void)state;
	/* One more than fit into a process. */
	for (unsigned i = 0; i <= TOXIC_MAX; i++)
		placed += toxics_place(&browser, tab, &o, NULL, &why);
	assert_int_equal(placed, TOXIC_MAX + 1);
	assert_int_equal(toxics_on(browser.toxics, p->name), TOXIC_MAX + 1);
	AWAIT(toxics_on(browser.toxics, p->name) == TOXIC_MAX);
	assert_non_null(strstr(browser.message, "had no room"));
	assert_true(toxics_remove(&browser, 0));
	assert_int_equal(toxics_on(browser.toxics, p->name), 0);
	/* It dies before it reads the order, and the order ends with it. */
	process_signal(p, SIGSTOP);
	place(tab, "latency 5ms from tab to browser");
	place(tab, "latency 5ms from browser to tab");
	process_kill(p, BAD_MESSAGE_NONE);
	AWAIT(p->state == PROCESS_DEAD);
	assert_null(browser.toxics->first);
	assert_false(toxics_place(&browser, tab, &o, NULL, &why));
	assert_string_not_equal(why, "");
}

/* A death of another making is not put on a toxic that acted on that process all the while. */
static void a_death_of_its_own_names_none(void **state)
{
	struct tab *tab = harness_tab(harness_long_page("Own"));
	struct process_host *p = tab->renderer;
	const char *why;

	(void)state;
	place(tab, "latency 1ms from tab to browser");
	place(tab, "duplicate from browser to tab on describe_document");
	tab_describe(tab);
	AWAIT(browser.toxics->first->acted);
	assert_true(fault_inject_named(&browser, p, "abort", &why));
	AWAIT(p->state == PROCESS_DEAD);
	assert_string_equal(blasts_of(browser.blasts, p->name)->toxic, "");
	AWAIT(!browser.toxics->first);
}

static void two_children_do_without_each_other(void **state)
{
	struct tab *tab = harness_tab(harness_long_page("Alone"));
	struct process_host *p = tab->renderer, *gpu = gpu_host_up(browser.gpu);

	(void)state;
	place(tab, "cut 0 from tab to gpu");
	tab_press_key(tab, KEY_FOCUS_NEXT);
	tab_reload(tab);
	AWAIT(!browser.toxics->first);
	harness_check_answers(p);
	harness_check_answers(gpu);
	assert_ptr_equal(gpu_host_up(browser.gpu), gpu);
}

static void what_makes_no_sense_is_refused(void **state)
{
	static const struct {
		const char *order, *why;
	} cases[] = {
		{ "drop from tab to tab", "renderer:# has no channel to itself" },
		{ "drop from renderer:9999 to browser", "there is no process 'renderer:9999'" },
		{ "drop from browser to plugin", "there is no process 'plugin'" },
		{ "drop from tab to browser on click", "renderer:# never sends click to browser" },
		{ "drop from gpu to tab on submit_frame", "gpu:# never sends submit_frame to renderer:#" },
		{ "drop from elsewhere to tab", "there is no process 'elsewhere'" },
	};
	struct tab *tab = harness_tab(harness_long_page("Refused"));

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct toxic_order o = order(cases[i].order);
		const char *why = "";
		char plain[200];
		size_t n = 0;

		assert_false(toxics_place(&browser, tab, &o, NULL, &why));
		/* Serials are not ours to choose: #, where a name has one. */
		for (const char *at = why; *at && n + 1 < sizeof plain; at++) {
			plain[n++] = *at;
			if (*at == ':' && strncmp(at, ":9999", 5)) {
				plain[n++] = '#';
				at += strspn(at + 1, "0123456789");
			}
		}
		plain[n] = '\0';
		assert_string_equal(plain, cases[i].why);
	}
	browser.options.no_faults = true;
	struct toxic_order o = order("drop from tab to browser");
	const char *why = "";

	assert_false(toxics_place(&browser, tab, &o, NULL, &why));
	assert_string_equal(why, "faults are off (--no-faults)");
	browser.options.no_faults = false;
	assert_null(browser.toxics->first);
}

/* Under the same seed the same messages suffer. */
static void a_seed_chooses_the_same_messages(void **state)
{
	uint64_t acted[2];

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct tab *tab = harness_tab(harness_long_page("Seed"));

		place(tab, "latency 1ms from browser to tab on describe_document with 50% seed 99");
		for (unsigned n = 0; n < 40; n++)
			harness_describe(tab);
		collector_drain(browser.collector, 0);
		acted[i] = browser.toxics->first->acted;
		calm(state);
	}
	assert_in_range(acted[0], 8, 32);
	assert_int_equal(acted[0], acted[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(latency_is_seen_in_the_traffic, calm, calm),
		cmocka_unit_test_setup_teardown(a_dropped_message_is_lost_in_the_toxic, calm, calm),
		cmocka_unit_test_setup_teardown(a_death_names_its_toxic, calm, calm),
		cmocka_unit_test_setup_teardown(the_toxic_that_changed_the_message_is_blamed, calm, calm),
		cmocka_unit_test_setup_teardown(a_toxic_that_is_gone_is_named_still, calm, calm),
		cmocka_unit_test_setup_teardown(what_is_held_too_long_overflows, calm, calm),
		cmocka_unit_test_setup_teardown(a_true_hang_names_none, calm, calm),
		cmocka_unit_test_setup_teardown(frames_are_dropped, calm, calm),
		cmocka_unit_test_setup_teardown(what_cannot_be_is_answered, calm, calm),
		cmocka_unit_test_setup_teardown(a_death_of_its_own_names_none, calm, calm),
		cmocka_unit_test_setup_teardown(two_children_do_without_each_other, calm, calm),
		cmocka_unit_test_setup_teardown(what_makes_no_sense_is_refused, calm, calm),
		cmocka_unit_test_setup_teardown(a_seed_chooses_the_same_messages, calm, calm),
	};

	return cmocka_run_group_tests(tests, harness_open, harness_close);
}
