/*
 * What a key costs in the live view with 100,000 messages in memory: the real screen in a pseudo terminal,
 * from the key to the first bytes of the picture that answers it. The messages are forged into the recorders
 * of two processes that are not there.
 */
#include "bench/bench.h"
#include "bench/screen.h"
#include "browser/traffic/collect/collector.h"
#include "browser/ui/ui.h"
#include "common/codec.h"
#include "common/loop.h"
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define EVENTS	  COLLECTOR_EVENTS
#define A_DRAIN	  1000 /* messages, so that no ring overflows */
#define A_CHAIN	  20   /* messages, each caused by the one before or by the first */
#define SERIAL	  900001
#define ROUNDS	  40
#define SECONDS	  20
#define ANSWER_MS 16 /* a frame */

enum { RENDERER, GPU, SIDES };

struct side {
	struct endpoint name;
	struct recorder recorder;
	uint64_t sent;
};

static void side_start(struct side *s, enum role role, struct collector *c)
{
	size_t bytes = RECORDER_REGION_BYTES;
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	*s = (struct side){ .name = { role, SERIAL } };
	if (memory == MAP_FAILED)
		bench_fail("no memory for a recorder");
	recorder_init(&s->recorder, memory, bytes, RECORDER_RECORDED_BYTES);
	if (!collector_add_process(c, s->name, memory, RECORDER_RING_BYTES))
		bench_fail("the collector takes no process");
}

static void write_record(struct side *s, const struct side *peer, struct record r, const void *payload)
{
	r.peer_role = (uint8_t)peer->name.role;
	r.peer_serial = peer->name.serial;
	r.time_ns = recorder_now();
	recorder_write(&s->recorder, &r, payload);
}

/* A frame submitted, or its being taken, with the fields that it really has. Returns its id. */
static uint64_t pass(struct side *from, struct side *to, uint64_t cause, uint32_t n)
{
	struct ipc_submit_frame frame = { .page = n % 50 + 1, .generation = n };
	struct ipc_did_take_frame taken = { .page = n % 50 + 1, .generation = n };
	bool submits = from->name.role == ROLE_RENDERER;
	enum ipc_id type = submits ? IPC_SUBMIT_FRAME : IPC_DID_TAKE_FRAME;
	uint8_t fields[256];
	int fd, bytes = ipc_encode(type, submits ? (void *)&frame : (void *)&taken, fields, sizeof fields,
				   &fd);
	struct record r = { .type = (uint16_t)type,
			    .id = ipc_make_id(from->name.role, SERIAL, ++from->sent),
			    .cause = cause,
			    .message_bytes = (uint32_t)bytes,
			    .payload_bytes = (uint16_t)bytes };

	r.kind = RECORD_SENT;
	write_record(from, to, r, fields);
	r.kind = RECORD_RECEIVED;
	write_record(to, from, r, fields);
	return r.id;
}

static void fill(struct collector *c)
{
	static struct side sides[SIDES];
	uint64_t first = 0, before = 0;

	side_start(&sides[RENDERER], ROLE_RENDERER, c);
	side_start(&sides[GPU], ROLE_GPU, c);
	for (uint32_t n = 0; n < EVENTS; n++) {
		struct side *from = &sides[n % SIDES], *to = &sides[(n + 1) % SIDES];
		bool begins = n % A_CHAIN == 0;

		before = pass(from, to, begins ? 0 : n % 3 ? before : first, n);
		first = begins ? before : first;
		if (n % A_DRAIN == 0)
			collector_drain(c, 0);
	}
	collector_drain(c, 0);
	if (collector_end(c) - collector_first(c) != EVENTS)
		bench_fail("%u events are in memory", (unsigned)(collector_end(c) - collector_first(c)));
}

static double resident_mib(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	unsigned long pages = 0;

	if (!file || fscanf(file, "%*u %lu", &pages) != 1)
		bench_fail("/proc/self/statm cannot be read");
	fclose(file);
	return (double)pages * (double)sysconf(_SC_PAGESIZE) / (1 << 20);
}

