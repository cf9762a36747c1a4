/* See child.h. */
#include "common/child.h"
#include "common/arm.h"
#include "common/breakpoint.h"
#include "common/crash.h"
#include "common/fault.h"
#include "common/loop.h"
#include "common/owner.h"
#include "common/region.h"
#include "common/toxic.h"
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* `--serial N --layers HEX --fault N --ring N`: what the browser tells a child before there is a channel. */
static void child_parse(struct child *child, int argc, char **argv)
{
	for (int i = 1; i + 1 < argc; i += 2) {
		if (!strcmp(argv[i], "--serial"))
			child->us.serial = (uint32_t)strtoul(argv[i + 1], NULL, 10);
		else if (!strcmp(argv[i], "--layers"))
			child->layers = (uint32_t)strtoul(argv[i + 1], NULL, 16);
		else if (!strcmp(argv[i], "--fault") && strtoul(argv[i + 1], NULL, 10) < FAULT_COUNT)
			child->doom = (enum fault)strtoul(argv[i + 1], NULL, 10);
		else if (!strcmp(argv[i], "--ring"))
			child->ring_bytes = strtoul(argv[i + 1], NULL, 10);
	}
	if (!child->us.serial) {
		static const char why[] = "this program is started by bulkhead, not by hand\n";
		ssize_t n = write(STDERR_FILENO, why, sizeof why - 1);

		(void)n;
		_exit(2);
	}
}

static void child_on_half(void *arg)
{
	struct child *child = arg;

	if (child->browser)
		ipc_send_did_fill_recorder(child->browser);
}

void child_init(struct child *child, enum role role, int argc, char **argv)
{
	struct recorder_region *region;
	size_t bytes;
	sigset_t none;

	child->us.role = role;
	child->ring_bytes = RECORDER_RING_BYTES;
	child_parse(child, argc, argv);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	bytes = sizeof *region + child->ring_bytes;
	region = region_map(CHILD_RECORDER_FD, bytes, true);
	if (!region)
		_exit(1);
	close(CHILD_RECORDER_FD);
	recorder_init(&child->recorder, region, bytes, RECORDER_RECORDED_BYTES);
	owner_hold(&region->owner); /* where the kernel has none, death is told later */
	child->recorder.on_half = child_on_half;
	child->recorder.arg = child;
	if (!crash_init(region))
		crash_start_failed("crash handlers");
	crash_note_modules(region);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		crash_start_failed("locale C.UTF-8");
	if (!loop_init())
		crash_start_failed("event loop");
}

/* The browser is trusted, but a message from it that cannot be read means that one of us is broken. */
static void child_browser_ended(void *self, struct channel *c, enum channel_end end)
{
	(void)self;
	if (end == CHANNEL_END_BAD_MESSAGE)
		crash_bad_message(channel_refused(c)->reason, channel_refused(c)->id);
	_exit(0);
}

static void child_forget_peer(struct child *child, struct channel *c)
{
	for (unsigned i = 0; i < child->npeers; i++) {
		if (child->peers[i] == c) {
			child->peers[i] = child->peers[--child->npeers];
			break;
		}
	}
	if (child->peer_went)
		child->peer_went(child, c);
	channel_close(c);
}

static void child_peer_ended(void *self, struct channel *c, enum channel_end end)
{
	struct child *child = self;
	struct endpoint peer = channel_peer(c);
	const struct channel_refused *refused = channel_refused(c);

	if (end == CHANNEL_END_BAD_MESSAGE)
		ipc_send_did_receive_bad_message(child->browser, peer.role, peer.serial, refused->type,
						 refused->id, refused->reason);
	else
		ipc_send_did_lose_peer(child->browser, peer.role, peer.serial);
	child_forget_peer(child, c);
}

void child_report_bad_message(struct child *child, struct channel *c, enum bad_message reason)
{
	(void)child;
	channel_refuse(c, reason);
}

static void child_toxic_ended(void *arg, uint32_t toxic, enum toxic_end why)
{
	const struct child *child = arg;

	ipc_send_did_end_toxic(child->browser, toxic, why);
}

/* What is held is told; what became of it in vain, the loss of the peer tells. */
static void child_held(void *arg, struct endpoint from, const struct hold_view *v, uint32_t breakpoint)
{
	const struct child *child = arg;

	ipc_send_did_hold(child->browser, breakpoint, from.role, from.serial, v->header.type, v->header.id,
			  v->header.cause,
			  (struct ipc_bytes){ v->fields, v->header.length - (uint32_t)sizeof v->header });
}

