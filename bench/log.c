/*
 * The log's writer, alone on one core, while the main thread on another puts messages of the kinds and
 * lengths of a session: how many it writes in a second, how long one call holds the main thread, and whether
 * the log says exactly what it lacks when there are too many.
 */
#include "bench/bench.h"
#include "bench/duo.h"
#include "browser/traffic/log/log_writer.h"
#include "common/recorder.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define OFFERED	 500000 /* messages a second that must be written */
#define BURSTS	 10	/* a second: so often the collector drains */
#define MIX	 32
#define ROUNDS	 8
#define SECONDS	 20
#define PUT_MANY 100 /* between two looks at the clock */

/* One of the messages that are put. */
struct sample {
	struct traffic_event event;
	uint8_t payload[512];
};

static struct sample mix[MIX];

static void sample_add(unsigned *n, enum ipc_id id, const void *fields, struct endpoint from,
		       struct endpoint to, unsigned times)
{
	for (; times; times--, ++*n) {
		struct sample *s = &mix[*n];
		int fd, bytes = ipc_encode(id, fields, s->payload, sizeof s->payload, &fd);

		s->event = (struct traffic_event){ .kind = TRAFFIC_MESSAGE,
						   .type = (uint16_t)id,
						   .from = from,
						   .to = to,
						   .payload = s->payload,
						   .bytes = (uint32_t)bytes,
						   .payload_bytes = (uint32_t)bytes,
						   .fds = fd != -1,
						   .queued_ns = 14200 + *n * 777,
						   .handled_ns = 31900 + *n * 1234 };
	}
}

/* What passes while a page loads and others draw: mostly frames. */
static void mix_init(void)
{
	const struct endpoint browser = { ROLE_BROWSER, 0 }, renderer = { ROLE_RENDERER, 12 },
			      gpu = { ROLE_GPU, 1 }, plugin = { ROLE_PLUGIN, 1 };
	const char *url = "https://news.example.org/harbour/ferries.html?day=tuesday&harbour=north";
	unsigned n = 0;

	sample_add(&n, IPC_SUBMIT_FRAME, &(struct ipc_submit_frame){ 4, 2, 1, 18344, 312, 110 }, renderer,
		   gpu, 7);
	sample_add(&n, IPC_DID_TAKE_FRAME, &(struct ipc_did_take_frame){ 4, 2, 1 }, gpu, renderer, 7);
	sample_add(&n, IPC_DID_PRESENT, &(struct ipc_did_present){ 4, 2, 1, 17, 312 }, gpu, browser, 5);
	sample_add(&n, IPC_RELEASE_FRAME, &(struct ipc_release_frame){ 2, 1 }, browser, gpu, 5);
	sample_add(&n, IPC_UPDATE_SURFACE, &(struct ipc_update_surface){ 4, 9, 1 }, browser, gpu, 2);
	sample_add(&n, IPC_PING, &(struct ipc_ping){ 0x123456789abc }, browser, plugin, 1);
	sample_add(&n, IPC_PONG, &(struct ipc_pong){ 0x123456789abc }, plugin, browser, 1);
	sample_add(&n, IPC_DID_MAKE_PROGRESS, &(struct ipc_did_make_progress){ 4, 7, 65536 }, renderer,
		   browser, 2);
	sample_add(&n, IPC_DID_CHANGE_TITLE,
		   &(struct ipc_did_change_title){ 4, 7, ipc_text("Harbour news \xe2\x80\x93 \"Tuesday\"") },
		   renderer, browser, 1);
	sample_add(&n, IPC_COMMIT_NAVIGATION,
		   &(struct ipc_commit_navigation){ .page = 4,
						    .navigation = 7,
						    .url = ipc_text(url),
						    .mime = ipc_text("text/html"),
						    .charset = ipc_text("utf-8"),
						    .body = 0 },
		   browser, renderer, MIX - n);
}

