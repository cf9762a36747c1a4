/* See news.h. */
#include "browser/news.h"
#include "browser/browser.h"
#include "browser/fault/blast/blast.h"
#include "browser/fault/crash/crash_report.h"
#include "browser/fault/injection.h"
#include "browser/fault/toxics.h"
#include "browser/process/gpu_host.h"
#include "browser/process/plugin_host.h"
#include "browser/process/spare.h"
#include "browser/tab/embed.h"
#include "browser/tab/navigation.h"
#include "browser/tab/page_host.h"
#include "browser/tab/tab_sad.h"
#include "browser/tab/view.h"
#include "browser/traffic/breakpoint/breakpoints.h"
#include "browser/traffic/collect/collector.h"
#include <stdio.h>

static void news_started(void *arg, struct process_host *p)
{
	struct browser *b = arg;

	collector_add_process(b->collector, p->name, p->region, p->ring_bytes);
	collector_note_process(b->collector,
			       &(struct traffic_process){ .what = TRAFFIC_PROCESS_START,
							  .process = p->name,
							  .cause = cause_current(),
							  .pid = p->pid,
							  .name = p->label[0] ? p->label : NULL });
	breakpoints_started(b->breakpoints, p);
	browser_tell(b, CHANGED_PROCESSES);
}

static void news_renderer_ready(struct browser *b, struct process_host *p)
{
	spare_ready(b->spare, p);
	page_host_renderer_ready(b->tabs, p);
	for (struct tab *t = b->tabs->first; t; t = t->next)
		if (t->renderer == p)
			navigation_renderer_ready(t);
}

static void news_ready(void *arg, struct process_host *p)
{
	struct browser *b = arg;

	collector_note_process(b->collector,
			       &(struct traffic_process){ .what = TRAFFIC_PROCESS_READY,
							  .process = p->name,
							  .cause = cause_current(),
							  .pid = p->pid,
							  .has_layers = true,
							  .layers = p->verified.shield,
							  .missing = p->missing[0] ? p->missing : NULL,
							  .after_us = (p->ready_ns - p->started_ns) / 1000 });
	crash_reports_ready(b->crash_reports, p);
	breakpoints_ready(b->breakpoints, p); /* before it hears of its peers */
	switch (p->name.role) {
	case ROLE_GPU:
		gpu_host_ready(b->gpu);
		page_host_gpu_ready(b->tabs);
		break;
	case ROLE_PLUGIN:
		plugin_hosts_ready(b->plugins, p);
		embeds_plugin_ready(b->tabs, p);
		break;
	default:
		news_renderer_ready(b, p);
	}
	browser_tell(b, CHANGED_PROCESSES);
}

static void news_note_death(struct browser *b, const struct process_host *p)
{
	const struct death *d = &p->death;
	char call[64], words[160], toxic[ORDER_TEXT + 40];
	struct traffic_process event = {
		.what = TRAFFIC_PROCESS_EXIT,
		.process = p->name,
		.cause = d->handling,
		.pid = p->pid,
		.status = d->status,
		.signal = d->signal,
		.has_code = true,
		.code = d->code,
		.has_address = d->kind == CRASH_KIND_SIGNAL || d->kind == CRASH_KIND_STACK_OVERFLOW,
		.address = d->address,
		.reason = d->reason,
		.detail = death_text(d, words, sizeof words),
		.after_us = (p->died_ns - p->started_ns) / 1000,
	};

	if (*toxics_blame(b->toxics, p, toxic, sizeof toxic))
		event.toxic = toxic;
	if (d->kind == CRASH_KIND_VIOLATION)
		event.syscall = death_syscall_name(d->syscall, call, sizeof call);
	collector_note_process(b->collector, &event);
}

/* The following are told twice of most deaths: when it is dying, and when it is known of what. */

static void news_gpu_gone(struct browser *b, struct process_host *p)
{
	gpu_host_died(b->gpu, p);
}

static void news_plugin_gone(struct browser *b, struct process_host *p)
{
	struct plugin_host *plugin = plugin_host_of(b->plugins, p);

	plugin_hosts_died(b->plugins, p);
	if (plugin)
		embeds_plugin_died(b->tabs, p, plugin);
	else
		embeds_plugin_named(b->tabs, p);
}

