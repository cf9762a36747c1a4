/*
 * Replay, through the real command: a session with everything in it is recorded with full payloads, and each
 * of its processes must do the same again, alone, and die the same death. Then the log is changed, cut and
 * made to lie.
 */
#include "tests/browser/harness.h"
#include "tests/browser/program.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PROCESSES_MAX 32
#define FUZZED	      60

static char recorded[80], edited[80], book[96];
static struct recorded_process {
	char name[ENDPOINT_TEXT];
	char exit[400]; /* its line, "" */
} processes[PROCESSES_MAX];
static unsigned nprocesses;

/* The session. */

/* A document of several pieces, submissions and regions. */
static void write_book(void)
{
	FILE *file;

	snprintf(book, sizeof book, "%s/book.html", harness_state_folder());
	file = fopen(book, "we");
	assert_non_null(file);
	fputs("<!doctype html><meta charset=utf-8><title>A long book</title><h1 id=top>A long book</h1>",
	      file);
	for (unsigned i = 0; i < 4000; i++)
		fprintf(file,
			"<h2>Chapter %u</h2><p>It was a <b>dark</b> &amp; <i>stormy</i> night, %u times over. <a "
			"href=\"#top\">Back</a></p><ul><li>one</li><li>zw\xc3\xb6lf</li></ul><pre>  x = %u;\n</pre>\n",
			i, i * 7, i * i);
	assert_int_equal(fclose(file), 0);
}

/* The clock has struck: nothing but that was asked of anybody since the last time. */
static void await_tick(void)
{
	uint64_t presents = browser.view->presents;

	AWAIT(browser.view->presents > presents + 1);
}

/* Nothing has been drawn for a while: all that was asked for is done. */
static void await_rest(void)
{
	AWAIT(recorder_now() > browser.view->presented_ns + UINT64_C(100000000));
}

/* A call that none may make, if the fault is one. */
static void break_it(struct process_host *p, enum fault fault)
{
	ipc_send_obey_fault(p->channel, fault, SYS_ptrace);
	channel_flush(p->channel);
}

static void record_pages(void)
{
	struct tab *tab = harness_tab(book);

	for (unsigned i = 0; i < 5; i++) {
		uint32_t row = tab->scroll_row;

		tab_scroll_by(tab, 20);
		AWAIT(browser.view->row > row);
	}
	await_rest();
	tab_press_key(tab, KEY_FOCUS_NEXT);
	tab_press_key(tab, KEY_ACTIVATE);
	AWAIT(tab->scroll_row < 3);
	view_resize(browser.view, 61, 20);
	AWAIT(browser.view->picture_columns == 61);
	await_rest();
	harness_describe(tab);
	harness_go(tab, harness_long_page("Another"));
	harness_describe(tab);
}

static void record_deaths(struct tab *clock)
{
	struct tab *crash = harness_tab(harness_long_page("Crash")), *hang, *call;
	struct process_host *gpu = browser.gpu->process;

	break_it(crash->renderer, FAULT_NULL_DEREFERENCE);
	AWAIT(tab_is_sad(crash) && crash->state == TAB_SAD);
	tab_activate(clock);
	await_tick();
	break_it(gpu, FAULT_ABORT);
	AWAIT(gpu_host_up(browser.gpu) && browser.gpu->process != gpu);
	await_tick();
	call = harness_tab(harness_long_page("Call"));
	break_it(call->renderer, FAULT_VIOLATION);
	AWAIT(call->state == TAB_SAD);
	hang = harness_tab(harness_long_page("Hang"));
	break_it(hang->renderer, FAULT_HANG);
	process_ping(hang->renderer);
	tab_activate(clock);
	await_tick();
	process_kill(hang->renderer, BAD_MESSAGE_NONE);
	AWAIT(hang->state == TAB_SAD);
}

