/* Which toxic a death came of: see toxics.h. What the traffic tells is looked through, and nothing guessed.
 */
#include "browser/browser.h"
#include "browser/fault/toxics.h"
#include "browser/traffic/collect/collector.h"
#include <signal.h>
#include <stdio.h>
#include <time.h>

#define CLOCK_SLACK_US 100000 /* pings are much further apart */

static const struct endpoint the_browser = { ROLE_BROWSER, 0 };

static bool is_same(struct endpoint a, struct endpoint b)
{
	return a.role == b.role && a.serial == b.serial;
}

/* The toxic that did most to that message; NULL: none acted, or nobody remembers. */
static const struct placed_toxic *toxics_of_message(const struct toxics *list, uint64_t message)
{
	unsigned kept = list->nmarks < TOXIC_MARKS ? list->nmarks : TOXIC_MARKS;
	const struct placed_toxic *worst = NULL;

	for (unsigned i = 1; i <= kept; i++) {
		const struct toxic_mark *mark = &list->marks[(list->nmarks - i) % TOXIC_MARKS];
		const struct placed_toxic *t =
			mark->message == message ? toxics_recall(list, mark->toxic) : NULL;

		/* The kinds are in that order: what changes a message comes behind what delays it. */
		if (t && (!worst || t->order.kind > worst->order.kind))
			worst = t;
	}
	return worst;
}

/* What a message that was changed, or ought not to be there, made of who handled it. */
static const struct placed_toxic *toxics_that_changed(const struct toxics *list, uint64_t message)
{
	const struct placed_toxic *t = toxics_of_message(list, message);

	return t && t->order.kind >= TOXIC_DUPLICATE ? t : NULL;
}

/* What a message was sent for, as its sender claims. */
static uint64_t cause_of(const struct collector *c, uint64_t message)
{
	uint64_t first = collector_first(c), end = collector_end(c);

	while (end-- > first) {
		const struct traffic_event *e = collector_event(c, end);

		if (e && e->kind == TRAFFIC_MESSAGE && e->id == message)
			return e->cause;
	}
	return 0;
}

/* A process was ended for that message: it was tampered with, or is the answer to one that was. */
static const struct placed_toxic *toxics_behind_refused(const struct toxics *list, uint64_t message)
{
	const struct placed_toxic *t = toxics_of_message(list, message);

	return t ? t : toxics_that_changed(list, cause_of(list->browser->collector, message));
}

/* When that was, as the traffic counts it; a little earlier, for clocks are set. */
static uint64_t wall_us(uint64_t time_ns)
{
	struct timespec wall;

	clock_gettime(CLOCK_REALTIME, &wall);
	return (uint64_t)wall.tv_sec * 1000000 + (uint64_t)wall.tv_nsec / 1000 -
	       (recorder_now() - time_ns) / 1000 - CLOCK_SLACK_US;
}

/* The newest message of that type on that way, of no earlier than then (CLOCK_MONOTONIC). */
static const struct traffic_event *newest_since(const struct collector *c, enum ipc_id type,
						struct endpoint from, struct endpoint to, uint64_t since_ns)
{
	uint64_t first = collector_first(c), end = collector_end(c);
	uint64_t least_us = wall_us(since_ns);

	while (end-- > first) {
		const struct traffic_event *e = collector_event(c, end);

		if (e && e->ts_us < least_us)
			break;
		if (e && e->kind == TRAFFIC_MESSAGE && e->type == type && is_same(e->from, from) &&
		    is_same(e->to, to))
			return e;
	}
	return NULL;
}

static bool cuts(const struct placed_toxic *t)
{
	return t->order.kind == TOXIC_CUT && t->acted;
}

static bool delays(const struct placed_toxic *t)
{
	return t->from.role == ROLE_BROWSER &&
	       (t->order.kind == TOXIC_LATENCY || t->order.kind == TOXIC_BANDWIDTH);
}

static bool overfills(const struct placed_toxic *t)
{
	return t->overfilled && delays(t);
}

/* The toxic that ended its channel to the browser so. Between children that ends nobody. */
static const struct placed_toxic *toxics_that(bool (*ends)(const struct placed_toxic *),
					      const struct toxics *list, struct endpoint dead)
{
	const struct placed_toxic *const lists[] = { list->first, list->ended };

	for (unsigned i = 0; i < 2; i++)
		for (const struct placed_toxic *t = lists[i]; t; t = t->next)
			if (ends(t) && ((is_same(t->from, dead) && is_same(t->to, the_browser)) ||
					(is_same(t->from, the_browser) && is_same(t->to, dead))))
				return t;
	return NULL;
}

/* It was ended because it did not answer: was it never asked, or its answer taken away? */
static const struct placed_toxic *toxics_that_silenced(const struct toxics *list,
						       const struct process_host *dead)
{
	const struct collector *c = list->browser->collector;
	const struct traffic_event *ping, *pong;

	if (!dead->ping_sent_ns || !dead->unresponsive_ns)
		return NULL;
	ping = newest_since(c, IPC_PING, the_browser, dead->name, dead->ping_sent_ns);
	/* One that has not even got an id is still held. */
	if (!ping)
		return toxics_that(delays, list, dead->name);
	pong = newest_since(c, IPC_PONG, dead->name, the_browser, dead->ping_sent_ns);
	if (ping->where == TRAFFIC_IN_TOXIC)
		return toxics_recall(list, ping->toxic);
	return pong && pong->where == TRAFFIC_IN_TOXIC ? toxics_recall(list, pong->toxic) : NULL;
}

const char *toxics_blame(const struct toxics *list, const struct process_host *dead, char *buf,
			 size_t capacity)
{
	const struct death *d = &dead->death;
	const struct placed_toxic *t = NULL;
	char text[ORDER_TEXT];

	if (d->reason && dead->refused_id)
		t = toxics_behind_refused(list, dead->refused_id);
	else if (d->reason == BAD_MESSAGE_QUEUE_OVERFLOW)
		t = toxics_that(overfills, list, dead->name);
	else if (!d->reason && (!d->signal || d->signal == SIGKILL))
		t = toxics_that(cuts, list, dead->name);
	if (!t && !d->reason && d->signal == SIGKILL)
		t = toxics_that_silenced(list, dead);
	if (!t && d->handling && d->signal != SIGKILL)
		t = toxics_that_changed(list, d->handling);
	buf[0] = '\0';
	if (t)
		snprintf(buf, capacity, "toxic %u, %s", t->number,
			 toxic_order_text(&t->order, text, sizeof text));
	return buf;
}
