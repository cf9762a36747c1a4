/* See submit.h. */
#include "gpu/submit.h"
#include "common/crash.h"
#include "common/task.h"
#include "gpu/gpu.h"
#include <stdlib.h>
#include <string.h>

static void free_early(struct early **link)
{
	struct early *early = *link;

	*link = early->next;
	free(early);
}

/* Keep it until the browser's attach_staging has arrived. */
static void keep_early(struct submissions *submissions, uint32_t renderer,
		       const struct ipc_submit_frame *message)
{
	struct early **oldest = NULL;
	unsigned count = 0;

	for (struct early **link = &submissions->early; *link; link = &(*link)->next) {
		if ((*link)->renderer == renderer) {
			oldest = link;
			count++;
		}
	}
	if (count >= SUBMISSIONS_EARLY_MAX)
		free_early(oldest);

	struct early *early = crash_malloc(sizeof(*early));
	*early = (struct early){ submissions->early, renderer, cause_current(), *message };
	submissions->early = early;
}

/* The copy comes first: the renderer may change the shared bytes at any time. */
static const uint8_t *copy_half(struct submissions *submissions, const struct page *page, unsigned half,
				uint32_t bytes)
{
	if (submissions->capacity < bytes) {
		free(submissions->copy);
		submissions->copy = crash_malloc(bytes);
		submissions->capacity = bytes;
	}
	if (bytes > 0)
		memcpy(submissions->copy, page->staging + (size_t)half * page->half_bytes, bytes);
	return submissions->copy;
}

/* A number that is not attached yet is nobody's: it draws nothing until it is this page's. */
static bool may_show(void *arg, const struct page *page, uint32_t number)
{
	const struct gpu *gpu = arg;
	const struct surface *surface = surface_find(&gpu->surfaces, number);

	return !surface || surface->page == page->number;
}

static enum bad_message take(struct gpu *gpu, struct channel *channel, struct page *page,
			     const struct ipc_submit_frame *message)
{
	uint32_t old_rows = page->rows;

	if (message->half > 1 || message->bytes > page->half_bytes)
		return BAD_MESSAGE_OUT_OF_RANGE;
	/* A packet could bring a thousand of them: the browser's pings must come in between. */
	if (message->bytes > STAGING_MIN_BYTES)
		channel_yield(channel);
	const uint8_t *copy = copy_half(&gpu->submissions, page, message->half, message->bytes);
	enum bad_message reason =
		page_take(page, copy, message->bytes, message->rows, message->columns, may_show, gpu);
	if (reason == BAD_MESSAGE_NONE)
		gpu_touch_list(gpu, page, old_rows);
	return reason;
}

/* For a page and generation that are known: take it, or say why it is bad. */
static void take_or_refuse(struct gpu *gpu, struct channel *channel, struct page *page,
			   const struct ipc_submit_frame *message)
{
	enum bad_message reason = BAD_MESSAGE_FOREIGN_PAGE;

	if (channel_peer(channel).serial == page->renderer)
		reason = take(gpu, channel, page, message);
	if (reason != BAD_MESSAGE_NONE) {
		child_report_bad_message(&gpu->child, channel, reason);
		return;
	}
	ipc_send_did_take_frame(channel, message->page, message->generation, message->half);
}

/* Did the page move on to another process while this was under way? */
static bool is_late(const struct page *page, uint32_t renderer)
{
	return renderer != page->renderer && page_was_of(page, renderer);
}

void gpu_on_submit_frame(struct gpu *gpu, struct channel *channel, const struct ipc_submit_frame *message)
{
	struct page *page = page_find(&gpu->pages, message->page);
	uint32_t renderer = channel_peer(channel).serial;

	if (!page || message->generation > page->generation)
		keep_early(&gpu->submissions, renderer, message);
	else if (message->generation == page->generation && !is_late(page, renderer))
		take_or_refuse(gpu, channel, page, message);
}

/* The oldest that waits for this page and that its generation decides, unlinked; NULL: none. */
static struct early *next_early(struct submissions *submissions, const struct page *page)
{
	struct early **found = NULL;

	for (struct early **link = &submissions->early; *link; link = &(*link)->next)
		if ((*link)->message.page == page->number && (*link)->message.generation <= page->generation)
			found = link;
	if (!found)
		return NULL;
	struct early *early = *found;
	*found = early->next;
	return early;
}

void submissions_replay(struct gpu *gpu, struct page *page)
{
	uint64_t cause = cause_current();
	struct early *early;

	while ((early = next_early(&gpu->submissions, page))) {
		struct channel *channel = child_peer(&gpu->child, ROLE_RENDERER, early->renderer);
		cause_set(early->cause);
		if (channel && early->message.generation == page->generation &&
		    !is_late(page, early->renderer))
			take_or_refuse(gpu, channel, page, &early->message);
		free(early);
	}
	cause_set(cause);
}

void submissions_forget(struct submissions *submissions, uint32_t renderer)
{
	for (struct early **link = &submissions->early; *link;) {
		if ((*link)->renderer == renderer)
			free_early(link);
		else
			link = &(*link)->next;
	}
}

void submissions_finish(struct submissions *submissions)
{
	while (submissions->early)
		free_early(&submissions->early);
	free(submissions->copy);
	*submissions = (struct submissions){ 0 };
}
