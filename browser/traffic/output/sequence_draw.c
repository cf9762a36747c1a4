/* See sequence_draw.h. */
#include "browser/traffic/output/sequence_draw.h"
#include "common/utf8.h"
#include <stdio.h>
#include <string.h>

#define CLOCK_COLUMNS 13 /* "+12345.678 s" and a blank */
#define LEAST_SPACING 11
#define MOST_SPACING  36
#define ONE_LINE      28 /* spacing from which on a name has room in its arrow */
#define LEFT_MARGIN   6	 /* half the name of the first lane */

enum sign {
	LINE,
	DASH,
	TO_RIGHT,
	TO_LEFT,
	FROM_LEFT,
	FROM_RIGHT,
	CROSS,
	HOLD,
	OPEN,
	ASK,
	DEATH,
	WARN,
	TICK,
	DOT,
	RING,
	CUT
};

static const struct {
	uint32_t code_point;
	char ascii;
} signs[] = {
	[LINE] = { 0x2502, '|' },    [DASH] = { 0x2500, '-' },	    [TO_RIGHT] = { 0x25b6, '>' },
	[TO_LEFT] = { 0x25c0, '<' }, [FROM_LEFT] = { 0x251c, '|' }, [FROM_RIGHT] = { 0x2524, '|' },
	[CROSS] = { 0x2715, 'x' },   [HOLD] = { 0x25cf, 'o' },	    [OPEN] = { 0x2026, '~' },
	[ASK] = { '?', '?' },	     [DEATH] = { 0x2020, '!' },	    [WARN] = { 0x25b2, '^' },
	[TICK] = { 0x2713, 'y' },    [DOT] = { 0x25cf, 'o' },	    [RING] = { 0x25cb, '.' },
	[CUT] = { 0x2026, '~' },
};

/* What is being drawn on. */
struct pen {
	const struct sequence_layout *layout;
	struct sequence_cell *cells;
};

static void put(struct pen p, int column, uint32_t code_point, enum sequence_look look, unsigned lane)
{
	if (column >= 0 && column < p.layout->columns)
		p.cells[column] = (struct sequence_cell){ code_point, (uint8_t)look, (uint8_t)lane };
}

static void put_sign(struct pen p, int column, enum sign sign, enum sequence_look look, unsigned lane)
{
	put(p, column, p.layout->ascii ? (uint32_t)signs[sign].ascii : signs[sign].code_point, look, lane);
}

/* What stands in a cell for a character, and how many columns it takes; 0: it is left out. */
static int glyph(const struct sequence_layout *l, uint32_t *code_point)
{
	int width = *code_point < 0x7f ? 1 : utf8_width(*code_point);

	if (width < 0 || *code_point < ' ' || (l->ascii && *code_point >= 0x7f && width)) {
		*code_point = '?';
		return 1;
	}
	return width;
}

static int text_columns(const struct sequence_layout *l, const char *text)
{
	int columns = 0;

	for (size_t length = strlen(text); length;) {
		uint32_t c;
		unsigned taken = utf8_decode(text, length, &c);
		columns += glyph(l, &c);
		text += taken;
		length -= taken;
	}
	return columns;
}

/* Text within that many columns, cut with a sign. Returns the columns used. */
static int put_text(struct pen p, int column, int columns, const char *text, enum sequence_look look,
		    unsigned lane)
{
	bool whole = text_columns(p.layout, text) <= columns;
	int used = 0, room = whole ? columns : columns - 1;

	for (size_t length = strlen(text); length;) {
		uint32_t c;
		unsigned taken = utf8_decode(text, length, &c);
		int width = glyph(p.layout, &c);
		if (used + width > room)
			break;
		if (width > 0)
			put(p, column + used, c, look, lane);
		if (width > 1)
			put(p, column + used + 1, 0, look, lane);
		used += width;
		text += taken;
		length -= taken;
	}
	if (!whole && columns > 0)
		put_sign(p, column + used++, CUT, look, lane);
	return used;
}

/* Layout. */

unsigned sequence_lanes_fit(int columns)
{
	int room = columns - CLOCK_COLUMNS - 2 * LEFT_MARGIN;

	if (room < 0)
		return 1;
	unsigned fit = 1 + (unsigned)(room / LEAST_SPACING);
	return fit < SEQUENCE_LANES ? fit : SEQUENCE_LANES;
}

