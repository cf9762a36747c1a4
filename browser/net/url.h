/*
 * URLs: reading them, writing them in one form, and who may open what. libcurl's parser does the work, so
 * that what is checked here is what is fetched later; data:, javascript: and built-in pages are split off
 * before it. browser/net/url.c parses, url_user.c reads what a person typed, url_policy.c decides.
 * fault_url.h knows debug URLs.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#define URL_MAX 4096 /* bytes of any URL, as in common/protocol.ipc */

enum url_scheme {
	URL_HTTP,
	URL_HTTPS,
	URL_FILE,
	URL_DATA,
	URL_BUILTIN, /* bulkhead://NAME; chrome://NAME and about:NAME are other spellings of it */
	URL_JAVASCRIPT,
	URL_OTHER,
};

struct url {
	enum url_scheme scheme;
	char text[URL_MAX +
		  1];	/* whole and normalised. May hold a user's password: see url_hide_userinfo() */
	char host[256]; /* in lower case; the name of a built-in page; "" where there is none */
};

/* In all of these *why (which may be NULL) gets words for people when the result is false. */

/* Read an absolute URL. */
bool url_parse(struct url *, const char *text, const char **why);

/* Read a link of a page: absolute, or relative to base, which is the page's URL. */
bool url_resolve(struct url *, const char *base, const char *reference, const char **why);

/*
 * Read what a person typed: a URL, a host with or without port (https, but http on this machine), a path, or
 * the name of an existing file. Relative paths start at the current folder.
 */
bool url_from_user(struct url *, const char *typed, const char **why);

/* The file:// URL of a path that exists or not. */
bool url_from_path(struct url *, const char *path, const char **why);

/* Is that the name or address of this machine? */
bool url_host_is_local(const char *host);

/* The same URL without user name and password: the form for logs, messages and pages. out may be url itself.
 */
void url_hide_userinfo(const char *url, char out[URL_MAX + 1]);

/* For a person to read: no userinfo, percent-encoded letters decoded where that is safe. Cut to size bytes.
 */
void url_display(const char *url, char *out, size_t size);

/* The path that a file: URL names, decoded, to be freed; NULL if it holds a 0 byte or is no file: URL. */
char *url_file_path(const char *url);

/* What a page may be trusted with, by where it comes from. */
enum url_origin { URL_ORIGIN_WEB, URL_ORIGIN_FILE, URL_ORIGIN_BUILTIN, URL_ORIGIN_COUNT };
/* What cannot be parsed is as little trusted as the web. */
enum url_origin url_origin(const char *url);

#define URL_SITE_MAX 272
/*
 * The site of a URL: "https://example.org" for all its hosts and ports; "file:" for all files; "bulkhead:"
 * for all built-in pages. The registrable domain is guessed, for there is no public suffix list here: the
 * last two labels, or three where a country registers under a second level (co.uk, com.au). An address, or a
 * name of one label, stands for itself. So hosts of a service that gives each customer a name (github.io)
 * count as one site. false: it has none that it could share: data:, and what cannot be parsed.
 */
bool url_site(const char *url, char site[URL_SITE_MAX]);

enum url_who {
	URL_BY_USER,	 /* typed, or given on the command line */
	URL_BY_PAGE,	 /* a link of the page `from` */
	URL_BY_REDIRECT, /* an answer of the server of `from` */
};

/* May `to` be opened? `from` is ignored (may be NULL) for URL_BY_USER. What cannot be parsed may not. */
bool url_may_open(const char *from, const char *to, enum url_who who, const char **why);
