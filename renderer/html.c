/*
 * See html.h. MyHTML tells of each node that it inserts or removes; ours is made and moved along with it, and
 * filled with text and attributes when the piece has been parsed, since those may still grow within it.
 */
#include "renderer/html.h"
#include "common/crash.h"
#include <mycore/utils.h>
#include <myhtml/callback.h>
#include <myhtml/myhtml.h>
#include <stdlib.h>
#include <string.h>

/*
 * As deep as browsers let a tree grow; what is deeper becomes a sibling. The parser's work grows with the
 * square of the depth, so this bounds its time as well (100,000 nested elements: 0.1 s instead of 23).
 */
#define HTML_MAX_DEPTH 512
/* Formatting elements that are opened again in each new block: the page's number times blocks otherwise. */
#define HTML_MAX_FORMATTING 32
/* Text without a tag that is kept back at most. */
#define HTML_MAX_REST (128u << 10)

struct fresh {
	myhtml_tree_node_t *theirs;
	struct node *ours;
};

struct piece {
	struct piece *previous;
	char *text;
};

struct html {
	struct dom *dom;
	myhtml_t *engine;
	myhtml_tree_t *tree;
	struct fresh *fresh; /* made within this piece, still to be filled */
	size_t nfresh, capacity;
	struct piece *pieces;
	size_t fed;
	char *rest; /* of what was fed, behind its last tag: not parsed yet */
	size_t nrest;
};

/* Stand in for the library's own: it does not check everywhere, and out of memory is to be told as such. */
void *mycore_malloc(size_t size)
{
	return crash_malloc(size);
}

void *mycore_realloc(void *memory, size_t size)
{
	return crash_realloc(memory, size);
}

void *mycore_calloc(size_t count, size_t size)
{
	return crash_calloc(count, size);
}

void *mycore_free(void *memory)
{
	free(memory);
	return NULL;
}

static enum element element_of(const myhtml_tree_node_t *theirs)
{
	static const uint16_t elements[MyHTML_TAG_LAST_ENTRY] = {
#define X(name, text) [MyHTML_TAG_##name] = ELEMENT_##name,
		DOM_ELEMENTS(X)
#undef X
	};
	if (theirs->tag_id == MyHTML_TAG__TEXT)
		return ELEMENT_TEXT;
	bool foreign = theirs->ns != MyHTML_NAMESPACE_HTML && theirs->tag_id != MyHTML_TAG_SVG;
	if (foreign || theirs->tag_id >= MyHTML_TAG_LAST_ENTRY || !elements[theirs->tag_id])
		return ELEMENT_OTHER;
	return elements[theirs->tag_id];
}

static bool is_wanted(const myhtml_tree_node_t *theirs)
{
	return theirs->tag_id != MyHTML_TAG__COMMENT && theirs->tag_id != MyHTML_TAG__DOCTYPE &&
	       theirs->tag_id != MyHTML_TAG__UNDEF && theirs->tag_id != MyHTML_TAG__END_OF_FILE;
}

static void note_fresh(struct html *html, myhtml_tree_node_t *theirs, struct node *ours)
{
	if (html->nfresh == html->capacity) {
		html->capacity = html->capacity ? html->capacity * 2 : 64;
		html->fresh = crash_realloc(html->fresh, html->capacity * sizeof(*html->fresh));
	}
	html->fresh[html->nfresh++] = (struct fresh){ theirs, ours };
}

/* Our node for theirs, made when it is first met; NULL for what we do not keep. */
static struct node *our_node(struct html *html, myhtml_tree_node_t *theirs)
{
	if (theirs == html->tree->document)
		return html->dom->root;
	if (!theirs->data && is_wanted(theirs)) {
		enum element element = element_of(theirs);
		size_t length = 0;
		const char *name = element == ELEMENT_OTHER
					   ? myhtml_tag_name_by_id(html->tree, theirs->tag_id, &length)
					   : NULL;
		theirs->data = dom_create(html->dom, element, name ? name : "", name ? length : 0);
		note_fresh(html, theirs, theirs->data);
	}
	return theirs->data;
}

