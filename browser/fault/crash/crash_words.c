/* See crash_words.h. */
#include "browser/fault/crash/crash_words.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

#define KEY_BYTES    80
#define NAME_COLUMNS 18
#define SHORT_BYTES  34 /* of a value that has room beside its name where the panels are shown */

const char *crash_text(const cJSON *object, const char *name)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(object, name));

	return text ? text : "";
}

bool crash_number(const cJSON *object, const char *name, double *out)
{
	const cJSON *item = cJSON_GetObjectItem(object, name);

	*out = cJSON_IsNumber(item) ? item->valuedouble : 0;
	return cJSON_IsNumber(item);
}

const char *crash_duration(double us, char *buf, size_t capacity)
{
	double seconds = us / 1e6;

	if (us < 1e3)
		snprintf(buf, capacity, "%.3f ms", us / 1e3);
	else if (us < 1e6)
		snprintf(buf, capacity, "%.1f ms", us / 1e3);
	else if (seconds < 60)
		snprintf(buf, capacity, "%.1f s", seconds);
	else if (seconds < 3600)
		snprintf(buf, capacity, "%.0f min %.0f s", floor(seconds / 60), floor(fmod(seconds, 60)));
	else
		snprintf(buf, capacity, "%.0f h %.0f min", floor(seconds / 3600),
			 floor(fmod(seconds, 3600) / 60));
	return buf;
}

const char *crash_when(const cJSON *report, char *buf, size_t capacity)
{
	const char *time = crash_text(report, "time");
	bool is_time = strlen(time) >= 19 && time[10] == 'T' && strspn(time, "0123456789-T:") >= 19;

	if (is_time)
		snprintf(buf, capacity, "%.10s %.8s", time, time + 11);
	else
		snprintf(buf, capacity, "%s", time);
	return buf;
}

void crash_add_cut(struct text *out, const char *text, size_t most)
{
	size_t length = strlen(text), shown = length;

	if (length > most) {
		shown = most;
		while (shown && ((unsigned char)text[shown] & 0xc0) == 0x80)
			shown--;
	}
	html_escape(out, text, shown);
	if (shown < length)
		text_add(out, "…");
}

/* Does the key end so? */
static bool ends_in(const char *key, const char *end)
{
	size_t length = strlen(key), letters = strlen(end);

	return length >= letters && !strcmp(key + length - letters, end);
}

/* us that one unit of that key's number has; 0: it is no time, or a date. */
static double unit_of(const char *key)
{
	if (!strcmp(key, "ms") || ends_in(key, "_ms"))
		return 1e3;
	return ends_in(key, "_us") && strcmp(key, "ts_us") ? 1 : 0;
}

static void add_number(struct text *out, const char *key, double value)
{
	double unit = key ? unit_of(key) : 0;
	char words[400];

	if (unit)
		text_add(out, crash_duration(value * unit, words, sizeof words));
	else if (value == floor(value) && fabs(value) < 1e18)
		text_format(out, "%.0f", value);
	else
		text_format(out, "%.10g", value);
}

/* A key as words. Returns buf. */
static const char *key_words(const char *key, char *buf, size_t capacity)
{
	static const char *const names[][2] = {
		{ "code_name", "which means" },	    { "pc", "program counter" },
		{ "after_us", "written after" },    { "number", "signal's number" },
		{ "syscall", "system call" },	    { "blast", "its number" },
		{ "handling", "handling message" }, { "answered_ms", "all answered in" },
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcmp(names[i][0], key))
			key = names[i][1];
	snprintf(buf, capacity, "%s", key);
	if (unit_of(buf) && strlen(buf) > 3)
		buf[strlen(buf) - 3] = '\0';
	for (char *at = buf; *at; at++)
		if (*at == '_')
			*at = ' ';
	return buf;
}

/* Keys whose value says enough. */
static bool is_plain(const char *key)
{
	return !key || !strcmp(key, "process") || !strcmp(key, "ms");
}

static void add_scalar(struct text *out, const cJSON *value)
{
	if (cJSON_IsString(value))
		html_add(out, value->valuestring);
	else if (cJSON_IsNumber(value))
		add_number(out, value->string, value->valuedouble);
	else
		text_add(out, cJSON_IsTrue(value) ? "yes" : cJSON_IsFalse(value) ? "no" : "-");
}

/* cJSON bounds how deep it is. */
static void add_any(struct text *out, const cJSON *value, bool is_inner)
{
	bool is_list = cJSON_IsArray(value);
	char words[KEY_BYTES];

	if (!is_list && !cJSON_IsObject(value)) {
		add_scalar(out, value);
		return;
	}
	if (!value->child)
		text_add(out, "none");
	for (const cJSON *child = value->child; child; child = child->next) {
		if (child != value->child)
			text_add(out, is_list || !is_inner ? ", " : " ");
		if (!is_list && !is_plain(child->string)) {
			html_add(out, key_words(child->string, words, sizeof words));
			text_add(out, " ");
		}
		add_any(out, child, true);
	}
}

void crash_add_value(struct text *out, const cJSON *value)
{
	add_any(out, value, false);
}

/* `value` is HTML already. A space that may be a line's end stands only before the value. */
static void add_row(struct text *out, const char *name, const char *value)
{
	size_t length = strlen(name);

	text_add(out, "<div>");
	html_add(out, name);
	if (strlen(value) > SHORT_BYTES) {
		text_add(out, "</div><dd>");
		text_add(out, value);
		text_add(out, "</dd>\n");
		return;
	}
	for (; length < NAME_COLUMNS; length++)
		text_add(out, "&nbsp;");
	text_add(out, " ");
	text_add(out, value);
	text_add(out, "</div>\n");
}

void crash_add_row(struct text *out, const char *name, const char *value)
{
	struct text escaped = { 0 };

	if (!*value)
		return;
	html_add(&escaped, value);
	add_row(out, name, escaped.data ? escaped.data : "");
	text_finish(&escaped);
}

void crash_add_member(struct text *out, const char *name, const cJSON *value)
{
	struct text escaped = { 0 };

	if (!value)
		return;
	crash_add_value(&escaped, value);
	add_row(out, name, escaped.data ? escaped.data : "");
	text_finish(&escaped);
}

void crash_add_keyed(struct text *out, const cJSON *member)
{
	char words[KEY_BYTES];

	crash_add_member(out, key_words(member->string ? member->string : "", words, sizeof words), member);
}
