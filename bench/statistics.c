/*
 * What statistics cost an event, beside writing it as a line of the log; and what a frame of the statistics
 * and one of a sequence diagram cost, with all their rows in use, beside the frame that a screen has time
 * for.
 */
#include "browser/traffic/output/statistics.h"
#include "bench/bench.h"
#include "browser/traffic/output/sequence_draw.h"
#include "common/recorder.h"
#include <stdio.h>
#include <string.h>

#define EVENTS	    100000
#define ROUNDS	    20
#define SECONDS	    3
#define PROCESSES   40
#define WINDOW_ROWS 400 /* as browser/ui/sequence_view.h has it */
#define SEEN_ROWS   50
#define COLUMNS	    200
#define FRAME_MS    16

/* All kinds of messages, between the browser and as many processes as have lanes and pairs. */
static struct traffic_event event(unsigned i)
{
	static const uint8_t page[64] = { 2 };
	struct endpoint browser = { ROLE_BROWSER, 0 }, child = { ROLE_RENDERER, i % PROCESSES + 1 };
	struct traffic_event e = { .kind = TRAFFIC_MESSAGE,
				   .type = (uint16_t)(i * 7 % IPC_COUNT),
				   .sequence = i,
				   .ts_us = 1700000000000000 + i * 10ull,
				   .id = ipc_make_id(ROLE_RENDERER, 1, i + 1),
				   .cause = ipc_make_id(ROLE_RENDERER, 1, i / 2 + 1),
				   .from = i % 2 ? browser : child,
				   .to = i % 2 ? child : browser,
				   .bytes = 8,
				   .payload_bytes = 8,
				   .payload = page,
				   .queued_ns = 1000 + i * 37ull % 100000,
				   .handled_ns = 500 + i * 91ull % 50000,
				   .status = i % 500 ? TRAFFIC_DELIVERED : TRAFFIC_LOST };

	return e;
}

/* ns an event, of all of them. */
static double count_all(struct statistics *s)
{
	uint64_t began = recorder_now();

	for (unsigned i = 0; i < EVENTS; i++) {
		struct traffic_event e = event(i);
		statistics_add(s, &e, STATISTICS_ALL);
	}
	return (double)(recorder_now() - began) / EVENTS;
}

static double format_all(void)
{
	static char line[64 << 10];
	uint64_t began = recorder_now();

	for (unsigned i = 0; i < EVENTS; i++) {
		struct traffic_event e = event(i);
		struct format out = format_into(line, sizeof(line));
		traffic_format_json(&e, &out);
	}
	return (double)(recorder_now() - began) / EVENTS;
}

static void measure_event(const struct bench_options *o)
{
	struct samples ours = { 0 }, baseline = { 0 };
	struct pace pace = pace_of(o, ROUNDS, SECONDS);
	struct row r = ROW_EMPTY;

	while (pace_goes_on(&pace)) {
		struct statistics *s = statistics_create(0);
		if (!s)
			bench_fail("no memory");
		samples_add(&ours, count_all(s));
		samples_add(&baseline, format_all());
		statistics_destroy(s);
	}
	snprintf(r.unit, sizeof(r.unit), "ns");
	r.samples = (unsigned)ours.count;
	r.ours = samples_median(&ours);
	r.ours_p99 = samples_p99(&ours);
	r.baseline = samples_median(&baseline);
	r.baseline_p99 = samples_p99(&baseline);
	r.ratio = r.ours / r.baseline;
	bench_emit("statistics_event", "an event counted, beside its line of the log", r);
	samples_finish(&ours);
	samples_finish(&baseline);
}

/* ms: rows put in order, and four quantiles and a sparkline of each that is seen. */
static double statistics_frame(const struct statistics *s)
{
	static const double shares[] = { 0.5, 0.99 };
	const struct statistics_row *rows[STATISTICS_ROWS];
	char line[3 * STATISTICS_BUCKETS + 1];
	uint64_t began = recorder_now(), sum = 0;
	unsigned count = statistics_rows(s, BY_NAME, ORDER_BY_HANDLED, rows);

	for (unsigned i = 0; i < count && i < SEEN_ROWS; i++) {
		for (unsigned k = 0; k < 2; k++) {
			sum += rows[i]->queued ? histogram_quantile(rows[i]->queued, shares[k]) : 0;
			sum += rows[i]->handled ? histogram_quantile(rows[i]->handled, shares[k]) : 0;
		}
		statistics_sparkline(s, rows[i], 40, false, line);
	}
	if (!sum)
		bench_fail("no times were counted");
	return (double)(recorder_now() - began) / 1e6;
}

/* ms: the window's rows made, the lanes placed, and those rows drawn that are seen. */
static double sequence_frame(void)
{
	static struct sequence sequence;
	static struct sequence_row rows[WINDOW_ROWS];
	struct sequence_layout layout;
	struct sequence_cell cells[SEQUENCE_COLUMNS];
	uint8_t lanes[SEQUENCE_LANES];
	uint64_t began = recorder_now();

	sequence_init(&sequence);
	for (unsigned i = 0; i < WINDOW_ROWS; i++) {
		struct traffic_event e = event(i);
		if (!sequence_take(&sequence, &e, &rows[i]))
			bench_fail("a message has no row");
	}
	for (unsigned i = 0; i < sequence.lane_count; i++)
		lanes[i] = (uint8_t)i;
	sequence_lay_out(&layout, &sequence, lanes, sequence.lane_count, COLUMNS, 0, false);
	for (unsigned i = 0; i < SEEN_ROWS; i++)
		for (unsigned line = 0; line < sequence_row_lines(&layout, &rows[i]); line++)
			sequence_draw_row(&layout, &rows[i], line, cells);
	return (double)(recorder_now() - began) / 1e6;
}

static void emit_frame(const char *name, const char *what, struct samples *ms)
{
	struct row r = ROW_EMPTY;

	snprintf(r.unit, sizeof(r.unit), "ms");
	r.samples = (unsigned)ms->count;
	r.ours = samples_median(ms);
	r.ours_p99 = samples_p99(ms);
	r.goal_kind = GOAL_AT_MOST;
	r.goal = FRAME_MS;
	bench_emit(name, what, r);
	samples_finish(ms);
}

static void measure_frames(const struct bench_options *o)
{
	struct samples counted = { 0 }, drawn = { 0 };
	struct pace pace = pace_of(o, 20 * ROUNDS, SECONDS);
	struct statistics *s = statistics_create(0);

	if (!s)
		bench_fail("no memory");
	count_all(s);
	while (pace_goes_on(&pace)) {
		samples_add(&counted, statistics_frame(s));
		samples_add(&drawn, sequence_frame());
	}
	statistics_destroy(s);
	emit_frame("statistics_frame", "a frame of statistics of 100,000 messages", &counted);
	emit_frame("sequence_frame", "a frame of a sequence diagram, 40 processes", &drawn);
}

void statistics_run(const struct bench_options *o)
{
	measure_event(o);
	measure_frames(o);
}