static void on_insert(myhtml_tree_t *tree, myhtml_tree_node_t *theirs, void *arg)
{
	struct html *html = arg;
	(void)tree;
	struct node *ours = our_node(html, theirs);
	struct node *parent = theirs->parent ? our_node(html, theirs->parent) : NULL;
	if (!ours || !parent)
		return;
	dom_remove(html->dom, ours);
	myhtml_tree_node_t *next = theirs->next;
	while (next && (!next->data || ((struct node *)next->data)->parent != parent))
		next = next->next;
	dom_insert(html->dom, parent, ours, next ? next->data : NULL);
}

static void on_remove(myhtml_tree_t *tree, myhtml_tree_node_t *theirs, void *arg)
{
	struct html *html = arg;
	(void)tree;
	if (theirs->data)
		dom_remove(html->dom, theirs->data);
}

/* Between two tokens: keep what the tree builder has open within bounds. */
static void *on_token(myhtml_tree_t *tree, myhtml_token_node_t *token, void *arg)
{
	(void)token;
	myhtml_tree_list_t *open = tree->open_elements, *formatting = tree->active_formatting;
	while (open->length > HTML_MAX_DEPTH) {
		myhtml_tree_node_t *last = open->list[--open->length];
		if (formatting->length && formatting->list[formatting->length - 1] == last)
			formatting->length--;
	}
	if (formatting->length > HTML_MAX_FORMATTING) {
		size_t surplus = formatting->length - HTML_MAX_FORMATTING;
		memmove(formatting->list, formatting->list + surplus,
			HTML_MAX_FORMATTING * sizeof(*formatting->list));
		formatting->length = HTML_MAX_FORMATTING;
	}
	return arg;
}

static void check(mystatus_t status)
{
	/* The library's only failures are those of memory. */
	if (status)
		crash_out_of_memory();
}

struct html *html_create(struct dom *dom)
{
	struct html *html = crash_calloc(1, sizeof(*html));
	html->dom = dom;
	html->engine = myhtml_create();
	check(myhtml_init(html->engine, MyHTML_OPTIONS_PARSE_MODE_SINGLE, 1, 0));
	html->tree = myhtml_tree_create();
	check(myhtml_tree_init(html->tree, html->engine));
	myhtml_encoding_set(html->tree, MyENCODING_UTF_8);
	myhtml_callback_tree_node_insert_set(html->tree, on_insert, html);
	myhtml_callback_tree_node_remove_set(html->tree, on_remove, html);
	myhtml_callback_before_token_done_set(html->tree, on_token, html);
	return html;
}

static void fill_text(struct html *html, const myhtml_tree_node_t *theirs)
{
	struct node *ours = theirs->data;
	const myhtml_token_node_t *token = theirs->token;
	if (ours && token && token->str.length != ours->length && token->str.data)
		dom_set_text(html->dom, ours, token->str.data, token->str.length);
}

static void fill_attributes(struct html *html, const myhtml_tree_node_t *theirs, struct node *ours)
{
	if (!theirs->token || ours->attributes)
		return;
	for (myhtml_tree_attr_t *attribute = theirs->token->attr_first; attribute;
	     attribute = attribute->next)
		if (attribute->key.data)
			dom_add_attribute(html->dom, ours, attribute->key.data, attribute->key.length,
					  attribute->value.data ? attribute->value.data : "",
					  attribute->value.data ? attribute->value.length : 0);
}

/* Text that is still growing is the last child of an open element, or stands before an open table. */
static void refill_open(struct html *html)
{
	const myhtml_tree_list_t *open = html->tree->open_elements;
	for (size_t i = 0; i < open->length; i++) {
		const myhtml_tree_node_t *near[2] = { open->list[i]->last_child, open->list[i]->prev };
		for (size_t j = 0; j < 2; j++)
			if (near[j] && near[j]->tag_id == MyHTML_TAG__TEXT)
				fill_text(html, near[j]);
	}
}

