/* See channel.h. */
#include "common/channel.h"
#include "common/loop.h"
#include "common/task.h"
#include "common/transport.h"
#include <event2/event.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A packet that the peer's socket would not take yet. */
struct packet {
	struct packet *next;
	size_t bytes;
	int fd;
	uint64_t last; /* number of its last message */
	uint8_t data[];
};

struct channel {
	int fd;
	struct channel_config config;
	struct event *readable, *writable;
	struct recorder_peer *counters;
	struct channel *next, *previous; /* all channels of the process */

	uint8_t *out; /* the packet being filled, CHANNEL_PACKET_BYTES */
	size_t out_bytes;
	int out_fd;
	uint64_t out_last;
	struct packet *queue, **queue_end;
	size_t queued;
	unsigned queued_fds; /* descriptors among them */
	bool peer_gone;

	uint8_t *left; /* received and not yet handled */
	size_t left_bytes, left_done;
	int left_fd;
	uint64_t last_received;
	uint32_t requests[IPC_COUNT]; /* sent and awaiting their reply */

	struct channel_refused refused;
	enum channel_end end;
	bool ending; /* `ended` is to be called */
	bool ended;
	bool yielded; /* what is left waits for the next turn */
	bool busy; /* a handler runs: freeing must wait */
	bool closed;
};

static struct channel *channels; /* of this process */
static uint64_t last_number, last_sent;
static uint8_t *receive_buffer;

const char *endpoint_text(struct endpoint e, char buf[ENDPOINT_TEXT])
{
	if (e.role == ROLE_BROWSER)
		snprintf(buf, ENDPOINT_TEXT, "browser");
	else
		snprintf(buf, ENDPOINT_TEXT, "%s:%u", e.role < ROLE_COUNT ? role_names[e.role] : "unknown",
			 e.serial);
	return buf;
}

static void channel_end(struct channel *c, enum channel_end why)
{
	if (c->ending || c->ended)
		return;
	c->end = why;
	c->ending = true;
	event_del(c->readable);
	event_del(c->writable);
}

static void channel_free(struct channel *c)
{
	if (c->previous)
		c->previous->next = c->next;
	else
		channels = c->next;
	if (c->next)
		c->next->previous = c->previous;
	while (c->queue) {
		struct packet *p = c->queue;

		c->queue = p->next;
		if (p->fd != -1)
			close(p->fd);
		free(p);
	}
	if (c->out_fd != -1)
		close(c->out_fd);
	if (c->left_fd != -1)
		close(c->left_fd);
	event_free(c->readable);
	event_free(c->writable);
	close(c->fd);
	free(c->left);
	free(c->out);
	free(c);
}

void channel_close(struct channel *c)
{
	if (!c || c->closed)
		return;
	c->closed = c->ended = true;
	recorder_close_peer(c->counters);
	event_del(c->readable);
	event_del(c->writable);
	if (!c->busy)
		channel_free(c);
}

/* Sending. */

static uint64_t channel_next_number(void)
{
	return ++last_number;
}

uint64_t channel_last_sent(void)
{
	return last_sent;
}

uint64_t channel_make_id(struct endpoint us)
{
	return ipc_make_id(us.role, us.serial, channel_next_number());
}

/* Send one packet or say that it must wait. A peer that is gone takes everything and reads nothing. */
static bool channel_send_packet(struct channel *c, const uint8_t *data, size_t bytes, int fd, uint64_t last)
{
	int sent = c->peer_gone ? -1 : transport_send(c->fd, data, bytes, fd);

	if (sent == 0)
		return false;
	if (sent < 0)
		c->peer_gone = true;
	else if (c->counters)
		atomic_store_explicit(&c->counters->flushed, last, memory_order_release);
	return true;
}

static void channel_flush_queue(struct channel *c)
{
	while (c->queue) {
		struct packet *p = c->queue;

		if (!channel_send_packet(c, p->data, p->bytes, p->fd, p->last))
			return;
		c->queue = p->next;
		if (!c->queue)
			c->queue_end = &c->queue;
		c->queued -= p->bytes;
		c->queued_fds -= p->fd != -1;
		if (p->fd != -1)
			close(p->fd);
		free(p);
	}
}

