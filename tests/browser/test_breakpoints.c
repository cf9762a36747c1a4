/*
 * Breakpoints in the whole browser: what is held where, what becomes of the screen, who waits and who does
 * not, and what is sent by hand. common/hold.c alone: tests/common/test_hold.c.
 */
#include "tests/browser/harness.h"
#include "tests/browser/holding.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define OTHER_PAGE "data:text/html,<title>Other</title><h1>Another page</h1><p>with a second line"
#define PONGS	   14 /* of one process, 500 ms apart: more than a hang takes */

static int calm(void **state)
{
	breakpoints_remove(&browser, 0);
	return harness_calm(state);
}

/* The newest message of that type from that process. */
static const struct traffic_event *last_message(enum ipc_id type, struct endpoint from)
{
	collector_drain(browser.collector, 0);
	for (uint64_t i = collector_end(browser.collector); i-- > collector_first(browser.collector);) {
		const struct traffic_event *e = collector_event(browser.collector, i);

		if (e && e->kind == TRAFFIC_MESSAGE && e->type == type && e->from.role == from.role &&
		    e->from.serial == from.serial)
			return e;
	}
	return NULL;
}

/* Pongs come, and nobody is called unresponsive. */
static void check_alive(struct process_host *p)
{
	uint64_t first = p->ping_nonce;
	unsigned pongs = 0;
	uint64_t last = first;

	while (pongs < PONGS) {
		AWAIT(p->ping_nonce != last && !p->ping_sent_ns);
		last = p->ping_nonce;
		pongs++;
		for (struct process_host *any = browser.processes->first; any; any = any->next)
			assert_true(any->state == PROCESS_READY || any->state == PROCESS_DEAD);
	}
}

static void a_held_frame_is_not_seen_and_nobody_hangs(void **state)
{
	struct tab *tab = harness_tab(harness_long_page("First"));
	struct held_message *m;
	const struct traffic_event *e;

	(void)state;
	uint32_t number = hold("name=submit_frame");
	tab_go(tab, OTHER_PAGE);
	m = await_held();
	assert_int_equal(m->breakpoint, number);
	assert_int_equal(m->event.type, IPC_SUBMIT_FRAME);
	assert_int_equal(m->event.from.serial, tab->renderer->name.serial);
	assert_int_equal(m->event.to.role, ROLE_GPU);
	assert_int_equal(m->event.status, TRAFFIC_HELD);
	assert_true(breakpoints_hold(browser.breakpoints, tab->renderer->name));
	assert_true(tab->renderer->on_hold && gpu_host_up(browser.gpu)->on_hold);
	e = last_message(IPC_SUBMIT_FRAME, tab->renderer->name);
	assert_non_null(e);
	assert_int_equal(e->status, TRAFFIC_HELD);
	check_alive(tab->renderer);
	assert_false(harness_screen_has("Another page"));
	assert_ptr_equal(browser.breakpoints->held, m);
	breakpoints_remove(&browser, number);
	assert_null(browser.breakpoints->held);
	assert_false(tab->renderer->on_hold);
	AWAIT(harness_screen_has("Another page"));
	e = last_message(IPC_SUBMIT_FRAME, tab->renderer->name);
	while (e->breakpoint != number)
		e = collector_event(browser.collector, e->sequence - 1);
	assert_int_equal(e->status, TRAFFIC_DELIVERED);
	assert_true(e->held_ns > UINT64_C(6000000000));
	assert_true(e->queued_ns < UINT64_C(1000000000));
	assert_int_equal(browser.breakpoints->first->hits, 1);
}

/* Pings pass what is held: who does not answer them hangs. */
static void who_hangs_is_hung_though_held(void **state)
{
	struct tab *tab = harness_tab(harness_long_page("First"));
	struct process_host *renderer = tab->renderer;

	(void)state;
	hold("name=submit_frame");
	tab_go(tab, OTHER_PAGE);
	await_held();
	assert_true(renderer->on_hold);
	assert_true(fault_inject_named(&browser, renderer, "endless loop", NULL));
	AWAIT(renderer->state == PROCESS_UNRESPONSIVE);
	assert_true(renderer->on_hold);
	assert_int_equal(gpu_host_up(browser.gpu)->state, PROCESS_READY);
	breakpoints_remove(&browser, 0);
	tab_end_renderer(tab);
	AWAIT(tab_is_sad(tab));
}

