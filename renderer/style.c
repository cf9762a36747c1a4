/* See style.h. */
#include "renderer/style.h"
#include "common/cell.h"

/* Readable on dark and on light terminals. */
#define CODE_COLOR RGB(0xb58900)

#define HIDDEN                                                                                               \
	{                                                                                                    \
		.flags = STYLE_HIDDEN                                                                        \
	}
#define BLOCK                                                                                                \
	{                                                                                                    \
		.flags = STYLE_BLOCK                                                                         \
	}
#define SPACED                                                                                               \
	{                                                                                                    \
		.flags = STYLE_BLOCK, .margin = 1                                                            \
	}
#define HEADING                                                                                              \
	{                                                                                                    \
		.flags = STYLE_BLOCK, .margin = 1, .attributes = ATTRIBUTE_BOLD                              \
	}
#define WORDS(as)                                                                                            \
	{                                                                                                    \
		.attributes = (as)                                                                           \
	}
#define CODE                                                                                                 \
	{                                                                                                    \
		.foreground = CODE_COLOR                                                                     \
	}
#define PREFORMATTED(rows)                                                                                   \
	{                                                                                                    \
		.flags = STYLE_BLOCK | STYLE_PREFORMATTED, .margin = (rows)                                  \
	}
#define LIST(kind)                                                                                           \
	{                                                                                                    \
		.flags = STYLE_BLOCK | (kind), .margin = 1, .indent = 4                                      \
	}
#define VOID(more)                                                                                           \
	{                                                                                                    \
		.flags = STYLE_VOID | (more)                                                                 \
	}

