/*
 * The browser's own death by a signal: the terminal is given back first, then it dies of the same signal.
 * Everything is prepared beforehand, since a signal handler may do next to nothing.
 */
#include "browser/ui/terminal.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static const int fatal[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS, SIGTRAP, SIGQUIT };
#define FATAL_COUNT (sizeof(fatal) / sizeof(fatal[0]))

static struct sigaction before[FATAL_COUNT];
static char goodbye[512];
static size_t goodbye_bytes;
static struct termios modes;
static volatile sig_atomic_t armed;
static int terminal_fd = -1;
/* For an overflow of the main stack. */
static _Alignas(16) char handler_stack[32 << 10];

static void write_all(const char *bytes, size_t length)
{
	struct pollfd writable = { terminal_fd, POLLOUT, 0 };

	while (length > 0) {
		ssize_t n = write(terminal_fd, bytes, length);
		if (n > 0) {
			bytes += n;
			length -= (size_t)n;
		} else if (n < 0 && errno != EINTR && (errno != EAGAIN || poll(&writable, 1, 200) <= 0)) {
			return;
		}
	}
}

static void on_fatal(int signal)
{
	if (armed) {
		armed = 0;
		write_all(goodbye, goodbye_bytes);
		tcsetattr(terminal_fd, TCSANOW, &modes);
	}
	/* Whoever cared for this signal before us gets it next; at last it is fatal, as it would have been.
	 */
	for (size_t i = 0; i < FATAL_COUNT; i++)
		if (fatal[i] == signal)
			sigaction(signal, &before[i], NULL);
	raise(signal);
}

void terminal_crash_arm(int fd, const void *termios_before, const char *bytes, size_t length)
{
	stack_t stack = { .ss_sp = handler_stack, .ss_size = sizeof(handler_stack) };
	struct sigaction action = { .sa_handler = on_fatal, .sa_flags = SA_ONSTACK };

	terminal_fd = fd;
	memcpy(&modes, termios_before, sizeof(modes));
	goodbye_bytes = length < sizeof(goodbye) ? length : sizeof(goodbye);
	memcpy(goodbye, bytes, goodbye_bytes);
	sigaltstack(&stack, NULL);
	sigfillset(&action.sa_mask);
	armed = 1;
	for (size_t i = 0; i < FATAL_COUNT; i++)
		sigaction(fatal[i], &action, &before[i]);
}

void terminal_crash_disarm(void)
{
	if (!armed)
		return;
	armed = 0;
	for (size_t i = 0; i < FATAL_COUNT; i++)
		sigaction(fatal[i], &before[i], NULL);
}
