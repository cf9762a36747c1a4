/* Misdeeds of a GPU process, done when it is asked to show a page. See evil.h. */
#include "common/cell.h"
#include "tests/browser/evil.h"
#include <string.h>
#include <unistd.h>

static uint16_t frame_columns, frame_rows;

static struct cell *cells_of(struct evil *e)
{
	return (struct cell *)e->memory;
}

static void blank(struct evil *e)
{
	for (unsigned i = 0; i < 2u * frame_columns * frame_rows; i++)
		cells_of(e)[i] = CELL_BLANK;
}

static void present(struct evil *e, uint8_t buffer)
{
	ipc_send_did_present(e->child.browser, e->page, e->generation, buffer, 0, 100);
}

/* A sound frame, but for the cell in the middle. */
static void present_with(struct evil *e, struct cell cell)
{
	blank(e);
	cells_of(e)[frame_columns * (frame_rows / 2) + frame_columns / 2] = cell;
	present(e, 0);
}

static void sound(struct evil *e)
{
	present_with(e, (struct cell){ .text = { 'k' }, .width = 1 });
}

static void escape(struct evil *e)
{
	present_with(e, (struct cell){ .text = { 0x1b }, .width = 1 });
}

static void c1_control(struct evil *e)
{
	present_with(e, (struct cell){ .text = { 0x9b }, .width = 1 });
}

static void newline(struct evil *e)
{
	present_with(e, (struct cell){ .text = { '\n' }, .width = 1 });
}

static void no_character(struct evil *e)
{
	present_with(e, (struct cell){ .text = { 0 }, .width = 1 });
}

static void no_code_point(struct evil *e)
{
	present_with(e, (struct cell){ .text = { 0x7fffffff }, .width = 1 });
}

static void surrogate(struct evil *e)
{
	present_with(e, (struct cell){ .text = { 0xd800 }, .width = 1 });
}

static void wide_as_narrow(struct evil *e)
{
	present_with(e, (struct cell){ .text = { 0xac00 }, .width = 1 });
}

static void narrow_as_wide(struct evil *e)
{
	present_with(e, (struct cell){ .text = { 'x' }, .width = 2 });
}

static void wide_without_its_half(struct evil *e)
{
	present_with(e, (struct cell){ .text = { 0xac00 }, .width = 2 });
}

static void wide_at_the_edge(struct evil *e)
{
	blank(e);
	cells_of(e)[frame_columns - 1] = (struct cell){ .text = { 0xac00 }, .width = 2 };
	present(e, 0);
}

static void width_of_nine(struct evil *e)
{
	present_with(e, (struct cell){ .text = { 'x' }, .width = 9 });
}

static void right_half_alone(struct evil *e)
{
	present_with(e, (struct cell){ .width = 0 });
}

static void mark_that_is_a_letter(struct evil *e)
{
	present_with(e, (struct cell){ .text = { 'a', 'b' }, .width = 1 });
}

static void mark_that_turns_text(struct evil *e)
{
	present_with(e, (struct cell){ .text = { 'a', 0x202e }, .width = 1 });
}

static void unknown_attributes(struct evil *e)
{
	present_with(e, (struct cell){ .text = { 'a' }, .width = 1, .attributes = 0xff });
}

static void unknown_color(struct evil *e)
{
	present_with(e, (struct cell){ .text = { 'a' }, .width = 1, .background = 0xff000000 });
}

static void reserved_bits(struct evil *e)
{
	present_with(e, (struct cell){ .text = { 'a' }, .width = 1, .reserved = 1 });
}

static void random_cells(struct evil *e)
{
	evil_fill(e->memory, e->half_bytes);
	present(e, 0);
}

static void zero_cells(struct evil *e)
{
	memset(e->memory, 0, e->half_bytes);
	present(e, 0);
}

static void buffer_of_three(struct evil *e)
{
	blank(e);
	present(e, 2);
}

static void buffer_far_off(struct evil *e)
{
	blank(e);
	present(e, 255);
}

static void pages_of_nobody(struct evil *e)
{
	blank(e);
	for (uint32_t page = 1000; page < 2000; page++)
		ipc_send_did_present(e->child.browser, page, e->generation, 0, UINT32_MAX, UINT32_MAX);
}

static void other_generations(struct evil *e)
{
	evil_fill(e->memory, e->half_bytes);
	for (uint32_t i = 1; i < 100; i++)
		ipc_send_did_present(e->child.browser, e->page, e->generation + i, 9, 0, 0);
}

