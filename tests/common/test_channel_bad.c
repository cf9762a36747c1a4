/* Bad messages: each reason that a channel finds, what it records of them, and that nothing after is handled.
 */
#include "common/channel.h"
#include "common/loop.h"
#include "common/transport.h"
#include "tests/common/ends.h"
#include "tests/common/unit.h"
#include <sys/socket.h>

static uint8_t buf[2 * CHANNEL_PACKET_BYTES];

/* Send these bytes as renderer:3 to a browser; it must refuse them for that reason, and what follows. */
static struct end *refuse(size_t length, int fd, enum bad_message reason)
{
	int socket;
	struct end *browser = end_to_socket(BROWSER, RENDERER, &socket);
	uint8_t good[64];

	send_bytes(socket, buf, length, fd);
	send_bytes(socket, good, frame(good, RENDERER, 1u << 20, IPC_DID_COMMIT, (uint32_t[2]){ 1, 1 }, 8),
		   -1);
	end_expect_bad(browser, reason);
	ends_settle();
	assert_int_equal(browser->nkept, 0);
	close(socket);
	return browser;
}

static size_t commit(uint64_t number)
{
	return frame(buf, RENDERER, number, IPC_DID_COMMIT, (uint32_t[2]){ 1, 1 }, 8);
}

static struct ipc_header *head(void)
{
	return (void *)buf;
}

static void no_room_for_a_header(void **state)
{
	(void)state;
	commit(1);
	for (size_t length = 1; length < sizeof(struct ipc_header); length++)
		refuse(length, -1, BAD_MESSAGE_TOO_SHORT);
}

static void lengths_that_lie(void **state)
{
	static const uint32_t lies[] = { 0, 1, 31, 41, 65536, 0x80000000u, UINT32_MAX };

	(void)state;
	for (size_t i = 0; i < COUNT(lies); i++) {
		size_t length = commit(1);

		head()->length = lies[i];
		refuse(length, -1, BAD_MESSAGE_TOO_SHORT);
	}
	/* A message that claims to end before its fields do. */
	size_t length = commit(1);
	head()->length = (uint32_t)length - 1;
	refuse(length, -1, BAD_MESSAGE_TOO_SHORT);
}

static void fields_that_are_too_long(void **state)
{
	(void)state;
	refuse(frame(buf, RENDERER, 1, IPC_DID_COMMIT, (uint32_t[3]){ 1, 1, 1 }, 12), -1,
	       BAD_MESSAGE_TOO_LONG);
}

static void packets_that_are_too_long(void **state)
{
	struct end *browser;

	(void)state;
	memset(buf, 0, sizeof buf);
	commit(1);
	browser = refuse(CHANNEL_PACKET_BYTES + 1, -1, BAD_MESSAGE_TOO_LONG);
	assert_int_equal(browser->refused.id, 0);
}

static void ids_that_are_not_the_peers(void **state)
{
	static const struct endpoint others[] = {
		{ ROLE_BROWSER, 0 }, { ROLE_RENDERER, 4 }, { ROLE_RENDERER, 0 }, { ROLE_GPU, 3 }, { 15, 3 }
	};

	(void)state;
	for (size_t i = 0; i < COUNT(others); i++)
		refuse(frame(buf, others[i], 1, IPC_DID_COMMIT, (uint32_t[2]){ 1, 1 }, 8), -1,
		       BAD_MESSAGE_WRONG_ID);
	refuse(commit(0), -1, BAD_MESSAGE_WRONG_ID);
	size_t length = commit(1);
	head()->reserved = 1;
	refuse(length, -1, BAD_MESSAGE_WRONG_ID);
}

static void numbers_that_do_not_increase(void **state)
{
	static const uint64_t second[] = { 7, 6, 1 };

	(void)state;
	for (size_t i = 0; i < COUNT(second); i++) {
		int socket;
		struct end *browser = end_to_socket(BROWSER, RENDERER, &socket);

		send_bytes(socket, buf, commit(7), -1);
		send_bytes(socket, buf, commit(second[i]), -1);
		end_expect_bad(browser, BAD_MESSAGE_WRONG_ID);
		assert_int_equal(browser->nkept, 1);
		assert_int_equal(browser->refused.id, ipc_make_id(ROLE_RENDERER, 3, second[i]));
		assert_int_equal(browser->refused.type, IPC_DID_COMMIT);
		close(socket);
	}
}

