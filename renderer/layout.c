/* See layout.h: the walk through the tree, and what blocks do. No recursion: the depth of a tree is the
 * page's. */
#include "renderer/layout.h"
#include "common/crash.h"
#include "common/recorder.h"
#include "renderer/style.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MARGIN_COLUMNS	 2
#define LEAST_COLUMNS	 16  /* for text, however deep it is indented */
#define CHECKPOINT_ROWS	 8   /* it is made anew after so many rows, */
#define CHECKPOINT_STEPS 512 /* or so many steps */
#define TEXT_SLICE	 4096
#define STEPS_PER_LOOK	 64 /* at the clock */

static const char cut_note[] = "(the rest is not shown: this document is too long)";

struct frame *layout_frame(struct layout *layout)
{
	return &layout->frames[layout->at.depth - 1];
}

unsigned layout_width(struct layout *layout)
{
	const struct frame *frame = layout_frame(layout);
	return layout->columns - frame->left - frame->right;
}

static void want_blank(struct layout *layout, uint32_t rows)
{
	if (layout->at.blank < rows)
		layout->at.blank = rows;
}

static void copy_line(struct line *to, const struct line *from)
{
	memcpy(to->clusters, from->clusters, from->count * sizeof(from->clusters[0]));
	to->count = from->count;
	to->columns = from->columns;
	to->break_at = from->break_at;
	to->space = from->space;
	to->after_hyphen = from->after_hyphen;
	to->space_style = from->space_style;
}

/* A node is about to be entered, so the tree before it is whole: this is where to go on when it has grown. */
static void make_checkpoint(struct layout *layout)
{
	const struct walk *at = &layout->at, *last = &layout->checkpoint;
	if (last->node && at->nrows - last->nrows < CHECKPOINT_ROWS &&
	    at->step - last->step < CHECKPOINT_STEPS)
		return;
	copy_line(&layout->checkpoint_line, &layout->line);
	if (layout->checkpoint_size < at->depth) {
		layout->checkpoint_size = layout->frames_size;
		layout->checkpoint_frames = crash_realloc(layout->checkpoint_frames,
							  layout->checkpoint_size * sizeof(struct frame));
	}
	layout->checkpoint = *at;
	memcpy(layout->checkpoint_frames, layout->frames, at->depth * sizeof(struct frame));
	dom_settle(layout->dom, at->step, at->node);
}

static struct frame *push_frame(struct layout *layout, struct node *node)
{
	if (layout->at.depth == layout->frames_size) {
		layout->frames_size = layout->frames_size ? layout->frames_size * 2 : 16;
		layout->frames = crash_realloc(layout->frames, layout->frames_size * sizeof(struct frame));
	}
	struct frame *frame = &layout->frames[layout->at.depth++];
	*frame = layout->at.depth > 1 ? frame[-1] : (struct frame){ 0 };
	frame->node = node;
	frame->margin = 0;
	frame->number = 0;
	return frame;
}

static uint32_t add_link(struct layout *layout, const struct node *node)
{
	struct walk *at = &layout->at;
	layout->links = layout_grow(layout->links, at->nlinks, &layout->links_size, sizeof(*layout->links));
	layout->links[at->nlinks++] = (struct link){ node, LAYOUT_NOWHERE, LAYOUT_NOWHERE };
	return at->nlinks;
}

static void add_anchor(struct layout *layout, const struct node *node)
{
	struct walk *at = &layout->at;
	layout->anchors =
		layout_grow(layout->anchors, at->nanchors, &layout->anchors_size, sizeof(*layout->anchors));
	layout->anchors[at->nanchors++] = (struct anchor){ node, LAYOUT_NOWHERE };
}

/* Attributes count in few ways; one look through them. */
struct told {
	const char *href, *id, *name, *type, *start, *value, *alt;
	bool hidden, open;
};

