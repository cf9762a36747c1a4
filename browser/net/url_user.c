/* Reading what a person typed into the address bar or gave on the command line: URLs, hosts, paths, file
 * names. */
#include "browser/net/text.h"
#include "browser/net/url.h"
#include "browser/net/url_internal.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

bool url_host_is_local(const char *host)
{
	size_t length = strlen(host);
	return !strncmp(host, "127.", 4) || !strcmp(host, "[::1]") || !strcmp(host, "localhost") ||
	       (length > 10 && !strcmp(host + length - 10, ".localhost"));
}

bool url_from_path(struct url *url, const char *path, const char **why)
{
	struct text text = { 0 };
	text_add(&text, "file://");
	if (path[0] != '/') {
		char *folder = getcwd(NULL, 0);
		if (!folder)
			return text_finish(&text),
			       url_refuse(why, "The current folder is not there any more.");
		text_add_path(&text, folder);
		text_add(&text, "/");
		free(folder);
	}
	text_add_path(&text, path);
	bool parsed = url_parse(url, text.data, why);
	text_finish(&text);
	return parsed;
}

/* Is `text` a host followed by a port, and not a scheme and its rest? */
static bool has_port(const char *text, size_t scheme)
{
	const char *port = text + scheme + 1;
	size_t digits = strspn(port, "0123456789");
	return digits && (!port[digits] || strchr("/?#", port[digits]));
}

/* user:password@host. A mail address after its scheme is none. */
static bool has_userinfo(const char *text)
{
	const char *at = memchr(text, '@', strcspn(text, "/?#"));
	return at && strncasecmp(text, "mailto:", 7);
}

static bool from_home(struct url *url, const char *typed, const char **why)
{
	const char *home = getenv("HOME");
	if (!home || home[0] != '/')
		return url_refuse(why, "There is no home folder.");
	struct text path = { 0 };
	text_format(&path, "%s%s", home, typed + 1);
	bool parsed = url_from_path(url, path.data, why);
	text_finish(&path);
	return parsed;
}

/* A path, perhaps with a fragment behind it; a file whose name has a # in it goes first. */
static bool from_path(struct url *url, char *typed, const char **why)
{
	struct stat found;
	char *hash = strchr(typed, '#');
	if (!hash || !stat(typed, &found))
		return url_from_path(url, typed, why);
	char fragment[URL_MAX + 1];
	snprintf(fragment, sizeof fragment, "%s", hash);
	*hash = 0;
	struct url path;
	return url_from_path(&path, typed, why) && url_resolve(url, path.text, fragment, why);
}

static bool from_host(struct url *url, const char *typed, const char **why)
{
	char text[URL_MAX + 16];
	if (strchr(typed, ' '))
		return url_refuse(why, "It is neither an address nor a file that exists.");
	snprintf(text, sizeof text, "https://%s", typed);
	if (!url_parse(url, text, why))
		return false;
	if (!url_host_is_local(url->host))
		return true;
	snprintf(text, sizeof text, "http://%s", typed);
	return url_parse(url, text, why);
}

bool url_from_user(struct url *url, const char *typed, const char **why)
{
	char clean[URL_MAX + 1];
	struct stat found;
	*url = (struct url){ .scheme = URL_OTHER };
	if (!url_clean(clean, typed, why))
		return false;
	if (clean[0] == '~' && (clean[1] == '/' || !clean[1]))
		return from_home(url, clean, why);
	if (clean[0] == '/' || !strncmp(clean, "./", 2) || !strncmp(clean, "../", 3) || !strcmp(clean, ".") ||
	    !strcmp(clean, ".."))
		return from_path(url, clean, why);
	size_t scheme = url_scheme_length(clean);
	if (scheme && !has_port(clean, scheme) && (clean[scheme + 1] == '/' || !has_userinfo(clean)))
		return url_parse(url, clean, why);
	if (!stat(clean, &found))
		return url_from_path(url, clean, why);
	return from_host(url, clean, why);
}