static void read_processes(void)
{
	FILE *log = fopen(recorded, "re");
	char *line = NULL;
	size_t room = 0;

	assert_non_null(log);
	while (getline(&line, &room, log) > 0) {
		char *start = strstr(line, "\"event\":\"start\",\"process\":\"");
		char *end = strstr(line, "\"event\":\"exit\",\"process\":\"");
		struct recorded_process *p = &processes[nprocesses];

		if (start && nprocesses < PROCESSES_MAX && ++nprocesses)
			snprintf(p->name, sizeof p->name, "%.*s", (int)strcspn(start + 27, "\""), start + 27);
		for (unsigned i = 0; end && i < nprocesses; i++)
			if (!strncmp(end + 26, processes[i].name, strlen(processes[i].name)) &&
			    end[26 + strlen(processes[i].name)] == '"')
				snprintf(processes[i].exit, sizeof processes[i].exit, "%s", end);
	}
	free(line);
	fclose(log);
}

static int record(void **state)
{
	struct tab *clock;

	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0 });
	snprintf(recorded, sizeof recorded, "%s/recorded.jsonl", harness_state_folder());
	snprintf(edited, sizeof edited, "%s/edited.jsonl", harness_state_folder());
	write_book();
	harness_options.no_log = false;
	harness_options.log_file = recorded;
	harness_options.log_payload = LOG_PAYLOAD_FULL;
	if (harness_open(state))
		return -1;
	record_pages();
	clock = harness_tab(CLOCK_PAGE);
	await_tick();
	record_deaths(clock);
	tab_activate(clock);
	await_tick();
	await_tick();
	if (harness_close(state))
		return -1;
	read_processes();
	return 0;
}

/* The first process of that role whose exit says so; "": one without exit. */
static const char *process_that(const char *role, const char *exit)
{
	for (unsigned i = 0; i < nprocesses; i++)
		if (!strncmp(processes[i].name, role, strlen(role)) &&
		    (*exit ? strstr(processes[i].exit, exit) != NULL : !processes[i].exit[0]))
			return processes[i].name;
	fail_msg("no %s with %s in the log", role, exit);
	return NULL;
}

/* The log with lines changed. edit: returns false when the line is to be left out. */
typedef bool edit_fn(char *line, size_t room, void *arg);

static void edit_log(const char *from, edit_fn *edit, void *arg)
{
	FILE *in = fopen(from, "re"), *out = fopen(edited, "we");
	char *line = malloc(1 << 20);

	assert_true(in && out && line);
	while (fgets(line, 1 << 20, in))
		if (edit(line, 1 << 20, arg))
			fputs(line, out);
	free(line);
	fclose(in);
	assert_int_equal(fclose(out), 0);
}

static void assert_same(const struct ran *ran, const char *who)
{
	if (ran->status != 0 || !strstr(ran->out, " 0 differences"))
		fail_msg("%s, exit status %d:\n%s%s", who, ran->status, ran->out, ran->err);
}

static void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no '%s' in:\n%s", part, text);
}

static unsigned number_behind(const char *text, const char *words)
{
	const char *at = strstr(text, words);

	if (!at)
		fail_msg("no '%s' in:\n%s", words, text);
	return (unsigned)strtoul(at + strlen(words), NULL, 10);
}

/* Everybody does the same again. */

static void test_fast(void **state)
{
	(void)state;
	assert_in_range(nprocesses, 8, PROCESSES_MAX);
	for (unsigned i = 0; i < nprocesses; i++)
		assert_same(program_run("replay", recorded, "--process", processes[i].name, "--fast", NULL),
			    processes[i].name);
}

static void test_timed(void **state)
{
	static const char *const roles[] = { "renderer", "gpu", "plugin" };

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		const char *who = process_that(roles[i], i == 1 ? "SIGABRT" : "");
		const struct ran *ran =
			program_run("replay", recorded, "--process", who, "--speed", "3", "--json", NULL);

		if (ran->status)
			fail_msg("%s\n%s%s", who, ran->out, ran->err);
		/* It takes its time; what lies before the first and behind the last message does not count.
		 */
		assert_true(number_behind(ran->out, "\"took_us\":") >
			    number_behind(ran->out, "\"recorded_us\":") / 6);
	}
}

