/*
 * Closing channels at awkward moments: within their own handlers and within another's, with messages, packets
 * and a backlog left over. What is freed too early is seen by the sanitizers, what is handled too late here.
 */
#include "common/channel.h"
#include "common/loop.h"
#include "tests/common/ends.h"
#include "tests/common/unit.h"

#define PAIRS 6

static struct end *browsers[PAIRS];
static int sockets[PAIRS];
static uint8_t buf[CHANNEL_PACKET_BYTES];

/* Several channels, each with a packet of that many messages waiting. */
static void open_all(unsigned messages)
{
	for (unsigned i = 0; i < PAIRS; i++) {
		size_t length = 0;

		browsers[i] = end_to_socket(BROWSER, (struct endpoint){ ROLE_RENDERER, i + 1 }, &sockets[i]);
		for (uint32_t n = 1; n <= messages; n++)
			length += frame(buf + length, (struct endpoint){ ROLE_RENDERER, i + 1 }, n,
					IPC_DID_COMMIT, (uint32_t[2]){ n, n }, 8);
		if (messages)
			send_bytes(sockets[i], buf, length, -1);
	}
}

static void close_sockets(void)
{
	for (unsigned i = 0; i < PAIRS; i++)
		close(sockets[i]);
}

static void close_self(struct end *end, enum ipc_id id, const void *message)
{
	(void)id;
	(void)message;
	ipc_send_ping(end->channel, 1);
	struct channel *closed = end->channel;
	end_close(end);
	/* Within the handler it is still there, and takes nothing. */
	ipc_send_ping(closed, 2);
	channel_close(closed);
}

static void within_its_own_handler(void **state)
{
	(void)state;
	open_all(10);
	for (unsigned i = 0; i < PAIRS; i++)
		browsers[i]->on_message = close_self;
	ends_settle();
	for (unsigned i = 0; i < PAIRS; i++)
		assert_int_equal(browsers[i]->nkept, 1);
	close_sockets();
}

static unsigned close_at;

static void close_self_late(struct end *end, enum ipc_id id, const void *message)
{
	(void)id;
	(void)message;
	if (end->nkept == close_at)
		end_close(end);
}

/* While its backlog is worked off. */
static void within_its_own_backlog(void **state)
{
	(void)state;
	open_all(1500);
	close_at = CHANNEL_TURN_MESSAGES + 10;
	for (unsigned i = 0; i < PAIRS; i++)
		browsers[i]->on_message = close_self_late;
	ends_settle();
	for (unsigned i = 0; i < PAIRS; i++)
		assert_int_equal(browsers[i]->nkept, close_at);
	assert_false(channel_has_backlog());
	close_sockets();
}

static unsigned victim_distance;

/* The first that handles a message closes one of the others, or several. */
static void close_others(struct end *end, enum ipc_id id, const void *message)
{
	unsigned self = 0;

	(void)id;
	(void)message;
	if (end->nkept != close_at)
		return;
	while (browsers[self] != end)
		self++;
	for (unsigned k = 1; k <= victim_distance; k++)
		end_close(browsers[(self + k) % PAIRS]);
}

static void close_others_from(unsigned closer, unsigned messages)
{
	open_all(messages);
	browsers[closer]->on_message = close_others;
	ends_settle();
	for (unsigned i = 0; i < PAIRS; i++) {
		if (browsers[i]->channel)
			assert_int_equal(browsers[i]->nkept, messages);
		else
			assert_true(browsers[i]->nkept <= messages);
		end_close(browsers[i]);
	}
	close_sockets();
}

static void within_anothers_handler(void **state)
{
	(void)state;
	close_at = 1;
	for (unsigned closer = 0; closer < PAIRS; closer++)
		for (victim_distance = 1; victim_distance < PAIRS; victim_distance += 2) {
			close_others_from(closer, 3);
			ends_teardown(NULL);
			ends_setup(NULL);
		}
}

static void within_anothers_backlog(void **state)
{
	(void)state;
	close_at = CHANNEL_TURN_MESSAGES + 1;
	for (unsigned closer = 0; closer < PAIRS; closer++)
		for (victim_distance = 1; victim_distance < PAIRS; victim_distance++) {
			close_others_from(closer, 1200);
			ends_teardown(NULL);
			ends_setup(NULL);
		}
}

/* Several channels end in one turn; the first end closes all the others, whose ends are not told any more. */
static void close_the_rest(struct end *end)
{
	for (unsigned i = 0; i < PAIRS; i++)
		if (browsers[i] != end)
			end_close(browsers[i]);
	end_close(end);
}

static void within_an_end(void **state)
{
	unsigned told = 0;

	(void)state;
	open_all(0);
	for (unsigned i = 0; i < PAIRS; i++)
		browsers[i]->on_ended = close_the_rest;
	close_sockets();
	ends_settle();
	for (unsigned i = 0; i < PAIRS; i++)
		told += browsers[i]->has_ended;
	assert_int_equal(told, 1);
	assert_false(channel_has_backlog());
}

static void open_another(struct end *end)
{
	int socket;

	end_to_socket(BROWSER, RENDERER, &socket);
	close(socket);
	end_close(end);
}

/* New channels may be opened from within an end. */
static void opening_within_an_end(void **state)
{
	(void)state;
	open_all(0);
	for (unsigned i = 0; i < PAIRS; i++)
		browsers[i]->on_ended = open_another;
	close_sockets();
	ends_settle();
	for (unsigned i = 0; i < PAIRS; i++)
		assert_true(browsers[i]->has_ended);
}

static void refuse_and_close(struct end *end, enum ipc_id id, const void *message)
{
	(void)id;
	(void)message;
	channel_refuse(end->channel, BAD_MESSAGE_FOREIGN_PAGE);
	end_close(end);
}

/* Refused and closed at once: closed it is, and no end is told. */
static void refusing_and_closing(void **state)
{
	(void)state;
	open_all(3);
	for (unsigned i = 0; i < PAIRS; i++)
		browsers[i]->on_message = refuse_and_close;
	ends_settle();
	for (unsigned i = 0; i < PAIRS; i++) {
		assert_int_equal(browsers[i]->nkept, 1);
		assert_false(browsers[i]->has_ended);
	}
	close_sockets();
}

/* An ended channel that nobody closes stays quiet. */
static void ended_and_kept(void **state)
{
	(void)state;
	open_all(2);
	close_sockets();
	ends_settle();
	for (unsigned i = 0; i < PAIRS; i++) {
		assert_true(browsers[i]->has_ended);
		assert_int_equal(browsers[i]->nkept, 2);
		ipc_send_ping(browsers[i]->channel, 1);
		channel_flush(browsers[i]->channel);
		assert_int_equal(channel_queued(browsers[i]->channel), 0);
	}
	ends_settle();
	assert_false(channel_has_backlog());
}

static void closing_nothing(void **state)
{
	(void)state;
	channel_close(NULL);
}

#define test(function) cmocka_unit_test_setup_teardown(function, ends_setup, ends_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(within_its_own_handler),  test(within_its_own_backlog), test(within_anothers_handler),
		test(within_anothers_backlog), test(within_an_end),	     test(opening_within_an_end),
		test(refusing_and_closing),    test(ended_and_kept),	     test(closing_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
