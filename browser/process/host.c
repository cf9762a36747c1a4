/* See host.h: the life of a child, from launch to burial. */
#include "browser/process/host.h"
#include "browser/process/death_watch.h"
#include "browser/process/host_internal.h"
#include "browser/process/reaper.h"
#include "common/region.h"
#include "common/transport.h"
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

const char *const process_state_names[] = { "starting", "ready", "unresponsive", "dying", "dead" };

/* A child speaks only of its start before it, and never of it again. */
static void host_dispatch(void *self, struct channel *c, enum ipc_id id, const void *message)
{
	struct process_table *t = self;
	struct process_host *p = process_of_channel(t, c);

	if (!p || (p->state == PROCESS_STARTING) != (id == IPC_DID_START)) {
		channel_refuse(c, BAD_MESSAGE_NOT_IN_THIS_STATE);
		return;
	}
	t->dispatch(t->self, c, id, message);
}

static void host_channel_ended(void *self, struct channel *c, enum channel_end end)
{
	struct process_host *p = process_of_channel(self, c);

	if (!p) {
		channel_close(c);
		return;
	}
	if (end == CHANNEL_END_BAD_MESSAGE) {
		p->refused_id = channel_refused(c)->id;
		process_kill(p, channel_refused(c)->reason);
	} else if (end == CHANNEL_END_OVERFLOW) {
		process_kill(p, BAD_MESSAGE_QUEUE_OVERFLOW);
	}
	process_drop_channel(p);
	reaper_channel_ended(p);
}

void process_drop_channel(struct process_host *p)
{
	if (p->channel)
		process_note_end(p);
	channel_close(p->channel);
	p->channel = NULL;
	p->channel_ended = true;
}

/* Free what a host holds besides itself; what was never made is -1 or NULL. */
static void host_release(struct process_host *p)
{
	task_finish(&p->reap);
	task_finish(&p->wait_for_death);
	task_finish(&p->tell_dying);
	process_drop_channel(p);
	death_watch_remove(p->table->death_watch, p);
	region_unmap(p->region, sizeof *p->region + p->ring_bytes);
	p->region = NULL;
	if (p->pidfd != -1)
		close(p->pidfd);
	p->pidfd = -1;
	compartment_finish(&p->compartment);
}

void process_buried(struct process_host *p)
{
	struct process_table *t = p->table;

	p->state = PROCESS_DEAD;
	if (!p->died_ns)
		p->died_ns = recorder_now();
	/* One that was told to end is no casualty. */
	t->died += process_is_casualty(p);
	links_forget(t, p->name);
	t->events.died(t->events.arg, p);
	host_release(p);
}

/* The browser's end of the channel, its view of the recorder; the child's ends go into *launch. */
static bool host_prepare(struct process_host *p, struct launch *launch, const char **why)
{
	struct channel_config config = { .us = { ROLE_BROWSER, 0 },
					 .peer = p->name,
					 .recorder = p->table->recorder,
					 .dispatch = host_dispatch,
					 .ended = host_channel_ended,
					 .self = p->table };
	size_t bytes = sizeof *p->region + p->ring_bytes;
	int pair[2];

	launch->recorder = region_create("recorder", bytes);
	if (launch->recorder == -1 || !(p->region = region_map(launch->recorder, bytes, true))) {
		*why = "flight recorder";
		return false;
	}
	if (!transport_pair(pair)) {
		*why = "channel";
		return false;
	}
	launch->channel = pair[1];
	p->channel = channel_open(pair[0], &config);
	if (!p->channel) {
		close(pair[0]);
		*why = "channel";
	}
	return p->channel;
}

static bool host_launch(struct process_host *p, const struct launch *launch, const char **why)
{
	struct process_table *t = p->table;

	if (!compartment_create(&p->compartment, &t->programs, t->wanted & t->namespaces)) {
		*why = "compartment";
		return false;
	}
	p->pid = compartment_launch(&p->compartment, &t->programs, launch, &p->pidfd, why);
	return p->pid != -1;
}

/* The hue that the fewest of the living have. */
static unsigned table_pick_hue(const struct process_table *t)
{
	unsigned used[PROCESS_HUES] = { 0 }, best = 0;

	for (const struct process_host *p = t->first; p; p = p->next)
		used[p->hue] += p->state != PROCESS_DEAD;
	for (unsigned hue = 1; hue < PROCESS_HUES; hue++)
		if (used[hue] < used[best])
			best = hue;
	return best;
}

static struct process_host *host_create(struct process_table *t, enum role role, const char *label)
{
	struct process_host *p = calloc(1, sizeof *p);

	if (!p)
		return NULL;
	p->table = t;
	p->name = (struct endpoint){ role, ++t->serials[role] };
	p->label = label;
	p->ring_bytes = t->ring_bytes ? t->ring_bytes : RECORDER_RING_BYTES;
	p->pidfd = -1;
	p->compartment.init_pidfd = p->compartment.lifeline = -1;
	p->started_ns = recorder_now();
	p->hue = table_pick_hue(t);
	return p;
}

