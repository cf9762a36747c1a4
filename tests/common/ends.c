/* See ends.h. */
#include "tests/common/ends.h"
#include "common/loop.h"
#include "common/task.h"
#include "common/transport.h"
#include "tests/common/unit.h"

#define PATIENCE_NS UINT64_C(5000000000)
#define MOST_ENDS   64

static struct end *ends[MOST_ENDS];
static unsigned nends, turns;
static unsigned fds_before;

static void on_message(void *self, struct channel *channel, enum ipc_id id, const void *message)
{
	struct end *end = self;

	assert_ptr_equal(channel, end->channel);
	assert_false(end->has_ended);
	if (!end->turn)
		end->turn = ++turns;
	assert_true(end->nkept < END_KEPT);
	struct kept *kept = &end->kept[end->nkept++];
	kept->id = id;
	kept->cause = cause_current();
	kept->handling = end->recorder.region->handling;
	memcpy(&kept->message, message, ipc_messages[id].size);
	if (end->on_message)
		end->on_message(end, id, message);
}

static void on_ended(void *self, struct channel *channel, enum channel_end why)
{
	struct end *end = self;

	assert_ptr_equal(channel, end->channel);
	assert_false(end->has_ended);
	end->has_ended = true;
	end->why = why;
	end->refused = *channel_refused(channel);
	if (end->on_ended)
		end->on_ended(end);
}

int ends_setup(void **state)
{
	(void)state;
	cause_set(0);
	nends = turns = 0;
	if (!loop_init())
		return -1;
	fds_before = open_fds();
	return 0;
}

int ends_teardown(void **state)
{
	bool leaked;

	(void)state;
	for (unsigned i = 0; i < nends; i++) {
		end_close(ends[i]);
		free(ends[i]->recorder.region);
		free(ends[i]);
	}
	leaked = open_fds() != fds_before;
	loop_finish();
	if (leaked)
		print_error("descriptors were leaked\n");
	return leaked ? -1 : 0;
}

struct end *end_open(int fd, struct endpoint us, struct endpoint peer)
{
	struct end *end = calloc(1, sizeof *end);
	struct recorder_region *region = aligned_alloc(64, (RECORDER_REGION_BYTES + 63) & ~(size_t)63);

	assert_non_null(end);
	assert_non_null(region);
	assert_true(nends < MOST_ENDS);
	ends[nends++] = end;
	memset(region, 0, RECORDER_REGION_BYTES);
	recorder_init(&end->recorder, region, RECORDER_REGION_BYTES, RECORDER_RECORDED_BYTES);
	end->channel = channel_open(fd, &(struct channel_config){ .us = us,
								  .peer = peer,
								  .recorder = &end->recorder,
								  .dispatch = on_message,
								  .ended = on_ended,
								  .self = end });
	assert_non_null(end->channel);
	return end;
}

void end_close(struct end *end)
{
	channel_close(end->channel);
	end->channel = NULL;
}

void ends_pair(struct end **browser, struct end **renderer)
{
	int fds[2];

	assert_true(transport_pair(fds));
	*browser = end_open(fds[0], BROWSER, RENDERER);
	*renderer = end_open(fds[1], RENDERER, BROWSER);
}

struct end *end_to_socket(struct endpoint us, struct endpoint peer, int *socket)
{
	int fds[2];

	assert_true(transport_pair(fds));
	*socket = fds[1];
	return end_open(fds[0], us, peer);
}

void end_expect(struct end *end, unsigned messages)
{
	uint64_t limit = recorder_now() + PATIENCE_NS;

	while (end->nkept < messages && !end->has_ended && recorder_now() < limit)
		loop_turn(50);
	assert_int_equal(end->nkept, messages);
}

void end_expect_end(struct end *end, enum channel_end why)
{
	uint64_t limit = recorder_now() + PATIENCE_NS;

	while (!end->has_ended && recorder_now() < limit)
		loop_turn(50);
	assert_true(end->has_ended);
	assert_int_equal(end->why, why);
}

void end_expect_bad(struct end *end, enum bad_message reason)
{
	end_expect_end(end, CHANNEL_END_BAD_MESSAGE);
	assert_string_equal(bad_message_names[end->refused.reason], bad_message_names[reason]);
}

void ends_settle(void)
{
	for (unsigned i = 0; i < 5; i++)
		loop_turn(1);
}

size_t frame(uint8_t *buf, struct endpoint from, uint64_t number, unsigned type, const void *fields,
	     size_t bytes)
{
	struct ipc_header h = { .length = (uint32_t)(sizeof h + bytes),
				.type = (uint16_t)type,
				.id = ipc_make_id(from.role, from.serial, number) };

	memcpy(buf, &h, sizeof h);
	if (bytes)
		memcpy(buf + sizeof h, fields, bytes);
	return h.length;
}

void send_bytes(int socket, const void *bytes, size_t length, int fd)
{
	assert_int_equal(transport_send(socket, bytes, length, fd), 1);
}

void send_ping(int socket, uint64_t number)
{
	uint8_t buf[64];

	send_bytes(socket, buf, frame(buf, BROWSER, number, IPC_PING, &number, sizeof number), -1);
}
