/* Colours: the theme, and the nearest one that a terminal has. */
#include "browser/ui/paint.h"
#include "browser/ui/theme.h"

/* Hues of middling lightness, to be read on a dark as on a light ground. Red and yellow are not among them.
 */
const struct theme_entry theme_colors[THEME_COUNT] = {
	[COLOR_HUE_0] = { 0x5f87ff, 12, 4 },	 /* blue */
	[COLOR_HUE_0 + 1] = { 0xd75fd7, 13, 5 }, /* magenta */
	[COLOR_HUE_0 + 2] = { 0x00afaf, 14, 6 }, /* cyan */
	[COLOR_HUE_0 + 3] = { 0xaf875f, 6, 6 },	 /* tan */
	[COLOR_HUE_0 + 4] = { 0xafafd7, 5, 5 },	 /* lavender */
	[COLOR_HUE_0 + 5] = { 0xaf87ff, 4, 4 },	 /* violet */
	[COLOR_HUE_0 + 6] = { 0x87d7ff, 12, 6 }, /* sky */
	[COLOR_HUE_7] = { 0xd787af, 13, 5 },	 /* rose */
	[COLOR_DEATH] = { 0xff5f5f, 9, 1 },	 [COLOR_HANG] = { 0xd7af00, 11, 3 },
	[COLOR_GREEN] = { 0x5faf5f, 10, 2 },	 [COLOR_IDLE] = { 0x8a8a8a, 8, 7 },
	[COLOR_LINE] = { 0x6c6c6c, 8, 7 },	 [COLOR_ACCENT] = { 0x5fafff, 14, 6 },
};

/* The first sixteen colours as xterm has them. */
static const uint32_t basic[16] = { 0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd,
				    0x00cdcd, 0xe5e5e5, 0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00,
				    0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff };
static const int levels[6] = { 0x00, 0x5f, 0x87, 0xaf, 0xd7, 0xff };

static int square(int n)
{
	return n * n;
}

static int distance(uint32_t a, uint32_t b)
{
	/* The eye weighs green most and blue least. */
	return 3 * square((int)(a >> 16 & 255) - (int)(b >> 16 & 255)) +
	       6 * square((int)(a >> 8 & 255) - (int)(b >> 8 & 255)) +
	       square((int)(a & 255) - (int)(b & 255));
}

static int nearest_level(int value)
{
	int best = 0;

	for (int i = 1; i < 6; i++)
		if (square(levels[i] - value) < square(levels[best] - value))
			best = i;
	return best;
}

static int nearest_256(uint32_t rgb)
{
	int red = nearest_level((int)(rgb >> 16 & 255)), green = nearest_level((int)(rgb >> 8 & 255)),
	    blue = nearest_level((int)(rgb & 255));
	uint32_t cube = (uint32_t)(levels[red] << 16 | levels[green] << 8 | levels[blue]);
	int average = (int)((rgb >> 16 & 255) + (rgb >> 8 & 255) + (rgb & 255)) / 3;
	int step = average < 8 ? 0 : average > 238 ? 23 : (average - 3) / 10;
	uint32_t gray = (uint32_t)(8 + step * 10) * 0x010101u;

	return distance(rgb, gray) < distance(rgb, cube) ? 232 + step : 16 + 36 * red + 6 * green + blue;
}

static int nearest_basic(uint32_t rgb, int colors)
{
	int best = 0;

	for (int i = 1; i < colors; i++)
		if (distance(rgb, basic[i]) < distance(rgb, basic[best]))
			best = i;
	return best;
}

int paint_color(uint32_t color, int colors)
{
	if (color & THEME_BIT) {
		const struct theme_entry *theme = &theme_colors[(color & ~THEME_BIT) % THEME_COUNT];
		return colors >= 256 ? nearest_256(theme->rgb) : colors >= 16 ? theme->of_16 : theme->of_8;
	}
	if (!(color & COLOR_RGB))
		return -1;
	return colors >= 256 ? nearest_256(color & 0xffffff)
			     : nearest_basic(color & 0xffffff, colors >= 16 ? 16 : 8);
}