void sequence_lay_out(struct sequence_layout *l, const struct sequence *s, const uint8_t *lanes,
		      unsigned count, int columns, uint64_t start_us, bool ascii)
{
	unsigned fit;

	columns = columns < SEQUENCE_COLUMNS ? columns : SEQUENCE_COLUMNS;
	fit = sequence_lanes_fit(columns);
	count = count < fit ? count : fit;
	*l = (struct sequence_layout){
		.sequence = s, .columns = columns, .ascii = ascii, .start_us = start_us
	};
	l->spacing = count > 1 ? (columns - CLOCK_COLUMNS - 2 * LEFT_MARGIN) / (int)(count - 1) : 0;
	l->spacing = l->spacing < MOST_SPACING ? l->spacing : MOST_SPACING;
	for (unsigned i = 0; i < SEQUENCE_LANES; i++)
		l->at[i] = -1;
	for (unsigned i = 0; i < count; i++)
		l->at[lanes[i]] = LEFT_MARGIN + (int)i * l->spacing;
	l->clock = LEFT_MARGIN + (count ? (int)(count - 1) * l->spacing : 0) + LEFT_MARGIN + CLOCK_COLUMNS;
	l->clock = l->clock < columns ? l->clock : columns;
}

static bool is_shown(const struct sequence_layout *l, unsigned lane)
{
	return l->at[lane] >= 0;
}

/* A lane's name, if need be with less of its role: its number tells it from others. */
static void shorten(const struct sequence_layout *l, const char *name, char out[SEQUENCE_NAME])
{
	const char *number = strrchr(name, ':') ? strrchr(name, ':') : "";
	int room = l->spacing ? l->spacing - 1 : 2 * LEFT_MARGIN;
	int over = text_columns(l, name) - room, role = (int)(strlen(name) - strlen(number));

	snprintf(out, SEQUENCE_NAME, "%.*s%s", over > 0 && over < role ? role - over : role, name, number);
}

void sequence_draw_head(const struct sequence_layout *l, struct sequence_cell *cells)
{
	struct pen p = { l, cells };

	for (int i = 0; i < l->columns; i++)
		put(p, i, ' ', SEQUENCE_BLANK, 0);
	for (unsigned i = 0; i < l->sequence->lane_count; i++) {
		char name[SEQUENCE_NAME];
		if (!is_shown(l, i))
			continue;
		shorten(l, l->sequence->lanes[i].name, name);
		int at = l->at[i] - text_columns(l, name) / 2;
		put_text(p, at > 0 ? at : 0, l->columns, name, SEQUENCE_HEAD, i);
	}
}

/* The lanes that run through the row. */
static void draw_lanes(struct pen p)
{
	const struct sequence_layout *l = p.layout;

	for (int i = 0; i < l->columns; i++)
		put(p, i, ' ', SEQUENCE_BLANK, 0);
	for (unsigned i = 0; i < l->sequence->lane_count; i++)
		if (is_shown(l, i) && !l->ended[i])
			put_sign(p, l->at[i], LINE, SEQUENCE_LINE, i);
}

static void draw_clock(struct pen p, const struct sequence_row *row)
{
	char text[SEQUENCE_TIME];
	uint64_t start = p.layout->start_us;
	int used = (int)strlen(sequence_time(row->ts_us > start ? row->ts_us - start : 0, text));

	put_text(p, p.layout->clock - used, used, text, SEQUENCE_CLOCK, 0);
}

/* Where text may stand: up to the times. */
static int text_end(const struct sequence_layout *l)
{
	return l->clock - CLOCK_COLUMNS;
}

static enum sequence_look fate_look(const struct sequence_row *row)
{
	if (row->status == TRAFFIC_LOST || row->status == TRAFFIC_REFUSED)
		return SEQUENCE_BAD;
	return row->status == TRAFFIC_HELD ? SEQUENCE_WAIT : SEQUENCE_FAINT;
}

static int label_columns(const struct sequence_layout *l, const struct sequence_row *row)
{
	return text_columns(l, row->label) + (row->fate[0] ? 1 + text_columns(l, row->fate) : 0);
}

/* What the row says, and behind it what became of it, which is never cut for the sake of the former. */
static void put_label(struct pen p, int column, int columns, const struct sequence_row *row)
{
	int fate = row->fate[0] ? 1 + text_columns(p.layout, row->fate) : 0;

	if (columns <= 0)
		return;
	if (fate > columns - 4)
		fate = 0;
	int used = put_text(p, column, columns - fate, row->label, SEQUENCE_TEXT, row->from);
	if (fate)
		put_text(p, column + used + 1, fate - 1, row->fate, fate_look(row), row->from);
}

