/* See body.h. */
#include "renderer/body.h"
#include "common/crash.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READ_BYTES   (64u << 10)
#define BUFFER_BYTES (256u << 10) /* gathered at most */

static void watch(struct body *body)
{
	bool wanted = body->fd >= 0 && !body->eof && body->length < BUFFER_BYTES - READ_BYTES;
	if (wanted == body->watching)
		return;
	body->watching = wanted;
	if (wanted)
		task_watch(&body->watch, body->fd, EV_READ);
	else
		task_cancel(&body->watch);
}

static void make_room(struct body *body)
{
	if (body->start) {
		memmove(body->buffer, body->buffer + body->start, body->length);
		body->start = 0;
	}
	if (body->size - body->length >= READ_BYTES)
		return;
	body->size = body->length + READ_BYTES;
	body->buffer = crash_realloc(body->buffer, body->size);
}

/* There is something to read, so this does not wait. */
static void body_read(void *arg)
{
	struct body *body = arg;
	make_room(body);
	ssize_t got = read(body->fd, body->buffer + body->length, READ_BYTES);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got > 0) {
		body->length += (size_t)got;
		body->received += (uint64_t)got;
	} else {
		body->eof = true;
	}
	watch(body);
	body->came(body->arg);
}

void body_open(struct body *body, int fd, void (*came)(void *arg), void *arg)
{
	*body = (struct body){ .fd = fd, .came = came, .arg = arg, .piece = BODY_FIRST_PIECE };
	task_init(&body->watch, body_read, body);
	watch(body);
}

void body_finish(struct body *body)
{
	task_finish(&body->watch);
	if (body->fd >= 0)
		close(body->fd);
	free(body->buffer);
	*body = (struct body){ .fd = -1 };
}

void body_end(struct body *body, enum body_end how, uint64_t total)
{
	body->ended = true;
	body->how = how;
	body->total = total;
}

const char *body_peek(const struct body *body, size_t *length)
{
	*length = body->length;
	return body->length ? body->buffer + body->start : NULL;
}

void body_take(struct body *body, size_t length)
{
	if (length >= body->piece && body->piece < BODY_LAST_PIECE)
		body->piece *= 2;
	body->start += length;
	body->length -= length;
	watch(body);
}

bool body_has_piece(const struct body *body)
{
	return body->length >= body->piece;
}

bool body_is_whole(const struct body *body)
{
	return body->ended && (body->eof || body->received >= body->total);
}