/* What was put, what it cost, and what came of it. */
struct run {
	struct log_writer *log;
	uint64_t put, longest_ns, interrupted;
	uint64_t written, said; /* in the files */
	uint64_t bytes;		/* of what was written */
	uint64_t missing;	/* by the writer's word */
	double writer_seconds;	/* of its core's time: what others take of a busy machine is not in it */
};

static void put_one(struct run *r, uint64_t now_ns)
{
	struct traffic_event *e = &mix[r->put % MIX].event;

	r->put++;
	e->ts_us = 1700000000000000 + now_ns / 1000;
	e->id = ipc_make_id(e->from.role, e->from.serial, r->put);
	e->cause = ipc_make_id(ROLE_BROWSER, 0, r->put / 16);
	log_writer_put(r->log, e);
}

static double cpu_seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* All of this process's, but for the main thread's. */
static double writer_seconds(void)
{
	return cpu_seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu_seconds(CLOCK_THREAD_CPUTIME_ID);
}

static long switches_by_others(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_nivcsw;
}

/* Each call by itself; one in which somebody else was given the core is not ours. */
static void put_burst(struct run *r, unsigned count)
{
	long before = switches_by_others();

	for (unsigned i = 0; i <= count; i++) {
		uint64_t began = recorder_now();

		if (i < count)
			put_one(r, began);
		else
			log_writer_kick(r->log);
		uint64_t took = recorder_now() - began;

		if (took <= r->longest_ns)
			continue;
		long now = switches_by_others();

		if (now == before)
			r->longest_ns = took;
		else
			r->interrupted++;
		before = now;
	}
}

/* As many as must be written, as the collector puts them. */
static void offer(struct run *r, double seconds)
{
	uint64_t began = recorder_now();

	for (unsigned burst = 0; burst < seconds * BURSTS; burst++) {
		uint64_t due = began + burst * (UINT64_C(1000000000) / BURSTS), now = recorder_now();

		if (now < due)
			usleep((useconds_t)((due - now) / 1000));
		put_burst(r, OFFERED / BURSTS);
	}
}

/* More than can be written. */
static void flood(struct run *r, double seconds)
{
	uint64_t now = recorder_now(), end = now + (uint64_t)(seconds * 1e9);

	for (; now < end; now = recorder_now()) {
		for (unsigned i = 0; i < PUT_MANY; i++)
			put_one(r, now);
		log_writer_kick(r->log);
	}
}

/* What a file of the log says. */
static void read_file(struct run *r, const char *path)
{
	static char line[1 << 16];
	unsigned long long lines;
	FILE *file = fopen(path, "re");

	while (file && fgets(line, sizeof line, file)) {
		if (sscanf(line, "{\"type\":\"dropped\",\"ts_us\":%*u,\"lines\":%llu}", &lines) == 1)
			r->said += lines;
		else if (!strncmp(line, "{\"type\":\"message\"", 17)) {
			r->written++;
			r->bytes += strlen(line);
		}
	}
	if (file)
		fclose(file);
	unlink(path);
}

static struct run run(const struct bench_options *o, void (*how)(struct run *, double), double seconds)
{
	char path[512], part[600];
	struct log_writer_config config = { .path = path, .file_bytes = 64 << 20, .files = 999 };
	struct run r = { 0 };
	const char *why;

	snprintf(path, sizeof path, "%s/log", o->folder);
	/* The thread inherits its core. */
	duo_pin(0, 1);
	r.log = log_writer_open(&config, &why);
	if (!r.log)
		bench_fail("no log: %s", why);
	duo_pin(0, 0);
	double began = writer_seconds();

	how(&r, seconds);
	r.missing = log_writer_close(r.log);
	r.writer_seconds = writer_seconds() - began;
	for (unsigned i = 1; snprintf(part, sizeof part, "%s.%u", path, i), access(part, F_OK) == 0; i++)
		read_file(&r, part);
	read_file(&r, path);
	if (r.written + r.missing != r.put || r.said != r.missing)
		bench_fail("of %llu lines %llu are missing, and the log says %llu", (unsigned long long)r.put,
			   (unsigned long long)(r.put - r.written), (unsigned long long)r.said);
	return r;
}

