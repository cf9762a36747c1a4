/* What processes write into regions, on its way through their recorders into a log; and lies about it. */
#include "browser/traffic/replay/tape_data.h"
#include "common/display_list.h"
#include "tests/traffic/fixture.h"

#define BYTES 100000u

static struct ship s;
static uint8_t written[BYTES];

static int build_big(void **state)
{
	(void)state;
	ship_build(&s, RECORDER_MEMORY_BYTES, NULL, true);
	for (uint32_t i = 0; i < BYTES; i++)
		written[i] = (uint8_t)(i * 2654435761u >> 24);
	return 0;
}

static int build_usual(void **state)
{
	(void)state;
	ship_build(&s, 0, NULL, true);
	return 0;
}

static int sink(void **state)
{
	(void)state;
	ship_sink(&s);
	return 0;
}

static struct record_memory staging(uint32_t bytes)
{
	return (struct record_memory){
		.kind = REGION_STAGING, .page = 7, .number = 3, .half = 1, .bytes = bytes
	};
}

/* The log, once all is written. */
static char *read_log(void)
{
	size_t length;

	collector_drain(s.collector, 0);
	collector_destroy(s.collector);
	log_writer_close(s.log);
	s.collector = NULL;
	s.log = NULL;
	return read_file(s.path, &length);
}

/* The bytes of the memory lines, put together. Returns how many lines. */
static unsigned read_memory(char *log, uint8_t *into, uint32_t room)
{
	unsigned lines = 0;

	for (char *at = log; (at = strstr(at, "{\"type\":\"memory\"")); lines++) {
		char *data = strstr(at, "\"data\":\""), *end = strchr(data + 8, '"');
		uint32_t offset = (uint32_t)strtoul(strstr(at, "\"offset\":") + 9, NULL, 10), length;
		uint8_t *bytes;

		*end = '\0';
		bytes = tape_decode_base64(data + 8, &length);
		assert_non_null(bytes);
		assert_true(offset <= room && length <= room - offset);
		memcpy(into + offset, bytes, length);
		free(bytes);
		at = end + 1;
	}
	return lines;
}

static void test_memory_is_logged_whole(void **state)
{
	static uint8_t read[BYTES];
	struct record_memory memory = staging(BYTES);
	char *log;

	(void)state;
	recorder_write_memory(&s.nodes[RENDERER].recorder, &memory, written);
	log = read_log();
	assert_says(log, "\"from\":\"renderer:");
	assert_says(log, "\"region\":\"staging\",\"page\":7,\"number\":3,\"half\":1,\"offset\":49152,");
	assert_int_equal(read_memory(log, read, BYTES), 3);
	assert_memory_equal(read, written, BYTES);
	free(log);
}

static void test_nothing_is_recorded_unless_asked_for(void **state)
{
	uint64_t before = s.nodes[RENDERER].recorder.region->records;
	struct record_memory memory = staging(BYTES);

	(void)state;
	recorder_write_memory(&s.nodes[RENDERER].recorder, &memory, written);
	assert_int_equal(s.nodes[RENDERER].recorder.region->records, before);
}

/* As a forger would: any words, and less or more behind them than they say. */
static void forge(int who, struct record_memory memory, uint32_t bytes)
{
	static uint8_t payload[sizeof memory + 4096];
	struct record r = { .kind = RECORD_MEMORY, .message_bytes = (uint32_t)sizeof memory + bytes };

	memcpy(payload, &memory, sizeof memory);
	s.nodes[who].recorder.payload_max = UINT16_MAX;
	recorder_write(&s.nodes[who].recorder, &r, payload);
}

static void check_lie(int who)
{
	static uint8_t read[64];
	char *log;

	collector_drain(s.collector, 0);
	for (int i = 0; i < NODES; i++)
		assert_int_equal(collector_forged(s.collector, s.nodes[i].us), i == who);
	log = read_log();
	assert_int_equal(read_memory(log, read, sizeof read), 0);
	free(log);
}

static void test_lies(void **state)
{
	static const struct {
		int who;
		struct record_memory memory;
		uint32_t bytes;
	} lies[] = {
		{ RENDERER, { REGION_STAGING, 1, 1, 2, 0, 8 }, 8 },
		{ RENDERER, { REGION_STAGING, 1, 1, 0, 0, 4096 }, 8 },
		{ RENDERER, { REGION_STAGING, 1, 1, 0, 0, 8 }, 4096 },
		{ RENDERER, { REGION_STAGING, 1, 1, 0, STAGING_MAX_BYTES, 8 }, 8 },
		{ RENDERER, { REGION_STAGING, 1, 1, 0, UINT32_MAX, 8 }, 8 },
		{ RENDERER, { REGION_STAGING, 1, 1, 0, 0, 0 }, 0 },
		{ RENDERER, { REGION_FRAME, 1, 1, 0, 0, 8 }, 8 },
		{ RENDERER, { REGION_SURFACE, 1, 1, 0, 0, 8 }, 8 },
		{ RENDERER, { 4711, 1, 1, 0, 0, 8 }, 8 },
		{ GPU, { REGION_STAGING, 1, 1, 0, 0, 8 }, 8 },
		{ GPU, { REGION_FRAME, 1, 1, 0, 0, 8 }, 8 },
	};

	for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
		build_big(state);
		forge(lies[i].who, lies[i].memory, lies[i].bytes);
		check_lie(lies[i].who);
		sink(state);
	}
}

/* Whose recorder was not made for it has none to tell of. */
static void test_memory_unasked(void **state)
{
	(void)state;
	forge(RENDERER, staging(8), 8);
	check_lie(RENDERER);
}

static void test_base64(void **state)
{
	static const char *const bad[] = { "A", "AAA", "AA=A", "A===", "====", "AA!A", "AAAA\n" };
	uint32_t length;

	(void)state;
	for (uint32_t bytes = 0; bytes < 70; bytes++) {
		char text[128];
		struct format out = format_into(text, sizeof text);
		uint8_t *read;

		format_base64(&out, written, bytes);
		assert_int_equal(out.length, (bytes + 2) / 3 * 4);
		assert_non_null(read = tape_decode_base64(text, &length));
		assert_int_equal(length, bytes);
		assert_memory_equal(read, written, bytes);
		free(read);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_null(tape_decode_base64(bad[i], &length));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_memory_is_logged_whole, build_big, sink),
		cmocka_unit_test_setup_teardown(test_nothing_is_recorded_unless_asked_for, build_usual, sink),
		cmocka_unit_test(test_lies),
		cmocka_unit_test_setup_teardown(test_memory_unasked, build_usual, sink),
		cmocka_unit_test(test_base64),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
