/* See embed.h. The handlers at the end are what renderers and plugin processes ask for. */
#include "browser/tab/embed.h"
#include "browser/browser.h"
#include "browser/process/gpu_host.h"
#include "browser/process/plugin_host.h"
#include "browser/tab/page_host.h"
#include "browser/tab/tab.h"
#include "common/cell.h"
#include "common/region.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct process_host *embed_gpu(struct tab *tab)
{
	return gpu_host_up(tab->tabs->browser->gpu);
}

static struct embed *embed_find(struct tab *tab, uint32_t id)
{
	for (struct embed *e = tab->embeds; e; e = e->next)
		if (e->id == id)
			return e;
	return NULL;
}

static struct embed *embed_find_surface(struct tab *tab, uint32_t surface)
{
	for (struct embed *e = tab->embeds; e; e = e->next)
		if (e->surface == surface)
			return e;
	return NULL;
}

static struct embed *embed_create(struct tab *tab, uint32_t id)
{
	struct embed *e;
	unsigned n = 0;

	for (e = tab->embeds; e; e = e->next)
		n++;
	e = n < PAGE_MAX_EMBEDS ? calloc(1, sizeof *e) : NULL;
	if (!e)
		return NULL;
	*e = (struct embed){ .next = tab->embeds, .id = id, .fd = -1 };
	tab->embeds = e;
	return e;
}

static void embed_close_surface(struct tab *tab, struct embed *e)
{
	struct process_host *gpu = embed_gpu(tab);
	struct process_host *plugin = e->plugin ? e->plugin->process : NULL;

	if (!e->surface)
		return;
	if (gpu)
		ipc_send_drop_surface(gpu->channel, tab->id, e->surface);
	if (process_is_up(plugin) && plugin->name.serial == e->granted)
		ipc_send_close_surface(plugin->channel, e->surface);
	close(e->fd);
	e->fd = -1;
	e->surface = 0;
}

void embeds_drop_all(struct tab *tab)
{
	while (tab->embeds) {
		struct embed *e = tab->embeds;

		embed_close_surface(tab, e);
		tab->embeds = e->next;
		free(e);
	}
}

bool embeds_settled(const struct tab *tab)
{
	for (const struct embed *e = tab->embeds; e; e = e->next)
		if (e->plugin && !e->surface && !e->released)
			return false;
	return true;
}

static void embed_attach_gpu(struct tab *tab, struct embed *e)
{
	struct process_host *gpu = embed_gpu(tab);
	int read_only = gpu ? region_reopen_read_only(e->fd) : -1;

	if (read_only == -1)
		return;
	ipc_send_attach_surface(gpu->channel, tab->id, e->surface, e->columns, e->rows, read_only);
	close(read_only);
}

void embeds_attach_gpu(struct tab *tab)
{
	struct process_host *gpu = embed_gpu(tab);

	for (struct embed *e = tab->embeds; e && gpu; e = e->next) {
		if (!e->surface)
			continue;
		embed_attach_gpu(tab, e);
		ipc_send_update_surface(gpu->channel, tab->id, e->surface, e->half);
	}
}

static void embed_tell(struct tab *tab, struct embed *e, enum plugin_state state, const char *words)
{
	if (process_is_up(tab->renderer) && tab->renderer->channel)
		ipc_send_set_plugin_state(tab->renderer->channel, tab->id, e->id, state, ipc_text(words));
}

/* The plugin process is up: give the renderer its channel and its name. */
static void embed_grant(struct tab *tab, struct embed *e, struct process_host *plugin)
{
	if (!process_is_up(tab->renderer) || !process_connect(plugin, tab->renderer)) {
		e->plugin = NULL;
		embed_tell(tab, e, PLUGIN_STATE_UNAVAILABLE, "no channel to the plugin could be made");
		return;
	}
	e->granted = plugin->name.serial;
	channel_allow_fds(plugin->channel, page_host_fds(tab->tabs->count));
	ipc_send_grant_plugin(tab->renderer->channel, tab->id, e->id, plugin->name.serial);
}

