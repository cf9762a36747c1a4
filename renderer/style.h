/*
 * How each element is shown: the one table of layout, until pages bring styles of their own.
 * renderer/layout.c asks.
 */
#pragma once
#include "renderer/dom.h"

enum style_flag {
	STYLE_HIDDEN = 1,	/* neither it nor what is in it */
	STYLE_BLOCK = 2,	/* begins and ends a line */
	STYLE_PREFORMATTED = 4, /* white space stands as it is written */
	STYLE_BULLETS = 8,	/* its items have bullets */
	STYLE_NUMBERS = 16,	/* its items have numbers */
	STYLE_ITEM = 32,
	STYLE_QUOTE = 64, /* a bar at the left */
	STYLE_CELL = 128, /* a gap from what stands before it on the line */
	STYLE_VOID = 256, /* has no content; layout draws it itself */
};

struct style {
	uint16_t flags;
	uint8_t margin; /* rows above and below; of two margins that meet the larger counts */
	uint8_t indent; /* columns */
	uint8_t attributes;
	uint32_t foreground;
};

const struct style *style_of(enum element element);