/* A child holds it, and what was sent since waits behind it. */
static void between_children_it_is_known_how_many_wait(void **state)
{
	struct tab *tab = harness_tab(harness_long_page("First"));
	char from[ENDPOINT_TEXT];

	(void)state;
	hold("name=submit_frame");
	tab_go(tab, OTHER_PAGE);
	struct held_message *m = await_held();
	unsigned before = breakpoints_behind(browser.breakpoints, m);
	send_by_hand("%s -> gpu submit_frame page=4000", endpoint_text(tab->renderer->name, from));
	AWAIT(breakpoints_behind(browser.breakpoints, m) > before);
	/* Nobody is to get that one. */
	for (uint32_t page = 0; page != 4000;) {
		m = await_held();
		assert_true(traffic_page(&m->event, &page));
		settle(m, HELD_ACTION_DROP);
	}
}

static void what_no_message_is_like_is_refused(void **state)
{
	struct query_error error = { 0 };

	(void)state;
	assert_false(breakpoints_add(&browser, "name=submit_frme", NULL, &error));
	assert_int_equal(error.column, 5);
	assert_string_equal(error.why, "no message is called submit_frme; did you mean submit_frame?");
	assert_null(breakpoint_next(browser.breakpoints, NULL));
}

static void an_edited_frame_is_another_picture(void **state)
{
	struct tab *tab = harness_tab(harness_long_page("First"));
	struct held_message *m;
	const struct traffic_event *e;
	union ipc_any fields;

	(void)state;
	uint32_t number = hold("name=submit_frame and arg.rows>2");
	tab_go(tab, OTHER_PAGE);
	m = await_held();
	edit(m, "rows=1");
	assert_true(m->event.marks & TRAFFIC_EDITED);
	settle(m, HELD_ACTION_PROCEED);
	breakpoints_remove(&browser, number);
	AWAIT(tab->document_rows == 1);
	assert_false(harness_screen_has("Another page"));
	AWAIT((e = last_message(IPC_SUBMIT_FRAME, tab->renderer->name)) && e->marks & TRAFFIC_EDITED);
	assert_true(traffic_decode(e, &fields));
	assert_int_equal(fields.submit_frame.rows, 1);
	harness_check_answers(tab->renderer);
}

/* The list in that half is another's: its sender is the one who is not believed. */
static void a_frame_of_the_wrong_half_is_the_senders_end(void **state)
{
	struct tab *tab = harness_tab(harness_long_page("First"));
	struct process_host *renderer = tab->renderer;
	struct held_message *m;

	(void)state;
	hold("from=renderer name=submit_frame");
	tab_go(tab, OTHER_PAGE);
	m = await_held();
	edit(m, "half=7");
	settle(m, HELD_ACTION_PROCEED);
	AWAIT(renderer->state == PROCESS_DEAD);
	assert_int_equal(renderer->death.status, TERMINATION_STATUS_KILLED);
	assert_int_equal(renderer->death.reason, BAD_MESSAGE_OUT_OF_RANGE);
	assert_string_equal(renderer->fault, "message edited by hand");
}

/* Drop whatever is held: the page that is left may have had a frame on its way, too. */
static void drop_held(void)
{
	if (browser.breakpoints->held)
		settle(browser.breakpoints->held, HELD_ACTION_DROP);
}

static void a_dropped_frame_is_lost_at_the_breakpoint(void **state)
{
	struct tab *tab = harness_tab(harness_long_page("First"));
	const struct traffic_event *e;

	(void)state;
	hold("name=submit_frame");
	tab_go(tab, OTHER_PAGE);
	AWAIT((drop_held(), e = last_message(IPC_SUBMIT_FRAME, tab->renderer->name)) &&
	      e->status == TRAFFIC_LOST);
	assert_string_equal(traffic_where(e), "breakpoint");
	assert_true(e->held_ns > 0);
	/* It waits for its frame to be taken, and that is no hang. */
	harness_check_answers(tab->renderer);
	assert_false(harness_screen_has("Another page"));
	breakpoints_remove(&browser, 0);
}

