/* See collector.h. The drain merges all recorders by time; join.c says what each record means. */
#include "browser/traffic/collect/collector.h"
#include "browser/traffic/collect/collector_internal.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A drain on the loop must not be felt; what is left is read in the next turn. */
#define BUDGET_MS    4
#define BUDGET_EVERY 64	  /* of effort */
#define EFFORT_BYTES 4096 /* of a payload are as much as a record */
#define GAPS_A_DRAIN 8	  /* of one process */

_Static_assert((size_t)COLLECTOR_EVENTS *(sizeof(struct stored) + STORED_HEAD + 2 * STORED_OVERHEAD) +
			       (size_t)HISTORY_WHOLE * 16384 <=
		       COLLECTOR_BYTES,
	       "all have room, cut as short as they may be, and the newest ones whole");

static void collector_on_timer(void *arg)
{
	if (collector_drain(arg, BUDGET_MS))
		collector_wake(arg);
}

struct collector *collector_create(const struct collector_config *config)
{
	struct collector *c = calloc(1, sizeof *c);
	struct timespec wall;

	if (!c)
		return NULL;
	c->config = *config;
	if (!c->config.max_events)
		c->config.max_events = COLLECTOR_EVENTS;
	if (!c->config.max_bytes)
		c->config.max_bytes = COLLECTOR_BYTES;
	if (!history_init(&c->history, c->config.max_events, c->config.max_bytes)) {
		free(c);
		return NULL;
	}
	clock_gettime(CLOCK_REALTIME, &wall);
	c->start_us = (uint64_t)wall.tv_sec * 1000000 + (uint64_t)wall.tv_nsec / 1000;
	c->start_ns = recorder_now();
	c->wall_offset_ns = (uint64_t)wall.tv_sec * 1000000000 + (uint64_t)wall.tv_nsec - c->start_ns;
	if (config->log)
		c->start_us = log_writer_start_us(config->log);
	task_init(&c->timer, collector_on_timer, c);
	task_init(&c->soon, collector_on_timer, c);
	return c;
}

/* The fate of these will never be known to this log. */
static void collector_log_list(struct collector *c, struct stored *first)
{
	while (first) {
		struct stored *s = first;

		first = s->next;
		if (c->config.log)
			log_writer_put(c->config.log, &s->event);
		stored_release(s);
	}
}

static void collector_log_open(struct collector *c)
{
	struct flow *f, *next;

	HASH_ITER (hh, c->flows, f, next) {
		collector_log_list(c, f->head);
		collector_log_list(c, f->waiting);
		/* NOLINTNEXTLINE: uthash, which the analyzer does not follow */
		HASH_DELETE(hh, c->flows, f);
		free(f);
	}
}

void collector_destroy(struct collector *c)
{
	struct traffic_process_state *p, *next;

	if (!c)
		return;
	collector_drain(c, 0);
	HASH_ITER (hh, c->processes, p, next) {
		join_end_handling(c, p, TRAFFIC_NO_TIME);
	}
	collector_log_open(c);
	if (c->config.log)
		log_writer_kick(c->config.log);
	HASH_ITER (hh, c->processes, p, next) {
		HASH_DELETE(hh, c->processes, p);
		process_state_destroy(p);
	}
	task_finish(&c->timer);
	task_finish(&c->soon);
	history_finish(&c->history);
	free(c->heap);
	free(c);
}

struct traffic_process_state *collector_find(const struct collector *c, struct endpoint e)
{
	struct {
		uint32_t role, serial;
	} key = { e.role, e.serial };
	struct traffic_process_state *p;

	/* NOLINTNEXTLINE: uthash, which the analyzer does not follow */
	HASH_FIND(hh, c->processes, &key, sizeof key, p);
	return p;
}

bool collector_add_process(struct collector *c, struct endpoint e, struct recorder_region *region,
			   uint64_t ring_bytes)
{
	struct traffic_process_state **heap, *p;

	if (collector_find(c, e))
		return false;
	if (c->nprocesses == c->heap_room) {
		unsigned room = c->heap_room ? c->heap_room * 2 : 16;

		heap = realloc(c->heap, room * sizeof *heap);
		if (!heap)
			return false;
		c->heap = heap;
		c->heap_room = room;
	}
	p = process_state_create(e, region, ring_bytes);
	if (!p)
		return false;
	p->last_time = c->start_ns;
	HASH_ADD(hh, c->processes, key, sizeof p->key, p);
	c->nprocesses++;
	return true;
}

/* Ended processes are remembered for those who ask later, but not for ever. */
static void collector_forget_oldest(struct collector *c)
{
	struct traffic_process_state *p, *next, *oldest = NULL;

	HASH_ITER (hh, c->processes, p, next)
		if (p->ended && (!oldest || p->ended_order < oldest->ended_order))
			oldest = p;
	join_forget(c, oldest);
	/* NOLINTNEXTLINE: uthash, which the analyzer does not follow */
	HASH_DELETE(hh, c->processes, oldest);
	process_state_destroy(oldest);
	c->nprocesses--;
	c->nended--;
}

void collector_tell(struct collector *c)
{
	if (c->config.log)
		log_writer_kick(c->config.log);
	if (!c->changed)
		return;
	c->changed = false;
	for (struct collector_listener *l = c->listeners, *next; l; l = next) {
		next = l->next;
		l->changed(l->arg);
	}
}

