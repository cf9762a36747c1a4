/* See fixture.h. */
#include "tests/renderer/fixture.h"
#include "tests/renderer/unit.h"

#include "common/loop.h"
#include "common/region.h"
#include "common/transport.h"
#include "common/utf8.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE_NS (10 * UINT64_C(1000000000))

static struct ipc_string keep(struct fixture *fixture, struct ipc_string text)
{
	fixture->texts = realloc(fixture->texts, (fixture->ntexts + 1) * sizeof(char *));
	char *copy = fixture->texts[fixture->ntexts++] = strndup(text.text, text.length);
	return (struct ipc_string){ copy, text.length };
}

static void keep_strings(struct fixture *fixture, struct seen *seen)
{
	const struct ipc_message *message = &ipc_messages[seen->id];
	for (unsigned i = 0; i < message->nfields; i++)
		if (message->fields[i].type == IPC_STRING) {
			struct ipc_string *text =
				(struct ipc_string *)((char *)&seen->message + message->fields[i].offset);
			*text = keep(fixture, *text);
		}
}

/* Do what the GPU process does with a frame: copy, check, replace the bands. */
static void take_frame(struct fixture *fixture, const struct ipc_submit_frame *frame)
{
	if (frame->generation != fixture->generation)
		return;
	assert_true(frame->half < 2 && frame->bytes <= fixture->half_bytes);
	const uint8_t *at = fixture->staging + (size_t)frame->half * fixture->half_bytes,
		      *end = at + frame->bytes;
	while (at < end) {
		struct band band;
		memcpy(&band, at, sizeof(band));
		at += sizeof(band);
		assert_true(band.bytes <= (size_t)(end - at));
		assert_int_equal(display_list_check_band(&band, at), BAD_MESSAGE_NONE);
		assert_true(band.number < FIXTURE_BANDS);
		struct fixture_band *mine = &fixture->bands[band.number];
		mine->items = realloc(mine->items, band.bytes + 1);
		memcpy(mine->items, at, band.bytes);
		mine->bytes = band.bytes;
		at += band.bytes;
		fixture->frame_bands++;
	}
	fixture->rows = frame->rows;
	fixture->columns = frame->columns;
	fixture->frames++;
	assert_true(frame->rows <= DOCUMENT_MAX_ROWS);
	/* A row that is promised has its band. */
	for (uint32_t band = 0; band < (frame->rows + BAND_ROWS - 1) / BAND_ROWS; band++)
		assert_non_null(fixture->bands[band].items);
	if (!fixture->hold_frames)
		ipc_send_did_take_frame(fixture->gpu, frame->page, frame->generation, frame->half);
}

static void on_message(void *self, struct channel *channel, enum ipc_id id, const void *message)
{
	struct fixture *fixture = self;
	if (fixture->nseen == FIXTURE_SEEN)
		fixture_forget(fixture);
	struct seen *seen = &fixture->seen[fixture->nseen++];
	*seen = (struct seen){ .at = channel, .id = id };
	memcpy(&seen->message, message, ipc_messages[id].size);
	keep_strings(fixture, seen);
	if (id == IPC_SUBMIT_FRAME)
		take_frame(fixture, message);
}

static void on_ended(void *self, struct channel *channel, enum channel_end end)
{
	(void)self, (void)channel;
	if (end == CHANNEL_END_BAD_MESSAGE)
		fail_msg("the renderer sent a bad message: %s",
			 bad_message_names[channel_refused(channel)->reason]);
}

static void on_renderer_ended(void *self, struct channel *channel, enum channel_end end)
{
	(void)self, (void)end;
	fail_msg("the renderer refused a message: %s", bad_message_names[channel_refused(channel)->reason]);
}

static struct channel *open_end(struct fixture *fixture, int fd, struct endpoint us)
{
	struct channel_config config = { .us = us,
					 .peer = fixture->renderer.child.us,
					 .recorder = &fixture->recorder,
					 .dispatch = on_message,
					 .ended = on_ended,
					 .self = fixture };
	return channel_open(fd, &config);
}

static void init_recorder(struct recorder *recorder)
{
	recorder_init(recorder, calloc(1, RECORDER_REGION_BYTES), RECORDER_REGION_BYTES, 0);
}

void fixture_open(struct fixture *fixture)
{
	int fds[2];
	*fixture = (struct fixture){ .body = -1, .seen = calloc(FIXTURE_SEEN, sizeof(struct seen)) };
	assert_true(loop_init());
	init_recorder(&fixture->recorder);
	init_recorder(&fixture->renderer.child.recorder);
	fixture->renderer.child.us = (struct endpoint){ ROLE_RENDERER, 3 };
	renderer_init(&fixture->renderer);
	assert_true(transport_pair(fds));
	fixture->browser = open_end(fixture, fds[0], (struct endpoint){ ROLE_BROWSER, 0 });
	/* child_start() would take the descriptor that a process is born with. */
	struct channel_config config = { .us = fixture->renderer.child.us,
					 .peer = { ROLE_BROWSER, 0 },
					 .recorder = &fixture->renderer.child.recorder,
					 .dispatch = renderer_dispatch,
					 .ended = on_renderer_ended,
					 .self = &fixture->renderer };
	fixture->renderer.child.browser = channel_open(fds[1], &config);
}

