/*
 * The blast radius of deaths and hangs, as it is measured live: who lived, what was lost and freed, how long
 * it took, and the two lines of the log. Numbers are compared with what the kernel, the collector and the log
 * say.
 */
#include "tests/browser/harness.h"
#include <cjson/cJSON.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char log_file[64];

static int open_with_log(void **state)
{
	int fd;

	strcpy(log_file, "/tmp/bulkhead-blast-XXXXXX");
	fd = mkstemp(log_file);
	if (fd == -1)
		return -1;
	close(fd);
	harness_options.no_log = false;
	harness_options.log_file = log_file;
	return harness_open(state);
}

static int close_with_log(void **state)
{
	int failed = harness_close(state);

	unlink(log_file);
	return failed;
}

static const struct blast *newest(void)
{
	assert_non_null(browser.blasts->newest);
	return browser.blasts->newest;
}

/* Break it, and wait for the blast to be settled. */
static const struct blast *break_now(struct process_host *p, const char *order)
{
	struct fault_order o;
	char error[CLAUSE_ERROR];
	uint32_t before = browser.blasts->last_number;

	assert_true(fault_order_parse(order, &o, error));
	assert_true(fault_inject(&browser, p, &o, NULL, NULL));
	AWAIT(browser.blasts->last_number > before && newest()->settled);
	assert_int_equal(browser.blasts->last_number, before + 1);
	return newest();
}

static const struct roll_entry *entry_of(const struct blast *b, const struct process_host *p)
{
	for (unsigned i = 0; i < b->roll.count; i++)
		if (b->roll.entries[i].process.role == p->name.role &&
		    b->roll.entries[i].process.serial == p->name.serial)
			return &b->roll.entries[i];
	return NULL;
}

/* Every process that is up answered, each within the time that the whole call took. */
static void check_roll(const struct blast *b)
{
	unsigned up = 0;

	for (struct process_host *p = browser.processes->first; p; p = p->next) {
		const struct roll_entry *e = entry_of(b, p);

		/* One that was started since was not there to be asked. */
		if (!process_is_up(p) || p->ready_ns > b->roll.began_ns)
			continue;
		up++;
		assert_non_null(e);
		assert_int_equal(e->answer, ROLL_ANSWERED);
		assert_true(e->took_ns > 0 && e->took_ns <= b->roll.ended_ns - b->roll.began_ns);
	}
	assert_int_equal(b->roll.asked, up);
	assert_int_equal(b->roll.answered, up);
}

/* Of the log: lines of that kind, and messages that were lost, as JSON; the caller frees it. */
static cJSON *read_log(void)
{
	cJSON *lines = cJSON_CreateArray();
	FILE *file = fopen(log_file, "re");
	char *line = NULL;
	size_t room = 0;

	assert_non_null(file);
	while (getline(&line, &room, file) > 0) {
		cJSON *parsed = strchr(line, '\n') ? cJSON_Parse(line) : NULL;

		if (parsed)
			cJSON_AddItemToArray(lines, parsed);
	}
	free(line);
	fclose(file);
	return lines;
}

static const char *text_of(const cJSON *line, const char *key)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(line, key));

	return text ? text : "";
}

static double number_of(const cJSON *line, const char *key)
{
	const cJSON *item = cJSON_GetObjectItem(line, key);

	assert_true(cJSON_IsNumber(item));
	return item->valuedouble;
}

static const cJSON *find_line(const cJSON *lines, const char *type, uint32_t number)
{
	const cJSON *line;

	cJSON_ArrayForEach(line, lines) if (!strcmp(text_of(line, "type"), type) &&
					    number_of(line, "blast") == number) return line;
	return NULL;
}

/* Wait for the line; the log is the caller's. */
static cJSON *await_line(const char *type, uint32_t number, const cJSON **line)
{
	uint64_t end = recorder_now() + HARNESS_MS * UINT64_C(1000000);
	cJSON *lines;

	while (!(*line = find_line(lines = read_log(), type, number))) {
		cJSON_Delete(lines);
		harness_turn(end, type, __FILE__, __LINE__);
	}
	return lines;
}

static bool is_lost(const cJSON *line, const char *process)
{
	return !strcmp(text_of(line, "type"), "message") && !strcmp(text_of(line, "status"), "lost") &&
	       (!strcmp(text_of(line, "from"), process) || !strcmp(text_of(line, "to"), process));
}

/* name NULL: of any name. */
static unsigned count_lost(const cJSON *lines, const char *process, const char *name)
{
	const cJSON *line;
	unsigned n = 0;

	cJSON_ArrayForEach(line, lines) n +=
		is_lost(line, process) && (!name || !strcmp(text_of(line, "name"), name));
	return n;
}

