/* Writing a body into its pipe: never blocking, and never dying of SIGPIPE. See fetch.c, which decides when.
 */
#include "browser/net/body.h"
#include "browser/net/fetch_kind.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#define PIPE_BYTES (256 << 10) /* wished for; the kernel's default does as well */

int body_open(struct fetch *f)
{
	int fds[2];
	if (f->pipe >= 0) {
		errno = EBUSY;
		return -1;
	}
	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK))
		return -1;
	fcntl(fds[1], F_SETPIPE_SZ, PIPE_BYTES);
	f->pipe = fds[1];
	return fds[0];
}

void body_close(struct fetch *f)
{
	task_cancel(&f->room);
	if (f->pipe >= 0)
		close(f->pipe);
	f->pipe = -1;
}

/* Pipes have no MSG_NOSIGNAL: hold SIGPIPE back around the write and take it away if this write raised it. */
static ssize_t write_quietly(int fd, const void *bytes, size_t length)
{
	sigset_t pipe, before, pending;
	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	sigpending(&pending);
	pthread_sigmask(SIG_BLOCK, &pipe, &before);
	ssize_t written = write(fd, bytes, length);
	int error = errno;
	if (written < 0 && error == EPIPE && !sigismember(&pending, SIGPIPE))
		while (sigtimedwait(&pipe, NULL, &(struct timespec){ 0 }) < 0 && errno == EINTR)
			;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = error;
	return written;
}

enum body_state body_pump(struct fetch *f)
{
	while (fetch_source_waiting(f)) {
		ssize_t n = write_quietly(f->pipe, f->buffer.data + f->taken, fetch_source_waiting(f));
		if (n >= 0) {
			if (f->callbacks.wrote)
				f->callbacks.wrote(f->arg, f->buffer.data + f->taken, (size_t)n);
			f->taken += (size_t)n;
			f->written += (uint64_t)n;
		} else if (errno == EAGAIN) {
			if (!f->room.pending)
				task_watch(&f->room, f->pipe, EV_WRITE);
			return BODY_FULL;
		} else if (errno != EINTR) {
			return BODY_READER_GONE;
		}
	}
	task_cancel(&f->room);
	f->taken = f->buffer.length = 0;
	return BODY_EMPTY;
}
