/* What views over the full screen share: their frame, and the keys of every list. */
#pragma once
#include "browser/ui/canvas.h"
#include "browser/ui/list.h"
#include <stdbool.h>

struct stroke;
struct ui;

/*
 * Clear all between the two lines of the browser and the last line, with the title in the rule above it and
 * `right` at its end. Clicks on it go nowhere until zones are added. Returns what is inside.
 */
struct area full_room_draw(struct ui *, const char *title, const char *right);

/* Does that key, or turn of the wheel, move in a list? *times: so often. */
bool full_room_move(const struct stroke *, enum list_move *, int *times);
