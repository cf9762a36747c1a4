/* Channels that behave: packets, order, causes, counters, descriptors, turns, ends. */
#include "common/channel.h"
#include "common/loop.h"
#include "common/task.h"
#include "common/transport.h"
#include "tests/common/ends.h"
#include "tests/common/unit.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

static uint8_t packet[CHANNEL_PACKET_BYTES];

/* Messages in the next packet at a bare socket; 0: there is none. Checks that all are whole. */
static unsigned packet_messages(int socket)
{
	size_t bytes;
	int fd;
	unsigned count = 0;

	if (transport_receive(socket, packet, sizeof packet, &bytes, &fd) != TRANSPORT_PACKET)
		return 0;
	assert_true(bytes <= sizeof packet);
	for (size_t at = 0; at < bytes; count++) {
		struct ipc_header h;

		assert_true(bytes - at >= sizeof h);
		memcpy(&h, packet + at, sizeof h);
		assert_true(h.length >= sizeof h && h.length <= bytes - at);
		at += h.length;
	}
	if (fd != -1)
		close(fd);
	return count;
}

static void one_turn_is_one_packet(void **state)
{
	int socket;
	struct end *browser = end_to_socket(BROWSER, RENDERER, &socket);

	(void)state;
	for (unsigned i = 0; i < 100; i++)
		ipc_send_ping(browser->channel, i);
	assert_int_equal(packet_messages(socket), 0);
	assert_int_equal(channel_queued(browser->channel), 100 * (sizeof(struct ipc_header) + 8));
	loop_turn(0);
	assert_int_equal(channel_queued(browser->channel), 0);
	assert_int_equal(packet_messages(socket), 100);
	assert_int_equal(packet_messages(socket), 0);
	ipc_send_ping(browser->channel, 1);
	loop_turn(0);
	assert_int_equal(packet_messages(socket), 1);
	/* Flushed by hand: at once. */
	ipc_send_ping(browser->channel, 1);
	channel_flush(browser->channel);
	assert_int_equal(packet_messages(socket), 1);
	close(socket);
}

static void a_full_packet_leaves_at_once(void **state)
{
	enum { MANY = 10000 };
	int socket;
	struct end *browser = end_to_socket(BROWSER, RENDERER, &socket);
	unsigned count = 0, packets = 0;

	(void)state;
	for (unsigned i = 0; i < MANY; i++) {
		ipc_send_ping(browser->channel, i);
		for (unsigned n; (n = packet_messages(socket)) > 0; packets++)
			count += n;
	}
	assert_true(packets > 2);
	/* Hardly any room is wasted. */
	assert_true(count / packets > CHANNEL_PACKET_BYTES / 40 * 9 / 10);
	loop_turn(0);
	for (unsigned n; (n = packet_messages(socket)) > 0; packets++)
		count += n;
	assert_int_equal(count, MANY);
	close(socket);
}

static void the_longest_messages_pass(void **state)
{
	static char text[4096];
	struct end *browser, *renderer;

	(void)state;
	memset(text, 'u', sizeof text);
	ends_pair(&browser, &renderer);
	for (uint32_t i = 0; i < 50; i++)
		ipc_send_open_link(renderer->channel, i, (struct ipc_string){ text, sizeof text });
	end_expect(browser, 50);
	for (uint32_t i = 0; i < 50; i++) {
		assert_int_equal(browser->kept[i].message.open_link.page, i);
		assert_int_equal(browser->kept[i].message.open_link.url.length, sizeof text);
	}
	/* One byte more is the caller's bug: nothing is sent. */
	ipc_send_open_link(renderer->channel, 99, (struct ipc_string){ text, sizeof text + 1 });
	ipc_send_open_link(renderer->channel, 100, ipc_text("x"));
	end_expect(browser, 51);
	assert_int_equal(browser->kept[50].message.open_link.page, 100);
}