static void types_that_nobody_knows(void **state)
{
	struct end *browser;

	(void)state;
	browser = refuse(frame(buf, RENDERER, 1, IPC_COUNT, NULL, 0), -1, BAD_MESSAGE_UNKNOWN_TYPE);
	assert_int_equal(browser->refused.type, IPC_COUNT);
	refuse(frame(buf, RENDERER, 1, UINT16_MAX, NULL, 0), -1, BAD_MESSAGE_UNKNOWN_TYPE);
}

static void messages_for_others(void **state)
{
	(void)state;
	refuse(frame(buf, RENDERER, 1, IPC_SUBMIT_FRAME, NULL, 0), -1, BAD_MESSAGE_NOT_ADDRESSED);
	refuse(frame(buf, RENDERER, 1, IPC_PING, (uint64_t[1]){ 1 }, 8), -1, BAD_MESSAGE_NOT_ADDRESSED);
	/* A fault is obeyed when the browser says so, never when a neighbour does. */
	int socket;
	struct end *gpu = end_to_socket(GPU, RENDERER, &socket);
	send_bytes(socket, buf, frame(buf, RENDERER, 1, IPC_OBEY_FAULT, (uint8_t[1]){ FAULT_ABORT }, 1), -1);
	end_expect_bad(gpu, BAD_MESSAGE_NOT_ADDRESSED);
	close(socket);
}

static void values_out_of_range(void **state)
{
	struct ipc_did_receive_bad_message fields = { 0 };
	uint8_t wire[16];
	int fd;

	(void)state;
	int bytes = ipc_encode(IPC_DID_RECEIVE_BAD_MESSAGE, &fields, wire, sizeof wire, &fd);
	wire[0] = ROLE_COUNT;
	refuse(frame(buf, RENDERER, 1, IPC_DID_RECEIVE_BAD_MESSAGE, wire, (size_t)bytes), -1,
	       BAD_MESSAGE_OUT_OF_RANGE);
}

static void strings_that_are_none(void **state)
{
	struct ipc_open_link fields = { .page = 1, .url = { "ab\xff", 3 } };
	static uint8_t wire[8192];
	int fd;

	(void)state;
	int bytes = ipc_encode(IPC_OPEN_LINK, &fields, wire, sizeof wire, &fd);
	refuse(frame(buf, RENDERER, 1, IPC_OPEN_LINK, wire, (size_t)bytes), -1, BAD_MESSAGE_STRING_NOT_UTF8);
	wire[4] = 0x01;
	wire[5] = 0x10;
	refuse(frame(buf, RENDERER, 1, IPC_OPEN_LINK, wire, 8 + 4097), -1, BAD_MESSAGE_STRING_TOO_LONG);
}

static void descriptors_where_none_belong(void **state)
{
	(void)state;
	refuse(commit(1), STDERR_FILENO, BAD_MESSAGE_FD_UNEXPECTED);
}

/* A child's end of a channel, since only the browser sends messages with descriptors. */
static void descriptors_that_are_missing(void **state)
{
	static const uint32_t fields[] = { 1, 1, 64 };
	int socket;
	struct end *renderer = end_to_socket(RENDERER, BROWSER, &socket);
	size_t length;

	(void)state;
	send_bytes(socket, buf, frame(buf, BROWSER, 1, IPC_GRANT_STAGING, fields, sizeof fields), -1);
	end_expect_bad(renderer, BAD_MESSAGE_FD_MISSING);
	close(socket);
	/* A descriptor belongs to its packet's last message. */
	renderer = end_to_socket(RENDERER, BROWSER, &socket);
	length = frame(buf, BROWSER, 1, IPC_GRANT_STAGING, fields, sizeof fields);
	length += frame(buf + length, BROWSER, 2, IPC_CLOSE_PAGE, fields, 4);
	send_bytes(socket, buf, length, STDERR_FILENO);
	end_expect_bad(renderer, BAD_MESSAGE_FD_MISSING);
	assert_int_equal(renderer->nkept, 0);
	close(socket);
}

