/*
 * A compromised renderer: each misdeed ends in exactly the death that the table says, or in nothing; and
 * whatever it does, the other tabs, the GPU process and the plugin process live on, unharmed.
 */
#include "browser/tab/page_host.h"
#include "tests/browser/compromise.h"
#include "tests/browser/harness.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>

static struct witness reader, clock_tab;
static uint32_t gpu_serial, plugin_serial;
static unsigned surfaces_before;

static int begin(void **state)
{
	struct tab *tab;
	int result = harness_calm(state);

	reader = harness_witness(harness_tab("bulkhead://pages/harbour.html"));
	tab = harness_tab(CLOCK_PAGE);
	clock_tab = harness_witness(tab);
	gpu_serial = gpu_host_up(browser.gpu)->name.serial;
	plugin_serial = harness_plugin()->name.serial;
	surfaces_before = tab->embeds->surface;
	assert_true(surfaces_before <= 100); /* "surface of another" names the first hundred */
	return result;
}

static void check_neighbours(void)
{
	harness_check_witness(&reader);
	harness_check_witness(&clock_tab);
	assert_int_equal(gpu_host_up(browser.gpu)->name.serial, gpu_serial);
	assert_int_equal(harness_plugin()->name.serial, plugin_serial);
	harness_check_answers(gpu_host_up(browser.gpu));
	harness_check_answers(harness_plugin());
	assert_int_equal(clock_tab.tab->embeds->surface, surfaces_before);
	assert_string_equal(reader.tab->title, "Harbour news");
	assert_string_equal(clock_tab.tab->title, "Clock");
}

static int end(void **state)
{
	(void)state;
	cure(ROLE_RENDERER);
	check_neighbours();
	return 0;
}

/* A tab in front of the others whose renderer does that. */
static struct tab *open_evil(const char *way)
{
	print_message("  %s\n", way);
	compromise(ROLE_RENDERER, way);
	cure(ROLE_RENDERER);
	return tab_open(browser.tabs, "data:text/html,evil", true);
}

static void check_killed(const char *way, enum bad_message reason)
{
	struct tab *tab = open_evil(way);

	AWAIT(tab->state == TAB_SAD);
	assert_string_equal(bad_message_names[tab->death.reason], bad_message_names[reason]);
	assert_int_equal(tab->death.status, TERMINATION_STATUS_KILLED);
	assert_int_equal(tab->death.signal, SIGKILL);
	check_neighbours();
	/* The same tab has a sound page again. */
	tab_go(tab, "data:text/html,<p>sound");
	AWAIT(harness_loaded(tab));
	assert_non_null(strstr(harness_describe(tab)->text, "sound"));
	tab_close(tab);
}

/* Nothing comes of it: the process lives and answers, until its tab is closed. */
static void check_nothing_comes_of(const char *way)
{
	struct tab *tab = open_evil(way);
	struct process_host *p;

	AWAIT(harness_loaded(tab));
	p = tab->renderer;
	for (unsigned i = 0; i < 3; i++)
		harness_check_answers(p);
	harness_describe(tab);
	assert_int_equal(tab->state, TAB_READY);
	check_neighbours();
	tab_close(tab);
	AWAIT(p->state == PROCESS_DEAD);
	assert_int_equal(p->death.reason, BAD_MESSAGE_NONE);
}

