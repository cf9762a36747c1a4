/* See frame.h. */
#include "gpu/frame.h"
#include "common/region.h"

static size_t region_bytes(const struct frame *frame)
{
	return 2 * (size_t)grid_bytes(frame->columns, frame->rows);
}

bool frame_attach(struct frame *frame, uint32_t generation, unsigned columns, unsigned rows, int fd)
{
	frame_finish(frame);
	if (columns == 0 || columns > GRID_MAX_COLUMNS || rows == 0 || rows > GRID_MAX_ROWS)
		return false;
	*frame = (struct frame){ .generation = generation, .columns = columns, .rows = rows };
	frame->memory = region_map(fd, region_bytes(frame), true);
	return frame->memory;
}

int frame_take(const struct frame *frame, struct grid *grid)
{
	if (!frame->memory)
		return -1;
	for (int buffer = 0; buffer < 2; buffer++) {
		if (frame->held[buffer])
			continue;
		size_t cells = (size_t)frame->columns * frame->rows;
		*grid = (struct grid){ frame->memory + (size_t)buffer * cells, frame->columns, frame->rows,
				       frame->columns, false };
		return buffer;
	}
	return -1;
}

void frame_present(struct frame *frame, unsigned buffer)
{
	frame->held[buffer] = true;
}

void frame_release(struct frame *frame, uint32_t generation, unsigned buffer)
{
	if (frame->memory && frame->generation == generation && buffer < 2)
		frame->held[buffer] = false;
}

void frame_finish(struct frame *frame)
{
	region_unmap(frame->memory, region_bytes(frame));
	*frame = (struct frame){ 0 };
}
