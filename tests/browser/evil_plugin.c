/* Misdeeds of a plugin process, done when it gets a surface or is to make an instance. See evil.h. */
#include "common/cell.h"
#include "tests/browser/evil.h"
#include <string.h>
#include <unistd.h>

static void half_of_three(struct evil *e)
{
	ipc_send_did_update_surface(e->child.browser, e->page, e->surface, 2);
}

static void surfaces_of_nobody(struct evil *e)
{
	for (uint32_t i = 1; i < 500; i++) {
		ipc_send_did_update_surface(e->child.browser, e->page, e->surface + i, 1);
		ipc_send_did_update_surface(e->child.browser, e->page + i, e->surface, 1);
		ipc_send_did_update_surface(e->child.browser, 0, 0, 0);
	}
}

static void junk_cells(struct evil *e)
{
	evil_fill(e->memory, 2 * (size_t)e->half_bytes);
	ipc_send_did_update_surface(e->child.browser, e->page, e->surface, 0);
	ipc_send_did_update_surface(e->child.browser, e->page, e->surface, 1);
}

static void escapes_in_cells(struct evil *e)
{
	struct cell *cells = (struct cell *)e->memory;

	for (size_t i = 0; i < e->half_bytes / sizeof *cells; i++)
		cells[i] = (struct cell){ .text = { 0x1b }, .width = 1 };
	ipc_send_did_update_surface(e->child.browser, e->page, e->surface, 0);
}

/* Written over and over while it is read. */
static void change_while_read(struct evil *e)
{
	struct cell *cells = (struct cell *)e->memory;

	for (unsigned round = 0; round < 300; round++) {
		for (size_t i = 0; i < e->half_bytes / sizeof *cells; i++)
			cells[i] = round % 2 ? CELL_BLANK : (struct cell){ .text = { 0x9b }, .width = 7 };
		ipc_send_did_update_surface(e->child.browser, e->page, e->surface, 0);
		channel_flush(e->child.browser);
	}
	for (size_t i = 0; i < e->half_bytes / sizeof *cells; i++)
		cells[i] = CELL_BLANK;
	ipc_send_did_update_surface(e->child.browser, e->page, e->surface, 0);
}

static void unknown_type(struct evil *e)
{
	evil_message(e, 60000, "", 0, NULL);
}

static void a_gpus_message(struct evil *e)
{
	uint8_t fields[17] = { 0 };

	evil_message(e, IPC_DID_PRESENT, fields, sizeof fields, NULL);
}

static void accuse_everybody_else(struct evil *e)
{
	for (uint32_t i = 0; i < 300; i++) {
		ipc_send_did_receive_bad_message(e->child.browser, ROLE_RENDERER, i, 1, 0,
						 BAD_MESSAGE_INVALID_DISPLAY_LIST);
		ipc_send_did_receive_bad_message(e->child.browser, ROLE_GPU, i, 1, 0,
						 BAD_MESSAGE_OUT_OF_RANGE);
	}
}

static void flood(struct evil *e)
{
	for (;;) {
		ipc_send_did_update_surface(e->child.browser, e->page, e->surface, 0);
		channel_flush(e->child.browser);
	}
}

static void close_the_channel(struct evil *e)
{
	volatile bool forever = true;

	(void)e;
	close(CHILD_CHANNEL_FD);
	while (forever)
		usleep(10000);
}

/* Towards the renderer, instead of a size. */

static void answer_twice(struct evil *e)
{
	struct channel *renderer = evil_peer(e, ROLE_RENDERER);

	for (unsigned i = 0; i < 3; i++)
		ipc_send_did_create_instance(renderer, e->page, e->embed, 10, 5);
}

static void junk_to_the_renderer(struct evil *e)
{
	channel_send_raw(evil_peer(e, ROLE_RENDERER), 60000, "junk", 4);
}

static void command_to_the_renderer(struct evil *e)
{
	channel_send_raw(evil_peer(e, ROLE_RENDERER), IPC_CLOSE_PAGE, &e->page, 4);
}

static void fault_to_the_renderer(struct evil *e)
{
	uint8_t kind[2] = { FAULT_NULL_DEREFERENCE };

	channel_send_raw(evil_peer(e, ROLE_RENDERER), IPC_OBEY_FAULT, kind, 1);
}

static void huge_size(struct evil *e)
{
	ipc_send_did_create_instance(evil_peer(e, ROLE_RENDERER), e->page, e->embed, UINT16_MAX, UINT16_MAX);
}

static void no_size(struct evil *e)
{
	ipc_send_did_create_instance(evil_peer(e, ROLE_RENDERER), e->page, e->embed, 0, 0);
}

const struct misdeed evil_plugin_ways[] = {
	{ "half of three", half_of_three },
	{ "surfaces of nobody", surfaces_of_nobody },
	{ "junk cells", junk_cells },
	{ "escapes in cells", escapes_in_cells },
	{ "change while read", change_while_read },
	{ "unknown type", unknown_type },
	{ "a gpu's message", a_gpus_message },
	{ "accuse everybody else", accuse_everybody_else },
	{ "flood", flood },
	{ "close the channel", close_the_channel },
	{ 0 },
};

static const struct misdeed instance_ways[] = {
	{ "answer twice", answer_twice },
	{ "junk to the renderer", junk_to_the_renderer },
	{ "command to the renderer", command_to_the_renderer },
	{ "fault to the renderer", fault_to_the_renderer },
	{ "huge size", huge_size },
	{ "no size", no_size },
	{ 0 },
};

bool evil_plugin_dispatch(struct evil *e, enum ipc_id id, const union ipc_any *m)
{
	if (id == IPC_CREATE_INSTANCE) {
		e->page = m->create_instance.page;
		e->embed = m->create_instance.embed;
		if (!evil_run(e, instance_ways))
			ipc_send_did_create_instance(evil_peer(e, ROLE_RENDERER), e->page, e->embed, 10, 5);
	} else if (id == IPC_OPEN_SURFACE) {
		e->page = m->open_surface.page;
		e->surface = m->open_surface.surface;
		evil_map(e, m->open_surface.region,
			 grid_bytes(m->open_surface.columns, m->open_surface.rows));
		evil_run(e, evil_plugin_ways);
	}
	return true;
}
