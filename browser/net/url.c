/*
 * Reading and normalising URLs with libcurl's parser, a fresh handle each time. browser/net/url_user.c reads
 * what a person typed and url_policy.c decides who may open what.
 */
#include "browser/net/url.h"
#include "browser/net/text.h"
#include "browser/net/url_internal.h"
#include "common/utf8.h"
#include <ctype.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <wctype.h>

#define SET_FLAGS (CURLU_URLENCODE | CURLU_ALLOW_SPACE)
#define GET_FLAGS (CURLU_NO_DEFAULT_PORT | CURLU_PUNYCODE)

typedef bool parse_fn(struct url *, const char *text, const char **why);
static parse_fn parse_hierarchical, parse_opaque, parse_builtin;

static const struct {
	const char *name;
	enum url_scheme scheme;
	parse_fn *parse;
} schemes[] = {
	{ "http", URL_HTTP, parse_hierarchical },   { "https", URL_HTTPS, parse_hierarchical },
	{ "file", URL_FILE, parse_hierarchical },   { "data", URL_DATA, parse_opaque },
	{ "bulkhead", URL_BUILTIN, parse_builtin }, { "chrome", URL_BUILTIN, parse_builtin },
	{ "about", URL_BUILTIN, parse_builtin },    { "javascript", URL_JAVASCRIPT, parse_opaque },
};
#define SCHEMES (sizeof schemes / sizeof *schemes)

bool url_refuse(const char **why, const char *words)
{
	if (why)
		*why = words;
	return false;
}

size_t url_scheme_length(const char *text)
{
	if (!isalpha((unsigned char)text[0]))
		return 0;
	size_t n = 1;
	/* NOLINTNEXTLINE: url_clean() ends the text with a 0 */
	while (isalnum((unsigned char)text[n]) || (text[n] && strchr("+.-", text[n])))
		n++;
	return text[n] == ':' ? n : 0;
}

bool url_clean(char out[URL_MAX + 1], const char *text, const char **why)
{
	size_t length = 0;
	while (*text && (unsigned char)*text <= ' ')
		text++;
	for (; *text; text++) {
		if (strchr("\t\r\n", *text))
			continue;
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return url_refuse(why, "It has control characters in it.");
		if (length == URL_MAX)
			return url_refuse(why, "It is longer than 4,096 bytes.");
		out[length++] = *text;
	}
	while (length && out[length - 1] == ' ')
		length--;
	out[length] = 0;
	if (!length)
		return url_refuse(why, "There is no address.");
	return utf8_valid(out, length) || url_refuse(why, "Its bytes are no valid UTF-8.");
}

static bool copy(char *out, size_t size, const char *text, const char **why)
{
	size_t length = strlen(text);
	if (length >= size)
		return url_refuse(why, size > URL_MAX ? "It is longer than 4,096 bytes."
						      : "Its host name is too long.");
	memcpy(out, text, length + 1);
	return true;
}

static bool curl_refuse(const char **why, CURLUcode code)
{
	return url_refuse(why, curl_url_strerror(code));
}

/* Letters only, and no signs that nobody sees. Also, libcurl loses memory over names that it cannot convert.
 */
static bool is_host_text(const char *host)
{
	uint32_t code_point;
	for (size_t left = strlen(host); left;) {
		unsigned taken = utf8_decode(host, left, &code_point);
		if (code_point >= 0x80 && !iswalnum((wint_t)code_point) && utf8_width(code_point) != 0)
			return false;
		if (code_point >= 0x80 && utf8_is_control(code_point))
			return false;
		host += taken;
		left -= taken;
	}
	return true;
}

static bool check_host(CURLU *handle, const char **why)
{
	char *host = NULL;
	if (curl_url_get(handle, CURLUPART_HOST, &host, 0))
		return true;
	bool good = is_host_text(host);
	curl_free(host);
	return good || url_refuse(why, "Its host name has characters that no host name has.");
}