static void test_deaths_come_again(void **state)
{
	static const struct {
		const char *role, *exit, *words;
	} deaths[] = {
		{ "renderer", "SIGSEGV", "crashed (SIGSEGV at address 0x0), as in the log" },
		{ "renderer", "SIGSYS", "forbidden system call" },
		{ "renderer", "SIGKILL", "killed (SIGKILL), as in the log" },
		{ "gpu", "SIGABRT", "crashed (SIGABRT), as in the log" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof deaths / sizeof *deaths; i++) {
		const char *who = process_that(deaths[i].role, deaths[i].exit);
		const struct ran *ran = program_run("replay", recorded, "--process", who, "--fast", NULL);

		assert_same(ran, who);
		assert_has(ran->out, deaths[i].words);
	}
}

/* Bodies, lists and pictures are compared, not only messages. */
static void test_contents_are_compared(void **state)
{
	const char *const who[] = { "renderer:1", process_that("gpu", "SIGABRT"), process_that("gpu", "") };

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		const struct ran *ran = program_run("replay", recorded, "--process", who[i], "--fast", NULL);

		assert_same(ran, who[i]);
		if (!number_behind(ran->out, "contents compared "))
			fail_msg("%s: nothing was compared\n%s", who[i], ran->out);
	}
	assert_true(
		number_behind(program_run("replay", recorded, "--process", "renderer:1", "--fast", NULL)->out,
			      "messages fed and ") > 500000);
}

/* What is changed in the log is found. */

struct change {
	const char *of;	  /* in the line */
	const char *also; /* in the line too */
	const char *before, *after;
	unsigned times;
};

static bool change_line(char *line, size_t room, void *arg)
{
	struct change *c = arg;
	char *at = strstr(line, c->of) && strstr(line, c->also) ? strstr(line, c->before) : NULL;
	size_t was = strlen(c->before), is = strlen(c->after);

	if (!at || !c->times)
		return true;
	assert_true(strlen(line) + is < room);
	memmove(at + is, at + was, strlen(at + was) + 1);
	memcpy(at, c->after, is);
	c->times--;
	return true;
}

static const struct ran *run_changed(struct change c, const char *who)
{
	unsigned times = c.times;

	edit_log(recorded, change_line, &c);
	assert_in_range(c.times, 0, times - 1);
	return program_run("replay", edited, "--process", who, "--fast", NULL);
}

static void test_viewport_is_other(void **state)
{
	/* page 1, 80 columns of 24 rows, become 40 */
	const struct ran *ran = run_changed((struct change){ .of = "\"set_viewport\"",
							     .also = "\"to\":\"renderer:1\"",
							     .before = "\"payload\":\"0100000050001800\"",
							     .after = "\"payload\":\"0100000028001800\"",
							     .times = 1 },
					    "renderer:1");

	(void)state;
	assert_int_equal(ran->status, 1);
	assert_has(ran->out, "did_finish_load");
	assert_has(ran->out, ", in the log ");
	assert_has(ran->out, "display list of page 1");
}

static void test_answer_is_other(void **state)
{
	/* "A long book" begins with a B */
	const struct ran *ran = run_changed((struct change){ .of = "\"did_change_title\"",
							     .also = "A long book",
							     .before = "41206c6f6e6720626f6f6b",
							     .after = "42206c6f6e6720626f6f6b",
							     .times = 1 },
					    "renderer:1");

	(void)state;
	assert_int_equal(ran->status, 1);
	assert_has(ran->out, "renderer:1/");
	assert_has(ran->out, "title is \"A long book\", in the log \"B long book\"");
	assert_has(ran->out, "1 difference;");
}

static bool drop_line(char *line, size_t room, void *arg)
{
	const struct change *c = arg;

	(void)room;
	return !(strstr(line, c->of) && strstr(line, c->also));
}

static const struct ran *run_without(const char *of, const char *also, const char *who)
{
	edit_log(recorded, drop_line, &(struct change){ .of = of, .also = also });
	return program_run("replay", edited, "--process", who, "--fast", NULL);
}

static void test_lines_are_missing(void **state)
{
	const char *who = process_that("renderer", "SIGSEGV");
	const struct ran *ran = run_without("\"obey_fault\"", "null_dereference", who);

	(void)state;
	assert_int_equal(ran->status, 1);
	assert_has(ran->out, "it lives; in the log crashed, SIGSEGV");
	ran = run_without("\"name\":\"did_commit\"", "\"from\":\"renderer:1\"", "renderer:1");
	assert_int_equal(ran->status, 1);
	assert_has(ran->out, "(not in the log)");
	ran = run_without("\"type\":\"body\"", "\"to\":\"renderer:1\"", "renderer:1");
	assert_int_equal(ran->status, 1);
	assert_has(ran->out, "did_finish_load");
}

