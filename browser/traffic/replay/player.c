/* See player.h: the order in which the tape is played, and the waiting. */
#include "browser/traffic/replay/player.h"
#include "browser/traffic/replay/report.h"
#include "browser/traffic/replay/tape_data.h"
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define START_NS   UINT64_C(10000000000)
#define PATIENT_NS UINT64_C(5000000000) /* for one that works */
#define IDLE_NS	   UINT64_C(60000000)	/* for one that does not */
#define VAIN_WAITS 32 /* after so many, there is no more waiting for one that does nothing */
#define TURN_MS	   5
#define NAP_NS	   UINT64_C(500000000)
#define REST_NS	   UINT64_C(30000000) /* one that does nothing for so long has nothing to do */
/* The last lines of a log that was not ended in order are missing: it is written a few times a second. */
#define LAST_REST_NS UINT64_C(500000000)

/* Wait for what comes. */

static struct pollfd *collect(struct player *p, nfds_t *count)
{
	static struct pollfd *fds;
	static size_t room;
	size_t n = 1, pipes = 0;

	for (const struct pipe_end *e = p->pipes; e; e = e->next)
		pipes++;
	if (room < 1 + p->nlinks + pipes) {
		struct pollfd *more = realloc(fds, (1 + p->nlinks + pipes) * sizeof *more);

		if (!more)
			abort();
		fds = more;
		room = 1 + p->nlinks + pipes;
	}
	fds[0] = (struct pollfd){ .fd = p->pidfd, .events = POLLIN };
	for (const struct link *l = p->links; l; l = l->next)
		fds[n++] = (struct pollfd){ .fd = l->fd, .events = POLLIN };
	for (const struct pipe_end *e = p->pipes; e; e = e->next)
		if (e->fd != -1 && e->done < e->length)
			fds[n++] = (struct pollfd){ .fd = e->fd, .events = POLLOUT };
	*count = n;
	return fds;
}

static void read_links(struct player *p)
{
	for (struct link *l = p->links, *next; l; l = next) {
		next = l->next;
		link_read(p, l);
	}
}

void player_turn(struct player *p, int ms)
{
	nfds_t count;
	struct pollfd *fds = collect(p, &count);
	bool died;

	if (poll(fds, count, p->dead ? 0 : ms) < 0)
		return;
	/* What it said last can be read after its death: first look for that, then read. */
	died = fds[0].revents;
	read_links(p);
	feed_pipes(p);
	/* Nobody else reads its recorder: it is told that all of it was. */
	atomic_store_explicit(&p->region->drained,
			      atomic_load_explicit(&p->region->committed, memory_order_relaxed),
			      memory_order_relaxed);
	if (died)
		process_reap(p);
}

/* Until that holds; false: in vain, since it does nothing more, or works too long. */
static bool wait_until(struct player *p, bool (*holds)(struct player *))
{
	uint64_t began = recorder_now(), idle_since = 0;

	for (;;) {
		uint64_t now;

		if (holds(p))
			return true;
		if (p->dead)
			return false;
		player_turn(p, TURN_MS);
		feed_owed(p);
		now = recorder_now();
		if (!process_is_idle(p))
			idle_since = 0;
		else if (!idle_since)
			idle_since = now;
		if (holds(p))
			return true;
		if (idle_since && (p->given_up > VAIN_WAITS || now - idle_since > IDLE_NS)) {
			if (!feed_unstick(p))
				break;
			idle_since = 0;
		}
		if (now - began > (p->given_up > VAIN_WAITS ? IDLE_NS : PATIENT_NS)) {
			report_note(p->report, "it works on and on, and is waited for no more");
			break;
		}
	}
	p->given_up++;
	return false;
}

static bool all_came(struct player *p)
{
	return answers_came(p, p->position);
}

static bool contents_are_same(struct player *p)
{
	return contents_agree(p->contents);
}

static bool bodies_are_written(struct player *p)
{
	return !feed_has_waiting(p);
}

