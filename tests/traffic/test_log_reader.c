/*
 * The reader of logs, line by line: against cJSON, which takes a line for JSON where the reader does, and
 * finds the same words in it; cut at every byte; of another version; back and forth.
 */
#include "browser/traffic/log/json.h"
#include "browser/traffic/log/json_scan.h"
#include "common/utf8.h"
#include "tests/traffic/fixture.h"
#include <errno.h>
#include <malloc.h>

#define LINES_AT_ONCE 500
#define LINE_ROOM     4096

/* Lines of all kinds, in the writer's own shape and in others. */
static const char *const seeds[] = {
	"{\"type\":\"session\",\"ts_us\":1700000000000000,\"version\":\"0.1.0\",\"protocol\":\"9d35978de89bcf79\","
	"\"pid\":1,\"started\":\"2023-11-14T22:13:20Z\",\"payload\":\"full\",\"part\":3}",
	"{\"type\":\"message\",\"ts_us\":1700000012345678,\"id\":\"renderer:3/1042\",\"cause\":\"browser/881\","
	"\"from\":\"renderer:3\",\"to\":\"browser\",\"name\":\"did_change_title\",\"bytes\":26,\"fds\":0,"
	"\"queued_us\":3.1,\"handled_us\":12.0,\"toxic\":\"drop 2\",\"held_us\":5.5,\"breakpoint\":7,"
	"\"marks\":\"by_hand duplicated\",\"status\":\"delivered\",\"args\":{\"page\":2,\"navigation\":5,"
	"\"title\":\"Caf\xc3\xa9 \\\"x\\\"\\u001b[31m \\\\ \xf0\x9f\x9a\xa2\"}}",
	"{\"type\":\"message\",\"ts_us\":1700000012345679,\"id\":\"browser/7\",\"from\":\"browser\",\"to\":\"gpu:1\","
	"\"name\":\"unknown_4711\",\"bytes\":8,\"fds\":1,\"status\":\"refused\",\"reason\":\"unknown_type\","
	"\"args\":null,\"payload\":\"ffffffffffffffff\"}",
	"{\"type\":\"message\",\"ts_us\":17,\"id\":\"gpu:1/2\",\"from\":\"gpu:1\",\"to\":\"renderer:3\",\"name\":\"pong\","
	"\"bytes\":8,\"fds\":0,\"status\":\"lost\",\"where\":\"channel\",\"args\":{\"nonce\":\"18446744073709551615\"}}",
	"{\"type\":\"process\",\"ts_us\":1700000000000001,\"cause\":\"gpu:1/1\",\"event\":\"ready\",\"process\":\"gpu:1\","
	"\"pid\":12586,\"sandbox\":\"13/13\",\"off\":[],\"missing\":\"a, \\\"b\\\"\",\"after_us\":1907}",
	"{\"type\":\"input\",\"ts_us\":1700000000000002,\"id\":\"browser/2\",\"what\":\"key\",\"value\":\"F8\"}",
	"{\"type\":\"blast\",\"ts_us\":5,\"process\":\"renderer:3\",\"blast\":1,\"shown_ms\":0.424,"
	"\"freed\":{\"descriptors\":6,\"list\":[1,-2.5e3,{\"deep\":[true,false,null]}]}}",
	"{\"type\":\"dropped\",\"ts_us\":1700000005000000,\"lines\":12}",
	"{\"type\":\"body\",\"ts_us\":6,\"to\":\"renderer:3\",\"page\":1,\"navigation\":1,\"bytes\":3,\"data\":\"YWJj\"}",
	"{\"type\":\"weather\",\"ts_us\":1700000001000000,\"wind\":\"NE 5\"}",
	" { \"ty\\u0070e\" : \"message\" ,\t\"name\":\"click\\/\\b\\u20ac\\ud83d\\ude00\", \"queued_us\": 1e2, \"ts_us\": 01,"
	" \"args\": { \"page\" : 4.0, \"x\\ty\":\"\x1b[2J\" } } ",
	"{\"type\":\"message\",\"type\":\"input\",\"name\":7,\"name\":\"second\",\"from\":{},\"args\":[1]}",
};
#define SEEDS (sizeof seeds / sizeof *seeds)

