/*
 * 64-byte messages in one direction, from a child to the browser, as fast as they go, with the recorder on;
 * beside it packets of the same size, one message each, over a bare SEQPACKET pair.
 */
#include "bench/bench.h"
#include "bench/duo.h"
#include "common/loop.h"
#include "common/transport.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define MESSAGES      400000
#define BARE_MESSAGES 100000
#define ROUNDS	      20
#define SECONDS	      7

static struct {
	struct duo duo;
	uint32_t left;	 /* in the sender: to be sent; here: to be handled */
	uint64_t end_ns; /* the last was handled */
} flow;

/* The sender: told how many. */
static void sender_dispatch(void *self, struct channel *c, enum ipc_id id, const void *message)
{
	const struct ipc_set_plugin_state *m = message;

	(void)self;
	(void)c;
	if (id == IPC_SET_PLUGIN_STATE)
		flow.left = m->embed;
}

/* Each turn, as much as the socket and a bounded queue take; with a queue the loop wakes when there is room.
 */
static void sender_before_wait(void *arg)
{
	struct channel *c = duo_peer_channel();

	(void)arg;
	while (flow.left && channel_queued(c) < 2 * CHANNEL_PACKET_BYTES)
		duo_send_to_us(c, flow.left--);
}

static void receiver_dispatch(void *self, struct channel *c, enum ipc_id id, const void *message)
{
	struct recorder_region *sender = flow.duo.regions[1];

	(void)self;
	(void)c;
	(void)message;
	if (id == IPC_DID_CHANGE_TITLE && --flow.left == 0)
		flow.end_ns = recorder_now();
	else if (id == IPC_DID_FILL_RECORDER)
		atomic_store(&sender->drained, atomic_load(&sender->committed));
}

/* Million messages a second. */
static double our_round(uint32_t messages)
{
	uint64_t began = recorder_now();

	flow.left = messages;
	duo_send_to_peer(flow.duo.channel, messages);
	while (flow.left)
		loop_turn(-1);
	return messages / ((double)(flow.end_ns - began) / 1e3);
}

static double bare_round(uint32_t messages)
{
	static char packet[CHANNEL_PACKET_BYTES];
	int pair[2];

	if (!transport_pair(pair))
		bench_fail("no socket: %m");
	for (int i = 0; i < 2; i++)
		fcntl(pair[i], F_SETFL, 0);
	pid_t sender = fork();

	if (sender == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		duo_pin(0, 1);
		for (uint32_t i = 0; i < messages; i++)
			if (send(pair[1], packet, PACKET_BYTES, MSG_NOSIGNAL) < 0)
				_exit(1);
		_exit(0);
	}
	close(pair[1]);
	if (recv(pair[0], packet, sizeof packet, 0) <= 0)
		bench_fail("nothing comes over the bare socket");
	uint64_t began = recorder_now();

	for (uint32_t i = 1; i < messages; i++)
		if (recv(pair[0], packet, sizeof packet, 0) <= 0)
			bench_fail("the bare socket ended early");
	uint64_t end = recorder_now();

	close(pair[0]);
	waitpid(sender, NULL, 0);
	return (messages - 1) / ((double)(end - began) / 1e3);
}

void one_way_run(const struct bench_options *o)
{
	struct samples ours = { 0 }, bare = { 0 }, unrecorded = { 0 };
	struct pace pace = pace_of(o, ROUNDS, SECONDS);
	struct row r = ROW_EMPTY;

	duo_start(&flow.duo, receiver_dispatch, sender_dispatch, NULL, sender_before_wait);
	duo_pin(0, 0);
	duo_pin(flow.duo.peer, 1);
	while (pace_goes_on(&pace)) {
		duo_record(&flow.duo, true);
		samples_add(&ours, our_round(o->quick ? MESSAGES / 10 : MESSAGES));
		duo_record(&flow.duo, false);
		samples_add(&unrecorded, our_round(o->quick ? MESSAGES / 10 : MESSAGES));
		samples_add(&bare, bare_round(o->quick ? BARE_MESSAGES / 10 : BARE_MESSAGES));
	}
	duo_finish(&flow.duo);
	snprintf(r.unit, sizeof r.unit, "M/s");
	r.samples = (unsigned)ours.count;
	r.ours = samples_median(&ours);
	/* Of a rate the bad end is the low one. */
	r.ours_p99 = samples_quantile(&ours, 0.01);
	r.baseline = samples_median(&bare);
	r.baseline_p99 = samples_quantile(&bare, 0.01);
	r.ratio = r.ours / r.baseline;
	r.goal_kind = GOAL_AT_LEAST;
	r.goal = 5;
	bench_emit("one_way", "one way, recorder on, against a bare packet a message", r);
	r.baseline = samples_median(&unrecorded);
	r.baseline_p99 = samples_quantile(&unrecorded, 0.01);
	r.ratio = r.ours / r.baseline;
	r.goal_kind = GOAL_NONE;
	bench_emit("one_way_recorder", "one way, recorder on against off", r);
	samples_finish(&ours);
	samples_finish(&bare);
	samples_finish(&unrecorded);
}
