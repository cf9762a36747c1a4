/*
 * See log_maker.h. A turn is what one key press leads to: a link is followed, the page arrives, is laid out,
 * painted and presented; now and then somebody is pinged, and a renderer dies and comes back.
 */
#include "bench/log_maker.h"
#include "bench/bench.h"
#include "browser/traffic/message.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define START_US  UINT64_C(1700000000000000)
#define RENDERERS 5

struct maker {
	FILE *file;
	struct made_log log;
	uint64_t ts_us, random;
	uint64_t numbers[ROLE_COUNT][RENDERERS + 1]; /* of each process's messages */
	struct format line;
};

static const struct endpoint browser = { ROLE_BROWSER, 0 }, gpu = { ROLE_GPU, 1 };

static unsigned draw(struct maker *m, unsigned below)
{
	m->random = m->random * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (unsigned)(m->random >> 33) % below;
}

static void put_line(struct maker *m, const struct traffic_event *e)
{
	m->line = format_into(m->line.text, m->line.capacity);
	traffic_format_json(e, &m->line);
	format_char(&m->line, '\n');
	if (fwrite(m->line.text, 1, m->line.length, m->file) != m->line.length)
		bench_fail("the log to be read cannot be written: %m");
	m->log.bytes += m->line.length;
	m->log.lines++;
}

static uint64_t next_id(struct maker *m, struct endpoint from)
{
	return ipc_make_id(from.role, from.serial, ++m->numbers[from.role][from.serial]);
}

/* A message and its line. Returns its id. */
static uint64_t send(struct maker *m, struct endpoint from, struct endpoint to, uint64_t cause,
		     enum ipc_id id, const void *fields)
{
	static uint8_t payload[CHANNEL_PACKET_BYTES];
	int fd, n = ipc_encode(id, fields, payload, sizeof payload, &fd);
	struct traffic_event e = { .kind = TRAFFIC_MESSAGE,
				   .ts_us = m->ts_us += draw(m, 200),
				   .id = next_id(m, from),
				   .cause = cause,
				   .from = from,
				   .to = to,
				   .type = (uint16_t)id,
				   .bytes = (uint32_t)n,
				   .payload = payload,
				   .payload_bytes = (uint32_t)n,
				   .fds = fd != -1,
				   .queued_ns = 3000 + draw(m, 400000),
				   .handled_ns = 1000 + draw(m, 90000) };

	if (n < 0)
		bench_fail("a message cannot be encoded");
	put_line(m, &e);
	return e.id;
}

