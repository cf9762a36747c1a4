/* Replay of a log that is not what was recorded: changed, cut, made to lie. */
#include "tests/browser/recording.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#define FUZZED 60

/* What is changed in the log is found. */

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

/* One that hung must hang again, whoever ended it then. */
static void test_hang(void **state)
{
	const char *who = process_that("renderer", "SIGKILL");
	const struct ran *ran = program_run("replay", recorded, "--process", who, "--fast", NULL);

	(void)state;
	assert_same(ran, who);
	assert_has(ran->out, "hung, as in the log");
	assert_has(ran->out, "the player sent that signal");
	/* With the log's timing it lasts as long. */
	ran = program_run("replay", recorded, "--process", who, "--json", NULL);
	assert_int_equal(ran->status, 0);
	assert_int_equal(number_behind(ran->out, "\"hung\":"), 1);
	assert_true(number_behind(ran->out, "\"took_us\":") >
		    number_behind(ran->out, "\"recorded_us\":") / 10 * 9);
	ran = run_without("\"obey_fault\"", "\"kind\":\"hang\"", who);
	assert_int_equal(ran->status, 1);
	assert_has(ran->out, "it answers, after");
	assert_has(ran->out, "in the log it hung for");
	assert_has(ran->out, " 1 difference;");
	assert_has_not(ran->out, "hung, as in the log");
}

/* Nobody ended it before the log's end. */
static void test_hang_to_the_end(void **state)
{
	const char *who = process_that("renderer", "SIGKILL");
	const struct ran *ran = run_without("\"event\":\"exit\"", who, who);

	(void)state;
	assert_same(ran, who);
	assert_has(ran->out, "hung, as in the log");
	assert_has(ran->out, "still running when the log ended");
}

/* Of a long text the place is shown where it is other; and other answers of that name are what they were. */
static void test_long_text_is_other(void **state)
{
	/* "Chapter 7" in the description of the book. */
	const struct ran *ran = run_changed((struct change){ .of = "\"did_describe_document\"",
							     .also = "\"from\":\"renderer:1\"",
							     .before = "436861707465722037",
							     .after = "436861707465722038",
							     .times = 1 },
					    "renderer:1");

	(void)state;
	assert_int_equal(ran->status, 1);
	assert_has(ran->out, "text is other at byte ");
	assert_has(ran->out, "1 difference;");
}

/* Nothing was compared, and that is said. */
static void test_memory_is_missing(void **state)
{
	const struct ran *ran = run_without("\"type\":\"memory\"", "\"from\":\"renderer:1\"", "renderer:1");

	(void)state;
	assert_int_equal(ran->status, 0);
	assert_has(ran->out, "pictures not compared: the log has no memory records of it");
}

static const char *run_file(const char *path, const char *option)
{
	return program_run("replay", path, "--process", "renderer:1", "--fast", option, NULL)->err;
}

static void test_other_sandbox(void **state)
{
	const struct ran *ran =
		program_run("replay", recorded, "--process", "renderer:1", "--fast", "--no-sandbox", NULL);

	(void)state;
	assert_same(ran, "renderer:1");
	assert_has(ran->out, "what did_start says of it is left out");
	assert_string_equal(run_file("/", NULL), "bulkhead: replay: /: Is a directory\n");
	assert_has(run_file("-", NULL), "it is no log");
}

/* It died at once after it had answered: what it had drawn is compared all the same. */
static void test_last_picture_is_other(void **state)
{
	const char *who = process_that("renderer", "SIGSEGV");
	char from[80];
	const struct ran *ran;

	(void)state;
	snprintf(from, sizeof from, "\"from\":\"%s\"", who);
	ran = run_changed((struct change){ .of = "\"type\":\"memory\"",
					   .also = from,
					   .before = "\"data\":\"AAAA",
					   .after = "\"data\":\"AQAA",
					   .times = 1 },
			  who);
	assert_int_equal(ran->status, 1);
	assert_has(ran->out, "display list");
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

static bool tell_the_last_moment(char *line, size_t room, void *arg)
{
	char *ts = strstr(line, "\"ts_us\":");

	(void)room;
	(void)arg;
	if (ts && strstr(line, "\"name\":\"end_body\"") && strstr(line, "\"to\":\"renderer:1\""))
		memcpy(ts + strlen("\"ts_us\":"), "9007199254740991", 16);
	return true;
}

/* The log says that something came in a hundred years: that is not waited for. */
static void test_long_wait(void **state)
{
	const struct ran *ran;

	(void)state;
	edit_log(recorded, tell_the_last_moment, NULL);
	ran = program_run("replay", edited, "--process", "renderer:1", "--speed", "1000", NULL);
	assert_true(ran->status < 128);
	assert_has(ran->out, "nothing happens for ");
	assert_has(ran->out, "of which 60 s are played");
}

/* Each of many lines writes one byte to the end of a large region, and that is all that is kept of it. First,
 * before children have been larger. */
static void test_many_large_regions(void **state)
{
	enum { LINES = 3000, MOST_KB = 100 << 10 };
	struct rusage before, after;
	const struct ran *ran;
	FILE *log;

	(void)state;
	edit_log(recorded, tell_the_last_moment, NULL);
	log = fopen(edited, "ae");
	assert_non_null(log);
	for (unsigned i = 0; i < LINES; i++)
		fprintf(log,
			"{\"type\":\"memory\",\"ts_us\":9007199254740991,\"from\":\"renderer:1\",\"region\":\"staging\","
			"\"page\":%u,\"number\":1,\"half\":0,\"offset\":8388600,\"bytes\":1,\"data\":\"AA==\"}\n",
			i + 100);
	assert_int_equal(fclose(log), 0);
	getrusage(RUSAGE_CHILDREN, &before);
	ran = program_run("replay", edited, "--process", "renderer:1", "--fast", NULL);
	getrusage(RUSAGE_CHILDREN, &after);
	assert_true(ran->status < 128);
	assert_true(before.ru_maxrss < MOST_KB && after.ru_maxrss < MOST_KB);
}

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
	/* A cut may come between an answer and the line of what it answers, which is written when its handler
	 * has returned: that is a difference, and told. */
	assert_true(same > 4);
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
		cmocka_unit_test(test_many_large_regions),
		cmocka_unit_test(test_viewport_is_other),
		cmocka_unit_test(test_long_wait),
		cmocka_unit_test(test_answer_is_other),
		cmocka_unit_test(test_lines_are_missing),
		cmocka_unit_test(test_picture_is_other),
		cmocka_unit_test(test_hang),
		cmocka_unit_test(test_hang_to_the_end),
		cmocka_unit_test(test_long_text_is_other),
		cmocka_unit_test(test_memory_is_missing),
		cmocka_unit_test(test_other_sandbox),
		cmocka_unit_test(test_last_picture_is_other),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_huge_regions),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_nonsense),
	};

	return cmocka_run_group_tests(tests, recording_make, program_clean);
}
