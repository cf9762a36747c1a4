/* The log: its lines, its writer on disks that fill, its reader on logs that are cut. */
#include "browser/traffic/log/log_file.h"
#include "common/utf8.h"
#include "tests/traffic/fixture.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

static const struct endpoint browser = { ROLE_BROWSER, 0 }, renderer = { ROLE_RENDERER, 3 };

static const char *json_of(const struct traffic_event *e)
{
	static char text[64 << 10];
	struct format out = format_into(text, sizeof text);

	traffic_format_json(e, &out);
	return text;
}

static const char *line_of(const struct traffic_event *e)
{
	static char text[64 << 10];
	struct format out = format_into(text, sizeof text);

	traffic_format_line(e, 1700000000000000, &out);
	return text;
}

/* A message with its fields encoded into a buffer that lives on. */
static struct traffic_event message(enum ipc_id id, const void *fields, struct endpoint from,
				    struct endpoint to)
{
	static uint8_t payload[CHANNEL_PACKET_BYTES];
	int fd, n = ipc_encode(id, fields, payload, sizeof payload, &fd);

	assert_true(n >= 0);
	return (struct traffic_event){ .kind = TRAFFIC_MESSAGE,
				       .ts_us = 1700000012345678,
				       .id = ipc_make_id(from.role, from.serial, 1042),
				       .cause = ipc_make_id(ROLE_BROWSER, 0, 881),
				       .from = from,
				       .to = to,
				       .type = (uint16_t)id,
				       .bytes = (uint32_t)n,
				       .payload_bytes = (uint32_t)n,
				       .payload = payload,
				       .queued_ns = 3149,
				       .handled_ns = TRAFFIC_NO_TIME };
}

static void test_golden_message(void **state)
{
	struct traffic_event e =
		message(IPC_DID_CHANGE_TITLE,
			&(struct ipc_did_change_title){
				.page = 2, .navigation = 5, .title = ipc_text("Caf\xc3\xa9 \"x\"\x1b[31m") },
			renderer, browser);

	(void)state;
	e.handled_ns = 25999;
	assert_string_equal(
		json_of(&e),
		"{\"type\":\"message\",\"ts_us\":1700000012345678,\"id\":\"renderer:3/1042\","
		"\"cause\":\"browser/881\",\"from\":\"renderer:3\",\"to\":\"browser\","
		"\"name\":\"did_change_title\",\"bytes\":26,\"fds\":0,\"queued_us\":3.1,\"handled_us\":25.9,"
		"\"status\":\"delivered\",\"args\":{\"page\":2,\"navigation\":5,"
		"\"title\":\"Caf\xc3\xa9 \\\"x\\\"\\u001b[31m\"}}");
	assert_string_equal(
		line_of(&e),
		"   12.345678  renderer:3   -> browser      did_change_title             26 B       3.1 us"
		"  delivered  page=2 navigation=5 title=\"Caf\xc3\xa9 \\\"x\\\"\\u001b[31m\"");
}

static void test_golden_fates(void **state)
{
	struct traffic_event e = message(IPC_PING, &(struct ipc_ping){ .nonce = UINT64_MAX }, browser,
					 (struct endpoint){ ROLE_GPU, 1 });

	(void)state;
	e.cause = 0;
	e.status = TRAFFIC_LOST;
	e.where = TRAFFIC_IN_CHANNEL;
	e.queued_ns = e.handled_ns = TRAFFIC_NO_TIME;
	assert_string_equal(
		json_of(&e),
		"{\"type\":\"message\",\"ts_us\":1700000012345678,\"id\":\"browser/1042\",\"from\":\"browser\","
		"\"to\":\"gpu:1\",\"name\":\"ping\",\"bytes\":8,\"fds\":0,\"status\":\"lost\","
		"\"where\":\"channel\",\"args\":{\"nonce\":\"18446744073709551615\"}}");
	assert_string_equal(line_of(&e),
			    "   12.345678  browser      -> gpu:1        ping                          8 B"
			    "            -  lost (channel)  nonce=18446744073709551615");
	/* Refused: what it was cannot be said, so its bytes are. */
	e.status = TRAFFIC_REFUSED;
	e.where = TRAFFIC_NOWHERE;
	e.reason = BAD_MESSAGE_UNKNOWN_TYPE;
	e.type = 4711;
	e.fds = 1;
	assert_string_equal(
		json_of(&e),
		"{\"type\":\"message\",\"ts_us\":1700000012345678,\"id\":\"browser/1042\",\"from\":\"browser\","
		"\"to\":\"gpu:1\",\"name\":\"unknown_4711\",\"bytes\":8,\"fds\":1,\"status\":\"refused\","
		"\"reason\":\"unknown_type\",\"args\":null,\"payload\":\"ffffffffffffffff\"}");
}