static struct told look_at_attributes(const struct node *node)
{
	struct told told = { 0 };
	for (const struct attribute *a = node->attributes; a; a = a->next) {
		const char **slot = NULL;
		if (!strcmp(a->name, "href"))
			slot = &told.href;
		else if (!strcmp(a->name, "id"))
			slot = &told.id;
		else if (!strcmp(a->name, "name"))
			slot = &told.name;
		else if (!strcmp(a->name, "type"))
			slot = &told.type;
		else if (!strcmp(a->name, "start"))
			slot = &told.start;
		else if (!strcmp(a->name, "value"))
			slot = &told.value;
		else if (!strcmp(a->name, "alt"))
			slot = &told.alt;
		else if (!strcmp(a->name, "hidden"))
			told.hidden = strcmp(a->value, "until-found") != 0;
		else if (!strcmp(a->name, "open"))
			told.open = true;
		if (slot)
			*slot = a->value;
	}
	return told;
}

static void indent(struct layout *layout, struct frame *frame, const struct style *style)
{
	unsigned by = layout->columns < LAYOUT_NARROW_COLUMNS ? (style->indent + 1u) / 2 : style->indent;
	unsigned most = layout->columns - frame->right;
	most = most > LEAST_COLUMNS ? most - LEAST_COLUMNS : frame->left;
	if (frame->left + by <= most)
		frame->left += (uint16_t)by;
}

static void quote(struct frame *frame, uint16_t column)
{
	if (frame->quotes < LAYOUT_MAX_BARS && column < frame->left)
		frame->bars[frame->quotes++] = column;
}

static void mark_item(struct layout *layout, const struct told *told)
{
	static const char *const bullets[] = { "·", "◦", "▪" };
	struct frame *list = layout_frame(layout) - 1; /* of what the item stands in */
	char *marker = layout->at.marker;
	if (!(list->flags & STYLE_NUMBERS)) {
		strcpy(marker, bullets[(list->lists ? list->lists - 1 : 0) % 3]);
		return;
	}
	if (told->value)
		list->number = (uint32_t)strtoul(told->value, NULL, 10);
	int columns = snprintf(marker, sizeof(layout->at.marker), "%u.", list->number++);
	/* A long number moves its item to the right. */
	struct frame *frame = layout_frame(layout);
	unsigned least = (list > layout->frames ? list[-1].left : 0) + (unsigned)columns + 1;
	if (frame->left < least && least + LEAST_COLUMNS <= layout->columns - frame->right)
		frame->left = (uint16_t)least;
}

/* The part of a frame that its element's style decides. */
static void apply_style(struct layout *layout, struct frame *frame, const struct style *style,
			const struct told *told)
{
	uint16_t column = frame->left;
	frame->attributes |= style->attributes;
	if (style->foreground && !frame->link)
		frame->foreground = style->foreground;
	if (!(style->flags & STYLE_BLOCK))
		return;
	frame->margin = style->margin;
	indent(layout, frame, style);
	frame->flags = (uint16_t)((frame->flags & STYLE_PREFORMATTED) | style->flags);
	if (style->flags & (STYLE_BULLETS | STYLE_NUMBERS)) {
		frame->margin = frame->lists ? 0 : style->margin;
		frame->lists++;
		frame->number = told->start ? (uint32_t)strtoul(told->start, NULL, 10) : 1;
	}
	if (style->flags & STYLE_QUOTE)
		quote(frame, column);
	want_blank(layout, frame->margin);
}

static void enter_link(struct layout *layout, struct frame *frame, const struct node *node)
{
	frame->link = add_link(layout, node);
	frame->foreground = LAYOUT_LINK_COLOR;
	frame->attributes |= ATTRIBUTE_UNDERLINE;
}

static void draw_rule(struct layout *layout)
{
	layout_begin_row(layout);
	layout_add_fragment(layout, (struct fragment){ .kind = FRAGMENT_LINE,
						       .column = layout_frame(layout)->left,
						       .columns = (uint16_t)layout_width(layout),
						       .attributes = ATTRIBUTE_DIM });
}