void collector_process_ended(struct collector *c, struct endpoint e)
{
	struct traffic_process_state *p = collector_find(c, e);

	if (!p || p->ended)
		return;
	collector_drain(c, 0);
	join_end_handling(c, p, TRAFFIC_NO_TIME);
	join_note_counters(c, p);
	process_state_end(p);
	p->ended_order = ++c->ended_count;
	join_settle(c);
	if (++c->nended > COLLECTOR_ENDED)
		collector_forget_oldest(c);
	collector_tell(c);
}

void collector_channel_ended(struct collector *c, struct endpoint one, struct endpoint other)
{
	collector_drain(c, 0);
	join_settle_channel(c, one, other);
	collector_tell(c);
}

void collector_run(struct collector *c)
{
	task_repeat(&c->timer, COLLECTOR_DRAIN_MS);
}

void collector_wake(void *arg)
{
	struct collector *c = arg;
	uint64_t cause = cause_current();

	if (c->soon.pending)
		return;
	cause_set(0);
	task_schedule(&c->soon, 0);
	cause_set(cause);
}

/* The drain. */

/* Whose record is to be taken first? What was sent comes before its receipt, even within the same ns. */
static bool comes_before(const struct traffic_process_state *a, const struct traffic_process_state *b)
{
	if (a->next.time_ns != b->next.time_ns)
		return a->next.time_ns < b->next.time_ns;
	return a->next.kind < b->next.kind;
}

static void heap_sink(struct collector *c, unsigned i)
{
	struct traffic_process_state **heap = c->heap, *p = heap[i];

	for (unsigned child; (child = 2 * i + 1) < c->nheap; i = child) {
		if (child + 1 < c->nheap && comes_before(heap[child + 1], heap[child]))
			child++;
		if (!comes_before(heap[child], p))
			break;
		heap[i] = heap[child];
	}
	heap[i] = p;
}

static void note_gap(struct collector *c, struct traffic_process_state *p)
{
	uint64_t records = p->reader.gaps - p->gaps_told;

	p->gaps_told = p->reader.gaps;
	join_end_handling(c, p, TRAFFIC_NO_TIME);
	collector_note_process(c, &(struct traffic_process){ .what = TRAFFIC_PROCESS_GAP,
							     .process = p->endpoint,
							     .records = records });
}

/* Has p a record to be taken in this drain? */
static bool collector_read(struct collector *c, struct traffic_process_state *p, uint64_t cutoff_ns)
{
	/* A liar could make a gap of each record: a few a drain are told, the rest in the next. */
	for (unsigned gaps = 0; gaps < GAPS_A_DRAIN;) {
		switch (process_state_read(p, cutoff_ns)) {
		case PROCESS_READ_RECORD:
			return true;
		case PROCESS_READ_NOTHING:
			return false;
		case PROCESS_READ_GAP:
			note_gap(c, p);
			gaps++;
			break;
		case PROCESS_READ_FORGED:
			join_mark_forged(c, p);
			return false;
		}
	}
	return false;
}

static void heap_fill(struct collector *c, uint64_t cutoff_ns)
{
	struct traffic_process_state *p, *next;

	c->nheap = 0;
	HASH_ITER (hh, c->processes, p, next) {
		if (!p->region)
			continue;
		/* One ring's worth at most: a writer that never stops must not keep us here. */
		p->stop = p->reader.position + p->reader.ring_bytes;
		if (collector_read(c, p, cutoff_ns))
			c->heap[c->nheap++] = p;
	}
	for (unsigned i = c->nheap / 2; i-- > 0;)
		heap_sink(c, i);
}

/* Take records in the order of time. False: time ran out. */
static bool heap_work(struct collector *c, uint64_t cutoff_ns, uint64_t deadline_ns)
{
	while (c->nheap) {
		struct traffic_process_state *p = c->heap[0];

		c->effort += 1 + p->next.payload_bytes / EFFORT_BYTES;
		join_take(c, p);
		if (!collector_read(c, p, cutoff_ns))
			c->heap[0] = c->heap[--c->nheap];
		if (c->nheap)
			heap_sink(c, 0);
		if (c->effort < BUDGET_EVERY)
			continue;
		c->effort = 0;
		if (deadline_ns && recorder_now() > deadline_ns)
			return false;
	}
	return true;
}

bool collector_drain(struct collector *c, unsigned budget_ms)
{
	struct traffic_process_state *p, *next;
	uint64_t now;
	bool all;

	c->draining = true;
	join_note_closed(c);
	now = recorder_now();
	heap_fill(c, now);
	all = heap_work(c, now, budget_ms ? now + budget_ms * UINT64_C(1000000) : 0);
	HASH_ITER (hh, c->processes, p, next)
		if (p->region)
			atomic_store_explicit(&p->region->drained, p->reader.position, memory_order_relaxed);
	if (all)
		join_settle(c);
	c->draining = false;
	collector_tell(c);
	return !all;
}

struct stored *collector_keep(struct collector *c, const struct traffic_event *event, const void *payload,
			      uint32_t payload_bytes, uint64_t time_ns)
{
	struct stored *s = stored_create(event, payload, payload_bytes);

	if (!s)
		return NULL;
	s->time_ns = time_ns;
	history_append(&c->history, s);
	c->changed = true;
	return s;
}