/* Put the packet being filled behind those that wait. */
static void channel_enqueue(struct channel *c)
{
	struct packet *p = malloc(sizeof *p + c->out_bytes);

	if (!p || c->queued + c->out_bytes > CHANNEL_MAX_BYTES ||
	    (c->out_fd != -1 && c->queued_fds == CHANNEL_MAX_FDS)) {
		free(p);
		if (c->out_fd != -1)
			close(c->out_fd);
		channel_end(c, CHANNEL_END_OVERFLOW);
		return;
	}
	*p = (struct packet){ .bytes = c->out_bytes, .fd = c->out_fd, .last = c->out_last };
	memcpy(p->data, c->out, c->out_bytes);
	*c->queue_end = p;
	c->queue_end = &p->next;
	c->queued += p->bytes;
	c->queued_fds += p->fd != -1;
	event_add(c->writable, NULL);
}

void channel_flush(struct channel *c)
{
	if (c->ended || (!c->queue && !c->out_bytes))
		return;
	channel_flush_queue(c);
	if (!c->out_bytes)
		return;
	if (c->queue || !channel_send_packet(c, c->out, c->out_bytes, c->out_fd, c->out_last))
		channel_enqueue(c);
	else if (c->out_fd != -1)
		close(c->out_fd);
	c->out_fd = -1;
	c->out_bytes = 0;
}

void channel_flush_all(void)
{
	for (struct channel *c = channels; c; c = c->next)
		if (c->out_bytes)
			channel_flush(c);
}

static void channel_on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct channel *c = arg;

	(void)fd;
	(void)what;
	channel_flush_queue(c);
	if (!c->queue)
		event_del(c->writable);
}

/* Room in the packet being filled for that many more bytes; sends it away when there is none. */
static bool channel_make_room(struct channel *c, size_t bytes)
{
	if (!c->out)
		c->out = malloc(CHANNEL_PACKET_BYTES);
	if (c->out && (c->out_fd != -1 || CHANNEL_PACKET_BYTES - c->out_bytes < bytes))
		channel_flush(c);
	return c->out && !c->ending && !c->ended;
}

/* Others only read: no locked instruction is needed, which would cost as much as decoding a message. */
static void count(_Atomic uint64_t *counter)
{
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + 1,
			      memory_order_relaxed);
}

static void channel_record(struct channel *c, enum record_kind kind, const struct ipc_header *h, int fd,
			   enum bad_message reason, const uint8_t *payload)
{
	struct record record = {
		.kind = (uint8_t)kind,
		.peer_role = (uint8_t)c->config.peer.role,
		.peer_serial = c->config.peer.serial,
		.type = h->type,
		.id = h->id,
		.cause = h->cause,
		.message_bytes = h->length - (uint32_t)sizeof *h,
		.fds = fd != -1,
		.reason = (uint8_t)reason,
	};

	recorder_write(c->config.recorder, &record, payload);
}

/* Count, record and append a message whose fields were written at out + out_bytes + header. */
static void channel_append(struct channel *c, uint16_t type, size_t bytes, int fd)
{
	struct ipc_header h = {
		.length = (uint32_t)(sizeof h + bytes),
		.type = type,
		.id = ipc_make_id(c->config.us.role, c->config.us.serial, channel_next_number()),
		.cause = cause_current(),
	};
	uint8_t *start = c->out + c->out_bytes;

	memcpy(start, &h, sizeof h);
	c->out_bytes += h.length;
	c->out_last = ipc_id_number(h.id);
	last_sent = h.id;
	if (fd != -1)
		c->out_fd = fd;
	if (c->counters)
		count(&c->counters->sent);
	channel_record(c, RECORD_SENT, &h, fd, BAD_MESSAGE_NONE, start + sizeof h);
}