static const char *const splinters[] = {
	"\"",
	"\\",
	"\\\"",
	"\\\\",
	"\\u0000",
	"\\u00e9",
	"\\u202e",
	"\\ud83d\\ude00",
	"\\ud83d",
	"\\udc00",
	"\\n",
	"\\x",
	"\\u12",
	"{",
	"}",
	"[",
	"]",
	",",
	":",
	" ",
	"\t",
	"\r",
	"\x01",
	"\x7f",
	"\x80",
	"\xc3",
	"\xc3\xa9",
	"\xe2\x80\xae",
	"\xef\xbf\xbd",
	"\xff",
	"0",
	"-",
	"1.5",
	"01",
	"1.",
	".5",
	"1e5",
	"1e999",
	"+1",
	"123456789012345678901234567890",
	"true",
	"nul",
	"null",
	"{}",
	"[[]]",
	"\"args\":",
	"\"type\":",
	"\"page\":9,",
	"\"status\":\"lost\"",
	"renderer:",
	"/",
	"\xef\xbb\xbf",
};
#define SPLINTERS (sizeof splinters / sizeof *splinters)

struct line {
	char text[LINE_ROOM];
	size_t length;
};

static size_t below(size_t n)
{
	return (size_t)random() % n;
}

static void insert(struct line *l, size_t at, const char *what, size_t length)
{
	if (l->length + length > LINE_ROOM - 1)
		return;
	memmove(l->text + at + length, l->text + at, l->length - at);
	memcpy(l->text + at, what, length);
	l->length += length;
}

static void cut(struct line *l, size_t at, size_t length)
{
	if (length > l->length - at)
		length = l->length - at;
	memmove(l->text + at, l->text + at + length, l->length - at - length);
	l->length -= length;
}

static void mutate(struct line *l)
{
	size_t at = below(l->length + 1);
	const char *splinter = splinters[below(SPLINTERS)], *other = seeds[below(SEEDS)];
	char byte;

	switch (below(6)) {
	case 0:
		if (at < l->length)
			l->text[at] = (char)(1 + below(255));
		break;
	case 1:
		cut(l, at, 1 + below(3));
		break;
	case 2:
		cut(l, at, below(l->length + 1));
		break;
	case 3:
		byte = (char)(1 + below(255));
		insert(l, at, &byte, 1);
		break;
	case 4:
		insert(l, at, splinter, strlen(splinter));
		break;
	default:
		other += below(strlen(other));
		insert(l, at, other, below(strlen(other) + 1) % 30);
	}
}

static void make_line(struct line *l)
{
	const char *seed = seeds[below(SEEDS)];

	l->length = strlen(seed);
	memcpy(l->text, seed, l->length);
	for (size_t n = below(4); n; n--)
		mutate(l);
	for (size_t i = 0; i < l->length; i++)
		if (l->text[i] == '\n' || !l->text[i])
			l->text[i] = 'n';
	l->text[l->length] = '\0';
}

/* cJSON takes any four characters for the digits of an escape; the reader does not. */
static bool has_bad_escape(const char *text)
{
	for (const char *s = text; (s = strchr(s, '\\')); s += s[1] ? 2 : 1)
		if (s[1] == 'u' && strspn(s + 2, "0123456789abcdefABCDEF") < 4)
			return true;
	return false;
}

/* What cJSON finds. */

static const char *word_of(const cJSON *json, const char *name)
{
	static char texts[16][LINE_ROOM * 6];
	static unsigned next;
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, name);
	char *text = texts[next++ % 16];
	struct format out = format_into(text, sizeof texts[0]);

	if (cJSON_IsString(item))
		json_write_clean(&out, item->valuestring, strlen(item->valuestring));
	return text;
}

static uint64_t count_of(const cJSON *json, const char *name, double max)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, name);

	return cJSON_IsNumber(item) && item->valuedouble >= 0 && item->valuedouble <= max
		       ? (uint64_t)item->valuedouble
		       : 0;
}

static uint64_t time_of(const cJSON *json, const char *name, uint64_t otherwise)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, name);

	return cJSON_IsNumber(item) && item->valuedouble >= 0 && item->valuedouble < 1e15
		       ? (uint64_t)(item->valuedouble * 1000 + 0.5)
		       : otherwise;
}

/* As JSON again, by which both can be compared. */
static const char *written(const cJSON *json)
{
	static char texts[2][LINE_ROOM * 8];
	static unsigned next;
	char *text = texts[next++ % 2];
	struct format out = format_into(text, sizeof texts[0]);

	json_write(&out, json);
	return text;
}

