/* See transport.h. */
#include "common/transport.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

bool transport_pair(int fds[2])
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) == 0;
}

/* Only the browser sends descriptors: a child's sandbox knows no sendmsg. */
static ssize_t transport_send_fd(int socket, const uint8_t *packet, size_t bytes, int fd)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec iov = { (void *)packet, bytes };
	struct msghdr message = { .msg_iov = &iov,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof control.space };
	struct cmsghdr *c = CMSG_FIRSTHDR(&message);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof fd);
	return sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

int transport_send(int socket, const uint8_t *packet, size_t bytes, int fd)
{
	for (;;) {
		ssize_t n = fd == -1 ? send(socket, packet, bytes, MSG_NOSIGNAL | MSG_DONTWAIT)
				     : transport_send_fd(socket, packet, bytes, fd);

		if (n >= 0)
			return 1;
		if (errno == EAGAIN || errno == ENOBUFS || errno == ENOMEM || errno == ETOOMANYREFS)
			return 0;
		if (errno != EINTR)
			return -1;
	}
}

void transport_half_close(int socket)
{
	shutdown(socket, SHUT_WR);
}

/* Takes the descriptors out of a message; more than one, or cut ones, are all closed. */
static bool transport_take_fd(struct msghdr *message, int *fd)
{
	bool fine = !(message->msg_flags & MSG_CTRUNC);

	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		size_t n = c->cmsg_len > CMSG_LEN(0) ? (c->cmsg_len - CMSG_LEN(0)) / sizeof(int) : 0;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < n; i++) {
			int got;

			memcpy(&got, CMSG_DATA(c) + i * sizeof got, sizeof got);
			if (*fd != -1) {
				close(got);
				fine = false;
			} else {
				*fd = got;
			}
		}
	}
	if (!fine && *fd != -1) {
		close(*fd);
		*fd = -1;
	}
	return fine;
}

/* Was there none? */
static bool transport_drop_fd(int *fd)
{
	if (*fd == -1)
		return true;
	close(*fd);
	*fd = -1;
	return false;
}

enum transport_result transport_receive(int socket, uint8_t *buf, size_t capacity, size_t *bytes, int *fd)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(4 * sizeof(int))];
	} control;
	struct iovec iov = { buf, capacity };
	unsigned resets = 0;

	*fd = -1;
	for (;;) {
		struct msghdr message = { .msg_iov = &iov,
					  .msg_iovlen = 1,
					  .msg_control = &control,
					  .msg_controllen = sizeof control.space };
		ssize_t n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);

		if (n > 0) {
			*bytes = message.msg_flags & MSG_TRUNC ? capacity + 1 : (size_t)n;
			return transport_take_fd(&message, fd) ? TRANSPORT_PACKET : TRANSPORT_BAD_FD;
		}
		/* The end, or an empty packet: that is no message, and what came with it is not kept. */
		if (n == 0)
			return transport_take_fd(&message, fd) && transport_drop_fd(fd) ? TRANSPORT_EOF
											: TRANSPORT_BAD_FD;
		if (errno == EAGAIN)
			return TRANSPORT_NOTHING;
		/* ECONNRESET is told once, before the packets that the dead peer left behind. */
		if (errno != EINTR && (errno != ECONNRESET || ++resets > 4))
			return TRANSPORT_EOF;
	}
}