static const struct {
	const char *way;
	enum bad_message reason;
} killed[] = {
	{ "unknown type", BAD_MESSAGE_UNKNOWN_TYPE },
	{ "message for another", BAD_MESSAGE_NOT_ADDRESSED },
	{ "command to the browser", BAD_MESSAGE_NOT_ADDRESSED },
	{ "too short", BAD_MESSAGE_TOO_SHORT },
	{ "too long", BAD_MESSAGE_TOO_LONG },
	{ "half a header", BAD_MESSAGE_TOO_SHORT },
	{ "one byte", BAD_MESSAGE_TOO_SHORT },
	{ "length too large", BAD_MESSAGE_TOO_SHORT },
	{ "length too small", BAD_MESSAGE_TOO_SHORT },
	{ "length that overflows", BAD_MESSAGE_TOO_SHORT },
	{ "huge packet", BAD_MESSAGE_TOO_LONG },
	{ "browser's id", BAD_MESSAGE_WRONG_ID },
	{ "neighbour's id", BAD_MESSAGE_WRONG_ID },
	{ "number going back", BAD_MESSAGE_WRONG_ID },
	{ "number again", BAD_MESSAGE_WRONG_ID },
	{ "reserved bits", BAD_MESSAGE_WRONG_ID },
	{ "title of another", BAD_MESSAGE_FOREIGN_PAGE },
	{ "commit for another", BAD_MESSAGE_FOREIGN_PAGE },
	{ "link of another", BAD_MESSAGE_FOREIGN_PAGE },
	{ "title too long", BAD_MESSAGE_STRING_TOO_LONG },
	{ "title not utf-8", BAD_MESSAGE_STRING_NOT_UTF8 },
	{ "enum out of range", BAD_MESSAGE_OUT_OF_RANGE },
	{ "commit what nobody asked", BAD_MESSAGE_NOT_IN_THIS_STATE },
	{ "pong unasked", BAD_MESSAGE_REPLY_NOT_ASKED },
	{ "answer another ping", BAD_MESSAGE_REPLY_NOT_ASKED },
	{ "description unasked", BAD_MESSAGE_REPLY_NOT_ASKED },
	{ "region too small", BAD_MESSAGE_WRONG_REGION_SIZE },
	{ "region too large", BAD_MESSAGE_WRONG_REGION_SIZE },
	{ "surface of no size", BAD_MESSAGE_WRONG_REGION_SIZE },
	{ "surface too wide", BAD_MESSAGE_WRONG_REGION_SIZE },
	/* Told by the GPU process. */
	{ "control character", BAD_MESSAGE_INVALID_DISPLAY_LIST },
	{ "broken utf-8", BAD_MESSAGE_INVALID_DISPLAY_LIST },
	{ "row outside", BAD_MESSAGE_INVALID_DISPLAY_LIST },
	{ "column outside", BAD_MESSAGE_INVALID_DISPLAY_LIST },
	{ "unknown kind", BAD_MESSAGE_INVALID_DISPLAY_LIST },
	{ "unknown attributes", BAD_MESSAGE_INVALID_DISPLAY_LIST },
	{ "unknown colour", BAD_MESSAGE_INVALID_DISPLAY_LIST },
	{ "item too long", BAD_MESSAGE_INVALID_DISPLAY_LIST },
	{ "item of nothing", BAD_MESSAGE_INVALID_DISPLAY_LIST },
	{ "text beyond its item", BAD_MESSAGE_INVALID_DISPLAY_LIST },
	{ "band beyond the end", BAD_MESSAGE_INVALID_DISPLAY_LIST },
	{ "band of odd length", BAD_MESSAGE_INVALID_DISPLAY_LIST },
	{ "band far down", BAD_MESSAGE_INVALID_DISPLAY_LIST },
	{ "fill beyond the grid", BAD_MESSAGE_INVALID_DISPLAY_LIST },
	{ "too much paint", BAD_MESSAGE_INVALID_DISPLAY_LIST },
	{ "random list", BAD_MESSAGE_INVALID_DISPLAY_LIST },
	{ "half of three", BAD_MESSAGE_OUT_OF_RANGE },
	{ "more than a half", BAD_MESSAGE_OUT_OF_RANGE },
	{ "too many rows", BAD_MESSAGE_OUT_OF_RANGE },
	{ "too many columns", BAD_MESSAGE_OUT_OF_RANGE },
	{ "page of another", BAD_MESSAGE_FOREIGN_PAGE },
	{ "surface of another", BAD_MESSAGE_FOREIGN_SURFACE },
	{ "unknown to gpu", BAD_MESSAGE_UNKNOWN_TYPE },
	{ "short to gpu", BAD_MESSAGE_TOO_SHORT },
	{ "command to gpu", BAD_MESSAGE_NOT_ADDRESSED },
};

static const char *const harmless[] = {
	"sound list",		"page of nobody",  "titles with escapes", "regions again and again",
	"surfaces of nobody",	"lie about peers", "links without end",	  "surface of nobody",
	"end a healthy plugin",
};

static void test_misdeeds_that_are_punished(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof killed / sizeof *killed; i++)
		check_killed(killed[i].way, killed[i].reason);
}

static void test_misdeeds_of_which_nothing_comes(void **state)
{
	unsigned fds;

	(void)state;
	AWAIT(process_is_up(browser.spare->process));
	fds = count_fds();
	for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
		check_nothing_comes_of(harmless[i]);
	AWAIT(process_is_up(browser.spare->process));
	assert_int_equal(count_fds(), fds);
}

