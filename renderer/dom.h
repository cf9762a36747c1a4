/*
 * The document tree: elements, their attributes, text. It is our own, so that it outlives the parser and
 * belongs to nobody's library. renderer/html.c builds it, renderer/layout.c walks it. Freed as a whole.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The elements that something treats in its own way; all others are ELEMENT_OTHER. */
/* clang-format off */
#define DOM_ELEMENTS(X) \
	X(A, "a") X(ADDRESS, "address") X(ARTICLE, "article") X(ASIDE, "aside") X(AUDIO, "audio") X(B, "b") \
	X(BASE, "base") X(BLOCKQUOTE, "blockquote") X(BODY, "body") X(BR, "br") X(BUTTON, "button") \
	X(CANVAS, "canvas") X(CAPTION, "caption") X(CENTER, "center") X(CITE, "cite") X(CODE, "code") \
	X(COLGROUP, "colgroup") X(DATALIST, "datalist") X(DD, "dd") X(DEL, "del") X(DETAILS, "details") X(DFN, "dfn") \
	X(DIALOG, "dialog") X(DIR, "dir") X(DIV, "div") X(DL, "dl") X(DT, "dt") X(EM, "em") X(EMBED, "embed") \
	X(FIELDSET, "fieldset") X(FIGCAPTION, "figcaption") X(FIGURE, "figure") X(FOOTER, "footer") X(FORM, "form") \
	X(H1, "h1") X(H2, "h2") X(H3, "h3") X(H4, "h4") X(H5, "h5") X(H6, "h6") X(HEAD, "head") X(HEADER, "header") \
	X(HGROUP, "hgroup") X(HR, "hr") X(HTML, "html") X(I, "i") X(IFRAME, "iframe") X(IMG, "img") X(INPUT, "input") \
	X(INS, "ins") X(KBD, "kbd") X(LEGEND, "legend") X(LI, "li") X(LISTING, "listing") X(MAIN, "main") \
	X(MARK, "mark") X(MENU, "menu") X(META, "meta") X(NAV, "nav") X(NOEMBED, "noembed") X(NOFRAMES, "noframes") \
	X(NOSCRIPT, "noscript") X(OBJECT, "object") X(OL, "ol") X(OPTGROUP, "optgroup") X(OPTION, "option") X(P, "p") \
	X(PARAM, "param") X(PLAINTEXT, "plaintext") X(PRE, "pre") X(Q, "q") X(RP, "rp") X(S, "s") X(SAMP, "samp") \
	X(SCRIPT, "script") X(SECTION, "section") X(SELECT, "select") X(SMALL, "small") X(SOURCE, "source") \
	X(STRIKE, "strike") X(STRONG, "strong") X(STYLE, "style") X(SUMMARY, "summary") X(SVG, "svg") \
	X(TABLE, "table") X(TBODY, "tbody") X(TD, "td") X(TEMPLATE, "template") X(TEXTAREA, "textarea") \
	X(TFOOT, "tfoot") X(TH, "th") X(THEAD, "thead") X(TITLE, "title") X(TR, "tr") X(TRACK, "track") X(TT, "tt") \
	X(U, "u") X(UL, "ul") X(VAR, "var") X(VIDEO, "video") X(WBR, "wbr") X(XMP, "xmp")
/* clang-format on */

enum element {
	ELEMENT_TEXT, /* not an element */
	ELEMENT_OTHER,
#define X(name, text) ELEMENT_##name,
	DOM_ELEMENTS(X)
#undef X
		ELEMENT_COUNT
};

struct attribute {
	struct attribute *next;
	const char *name, *value; /* 0-terminated */
	uint32_t name_length, value_length;
};

struct node {
	struct node *parent, *first, *last, *previous, *next;
	union {
		const char *text;	      /* of ELEMENT_TEXT, `length` bytes of UTF-8 */
		struct attribute *attributes; /* of an element */
	};
	const char *name; /* of an element; NULL for text */
	uint32_t length;
	uint16_t element;
	/* When layout came to this node and when it left it, in its own steps; 0: never. See dom_settle(). */
	uint32_t entered, left;
};

struct arena;

struct dom {
	struct node *root; /* the document; its children are html and what stands beside it */
	uint32_t nnodes;
	size_t bytes;	  /* of memory */
	uint32_t settled; /* what layout did up to this step stands, as long as nothing there changes */
	const struct node *resume; /* the node that it would come to next */
	bool disturbed;		   /* something there has changed */
	struct arena *arena;
};

void dom_init(struct dom *);
void dom_finish(struct dom *);

/* A node that is nowhere yet. The name of ELEMENT_OTHER is copied; other elements know theirs. */
struct node *dom_create(struct dom *, enum element element, const char *name, size_t length);

/* Put a node (which is nowhere) under parent, before that child or at the end (NULL). */
void dom_insert(struct dom *, struct node *parent, struct node *node, struct node *before);
void dom_remove(struct dom *, struct node *);

/* Give a text node its text, or an element one more attribute; both are copied. */
void dom_set_text(struct dom *, struct node *, const char *text, size_t length);
void dom_add_attribute(struct dom *, struct node *, const char *name, size_t name_length, const char *value,
		       size_t value_length);

/* The value of an attribute, 0-terminated, or NULL. */
const char *dom_attribute(const struct node *, const char *name);

/* The node that follows in the order of the document, within `scope`; NULL at its end. */
struct node *dom_next(const struct node *, const struct node *scope);

/* The first element of that kind under scope, or NULL. */
struct node *dom_find(struct node *scope, enum element element);

/* Layout stands by what it did up to this step, just before that node. From now on a change there sets
 * `disturbed`. */
void dom_settle(struct dom *, uint32_t step, const struct node *resume);