/* Arrows. */

/* How each status ends: the sign in the place of its head, and whether it is a bad one. */
static enum sign head_of(const struct sequence_row *row, bool to_right)
{
	switch (row->status) {
	case TRAFFIC_LOST:
		return CROSS;
	case TRAFFIC_HELD:
		return HOLD;
	case TRAFFIC_IN_FLIGHT:
		return OPEN;
	case TRAFFIC_UNKNOWN:
		return ASK;
	default:
		return to_right ? TO_RIGHT : TO_LEFT;
	}
}

/* Where the head stands: a lost one ends where it was last. */
static int head_at(const struct sequence_row *row, int from, int to)
{
	int step = from < to ? 1 : -1;

	if (row->status == TRAFFIC_IN_FLIGHT)
		return (from + to) / 2;
	if (row->status != TRAFFIC_LOST)
		return to - step;
	if (row->where == TRAFFIC_AT_SENDER)
		return from + 2 * step;
	return row->where == TRAFFIC_AT_RECEIVER || row->where == TRAFFIC_AT_BREAKPOINT ? to - step
											: (from + to) / 2;
}

static void draw_arrow(struct pen p, const struct sequence_row *row)
{
	int from = p.layout->at[row->from], to = p.layout->at[row->to];
	int step = from < to ? 1 : -1, head = head_at(row, from, to);
	bool whole = row->status == TRAFFIC_DELIVERED || row->status == TRAFFIC_REFUSED;

	put_sign(p, from, step > 0 ? FROM_LEFT : FROM_RIGHT, SEQUENCE_STEM, row->from);
	for (int at = from + step; at != head; at += step)
		put_sign(p, at, DASH, SEQUENCE_STEM, row->from);
	put_sign(p, head, head_of(row, step > 0), whole ? SEQUENCE_STEM : fate_look(row), row->from);
	if (row->status == TRAFFIC_REFUSED)
		put_sign(p, to, CROSS, SEQUENCE_BAD, row->to);
}

static bool is_tall(const struct sequence_layout *l, const struct sequence_row *row)
{
	/* How an arrow that does not arrive ends must be seen, so its name is above it always. */
	bool name_fits = l->spacing >= ONE_LINE && row->status == TRAFFIC_DELIVERED;

	return row->kind == SEQUENCE_ARROW && is_shown(l, row->from) && is_shown(l, row->to) &&
	       row->from != row->to && !name_fits;
}

/* Above its arrow, in the middle if there is room, and past its end if there is none. */
static void draw_label_above(struct pen p, const struct sequence_row *row)
{
	int from = p.layout->at[row->from], to = p.layout->at[row->to];
	int left = from < to ? from : to, right = from < to ? to : from;
	int wanted = label_columns(p.layout, row), end = text_end(p.layout);
	int at = left + 2;

	if (wanted < right - left - 3)
		at = left + (right - left + 1 - wanted) / 2;
	else if (at + wanted > end)
		at = end - wanted;
	at = at > 0 ? at : 0;
	put_label(p, at, end - at, row);
}

/* Within its arrow, which keeps a piece of stem at both ends. */
static void draw_label_within(struct pen p, const struct sequence_row *row)
{
	int from = p.layout->at[row->from], to = p.layout->at[row->to];
	int left = from < to ? from : to, right = from < to ? to : from;
	int room = right - left - 7, wanted = label_columns(p.layout, row);
	int used = wanted < room ? wanted : room;
	int at = left + (right - left + 1 - used) / 2;

	put(p, at - 1, ' ', SEQUENCE_BLANK, 0);
	for (int i = 0; i <= used; i++)
		put(p, at + i, ' ', SEQUENCE_BLANK, 0);
	put_label(p, at, used, row);
}

/* Beside a lane: at its right, or at its left where there is more room. `before` signs stand in between. */
static void put_beside(struct pen p, int lane_at, const char *text, int before, enum sequence_look look,
		       unsigned lane, bool *at_right)
{
	int wanted = text_columns(p.layout, text), right = text_end(p.layout) - lane_at - 2 - before;
	int left = lane_at - 1 - before;

	*at_right = wanted <= right || right >= left;
	if (*at_right) {
		put_text(p, lane_at + 2 + before, right, text, look, lane);
		return;
	}
	wanted = wanted < left ? wanted : left;
	put_text(p, lane_at - 1 - before - wanted, wanted, text, look, lane);
}

