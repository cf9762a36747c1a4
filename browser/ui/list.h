/* A list with a marked row, of which a part is seen. */
#pragma once

enum list_move {
	LIST_UP,
	LIST_DOWN,
	LIST_PAGE_UP,
	LIST_PAGE_DOWN,
	LIST_HALF_UP,
	LIST_HALF_DOWN,
	LIST_TOP,
	LIST_BOTTOM,
};

struct list {
	int marked, top; /* rows; top is the first that is seen */
};

/* Rows that a move goes over, where `seen` rows are seen; LIST_TOP and LIST_BOTTOM go over all. */
static inline int list_distance(enum list_move move, int count, int seen)
{
	int page = seen > 2 ? seen - 1 : 1, half = seen > 2 ? seen / 2 : 1;
	const int distances[] = { -1, 1, -page, page, -half, half, -count, count };

	return distances[move];
}

/* Keep the mark within the list and in sight. */
static inline void list_settle(struct list *l, int count, int seen)
{
	l->marked = l->marked < count ? l->marked : count - 1;
	l->marked = l->marked > 0 ? l->marked : 0;
	l->top = l->top > l->marked - seen + 1 ? l->top : l->marked - seen + 1;
	l->top = l->top < l->marked ? l->top : l->marked;
	if (l->top > count - seen)
		l->top = count - seen;
	l->top = l->top > 0 ? l->top : 0;
}