static void close_ends(struct fixture *fixture)
{
	channel_close(fixture->browser);
	channel_close(fixture->gpu);
	channel_close(fixture->plugin);
	channel_close(fixture->renderer.child.browser);
	while (fixture->renderer.child.npeers)
		channel_close(fixture->renderer.child.peers[--fixture->renderer.child.npeers]);
}

void fixture_close(struct fixture *fixture)
{
	while (fixture->renderer.pages)
		renderer_on_close_page(&fixture->renderer, fixture->renderer.child.browser,
				       &(struct ipc_close_page){ fixture->renderer.pages->number });
	close_ends(fixture);
	loop_finish();
	if (fixture->body >= 0)
		close(fixture->body);
	if (fixture->staging)
		region_unmap(fixture->staging, 2 * (size_t)fixture->half_bytes);
	for (size_t i = 0; i < FIXTURE_BANDS; i++)
		free(fixture->bands[i].items);
	for (size_t i = 0; i < fixture->ntexts; i++)
		free(fixture->texts[i]);
	free(fixture->texts);
	free(fixture->seen);
	free(fixture->recorder.region);
	free(fixture->renderer.child.recorder.region);
}

static struct channel *connect_peer(struct fixture *fixture, enum role role, uint32_t serial)
{
	int fds[2];
	assert_true(transport_pair(fds));
	struct channel *end = open_end(fixture, fds[0], (struct endpoint){ role, serial });
	ipc_send_connect_peer(fixture->browser, role, serial, fds[1]);
	close(fds[1]);
	fixture_settle(fixture);
	return end;
}

void fixture_connect_gpu(struct fixture *fixture, uint32_t serial)
{
	fixture->gpu = connect_peer(fixture, ROLE_GPU, serial);
}

void fixture_connect_plugin(struct fixture *fixture, uint32_t serial)
{
	fixture->plugin = connect_peer(fixture, ROLE_PLUGIN, serial);
}

void fixture_disconnect_gpu(struct fixture *fixture)
{
	channel_close(fixture->gpu);
	fixture->gpu = NULL;
	fixture_expect(fixture, IPC_DID_LOSE_PEER);
}

void fixture_grant_staging(struct fixture *fixture, uint32_t half_bytes)
{
	int fd = region_create("staging", 2 * (size_t)half_bytes);
	if (fixture->staging)
		region_unmap(fixture->staging, 2 * (size_t)fixture->half_bytes);
	fixture->staging = region_map(fd, 2 * (size_t)half_bytes, true);
	assert_non_null(fixture->staging);
	fixture->half_bytes = half_bytes;
	ipc_send_grant_staging(fixture->browser, FIXTURE_PAGE, ++fixture->generation, half_bytes, fd);
	close(fd);
}

void fixture_navigate(struct fixture *fixture, const char *url, const char *mime, const char *charset)
{
	int fds[2];
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	if (fixture->body >= 0)
		close(fixture->body);
	fixture->body = fds[1];
	fixture->body_bytes = 0;
	ipc_send_commit_navigation(fixture->browser, FIXTURE_PAGE, ++fixture->navigation, ipc_text(url),
				   ipc_text(mime), ipc_text(charset), fds[0]);
	close(fds[0]);
	channel_flush_all();
}

/* The pipe may be full: the renderer reads on while we wait. */
bool fixture_write(struct fixture *fixture, const char *text, size_t length)
{
	while (length) {
		ssize_t written;
		fcntl(fixture->body, F_SETFL, O_NONBLOCK);
		written = write(fixture->body, text, length);
		if (written > 0) {
			text += written;
			length -= (size_t)written;
			fixture->body_bytes += (uint64_t)written;
		} else if (errno == EPIPE) {
			return false;
		} else {
			loop_turn(1);
		}
	}
	return true;
}

void fixture_end(struct fixture *fixture, enum body_end how)
{
	close(fixture->body);
	fixture->body = -1;
	ipc_send_end_body(fixture->browser, FIXTURE_PAGE, fixture->navigation, how, fixture->body_bytes);
}

void fixture_load(struct fixture *fixture, const char *html, uint16_t columns)
{
	ipc_send_set_viewport(fixture->browser, FIXTURE_PAGE, columns, 20);
	if (!fixture->gpu)
		fixture_connect_gpu(fixture, 1);
	fixture_navigate(fixture, "http://host/page", "text/html", "utf-8");
	if (!fixture->staging)
		fixture_grant_staging(fixture, STAGING_MIN_BYTES);
	fixture_write(fixture, html, strlen(html));
	fixture_end(fixture, BODY_END_COMPLETE);
	fixture_expect(fixture, IPC_DID_FINISH_LOAD);
	fixture_settle(fixture);
}

