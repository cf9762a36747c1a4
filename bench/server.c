/* See server.h. */
#include "bench/server.h"
#include "bench/bench.h"
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SERVER_PY
#error "meson says where the server is"
#endif

extern char **environ;

static unsigned read_port(int fd)
{
	char line[16] = "";
	size_t length = 0;
	ssize_t n;

	/* All of the line: it may come in pieces, and nobody may be there to take the last one otherwise. */
	while (length < sizeof line - 1 && !strchr(line, '\n') &&
	       (n = read(fd, line + length, sizeof line - 1 - length)) > 0)
		length += (size_t)n;
	close(fd);
	return strchr(line, '\n') ? (unsigned)strtoul(line, NULL, 10) : 0;
}

void server_start(struct server *s, unsigned addresses)
{
	char program[] = "python3", script[] = SERVER_PY, option[] = "--addresses", count[16];
	char *const argv[] = { program, script, option, count, NULL };
	posix_spawn_file_actions_t actions;
	int in[2], out[2];

	snprintf(count, sizeof count, "%u", addresses);
	if (pipe2(in, O_CLOEXEC) == -1 || pipe2(out, O_CLOEXEC) == -1)
		bench_fail("no pipe: %m");
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in[0], 0);
	posix_spawn_file_actions_adddup2(&actions, out[1], 1);
	errno = posix_spawnp(&s->pid, program, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(in[0]);
	close(out[1]);
	s->lifeline = in[1];
	s->port = errno ? 0 : read_port(out[0]);
	if (!s->port)
		bench_fail("the server does not start");
}

void server_finish(struct server *s)
{
	close(s->lifeline);
	waitpid(s->pid, NULL, 0);
}

const char *server_site(const struct server *s, unsigned address, unsigned n, char *url, size_t capacity)
{
	snprintf(url, capacity, "http://127.0.0.%u:%u/site/%u", address, s->port, n);
	return url;
}