static void wild_rows(struct evil *e)
{
	blank(e);
	ipc_send_did_present(e->child.browser, e->page, e->generation, 0, UINT32_MAX, UINT32_MAX);
}

static void accuse_everybody_else(struct evil *e)
{
	for (uint32_t i = 0; i < 300; i++) {
		ipc_send_did_receive_bad_message(e->child.browser, ROLE_PLUGIN, i, 1, 0,
						 BAD_MESSAGE_FOREIGN_SURFACE);
		ipc_send_did_receive_bad_message(e->child.browser, ROLE_GPU, i, 1, 0,
						 BAD_MESSAGE_OUT_OF_RANGE);
		ipc_send_did_receive_bad_message(e->child.browser, ROLE_BROWSER, i, 1, 0,
						 BAD_MESSAGE_OUT_OF_RANGE);
		ipc_send_did_lose_peer(e->child.browser, ROLE_PLUGIN, i);
	}
	sound(e);
}

static void unknown_type(struct evil *e)
{
	evil_message(e, 60000, "", 0, NULL);
}

static void a_renderers_message(struct evil *e)
{
	uint8_t fields[8] = { 0 };

	evil_message(e, IPC_DID_COMMIT, fields, 8, NULL);
}

static void close_the_channel(struct evil *e)
{
	volatile bool forever = true;

	(void)e;
	close(CHILD_CHANNEL_FD);
	while (forever)
		usleep(10000);
}

static void flood(struct evil *e)
{
	blank(e);
	for (;;) {
		present(e, 0);
		channel_flush(e->child.browser);
	}
}

/* Nonsense to every renderer there is. */
static void junk_to_renderers(struct evil *e)
{
	for (unsigned i = 0; i < e->child.npeers; i++)
		channel_send_raw(e->child.peers[i], 60000, "junk", 4);
	sound(e);
}

static void frames_nobody_gave(struct evil *e)
{
	for (unsigned i = 0; i < e->child.npeers; i++)
		for (uint32_t page = 0; page < 50; page++)
			ipc_send_did_take_frame(e->child.peers[i], page, page, 7);
	sound(e);
}

const struct misdeed evil_gpu_ways[] = {
	{ "sound frame", sound },
	{ "escape", escape },
	{ "c1 control", c1_control },
	{ "newline", newline },
	{ "no character", no_character },
	{ "no code point", no_code_point },
	{ "surrogate", surrogate },
	{ "wide as narrow", wide_as_narrow },
	{ "narrow as wide", narrow_as_wide },
	{ "wide without its half", wide_without_its_half },
	{ "wide at the edge", wide_at_the_edge },
	{ "width of nine", width_of_nine },
	{ "right half alone", right_half_alone },
	{ "mark that is a letter", mark_that_is_a_letter },
	{ "mark that turns text", mark_that_turns_text },
	{ "unknown attributes", unknown_attributes },
	{ "unknown colour", unknown_color },
	{ "reserved bits", reserved_bits },
	{ "random cells", random_cells },
	{ "zero cells", zero_cells },
	{ "buffer of three", buffer_of_three },
	{ "buffer far off", buffer_far_off },
	{ "pages of nobody", pages_of_nobody },
	{ "other generations", other_generations },
	{ "wild rows", wild_rows },
	{ "accuse everybody else", accuse_everybody_else },
	{ "unknown type", unknown_type },
	{ "a renderer's message", a_renderers_message },
	{ "close the channel", close_the_channel },
	{ "flood", flood },
	{ "junk to renderers", junk_to_renderers },
	{ "frames nobody gave", frames_nobody_gave },
	{ 0 },
};

bool evil_gpu_dispatch(struct evil *e, enum ipc_id id, const union ipc_any *m)
{
	if (id == IPC_ATTACH_FRAME) {
		frame_columns = m->attach_frame.columns;
		frame_rows = m->attach_frame.rows;
		e->generation = m->attach_frame.generation;
		evil_map(e, m->attach_frame.region, grid_bytes(frame_columns, frame_rows));
	} else if (id == IPC_ATTACH_STAGING) {
		close(m->attach_staging.region);
	} else if (id == IPC_ATTACH_SURFACE) {
		close(m->attach_surface.region);
	} else if (id == IPC_SHOW_PAGE && m->show_page.page && e->memory) {
		e->page = m->show_page.page;
		evil_run(e, evil_gpu_ways);
	}
	return true;
}