/* A message that carried a descriptor can be told of after the descriptor is gone. */
static void test_golden_fd(void **state)
{
	struct traffic_event e = message(
		IPC_CONNECT_PEER, &(struct ipc_connect_peer){ .role = ROLE_GPU, .serial = 1, .channel = 99 },
		browser, renderer);

	(void)state;
	e.fds = 1;
	assert_says(json_of(&e), "\"args\":{\"role\":\"gpu\",\"serial\":1,\"channel\":\"fd\"}}");
}

/* The longest message of every kind, full of what needs most escaping, fits in a line. */
static void test_longest_lines(void **state)
{
	char *text = malloc(CHANNEL_PACKET_BYTES), *out_text = malloc(traffic_line_bytes());

	(void)state;
	memset(text, 1, CHANNEL_PACKET_BYTES);
	for (unsigned id = 0; id < IPC_COUNT; id++) {
		union ipc_any any;
		struct format out = format_into(out_text, traffic_line_bytes());

		memset(&any, 0, sizeof any);
		for (unsigned i = 0; i < ipc_messages[id].nfields; i++) {
			const struct ipc_field *f = &ipc_messages[id].fields[i];

			if (f->type == IPC_STRING || f->type == IPC_BYTES)
				*(struct ipc_string *)((char *)&any + f->offset) =
					(struct ipc_string){ text, f->max };
		}
		enum role from = (enum role)__builtin_ctz(ipc_messages[id].from);
		enum role to = (enum role)__builtin_ctz(ipc_messages[id].to);
		struct traffic_event e = message((enum ipc_id)id, &any, (struct endpoint){ from, 1048575 },
						 (struct endpoint){ to, 1048575 });

		e.ts_us = e.queued_ns = e.handled_ns = e.held_ns = UINT64_MAX - 1;
		e.toxic = e.breakpoint = UINT32_MAX;
		e.marks = UINT8_MAX;
		traffic_format_log(&e, LOG_PAYLOAD_FULL, &out);
		assert_false(out.full);
		assert_int_equal(out.text[out.length - 1], '}');
		assert_non_null(strstr(out.text, "\"args\":{"));
	}
	free(text);
	free(out_text);
}

/* Read a whole log. Returns the number of events; counts what else there was. */
struct seen {
	unsigned events, sessions, bad, cut;
};

static struct seen read_log(const char *path)
{
	struct log_reader *r = log_reader_open(path);
	struct traffic_event e;
	struct seen seen = { 0 };

	assert_non_null(r);
	for (;;) {
		switch (log_reader_next(r, &e)) {
		case LOG_LINE_EVENT:
			seen.events++;
			line_of(&e);
			log_reader_line(r);
			break;
		case LOG_LINE_SESSION:
			seen.sessions++;
			break;
		case LOG_LINE_BAD:
			seen.bad++;
			break;
		case LOG_LINE_CUT:
			seen.cut++;
			break;
		case LOG_LINE_ERROR:
			fail_msg("cannot read: %s", strerror(errno));
			break;
		case LOG_LINE_END:
			log_reader_close(r);
			return seen;
		}
	}
}