/* To or from a process whose lane is not shown, or one that talks to itself: a short arrow and words. */
static void draw_stub(struct pen p, const struct sequence_row *row)
{
	const struct sequence_layout *l = p.layout;
	bool sends = is_shown(l, row->from), right;
	unsigned lane = sends ? row->from : row->to, other = sends ? row->to : row->from;
	char text[SEQUENCE_LABEL + SEQUENCE_NAME + 40];

	if (!is_shown(l, lane)) {
		snprintf(text, sizeof(text), "%s %s %s: %s %s", l->sequence->lanes[row->from].name,
			 l->ascii ? "->" : "→", l->sequence->lanes[row->to].name, row->label, row->fate);
		put_text(p, 1, text_end(l) - 1, text, SEQUENCE_FAINT, lane);
		return;
	}
	if (other == SEQUENCE_USER)
		snprintf(text, sizeof(text), "%s", row->label);
	else
		snprintf(text, sizeof(text), "%s %s: %s%s%s", sends ? "to" : "from",
			 l->sequence->lanes[other].name, row->label, row->fate[0] ? " " : "", row->fate);
	put_beside(p, l->at[lane], text, 1, row->fate[0] ? fate_look(row) : SEQUENCE_TEXT, lane, &right);
	if (sends)
		put_sign(p, l->at[lane], right ? FROM_LEFT : FROM_RIGHT, SEQUENCE_STEM, row->from);
	put_sign(p, l->at[lane] + (right ? 1 : -1), head_of(row, sends == right), SEQUENCE_STEM, row->from);
}

/* Marks and notes. */

static const struct {
	enum sign sign;
	enum sequence_look look;
} marks[] = {
	[TRAFFIC_PROCESS_START] = { RING, SEQUENCE_LINE },
	[TRAFFIC_PROCESS_READY] = { DOT, SEQUENCE_LINE },
	[TRAFFIC_PROCESS_EXIT] = { DEATH, SEQUENCE_BAD },
	[TRAFFIC_PROCESS_UNRESPONSIVE] = { WARN, SEQUENCE_WAIT },
	[TRAFFIC_PROCESS_RESPONSIVE] = { TICK, SEQUENCE_GOOD },
	[TRAFFIC_PROCESS_GAP] = { OPEN, SEQUENCE_WAIT },
	[TRAFFIC_PROCESS_FORGED] = { CROSS, SEQUENCE_BAD },
	[TRAFFIC_PROCESS_EVENT_COUNT] = { ASK, SEQUENCE_FAINT },
};

static void draw_mark(struct pen p, const struct sequence_row *row)
{
	const struct sequence_layout *l = p.layout;
	enum sequence_look look = marks[row->process_event].look;
	char text[SEQUENCE_LABEL + SEQUENCE_NAME];
	bool right;

	if (!is_shown(l, row->from)) {
		snprintf(text, sizeof(text), "%s %s", l->sequence->lanes[row->from].name, row->label);
		put_text(p, 1, text_end(l) - 1, text, look == SEQUENCE_LINE ? SEQUENCE_FAINT : look,
			 row->from);
		return;
	}
	put_sign(p, l->at[row->from], marks[row->process_event].sign, look, row->from);
	put_beside(p, l->at[row->from], row->label, 0, look == SEQUENCE_LINE ? SEQUENCE_TEXT : look,
		   row->from, &right);
}

unsigned sequence_row_lines(const struct sequence_layout *l, const struct sequence_row *row)
{
	return is_tall(l, row) ? 2 : 1;
}

void sequence_draw_row(const struct sequence_layout *l, const struct sequence_row *row, unsigned line,
		       struct sequence_cell *cells)
{
	struct pen p = { l, cells };
	bool tall = is_tall(l, row);

	draw_lanes(p);
	if (tall && line == 0) {
		draw_label_above(p, row);
		return;
	}
	draw_clock(p, row);
	if (row->kind == SEQUENCE_MARK) {
		draw_mark(p, row);
	} else if (row->kind == SEQUENCE_NOTE) {
		put_text(p, 1, text_end(l) - 1, row->label, SEQUENCE_WAIT, 0);
	} else if (!is_shown(l, row->from) || !is_shown(l, row->to) || row->from == row->to) {
		draw_stub(p, row);
	} else {
		draw_arrow(p, row);
		if (!tall)
			draw_label_within(p, row);
	}
}

void sequence_pass(struct sequence_layout *l, const struct sequence_row *row)
{
	l->ended[row->from] |= row->is_end;
}