static bool is_dead(struct player *p)
{
	return p->dead;
}

/* What came before it in the log comes before it now. */
static void await_answers(struct player *p)
{
	if (!wait_until(p, all_came))
		answers_give_up(p, p->position);
}

/* The process had done all that it was asked for: what it wrote is what it should have written. */
static void compare_contents(struct player *p)
{
	if (p->dead)
		return;
	p->report->compared++;
	if (!wait_until(p, contents_are_same) && !p->dead)
		contents_report(p->contents, p->report,
				p->position < p->tape->count ? p->tape->events[p->position].id : 0);
}

/* Let time pass as in the log. */
static void await_time(struct player *p, const struct tape_event *e)
{
	uint64_t since = e->at_ns > p->tape->start_ns ? e->at_ns - p->tape->start_ns : 0;
	uint64_t due = p->began_ns + (uint64_t)((double)since / p->options->speed);

	for (;;) {
		uint64_t now = recorder_now();

		if (now >= due || p->dead)
			return;
		player_turn(p, (int)((due - now < NAP_NS ? due - now : NAP_NS) / 1000000) + 1);
		feed_owed(p);
	}
}

/*
 * At which events the process of the log was still at work on something older: only when it was not, do its
 * regions tell something. It was from a message that came until the last answer to it; and for a while after
 * that, since what it was asked for twice in a turn is done once, in answer to the last.
 */

struct came {
	uint64_t id;
	size_t event;
};

