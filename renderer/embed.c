/* See embed.h. */
#include "renderer/embed.h"
#include "common/cell.h"
#include "common/crash.h"
#include "common/utf8.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of a box that holds words. */
#define LEAST_COLUMNS 36
#define MOST_COLUMNS  76
#define LEAST_ROWS    5

/* Copy at most size - 1 bytes, whole characters only. */
static void copy_text(char *to, size_t size, const char *text, size_t length)
{
	if (length > size - 1) {
		length = size - 1;
		while (length && (text[length] & 0xc0) == 0x80)
			length--;
	}
	memcpy(to, text, length);
	to[length] = 0;
}

static void say(struct embed *embed, const char *words)
{
	copy_text(embed->words, sizeof(embed->words), words, strlen(words));
}

struct embed *embed_create(const struct node *node, uint32_t number)
{
	const char *type = dom_attribute(node, "type");
	const char *source = dom_attribute(node, node->element == ELEMENT_OBJECT ? "data" : "src");
	if (!type || !*type || strlen(type) >= sizeof(((struct embed *)0)->type) ||
	    !utf8_valid(type, strlen(type)))
		return NULL;
	struct embed *embed = crash_calloc(1, sizeof(*embed));
	embed->node = node;
	embed->number = number;
	strcpy(embed->type, type);
	if (source && utf8_valid(source, strlen(source)))
		copy_text(embed->source, sizeof(embed->source), source, strlen(source));
	return embed;
}

static struct channel *plugin_of(const struct embed *embed, struct child *child)
{
	return embed->serial ? child_peer(child, ROLE_PLUGIN, embed->serial) : NULL;
}

static void release(struct embed *embed, struct child *child, uint32_t page)
{
	if (embed->surface)
		ipc_send_release_surface(child->browser, page, embed->surface);
	embed->surface = 0;
	embed->serial = 0;
	embed->unresponsive = false;
}

void embed_destroy(struct embed *embed, struct child *child, uint32_t page)
{
	struct channel *plugin = plugin_of(embed, child);
	if (plugin && embed->state >= EMBED_CREATING && embed->state <= EMBED_LIVE)
		ipc_send_destroy_instance(plugin, page, embed->number);
	release(embed, child, page);
	free(embed);
}

bool embed_ask(struct embed *embed, struct child *child, uint32_t page)
{
	embed->state = EMBED_ASKED;
	snprintf(embed->words, sizeof(embed->words), "starting %s", embed->type);
	ipc_send_request_plugin(child->browser, page, embed->number, ipc_text(embed->type));
	return true;
}

static bool die(struct embed *embed, struct child *child, uint32_t page, const char *words)
{
	release(embed, child, page);
	embed->state = EMBED_DEAD;
	say(embed, words);
	return true;
}

bool embed_take_plugin(struct embed *embed, struct child *child, uint32_t page, uint32_t serial)
{
	if (embed->state != EMBED_ASKED)
		return false;
	embed->serial = serial;
	struct channel *plugin = plugin_of(embed, child);
	if (!plugin)
		return die(embed, child, page, "the plugin process is gone");
	embed->state = EMBED_CREATING;
	ipc_send_create_instance(plugin, page, embed->number, ipc_text(embed->type), ipc_text(embed->source));
	return false;
}

static unsigned bound(unsigned wish, unsigned most)
{
	return wish > most ? most : wish ? wish : 1;
}

bool embed_take_size(struct embed *embed, struct child *child, uint32_t page, uint32_t serial,
		     unsigned columns, unsigned rows, unsigned max_columns, unsigned max_rows)
{
	if (embed->state != EMBED_CREATING || embed->serial != serial)
		return false;
	columns = bound(bound(columns, GRID_MAX_COLUMNS), max_columns ? max_columns : 1);
	rows = bound(bound(rows, GRID_MAX_ROWS), max_rows ? max_rows : 1);
	embed->state = EMBED_SIZED;
	ipc_send_request_surface(child->browser, page, embed->number, serial, (uint16_t)columns,
				 (uint16_t)rows);
	embed->columns = columns;
	embed->rows = rows;
	return true;
}

bool embed_take_surface(struct embed *embed, uint32_t surface)
{
	if (embed->state != EMBED_SIZED || !surface)
		return false;
	embed->surface = surface;
	embed->state = EMBED_LIVE;
	return true;
}

bool embed_take_state(struct embed *embed, struct child *child, uint32_t page, enum plugin_state state,
		      const char *words, size_t length)
{
	if (state == PLUGIN_STATE_READY) {
		bool changed = embed->unresponsive;
		embed->unresponsive = false;
		return changed;
	}
	if (state == PLUGIN_STATE_UNRESPONSIVE)
		embed->unresponsive = embed->state < EMBED_DEAD;
	else
		die(embed, child, page, "");
	if (state == PLUGIN_STATE_UNAVAILABLE)
		embed->state = EMBED_UNAVAILABLE;
	copy_text(embed->words, sizeof(embed->words), words, length);
	return true;
}

bool embed_lose_process(struct embed *embed, struct child *child, uint32_t page, uint32_t serial)
{
	if (embed->serial != serial || embed->state < EMBED_CREATING || embed->state > EMBED_LIVE)
		return false;
	return die(embed, child, page, "the plugin process has died");
}

bool embed_activate(struct embed *embed, struct child *child, uint32_t page)
{
	if (embed->state == EMBED_DEAD || embed->state == EMBED_UNAVAILABLE)
		return embed_ask(embed, child, page);
	if (embed->unresponsive)
		ipc_send_end_plugin(child->browser, page, embed->number);
	return false;
}

struct paint_box embed_box(const struct embed *embed)
{
	struct paint_box box = {
		.columns = embed->columns, .rows = embed->rows, .words = embed->words, .hint = ""
	};
	if (embed->state == EMBED_LIVE && !embed->unresponsive) {
		box.surface = embed->surface;
		return box;
	}
	unsigned wanted = (unsigned)strlen(embed->words) + 4;
	wanted = wanted < LEAST_COLUMNS ? LEAST_COLUMNS : wanted > MOST_COLUMNS ? MOST_COLUMNS : wanted;
	box.columns = box.columns > wanted ? box.columns : wanted;
	box.rows = box.rows > LEAST_ROWS ? box.rows : LEAST_ROWS;
	if (embed->state == EMBED_DEAD)
		box.hint = "Enter or click: start it again";
	else if (embed->state == EMBED_UNAVAILABLE)
		box.hint = "Enter or click: try again";
	else if (embed->unresponsive)
		box.hint = "Enter or click: end it";
	return box;
}
