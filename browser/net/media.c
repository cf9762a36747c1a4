/*
 * Types of content. The rules are those of browsers, cut to what matters here: a declared HTML is HTML;
 * declared text must not look binary; what is not declared is looked at.
 */
#include "browser/net/media.h"
#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Copy a token of a header, or of a quoted string, in lower case. Returns what follows it. */
static const char *take_token(char out[64], const char *from, const char *more_characters)
{
	size_t length = 0;
	bool quoted = *from == '"';
	if (quoted)
		from++;
	while (isalnum((unsigned char)*from) || (*from && strchr(more_characters, *from))) {
		if (length < 63)
			out[length] = (char)tolower((unsigned char)*from);
		length++;
		from++;
	}
	out[length < 64 ? length : 0] = 0;
	return quoted && *from == '"' ? from + 1 : from;
}

void media_parse(struct media *media, const char *content_type)
{
	*media = (struct media){ 0 };
	if (!content_type)
		return;
	const char *at = take_token(media->mime, content_type + strspn(content_type, " \t"), "!#$&^_.+-/");
	if (!strchr(media->mime, '/'))
		media->mime[0] = 0;
	while ((at = strchr(at, ';'))) {
		at += 1 + strspn(at + 1, " \t");
		if (strncasecmp(at, "charset=", 8))
			continue;
		take_token(media->charset, at + 8, "_.:+-()");
		return;
	}
}

static const struct {
	const char *extension, *mime;
} extensions[] = {
	{ "html", "text/html" },	{ "htm", "text/html" },	      { "xhtml", "application/xhtml+xml" },
	{ "txt", "text/plain" },	{ "md", "text/plain" },	      { "log", "text/plain" },
	{ "c", "text/plain" },		{ "h", "text/plain" },	      { "py", "text/plain" },
	{ "sh", "text/plain" },		{ "css", "text/css" },	      { "js", "text/javascript" },
	{ "json", "application/json" }, { "xml", "text/xml" },	      { "csv", "text/csv" },
	{ "svg", "image/svg+xml" },	{ "png", "image/png" },	      { "jpg", "image/jpeg" },
	{ "jpeg", "image/jpeg" },	{ "gif", "image/gif" },	      { "webp", "image/webp" },
	{ "ico", "image/x-icon" },	{ "pdf", "application/pdf" }, { "zip", "application/zip" },
	{ "gz", "application/gzip" },	{ "xz", "application/x-xz" }, { "zst", "application/zstd" },
	{ "tar", "application/x-tar" }, { "mp3", "audio/mpeg" },      { "ogg", "audio/ogg" },
	{ "mp4", "video/mp4" },		{ "webm", "video/webm" },     { "woff2", "font/woff2" },
};

const char *media_of_name(const char *path)
{
	const char *name = strrchr(path, '/');
	const char *dot = strrchr(name ? name : path, '.');
	for (size_t i = 0; dot && i < sizeof extensions / sizeof *extensions; i++)
		if (!strcasecmp(dot + 1, extensions[i].extension))
			return extensions[i].mime;
	return "";
}

static const struct {
	const char *bytes;
	size_t length;
	const char *mime;
} magics[] = {
	{ "%PDF-", 5, "application/pdf" },
	{ "\x89PNG\r\n\x1a\n", 8, "image/png" },
	{ "GIF8", 4, "image/gif" },
	{ "\xff\xd8\xff", 3, "image/jpeg" },
	{ "PK\x03\x04", 4, "application/zip" },
	{ "\x1f\x8b", 2, "application/gzip" },
	{ "\xfd"
	  "7zXZ",
	  5, "application/x-xz" },
	{ "\x28\xb5\x2f\xfd", 4, "application/zstd" },
	{ "\x7f"
	  "ELF",
	  4, "application/x-executable" },
	{ "OggS", 4, "audio/ogg" },
};

static const char *find_magic(const char *bytes, size_t length)
{
	for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
		if (length >= magics[i].length && !memcmp(bytes, magics[i].bytes, magics[i].length))
			return magics[i].mime;
	return NULL;
}

/* Does it begin like HTML: white space, then a tag that documents begin with? */
static bool looks_like_html(const char *bytes, size_t length)
{
	static const char *const tags[] = {
		"!doctype html", "html",  "head", "title",  "meta", "body", "h1",  "h2",
		"div",		 "p",	  "a",	  "b",	    "br",   "ul",   "pre", "table",
		"script",	 "style", "font", "iframe", "embed"
	};
	size_t at = length >= 3 && !memcmp(bytes, "\xef\xbb\xbf", 3) ? 3 : 0;
	while (at < length && strchr(" \t\r\n\f", bytes[at]) && bytes[at])
		at++;
	if (at == length || bytes[at++] != '<')
		return false;
	if (length - at >= 3 && !memcmp(bytes + at, "!--", 3))
		return true;
	for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
		size_t n = strlen(tags[i]);
		if (length - at > n && !strncasecmp(bytes + at, tags[i], n) &&
		    (bytes[at + n] == '>' || isspace((unsigned char)bytes[at + n])))
			return true;
	}
	return false;
}

/* Bytes that no text has: control characters but white space and the escape of ISO-2022. */
static bool looks_binary(const struct media *media, const char *bytes, size_t length)
{
	if (length >= 2 && (!memcmp(bytes, "\xfe\xff", 2) || !memcmp(bytes, "\xff\xfe", 2)))
		return false;
	if (!strncmp(media->charset, "utf-16", 6) || !strncmp(media->charset, "utf-32", 6))
		return false;
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)bytes[i];
		if (c <= 8 || c == 11 || (c >= 14 && c <= 26) || (c >= 28 && c <= 31))
			return true;
	}
	return false;
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), n = strlen(end);
	return length > n && !strcmp(text + length - n, end);
}

/* Types that are plain text to somebody who reads them. */
static bool is_text(const char *mime)
{
	static const char *const others[] = { "application/json",	"application/xml",
					      "application/javascript", "application/x-javascript",
					      "application/x-sh",	"application/ecmascript" };
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (!strcmp(mime, others[i]))
			return true;
	return !strncmp(mime, "text/", 5) || ends_with(mime, "+xml") || ends_with(mime, "+json");
}

static enum media_verdict shown_as(struct media *media, const char *mime)
{
	snprintf(media->mime, sizeof media->mime, "%s", mime);
	return MEDIA_SHOWN;
}

enum media_verdict media_judge(struct media *media, const char *bytes, size_t length)
{
	if (!strcmp(media->mime, "text/html") || !strcmp(media->mime, "application/xhtml+xml"))
		return shown_as(media, "text/html");
	bool declared = media->mime[0];
	if (declared && !is_text(media->mime))
		return MEDIA_OTHER;
	const char *magic = declared ? NULL : find_magic(bytes, length);
	if (magic) {
		snprintf(media->mime, sizeof media->mime, "%s", magic);
		return MEDIA_OTHER;
	}
	if (!declared && looks_like_html(bytes, length))
		return shown_as(media, "text/html");
	return looks_binary(media, bytes, length) ? MEDIA_BINARY : shown_as(media, "text/plain");
}
