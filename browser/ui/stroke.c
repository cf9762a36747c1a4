/* See stroke.h. The one place that reads escape sequences; ui.c gives it the bytes, keymap.c takes the
 * strokes. */
#include "browser/ui/stroke.h"
#include "common/utf8.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PASTE_BEGIN  "\033[200~"
#define PASTE_END    "\033[201~"
#define SEQUENCE_MAX 64
#define LEARNED_MAX  32

/* ESC [ number ~ */
static const struct numbered {
	int number;
	uint32_t code;
} numbered[] = {
	{ 1, STROKE_HOME },    { 2, STROKE_INSERT },	{ 3, STROKE_DELETE },	{ 4, STROKE_END },
	{ 5, STROKE_PAGE_UP }, { 6, STROKE_PAGE_DOWN }, { 7, STROKE_HOME },	{ 8, STROKE_END },
	{ 11, STROKE_F0 + 1 }, { 12, STROKE_F0 + 2 },	{ 13, STROKE_F0 + 3 },	{ 14, STROKE_F0 + 4 },
	{ 15, STROKE_F0 + 5 }, { 17, STROKE_F0 + 6 },	{ 18, STROKE_F0 + 7 },	{ 19, STROKE_F0 + 8 },
	{ 20, STROKE_F0 + 9 }, { 21, STROKE_F0 + 10 },	{ 23, STROKE_F0 + 11 }, { 24, STROKE_F12 },
};

/* ESC [ … letter, and ESC O letter */
static const struct lettered {
	char letter;
	uint32_t code;
} lettered[] = {
	{ 'A', STROKE_UP },	{ 'B', STROKE_DOWN },	{ 'C', STROKE_RIGHT },	{ 'D', STROKE_LEFT },
	{ 'H', STROKE_HOME },	{ 'F', STROKE_END },	{ 'M', STROKE_ENTER },	{ 'P', STROKE_F0 + 1 },
	{ 'Q', STROKE_F0 + 2 }, { 'R', STROKE_F0 + 3 }, { 'S', STROKE_F0 + 4 },
};