static void draw_image(struct layout *layout, const struct told *told)
{
	char words[256];
	if (told->alt && !told->alt[strspn(told->alt, " \t\n")])
		return; /* said to mean nothing */
	int length = snprintf(words, sizeof(words), "[%s]", told->alt ? told->alt : "image");
	if (length >= (int)sizeof(words)) {
		length = sizeof(words) - 1;
		while (length && (words[length - 1] & 0x80))
			length--; /* what was cut may be half a character */
	}
	line_add_text(layout, words, (size_t)length);
}

static bool draw_embed(struct layout *layout, const struct node *node, const struct told *told)
{
	unsigned columns = 0, rows = 0;
	uint32_t number, link = layout->at.nlinks + 1;
	if (!told->type || !layout->embeds.measure ||
	    !layout->embeds.measure(layout->embeds.arg, node, link, &number, &columns, &rows))
		return false;
	line_end(layout);
	add_link(layout, node);
	if (columns > layout_width(layout))
		columns = layout_width(layout);
	for (unsigned row = 0; row < rows; row++) {
		layout_begin_row(layout);
		layout_add_fragment(layout, (struct fragment){ .kind = FRAGMENT_EMBED,
							       .text = number,
							       .bytes = (uint16_t)row,
							       .column = layout_frame(layout)->left,
							       .columns = (uint16_t)columns,
							       .link = link });
	}
	return true;
}

/* Elements without content. false: it has content after all. */
static bool draw_void(struct layout *layout, const struct node *node, const struct told *told)
{
	switch (node->element) {
	case ELEMENT_BR:
		line_break(layout);
		return true;
	case ELEMENT_WBR:
		line_allow_break(layout);
		return true;
	case ELEMENT_HR:
		draw_rule(layout);
		return true;
	case ELEMENT_IMG:
		draw_image(layout, told);
		return true;
	default:
		return draw_embed(layout, node, told) || node->element == ELEMENT_EMBED;
	}
}

/* Come to an element. true: what is in it is to be laid out. */
static bool enter_element(struct layout *layout, struct node *node)
{
	const struct style *style = style_of(node->element);
	struct told told = look_at_attributes(node);
	bool block = style->flags & STYLE_BLOCK;
	if (block)
		line_end(layout);
	node->entered = ++layout->at.step;
	if (told.hidden || ((style->flags & STYLE_HIDDEN) && !(node->element == ELEMENT_DIALOG && told.open)))
		return false;
	if (told.id || (told.name && node->element == ELEMENT_A))
		add_anchor(layout, node);
	if ((style->flags & STYLE_VOID) && draw_void(layout, node, &told))
		return false;
	struct frame *frame = push_frame(layout, node);
	apply_style(layout, frame, style, &told);
	if (style->flags & STYLE_ITEM)
		mark_item(layout, &told);
	if (style->flags & STYLE_CELL)
		line_add_gap(layout);
	if (node->element == ELEMENT_A && told.href)
		enter_link(layout, frame, node);
	if (node->element == ELEMENT_Q)
		line_add_text(layout, "“", 3);
	return true;
}

static void leave_element(struct layout *layout, struct node *node)
{
	struct frame *frame = layout_frame(layout);
	if (frame->node != node)
		return; /* it was never opened */
	if (node->element == ELEMENT_Q)
		line_add_text(layout, "”", 3);
	const struct style *style = style_of(node->element);
	if (style->flags & STYLE_BLOCK)
		line_end(layout);
	if ((style->flags & STYLE_ITEM) && layout->at.marker[0])
		line_break(layout); /* an empty item */
	want_blank(layout, frame->margin);
	layout->at.depth--;
}

/* A slice of a text node. true: all of it is done. */
static bool walk_text(struct layout *layout, struct node *node)
{
	struct walk *at = &layout->at;
	if (!at->offset)
		node->entered = ++at->step;
	uint32_t length = node->length - at->offset;
	if (length > TEXT_SLICE) {
		length = TEXT_SLICE;
		while (length > 1 && (node->text[at->offset + length] & 0xc0) == 0x80)
			length--;
	}
	line_add_text(layout, node->text + at->offset, length);
	at->offset += length;
	return at->offset >= node->length;
}