/* A real session: every kind of line in it. */
static void make_log(char path[64])
{
	static struct ship s;

	ship_build(&s, 0, NULL, true);
	uint64_t key = channel_make_id(s.nodes[BROWSER].us);

	collector_note_input(s.collector, key, 0, TRAFFIC_INPUT_KEY, "F8");
	collector_note_process(s.collector, &(struct traffic_process){ .what = TRAFFIC_PROCESS_READY,
								       .process = s.nodes[RENDERER].us,
								       .pid = 4711,
								       .has_layers = true,
								       .layers = (1u << LAYER_COUNT) - 1 - 4,
								       .missing = "mount_ns: EPERM" });
	cause_set(key);
	ipc_send_click(s.nodes[BROWSER].to[RENDERER], 1, 2, 3);
	cause_set(0);
	ipc_send_ping(s.nodes[BROWSER].to[GPU], 77);
	ipc_send_did_change_title(s.nodes[RENDERER].to[BROWSER], 1, 2,
				  ipc_text("\xe6\xb8\xaf \x1b]0;evil\a\n"));
	ship_settle(&s);
	channel_send_raw(s.nodes[RENDERER].to[BROWSER], 999, "junk", 4);
	ship_settle(&s);
	ipc_send_submit_frame(s.nodes[RENDERER].to[GPU], 1, 1, 0, 8, 1, 1);
	ship_kill(&s, RENDERER);
	collector_note_process(s.collector, &(struct traffic_process){ .what = TRAFFIC_PROCESS_EXIT,
								       .process = s.nodes[RENDERER].us,
								       .pid = 4711,
								       .status = TERMINATION_STATUS_CRASHED,
								       .signal = SIGSEGV,
								       .has_code = true,
								       .code = 1,
								       .has_address = true,
								       .address = 0 });
	ipc_send_show_page(s.nodes[BROWSER].to[GPU], 1, 0);
	channel_flush_all();
	strcpy(path, s.path);
	s.path[0] = '\0';
	ship_sink(&s);
}

