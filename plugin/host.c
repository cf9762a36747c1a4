/* See host.h. */
#include "plugin/host.h"
#include "common/crash.h"
#include "common/region.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Surfaces. */

static void draw_surface(struct plugin *plugin, const struct instance *instance,
			 struct plugin_surface *surface)
{
	size_t count = (size_t)surface->columns * surface->rows;
	struct cell *cells = surface->cells + surface->half * count;

	for (size_t i = 0; i < count; i++)
		cells[i] = CELL_BLANK;
	plugin->type->draw(instance->data, cells, surface->columns, surface->rows);
	recorder_write_memory(&plugin->child.recorder,
			      &(struct record_memory){ .kind = REGION_SURFACE,
						       .page = instance->page,
						       .number = surface->number,
						       .half = surface->half,
						       .bytes = (uint32_t)(count * sizeof *cells) },
			      cells);
	ipc_send_did_update_surface(plugin->child.browser, instance->page, surface->number, surface->half);
	surface->half ^= 1;
}

/* Unlink and unmap. */
static void drop_surface(struct plugin_surface **link)
{
	struct plugin_surface *surface = *link;

	*link = surface->next;
	region_unmap(surface->cells, 2 * (size_t)grid_bytes(surface->columns, surface->rows));
	free(surface);
}

static struct plugin_surface **find_surface(struct plugin *plugin, uint32_t number)
{
	for (struct instance *instance = plugin->instances; instance; instance = instance->next)
		for (struct plugin_surface **link = &instance->surfaces; *link; link = &(*link)->next)
			if ((*link)->number == number)
				return link;
	return NULL;
}

/* Ticks. */

/* The next tick comes when the clock passes a multiple of tick_ms, by no cause. It stops when nothing is
 * drawn. */
static void schedule_tick(struct plugin *plugin)
{
	uint32_t every = plugin->type->tick_ms;
	uint64_t cause = cause_current();

	if (every == 0)
		return;
	cause_set(0);
	task_schedule(&plugin->tick, every - (unsigned)(now_ms() % every));
	cause_set(cause);
}

static void tick(void *arg)
{
	struct plugin *plugin = arg;
	bool drawn = false;

	for (struct instance *instance = plugin->instances; instance; instance = instance->next) {
		for (struct plugin_surface *surface = instance->surfaces; surface; surface = surface->next) {
			drawn = true;
			if (!channel_clogged(plugin->child.browser))
				draw_surface(plugin, instance, surface);
		}
	}
	if (drawn)
		schedule_tick(plugin);
}

/* Instances. */

static struct instance **find_instance(struct plugin *plugin, uint32_t renderer, uint32_t page,
				       uint32_t embed)
{
	struct instance **link = &plugin->instances;

	while (*link && ((*link)->renderer != renderer || (*link)->page != page || (*link)->embed != embed))
		link = &(*link)->next;
	return *link ? link : NULL;
}

/* Unlink and destroy, its surfaces too. */
static void drop_instance(struct plugin *plugin, struct instance **link)
{
	struct instance *instance = *link;

	*link = instance->next;
	while (instance->surfaces)
		drop_surface(&instance->surfaces);
	plugin->type->destroy(instance->data);
	free(instance);
	plugin->ninstances--;
}

static unsigned count_instances(const struct plugin *plugin, uint32_t renderer)
{
	unsigned count = 0;

	for (const struct instance *instance = plugin->instances; instance; instance = instance->next)
		count += instance->renderer == renderer;
	return count;
}

static void peer_went(struct child *child, struct channel *channel)
{
	struct plugin *plugin = (struct plugin *)child;
	struct endpoint peer = channel_peer(channel);

	if (peer.role != ROLE_RENDERER)
		return;
	for (struct instance **link = &plugin->instances; *link;) {
		if ((*link)->renderer == peer.serial)
			drop_instance(plugin, link);
		else
			link = &(*link)->next;
	}
}

void plugin_init(struct plugin *plugin)
{
	time_t now = time(NULL);
	struct tm local;

	plugin->child.dispatch = plugin_dispatch;
	plugin->child.peer_went = peer_went;
	plugin->host.now_ms = now_ms;
	if (localtime_r(&now, &local))
		plugin->host.utc_offset = (int32_t)local.tm_gmtoff;
	task_init(&plugin->tick, tick, plugin);
}