static void a_step_holds_what_comes_next_between_children(void **state)
{
	struct tab *tab = harness_tab(harness_long_page("First"));
	struct held_message *m;
	uint32_t first;

	(void)state;
	hold("name=submit_frame and arg.rows>2");
	tab_go(tab, OTHER_PAGE);
	m = await_held();
	first = m->number;
	settle(m, HELD_ACTION_STEP);
	/* Anything that the renderer sends to the GPU process now. */
	tab_go(tab, harness_long_page("Third"));
	AWAIT(browser.breakpoints->held && browser.breakpoints->held->number > first);
	m = browser.breakpoints->held;
	settle(m, HELD_ACTION_PROCEED);
	breakpoints_remove(&browser, 0);
	AWAIT(harness_screen_has("Third"));
}

static void a_plugins_instance_waits_for_its_creation(void **state)
{
	struct held_message *m;

	(void)state;
	hold("name=create_instance and arg.type~clock");
	struct tab *tab = tab_open(browser.tabs, CLOCK_PAGE, true);
	m = await_held();
	assert_int_equal(m->event.from.role, ROLE_RENDERER);
	assert_int_equal(m->event.to.role, ROLE_PLUGIN);
	assert_false(embeds_settled(tab));
	settle(m, HELD_ACTION_PROCEED);
	AWAIT(harness_loaded(tab));
	assert_non_null(harness_plugin());
}

static void a_dropped_instance_is_never_there(void **state)
{
	(void)state;
	hold("to=plugin and name~^create");
	struct tab *tab = tab_open(browser.tabs, CLOCK_PAGE, true);
	settle(await_held(), HELD_ACTION_DROP);
	AWAIT(harness_screen_has("below"));
	harness_check_answers(tab->renderer);
	harness_check_answers(harness_plugin());
	assert_false(embeds_settled(tab));
}

static void a_held_commit_leaves_the_old_page(void **state)
{
	struct tab *tab = harness_tab(harness_long_page("First"));
	struct held_message *m;

	(void)state;
	hold("to=browser name=did_commit");
	tab_go(tab, OTHER_PAGE);
	m = await_held();
	assert_int_equal(m->event.to.role, ROLE_BROWSER);
	harness_check_answers(tab->renderer);
	assert_true(tab->loading);
	assert_int_equal(strncmp(tab->title, "First", 5), 0);
	/* What the renderer sent since waits behind it. */
	AWAIT(breakpoints_behind(browser.breakpoints, m) > 0);
	settle(m, HELD_ACTION_PROCEED);
	AWAIT(harness_loaded(tab));
	assert_string_equal(tab->title, "Other");
}

static void what_the_browser_sends_is_held_before_it_leaves(void **state)
{
	struct tab *tab = harness_tab(harness_long_page("First"));
	struct held_message *m;
	const struct traffic_event *e;

	(void)state;
	hold("from=browser name=commit_navigation arg.url~Other");
	tab_go(tab, OTHER_PAGE);
	m = await_held();
	assert_int_equal(m->event.from.role, ROLE_BROWSER);
	assert_int_equal(m->event.id, 0);
	assert_int_equal(m->event.fds, 1);
	harness_check_answers(tab->renderer);
	assert_true(tab->loading);
	settle(m, HELD_ACTION_PROCEED);
	AWAIT(harness_loaded(tab));
	assert_string_equal(tab->title, "Other");
	e = last_message(IPC_COMMIT_NAVIGATION, (struct endpoint){ ROLE_BROWSER, 0 });
	assert_true(e->breakpoint && e->held_ns);
	assert_int_equal(e->status, TRAFFIC_DELIVERED);
}

static void what_the_browser_does_not_send_is_lost(void **state)
{
	struct tab *tab = harness_tab(harness_long_page("First"));
	const struct traffic_event *e;

	(void)state;
	hold("name=commit_navigation");
	tab_go(tab, OTHER_PAGE);
	settle(await_held(), HELD_ACTION_DROP);
	breakpoints_remove(&browser, 0);
	AWAIT((e = last_message(IPC_COMMIT_NAVIGATION, (struct endpoint){ ROLE_BROWSER, 0 })) &&
	      e->status == TRAFFIC_LOST);
	assert_string_equal(traffic_where(e), "breakpoint");
	harness_check_answers(tab->renderer);
	harness_go(tab, harness_long_page("Third"));
}