static void test_session(void **state)
{
	char path[64], *text;
	struct stat st;

	(void)state;
	make_log(path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	text = read_file(path, NULL);
	assert_memory_equal(text, "{\"type\":\"session\",\"ts_us\":", 26);
	char hash[32];

	snprintf(hash, sizeof hash, "\"protocol\":\"%016llx\"", (unsigned long long)IPC_PROTOCOL_HASH);
	assert_says(text, hash);
	assert_says(text, "\"what\":\"key\",\"value\":\"F8\"}\n");
	assert_says(text, "\"event\":\"ready\",\"process\":\"renderer:1\",\"pid\":4711,\"sandbox\":\"12/13\","
			  "\"off\":[\"mount_ns\"],\"missing\":\"mount_ns: EPERM\"}\n");
	assert_says(text, "\"event\":\"exit\",\"process\":\"renderer:1\",\"pid\":4711,\"status\":\"crashed\","
			  "\"signal\":\"SIGSEGV\",\"code\":1,\"address\":\"0x0\"}\n");
	assert_says(
		text,
		"\"name\":\"submit_frame\",\"bytes\":19,\"fds\":0,\"status\":\"lost\",\"where\":\"sender\"");
	assert_says(text, "\"name\":\"unknown_999\",\"bytes\":4,\"fds\":0,\"queued_us\":");
	assert_says(
		text,
		"\"status\":\"refused\",\"reason\":\"unknown_type\",\"args\":null,\"payload\":\"6a756e6b\"}");
	assert_says(text, "\"name\":\"show_page\",\"bytes\":8,\"fds\":0,\"status\":\"in_flight\"");
	assert_says(text, "\"title\":\"\xe6\xb8\xaf \\u001b]0;evil\\u0007\\u000a\"");
	free(text);
	struct seen seen = read_log(path);

	assert_int_equal(seen.sessions, 1);
	assert_int_equal(seen.bad + seen.cut, 0);
	/* key, ready, click, ping, pong, title, refused, lost, exit, in flight */
	assert_int_equal(seen.events, 10);
	unlink(path);
}

static void test_cut_anywhere(void **state)
{
	char path[64], part[64], *text;
	size_t length;
	unsigned lines = 0;

	(void)state;
	make_log(path);
	text = read_file(path, &length);
	make_path(part, "cut");
	for (size_t cut = 0; cut <= length; cut++) {
		write_file(part, text, cut);
		struct seen seen = read_log(part);
		/* The last line may lack its end alone; then it is whole. */
		bool at_end = cut == 0 || text[cut - 1] == '\n',
		     lacks_end = cut < length && text[cut] == '\n';

		assert_int_equal(seen.bad, 0);
		assert_int_equal(seen.cut, !at_end && !lacks_end);
		assert_int_equal(seen.events + seen.sessions, lines + lacks_end);
		lines += cut < length && text[cut] == '\n';
	}
	unlink(path);
	unlink(part);
	free(text);
}

static struct traffic_event only_event(struct log_reader **r, const char *line, char path[64])
{
	struct traffic_event e;

	make_path(path, "line");
	write_file(path, line, strlen(line));
	*r = log_reader_open(path);
	assert_non_null(*r);
	assert_int_equal(log_reader_next(*r, &e), LOG_LINE_EVENT);
	unlink(path);
	return e;
}

/* A log of another version: roles, messages and statuses that this one does not know, told by their own
 * names. */
static void test_other_version(void **state)
{
	struct log_reader *r;
	char path[64], buf[IPC_ID_TEXT];
	struct traffic_event e = only_event(
		&r,
		"{\"type\":\"message\",\"ts_us\":1700000000500000,\"id\":\"utility:4/9\",\"cause\":\"renderer:3/7\","
		"\"from\":\"utility:4\",\"to\":\"renderer:3\",\"name\":\"decode_image\",\"bytes\":7,\"status\":\"stalled\","
		"\"args\":{\"page\":12,\"names\":[\"a b\",{\"x\":1.5}],\"ok\":true,\"none\":null,\"big\":\"99\"}}\n",
		path);

	(void)state;
	assert_string_equal(
		line_of(&e),
		"    0.500000  utility:4    -> renderer:3   decode_image                  7 B"
		"            -  stalled    page=12 names=[\"a b\",{\"x\":1.5}] ok=true none=null big=99");
	assert_int_equal(e.id, 0);
	assert_string_equal(traffic_id(&e, buf), "utility:4/9");
	assert_int_equal(e.cause, ipc_make_id(ROLE_RENDERER, 3, 7));
	assert_int_equal(e.to.role, ROLE_RENDERER);
	assert_int_equal(e.to.serial, 3);
	assert_int_equal(e.from.role, ROLE_COUNT);
	assert_int_equal(e.status, TRAFFIC_STATUS_COUNT);

	assert_true(event_matches("process=\"utility\" tab=12 status=\"stalled\"", &e));
	assert_true(event_matches("from=\"utility:4\" status~\"^st\" name=decode_* arg.names~x", &e));
	assert_true(event_matches("id=utility:4/9 and arg.big=99 and arg.ok=true", &e));
	assert_false(event_matches("tab=13", &e));
	assert_false(event_matches("from=\"utility:5\"", &e));
	assert_false(event_matches("status!=\"stalled\"", &e));
	log_reader_close(r);

	e = only_event(&r, "{\"type\":\"weather\",\"ts_us\":1700000001000000,\"wind\":\"NE 5\"}\n", path);
	assert_int_equal(e.kind, TRAFFIC_OTHER);
	assert_string_equal(
		line_of(&e),
		"    1.000000                               weather                   wind=\"NE 5\"");
	log_reader_close(r);
}

/* Nothing of a log reaches the terminal raw: not its escapes, nor what it holds unescaped. */
static void test_hostile_text(void **state)
{
	static const char line[] =
		"{\"type\":\"message\",\"ts_us\":1,\"id\":\"\x1b[2J\",\"from\":\"\\u001b]0;x\\u0007\",\"to\":\"a\x9b\x31m\","
		"\"name\":\"\\u202eevil\",\"status\":\"\\u0000\",\"args\":{\"\x1bkey\":\"\x1b[31m\\u0085\xc2\x9b\"},\t\"x\":\"\r\"}\n";
	struct log_reader *r;
	char path[64];
	struct traffic_event e = only_event(&r, line, path);
	const char *shown[] = { line_of(&e), log_reader_line(r) };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_true(strlen(shown[i]) > 50);
		for (const char *s = shown[i]; *s;) {
			uint32_t c;

			s += utf8_decode(s, strlen(s), &c);
			assert_false(utf8_is_control(c));
		}
	}
	assert_says(shown[0], "\\u001b[31m");
	log_reader_close(r);
}

