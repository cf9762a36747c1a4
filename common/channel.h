/*
 * One end of a channel: typed messages over a transport, in order, checked, recorded, never blocking.
 * What is sent within one turn of the loop leaves in one packet. See DESIGN "Channels".
 * common/transport.c touches the socket; common/codec.c checks the bytes; common/recorder.c keeps what
 * passed.
 */
#pragma once
#include "common/codec.h"
#include "common/recorder.h"

/* A process by name: renderer:3. The browser's serial is 0. */
struct endpoint {
	enum role role;
	uint32_t serial;
};

#define CHANNEL_PACKET_BYTES  65536u
#define CHANNEL_TURN_MESSAGES 512 /* handled in one turn, of one channel; of the browser's: a packet */
#define CHANNEL_CLOGGED_BYTES (256u << 10) /* queued: the peer does not read */
#define CHANNEL_MAX_BYTES     (4u << 20)   /* queued: past it the channel is given up */
#define CHANNEL_MAX_FDS	      64	   /* queued: likewise, unless channel_allow_fds() allows more */

enum channel_end {
	CHANNEL_END_EOF,	 /* the peer closed or died; all it sent has been handled */
	CHANNEL_END_BAD_MESSAGE, /* it sent what it may not; see the channel's `refused` */
	CHANNEL_END_OVERFLOW,	 /* it let its queue fill past the bound */
};

struct channel;
typedef void channel_dispatch_fn(void *self, struct channel *, enum ipc_id, const void *message);
/* The channel has ended; it sends and receives nothing more. The handler may close it. */
typedef void channel_ended_fn(void *self, struct channel *, enum channel_end);

/* A bad message: what it claimed to be, and why it was refused. */
struct channel_refused {
	enum bad_message reason;
	uint16_t type;
	uint64_t id;
};

struct channel_config {
	struct endpoint us, peer;
	struct recorder *recorder; /* shared by all channels of a process */
	channel_dispatch_fn *dispatch;
	channel_ended_fn *ended;
	void *self; /* handed to both */
};

/* Take over fd (a SEQPACKET socket). NULL: no memory. */
struct channel *channel_open(int fd, const struct channel_config *);

/* Closes, frees, forgets what was queued. Allowed within its own handlers. NULL is fine. */
void channel_close(struct channel *);

/*
 * Queue a message (typed: ipc_send_NAME in protocol.h). Its cause is the one of now; it leaves with the
 * turn's packet. A descriptor it carries is duplicated at once, and stays the caller's. Nothing happens on an
 * ended channel.
 */
void channel_send(struct channel *, enum ipc_id, const void *message);

/* Queue fields as they are, sound or not: for faults and tests. */
void channel_send_raw(struct channel *, uint16_t type, const void *fields, size_t bytes);

/* The same by hand, marked so; a request is counted, so that its reply is no surprise. Takes the descriptor
 * (-1: none). */
void channel_send_by_hand(struct channel *, uint16_t type, const void *fields, size_t bytes, int fd);

/* The id of the message last queued on any channel of this process, 0: none yet. */
uint64_t channel_last_sent(void);

/* A fresh id from the numbers of this process's messages, for a key, a click or a command. */
uint64_t channel_make_id(struct endpoint us);

/* Send what is queued, as far as the peer takes it. The loop does so each turn. */
void channel_flush(struct channel *);
void channel_flush_all(void);

/* Handle what is left over from the last packets, a turn's worth of each channel; tell of channels that
 * ended. */
void channel_work_backlog(void);
/* Is there still some left? Then waiting must not block. */
bool channel_has_backlog(void);

/* For a handler: what was just handed to it is bad. Ends the channel after the handler returns. */
void channel_refuse(struct channel *, enum bad_message reason);

/* For a handler: that was much work; what else came waits for the next turn. */
void channel_yield(struct channel *);

/* Send nothing more, on purpose: the peer reads the end; what it sends is still read. */
void channel_half_close(struct channel *);

/* Bytes queued and not yet taken by the peer's socket. */
size_t channel_queued(const struct channel *);
unsigned channel_queued_fds(const struct channel *);
/* So many may be queued: for a peer that serves many and is sent some for each at once. */
void channel_allow_fds(struct channel *, unsigned);
bool channel_clogged(const struct channel *);
/* Has something come, or the end, that is not handled yet? */
bool channel_has_unread(const struct channel *);

/* Requests of that type that were sent and have no reply yet. */
uint32_t channel_unanswered(const struct channel *, enum ipc_id request);
/* Descriptors it holds: its socket, and those that wait to be sent or handled. */
unsigned channel_descriptors(const struct channel *);

struct endpoint channel_peer(const struct channel *);
const struct channel_refused *channel_refused(const struct channel *);
const struct recorder_peer *channel_counters(const struct channel *);

/* "renderer:3" or "browser". */
#define ENDPOINT_TEXT 24
const char *endpoint_text(struct endpoint, char buf[ENDPOINT_TEXT]);
