/*
 * Both ends of channels in one process, and bare sockets where a peer is to misbehave. What an end receives
 * is kept in order; what it sends is the test's. test_channel*.c and test_loop.c stand on it.
 */
#pragma once
#include "common/channel.h"

#define END_KEPT 4096

static const struct endpoint BROWSER = { ROLE_BROWSER, 0 };
static const struct endpoint RENDERER = { ROLE_RENDERER, 3 };
static const struct endpoint GPU = { ROLE_GPU, 1 };

/* A message as it was handled; its strings are gone. */
struct kept {
	enum ipc_id id;
	uint64_t cause;	   /* while it was handled */
	uint64_t handling; /* what the recorder said then */
	union ipc_any message;
};

struct end {
	struct channel *channel; /* NULL once closed */
	struct recorder recorder;
	struct kept kept[END_KEPT];
	unsigned nkept;
	bool has_ended;
	enum channel_end why;
	struct channel_refused refused;
	unsigned turn; /* of the order in which all ends handled their first message */

	/* Called after a message was kept, and when the channel has ended; may be NULL. */
	void (*on_message)(struct end *, enum ipc_id, const void *message);
	void (*on_ended)(struct end *);
};

/* Every test begins and ends with these. */
int ends_setup(void **state);
int ends_teardown(void **state);

/* An end of a new channel on fd. It is freed by ends_teardown(). */
struct end *end_open(int fd, struct endpoint us, struct endpoint peer);
void end_close(struct end *);

/* A browser's and a renderer's end of one channel. */
void ends_pair(struct end **browser, struct end **renderer);
/* An end whose peer is a bare socket, the test's to close. */
struct end *end_to_socket(struct endpoint us, struct endpoint peer, int *socket);

/* Turn the loop until an end has kept that many messages, or has ended. Fails after five seconds. */
void end_expect(struct end *, unsigned messages);
void end_expect_end(struct end *, enum channel_end);
void end_expect_bad(struct end *, enum bad_message);
/* A few turns, for what must not happen. */
void ends_settle(void);

/* A message's bytes, as that peer would frame it with that number. Returns their length. */
size_t frame(uint8_t *buf, struct endpoint from, uint64_t number, unsigned type, const void *fields,
	     size_t bytes);
/* Sends what was framed, with a descriptor or -1. */
void send_bytes(int socket, const void *bytes, size_t length, int fd);
/* A ping of the browser's with that number, which is its nonce, too. */
void send_ping(int socket, uint64_t number);