static void messages_keep_their_order(void **state)
{
	struct end *browser, *renderer;

	(void)state;
	ends_pair(&browser, &renderer);
	for (unsigned i = 0; i < END_KEPT; i++) {
		ipc_send_ping(browser->channel, i);
		if (i % 700 == 0)
			loop_turn(0);
	}
	end_expect(renderer, END_KEPT);
	for (unsigned i = 0; i < END_KEPT; i++)
		assert_int_equal(renderer->kept[i].message.ping.nonce, i);
}

static void what_a_handler_sends_names_its_message(void **state)
{
	uint8_t buf[128];
	int socket, fd;
	struct end *renderer = end_to_socket(RENDERER, BROWSER, &socket);
	struct ipc_header h;
	uint64_t number = 500;
	size_t bytes;

	(void)state;
	size_t length = frame(buf, BROWSER, number, IPC_PING, &number, sizeof number);
	send_bytes(socket, buf, length, -1);
	end_expect(renderer, 1);
	uint64_t id = ipc_make_id(ROLE_BROWSER, 0, number);
	assert_int_equal(renderer->kept[0].cause, id);
	assert_int_equal(renderer->kept[0].handling, id);
	/* Afterwards nothing is being handled. */
	assert_int_equal(cause_current(), 0);
	assert_int_equal(renderer->recorder.region->handling, 0);
	cause_set(id);
	ipc_send_pong(renderer->channel, 1);
	cause_set(0);
	uint64_t sent = channel_last_sent();
	ipc_send_pong(renderer->channel, 2);
	assert_true(channel_last_sent() > sent);
	loop_turn(0);
	assert_int_equal(transport_receive(socket, packet, sizeof packet, &bytes, &fd), TRANSPORT_PACKET);
	memcpy(&h, packet, sizeof h);
	assert_int_equal(h.cause, id);
	assert_int_equal(h.id, sent);
	assert_int_equal(ipc_id_role(h.id), ROLE_RENDERER);
	assert_int_equal(ipc_id_serial(h.id), RENDERER.serial);
	memcpy(&h, packet + h.length, sizeof h);
	assert_int_equal(h.cause, 0);
	close(socket);
}

static void ids_are_made_from_one_row_of_numbers(void **state)
{
	struct end *browser, *renderer;
	uint64_t key;

	(void)state;
	ends_pair(&browser, &renderer);
	ipc_send_ping(browser->channel, 1);
	key = channel_make_id(BROWSER);
	assert_int_equal(ipc_id_number(key), ipc_id_number(channel_last_sent()) + 1);
	ipc_send_ping(browser->channel, 2);
	assert_int_equal(ipc_id_number(channel_last_sent()), ipc_id_number(key) + 1);
}

static void everything_is_counted(void **state)
{
	struct end *browser, *renderer;
	const struct recorder_peer *ours, *theirs;

	(void)state;
	ends_pair(&browser, &renderer);
	ours = channel_counters(browser->channel);
	theirs = channel_counters(renderer->channel);
	assert_int_equal(ours->role, ROLE_RENDERER);
	assert_int_equal(ours->serial, RENDERER.serial);
	assert_true(ours->open);
	for (unsigned i = 0; i < 30; i++)
		ipc_send_ping(browser->channel, i);
	assert_int_equal(ours->sent, 30);
	assert_int_equal(ours->flushed, 0);
	channel_flush(browser->channel);
	uint64_t last = ipc_id_number(channel_last_sent());
	assert_int_equal(ours->flushed, last);
	assert_int_equal(theirs->arrived, 0);
	end_expect(renderer, 30);
	assert_int_equal(theirs->received, 30);
	assert_int_equal(theirs->arrived, last);
	ipc_send_pong(renderer->channel, 1);
	end_expect(browser, 1);
	assert_int_equal(ours->received, 1);
	assert_int_equal(theirs->sent, 1);
	end_close(browser);
	assert_false(ours->open);
	assert_int_equal(ours->sent, 30);
}

