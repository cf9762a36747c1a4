/* How much of a message the log says, and what was done to it. */
#include "browser/traffic/log/log_writer.h"
#include "tests/traffic/fixture.h"

static const struct endpoint browser = { ROLE_BROWSER, 0 }, renderer = { ROLE_RENDERER, 3 };

#define BEGIN                                                                                                \
	"{\"type\":\"message\",\"ts_us\":1700000012345678,\"id\":\"renderer:3/7\",\"from\":\"renderer:3\","  \
	"\"to\":\"browser\","

static uint8_t payload[CHANNEL_PACKET_BYTES];

static struct traffic_event message(enum ipc_id id, const void *fields)
{
	int fd, n = ipc_encode(id, fields, payload, sizeof payload, &fd);

	assert_true(n >= 0);
	return (struct traffic_event){ .kind = TRAFFIC_MESSAGE,
				       .ts_us = 1700000012345678,
				       .id = ipc_make_id(ROLE_RENDERER, 3, 7),
				       .from = renderer,
				       .to = browser,
				       .type = (uint16_t)id,
				       .bytes = (uint32_t)n,
				       .payload_bytes = (uint32_t)n,
				       .payload = payload,
				       .queued_ns = TRAFFIC_NO_TIME,
				       .handled_ns = TRAFFIC_NO_TIME };
}

static const char *json_of(const struct traffic_event *e, enum log_payload how)
{
	static char text[256 << 10];
	struct format out = format_into(text, sizeof text);

	traffic_format_log(e, how, &out);
	assert_false(out.full);
	return text;
}

static void test_none(void **state)
{
	struct traffic_event e = message(IPC_DID_COMMIT, &(struct ipc_did_commit){ 1, 2 });

	(void)state;
	assert_string_equal(json_of(&e, LOG_PAYLOAD_NONE),
			    BEGIN "\"name\":\"did_commit\",\"bytes\":8,\"fds\":0,\"status\":\"delivered\","
				  "\"args\":null}");
	/* Not even of what is not understood. */
	e.type = 4711;
	assert_says(json_of(&e, LOG_PAYLOAD_NONE), "\"args\":null}");
}

static void test_full(void **state)
{
	struct traffic_event e = message(IPC_DID_COMMIT, &(struct ipc_did_commit){ 1, 2 });

	(void)state;
	assert_string_equal(json_of(&e, LOG_PAYLOAD_FULL),
			    BEGIN "\"name\":\"did_commit\",\"bytes\":8,\"fds\":0,\"status\":\"delivered\","
				  "\"args\":{\"page\":1,\"navigation\":2},\"payload\":\"0100000002000000\"}");
	e.type = 4711;
	e.bytes = e.payload_bytes = CHANNEL_PACKET_BYTES;
	const char *line = json_of(&e, LOG_PAYLOAD_FULL);

	assert_true(strlen(line) > 2 * CHANNEL_PACKET_BYTES);
	assert_true(strlen(line) < traffic_line_bytes());
	assert_says(line, "\"args\":null,\"payload\":\"01000000");
	/* By default only its beginning. */
	assert_in_range(strlen(strstr(json_of(&e, LOG_PAYLOAD_HEAD), "\"payload\":\"")), 512, 512 + 14);
}

/* A long text is cut between two characters, and that is said; one byte shorter, it is whole. */
static void test_head(void **state)
{
	char url[400], wanted[600];
	struct traffic_event e;

	(void)state;
	memset(url, 'x', sizeof url);
	memcpy(url + 255, "\xc3\xa9", 2);
	e = message(IPC_OPEN_LINK, &(struct ipc_open_link){ 1, { url, 255 } });
	assert_null(strstr(json_of(&e, LOG_PAYLOAD_HEAD), "\"cut\""));
	assert_says(json_of(&e, LOG_PAYLOAD_HEAD), "xxx\"}}");
	e = message(IPC_OPEN_LINK, &(struct ipc_open_link){ 1, { url, sizeof url } });
	snprintf(wanted, sizeof wanted, "\"args\":{\"page\":1,\"url\":\"%.255s\xe2\x80\xa6\"},\"cut\":true}",
		 url);
	assert_says(json_of(&e, LOG_PAYLOAD_HEAD), wanted);
	snprintf(wanted, sizeof wanted, "\"args\":{\"page\":1,\"url\":\"%.400s\"},\"payload\":\"", url);
	assert_says(json_of(&e, LOG_PAYLOAD_FULL), wanted);
}

