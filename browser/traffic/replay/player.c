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
#define NAP_NS	   5e8
#define WAIT_NS	   6e10			 /* the longest wait for what comes next */
#define TAIL_NS	   UINT64_C(10000000000) /* of the log, in which nothing came to it: no more is waited */

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

/*
 * The process had done all that it was asked for: what it wrote is what it should have written. If it died at
 * work, it may have got further than in the log, and nothing is said against that.
 */
static void compare_contents(struct player *p, bool rested)
{
	bool same;

	if (p->dead || !contents_are_there(p->contents))
		return;
	same = wait_until(p, contents_are_same);
	if (p->dead)
		return;
	p->report->compared += same || rested;
	if (!same && rested)
		contents_report(p->contents, p->report,
				p->position < p->tape->count ? p->tape->events[p->position].id : 0);
}

/* What is left until that moment, in ns of the log; not above 0: it is past. */
static double left_until(const struct player *p, uint64_t at_ns)
{
	uint64_t since = at_ns > p->tape->start_ns ? at_ns - p->tape->start_ns : 0;

	return (double)since - p->skipped_ns - (double)(recorder_now() - p->began_ns) * p->options->speed;
}

/* Let time pass as in the log, up to that moment of it; but a log may tell any moment. */
static void await_time(struct player *p, uint64_t at_ns)
{
	double left = left_until(p, at_ns);

	if (left > WAIT_NS) {
		report_note(p->report, "nothing happens for %.0f s, of which %.0f s are played", left / 1e9,
			    WAIT_NS / 1e9);
		p->skipped_ns += left - WAIT_NS;
	}
	while (!p->dead && (left = left_until(p, at_ns) / p->options->speed) > 0) {
		player_turn(p, (int)((left < NAP_NS ? left : NAP_NS) / 1e6) + 1);
		feed_owed(p);
	}
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
			await_time(p, e->at_ns);
		await_answers(p);
		if (is_resting(p, e))
			compare_contents(p, true);
		else if (p->position == p->last_look)
			compare_contents(p, p->last_is_rest);
		if (e->kind == TAPE_SILENCE)
			silence_probe(p, e);
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

static void end_as_in_log(struct player *p)
{
	const struct tape *t = p->tape;

	if (tape_was_killed(t)) {
		p->signalled = true;
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

/* After the last that came to it in the log there was some time yet, in which it lived. */
static void await_tail(struct player *p)
{
	const struct tape *t = p->tape;
	uint64_t last = t->count ? t->events[t->count - 1].at_ns : t->end_ns, end = last + TAIL_NS;

	if (t->end_ns < end)
		end = t->end_ns;
	else
		report_note(p->report, "nothing came to it at last for %.1f s, of which 10 s are played",
			    (double)(t->end_ns - last) / 1e9);
	await_time(p, end);
}

static void run(struct player *p)
{
	play(p);
	await_answers(p);
	if (p->position == p->last_look)
		compare_contents(p, p->last_is_rest);
	if (!p->options->fast)
		await_tail(p);
	/* One that hangs to the end of the log is not told to end: it would not. */
	if (!p->dead && (p->tape->ended || !p->hung))
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
	if (!p->contents || !answers_begin(p) || !rest_find(p))
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