/* An init that took more than a moment to end is reaped when the next compartment is made. */
static bool fds_are(unsigned n)
{
	struct compartment none;

	assert_true(compartment_create(&none, &browser.processes->programs, 0));
	return count_fds() == n;
}

static void test_a_renderer(void **state)
{
	struct tab *other = harness_tab("data:text/html,<p>other");
	struct tab *tab = harness_tab(harness_long_page("Breaks"));
	struct endpoint dead = tab->renderer->name;
	uint32_t half = tab->staging.half_bytes;
	unsigned fds, regions;
	const struct blast *b;
	const cJSON *line;
	cJSON *lines;
	char name[ENDPOINT_TEXT];

	(void)state;
	AWAIT(process_is_up(browser.spare->process));
	fds = count_fds();
	regions = count_regions();
	b = break_now(tab->renderer, "null dereference");
	assert_true(b->died && b->named && b->process.serial == dead.serial);
	assert_string_equal(b->fault, "null dereference");
	check_roll(b);
	assert_non_null(entry_of(b, other->renderer));
	/* What was freed is what the kernel has no more. */
	AWAIT(fds_are(fds - b->freed.descriptors));
	assert_true(b->freed.descriptors >= 3); /* channel, pidfd, staging region */
	assert_int_equal(b->freed.regions, 2);
	assert_int_equal(count_regions() + 1, regions); /* the recorder was mapped, the staging region held */
	assert_int_equal(b->freed.bytes, RECORDER_REGION_BYTES + 2 * (uint64_t)half);
	/* When. */
	assert_true(b->ordered_ns <= b->crashed_ns && b->crashed_ns <= b->known_ns);
	assert_true(b->known_ns <= b->shown_ns && b->shown_ns <= b->roll.ended_ns);
	/* The log says the same. */
	lines = await_line("blast", b->number, &line);
	assert_string_equal(text_of(line, "process"), endpoint_text(dead, name));
	assert_string_equal(text_of(line, "end"), "crashed");
	assert_string_equal(text_of(line, "signal"), "SIGSEGV");
	assert_string_equal(text_of(line, "fault"), "null dereference");
	assert_int_equal(number_of(line, "asked"), b->roll.asked);
	assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(line, "lived")), b->roll.count);
	assert_int_equal(number_of(line, "lost"), count_lost(lines, name, NULL));
	assert_int_equal(number_of(cJSON_GetObjectItem(line, "freed"), "descriptors"), b->freed.descriptors);
	assert_int_equal(cJSON_GetArrayItem(cJSON_GetObjectItem(line, "tabs"), 0)->valueint, tab->id);
	assert_null(find_line(lines, "recovery", b->number));
	cJSON_Delete(lines);
	/* And when it is made up for. */
	assert_false(b->recovered);
	tab_reload(tab);
	AWAIT(b->recovered);
	assert_true(tab->presented_ns && b->tabs[0].pictured_ns >= b->tabs[0].back_ns);
	assert_int_equal(b->recover_ns, b->tabs[0].pictured_ns - b->tabs[0].asked_ns);
	lines = await_line("recovery", b->number, &line);
	assert_int_equal(number_of(line, "tab"), tab->id);
	assert_true(number_of(line, "ms") > 0 && number_of(line, "ms") >= number_of(line, "back_ms"));
	cJSON_Delete(lines);
}

/* Five companions of the order share its packet: they came in, and nobody handled them. */
static void test_messages_that_are_lost(void **state)
{
	struct tab *tab = harness_tab("data:text/html,<p>x");
	char name[ENDPOINT_TEXT];
	const struct blast *b;
	const cJSON *line;
	cJSON *lines;

	(void)state;
	endpoint_text(tab->renderer->name, name);
	b = break_now(tab->renderer, "crash in flight");
	assert_true(b->toll.lost_to >= 5);
	assert_int_equal(b->toll.undecided, 0);
	lines = await_line("blast", b->number, &line);
	assert_int_equal(count_lost(lines, name, "disarm_fault"), 5);
	assert_int_equal(number_of(line, "lost"), b->toll.lost_by + b->toll.lost_to);
	assert_int_equal(number_of(line, "lost"), count_lost(lines, name, NULL));
	cJSON_Delete(lines);
}

static uint32_t requests_failed(const struct blast *b, enum ipc_id type, struct endpoint from)
{
	uint32_t n = 0;

	for (unsigned i = 0; i < b->toll.nfailed; i++)
		if (b->toll.failed[i].type == type && b->toll.failed[i].from.role == from.role &&
		    b->toll.failed[i].from.serial == from.serial)
			n += b->toll.failed[i].count;
	return n;
}

static void hang(struct process_host *p)
{
	const char *why;

	assert_true(fault_inject_named(&browser, p, "endless loop", &why));
}

