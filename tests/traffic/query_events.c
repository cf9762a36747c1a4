/* See query_events.h. */
#include "tests/traffic/query_events.h"

#define ROOM 8192

static const struct endpoint browser = { ROLE_BROWSER, 0 }, renderer = { ROLE_RENDERER, 3 },
			     other = { ROLE_RENDERER, 12 }, gpu = { ROLE_GPU, 1 },
			     plugin = { ROLE_PLUGIN, 1 };

struct query_event query_events[] = {
	{ .letter = 'C' }, { .letter = 'T' }, { .letter = 'P' }, { .letter = 'S' }, { .letter = 'R' },
	{ .letter = 'X' }, { .letter = 'K' }, { .letter = 'B' }, { .letter = 'D' }, { .letter = 'E' },
};
const unsigned query_event_count = sizeof query_events / sizeof *query_events;

static struct traffic_event *next(unsigned *n, enum traffic_kind kind, unsigned type, struct endpoint from)
{
	struct traffic_event *e = &query_events[*n].live;

	*e = (struct traffic_event){ .kind = (uint8_t)kind,
				     .type = (uint16_t)type,
				     .sequence = *n,
				     .ts_us = QUERY_START_US + (*n + 1) * 1000000,
				     .from = from,
				     .queued_ns = TRAFFIC_NO_TIME,
				     .handled_ns = TRAFFIC_NO_TIME };
	++*n;
	return e;
}

static struct traffic_event *message(unsigned *n, enum ipc_id id, const void *fields, struct endpoint from,
				     struct endpoint to, uint64_t number)
{
	struct traffic_event *e = next(n, TRAFFIC_MESSAGE, id, from);
	uint8_t *payload = malloc(ROOM);
	int fd, bytes = ipc_encode(id, fields, payload, ROOM, &fd);

	assert_true(bytes >= 0);
	e->to = to;
	e->id = ipc_make_id(from.role, from.serial, number);
	e->bytes = e->payload_bytes = (uint32_t)bytes;
	e->payload = payload;
	return e;
}

static void tell(struct traffic_event *e, const char *json)
{
	e->payload = (const uint8_t *)json;
	e->payload_bytes = (uint32_t)strlen(json);
}

void query_events_make(void)
{
	unsigned n = 0;
	struct traffic_event *e;
	const char *address = "https://example.com/a?b=1&c=2";
	const char *title = "Caf\xc3\xa9 \"x\" \\ \x1b[31m\t42";
	const struct ipc_commit_navigation commit = { .page = 2,
						      .navigation = 5,
						      .url = ipc_text(address),
						      .mime = ipc_text("text/html"),
						      .charset = ipc_text("utf-8") };
	const struct ipc_did_change_title change = { .page = 2, .navigation = 5, .title = ipc_text(title) };

	if (query_events[0].live.payload)
		return;
	e = message(&n, IPC_COMMIT_NAVIGATION, &commit, browser, renderer, 1042);
	e->cause = ipc_make_id(ROLE_BROWSER, 0, 881);
	e->queued_ns = 3149;
	e->handled_ns = 5000099;
	e->fds = 1;
	e = message(&n, IPC_DID_CHANGE_TITLE, &change, renderer, browser, 7);
	e->cause = ipc_make_id(ROLE_BROWSER, 0, 1042);
	e->queued_ns = 20000;
	e = message(&n, IPC_PING, &(struct ipc_ping){ .nonce = UINT64_MAX }, browser, gpu, 1050);
	e->status = TRAFFIC_IN_FLIGHT;
	e = message(&n, IPC_SUBMIT_FRAME, &(struct ipc_submit_frame){ .page = 4, .bytes = 4096, .rows = 70 },
		    renderer, gpu, 8);
	e->status = TRAFFIC_LOST;
	e->where = TRAFFIC_IN_TOXIC;
	e->toxic_kind = TOXIC_DROP;
	e->toxic = 2;
	e->held_ns = 150000000;
	e = message(&n, IPC_PONG, &(struct ipc_pong){ .nonce = 1 }, other, browser, 9);
	e->type = 4711;
	e->status = TRAFFIC_REFUSED;
	e->reason = BAD_MESSAGE_UNKNOWN_TYPE;
	e = next(&n, TRAFFIC_PROCESS, TRAFFIC_PROCESS_EXIT, renderer);
	e->cause = ipc_make_id(ROLE_BROWSER, 0, 1042);
	tell(e, "{\"pid\":4711,\"status\":\"crashed\",\"signal\":\"SIGSEGV\",\"code\":-1,\"after\":1.5}");
	e = next(&n, TRAFFIC_INPUT, TRAFFIC_INPUT_KEY, browser);
	e->id = ipc_make_id(ROLE_BROWSER, 0, 881);
	tell(e, "{\"value\":\"F8\"}");
	e = next(&n, TRAFFIC_BLAST, TRAFFIC_BLAST_SETTLED, plugin);
	tell(e, "{\"dead\":[\"plugin:1\"],\"lived\":{\"count\":3,\"none\":null},\"ok\":true}");
	e = next(&n, TRAFFIC_DROPPED, 0, browser);
	e->bytes = 12;
	e = message(&n, IPC_END_BODY,
		    &(struct ipc_end_body){ .page = 2, .how = BODY_END_RESET, .total = UINT64_C(1) << 60 },
		    browser, renderer, 1051);
	e->queued_ns = 2000000000;
	e->handled_ns = 100;
	e->held_ns = 1500000;
	e->breakpoint = 3;
	e->marks = TRAFFIC_EDITED | TRAFFIC_BY_HAND;
}

struct log_reader *query_events_read(void)
{
	static char text[256 << 10], line[64 << 10];
	struct format all = format_into(text, sizeof text);
	struct log_reader *reader;
	char path[64];

	format_printf(&all, "{\"type\":\"session\",\"ts_us\":%llu,\"version\":\"0.1.0\"}\n",
		      (unsigned long long)QUERY_START_US);
	for (unsigned i = 0; i < query_event_count; i++) {
		struct format out = format_into(line, sizeof line);

		traffic_format_json(&query_events[i].live, &out);
		format_text(&all, line);
		format_char(&all, '\n');
	}
	assert_false(all.full);
	make_path(path, "events");
	write_file(path, text, all.length);
	reader = log_reader_open(path);
	unlink(path);
	assert_non_null(reader);
	return reader;
}
