/* What waits for a peer that does not read: it is bounded, keeps its order and its descriptors. */
#include "common/channel.h"
#include "common/loop.h"
#include "common/transport.h"
#include "tests/common/ends.h"
#include "tests/common/unit.h"
#include <pthread.h>

static uint8_t packet[CHANNEL_PACKET_BYTES];

static void a_peer_that_does_not_read_clogs_then_overflows(void **state)
{
	int socket;
	struct end *browser = end_to_socket(BROWSER, RENDERER, &socket);
	static char url[4096];
	bool was_clogged = false;

	(void)state;
	memset(url, 'u', sizeof url);
	for (unsigned i = 0; i < 2000 && !browser->has_ended; i++) {
		ipc_send_set_plugin_state(browser->channel, 1, 1, PLUGIN_STATE_DEAD,
					  (struct ipc_string){ url, 120 });
		for (unsigned k = 0; k < 100; k++)
			ipc_send_click(browser->channel, 1, i, k);
		loop_turn(0);
		was_clogged |= channel_clogged(browser->channel);
		assert_int_equal(channel_clogged(browser->channel),
				 channel_queued(browser->channel) > CHANNEL_CLOGGED_BYTES);
		assert_true(channel_queued(browser->channel) <= CHANNEL_MAX_BYTES + CHANNEL_PACKET_BYTES);
	}
	assert_true(was_clogged);
	end_expect_end(browser, CHANNEL_END_OVERFLOW);
	/* An ended channel takes nothing more. */
	const struct recorder_peer *counters = channel_counters(browser->channel);
	uint64_t sent = counters->sent;
	ipc_send_ping(browser->channel, 1);
	assert_int_equal(counters->sent, sent);
	close(socket);
}

/* What waited in the queue arrives whole and in order once the peer reads again, with its descriptors. */
static void a_clogged_channel_recovers(void **state)
{
	enum { MANY = 20000 };
	int socket, pipe_fds[2], fd;
	struct end *browser = end_to_socket(BROWSER, RENDERER, &socket);
	const struct recorder_peer *counters = channel_counters(browser->channel);
	uint64_t expected = 0;
	unsigned fds = 0;
	size_t bytes;

	(void)state;
	assert_int_equal(pipe(pipe_fds), 0);
	for (uint64_t i = 0; i < MANY; i++) {
		if (i % 1000 == 0)
			ipc_send_grant_staging(browser->channel, 1, 1, 64, pipe_fds[0]);
		ipc_send_ping(browser->channel, i);
		if (i % 100 == 0)
			loop_turn(0);
	}
	loop_turn(0);
	assert_true(channel_clogged(browser->channel));
	assert_true(counters->flushed < ipc_id_number(channel_last_sent()));
	for (unsigned turns = 0; expected < MANY && turns < 10000; turns++) {
		while (transport_receive(socket, packet, sizeof packet, &bytes, &fd) == TRANSPORT_PACKET) {
			struct ipc_header h;

			for (size_t at = 0; at < bytes; at += h.length) {
				memcpy(&h, packet + at, sizeof h);
				if (h.type == IPC_PING)
					assert_memory_equal(packet + at + sizeof h, &(uint64_t){ expected++ },
							    8);
			}
			fds += fd != -1;
			if (fd != -1)
				close(fd);
		}
		loop_turn(1);
	}
	assert_int_equal(expected, MANY);
	assert_int_equal(fds, MANY / 1000);
	assert_int_equal(channel_queued(browser->channel), 0);
	assert_false(channel_clogged(browser->channel));
	assert_int_equal(counters->flushed, ipc_id_number(channel_last_sent()));
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	close(socket);
}

#define BESIDE 60000u

/* Reads all pings; what it returns is NULL when they came in order. */
static void *read_in_order(void *arg)
{
	static uint8_t read[CHANNEL_PACKET_BYTES];
	static char disorder;
	void *result = NULL;

	for (uint64_t expected = 0; expected < BESIDE;) {
		struct ipc_header h;
		size_t bytes;
		int fd;

		if (transport_receive(*(int *)arg, read, sizeof read, &bytes, &fd) != TRANSPORT_PACKET)
			continue;
		for (size_t at = 0; at < bytes; at += h.length, expected++) {
			memcpy(&h, read + at, sizeof h);
			if (memcmp(read + at + sizeof h, &expected, sizeof expected))
				result = &disorder;
		}
	}
	return result;
}

/* A peer that reads just when the queue is tried and what was said last has not been: nothing overtakes. */
static void nothing_overtakes_the_queue(void **state)
{
	int socket;
	struct end *browser = end_to_socket(BROWSER, RENDERER, &socket);
	pthread_t reader;
	void *disorder;

	(void)state;
	assert_int_equal(pthread_create(&reader, NULL, read_in_order, &socket), 0);
	for (uint64_t i = 0; i < BESIDE; i++) {
		ipc_send_ping(browser->channel, i);
		channel_flush(browser->channel);
		if (channel_clogged(browser->channel))
			loop_turn(1);
	}
	while (channel_queued(browser->channel) && !browser->has_ended)
		loop_turn(10);
	pthread_join(reader, &disorder);
	assert_null(disorder);
	assert_false(browser->has_ended);
	close(socket);
}

/* Send until the peer's socket takes no more. */
static void fill_socket(struct channel *channel)
{
	for (unsigned i = 0; i < 100000 && !channel_queued(channel); i++) {
		for (unsigned k = 0; k < 1000; k++)
			ipc_send_ping(channel, k);
		channel_flush(channel);
	}
	assert_true(channel_queued(channel) > 0);
}

/* Descriptors that were never sent are closed with their channel. */
static void closing_forgets_queued_descriptors(void **state)
{
	int socket;
	struct end *browser = end_to_socket(BROWSER, RENDERER, &socket);
	unsigned before = open_fds();

	(void)state;
	fill_socket(browser->channel);
	for (unsigned i = 0; i < 10; i++)
		ipc_send_grant_staging(browser->channel, 1, 1, 64, socket);
	assert_int_equal(open_fds(), before + 10);
	end_close(browser);
	assert_int_equal(open_fds(), before - 1);
	close(socket);
}

/* What is sent to the dead counts as sent, not as flushed. */
static void sending_to_the_dead_is_quiet(void **state)
{
	int socket;
	struct end *browser = end_to_socket(BROWSER, RENDERER, &socket);
	const struct recorder_peer *counters = channel_counters(browser->channel);

	(void)state;
	ipc_send_ping(browser->channel, 1);
	channel_flush(browser->channel);
	uint64_t flushed = counters->flushed;
	close(socket);
	ipc_send_ping(browser->channel, 2);
	channel_flush(browser->channel);
	assert_int_equal(counters->sent, 2);
	assert_int_equal(counters->flushed, flushed);
	assert_int_equal(channel_queued(browser->channel), 0);
	end_expect_end(browser, CHANNEL_END_EOF);
}

#define test(function) cmocka_unit_test_setup_teardown(function, ends_setup, ends_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_peer_that_does_not_read_clogs_then_overflows),
		test(a_clogged_channel_recovers),
		test(nothing_overtakes_the_queue),
		test(closing_forgets_queued_descriptors),
		test(sending_to_the_dead_is_quiet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