static void same_object(const char *ours, const cJSON *theirs)
{
	cJSON *parsed = cJSON_Parse(ours);

	assert_non_null(parsed);
	assert_string_equal(written(parsed), written(theirs));
	cJSON_Delete(parsed);
}

static void same_page(const struct traffic_event *e, const cJSON *args)
{
	const cJSON *page = cJSON_GetObjectItemCaseSensitive(args, "page");
	uint32_t ours;

	/* A page is written as a whole number, and anything else is none. */
	if (traffic_page(e, &ours))
		assert_int_equal(ours, (uint32_t)page->valuedouble);
	else
		assert_false(cJSON_IsNumber(page) && page->valuedouble == 2);
}

static void same_message(const struct traffic_event *e, const cJSON *json)
{
	const cJSON *args = cJSON_GetObjectItemCaseSensitive(json, "args");

	assert_string_equal(e->words->name, word_of(json, "name"));
	assert_string_equal(e->words->from, word_of(json, "from"));
	assert_string_equal(e->words->to, word_of(json, "to"));
	assert_string_equal(e->words->status, word_of(json, "status"));
	assert_string_equal(e->words->where, word_of(json, "where"));
	assert_string_equal(e->words->reason, word_of(json, "reason"));
	assert_string_equal(e->words->toxic, word_of(json, "toxic"));
	assert_string_equal(e->words->payload, word_of(json, "payload"));
	assert_int_equal(e->bytes, count_of(json, "bytes", UINT32_MAX));
	assert_int_equal(e->fds, count_of(json, "fds", UINT8_MAX));
	assert_int_equal(e->breakpoint, count_of(json, "breakpoint", UINT32_MAX));
	assert_int_equal(e->queued_ns, time_of(json, "queued_us", TRAFFIC_NO_TIME));
	assert_int_equal(e->handled_ns, time_of(json, "handled_us", TRAFFIC_NO_TIME));
	assert_int_equal(e->held_ns, time_of(json, "held_us", 0));
	if (e->type < IPC_COUNT)
		assert_string_equal(ipc_messages[e->type].name, e->words->name);
	assert_int_equal(e->words->args[0] != 0, cJSON_IsObject(args));
	if (cJSON_IsObject(args)) {
		same_object(e->words->args, args);
		same_page(e, args);
	}
}

/* All that has no place of its own is among the details. */
static void same_details(const struct traffic_event *e, const cJSON *json)
{
	static const char *const placed[TRAFFIC_KIND_COUNT] = {
		[TRAFFIC_PROCESS] = " type ts_us cause event process ",
		[TRAFFIC_INPUT] = " type ts_us id cause what ",
		[TRAFFIC_BLAST] = " type ts_us cause process ",
		[TRAFFIC_DROPPED] = " type ts_us id cause ",
		[TRAFFIC_BODY] = " type ts_us id cause from to data ",
		[TRAFFIC_MEMORY] = " type ts_us id cause from to data ",
		[TRAFFIC_OTHER] = " type ts_us id cause ",
	};
	cJSON *rest = cJSON_Duplicate(json, true);

	for (cJSON *item = rest->child, *next; item; item = next) {
		char name[LINE_ROOM + 2];

		next = item->next;
		snprintf(name, sizeof name, " %s ", item->string);
		if (!strchr(item->string, ' ') && strstr(placed[e->kind], name))
			cJSON_Delete(cJSON_DetachItemViaPointer(rest, item));
	}
	same_object(e->words->args, rest);
	cJSON_Delete(rest);
}

static void clean(const char *text)
{
	for (size_t length = strlen(text), i = 0; i < length;) {
		uint32_t c;

		i += utf8_decode(text + i, length - i, &c);
		assert_false(utf8_is_control(c));
	}
}

static void same_line(const char *line, enum log_line found, const struct traffic_event *e, const cJSON *json,
		      struct log_reader *r)
{
	const cJSON *type = cJSON_GetObjectItemCaseSensitive(json, "type");
	bool is_session = cJSON_IsString(type) && !strcmp(type->valuestring, "session");