void embeds_plugin_ready(struct tabs *tabs, struct process_host *plugin)
{
	uint64_t before = cause_current();

	for (struct tab *tab = tabs->first; tab; tab = tab->next) {
		for (struct embed *e = tab->embeds; e; e = e->next) {
			if (!e->plugin || e->plugin->process != plugin || e->granted)
				continue;
			cause_set(e->cause);
			embed_grant(tab, e, plugin);
		}
	}
	cause_set(before);
}

static void embed_tell_death(struct tab *tab, struct embed *e, const struct process_host *dead)
{
	bool known = dead->state == PROCESS_DEAD;
	char status[100], words[120];

	death_text(&dead->death, status, sizeof status);
	snprintf(words, sizeof words, "The %s plugin died%s%s%.60s", dead->label,
		 e->given_up ? " too often" : "", known ? ": " : "", known ? status : "");
	e->dying = known ? 0 : dead->name.serial;
	embed_tell(tab, e, e->given_up ? PLUGIN_STATE_UNAVAILABLE : PLUGIN_STATE_DEAD, words);
}

void embeds_plugin_named(struct tabs *tabs, const struct process_host *dead)
{
	for (struct tab *tab = tabs->first; tab; tab = tab->next)
		for (struct embed *e = tab->embeds; e; e = e->next)
			if (e->dying == dead->name.serial)
				embed_tell_death(tab, e, dead);
}

void embeds_plugin_died(struct tabs *tabs, const struct process_host *dead, struct plugin_host *host)
{
	for (struct tab *tab = tabs->first; tab; tab = tab->next) {
		for (struct embed *e = tab->embeds; e; e = e->next) {
			if (e->plugin != host)
				continue;
			embed_close_surface(tab, e);
			e->granted = 0;
			e->plugin = NULL;
			e->given_up = host->given_up;
			embed_tell_death(tab, e, dead);
		}
	}
}

void embeds_plugin_responded(struct tabs *tabs, struct process_host *plugin)
{
	bool hangs = plugin->state == PROCESS_UNRESPONSIVE;
	char words[120];

	snprintf(words, sizeof words, "The %s plugin does not respond.", plugin->label);
	for (struct tab *tab = tabs->first; tab; tab = tab->next)
		for (struct embed *e = tab->embeds; e; e = e->next)
			if (e->plugin && e->plugin->process == plugin)
				embed_tell(tab, e, hangs ? PLUGIN_STATE_UNRESPONSIVE : PLUGIN_STATE_READY,
					   hangs ? words : "");
}

void browser_on_request_plugin(struct browser *b, struct channel *c, const struct ipc_request_plugin *m)
{
	struct tab *tab = page_host_tab(b->tabs, c, m->page);
	struct embed *e = tab ? embed_find(tab, m->embed) : NULL;
	const char *why = "there is no plugin for this type";
	char type[65];

	if (!tab || (!e && !(e = embed_create(tab, m->embed))))
		return;
	snprintf(type, sizeof type, "%.*s", (int)m->type.length, m->type.text);
	embed_close_surface(tab, e);
	e->granted = e->dying = 0;
	e->released = false;
	e->cause = cause_current();
	e->plugin = plugin_host_find(b->plugins, type);
	if (!e->plugin || !plugin_host_start(b->plugins, e->plugin, &why)) {
		e->plugin = NULL;
		embed_tell(tab, e, PLUGIN_STATE_UNAVAILABLE, why);
	} else if (process_is_up(e->plugin->process)) {
		embed_grant(tab, e, e->plugin->process);
	}
}

/* The placeholder of a hanging plugin offers its end. A plugin that answers is not a page's to end. */
void browser_on_end_plugin(struct browser *b, struct channel *c, const struct ipc_end_plugin *m)
{
	struct tab *tab = page_host_tab(b->tabs, c, m->page);
	struct embed *e = tab ? embed_find(tab, m->embed) : NULL;
	struct process_host *plugin = e && e->plugin ? e->plugin->process : NULL;

	if (plugin && plugin->state == PROCESS_UNRESPONSIVE)
		process_kill(plugin, BAD_MESSAGE_NONE);
}