/* Each message is recorded where it is sent and where it arrives, with the same id, size and cause. */
static void both_sides_record_it(void **state)
{
	struct end *browser, *renderer;
	struct recorder_reader reader;
	struct record sent, received;
	uint8_t payload[RECORDER_RECORDED_BYTES];

	(void)state;
	ends_pair(&browser, &renderer);
	cause_set(77);
	ipc_send_close_page(browser->channel, 0x01020304);
	cause_set(0);
	end_expect(renderer, 1);
	recorder_reader_init(&reader, browser->recorder.region, RECORDER_RING_BYTES);
	assert_int_equal(recorder_read(&reader, &sent, payload, sizeof payload), 1);
	assert_int_equal(recorder_read(&reader, &received, payload, sizeof payload), 0);
	recorder_reader_init(&reader, renderer->recorder.region, RECORDER_RING_BYTES);
	assert_int_equal(recorder_read(&reader, &received, payload, sizeof payload), 1);
	assert_int_equal(sent.kind, RECORD_SENT);
	assert_int_equal(sent.peer_role, ROLE_RENDERER);
	assert_int_equal(sent.peer_serial, RENDERER.serial);
	assert_int_equal(received.kind, RECORD_RECEIVED);
	assert_int_equal(received.peer_role, ROLE_BROWSER);
	assert_int_equal(sent.id, received.id);
	assert_int_equal(sent.cause, 77);
	assert_int_equal(received.cause, 77);
	assert_int_equal(received.type, IPC_CLOSE_PAGE);
	assert_int_equal(received.message_bytes, 4);
	assert_memory_equal(payload, "\x04\x03\x02\x01", 4);
	assert_true(sent.time_ns <= received.time_ns);
}

static void descriptors_arrive_and_end_their_packet(void **state)
{
	struct end *browser, *renderer;
	struct stat sent, got;
	int pipes[3][2], socket;

	(void)state;
	ends_pair(&browser, &renderer);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(pipe(pipes[i]), 0);
		ipc_send_grant_staging(browser->channel, i, 1, 64, pipes[i][0]);
		ipc_send_close_page(browser->channel, i);
	}
	end_expect(renderer, 6);
	for (unsigned i = 0; i < 3; i++) {
		const struct kept *kept = &renderer->kept[2 * i];

		assert_int_equal(kept->id, IPC_GRANT_STAGING);
		fstat(pipes[i][0], &sent);
		assert_int_equal(fstat(kept->message.grant_staging.region, &got), 0);
		assert_int_equal(sent.st_ino, got.st_ino);
		close(kept->message.grant_staging.region);
		assert_int_equal(renderer->kept[2 * i + 1].message.close_page.page, i);
	}

	/* As packets: what stands before a descriptor and its message, then the rest. */
	browser = end_to_socket(BROWSER, RENDERER, &socket);
	ipc_send_ping(browser->channel, 1);
	ipc_send_grant_staging(browser->channel, 1, 1, 64, pipes[0][0]);
	/* Duplicated at once: the caller may close its own. */
	for (unsigned i = 0; i < 3; i++) {
		close(pipes[i][0]);
		close(pipes[i][1]);
	}
	ipc_send_ping(browser->channel, 2);
	loop_turn(0);
	assert_int_equal(packet_messages(socket), 2);
	assert_int_equal(packet_messages(socket), 1);
	close(socket);
}

static void a_flood_is_cut_into_turns(void **state)
{
	enum { MANY = 1500 };
	uint8_t buf[CHANNEL_PACKET_BYTES];
	int socket;
	struct end *browser = end_to_socket(BROWSER, RENDERER, &socket);
	size_t length = 0;

	(void)state;
	for (uint32_t n = 1; n <= MANY; n++)
		length += frame(buf + length, RENDERER, n, IPC_DID_COMMIT, (uint32_t[]){ n, n }, 8);
	send_bytes(socket, buf, length, -1);
	loop_turn(0);
	assert_int_equal(browser->nkept, CHANNEL_TURN_MESSAGES);
	assert_true(channel_has_backlog());
	/* All of it is in this process by now. */
	assert_int_equal(channel_counters(browser->channel)->arrived, MANY);
	assert_int_equal(channel_counters(browser->channel)->received, CHANNEL_TURN_MESSAGES);
	uint64_t before = recorder_now();
	loop_turn(5000);
	/* With a backlog, waiting does not block. */
	assert_true(recorder_now() - before < UINT64_C(4000000000));
	assert_int_equal(browser->nkept, 2 * CHANNEL_TURN_MESSAGES);
	end_expect(browser, MANY);
	for (uint32_t n = 1; n <= MANY; n++)
		assert_int_equal(browser->kept[n - 1].message.did_commit.page, n);
	loop_turn(0);
	assert_false(channel_has_backlog());
	close(socket);
}