void channel_send(struct channel *c, enum ipc_id id, const void *message)
{
	int bytes, fd;

	if (!c || c->ended || c->ending ||
	    !channel_make_room(c, sizeof(struct ipc_header) + ipc_messages[id].max_bytes))
		return;
	bytes = ipc_encode(id, message, c->out + c->out_bytes + sizeof(struct ipc_header),
			   CHANNEL_PACKET_BYTES - c->out_bytes - sizeof(struct ipc_header), &fd);
	/* Without its descriptor a message would be bad, and its receiver would be blamed. */
	if (bytes < 0 || (fd != -1 && (fd = fcntl(fd, F_DUPFD_CLOEXEC, 0)) == -1))
		return;
	if (ipc_messages[id].reply >= 0 && c->requests[id] < UINT32_MAX)
		c->requests[id]++;
	channel_append(c, (uint16_t)id, (size_t)bytes, fd);
}

void channel_send_raw(struct channel *c, uint16_t type, const void *fields, size_t bytes)
{
	if (!c || c->ended || c->ending || bytes > CHANNEL_PACKET_BYTES - sizeof(struct ipc_header) ||
	    !channel_make_room(c, sizeof(struct ipc_header) + bytes))
		return;
	memcpy(c->out + c->out_bytes + sizeof(struct ipc_header), fields, bytes);
	channel_append(c, type, bytes, -1);
}

/* Receiving. */

/* The request that this message is the reply to, or -1. */
static int request_of(unsigned reply)
{
	for (int i = 0; i < IPC_COUNT; i++)
		if (ipc_messages[i].reply == (int)reply)
			return i;
	return -1;
}

/* A reply that nobody asked for is bad, unless the browser sends it: what it grants may come unasked. */
static enum bad_message channel_check_reply(struct channel *c, unsigned type)
{
	static int16_t requests[IPC_COUNT];
	static bool known;

	if (!known) {
		for (unsigned i = 0; i < IPC_COUNT; i++)
			requests[i] = (int16_t)request_of(i);
		known = true;
	}
	int request = requests[type];

	if (request < 0 || c->config.peer.role == ROLE_BROWSER)
		return BAD_MESSAGE_NONE;
	if (!c->requests[request])
		return BAD_MESSAGE_REPLY_NOT_ASKED;
	c->requests[request]--;
	return BAD_MESSAGE_NONE;
}

static enum bad_message channel_check(struct channel *c, const struct ipc_header *h, const uint8_t *fields,
				      int fd, union ipc_any *message)
{
	enum bad_message bad;

	if (h->reserved || ipc_id_role(h->id) != (unsigned)c->config.peer.role ||
	    ipc_id_serial(h->id) != c->config.peer.serial || ipc_id_number(h->id) <= c->last_received)
		return BAD_MESSAGE_WRONG_ID;
	bad = ipc_decode(h->type, c->config.peer.role, c->config.us.role, fields, h->length - sizeof *h, fd,
			 message);
	return bad ? bad : channel_check_reply(c, h->type);
}

static void channel_set_refused(struct channel *c, enum bad_message reason, uint16_t type, uint64_t id)
{
	c->refused = (struct channel_refused){ reason, type, id };
	channel_end(c, CHANNEL_END_BAD_MESSAGE);
}

void channel_yield(struct channel *c)
{
	c->yielded = true;
}

void channel_refuse(struct channel *c, enum bad_message reason)
{
	channel_set_refused(c, reason, c->refused.type, c->refused.id);
}

static void channel_handle(struct channel *c, const struct ipc_header *h, const union ipc_any *message)
{
	struct recorder_region *region = c->config.recorder->region;

	c->refused.type = h->type;
	c->refused.id = h->id;
	cause_set(h->id);
	atomic_store_explicit(&region->handling, h->id, memory_order_relaxed);
	c->config.dispatch(c->config.self, c, (enum ipc_id)h->type, message);
	atomic_store_explicit(&region->handling, 0, memory_order_relaxed);
	cause_set(0);
}