static void test_bad_lines(void **state)
{
	static const char *const bad[] = { "",
					   "   ",
					   "nonsense",
					   "[]",
					   "{}",
					   "{\"type\":1}",
					   "{\"type\":\"message\"",
					   "{\"type\":\"message\"} {}",
					   "null",
					   "{\"type\":null}" };
	char path[64];

	(void)state;
	make_path(path, "bad");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		char text[256];

		snprintf(text, sizeof text, "%s\n{\"type\":\"input\",\"what\":\"key\"}\n", bad[i]);
		write_file(path, text, strlen(text));
		struct seen seen = read_log(path);

		assert_int_equal(seen.bad, 1);
		assert_int_equal(seen.events, 1);
	}
	/* Members of the wrong kind are as good as missing. */
	static const char odd[] =
		"{\"type\":\"message\",\"ts_us\":-1e300,\"name\":7,\"bytes\":1e99,\"args\":[1],\"from\":{},"
		"\"queued_us\":\"x\",\"fds\":-1}\n";

	write_file(path, odd, sizeof odd - 1);
	assert_int_equal(read_log(path).events, 1);
	unlink(path);
}

/* Lines without end: bounded, reported, skipped. */
static void test_endless_line(void **state)
{
	size_t length = LOG_READER_LINE_BYTES * 3;
	char *text = malloc(length + 64), path[64];

	(void)state;
	assert_non_null(text);
	make_path(path, "endless");
	memset(text, 'x', length);
	strcpy(text + length, "\n{\"type\":\"input\",\"what\":\"key\"}\n");
	write_file(path, text, strlen(text));
	struct seen seen = read_log(path);

	assert_int_equal(seen.bad, 1);
	assert_int_equal(seen.events, 1);
	memset(text, '[', 1 << 20);
	text[1 << 20] = '\n';
	write_file(path, text, (1 << 20) + 1);
	assert_int_equal(read_log(path).bad, 1);
	unlink(path);
	free(text);
}

static unsigned failures;
static char failure[128];

static void on_failed(void *arg, const char *what, const char *path, const char *why)
{
	(void)arg;
	failures++;
	snprintf(failure, sizeof failure, "%s: %s: %s", what, path, why);
}

static struct traffic_event small_event(void)
{
	return message(IPC_CLICK, &(struct ipc_click){ .page = 1, .row = 2, .column = 3 }, browser, renderer);
}

/* A disk that is full from the start: told once, and nothing waits for it. */
static void test_full_disk(void **state)
{
	const char *why;
	struct traffic_event e = small_event();
	struct log_writer *w;

	(void)state;
	assert_true(loop_init());
	failures = 0;
	w = log_writer_open(&(struct log_writer_config){ .path = "/dev/full", .failed = on_failed }, &why);
	assert_non_null(w);
	const unsigned lines = 200000;

	for (unsigned i = 0; i < lines; i++)
		log_writer_put(w, &e);
	log_writer_kick(w);
	while (!failures)
		loop_turn(-1);
	assert_string_equal(failure, "the log cannot be written: /dev/full: No space left on device");
	/* Its session line, all of the lines, and the one that would have said how many are missing. */
	assert_in_range(log_writer_close(w), lines + 1, lines + 2);
	loop_turn(0);
	assert_int_equal(failures, 1);
	loop_finish();
}

/* How many lines the log's own `dropped` lines admit to; every line must be whole, but the last while it is
 * written. */
static uint64_t count_dropped(const char *path, bool writing, uint64_t *events)
{
	struct log_reader *r = log_reader_open(path);
	struct traffic_event e;
	uint64_t dropped = 0;
	enum log_line line;

	assert_non_null(r);
	*events = 0;
	while ((line = log_reader_next(r, &e)) != LOG_LINE_END) {
		assert_true(line == LOG_LINE_EVENT || line == LOG_LINE_SESSION ||
			    (writing && line == LOG_LINE_CUT));
		if (line == LOG_LINE_EVENT && e.kind == TRAFFIC_DROPPED)
			dropped += e.bytes;
		else if (line == LOG_LINE_EVENT)
			++*events;
	}
	log_reader_close(r);
	return dropped;
}