static const struct named {
	const char *name;
	uint32_t code;
} named[] = {
	{ "Up", STROKE_UP },
	{ "Down", STROKE_DOWN },
	{ "Left", STROKE_LEFT },
	{ "Right", STROKE_RIGHT },
	{ "PgUp", STROKE_PAGE_UP },
	{ "PgDn", STROKE_PAGE_DOWN },
	{ "Home", STROKE_HOME },
	{ "End", STROKE_END },
	{ "Insert", STROKE_INSERT },
	{ "Delete", STROKE_DELETE },
	{ "Enter", STROKE_ENTER },
	{ "Tab", STROKE_TAB },
	{ "Esc", STROKE_ESC },
	{ "Backspace", STROKE_BACKSPACE },
	{ "Space", ' ' },
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static struct {
	const char *sequence;
	uint32_t code;
} learned[LEARNED_MAX];
static size_t learned_count;

void stroke_learn(const char *sequence, uint32_t code)
{
	/* Control characters are keys by themselves. */
	if (learned_count < LEARNED_MAX && sequence[0] == '\033' && sequence[1])
		learned[learned_count].sequence = sequence, learned[learned_count++].code = code;
}

static size_t take_key(struct stroke *out, uint32_t code, unsigned modifiers, size_t taken)
{
	out->kind = code ? STROKE_KEY : STROKE_NONE;
	out->code = code;
	out->modifiers = modifiers;
	return taken;
}

static size_t read_learned(const char *bytes, size_t length, struct stroke *out)
{
	for (size_t i = 0; i < learned_count; i++) {
		size_t n = strlen(learned[i].sequence);
		if (n <= length && memcmp(bytes, learned[i].sequence, n) == 0)
			return take_key(out, learned[i].code, 0, n);
	}
	return 0;
}

static uint32_t of_letter(char letter)
{
	for (size_t i = 0; i < COUNT(lettered); i++)
		if (lettered[i].letter == letter)
			return lettered[i].code;
	return 0;
}

static uint32_t of_number(int number)
{
	for (size_t i = 0; i < COUNT(numbered); i++)
		if (numbered[i].number == number)
			return numbered[i].code;
	return 0;
}

/* xterm's: one more than the bits shift, alt, ctrl, and meta, which is taken for alt. */
static unsigned of_parameter(int parameter)
{
	unsigned bits = parameter > 1 ? (unsigned)parameter - 1 : 0;

	return (bits & 7) | (bits & 8 ? STROKE_ALT : 0);
}

static size_t take_mouse(struct stroke *out, int button, int column, int row, bool release, size_t taken)
{
	out->row = row - 1;
	out->column = column - 1;
	out->modifiers = (button & 4 ? STROKE_SHIFT : 0) | (button & 8 ? STROKE_ALT : 0) |
			 (button & 16 ? STROKE_CTRL : 0);
	if (button & 64) {
		out->kind = (button & 3) < 2 ? STROKE_WHEEL : STROKE_NONE;
		out->code = button & 1 ? STROKE_DOWN : STROKE_UP;
	} else if (!(button & 32)) {
		out->kind = release || (button & 3) == 3 ? STROKE_RELEASE : STROKE_PRESS;
		out->code = (uint32_t)(button & 3) + 1;
	}
	return taken;
}

/* Text of a control sequence from behind ESC [ to its last byte, which is `final`. */
static size_t take_sequence(struct stroke *out, const char *text, char final, size_t taken)
{
	int numbers[3] = { 0 }, count = 0;
	const char *at = text + (*text == '<');

	for (; count < 3; at++) {
		char *end;
		long number = strtol(at, &end, 10);
		if (end == at)
			break;
		numbers[count++] = number > 0 && number < 100000 ? (int)number : 0;
		at = end;
		if (*at != ';')
			break;
	}
	if (*text == '<' && count == 3 && (final == 'M' || final == 'm'))
		return take_mouse(out, numbers[0], numbers[1], numbers[2], final == 'm', taken);
	if (final == '~')
		return take_key(out, of_number(numbers[0]), of_parameter(numbers[1]), taken);
	if (final == 'Z')
		return take_key(out, STROKE_TAB, STROKE_SHIFT, taken);
	return take_key(out, of_letter(final), of_parameter(numbers[1]), taken);
}

static size_t read_paste(const char *bytes, size_t length, bool all, struct stroke *out)
{
	size_t begin = sizeof(PASTE_BEGIN) - 1;
	const char *end = memmem(bytes, length, PASTE_END, sizeof(PASTE_END) - 1);

	if (!end && !all)
		return 0;
	out->kind = STROKE_PASTE;
	out->text = bytes + begin;
	out->length = end ? (size_t)(end - bytes) - begin : length - begin;
	return end ? (size_t)(end - bytes) + sizeof(PASTE_END) - 1 : length;
}

bool stroke_is_paste(const char *bytes, size_t length)
{
	return length >= sizeof(PASTE_BEGIN) - 1 && memcmp(bytes, PASTE_BEGIN, sizeof(PASTE_BEGIN) - 1) == 0;
}

/* bytes begin with ESC [ */
static size_t read_control_sequence(const char *bytes, size_t length, bool all, struct stroke *out)
{
	char text[SEQUENCE_MAX + 1];
	size_t at = 2;

	if (stroke_is_paste(bytes, length))
		return read_paste(bytes, length, all, out);
	/* The mouse's old form, three raw bytes. */
	if (length >= 3 && bytes[2] == 'M') {
		const unsigned char *raw = (const unsigned char *)bytes + 3;
		if (length < 6)
			return all ? length : 0;
		return take_mouse(out, raw[0] - 32, raw[1] - 32, raw[2] - 32, false, 6);
	}
	/* The Linux console's function keys. */
	if (length >= 4 && bytes[2] == '[' && bytes[3] >= 'A' && bytes[3] <= 'E')
		return take_key(out, STROKE_F0 + 1 + (uint32_t)(bytes[3] - 'A'), 0, 4);
	while (at < length && at < SEQUENCE_MAX && bytes[at] >= 0x20 && bytes[at] <= 0x3f)
		at++;
	if (at == length)
		return all ? length : 0;
	memcpy(text, bytes + 2, at - 2);
	text[at - 2] = '\0';
	return take_sequence(out, text, bytes[at], at + 1);
}

static size_t read_character(const char *bytes, size_t length, bool all, struct stroke *out)
{
	unsigned char c = (unsigned char)bytes[0];
	size_t needed = c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	uint32_t code_point;

	if (c == '\r' || c == '\n')
		return take_key(out, STROKE_ENTER, 0, 1);
	if (c == '\t')
		return take_key(out, STROKE_TAB, 0, 1);
	if (c == 0x7f || c == 0x08)
		return take_key(out, STROKE_BACKSPACE, 0, 1);
	if (c == 0)
		return take_key(out, ' ', STROKE_CTRL, 1);
	if (c < 0x20)
		return take_key(out, (uint32_t)c + (c <= 26 ? 0x60 : 0x40), STROKE_CTRL, 1);
	if (length < needed && !all)
		return 0;
	unsigned taken = utf8_decode(bytes, length, &code_point);
	return take_key(out, utf8_is_control(code_point) ? 0 : code_point, 0, taken);
}

size_t stroke_read(const char *bytes, size_t length, bool all, struct stroke *out)
{
	size_t taken;

	*out = (struct stroke){ .kind = STROKE_NONE };
	if (bytes[0] != '\033')
		return read_character(bytes, length, all, out);
	if (length == 1)
		return all ? take_key(out, STROKE_ESC, 0, 1) : 0;
	taken = read_learned(bytes, length, out);
	if (taken)
		return taken;
	if (bytes[1] == '[' && (length > 2 || !all))
		return read_control_sequence(bytes, length, all, out);
	if (bytes[1] == 'O' && (length > 2 || !all))
		return length > 2 ? take_key(out, of_letter(bytes[2]), 0, 3) : 0;
	if (bytes[1] == '\033')
		return take_key(out, STROKE_ESC, 0, 1);
	taken = read_character(bytes + 1, length - 1, all, out);
	out->modifiers |= STROKE_ALT;
	return taken ? taken + 1 : 0;
}

const char *stroke_name(uint32_t code, unsigned modifiers, char name[STROKE_NAME])
{
	char letter[5] = "", number[8];
	const char *word = letter;

	for (size_t i = 0; i < COUNT(named); i++)
		if (named[i].code == code)
			word = named[i].name;
	if (code > STROKE_F0 && code < STROKE_CODE_END) {
		snprintf(number, sizeof(number), "F%u", (unsigned)(code - STROKE_F0) % 100);
		word = number;
	} else if (word == letter) {
		uint32_t shown = modifiers & (STROKE_CTRL | STROKE_ALT) && code >= 'a' && code <= 'z'
					 ? code - 32
					 : code;
		utf8_encode(shown, letter);
	}
	snprintf(name, STROKE_NAME, "%s%s%s%s", modifiers & STROKE_CTRL ? "Ctrl-" : "",
		 modifiers & STROKE_ALT ? "Alt-" : "", modifiers & STROKE_SHIFT ? "Shift-" : "", word);
	return name;
}

static size_t skip_modifier(const char *name, size_t length, const char *prefix)
{
	size_t n = strlen(prefix);

	return length > n && memcmp(name, prefix, n) == 0 ? n : 0;
}

bool stroke_parse_name(const char *name, size_t length, uint32_t *code, unsigned *modifiers)
{
	static const struct {
		const char *prefix;
		unsigned bit;
	} prefixes[] = { { "Ctrl-", STROKE_CTRL }, { "Alt-", STROKE_ALT }, { "Shift-", STROKE_SHIFT } };

	*modifiers = 0;
	for (size_t i = 0; i < COUNT(prefixes); i++) {
		size_t n = skip_modifier(name, length, prefixes[i].prefix);
		*modifiers |= n ? prefixes[i].bit : 0;
		name += n;
		length -= n;
	}
	for (size_t i = 0; i < COUNT(named); i++)
		if (strlen(named[i].name) == length && memcmp(named[i].name, name, length) == 0) {
			*code = named[i].code;
			return true;
		}
	if (length >= 2 && length <= 3 && name[0] == 'F' && name[1] >= '1' && name[1] <= '9') {
		*code = STROKE_F0 + (uint32_t)atoi(name + 1);
		return *code < STROKE_CODE_END;
	}
	if (length == 0 || utf8_decode(name, length, code) != length)
		return false;
	/* A terminal cannot say whether Shift is held with these. */
	if (*modifiers & (STROKE_CTRL | STROKE_ALT) && *code >= 'A' && *code <= 'Z')
		*code += 32;
	return true;
}