static void test_picture_is_other(void **state)
{
	const char *who = process_that("gpu", "SIGABRT");
	const struct ran *ran;

	(void)state;
	/* No band of the book comes to the GPU process: it draws nothing. */
	ran = run_without("\"type\":\"memory\"", "\"from\":\"renderer:1\"", who);
	assert_int_equal(ran->status, 1);
	assert_has(ran->out, "contents");
}

/* What cannot be replayed is refused in one line. */
static void test_refusals(void **state)
{
	static const struct {
		struct change change;
		const char *who, *words;
	} rows[] = {
		{ { "\"session\"", "", "\"payload\":\"full\"", "\"payload\":\"head\"", 1 },
		  "renderer:1",
		  "--log-payload=full" },
		{ { "\"session\"", "", "\"protocol\":\"", "\"protocol\":\"0", 1 },
		  "renderer:1",
		  "of another version" },
		{ { "\"session\"", "", "\"session\"", "\"sessions\"", 1 },
		  "renderer:1",
		  "does not begin as a log" },
		{ { "\"session\"", "", "\"session\"", "\"session\"", 1 }, "renderer:4711", "is not in it" },
		{ { "\"event\":\"start\"", "\"renderer:1\"", "\"start\"", "\"stort\"", 1 },
		  "renderer:1",
		  "the start of renderer:1 is not in it" },
		{ { "\"set_viewport\"", "\"renderer:1\"", "\"set_viewport\"", "\"set_viewpurt\"", 1 },
		  "renderer:1",
		  "no such message" },
		{ { "\"did_commit\"", "\"renderer:1\"", "\"id\":\"renderer:1/",
		    "\"id\":\"renderer:1/99999999999", 1 },
		  "renderer:1",
		  "no such message" },
		{ { "\"did_commit\"", "\"renderer:1\"", "\"id\":\"renderer:1/", "\"id\":\"renderer:2/", 1 },
		  "renderer:1",
		  "no such message" },
		{ { "\"set_viewport\"", "\"renderer:1\"", "\"payload\":\"", "\"payload\":\"x", 1 },
		  "renderer:1",
		  "cannot be read" },
		{ { "\"body\"", "\"renderer:1\"", "\"data\":\"", "\"data\":\"!!!!", 1 },
		  "renderer:1",
		  "cannot be read" },
		{ { "\"memory\"", "\"renderer:1\"", "\"offset\":0", "\"offset\":4294967295", 1 },
		  "renderer:1",
		  "no such memory" },
		{ { "\"memory\"", "\"renderer:1\"", "\"region\":\"staging\"", "\"region\":\"stage\"", 1 },
		  "renderer:1",
		  "no such memory" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct ran *ran = run_changed(rows[i].change, rows[i].who);

		assert_int_equal(ran->status, 1);
		assert_has(ran->err, rows[i].words);
		assert_ptr_equal(strchr(ran->err, '\n'), ran->err + strlen(ran->err) - 1);
	}
	assert_int_equal(program_run("replay", "/nowhere", "--process", "gpu:1", NULL)->status, 1);
	assert_int_equal(program_run("replay", recorded, NULL)->status, 2);
	assert_int_equal(program_run("replay", recorded, "--process", "browser", NULL)->status, 2);
	assert_int_equal(program_run("replay", recorded, "--process", "gpu:1", "--speed", "0", NULL)->status,
			 2);
}

/* Whatever the sizes that a message of the log tells: nothing of that size is made. */
static void test_huge_regions(void **state)
{
	/* page 1, generation, half_bytes 65536 become 4 GiB - 1 */
	const struct ran *ran = run_changed((struct change){ .of = "\"grant_staging\"",
							     .also = "\"to\":\"renderer:1\"",
							     .before = "00000100\"}",
							     .after = "ffffffff\"}",
							     .times = 1 },
					    "renderer:1");

	(void)state;
	assert_int_equal(ran->status, 1);
	assert_has(ran->out, "could not be fed");
}

/* A log that was cut is played as far as it goes. */

static void copy_part(const char *from, size_t bytes)
{
	FILE *in = fopen(from, "re"), *out = fopen(edited, "we");
	char *data = malloc(bytes + 1);

	assert_true(in && out && data);
	bytes = fread(data, 1, bytes, in);
	assert_int_equal(fwrite(data, 1, bytes, out), bytes);
	free(data);
	fclose(in);
	assert_int_equal(fclose(out), 0);
}

static size_t size_of(const char *path)
{
	FILE *file = fopen(path, "re");
	long size;

	assert_non_null(file);
	fseek(file, 0, SEEK_END);
	size = ftell(file);
	fclose(file);
	return (size_t)size;
}

static void test_cut(void **state)
{
	size_t size = size_of(recorded);
	unsigned same = 0;

	(void)state;
	for (size_t part = 1; part < 12; part++) {
		const struct ran *ran;

		copy_part(recorded, size / 12 * part + 7);
		ran = program_run("replay", edited, "--process", "renderer:1", "--fast", NULL);
		assert_in_range(ran->status, 0, 1);
		same += ran->status == 0;
	}
	assert_true(same > 8);
}

/* Logs of nonsense neither harm the player nor hold it. */

static bool keep_small(char *line, size_t room, void *who)
{
	const char *name = who;

	(void)room;
	return strlen(line) < 4000 && (strstr(line, "\"session\"") || strstr(line, name));
}

static uint64_t draw(uint64_t *seed, uint64_t below)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (*seed >> 33) % below;
}

