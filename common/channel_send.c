/* The sending side of a channel: see channel.h. Packets are filled within a turn and leave with it. */
#include "common/channel_internal.h"
#include "common/hold.h"
#include "common/task.h"
#include "common/transport.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static uint64_t last_number, last_sent;

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
	    (c->out_fd != -1 && c->queued_fds >= c->max_fds)) {
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

void channel_half_close(struct channel *c)
{
	channel_flush(c);
	c->peer_gone = true;
	transport_half_close(c->fd);
}

void channel_flush_all(void)
{
	for (struct channel *c = channels; c; c = c->next)
		if (c->out_bytes)
			channel_flush(c);
}

void channel_on_writable(evutil_socket_t fd, short what, void *arg)
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

/* What the hook is asked about has been through this. */
static const struct channel_parcel *resumed;

struct channel_history channel_history(void)
{
	struct channel_history past = { 0 };

	if (resumed)
		past.hand = resumed->hand;
	if (resumed && resumed->hold)
		past.hold = *resumed->hold;
	return past;
}

static void channel_record_hold(struct channel *c, const struct ipc_header *message,
				const struct channel_parcel *p)
{
	struct ipc_header h = { .length = sizeof h + sizeof *p->hold,
				.type = message->type,
				.id = message->id };

	if (p->hold && (p->hold->breakpoint || p->hold->held_ns))
		channel_record(c, p->dropped && !p->nmarks ? RECORD_DROPPED : RECORD_HELD, &h, -1,
			       BAD_MESSAGE_NONE, (const uint8_t *)p->hold);
}

static void channel_record_marks(struct channel *c, const struct ipc_header *message,
				 const struct channel_parcel *p)
{
	struct ipc_header h = { .length = sizeof h + sizeof *p->marks,
				.type = message->type,
				.id = message->id };

	for (unsigned i = 0; i < p->nmarks; i++)
		channel_record(c, RECORD_TOXIC, &h, -1, BAD_MESSAGE_NONE, (const uint8_t *)&p->marks[i]);
}

static struct ipc_header channel_make_header(const struct channel *c, const struct channel_parcel *p)
{
	return (struct ipc_header){
		.length = (uint32_t)(sizeof(struct ipc_header) + p->bytes),
		.type = p->type,
		.id = ipc_make_id(c->config.us.role, c->config.us.serial, channel_next_number()),
		.cause = cause_current(),
	};
}

static void channel_record_sent(struct channel *c, const struct ipc_header *h, const uint8_t *fields,
				const struct channel_parcel *p)
{
	if (c->counters)
		channel_count(&c->counters->sent);
	channel_record_marked(c, RECORD_SENT, h, p->fd, BAD_MESSAGE_NONE, fields, p->hand);
	channel_record_hold(c, h, p);
	channel_record_marks(c, h, p);
}

void channel_record_unsent(struct channel *c, const struct channel_parcel *p)
{
	struct ipc_header h = channel_make_header(c, p);

	channel_record_sent(c, &h, p->fields, p);
}

/* Count and record a message whose fields were written at out + out_bytes + header, and append it unless it
 * is dropped. */
static void channel_append(struct channel *c, const struct channel_parcel *p)
{
	struct ipc_header h = channel_make_header(c, p);
	uint8_t *start = c->out + c->out_bytes;

	memcpy(start, &h, sizeof h);
	if (!p->dropped) {
		c->out_bytes += h.length;
		c->out_last = ipc_id_number(h.id);
	}
	if (p->fd != -1 && !p->dropped)
		c->out_fd = p->fd;
	last_sent = h.id;
	channel_record_sent(c, &h, start + sizeof h, p);
	if (channel_hooks.after_send)
		channel_hooks.after_send(c, p->type);
}

bool channel_emit(struct channel *c, const struct channel_parcel *p)
{
	if (c->ended || c->ending || !channel_make_room(c, sizeof(struct ipc_header) + p->bytes))
		return false;
	memcpy(c->out + c->out_bytes + sizeof(struct ipc_header), p->fields, p->bytes);
	channel_append(c, p);
	return true;
}

/* Fields written where channel_append() wants them: on their way, or in the hands of who meddles with them.
 */
static void channel_pass(struct channel *c, const struct channel_parcel *p)
{
	const uint8_t *fields = c->out + c->out_bytes + sizeof(struct ipc_header);
	const struct channel_parcel *before = resumed;
	bool taken;

	if (!channel_hooks.before_send) {
		channel_append(c, p);
		return;
	}
	resumed = p;
	taken = channel_hooks.before_send(c, p->type, fields, p->bytes, p->fd);
	resumed = before;
	if (!taken)
		channel_append(c, p);
}

bool channel_resume(struct channel *c, const struct channel_parcel *p)
{
	if (p->dropped)
		return channel_emit(c, p);
	if (c->ended || c->ending || !channel_make_room(c, sizeof(struct ipc_header) + p->bytes))
		return false;
	memcpy(c->out + c->out_bytes + sizeof(struct ipc_header), p->fields, p->bytes);
	channel_pass(c, p);
	return true;
}

/* Is it held on its way out, for somebody wants to look at it? */
static bool channel_holds(struct channel *c, const struct channel_parcel *p)
{
	const uint8_t *fields = c->out + c->out_bytes + sizeof(struct ipc_header);
	struct hold_view view = { .header = { .length = (uint32_t)(sizeof view.header + p->bytes),
					      .type = p->type,
					      .cause = cause_current() },
				  .fields = fields,
				  .fd = p->fd,
				  .hand = p->hand };

	return c->hold && hold_take(c, HOLD_OUTGOING, &view);
}

/* Queue what was written there. */
static void channel_queue(struct channel *c, const struct channel_parcel *p)
{
	if (!channel_holds(c, p))
		channel_pass(c, p);
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
	channel_queue(c, &(struct channel_parcel){ .type = (uint16_t)id, .bytes = (size_t)bytes, .fd = fd });
}

static bool channel_queue_raw(struct channel *c, const struct channel_parcel *p)
{
	if (!c || c->ended || c->ending || p->bytes > CHANNEL_PACKET_BYTES - sizeof(struct ipc_header) ||
	    !channel_make_room(c, sizeof(struct ipc_header) + p->bytes))
		return false;
	if (p->bytes)
		memcpy(c->out + c->out_bytes + sizeof(struct ipc_header), p->fields, p->bytes);
	channel_queue(c, p);
	return true;
}

void channel_send_raw(struct channel *c, uint16_t type, const void *fields, size_t bytes)
{
	channel_queue_raw(
		c, &(struct channel_parcel){ .fields = fields, .bytes = bytes, .type = type, .fd = -1 });
}

void channel_send_by_hand(struct channel *c, uint16_t type, const void *fields, size_t bytes, int fd)
{
	struct channel_parcel parcel = {
		.fields = fields, .bytes = bytes, .type = type, .fd = fd, .hand = RECORD_BY_HAND
	};
	bool request = type < IPC_COUNT && ipc_messages[type].reply >= 0;

	if (!channel_queue_raw(c, &parcel)) {
		if (fd != -1)
			close(fd);
		return;
	}
	if (request && c->requests[type] < UINT32_MAX)
		c->requests[type]++;
}
