/* Sequence diagrams: of a real log, as golden texts; of what a real log seldom has, drawn line by line. */
#include "browser/traffic/output/sequence_draw.h"
#include "browser/traffic/output/sequence_sink.h"
#include "common/utf8.h"
#include "tests/traffic/fixture.h"
#include <locale.h>
#include <string.h>

/* What the sink makes of a log, in that many columns. To be freed. */
static char *diagram_of(const char *log, const char *columns, const char *locale, unsigned limit)
{
	char *text = NULL;
	size_t length;
	struct sink_options options = { .out = open_memstream(&text, &length), .limit = limit };
	struct log_reader *reader = log_reader_open(log);
	struct traffic_event e;
	enum log_line line;

	assert_non_null(reader);
	setenv("COLUMNS", columns, 1);
	setenv("LC_ALL", locale, 1);
	void *sink = sequence_sink.begin(&options);
	assert_non_null(sink);
	while ((line = log_reader_next(reader, &e)) != LOG_LINE_END) {
		assert_true(line == LOG_LINE_EVENT || line == LOG_LINE_SESSION);
		if (line == LOG_LINE_EVENT && !traffic_is_ping(&e))
			sequence_sink.event(sink, &e);
	}
	sequence_sink.end(sink);
	fclose(options.out);
	log_reader_close(reader);
	return text;
}

static void test_golden(void **state)
{
	static const struct {
		const char *columns, *locale, *file;
	} cases[] = {
		{ "100", "C.UTF-8", GOLDEN "/sequence-100.txt" },
		{ "160", "C.UTF-8", GOLDEN "/sequence-160.txt" },
		{ "56", "C", GOLDEN "/sequence-56-ascii.txt" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *text = diagram_of(GOLDEN "/sequence.jsonl", cases[i].columns, cases[i].locale, 0);
		char *wanted = read_file(cases[i].file, NULL);
		assert_string_equal(text, wanted);
		free(wanted);
		free(text);
	}
}

static void test_limit(void **state)
{
	char *text = diagram_of(GOLDEN "/sequence.jsonl", "100", "C.UTF-8", 3);

	(void)state;
	assert_says(text, "did_describe_document");
	assert_says(text, " more are left out after the first 3; a filter chooses which are drawn\n");
	free(text);
}

/* Row by row. */

static struct traffic_event message(unsigned from, unsigned to, enum traffic_status status,
				    enum traffic_where where)
{
	struct traffic_event e = { .kind = TRAFFIC_MESSAGE,
				   .type = IPC_CLICK,
				   .from = { ROLE_RENDERER, from },
				   .to = { ROLE_RENDERER, to },
				   .status = (uint8_t)status,
				   .where = (uint8_t)where,
				   .ts_us = 1000000 };

	return e;
}

static struct sequence sequence;
static struct sequence_layout layout;

static struct sequence_row row_of(struct traffic_event e)
{
	struct sequence_row row;

	assert_true(sequence_take(&sequence, &e, &row));
	return row;
}

/* Lanes for renderer:1 to renderer:count, all shown from left to right. */
static void lay_out(unsigned count, int columns)
{
	uint8_t lanes[SEQUENCE_LANES];

	sequence_init(&sequence);
	for (unsigned i = 1; i <= count; i++) {
		row_of(message(i, i % count + 1, TRAFFIC_DELIVERED, TRAFFIC_NOWHERE));
		lanes[(i - 1) % SEQUENCE_LANES] = (uint8_t)(i % SEQUENCE_LANES);
	}
	sequence_lay_out(&layout, &sequence, lanes, count, columns, 0, false);
}

/* A line of a row as text, without the blanks at its end. */
static const char *line_of(const struct sequence_row *row, unsigned line)
{
	static char text[4 * SEQUENCE_COLUMNS + 1];
	struct sequence_cell cells[SEQUENCE_COLUMNS];
	size_t length = 0;

	sequence_draw_row(&layout, row, line, cells);
	for (int i = 0; i < layout.columns; i++)
		if (cells[i].code_point)
			length += utf8_encode(cells[i].code_point, text + length);
	while (length && text[length - 1] == ' ')
		length--;
	text[length] = '\0';
	return text;
}

static void test_fates(void **state)
{
	static const struct {
		enum traffic_status status;
		enum traffic_where where;
		const char *label, *arrow;
	} cases[] = {
		{ TRAFFIC_DELIVERED, TRAFFIC_NOWHERE, "click ", "      ├──────────────────────▶│" },
		{ TRAFFIC_REFUSED, TRAFFIC_NOWHERE, "click refused", "      ├──────────────────────▶✕" },
		{ TRAFFIC_LOST, TRAFFIC_AT_SENDER, "click lost", "      ├─✕                     │" },
		{ TRAFFIC_LOST, TRAFFIC_IN_CHANNEL, "click lost", "      ├───────────✕           │" },
		{ TRAFFIC_LOST, TRAFFIC_AT_RECEIVER, "click lost", "      ├──────────────────────✕│" },
		{ TRAFFIC_HELD, TRAFFIC_NOWHERE, "click held", "      ├──────────────────────●│" },
		{ TRAFFIC_IN_FLIGHT, TRAFFIC_NOWHERE, "click in flight", "      ├───────────…           │" },
		{ TRAFFIC_UNKNOWN, TRAFFIC_NOWHERE, "click unknown", "      ├──────────────────────?│" },
	};

	(void)state;
	lay_out(3, 73);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sequence_row row = row_of(message(1, 2, cases[i].status, cases[i].where));
		assert_int_equal(sequence_row_lines(&layout, &row), 2);
		assert_says(line_of(&row, 0), cases[i].label);
		assert_memory_equal(line_of(&row, 1), cases[i].arrow, strlen(cases[i].arrow));
		assert_says(line_of(&row, 1), " +1.000 s");
	}
	struct sequence_row back = row_of(message(3, 1, TRAFFIC_DELIVERED, TRAFFIC_NOWHERE));
	assert_says(line_of(&back, 1), "      │◀──────────────────────────────────────────────┤ ");
}