/* The end is told after the backlog and every packet behind it. */
static void the_end_comes_last(void **state)
{
	enum { MANY = 1500 };
	uint8_t buf[CHANNEL_PACKET_BYTES];
	int socket;
	struct end *browser = end_to_socket(BROWSER, RENDERER, &socket);
	size_t length = 0;

	(void)state;
	for (uint32_t n = 1; n <= MANY; n++)
		length += frame(buf + length, RENDERER, n, IPC_DID_COMMIT, (uint32_t[]){ n, n }, 8);
	send_bytes(socket, buf, length, -1);
	for (uint32_t n = MANY + 1; n <= MANY + 50; n++)
		send_bytes(socket, buf, frame(buf, RENDERER, n, IPC_DID_COMMIT, (uint32_t[]){ n, n }, 8), -1);
	close(socket);
	end_expect_end(browser, CHANNEL_END_EOF);
	assert_int_equal(browser->nkept, MANY + 50);
}

/* A real process: it leaves packets in flight, has unread ones of ours, and is killed. */
static void a_killed_peer_is_heard_to_the_end(void **state)
{
	enum { MANY = 300 };
	int fds[2], status;

	(void)state;
	assert_true(transport_pair(fds));
	struct end *browser = end_open(fds[0], BROWSER, RENDERER);
	for (unsigned i = 0; i < 10; i++)
		ipc_send_ping(browser->channel, i);
	channel_flush(browser->channel);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		uint8_t buf[64];

		for (uint32_t n = 1; n <= MANY; n++) {
			size_t length = frame(buf, RENDERER, n, IPC_DID_COMMIT, (uint32_t[]){ n, n }, 8);

			while (transport_send(fds[1], buf, length, -1) == 0)
				usleep(1000);
		}
		kill(getpid(), SIGKILL);
	}
	close(fds[1]);
	/* Read some while it lives, the rest after its death. */
	while (browser->nkept < 50 && !browser->has_ended)
		loop_turn(50);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	end_expect_end(browser, CHANNEL_END_EOF);
	assert_int_equal(browser->nkept, MANY);
	assert_int_equal(channel_counters(browser->channel)->received, MANY);
}

static void endpoints_are_named(void **state)
{
	char buf[ENDPOINT_TEXT];

	(void)state;
	assert_string_equal(endpoint_text(BROWSER, buf), "browser");
	assert_string_equal(endpoint_text(RENDERER, buf), "renderer:3");
	assert_string_equal(endpoint_text((struct endpoint){ ROLE_RENDERER, UINT32_MAX }, buf),
			    "renderer:4294967295");
	assert_string_equal(endpoint_text((struct endpoint){ ROLE_COUNT, 1 }, buf), "unknown:1");
}

#define test(function) cmocka_unit_test_setup_teardown(function, ends_setup, ends_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(one_turn_is_one_packet),
		test(a_full_packet_leaves_at_once),
		test(the_longest_messages_pass),
		test(messages_keep_their_order),
		test(what_a_handler_sends_names_its_message),
		test(ids_are_made_from_one_row_of_numbers),
		test(everything_is_counted),
		test(both_sides_record_it),
		test(descriptors_arrive_and_end_their_packet),
		test(a_flood_is_cut_into_turns),
		test(the_end_comes_last),
		test(a_killed_peer_is_heard_to_the_end),
		test(endpoints_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
