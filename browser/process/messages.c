/* What every child says of itself: started, pong, what became of its peers. */
#include "browser/browser.h"
#include "browser/process/death_watch.h"
#include "browser/process/host_internal.h"
#include <stdio.h>

static void count_start(struct process_table *t, uint64_t took_ns)
{
	t->starts.count++;
	t->starts.total_ns += took_ns;
	if (took_ns > t->starts.most_ns)
		t->starts.most_ns = took_ns;
}

void browser_on_did_start(struct browser *b, struct channel *c, const struct ipc_did_start *m)
{
	struct process_table *t = b->processes;
	struct process_host *p = process_of_channel(t, c);

	if (m->protocol != IPC_PROTOCOL_HASH) {
		channel_refuse(c, BAD_MESSAGE_WRONG_PROTOCOL);
		return;
	}
	p->layers = m->layers;
	snprintf(p->missing, sizeof p->missing, "%.*s", (int)m->missing.length, m->missing.text);
	verify_process(p->pid, p->layers, &p->verified);
	/* The first child told that the sandbox is strong enough here: one that is weaker now shows nobody's
	 * pages. */
	if (t->insists && !verify_is_enough(p->verified.shield)) {
		process_kill(p, BAD_MESSAGE_WEAK_SANDBOX);
		return;
	}
	p->ready_ns = recorder_now();
	count_start(t, p->ready_ns - p->started_ns);
	p->state = PROCESS_READY;
	death_watch_add(t->death_watch, p);
	t->events.ready(t->events.arg, p);
}

void browser_on_pong(struct browser *b, struct channel *c, const struct ipc_pong *m)
{
	hang_monitor_ponged(process_of_channel(b->processes, c), m->nonce);
}

/* Its peer is dead or deaf; if it died, the kernel tells the browser so too. */
void browser_on_did_lose_peer(struct browser *b, struct channel *c, const struct ipc_did_lose_peer *m)
{
	process_disconnected(b->processes, channel_peer(c), (struct endpoint){ m->role, m->serial });
}

/* Only the GPU process is believed, and of renderers only: a liar could have its neighbours killed. */
void browser_on_did_receive_bad_message(struct browser *b, struct channel *c,
					const struct ipc_did_receive_bad_message *m)
{
	struct process_host *accused = process_find(b->processes, m->role, m->serial);

	process_disconnected(b->processes, channel_peer(c), (struct endpoint){ m->role, m->serial });
	if (channel_peer(c).role == ROLE_GPU && m->role == ROLE_RENDERER && accused) {
		accused->refused_id = m->id;
		process_kill(accused, m->reason ? m->reason : BAD_MESSAGE_INVALID_DISPLAY_LIST);
	}
}