/* Some bytes become others: digits of payloads, of numbers, letters of names. */
static bool spoil_line(char *line, size_t room, void *arg)
{
	static const char letters[] = "0123456789abcdef0000ffff99{}\",:/-_";
	uint64_t *seed = arg;
	size_t length = strlen(line);

	(void)room;
	if (strstr(line, "\"session\"") || draw(seed, 4))
		return draw(seed, 50) != 0 || strstr(line, "\"session\"");
	for (uint64_t n = draw(seed, 6); n > 0; n--) {
		size_t from = draw(seed, 3) && strstr(line, "\"payload\":\"")
				      ? (size_t)(strstr(line, "\"payload\":\"") - line) + 11
				      : 0;

		if (length > from + 4)
			line[from + draw(seed, length - from - 3)] = letters[draw(seed, sizeof letters - 1)];
	}
	return true;
}

static void test_nonsense(void **state)
{
	const char *const roles[] = { process_that("renderer", "SIGSEGV"), process_that("gpu", ""),
				      process_that("plugin", "") };
	char small[80];

	(void)state;
	snprintf(small, sizeof small, "%s/small.jsonl", harness_state_folder());
	for (uint64_t i = 0; i < FUZZED; i++) {
		uint64_t seed = i * 7919 + 1;
		const struct ran *ran;

		if (i % (FUZZED / 3) == 0) {
			edit_log(recorded, keep_small, (void *)(uintptr_t)roles[i / (FUZZED / 3)]);
			assert_int_equal(rename(edited, small), 0);
		}
		edit_log(small, spoil_line, &seed);
		/* It fails by itself when it takes longer than a minute. */
		ran = program_run("replay", edited, "--process", roles[i / (FUZZED / 3)], "--fast", NULL);
		if (ran->status > 1)
			fail_msg("seed %llu: exit status %d\n%s%s", (unsigned long long)i, ran->status,
				 ran->out, ran->err);
		assert_int_equal(count_children(), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fast),
		cmocka_unit_test(test_timed),
		cmocka_unit_test(test_deaths_come_again),
		cmocka_unit_test(test_contents_are_compared),
		cmocka_unit_test(test_viewport_is_other),
		cmocka_unit_test(test_answer_is_other),
		cmocka_unit_test(test_lines_are_missing),
		cmocka_unit_test(test_picture_is_other),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_huge_regions),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_nonsense),
	};

	return cmocka_run_group_tests(tests, record, program_clean);
}
