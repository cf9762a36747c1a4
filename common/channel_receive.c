/* The receiving side of a channel: see channel.h. Checks, records, hands to the dispatcher, a turn's worth at
 * a time. */
#include "common/channel_internal.h"
#include "common/hold.h"
#include "common/task.h"
#include "common/transport.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static uint8_t *receive_buffer;

bool channel_prepare_receiving(void)
{
	if (!receive_buffer)
		receive_buffer = malloc(CHANNEL_PACKET_BYTES);
	return receive_buffer;
}

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

/* The message that was handled last, and whose handler's end is not recorded yet; id 0: there is none. */
static struct ipc_header returned;

/*
 * The end of a handler is recorded by the next message's record, whose time it is, and only behind the last
 * of a turn by one of its own.
 */
static void channel_record_handled(struct channel *c)
{
	struct ipc_header h = { .length = sizeof h, .type = returned.type, .id = returned.id };

	if (h.id)
		channel_record(c, RECORD_HANDLED, &h, -1, BAD_MESSAGE_NONE, NULL);
	returned.id = 0;
}

static void channel_handle(struct channel *c, const struct ipc_header *h, const union ipc_any *message)
{
	struct recorder_region *region = c->config.recorder->region;

	c->refused.type = h->type;
	c->refused.id = h->id;
	cause_set(h->id);
	atomic_store_explicit(&region->handling, h->id, memory_order_relaxed);
	if (channel_hooks.before_handler)
		channel_hooks.before_handler(c, h->type);
	c->config.dispatch(c->config.self, c, (enum ipc_id)h->type, message);
	if (channel_hooks.after_handler)
		channel_hooks.after_handler(c, h->type);
	atomic_store_explicit(&region->handling, 0, memory_order_relaxed);
	cause_set(0);
	returned = *h;
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
	if (!bad) {
		c->last_received = ipc_id_number(h.id);
		if (c->hold &&
		    hold_take(c, HOLD_INCOMING, &(struct hold_view){ h, data + sizeof h, mine, 0 }))
			return h.length;
	}
	channel_record(c, bad ? RECORD_REFUSED : RECORD_RECEIVED, &h, mine, bad, data + sizeof h);
	if (bad) {
		if (mine != -1)
			close(mine);
		channel_set_refused(c, bad, h.type, h.id);
		return 0;
	}
	if (c->counters)
		channel_count(&c->counters->received);
	channel_handle(c, &h, &message);
	return h.length;
}

bool channel_deliver(struct channel *c, const struct hold_view *v, uint32_t marks)
{
	const struct ipc_header *h = &v->header;
	union ipc_any message;
	/* Who edits it by hand may break it. */
	enum bad_message bad = ipc_decode(h->type, c->config.peer.role, c->config.us.role, v->fields,
					  h->length - sizeof *h, v->fd, &message);

	channel_record_marked(c, bad ? RECORD_REFUSED : RECORD_RECEIVED, h, v->fd, bad, v->fields, marks);
	if (bad) {
		if (v->fd != -1)
			close(v->fd);
		channel_set_refused(c, bad, h->type, h->id);
		return false;
	}
	if (c->counters)
		channel_count(&c->counters->received);
	channel_handle(c, h, &message);
	channel_record_handled(c);
	return true;
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
	channel_record_handled(c);
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

void channel_on_readable(evutil_socket_t socket, short what, void *arg)
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

void channel_work_left(struct channel *c)
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
	if (!c->ending && !c->deaf)
		event_add(c->readable, NULL);
}