static void fill(struct html *html)
{
	for (size_t i = 0; i < html->nfresh; i++) {
		const struct fresh *fresh = &html->fresh[i];
		if (fresh->ours->element == ELEMENT_TEXT)
			fill_text(html, fresh->theirs);
		else
			fill_attributes(html, fresh->theirs, fresh->ours);
	}
	html->nfresh = 0;
	refill_open(html);
}

/* The library reads from the text until it is destroyed. */
static void parse(struct html *html, char *text, size_t length)
{
	struct piece *piece = crash_malloc(sizeof(*piece));
	*piece = (struct piece){ html->pieces, text };
	html->pieces = piece;
	if (!length)
		return;
	check(myhtml_parse_chunk_single(html->tree, text, length));
	/* The library looks for each token's text from its first piece on; what is behind us it needs no
	 * more. */
	html->tree->incoming_buf_first = html->tree->incoming_buf;
	fill(html);
}

/*
 * Where a piece may be cut. The library loses an end tag of a script or a character reference that is cut in
 * two (0.0.6), so it is cut behind a tag; where there is none for long, behind a blank.
 */
static size_t find_cut(const char *text, size_t length)
{
	const char *end = memrchr(text, '>', length);
	if (!end && length > HTML_MAX_REST) {
		end = text + length - 1;
		while (end > text && *end != ' ' && *end != '\n')
			end--;
		if (end == text)
			end = text + length - 1;
	}
	return end ? (size_t)(end - text) + 1 : 0;
}

void html_feed(struct html *html, char *text, size_t length)
{
	html->fed += length;
	if (html->nrest) {
		html->rest = crash_realloc(html->rest, html->nrest + length);
		memcpy(html->rest + html->nrest, text, length);
		free(text);
		text = html->rest;
		length += html->nrest;
		html->rest = NULL;
	}
	size_t cut = find_cut(text, length);
	html->nrest = length - cut;
	html->rest = html->nrest ? crash_malloc(html->nrest) : NULL;
	if (html->nrest)
		memcpy(html->rest, text + cut, html->nrest);
	parse(html, text, cut);
}

/* The places where text grew that refill_open() does not know are rare; at the end each text is looked at
 * once. */
static void refill_all(struct html *html)
{
	const myhtml_tree_node_t *document = html->tree->document, *node = document;
	while (node) {
		if (node->tag_id == MyHTML_TAG__TEXT)
			fill_text(html, node);
		if (node->child) {
			node = node->child;
			continue;
		}
		while (node != document && !node->next)
			node = node->parent;
		node = node == document ? NULL : node->next;
	}
}

/* A second <html> or <body> tag adds its attributes to the first. */
static void refill_attributes(struct html *html, const myhtml_tree_node_t *theirs)
{
	struct node *ours = theirs ? theirs->data : NULL;
	if (!ours)
		return;
	ours->attributes = NULL;
	fill_attributes(html, theirs, ours);
}

void html_end(struct html *html)
{
	char *rest = html->rest;
	html->rest = NULL;
	parse(html, rest, html->nrest);
	html->nrest = 0;
	if (!html->tree->incoming_buf) {
		/* The library cannot end what never began. */
		char *blank = crash_malloc(1);
		*blank = '\n';
		parse(html, blank, 1);
	}
	check(myhtml_parse_chunk_end(html->tree));
	fill(html);
	refill_all(html);
	refill_attributes(html, html->tree->node_html);
	refill_attributes(html, html->tree->node_body);
}

size_t html_fed(const struct html *html)
{
	return html->fed;
}

void html_destroy(struct html *html)
{
	if (!html)
		return;
	myhtml_tree_destroy(html->tree);
	myhtml_destroy(html->engine);
	while (html->pieces) {
		struct piece *piece = html->pieces;
		html->pieces = piece->previous;
		free(piece->text);
		free(piece);
	}
	free(html->fresh);
	free(html->rest);
	free(html);
}
