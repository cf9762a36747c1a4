/*
 * Exports: of a real log, as golden files; of what a real log seldom has, cell by cell; of every message of
 * the protocol, byte by byte; of logs that were tampered with. test_export.py reads them with the tools that
 * they are for.
 */
#include "browser/traffic/log/json.h"
#include "browser/traffic/output/dissector.h"
#include "browser/traffic/output/export.h"
#include "browser/traffic/output/packet.h"
#include "tests/common/filler.h"
#include "tests/traffic/fixture.h"
#include <sys/stat.h>

#define LOG		GOLDEN "/exports.jsonl"
#define ANOTHER		1   /* the hash of no protocol: golden captures do not change with ours */
#define HEAD_BYTES	256 /* of a text, that a usual log keeps */
#define CSV_COLUMNS	21
#define TAMPERED_ROUNDS 150

struct text {
	char *data;
	size_t length;
};

/* What the sink makes of a log. */
static struct text export_log(const char *path, const struct sink_type *type, uint64_t protocol,
			      unsigned limit)
{
	struct log_reader *reader = log_reader_open(path);
	struct traffic_event e;
	struct text text;
	FILE *out = open_memstream(&text.data, &text.length);
	enum log_line line;
	void *sink = NULL;

	assert_non_null(reader);
	assert_non_null(out);
	while ((line = log_reader_next(reader, &e)) != LOG_LINE_END) {
		assert_int_not_equal(line, LOG_LINE_ERROR);
		if (!sink && (line == LOG_LINE_SESSION || line == LOG_LINE_EVENT)) {
			const char *session = log_reader_session_line(reader);
			struct sink_options options = { .out = out,
							.start_us = log_reader_start_us(reader),
							.protocol = protocol,
							.session = session[0] ? session : NULL,
							.limit = limit };

			sink = type->begin(&options);
			assert_non_null(sink);
		}
		if (line == LOG_LINE_EVENT)
			type->event(sink, &e);
	}
	if (sink)
		type->end(sink);
	assert_int_equal(fclose(out), 0);
	log_reader_close(reader);
	return text;
}

static struct text export_lines(const char *lines, const struct sink_type *type, unsigned limit)
{
	char path[64];
	struct text text;

	make_path(path, "export");
	write_file(path, lines, strlen(lines));
	text = export_log(path, type, IPC_PROTOCOL_HASH, limit);
	unlink(path);
	return text;
}

static void test_golden(void **state)
{
	static const struct {
		const struct sink_type *type;
		const char *path;
	} cases[] = { { &export_trace, GOLDEN "/exports.trace.json" },
		      { &export_pcapng, GOLDEN "/exports.pcapng" },
		      { &export_mermaid, GOLDEN "/exports.mmd" },
		      { &export_csv, GOLDEN "/exports.csv" } };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct text made = export_log(LOG, cases[i].type, ANOTHER, 0);
		struct text golden = { NULL, 0 };
		char path[64];

		golden.data = read_file(cases[i].path, &golden.length);
		if (made.length != golden.length || memcmp(made.data, golden.data, made.length) != 0) {
			make_path(path, cases[i].type->name);
			write_file(path, made.data, made.length);
			fail_msg("%s differs from %s; if this is meant, that is the new one", path,
				 cases[i].path);
		}
		free(made.data);
		free(golden.data);
	}
}

/* Nothing but a session still makes a file of its kind. */
static void test_empty(void **state)
{
	static const char line[] = "{\"type\":\"session\",\"ts_us\":5,\"pid\":77}\n";
	struct text text = export_lines(line, &export_trace, 0);
	cJSON *trace = cJSON_Parse(text.data);

	(void)state;
	assert_non_null(trace);
	assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(trace, "traceEvents")), 0);
	cJSON_Delete(trace);
	free(text.data);
	text = export_lines(line, &export_mermaid, 0);
	assert_string_equal(text.data, "sequenceDiagram\n");
	free(text.data);
	text = export_lines(line, &export_csv, 0);
	assert_string_equal(strchr(text.data, '\n'), "\n");
	free(text.data);
	text = export_lines(line, &export_pcapng, 0);
	assert_true(text.length % 4 == 0 && memcmp(text.data, "\n\r\r\n", 4) == 0);
	free(text.data);
}

