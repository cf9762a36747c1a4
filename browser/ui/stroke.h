/*
 * Strokes: keys, clicks and pastes, read out of the bytes that terminals send. All terminals worth the name
 * send the same sequences for these keys; what terminfo says differently is added at start. Knows nothing of
 * ncurses.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum stroke_kind { STROKE_NONE, STROKE_KEY, STROKE_PRESS, STROKE_RELEASE, STROKE_WHEEL, STROKE_PASTE };

/* Keys that are no characters; above all code points. */
enum stroke_code {
	STROKE_UP = 0x200000,
	STROKE_DOWN,
	STROKE_LEFT,
	STROKE_RIGHT,
	STROKE_PAGE_UP,
	STROKE_PAGE_DOWN,
	STROKE_HOME,
	STROKE_END,
	STROKE_INSERT,
	STROKE_DELETE,
	STROKE_ENTER,
	STROKE_TAB,
	STROKE_ESC,
	STROKE_BACKSPACE,
	STROKE_F0,
	STROKE_F12 = STROKE_F0 + 12,
	STROKE_CODE_END
};

enum { STROKE_SHIFT = 1, STROKE_ALT = 2, STROKE_CTRL = 4 };

struct stroke {
	enum stroke_kind kind;
	uint32_t code; /* key: a code point or enum stroke_code; press: the button, 1 to 3; wheel: UP or DOWN
			*/
	unsigned modifiers;
	int row, column;  /* of the mouse, from 0 */
	const char *text; /* pasted; borrows the input */
	size_t length;
};

/*
 * Read one stroke from the front of the bytes (length > 0). Returns how many bytes it took; out->kind is
 * STROKE_NONE for what means nothing. Returns 0 when more bytes are needed; with `all`, no more will come for
 * now, and what is there is taken as it is: a lone Esc is that key.
 */
size_t stroke_read(const char *bytes, size_t length, bool all, struct stroke *out);

/* A paste has begun and its end has not come: wait for it, however long that takes. */
bool stroke_is_paste(const char *bytes, size_t length);

/* A terminal's own sequence for a key, as terminfo has it. The text is borrowed for ever. */
void stroke_learn(const char *sequence, uint32_t code);

/* "Ctrl-T", "Alt-Left", "PgDn", "g", "Space". */
#define STROKE_NAME 32
const char *stroke_name(uint32_t code, unsigned modifiers, char name[STROKE_NAME]);
/*
 * Read a name: up to `length` bytes. Returns false when it is none; then each of its letters may stand for
 * itself, as in "gt".
 */
bool stroke_parse_name(const char *name, size_t length, uint32_t *code, unsigned *modifiers);
