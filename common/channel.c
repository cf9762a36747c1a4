/* See channel.h: opening, closing, and the backlog. channel_send.c and channel_receive.c are the two
 * directions. */
#include "common/channel.h"
#include "common/channel_internal.h"
#include "common/hold.h"
#include "common/loop.h"
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct channel *channels; /* of this process */
struct channel_hooks channel_hooks;

const char *endpoint_text(struct endpoint e, char buf[ENDPOINT_TEXT])
{
	if (e.role == ROLE_BROWSER)
		snprintf(buf, ENDPOINT_TEXT, "browser");
	else
		snprintf(buf, ENDPOINT_TEXT, "%s:%u", e.role < ROLE_COUNT ? role_names[e.role] : "unknown",
			 e.serial);
	return buf;
}

void channel_end(struct channel *c, enum channel_end why)
{
	if (c->ending || c->ended)
		return;
	c->end = why;
	c->ending = true;
	event_del(c->readable);
	event_del(c->writable);
}

void channel_free(struct channel *c)
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
	if (c->hold)
		hold_close(c);
	if (channel_hooks.closing)
		channel_hooks.closing(c);
	c->closed = c->ended = true;
	recorder_close_peer(c->counters);
	event_del(c->readable);
	event_del(c->writable);
	if (!c->busy)
		channel_free(c);
}

void channel_record(struct channel *c, enum record_kind kind, const struct ipc_header *h, int fd,
		    enum bad_message reason, const uint8_t *payload)
{
	channel_record_marked(c, kind, h, fd, reason, payload, 0);
}

void channel_record_marked(struct channel *c, enum record_kind kind, const struct ipc_header *h, int fd,
			   enum bad_message reason, const uint8_t *payload, uint32_t marks)
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
		.marks = marks,
	};

	recorder_write(c->config.recorder, &record, payload);
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
		else if (c->ending && !hold_drains(c))
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

	if (!c || !channel_prepare_receiving()) {
		free(c);
		return NULL;
	}
	c->fd = fd;
	c->config = *config;
	c->out_fd = c->left_fd = -1;
	c->queue_end = &c->queue;
	c->max_fds = CHANNEL_MAX_FDS;
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

void channel_allow_fds(struct channel *c, unsigned count)
{
	c->max_fds = count;
}

bool channel_clogged(const struct channel *c)
{
	return c->queued > CHANNEL_CLOGGED_BYTES;
}

bool channel_has_unread(const struct channel *c)
{
	struct pollfd readable = { .fd = c->fd, .events = POLLIN };

	return c->left || (!c->ending && poll(&readable, 1, 0) == 1);
}

uint32_t channel_unanswered(const struct channel *c, enum ipc_id request)
{
	return c->requests[request];
}

unsigned channel_descriptors(const struct channel *c)
{
	return 1 + c->queued_fds + (c->out_fd != -1) + (c->left_fd != -1);
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
