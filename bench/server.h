/* The tests' HTTP server on loopback, tests/net/server.py, as a process of its own. */
#pragma once
#include <stddef.h>
#include <sys/types.h>

struct server {
	pid_t pid;
	int lifeline; /* its standard input: it ends when this is closed */
	unsigned port;
};

/* Start it on 127.0.0.1 to 127.0.0.N. */
void server_start(struct server *, unsigned addresses);
void server_finish(struct server *);
/* The URL of the small page `n` at the address of that number, from 1 on. It holds the words "Site N". */
const char *server_site(const struct server *, unsigned address, unsigned n, char *url, size_t capacity);