static void more_descriptors_than_one(void **state)
{
	int socket, two[2] = { STDIN_FILENO, STDERR_FILENO };
	struct end *browser = end_to_socket(BROWSER, RENDERER, &socket);
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof two)];
	} control = { .header = { CMSG_LEN(sizeof two), SOL_SOCKET, SCM_RIGHTS } };
	struct iovec iov = { buf, commit(1) };
	struct msghdr message = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control
	};

	(void)state;
	memcpy(CMSG_DATA(&control.header), two, sizeof two);
	assert_true(sendmsg(socket, &message, 0) > 0);
	end_expect_bad(browser, BAD_MESSAGE_FD_TRUNCATED);
	assert_int_equal(browser->nkept, 0);
	close(socket);
}

static size_t did_describe(uint8_t *at, uint64_t number)
{
	uint8_t fields[36] = { 0 };

	return frame(at, RENDERER, number, IPC_DID_DESCRIBE_DOCUMENT, fields, sizeof fields);
}

static void replies_that_nobody_asked_for(void **state)
{
	int socket;
	struct end *browser;

	(void)state;
	refuse(did_describe(buf, 1), -1, BAD_MESSAGE_REPLY_NOT_ASKED);
	/* One request is one reply; a request of another kind does not count. */
	browser = end_to_socket(BROWSER, RENDERER, &socket);
	ipc_send_describe_document(browser->channel, 1, 1);
	ipc_send_describe_document(browser->channel, 1, 2);
	ipc_send_ping(browser->channel, 3);
	for (uint64_t n = 1; n <= 3; n++)
		send_bytes(socket, buf, did_describe(buf, n), -1);
	end_expect_bad(browser, BAD_MESSAGE_REPLY_NOT_ASKED);
	assert_int_equal(browser->nkept, 2);
	close(socket);
}

/* What the browser grants may come unasked. */
static void the_browsers_replies_are_always_welcome(void **state)
{
	static const uint32_t fields[] = { 1, 2, 3 };
	int socket;
	struct end *renderer = end_to_socket(RENDERER, BROWSER, &socket);

	(void)state;
	send_bytes(socket, buf, frame(buf, BROWSER, 1, IPC_GRANT_PLUGIN, fields, sizeof fields), -1);
	end_expect(renderer, 1);
	close(socket);
}

static void many_requests_have_many_replies(void **state)
{
	enum { MANY = 70000 };
	int socket, fd;
	struct end *browser = end_to_socket(BROWSER, RENDERER, &socket);
	size_t bytes, length = 0;
	uint64_t number = 0;

	(void)state;
	for (unsigned i = 0; i < MANY; i++) {
		ipc_send_ping(browser->channel, i);
		while (transport_receive(socket, buf, CHANNEL_PACKET_BYTES, &bytes, &fd) == TRANSPORT_PACKET)
			;
	}
	for (unsigned i = 0; i < MANY; i++) {
		length += frame(buf + length, RENDERER, ++number, IPC_PONG, (uint64_t[1]){ i }, 8);
		if (i % 500 && i != MANY - 1)
			continue;
		send_bytes(socket, buf, length, -1);
		length = 0;
		browser->nkept = 0;
		loop_turn(100);
		assert_false(browser->has_ended);
	}
	assert_int_equal(channel_counters(browser->channel)->received, MANY);
	/* Only that many. */
	send_bytes(socket, buf, frame(buf, RENDERER, ++number, IPC_PONG, (uint64_t[1]){ 1 }, 8), -1);
	end_expect_bad(browser, BAD_MESSAGE_REPLY_NOT_ASKED);
	close(socket);
}

static void refuse_it(struct end *end, enum ipc_id id, const void *message)
{
	(void)id;
	(void)message;
	if (end->nkept == 2)
		channel_refuse(end->channel, BAD_MESSAGE_FORBIDDEN_URL);
}

/* A handler finds a message bad: it is the last that is handled, of its packet too. */
static void a_handler_refuses(void **state)
{
	int socket;
	struct end *browser = end_to_socket(BROWSER, RENDERER, &socket);
	size_t length = 0;

	(void)state;
	browser->on_message = refuse_it;
	for (uint32_t n = 1; n <= 5; n++)
		length += frame(buf + length, RENDERER, n, IPC_DID_COMMIT, (uint32_t[2]){ n, n }, 8);
	send_bytes(socket, buf, length, -1);
	end_expect_bad(browser, BAD_MESSAGE_FORBIDDEN_URL);
	assert_int_equal(browser->nkept, 2);
	assert_int_equal(browser->refused.id, ipc_make_id(ROLE_RENDERER, 3, 2));
	assert_int_equal(browser->refused.type, IPC_DID_COMMIT);
	close(socket);
}