/* Every sign that the title may hold is shown by others, and cleaned by them; the log holds it escaped. */
static void test_titles_with_escapes_are_kept_out_of_the_log(void **state)
{
	struct tab *tab = open_evil("titles with escapes");
	char line[4096];

	(void)state;
	AWAIT(harness_loaded(tab) && tab->title);
	harness_check_answers(tab->renderer);
	collector_drain(browser.collector, 0);
	for (uint64_t i = collector_first(browser.collector); i < collector_end(browser.collector); i++) {
		const struct traffic_event *e = collector_event(browser.collector, i);
		struct format f = format_into(line, sizeof line);

		if (!e)
			continue;
		traffic_format_json(e, &f);
		for (const char *c = line; *c; c++)
			assert_true((unsigned char)*c >= ' ' && *c != 0x7f);
		f = format_into(line, sizeof line);
		traffic_format_line(e, 0, &f);
		for (const char *c = line; *c; c++)
			assert_true((unsigned char)*c >= ' ' && *c != 0x7f);
	}
}

/* It needs no page for that. */
static void test_a_renderer_that_starts_twice(void **state)
{
	struct process_host *spare;
	uint32_t serial;

	(void)state;
	AWAIT(process_is_up(browser.spare->process));
	serial = browser.processes->serials[ROLE_RENDERER];
	compromise_next(ROLE_RENDERER, "start twice");
	process_kill(browser.spare->process, BAD_MESSAGE_NONE);
	AWAIT(browser.processes->serials[ROLE_RENDERER] > serial);
	cure(ROLE_RENDERER);
	spare = browser.spare->process;
	AWAIT(spare->state == PROCESS_DEAD);
	assert_string_equal(bad_message_names[spare->death.reason], "not_in_this_state");
	assert_int_equal(spare->death.status, TERMINATION_STATUS_KILLED);
}

/* A packet without bytes is the end of the channel: whoever sends one is taken at his word. */
static void test_an_empty_packet_ends_the_channel(void **state)
{
	struct tab *tab = open_evil("empty packet");

	(void)state;
	AWAIT(tab->state == TAB_SAD);
	assert_int_not_equal(tab->death.status, TERMINATION_STATUS_NORMAL);
	check_neighbours();
}

/* The filter stops the call; without the filter the browser refuses what comes. */
static void test_a_descriptor_from_a_child(void **state)
{
	struct tab *tab = open_evil("send a descriptor");
	unsigned fds;

	(void)state;
	AWAIT(tab->state == TAB_SAD);
	assert_int_equal(tab->death.status, TERMINATION_STATUS_CRASHED);
	assert_int_equal(tab->death.kind, CRASH_KIND_VIOLATION);
	assert_int_equal(tab->death.syscall, SYS_sendmsg);
	tab_close(tab);
	AWAIT(process_is_up(browser.spare->process));
	fds = count_fds();
	browser.processes->wanted &= ~(1u << LAYER_SECCOMP);
	browser.processes->insists = false;
	tab = open_evil("send a descriptor");
	AWAIT(tab->state == TAB_SAD);
	browser.processes->wanted |= 1u << LAYER_SECCOMP;
	browser.processes->insists = true;
	assert_string_equal(bad_message_names[tab->death.reason], "fd_unexpected");
	tab_close(tab);
	/* The spare that was started without its filter must not be used. */
	AWAIT(process_is_up(browser.spare->process));
	struct process_host *spare = browser.spare->process;

	process_kill(spare, BAD_MESSAGE_NONE);
	AWAIT(spare->state == PROCESS_DEAD && process_is_up(browser.spare->process));
	assert_int_equal(count_fds(), fds);
}

/* The end is told as the kernel says, whatever the record claims. */
static void test_a_crash_record_of_lies(void **state)
{
	struct tab *tab = open_evil("crash record of lies");

	(void)state;
	AWAIT(tab->state == TAB_SAD);
	assert_int_equal(tab->death.status, TERMINATION_STATUS_ABNORMAL);
	assert_int_equal(tab->death.code, 3);
	assert_int_equal(tab->death.kind, CRASH_KIND_NONE);
	check_neighbours();
}

/* Who lies in the flight recorder has been taken over; who merely overruns it has not. */
static void check_forged(const char *way)
{
	struct tab *tab = open_evil(way);
	struct endpoint name;

	AWAIT(tab->attached || tab_is_sad(tab));
	name = tab->attached ? (struct endpoint){ ROLE_RENDERER, tab->attached } : tab->dead_renderer;
	AWAIT((collector_drain(browser.collector, 0),
	       collector_forged(browser.collector, name) || collector_gaps(browser.collector, name)));
	if (collector_forged(browser.collector, name)) {
		AWAIT(tab->state == TAB_SAD);
		assert_string_equal(bad_message_names[tab->death.reason], "forged_record");
	} else {
		harness_check_answers(tab->renderer);
	}
	check_neighbours();
	tab_close(tab);
}