static void test_requests_of_the_browser_that_fail(void **state)
{
	struct tab *tab = harness_tab("data:text/html,<p>x");
	const struct blast *b;

	(void)state;
	hang(tab->renderer);
	tab_describe(tab);
	tab_describe(tab);
	channel_flush_all();
	b = break_now(tab->renderer, "SIGKILL");
	assert_int_equal(requests_failed(b, IPC_DESCRIBE_DOCUMENT, (struct endpoint){ ROLE_BROWSER, 0 }), 2);
	assert_true(b->toll.requests >= 2);
	assert_true(b->toll.lost_to >= 2);
}

static void test_requests_between_children_that_fail(void **state)
{
	struct tab *tab = harness_tab(CLOCK_PAGE), *asks;
	const struct blast *b;
	struct endpoint plugin = harness_plugin()->name;

	(void)state;
	hang(harness_plugin());
	asks = tab_open(browser.tabs, CLOCK_PAGE, true);
	AWAIT(asks->embeds && asks->embeds->granted == plugin.serial);
	AWAIT(collector_count(browser.collector, asks->renderer->name, plugin).sent == 1);
	b = break_now(harness_plugin(), "SIGKILL");
	assert_int_equal(requests_failed(b, IPC_CREATE_INSTANCE, asks->renderer->name), 1);
	assert_int_equal(requests_failed(b, IPC_CREATE_INSTANCE, tab->renderer->name), 0);
	assert_int_equal(b->ntabs, 2);
}

static void test_the_gpu_process(void **state)
{
	struct process_host *gpu = gpu_host_up(browser.gpu);
	const struct blast *b;
	const cJSON *line;
	cJSON *lines;

	(void)state;
	harness_tab("data:text/html,<p>drawn");
	AWAIT(process_is_up(browser.spare->process));
	b = break_now(gpu, "abort");
	check_roll(b);
	assert_int_equal(b->ntabs, 0);
	assert_int_equal(b->freed.regions, 1);
	assert_int_equal(b->freed.bytes, RECORDER_REGION_BYTES);
	AWAIT(b->recovered);
	/* The picture is the new one's, and what is shown is what is back. */
	assert_true(gpu_host_up(browser.gpu)->name.serial > b->process.serial);
	assert_true(b->back_ns >= gpu_host_up(browser.gpu)->ready_ns);
	assert_int_equal(b->shown_ns, b->back_ns);
	assert_int_equal(b->recover_ns, b->back_ns - b->known_ns);
	assert_true(browser.view->presented_ns >= b->back_ns);
	lines = await_line("recovery", b->number, &line);
	assert_true(number_of(line, "ms") > 0);
	assert_null(cJSON_GetObjectItem(line, "tab"));
	cJSON_Delete(lines);
}

static void test_a_plugin_process(void **state)
{
	struct tab *tab = harness_tab(CLOCK_PAGE);
	const struct blast *b;

	(void)state;
	AWAIT(process_is_up(browser.spare->process));
	b = break_now(harness_plugin(), "abort");
	assert_string_equal(b->label, "clock");
	check_roll(b);
	assert_int_equal(b->ntabs, 1);
	assert_int_equal(b->tabs[0].id, tab->id);
	/* The placeholder is in the picture that the page's renderer made when it was told. */
	assert_true(b->shown_ns > b->known_ns);
	AWAIT(harness_screen_has("died"));
	assert_false(b->recovered);
	tab_reload(tab);
	AWAIT(b->recovered);
	assert_int_equal(b->recover_ns, b->tabs[0].pictured_ns - b->tabs[0].asked_ns);
	assert_true(tab->embeds->surface);
}

/* A hidden page has no picture to wait for. */
static void test_a_hidden_page_is_back_when_it_is_committed(void **state)
{
	struct tab *tab = harness_tab("data:text/html,<p>hidden");
	const struct blast *b;

	(void)state;
	harness_tab("data:text/html,<p>before it");
	b = break_now(tab->renderer, "abort");
	tab_reload(tab);
	AWAIT(b->recovered);
	assert_int_equal(b->tabs[0].pictured_ns, 0);
	assert_int_equal(b->recover_ns, b->tabs[0].back_ns - b->tabs[0].asked_ns);
}