static void walk_on(struct layout *layout, struct node *node)
{
	struct walk *at = &layout->at;
	node->left = ++at->step;
	at->offset = 0;
	at->leaving = !node->next;
	at->node = node->next ? node->next : node->parent;
}

static void walk_step(struct layout *layout)
{
	struct walk *at = &layout->at;
	struct node *node = at->node;
	if (!at->leaving && !at->offset)
		make_checkpoint(layout);
	if (!at->leaving && node->element == ELEMENT_TEXT) {
		if (walk_text(layout, node))
			walk_on(layout, node);
		return;
	}
	if (!at->leaving && enter_element(layout, node) && node->first) {
		at->node = node->first;
		return;
	}
	leave_element(layout, node);
	walk_on(layout, node);
}

static void finish_walk(struct layout *layout)
{
	struct walk *at = &layout->at;
	line_end(layout);
	if (at->cut) {
		want_blank(layout, 1);
		layout_begin_row(layout);
		layout_add_sign(layout, cut_note, layout_frame(layout)->left, 0, ATTRIBUTE_DIM);
	}
	while (at->nplaced < at->nanchors)
		layout->anchors[at->nplaced++].row = at->nrows ? at->nrows - 1 : 0;
	at->node = NULL;
	at->done = true;
}

bool layout_run(struct layout *layout, uint64_t deadline_ns)
{
	unsigned steps = 0;
	while (layout->at.node && !layout->at.cut) {
		walk_step(layout);
		if (++steps % STEPS_PER_LOOK == 0 && recorder_now() >= deadline_ns)
			return false;
	}
	if (!layout->at.done)
		finish_walk(layout);
	return true;
}

static void begin(struct layout *layout)
{
	unsigned margin = layout->columns >= LAYOUT_NARROW_COLUMNS ? MARGIN_COLUMNS : 0;
	unsigned width = layout->columns - 2 * margin;
	if (width > LAYOUT_READING_COLUMNS)
		width = LAYOUT_READING_COLUMNS;
	layout->at = (struct walk){ .node = layout->dom->root };
	layout->line.count = layout->line.columns = layout->line.break_at = 0;
	layout->line.space = layout->line.after_hyphen = false;
	struct frame *frame = push_frame(layout, NULL);
	frame->left = (uint16_t)margin;
	frame->right = (uint16_t)(layout->columns - margin - width);
	layout->checkpoint = (struct walk){ 0 };
	layout->changed = 0;
	dom_settle(layout->dom, 0, NULL);
}

static unsigned clamp_columns(unsigned columns)
{
	if (columns < LAYOUT_MIN_COLUMNS)
		return LAYOUT_MIN_COLUMNS;
	return columns > GRID_MAX_COLUMNS ? GRID_MAX_COLUMNS : columns;
}

void layout_init(struct layout *layout, struct dom *dom, unsigned columns, const struct layout_embeds *embeds)
{
	*layout = (struct layout){ .dom = dom, .columns = clamp_columns(columns) };
	if (embeds)
		layout->embeds = *embeds;
	begin(layout);
}

void layout_finish(struct layout *layout)
{
	free(layout->frames);
	free(layout->checkpoint_frames);
	free(layout->rows);
	free(layout->fragments);
	free(layout->text);
	free(layout->links);
	free(layout->anchors);
	*layout = (struct layout){ 0 };
}

void layout_restart(struct layout *layout, unsigned columns)
{
	layout->columns = clamp_columns(columns);
	begin(layout);
}

void layout_resume(struct layout *layout)
{
	if (layout->dom->disturbed || !layout->checkpoint.node) {
		begin(layout);
		return;
	}
	layout->at = layout->checkpoint;
	memcpy(layout->frames, layout->checkpoint_frames, layout->at.depth * sizeof(struct frame));
	copy_line(&layout->line, &layout->checkpoint_line);
	/* They were left only because the tree ended there. */
	for (struct node *node = layout->at.node->parent; node; node = node->parent)
		node->left = 0;
	if (layout->changed > layout->at.nrows)
		layout->changed = layout->at.nrows;
}
