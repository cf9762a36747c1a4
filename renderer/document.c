/* See document.h. */
#include "renderer/document.h"
#include "common/crash.h"
#include "common/recorder.h"
#include "common/utf8.h"
#include "renderer/page.h"
#include "renderer/url_resolve.h"
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PATIENCE_NS	     (16u * 1000000u) /* to gather a piece; longer when pieces cost more */
#define PRESCAN_PATIENCE_NS  (50u * 1000000u) /* for the bytes that may declare the charset */
#define COST_SHARE	     8 /* at most one part in so many of the time goes to small pieces */
#define REST_BYTES	     (64u << 10)
#define LOOK_AT_MEMORY_BYTES (64u << 10) /* of the body: smaller ones are harmless */
#define URL_BYTES	     4097

static bool is_html(struct ipc_string mime)
{
	static const char *const types[] = { "text/html", "application/xhtml+xml" };
	for (size_t i = 0; i < 2; i++)
		if (mime.length >= strlen(types[i]) && !strncasecmp(mime.text, types[i], strlen(types[i])))
			return true;
	return mime.length == 0;
}

static char *copy_string(struct ipc_string text)
{
	char *copy = crash_malloc((size_t)text.length + 1);
	memcpy(copy, text.text, text.length);
	copy[text.length] = 0;
	return copy;
}

static bool measure_embed(void *arg, const struct node *node, uint32_t link, uint32_t *number,
			  unsigned *columns, unsigned *rows)
{
	struct document *document = arg;
	struct embed *embed = document_embed_of(document, node);
	if (!embed && document->nembeds < EMBEDS_MAX) {
		embed = embed_create(node, page_next_embed(document->page));
		if (embed) {
			embed->next = document->embeds;
			document->embeds = embed;
			document->nembeds++;
		}
	}
	if (!embed)
		return false;
	embed->link = link;
	struct paint_box box = embed_box(embed);
	*number = embed->number;
	*columns = embed->box_columns = box.columns;
	*rows = embed->box_rows = box.rows;
	return true;
}

struct document *document_create(struct page *page, const struct ipc_commit_navigation *message,
				 unsigned columns, void (*came)(void *page))
{
	struct document *document = crash_calloc(1, sizeof(*document));
	document->page = page;
	document->navigation = message->navigation;
	document->url = copy_string(message->url);
	document->base = copy_string(message->url);
	snprintf(document->charset_argument, sizeof(document->charset_argument), "%.*s",
		 (int)message->charset.length, message->charset.text);
	document->plain = !is_html(message->mime);
	document->loading = true;
	document->laid = true; /* there is nothing yet */
	dom_init(&document->dom);
	if (document->plain)
		dom_insert(&document->dom, document->dom.root,
			   dom_create(&document->dom, ELEMENT_BODY, NULL, 0), NULL);
	else
		document->html = html_create(&document->dom);
	layout_init(&document->layout, &document->dom, columns,
		    &(struct layout_embeds){ measure_embed, document });
	body_open(&document->body, message->body, came, page);
	return document;
}

void document_destroy(struct document *document)
{
	if (!document)
		return;
	body_finish(&document->body);
	html_destroy(document->html);
	layout_finish(&document->layout);
	dom_finish(&document->dom);
	free(document->rest);
	free(document->url);
	free(document->base);
	free(document);
	malloc_trim(0);
}

static struct node *body_of(struct document *document)
{
	struct node *body = dom_find(document->dom.root, ELEMENT_BODY);
	return body ? body : document->dom.root;
}

static struct node *add_element(struct document *document, struct node *parent, enum element element,
				const char *text, size_t length)
{
	struct node *node = dom_create(&document->dom, element, NULL, 0);
	struct node *child = dom_create(&document->dom, ELEMENT_TEXT, NULL, 0);
	dom_set_text(&document->dom, child, text, length);
	dom_insert(&document->dom, node, child, NULL);
	dom_insert(&document->dom, parent, node, NULL);
	return node;
}

/* Whole lines become a block of their own, so that layout need not go through the others again. */
static void feed_plain(struct document *document, const char *text, size_t length, bool last)
{
	document->rest = crash_realloc(document->rest, document->nrest + length + 1);
	memcpy(document->rest + document->nrest, text, length);
	document->nrest += length;
	const char *end = memrchr(document->rest, '\n', document->nrest);
	size_t lines = end ? (size_t)(end - document->rest) + 1 : 0;
	if (last || (!lines && document->nrest > REST_BYTES))
		lines = document->nrest;
	if (!lines)
		return;
	add_element(document, body_of(document), ELEMENT_PLAINTEXT, document->rest, lines);
	document->nrest -= lines;
	memmove(document->rest, document->rest + lines, document->nrest);
}