static void what_came_before_is_handled(void **state)
{
	int socket;
	struct end *browser = end_to_socket(BROWSER, RENDERER, &socket);
	size_t length = 0;

	(void)state;
	for (uint32_t n = 1; n <= 4; n++)
		length += frame(buf + length, RENDERER, n, n == 4 ? IPC_COUNT : IPC_DID_COMMIT,
				(uint32_t[2]){ n, n }, 8);
	length += frame(buf + length, RENDERER, 5, IPC_DID_COMMIT, (uint32_t[2]){ 5, 5 }, 8);
	send_bytes(socket, buf, length, -1);
	end_expect_bad(browser, BAD_MESSAGE_UNKNOWN_TYPE);
	assert_int_equal(browser->nkept, 3);
	assert_int_equal(channel_counters(browser->channel)->received, 3);
	close(socket);
}

static void a_refusal_is_recorded(void **state)
{
	struct recorder_reader reader;
	struct record record;
	uint8_t payload[64];
	struct end *browser;

	(void)state;
	browser = refuse(frame(buf, RENDERER, 9, IPC_DID_COMMIT, (uint32_t[3]){ 5, 6, 7 }, 12), -1,
			 BAD_MESSAGE_TOO_LONG);
	recorder_reader_init(&reader, browser->recorder.region, RECORDER_RING_BYTES);
	assert_int_equal(recorder_read(&reader, &record, payload, sizeof payload), 1);
	assert_int_equal(record.kind, RECORD_REFUSED);
	assert_int_equal(record.reason, BAD_MESSAGE_TOO_LONG);
	assert_int_equal(record.id, ipc_make_id(ROLE_RENDERER, 3, 9));
	assert_int_equal(record.message_bytes, 12);
	assert_int_equal(payload[8], 7);
	assert_int_equal(recorder_read(&reader, &record, payload, sizeof payload), 0);
}

/* channel_send_raw(), which faults and tests send junk with, does send it as it is. */
static void junk_can_be_sent(void **state)
{
	struct end *browser, *renderer;

	(void)state;
	ends_pair(&browser, &renderer);
	channel_send_raw(renderer->channel, UINT16_MAX, "junk", 4);
	end_expect_bad(browser, BAD_MESSAGE_UNKNOWN_TYPE);
	assert_int_equal(browser->refused.type, UINT16_MAX);
}

/* Any packet at all: refused or handled, and the process lives. */
static void noise_is_survived(void **state)
{
	uint64_t random = 99;
	unsigned refused = 0;
	int socket = -1;
	struct end *browser = NULL;

	(void)state;
	for (unsigned round = 0; round < 3000; round++) {
		size_t length = 1 + next_random(&random) % 200;

		if (!browser || browser->has_ended) {
			if (browser) {
				end_close(browser);
				close(socket);
				if (++refused == 40)
					break;
			}
			browser = end_to_socket(BROWSER, RENDERER, &socket);
		}
		for (size_t i = 0; i < length; i++)
			buf[i] = (uint8_t)next_random(&random);
		if (round % 4 && length > sizeof(struct ipc_header)) {
			head()->length = (uint32_t)length;
			head()->type %= IPC_COUNT;
			head()->reserved = 0;
			head()->id = ipc_make_id(ROLE_RENDERER, 3, round + 1);
		}
		send_bytes(socket, buf, length, -1);
		loop_turn(50);
		loop_turn(0);
	}
	assert_int_equal(refused, 40);
}

#define test(function) cmocka_unit_test_setup_teardown(function, ends_setup, ends_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(no_room_for_a_header),
		test(lengths_that_lie),
		test(fields_that_are_too_long),
		test(packets_that_are_too_long),
		test(ids_that_are_not_the_peers),
		test(numbers_that_do_not_increase),
		test(types_that_nobody_knows),
		test(messages_for_others),
		test(values_out_of_range),
		test(strings_that_are_none),
		test(descriptors_where_none_belong),
		test(descriptors_that_are_missing),
		test(more_descriptors_than_one),
		test(replies_that_nobody_asked_for),
		test(the_browsers_replies_are_always_welcome),
		test(many_requests_have_many_replies),
		test(a_handler_refuses),
		test(what_came_before_is_handled),
		test(a_refusal_is_recorded),
		test(junk_can_be_sent),
		test(noise_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
