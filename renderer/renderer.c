/* See renderer.h. */
#include "renderer/renderer.h"
#include "common/display_list.h"
#include "renderer/page.h"
#include <stdlib.h>
#include <unistd.h>

static struct page *find_page(struct renderer *renderer, uint32_t number)
{
	struct page *page = renderer->pages;
	while (page && page->number != number)
		page = page->next;
	return page;
}

/* The browser names a page first by its size or by a document for it. */
static struct page *get_page(struct renderer *renderer, uint32_t number)
{
	struct page *page = find_page(renderer, number);
	if (!page) {
		page = page_create(renderer, number);
		page->next = renderer->pages;
		renderer->pages = page;
	}
	return page;
}

struct channel *renderer_gpu(struct renderer *renderer)
{
	struct channel *gpu = NULL;
	for (unsigned i = 0; i < renderer->child.npeers; i++) {
		struct channel *peer = renderer->child.peers[i];
		if (channel_peer(peer).role == ROLE_GPU &&
		    (!gpu || channel_peer(peer).serial > channel_peer(gpu).serial))
			gpu = peer;
	}
	return gpu;
}

static void peer_came(struct child *child, struct channel *peer)
{
	struct renderer *renderer = (struct renderer *)child;
	if (channel_peer(peer).role != ROLE_GPU)
		return;
	for (struct page *page = renderer->pages; page; page = page->next)
		page_submit_again(page);
}

static void peer_went(struct child *child, struct channel *peer)
{
	struct renderer *renderer = (struct renderer *)child;
	if (channel_peer(peer).role != ROLE_PLUGIN)
		return;
	for (struct page *page = renderer->pages; page; page = page->next)
		for (struct embed *embed = page->shown ? page->shown->embeds : NULL; embed;
		     embed = embed->next)
			if (embed_lose_process(embed, child, page->number, channel_peer(peer).serial))
				page_repaint_embed(page, embed);
}

void renderer_init(struct renderer *renderer)
{
	renderer->child.dispatch = renderer_dispatch;
	renderer->child.peer_came = peer_came;
	renderer->child.peer_went = peer_went;
}

void renderer_on_set_viewport(struct renderer *renderer, struct channel *channel,
			      const struct ipc_set_viewport *message)
{
	(void)channel;
	page_resize(get_page(renderer, message->page), message->columns, message->rows);
}

void renderer_on_commit_navigation(struct renderer *renderer, struct channel *channel,
				   const struct ipc_commit_navigation *message)
{
	(void)channel;
	page_navigate(get_page(renderer, message->page), message);
}

void renderer_on_end_body(struct renderer *renderer, struct channel *channel,
			  const struct ipc_end_body *message)
{
	struct page *page = find_page(renderer, message->page);
	(void)channel;
	if (page)
		page_end_body(page, message);
}

void renderer_on_close_page(struct renderer *renderer, struct channel *channel,
			    const struct ipc_close_page *message)
{
	(void)channel;
	for (struct page **link = &renderer->pages; *link; link = &(*link)->next) {
		struct page *page = *link;
		if (page->number != message->page)
			continue;
		*link = page->next;
		page_destroy(page);
		return;
	}
}

void renderer_on_click(struct renderer *renderer, struct channel *channel, const struct ipc_click *message)
{
	struct page *page = find_page(renderer, message->page);
	(void)channel;
	if (page)
		page_click(page, message->row, message->column);
}

void renderer_on_press_key(struct renderer *renderer, struct channel *channel,
			   const struct ipc_press_key *message)
{
	struct page *page = find_page(renderer, message->page);
	(void)channel;
	if (page)
		page_press(page, message->key);
}

void renderer_on_grant_staging(struct renderer *renderer, struct channel *channel,
			       const struct ipc_grant_staging *message)
{
	struct page *page = get_page(renderer, message->page);
	bool fits = message->half_bytes >= STAGING_MIN_BYTES && message->half_bytes <= STAGING_MAX_BYTES &&
		    message->half_bytes % 8 == 0 && message->generation > page->staging.generation;
	bool taken = fits && staging_replace(&page->staging, message->region, message->generation,
					     message->half_bytes);
	close(message->region);
	if (!taken)
		channel_refuse(channel, BAD_MESSAGE_WRONG_REGION_SIZE);
	else
		page_wake(page);
}

void renderer_on_grant_plugin(struct renderer *renderer, struct channel *channel,
			      const struct ipc_grant_plugin *message)
{
	struct page *page = find_page(renderer, message->page);
	struct embed *embed = page ? page_embed(page, message->embed) : NULL;
	(void)channel;
	if (embed && embed_take_plugin(embed, &renderer->child, page->number, message->serial))
		page_repaint_embed(page, embed);
}

void renderer_on_set_plugin_state(struct renderer *renderer, struct channel *channel,
				  const struct ipc_set_plugin_state *message)
{
	struct page *page = find_page(renderer, message->page);
	struct embed *embed = page ? page_embed(page, message->embed) : NULL;
	(void)channel;
	if (embed && embed_take_state(embed, &renderer->child, page->number, message->state,
				      message->words.text, message->words.length))
		page_repaint_embed(page, embed);
}

void renderer_on_grant_surface(struct renderer *renderer, struct channel *channel,
			       const struct ipc_grant_surface *message)
{
	struct page *page = find_page(renderer, message->page);
	struct embed *embed = page ? page_embed(page, message->embed) : NULL;
	(void)channel;
	if (embed && embed_take_surface(embed, message->surface))
		page_repaint_embed(page, embed);
}

void renderer_on_describe_document(struct renderer *renderer, struct channel *channel,
				   const struct ipc_describe_document *message)
{
	struct page *page = find_page(renderer, message->page);
	struct document_text text = { .hash = UINT64_C(0xcbf29ce484222325) };
	uint32_t rows = 0;
	if (page && page->shown) {
		document_describe(page->shown, &text);
		rows = page->shown->layout.at.nrows;
	}
	ipc_send_did_describe_document(channel, message->page, message->nonce, text.hash, text.bytes, rows,
				       (struct ipc_string){ text.head, (uint32_t)text.nhead });
}

void renderer_on_did_take_frame(struct renderer *renderer, struct channel *channel,
				const struct ipc_did_take_frame *message)
{
	struct page *page = find_page(renderer, message->page);
	if (!page || channel != renderer_gpu(renderer) || message->half > 1 ||
	    message->generation != page->staging.generation)
		return;
	staging_release(&page->staging, message->half);
	page_wake(page);
}

void renderer_on_did_create_instance(struct renderer *renderer, struct channel *channel,
				     const struct ipc_did_create_instance *message)
{
	struct page *page = find_page(renderer, message->page);
	struct embed *embed = page ? page_embed(page, message->embed) : NULL;
	if (embed && embed_take_size(embed, &renderer->child, page->number, channel_peer(channel).serial,
				     message->columns, message->rows, page->columns, page->rows))
		page_repaint_embed(page, embed);
}