	if (found != (!cJSON_IsString(type) ? LOG_LINE_BAD : is_session ? LOG_LINE_SESSION : LOG_LINE_EVENT))
		fail_msg("read as %d: %s", found, line);
	if (found == LOG_LINE_BAD)
		return;
	same_object(log_reader_line(r), json);
	clean(log_reader_line(r));
	if (found == LOG_LINE_SESSION)
		return;
	assert_string_equal(e->words->line, log_reader_line(r));
	assert_int_equal(e->ts_us, count_of(json, "ts_us", 9007199254740992.0));
	assert_string_equal(e->words->id, word_of(json, "id"));
	assert_string_equal(e->words->cause, word_of(json, "cause"));
	if (e->kind == TRAFFIC_MESSAGE)
		same_message(e, json);
	else
		same_details(e, json);
}

static void compare_all(struct line *lines, const char *path)
{
	struct log_reader *r = log_reader_open(path);
	struct traffic_event e;

	assert_non_null(r);
	for (unsigned i = 0; i < LINES_AT_ONCE; i++) {
		enum log_line found = log_reader_next(r, &e);

		if (has_bad_escape(lines[i].text))
			continue;
		cJSON *json = json_parse_line(lines[i].text, lines[i].length);

		same_line(lines[i].text, found, &e, json, r);
		cJSON_Delete(json);
	}
	assert_int_equal(log_reader_next(r, &e), LOG_LINE_END);
	log_reader_close(r);
}

static void test_against_cjson(void **state)
{
	static struct line lines[LINES_AT_ONCE];
	char path[64];

	(void)state;
	srandom(4);
	make_path(path, "fuzz");
	for (unsigned round = 0; round < 200; round++) {
		FILE *file = fopen(path, "w");

		assert_non_null(file);
		for (unsigned i = 0; i < LINES_AT_ONCE; i++) {
			make_line(&lines[i]);
			fprintf(file, "%s\n", lines[i].text);
		}
		assert_int_equal(fclose(file), 0);
		compare_all(lines, path);
	}
	unlink(path);
}

/* What is brought into the one shape has that shape, and says the same. */
static void test_canonical(void **state)
{
	static char text[LINE_ROOM * 6 + 64];
	unsigned accepted = 0;

	(void)state;
	srandom(5);
	for (unsigned i = 0; i < 100000; i++) {
		struct line l;
		struct format out = format_into(text, sizeof text - JSON_SCAN_SLACK);

		make_line(&l);
		if (!json_write_canonical(&out, l.text, l.length))
			continue;
		accepted++;
		assert_true(out.length <= l.length * 6);
		assert_ptr_equal(json_scan_value(text), text + out.length);
		clean(text);
	}
	assert_true(accepted > 10000);
}

static struct traffic_event first_event(struct log_reader **r, const char *log, char path[64])
{
	struct traffic_event e;
	enum log_line line;

	make_path(path, "line");
	write_file(path, log, strlen(log));
	*r = log_reader_open(path);
	assert_non_null(*r);
	while ((line = log_reader_next(*r, &e)) == LOG_LINE_SESSION)
		continue;
	assert_int_equal(line, LOG_LINE_EVENT);
	unlink(path);
	return e;
}

/* Everything that a message's line says, as numbers. */
static void test_numbers(void **state)
{
	struct log_reader *r;
	char path[64], log[2048];

	(void)state;
	snprintf(log, sizeof log, "%s\n%s\n", seeds[0], seeds[1]);
	struct traffic_event e = first_event(&r, log, path);
	uint32_t page;

	assert_int_equal(log_reader_protocol(r), UINT64_C(0x9d35978de89bcf79));
	assert_int_equal(log_reader_session(r)->part, 3);
	assert_int_equal(log_reader_session(r)->pid, 1);
	assert_int_equal(log_reader_session(r)->payload, LOG_PAYLOAD_FULL);
	assert_string_equal(log_reader_session_line(r), seeds[0]);
	assert_int_equal(log_reader_start_us(r), UINT64_C(1700000000000000));
	assert_int_equal(e.type, IPC_DID_CHANGE_TITLE);
	assert_int_equal(e.id, ipc_make_id(ROLE_RENDERER, 3, 1042));
	assert_int_equal(e.cause, ipc_make_id(ROLE_BROWSER, 0, 881));
	assert_int_equal(e.from.role, ROLE_RENDERER);
	assert_int_equal(e.from.serial, 3);
	assert_int_equal(e.to.role, ROLE_BROWSER);
	assert_int_equal(e.queued_ns, 3100);
	assert_int_equal(e.handled_ns, 12000);
	assert_int_equal(e.held_ns, 5500);
	assert_int_equal(e.toxic, 2);
	assert_int_equal(e.toxic_kind, TOXIC_DROP);
	assert_int_equal(e.breakpoint, 7);
	assert_int_equal(e.marks, TRAFFIC_BY_HAND | TRAFFIC_DUPLICATED);
	assert_int_equal(e.status, TRAFFIC_DELIVERED);
	assert_true(traffic_page(&e, &page));
	assert_int_equal(page, 2);
	log_reader_close(r);

	snprintf(log, sizeof log, "%s\n", seeds[2]);
	e = first_event(&r, log, path);
	uint8_t bytes[4];

	assert_int_equal(e.type, IPC_COUNT);
	assert_int_equal(e.status, TRAFFIC_REFUSED);
	assert_int_equal(e.reason, BAD_MESSAGE_UNKNOWN_TYPE);
	assert_int_equal(e.handled_ns, TRAFFIC_NO_TIME);
	assert_int_equal(traffic_payload(&e, bytes, sizeof bytes), 4);
	assert_memory_equal(bytes, "\xff\xff\xff\xff", 4);
	assert_false(traffic_page(&e, &page));
	log_reader_close(r);
}