static void test_forged_recorders(void **state)
{
	(void)state;
	check_forged("recorder of random bytes");
	check_forged("recorder ahead of itself");
}

/* Where the browser reads just then, it sees the lies; where it has read already, nothing comes of them. */
static void test_a_recorder_of_lies(void **state)
{
	struct tab *tab = open_evil("recorder of lies");
	struct process_host *p;

	(void)state;
	AWAIT(harness_loaded(tab) || tab->state == TAB_SAD);
	p = tab->renderer;
	for (unsigned i = 0; i < 3; i++)
		AWAIT(!p || !process_is_up(p) || (process_ping(p), loop_turn(10), !p->ping_sent_ns));
	AWAIT(tab->state == TAB_SAD || process_is_up(tab->renderer));
	if (tab->state == TAB_SAD)
		assert_string_equal(bad_message_names[tab->death.reason], "forged_record");
	check_neighbours();
}

/* A page's plugins get no more room together than a page may have, and no more places. */
static void test_greedy_embeds(void **state)
{
	struct tab *tab = open_evil("greedy embeds");
	unsigned embeds = 0, refused = 0;
	size_t cells = 0;

	(void)state;
	AWAIT(tab->state == TAB_READY && tab->embeds && embeds_settled(tab));
	harness_check_answers(tab->renderer);
	for (struct embed *e = tab->embeds; e; e = e->next) {
		embeds++;
		refused += !e->plugin;
		cells += e->surface ? (size_t)e->columns * e->rows : 0;
	}
	assert_int_equal(embeds, PAGE_MAX_EMBEDS);
	assert_true(cells > 0 && cells <= PAGE_MAX_SURFACE_CELLS);
	assert_int_equal(refused, PAGE_MAX_EMBEDS - 1);
	check_neighbours();
}

/* Channels to the plugin process without end would use up the descriptors of that process, which all share.
 */
static void test_hoarded_channels(void **state)
{
	struct tab *tab = open_evil("hoard channels");
	struct tab *second;

	(void)state;
	AWAIT(tab->state == TAB_READY);
	AWAIT(!process_is_up(tab->renderer) || channel_counters(tab->renderer->channel)->received > 3000);
	check_neighbours();
	second = harness_tab(CLOCK_PAGE);
	AWAIT(harness_screen_has("\u2588"));
	tab_close(second);
}

/* The plugin process ends that channel; its word alone kills nobody. */
static void test_an_instance_of_another_type(void **state)
{
	check_nothing_comes_of("create what is no clock");
	(void)state;
}

static void test_a_list_that_changes_while_it_is_read(void **state)
{
	struct tab *tab = open_evil("change after submit");
	struct process_host *p;

	(void)state;
	AWAIT(tab->state == TAB_SAD || harness_loaded(tab));
	p = tab->renderer;
	if (p)
		AWAIT(p->state == PROCESS_DEAD || (!p->ping_sent_ns && p->unanswered == 0));
	if (tab->state == TAB_SAD)
		assert_int_equal(tab->death.reason, BAD_MESSAGE_INVALID_DISPLAY_LIST);
	check_neighbours();
}

/* Who floods starves nobody, and is called unresponsive, since it does not read. */
static void check_flood(const char *way)
{
	struct tab *tab = open_evil(way);
	uint64_t before = count_resident_bytes();
	struct process_host *p;

	AWAIT(tab->state == TAB_READY);
	p = tab->renderer;
	for (unsigned i = 0; i < 5; i++)
		check_neighbours();
	for (unsigned i = 0; i < 12; i++) {
		browser.processes->hang_checks.run(browser.processes->hang_checks.arg);
		harness_check_answers(gpu_host_up(browser.gpu));
		harness_check_answers(harness_plugin());
		harness_check_answers(reader.tab->renderer);
	}
	assert_true(tab_is_unresponsive(tab, NULL));
	harness_show(reader.tab);
	tab_close(tab);
	AWAIT(p->state == PROCESS_DEAD);
	assert_int_equal(p->death.signal, SIGKILL);
	/* What the collector keeps of traffic is bounded: 32 MB, and as much of what is open. */
	assert_true(count_resident_bytes() < before + (UINT64_C(64) << 20));
}

static void test_a_flood_to_the_browser(void **state)
{
	check_flood("flood");
	(void)state;
}