/* What a spreadsheet would run, and what would end a cell. */
static void test_csv_cells(void **state)
{
	static const char *const names[][2] = { { "=1+1", "\"'=1+1\"" },
						{ "+1", "\"'+1\"" },
						{ "-1", "\"'-1\"" },
						{ "@SUM(A1)", "\"'@SUM(A1)\"" },
						{ "a,b", "\"a,b\"" },
						{ "a\\\"b", "\"a\"\"b\"" },
						{ "=\\\"x\\\"", "\"'=\"\"x\"\"\"" },
						{ "a=b", "a=b" },
						{ "  =1+1", "\"'  =1+1\"" },
						{ "\u00a0\u3000 =1", "\"'\u00a0\u3000 =1\"" },
						{ "＝1", "\"'＝1\"" },
						{ "＠x", "\"'＠x\"" },
						{ "|cmd", "\"'|cmd\"" },
						{ " ｜x", "\"' ｜x\"" },
						{ "  a=b", "  a=b" },
						{ "　a|b", "　a|b" } };

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char line[256], wanted[128];
		struct text text;

		snprintf(line, sizeof line,
			 "{\"type\":\"message\",\"ts_us\":5,\"from\":\"a\",\"to\":\"b\",\"name\":\"%s\"}\n",
			 names[i][0]);
		snprintf(wanted, sizeof wanted, ",a,b,%s,,", names[i][1]);
		text = export_lines(line, &export_csv, 0);
		assert_says(text.data, wanted);
		free(text.data);
	}
}

static void test_mermaid_words(void **state)
{
	static const char lines[] =
		"{\"type\":\"session\",\"ts_us\":3}\n"
		"{\"type\":\"message\",\"ts_us\":5,\"from\":\"a;b\",\"to\":\"end\",\"name\":\"x;y#z\\u001b%%<b>\"}\n"
		"{\"type\":\"message\",\"ts_us\":4,\"from\":\"end\",\"to\":\"a;b\",\"name\":\"first\",\"status\":\"lost\","
		"\"where\":\"channel\"}\n";
	struct text text = export_lines(lines, &export_mermaid, 0);

	(void)state;
	assert_string_equal(text.data, "sequenceDiagram\n"
				       "    participant p0 as a#59;b\n"
				       "    participant p1 as end\n"
				       "    p1--xp0: 0.000001 s first (lost in channel)\n"
				       "    p0--)p1: 0.000002 s x#59;y#35;z#92;u001b#37;#37;#60;b#62;\n");
	free(text.data);
}

/* What is left out is the last in time, whatever the order of the log, and is counted. */
static void test_mermaid_limit(void **state)
{
	char lines[4096];
	struct format out = format_into(lines, sizeof lines);
	struct text text;

	(void)state;
	format_text(&out, "{\"type\":\"session\",\"ts_us\":1000}\n");
	for (unsigned i = 20; i; i--)
		format_printf(
			&out,
			"{\"type\":\"message\",\"ts_us\":%u,\"from\":\"a\",\"to\":\"b\",\"name\":\"m%u\","
			"\"status\":\"delivered\"}\n",
			1000 + i, i);
	text = export_lines(lines, &export_mermaid, 3);
	assert_string_equal(text.data, "sequenceDiagram\n"
				       "    participant p0 as a\n"
				       "    participant p1 as b\n"
				       "    p0->>p1: 0.000001 s m1\n"
				       "    p0->>p1: 0.000002 s m2\n"
				       "    p0->>p1: 0.000003 s m3\n"
				       "    Note over p0: … and 17 more, left out here\n");
	free(text.data);
}

