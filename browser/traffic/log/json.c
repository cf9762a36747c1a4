/* See json.h. */
#include "browser/traffic/log/json.h"
#include "common/utf8.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void json_write_number(struct format *out, double number)
{
	char text[40];

	snprintf(text, sizeof text, "%.15g", number);
	if (!isfinite(number))
		format_text(out, "null");
	else if (number == floor(number) && fabs(number) < 9007199254740992.0)
		format_printf(out, "%.0f", number);
	else if (strtod(text, NULL) == number)
		format_text(out, text);
	else
		format_printf(out, "%.17g", number);
}

static void write_children(struct format *out, const cJSON *value, char open, char close)
{
	format_char(out, open);
	for (const cJSON *child = value->child; child; child = child->next) {
		if (child != value->child)
			format_char(out, ',');
		if (open == '{') {
			const char *key = child->string ? child->string : "";

			format_json_string(out, key, strlen(key));
			format_char(out, ':');
		}
		json_write(out, child);
	}
	format_char(out, close);
}

void json_write(struct format *out, const cJSON *value)
{
	if (cJSON_IsString(value) && value->valuestring)
		format_json_string(out, value->valuestring, strlen(value->valuestring));
	else if (cJSON_IsNumber(value))
		json_write_number(out, value->valuedouble);
	else if (cJSON_IsObject(value))
		write_children(out, value, '{', '}');
	else if (cJSON_IsArray(value))
		write_children(out, value, '[', ']');
	else if (cJSON_IsBool(value))
		format_text(out, cJSON_IsTrue(value) ? "true" : "false");
	else
		format_text(out, "null");
}

/* What must not reach a terminal: control characters, and bytes that are no UTF-8. */
static bool is_foul(uint32_t c, unsigned length)
{
	return utf8_is_control(c) || (c == 0xfffd && length == 1);
}

void json_write_clean(struct format *out, const char *text, size_t length)
{
	uint32_t c;

	for (size_t i = 0, n; i < length && !out->full; i += n) {
		n = utf8_decode(text + i, length - i, &c);
		if (utf8_is_control(c))
			format_printf(out, "\\u%04x", c);
		else if (is_foul(c, (unsigned)n))
			format_text(out, "\xef\xbf\xbd");
		else
			format_bytes(out, text + i, n);
	}
}

bool json_is_clean(const char *text, size_t length)
{
	uint32_t c;

	for (size_t i = 0; i < length;) {
		if (text[i] >= 0x20 && text[i] < 0x7f) {
			i++;
			continue;
		}
		unsigned n = utf8_decode(text + i, length - i, &c);

		if (is_foul(c, n))
			return false;
		i += n;
	}
	return true;
}

static void replace_zeros(char *line, size_t length)
{
	for (size_t i = 0; i + 6 <= length; i++) {
		if (line[i] != '\\')
			continue;
		if (memcmp(line + i, "\\u0000", 6) == 0)
			memcpy(line + i + 2, "fffd", 4);
		i++; /* what is escaped is no escape */
	}
}

cJSON *json_parse_line(char *line, size_t length)
{
	const char *end;
	cJSON *json;

	if (memmem(line, length, "\\u0000", 6))
		replace_zeros(line, length);
	json = cJSON_ParseWithLengthOpts(line, length, &end, 0);
	if (!json)
		return NULL;
	while (end < line + length && (*end == ' ' || *end == '\t' || *end == '\r'))
		end++;
	if (end == line + length && cJSON_IsObject(json))
		return json;
	cJSON_Delete(json);
	return NULL;
}