/* Check, record, handle the message at `data`. Returns its length, or 0 when the channel is to end. */
static size_t channel_take(struct channel *c, const uint8_t *data, size_t bytes, int *fd)
{
	struct ipc_header h;
	union ipc_any message;
	enum bad_message bad;

	if (bytes < sizeof h) {
		channel_set_refused(c, BAD_MESSAGE_TOO_SHORT, 0, 0);
		return 0;
	}
	memcpy(&h, data, sizeof h);
	if (h.length < sizeof h || h.length > bytes) {
		channel_set_refused(c, BAD_MESSAGE_TOO_SHORT, h.type, h.id);
		return 0;
	}
	/* A descriptor belongs to the last message of its packet. */
	int mine = h.length == bytes ? *fd : -1;

	if (mine != -1)
		*fd = -1;
	bad = channel_check(c, &h, data + sizeof h, mine, &message);
	channel_record(c, bad ? RECORD_REFUSED : RECORD_RECEIVED, &h, mine, bad, data + sizeof h);
	if (bad) {
		if (mine != -1)
			close(mine);
		channel_set_refused(c, bad, h.type, h.id);
		return 0;
	}
	c->last_received = ipc_id_number(h.id);
	if (c->counters)
		count(&c->counters->received);
	channel_handle(c, &h, &message);
	return h.length;
}

/*
 * Handle a turn's worth of messages; returns how many bytes were used. A packet of the browser's is a turn's
 * worth: were some of it left over, a peer's messages would come before what the browser granted for them.
 */
static size_t channel_take_all(struct channel *c, const uint8_t *data, size_t bytes, int *fd)
{
	unsigned most = c->config.peer.role == ROLE_BROWSER ? UINT_MAX : CHANNEL_TURN_MESSAGES;
	size_t done = 0;

	c->busy = true;
	c->yielded = false;
	for (unsigned n = 0; done < bytes && n < most && !c->yielded && !c->ending && !c->closed; n++) {
		size_t took = channel_take(c, data + done, bytes - done, fd);

		if (!took)
			break;
		done += took;
	}
	c->busy = false;
	return done;
}

/* The number of the last message in a packet, for `arrived`; 0 when the packet is not sound. */
static uint64_t packet_last_number(const uint8_t *data, size_t bytes)
{
	struct ipc_header h = { 0 };

	for (size_t at = 0; at < bytes; at += h.length) {
		if (bytes - at < sizeof h)
			return 0;
		memcpy(&h, data + at, sizeof h);
		if (h.length < sizeof h || h.length > bytes - at)
			return 0;
	}
	return ipc_id_number(h.id);
}

static void channel_keep_left(struct channel *c, const uint8_t *data, size_t bytes, int fd)
{
	c->left = malloc(bytes);
	if (!c->left) {
		if (fd != -1)
			close(fd);
		channel_end(c, CHANNEL_END_OVERFLOW);
		return;
	}
	memcpy(c->left, data, bytes);
	c->left_bytes = bytes;
	c->left_done = 0;
	c->left_fd = fd;
	event_del(c->readable);
}

static void channel_take_packet(struct channel *c, size_t bytes, int fd)
{
	uint64_t last = packet_last_number(receive_buffer, bytes);
	size_t done;

	if (last && c->counters)
		atomic_store_explicit(&c->counters->arrived, last, memory_order_release);
	done = channel_take_all(c, receive_buffer, bytes, &fd);
	if (c->closed) {
		if (fd != -1)
			close(fd);
		channel_free(c);
	} else if (done < bytes && !c->ending) {
		channel_keep_left(c, receive_buffer + done, bytes - done, fd);
	} else if (fd != -1) {
		close(fd);
	}
}