static void limit_files(rlim_t bytes)
{
	struct rlimit limit;

	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = bytes == RLIM_INFINITY ? limit.rlim_max : bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* A disk that fills in the middle of a line, and then has room again: whole lines, and what is missing is
 * said. */
static void test_disk_fills_and_empties(void **state)
{
	const char *why;
	struct traffic_event e = small_event();
	struct log_writer *w;
	uint64_t events, lines = 0;
	char path[64];

	(void)state;
	make_path(path, "fills");
	assert_true(loop_init());
	failures = 0;
	limit_files(10001);
	w = log_writer_open(&(struct log_writer_config){ .path = path, .failed = on_failed }, &why);
	assert_non_null(w);
	for (; lines < 200000; lines++)
		log_writer_put(w, &e);
	log_writer_kick(w);
	while (!failures)
		loop_turn(-1);
	assert_says(failure, "File too large");
	limit_files(RLIM_INFINITY);
	/* Once it has room again, it says what it left out as soon as it can. */
	do {
		for (unsigned i = 0; i < 100; i++, lines++)
			log_writer_put(w, &e);
		log_writer_kick(w);
		usleep(1000);
	} while (count_dropped(path, true, &events) == 0);
	uint64_t missing = log_writer_close(w);

	assert_true(missing > 0);
	assert_int_equal(count_dropped(path, false, &events), missing);
	assert_int_equal(events + missing, lines);
	unlink(path);
	loop_finish();
}

/* Full to the end: the line that was cut is cut off again. */
static void test_disk_stays_full(void **state)
{
	const char *why;
	struct traffic_event e = small_event();
	struct log_writer *w;
	uint64_t events;
	char path[64];

	(void)state;
	make_path(path, "stays");
	assert_true(loop_init());
	limit_files(5000);
	w = log_writer_open(&(struct log_writer_config){ .path = path }, &why);
	assert_non_null(w);
	for (unsigned i = 0; i < 1000; i++)
		log_writer_put(w, &e);
	uint64_t missing = log_writer_close(w);

	limit_files(RLIM_INFINITY);
	count_dropped(path, false, &events);
	assert_true(events > 5);
	assert_int_equal(events + missing, 1000);
	unlink(path);
	loop_finish();
}

/* A pipe whose reader has gone: no signal, an error like others. */
static void test_reader_of_pipe_gone(void **state)
{
	const char *why;
	struct traffic_event e = small_event();
	char path[64];
	int fd;

	(void)state;
	make_path(path, "pipe");
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_null(log_writer_open(&(struct log_writer_config){ .path = path }, &why));
	assert_string_equal(why, strerror(ENXIO));
	assert_true(loop_init());
	failures = 0;
	fd = open(path, O_RDONLY | O_NONBLOCK);
	struct log_writer *w =
		log_writer_open(&(struct log_writer_config){ .path = path, .failed = on_failed }, &why);

	assert_non_null(w);
	close(fd);
	while (!failures) {
		log_writer_put(w, &e);
		log_writer_kick(w);
		loop_turn(10);
	}
	assert_says(failure, strerror(EPIPE));
	assert_true(log_writer_close(w) > 0);
	unlink(path);
	loop_finish();
}

static int count_threads(void)
{
	struct dirent **names;
	int n = scandir("/proc/self/task", &names, NULL, NULL);

	assert_true(n > 2);
	for (int i = 0; i < n; i++)
		free(names[i]);
	free(names);
	return n - 2;
}

/* The pipe's reader does not read: closing waits a while, and no longer. */
static void test_disk_hangs(void **state)
{
	const char *why;
	struct traffic_event e = small_event();
	char path[64];
	int fd;

	(void)state;
	int before_it = count_threads();

	make_path(path, "hangs");
	assert_int_equal(mkfifo(path, 0600), 0);
	fd = open(path, O_RDONLY | O_NONBLOCK);
	struct log_writer *w = log_writer_open(&(struct log_writer_config){ .path = path }, &why);

	assert_non_null(w);
	for (unsigned i = 0; i < 10000; i++)
		log_writer_put(w, &e);
	log_writer_kick(w);
	uint64_t before = recorder_now();

	assert_true(log_writer_close(w) > 0);
	assert_true(recorder_now() - before < (LOG_CLOSE_MS + 2000) * UINT64_C(1000000));
	/* The thread that was left behind ends when the disk answers, and takes everything with it. */
	close(fd);
	unlink(path);
	while (count_threads() > before_it)
		sched_yield();
}

static void test_cannot_open(void **state)
{
	const char *why = "";

	(void)state;
	assert_null(log_writer_open(&(struct log_writer_config){ .path = "/no/such/folder/log" }, &why));
	assert_string_equal(why, "No such file or directory");
	assert_null(log_writer_open(&(struct log_writer_config){ .path = "/tmp" }, &why));
	assert_string_equal(why, "Is a directory");
}

/* A writer that is killed leaves whole lines, but at most the last. */
static void test_killed(void **state)
{
	char path[64];
	pid_t pid;

	(void)state;
	make_path(path, "killed");
	pid = fork();
	if (pid == 0) {
		const char *why;
		struct log_writer *w = log_writer_open(&(struct log_writer_config){ .path = path }, &why);
		struct traffic_event e = small_event();

		for (;;)
			log_writer_put(w, &e);
	}
	struct stat st = { 0 };

	while (st.st_size < 1 << 20)
		if (stat(path, &st) == -1)
			sched_yield();
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	struct seen seen = read_log(path);

	assert_int_equal(seen.bad, 0);
	assert_true(seen.cut <= 1);
	assert_true(seen.events > 1000);
	unlink(path);
}

static void remove_tree(const char *path)
{
	char command[256];

	snprintf(command, sizeof command, "rm -rf '%s'", path);
	assert_int_equal(system(command), 0);
}

static void test_folder(void **state)
{
	char home[64], folder[128], path[4096], newest[4096];
	struct dirent **names;
	struct stat st;
	const char *why = "";

	(void)state;
	make_path(home, "state");
	setenv("XDG_STATE_HOME", home, 1);
	assert_false(log_file_newest(path, sizeof path, &why));
	assert_string_equal(why, "No such file or directory");
	assert_true(log_file_new(path, sizeof path, &why));
	snprintf(folder, sizeof folder, "%s/bulkhead", home);
	assert_int_equal(stat(folder, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_memory_equal(path, folder, strlen(folder));
	assert_false(log_file_newest(newest, sizeof newest, &why));
	assert_string_equal(why, "holds no log");
	for (unsigned i = 0; i < 30; i++) {
		char old[256];

		snprintf(old, sizeof old, "%s/log-202001%02uT000000-77.jsonl", folder, i + 1);
		write_file(old, "x", 1);
	}
	snprintf(newest, sizeof newest, "%s/notes.txt", folder);
	write_file(newest, "mine", 4);
	assert_true(log_file_new(path, sizeof path, &why));
	write_file(path, "x", 1);
	int n = scandir(folder, &names, NULL, alphasort);

	/* The newest twenty, the notes, and . and .. */
	assert_int_equal(n, LOG_FILES_KEPT + 1 + 2);
	assert_string_equal(names[2]->d_name, "log-20200112T000000-77.jsonl");
	for (int i = 0; i < n; i++)
		free(names[i]);
	free(names);
	assert_true(log_file_newest(newest, sizeof newest, &why));
	assert_string_equal(newest, path);
	/* Wider than it should be: closed. */
	assert_int_equal(chmod(folder, 0755), 0);
	assert_true(log_file_new(path, sizeof path, &why));
	assert_int_equal(stat(folder, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	remove_tree(home);

	/* Without the variable, or with a relative one: in the home folder. */
	setenv("XDG_STATE_HOME", "relative", 1);
	setenv("HOME", home, 1);
	assert_true(log_file_folder(path, sizeof path, &why));
	snprintf(folder, sizeof folder, "%s/.local/state/bulkhead", home);
	assert_string_equal(path, folder);
	assert_false(log_file_folder(path, 10, &why));
	unsetenv("XDG_STATE_HOME");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden_message),	cmocka_unit_test(test_golden_fates),
		cmocka_unit_test(test_golden_fd),	cmocka_unit_test(test_longest_lines),
		cmocka_unit_test(test_session),		cmocka_unit_test(test_cut_anywhere),
		cmocka_unit_test(test_other_version),	cmocka_unit_test(test_hostile_text),
		cmocka_unit_test(test_bad_lines),	cmocka_unit_test(test_endless_line),
		cmocka_unit_test(test_full_disk),	cmocka_unit_test(test_disk_fills_and_empties),
		cmocka_unit_test(test_disk_stays_full), cmocka_unit_test(test_reader_of_pipe_gone),
		cmocka_unit_test(test_disk_hangs),	cmocka_unit_test(test_cannot_open),
		cmocka_unit_test(test_killed),		cmocka_unit_test(test_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