/* Both die before either is asked: neither counts among who should have answered. */
static void test_two_deaths_at_once(void **state)
{
	struct tab *one = harness_tab("data:text/html,<p>1"), *two = harness_tab("data:text/html,<p>2");
	uint32_t before = browser.blasts->last_number;

	(void)state;
	AWAIT(process_is_up(browser.spare->process));
	process_signal(one->renderer, SIGKILL);
	process_signal(two->renderer, SIGKILL);
	AWAIT(browser.blasts->last_number == before + 2);
	for (unsigned i = 1; i <= 2; i++) {
		const struct blast *b = blasts_find(browser.blasts, before + i);

		AWAIT(b->settled);
		assert_null(b->fault);
		assert_int_equal(b->ordered_ns, 0);
		assert_int_equal(b->roll.asked, 2); /* GPU process and spare */
		assert_int_equal(b->roll.answered, 2);
	}
}

static void test_a_neighbour_that_does_not_answer(void **state)
{
	struct tab *tab = harness_tab("data:text/html,<p>x"), *stopped = harness_tab("data:text/html,<p>y");
	struct process_host *p = stopped->renderer;
	char text[200];
	const struct blast *b;

	(void)state;
	process_signal(p, SIGSTOP);
	b = break_now(tab->renderer, "abort");
	assert_int_equal(b->roll.answered, b->roll.asked - 1);
	assert_int_equal(entry_of(b, p)->answer, ROLL_SILENT);
	assert_non_null(strstr(blast_text_roll(b, text, sizeof text), "NOT ALL others answered"));
	/* By now it counts as unresponsive, and is not waited for any more. */
	AWAIT(p->state == PROCESS_UNRESPONSIVE);
	tab_reload(tab);
	AWAIT(harness_loaded(tab));
	b = break_now(tab->renderer, "abort");
	assert_int_equal(entry_of(b, p)->answer, ROLL_DEAF);
	assert_true(b->roll.ended_ns - b->roll.began_ns < UINT64_C(1000000000));
	process_signal(p, SIGCONT);
	AWAIT(p->state == PROCESS_READY);
}

/* A hang that was ordered is told like a death, and that it is over. */
static void test_a_hang_that_passes(void **state)
{
	struct tab *tab = harness_tab("data:text/html,<p>x");
	const struct blast *b = break_now(tab->renderer, "short hang 6s");
	const cJSON *line;
	cJSON *lines;

	(void)state;
	assert_false(b->died);
	assert_string_equal(b->fault, "short hang");
	assert_null(entry_of(b, tab->renderer));
	assert_int_equal(b->freed.descriptors, 0);
	assert_true(blast_ms(b->ordered_ns, b->known_ns) > 4000);
	AWAIT(b->recovered);
	assert_int_equal(b->recover_ns, b->back_ns - b->known_ns);
	assert_int_equal(tab->renderer->state, PROCESS_READY);
	lines = await_line("blast", b->number, &line);
	assert_string_equal(text_of(line, "end"), "unresponsive");
	assert_null(cJSON_GetObjectItem(line, "freed"));
	cJSON_Delete(lines);
	lines = await_line("recovery", b->number, &line);
	cJSON_Delete(lines);
}

static void test_an_orderly_end_is_none(void **state)
{
	struct tab *tab = harness_tab("data:text/html,<p>x");
	struct process_host *p = tab->renderer;
	uint32_t before = browser.blasts->last_number;

	(void)state;
	tab_close(tab);
	AWAIT(p->state == PROCESS_DEAD);
	assert_int_equal(p->death.status, TERMINATION_STATUS_NORMAL);
	assert_int_equal(browser.blasts->last_number, before);
}

static void test_only_the_latest_are_kept(void **state)
{
	struct tab *tab = harness_tab("data:text/html,<p>x");
	unsigned n = 0;

	(void)state;
	for (unsigned i = 0; i < BLASTS_KEPT + 4; i++) {
		break_now(tab->renderer, "SIGKILL");
		tab_reload(tab);
		AWAIT(harness_loaded(tab));
	}
	for (const struct blast *b = browser.blasts->newest; b; b = b->next)
		n++;
	assert_int_equal(n, BLASTS_KEPT);
	assert_null(blasts_find(browser.blasts, browser.blasts->last_number - BLASTS_KEPT));
	assert_non_null(blasts_find(browser.blasts, browser.blasts->last_number - BLASTS_KEPT + 1));
}

#define TEST(name) cmocka_unit_test_setup(name, harness_calm)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_renderer),
		TEST(test_messages_that_are_lost),
		TEST(test_requests_of_the_browser_that_fail),
		TEST(test_requests_between_children_that_fail),
		TEST(test_the_gpu_process),
		TEST(test_a_plugin_process),
		TEST(test_a_hidden_page_is_back_when_it_is_committed),
		TEST(test_two_deaths_at_once),
		TEST(test_a_neighbour_that_does_not_answer),
		TEST(test_a_hang_that_passes),
		TEST(test_an_orderly_end_is_none),
		TEST(test_only_the_latest_are_kept),
	};

	return cmocka_run_group_tests(tests, open_with_log, close_with_log);
}