/* What they take, as the collector counts it, and what this process shrinks by without them. */
static void measure_memory(void)
{
	struct row r = ROW_EMPTY;
	struct collector *c = loop_init() ? collector_create(&(struct collector_config){ 0 }) : NULL;

	if (!c)
		bench_fail("no collector");
	fill(c);
	size_t counted = collector_bytes(c);
	double before = resident_mib();

	collector_destroy(c);
	snprintf(r.unit, sizeof r.unit, "MiB");
	r.ours = (double)counted / (1 << 20);
	malloc_trim(0);
	r.baseline = before - resident_mib();
	r.goal_kind = GOAL_AT_MOST;
	r.goal = COLLECTOR_BYTES >> 20;
	snprintf(r.note, sizeof r.note, "baseline: what the process shrinks by when they are freed");
	r.samples = 1;
	bench_emit("traffic_memory", "100,000 messages in memory, as counted", r);
	loop_finish();
}

/* In the terminal. */
static void browse(void *arg)
{
	static struct ship ship;
	const char *why = "";
	char path[96];
	char *urls[] = { path };

	ship_start(&ship, arg);
	page_write(ship.folder, 0, path, sizeof path);
	fill(ship.browser.collector);
	if (!ui_run(&ship.browser, 1, urls, &why))
		bench_fail("no screen: %s", why);
	ship_finish(&ship);
}

static const struct pressed {
	const char *name, *what;
	const char *before, *key, *after; /* typed, not measured, around what is */
} keys[] = {
	{ "up", "row up", "", "\033[A", "" },
	{ "down", "row down", "", "\033[B", "" },
	{ "page_up", "page up", "", "\033[5~", "" },
	{ "page_down", "page down", "", "\033[6~", "" },
	{ "home", "to the oldest", "\033[F", "\033[H", "" },
	{ "end", "to the newest", "\033[H", "\033[F", "" },
	{ "letter", "a letter of a text in the filter", "/", "7", "\033" },
	{ "question", "the last letter of a question about an argument", "/arg.generation=7", "7", "\033" },
	{ "chain", "only its chain", "\033[5~", "c", ":filter kind=message\r" },
	{ "open", "open a message, with its tree", "", "\r", "\033" },
	{ "next_opened", "the next message, opened", "\r", "\033[A", "\033" },
	{ "effect", "to the message that it caused", "", "]", "" },
	{ "sequence", "the sequence diagram", "", "s", "\033" },
	{ "sequence_up", "a screenful up in the sequence diagram", "s", "\033[5~", "\033" },
	{ "statistics", "statistics of all", "", "t", "\033" },
	{ "statistics_by", "statistics by another key", "t", "\t", "\033" },
};
#define KEYS (sizeof keys / sizeof *keys)

static void type(struct screen *s, const char *text)
{
	if (!*text)
		return;
	screen_type(s, text);
	screen_calm_output(s);
}

static void measure(struct screen *s, const struct pressed *k, const struct bench_options *o,
		    struct samples *all)
{
	struct samples took = { 0 };
	struct row r = ROW_EMPTY;
	struct pace pace = pace_of(o, ROUNDS, SECONDS);
	char name[40], what[72];

	while (pace_goes_on(&pace)) {
		type(s, k->before);
		uint64_t began = recorder_now();

		screen_type(s, k->key);
		if (screen_await_output(s)) {
			double ms = ms_since(began);

			samples_add(&took, ms);
			samples_add(all, ms);
		}
		screen_calm_output(s);
		type(s, k->after);
	}
	if (!took.count)
		bench_fail("nothing answers %s", k->what);
	snprintf(r.unit, sizeof r.unit, "ms");
	snprintf(name, sizeof name, "traffic_key_%s", k->name);
	snprintf(what, sizeof what, "100,000 messages: %s", k->what);
	r.samples = (unsigned)took.count;
	r.ours = samples_median(&took);
	r.ours_p99 = samples_p99(&took);
	r.goal_kind = GOAL_AT_MOST;
	r.goal = ANSWER_MS;
	bench_emit(name, what, r);
	samples_finish(&took);
}

void traffic_keys_run(const struct bench_options *o)
{
	static struct screen screen;
	struct samples all = { 0 };
	struct row r = ROW_EMPTY;

	measure_memory();
	screen_start_with(&screen, browse, (void *)o);
	screen_await(&screen, "A small page");
	type(&screen, "M");
	type(&screen, "\033[A\033[A");
	for (size_t i = 0; i < KEYS; i++)
		measure(&screen, &keys[i], o, &all);
	screen_finish(&screen);
	snprintf(r.unit, sizeof r.unit, "ms");
	r.samples = (unsigned)all.count;
	r.ours = samples_p99(&all);
	r.goal_kind = GOAL_AT_MOST;
	r.goal = ANSWER_MS;
	bench_emit("traffic_keys", "100,000 messages: any key, the slowest but one in a hundred", r);
	samples_finish(&all);
}
