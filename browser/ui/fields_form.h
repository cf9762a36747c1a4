/*
 * A message as a form: from whom, to whom, which, and its fields by name, each of which can be changed. For
 * the pages of the break dialog that edit a held message and compose one (break_hold.c, break_hand.c).
 */
#pragma once
#include "browser/traffic/breakpoint/compose.h"
#include "browser/ui/line_edit.h"
#include "browser/ui/list.h"

struct area;
struct ui;
struct stroke;

struct fields_form {
	struct composed what;
	bool whole; /* who, to whom and which can be changed, too */
	bool raw;   /* its bytes instead of its fields: then they may be anything */
	struct list rows;
	bool typing; /* the value of the marked row is being typed, in `value` */
	struct line_edit value;
	struct compose_error error; /* of what was typed, if why[0] */
};

/* Show that message; nothing is being typed any more. */
void fields_form_set(struct fields_form *, const struct composed *, bool whole);
void fields_form_finish(struct fields_form *);
/* Its bytes instead of its fields, or again its fields, if they are. */
void fields_form_turn_raw(struct fields_form *);
int fields_form_rows(const struct fields_form *);
/* active: it has the keys. */
void fields_form_draw(struct ui *, struct fields_form *, struct area, bool active);
/* A key, or Enter. True: the message was changed. *taken: the form did something with it. */
bool fields_form_stroke(struct ui *, struct fields_form *, const struct stroke *, bool *taken);