static void a_duplicate_reaches_its_handler_twice(void **state)
{
	struct tab *tab = harness_tab(harness_long_page("First"));
	const struct traffic_event *e;
	struct endpoint from = tab->renderer->name;
	unsigned before = 0, after = 0;

	(void)state;
	hold("name=did_change_title");
	tab_go(tab, OTHER_PAGE);
	settle(await_held(), HELD_ACTION_DUPLICATE);
	breakpoints_remove(&browser, 0);
	AWAIT(harness_loaded(tab));
	AWAIT((e = last_message(IPC_DID_CHANGE_TITLE, from)) && e->marks & TRAFFIC_DUPLICATED);
	assert_int_equal(e->status, TRAFFIC_DELIVERED);
	for (uint64_t i = collector_first(browser.collector); i < collector_end(browser.collector); i++) {
		const struct traffic_event *other = collector_event(browser.collector, i);

		if (other && other->kind == TRAFFIC_MESSAGE && other->id == e->id)
			*(other == e ? &after : &before) += 1;
	}
	assert_int_equal(before, 1);
	assert_int_equal(after, 1);
	harness_check_answers(tab->renderer);
}

/* A death does not wait for a person. */
static void the_death_of_the_sender_drops_what_is_held(void **state)
{
	static const char *const what[] = { "name=submit_frame", "name=did_commit",
					    "name=commit_navigation" };

	(void)state;
	for (unsigned i = 0; i < sizeof what / sizeof *what; i++) {
		struct tab *tab = harness_tab(harness_long_page("First"));
		struct process_host *renderer = tab->renderer;

		hold(what[i]);
		tab_go(tab, OTHER_PAGE);
		await_held();
		process_signal(renderer, SIGKILL);
		AWAIT(renderer->state == PROCESS_DEAD);
		AWAIT(!browser.breakpoints->held);
		AWAIT(tab_is_sad(tab));
		breakpoints_remove(&browser, 0);
		tab_close(tab);
		harness_check_answers(gpu_host_up(browser.gpu));
	}
}

static void who_starts_later_holds_too(void **state)
{
	struct process_host *gpu = gpu_host_up(browser.gpu);

	(void)state;
	hold("name=submit_frame");
	process_signal(gpu, SIGKILL);
	AWAIT(gpu->state == PROCESS_DEAD && gpu_host_up(browser.gpu));
	struct tab *tab = tab_open(browser.tabs, OTHER_PAGE, true);
	struct held_message *m = await_held();
	assert_int_equal(m->event.to.serial, gpu_host_up(browser.gpu)->name.serial);
	settle(m, HELD_ACTION_PROCEED);
	breakpoints_remove(&browser, 0);
	AWAIT(harness_loaded(tab) && harness_screen_has("Another page"));
}

/* What of a question a child cannot ask, the browser asks, and lets the rest go on. */
static void what_is_held_in_vain_goes_on(void **state)
{
	(void)state;
	uint32_t number = hold("(name=submit_frame and arg.rows>5000) or fds>3");
	struct tab *tab = harness_tab(OTHER_PAGE);

	assert_true(harness_screen_has("Another page"));
	harness_go(tab, harness_long_page("First"));
	assert_null(browser.breakpoints->held);
	assert_int_equal(browser.breakpoints->last_breakpoint, number);
	assert_int_equal(breakpoint_next(browser.breakpoints, NULL)->hits, 0);
	harness_check_answers(gpu_host_up(browser.gpu));
}

static void everything_can_be_held_and_goes_on(void **state)
{
	struct tab *tab = harness_tab(harness_long_page("First"));

	(void)state;
	hold("kind=message");
	tab_go(tab, OTHER_PAGE);
	await_held();
	harness_check_answers(tab->renderer);
	/* One after the other, as somebody would who only looks. */
	AWAIT_WITHIN(30000, ({
			     const char *why;
			     if (browser.breakpoints->held)
				     breakpoints_settle(&browser, browser.breakpoints->held->number,
							HELD_ACTION_PROCEED, &why);
			     harness_loaded(tab);
		     }));
	breakpoints_remove(&browser, 0);
	AWAIT(harness_screen_has("Another page"));
	assert_string_equal(tab->title, "Other");
}