void child_start(struct child *child, uint32_t layers, const char *missing)
{
	struct channel_config config = { .us = child->us,
					 .peer = { ROLE_BROWSER, 0 },
					 .recorder = &child->recorder,
					 .dispatch = child->dispatch,
					 .ended = child_browser_ended,
					 .self = child };

	toxic_ended = child_toxic_ended;
	toxic_ended_arg = child;
	breakpoint_init(child_held, child);
	crash_note_modules(child->recorder.region); /* with a plugin's library */
	child->browser = channel_open(CHILD_CHANNEL_FD, &config);
	if (!child->browser)
		crash_start_failed("channel to the browser");
	if (child->doom)
		fault_obey(child->doom, 0, child->browser);
	ipc_send_did_start(child->browser, IPC_PROTOCOL_HASH, layers, ipc_text(missing));
}

void child_run(struct child *child, void (*before_wait)(void *arg), void *arg)
{
	(void)child;
	loop_run(before_wait, arg);
	_exit(0);
}

struct channel *child_peer(struct child *child, enum role role, uint32_t serial)
{
	for (unsigned i = 0; i < child->npeers; i++) {
		struct endpoint peer = channel_peer(child->peers[i]);

		if (peer.role == role && peer.serial == serial)
			return child->peers[i];
	}
	return NULL;
}

void child_on_connect_peer(struct child *child, struct channel *c, const struct ipc_connect_peer *m)
{
	struct channel_config config = { .us = child->us,
					 .peer = { m->role, m->serial },
					 .recorder = &child->recorder,
					 .dispatch = child->dispatch,
					 .ended = child_peer_ended,
					 .self = child };
	struct channel *peer;

	(void)c;
	if (child->npeers == CHILD_PEERS || !(peer = channel_open(m->channel, &config))) {
		close(m->channel);
		ipc_send_did_lose_peer(child->browser, m->role, m->serial);
		return;
	}
	child->peers[child->npeers++] = peer;
	breakpoint_channel_opened(peer);
	if (child->peer_came)
		child->peer_came(child, peer);
}

void child_on_ping(struct child *child, struct channel *c, const struct ipc_ping *m)
{
	(void)child;
	ipc_send_pong(c, m->nonce);
}

void child_on_obey_fault(struct child *child, struct channel *c, const struct ipc_obey_fault *m)
{
	(void)child;
	fault_obey(m->kind, m->argument, c);
}

void child_on_arm_fault(struct child *child, struct channel *c, const struct ipc_arm_fault *m)
{
	(void)child;
	arm_fault(m, c);
}

void child_on_disarm_fault(struct child *child, struct channel *c, const struct ipc_disarm_fault *m)
{
	(void)child;
	(void)c;
	arm_remove(m->arm);
}

void child_on_place_toxic(struct child *child, struct channel *c, const struct ipc_place_toxic *m)
{
	struct channel *peer = m->role == ROLE_BROWSER ? c : child_peer(child, m->role, m->serial);

	if (!peer)
		ipc_send_did_end_toxic(c, m->toxic, TOXIC_END_NO_CHANNEL);
	else if (!toxic_place(peer, m))
		ipc_send_did_end_toxic(c, m->toxic, TOXIC_END_NO_ROOM);
}

void child_on_remove_toxic(struct child *child, struct channel *c, const struct ipc_remove_toxic *m)
{
	(void)child;
	if (toxic_remove(m->toxic))
		ipc_send_did_end_toxic(c, m->toxic, TOXIC_END_REMOVED);
}

void child_on_place_breakpoint(struct child *child, struct channel *c, const struct ipc_place_breakpoint *m)
{
	(void)child;
	(void)c;
	breakpoint_place(m);
}

void child_on_remove_breakpoint(struct child *child, struct channel *c, const struct ipc_remove_breakpoint *m)
{
	(void)child;
	(void)c;
	breakpoint_remove(m->breakpoint);
}

void child_on_settle_held(struct child *child, struct channel *c, const struct ipc_settle_held *m)
{
	struct channel *peer = child_peer(child, m->role, m->serial);
	struct hold_order order = {
		.action = m->action, .edited = m->edited, .fields = m->fields.data, .bytes = m->fields.length
	};
	struct hold_view held;

	(void)c;
	/* It may have gone with its channel, and another be held by now. */
	if (hold_holds(peer, HOLD_INCOMING, &held) && held.header.id == m->id)
		hold_settle(peer, HOLD_INCOMING, &order);
}

void child_on_send_by_hand(struct child *child, struct channel *c, const struct ipc_send_by_hand *m)
{
	struct channel *to = m->role == ROLE_BROWSER ? c : child_peer(child, m->role, m->serial);

	channel_send_by_hand(to, m->type, m->fields.data, m->fields.length, -1);
}
