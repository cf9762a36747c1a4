/*
 * The colours of the screen's own parts, by meaning. A theme colour stands in a cell where a colour may
 * stand; browser/ui/paint.c turns it into what the terminal has. Pages bring their own colours.
 */
#pragma once
#include "browser/ui/canvas.h"

/* Above COLOR_RGB, so that no page can name one. */
#define THEME_BIT 0x02000000u
#define THEME(n)  (THEME_BIT | (uint32_t)(n))

enum theme_color {
	COLOR_HUE_0, /* eight hues of processes */
	COLOR_HUE_7 = COLOR_HUE_0 + 7,
	COLOR_DEATH,  /* red is for nothing else */
	COLOR_HANG,   /* hanging, or held */
	COLOR_GREEN,  /* just recovered */
	COLOR_IDLE,   /* what is not at work, and what explains */
	COLOR_LINE,   /* rules and frames */
	COLOR_ACCENT, /* what has the keys */
	THEME_COUNT
};

struct theme_entry {
	uint32_t rgb;
	uint8_t of_16, of_8; /* numbers of the terminal's own colours */
};
extern const struct theme_entry theme_colors[THEME_COUNT];

#define STYLE(color, how) ((struct style){ .foreground = (color), .attributes = (how) })
#define STYLE_PLAIN	  ((struct style){ 0 })
#define STYLE_BOLD	  STYLE(COLOR_DEFAULT, ATTRIBUTE_BOLD)
#define STYLE_REVERSE	  STYLE(COLOR_DEFAULT, ATTRIBUTE_REVERSE)
#define STYLE_DEATH	  STYLE(THEME(COLOR_DEATH), ATTRIBUTE_BOLD)
#define STYLE_HANG	  STYLE(THEME(COLOR_HANG), ATTRIBUTE_BOLD)
#define STYLE_GREEN	  STYLE(THEME(COLOR_GREEN), 0)
#define STYLE_IDLE	  STYLE(THEME(COLOR_IDLE), 0)
#define STYLE_LINE	  STYLE(THEME(COLOR_LINE), 0)
#define STYLE_ACCENT	  STYLE(THEME(COLOR_ACCENT), ATTRIBUTE_BOLD)
#define STYLE_HUE(hue)	  STYLE(THEME(COLOR_HUE_0 + (hue)), 0)