static const struct style styles[ELEMENT_COUNT] = {
	[ELEMENT_ADDRESS] = { .flags = STYLE_BLOCK, .attributes = ATTRIBUTE_ITALIC },
	[ELEMENT_ARTICLE] = BLOCK,
	[ELEMENT_ASIDE] = SPACED,
	[ELEMENT_B] = WORDS(ATTRIBUTE_BOLD),
	[ELEMENT_BASE] = HIDDEN,
	[ELEMENT_BLOCKQUOTE] = { .flags = STYLE_BLOCK | STYLE_QUOTE, .margin = 1, .indent = 4 },
	[ELEMENT_BODY] = BLOCK,
	[ELEMENT_BR] = VOID(0),
	[ELEMENT_CANVAS] = BLOCK,
	[ELEMENT_CAPTION] = { .flags = STYLE_BLOCK, .attributes = ATTRIBUTE_ITALIC },
	[ELEMENT_CENTER] = BLOCK,
	[ELEMENT_CITE] = WORDS(ATTRIBUTE_ITALIC),
	[ELEMENT_CODE] = CODE,
	[ELEMENT_COLGROUP] = HIDDEN,
	[ELEMENT_DATALIST] = HIDDEN,
	[ELEMENT_DD] = { .flags = STYLE_BLOCK, .indent = 4 },
	[ELEMENT_DEL] = WORDS(ATTRIBUTE_STRIKE),
	[ELEMENT_DETAILS] = SPACED,
	[ELEMENT_DFN] = WORDS(ATTRIBUTE_ITALIC),
	[ELEMENT_DIALOG] = HIDDEN,
	[ELEMENT_DIR] = LIST(STYLE_BULLETS),
	[ELEMENT_DIV] = BLOCK,
	[ELEMENT_DL] = SPACED,
	[ELEMENT_DT] = { .flags = STYLE_BLOCK, .attributes = ATTRIBUTE_BOLD },
	[ELEMENT_EM] = WORDS(ATTRIBUTE_ITALIC),
	[ELEMENT_EMBED] = VOID(STYLE_BLOCK),
	[ELEMENT_FIELDSET] = SPACED,
	[ELEMENT_FIGCAPTION] = { .flags = STYLE_BLOCK, .attributes = ATTRIBUTE_ITALIC },
	[ELEMENT_FIGURE] = { .flags = STYLE_BLOCK, .margin = 1, .indent = 2 },
	[ELEMENT_FOOTER] = SPACED,
	[ELEMENT_FORM] = SPACED,
	[ELEMENT_H1] = HEADING,
	[ELEMENT_H2] = HEADING,
	[ELEMENT_H3] = HEADING,
	[ELEMENT_H4] = HEADING,
	[ELEMENT_H5] = HEADING,
	[ELEMENT_H6] = HEADING,
	[ELEMENT_HEAD] = HIDDEN,
	[ELEMENT_HEADER] = BLOCK,
	[ELEMENT_HGROUP] = SPACED,
	[ELEMENT_HR] = VOID(STYLE_BLOCK),
	[ELEMENT_HTML] = BLOCK,
	[ELEMENT_I] = WORDS(ATTRIBUTE_ITALIC),
	[ELEMENT_IFRAME] = HIDDEN,
	[ELEMENT_IMG] = VOID(0),
	[ELEMENT_INPUT] = HIDDEN,
	[ELEMENT_INS] = WORDS(ATTRIBUTE_UNDERLINE),
	[ELEMENT_KBD] = CODE,
	[ELEMENT_LEGEND] = { .flags = STYLE_BLOCK, .attributes = ATTRIBUTE_BOLD },
	[ELEMENT_LI] = { .flags = STYLE_BLOCK | STYLE_ITEM },
	[ELEMENT_LISTING] = PREFORMATTED(1),
	[ELEMENT_MAIN] = BLOCK,
	[ELEMENT_MARK] = WORDS(ATTRIBUTE_REVERSE),
	[ELEMENT_MENU] = LIST(STYLE_BULLETS),
	[ELEMENT_META] = HIDDEN,
	[ELEMENT_NAV] = SPACED,
	[ELEMENT_NOEMBED] = HIDDEN,
	[ELEMENT_NOFRAMES] = HIDDEN,
	[ELEMENT_OBJECT] = VOID(0),
	[ELEMENT_OL] = LIST(STYLE_NUMBERS),
	[ELEMENT_OPTGROUP] = HIDDEN,
	[ELEMENT_OPTION] = HIDDEN,
	[ELEMENT_P] = SPACED,
	[ELEMENT_PARAM] = HIDDEN,
	[ELEMENT_PLAINTEXT] = PREFORMATTED(0),
	[ELEMENT_PRE] = PREFORMATTED(1),
	[ELEMENT_Q] = { .flags = 0 },
	[ELEMENT_RP] = HIDDEN,
	[ELEMENT_S] = WORDS(ATTRIBUTE_STRIKE),
	[ELEMENT_SAMP] = CODE,
	[ELEMENT_SCRIPT] = HIDDEN,
	[ELEMENT_SECTION] = BLOCK,
	[ELEMENT_SELECT] = HIDDEN,
	[ELEMENT_SMALL] = WORDS(ATTRIBUTE_DIM),
	[ELEMENT_SOURCE] = HIDDEN,
	[ELEMENT_STRIKE] = WORDS(ATTRIBUTE_STRIKE),
	[ELEMENT_STRONG] = WORDS(ATTRIBUTE_BOLD),
	[ELEMENT_STYLE] = HIDDEN,
	[ELEMENT_SUMMARY] = { .flags = STYLE_BLOCK, .attributes = ATTRIBUTE_BOLD },
	[ELEMENT_SVG] = HIDDEN,
	[ELEMENT_TABLE] = SPACED,
	[ELEMENT_TBODY] = BLOCK,
	[ELEMENT_TD] = { .flags = STYLE_CELL },
	[ELEMENT_TEMPLATE] = HIDDEN,
	[ELEMENT_TEXTAREA] = PREFORMATTED(0),
	[ELEMENT_TFOOT] = BLOCK,
	[ELEMENT_TH] = { .flags = STYLE_CELL, .attributes = ATTRIBUTE_BOLD },
	[ELEMENT_THEAD] = BLOCK,
	[ELEMENT_TITLE] = HIDDEN,
	[ELEMENT_TR] = BLOCK,
	[ELEMENT_TRACK] = HIDDEN,
	[ELEMENT_TT] = CODE,
	[ELEMENT_U] = WORDS(ATTRIBUTE_UNDERLINE),
	[ELEMENT_UL] = LIST(STYLE_BULLETS),
	[ELEMENT_VAR] = WORDS(ATTRIBUTE_ITALIC),
	[ELEMENT_WBR] = VOID(0),
	[ELEMENT_XMP] = PREFORMATTED(1),
};

const struct style *style_of(enum element element)
{
	return &styles[element];
}