static void a_chain_is_held_from_its_beginning_on(void **state)
{
	struct tab *tab = harness_tab(harness_long_page("First"));
	char text[80], id[IPC_ID_TEXT];

	(void)state;
	browser_input(&browser, "command", "test");
	uint64_t cause = cause_current();
	snprintf(text, sizeof text, "chain=%s and name=did_commit", ipc_id_text(cause, id));
	hold(text);
	tab_go(tab, OTHER_PAGE);
	browser_input_done(&browser);
	struct held_message *m = await_held();
	assert_int_equal(m->event.type, IPC_DID_COMMIT);
	settle(m, HELD_ACTION_PROCEED);
	AWAIT(harness_loaded(tab));
	/* Another chain. */
	harness_go(tab, harness_long_page("Third"));
	assert_null(browser.breakpoints->held);
}

/* By hand. */

static void what_is_sent_by_hand_is_obeyed(void **state)
{
	struct tab *tab = harness_tab(harness_long_page("First"));
	unsigned serial = tab->renderer->name.serial;
	const struct traffic_event *e;

	(void)state;
	send_by_hand("renderer:%u -> browser did_change_title page=%u navigation=%u title=\"By \\x68and\"",
		     serial, tab->id, tab->navigation);
	AWAIT(strcmp(tab->title, "By hand") == 0);
	e = last_message(IPC_DID_CHANGE_TITLE, tab->renderer->name);
	assert_int_equal(e->marks, TRAFFIC_BY_HAND);
	/* From another child to another child: the same frame once more. */
	const struct traffic_event *frame = last_message(IPC_SUBMIT_FRAME, tab->renderer->name);
	struct composed *c = malloc(sizeof *c);
	const char *why = "";
	assert_true(c && compose_from(frame, c));
	uint64_t id = frame->id;
	if (!compose_send(&browser, c, &why))
		fail_msg("%s", why);
	free(c);
	AWAIT((e = last_message(IPC_SUBMIT_FRAME, tab->renderer->name)) && e->id != id &&
	      e->status == TRAFFIC_DELIVERED);
	assert_int_equal(e->marks, TRAFFIC_BY_HAND);
	/* From the browser, with a descriptor: a document of nothing. */
	send_by_hand("browser -> renderer:%u commit_navigation page=%u navigation=%u url=\"data:,\" "
		     "mime=text/html body=empty",
		     serial, tab->id, tab->navigation + 1000);
	send_by_hand("browser -> renderer:%u close_page page=4711", serial);
	harness_check_answers(tab->renderer);
	assert_int_equal(tab->renderer->state, PROCESS_READY);
}

