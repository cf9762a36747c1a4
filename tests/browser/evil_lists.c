/* Misdeeds of a renderer towards the GPU process: display lists that are none, and worse. See evil.h. */
#include "common/cell.h"
#include "common/display_list.h"
#include "tests/browser/evil.h"
#include "tests/gpu/list.h"
#include <string.h>

static struct list list;

static void submit_as(struct evil *e, uint32_t page, uint8_t half, uint32_t bytes, uint32_t rows,
		      uint16_t columns)
{
	struct channel *gpu = evil_peer(e, ROLE_GPU);

	if (e->memory && list.bytes <= e->half_bytes)
		memcpy(e->memory, list.data, list.bytes);
	ipc_send_submit_frame(gpu, page, e->generation, half, bytes, rows, columns);
}

static void submit(struct evil *e)
{
	submit_as(e, e->page, 0, list.bytes, 24, 80);
}

static struct display_item_header *one_text(const char *text)
{
	list_init(&list, 0);
	return list_text(&list, 0, 0, text);
}

static void sound_list(struct evil *e)
{
	one_text("sound as a bell");
	submit(e);
}

static void control_character(struct evil *e)
{
	one_text("a\x1b[2J");
	submit(e);
}

static void broken_utf8(struct evil *e)
{
	one_text("a\xff\xfe z");
	submit(e);
}

static void row_outside(struct evil *e)
{
	one_text("text")->row = BAND_ROWS;
	submit(e);
}

static void column_outside(struct evil *e)
{
	one_text("text")->column = 60000;
	submit(e);
}

static void unknown_kind(struct evil *e)
{
	one_text("text")->kind = 200;
	submit(e);
}

static void unknown_attributes(struct evil *e)
{
	one_text("text")->attributes = 0xff;
	submit(e);
}

static void unknown_color(struct evil *e)
{
	one_text("text")->foreground = 0x77123456;
	submit(e);
}

static void item_too_long(struct evil *e)
{
	one_text("text")->bytes = 8000;
	submit(e);
}

static void item_of_nothing(struct evil *e)
{
	one_text("text")->bytes = 0;
	submit(e);
}

static void text_beyond_its_item(struct evil *e)
{
	one_text("text")->text_bytes = 5000;
	submit(e);
}

static void band_beyond_the_end(struct evil *e)
{
	one_text("text");
	list_last_band(&list)->bytes += 8000;
	submit(e);
}

static void band_of_odd_length(struct evil *e)
{
	one_text("text");
	list_last_band(&list)->bytes -= 3;
	submit(e);
}

static void band_far_down(struct evil *e)
{
	one_text("text");
	list_last_band(&list)->number = UINT32_MAX;
	submit(e);
}

static void fill_beyond_the_grid(struct evil *e)
{
	list_init(&list, 0);
	list_fill(&list, 60, 500, 500, 60, 0);
	submit(e);
}

static void too_much_paint(struct evil *e)
{
	list_init(&list, 0);
	for (unsigned i = 0; i < 40; i++)
		list_fill(&list, 0, 0, GRID_MAX_COLUMNS, BAND_ROWS, 0);
	submit(e);
}

static void random_list(struct evil *e)
{
	evil_fill(list.data, 4096);
	list.bytes = 4096;
	submit(e);
}

static void half_of_three(struct evil *e)
{
	one_text("text");
	submit_as(e, e->page, 2, list.bytes, 24, 80);
}

static void more_than_a_half(struct evil *e)
{
	one_text("text");
	submit_as(e, e->page, 0, UINT32_MAX, 24, 80);
}

static void too_many_rows(struct evil *e)
{
	one_text("text");
	submit_as(e, e->page, 0, list.bytes, UINT32_MAX, 80);
}

static void too_many_columns(struct evil *e)
{
	one_text("text");
	submit_as(e, e->page, 0, list.bytes, 24, UINT16_MAX);
}