/* Packets. */

/* The event as it comes back from a line of the log. */
static void reread(const struct traffic_event *e, enum log_payload payload,
		   void (*look)(const struct traffic_event *, void *arg), void *arg)
{
	size_t capacity = traffic_line_bytes();
	char *line = malloc(capacity), path[64];
	struct format out = format_into(line, capacity);
	struct log_reader *reader;
	struct traffic_event read;

	traffic_format_log(e, payload, &out);
	assert_false(out.full);
	format_char(&out, '\n');
	make_path(path, "packet");
	write_file(path, line, out.length);
	reader = log_reader_open(path);
	assert_non_null(reader);
	assert_int_equal(log_reader_next(reader, &read), LOG_LINE_EVENT);
	look(&read, arg);
	log_reader_close(reader);
	unlink(path);
	free(line);
}

struct packet_case {
	const struct packet_bytes *wanted;
	struct export_room room;
	unsigned texts; /* how many had to be told of as text */
};

static void look_at_packet(const struct traffic_event *e, void *arg)
{
	struct packet_case *c = arg;
	struct packet_bytes made = { .data = malloc(PACKET_BYTES) };

	packet_build(&made, e, IPC_PROTOCOL_HASH, &c->room);
	if (made.data[1] & PACKET_TEXT) {
		c->texts++;
	} else {
		assert_int_equal(made.length, c->wanted->length);
		assert_int_equal(made.whole, c->wanted->whole);
		assert_memory_equal(made.data, c->wanted->data, made.length);
	}
	free(made.data);
}

/*
 * Of each message of the protocol, from its arguments or its bytes in a log comes the packet that comes from
 * what was recorded.
 */
static void test_every_message(void **state)
{
	static uint8_t payload[1 << 16];
	static struct filler filler;
	struct packet_bytes packet = { .data = malloc(PACKET_BYTES) };
	struct packet_case c = { .wanted = &packet };
	union ipc_any message;
	unsigned cut = 0;
	int fd;

	(void)state;
	filler.random = 7;
	for (unsigned i = 0; i < IPC_COUNT * FILL_COUNT; i++) {
		enum ipc_id id = (enum ipc_id)(i / FILL_COUNT);
		struct traffic_event e = { .ts_us = 1700000000000000 + i, .queued_ns = 3100 };

		filler.how = (enum fill)(i % FILL_COUNT);
		filler_fill(&filler, id, &message);
		e.bytes = e.payload_bytes = (uint32_t)ipc_encode(id, &message, payload, sizeof payload, &fd);
		e.payload = payload;
		e.type = (uint16_t)id;
		e.handled_ns = TRAFFIC_NO_TIME;
		e.from = (struct endpoint){ filler_from(id), filler_from(id) == ROLE_BROWSER ? 0 : 3 };
		e.to = (struct endpoint){ filler_to(id), filler_to(id) == ROLE_BROWSER ? 0 : 4 };
		e.id = ipc_make_id(e.from.role, e.from.serial, i + 1);
		packet_build(&packet, &e, IPC_PROTOCOL_HASH, &c.room);
		assert_int_equal(packet.data[1], 0);
		assert_memory_equal(packet.data + packet.length - e.bytes, payload, e.bytes);
		reread(&e, LOG_PAYLOAD_FULL, look_at_packet, &c);
		assert_int_equal(c.texts, 0);
		reread(&e, LOG_PAYLOAD_HEAD, look_at_packet, &c);
		cut += c.texts;
		/* Only what is long is cut in such a log, and cannot be told of by its bytes. */
		assert_true(!c.texts || e.bytes > HEAD_BYTES);
		c.texts = 0;
	}
	assert_true(cut > 0 && cut < IPC_COUNT);
	free(c.room.text);
	free(packet.data);
}