static void what_nobody_believes_is_its_senders_end(void **state)
{
	static const struct {
		const char *text; /* %u: the serial of the victim */
		enum role victim;
		enum termination_status status;
		enum bad_message reason;
	} cases[] = {
		{ "renderer:%u -> browser type=999 bytes=03 00 ff", ROLE_RENDERER, TERMINATION_STATUS_KILLED,
		  BAD_MESSAGE_UNKNOWN_TYPE },
		{ "renderer:%u -> browser did_change_title title=\"a\"*300", ROLE_RENDERER,
		  TERMINATION_STATUS_KILLED, BAD_MESSAGE_STRING_TOO_LONG },
		{ "renderer:%u -> browser did_lose_peer role=9 serial=1", ROLE_RENDERER,
		  TERMINATION_STATUS_KILLED, BAD_MESSAGE_OUT_OF_RANGE },
		{ "renderer:%u -> browser type=did_commit bytes=01", ROLE_RENDERER, TERMINATION_STATUS_KILLED,
		  BAD_MESSAGE_TOO_SHORT },
		{ "renderer:%u -> gpu type=submit_frame bytes=01", ROLE_RENDERER, TERMINATION_STATUS_KILLED,
		  BAD_MESSAGE_TOO_SHORT },
		{ "gpu:%u -> browser type=did_present bytes=01", ROLE_GPU, TERMINATION_STATUS_KILLED,
		  BAD_MESSAGE_TOO_SHORT },
		{ "plugin:%u -> browser did_finish_load page=1", ROLE_PLUGIN, TERMINATION_STATUS_KILLED,
		  BAD_MESSAGE_NOT_ADDRESSED },
		{ "browser -> renderer:%u commit_navigation page=1 body=none", ROLE_RENDERER,
		  TERMINATION_STATUS_ABNORMAL, BAD_MESSAGE_FD_MISSING },
		{ "browser -> renderer:%u press_key page=1 key=77", ROLE_RENDERER,
		  TERMINATION_STATUS_ABNORMAL, BAD_MESSAGE_OUT_OF_RANGE },
		/* Of what nobody told it to hold, and of what nobody sent. */
		{ "gpu:%u -> browser did_hold breakpoint=1 role=renderer serial=1 type=3 id=1152922604118474753",
		  ROLE_GPU, TERMINATION_STATUS_KILLED, BAD_MESSAGE_NOT_ADDRESSED },
		{ "gpu:%u -> browser did_hold breakpoint=1 role=plugin serial=1 type=3 id=3458765613332168705",
		  ROLE_GPU, TERMINATION_STATUS_KILLED, BAD_MESSAGE_NOT_IN_THIS_STATE },
		{ "gpu:%u -> browser did_hold breakpoint=1 role=browser type=3", ROLE_GPU,
		  TERMINATION_STATUS_KILLED, BAD_MESSAGE_WRONG_ID },
		{ "renderer:%u -> browser did_hold breakpoint=4000 role=gpu serial=1 id=2305844108725321729",
		  ROLE_RENDERER, TERMINATION_STATUS_KILLED, BAD_MESSAGE_NOT_IN_THIS_STATE },
	};

	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		char text[400];
		const char *why = "";
		struct tab *tab = harness_tab(CLOCK_PAGE);
		struct process_host *victim = cases[i].victim == ROLE_GPU      ? gpu_host_up(browser.gpu)
					      : cases[i].victim == ROLE_PLUGIN ? harness_plugin()
									       : tab->renderer;

		assert_non_null(victim);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(text, sizeof text, cases[i].text, victim->name.serial);
#pragma GCC diagnostic pop
		if (!send_text(text, &why))
			fail_msg("%s: %s", text, why);
		AWAIT(victim->state == PROCESS_DEAD);
		if (victim->death.status != cases[i].status ||
		    (cases[i].reason && victim->death.reason != cases[i].reason)) {
			char words[200];

			fail_msg("%s: %s", text, death_text(&victim->death, words, sizeof words));
		}
		assert_string_equal(victim->fault, "message sent by hand");
		harness_calm(state);
	}
}

/* A plugin says that it holds a message of a renderer that has no channel to it. */
static void what_a_stranger_holds_is_not_heard(void **state)
{
	struct process_host *stranger = harness_tab(harness_long_page("First"))->renderer, *plugin;
	const struct tab *tab;
	const struct traffic_event *e;

	(void)state;
	tab = harness_tab(CLOCK_PAGE);
	plugin = harness_plugin();
	assert_non_null(plugin);
	assert_ptr_not_equal(tab->renderer, stranger);
	uint32_t number = hold("name=destroy_instance");
	send_by_hand("plugin:%u -> browser did_hold breakpoint=%u role=renderer serial=%u type=%u id=%llu "
		     "fields=\"01 00 00 00 01 00 00 00\"",
		     plugin->name.serial, number, stranger->name.serial, IPC_DESTROY_INSTANCE,
		     (unsigned long long)ipc_make_id(ROLE_RENDERER, stranger->name.serial, 100000));
	AWAIT((e = last_message(IPC_DID_HOLD, plugin->name)) && e->status != TRAFFIC_IN_FLIGHT);
	assert_int_equal(e->status, TRAFFIC_DELIVERED);
	harness_check_answers(plugin);
	assert_null(browser.breakpoints->held);
	assert_false(stranger->on_hold);
	assert_int_equal(plugin->state, PROCESS_READY);
}