#define SEND(m, from, to, cause, ID, name, ...)                                                              \
	send(m, from, to, cause, ID, &(struct ipc_##name){ __VA_ARGS__ })

static void put_details(struct maker *m, enum traffic_kind kind, unsigned type, uint64_t id,
			struct endpoint from, const char *details)
{
	put_line(m, &(struct traffic_event){ .kind = (uint8_t)kind,
					     .type = (uint16_t)type,
					     .ts_us = m->ts_us += draw(m, 1000),
					     .id = id,
					     .from = from,
					     .payload = (const uint8_t *)details,
					     .payload_bytes = (uint32_t)strlen(details) });
}

static void paint(struct maker *m, struct endpoint renderer, uint32_t page, uint64_t cause)
{
	uint64_t submitted = SEND(m, renderer, gpu, cause, IPC_SUBMIT_FRAME, submit_frame, .page = page,
				  .generation = 2, .bytes = 700 + draw(m, 9000), .rows = 30, .columns = 120);

	SEND(m, gpu, renderer, submitted, IPC_DID_TAKE_FRAME, did_take_frame, .page = page, .generation = 2);
	uint64_t presented = SEND(m, gpu, browser, submitted, IPC_DID_PRESENT, did_present, .page = page,
				  .generation = 1, .document_rows = 300);

	SEND(m, browser, gpu, presented, IPC_RELEASE_FRAME, release_frame, .generation = 1);
}

/* Returns the id of the key press. */
static uint64_t follow_link(struct maker *m, struct endpoint renderer, uint32_t page)
{
	char url[128], title[64];
	uint64_t key = next_id(m, browser);
	uint32_t navigation = 1 + draw(m, 40);

	snprintf(url, sizeof url, "https://example.org/harbour/%u/ships/%u?order=name&page=%u", draw(m, 900),
		 draw(m, 100000), draw(m, 50));
	snprintf(title, sizeof title, "Ship %u \xe2\x80\x93 the \"harbour\"", draw(m, 100000));
	put_details(m, TRAFFIC_INPUT, TRAFFIC_INPUT_KEY, key, browser, "{\"value\":\"Enter\"}");
	uint64_t click = SEND(m, browser, renderer, key, IPC_CLICK, click, .page = page, .row = draw(m, 200),
			      .column = draw(m, 120));
	uint64_t link = SEND(m, renderer, browser, click, IPC_OPEN_LINK, open_link, .page = page,
			     .url = ipc_text(url));
	uint64_t commit = SEND(m, browser, renderer, link, IPC_COMMIT_NAVIGATION, commit_navigation,
			       .page = page, .navigation = navigation, .url = ipc_text(url),
			       .mime = ipc_text("text/html"), .charset = ipc_text("utf-8"), .body = 0);

	SEND(m, renderer, browser, commit, IPC_DID_COMMIT, did_commit, .page = page,
	     .navigation = navigation);
	SEND(m, renderer, browser, commit, IPC_DID_CHANGE_TITLE, did_change_title, .page = page,
	     .navigation = navigation, .title = ipc_text(title));
	SEND(m, renderer, browser, commit, IPC_DID_MAKE_PROGRESS, did_make_progress, .page = page,
	     .navigation = navigation, .bytes = draw(m, 100000));
	SEND(m, renderer, browser, commit, IPC_DID_FINISH_LOAD, did_finish_load, .page = page,
	     .navigation = navigation, .nodes = 900, .rows = 300);
	paint(m, renderer, page, commit);
	return key;
}
#define CHAIN_MESSAGES 12 /* of follow_link(), the key among them */

static void scroll(struct maker *m, uint32_t page)
{
	uint64_t shown =
		SEND(m, browser, gpu, 0, IPC_SHOW_PAGE, show_page, .page = page, .row = draw(m, 300));
	uint64_t presented = SEND(m, gpu, browser, shown, IPC_DID_PRESENT, did_present, .page = page,
				  .generation = 1, .document_rows = 300);

	SEND(m, browser, gpu, presented, IPC_RELEASE_FRAME, release_frame, .generation = 1);
}

static void ping(struct maker *m, struct endpoint child, uint64_t nonce)
{
	uint64_t pinged = SEND(m, browser, child, 0, IPC_PING, ping, .nonce = nonce);

	SEND(m, child, browser, pinged, IPC_PONG, pong, .nonce = nonce);
}

static void die(struct maker *m, struct endpoint renderer)
{
	put_details(
		m, TRAFFIC_PROCESS, TRAFFIC_PROCESS_EXIT, 0, renderer,
		"{\"pid\":4711,\"status\":\"crashed\",\"signal\":\"SIGSEGV\",\"code\":1,\"address\":\"0x0\"}");
	put_details(m, TRAFFIC_PROCESS, TRAFFIC_PROCESS_START, 0, renderer, "{\"pid\":4712}");
}

static void turn(struct maker *m, uint64_t number)
{
	uint32_t page = 1 + draw(m, RENDERERS);
	struct endpoint renderer = { ROLE_RENDERER, page };
	uint64_t key = follow_link(m, renderer, page);

	if (!m->log.chain[0] && number == 100) {
		ipc_id_text(key, m->log.chain);
		m->log.chain_messages = CHAIN_MESSAGES;
	}
	for (unsigned i = 0; i < 4; i++)
		scroll(m, page);
	ping(m, renderer, number);
	ping(m, gpu, number);
	if (draw(m, 100) == 0)
		die(m, renderer);
}

struct made_log log_maker_write(const char *path, uint64_t bytes)
{
	struct maker m = { .file = fopen(path, "we"), .ts_us = START_US, .random = 1 };
	char *text = malloc(traffic_line_bytes());

	if (!m.file || !text)
		bench_fail("%s: %m", path);
	m.line = format_into(text, traffic_line_bytes());
	m.log.bytes = (uint64_t)fprintf(
		m.file,
		"{\"type\":\"session\",\"ts_us\":%llu,\"version\":\"0\",\"protocol\":\"%016llx\",\"pid\":1,"
		"\"started\":\"2023-11-14T22:13:20Z\",\"part\":1}\n",
		(unsigned long long)START_US, (unsigned long long)IPC_PROTOCOL_HASH);
	for (uint64_t i = 0; m.log.bytes < bytes || i <= 100; i++)
		turn(&m, i);
	if (fclose(m.file))
		bench_fail("%s: %m", path);
	free(text);
	return m.log;
}