/* Generations are counted over all pages: some of the last ones are that page's. */
static void page_of_another(struct evil *e)
{
	uint32_t newest = e->generation;

	one_text("fooled");
	for (uint32_t page = 1; page < e->page; page++)
		for (e->generation = newest; e->generation > 0; e->generation--)
			submit_as(e, page, 0, list.bytes, 24, 80);
}

/* Surfaces are numbered from 1; a clock of the page before has one of them. */
static void surface_of_another(struct evil *e)
{
	list_init(&list, 0);
	for (uint32_t i = 1; i <= 100; i++)
		list_surface(&list, 0, 0, 10, 5, i);
	submit(e);
}

static void surface_of_nobody(struct evil *e)
{
	list_init(&list, 0);
	list_surface(&list, 0, 0, 10, 5, UINT32_MAX);
	submit(e);
}

static void unknown_to_gpu(struct evil *e)
{
	channel_send_raw(evil_peer(e, ROLE_GPU), 60000, "", 0);
}

static void short_to_gpu(struct evil *e)
{
	channel_send_raw(evil_peer(e, ROLE_GPU), IPC_SUBMIT_FRAME, "abc", 3);
}

static void command_to_gpu(struct evil *e)
{
	uint8_t fields[8] = { 0 };

	channel_send_raw(evil_peer(e, ROLE_GPU), IPC_DROP_PAGE, fields, 4);
}

/* The list is rewritten all the time while it is read: it is what was copied that counts. */
static void change_after_submit(struct evil *e)
{
	struct channel *gpu = evil_peer(e, ROLE_GPU);

	list_init(&list, 0);
	for (unsigned i = 0; i < 500; i++)
		list_text(&list, i % BAND_ROWS, 0, "a longer text that takes time to copy and to check");
	submit(e);
	channel_flush(gpu);
	for (unsigned round = 0; round < 3000; round++) {
		struct display_item_header *item =
			(struct display_item_header *)(e->memory + sizeof(struct band));

		item->bytes ^= 0x7ff8;
		item->row ^= 0xff00;
		((struct band *)e->memory)->bytes ^= 0xffff0;
		if (round % 100 == 0) {
			ipc_send_submit_frame(gpu, e->page, e->generation, 0, list.bytes, 24, 80);
			channel_flush(gpu);
		}
	}
}

/* A sound list, many times, without waiting for any answer. */
static void flood_the_gpu(struct evil *e)
{
	struct channel *gpu = evil_peer(e, ROLE_GPU);

	list_init(&list, 0);
	for (unsigned i = 0; i < 1000; i++)
		list_fill(&list, 0, 0, 512, 2, RGB(0xff0000));
	submit(e);
	for (;;) {
		ipc_send_submit_frame(gpu, e->page, e->generation, 0, list.bytes, 24, 80);
		channel_flush(gpu);
	}
}

const struct misdeed evil_list_ways[] = {
	{ "sound list", sound_list },
	{ "control character", control_character },
	{ "broken utf-8", broken_utf8 },
	{ "row outside", row_outside },
	{ "column outside", column_outside },
	{ "unknown kind", unknown_kind },
	{ "unknown attributes", unknown_attributes },
	{ "unknown colour", unknown_color },
	{ "item too long", item_too_long },
	{ "item of nothing", item_of_nothing },
	{ "text beyond its item", text_beyond_its_item },
	{ "band beyond the end", band_beyond_the_end },
	{ "band of odd length", band_of_odd_length },
	{ "band far down", band_far_down },
	{ "fill beyond the grid", fill_beyond_the_grid },
	{ "too much paint", too_much_paint },
	{ "random list", random_list },
	{ "half of three", half_of_three },
	{ "more than a half", more_than_a_half },
	{ "too many rows", too_many_rows },
	{ "too many columns", too_many_columns },
	{ "page of another", page_of_another },
	{ "surface of another", surface_of_another },
	{ "surface of nobody", surface_of_nobody },
	{ "unknown to gpu", unknown_to_gpu },
	{ "short to gpu", short_to_gpu },
	{ "command to gpu", command_to_gpu },
	{ "change after submit", change_after_submit },
	{ "flood the gpu", flood_the_gpu },
	{ 0 },
};