static void news_renderer_gone(struct browser *b, struct process_host *p)
{
	bool dead = p->state == PROCESS_DEAD;

	spare_died(b->spare, p);
	for (struct tab *t = b->tabs->first; t; t = t->next) {
		if (t->renderer != p)
			tab_sad_learn(t, p);
		else if (dead)
			tab_sad_show(t, &p->death, p);
		else
			tab_sad_begin(t, p);
	}
	if (dead)
		page_host_renderer_died(b->tabs, p);
}

static void news_gone(struct browser *b, struct process_host *p)
{
	static void (*const gone[ROLE_COUNT])(struct browser *, struct process_host *) = {
		[ROLE_RENDERER] = news_renderer_gone,
		[ROLE_GPU] = news_gpu_gone,
		[ROLE_PLUGIN] = news_plugin_gone,
	};

	gone[p->name.role](b, p);
}

static void news_dying(void *arg, struct process_host *p)
{
	struct browser *b = arg;

	blasts_dying(b->blasts, p);
	news_gone(b, p);
	blasts_died(b->blasts, p);
	browser_tell(b, CHANGED_PROCESSES | CHANGED_TABS);
}

static void news_died(void *arg, struct process_host *p)
{
	struct browser *b = arg;

	collector_process_ended(b->collector, p->name);
	news_note_death(b, p);
	crash_reports_died(b->crash_reports, p);
	injections_died(b->injections, p);
	breakpoints_died(b->breakpoints, p);
	blasts_dying(b->blasts, p);
	news_gone(b, p);
	blasts_died(b->blasts, p);
	toxics_died(b->toxics, p);
	browser_tell(b, CHANGED_PROCESSES | CHANGED_TRAFFIC | CHANGED_TABS);
}

static void news_responded(void *arg, struct process_host *p)
{
	struct browser *b = arg;
	bool hangs = p->state == PROCESS_UNRESPONSIVE;

	/* Patience is not an answer. */
	if (hangs || !process_silent_ms(p))
		collector_note_process(
			b->collector,
			&(struct traffic_process){
				.what = hangs ? TRAFFIC_PROCESS_UNRESPONSIVE : TRAFFIC_PROCESS_RESPONSIVE,
				.process = p->name,
				.pid = p->pid,
				.after_us = hangs ? process_silent_ms(p) * UINT64_C(1000) : 0 });
	blasts_responded(b->blasts, p);
	if (p->name.role == ROLE_GPU && hangs) {
		browser_say(b, "the GPU process did not respond and was ended; another takes its place");
		gpu_host_hangs(b->gpu);
	}
	if (p->name.role == ROLE_PLUGIN)
		embeds_plugin_responded(b->tabs, p);
	browser_tell(b, CHANGED_PROCESSES | CHANGED_TABS);
}

static void news_ponged(void *arg, struct process_host *p)
{
	struct browser *b = arg;

	blasts_ponged(b->blasts, p);
}

static void news_disconnected(void *arg, struct endpoint one, struct endpoint other)
{
	struct browser *b = arg;

	breakpoints_lost_peer(b->breakpoints, one, other);
}

/* Who is to be helped now, and by what. */
static void news_gave_up(void *arg, enum role role, const char *label, const char *why)
{
	static const char *const who[ROLE_COUNT] = {
		[ROLE_RENDERER] = "renderers", [ROLE_GPU] = "the GPU process", [ROLE_PLUGIN] = "the plugin"
	};
	static const char *const then[ROLE_COUNT] = {
		[ROLE_RENDERER] = "no spare is started until a tab asks for one",
		[ROLE_GPU] = "it was given up, F7 tries again",
		[ROLE_PLUGIN] = "it was given up, later a reload tries again",
	};

	struct browser *b = arg;
	const struct injection *order = injections_lasting(b->injections, role);
	char armed[100] = "";

	/* Trying again is of no use before that is taken back. */
	if (order)
		snprintf(armed, sizeof armed, "; order %u (%s) is still armed, :disarm %u takes it back",
			 order->number, order->order.fault->name, order->number);
	browser_say(b, "%s%s%s died too often%s%s%s: %s%s", who[role], label[0] ? " " : "", label,
		    why[0] ? " (" : "", why, why[0] ? ")" : "", then[role], armed);
}

struct process_events news_events(struct browser *b)
{
	return (struct process_events){ .arg = b,
					.started = news_started,
					.ready = news_ready,
					.dying = news_dying,
					.died = news_died,
					.responded = news_responded,
					.ponged = news_ponged,
					.disconnected = news_disconnected,
					.gave_up = news_gave_up };
}
