/* See player.h: where the process of the log did not answer, does it answer now? */
#include "browser/traffic/replay/player.h"
#include "browser/traffic/replay/report.h"

#define FAST_NS	 UINT64_C(2000000000)
#define TIMED_NS UINT64_C(10000000000)
#define TURN_MS	 5

/* Never longer than the log knows: whether it answered later, nobody has seen. */
static uint64_t patience(const struct player *p, const struct tape_event *e)
{
	uint64_t most = p->options->fast ? FAST_NS : TIMED_NS, silent = e->silent_ns;

	if (!p->options->fast)
		silent = (uint64_t)((double)silent / p->options->speed);
	return silent < most ? silent : most;
}

void silence_probe(struct player *p, const struct tape_event *e)
{
	struct link *browser = link_find(p, (struct endpoint){ ROLE_BROWSER, 0 });
	uint64_t began = recorder_now(), most = patience(p, e);
	double then = (double)e->silent_ns / 1e9, took;

	if (!browser || !link_send_message(p, browser, IPC_PING, 0, 0, &(struct ipc_ping){ 0 }))
		return;
	browser = link_find(p, (struct endpoint){ ROLE_BROWSER, 0 });
	p->probe = browser ? ipc_make_id(ROLE_BROWSER, 0, browser->last) : 0;
	while (p->probe && !p->dead && recorder_now() - began < most)
		player_turn(p, TURN_MS);
	took = (double)(recorder_now() - began) / 1e9;
	if (p->dead)
		return;
	p->hung = p->probe != 0;
	p->probe = 0;
	if (!p->hung) {
		/* Without its ping the log, which ends too early, lacks what came before that as well. */
		report_other(p->report, "hang", "it answers, after %.4f s; in the log it hung for %.3f s%s",
			     took, then, e->id ? "" : ", and what was on its way to it then is missing");
		return;
	}
	p->report->hung++;
	report_note(p->report, "hung, as in the log: no answer to a ping for %.3f s, in the log for %.3f s",
		    took, then);
}

bool silence_take(struct player *p, const struct ipc_header *h)
{
	if (h->type != IPC_PONG || !p->probe || h->cause != p->probe)
		return false;
	p->probe = 0;
	return true;
}
