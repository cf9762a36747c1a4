/*
 * The round trip of a 64-byte message through protocol, channel, recorder and handler, between two processes,
 * against a bare epoll and SEQPACKET ping-pong of packets of the same size, and with the recorder off. The
 * three take turns in small batches, so that a machine that grows slower does so for all of them.
 */
#include "bench/bench.h"
#include "bench/duo.h"
#include "common/loop.h"
#include "common/transport.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define BATCH	100 /* trips that count */
#define WARM_UP 20  /* and that do not, before them */
#define ROUNDS	400
#define SECONDS 5 /* for each placing */

enum way { BARE, RECORDED, UNRECORDED, WAYS };

static struct {
	struct duo duo;
	int bare, epoll; /* our end of the bare socket */
	pid_t bare_peer;
	struct samples *batch;
	uint64_t sent_ns;
	unsigned left; /* trips of the batch */
} trip;

/* The bare side. */

static int bare_epoll(int fd)
{
	struct epoll_event event = { .events = EPOLLIN };
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	if (epoll == -1 || epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == -1)
		bench_fail("no epoll: %m");
	return epoll;
}

/* Wait for a packet and read it; false at the end. */
static bool bare_receive(int epoll, int fd, char *packet)
{
	struct epoll_event event;

	while (epoll_wait(epoll, &event, 1, -1) < 0)
		;
	return recv(fd, packet, CHANNEL_PACKET_BYTES, MSG_DONTWAIT) == (ssize_t)PACKET_BYTES;
}

static _Noreturn void bare_peer_run(int fd)
{
	static char packet[CHANNEL_PACKET_BYTES];
	int epoll = bare_epoll(fd);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (bare_receive(epoll, fd, packet) && send(fd, packet, PACKET_BYTES, MSG_NOSIGNAL) > 0)
		;
	_exit(0);
}

static void bare_start(void)
{
	int pair[2];

	if (!transport_pair(pair))
		bench_fail("no socket: %m");
	trip.bare_peer = fork();
	if (trip.bare_peer == 0) {
		close(pair[0]);
		bare_peer_run(pair[1]);
	}
	close(pair[1]);
	trip.bare = pair[0];
	trip.epoll = bare_epoll(trip.bare);
}

static void bare_batch(struct samples *batch)
{
	static char packet[CHANNEL_PACKET_BYTES];

	for (unsigned i = 0; i < BATCH + WARM_UP; i++) {
		uint64_t began = recorder_now();

		if (send(trip.bare, packet, PACKET_BYTES, MSG_NOSIGNAL) < 0 ||
		    !bare_receive(trip.epoll, trip.bare, packet))
			bench_fail("the bare ping-pong broke: %m");
		if (i >= WARM_UP)
			samples_add(batch, (double)(recorder_now() - began) / 1e3);
	}
}

/* Ours. */

static void trip_dispatch(void *self, struct channel *c, enum ipc_id id, const void *message)
{
	uint64_t now = recorder_now();

	(void)self;
	(void)message;
	if (id != IPC_DID_CHANGE_TITLE)
		return;
	if (trip.left <= BATCH)
		samples_add(trip.batch, (double)(now - trip.sent_ns) / 1e3);
	if (--trip.left) {
		trip.sent_ns = recorder_now();
		duo_send_to_peer(c, trip.left);
	}
}

static void trip_peer_dispatch(void *self, struct channel *c, enum ipc_id id, const void *message)
{
	const struct ipc_set_plugin_state *m = message;

	(void)self;
	if (id == IPC_SET_PLUGIN_STATE)
		duo_send_to_us(c, m->embed);
}

static void our_batch(struct samples *batch, bool record)
{
	duo_record(&trip.duo, record);
	trip.batch = batch;
	trip.left = BATCH + WARM_UP;
	trip.sent_ns = recorder_now();
	duo_send_to_peer(trip.duo.channel, trip.left);
	while (trip.left)
		loop_turn(-1);
}

/* All three, a batch each, over and over. */

struct comparison {
	struct samples all[WAYS];
	struct samples to_bare, to_unrecorded; /* ratios of the batches' medians */
};

static void compare_once(struct comparison *c, unsigned round)
{
	struct samples batch = { 0 };
	double median[WAYS];

	/* Each goes first as often as the others: what ran before leaves its traces. */
	for (unsigned i = 0; i < WAYS; i++) {
		enum way way = (round + i) % WAYS;

		samples_reset(&batch);
		if (way == BARE)
			bare_batch(&batch);
		else
			our_batch(&batch, way == RECORDED);
		median[way] = samples_median(&batch);
		for (size_t j = 0; j < batch.count; j++)
			samples_add(&c->all[way], batch.values[j]);
	}
	samples_add(&c->to_bare, median[RECORDED] / median[BARE]);
	samples_add(&c->to_unrecorded, median[RECORDED] / median[UNRECORDED]);
	samples_finish(&batch);
}

static void emit_comparison(struct comparison *c, const char *where, const char *suffix)
{
	struct row r = ROW_EMPTY;
	char name[40], what[72];

	snprintf(r.unit, sizeof r.unit, "us");
	r.samples = (unsigned)c->all[RECORDED].count;
	r.ours = samples_median(&c->all[RECORDED]);
	r.ours_p99 = samples_p99(&c->all[RECORDED]);
	r.goal_kind = GOAL_RATIO_AT_MOST;

	r.baseline = samples_median(&c->all[BARE]);
	r.baseline_p99 = samples_p99(&c->all[BARE]);
	r.ratio = samples_median(&c->to_bare);
	r.goal = 1.25;
	snprintf(name, sizeof name, "round_trip_%s", suffix);
	snprintf(what, sizeof what, "round trip, %s, against bare SEQPACKET", where);
	bench_emit(name, what, r);

	r.baseline = samples_median(&c->all[UNRECORDED]);
	r.baseline_p99 = samples_p99(&c->all[UNRECORDED]);
	r.ratio = samples_median(&c->to_unrecorded);
	r.goal = 1.08;
	snprintf(name, sizeof name, "recorder_%s", suffix);
	snprintf(what, sizeof what, "round trip, %s, recorder on against off", where);
	bench_emit(name, what, r);
}

static void compare(const struct bench_options *o, const char *where, const char *suffix)
{
	struct comparison c = { 0 };
	struct pace pace = pace_of(o, ROUNDS, SECONDS);

	while (pace_goes_on(&pace))
		compare_once(&c, pace.done);
	emit_comparison(&c, where, suffix);
	for (unsigned i = 0; i < WAYS; i++)
		samples_finish(&c.all[i]);
	samples_finish(&c.to_bare);
	samples_finish(&c.to_unrecorded);
}

void round_trip_run(const struct bench_options *o)
{
	bare_start();
	duo_start(&trip.duo, trip_dispatch, trip_peer_dispatch, NULL, NULL);
	duo_pin(0, 0);
	if (duo_pin(trip.duo.peer, 1) && duo_pin(trip.bare_peer, 1))
		compare(o, "two processors", "two_cpus");
	duo_pin(trip.duo.peer, 0);
	duo_pin(trip.bare_peer, 0);
	compare(o, "one processor", "one_cpu");
	duo_finish(&trip.duo);
	close(trip.bare);
	waitpid(trip.bare_peer, NULL, 0);
}
