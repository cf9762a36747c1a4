/* See page.h. */
#include "renderer/page.h"
#include "common/crash.h"
#include "common/recorder.h"
#include "common/utf8.h"
#include "renderer/renderer.h"
#include "renderer/url_resolve.h"
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SLICE_NS	(10u * 1000000u)
#define PROGRESS_NS	(100u * 1000000u) /* between two reports of it */
#define URL_BYTES	4097
#define DEFAULT_COLUMNS 80
#define DEFAULT_ROWS	24

static struct channel *browser_of(const struct page *page)
{
	return page->renderer->child.browser;
}

static void tell_title(struct page *page, struct document *document)
{
	if (!strcmp(document->title, document->told_title))
		return;
	strcpy(document->told_title, document->title);
	ipc_send_did_change_title(browser_of(page), page->number, document->navigation,
				  ipc_text(document->title));
}

static void tell_progress(struct page *page, struct document *document)
{
	uint64_t now = recorder_now(), bytes = document->parsed;
	if (bytes == document->told_bytes || now - document->told_ns < PROGRESS_NS)
		return;
	document->told_bytes = bytes;
	document->told_ns = now;
	ipc_send_did_make_progress(browser_of(page), page->number, document->navigation, bytes);
}

/* A document that was opened by a URL with a fragment begins there. */
static void scroll_to_fragment(struct page *page, const char *url)
{
	char id[URL_BYTES];
	const char *fragment = url_fragment(url);
	if (!fragment || strlen(fragment) >= sizeof(id))
		return;
	strcpy(id, fragment);
	uint32_t row = layout_find(&page->shown->layout, id, strlen(id));
	size_t length = url_decode(id, strlen(id));
	if (row == LAYOUT_NOWHERE)
		row = layout_find(&page->shown->layout, id, length);
	if (row == LAYOUT_NOWHERE && (!length || (length == 3 && !memcmp(id, "top", 3))))
		row = 0;
	if (row != LAYOUT_NOWHERE)
		ipc_send_request_scroll(browser_of(page), page->number, row);
}

static void tell_finish(struct page *page, struct document *document)
{
	if (document->loading || !document->laid || document->told_finished)
		return;
	document->told_finished = true;
	ipc_send_did_finish_load(browser_of(page), page->number, document->navigation, document->dom.nnodes,
				 paint_rows(&document->layout));
	if (url_fragment(document->url))
		scroll_to_fragment(page, document->url);
	malloc_trim(0);
}

static void ask_for_plugins(struct page *page, struct document *document)
{
	for (struct embed *embed = document->embeds; embed; embed = embed->next)
		if (embed->state == EMBED_NEW && embed_ask(embed, &page->renderer->child, page->number))
			page_repaint_embed(page, embed);
}

static void destroy_document(struct page *page, struct document *document)
{
	while (document && document->embeds) {
		struct embed *embed = document->embeds;
		document->embeds = embed->next;
		embed_destroy(embed, &page->renderer->child, page->number);
	}
	document_destroy(document);
}

/* The first piece of the new document has been parsed: it takes the place of the old one. */
static void show_coming(struct page *page)
{
	destroy_document(page, page->shown);
	page->shown = page->coming;
	page->coming = NULL;
	page->focus = PAINT_NO_FOCUS;
	staging_forget(&page->staging);
	ipc_send_did_commit(browser_of(page), page->number, page->shown->navigation);
}

static void mark_changed(struct page *page)
{
	struct layout *layout = &page->shown->layout;
	uint32_t end = paint_bands(layout);
	staging_cut(&page->staging, end);
	if (layout->changed < layout->at.nrows)
		staging_mark(&page->staging, layout->changed / BAND_ROWS, end);
	layout->changed = layout->at.nrows;
}

static void work_on_shown(struct page *page)
{
	struct document *document = page->shown;
	tell_title(page, document);
	tell_progress(page, document);
	ask_for_plugins(page, document);
	mark_changed(page);
	page_submit(page);
	tell_finish(page, document);
}

static void page_work(void *arg)
{
	struct page *page = arg;
	uint64_t deadline = recorder_now() + SLICE_NS;
	unsigned wait_ms = 0, wait_shown_ms = 0;
	enum document_news coming = DOCUMENT_IDLE, shown = DOCUMENT_IDLE;
	if (page->coming) {
		coming = document_work(page->coming, deadline, &wait_ms);
		if (page->coming->parsed || !page->coming->loading) {
			show_coming(page);
			coming = DOCUMENT_IDLE;
		}
	}
	if (page->shown) {
		shown = document_work(page->shown, deadline, &wait_shown_ms);
		work_on_shown(page);
	}
	if (coming == DOCUMENT_HAS_MORE || shown == DOCUMENT_HAS_MORE)
		wait_ms = 0;
	else if (coming == DOCUMENT_IDLE || (shown == DOCUMENT_WAITS && wait_shown_ms < wait_ms))
		wait_ms = wait_shown_ms;
	if (coming != DOCUMENT_IDLE || shown != DOCUMENT_IDLE)
		task_schedule(&page->work, wait_ms);
}

void page_wake(struct page *page)
{
	task_schedule(&page->work, 0);
}

static void body_came(void *arg)
{
	page_wake(arg);
}

struct page *page_create(struct renderer *renderer, uint32_t number)
{
	struct page *page = crash_calloc(1, sizeof(*page));
	*page = (struct page){
		.renderer = renderer, .number = number, .columns = DEFAULT_COLUMNS, .rows = DEFAULT_ROWS
	};
	task_init(&page->work, page_work, page);
	return page;
}

