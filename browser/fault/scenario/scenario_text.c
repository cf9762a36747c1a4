/* The text of a scenario: reading it, and the lines that cJSON does not tell. See scenario.h. */
#include "browser/fault/scenario/scenario_internal.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SCENARIO_MAX_BYTES (1 << 20)

bool scenario_wrong(struct scenario_error *e, unsigned line, unsigned step, const char *how, ...)
{
	size_t room = sizeof e->text, n;
	va_list args;

	snprintf(e->text, room, line ? "%.400s:%u: " : "%.400s: ", e->path, line);
	n = strlen(e->text);
	if (step)
		snprintf(e->text + n, room - n, "step %u: ", step);
	n = strlen(e->text);
	va_start(args, how);
	vsnprintf(e->text + n, room - n, how, args);
	va_end(args);
	return false;
}

static char *load_open(FILE *file, struct scenario_error *e)
{
	struct stat status;
	char *text;
	size_t n;

	if (fstat(fileno(file), &status) == 0 && !S_ISREG(status.st_mode)) {
		scenario_wrong(e, 0, 0, "it is no regular file");
		return NULL;
	}
	text = calloc(1, SCENARIO_MAX_BYTES + 2);
	n = text ? fread(text, 1, SCENARIO_MAX_BYTES + 1, file) : 0;
	if (text && n <= SCENARIO_MAX_BYTES && !memchr(text, '\0', n))
		return text;
	if (!text || n > SCENARIO_MAX_BYTES)
		scenario_wrong(e, 0, 0, "it is longer than %d bytes", SCENARIO_MAX_BYTES);
	else
		scenario_wrong_json(e, text, text + strlen(text));
	free(text);
	return NULL;
}

char *scenario_load(const char *path, struct scenario_error *e)
{
	FILE *file = fopen(path, "re");
	char *text;

	if (!file) {
		scenario_wrong(e, 0, 0, "%s", strerror(errno));
		return NULL;
	}
	text = load_open(file, e);
	fclose(file);
	return text;
}

bool scenario_wrong_json(struct scenario_error *e, const char *text, const char *at)
{
	unsigned line = 1, column = 1;

	for (const char *c = text; c < at; c++) {
		column = *c == '\n' ? 1 : column + 1;
		line += *c == '\n';
	}
	snprintf(e->text, sizeof e->text, "%.400s:%u:%u: this is no JSON", e->path, line, column);
	return false;
}

/* From a string's opening quote to behind its closing one. */
static const char *skip_string(const char *at)
{
	for (at++; *at && *at != '"'; at++)
		if (*at == '\\' && at[1])
			at++;
	return *at ? at + 1 : at;
}

static const char *skip_blanks(const char *at)
{
	return at + strspn(at, " \t\r\n");
}

/* To behind the value that begins here. */
static const char *skip_value(const char *at)
{
	unsigned depth = 0;

	for (; *at; at++) {
		if (*at == '"') {
			at = skip_string(at) - 1;
		} else if (*at == '{' || *at == '[') {
			depth++;
		} else if (*at == '}' || *at == ']') {
			if (!depth)
				return at;
			depth--;
		} else if (*at == ',' && !depth) {
			return at;
		}
	}
	return at;
}

/* The list of steps; cJSON takes the first member of that name too. */
static const char *find_steps(const char *text)
{
	const char *at = skip_blanks(text);

	if (*at != '{')
		return NULL;
	for (at = skip_blanks(at + 1); *at == '"'; at = skip_blanks(at + 1)) {
		bool found = strncmp(at, "\"steps\"", 7) == 0;

		at = skip_blanks(skip_string(at));
		at = skip_blanks(*at == ':' ? at + 1 : at);
		if (found)
			return *at == '[' ? at + 1 : NULL;
		at = skip_blanks(skip_value(at));
		if (*at != ',')
			return NULL;
	}
	return NULL;
}

unsigned scenario_line(const char *text, unsigned n)
{
	const char *at = find_steps(text);
	unsigned line = 1;

	while (at && n--) {
		at = skip_value(skip_blanks(at));
		at = *at == ',' ? at + 1 : NULL;
	}
	if (!at)
		return 0;
	at = skip_blanks(at);
	for (const char *c = text; c < at; c++)
		line += *c == '\n';
	return line;
}