static void test_what_was_done(void **state)
{
	struct traffic_event e = message(IPC_DID_COMMIT, &(struct ipc_did_commit){ 1, 2 });

	(void)state;
	e.queued_ns = 3149;
	e.handled_ns = 250;
	e.toxic = 2;
	e.held_ns = 1500000;
	e.breakpoint = 4;
	e.marks = TRAFFIC_BY_HAND | TRAFFIC_DUPLICATED;
	assert_says(json_of(&e, LOG_PAYLOAD_NONE),
		    "\"fds\":0,\"queued_us\":3.1,\"handled_us\":0.2,\"toxic\":\"");
	assert_says(json_of(&e, LOG_PAYLOAD_NONE),
		    " 2\",\"held_us\":1500.0,\"breakpoint\":4,\"marks\":\"by_hand duplicated\","
		    "\"status\":\"delivered\",\"args\":null}");
	e.toxic = 0;
	e.marks = TRAFFIC_EDITED;
	e.status = TRAFFIC_LOST;
	e.where = TRAFFIC_AT_BREAKPOINT;
	assert_says(json_of(&e, LOG_PAYLOAD_NONE),
		    "\"handled_us\":0.2,\"held_us\":1500.0,\"breakpoint\":4,\"marks\":\"edited\","
		    "\"status\":\"lost\",\"where\":\"breakpoint\",\"args\":null}");
}

/* The writer says in its first line how much it says, and does it. */
static void test_writer(void **state)
{
	(void)state;
	for (enum log_payload how = 0; how < LOG_PAYLOAD_COUNT; how++) {
		struct traffic_event e = message(IPC_DID_COMMIT, &(struct ipc_did_commit){ 1, 2 });
		char path[64], wanted[64], *text;
		const char *why;

		make_path(path, "payload");
		struct log_writer *w =
			log_writer_open(&(struct log_writer_config){ .path = path, .payload = how }, &why);

		assert_non_null(w);
		log_writer_put(w, &e);
		assert_int_equal(log_writer_close(w), 0);
		text = read_file(path, NULL);
		snprintf(wanted, sizeof wanted, "\"payload\":\"%s\",\"part\":1}\n", log_payload_names[how]);
		assert_says(text, wanted);
		assert_says(text, json_of(&e, how));
		free(text);
		unlink(path);
	}
}

/* More of them than can wait: whole lines, and what is missing is known. */
static void test_big_payloads(void **state)
{
	struct traffic_event e = { .kind = TRAFFIC_BODY,
				   .from = browser,
				   .to = renderer,
				   .payload = payload,
				   .payload_bytes = sizeof(struct traffic_body) + RECORD_MEMORY_MAX };
	struct log_writer *w;
	const char *why;
	uint64_t lines = 0;
	char path[64], *text;

	(void)state;
	make_path(path, "big");
	w = log_writer_open(&(struct log_writer_config){ .path = path, .payload = LOG_PAYLOAD_FULL }, &why);
	assert_non_null(w);
	/* Twice what can wait. */
	for (size_t bytes = 0; bytes < 2 * LOG_BUFFER_BYTES; bytes += e.payload_bytes, lines++)
		log_writer_put(w, &e);
	uint64_t dropped = log_writer_dropped(w), written = 0;

	assert_int_equal(log_writer_close(w), dropped);
	text = read_file(path, NULL);
	for (const char *at = text; (at = strstr(at, "{\"type\":\"body\"")); at++)
		written++;
	assert_int_equal(written + dropped, lines);
	assert_true(written > LOG_BUFFER_BYTES / sizeof payload / 2);
	free(text);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_none),   cmocka_unit_test(test_full),
		cmocka_unit_test(test_head),   cmocka_unit_test(test_what_was_done),
		cmocka_unit_test(test_writer), cmocka_unit_test(test_big_payloads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
