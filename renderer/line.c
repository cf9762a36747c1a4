/*
 * Inline layout: characters become clusters, clusters lines, lines rows of fragments. See layout.h.
 * Lines break after spaces and hyphens and between wide characters; a word that is longer than a line is cut.
 */
#include "common/utf8.h"
#include "renderer/layout.h"
#include "renderer/style.h"
#include <string.h>

#define TAB_COLUMNS 8

/* Signs that may not begin a line, and signs that may not end one. */
static const uint32_t closing[] = { 0x3001, 0x3002, 0x3005, 0x3009, 0x300b, 0x300d, 0x300f, 0x3011,
				    0x3015, 0x3017, 0x3063, 0x30c3, 0x30fb, 0x30fc, 0xff01, 0xff09,
				    0xff0c, 0xff0e, 0xff1a, 0xff1b, 0xff1f, 0xff3d, 0xff5d, 0xff61,
				    0xff63, 0xff64, '!',    ')',    ',',    '.',    ':',    ';',
				    '?',    ']',    '}',    0x2019, 0x201d, 0x2026 };
static const uint32_t opening[] = { 0x3008, 0x300a, 0x300c, 0x300e, 0x3010, 0x3014, 0x3016, 0xff08,
				    0xff3b, 0xff5b, 0xff62, '(',    '[',    '{',    0x2018, 0x201c };

static bool is_among(uint32_t code_point, const uint32_t *signs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (signs[i] == code_point)
			return true;
	return false;
}

static uint32_t first_of(const struct cluster *cluster)
{
	uint32_t code_point;
	utf8_decode(cluster->text, cluster->bytes, &code_point);
	return code_point;
}

static bool is_space_cluster(const struct cluster *cluster)
{
	return cluster->bytes == 1 && cluster->text[0] == ' ';
}

static bool looks_alike(const struct cluster *a, const struct cluster *b)
{
	return a->attributes == b->attributes && a->foreground == b->foreground && a->link == b->link;
}

/* Clusters that look alike become one fragment. */
static void emit_clusters(struct layout *layout, unsigned count, uint16_t column)
{
	struct cluster *clusters = layout->line.clusters;
	for (unsigned start = 0, i; start < count; start = i) {
		struct fragment fragment = { .text = (uint32_t)layout->at.ntext,
					     .column = column,
					     .attributes = clusters[start].attributes,
					     .foreground = clusters[start].foreground,
					     .link = clusters[start].link };
		for (i = start; i < count && looks_alike(&clusters[start], &clusters[i]); i++) {
			layout_add_text(layout, clusters[i].text, clusters[i].bytes);
			fragment.bytes += clusters[i].bytes;
			fragment.columns += clusters[i].width;
		}
		column += fragment.columns;
		layout_add_fragment(layout, fragment);
	}
}

/* Make a row of the first clusters; what follows begins the next line. */
static void emit(struct layout *layout, unsigned count)
{
	struct line *line = &layout->line;
	unsigned shown = count;
	bool preformatted = layout_frame(layout)->flags & STYLE_PREFORMATTED;
	while (!preformatted && shown && is_space_cluster(&line->clusters[shown - 1]))
		shown--;
	layout_begin_row(layout);
	emit_clusters(layout, shown, layout_frame(layout)->left);
	memmove(line->clusters, line->clusters + count, (line->count - count) * sizeof(line->clusters[0]));
	line->count -= count;
	line->break_at = 0;
	line->columns = 0;
	for (unsigned i = 0; i < line->count; i++)
		line->columns += line->clusters[i].width;
}

void line_break(struct layout *layout)
{
	emit(layout, layout->line.count);
	layout->line.space = false;
}

void line_end(struct layout *layout)
{
	if (layout->line.count)
		line_break(layout);
	layout->line.space = layout->line.after_hyphen = false;
}

void line_allow_break(struct layout *layout)
{
	layout->line.break_at = layout->line.count;
}

static struct cluster style_now(struct layout *layout)
{
	const struct frame *frame = layout_frame(layout);
	return (struct cluster){ .attributes = frame->attributes,
				 .foreground = frame->foreground,
				 .link = frame->link };
}

/* Put a cluster at the end of the line, which ends before it, or where it may, if there is no room. */
static void append(struct layout *layout, struct cluster cluster)
{
	struct line *line = &layout->line;
	unsigned width = layout_width(layout);
	while (line->count && (line->columns + cluster.width > width || line->count == GRID_MAX_COLUMNS))
		emit(layout, line->break_at ? line->break_at : line->count);
	line->clusters[line->count++] = cluster;
	line->columns += cluster.width;
}