void page_destroy(struct page *page)
{
	task_finish(&page->work);
	destroy_document(page, page->coming);
	destroy_document(page, page->shown);
	staging_finish(&page->staging);
	free(page);
	malloc_trim(0);
}

void page_navigate(struct page *page, const struct ipc_commit_navigation *message)
{
	destroy_document(page, page->coming);
	page->coming = document_create(page, message, page->columns, body_came);
}

void page_end_body(struct page *page, const struct ipc_end_body *message)
{
	struct document *document = page->coming ? page->coming : page->shown;
	if (!document || document->navigation != message->navigation || !document->loading)
		return;
	body_end(&document->body, message->how, message->total);
	page_wake(page);
}

void page_relayout(struct page *page)
{
	if (page->shown)
		document_relayout(page->shown, page->columns);
	if (page->coming)
		document_relayout(page->coming, page->columns);
	page_wake(page);
}

void page_resize(struct page *page, uint16_t columns, uint16_t rows)
{
	bool same = page->columns == columns;
	page->columns = columns;
	page->rows = rows;
	if (!same)
		page_relayout(page);
}

void page_submit_again(struct page *page)
{
	if (!page->shown)
		return;
	staging_lose(&page->staging);
	page->staging.rows_sent = 0;
	staging_mark(&page->staging, 0, paint_bands(&page->shown->layout));
	page_wake(page);
}

static void repaint_link(struct page *page, uint32_t number)
{
	const struct layout *layout = &page->shown->layout;
	if (number == PAINT_DOCUMENT_FOCUS) {
		uint32_t band = paint_focus_row(layout) / BAND_ROWS;
		staging_mark(&page->staging, band, band + 1);
	} else if (number && number <= layout->at.nlinks &&
		   layout->links[number - 1].first_row != LAYOUT_NOWHERE) {
		const struct link *link = &layout->links[number - 1];
		uint32_t end = link->last_row / BAND_ROWS + 1, bands = paint_bands(layout);
		staging_mark(&page->staging, link->first_row / BAND_ROWS, end < bands ? end : bands);
	}
}

void page_repaint_embed(struct page *page, const struct embed *embed)
{
	struct paint_box box = embed_box(embed);
	if (box.columns != embed->box_columns || box.rows != embed->box_rows) {
		page_relayout(page);
		return;
	}
	repaint_link(page, embed->link);
	page_wake(page);
}

struct embed *page_embed(const struct page *page, uint32_t number)
{
	return page->shown ? document_embed(page->shown, number) : NULL;
}

uint32_t page_next_embed(struct page *page)
{
	return ++page->last_embed;
}

/* Is there something to follow at that link now? */
static bool can_activate(const struct page *page, uint32_t number)
{
	const struct link *link = &page->shown->layout.links[number - 1];
	const struct embed *embed = document_embed_of(page->shown, link->node);
	if (embed)
		return embed->state >= EMBED_DEAD || embed->unresponsive;
	return link->first_row != LAYOUT_NOWHERE;
}

static void follow(struct page *page, const char *href)
{
	char url[URL_BYTES];
	if (!document_resolve(page->shown, href, url, sizeof(url)) || !utf8_valid(url, strlen(url)) ||
	    !strncasecmp(url, "javascript:", 11))
		return;
	if (url_fragment(url) && url_same_document(url, page->shown->url))
		scroll_to_fragment(page, url);
	else
		ipc_send_open_link(browser_of(page), page->number, ipc_text(url));
}

static void activate(struct page *page, uint32_t number)
{
	const struct layout *layout = &page->shown->layout;
	if (!number || number > layout->at.nlinks)
		return;
	const struct node *node = layout->links[number - 1].node;
	struct embed *embed = document_embed_of(page->shown, node);
	const char *href = dom_attribute(node, "href");
	if (embed && embed_activate(embed, &page->renderer->child, page->number))
		page_repaint_embed(page, embed);
	else if (!embed && href)
		follow(page, href);
}

void page_click(struct page *page, uint32_t row, uint32_t column)
{
	if (page->shown)
		activate(page, layout_link_at(&page->shown->layout, row, column));
}

static void set_focus(struct page *page, uint32_t focus)
{
	repaint_link(page, page->focus);
	page->focus = focus;
	repaint_link(page, focus);
	if (focus == PAINT_DOCUMENT_FOCUS)
		ipc_send_request_scroll(browser_of(page), page->number,
					paint_focus_row(&page->shown->layout));
	else if (focus != PAINT_NO_FOCUS)
		ipc_send_request_scroll(browser_of(page), page->number,
					page->shown->layout.links[focus - 1].first_row);
	page_wake(page);
}

/*
 * Nothing, each link, the document itself, and round again without the nothing; so that a key changes the
 * picture even where there are no links.
 */
static void move_focus(struct page *page, bool forward)
{
	uint32_t nlinks = page->shown->layout.at.nlinks;
	uint32_t link = page->focus == PAINT_DOCUMENT_FOCUS || page->focus > nlinks ? 0 : page->focus;
	bool from_document = page->focus == PAINT_DOCUMENT_FOCUS;
	if (!forward && !link)
		link = nlinks + 1;
	do
		link += forward ? 1 : UINT32_MAX;
	while (link && link <= nlinks && !can_activate(page, link));
	if (link && link <= nlinks)
		set_focus(page, link);
	else
		set_focus(page, from_document ? PAINT_NO_FOCUS : PAINT_DOCUMENT_FOCUS);
}

void page_press(struct page *page, enum key key)
{
	if (!page->shown)
		return;
	if (key == KEY_ACTIVATE)
		activate(page, page->focus == PAINT_DOCUMENT_FOCUS ? 0 : page->focus);
	else
		move_focus(page, key == KEY_FOCUS_NEXT);
}
