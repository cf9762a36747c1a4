/* data: URLs, which carry their document in themselves. The user may type them; no page may lead to one. */
#include "browser/net/fetch_kind.h"
#include "browser/net/url_internal.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void decode_percent(struct text *out, const char *from, size_t length)
{
	text_add(out, "");
	for (size_t i = 0; i < length;) {
		int byte = i + 2 < length ? url_percent(from + i) : -1;
		char c = byte < 0 ? from[i] : (char)byte;
		text_add_bytes(out, &c, 1);
		i += byte < 0 ? 1 : 3;
	}
}

static int base64_value(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *found = c ? strchr(digits, c) : NULL;
	return found ? (int)(found - digits) : -1;
}

/* White space may be anywhere; the = at the end may be missing. */
static bool decode_base64(struct text *out, const char *from, size_t length)
{
	unsigned bits = 0, count = 0, padding = 0;
	text_add(out, "");
	for (size_t i = 0; i < length; i++) {
		int value = base64_value(from[i]);
		if (isspace((unsigned char)from[i]))
			continue;
		if (from[i] == '=' && ++padding <= 2)
			continue;
		if (value < 0 || padding)
			return false;
		bits = bits << 6 | (unsigned)value;
		if (++count % 4 != 1) {
			char byte = (char)(bits >> (6 - 2 * ((count - 1) % 4)));
			text_add_bytes(out, &byte, 1);
		}
	}
	return count % 4 != 1 && (!padding || (count + padding) % 4 == 0);
}

/* `;base64` as the last parameter is cut off. */
static bool cut_base64(char *type)
{
	char *last = strrchr(type, ';');
	if (!last || strcasecmp(last + 1 + strspn(last + 1, " "), "base64"))
		return false;
	*last = 0;
	return true;
}

static void report(struct fetch *f, const char *type, const struct text *body)
{
	struct text full = { 0 };
	if (type[0] && type[0] != ';')
		text_add(&full, type);
	else
		text_format(&full, "text/plain%s", type);
	/* What was typed into a terminal is UTF-8, unless it says otherwise. */
	if (!strcasestr(full.data, "charset="))
		text_add(&full, ";charset=utf-8");
	fetch_source_head(f, 0, full.data, (int64_t)body->length);
	fetch_source_bytes(f, body->data, body->length);
	fetch_source_end(f);
	text_finish(&full);
}

static void data_start(struct fetch *f)
{
	const char *rest = f->url + strlen("data:");
	size_t length = strcspn(rest, "#");
	const char *comma = memchr(rest, ',', length);
	if (!comma) {
		fetch_source_fail(f, FETCH_ERROR_URL, "This data: address is broken",
				  "It has no comma between its type and its data.");
		return;
	}
	struct text type = { 0 }, decoded = { 0 }, body = { 0 };
	decode_percent(&type, rest, (size_t)(comma - rest));
	decode_percent(&decoded, comma + 1, length - (size_t)(comma + 1 - rest));
	bool base64 = cut_base64(type.data);
	if (!base64) {
		report(f, type.data, &decoded);
	} else if (decode_base64(&body, decoded.data, decoded.length)) {
		report(f, type.data, &body);
	} else {
		fetch_source_fail(f, FETCH_ERROR_URL, "This data: address is broken",
				  "Its base64 cannot be decoded.");
	}
	text_finish(&type);
	text_finish(&decoded);
	text_finish(&body);
}

static void data_resume(struct fetch *f)
{
	(void)f;
}

static void data_finish(struct fetch *f)
{
	(void)f;
}

const struct fetch_kind data_kind = { true, data_start, data_resume, data_finish };