/* The same amount of text as it is, in blocks of the same size: what the disk's cache alone would take. */
static double bare_rate(const struct bench_options *o, double line_bytes)
{
	static char block[256 << 10];
	const unsigned blocks = 400;
	char path[512];

	memset(block, 'x', sizeof block);
	snprintf(path, sizeof path, "%s/bare", o->folder);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
	double began = cpu_seconds(CLOCK_THREAD_CPUTIME_ID);

	for (unsigned i = 0; i < blocks; i++)
		if (write(fd, block, sizeof block) != sizeof block)
			bench_fail("the disk takes nothing: %m");
	double seconds = cpu_seconds(CLOCK_THREAD_CPUTIME_ID) - began;

	close(fd);
	unlink(path);
	return (double)blocks * sizeof block / line_bytes / seconds / 1e3;
}

static void measure_flood(const struct bench_options *o)
{
	struct samples rates = { 0 }, bare = { 0 };
	struct pace pace = pace_of(o, ROUNDS, SECONDS);
	struct row written = ROW_EMPTY, told = ROW_EMPTY;
	struct run all = { 0 };

	while (pace_goes_on(&pace)) {
		struct run r = run(o, flood, o->quick ? 0.1 : 1);

		samples_add(&rates, (double)r.written / r.writer_seconds / 1e3);
		samples_add(&bare, bare_rate(o, (double)r.bytes / (double)r.written));
		all.missing += r.missing;
		all.said += r.said;
	}
	snprintf(written.unit, sizeof written.unit, "k/s");
	written.ours = samples_median(&rates);
	written.baseline = samples_median(&bare);
	written.ratio = written.ours / written.baseline;
	written.samples = (unsigned)rates.count;
	written.goal_kind = GOAL_AT_LEAST;
	written.goal = OFFERED / 1e3;
	snprintf(written.note, sizeof written.note,
		 "in a second of its core's time; baseline: write(2) of as much");
	bench_emit("log_writer_rate", "log: messages a second, written", written);
	if (all.missing) {
		told.ours = (double)all.said / 1e3;
		told.baseline = (double)all.missing / 1e3;
		told.ratio = (double)all.said / (double)all.missing;
		told.samples = (unsigned)rates.count;
		told.goal_kind = GOAL_RATIO_AT_MOST;
		told.goal = 1;
	}
	snprintf(told.unit, sizeof told.unit, "k");
	snprintf(told.note, sizeof told.note, "counted in the files; a difference is a failure");
	bench_emit("log_writer_told", "log flooded: lines said to be missing, and missing", told);
	samples_finish(&rates);
	samples_finish(&bare);
}

static void measure_offer(const struct bench_options *o)
{
	struct run r = run(o, offer, o->quick ? 0.3 : 10);
	struct row kept = ROW_EMPTY, longest = ROW_EMPTY;

	kept.samples = longest.samples = (unsigned)r.put;
	snprintf(kept.unit, sizeof kept.unit, "k/s");
	kept.ours = OFFERED / 1e3 * (double)r.written / (double)r.put;
	kept.baseline = OFFERED / 1e3;
	kept.ratio = kept.ours / kept.baseline;
	kept.goal_kind = GOAL_AT_LEAST;
	kept.goal = OFFERED / 1e3;
	bench_emit("log_writer_kept", "log: of 500,000 messages a second, written", kept);
	snprintf(longest.unit, sizeof longest.unit, "ms");
	longest.ours = (double)r.longest_ns / 1e6;
	longest.goal_kind = GOAL_AT_MOST;
	longest.goal = 5;
	snprintf(longest.note, sizeof longest.note, "%llu more in which the core was another's",
		 (unsigned long long)r.interrupted);
	bench_emit("log_writer_longest", "log: the longest call of the main thread", longest);
}

void log_writer_run(const struct bench_options *o)
{
	mix_init();
	measure_flood(o);
	measure_offer(o);
}