static void look_at_text(const struct traffic_event *e, void *arg)
{
	struct export_room room = { 0 };
	struct packet_bytes made = { .data = malloc(PACKET_BYTES) };

	packet_build(&made, e, *(const uint64_t *)arg, &room);
	assert_int_equal(made.data[1], PACKET_TEXT);
	assert_int_equal(made.data[4], (uint8_t) * (const uint64_t *)arg);
	assert_memory_equal(made.data + made.length - 13, "{\"nonce\":\"7\"}", 13);
	free(made.data);
	free(room.text);
}

/* The fields of another protocol are told of by what the log calls them. */
static void test_another_protocol(void **state)
{
	static const uint8_t payload[8] = { 7 };
	uint64_t protocol = ANOTHER;
	struct traffic_event e = { .type = IPC_PING,
				   .bytes = 8,
				   .payload = payload,
				   .payload_bytes = 8,
				   .to = { ROLE_GPU, 1 },
				   .id = 1 };

	(void)state;
	reread(&e, LOG_PAYLOAD_HEAD, look_at_text, &protocol);
}

/* Logs that were tampered with. */

static uint64_t random_state;

static uint64_t draw(uint64_t below)
{
	random_state = random_state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (random_state >> 33) % below;
}

/* Change, repeat, or cut the log, so that many of its lines are still lines. */
static size_t tamper(char *log, size_t length, size_t capacity)
{
	static const char *const words[] = {
		"18446744073709551615", "9007199254740992", "-1",   "null", "\"\"",
		"renderer:99999",	"browser/1",	    "0.05", "[]",   "1e300"
	};

	for (unsigned n = 1 + (unsigned)draw(40); n; n--) {
		size_t at = draw(length);
		const char *word = words[draw(sizeof words / sizeof *words)];
		char *digit = strpbrk(log + at, "0123456789");
		size_t digits = digit ? strspn(digit, "0123456789") : 0, bytes = strlen(word);

		if (draw(3) == 0)
			log[at] = (char)draw(256);
		else if (digit && length + bytes - digits < capacity) {
			memmove(digit + bytes, digit + digits, length - (size_t)(digit + digits - log) + 1);
			memcpy(digit, word, bytes);
			length = length + bytes - digits;
		}
	}
	return length;
}

/* Number of cells of each line; the test fails if they differ. */
static void check_csv(const struct text *text)
{
	unsigned cells = 1;
	bool quoted = false;

	for (size_t i = 0; i < text->length; i++) {
		char c = text->data[i];

		if (c == '"')
			quoted = !quoted;
		else if (c == ',' && !quoted)
			cells++;
		else if (c == '\n' && !quoted) {
			assert_int_equal(cells, CSV_COLUMNS);
			cells = 1;
		}
	}
	assert_false(quoted);
}

static uint32_t u32_at(const struct text *text, size_t at)
{
	uint32_t n;

	memcpy(&n, text->data + at, sizeof n);
	return n;
}

/* Blocks follow one another, and say their length at both ends. */
static void check_pcapng(const struct text *text)
{
	size_t at = 0;

	while (at < text->length) {
		size_t bytes = u32_at(text, at + 4);

		assert_true(bytes >= 12 && bytes % 4 == 0 && bytes <= text->length - at);
		assert_int_equal(u32_at(text, at + bytes - 4), bytes);
		at += bytes;
	}
}

static void check_trace(const struct text *text)
{
	cJSON *json = text->length ? cJSON_Parse(text->data) : NULL;

	assert_true(!text->length || json);
	cJSON_Delete(json);
}

static void check_mermaid(const struct text *text)
{
	assert_true(text->length < 64 << 10);
	for (size_t i = 0; i < text->length; i++)
		assert_true(text->data[i] == '\n' || (unsigned char)text->data[i] >= ' ');
}