void plugin_finish(struct plugin *plugin)
{
	while (plugin->instances)
		drop_instance(plugin, &plugin->instances);
	task_finish(&plugin->tick);
}

/* What the plugin wishes for is bounded here, and by the browser again. */
static uint16_t within(uint16_t wish, uint16_t max)
{
	return wish == 0 ? 1 : wish > max ? max : wish;
}

/* A new one, linked; NULL when the plugin makes none. */
static struct instance *make_instance(struct plugin *plugin, uint32_t renderer,
				      const struct ipc_create_instance *message, struct plugin_size *size)
{
	char source[96 + 1];

	memcpy(source, message->source.text, message->source.length);
	source[message->source.length] = 0;
	void *data = plugin->type->create(&plugin->host, source, size);
	if (!data)
		return NULL;
	struct instance *instance = crash_calloc(1, sizeof(*instance));
	*instance = (struct instance){ .next = plugin->instances,
				       .renderer = renderer,
				       .page = message->page,
				       .embed = message->embed,
				       .data = data };
	plugin->instances = instance;
	plugin->ninstances++;
	return instance;
}

static bool type_matches(const struct plugin *plugin, struct ipc_string type)
{
	return strlen(plugin->type->mime) == type.length &&
	       strncasecmp(plugin->type->mime, type.text, type.length) == 0;
}

/* One more than there may be is not answered: its page keeps the placeholder. */
void plugin_on_create_instance(struct plugin *plugin, struct channel *channel,
			       const struct ipc_create_instance *message)
{
	uint32_t renderer = channel_peer(channel).serial;
	struct plugin_size size = { 1, 1 };

	if (!type_matches(plugin, message->type)) {
		child_report_bad_message(&plugin->child, channel, BAD_MESSAGE_OUT_OF_RANGE);
		return;
	}
	struct instance **old = find_instance(plugin, renderer, message->page, message->embed);
	if (old)
		drop_instance(plugin, old);
	if (plugin->ninstances >= PLUGIN_MAX_INSTANCES ||
	    count_instances(plugin, renderer) >= PLUGIN_MAX_RENDERER_INSTANCES)
		return;
	if (make_instance(plugin, renderer, message, &size))
		ipc_send_did_create_instance(channel, message->page, message->embed,
					     within(size.columns, GRID_MAX_COLUMNS),
					     within(size.rows, GRID_MAX_ROWS));
}

void plugin_on_destroy_instance(struct plugin *plugin, struct channel *channel,
				const struct ipc_destroy_instance *message)
{
	struct instance **link =
		find_instance(plugin, channel_peer(channel).serial, message->page, message->embed);

	if (link)
		drop_instance(plugin, link);
}

static struct plugin_surface *map_surface(const struct ipc_open_surface *message)
{
	if (message->columns == 0 || message->columns > GRID_MAX_COLUMNS || message->rows == 0 ||
	    message->rows > GRID_MAX_ROWS)
		return NULL;
	struct cell *cells =
		region_map(message->region, 2 * (size_t)grid_bytes(message->columns, message->rows), true);
	if (!cells)
		return NULL;
	struct plugin_surface *surface = crash_calloc(1, sizeof(*surface));
	*surface = (struct plugin_surface){
		.number = message->surface, .columns = message->columns, .rows = message->rows, .cells = cells
	};
	return surface;
}

/* An instance may have two for a while: the one of a new size comes before the old one is closed. */
void plugin_on_open_surface(struct plugin *plugin, struct channel *channel,
			    const struct ipc_open_surface *message)
{
	(void)channel;
	struct instance **instance = find_instance(plugin, message->renderer, message->page, message->embed);
	struct plugin_surface **old = find_surface(plugin, message->surface);
	struct plugin_surface *surface = instance ? map_surface(message) : NULL;

	close(message->region);
	if (old)
		drop_surface(old);
	if (!instance)
		return; /* its page has let it go meanwhile */
	if (!surface)
		crash_bad_message(BAD_MESSAGE_WRONG_REGION_SIZE, cause_current());
	surface->next = (*instance)->surfaces;
	(*instance)->surfaces = surface;
	draw_surface(plugin, *instance, surface);
	if (!plugin->tick.pending)
		schedule_tick(plugin);
}

void plugin_on_close_surface(struct plugin *plugin, struct channel *channel,
			     const struct ipc_close_surface *message)
{
	(void)channel;
	struct plugin_surface **link = find_surface(plugin, message->surface);

	if (link)
		drop_surface(link);
}