static void test_a_flood_to_the_gpu_process(void **state)
{
	check_flood("flood the gpu");
	(void)state;
}

/* Input is discarded once the peer is clogged; what cannot be discarded fills the queue up to its bound. */
static void test_a_renderer_that_never_reads(void **state)
{
	struct tab *tab = open_evil("never read");
	struct process_host *p;

	(void)state;
	AWAIT(tab->state == TAB_READY);
	p = tab->renderer;
	for (unsigned i = 0; i < 300; i++) {
		for (unsigned n = 0; n < 100; n++)
			tab_press_key(tab, KEY_FOCUS_NEXT);
		loop_turn(0);
	}
	assert_true(process_is_up(p));
	assert_true(channel_queued(p->channel) <= CHANNEL_CLOGGED_BYTES + CHANNEL_PACKET_BYTES);
	check_neighbours();
	for (unsigned i = 0; process_is_up(p); i++) {
		assert_true(i < 1000);
		for (unsigned n = 0; n < 1000 && p->channel; n++)
			ipc_send_set_viewport(p->channel, tab->id, 80, 24);
		loop_turn(0);
	}
	AWAIT(tab->state == TAB_SAD);
	assert_string_equal(bad_message_names[tab->death.reason], "queue_overflow");
}

/* It lives on without a channel for a second at most; meanwhile everything else goes on. */
static void test_a_renderer_that_closes_its_channel(void **state)
{
	struct tab *tab = open_evil("close the channel"), *other;
	struct process_host *p;

	(void)state;
	AWAIT(tab->state == TAB_READY && tab->renderer->channel_ended);
	p = tab->renderer;
	assert_false(process_is_up(p));
	other = harness_tab(CLOCK_PAGE); /* channels are made between those that are up */
	view_resize(browser.view, 90, 25);
	view_resize(browser.view, 80, 24);
	tab_press_key(tab, KEY_FOCUS_NEXT);
	tab_describe(tab);
	tab_stop(tab);
	tab_scroll_by(tab, 3);
	assert_false(fault_inject_named(&browser, p, "abort", NULL));
	check_neighbours();
	AWAIT(p->state == PROCESS_DEAD);
	assert_int_equal(tab->state, TAB_SAD);
	assert_int_equal(tab->death.status, TERMINATION_STATUS_KILLED);
	tab_close(other);
}

static void test_a_renderer_that_shuts_half_its_channel(void **state)
{
	struct tab *tab = open_evil("shut half");

	(void)state;
	AWAIT(tab->state == TAB_SAD);
	assert_int_equal(tab->death.kind, CRASH_KIND_VIOLATION);
	assert_int_equal(tab->death.syscall, SYS_shutdown);
}

static void test_a_renderer_that_ignores_sigterm(void **state)
{
	struct tab *tab = open_evil("ignore sigterm");
	struct process_host *p;

	(void)state;
	AWAIT(harness_loaded(tab));
	p = tab->renderer;
	assert_true(fault_inject_named(&browser, p, "SIGTERM", NULL));
	harness_check_answers(p);
	assert_int_equal(tab->state, TAB_READY);
	tab_close(tab);
	AWAIT(p->state == PROCESS_DEAD);
}

int main(void)
{
#define EVIL_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		EVIL_TEST(test_misdeeds_that_are_punished),
		EVIL_TEST(test_misdeeds_of_which_nothing_comes),
		EVIL_TEST(test_titles_with_escapes_are_kept_out_of_the_log),
		EVIL_TEST(test_a_renderer_that_starts_twice),
		EVIL_TEST(test_an_empty_packet_ends_the_channel),
		EVIL_TEST(test_a_descriptor_from_a_child),
		EVIL_TEST(test_a_crash_record_of_lies),
		EVIL_TEST(test_forged_recorders),
		EVIL_TEST(test_a_recorder_of_lies),
		EVIL_TEST(test_greedy_embeds),
		EVIL_TEST(test_hoarded_channels),
		EVIL_TEST(test_an_instance_of_another_type),
		EVIL_TEST(test_a_list_that_changes_while_it_is_read),
		EVIL_TEST(test_a_flood_to_the_browser),
		EVIL_TEST(test_a_flood_to_the_gpu_process),
		EVIL_TEST(test_a_renderer_that_never_reads),
		EVIL_TEST(test_a_renderer_that_closes_its_channel),
		EVIL_TEST(test_a_renderer_that_shuts_half_its_channel),
		EVIL_TEST(test_a_renderer_that_ignores_sigterm),
	};

	return cmocka_run_group_tests(tests, harness_open, harness_close);
}
