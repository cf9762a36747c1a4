/* See fixture.h. */
#include "tests/gpu/fixture.h"
#include "common/loop.h"
#include "common/region.h"
#include "common/transport.h"
#include "tests/gpu/unit.h"
#include <unistd.h>

#define PATIENCE_NS UINT64_C(5000000000)

static void on_message(void *self, struct channel *channel, enum ipc_id id, const void *message)
{
	struct fixture *fixture = self;

	assert_true(fixture->narrived < FIXTURE_STRAYS);
	struct arrived *arrived = &fixture->arrived[fixture->narrived++];
	arrived->at = channel;
	arrived->id = id;
	memcpy(&arrived->message, message, ipc_messages[id].size);
}

static void on_ended(void *self, struct channel *channel, enum channel_end end)
{
	(void)self;
	(void)channel;
	(void)end;
}

static void make_recorder(struct recorder *recorder)
{
	struct recorder_region *region = calloc(1, RECORDER_REGION_BYTES);

	assert_non_null(region);
	recorder_init(recorder, region, RECORDER_REGION_BYTES, RECORDER_RECORDED_BYTES);
}

static struct channel *open_end(struct fixture *fixture, int fd, struct endpoint us)
{
	struct channel_config config = { .us = us,
					 .peer = fixture->child->us,
					 .recorder = &fixture->recorder,
					 .dispatch = on_message,
					 .ended = on_ended,
					 .self = fixture };
	struct channel *channel = channel_open(fd, &config);

	assert_non_null(channel);
	return channel;
}

void fixture_open(struct fixture *fixture, struct child *child, enum role role, void (*before_wait)(void *))
{
	int fds[2];

	*fixture = (struct fixture){ .child = child, .before_wait = before_wait };
	child->us = (struct endpoint){ role, 1 };
	assert_true(loop_init());
	assert_true(transport_pair(fds));
	make_recorder(&fixture->recorder);
	make_recorder(&child->recorder);
	struct channel_config config = { .us = child->us,
					 .peer = { ROLE_BROWSER, 0 },
					 .recorder = &child->recorder,
					 .dispatch = child->dispatch,
					 .ended = on_ended,
					 .self = child };
	child->browser = channel_open(fds[0], &config);
	assert_non_null(child->browser);
	fixture->browser = open_end(fixture, fds[1], (struct endpoint){ ROLE_BROWSER, 0 });
}

void fixture_close(struct fixture *fixture)
{
	for (unsigned i = 0; i < FIXTURE_RENDERERS; i++)
		channel_close(fixture->renderers[i]);
	while (fixture->child->npeers > 0)
		channel_close(fixture->child->peers[--fixture->child->npeers]);
	channel_close(fixture->child->browser);
	channel_close(fixture->browser);
	free(fixture->recorder.region);
	free(fixture->child->recorder.region);
	loop_finish();
}

struct channel *fixture_connect(struct fixture *fixture, uint32_t serial)
{
	int fds[2];

	assert_true(transport_pair(fds));
	ipc_send_connect_peer(fixture->browser, ROLE_RENDERER, serial, fds[0]);
	close(fds[0]);
	fixture->renderers[serial - 1] =
		open_end(fixture, fds[1], (struct endpoint){ ROLE_RENDERER, serial });
	fixture_settle(fixture);
	return fixture->renderers[serial - 1];
}

void fixture_disconnect(struct fixture *fixture, uint32_t serial)
{
	channel_close(fixture->renderers[serial - 1]);
	fixture->renderers[serial - 1] = NULL;
	fixture_settle(fixture);
}

static void turn(struct fixture *fixture)
{
	if (fixture->before_wait)
		fixture->before_wait(fixture->child);
	loop_turn(50);
}

const union ipc_any *fixture_expect(struct fixture *fixture, struct channel *at, enum ipc_id id)
{
	uint64_t end = recorder_now() + PATIENCE_NS;

	do {
		for (unsigned i = 0; i < fixture->narrived; i++) {
			struct arrived *arrived = &fixture->arrived[i];
			if (arrived->at != at || arrived->id != id)
				continue;
			fixture->found = *arrived;
			memmove(arrived, arrived + 1, (--fixture->narrived - i) * sizeof(*arrived));
			return &fixture->found.message;
		}
		turn(fixture);
	} while (recorder_now() < end);
	fail_msg("no %s came", ipc_messages[id].name);
	return NULL;
}

/* A pong comes after all that was handled before its ping. Twice, since what renderers sent may come behind
 * one. */
void fixture_settle(struct fixture *fixture)
{
	for (uint64_t nonce = 1; nonce <= 3; nonce++) {
		ipc_send_ping(fixture->browser, nonce);
		assert_int_equal(fixture_expect(fixture, fixture->browser, IPC_PONG)->pong.nonce, nonce);
	}
}

unsigned fixture_count(const struct fixture *fixture, const struct channel *at, enum ipc_id id)
{
	unsigned count = 0;

	for (unsigned i = 0; i < fixture->narrived; i++)
		count += fixture->arrived[i].at == at && fixture->arrived[i].id == id;
	return count;
}

void fixture_forget(struct fixture *fixture)
{
	fixture->narrived = 0;
}

struct region fixture_region(size_t bytes)
{
	struct region region = { .bytes = bytes, .fd = region_create("test", bytes) };

	region.memory = region_map(region.fd, bytes, true);
	assert_non_null(region.memory);
	return region;
}

void fixture_drop_region(struct region *region)
{
	region_unmap(region->memory, region->bytes);
	if (region->memory)
		close(region->fd);
	*region = (struct region){ 0 };
}