static void feed_text(struct document *document, const char *bytes, size_t length, bool last)
{
	char *text = crash_malloc(charset_capacity(length));
	size_t decoded = charset_decode(&document->charset, bytes, length, last, text);
	if (document->plain) {
		feed_plain(document, text, decoded, last);
		free(text);
	} else {
		html_feed(document->html, text, decoded);
	}
}

static void begin_decoding(struct document *document)
{
	size_t length;
	const char *bytes = body_peek(&document->body, &length);
	const char *argument = document->charset_argument;
	document->decoding = true;
	body_take(&document->body,
		  charset_begin(&document->charset, argument, strlen(argument), bytes ? bytes : "", length));
}

static void add_note(struct document *document, const char *note)
{
	struct node *paragraph = dom_create(&document->dom, ELEMENT_P, NULL, 0);
	dom_insert(&document->dom, body_of(document), paragraph, NULL);
	add_element(document, paragraph, ELEMENT_I, note, strlen(note));
}

/* All that will come has come: say what is missing, and give back what only parsing needed. */
static void finish(struct document *document)
{
	char note[96];
	feed_text(document, "", 0, true);
	if (document->html)
		html_end(document->html);
	html_destroy(document->html);
	document->html = NULL;
	document->loading = false;
	if (document->cut)
		add_note(document, "(the rest is not shown: this document is too long)");
	snprintf(note, sizeof(note), "(the connection was lost after %llu bytes)",
		 (unsigned long long)document->body.received);
	if (document->body.how == BODY_END_RESET)
		add_note(document, note);
	else if (document->body.how == BODY_END_STOPPED)
		add_note(document, "(stopped)");
	body_finish(&document->body);
}

static bool is_too_large(const struct document *document)
{
	if (document->parsed > DOCUMENT_MAX_BODY)
		return true;
	if (document->parsed < LOOK_AT_MEMORY_BYTES)
		return false;
	struct mallinfo2 memory = mallinfo2();
	return memory.uordblks + memory.hblkhd > DOCUMENT_MAX_MEMORY;
}

/* Returns whether the tree has changed. */
static bool feed(struct document *document)
{
	if (!document->decoding)
		begin_decoding(document);
	size_t length;
	const char *bytes = body_peek(&document->body, &length);
	if (length > document->body.piece)
		length = document->body.piece;
	document->cut = is_too_large(document);
	if (bytes && !document->cut)
		feed_text(document, bytes, length, false);
	document->parsed += length;
	if (length)
		body_take(&document->body, length);
	/* Closing the pipe of a document that is full ends its fetch too. */
	if (document->cut || (body_is_whole(&document->body) && !document->body.length))
		finish(document);
	return true;
}

/* Is it time for another piece? *wait_ns: after so long it is. */
static bool is_due(const struct document *document, uint64_t now, uint64_t *wait_ns)
{
	const struct body *body = &document->body;
	uint64_t patience = document->cost_ns * COST_SHARE;
	if (patience < PATIENCE_NS)
		patience = PATIENCE_NS;
	*wait_ns = 0;
	if (body_has_piece(body) || body_is_whole(body))
		return true;
	if (!body->length)
		return false;
	if (!document->decoding && !document->charset_argument[0])
		patience = PRESCAN_PATIENCE_NS;
	uint64_t due = document->fed_ns + patience;
	if (now >= due)
		return true;
	*wait_ns = due - now;
	return false;
}

/* The title is in the head; a stray one elsewhere counts when all has come. */
static void find_title(struct document *document)
{
	struct node *head = dom_find(document->dom.root, ELEMENT_HEAD);
	struct node *title = head ? dom_find(head, ELEMENT_TITLE) : NULL;
	if (!title && !document->loading)
		title = dom_find(document->dom.root, ELEMENT_TITLE);
	const struct node *text = title ? title->first : NULL;
	size_t length = 0;
	for (uint32_t at = 0; text && at < text->length && length + 4 < sizeof(document->title);) {
		uint32_t code_point;
		at += utf8_decode(text->text + at, text->length - at, &code_point);
		bool space = code_point <= ' ' || utf8_is_control(code_point);
		if (!space)
			length += utf8_encode(code_point, document->title + length);
		else if (length && document->title[length - 1] != ' ')
			document->title[length++] = ' ';
	}
	while (length && document->title[length - 1] == ' ')
		length--;
	document->title[length] = 0;
}

