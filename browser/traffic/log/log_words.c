/* See log_words.h. What is looked up in each of millions of lines is looked up by a hash, or compared in
 * place. */
#include "browser/traffic/log/log_words.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define NAME_SLOTS 1024 /* several times as many as there are messages */
_Static_assert(NAME_SLOTS >= 4 * IPC_COUNT, "names are found quickly while most slots are free");

/* The store. */

bool word_store_begin(struct word_store *s, size_t line_length)
{
	/* A part of the line may stand in it twice: as a word, and among the details. */
	size_t capacity = 2 * line_length + 64 + JSON_SCAN_SLACK;

	s->length = 0;
	if (capacity <= s->capacity)
		return true;
	free(s->text);
	s->text = calloc(1, capacity);
	s->capacity = s->text ? capacity : 0;
	return s->text;
}

void word_store_finish(struct word_store *s)
{
	free(s->text);
}

char *word_store_room(struct word_store *s)
{
	return s->text + s->length;
}

void word_store_keep(struct word_store *s, const char *end)
{
	s->length = (size_t)(end - s->text);
}

const char *word_store_text(struct word_store *s, const char *text, size_t length)
{
	char *copy = s->text + s->length;

	memcpy(copy, text, length);
	copy[length] = '\0';
	s->length += length + 1;
	return copy;
}

const char *word_store_string(struct word_store *s, const struct json_slice *string)
{
	const char *text = string->text + 1, *end = text + string->length - 2;
	char *copy = s->text + s->length, *out = copy;

	if (text == end)
		return "";
	if (!memchr(text, '\\', (size_t)(end - text)))
		return word_store_text(s, text, (size_t)(end - text));
	while (text < end) {
		if (text[0] == '\\' && text[1] != 'u')
			text++;
		else if (text[0] == '\\')
			*out++ = *text++; /* it stays */
		*out++ = *text++;
	}
	*out++ = '\0';
	word_store_keep(s, out);
	return copy;
}

/* Names. */

unsigned word_find(const struct json_slice *string, const char *const *names, unsigned otherwise)
{
	const size_t length = string->length - 2;

	for (unsigned i = 0; names[i]; i++)
		if (strncmp(names[i], string->text + 1, length) == 0 && !names[i][length])
			return i;
	return otherwise;
}

static uint16_t name_slots[NAME_SLOTS]; /* 1 + enum ipc_id; 0: free */

static unsigned hash_name(const char *name, size_t length)
{
	uint32_t hash = (uint32_t)length;

	for (size_t i = 0; i < length; i++)
		hash = hash * 31 + (uint8_t)name[i];
	return (hash ^ hash >> 15) % NAME_SLOTS;
}

static void fill_name_slots(void)
{
	for (unsigned id = 0; id < IPC_COUNT; id++) {
		const char *name = ipc_messages[id].name;
		unsigned slot = hash_name(name, strlen(name));

		while (name_slots[slot])
			slot = (slot + 1) % NAME_SLOTS;
		name_slots[slot] = (uint16_t)(id + 1);
	}
}

uint16_t word_message(const struct json_slice *string)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	const char *name = string->text + 1;
	const size_t length = string->length - 2;

	pthread_once(&once, fill_name_slots);
	for (unsigned slot = hash_name(name, length); name_slots[slot]; slot = (slot + 1) % NAME_SLOTS) {
		const char *known = ipc_messages[name_slots[slot] - 1].name;

		if (strncmp(known, name, length) == 0 && !known[length])
			return name_slots[slot] - 1;
	}
	return IPC_COUNT;
}

/* Processes and ids. */

static unsigned find_role(const char *name, size_t length)
{
	for (unsigned i = 0; i < ROLE_COUNT; i++)
		if (strncmp(role_names[i], name, length) == 0 && !role_names[i][length])
			return i;
	return ROLE_COUNT;
}

/* Digits up to `end`, and nothing else; at most max. */
static bool parse_digits(const char *text, const char *end, uint64_t max, uint64_t *n)
{
	return json_slice_number(&(struct json_slice){ text, (size_t)(end - text) }, n) && *n <= max;
}

static struct endpoint parse_endpoint(const char *text, const char *end)
{
	const char *colon = memchr(text, ':', (size_t)(end - text));
	struct endpoint e = { ROLE_COUNT, 0 };
	uint64_t serial = 0;

	if (colon && !parse_digits(colon + 1, end, UINT32_MAX, &serial))
		return e;
	e.role = (enum role)find_role(text, (size_t)((colon ? colon : end) - text));
	e.serial = (uint32_t)serial;
	return e;
}

struct endpoint word_endpoint(const struct json_slice *string)
{
	return parse_endpoint(string->text + 1, string->text + string->length - 1);
}

uint64_t word_id(const struct json_slice *string)
{
	const char *text = string->text + 1, *end = string->text + string->length - 1,
		   *slash = memchr(text, '/', (size_t)(end - text));
	struct endpoint e;
	uint64_t n;

	if (!slash || !parse_digits(slash + 1, end, UINT64_C(0xffffffffff), &n))
		return 0;
	e = parse_endpoint(text, slash);
	return e.role < ROLE_COUNT && e.serial <= 0xfffff ? ipc_make_id(e.role, e.serial, n) : 0;
}

/* Numbers. */

static bool is_number(const struct json_slice *value)
{
	return value->text[0] == '-' || (value->text[0] >= '0' && value->text[0] <= '9');
}

uint64_t word_count(const struct json_slice *value, uint64_t max)
{
	double n = is_number(value) ? strtod(value->text, NULL) : 0;

	return n >= 0 && n <= (double)max ? (uint64_t)n : 0;
}

uint64_t word_nanoseconds(const struct json_slice *value, uint64_t otherwise)
{
	const char *point = memchr(value->text, '.', value->length);
	uint64_t us, tenths;
	double n;

	/* As the log's writer has them: 3.1 */
	if (point && value->length < 16 && parse_digits(value->text, point, UINT64_MAX, &us) &&
	    parse_digits(point + 1, value->text + value->length, 9, &tenths) &&
	    point + 2 == value->text + value->length)
		return us * 1000 + tenths * 100;
	n = is_number(value) ? strtod(value->text, NULL) : -1;
	return n >= 0 && n < 1e15 ? (uint64_t)(n * 1000 + 0.5) : otherwise;
}

/* What was done. */

uint32_t word_toxic(const char *text, unsigned *kind)
{
	const char *blank = strchr(text, ' ');
	uint64_t n;

	*kind = 0;
	if (!blank || !parse_digits(blank + 1, blank + strlen(blank), UINT32_MAX, &n))
		return 0;
	for (unsigned i = 0; i < TOXIC_COUNT; i++) {
		if (strncmp(toxic_names[i], text, (size_t)(blank - text)) == 0 &&
		    !toxic_names[i][blank - text]) {
			*kind = i;
			return (uint32_t)n;
		}
	}
	return 0;
}

uint8_t word_marks(const struct json_slice *string)
{
	const char *const *names = traffic_mark_names;
	uint8_t marks = 0;

	for (const char *s = string->text + 1, *end = s + string->length - 2; s < end;) {
		const char *blank = memchr(s, ' ', (size_t)(end - s));
		size_t length = (size_t)((blank ? blank : end) - s);

		for (unsigned i = 0; names[i]; i++)
			if (strncmp(names[i], s, length) == 0 && !names[i][length])
				marks |= (uint8_t)(1u << i);
		s += length + 1;
	}
	return marks;
}