static struct seen *find_seen(struct fixture *fixture, enum ipc_id id)
{
	for (unsigned i = 0; i < fixture->nseen; i++)
		if (fixture->seen[i].id == id && !fixture->seen[i].taken)
			return &fixture->seen[i];
	return NULL;
}

const union ipc_any *fixture_expect(struct fixture *fixture, enum ipc_id id)
{
	uint64_t deadline = recorder_now() + PATIENCE_NS;
	struct seen *seen;
	while (!(seen = find_seen(fixture, id))) {
		if (recorder_now() > deadline)
			fail_msg("no %s came", ipc_messages[id].name);
		loop_turn(20);
	}
	seen->taken = true;
	return &seen->message;
}

static bool is_busy(const struct fixture *fixture)
{
	for (const struct page *page = fixture->renderer.pages; page; page = page->next)
		if (page->work.pending)
			return true;
	return false;
}

void fixture_settle(struct fixture *fixture)
{
	static uint64_t nonce;
	/* Twice: what the first answer set off is answered by then. */
	for (int i = 0; i < 3 || is_busy(fixture); i++) {
		ipc_send_ping(fixture->browser, ++nonce);
		assert_int_equal(fixture_expect(fixture, IPC_PONG)->pong.nonce, nonce);
	}
}

unsigned fixture_count(const struct fixture *fixture, enum ipc_id id)
{
	unsigned count = 0;
	for (unsigned i = 0; i < fixture->nseen; i++)
		count += fixture->seen[i].id == id && !fixture->seen[i].taken;
	return count;
}

void fixture_forget(struct fixture *fixture)
{
	fixture->nseen = 0;
}

static const struct display_item_header *item_of_row(const struct fixture_band *band, unsigned row,
						     uint32_t *at)
{
	while (*at < band->bytes) {
		const struct display_item_header *item = (const void *)(band->items + *at);
		*at += item->bytes;
		if (row >= item->row && row < (unsigned)item->row + item->rows)
			return item;
	}
	return NULL;
}

/* Characters go to their columns; a later item covers an earlier one. */
static void draw_text(char cells[][16], const struct display_item_header *item)
{
	const char *text = (const char *)(item + 1);
	unsigned column = item->column;
	for (uint32_t at = 0; at < item->text_bytes;) {
		uint32_t code_point;
		unsigned taken = utf8_decode(text + at, item->text_bytes - at, &code_point);
		int width = utf8_width(code_point);
		if (width > 0 && column < GRID_MAX_COLUMNS) {
			sprintf(cells[column], "%.*s", (int)taken, text + at);
			if (width == 2 && column + 1 < GRID_MAX_COLUMNS)
				cells[column + 1][0] = 0;
			column += (unsigned)width;
		} else if (column) {
			strncat(cells[column - 1], text + at, taken);
		}
		at += taken;
	}
}

const char *fixture_row(struct fixture *fixture, uint32_t row)
{
	static char text[GRID_MAX_COLUMNS * 16 + 1];
	static char cells[GRID_MAX_COLUMNS][16];
	const struct fixture_band *band = &fixture->bands[row / BAND_ROWS];
	const struct display_item_header *item;
	uint32_t at = 0;
	unsigned columns = fixture->columns;
	for (unsigned i = 0; i < columns; i++)
		strcpy(cells[i], " ");
	while ((item = item_of_row(band, row % BAND_ROWS, &at))) {
		if (item->kind == DISPLAY_TEXT)
			draw_text(cells, item);
		for (unsigned i = 0; item->kind != DISPLAY_TEXT && i < item->columns; i++)
			strcpy(cells[item->column + i], item->kind == DISPLAY_SURFACE ? "#" : "=");
	}
	text[0] = 0;
	char *end = text;
	for (unsigned i = 0; i < columns; i++)
		end = stpcpy(end, cells[i]);
	while (end > text && end[-1] == ' ')
		*--end = 0;
	return text;
}

static uint32_t find_text(struct fixture *fixture, const char *text)
{
	for (uint32_t row = 0; row < fixture->rows; row++)
		if (strstr(fixture_row(fixture, row), text))
			return row;
	return UINT32_MAX;
}

bool fixture_shows(struct fixture *fixture, const char *text)
{
	return find_text(fixture, text) != UINT32_MAX;
}

uint32_t fixture_expect_text(struct fixture *fixture, const char *text)
{
	uint64_t deadline = recorder_now() + PATIENCE_NS;
	uint32_t row;
	while ((row = find_text(fixture, text)) == UINT32_MAX) {
		if (recorder_now() > deadline)
			fail_msg("\"%s\" is not shown", text);
		loop_turn(20);
	}
	return row;
}

const struct display_item_header *fixture_item(struct fixture *fixture, uint32_t row, unsigned column)
{
	const struct display_item_header *item, *found = NULL;
	uint32_t at = 0;
	while ((item = item_of_row(&fixture->bands[row / BAND_ROWS], row % BAND_ROWS, &at)))
		if (column >= item->column && column - item->column < item->columns)
			found = item;
	return found;
}
