/*
 * What a question costs an event: on live events, and beside it on the same ones as they come back from a log
 * (without reading the log's line, which `bulkhead log` has its own figure for).
 */
#include "browser/traffic/query/query.h"
#include "bench/bench.h"
#include "browser/traffic/log/log_reader.h"
#include "common/recorder.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EVENTS	8
#define EACH	20000 /* questions an event, in one batch */
#define ROUNDS	20
#define SECONDS 1

static const struct {
	const char *name, *text;
} questions[] = {
	{ "empty", "" },
	{ "process", "from=renderer:3" },
	{ "name", "name~^did_" },
	{ "compound", "from=renderer:3 and name~^did_ and bytes>1k" },
	{ "fate", "status=lost or latency>5ms" },
	{ "tab", "tab=2" },
	{ "argument", "arg.url~example" },
	{ "expression", "arg.url~[a-z]+\\.org" },
	{ "text", "example" },
};
#define QUESTIONS (sizeof questions / sizeof *questions)

static struct {
	uint8_t payloads[EVENTS][512];
	struct traffic_event live[EVENTS], logged[EVENTS];
	struct log_reader *readers[EVENTS];
	unsigned count;
} events;

static void add(enum ipc_id id, const void *fields, enum role from, enum role to)
{
	unsigned n = events.count++;
	int fd, bytes = ipc_encode(id, fields, events.payloads[n], sizeof events.payloads[n], &fd);

	if (bytes < 0)
		bench_fail("a message has no room");
	events.live[n] = (struct traffic_event){ .kind = TRAFFIC_MESSAGE,
						 .type = (uint16_t)id,
						 .ts_us = 1700000000000000 + n,
						 .id = ipc_make_id(from, from == ROLE_BROWSER ? 0 : 3, n + 1),
						 .from = { from, from == ROLE_BROWSER ? 0 : 3 },
						 .to = { to, to == ROLE_BROWSER ? 0 : 3 },
						 .bytes = (uint32_t)bytes,
						 .payload_bytes = (uint32_t)bytes,
						 .payload = events.payloads[n],
						 .queued_ns = 20000 + n,
						 .handled_ns = 5000 };
}

/* What a page load and a few frames are made of. */
static void make_events(void)
{
	add(IPC_COMMIT_NAVIGATION,
	    &(struct ipc_commit_navigation){ .page = 2,
					     .url = ipc_text("https://www.example.com/index.html"),
					     .mime = ipc_text("text/html"),
					     .charset = ipc_text("utf-8") },
	    ROLE_BROWSER, ROLE_RENDERER);
	add(IPC_DID_COMMIT, &(struct ipc_did_commit){ .page = 2 }, ROLE_RENDERER, ROLE_BROWSER);
	add(IPC_DID_CHANGE_TITLE, &(struct ipc_did_change_title){ .page = 2, .title = ipc_text("A title") },
	    ROLE_RENDERER, ROLE_BROWSER);
	add(IPC_DID_MAKE_PROGRESS, &(struct ipc_did_make_progress){ .page = 2, .bytes = 65536 },
	    ROLE_RENDERER, ROLE_BROWSER);
	add(IPC_SUBMIT_FRAME, &(struct ipc_submit_frame){ .page = 2, .rows = 70, .columns = 120 },
	    ROLE_RENDERER, ROLE_GPU);
	add(IPC_DID_TAKE_FRAME, &(struct ipc_did_take_frame){ .page = 2 }, ROLE_GPU, ROLE_RENDERER);
	add(IPC_DID_PRESENT, &(struct ipc_did_present){ .page = 2, .document_rows = 70 }, ROLE_GPU,
	    ROLE_BROWSER);
	add(IPC_RELEASE_FRAME, &(struct ipc_release_frame){ .generation = 1 }, ROLE_BROWSER, ROLE_GPU);
}

/* A log for each, since what a reader hands out is valid until it reads on. */
static void log_events(const struct bench_options *o)
{
	static char line[64 << 10];
	char path[256];

	for (unsigned i = 0; i < EVENTS; i++) {
		struct format out = format_into(line, sizeof line);
		FILE *f;

		snprintf(path, sizeof path, "%s/log", o->folder);
		traffic_format_json(&events.live[i], &out);
		f = fopen(path, "w");
		if (!f || fprintf(f, "%s\n", line) < 0 || fclose(f) == EOF)
			bench_fail("no log: %m");
		events.readers[i] = log_reader_open(path);
		if (!events.readers[i] ||
		    log_reader_next(events.readers[i], &events.logged[i]) != LOG_LINE_EVENT)
			bench_fail("the log cannot be read");
		unlink(path);
	}
}

/* ns an event. */
static double batch(const struct query *q, const struct traffic_event *of, unsigned each)
{
	uint64_t began = recorder_now();
	unsigned n = 0;

	for (unsigned i = 0; i < each; i++)
		for (unsigned k = 0; k < EVENTS; k++)
			n += query_match(q, &of[k]);
	uint64_t took = recorder_now() - began;

	if (n % each)
		bench_fail("a question has no steady answer");
	return (double)took / (each * EVENTS);
}

static void measure(const struct bench_options *o, const char *name, const char *text)
{
	struct samples live = { 0 }, logged = { 0 };
	struct pace pace = pace_of(o, ROUNDS, SECONDS);
	struct query_error error;
	struct query *q = query_parse(text, &error);
	unsigned each = o->quick ? EACH / 20 : EACH;
	char row_name[40], what[72];
	struct row r = ROW_EMPTY;

	if (!q)
		bench_fail("'%s': %s", text, error.why);
	while (pace_goes_on(&pace)) {
		samples_add(&live, batch(q, events.live, each));
		samples_add(&logged, batch(q, events.logged, each));
	}
	snprintf(row_name, sizeof row_name, "query_%s", name);
	snprintf(what, sizeof what, "%.44s: live, logged", text[0] ? text : "nothing asked");
	snprintf(r.unit, sizeof r.unit, "ns");
	r.samples = (unsigned)live.count;
	r.ours = samples_median(&live);
	r.ours_p99 = samples_p99(&live);
	r.baseline = samples_median(&logged);
	r.baseline_p99 = samples_p99(&logged);
	r.ratio = r.ours / r.baseline;
	bench_emit(row_name, what, r);
	query_free(q);
	samples_finish(&live);
	samples_finish(&logged);
}

void query_run(const struct bench_options *o)
{
	make_events();
	log_events(o);
	for (size_t i = 0; i < QUESTIONS; i++)
		measure(o, questions[i].name, questions[i].text);
	for (unsigned i = 0; i < EVENTS; i++)
		log_reader_close(events.readers[i]);
}