static void test_tampered(void **state)
{
	static const struct {
		const struct sink_type *type;
		void (*check)(const struct text *);
	} cases[] = { { &export_trace, check_trace },
		      { &export_pcapng, check_pcapng },
		      { &export_mermaid, check_mermaid },
		      { &export_csv, check_csv } };
	size_t length, capacity;
	char *log = read_file(LOG, &length), path[64], *copy;

	(void)state;
	capacity = length + 4096;
	copy = malloc(capacity);
	make_path(path, "tampered");
	for (unsigned round = 0; round < TAMPERED_ROUNDS; round++) {
		random_state = round;
		memcpy(copy, log, length + 1);
		write_file(path, copy, tamper(copy, length, capacity));
		for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
			struct text text = export_log(path, cases[i].type, IPC_PROTOCOL_HASH, 0);

			cases[i].check(&text);
			free(text.data);
		}
	}
	unlink(path);
	free(copy);
	free(log);
}

/* Far more processes, channels, chains and time than are remembered. */
static void test_bounds(void **state)
{
	char path[64];
	FILE *f;

	(void)state;
	make_path(path, "bounds");
	f = fopen(path, "w");
	assert_non_null(f);
	for (unsigned i = 0; i < 100000; i++)
		fprintf(f,
			"{\"type\":\"message\",\"ts_us\":%u,\"id\":\"renderer:%u/%u\",\"cause\":\"gpu:1/%u\",\"from\":"
			"\"renderer:%u\",\"to\":\"gpu:%u\",\"name\":\"%s\",\"bytes\":8,\"fds\":0,\"queued_us\":%u.5,"
			"\"handled_us\":0.3,\"status\":\"delivered\",\"args\":{\"page\":%u,\"navigation\":1}}\n",
			1000000 + (100000 - i) % 1000 + i, i % 6000, i, i / 2, i % 6000, i % 3,
			i % 9 ? "did_commit" : "commit_navigation", i % 77, i % 500);
	fclose(f);
	for (int i = 0; i < 4; i++) {
		static void (*const checks[])(const struct text *) = { check_trace, check_pcapng,
								       check_mermaid, check_csv };
		const struct sink_type *types[] = { &export_trace, &export_pcapng, &export_mermaid,
						    &export_csv };
		struct text text = export_log(path, types[i], IPC_PROTOCOL_HASH, 0);

		checks[i](&text);
		free(text.data);
	}
	unlink(path);
}

/* The dissector. */

static void test_install(void **state)
{
	char home[64], path[256], wanted[300], *text;
	struct stat st;

	(void)state;
	make_path(home, "home");
	setenv("HOME", home, 1);
	/* Twice: an older one is replaced. */
	for (int i = 0; i < 2; i++) {
		assert_true(dissector_install(path, sizeof path));
		snprintf(wanted, sizeof wanted, "%s/.local/lib/wireshark/plugins/bulkhead.lua", home);
		assert_string_equal(path, wanted);
		text = read_file(path, NULL);
		assert_says(text, "local protocol = {");
		assert_says(text, "name = \"submit_frame\"");
		assert_says(text, "Proto(\"bulkhead\"");
		free(text);
	}
	snprintf(wanted, sizeof wanted, "%s.new", path);
	assert_int_equal(stat(wanted, &st), -1);
	/* Where a file is in the way of a folder. */
	setenv("HOME", path, 1);
	assert_false(dissector_install(wanted, sizeof wanted));
	assert_int_equal(errno, ENOTDIR);
	unlink(path);
	for (char *slash; (slash = strrchr(path, '/')) && strlen(path) > strlen(home);) {
		*slash = '\0';
		assert_int_equal(rmdir(path), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),		 cmocka_unit_test(test_empty),
		cmocka_unit_test(test_csv_cells),	 cmocka_unit_test(test_mermaid_words),
		cmocka_unit_test(test_mermaid_limit),	 cmocka_unit_test(test_every_message),
		cmocka_unit_test(test_another_protocol), cmocka_unit_test(test_tampered),
		cmocka_unit_test(test_bounds),		 cmocka_unit_test(test_install),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