static void append_space(struct layout *layout)
{
	struct line *line = &layout->line;
	struct cluster space = line->space_style;
	line->space = line->after_hyphen = false;
	if (!line->count)
		return;
	if (line->columns + 1 > layout_width(layout)) {
		emit(layout, line->count);
		return;
	}
	space.text[0] = ' ';
	space.bytes = space.width = space.points = 1;
	append(layout, space);
	line->break_at = line->count;
}

/* What combines goes to the character before it, as long as a cell holds it; at the start of a line to a
 * circle. */
static void combine(struct layout *layout, uint32_t code_point)
{
	struct line *line = &layout->line;
	if (line->space || !line->count) {
		if (line->space)
			append_space(layout);
		struct cluster circle = style_now(layout);
		circle.bytes = (uint8_t)utf8_encode(0x25cc, circle.text);
		circle.width = circle.points = 1;
		append(layout, circle);
	}
	struct cluster *last = &line->clusters[line->count - 1];
	if (last->points == CELL_CODE_POINTS)
		return;
	last->bytes += (uint8_t)utf8_encode(code_point, last->text + last->bytes);
	last->points++;
}

static bool is_letter(uint32_t code_point)
{
	return (code_point >= 'a' && code_point <= 'z') || (code_point >= 'A' && code_point <= 'Z') ||
	       code_point > 0x7f;
}

/* May a line end between the last cluster and this character? */
static bool may_break_before(const struct line *line, uint32_t code_point, int width)
{
	const struct cluster *last = &line->clusters[line->count - 1];
	if (line->after_hyphen && is_letter(code_point))
		return true;
	if (width != 2 && last->width != 2)
		return false;
	return !is_among(code_point, closing, sizeof(closing) / sizeof(closing[0])) &&
	       !is_among(first_of(last), opening, sizeof(opening) / sizeof(opening[0]));
}

static void add_visible(struct layout *layout, uint32_t code_point, int width)
{
	struct line *line = &layout->line;
	if (line->space)
		append_space(layout);
	else if (line->count && may_break_before(line, code_point, width))
		line->break_at = line->count;
	bool hyphen = code_point == '-' && line->count && line->clusters[line->count - 1].text[0] > ' ' &&
		      line->clusters[line->count - 1].text[0] != '-';
	struct cluster cluster = style_now(layout);
	cluster.bytes = (uint8_t)utf8_encode(code_point, cluster.text);
	cluster.width = (uint8_t)width;
	cluster.points = 1;
	append(layout, cluster);
	line->after_hyphen = hyphen;
}

static void add_character(struct layout *layout, uint32_t code_point)
{
	if (code_point == 0x200b) { /* zero width space */
		line_allow_break(layout);
		return;
	}
	if (code_point == 0xad || code_point == 0x200c || code_point == 0x200d || code_point == 0xfeff)
		return; /* nothing to see: soft hyphen, joiners, mark */
	if (code_point == 0xa0)
		code_point = ' ';
	int width = utf8_width(code_point);
	if (width == 0) {
		combine(layout, code_point);
		return;
	}
	if (width < 0 && code_point >= 0x200e && utf8_is_control(code_point))
		return; /* directions and such: unseen here */
	if (width < 0) {
		code_point = code_point < 0x20 ? 0x2400 + code_point : 0xfffd; /* the picture of a control */
		width = 1;
	}
	add_visible(layout, code_point, width);
}

/* White space where it counts. */
static void add_preformatted_space(struct layout *layout, char c)
{
	struct line *line = &layout->line;
	if (c == '\n' || c == '\f') {
		line_break(layout);
		return;
	}
	unsigned spaces = c == '\t' ? TAB_COLUMNS - line->columns % TAB_COLUMNS : 1;
	if (c == '\r')
		spaces = 0;
	struct cluster space = style_now(layout);
	space.text[0] = ' ';
	space.bytes = space.width = space.points = 1;
	while (spaces--)
		append(layout, space);
}

static bool is_white(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f';
}

void line_add_text(struct layout *layout, const char *text, size_t length)
{
	struct line *line = &layout->line;
	bool preformatted = layout_frame(layout)->flags & STYLE_PREFORMATTED;
	for (size_t at = 0; at < length;) {
		if (is_white(text[at])) {
			if (preformatted) {
				add_preformatted_space(layout, text[at]);
			} else if (!line->space) {
				line->space = true;
				line->space_style = style_now(layout);
			}
			at++;
			continue;
		}
		uint32_t code_point;
		at += utf8_decode(text + at, length - at, &code_point);
		if (code_point > ' ' && code_point < 0x7f)
			add_visible(layout, code_point, 1);
		else
			add_character(layout, code_point);
	}
}

void line_add_gap(struct layout *layout)
{
	struct line *line = &layout->line;
	line->space = false;
	if (!line->count)
		return;
	line->space_style = (struct cluster){ .foreground = COLOR_DEFAULT };
	append_space(layout);
	if (line->count)
		append_space(layout);
}