/* Ids that this version could not have made are words, and no numbers. */
static void test_foreign_ids(void **state)
{
	static const char *const ids[] = { "utility:4/9",	  "browser",
					   "renderer:3/",	  "renderer:x/1",
					   "renderer:3/1x",	  "/1",
					   "renderer:3/-1",	  "renderer:1048576/1",
					   "gpu:1/1099511627776", "gpu:1/99999999999999999999" };

	(void)state;
	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
		char path[64], log[256], buf[IPC_ID_TEXT];
		struct log_reader *r;

		snprintf(log, sizeof log, "{\"type\":\"message\",\"ts_us\":1,\"id\":\"%s\"}\n", ids[i]);
		struct traffic_event e = first_event(&r, log, path);

		assert_int_equal(e.id, 0);
		assert_string_equal(traffic_id(&e, buf), ids[i]);
		log_reader_close(r);
	}
}

/* A log of another protocol: its messages, arguments and fates are told by their own names. */
static void test_other_protocol(void **state)
{
	static const char log[] =
		"{\"type\":\"session\",\"ts_us\":1,\"version\":\"9.0\",\"protocol\":\"00000000000000ab\",\"pid\":1}\n"
		"{\"type\":\"message\",\"ts_us\":2,\"id\":\"gpu:1/1\",\"from\":\"gpu:1\",\"to\":\"oracle:2\","
		"\"name\":\"foretell\",\"bytes\":4,\"fds\":0,\"mood\":\"gloomy\",\"status\":\"postponed\","
		"\"where\":\"limbo\",\"args\":{\"tide\":\"high\"}}\n";
	char path[64], text[512];
	struct log_reader *r;
	struct traffic_event e = first_event(&r, log, path);
	struct format out = format_into(text, sizeof text);

	(void)state;
	assert_int_equal(log_reader_protocol(r), 0xab);
	assert_true(log_reader_protocol(r) != IPC_PROTOCOL_HASH);
	traffic_format_line(&e, 0, &out);
	assert_string_equal(text,
			    "    0.000002  gpu:1        -> oracle:2     foretell                      4 B"
			    "            -  postponed (limbo)  tide=high");
	out = format_into(text, sizeof text);
	traffic_format_json(&e, &out);
	assert_says(text, "\"mood\":\"gloomy\"");
	assert_int_equal(e.status, TRAFFIC_STATUS_COUNT);
	log_reader_close(r);
}

/* A log of a real session of a few hundred lines, by the collector and the writer. */
static char *make_long_log(char path[64], size_t *length)
{
	static struct ship s;

	ship_build(&s, 0, NULL, true);
	for (unsigned i = 0; i < 40; i++) {
		uint64_t key = channel_make_id(s.nodes[BROWSER].us);

		collector_note_input(s.collector, key, 0, TRAFFIC_INPUT_KEY, "\xe2\x86\x92 \"Tab\"");
		cause_set(key);
		ipc_send_click(s.nodes[BROWSER].to[RENDERER], i, 2, 3);
		cause_set(0);
		ipc_send_did_change_title(s.nodes[RENDERER].to[BROWSER], i, 2,
					  ipc_text("caf\xc3\xa9 \x1b \\"));
		ipc_send_submit_frame(s.nodes[RENDERER].to[GPU], i, 1, 0, 8, 1, 1);
		ipc_send_ping(s.nodes[BROWSER].to[GPU], i);
		ship_settle(&s);
	}
	strcpy(path, s.path);
	s.path[0] = '\0';
	ship_sink(&s);
	return read_file(path, length);
}

