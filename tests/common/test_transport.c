/* Packets over a socket: whole, in order, with at most one descriptor, and read to the end of a dead peer. */
#include "common/channel.h"
#include "common/transport.h"
#include "tests/common/unit.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

static uint8_t packet[CHANNEL_PACKET_BYTES + 1];
static uint8_t buf[CHANNEL_PACKET_BYTES];

/* A packet by hand, with any number of descriptors: what transport_send() would never make. */
static void send_fds(int socket, size_t bytes, const int *fds, unsigned count)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(32 * sizeof(int))];
	} control = { 0 };
	struct iovec iov = { packet, bytes };
	struct msghdr message = { .msg_iov = &iov,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = CMSG_SPACE(count * sizeof(int)) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&message);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(count * sizeof(int));
	memcpy(CMSG_DATA(c), fds, count * sizeof(int));
	assert_int_equal(sendmsg(socket, &message, MSG_DONTWAIT), bytes);
}

static void the_pair_is_closed_on_exec_and_never_blocks(void **state)
{
	int fds[2];

	(void)state;
	assert_true(transport_pair(fds));
	for (unsigned i = 0; i < 2; i++) {
		assert_true(fcntl(fds[i], F_GETFD) & FD_CLOEXEC);
		assert_true(fcntl(fds[i], F_GETFL) & O_NONBLOCK);
		close(fds[i]);
	}
}

static void packets_stay_whole(void **state)
{
	static const size_t sizes[] = { 1, 31, 4096, CHANNEL_PACKET_BYTES, 7 };
	int fds[2], fd;
	size_t bytes;

	(void)state;
	assert_true(transport_pair(fds));
	for (size_t i = 0; i < COUNT(sizes); i++) {
		memset(packet, (int)i + 1, sizes[i]);
		assert_int_equal(transport_send(fds[0], packet, sizes[i], -1), 1);
		if (i < 3)
			continue;
		for (size_t k = i == 3 ? 0 : i; k <= i; k++) {
			assert_int_equal(transport_receive(fds[1], buf, sizeof buf, &bytes, &fd),
					 TRANSPORT_PACKET);
			assert_int_equal(bytes, sizes[k]);
			assert_int_equal(fd, -1);
			assert_int_equal(buf[0], k + 1);
			assert_int_equal(buf[bytes - 1], k + 1);
		}
	}
	assert_int_equal(transport_receive(fds[1], buf, sizeof buf, &bytes, &fd), TRANSPORT_NOTHING);
	close(fds[0]);
	close(fds[1]);
}

static void too_long_a_packet_says_so(void **state)
{
	int fds[2], fd;
	size_t bytes;

	(void)state;
	assert_true(transport_pair(fds));
	assert_int_equal(transport_send(fds[0], packet, sizeof packet, -1), 1);
	assert_int_equal(transport_receive(fds[1], buf, sizeof buf, &bytes, &fd), TRANSPORT_PACKET);
	assert_true(bytes > sizeof buf);
	close(fds[0]);
	close(fds[1]);
}