void process_doom(struct process_table *t, enum role role, enum fault fault, const char *name, unsigned times)
{
	t->dooms[role] = (struct process_doom){ .fault = fault, .times = times, .name = name };
}

static enum fault table_take_doom(struct process_table *t, struct process_host *p)
{
	struct process_doom *doom = &t->dooms[p->name.role];
	enum fault fault = doom->fault;

	if (fault != FAULT_NONE) {
		p->fault = doom->name;
		p->fault_ns = p->started_ns;
	}
	if (doom->times && --doom->times == 0)
		doom->fault = FAULT_NONE;
	return fault;
}

struct process_host *process_start(struct process_table *t, enum role role, int library, const char *label,
				   const char **why)
{
	struct process_host *p = host_create(t, role, label);
	struct launch launch = { .role = role, .channel = -1, .recorder = -1, .library = library };
	int error;

	*why = "memory";
	if (!p)
		return NULL;
	launch.serial = p->name.serial;
	launch.ring = t->ring_bytes;
	launch.doom = table_take_doom(t, p);
	launch.wanted = t->wanted & (t->namespaces | ~NAMESPACE_LAYERS);
	bool launched = host_prepare(p, &launch, why) && host_launch(p, &launch, why);

	error = errno;
	if (launch.channel != -1)
		close(launch.channel);
	if (launch.recorder != -1)
		close(launch.recorder);
	if (!launched) {
		host_release(p);
		free(p);
		errno = error;
		return NULL;
	}
	*t->end = p;
	t->end = &p->next;
	reaper_watch(p);
	t->events.started(t->events.arg, p);
	return p;
}

void process_signal(struct process_host *p, int signal)
{
	if (p->state != PROCESS_DEAD && !p->reaped)
		syscall(SYS_pidfd_send_signal, p->pidfd, signal, NULL, 0);
}

void process_kill(struct process_host *p, enum bad_message reason)
{
	/* It ends already, of something else. */
	if (p->state >= PROCESS_DYING)
		return;
	if (!p->kill_reason)
		p->kill_reason = reason;
	process_signal(p, SIGKILL);
}

void process_end(struct process_host *p)
{
	if (p->state >= PROCESS_DYING || p->asked_to_end)
		return;
	p->asked_to_end = true;
	/* A stopped or hung child never reads the end of its channel. */
	if (p->state == PROCESS_UNRESPONSIVE)
		process_signal(p, SIGKILL);
	if (p->channel)
		channel_flush(p->channel);
	process_drop_channel(p);
	reaper_channel_ended(p);
}

struct process_host *process_find(struct process_table *t, enum role role, uint32_t serial)
{
	for (struct process_host *p = t->first; p; p = p->next)
		if (p->name.role == role && p->name.serial == serial && p->state != PROCESS_DEAD)
			return p;
	return NULL;
}

struct process_host *process_of_channel(struct process_table *t, const struct channel *c)
{
	struct endpoint peer = channel_peer(c);
	struct process_host *p = process_find(t, peer.role, peer.serial);

	return p && p->channel == c ? p : NULL;
}

unsigned process_count(const struct process_table *t)
{
	unsigned n = 0;

	for (const struct process_host *p = t->first; p; p = p->next)
		n += p->state != PROCESS_DEAD;
	return n;
}

/* The dead are shown for a while, then forgotten. */
static void table_forget(void *arg)
{
	struct process_table *t = arg;
	uint64_t now = recorder_now();

	for (struct process_host **at = &t->first; *at;) {
		struct process_host *p = *at;

		if (p->state == PROCESS_DEAD &&
		    now - p->died_ns > PROCESS_DEAD_SHOWN_MS * UINT64_C(1000000)) {
			*at = p->next;
			if (t->end == &p->next)
				t->end = at;
			free(p);
		} else {
			at = &p->next;
		}
	}
}

bool process_table_init(struct process_table *t, uint32_t wanted, const char **why)
{
	int error = 0;

	t->end = &t->first;
	t->wanted = wanted;
	if (!compartment_open_programs(&t->programs, why))
		return false;
	t->namespaces = compartment_probe(&t->programs, &error, &t->namespace_hint);
	t->namespace_error = error;
	t->death_watch = death_watch_create(reaper_noticed);
	task_init(&t->forgetting, table_forget, t);
	task_repeat(&t->forgetting, 1000);
	hang_monitor_start(t);
	usage_start(t);
	return true;
}

void process_table_finish(struct process_table *t)
{
	death_watch_destroy(t->death_watch);
	t->death_watch = NULL;
	for (struct process_host *p = t->first; p; p = p->next)
		process_signal(p, SIGKILL);
	while (t->first) {
		struct process_host *p = t->first;

		t->first = p->next;
		if (p->state != PROCESS_DEAD && !p->reaped)
			reaper_wait(p);
		host_release(p);
		free(p);
	}
	task_finish(&t->forgetting);
	task_finish(&t->hang_checks);
	task_finish(&t->usage_reading);
	free(t->links);
	t->links = NULL;
	t->nlinks = 0;
}
