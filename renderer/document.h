/*
 * One document of a page, from the first byte of its body until the page goes elsewhere: its body is decoded,
 * parsed and laid out piece by piece. renderer/page.c shows it and speaks for it.
 */
#pragma once
#include "renderer/body.h"
#include "renderer/charset.h"
#include "renderer/dom.h"
#include "renderer/embed.h"
#include "renderer/html.h"
#include "renderer/layout.h"

#define DOCUMENT_MAX_BODY (24u << 20) /* bytes that are parsed; the rest is dropped */
/* What the process may use before a document is cut: half of what the sandbox lets it have. */
#define DOCUMENT_MAX_MEMORY (256u << 20)

struct page;

enum document_news { DOCUMENT_IDLE, DOCUMENT_WAITS, DOCUMENT_HAS_MORE };

struct document {
	struct page *page;
	uint32_t navigation;
	char *url, *base; /* base: what links are relative to */
	char charset_argument[65];
	bool plain; /* text, not HTML */

	struct body body;
	struct charset charset;
	bool decoding; /* the charset has been chosen */
	char *rest;    /* plain: the last line, not yet ended */
	size_t nrest;
	uint64_t parsed; /* bytes of the body */
	uint64_t fed_ns; /* when the last piece was fed or laid out, and how long all of that took */
	uint64_t cost_ns;

	struct dom dom;
	struct html *html; /* while it is being parsed */
	struct layout layout;
	bool loading, laid, cut;
	char title[257];

	struct embed *embeds;
	unsigned nembeds;

	/* What the browser has been told, see page.c. */
	uint64_t told_bytes, told_ns;
	char told_title[257];
	bool told_finished;
};

/* Takes over the body's fd. came is called (with page) when there is something to work on. */
struct document *document_create(struct page *, const struct ipc_commit_navigation *, unsigned columns,
				 void (*came)(void *page));
void document_destroy(struct document *);

/*
 * Work until deadline_ns. DOCUMENT_HAS_MORE: there is more to do at once; DOCUMENT_WAITS: after *wait_ms, if
 * nothing comes before.
 */
enum document_news document_work(struct document *, uint64_t deadline_ns, unsigned *wait_ms);

/* Lay out anew. */
void document_relayout(struct document *, unsigned columns);

/* Resolve what a link says; false if it leads nowhere. */
bool document_resolve(const struct document *, const char *reference, char *out, size_t capacity);

struct embed *document_embed(const struct document *, uint32_t number);
struct embed *document_embed_of(const struct document *, const struct node *);

/* Its text as it is shown, row by row: hash (FNV-1a), length, and the first bytes. Lays out to the end first.
 */
struct document_text {
	uint64_t hash, bytes;
	char head[2049];
	size_t nhead;
};
void document_describe(struct document *, struct document_text *);