/* Lower the host's case, which libcurl leaves alone, and keep it. */
static bool take_host(struct url *url, CURLU *handle, const char **why)
{
	char *host = NULL;
	if (!check_host(handle, why))
		return false;
	CURLUcode code = curl_url_get(handle, CURLUPART_HOST, &host, CURLU_PUNYCODE);
	if (code == CURLUE_NO_HOST && url->scheme == URL_FILE)
		return true;
	if (code)
		return curl_refuse(why, code);
	for (char *c = host; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	code = curl_url_set(handle, CURLUPART_HOST, host, 0);
	bool taken = !code ? copy(url->host, sizeof url->host, host, why) : curl_refuse(why, code);
	curl_free(host);
	return taken;
}

static bool take_text(struct url *url, CURLU *handle, const char **why)
{
	char *text = NULL;
	CURLUcode code = curl_url_get(handle, CURLUPART_URL, &text, GET_FLAGS);
	if (code)
		return curl_refuse(why, code);
	bool taken = copy(url->text, sizeof url->text, text, why);
	curl_free(text);
	return taken;
}

static char *part(CURLU *handle, CURLUPart which)
{
	char *text = NULL;
	return curl_url_get(handle, which, &text, 0) ? NULL : text;
}

/* A built-in page's URL is parsed as if it were http://NAME/..., and written anew without what it cannot
 * have. */
static bool take_builtin(struct url *url, CURLU *handle, const char **why)
{
	char *unwanted = part(handle, CURLUPART_USER), *port = part(handle, CURLUPART_PORT);
	bool plain = !unwanted && !port;
	curl_free(unwanted);
	curl_free(port);
	if (!plain)
		return url_refuse(why, "A built-in page has neither user nor port.");
	if (!take_host(url, handle, why))
		return false;
	char *path = part(handle, CURLUPART_PATH), *query = part(handle, CURLUPART_QUERY);
	char *fragment = part(handle, CURLUPART_FRAGMENT);
	struct text text = { 0 };
	text_format(&text, "bulkhead://%s%s%s%s%s%s", url->host, path && strcmp(path, "/") ? path : "",
		    query ? "?" : "", query ? query : "", fragment ? "#" : "", fragment ? fragment : "");
	bool taken = copy(url->text, sizeof url->text, text.data, why);
	text_finish(&text);
	curl_free(path);
	curl_free(query);
	curl_free(fragment);
	return taken;
}

/* Parse text, relative to base if there is one. url->scheme says which kind it has to be. */
static bool parse_with_curl(struct url *url, const char *base, const char *text, const char **why)
{
	CURLU *handle = curl_url();
	if (!handle)
		return url_refuse(why, "There is no memory left.");
	CURLUcode code = base ? curl_url_set(handle, CURLUPART_URL, base, SET_FLAGS) : CURLUE_OK;
	if (!code)
		code = curl_url_set(handle, CURLUPART_URL, text, SET_FLAGS);
	bool parsed;
	if (code)
		parsed = curl_refuse(why, code);
	else if (url->scheme == URL_BUILTIN)
		parsed = take_builtin(url, handle, why);
	else
		parsed = take_host(url, handle, why) && take_text(url, handle, why);
	curl_url_cleanup(handle);
	return parsed;
}

static bool parse_hierarchical(struct url *url, const char *text, const char **why)
{
	const char *rest = text + url_scheme_length(text) + 1;
	if (rest[0] != '/')
		return url_refuse(why, "After http:, https: and file: come two slashes.");
	return parse_with_curl(url, NULL, text, why);
}

/* Nothing in it but the scheme has a meaning here. */
static bool parse_opaque(struct url *url, const char *text, const char **why)
{
	if (!copy(url->text, sizeof url->text, text, why))
		return false;
	for (size_t i = url_scheme_length(text); i-- > 0;)
		url->text[i] = (char)tolower((unsigned char)url->text[i]);
	return true;
}

static bool parse_builtin(struct url *url, const char *text, const char **why)
{
	const char *rest = text + url_scheme_length(text) + 1;
	while (*rest == '/')
		rest++;
	char http[URL_MAX + 16];
	snprintf(http, sizeof http, "http://%s", rest);
	return parse_with_curl(url, NULL, http, why);
}

bool url_parse(struct url *url, const char *text, const char **why)
{
	char clean[URL_MAX + 1];
	*url = (struct url){ .scheme = URL_OTHER };
	if (!url_clean(clean, text, why))
		return false;
	size_t length = url_scheme_length(clean);
	if (!length)
		return url_refuse(why, "It does not begin with a scheme such as https:.");
	for (size_t i = 0; i < SCHEMES; i++) {
		if (strlen(schemes[i].name) != length || strncasecmp(clean, schemes[i].name, length))
			continue;
		url->scheme = schemes[i].scheme;
		return schemes[i].parse(url, clean, why);
	}
	return parse_opaque(url, clean, why);
}

/* libcurl takes a lone fragment for a file name. */
static bool resolve_fragment(struct url *url, const char *base, const char *fragment, const char **why)
{
	struct text text = { 0 };
	text_format(&text, "%.*s%s", (int)strcspn(base, "#"), base, fragment);
	bool parsed = url_parse(url, text.data, why);
	text_finish(&text);
	return parsed;
}

bool url_resolve(struct url *url, const char *base, const char *reference, const char **why)
{
	char clean[URL_MAX + 1];
	struct url from;
	*url = (struct url){ .scheme = URL_OTHER };
	if (!url_parse(&from, base, why))
		return false;
	if (!reference[strspn(reference, " \t\r\n")])
		return url_parse(url, base, why);
	if (!url_clean(clean, reference, why))
		return false;
	if (url_scheme_length(clean))
		return url_parse(url, clean, why);
	if (clean[0] == '#')
		return resolve_fragment(url, from.text, clean, why);
	url->scheme = from.scheme;
	switch (from.scheme) {
	case URL_HTTP:
	case URL_HTTPS:
	case URL_FILE:
		return parse_with_curl(url, from.text, clean, why);
	case URL_BUILTIN: {
		char http[URL_MAX + 16];
		snprintf(http, sizeof http, "http://%.*s", URL_MAX, from.text + strlen("bulkhead://"));
		return parse_with_curl(url, http, clean, why);
	}
	default:
		return url_refuse(
			why, "It is relative, but the page has no address that it could be relative to.");
	}
}

void url_hide_userinfo(const char *url, char out[URL_MAX + 1])
{
	size_t length = strnlen(url, URL_MAX);
	const char *authority = strstr(url, "://");
	bool web = authority && (!strncasecmp(url, "http:", 5) || !strncasecmp(url, "https:", 6));
	memmove(out, url, length);
	out[length] = 0;
	if (!web)
		return;
	char *start = out + (authority - url) + 3;
	size_t end = strcspn(start, "/?#");
	char *at = memrchr(start, '@', end);
	if (at)
		memmove(start, at + 1, strlen(at + 1) + 1);
}

static int hex_digit(char c)
{
	const char *digits = "0123456789abcdef";
	const char *found = c ? strchr(digits, tolower((unsigned char)c)) : NULL;
	return found ? (int)(found - digits) : -1;
}

int url_percent(const char *text)
{
	if (text[0] != '%')
		return -1;
	int high = hex_digit(text[1]), low = high < 0 ? -1 : hex_digit(text[2]);
	return low < 0 ? -1 : high << 4 | low;
}

/* A letter beyond ASCII written as %XX%XX…: its bytes go to out. Returns their number, 0 if it is none to be
 * shown. */
static unsigned decode_letter(const char *text, char out[4])
{
	unsigned n = 0;
	uint32_t code_point;
	for (; n < 4 && url_percent(text + 3 * n) >= 0x80; n++)
		out[n] = (char)url_percent(text + 3 * n);
	if (!n)
		return 0;
	unsigned taken = utf8_decode(out, n, &code_point);
	bool shown = taken > 1 && !utf8_is_control(code_point) && utf8_width(code_point) > 0 &&
		     code_point != 0x3000;
	return shown ? taken : 0;
}

void url_display(const char *url, char *out, size_t size)
{
	char plain[URL_MAX + 1];
	size_t length = 0;
	url_hide_userinfo(url, plain);
	for (const char *c = plain; *c && length + 5 < size;) {
		unsigned n = decode_letter(c, out + length);
		if (n) {
			length += n;
			c += 3 * n;
		} else {
			out[length++] = *c++;
		}
	}
	if (size)
		out[length] = 0;
}

char *url_file_path(const char *url)
{
	CURLU *handle = curl_url();
	char *path = NULL, *copied = NULL, *scheme = NULL;
	if (!handle)
		return NULL;
	if (!curl_url_set(handle, CURLUPART_URL, url, SET_FLAGS) &&
	    !curl_url_get(handle, CURLUPART_SCHEME, &scheme, 0) && !strcmp(scheme, "file") &&
	    !curl_url_get(handle, CURLUPART_PATH, &path, CURLU_URLDECODE))
		copied = strdup(path);
	curl_free(path);
	curl_free(scheme);
	curl_url_cleanup(handle);
	return copied;
}