static int compare_came(const void *a, const void *b)
{
	const struct came *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

static struct came *list_feeds(const struct tape *t, size_t *count)
{
	struct came *feeds = malloc((t->count + 1) * sizeof *feeds);

	*count = 0;
	for (size_t i = 0; feeds && i < t->count; i++)
		if (t->events[i].kind == TAPE_FEED)
			feeds[(*count)++] = (struct came){ t->events[i].id, i };
	if (feeds)
		qsort(feeds, *count, sizeof *feeds, compare_came);
	return feeds;
}

/* Pings are answered by one that rests as well. */
static bool moves(const struct tape_event *e)
{
	return e->kind != TAPE_MEMORY && e->type != IPC_PING && e->type != IPC_PONG;
}

static bool find_busy(struct player *p)
{
	const struct tape *t = p->tape;
	size_t count, until = 0;
	uint64_t moved_ns = 0;
	struct came *feeds = list_feeds(t, &count);
	size_t *last = calloc(t->count + 1, sizeof *last); /* answer to what came at that event */

	p->busy = calloc(t->count + 1, sizeof *p->busy);
	for (size_t i = 0; feeds && last && i < t->count; i++) {
		struct came key = { .id = t->events[i].cause };
		const struct came *feed = t->events[i].kind == TAPE_ANSWER
						  ? bsearch(&key, feeds, count, sizeof *feeds, compare_came)
						  : NULL;

		if (feed)
			last[feed->event] = i;
	}
	for (size_t i = 0; p->busy && last && i < t->count; i++) {
		p->busy[i] = (i <= until && until) || t->events[i].at_ns < moved_ns + REST_NS;
		if (last[i] > until)
			until = last[i];
		if (moves(&t->events[i]))
			moved_ns = t->events[i].at_ns;
	}
	bool fine = feeds && last && p->busy;

	free(feeds);
	free(last);
	return fine;
}

static bool is_resting(const struct player *p, const struct tape_event *e)
{
	return e->kind == TAPE_FEED && e->type != IPC_PING && e->type != IPC_DID_TAKE_FRAME &&
	       e->type != IPC_RELEASE_FRAME && !p->busy[p->position];
}

/* An event of the log that it brought about itself: it is expected now, not done. */
static bool is_own(const struct tape_event *e)
{
	return e->kind == TAPE_ANSWER || (e->kind == TAPE_MEMORY && e->written);
}

static void expect(struct player *p, const struct tape_event *e)
{
	if (e->kind == TAPE_MEMORY) {
		contents_note(p->contents, e);
		return;
	}
	contents_say(p->contents, e, p->tape->process.role);
	if (!answer_is_due(e))
		p->report->rhythm[0][e->type]++;
}

static void play(struct player *p)
{
	const struct tape *t = p->tape;

	for (p->position = 0; p->position < t->count && !p->dead; p->position++) {
		const struct tape_event *e = &t->events[p->position];

		if (is_own(e)) {
			expect(p, e);
			continue;
		}
		if (!p->options->fast)
			await_time(p, e);
		await_answers(p);
		if (is_resting(p, e))
			compare_contents(p);
		if (e->kind == TAPE_FEED && e->type == IPC_END_BODY)
			wait_until(p, bodies_are_written);
		if (e->kind == TAPE_MEMORY)
			contents_note(p->contents, e);
		if (!p->dead)
			feed_event(p, e);
		player_turn(p, 0);
		feed_owed(p);
	}
	/* It died early: what is left was never asked of it. */
	for (size_t i = p->position; i < t->count; i++)
		if (t->events[i].kind == TAPE_ANSWER && !answer_is_due(&t->events[i]))
			p->report->rhythm[0][t->events[i].type]++;
}

/* The end. */

static bool was_ended_from_outside(const struct tape *t)
{
	return t->ended && t->status == TERMINATION_STATUS_KILLED && t->signal;
}

static void end_as_in_log(struct player *p)
{
	const struct tape *t = p->tape;

	if (was_ended_from_outside(t)) {
		syscall(SYS_pidfd_send_signal, p->pidfd, t->signal, NULL, 0);
	} else if (!t->ended || (!t->signal && !t->code)) {
		/* Without having been told to, when something had cut its channel. */
		p->asked_to_end = !t->ended || t->status == TERMINATION_STATUS_NORMAL;
		if (link_find(p, (struct endpoint){ ROLE_BROWSER, 0 }))
			link_close(p, link_find(p, (struct endpoint){ ROLE_BROWSER, 0 }));
	}
	wait_until(p, is_dead);
}

static void tell_missing(struct player *p)
{
	const struct tape *t = p->tape;

	for (size_t i = 0; i < t->count; i++) {
		const struct tape_event *e = &t->events[i];

		if (answer_is_due(e) && !e->optional && p->states[i] != ANSWER_CAME)
			report_answer(p->report, e->id, e->line, e->peer, tape_type_name(e->type),
				      "it did not come");
	}
}

/* Has the log gone on for so long, after the last that was asked of it, that it was done with that? */
static bool rested_at_last(const struct tape *t)
{
	for (size_t i = t->count; i-- > 0;)
		if (!is_own(&t->events[i]) && t->events[i].type != IPC_PING)
			return !t->ended && t->last_ns > t->events[i].at_ns + LAST_REST_NS;
	return false;
}

static void run(struct player *p)
{
	play(p);
	await_answers(p);
	if (rested_at_last(p->tape))
		compare_contents(p);
	if (!p->dead)
		end_as_in_log(p);
	player_turn(p, 0);
	tell_missing(p);
}

static bool is_ready(struct player *p)
{
	return p->ready;
}

static bool start(struct player *p, const char **why)
{
	uint64_t began = recorder_now();

	while (!is_ready(p) && !p->dead && recorder_now() - began < START_NS)
		player_turn(p, TURN_MS);
	*why = p->weakness;
	return !p->weakness[0];
}

bool player_run(struct player *p, const char **why)
{
	bool fine;

	*why = "no memory is left";
	p->pidfd = -1;
	p->contents = contents_create();
	if (!p->contents || !answers_begin(p) || !find_busy(p))
		return false;
	p->began_ns = recorder_now();
	fine = process_begin(p, why) && start(p, why);
	if (fine)
		run(p);
	p->report->took_ns = recorder_now() - p->began_ns;
	return fine;
}

void player_finish(struct player *p)
{
	process_finish(p);
	feed_finish(p);
	contents_destroy(p->contents);
	free(p->states);
	free(p->busy);
}
