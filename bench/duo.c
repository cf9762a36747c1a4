/* See duo.h. */
#include "bench/duo.h"
#include "bench/bench.h"
#include "common/loop.h"
#include "common/transport.h"
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static struct channel *peer_channel;
static struct recorder peer_recorder;

static struct recorder_region *make_region(size_t bytes)
{
	void *region = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (region == MAP_FAILED)
		bench_fail("no memory for a flight recorder: %m");
	return region;
}

static void peer_ended(void *self, struct channel *c, enum channel_end end)
{
	(void)self;
	(void)c;
	_exit(end == CHANNEL_END_EOF ? 0 : 1);
}

static void our_end(void *self, struct channel *c, enum channel_end end)
{
	(void)self;
	(void)c;
	bench_fail("the channel to the other process ended (%d)", (int)end);
}

/* As a child's recorder does, common/child.c. */
static void peer_on_half(void *arg)
{
	(void)arg;
	ipc_send_did_fill_recorder(peer_channel);
}

static _Noreturn void peer_run(struct duo *d, int fd, channel_dispatch_fn *dispatch, void *self,
			       void (*before_wait)(void *))
{
	struct channel_config config = { .us = { ROLE_RENDERER, 1 },
					 .peer = { ROLE_BROWSER, 0 },
					 .recorder = &peer_recorder,
					 .dispatch = dispatch,
					 .ended = peer_ended,
					 .self = self };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	recorder_init(&peer_recorder, d->regions[1], RECORDER_REGION_BYTES, RECORDER_RECORDED_BYTES);
	peer_recorder.on_half = peer_on_half;
	if (!loop_init() || !(peer_channel = channel_open(fd, &config)))
		_exit(1);
	loop_run(before_wait, self);
	_exit(0);
}

void duo_start(struct duo *d, channel_dispatch_fn *ours, channel_dispatch_fn *peers, void *self,
	       void (*peer_before_wait)(void *))
{
	size_t own_bytes = sizeof(struct recorder_region) + RECORDER_BROWSER_BYTES;
	struct channel_config config = { .us = { ROLE_BROWSER, 0 },
					 .peer = { ROLE_RENDERER, 1 },
					 .recorder = &d->recorder,
					 .dispatch = ours,
					 .ended = our_end,
					 .self = self };
	int pair[2];

	*d = (struct duo){ .regions = { make_region(own_bytes), make_region(RECORDER_REGION_BYTES) } };
	if (!transport_pair(pair))
		bench_fail("no channel: %m");
	d->peer = fork();
	if (d->peer == 0) {
		close(pair[0]);
		peer_run(d, pair[1], peers, self, peer_before_wait);
	}
	close(pair[1]);
	recorder_init(&d->recorder, d->regions[0], own_bytes, UINT16_MAX);
	if (d->peer == -1 || !loop_init() || !(d->channel = channel_open(pair[0], &config)))
		bench_fail("cannot start the other process: %m");
}

void duo_finish(struct duo *d)
{
	channel_close(d->channel);
	waitpid(d->peer, NULL, 0);
	munmap(d->regions[0], sizeof(struct recorder_region) + RECORDER_BROWSER_BYTES);
	munmap(d->regions[1], RECORDER_REGION_BYTES);
	loop_finish();
}

struct channel *duo_peer_channel(void)
{
	return peer_channel;
}

void duo_record(struct duo *d, bool on)
{
	for (int i = 0; i < 2; i++)
		atomic_store(&d->regions[i]->enabled, on);
}

/* Each fills up to MESSAGE_BYTES with text of this length. */
#define STATE_TEXT (MESSAGE_BYTES - 4 - 4 - 1 - 4)
#define TITLE_TEXT (MESSAGE_BYTES - 4 - 4 - 4)

static const char filling[] = "Sixty-four bytes are a title, a key, a click or a word.";

void duo_send_to_peer(struct channel *c, uint32_t number)
{
	ipc_send_set_plugin_state(c, 1, number, PLUGIN_STATE_READY,
				  (struct ipc_string){ filling, STATE_TEXT });
}

void duo_send_to_us(struct channel *c, uint32_t number)
{
	ipc_send_did_change_title(c, 1, number, (struct ipc_string){ filling, TITLE_TEXT });
}

bool duo_pin(pid_t pid, unsigned processor)
{
	static cpu_set_t allowed; /* as it was before this process was bound itself */
	static bool known;
	cpu_set_t one;

	if (!known && sched_getaffinity(0, sizeof allowed, &allowed) == -1)
		return false;
	known = true;
	CPU_ZERO(&one);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &allowed) || processor--)
			continue;
		CPU_SET(cpu, &one);
		return sched_setaffinity(pid, sizeof one, &one) == 0;
	}
	return false;
}
