/* See program.h. */
#include "tests/browser/program.h"
#include "browser/process/compartment.h"
#include "tests/browser/harness.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_ARGUMENTS 16
#define MAX_FILES     16
#define MOST_MS	      60000

static char files[MAX_FILES][64];
static unsigned nfiles;

static pid_t spawn(const char *argument, va_list more, int out, int err)
{
	char program[PATH_MAX];
	char *argv[MAX_ARGUMENTS + 2] = { program };
	int fd = compartment_find_file("browser", "bulkhead", program), null;
	unsigned n = 1;
	pid_t pid;

	assert_true(fd != -1);
	close(fd);
	for (; argument && n <= MAX_ARGUMENTS; argument = va_arg(more, const char *))
		argv[n++] = (char *)(uintptr_t)argument;
	harness_state_folder();
	pid = fork();
	assert_true(pid >= 0);
	if (pid)
		return pid;
	null = open("/dev/null", O_RDWR);
	dup2(null, 0);
	dup2(out == -1 ? null : out, 1);
	dup2(err == -1 ? null : err, 2);
	execv(program, argv);
	_exit(127);
}

/* Append what has come; false at the end. */
static bool take(int fd, char *text, size_t capacity, size_t *length)
{
	char rest[4096];
	bool fits = *length + 1 < capacity;
	ssize_t n = fits ? read(fd, text + *length, capacity - 1 - *length) : read(fd, rest, sizeof rest);

	if (n > 0 && fits)
		*length += (size_t)n;
	text[*length] = '\0';
	return n > 0;
}

static void read_both(struct ran *ran, int out, int err, pid_t pid)
{
	struct pollfd ends[2] = { { .fd = out, .events = POLLIN }, { .fd = err, .events = POLLIN } };
	size_t lengths[2] = { 0 };

	ran->out[0] = ran->err[0] = '\0';
	while (ends[0].fd != -1 || ends[1].fd != -1) {
		if (poll(ends, 2, MOST_MS) <= 0) {
			kill(pid, SIGKILL);
			fail_msg("the program does not end");
		}
		if (ends[0].fd != -1 && ends[0].revents && !take(out, ran->out, sizeof ran->out, &lengths[0]))
			ends[0].fd = -1;
		if (ends[1].fd != -1 && ends[1].revents && !take(err, ran->err, sizeof ran->err, &lengths[1]))
			ends[1].fd = -1;
	}
}

const struct ran *program_run(const char *argument, ...)
{
	static struct ran ran;
	int out[2], err[2], status;
	va_list more;
	pid_t pid;

	assert_true(pipe2(out, O_CLOEXEC) == 0 && pipe2(err, O_CLOEXEC) == 0);
	va_start(more, argument);
	pid = spawn(argument, more, out[1], err[1]);
	va_end(more);
	close(out[1]);
	close(err[1]);
	read_both(&ran, out[0], err[0], pid);
	close(out[0]);
	close(err[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return &ran;
}

pid_t program_start(const char *argument, ...)
{
	va_list more;
	pid_t pid;

	va_start(more, argument);
	pid = spawn(argument, more, -1, -1);
	va_end(more);
	return pid;
}

const char *program_no_file(void)
{
	char *name = files[nfiles++];

	assert_true(nfiles <= MAX_FILES);
	snprintf(name, sizeof files[0], "/tmp/bulkhead-test-%d-%u", (int)getpid(), nfiles);
	return name;
}

const char *program_file(const char *content)
{
	const char *name = program_no_file();
	FILE *file = fopen(name, "we");

	assert_non_null(file);
	fputs(content, file);
	assert_int_equal(fclose(file), 0);
	return name;
}

int program_clean(void **state)
{
	(void)state;
	while (nfiles)
		unlink(files[--nfiles]);
	return 0;
}