static void a_descriptor_arrives(void **state)
{
	int fds[2], fd, pipe_fds[2];
	struct stat sent, got;
	size_t bytes;

	(void)state;
	assert_true(transport_pair(fds));
	assert_int_equal(pipe(pipe_fds), 0);
	assert_int_equal(transport_send(fds[0], packet, 10, pipe_fds[0]), 1);
	assert_int_equal(transport_receive(fds[1], buf, sizeof buf, &bytes, &fd), TRANSPORT_PACKET);
	assert_int_equal(bytes, 10);
	assert_true(fd >= 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	fstat(pipe_fds[0], &sent);
	fstat(fd, &got);
	assert_int_equal(sent.st_ino, got.st_ino);
	close(fd);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	close(fds[0]);
	close(fds[1]);
}

/* More than one descriptor: all are closed, also those that did not fit. */
static void more_than_one_descriptor_is_refused(void **state)
{
	static const unsigned counts[] = { 2, 4, 5, 20 };
	int fds[2], fd, many[20];
	size_t bytes;

	(void)state;
	assert_true(transport_pair(fds));
	for (unsigned i = 0; i < COUNT(many); i++)
		many[i] = fds[0];
	for (size_t i = 0; i < COUNT(counts); i++) {
		unsigned before = open_fds();

		send_fds(fds[0], 10, many, counts[i]);
		assert_int_equal(transport_receive(fds[1], buf, sizeof buf, &bytes, &fd), TRANSPORT_BAD_FD);
		assert_int_equal(fd, -1);
		assert_int_equal(open_fds(), before);
	}
	close(fds[0]);
	close(fds[1]);
}

static void a_descriptor_that_finds_no_room_is_refused(void **state)
{
	int fds[2], fd;
	struct rlimit limit, low;
	size_t bytes;

	(void)state;
	assert_true(transport_pair(fds));
	assert_int_equal(transport_send(fds[0], packet, 10, fds[0]), 1);
	getrlimit(RLIMIT_NOFILE, &limit);
	low = (struct rlimit){ (rlim_t)fds[0], limit.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	enum transport_result result = transport_receive(fds[1], buf, sizeof buf, &bytes, &fd);
	setrlimit(RLIMIT_NOFILE, &limit);
	assert_int_equal(result, TRANSPORT_BAD_FD);
	assert_int_equal(fd, -1);
	close(fds[0]);
	close(fds[1]);
}

/* An empty packet is no message; what it carries must not stay open. */
static void an_empty_packet_leaks_nothing(void **state)
{
	int fds[2], fd;
	size_t bytes;

	(void)state;
	assert_true(transport_pair(fds));
	unsigned before = open_fds();
	send_fds(fds[0], 0, fds, 1);
	assert_int_not_equal(transport_receive(fds[1], buf, sizeof buf, &bytes, &fd), TRANSPORT_PACKET);
	assert_int_equal(fd, -1);
	assert_int_equal(open_fds(), before);
	close(fds[0]);
	close(fds[1]);
}

static void a_full_socket_says_not_now(void **state)
{
	int fds[2], fd, sent = 0;
	size_t bytes;

	(void)state;
	assert_true(transport_pair(fds));
	while (transport_send(fds[0], packet, CHANNEL_PACKET_BYTES, -1) == 1)
		assert_true(++sent < 10000);
	assert_true(sent > 0);
	assert_int_equal(transport_send(fds[0], packet, CHANNEL_PACKET_BYTES, -1), 0);
	for (int i = 0; i < sent; i++)
		assert_int_equal(transport_receive(fds[1], buf, sizeof buf, &bytes, &fd), TRANSPORT_PACKET);
	assert_int_equal(transport_receive(fds[1], buf, sizeof buf, &bytes, &fd), TRANSPORT_NOTHING);
	assert_int_equal(transport_send(fds[0], packet, 1, -1), 1);
	close(fds[0]);
	close(fds[1]);
}

static void a_peer_that_is_gone_is_no_signal(void **state)
{
	int fds[2], fd;
	size_t bytes;

	(void)state;
	assert_true(transport_pair(fds));
	close(fds[1]);
	assert_int_equal(transport_send(fds[0], packet, 10, -1), -1);
	assert_int_equal(transport_send(fds[0], packet, 10, fds[0]), -1);
	assert_int_equal(transport_receive(fds[0], buf, sizeof buf, &bytes, &fd), TRANSPORT_EOF);
	assert_int_equal(transport_receive(fds[0], buf, sizeof buf, &bytes, &fd), TRANSPORT_EOF);
	close(fds[0]);
}

/* In a real process: it sends `count` packets, reads nothing of what was sent to it, and is killed. */
static void a_killed_peers_packets_are_all_read(void **state)
{
	static const int count = 20;
	int fds[2], fd, status;
	size_t bytes;

	(void)state;
	assert_true(transport_pair(fds));
	/* What the dead has not read makes the kernel say ECONNRESET before its packets. */
	assert_int_equal(transport_send(fds[0], packet, 10, -1), 1);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		for (int i = 0; i < count; i++)
			if (transport_send(fds[1], packet, 100 + (size_t)i, -1) != 1)
				_exit(1);
		kill(getpid(), SIGKILL);
	}
	close(fds[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	for (int i = 0; i < count; i++) {
		assert_int_equal(transport_receive(fds[0], buf, sizeof buf, &bytes, &fd), TRANSPORT_PACKET);
		assert_int_equal(bytes, 100 + i);
	}
	assert_int_equal(transport_receive(fds[0], buf, sizeof buf, &bytes, &fd), TRANSPORT_EOF);
	close(fds[0]);
}

/* The positive control of the test above: the kernel does tell of the reset first. */
static void the_kernel_tells_of_the_reset_first(void **state)
{
	int fds[2];

	(void)state;
	assert_true(transport_pair(fds));
	assert_int_equal(transport_send(fds[1], packet, 10, -1), 1);
	assert_int_equal(transport_send(fds[0], packet, 10, -1), 1);
	close(fds[1]);
	assert_int_equal(recv(fds[0], buf, sizeof buf, 0), -1);
	assert_int_equal(errno, ECONNRESET);
	assert_int_equal(recv(fds[0], buf, sizeof buf, 0), 10);
	close(fds[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_pair_is_closed_on_exec_and_never_blocks),
		cmocka_unit_test(packets_stay_whole),
		cmocka_unit_test(too_long_a_packet_says_so),
		cmocka_unit_test(a_descriptor_arrives),
		cmocka_unit_test(more_than_one_descriptor_is_refused),
		cmocka_unit_test(a_descriptor_that_finds_no_room_is_refused),
		cmocka_unit_test(an_empty_packet_leaks_nothing),
		cmocka_unit_test(a_full_socket_says_not_now),
		cmocka_unit_test(a_peer_that_is_gone_is_no_signal),
		cmocka_unit_test(the_kernel_tells_of_the_reset_first),
		cmocka_unit_test(a_killed_peers_packets_are_all_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
