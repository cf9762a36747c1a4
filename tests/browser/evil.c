/* See evil.h. */
#include "tests/browser/evil.h"
#include "common/crash.h"
#include "common/loop.h"
#include "common/region.h"
#include "sandbox/sandbox.h"
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* compromise.c looks for this and writes the way behind the colon. */
static volatile const char told[64] = "bulkhead-evil-way:";

static struct evil evil;

void evil_packet(struct evil *e, const void *bytes, size_t length)
{
	channel_flush(e->child.browser);
	while (write(CHILD_CHANNEL_FD, bytes, length) == -1) {
		if (errno != EAGAIN)
			abort();
		usleep(100);
	}
}

void evil_message(struct evil *e, uint16_t type, const void *fields, size_t length,
		  void (*spoil)(struct evil *, struct ipc_header *))
{
	static uint8_t packet[CHANNEL_PACKET_BYTES];
	struct ipc_header h = { .length = (uint32_t)(sizeof h + length),
				.type = type,
				.id = channel_make_id(e->child.us) };

	if (spoil)
		spoil(e, &h);
	memcpy(packet, &h, sizeof h);
	memcpy(packet + sizeof h, fields, length);
	evil_packet(e, packet, sizeof h + length);
}

struct channel *evil_peer(struct evil *e, enum role role)
{
	for (unsigned i = e->child.npeers; i-- > 0;)
		if (channel_peer(e->child.peers[i]).role == role)
			return e->child.peers[i];
	return NULL;
}

void evil_map(struct evil *e, int fd, size_t half_bytes)
{
	if (e->memory)
		region_unmap(e->memory, 2 * (size_t)e->half_bytes);
	e->half_bytes = (uint32_t)half_bytes;
	e->memory = region_map(fd, 2 * half_bytes, true);
	close(fd);
}

void evil_fill(void *memory, size_t bytes)
{
	uint64_t state = UINT64_C(0x9e3779b97f4a7c15);
	uint8_t *out = memory;

	for (size_t i = 0; i < bytes; i++) {
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		out[i] = (uint8_t)(state >> 32);
	}
}

bool evil_run(struct evil *e, const struct misdeed *ways)
{
	for (; ways->way; ways++) {
		if (strcmp(ways->way, e->way))
			continue;
		ways->run(e);
		return true;
	}
	return false;
}

static void evil_dispatch(void *self, struct channel *c, enum ipc_id id, const void *message)
{
	static bool (*const roles[ROLE_COUNT])(struct evil *, enum ipc_id, const union ipc_any *) = {
		[ROLE_RENDERER] = evil_renderer_dispatch,
		[ROLE_GPU] = evil_gpu_dispatch,
		[ROLE_PLUGIN] = evil_plugin_dispatch,
	};
	const union ipc_any *m = message;
	struct evil *e = self;

	if (id == IPC_PING) {
		if (e->page && !strcmp(e->way, "answer another ping"))
			ipc_send_pong(c, m->ping.nonce + 1);
		else
			child_on_ping(&e->child, c, &m->ping);
	} else if (id == IPC_CONNECT_PEER) {
		child_on_connect_peer(&e->child, c, &m->connect_peer);
	} else if (id == IPC_OBEY_FAULT) {
		child_on_obey_fault(&e->child, c, &m->obey_fault);
	} else {
		roles[e->child.us.role](e, id, m);
	}
}

/* Before it is ready. */

static void abort_at_once(struct evil *e)
{
	(void)e;
	abort();
}

static void fail_a_step(struct evil *e)
{
	(void)e;
	crash_start_failed("no moon tonight");
}

static void leave(struct evil *e)
{
	(void)e;
	_exit(7);
}

static void hold_nothing(struct evil *e)
{
	atomic_store(&e->child.recorder.region->owner, 0);
}

static void ignore_sigterm(struct evil *e)
{
	(void)e;
	signal(SIGTERM, SIG_IGN);
}

static void close_channel_at_once(struct evil *e)
{
	(void)e;
	close(CHILD_CHANNEL_FD);
}

const struct misdeed evil_start_ways[] = { { "abort at once", abort_at_once },
					   { "fail a step", fail_a_step },
					   { "leave at once", leave },
					   { "hold nothing", hold_nothing },
					   { "ignore sigterm", ignore_sigterm },
					   { "close the channel at once", close_channel_at_once },
					   { 0 } };

/* How it reports itself. */

static void start_twice(struct evil *e)
{
	ipc_send_did_start(e->child.browser, IPC_PROTOCOL_HASH, 0, ipc_text(""));
}

static void speak_first(struct evil *e)
{
	struct ipc_header h = { .length = sizeof h + 8,
				.type = IPC_DID_COMMIT,
				.id = ipc_make_id(e->child.us.role, e->child.us.serial, 1) };
	uint8_t packet[sizeof h + 8] = { 0 };

	memcpy(packet, &h, sizeof h);
	if (write(CHILD_CHANNEL_FD, packet, sizeof packet) == -1)
		abort();
}

static void speak_another_protocol(struct evil *e)
{
	uint8_t packet[sizeof(struct ipc_header) + 16] = { 0 }; /* no layers, nothing missing */
	struct ipc_header h = { .length = sizeof packet,
				.type = IPC_DID_START,
				.id = ipc_make_id(e->child.us.role, e->child.us.serial, 1) };

	memcpy(packet, &h, sizeof h);
	packet[sizeof h] = 1;
	if (write(CHILD_CHANNEL_FD, packet, sizeof packet) == -1)
		abort();
}

static const struct misdeed before_start[] = { { "speak before it is ready", speak_first },
					       { "speak another protocol", speak_another_protocol },
					       { 0 } };
static const struct misdeed after_start[] = { { "start twice", start_twice }, { 0 } };

static enum role role_of(const char *name)
{
	return strstr(name, "gpu") ? ROLE_GPU : strstr(name, "plugin") ? ROLE_PLUGIN : ROLE_RENDERER;
}

static bool load_nothing(const char *path, void *arg)
{
	(void)path;
	(void)arg;
	return true;
}

int main(int argc, char **argv)
{
	enum role role = role_of(argv[0]);
	struct sandbox_result sandbox = { 0 };
	uint32_t layers;

	evil.way = (const char *)(uintptr_t)told + strlen("bulkhead-evil-way:");
	child_init(&evil.child, role, argc, argv);
	evil.child.dispatch = evil_dispatch;
	evil_run(&evil, evil_start_ways);
	if (!sandbox_enter(sandbox_policy(role), evil.child.layers,
			   role == ROLE_PLUGIN ? CHILD_PLUGIN_FD : -1,
			   role == ROLE_PLUGIN ? load_nothing : NULL, NULL, &sandbox))
		crash_start_failed(sandbox.missing);
	evil_run(&evil, before_start);
	layers = strcmp(evil.way, "claim all layers") ? sandbox.on : SANDBOX_ALL_LAYERS;
	child_start(&evil.child, layers, sandbox.missing);
	evil_run(&evil, after_start);
	child_run(&evil.child, NULL, NULL);
}
