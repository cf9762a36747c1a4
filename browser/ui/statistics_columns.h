/* The columns of statistics: as many as there is room for, the more important first. */
#pragma once
#include "browser/traffic/output/statistics.h"
#include "browser/ui/canvas.h"

struct ui;

void statistics_draw_heading(struct ui *, struct area row, enum statistics_by, enum statistics_order);
/* others: so many rows are folded into this one, 0: it is one. */
void statistics_draw_row(struct ui *, struct area row, const struct statistics *,
			 const struct statistics_row *, enum statistics_by, uint64_t others);