/* Whole lines are read, whatever the byte at which the log is cut; what comes behind them is said to be cut.
 */
static void test_cut_at_every_byte(void **state)
{
	char path[64];
	size_t length;
	char *text = make_long_log(path, &length);
	unsigned lines = 0;

	(void)state;
	for (size_t i = 0; i < length; i++)
		lines += text[i] == '\n';
	assert_in_range(lines, 200, 400);
	for (size_t cut_at = length; cut_at-- > 0;) {
		bool lacks_end = text[cut_at] == '\n', at_end = cut_at == 0 || text[cut_at - 1] == '\n';
		unsigned good = 0, cuts = 0;
		struct log_reader *r;
		struct traffic_event e;
		enum log_line line;

		lines -= lacks_end;
		assert_int_equal(truncate(path, (off_t)cut_at), 0);
		r = log_reader_open(path);
		assert_non_null(r);
		while ((line = log_reader_next(r, &e)) != LOG_LINE_END) {
			assert_true(line == LOG_LINE_EVENT || line == LOG_LINE_SESSION ||
				    line == LOG_LINE_CUT);
			good += line != LOG_LINE_CUT;
			cuts += line == LOG_LINE_CUT;
		}
		assert_int_equal(good, lines + lacks_end);
		assert_int_equal(cuts, !at_end && !lacks_end);
		log_reader_close(r);
	}
	unlink(path);
	free(text);
}

/* Who scans the session line reads beyond its end: that is there, and 0, though memory is full of junk. */
static void test_session_line_has_slack(void **state)
{
	static const char none[1 + JSON_SCAN_SLACK];
	char path[64], text[256];
	struct traffic_event e;

	(void)state;
	mallopt(M_PERTURB, 0xaa);
	make_path(path, "session");
	for (int fill = 1; fill <= 64; fill++) {
		int length = snprintf(text, sizeof text,
				      "{\"type\":\"session\",\"ts_us\":5,\"version\":\"%0*d\"}\n", fill, 1);

		write_file(path, text, (size_t)length);
		struct log_reader *r = log_reader_open(path);

		assert_memory_equal(log_reader_session_line(r), none, sizeof none);
		assert_int_equal(log_reader_next(r, &e), LOG_LINE_SESSION);
		const char *line = log_reader_session_line(r);

		assert_int_equal(strlen(line), length - 1);
		assert_memory_equal(line + length - 1, none, sizeof none);
		log_reader_close(r);
	}
	mallopt(M_PERTURB, 0);
	unlink(path);
}

/* Back to any line, and on from there as before. */
static void test_back_and_forth(void **state)
{
	char path[64];
	size_t length;
	char *text = make_long_log(path, &length), *lines[400];
	struct log_reader_place places[400];
	struct log_reader *r = log_reader_open(path);
	struct traffic_event e;
	enum log_line line;
	unsigned count = 0;

	(void)state;
	assert_non_null(r);
	while ((line = log_reader_next(r, &e)) != LOG_LINE_END) {
		if (line != LOG_LINE_EVENT)
			continue;
		assert_int_equal(e.sequence, count);
		places[count] = log_reader_place(r);
		lines[count++] = strdup(log_reader_line(r));
	}
	srandom(6);
	for (unsigned i = 0; i < 1000; i++) {
		unsigned n = (unsigned)below(count);

		assert_true(log_reader_seek(r, &places[n]));
		for (unsigned last = n + 3 < count ? n + 3 : count; n < last; n++) {
			assert_int_equal(log_reader_next(r, &e), LOG_LINE_EVENT);
			assert_string_equal(log_reader_line(r), lines[n]);
			assert_int_equal(e.sequence, n);
			assert_int_equal(log_reader_line_number(r), n + 2);
		}
	}
	log_reader_close(r);
	for (unsigned i = 0; i < count; i++)
		free(lines[i]);
	unlink(path);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_against_cjson),  cmocka_unit_test(test_canonical),
		cmocka_unit_test(test_numbers),	       cmocka_unit_test(test_foreign_ids),
		cmocka_unit_test(test_other_protocol), cmocka_unit_test(test_cut_at_every_byte),
		cmocka_unit_test(test_back_and_forth), cmocka_unit_test(test_session_line_has_slack),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
