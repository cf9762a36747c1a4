/*
 * What a body says that it is in: the labels of encodings, and the declaration within its first bytes.
 * See charset.h; renderer/charset.c decodes.
 */
#include "renderer/charset.h"
#include "renderer/charset_tables.h"
#include <string.h>

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static char to_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static int compare_label(const char *text, size_t length, const char *label)
{
	for (size_t i = 0; i < length; i++) {
		int difference = (unsigned char)to_lower(text[i]) - (unsigned char)label[i];
		if (difference)
			return difference;
	}
	return label[length] ? -1 : 0;
}

const struct charset_encoding *charset_by_label(const char *label, size_t length)
{
	while (length && is_space(label[0]))
		label++, length--;
	while (length && is_space(label[length - 1]))
		length--;
	unsigned low = 0, high = charset_nlabels;
	while (low < high) {
		unsigned middle = (low + high) / 2;
		int difference = compare_label(label, length, charset_labels[middle].label);
		if (!difference)
			return &charset_encodings[charset_labels[middle].encoding];
		if (difference < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

const char *charset_name(const struct charset_encoding *encoding)
{
	return encoding->name;
}

/* What is left of the bytes that are looked at. */
struct scan {
	const char *at, *end;
};

struct word {
	const char *text;
	size_t length;
};

static bool word_is(struct word word, const char *name)
{
	return compare_label(word.text, word.length, name) == 0;
}

/* One attribute of a tag, as the prescan of the HTML Standard reads it; false at the tag's end. */
static bool scan_attribute(struct scan *scan, struct word *name, struct word *value)
{
	const char *at = scan->at, *end = scan->end;
	while (at < end && (is_space(*at) || *at == '/'))
		at++;
	const char *start = at;
	while (at < end && *at != '=' && *at != '>' && *at != '/' && !is_space(*at))
		at++;
	*name = (struct word){ start, (size_t)(at - start) };
	*value = (struct word){ at, 0 };
	while (at < end && is_space(*at))
		at++;
	if (at < end && *at == '=') {
		at++;
		while (at < end && is_space(*at))
			at++;
		char quote = at < end && (*at == '"' || *at == '\'') ? *at++ : 0;
		start = at;
		while (at < end && (quote ? *at != quote : *at != '>' && !is_space(*at)))
			at++;
		*value = (struct word){ start, (size_t)(at - start) };
		if (quote && at < end)
			at++;
	}
	scan->at = at;
	return name->length > 0 && at < end;
}

/* The label behind "charset=" in the content of a http-equiv. */
static struct word content_charset(struct word content)
{
	static const char name[] = "charset";
	const char *end = content.text + content.length;
	for (const char *at = content.text; end - at > (ptrdiff_t)sizeof(name); at++) {
		if (compare_label(at, sizeof(name) - 1, name))
			continue;
		const char *label = at + sizeof(name) - 1;
		while (label < end && is_space(*label))
			label++;
		if (label == end || *label++ != '=')
			continue;
		while (label < end && (is_space(*label) || *label == '"' || *label == '\''))
			label++;
		const char *stop = label;
		while (stop < end && !is_space(*stop) && *stop != ';' && *stop != '"' && *stop != '\'')
			stop++;
		return (struct word){ label, (size_t)(stop - label) };
	}
	return (struct word){ end, 0 };
}

/* A meta tag's declaration. UTF-16 cannot be what the bytes of a readable tag are in. */
static const struct charset_encoding *scan_meta(struct scan *scan)
{
	struct word name, value, charset = { "", 0 }, content = { "", 0 };
	bool pragma = false;
	while (scan_attribute(scan, &name, &value)) {
		if (word_is(name, "charset"))
			charset = value;
		else if (word_is(name, "http-equiv"))
			pragma = word_is(value, "content-type");
		else if (word_is(name, "content"))
			content = content_charset(value);
	}
	if (!charset.length && pragma)
		charset = content;
	const struct charset_encoding *encoding =
		charset.length ? charset_by_label(charset.text, charset.length) : NULL;
	return encoding && encoding->decoder == CHARSET_UTF_16 ? &charset_encodings[CHARSET_FIRST_UTF_8]
							       : encoding;
}

static const char *skip_comment(const char *at, const char *end)
{
	const char *close = memmem(at + 2, (size_t)(end - at - 2), "-->", 3);
	return close ? close + 3 : end;
}

const struct charset_encoding *charset_prescan(const char *head, size_t length)
{
	struct scan scan = { head, head + (length < CHARSET_PRESCAN_BYTES ? length : CHARSET_PRESCAN_BYTES) };
	while (scan.at < scan.end && (scan.at = memchr(scan.at, '<', (size_t)(scan.end - scan.at)))) {
		size_t left = (size_t)(scan.end - scan.at);
		if (left >= 4 && !memcmp(scan.at, "<!--", 4)) {
			scan.at = skip_comment(scan.at, scan.end);
			continue;
		}
		bool meta = left > 5 && !compare_label(scan.at, 5, "<meta") &&
			    (is_space(scan.at[5]) || scan.at[5] == '/');
		scan.at += meta ? 5 : 1;
		if (!meta)
			continue;
		const struct charset_encoding *encoding = scan_meta(&scan);
		if (encoding)
			return encoding;
	}
	return NULL;
}