static void find_base(struct document *document)
{
	struct node *head = dom_find(document->dom.root, ELEMENT_HEAD);
	struct node *base = head ? dom_find(head, ELEMENT_BASE) : NULL;
	const char *href = base ? dom_attribute(base, "href") : NULL;
	char resolved[URL_BYTES];
	if (!href || !url_resolve(document->url, href, strlen(href), resolved, sizeof(resolved)))
		return;
	free(document->base);
	document->base = copy_string(ipc_text(resolved));
}

/* Read what stands in the head, as long as something may still come there. */
static void look_at_head(struct document *document)
{
	if (document->plain ||
	    (document->title[0] && document->layout.at.nrows > BAND_ROWS && document->loading))
		return;
	find_title(document);
	find_base(document);
}

static void feed_and_time(struct document *document, uint64_t now)
{
	document->fed_ns = now;
	if (!feed(document))
		return;
	look_at_head(document);
	layout_resume(&document->layout);
	document->laid = false;
}

static void lay_out(struct document *document, uint64_t deadline_ns)
{
	document->laid = layout_run(&document->layout, deadline_ns);
	if (!document->laid)
		return;
	uint64_t now = recorder_now();
	document->cost_ns = now - document->fed_ns;
	document->fed_ns = now;
}

enum document_news document_work(struct document *document, uint64_t deadline_ns, unsigned *wait_ms)
{
	uint64_t wait_ns = 0;
	for (;;) {
		uint64_t now = recorder_now();
		if (now >= deadline_ns)
			return DOCUMENT_HAS_MORE;
		if (!document->laid) {
			lay_out(document, deadline_ns);
			continue;
		}
		if (!document->loading)
			return DOCUMENT_IDLE;
		if (!is_due(document, now, &wait_ns))
			break;
		feed_and_time(document, now);
	}
	*wait_ms = (unsigned)(wait_ns / 1000000) + 1;
	return wait_ns ? DOCUMENT_WAITS : DOCUMENT_IDLE;
}

void document_relayout(struct document *document, unsigned columns)
{
	layout_restart(&document->layout, columns);
	document->laid = false;
}

bool document_resolve(const struct document *document, const char *reference, char *out, size_t capacity)
{
	/* A mere fragment is of this document, whatever its base. */
	const char *base = reference[0] == '#' ? document->url : document->base;
	return url_resolve(base, reference, strlen(reference), out, capacity);
}

struct embed *document_embed(const struct document *document, uint32_t number)
{
	struct embed *embed = document->embeds;
	while (embed && embed->number != number)
		embed = embed->next;
	return embed;
}

struct embed *document_embed_of(const struct document *document, const struct node *node)
{
	struct embed *embed = document->embeds;
	while (embed && embed->node != node)
		embed = embed->next;
	return embed;
}

static void describe_bytes(struct document_text *text, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		text->hash = (text->hash ^ (unsigned char)bytes[i]) * UINT64_C(0x100000001b3);
	text->bytes += length;
	size_t room = sizeof(text->head) - 1 - text->nhead;
	size_t fits = length < room ? length : room;
	memcpy(text->head + text->nhead, bytes, fits);
	text->nhead += fits;
}

void document_describe(struct document *document, struct document_text *text)
{
	const struct layout *layout = &document->layout;
	/* Half a layout, as while an embed gets its size, would be half a text. */
	while (!document->laid)
		lay_out(document, UINT64_MAX);
	text->hash = UINT64_C(0xcbf29ce484222325);
	text->bytes = text->nhead = 0;
	for (uint32_t row = 0; row < layout->at.nrows; row++) {
		uint32_t count;
		unsigned column = 0;
		const struct fragment *fragment = layout_row(layout, row, &count);
		for (; count--; fragment++) {
			if (fragment->kind != FRAGMENT_TEXT)
				continue;
			for (; column < fragment->column; column++)
				describe_bytes(text, " ", 1);
			describe_bytes(text, layout->text + fragment->text, fragment->bytes);
			column += fragment->columns;
		}
		describe_bytes(text, "\n", 1);
	}
	/* What was cut may end with part of a character. */
	while (text->nhead && !utf8_valid(text->head, text->nhead))
		text->nhead--;
}
