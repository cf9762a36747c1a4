/* See url_resolve.h. */
#include "renderer/url_resolve.h"
#include <stdint.h>
#include <string.h>
#include <strings.h>

/* Part of a URL; text NULL: it has none, which is not the same as an empty one. */
struct part {
	const char *text;
	size_t length;
};

struct parts {
	struct part scheme, authority, path, query, fragment;
};

struct output {
	char *text;
	size_t length, capacity;
	bool full;
};

static void put(struct output *out, const char *text, size_t length)
{
	if (out->full || length >= out->capacity - out->length) {
		out->full = true;
		return;
	}
	memcpy(out->text + out->length, text, length);
	out->length += length;
	out->text[out->length] = 0;
}

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static size_t scheme_length(const char *text, size_t length)
{
	if (!length || !is_alpha(text[0]))
		return 0;
	for (size_t i = 1; i < length; i++) {
		if (text[i] == ':')
			return i;
		if (!is_alpha(text[i]) && !(text[i] >= '0' && text[i] <= '9') && !strchr("+-.", text[i]))
			return 0;
	}
	return 0;
}

static struct part cut(const char **at, const char *end, const char *stops)
{
	const char *start = *at;
	while (*at < end && !memchr(stops, **at, strlen(stops)))
		++*at;
	return (struct part){ start, (size_t)(*at - start) };
}

static struct parts split(const char *text, size_t length)
{
	struct parts parts = { 0 };
	const char *at = text, *end = text + length;
	size_t scheme = scheme_length(text, length);
	if (scheme) {
		parts.scheme = (struct part){ text, scheme };
		at += scheme + 1;
	}
	if (end - at >= 2 && at[0] == '/' && at[1] == '/') {
		at += 2;
		parts.authority = cut(&at, end, "/?#");
	}
	parts.path = cut(&at, end, "?#");
	if (at < end && *at == '?') {
		at++;
		parts.query = cut(&at, end, "#");
	}
	if (at < end && *at == '#')
		parts.fragment = (struct part){ at + 1, (size_t)(end - at - 1) };
	return parts;
}

/* Characters that stand for themselves; all others are percent-encoded. A '%' is taken to be an encoding. */
static bool is_plain(unsigned char c)
{
	return c > ' ' && c < 0x7f && !strchr("\"<>`{}|^\\", c);
}

/* Blanks off both ends, line ends out, backslashes turned, the rest encoded. The host keeps its letters. */
static bool clean(const char *text, size_t length, bool turn, struct output *out)
{
	static const char digits[] = "0123456789ABCDEF";
	while (length && (unsigned char)text[0] <= ' ')
		text++, length--;
	while (length && (unsigned char)text[length - 1] <= ' ')
		length--;
	size_t scheme = scheme_length(text, length);
	size_t start = scheme ? scheme + 1 : 0;
	bool in_path = true,
	     host = length >= start + 2 && strchr("/\\", text[start]) && strchr("/\\", text[start + 1]);
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];
		if (c == '\t' || c == '\n' || c == '\r')
			continue;
		in_path = in_path && c != '?' && c != '#';
		if (c == '\\' && turn && in_path)
			c = '/';
		if (host && i >= start + 2 && strchr("/?#", c))
			host = false;
		bool plain = is_plain(c) || (host && c >= 0x80);
		char encoded[3] = { '%', digits[c >> 4], digits[c & 15] };
		put(out, plain ? (const char *)&c : encoded, plain ? 1 : 3);
	}
	return !out->full;
}

/* RFC 3986, 5.2.4, on the output from `start` on. */
static void remove_dots(struct output *out, size_t start)
{
	char *path = out->text + start, *end = out->text + out->length, *to = path;
	for (char *at = path; at < end;) {
		char *next = at + 1;
		while (next < end && *next != '/')
			next++;
		size_t length = (size_t)(next - at);
		bool one = length == 2 && !memcmp(at, "/.", 2);
		bool two = length == 3 && !memcmp(at, "/..", 3);
		if (two)
			while (to > path && *--to != '/')
				;
		if ((one || two) && next == end)
			*to++ = '/';
		else if (!one && !two) {
			memmove(to, at, length);
			to += length;
		}
		at = next;
	}
	*to = 0;
	out->length = (size_t)(to - out->text);
}