/* A lane ends with its process, and what is said about a process is beside its lane, or at its left. */
static void test_marks(void **state)
{
	static const char exit_json[] =
		"{\"pid\":7,\"status\":\"crashed\",\"signal\":\"SIGSEGV\",\"code\":1}";
	struct traffic_event e = { .kind = TRAFFIC_PROCESS,
				   .type = TRAFFIC_PROCESS_UNRESPONSIVE,
				   .from = { ROLE_RENDERER, 2 } };

	(void)state;
	lay_out(2, 60);
	struct sequence_row row = row_of(e);
	assert_says(line_of(&row, 0), " unresponsive ▲ ");
	e.from.serial = 1;
	row = row_of(e);
	assert_says(line_of(&row, 0), "      ▲ unresponsive ");
	e.type = TRAFFIC_PROCESS_EXIT;
	e.payload = (const uint8_t *)exit_json;
	e.payload_bytes = sizeof exit_json - 1;
	row = row_of(e);
	assert_says(line_of(&row, 0), "      † crashed SIGSEGV ");
	sequence_pass(&layout, &row);
	row = row_of(message(2, 2, TRAFFIC_DELIVERED, TRAFFIC_NOWHERE));
	assert_memory_equal(line_of(&row, 0), "       ", 7);
}

/* What is to or from a lane that is not shown is told in words. */
static void test_hidden_lanes(void **state)
{
	static const uint8_t shown[] = { 2, 3 };

	(void)state;
	lay_out(5, 100);
	sequence_lay_out(&layout, &sequence, shown, 2, 100, 0, false);
	struct sequence_row row = row_of(message(2, 5, TRAFFIC_DELIVERED, TRAFFIC_NOWHERE));
	assert_int_equal(sequence_row_lines(&layout, &row), 1);
	assert_says(line_of(&row, 0), "      ├▶ to renderer:5: click ");
	row = row_of(message(4, 2, TRAFFIC_LOST, TRAFFIC_IN_CHANNEL));
	assert_says(line_of(&row, 0), "      │✕ from renderer:4: click lost ");
	row = row_of(message(4, 5, TRAFFIC_DELIVERED, TRAFFIC_NOWHERE));
	assert_says(line_of(&row, 0), "renderer:4 → renderer:5: click");
}

/* Processes without end share the last lane, in any width. */
static void test_many_lanes(void **state)
{
	struct sequence_row row;

	(void)state;
	lay_out(500, 80);
	assert_int_equal(sequence.lane_count, SEQUENCE_LANES);
	assert_string_equal(sequence.lanes[SEQUENCE_LANES - 1].name, "others");
	row = row_of(message(400, 401, TRAFFIC_DELIVERED, TRAFFIC_NOWHERE));
	assert_int_equal(row.from, SEQUENCE_LANES - 1);
	for (int columns = 1; columns < 700; columns++) {
		uint8_t lanes[SEQUENCE_LANES];
		for (unsigned i = 0; i < SEQUENCE_LANES; i++)
			lanes[i] = (uint8_t)i;
		sequence_lay_out(&layout, &sequence, lanes, SEQUENCE_LANES, columns, 0, columns % 2);
		for (unsigned from = 1; from < 70; from += 3)
			for (unsigned status = 0; status < TRAFFIC_STATUS_COUNT; status++) {
				row = row_of(message(from, 70 - from, status, status));
				for (unsigned line = 0; line < sequence_row_lines(&layout, &row); line++)
					line_of(&row, line);
			}
	}
}

/* Texts that are wide, empty or without end stay in their place. */
static void test_forged(void **state)
{
	char longest[3000];
	struct traffic_words words = { .name = longest,
				       .id = "",
				       .cause = "",
				       .from = "",
				       .to = longest,
				       .status = "",
				       .where = "",
				       .reason = "",
				       .toxic = "",
				       .args = "{\"value\":" };
	struct traffic_event e = { .words = &words, .from = { ROLE_COUNT, 0 }, .to = { ROLE_COUNT, 7 } };
	struct sequence_row row;

	(void)state;
	for (unsigned i = 0; i + 3 < sizeof longest; i += 3)
		memcpy(longest + i, "船", 4);
	for (int columns = 20; columns < 120; columns += 7) {
		lay_out(3, columns);
		for (unsigned kind = 0; kind < TRAFFIC_KIND_COUNT; kind++) {
			e.kind = (uint8_t)kind;
			if (!sequence_take(&sequence, &e, &row))
				continue;
			for (unsigned line = 0; line < sequence_row_lines(&layout, &row); line++)
				assert_true(strlen(line_of(&row, line)) <= 4u * (unsigned)columns);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),	     cmocka_unit_test(test_limit),
		cmocka_unit_test(test_fates),	     cmocka_unit_test(test_marks),
		cmocka_unit_test(test_hidden_lanes), cmocka_unit_test(test_many_lanes),
		cmocka_unit_test(test_forged),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
