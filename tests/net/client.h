/* What the tests of browser/net/ share: a server on loopback, and a fetch whose story is written down. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants those before it */
#include "browser/net/fetch.h"
#include "browser/net/url.h"
#include "common/task.h"
#include <cmocka.h>
#include <stdbool.h>
#include <sys/types.h>

struct server {
	pid_t pid;
	int input; /* closing it ends the server */
	unsigned port;
	char folder[64]; /* of the certificate, "" without TLS */
};

/* Start tests/net/server.py, whose path is the test's first argument. Fails the test when it does not start.
 */
void server_start(struct server *, const char *script, bool tls);
void server_stop(struct server *);

/* Everything that happened to one fetch. */
struct story {
	struct fetch *fetch;
	struct text body;
	bool headed, ended, failed;
	char url[URL_MAX + 1], mime[64], charset[64];
	unsigned status;
	int64_t length;
	enum body_end how;
	uint64_t total, progress, progress_calls;
	char reason[700], title[200], words[700];
	enum fetch_error error;
	unsigned hops;
	char last_from[URL_MAX + 1], last_to[URL_MAX + 1];
	uint64_t cause; /* seen by all callbacks, or ~0 when they differ */

	/* How the test behaves; to be set before. */
	bool keep_closed; /* do not open the body */
	bool refuse_redirect;
	uint64_t stop_after;  /* call fetch_stop() when so many bytes were read; 0: never */
	uint64_t close_after; /* close the pipe then */
	bool stop_at_head, stop_at_redirect;
	unsigned read_every_ms; /* 0: whenever there is something */
	bool discard;		/* count bytes, do not keep them */

	/* Its own. */
	int pipe;
	bool pipe_over;
	uint64_t read;
	struct task reader;
};

/* Begin a fetch; run it until it is over (ended and read, failed, or stopped by the test). */
void story_begin(struct story *, struct fetcher *, const char *url);
void story_run(struct story *);
bool story_over(const struct story *);
void story_finish(struct story *);

/* begin and run. */
void story_tell(struct story *, struct fetcher *, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Resident memory of this process in bytes, and its open descriptors. */
size_t memory_used(void);
unsigned descriptors_open(void);

struct fetcher *fetcher_for_test(const char *ca_file);
/* The test program's whole main(): event loop, locale, a limit of time, then the tests. */
int net_test_main(int argc, char **argv, const char *name, const struct CMUnitTest *tests, size_t count,
		  int (*setup)(void **), int (*teardown)(void **));
extern const char *server_script;