/* The base's path up to its last slash, and then the reference's (5.2.3). */
static void put_merged(struct output *out, const struct parts *base, struct part path)
{
	size_t keep = base->path.length;
	while (keep && base->path.text[keep - 1] != '/')
		keep--;
	if (!keep)
		put(out, "/", 1);
	put(out, base->path.text, keep);
	put(out, path.text, path.length);
}

static void put_part(struct output *out, const char *before, struct part part)
{
	if (!part.text)
		return;
	put(out, before, strlen(before));
	put(out, part.text, part.length);
}

static void put_path(struct output *out, const struct parts *base, const struct parts *reference)
{
	size_t start = out->length;
	struct part path = reference->path;
	if (reference->scheme.text || reference->authority.text || (path.length && path.text[0] == '/'))
		put(out, path.text, path.length);
	else if (!path.length)
		put(out, base->path.text, base->path.length);
	else
		put_merged(out, base, path);
	bool hierarchical = out->length > start && out->text[start] == '/';
	if (hierarchical && !out->full)
		remove_dots(out, start);
}

static bool is_opaque(const struct parts *base)
{
	return base->scheme.text && !base->authority.text &&
	       (!base->path.length || base->path.text[0] != '/');
}

static void join(struct output *out, const struct parts *base, const struct parts *reference)
{
	const struct parts *scheme = reference->scheme.text ? reference : base;
	put_part(out, "", scheme->scheme);
	put(out, ":", 1);
	bool own = reference->scheme.text || reference->authority.text;
	put_part(out, "//", own ? reference->authority : base->authority);
	put_path(out, base, reference);
	bool inherits = !own && !reference->path.length && !reference->query.text;
	put_part(out, "?", inherits ? base->query : reference->query);
	put_part(out, "#", reference->fragment);
}

static bool is_special(struct part scheme)
{
	static const char *const names[] = { "http", "https", "file", "ftp" };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i]) == scheme.length && !strncasecmp(names[i], scheme.text, scheme.length))
			return true;
	return false;
}

bool url_resolve(const char *base_text, const char *text, size_t length, char *out_text, size_t capacity)
{
	char cleaned[8192];
	struct output buffer = { cleaned, 0, sizeof(cleaned), false };
	struct output out = { out_text, 0, capacity, false };
	struct parts base = split(base_text, strlen(base_text));
	if (!capacity)
		return false;
	out_text[0] = cleaned[0] = 0;
	size_t scheme = scheme_length(text, length);
	struct part own = scheme ? (struct part){ text, scheme } : base.scheme;
	if (!base.scheme.text || !clean(text, length, is_special(own), &buffer))
		return false;
	struct parts reference = split(cleaned, buffer.length);
	/* "https:page" is how some write a relative reference. */
	if (reference.scheme.text && !reference.authority.text && is_special(reference.scheme) &&
	    reference.scheme.length == base.scheme.length &&
	    !strncasecmp(reference.scheme.text, base.scheme.text, base.scheme.length) && !is_opaque(&base))
		reference.scheme.text = NULL;
	bool only_fragment = !reference.authority.text && !reference.path.length && !reference.query.text;
	if (!reference.scheme.text && is_opaque(&base) && !only_fragment)
		return false;
	join(&out, &base, &reference);
	return !out.full;
}

const char *url_fragment(const char *url)
{
	const char *mark = strchr(url, '#');
	return mark ? mark + 1 : NULL;
}

bool url_same_document(const char *a, const char *b)
{
	size_t length = strcspn(a, "#");
	return length == strcspn(b, "#") && !memcmp(a, b, length);
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

size_t url_decode(char *text, size_t length)
{
	size_t to = 0;
	for (size_t at = 0; at < length; at++) {
		if (text[at] == '%' && length - at > 2 && hex(text[at + 1]) >= 0 && hex(text[at + 2]) >= 0) {
			text[to++] = (char)(hex(text[at + 1]) << 4 | hex(text[at + 2]));
			at += 2;
		} else {
			text[to++] = text[at];
		}
	}
	return to;
}