static void channel_on_readable(evutil_socket_t socket, short what, void *arg)
{
	struct channel *c = arg;
	size_t bytes;
	int fd;

	(void)socket;
	(void)what;
	switch (transport_receive(c->fd, receive_buffer, CHANNEL_PACKET_BYTES, &bytes, &fd)) {
	case TRANSPORT_PACKET:
		if (bytes <= CHANNEL_PACKET_BYTES) {
			channel_take_packet(c, bytes, fd);
		} else {
			if (fd != -1)
				close(fd);
			channel_set_refused(c, BAD_MESSAGE_TOO_LONG, 0, 0);
		}
		break;
	case TRANSPORT_BAD_FD:
		channel_set_refused(c, BAD_MESSAGE_FD_TRUNCATED, 0, 0);
		break;
	case TRANSPORT_EOF:
		channel_end(c, CHANNEL_END_EOF);
		break;
	case TRANSPORT_NOTHING:
		break;
	}
}

static void channel_work_left(struct channel *c)
{
	c->left_done +=
		channel_take_all(c, c->left + c->left_done, c->left_bytes - c->left_done, &c->left_fd);
	if (c->closed) {
		channel_free(c);
		return;
	}
	if (c->left_done < c->left_bytes && !c->ending)
		return;
	free(c->left);
	c->left = NULL;
	if (c->left_fd != -1)
		close(c->left_fd);
	c->left_fd = -1;
	if (!c->ending)
		event_add(c->readable, NULL);
}

static void channel_tell_end(struct channel *c)
{
	c->ending = false;
	c->ended = true;
	c->busy = true;
	c->config.ended(c->config.self, c, c->end);
	c->busy = false;
	if (c->closed)
		channel_free(c);
}

bool channel_has_backlog(void)
{
	for (struct channel *c = channels; c; c = c->next)
		if (c->left || c->ending)
			return true;
	return false;
}

void channel_work_backlog(void)
{
	for (struct channel *c = channels, *next; c; c = next) {
		/* A handler may close other channels, the next one too: then begin again. */
		next = c->next;
		if (next)
			next->busy = true;
		if (c->left)
			channel_work_left(c);
		else if (c->ending)
			channel_tell_end(c);
		if (next) {
			next->busy = false;
			if (next->closed) {
				struct channel *gone = next;

				next = next->next;
				channel_free(gone);
			}
		}
	}
}

struct channel *channel_open(int fd, const struct channel_config *config)
{
	struct channel *c = calloc(1, sizeof *c);

	if (!receive_buffer)
		receive_buffer = malloc(CHANNEL_PACKET_BYTES);
	if (!c || !receive_buffer) {
		free(c);
		return NULL;
	}
	c->fd = fd;
	c->config = *config;
	c->out_fd = c->left_fd = -1;
	c->queue_end = &c->queue;
	c->counters = recorder_open_peer(config->recorder, config->peer.role, config->peer.serial);
	c->readable = event_new(loop_base(), fd, EV_READ | EV_PERSIST, channel_on_readable, c);
	c->writable = event_new(loop_base(), fd, EV_WRITE | EV_PERSIST, channel_on_writable, c);
	if (c->readable)
		event_priority_set(c->readable, config->peer.role == ROLE_BROWSER ? 0 : 1);
	if (!c->readable || !c->writable || event_add(c->readable, NULL) == -1) {
		if (c->readable)
			event_free(c->readable);
		if (c->writable)
			event_free(c->writable);
		free(c);
		return NULL;
	}
	c->next = channels;
	if (channels)
		channels->previous = c;
	channels = c;
	return c;
}

size_t channel_queued(const struct channel *c)
{
	return c->queued + c->out_bytes;
}

unsigned channel_queued_fds(const struct channel *c)
{
	return c->queued_fds;
}

bool channel_clogged(const struct channel *c)
{
	return c->queued > CHANNEL_CLOGGED_BYTES;
}

struct endpoint channel_peer(const struct channel *c)
{
	return c->config.peer;
}

const struct channel_refused *channel_refused(const struct channel *c)
{
	return &c->refused;
}

const struct recorder_peer *channel_counters(const struct channel *c)
{
	return c->counters;
}
