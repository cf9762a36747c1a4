/* See tiles.h. */
#include "browser/tab/view.h"
#include "browser/ui/tiles.h"

#define ASPECT 3 /* columns that are worth a row: text is read in lines */

/* How much of a page a tile shows, by its scarcer side. */
static int worth(struct area a, struct tile_grid g)
{
	int columns = (a.columns + TILE_GAP) / g.columns - TILE_GAP, rows = a.rows / g.rows * ASPECT;

	return columns < rows ? columns : rows;
}

/* With that many columns: no more rows than are needed, or fit. */
static struct tile_grid with_columns(struct area a, int count, int columns)
{
	int needed = (count + columns - 1) / columns, fit = a.rows / TILE_LEAST_ROWS;

	if (fit > VIEW_TILES_MAX / columns)
		fit = VIEW_TILES_MAX / columns;
	if (fit < 1)
		fit = 1;
	return (struct tile_grid){ columns, needed < fit ? needed : fit };
}

/* The first counts: tabs that are seen; what a tile shows; no places left empty. */
static bool is_better(struct area a, int count, struct tile_grid g, struct tile_grid than)
{
	int places = g.columns * g.rows, others = than.columns * than.rows;
	int seen = places < count ? places : count, seen_there = others < count ? others : count;

	if (seen != seen_there)
		return seen > seen_there;
	if (worth(a, g) != worth(a, than))
		return worth(a, g) > worth(a, than);
	return places <= others;
}

struct tile_grid tile_grid_fit(struct area a, int count)
{
	int most = (a.columns + TILE_GAP) / (TILE_LEAST_COLUMNS + TILE_GAP);
	struct tile_grid best = with_columns(a, count, 1);

	most = most < count ? most : count;
	for (int columns = 2; columns <= most; columns++) {
		struct tile_grid g = with_columns(a, count, columns);
		if (is_better(a, count, g, best))
			best = g;
	}
	return best;
}

struct area tile_grid_place(struct area a, struct tile_grid g, int column, int row)
{
	int left = column * (a.columns + TILE_GAP) / g.columns;
	int right = (column + 1) * (a.columns + TILE_GAP) / g.columns - TILE_GAP;
	int top = row * a.rows / g.rows, bottom = (row + 1) * a.rows / g.rows;

	return (struct area){ a.row + top, a.column + left, bottom - top, right - left };
}