static void what_cannot_be_sent_is_said(void **state)
{
	struct tab *tab = harness_tab(harness_long_page("First"));
	const char *why = "";
	char text[100];

	(void)state;
	assert_false(send_text("renderer:4711 -> gpu submit_frame", &why));
	assert_string_equal(why, "there is no process renderer:4711");
	assert_false(send_text("plugin -> browser did_update_surface", &why));
	assert_string_equal(why, "there is no plugin");
	snprintf(text, sizeof text, "renderer:%u -> renderer:%u submit_frame", tab->renderer->name.serial,
		 tab->renderer->name.serial);
	assert_false(send_text(text, &why));
	assert_non_null(strstr(why, "there is no channel from"));
	AWAIT(process_is_up(browser.spare->process));
	assert_false(send_text("renderer -> gpu submit_frame", &why));
	assert_non_null(strstr(why, "there are several: which renderer?"));
}

static void with_faults_off_one_may_only_look(void **state)
{
	struct tab *tab = harness_tab(harness_long_page("First"));
	struct held_message *m;
	const char *why = "";

	(void)state;
	browser.options.no_faults = true;
	hold("name=did_commit");
	tab_go(tab, OTHER_PAGE);
	m = await_held();
	assert_false(breakpoints_settle(&browser, m->number, HELD_ACTION_DROP, &why));
	assert_non_null(strstr(why, "--no-faults"));
	assert_false(breakpoints_settle(&browser, m->number, HELD_ACTION_DUPLICATE, &why));
	assert_false(breakpoints_edit(&browser, m->number, (const uint8_t *)"", 0, &why));
	assert_false(send_text("gpu -> browser did_present", &why));
	assert_non_null(strstr(why, "--no-faults"));
	settle(m, HELD_ACTION_STEP);
	settle(await_held(), HELD_ACTION_PROCEED);
	breakpoints_remove(&browser, 0);
	AWAIT(harness_loaded(tab));
	browser.options.no_faults = false;
}

static void edited_to_nonsense_is_its_senders_end(void **state)
{
	struct tab *tab = harness_tab(harness_long_page("First"));
	struct process_host *renderer = tab->renderer;
	const char *why = "";

	(void)state;
	hold("name=did_commit");
	tab_go(tab, OTHER_PAGE);
	struct held_message *m = await_held();
	assert_true(breakpoints_edit(&browser, m->number, (const uint8_t *)"ab", 2, &why));
	settle(m, HELD_ACTION_PROCEED);
	AWAIT(renderer->state == PROCESS_DEAD);
	assert_int_equal(renderer->death.reason, BAD_MESSAGE_TOO_SHORT);
	AWAIT(tab_is_sad(tab));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(function) cmocka_unit_test_setup(function, calm)
		TEST(a_held_frame_is_not_seen_and_nobody_hangs),
		TEST(who_hangs_is_hung_though_held),
		TEST(between_children_it_is_known_how_many_wait),
		TEST(what_no_message_is_like_is_refused),
		TEST(an_edited_frame_is_another_picture),
		TEST(a_frame_of_the_wrong_half_is_the_senders_end),
		TEST(a_dropped_frame_is_lost_at_the_breakpoint),
		TEST(a_step_holds_what_comes_next_between_children),
		TEST(a_plugins_instance_waits_for_its_creation),
		TEST(a_dropped_instance_is_never_there),
		TEST(a_held_commit_leaves_the_old_page),
		TEST(what_the_browser_sends_is_held_before_it_leaves),
		TEST(what_the_browser_does_not_send_is_lost),
		TEST(a_duplicate_reaches_its_handler_twice),
		TEST(the_death_of_the_sender_drops_what_is_held),
		TEST(who_starts_later_holds_too),
		TEST(what_is_held_in_vain_goes_on),
		TEST(everything_can_be_held_and_goes_on),
		TEST(a_chain_is_held_from_its_beginning_on),
		TEST(edited_to_nonsense_is_its_senders_end),
		TEST(what_is_sent_by_hand_is_obeyed),
		TEST(what_nobody_believes_is_its_senders_end),
		TEST(what_a_stranger_holds_is_not_heard),
		TEST(what_cannot_be_sent_is_said),
		TEST(with_faults_off_one_may_only_look),
#undef TEST
	};

	return cmocka_run_group_tests(tests, harness_open, harness_close);
}