/* Would that surface be too much for the page, beside those that it has? */
static bool embed_is_too_large(const struct tab *tab, const struct embed *of, unsigned columns, unsigned rows)
{
	size_t cells = (size_t)columns * rows;

	for (const struct embed *e = tab->embeds; e; e = e->next)
		if (e != of && e->surface)
			cells += (size_t)e->columns * e->rows;
	return cells > PAGE_MAX_SURFACE_CELLS;
}

void browser_on_request_surface(struct browser *b, struct channel *c, const struct ipc_request_surface *m)
{
	struct tab *tab = page_host_tab(b->tabs, c, m->page);
	struct embed *e = tab ? embed_find(tab, m->embed) : NULL;
	struct process_host *plugin = e && e->plugin ? e->plugin->process : NULL;
	unsigned too_many = page_host_fds(b->tabs->count) / 2;

	if (!tab)
		return;
	if (!m->columns || !m->rows || m->columns > GRID_MAX_COLUMNS || m->rows > GRID_MAX_ROWS) {
		channel_refuse(c, BAD_MESSAGE_WRONG_REGION_SIZE);
		return;
	}
	/* Late: the plugin process that was granted has gone. */
	if (!process_is_up(plugin) || plugin->name.serial != m->serial || e->granted != m->serial)
		return;
	/* Asked for faster than those who get them read: it is not they who shall pay for that. */
	if (channel_queued_fds(plugin->channel) > too_many ||
	    (embed_gpu(tab) && channel_queued_fds(embed_gpu(tab)->channel) > too_many)) {
		channel_refuse(c, BAD_MESSAGE_QUEUE_OVERFLOW);
		return;
	}
	embed_close_surface(tab, e);
	if (embed_is_too_large(tab, e, m->columns, m->rows)) {
		e->plugin = NULL;
		embed_tell(tab, e, PLUGIN_STATE_UNAVAILABLE, "this page's plugins want too much room");
		return;
	}
	e->fd = region_create("surface", 2 * (size_t)grid_bytes(m->columns, m->rows));
	if (e->fd == -1)
		return;
	e->surface = ++b->tabs->last_surface;
	e->columns = m->columns;
	e->rows = m->rows;
	embed_attach_gpu(tab, e);
	if (embed_gpu(tab))
		channel_flush(embed_gpu(tab)->channel);
	ipc_send_open_surface(plugin->channel, tab->id, e->id, tab->renderer->name.serial, e->surface,
			      e->columns, e->rows, e->fd);
	ipc_send_grant_surface(c, tab->id, e->id, e->surface);
	browser_tell(b, CHANGED_TABS);
}

void browser_on_release_surface(struct browser *b, struct channel *c, const struct ipc_release_surface *m)
{
	struct tab *tab = page_host_tab(b->tabs, c, m->page);
	struct embed *e = tab && m->surface ? embed_find_surface(tab, m->surface) : NULL;

	if (!e)
		return;
	/* Its plugin may be dying, and then the page is still to be told of what. */
	embed_close_surface(tab, e);
	e->released = true;
}

void browser_on_did_update_surface(struct browser *b, struct channel *c,
				   const struct ipc_did_update_surface *m)
{
	struct tab *tab = tab_find(b->tabs, m->page);
	struct embed *e = tab && m->surface ? embed_find_surface(tab, m->surface) : NULL;
	struct process_host *gpu;

	if (m->half > 1) {
		channel_refuse(c, BAD_MESSAGE_OUT_OF_RANGE);
		return;
	}
	if (!e)
		return; /* late: its page is gone */
	if (e->granted != channel_peer(c).serial) {
		channel_refuse(c, BAD_MESSAGE_FOREIGN_SURFACE);
		return;
	}
	e->half = m->half;
	gpu = embed_gpu(tab);
	if (gpu && !channel_clogged(gpu->channel))
		ipc_send_update_surface(gpu->channel, tab->id, e->surface, e->half);
}
